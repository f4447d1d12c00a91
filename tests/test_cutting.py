"""The cutting proxy: what a client sees of each fault, and whether the server got the request.

The fault suites of the networks stand on this proxy, so each of its faults is shown here against a tiny server.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.servers.cutting import FORWARDED, HOW, KEPT_FROM_IT, STATUSES, Cutting, Fault, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STORED = {"id": "42", "text": "a post that is long enough to be cut in the middle"}
LIMITS = {"X-RateLimit-Reset": "2027-01-09T15:00:00Z", "x-rate-limit-remaining": "7", "Retry-After": "3"}


class Upstream(BaseHTTPRequestHandler):
    """Keeps what it gets; answers 201 with a stored post, or an echo."""

    protocol_version = "HTTP/1.1"
    server: Any

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.got.append((self.command, self.path, body, dict(self.headers.items())))
        if self.path == "/empty":
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(201 if self.command == "POST" else 200)
        for name, value in {**LIMITS, "Link": "<a>; rel=next", "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        packed = json.dumps(STORED).encode()
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))
            return
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else packed)

    do_GET = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Upstream)
        self.got: list[tuple[str, str, bytes, dict[str, str]]] = []


@pytest.fixture
def upstream() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def proxy(upstream: Server) -> Iterator[Cutting]:
    made = Cutting(f"http://127.0.0.1:{upstream.server_address[1]}")
    yield made
    made.close()


@contextlib.contextmanager
def link(proxy: Cutting, patience: float = 30.0) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=patience)
    try:
        yield made
    finally:
        made.close()


def ask(
    proxy: Cutting, method: str = "POST", path: str = "/posts", body: bytes | None = b"hello", patience: float = 30.0
) -> tuple[int, bytes]:
    with link(proxy, patience) as connection:
        connection.request(method, path, body)
        came = connection.getresponse()
        return came.status, came.read()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.005)


def test_what_is_in_no_plan_passes_as_it_is(proxy: Cutting, upstream: Server) -> None:
    with link(proxy) as connection:
        connection.request("POST", "/posts?a=%20b", b"hello", {"Host": "mastodon.example", "Authorization": "Bearer a"})
        came = connection.getresponse()
        assert (came.status, json.loads(came.read())) == (201, STORED)
        assert came.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
        assert {name: came.headers[name] for name in LIMITS} == LIMITS
    method, path, body, headers = upstream.got[0]
    assert (method, path, body) == ("POST", "/posts?a=%20b", b"hello")
    assert (headers["Host"], headers["Authorization"]) == ("mastodon.example", "Bearer a")
    [seen] = proxy.seen
    assert (seen.method, seen.path, seen.status, seen.how, seen.body) == ("POST", "/posts?a=%20b", 201, "", b"hello")
    assert seen.headers["authorization"] == "Bearer a"


def test_a_connection_is_kept_and_chunks_bodies_and_empty_answers_pass(proxy: Cutting, upstream: Server) -> None:
    with link(proxy) as connection:
        connection.request("GET", "/chunked")
        assert json.loads(connection.getresponse().read()) == STORED
        ours = connection.sock
        connection.request(
            "POST", "/posts", iter([b"one ", b"two"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True
        )
        assert connection.getresponse().read()
        connection.request("DELETE", "/empty")
        assert connection.getresponse().read() == b""
        connection.request("HEAD", "/posts")
        assert connection.getresponse().read() == b""
        connection.request("GET", "/posts")
        assert json.loads(connection.getresponse().read()) == STORED
        assert connection.sock is ours
    assert [(method, body) for method, _, body, _ in upstream.got[:2]] == [("GET", b""), ("POST", b"one two")]


SEEN_BY_A_CLIENT: dict[str, Any] = {
    "lost": http.client.RemoteDisconnected,
    "reset": ConnectionResetError,
    "half": http.client.IncompleteRead,
    "hang": TimeoutError,
    "drop": http.client.RemoteDisconnected,
    "hang-before": TimeoutError,
    "broken-json": 201,
    "null": 201,
    "list": 201,
    "html": 200,
    "not-html": 200,
    "redirect": 302,
    "not-redirect": 302,
    "garbage-limits": 201,
    "429-garbage": 429,
    "429-bare": 429,
    "429-html": 429,
    **{status: int(status) for status in STATUSES},
    **{f"not-{status}": int(status) for status in STATUSES},
}


@pytest.mark.parametrize("how", HOW)
def test_each_fault_is_acted_out_once_and_the_server_gets_the_request_or_not(
    proxy: Cutting, upstream: Server, how: str
) -> None:
    proxy.plan(Fault(how))
    expected = SEEN_BY_A_CLIENT[how]
    if isinstance(expected, int):
        status, body = ask(proxy)
        assert status == expected
        assert (b"<html>" in body) == (how.removeprefix("not-") in (*STATUSES, "html", "redirect", "429-html"))
    else:
        with pytest.raises(expected) as caught:
            ask(proxy, patience=0.3 if expected is TimeoutError else 30.0)
        assert type(caught.value) is expected  # RemoteDisconnected is a ConnectionResetError, and not the reverse
    until(lambda: proxy.seen)  # on a slow machine the client may have given up before
    assert len(upstream.got) == (how in FORWARDED)
    assert (how in FORWARDED) != (how in KEPT_FROM_IT)
    [seen] = proxy.seen
    assert (seen.how, seen.forwarded, seen.upstream) == (how, how in FORWARDED, 201 if how in FORWARDED else 0)
    assert seen.status == (expected if isinstance(expected, int) else 201 if how == "half" else 0)
    assert ask(proxy)[0] == 201
    assert len(upstream.got) == 1 + (how in FORWARDED)


def test_bodies_that_no_one_can_read(proxy: Cutting) -> None:
    proxy.plan(Fault("broken-json"), Fault("null"), Fault("list"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask(proxy)[1])
    assert json.loads(ask(proxy)[1]) is None
    assert json.loads(ask(proxy)[1]) == []
    proxy.plan(Fault("broken-json", on="DELETE"))
    assert ask(proxy, "DELETE", "/empty") == (204, b"")


def test_garbage_takes_the_place_of_every_rate_limit_header(proxy: Cutting) -> None:
    proxy.plan(Fault("garbage-limits"), Fault("429-garbage"), Fault("429-bare"))
    for reset in ("soon", "soon", None):
        with link(proxy) as connection:
            connection.request("POST", "/posts", b"hello")
            came = connection.getresponse()
            came.read()
            for name in ("X-RateLimit-Reset", "RateLimit-Reset", "x-rate-limit-reset"):
                assert came.headers.get_all(name) == ([reset] if reset else None)
            assert came.headers["Retry-After"] == ("a while" if reset else None)


def test_a_redirect_leads_elsewhere(proxy: Cutting) -> None:
    proxy.plan(Fault("redirect"))
    with link(proxy) as connection:
        connection.request("POST", "/posts", b"hello")
        assert connection.getresponse().headers["Location"] == "/elsewhere"


def test_a_plan_counts_matching_requests_and_a_new_plan_replaces_it(proxy: Cutting) -> None:
    proxy.plan(Fault("not-500", on=r"POST /posts\?n", times=2, skip=1), Fault("not-503", on="GET"))
    asked = [("POST", "/posts"), *[("POST", "/posts?n")] * 4, ("GET", "/posts"), ("GET", "/posts")]
    assert [ask(proxy, method, path)[0] for method, path in asked] == [201, 201, 500, 500, 201, 503, 200]
    proxy.plan(Fault("not-500"), Fault("not-502"))  # one after the other
    assert [ask(proxy)[0] for _ in range(3)] == [500, 502, 201]
    proxy.plan(Fault("not-500", times=9))
    proxy.plan()
    assert ask(proxy)[0] == 201


def test_on_fault_is_called_when_the_server_has_it_and_the_client_knows_nothing(
    proxy: Cutting, upstream: Server
) -> None:
    called: list[tuple[Fault, Seen, int]] = []
    proxy.on_fault = lambda fault, seen: called.append((fault, seen, len(upstream.got)))
    proxy.plan(Fault("lost", skip=1), Fault("drop"))
    with pytest.raises(http.client.RemoteDisconnected):
        ask(proxy)
    assert (called[0][0].how, called[0][2]) == ("drop", 0)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(proxy)
    assert (called[1][0].how, called[1][2], called[1][1].status) == ("lost", 1, 0)
    assert ask(proxy)[0] == 201
    assert len(called) == 2


def test_a_hang_ends_when_the_client_gives_up_or_the_proxy_closes(proxy: Cutting) -> None:
    proxy.plan(Fault("hang", times=2))
    with link(proxy) as connection:
        connection.request("POST", "/posts", b"hello")
        until(lambda: proxy.seen)
        before = time.monotonic()
        proxy.close()
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        assert time.monotonic() - before < 5


def test_a_server_that_is_down_closes_the_connection(upstream: Server) -> None:
    port = upstream.server_address[1]
    upstream.server_close()
    proxy = Cutting(f"http://127.0.0.1:{port}")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(proxy)
    assert [(seen.how, seen.status) for seen in proxy.seen] == [("down", 0)]
    proxy.close()


def test_many_at_once_are_all_seen(proxy: Cutting, upstream: Server) -> None:
    threads = [threading.Thread(target=ask, args=(proxy,)) for _ in range(24)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(proxy.seen) == len(upstream.got) == 24


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="los"):
        Fault("los")
