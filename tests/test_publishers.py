"""The contract that each publisher keeps. A new network joins by having `connect`, and a file in tests/networks."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scheduler import publishers, secrets
from scheduler.errors import ConfigError, PublishError, RateLimited, Unconfirmed
from scheduler.model import Account, CannotTell, Health, Image, Message, NotThere, Published
from scheduler.publishers import _timing
from tests.faults.running import wait_for
from tests.servers.cutting import FORWARDED, KEPT_FROM_IT, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scheduler.model import Found

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KEY = "abcdefghijklmnopqrstuvwxyz234567"
OTHER_KEY = "bcdefghijklmnopqrstuvwxyz234567a"
OPTIONS = {"server": "https://net.example"}
TEXT = "In 2024 the hotline identified 272 cases in Missouri.\n\nCall 1-888-373-7888 · “free”, 24/7 🙏🏽 é ñ\n"
ALT = "272 cases: “identified” in Missouri & reported in 2024."
ALL = publishers.available()
SENDING = tuple(n for n in ALL if publishers.can_publish(n))


@cache
def bench(network: str) -> Any:  # noqa: ANN401  a module found by its name, and the servers that it started
    file = Path(__file__).parent / "networks" / f"{network}.py"
    assert file.exists(), f"{network} can publish, so it needs {file.name} in tests/networks: connect, public and spoil"
    spec = importlib.util.spec_from_file_location(f"networks_{network}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def message(network: str, text: str = TEXT) -> Message:
    image = Image(hashlib.sha256(PNG).hexdigest(), "images/cards/a.png", "image/png", 1, 1, len(PNG), ALT)
    return Message(network, network, text, (image,), title="Missouri", post="2027-01-09-missouri", day="2027-01-09")


@pytest.mark.parametrize("network", SENDING)
def test_nothing_is_public_before_publish_and_one_post_after_it(network: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    assert here.public(tmp_path) == []
    assert publisher.find(prepared) == NotThere()
    publisher.publish(prepared)
    assert here.public(tmp_path) == [(TEXT, (ALT,))]


@pytest.mark.parametrize("network", SENDING)
def test_what_was_prepared_is_json_and_preparing_again_is_safe(network: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    first = publisher.prepare(message(network), (PNG,), KEY)
    second = publisher.prepare(message(network), (PNG,), KEY)
    assert json.loads(json.dumps(second)) == second
    assert publisher.find(first) == NotThere()
    publisher.publish(second)
    assert len(here.public(tmp_path)) == 1


@pytest.mark.parametrize("network", SENDING)
def test_find_names_the_post_that_publish_named(network: str, tmp_path: Path) -> None:
    publisher = bench(network).connect(tmp_path)
    saved = json.loads(json.dumps(publisher.prepare(message(network), (PNG,), KEY)))
    published = publisher.publish(saved)
    assert isinstance(published, Published)
    assert published.id
    assert published.url.startswith("https://")
    later = bench(network).connect(tmp_path)
    assert later.find(saved) == published


@pytest.mark.parametrize("network", SENDING)
def test_publishing_the_same_again_adds_nothing(network: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    first = publisher.publish(prepared)
    with contextlib.suppress(PublishError):  # a network may refuse, or name the post that is there
        assert publisher.publish(prepared) == first
    assert len(here.public(tmp_path)) == 1
    assert publisher.find(prepared) == first


@pytest.mark.parametrize("network", SENDING)
def test_a_failure_is_a_publish_error_with_a_sentence(network: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    here.spoil(tmp_path)
    with pytest.raises(PublishError) as caught:
        publisher.publish(prepared)
    assert caught.value.text.endswith(".")
    assert "Traceback" not in caught.value.text


@pytest.mark.parametrize("network", SENDING)
def test_check_says_who_and_whether_it_can_publish(network: str, tmp_path: Path) -> None:
    health = bench(network).connect(tmp_path).check()
    assert isinstance(health, Health)
    assert health.who
    assert health.problem == ""


# Faults on the wire, between the publisher and a server on this machine: tests/servers/cutting.py acts them out.

WIRED = tuple(n for n in SENDING if n != "feed")  # a folder of this machine


@contextmanager
def hasty(how: str) -> Iterator[None]:
    """Nobody waits half a minute for an answer that is held back."""
    with pytest.MonkeyPatch.context() as patch:
        if how.startswith("hang"):
            patch.setattr(_timing, "READ", 1.0)
        yield


def answer(verb: Callable[[], Found]) -> Found | PublishError:
    try:
        return verb()
    except PublishError as error:
        return error


@pytest.mark.parametrize("how", FORWARDED)
@pytest.mark.parametrize("network", WIRED)
def test_what_was_stored_is_never_taken_for_a_failure_and_is_found(network: str, how: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    here.proxy(tmp_path).plan(Fault(how, on=here.PUBLISH))
    with hasty(how):
        said = answer(lambda: publisher.publish(prepared))
    assert isinstance(said, (Published, Unconfirmed)), said
    wait_for("it is stored", lambda: here.public(tmp_path))  # whoever gave up may have been quicker
    found = publisher.find(json.loads(json.dumps(prepared)))
    assert isinstance(found, Published)
    assert said == found or isinstance(said, Unconfirmed)
    assert here.public(tmp_path) == [(TEXT, (ALT,))]
    assert len([s for s in here.proxy(tmp_path).seen if re.search(here.PUBLISH, f"{s.method} {s.path}")]) == 1


@pytest.mark.parametrize("how", KEPT_FROM_IT)
@pytest.mark.parametrize("network", WIRED)
def test_what_never_came_is_sent_once_more_and_stands_there_once(network: str, how: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    here.proxy(tmp_path).plan(Fault(how, on=here.PUBLISH))
    with hasty(how):
        said = answer(lambda: publisher.publish(prepared))
    assert isinstance(said, RateLimited if how == "429-garbage" else (RateLimited, Unconfirmed)), said
    assert how.startswith("429") or isinstance(said, Unconfirmed)
    assert publisher.find(prepared) == NotThere()
    assert len([s for s in here.proxy(tmp_path).seen if re.search(here.PUBLISH, f"{s.method} {s.path}")]) == 1
    again = here.connect(tmp_path).prepare(message(network), (PNG,), KEY, earlier=json.loads(json.dumps(prepared)))
    assert isinstance(publisher.publish(again), Published)
    assert here.public(tmp_path) == [(TEXT, (ALT,))]


@pytest.mark.parametrize("how", ["lost", "hang"])
@pytest.mark.parametrize("network", WIRED)
def test_sent_again_in_spite_of_all_it_still_stands_there_once(network: str, how: str, tmp_path: Path) -> None:
    """What the network itself guards, should a reading ever be wrong: the key, the uploads, the same words."""
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    here.proxy(tmp_path).plan(Fault(how, on=here.PUBLISH))
    with hasty(how), pytest.raises(Unconfirmed):
        publisher.publish(prepared)
    wait_for("it is stored", lambda: here.public(tmp_path))
    with contextlib.suppress(PublishError):
        again = here.connect(tmp_path).prepare(message(network), (PNG,), KEY, earlier=json.loads(json.dumps(prepared)))
        publisher.publish(again)
    assert len(here.public(tmp_path)) == 1


@pytest.mark.parametrize("how", ["drop", "hang-before", "not-500", "not-html", "429-garbage", "not-redirect"])
@pytest.mark.parametrize("network", WIRED)
def test_an_account_that_cannot_be_read_is_never_taken_for_one_without_the_post(
    network: str, how: str, tmp_path: Path
) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(network), (PNG,), KEY)
    publisher.publish(prepared)
    here.proxy(tmp_path).plan(Fault(how, on="GET ", times=99))
    with hasty(how):
        said = answer(lambda: publisher.find(prepared))
    assert isinstance(said, (CannotTell, PublishError)), said


@pytest.mark.parametrize("network", [n for n in WIRED if publishers.limits(Account(n, n, options=OPTIONS)).threads])
def test_a_part_of_a_thread_answers_the_one_before(network: str, tmp_path: Path) -> None:
    here = bench(network)
    publisher = here.connect(tmp_path)
    first = publisher.publish(publisher.prepare(message(network), (PNG,), KEY))
    second = message(network, "The second part.")
    prepared = publisher.prepare(replace(second, images=()), (), OTHER_KEY, thread=(first.id,))
    seen_by_url = publisher.prepare(replace(second, images=()), (), OTHER_KEY, thread=(first.url,))
    assert isinstance(publisher.publish(prepared), Published)
    assert [text for text, _ in here.public(tmp_path)] == [TEXT, "The second part."]
    assert json.dumps(seen_by_url)


@pytest.mark.parametrize("network", ALL)
def test_limits_are_sane(network: str) -> None:
    limits = publishers.limits(Account(network, network))
    width, height = limits.card_size
    assert 280 <= limits.text <= 20_000
    assert limits.ratio_min <= width / height <= limits.ratio_max
    assert 1 <= limits.images <= 20
    assert set(limits.image_formats) <= {"png", "jpeg"}
    assert limits.image_formats
    assert limits.image_bytes >= 1_000_000
    assert limits.alt >= 1000
    assert limits.settle_reads >= 1
    assert timedelta(0) <= limits.settle_after <= timedelta(minutes=10)


def test_every_network_of_the_campaign_has_its_limits_in_the_docs() -> None:
    docs = (Path(__file__).parent.parent / "docs" / "networks.md").read_text(encoding="utf-8")
    for network in ALL:
        limits = publishers.limits(Account(network, network))
        row = next(line for line in docs.splitlines() if line.startswith(f"| `{network}` |"))
        assert f"{limits.text:,}" in row
        assert f"{limits.alt:,}" in row
        assert f"{limits.card_size[0]} × {limits.card_size[1]}" in row


def test_the_folder_is_the_registry() -> None:
    assert publishers.available() == (
        "bluesky", "facebook", "feed", "instagram", "linkedin", "mastodon", "threads", "x",
    )  # fmt: skip
    assert publishers.can_publish("feed")
    assert not publishers.can_publish("linkedin")


def test_an_unknown_network_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no network “myspace”. The networks are: bluesky, facebook, feed"):
        publishers.limits(Account("m", "myspace"))


@pytest.mark.parametrize("name", ["_files", "../feed", "feed.x", "", "__init__"])
def test_only_a_network_can_be_named(name: str) -> None:
    with pytest.raises(ConfigError):
        publishers.can_publish(name)


def test_a_network_without_sending_says_so(tmp_path: Path) -> None:
    ours = Account("ours", "facebook")
    with pytest.raises(ConfigError, match=r"cannot publish to facebook yet \(account “ours”\)"):
        publishers.connect(ours, secrets.of(ours, {}, tmp_path), root=tmp_path)


def test_connect_reaches_the_feed(tmp_path: Path) -> None:
    account = Account("feed", "feed", options={"url": "https://lantern.example"})
    assert publishers.connect(account, secrets.of(account, {}, tmp_path), root=tmp_path).check().problem == ""


def test_mastodon_takes_the_length_of_its_own_server() -> None:
    assert publishers.limits(Account("m", "mastodon", options={"max_characters": 5000})).text == 5000
    assert publishers.limits(Account("m", "mastodon")).text == 500


@pytest.mark.parametrize("wrong", [0, -1, "500", 1.5, True])
def test_a_wrong_length_names_its_setting(wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.m\.max_characters"):
        publishers.limits(Account("m", "mastodon", options={"max_characters": wrong}))


def test_limits_load_no_heavy_library() -> None:
    program = (
        "import sys; from scheduler import publishers; from scheduler.model import Account\n"
        "for n in publishers.available(): publishers.limits(Account(n, n))\n"
        "print(sorted({'PIL', 'jinja2', 'feedgen', 'lxml', 'tweepy', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
