"""A server that drips, a byte now and then, keeps nobody waiting for ever."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import requests

from scheduler.errors import PublishError
from scheduler.model import Account
from scheduler.publishers import _timing, _wire
from scheduler.publishers import bluesky as bluesky_network
from scheduler.publishers import mastodon as mastodon_network
from scheduler.publishers import x as x_network
from tests.fakes import Kept, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def dripping() -> Iterator[str]:
    """A server that answers each request with a byte of a header every tenth of a second, without end."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(client,), daemon=True).start()

    def drip(client: socket.socket) -> None:
        with client:
            try:
                client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not over.wait(0.1):
                    client.sendall(b"a")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    over.set()
    server.close()


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONNECT", "READ", "UPLOAD", "GRACE"):
        monkeypatch.setattr(_timing, name, 0.4)


def test_a_drip_ends_with_the_time_of_the_whole_call() -> None:
    with dripping() as server:
        session = _wire.mounted(requests.Session(), _wire.Wire())
        began = time.monotonic()
        with pytest.raises(requests.ReadTimeout) as caught:
            session.get(server)
        assert time.monotonic() - began < 10
        assert not _wire.never_left(caught.value)


@pytest.mark.parametrize("network", ["x", "mastodon", "bluesky"])
def test_no_verb_waits_for_ever(network: str, tmp_path: Path) -> None:
    module = {"x": x_network, "mastodon": mastodon_network, "bluesky": bluesky_network}[network]
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "made-up-1234")
    secret = Kept(**keys, app_password="made-up-5678")  # noqa: S106  made up
    with dripping() as server:
        account = Account(network, network, handle="lantern.test", options={"server": server})
        publisher = module.connect(account, secret, root=tmp_path)
        began = time.monotonic()
        with pytest.raises(PublishError):
            publisher.prepare(message_of(), (), "a" * 32)
        assert publisher.check().problem
        assert time.monotonic() - began < 20


def test_what_the_work_brings_or_raises_comes_through() -> None:
    late = httpx.ReadTimeout("late")
    assert _timing.within(5, lambda: 7, late) == 7
    with pytest.raises(KeyError):
        _timing.within(5, lambda: {"a": 1}["no"], late)
    with pytest.raises(httpx.ReadTimeout):
        _timing.within(0.05, threading.Event().wait, late)
