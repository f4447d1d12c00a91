"""Mastodon and its kin: published once, whatever the server and the wire do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from scheduler.errors import (
    ConfigError,
    Disconnected,
    PublishError,
    RateLimited,
    Rejected,
    Unavailable,
    Unconfirmed,
)
from scheduler.model import Account, CannotTell, Image, Message, NotThere, Published
from scheduler.publishers import _timing, mastodon
from scheduler.publishers.mastodon import find, media
from scheduler.publishers.mastodon.server import Facts, facts_of, misfit, nodeinfo_path
from scheduler.publishers.mastodon.text import likeness, reads_as, same_source
from tests.fakes import Kept
from tests.networks import mastodon as network
from tests.servers.cutting import FORWARDED, HOW, Cutting, Fault
from tests.servers.fediverse import Fediverse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scheduler.model import Found
    from scheduler.publishers.mastodon import Fediverse as Publisher

PNG = b"\x89PNG\r\n\x1a\n made up, the stand-in does not look"
KEY = "abcdefghijklmnopqrstuvwxyz234567"
TEXT = (
    "In 2024 the hotline identified 272 cases.\n\n"
    "https://lantern.example/facts?a=1&b=2 #EndTrafficking @ada@far.example"
)
PUBLISH = network.PUBLISH


def message(text: str = TEXT, pictures: int = 1, **more: Any) -> Message:  # noqa: ANN401
    images = tuple(
        Image(f"{n}" * 64, f"images/cards/{n}.png", "image/png", 1200, 675, len(PNG), f"Card {n}: 272 cases.")
        for n in range(pictures)
    )
    return Message("ours", "mastodon", text, images, **more)


class Place:
    """A server, the proxy before it, and publishers of its account."""

    def __init__(self) -> None:
        self.server = Fediverse()
        self.proxy = Cutting(self.server.url)
        self.secret = Kept(access_token=self.server.token)
        self.moment = datetime.now(UTC)

    def publisher(self, **options: Any) -> Publisher:  # noqa: ANN401
        account = Account("ours", "mastodon", options={"server": self.proxy.url, **options})
        return mastodon.connect(account, self.secret, root=None, now=lambda: self.moment)  # type: ignore[arg-type]

    def prepare(self, given: Message | None = None, key: str = KEY, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        given = given or message()
        made = self.publisher().prepare(given, (PNG,) * len(given.images), key, **more)
        packed: dict[str, Any] = json.loads(json.dumps(made))
        return packed

    def publish(self, prepared: dict[str, Any]) -> Published:
        return self.publisher().publish(prepared)

    def find(self, prepared: dict[str, Any]) -> Found:
        return self.publisher().find(prepared)

    def lose(self, prepared: dict[str, Any], how: str = "lost") -> PublishError:
        """Publish, and lose the answer."""
        self.proxy.plan(Fault(how, on=PUBLISH))
        with pytest.raises(Unconfirmed) as caught:
            self.publish(prepared)
        return caught.value

    def await_request(self) -> None:
        """Until the proxy is done with a request to publish."""
        until = time.monotonic() + 20
        while not any(one == "POST /api/v1/statuses" for one in self.asked()):
            assert time.monotonic() < until
            time.sleep(0.01)

    def texts(self) -> list[str]:
        return [text for text, _ in self.server.public()]

    def asked(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.proxy.seen]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(media, "POLL", 0.01)
    made = Place()
    yield made
    made.proxy.close()
    made.server.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Nobody waits half a minute for an answer that a fault keeps back; all others are waited for."""
    return lambda how: monkeypatch.setattr(_timing, "READ", 0.4 if "hang" in how else 30.0)


def settled(place: Place, prepared: dict[str, Any], after: Callable[[], None] = lambda: None) -> Found | PublishError:
    """What the publishing loop does: publish, and where that is unclear, read as often as the limits say."""
    try:
        return place.publish(prepared)
    except Unconfirmed:
        after()
        place.await_request()  # a client may give up before the server is done; LIMITS.settle_after waits for that
        for _ in range(mastodon.LIMITS.settle_reads):
            found = place.find(prepared)
            if not isinstance(found, NotThere):
                return found
        return NotThere()
    except PublishError as error:
        return error


# Once only.


@pytest.mark.parametrize("mode", ["", "ignores the key"])
@pytest.mark.parametrize("how", HOW)
def test_every_fault_while_it_is_published_ends_in_one_post(
    place: Place, how: str, mode: str, hasty: Callable[[str], None]
) -> None:
    place.server.rules.mode = mode
    given = message(pictures=0) if mode else message()  # without a key and without a picture nothing but reading helps
    prepared = place.prepare(given)
    place.proxy.plan(Fault(how, on=PUBLISH))
    hasty(how)
    outcome = settled(place, prepared, after=lambda: hasty(""))
    assert len(place.texts()) == (1 if how in FORWARDED else 0)
    assert isinstance(outcome, Published if how in FORWARDED else (NotThere, RateLimited)), outcome
    if not isinstance(outcome, Published):
        outcome = settled(place, place.prepare(given, earlier=prepared))
    assert isinstance(outcome, Published)
    assert place.texts() == [TEXT]
    assert place.server.uploads() == len(given.images)


@pytest.mark.parametrize("mode", ["500 on a repeated key", "Pixelfed", "slow media", "no source", "no instance v2"])
@pytest.mark.parametrize("how", ["lost", "504", "half", "broken-json", "drop"])
def test_on_every_kind_of_server_it_ends_in_one_post(place: Place, how: str, mode: str) -> None:
    place.server.rules.mode = mode
    prepared = place.prepare()
    place.lose(prepared, how)
    found = place.find(prepared)
    assert isinstance(found, NotThere if how == "drop" else Published)
    if how == "drop":
        assert isinstance(settled(place, place.prepare(earlier=prepared)), Published)
    assert place.texts() == [TEXT]


@pytest.mark.parametrize("mode", ["", "500 on a repeated key", "slow media", "no source"])
def test_a_second_try_in_spite_of_the_first_finds_its_pictures_used(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    prepared = place.prepare()
    place.lose(prepared)
    with pytest.raises(Unconfirmed, match=r"The pictures of the first try are used: it may be out\."):
        place.prepare(earlier=prepared)
    assert place.texts() == [TEXT]
    assert place.server.uploads() == 1


@pytest.mark.parametrize("mode", ["ignores the key", "Pixelfed"])
def test_a_server_that_ignores_keys_refuses_the_same_pictures(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    prepared = place.prepare()
    place.lose(prepared)
    with pytest.raises(Unconfirmed, match=r"The pictures are used already: it may be out\."):
        place.publish(prepared)
    assert isinstance(place.find(prepared), Published)
    assert place.texts() == [TEXT]


def test_the_same_key_brings_the_first_post_back(place: Place) -> None:
    prepared = place.prepare(message(pictures=0))
    place.lose(prepared)
    again = place.prepare(message(pictures=0), earlier=prepared)
    assert again["key"] == prepared["key"] == KEY
    assert again["since_id"] == prepared["since_id"]
    assert place.publish(again) == place.find(prepared)
    assert place.texts() == [TEXT]


def test_a_repeated_key_that_is_answered_with_500_is_found_by_reading(place: Place) -> None:
    place.server.rules.mode = "500 on a repeated key"
    prepared = place.prepare()
    first = place.publish(prepared)
    with pytest.raises(Unconfirmed, match=r"answered with an error \(500\)."):
        place.publish(prepared)
    assert place.find(prepared) == first
    assert place.texts() == [TEXT]


def test_after_an_hour_the_pictures_guard_what_the_key_no_longer_does(place: Place) -> None:
    prepared = place.prepare()
    place.lose(prepared)
    place.server.later(minutes=61)
    with pytest.raises(Unconfirmed, match="The pictures are used already"):
        place.publish(prepared)
    assert place.texts() == [TEXT]


def test_the_first_tries_pictures_are_used_again_when_they_are_in_no_post(place: Place) -> None:
    prepared = place.prepare(message(pictures=4))
    place.lose(prepared, "drop")
    place.moment += timedelta(hours=19)
    again = place.prepare(message(pictures=4), earlier=prepared)
    assert again["media_ids"] == prepared["media_ids"]
    assert again["uploaded_at"] == prepared["uploaded_at"]
    place.publish(again)
    assert place.server.public() == [(TEXT, tuple(f"Card {n}: 272 cases." for n in range(4)))]
    assert place.server.uploads() == 4


def test_old_pictures_are_sent_up_anew_before_the_server_deletes_them(place: Place) -> None:
    prepared = place.prepare()
    place.lose(prepared, "drop")
    place.moment += timedelta(hours=21)
    again = place.prepare(earlier=prepared)
    assert again["media_ids"] != prepared["media_ids"]
    assert place.publish(again).id
    assert place.texts() == [TEXT]


@pytest.mark.parametrize(("hours", "fresh"), [(23, 0), (25, 1)])
def test_pictures_that_are_gone_were_used_unless_they_are_old_enough_to_be_deleted(
    place: Place, hours: int, fresh: int
) -> None:
    prepared = {**place.prepare(), "media_ids": ["424242"]}
    place.moment += timedelta(hours=hours)
    if fresh:
        assert place.prepare(earlier=prepared)["media_ids"] != ["424242"]
    else:
        with pytest.raises(Unconfirmed):
            place.prepare(earlier=prepared)
        assert place.server.uploads() == 1


def test_changed_pictures_are_sent_up_only_when_the_first_ones_are_in_no_post(place: Place) -> None:
    other = message()
    other = replace(other, images=(replace(other.images[0], alt="Another alt text."),))
    prepared = place.prepare()
    changed = place.prepare(other, earlier=prepared)
    assert changed["media_ids"] != prepared["media_ids"]
    assert changed["key"] == prepared["key"]
    place.lose(prepared)
    with pytest.raises(Unconfirmed):
        place.prepare(other, earlier=prepared)


def test_another_accounts_earlier_try_guards_nothing_here(place: Place) -> None:
    prepared = {**place.prepare(), "account_id": "1"}
    again = place.prepare(earlier=prepared)
    assert again["media_ids"] != prepared["media_ids"]
    assert again["older"] == []


def test_a_key_that_brings_an_earlier_wording_back_is_no_success(place: Place) -> None:
    prepared = place.prepare(message("The first wording, which was approved on Monday.", 0))
    place.lose(prepared)
    again = place.prepare(message(TEXT, 0), earlier=prepared)
    assert [one["text"] for one in again["older"]] == ["The first wording, which was approved on Monday."]
    with pytest.raises(Unconfirmed, match=r"another post of the same key\."):
        place.publish(again)
    assert place.find(again) == CannotTell("an earlier version of it is there.")
    assert len(place.texts()) == 1


def test_a_key_that_brings_it_back_without_its_new_warning_is_no_success(place: Place) -> None:
    prepared = place.prepare(message(pictures=0))
    place.lose(prepared)
    again = place.prepare(message(pictures=0, warning="Violence is named"), earlier=prepared)
    with pytest.raises(Unconfirmed, match=r"another post of the same key\."):
        place.publish(again)
    assert isinstance(place.find(again), CannotTell)


@pytest.mark.parametrize("mode", ["", "no source"])
def test_a_key_that_another_post_had_is_no_success(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    place.publish(place.prepare(message("Of another delivery, by some mistake.", 0)))
    prepared = place.prepare(message(pictures=0))
    with pytest.raises(Unconfirmed, match=r"another post of the same key\."):
        place.publish(prepared)
    assert place.find(prepared) == NotThere()


def test_a_key_whose_post_was_deleted_says_when_it_can_be_used_again(place: Place) -> None:
    prepared = place.prepare(message(pictures=0))
    place.server.delete(place.publish(prepared).id)
    says = (
        r"was published and deleted there\. Look; the server lets it be sent again an hour after the first try: retry"
    )
    with pytest.raises(Rejected, match=says):
        place.publish(prepared)
    place.server.later(minutes=61)
    assert place.publish(prepared).id
    assert place.texts() == [TEXT]


def test_a_changed_wording_goes_out_when_the_first_did_not(place: Place) -> None:
    prepared = place.prepare(message("The first wording.", 0))
    place.lose(prepared, "drop")
    assert place.publish(place.prepare(message(TEXT, 0), earlier=prepared)).id
    assert place.texts() == [TEXT]


# One request.


@pytest.mark.parametrize("mode", ["", "ignores the key", "Pixelfed", "no instance v2"])
def test_publishing_is_one_request(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    prepared = place.prepare()
    place.proxy.forget()
    place.publish(prepared)
    assert place.asked() == ["POST /api/v1/statuses"]
    assert place.proxy.seen[0].headers["Idempotency-Key"] == KEY


def test_preparing_asks_the_server_about_itself_once(place: Place) -> None:
    publisher = place.publisher()
    publisher.prepare(message(), (PNG,), KEY)
    place.proxy.forget()
    publisher.prepare(message(), (PNG,), KEY)
    assert [re.sub(r"\d{6,}.*", "N", one) for one in place.asked()] == ["GET /api/v1/accounts/N", "POST /api/v2/media"]


def test_nothing_of_the_first_kind_of_uploads_is_used(place: Place) -> None:
    place.prepare()
    assert "POST /api/v1/media" not in place.asked()


def test_a_redirect_is_not_followed(place: Place) -> None:
    prepared = place.prepare()
    place.proxy.forget()
    place.lose(prepared, "not-redirect")
    assert place.asked() == ["POST /api/v1/statuses"]


def test_connecting_asks_nothing_and_loads_no_library(place: Place) -> None:
    place.publisher()
    assert place.asked() == []
    program = (
        "import sys; from scheduler.publishers import mastodon; from scheduler.model import Account\n"
        "mastodon.connect(Account('m', 'mastodon', options={'server': 'https://a.example'}), None, root=None)\n"
        "print(sorted({'requests', 'mastodon', 'httpx', 'tweepy', 'atproto', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# After a success.


def test_garbage_in_the_rate_headers_after_a_success_is_still_a_success(place: Place) -> None:
    prepared = place.prepare()
    place.proxy.plan(Fault("garbage-limits", on=PUBLISH))
    published = place.publish(prepared)
    assert published.wait_until is None
    assert place.find(prepared) == published


def test_a_deprecation_header_is_no_failure(place: Place) -> None:
    place.server.rules.headers = {"Deprecation": "@1688169599"}  # the SDK warns of it, and warnings are errors here
    prepared = place.prepare()
    assert place.publish(prepared) == place.find(prepared)


def test_the_last_call_of_a_rate_limit_says_until_when_to_wait(place: Place) -> None:
    prepared = place.prepare()
    place.server.rules.remaining = 0
    until = place.publish(prepared).wait_until
    assert until
    assert timedelta(minutes=4) < until - datetime.now(UTC) < timedelta(minutes=6)


@pytest.mark.parametrize("how", ["broken-json", "null", "list", "html", "half"])
def test_a_success_that_cannot_be_read_is_unconfirmed(place: Place, how: str) -> None:
    prepared = place.prepare()
    assert place.lose(prepared, how).text.endswith(".")
    assert isinstance(place.find(prepared), Published)


def test_the_address_is_the_networks_own(place: Place) -> None:
    published = place.publish(place.prepare())
    assert re.fullmatch(rf"https://mastodon\.example/@lantern\d+/{published.id}", published.url)


# Refusals.


@pytest.mark.parametrize(
    ("status", "words", "kind", "says"),
    [
        (401, "The access token is invalid", Disconnected, "campaign login ours"),
        (403, "This action is outside the authorized scopes", Disconnected, "outside the authorized scopes"),
        (403, "Your login is currently disabled", Disconnected, "limited or suspended"),
        (422, "Validation failed: Text character limit of 500 exceeded", Rejected, "Text character limit of 500"),
        (400, "Bad Request: text with spoiler exceed max chars (500)", Rejected, "exceed max chars"),
        (404, "Record not found", Rejected, "published and deleted"),
        (422, "Cannot attach files that have not finished processing. Try again!", Unavailable, "not finished"),
        (422, "Media 12 not found or already attached to another post", Unconfirmed, "it may be out"),
        (400, "Bad Request: media already attached to status: 01J", Unconfirmed, "it may be out"),
        (429, "Too many requests", RateLimited, "asks to wait"),
        (408, "Request timeout", Unconfirmed, "408"),
        (409, "Conflict", Unconfirmed, "409"),
        (500, "Internal Server Error", Unconfirmed, "500"),
        (503, "There was a temporary problem serving your request", Unconfirmed, "503"),
        (520, "Web server error", Unconfirmed, "520"),
    ],
)
def test_each_answer_has_its_meaning(
    place: Place, status: int, words: str, kind: type[PublishError], says: str
) -> None:
    prepared = place.prepare()
    place.server.refuse(status, words)
    with pytest.raises(PublishError) as caught:
        place.publish(prepared)
    assert type(caught.value) is kind
    assert says in caught.value.text
    assert caught.value.text.endswith(".")
    assert caught.value.detail.startswith(f"{status} ")
    assert place.texts() == []


@pytest.mark.parametrize("how", ["not-html", "not-500", "not-408", "429-html", "429-bare"])
def test_a_page_from_something_in_between_is_no_refusal(place: Place, how: str) -> None:
    place.lose(place.prepare(), how)


def test_a_rate_limit_says_until_when(place: Place) -> None:
    prepared = place.prepare()
    place.server.refuse(429, "Too many requests")
    with pytest.raises(RateLimited) as caught:
        place.publish(prepared)
    assert caught.value.retry_at
    assert timedelta(minutes=4) < caught.value.retry_at - datetime.now(UTC) < timedelta(minutes=6)


@pytest.mark.parametrize("reset", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon", "99999999999999999999"])
def test_a_rate_limit_that_cannot_be_believed_says_nothing(place: Place, reset: str) -> None:
    prepared = place.prepare()
    place.server.refuse(429, "Too many requests")
    place.server.rules.headers = {"X-RateLimit-Reset": reset}
    with pytest.raises(RateLimited) as caught:
        place.publish(prepared)
    assert caught.value.retry_at is None


def test_retry_after_is_read_where_there_is_nothing_else(place: Place) -> None:
    prepared = place.prepare()
    place.server.refuse(429, "Too many requests")
    place.server.rules.headers = {"X-RateLimit-Reset": "soon", "Retry-After": "90"}
    with pytest.raises(RateLimited) as caught:
        place.publish(prepared)
    assert caught.value.retry_at
    assert timedelta(seconds=60) < caught.value.retry_at - datetime.now(UTC) <= timedelta(seconds=90)


def test_where_nobody_listens_nothing_was_sent(place: Place) -> None:
    prepared = place.prepare()
    place.proxy.close()
    with pytest.raises(Unavailable, match="could not be reached"):
        place.publish(prepared)
    with pytest.raises(Unavailable, match="could not be reached"):
        place.prepare()


BEFORE = ("drop", "lost", "half", "500", "not-503", "520", "broken-json", "null", "html", "redirect", "429-garbage")


@pytest.mark.parametrize("how", BEFORE)
@pytest.mark.parametrize("what", ["GET /api/v2/instance", "GET .*verify_credentials", "GET .*/statuses", "POST "])
def test_a_failure_before_it_is_sent_is_never_unconfirmed(place: Place, how: str, what: str) -> None:
    place.proxy.plan(Fault(how, on=what))
    try:
        place.prepare()
    except (Unavailable, RateLimited) as error:
        assert error.text.endswith(".")  # noqa: PT017
    assert place.texts() == []
    assert isinstance(settled(place, place.prepare()), Published)


def test_a_server_that_sends_on_is_named_with_the_setting(place: Place) -> None:
    place.proxy.plan(Fault("not-redirect", on="GET "))
    with pytest.raises(Unavailable, match=r"Set accounts\.ours\.server to the address"):
        place.prepare()


def test_a_page_that_is_no_mastodon_is_named_with_the_setting(place: Place) -> None:
    place.proxy.plan(Fault("not-html", on="GET ", times=9))
    with pytest.raises(Unavailable, match=r"Look at accounts\.ours\.server in config.toml"):
        place.prepare()


def test_a_file_that_the_server_does_not_take_is_rejected(place: Place) -> None:
    place.server.refuse(422, "File type of uploaded media could not be verified", on="POST /api/v2/media")
    with pytest.raises(Rejected, match=r"refused it: File type of uploaded media could not be verified\."):
        place.prepare()


def test_a_read_is_never_rejected(place: Place) -> None:
    prepared = place.prepare()
    place.server.refuse(422, "No.", on="GET .*/statuses")
    with pytest.raises(Unavailable, match=r"answered with an error \(422: No\)\."):
        place.find(prepared)


# What is sent.


def test_warning_language_visibility_and_sensitivity_are_sent(place: Place) -> None:
    given = message(pictures=1, lang="es-MX", warning="Violence is named", labels=("graphic-media",))
    publisher = place.publisher(visibility="unlisted")
    publisher.publish(publisher.prepare(given, (PNG,), KEY))
    row, media = place.server.posts()[0]
    assert (row.language, row.spoiler_text, row.visibility, row.sensitive) == (
        "es",
        "Violence is named",
        "unlisted",
        True,
    )
    assert [one.description for one in media] == ["Card 0: 272 cases."]


@pytest.mark.parametrize("options", [{"sensitive": True}, {"sensitive": False}, {}])
def test_the_accounts_own_setting_marks_pictures(place: Place, options: dict[str, bool]) -> None:
    publisher = place.publisher(**options)
    publisher.publish(publisher.prepare(message(), (PNG,), KEY))
    row, _ = place.server.posts()[0]
    assert row.sensitive is options.get("sensitive", False)
    assert (row.visibility, row.language) == ("public", "en")


@pytest.mark.parametrize("end", ["", "/", "?from=mail", "#top"])
def test_a_part_answers_the_last_one_even_when_only_its_address_is_known(place: Place, end: str) -> None:
    first = place.publish(place.prepare())
    part = place.prepare(message("The second part.", 0), "another-key", thread=("1", first.url + end))
    assert part["reply_to"] == first.id
    place.publish(part)
    assert str(place.server.posts()[1][0].in_reply_to_id) == first.id


def test_a_part_whose_parent_is_gone_is_rejected(place: Place) -> None:
    part = place.prepare(message("The second part.", 0), thread=("123456789",))
    with pytest.raises(Rejected, match="The post that this part answers is no longer on"):
        place.publish(part)
    assert place.texts() == []


# Whether it fits, before anything is sent up.


def test_a_text_too_long_for_this_server_is_rejected_before_anything_is_sent_up(place: Place) -> None:
    place.server.rules.max_characters = 30
    with pytest.raises(Rejected, match=r"takes 30 characters, and the text with its warning has 42: shorten it by 12"):
        place.prepare(message("A text that is twice as long as t", warning="A warning"))
    assert place.server.uploads() == 0


def test_an_alt_text_too_long_for_this_server_is_rejected_before_anything_is_sent_up(place: Place) -> None:
    place.server.rules.description_limit = 5
    with pytest.raises(Rejected, match=r"alt text of images/cards/0.png has 18 characters, and .* takes 5"):
        place.prepare()
    assert place.server.uploads() == 0


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (Facts(), ""),
        (
            Facts(characters=500, per_link=23, pictures=4, alt=1500, size=10**6, pixels=10**7, formats=("image/png",)),
            "",
        ),
        (Facts(characters=30, per_link=23), "shorten it by 5"),
        (Facts(characters=30, per_link=10), ""),
        (Facts(pictures=1), "takes 1 pictures, and the post has 2"),
        (Facts(formats=("image/jpeg",)), "does not take image/png"),
        (Facts(size=10), f"has {len(PNG)} bytes, and a.example takes 10"),
        (Facts(pixels=1000), "has 810,000 pixels"),
        (Facts(alt=17), "takes 17: shorten it"),
    ],
)
def test_what_does_not_fit_is_said_with_its_mend(facts: Facts, says: str) -> None:
    text = "See https://lantern.example/a/long/address 🙏🏽 x @ad@far.example"
    told = misfit(message(text, 2), facts, mastodon.LIMITS, "a.example")
    assert says in told
    assert bool(told) == bool(says)


@pytest.mark.parametrize(
    ("raw", "software", "characters"),
    [
        ({"version": "4.7.2", "api_versions": {"mastodon": 10}}, "mastodon", None),
        ({"version": "4.2.9+hometown-1.1.1", "max_toot_chars": 700}, "", 700),
        ({"version": "2.7.2 (compatible; Pleroma 2.6.0)", "max_toot_chars": 5000}, "pleroma", 5000),
        ({"version": "3.5.3 (compatible; Pixelfed 0.12.6)"}, "pixelfed", None),
        ({"configuration": {"statuses": {"max_characters": "many"}}}, "", None),
        ({"configuration": [], "api_versions": None}, "", None),
    ],
)
def test_servers_describe_themselves_in_many_ways(raw: dict[str, Any], software: str, characters: int | None) -> None:
    assert (facts_of(raw).software, facts_of(raw).characters) == (software, characters)


@pytest.mark.parametrize(
    ("mode", "software"),
    [("", "mastodon"), ("ignores the key", "gotosocial"), ("Pixelfed", "pixelfed"), ("no instance v2", "mastodon")],
)
def test_the_software_is_known_by_name(place: Place, mode: str, software: str) -> None:
    place.server.rules.mode = mode
    assert place.prepare()["software"] == software


def test_nodeinfo_sends_us_to_no_other_host() -> None:
    raw = {"links": [{"rel": "x", "href": "https://elsewhere.example/nodeinfo/2.0"}]}
    assert nodeinfo_path(raw) == "/nodeinfo/2.0"
    assert nodeinfo_path({"links": [{"href": "//elsewhere.example/x"}, {"href": "https://a/../@b"}, 3]}) == ""
    assert nodeinfo_path(None) == ""


# Pictures.


def test_a_slow_server_is_waited_for(place: Place) -> None:
    place.server.rules.mode, place.server.rules.polls = "slow media", 5
    prepared = place.prepare(message(pictures=2))
    assert len([one for one in place.asked() if one.startswith("GET /api/v1/media/")]) == 12
    assert place.publish(prepared).id


def test_a_server_that_never_ends_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PROCESSING", 0.05)
    place.server.rules.mode, place.server.rules.polls = "slow media", 10**6
    with pytest.raises(Unavailable, match="still working on a picture"):
        place.prepare()


def test_a_picture_that_cannot_be_used_is_rejected(place: Place) -> None:
    place.server.rules.mode, place.server.rules.unusable = "slow media", True
    with pytest.raises(Rejected, match="cannot use a picture: Error processing thumbnail"):
        place.prepare()


@pytest.mark.parametrize("mode", ["", "slow media", "ignores the key", "Pixelfed"])
@pytest.mark.parametrize("told", ["at once", "when asked"])
@pytest.mark.parametrize("kept", [0, 7])
def test_an_alt_text_that_the_server_cut_or_dropped_is_rejected_before_anything_is_public(
    place: Place, mode: str, told: str, kept: int
) -> None:
    rules = place.server.rules
    rules.mode, rules.alt_told, rules.alt_kept = mode, told == "at once", kept
    says = rf"did not keep the alt text of images/cards/0\.png as approved: {kept} characters of 18\. Shorten or reword"
    with pytest.raises(Rejected, match=says):
        place.prepare()
    assert place.texts() == []


@pytest.mark.parametrize("mode", ["", "slow media"])
def test_an_alt_text_that_the_server_tells_only_when_asked_is_asked_for(place: Place, mode: str) -> None:
    place.server.rules.mode, place.server.rules.alt_told = mode, False
    assert place.publish(place.prepare()).id
    assert place.server.public() == [(TEXT, ("Card 0: 272 cases.",))]


def test_white_space_around_an_alt_text_is_the_servers_to_cut(place: Place) -> None:
    place.server.rules.alt_kept = 18
    given = message()
    given = replace(given, images=(replace(given.images[0], alt="Card 0: 272 cases.\n"),))
    assert place.prepare(given)["media_ids"]


def test_a_picture_without_an_alt_text_is_not_asked_about(place: Place) -> None:
    given = message()
    place.prepare(replace(given, images=(replace(given.images[0], alt=""),)))
    assert not [one for one in place.asked() if one.startswith("GET /api/v1/media/")]


@pytest.mark.parametrize("mode", ["", "no source", "ignores the key", "Pixelfed"])
def test_a_post_that_the_server_made_without_its_pictures_is_not_told_as_published(place: Place, mode: str) -> None:
    place.server.rules.mode, place.server.rules.loses_pictures = mode, True
    prepared = place.prepare(message(pictures=2))
    with pytest.raises(Unconfirmed, match=r"made the post without its pictures\."):
        place.publish(prepared)
    assert place.server.public() == [(TEXT, ())]
    assert place.find(prepared) == CannotTell("it is out without its pictures.")


def test_pictures_may_have_other_ids_in_the_post_when_their_alt_texts_are_the_same() -> None:
    prepared = {"media_ids": ["1", "2"], "pictures": [["a" * 64, "One. "], ["b" * 64, "Two."]]}

    def post(*attached: tuple[str, str | None]) -> dict[str, Any]:
        return {"media_attachments": [{"id": name, "description": alt} for name, alt in attached]}

    assert find.has_pictures(post(("2", "Two."), ("1", "One.")), prepared)
    assert find.has_pictures(post(("-77", "One."), ("-78", "Two.")), prepared)
    for wrong in (post(("-77", "One.")), post(("1", "One.")), post(("-77", None), ("-78", None)), post(), {}):
        assert not find.has_pictures(wrong, prepared)


# Reading back.


def test_find_reads_until_the_list_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "PAGE", 3)
    prepared = place.prepare(message(pictures=0))
    place.lose(prepared)
    for n in range(10):
        place.server.write(f"Another post of the day, number {n}.")
    found = place.find(prepared)
    assert isinstance(found, Published)
    assert found.id == str(place.server.posts()[0][0].id)


@pytest.mark.parametrize("mode", ["", "Pixelfed"])
def test_what_is_older_is_not_read_to_its_end(place: Place, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "PAGE", 2)
    monkeypatch.setattr(find, "PAGES_MOST", 3)
    place.server.rules.mode = mode
    for n in range(20):
        place.server.write(f"A post of last week, number {n}.")
    prepared = place.prepare(message(pictures=0))
    assert place.find(prepared) == NotThere()
    place.server.write("A post of today.")
    published = place.publish(prepared)
    assert place.find(prepared) == published


def test_more_than_can_be_read_is_no_proof(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "PAGE", 2)
    monkeypatch.setattr(find, "PAGES_MOST", 3)
    prepared = place.prepare(message(pictures=0))
    for n in range(9):
        place.server.write(f"Another post of the day, number {n}.")
    assert place.find(prepared) == CannotTell("more was published there since than can be read (6 posts).")


@pytest.mark.parametrize("what", ["GET .*/statuses", "GET .*/source"])
def test_a_list_that_takes_too_long_to_read_is_no_proof(
    place: Place, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "PAGE", 2)
    monkeypatch.setattr(find, "SEARCH", 0.5)
    prepared = place.prepare(message(pictures=0))
    for n in range(9):
        place.server.write(f"{TEXT} It was said {n} times.")
    place.proxy.forget()

    def late(_fault: Fault, _seen: object) -> None:  # each of these answers comes, and takes its time
        time.sleep(0.3)

    place.proxy.on_fault = late
    place.proxy.plan(Fault("garbage-limits", on=what, times=99))
    assert place.find(prepared) == CannotTell("the account's list is too long to be read in time.")
    assert len([one for one in place.asked() if re.search(what, one)]) <= 2  # a third would begin after 0.6 s


@pytest.mark.parametrize("mode", ["", "Pixelfed"])
def test_the_same_words_of_last_week_are_not_the_post(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    place.server.write(TEXT)
    prepared = place.prepare(message(pictures=0))
    assert place.find(prepared) == NotThere()


def test_the_same_words_with_other_pictures_prove_nothing(place: Place) -> None:
    prepared = place.prepare()
    place.server.write(TEXT)
    assert isinstance(place.find(prepared), CannotTell)


def test_its_pictures_below_another_text_prove_nothing(place: Place) -> None:
    prepared = place.prepare()
    place.server.write("Another text.", media=(int(prepared["media_ids"][0]),))
    assert place.find(prepared) == CannotTell(
        "a post with its pictures is there, but its words or its other pictures differ."
    )


def test_some_of_its_pictures_prove_nothing(place: Place) -> None:
    prepared = place.prepare(message(pictures=2))
    place.server.write(TEXT, media=(int(prepared["media_ids"][0]),))
    assert isinstance(place.find(prepared), CannotTell)


def test_errors_are_asked_for_in_the_language_in_which_they_are_read(place: Place) -> None:
    place.publish(place.prepare())
    assert b"lang=en" in place.proxy.seen[-1].body.split(b"&")


@pytest.mark.parametrize("mode", ["", "no source"])
def test_a_post_that_was_corrected_by_hand_proves_nothing(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    text = "In 2024 the hotline identified 272 cases in Missouri, and many more that were never counted by anyone."
    prepared = place.prepare(message(text, 0))
    place.server.write(text.replace("Missouri", "Missuori"))
    assert place.find(prepared) == CannotTell("a post is there whose text is almost its own.")


@pytest.mark.parametrize("mode", ["", "no source", "Pixelfed", "ignores the key"])
def test_other_posts_do_not_matter(place: Place, mode: str) -> None:
    place.server.rules.mode = mode
    prepared = place.prepare(message(pictures=0))
    place.server.write("Something quite different, about a walk on Sunday. Call 1-888-373-7888.")
    assert place.find(prepared) == NotThere()


def test_a_login_that_was_taken_back_cannot_tell(place: Place) -> None:
    prepared = place.prepare()
    place.server.revoke()
    with pytest.raises(Disconnected, match="campaign login ours"):
        place.find(prepared)


def test_another_accounts_login_cannot_tell(place: Place) -> None:
    prepared = {**place.prepare(), "account_id": "1"}
    found = place.find(prepared)
    assert isinstance(found, CannotTell)
    assert re.fullmatch(r"it was sent as (@lantern\d+@[\d.:]+), and the login is now \1's\.", found.reason)


# Another login, or another server, than the one it was prepared for.


@pytest.mark.parametrize("noticed_by", ["nobody", "check"])
def test_a_login_as_another_account_before_it_is_sent_sends_nothing(place: Place, noticed_by: str) -> None:
    publisher = place.publisher()
    prepared = publisher.prepare(message(), (PNG,), KEY)
    other = Fediverse()
    try:
        place.secret.held = {"access_token": other.token}  # the mock behind both servers is one
        if noticed_by == "check":
            assert publisher.check().problem == ""
        with pytest.raises(Unavailable, match=r"^The login changed after this was prepared; it is prepared again\.$"):
            publisher.publish(prepared)
        assert place.server.public() == other.public() == []
        again = publisher.prepare(message(), (PNG,), KEY, earlier=prepared)
        publisher.publish(again)
        assert (place.texts(), [text for text, _ in other.public()]) == ([], [TEXT])
    finally:
        other.close()


def test_a_new_login_as_the_same_account_is_taken_after_it_is_prepared_again(place: Place) -> None:
    publisher = place.publisher()
    prepared = publisher.prepare(message(), (PNG,), KEY)
    account = Account("ours", "mastodon", options={"server": place.proxy.url})
    place.secret.held = mastodon.login(account, Somebody(f"mockcode_{place.server.username}"))
    with pytest.raises(Unavailable, match="it is prepared again"):
        publisher.publish(prepared)
    again = publisher.prepare(message(), (PNG,), KEY, earlier=prepared)
    assert again["media_ids"] == prepared["media_ids"]
    assert publisher.publish(again).id


def test_a_login_as_another_account_after_it_was_sent_cannot_tell(place: Place) -> None:
    prepared = place.prepare()
    place.lose(prepared)
    other = Fediverse()
    try:
        place.secret.held = {"access_token": other.token}
        found = place.find(prepared)
    finally:
        other.close()
    host = place.proxy.url.removeprefix("http://")
    was, now = f"@{place.server.username}@{host}", f"@{other.username}@{host}"
    assert found == CannotTell(f"it was sent as {was}, and the login is now {now}'s.")


def test_another_server_in_config_is_never_sent_what_may_be_out_on_the_first(place: Place) -> None:
    prepared = place.prepare()
    place.lose(prepared)
    other = Place()
    try:
        moved = other.publisher()
        same_id = {**prepared, "account_id": str(other.server.account)}  # as the first accounts of two servers have
        old, new = place.proxy.url, other.proxy.url
        assert moved.find(same_id) == CannotTell(f"it was sent to {old}, and config.toml now names another server.")
        says = f"An earlier try was for {old}, and config.toml now names {new}."
        with pytest.raises(Unconfirmed, match=re.escape(says)):
            moved.prepare(message(), (PNG,), KEY, earlier=same_id)
        with pytest.raises(Unavailable, match="it is prepared again"):
            moved.publish(same_id)
        assert other.asked() == []
        assert other.texts() == []
        assert isinstance(place.find(prepared), Published)  # once config.toml names the first again
    finally:
        other.proxy.close()
        other.server.close()


@pytest.mark.parametrize(
    "how", ["null", "list", "html", "broken-json", "500", "half", "not-html", "redirect", "429-bare"]
)
@pytest.mark.parametrize("what", ["verify_credentials", "/statuses"])
def test_what_cannot_be_read_is_not_absent(place: Place, how: str, what: str) -> None:
    prepared = place.prepare()
    place.publish(prepared)
    place.proxy.plan(Fault(how, on=f"GET .*{what}", times=9))
    if (how, what) == ("list", "/statuses"):
        return  # an empty list in the place of the right one, with 200, is what no reader can see through
    with pytest.raises(PublishError):
        place.find(prepared)


SHOWN = (
    '<p>In 2024 the hotline identified 272 cases.</p><p><a href="https://lantern.example/facts?a=1&amp;b=2" '
    'target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">https://</span>'
    '<span class="ellipsis">lantern.example/facts?</span><span class="invisible">a=1&amp;b=2</span></a> '
    '<a href="https://mastodon.example/tags/EndTrafficking" class="mention hashtag" rel="tag">#<span>EndTrafficking'
    '</span></a> <span class="h-card" translate="no"><a href="https://far.example/@ada" class="u-url mention">@<span>'
    "ada</span></a></span></p>"
)


def test_mastodons_html_reads_as_the_text_that_it_was_made_of() -> None:
    assert reads_as(SHOWN, TEXT)
    assert not reads_as(SHOWN.replace("272", "273"), TEXT)
    assert not reads_as(SHOWN.replace("b=2", "b=3"), TEXT)
    assert likeness(SHOWN, TEXT) > 0.9


def test_a_link_that_is_shown_cut_is_read_by_where_it_leads() -> None:
    html = '<p>See <a href="https://lantern.example/a/long/way">lantern.example/a/lo…</a><br>Then call.</p>'
    assert reads_as(html, "See https://lantern.example/a/long/way\nThen call.")


@pytest.mark.parametrize(("theirs", "ours"), [("a\r\nb ", "a\nb\n"), (" a", "a")])
def test_white_space_at_the_ends_is_the_servers(theirs: str, ours: str) -> None:
    assert same_source(theirs, ours)
    assert not same_source(theirs, ours.upper())


# Settings and health.


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "accounts.ours.server must be the address"),
        ({"server": 5}, "accounts.ours.server must be the address"),
        ({"server": "mastodon.example"}, "an address and nothing more"),
        ({"server": "http://mastodon.example"}, "must begin with https://"),
        ({"server": "ftp://mastodon.example"}, "must begin with https://"),
        ({"server": "https://mastodon.example/@lantern"}, "an address and nothing more"),
        ({"server": "https://me:word@mastodon.example"}, "an address and nothing more"),
        ({"server": "https://mastodon.example:port"}, "accounts.ours.server"),
        ({"server": "https://[mastodon"}, "accounts.ours.server"),
        ({"server": "https://a.example", "visibility": "direct"}, "accounts.ours.visibility"),
        ({"server": "https://a.example", "visibility": ["public"]}, "accounts.ours.visibility"),
        ({"server": "https://a.example", "sensitive": "yes"}, "accounts.ours.sensitive"),
        ({"server": "https://a.example", "max_characters": 0}, "accounts.ours.max_characters"),
    ],
)
def test_a_wrong_setting_is_named(options: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        mastodon.connect(Account("ours", "mastodon", options=options), Kept(), root=tmp_path)


@pytest.mark.parametrize(
    "server", ["http://127.0.0.1:3000", "http://localhost/", "http://[::1]:80", "https://a.example/"]
)
def test_a_right_server_is_taken(server: str, tmp_path: Path) -> None:
    account = Account("ours", "mastodon", options={"server": server})
    assert mastodon.connect(account, Kept(), root=tmp_path).server == server.rstrip("/")


@pytest.mark.parametrize("token", ["", "made up", "made-up\n", "mäde-up"])
def test_a_token_that_is_missing_or_none_disconnects_and_asks_nothing(place: Place, token: str) -> None:
    prepared = place.prepare()
    place.proxy.forget()
    place.secret.held["access_token"] = token
    with pytest.raises(Disconnected, match=r"Run `campaign login ours`\.") as caught:
        place.publish(prepared)
    assert place.publisher().check().problem == caught.value.text
    assert place.asked() == []


def test_a_token_is_not_taken_for_a_files_name(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / place.server.token).write_text("another")
    monkeypatch.chdir(tmp_path)
    assert place.publish(place.prepare()).id


def test_a_new_token_is_asked_who_it_is(place: Place) -> None:
    publisher = place.publisher()
    publisher.prepare(message(pictures=0), (), KEY)
    other = Fediverse()
    try:
        place.secret.held["access_token"] = other.token  # the mock behind both servers is one
        assert publisher.prepare(message(pictures=0), (), KEY)["account_id"] == str(other.account)
    finally:
        other.close()


def test_check_says_who_and_what_it_may_do(place: Place) -> None:
    place.server.rules.scopes = ["read:accounts", "read:statuses", "write:statuses", "write:media"]
    health = place.publisher().check()
    assert re.fullmatch(r"@lantern\d+@mastodon\.example", health.who)
    assert health.rights == ("publish", "send pictures", "read its own posts")
    assert (health.problem, health.warnings, health.expires_at) == ("", (), None)


def test_check_names_a_right_that_is_missing(place: Place) -> None:
    place.server.rules.scopes = ["read", "write:statuses"]
    health = place.publisher().check()
    assert health.problem == "The login may not send pictures (write:media). Run `campaign login ours`."
    assert health.rights == ("publish", "read its own posts")


def test_check_takes_a_broad_right_for_what_it_covers(place: Place) -> None:
    place.server.rules.scopes = ["read", "write"]
    assert place.publisher().check().problem == ""


def test_check_warns_of_another_length_and_of_an_account_that_does_not_say_it_is_automated(place: Place) -> None:
    place.server.rules.max_characters = 5000
    place.server.unbot()
    first, second = place.publisher().check().warnings
    assert "does not say that it is automated" in first
    assert "takes 5,000 characters, and config.toml counts on 500: set accounts.ours.max_characters = 5000" in second
    assert len(place.publisher(max_characters=5000).check().warnings) == 1


@pytest.mark.parametrize("how", ["drop", "not-500", "html", "null", "redirect", "429-garbage"])
def test_check_never_raises(place: Place, how: str) -> None:
    place.proxy.plan(Fault(how, on=".", times=9))
    assert place.publisher().check().problem.endswith(".")


def test_check_writes_nothing(place: Place) -> None:
    place.publisher().check()
    assert all(one.startswith("GET ") for one in place.asked())
    assert len(place.asked()) == 3


# Logging in.


class Somebody:
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.told: list[str] = []
        self.asked: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        self.asked.append(f"{question}{' (hidden)' if hidden else ''}")
        return self.answers.pop(0)


def test_a_person_logs_in_by_the_code_that_the_server_shows(place: Place) -> None:
    account = Account("ours", "mastodon", options={"server": place.proxy.url})
    somebody = Somebody(f"mockcode_{place.server.username}")
    kept = mastodon.login(account, somebody)
    assert sorted(kept) == ["access_token", "client_id", "client_secret"]
    assert kept["access_token"] != place.server.token
    page = somebody.told[0].split()[-1]
    assert page.startswith(f"{place.proxy.url}/oauth/authorize?client_id=")
    assert "read%3Aaccounts+read%3Astatuses+write%3Astatuses+write%3Amedia" in page
    assert "choose an account" in requests.get(page, timeout=20).text
    assert somebody.told[-1].startswith(f"Logged in as @{place.server.username}@")
    place.secret.held = kept
    assert place.publisher().check().problem == ""
    assert place.publish(place.prepare()).id


def test_a_wrong_code_is_said_with_its_mend(place: Place) -> None:
    account = Account("ours", "mastodon", options={"server": place.proxy.url})
    somebody = Somebody("made-up-code-77")
    says = r"did not take the code: invalid_grant\. Run `campaign login ours` again"
    with pytest.raises(Disconnected, match=says) as caught:
        mastodon.login(account, somebody)
    assert "made-up-code-77" not in everything(caught.value)


@pytest.mark.parametrize("how", ["drop", "lost", "500", "html", "null", "list", "broken-json", "redirect", "429-bare"])
@pytest.mark.parametrize("what", ["POST /api/v1/apps", "POST /oauth/token", "GET /.well-known/oauth", "verify_cred"])
def test_a_login_that_breaks_off_is_a_sentence(place: Place, how: str, what: str) -> None:
    account = Account("ours", "mastodon", options={"server": place.proxy.url})
    place.proxy.plan(Fault(how, on=what))
    somebody = Somebody(f"mockcode_{place.server.username}")
    try:
        assert mastodon.login(account, somebody)["access_token"]
    except PublishError as error:
        assert error.text.endswith(".")  # noqa: PT017
        assert "mockcode" not in everything(error)  # noqa: PT017


# Redaction.


def everything(error: BaseException) -> str:
    """All that an error can show."""
    detail = getattr(error, "detail", "")
    return "\n".join([str(error), repr(error), detail, *traceback.format_exception(error)])


@pytest.mark.parametrize("how", [*HOW, "echo"])
def test_no_error_shows_the_token(place: Place, how: str, hasty: Callable[[str], None]) -> None:
    prepared = place.prepare()
    hasty(how)
    if how == "echo":  # a page of an error that quotes what it was sent
        place.server.refuse(500, f"Authorization: Bearer {place.server.token}")
    else:
        place.proxy.plan(Fault(how, on=".", times=9))
    for verb in (place.publish, place.find, lambda _: place.prepare()):
        try:
            verb(prepared)
        except PublishError as error:
            assert place.server.token not in everything(error)  # noqa: PT017
            assert error.__context__ is None  # noqa: PT017


def test_nothing_shows_the_token_in_its_repr(place: Place) -> None:
    publisher = place.publisher()
    publisher.prepare(message(pictures=0), (), KEY)
    with publisher._line() as line:
        assert place.server.token not in f"{publisher!r} {line!r} {publisher.check()!r}"
    assert place.server.token not in json.dumps(place.prepare())


def test_a_header_that_is_not_sent_is_not_quoted(place: Place) -> None:
    from scheduler.publishers.mastodon.line import Line  # noqa: PLC0415

    token = "made-up\nsecret"  # noqa: S105
    with Line(place.proxy.url, "ours", token) as line, pytest.raises(Unavailable) as caught:
        line.done(lambda sdk: sdk.account_verify_credentials())
    assert "made-up" not in everything(caught.value)
    assert place.asked() == []
