"""X: the three verbs, the error table, settling by reading back, signing in; against a server with X's rules."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from starlette.responses import Response

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
from scheduler.publishers import _timing, _wire, x
from scheduler.publishers.x import text as x_text
from tests.fakes import Kept
from tests.networks.x import MODES, PUBLISH
from tests.servers.cutting import FORWARDED, KEPT_FROM_IT, Cutting, Fault
from tests.servers.xserver import OWN, XServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KEY = "abcdefghijklmnopqrstuvwxyz234567"
TEXT = "272 cases in Missouri & 1 in 6 < 14 🙏🏽\n\nhttps://lantern.example.org/help?a=1&b=2 #EndTrafficking"
PROFILE = "https://x.com/LanternProject"
DUPLICATE = {"title": "Forbidden", "detail": "You are not allowed to create a Tweet with duplicate content."}
CAPPED = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": "https://api.twitter.com/2/problems/usage-capped",
    "period": "Monthly",
    "scope": "Product",
}


class Bench:
    """A server, the proxy before it, and a publisher that goes through both."""

    def __init__(self) -> None:
        self.server = XServer()
        self.proxy = Cutting(self.server.url)
        self.secret = Kept(**self.server.secrets)

    def close(self) -> None:
        self.proxy.close()
        self.server.close()

    def account(self, **options: object) -> Account:
        return Account("ours", "x", handle="@LanternProject", options={"server": self.proxy.url, **options})

    def publisher(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), **options: object) -> x.X:
        return x.connect(self.account(**options), self.secret, root=None, now=now)  # type: ignore[arg-type]

    def log_in_as_another(self) -> None:
        """What `campaign login` does while a daemon runs: other secrets, of another account."""
        self.server.become("NewLantern", "1700000000000000077")
        self.secret.held = dict(self.server.secrets)

    def says(self, status: int, body: object, *, at: str = "/2/tweets", **headers: str) -> None:
        """Answer so from now on; a body that is no string is sent as JSON."""
        packed = body if isinstance(body, str) else json.dumps(body)
        kind = "application/json" if not isinstance(body, str) else "text/html"

        def broken(_: str, path: str) -> Response | None:
            return Response(packed, status, headers={**headers, "content-type": kind}) if path == at else None

        self.server.broken = broken

    def sent(self) -> list[bytes]:
        """The bodies of the requests to publish, in order."""
        return [s.body for s in self.proxy.seen if re.search(PUBLISH, f"{s.method} {s.path}")]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(_timing, "READ", 1.0)
    monkeypatch.setattr(_timing, "UPLOAD", 1.0)
    bench = Bench()
    yield bench
    bench.close()
    assert bench.server.violations == []


def message(text: str = TEXT, *alts: str) -> Message:
    images = tuple(Image("5e" * 32, f"images/{n}.png", "image/png", 1, 1, len(PNG), a) for n, a in enumerate(alts))
    return Message("ours", "x", text, images)


def prepared(here: Bench, text: str = TEXT, *alts: str, **guard: Any) -> dict[str, Any]:  # noqa: ANN401
    made = here.publisher().prepare(message(text, *alts), (PNG,) * len(alts), KEY, **guard)
    return dict(json.loads(json.dumps(made)))


def failure(verb: Callable[[], object]) -> PublishError:
    with pytest.raises(PublishError) as caught:
        verb()
    assert caught.value.text.endswith((".", "?"))
    return caught.value


def lost(here: Bench, text: str = TEXT, *alts: str) -> dict[str, Any]:
    """What was prepared for a post that is out, but whose answer was lost."""
    made = prepared(here, text, *alts)
    here.proxy.plan(Fault("lost", on=PUBLISH))
    with pytest.raises(Unconfirmed):
        here.publisher().publish(made)
    here.proxy.plan()
    return made


# Settings


@pytest.mark.parametrize("wrong", ["http://api.x.com", "ftp://x.com", "api.x.com", "https://me:pw@x.com", "", 5, None])
def test_a_wrong_server_names_its_setting(wrong: object, tmp_path: Path) -> None:
    account = Account("ours", "x", options={"server": wrong})
    with pytest.raises(ConfigError, match=r"accounts\.ours\.server must "):
        x.connect(account, None, root=tmp_path)


@pytest.mark.parametrize("fine", ["https://api.x.com", "http://127.0.0.1:8080", "http://[::1]:80", "http://localhost"])
def test_this_machine_may_be_spoken_to_without_tls(fine: str, tmp_path: Path) -> None:
    assert x.connect(Account("ours", "x", options={"server": fine}), None, root=tmp_path)


@pytest.mark.parametrize("wrong", ["always", "", 1, True, ["ask"], None])
def test_a_wrong_policy_names_its_setting(wrong: object, tmp_path: Path) -> None:
    account = Account("ours", "x", options={"unclear": wrong})
    with pytest.raises(ConfigError, match=r'accounts\.ours\.unclear is .*; it must be "ask" or "repeat"\.'):
        x.limits(account)
    with pytest.raises(ConfigError, match=r"accounts\.ours\.unclear"):
        x.connect(account, None, root=tmp_path)


def test_the_account_says_whether_the_same_words_may_be_sent_again() -> None:
    asks = (x.limits(Account("ours", "x")), x.limits(Account("ours", "x", options={"unclear": "ask"})))
    assert [(limits.absence_proves, limits.repeats) for limits in asks] == [(False, False)] * 2
    repeats = x.limits(Account("ours", "x", options={"unclear": "repeat"}))
    assert (repeats.absence_proves, repeats.repeats) == (False, True)
    assert all(limits.threads for limits in (*asks, repeats))


def test_neither_the_limits_nor_the_module_load_a_heavy_library() -> None:
    program = (
        "import sys; from scheduler.publishers import x; from scheduler.model import Account\n"
        "x.limits(Account('a', 'x'))\n"
        "print(sorted({'requests', 'tweepy', 'httpx', 'pydantic', 'urllib3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_connecting_makes_no_call(here: Bench) -> None:
    here.publisher()
    assert here.proxy.seen == []


@pytest.mark.parametrize("missing", x.SECRETS)
def test_a_missing_secret_is_said_by_every_verb(here: Bench, missing: str) -> None:
    made = prepared(here)
    here.secret.keep(missing, "")
    publisher = here.publisher()
    mend = f"The account ours is not connected: {missing} is missing. Run `campaign login ours`."
    assert publisher.check().problem == mend
    assert failure(lambda: publisher.prepare(message(), (), KEY)).text == mend
    assert isinstance(failure(lambda: publisher.publish(made)), Disconnected)
    assert isinstance(failure(lambda: publisher.find(made)), Disconnected)
    assert here.sent() == []


# prepare


def test_pictures_are_uploaded_with_their_alt_texts(here: Bench) -> None:
    made = prepared(here, TEXT, "A lantern", "", "“Two” & é")
    assert [here.server.uploads[one].alt for one in made["media_ids"]] == ["A lantern", "", "“Two” & é"]
    assert here.server.posts == []


def test_who_the_account_is_is_asked_once_for_each_login(here: Bench) -> None:
    publisher = here.publisher()
    publisher.prepare(message(), (), KEY)
    publisher.prepare(message(), (), KEY)
    assert here.server.requests == ["GET /2/users/me"]
    here.log_in_as_another()
    made = publisher.prepare(message(), (), KEY)
    assert (made["user"], made["username"]) == ("1700000000000000077", "NewLantern")
    assert publisher.publish(made).url.startswith("https://x.com/NewLantern/status/")
    assert publisher.find(made) == publisher.publish(publisher.prepare(message(), (), KEY, earlier=made))
    assert here.server.requests.count("GET /2/users/me") == 2


def test_what_was_prepared_under_another_login_is_not_sent_under_this_one(here: Bench) -> None:
    publisher = here.publisher()
    made = publisher.prepare(message(), (), KEY)
    here.log_in_as_another()
    for _ in range(2):
        error = failure(lambda: publisher.publish(made))
        assert isinstance(error, Unavailable)
        assert error.text == "The login changed after this was prepared; it is prepared again."
        assert publisher.check().problem == ""  # which asks who the account is now
    assert here.sent() == []
    publisher.publish(publisher.prepare(message(), (), KEY, earlier=made))
    assert here.server.public() == [(TEXT, ())]


def test_a_new_login_of_the_same_account_goes_on(here: Bench) -> None:
    publisher = here.publisher()
    publisher.publish(publisher.prepare(message("Another."), (), KEY))
    here.server.access_token = "42-anothertoken"  # noqa: S105
    here.secret.held = dict(here.server.secrets)
    made = publisher.prepare(message(), (), KEY)
    assert publisher.find(made) == NotThere()
    assert publisher.publish(made).url.startswith(PROFILE)


def test_nothing_of_another_login_guards_a_repeat(here: Bench) -> None:
    publisher = here.publisher()
    first = publisher.prepare(message(TEXT, "A lantern"), (PNG,), KEY)
    here.log_in_as_another()
    old = {**first, "since": "2026-01-01T00:00:00Z", "before": ["Other words."]}
    again = publisher.prepare(message(TEXT, "A lantern"), (PNG,), KEY, earlier=old)
    assert again["media_ids"] != first["media_ids"]
    assert (again["repeat"], again["before"]) == (False, [])
    assert again["since"] >= first["since"]


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_the_time_from_which_is_read_is_by_the_clock_of_x(here: Bench, hours: int) -> None:
    publisher = here.publisher(lambda: datetime.now(UTC) + timedelta(hours=hours))
    since = datetime.fromisoformat(publisher.prepare(message(), (), KEY)["since"])
    assert timedelta(seconds=58) <= datetime.now(UTC) - since <= timedelta(seconds=65)


def test_a_clock_that_is_set_meanwhile_does_not_move_it(here: Bench) -> None:
    """The answer was lost, and the account is read from then on: a text-only post asks X nothing before."""
    ahead = [timedelta(0)]
    publisher = here.publisher(lambda: datetime.now(UTC) + ahead[0])
    publisher.prepare(message("The day before's."), (), KEY)
    for ahead[0] in (timedelta(seconds=100), timedelta(hours=-3), timedelta(days=3)):
        since = datetime.fromisoformat(publisher.prepare(message(), (), KEY)["since"])
        assert timedelta(seconds=58) <= datetime.now(UTC) - since <= timedelta(seconds=65)


def test_a_repeat_is_the_same_to_the_byte(here: Bench) -> None:
    first = prepared(here, TEXT, "A lantern")
    second = prepared(here, TEXT, "A lantern", earlier=first)
    for made in (first, second):
        with contextlib.suppress(PublishError):
            here.publisher().publish(made)
    assert len(set(here.sent())) == 1
    assert (second["since"], second["media_ids"], second["uploaded"]) == (
        first["since"],
        first["media_ids"],
        first["uploaded"],
    )
    assert (first["repeat"], second["repeat"]) == (False, True)


@pytest.mark.parametrize(("hours", "again"), [(19, False), (21, True)])
def test_uploads_are_used_again_for_20_hours(here: Bench, hours: int, again: bool) -> None:  # noqa: FBT001
    first = prepared(here, TEXT, "A lantern")
    old = datetime.fromisoformat(first["uploaded"]) - timedelta(hours=hours)
    second = prepared(here, TEXT, "A lantern", earlier={**first, "uploaded": old.isoformat()})
    assert (second["media_ids"] != first["media_ids"]) is again


def test_uploads_that_x_has_lost_are_made_anew_for_the_third_try(here: Bench) -> None:
    first = prepared(here, TEXT, "A lantern")
    here.server.uploads.clear()
    second = prepared(here, TEXT, "A lantern", earlier=first)
    assert second["media_ids"] == first["media_ids"]
    assert isinstance(failure(lambda: here.publisher().publish(second)), Unconfirmed)
    assert here.publisher().find(second) == NotThere()
    third = prepared(here, TEXT, "A lantern", earlier=second)
    here.publisher().publish(third)
    assert here.server.public() == [(TEXT, ("A lantern",))]
    assert prepared(here, TEXT, "A lantern", earlier=third)["media_ids"] == third["media_ids"]


def test_other_pictures_are_uploaded_anew_and_the_earlier_text_is_kept(here: Bench) -> None:
    first = prepared(here, "The first text.", "A lantern")
    second = prepared(here, "The second text.", "Another alt text", earlier=first)
    third = prepared(here, "The third text.", "Another alt text", earlier=second)
    assert second["media_ids"] != first["media_ids"]
    assert third["media_ids"] == second["media_ids"]
    assert third["before"] == ["The first text.", "The second text."]
    assert third["since"] == first["since"]


@pytest.mark.parametrize(
    "last",
    [
        "1990000000000000007",
        "https://x.com/LanternProject/status/1990000000000000007",
        "https://x.com/i/1990000000000000007/?s=20",
    ],
)
def test_a_thread_is_answered_by_id_or_address(here: Bench, last: str) -> None:
    assert prepared(here, "Part two.", thread=("1990000000000000001", last))["reply_to"] == "1990000000000000007"


def test_a_part_whose_address_is_not_known_cannot_be_answered(here: Bench) -> None:
    error = failure(lambda: prepared(here, "Part two.", thread=(PROFILE,)))
    assert isinstance(error, Rejected)
    assert PROFILE in error.text


@pytest.mark.parametrize("how", [*FORWARDED, *KEPT_FROM_IT])
@pytest.mark.parametrize("on", ["GET /2/users/me", "POST /2/media/upload", "POST /2/media/metadata"])
def test_whatever_breaks_while_preparing_nothing_is_out_and_it_can_be_tried_again(
    here: Bench, on: str, how: str
) -> None:
    here.proxy.plan(Fault(how, on=on))
    try:
        prepared(here, TEXT, "A lantern")
    except PublishError as error:
        assert isinstance(error, RateLimited if how.startswith("429") else Unavailable), error  # noqa: PT017
    else:
        assert how == "garbage-limits"
    assert here.server.posts == []


# publish


def test_one_request_makes_it_public(here: Bench) -> None:
    made = prepared(here, TEXT, "A lantern")
    before = len(here.proxy.seen)
    published = here.publisher().publish(made)
    assert published == Published("1990000000000000002", f"{PROFILE}/status/1990000000000000002")
    assert [f"{s.method} {s.path}" for s in here.proxy.seen[before:]] == ["POST /2/tweets"]
    assert json.loads(here.sent()[0]) == {"text": TEXT, "media": {"media_ids": made["media_ids"]}}
    assert here.server.public() == [(TEXT, ("A lantern",))]


def test_each_request_has_a_connection_of_its_own(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    accept = here.proxy._server.process_request

    def counted(request: object, place: object) -> None:
        opened.append(place)
        accept(request, place)

    monkeypatch.setattr(here.proxy._server, "process_request", counted)
    publisher = here.publisher()
    publisher.publish(publisher.prepare(message(TEXT, "A lantern"), (PNG,), KEY))
    assert len(opened) == len(here.proxy.seen) == 4


def test_a_thread_hangs_together(here: Bench) -> None:
    first = here.publisher().publish(prepared(here, "Part one."))
    second = here.publisher().publish(prepared(here, "Part two.", thread=(first.id,)))
    made = prepared(here, "Part three.", thread=(first.id, second.url))
    third = here.publisher().publish(made)
    assert [post.reply_to for post in here.server.posts] == ["", first.id, second.id]
    assert here.publisher().find(made) == third


SAYS = {
    "broken-json": Published,  # its id stands in the half that came
    "garbage-limits": Published,
    "429-garbage": RateLimited,
}


@pytest.mark.parametrize("how", [*FORWARDED, *KEPT_FROM_IT])
def test_no_fault_makes_two_or_lies(here: Bench, how: str) -> None:
    made = prepared(here, TEXT, "A lantern")
    here.proxy.plan(Fault(how, on=PUBLISH))
    said: object
    try:
        said = here.publisher().publish(made)
    except PublishError as error:
        said = error
    assert isinstance(said, SAYS.get(how, Unconfirmed)), said
    found = here.publisher().find(made)
    assert isinstance(found, Published if how in FORWARDED else NotThere)
    assert not isinstance(said, Published) or said == found
    assert len(here.sent()) == 1
    assert len(here.server.posts) == (1 if how in FORWARDED else 0)


def test_garbage_in_the_limits_of_a_success_is_no_failure(here: Bench) -> None:
    here.proxy.plan(Fault("garbage-limits", on=PUBLISH))
    assert here.publisher().publish(prepared(here)).wait_until is None


def test_nothing_left_after_a_success_says_until_when(here: Bench) -> None:
    here.server.remaining = 0
    until = here.publisher().publish(prepared(here)).wait_until
    assert until
    assert timedelta(minutes=14) < until - datetime.now(UTC) <= timedelta(minutes=15)


def test_a_connection_that_never_stood_is_surely_not_sent(here: Bench) -> None:
    made = prepared(here)
    here.proxy.close()
    assert isinstance(failure(lambda: here.publisher().publish(made)), Unavailable)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"errors": null}',
        '{"errors": [null]}',
        '{"errors": {}}',
        '{"detail": 5}',
        "<html>No",
        "7",
    ],
)
def test_a_refusal_that_is_not_in_the_words_of_x_proves_nothing(here: Bench, status: int, body: str) -> None:
    made = prepared(here)
    here.says(status, body)
    assert isinstance(failure(lambda: here.publisher().publish(made)), Unconfirmed)
    assert isinstance(here.publisher().find(made), Published)


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize(
    "body", ["", "null", "[]", '{"data": null}', '{"data": {"id": 5}}', '{"data": {"id": "19', "<html>"]
)
def test_a_success_without_an_id_is_unclear(here: Bench, status: int, body: str) -> None:
    made = prepared(here)
    here.says(status, body)
    assert isinstance(failure(lambda: here.publisher().publish(made)), Unconfirmed)


def test_an_id_inside_the_text_is_not_taken_for_the_posts(here: Bench) -> None:
    made = prepared(here)
    here.says(201, '{"data":{"text":"{\\"data\\": \\"id\\":\\"77\\"","edit_history_post_ids":["12"]')
    assert isinstance(failure(lambda: here.publisher().publish(made)), Unconfirmed)


FORBIDDEN = "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
INVALID = {
    "errors": [{"parameters": {"text": ["a"]}, "message": "Your text is\nnot “good”"}],
    "title": "Invalid Request",
    "detail": "One or more parameters to your request was invalid.",
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"title": "Unauthorized", "status": 401}, Disconnected, "run `campaign login ours` again"),
        (
            401,
            {"errors": [{"code": 89, "message": "Invalid or expired token."}]},
            Disconnected,
            "does not accept the keys",
        ),
        (402, {"title": "CreditsDepleted", "detail": "No credits."}, Disconnected, "has no credit left"),
        (403, {"title": "Forbidden", "detail": FORBIDDEN}, Disconnected, "may only read"),
        (403, {"title": "Forbidden", "detail": "User has been suspended."}, Disconnected, "User has been suspended."),
        (403, {"errors": [{"code": 326, "message": "This account is temporarily locked."}]}, Disconnected, "locked."),
        (403, {"title": "Client Forbidden", "reason": "client-not-enrolled"}, Disconnected, "mend it there"),
        (403, {"title": "Forbidden", "detail": "The text is spam"}, Rejected, "X refused the post: The text is spam."),
        (400, INVALID, Rejected, "X refused the post: Your text is not “good”."),
        (404, {"title": "Not Found"}, Rejected, "Not Found."),
        (409, {"title": "Conflict"}, Unconfirmed, "(409)"),
        (429, {"title": "Too Many Requests"}, RateLimited, "asks to wait"),
        (429, CAPPED, Disconnected, "The month's cap"),
        (429, {**CAPPED, "period": "Daily"}, RateLimited, "asks to wait"),
        (503, {"title": "Service Unavailable"}, Unconfirmed, "(503)"),
        (500, DUPLICATE, Unconfirmed, "(500)"),
    ],
)
def test_the_error_table(here: Bench, status: int, body: object, kind: type[PublishError], words: str) -> None:
    made = prepared(here)
    here.says(status, body)
    error = failure(lambda: here.publisher().publish(made))
    assert type(error) is kind
    assert words in error.text
    assert error.detail.startswith(f"{status} ")
    assert len(error.detail) <= 310


def test_the_moods_of_the_server_are_told_apart(here: Bench) -> None:
    made = prepared(here)
    for mood, words in (
        ("no_credit", "no credit left"),
        ("suspended", "suspended"),
        ("revoked", "campaign login ours"),
    ):
        setattr(here.server, mood, True)
        error = failure(lambda: here.publisher().publish(made))
        assert isinstance(error, Disconnected)
        assert words in error.text
        setattr(here.server, mood, False)
    assert here.server.posts == []


def test_half_a_key_of_an_echo_is_in_no_log(here: Bench) -> None:
    made = prepared(here)
    for hidden in here.server.secrets.values():
        here.says(502, f"<html>The request was: {'.' * 257}{hidden}")
        assert hidden[:8] not in failure(lambda: here.publisher().publish(made)).detail
        here.says(403, {"title": "Forbidden", "detail": f"{'.' * 280}{hidden}"})
        error = failure(lambda: here.publisher().publish(made))
        assert hidden[:8] not in error.text + error.detail


# Rate limits


def test_the_wait_that_x_asks_for_is_kept(here: Bench) -> None:
    made = prepared(here)
    here.server.limited(time.time() + 600)
    error = failure(lambda: here.publisher().publish(made))
    assert isinstance(error, RateLimited)
    assert error.retry_at
    assert timedelta(minutes=9) < error.retry_at - datetime.now(UTC) <= timedelta(minutes=10, seconds=1)


def test_the_wait_is_by_our_own_clock_where_the_clocks_differ(here: Bench) -> None:
    made = prepared(here)
    here.server.limited(time.time() + 600)
    slow = datetime.now(UTC) - timedelta(hours=5)
    error = failure(lambda: here.publisher(lambda: slow).publish(made))
    assert isinstance(error, RateLimited)
    assert error.retry_at
    assert timedelta(minutes=9) < error.retry_at - slow <= timedelta(minutes=10, seconds=2)


@pytest.mark.parametrize("reset", ["soon", "", "-5", "1e9", "٣", "0", "1000000000", "99999999999999999999", "1.5"])
def test_a_senseless_reset_is_none(here: Bench, reset: str) -> None:
    made = prepared(here)
    here.proxy.plan(Fault("429-bare", on=PUBLISH))
    from scheduler.publishers.x.talk import Answer, refused  # noqa: PLC0415

    answer = Answer(429, {"x-rate-limit-reset": reset, "x-rate-limit-remaining": "0"}, b'{"title": "Too Many"}')
    error = refused(answer, "ours", datetime.now(UTC))
    assert isinstance(error, RateLimited)
    assert error.retry_at is None
    assert made


def test_a_wait_is_never_longer_than_a_day_and_the_limit_that_is_used_up_counts() -> None:
    from scheduler.publishers.x.talk import Answer, reset  # noqa: PLC0415

    now = datetime(2027, 1, 9, 15, tzinfo=UTC)
    soon, later = int(now.timestamp()) + 60, int(now.timestamp()) + 7200
    headers = {"x-rate-limit-remaining": "8", "x-rate-limit-reset": str(soon)}
    user = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": str(later)}
    assert reset(Answer(429, headers, b""), now) == now + timedelta(seconds=60)
    assert reset(Answer(429, {**headers, **user}, b""), now) == now + timedelta(hours=2)
    assert reset(Answer(201, headers, b""), now) is None
    assert reset(Answer(201, {**headers, **user}, b""), now) == now + timedelta(hours=2)
    assert reset(Answer(429, {"x-rate-limit-reset": str(later + 10**6)}, b""), now) == now + timedelta(hours=24)


# The duplicate refusal


def test_a_text_that_x_has_already_is_unclear_at_the_first_try(here: Bench) -> None:
    here.server.put(TEXT)
    error = failure(lambda: here.publisher().publish(prepared(here)))
    assert isinstance(error, Unconfirmed)
    assert error.text == "X says that the account has this text already."


def test_on_a_repeat_the_duplicate_refusal_proves_the_first_try(here: Bench) -> None:
    first = lost(here)
    again = prepared(here, earlier=first)
    published = here.publisher().publish(again)
    assert published == here.publisher().find(first)
    assert published.id == here.server.posts[0].id
    assert len(here.server.posts) == 1


def test_on_a_repeat_that_is_not_seen_yet_the_profile_is_its_address(here: Bench) -> None:
    here.server.delay_timeline(reads=9)
    first = lost(here)
    assert here.publisher().find(first) == NotThere()
    assert here.publisher(unclear="repeat").publish(prepared(here, earlier=first)) == Published("", PROFILE)
    assert len(here.server.posts) == 1


def test_where_a_person_is_asked_a_refusal_without_the_post_proves_nothing(here: Bench) -> None:
    here.server.delay_timeline(reads=9)
    again = prepared(here, earlier=lost(here))
    error = failure(lambda: here.publisher(unclear="ask").publish(again))
    assert isinstance(error, Unconfirmed)
    assert error.text == "X says that the account has this text already."


@pytest.mark.parametrize("how", ["drop", "500", "html", "429-garbage", "null"])
@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=3)])
def test_a_timeline_that_cannot_be_read_makes_no_proof_of_the_refusal(here: Bench, how: str, ago: timedelta) -> None:
    """The words may be a person's, who posted them before a first try that X refused."""
    again = prepared(here, earlier=prepared(here))
    here.server.put(TEXT, ago=ago)
    here.proxy.plan(Fault(how, on="GET .*/tweets", times=9))
    assert isinstance(failure(lambda: here.publisher(unclear="repeat").publish(again)), Unconfirmed)


def test_a_part_of_the_timeline_makes_no_proof_of_the_refusal(here: Bench) -> None:
    again = prepared(here, earlier=prepared(here))
    here.server.put(TEXT, ago=timedelta(hours=3))
    part = {"meta": {"result_count": 0}, "errors": [{"title": "Not all posts", "detail": "Partial."}]}
    here.says(200, part, at="/2/users/1700000000000000042/tweets")
    assert isinstance(failure(lambda: here.publisher(unclear="repeat").publish(again)), Unconfirmed)


def test_words_with_other_pictures_are_never_taken_for_an_earlier_try(here: Bench) -> None:
    again = prepared(here, TEXT, "A lantern", earlier=prepared(here, TEXT, "A lantern"))
    publisher = here.publisher(unclear="repeat")
    old = here.server.put(TEXT, ago=timedelta(hours=3))
    error = failure(lambda: publisher.publish(again))
    assert isinstance(error, Rejected)
    assert error.text.endswith(f"It is an older post ({PROFILE}/status/{old.id}).")
    here.server.put(TEXT)
    assert isinstance(failure(lambda: publisher.publish(again)), Unconfirmed)


def test_a_text_that_is_older_than_the_first_try_is_not_ours(here: Bench) -> None:
    old = here.server.put(TEXT, ago=timedelta(hours=3))
    made = prepared(here)
    assert isinstance(failure(lambda: here.publisher().publish(made)), Unconfirmed)
    assert here.publisher().find(made) == NotThere()
    error = failure(lambda: here.publisher().publish(prepared(here, earlier=made)))
    assert isinstance(error, Rejected)
    assert f"{PROFILE}/status/{old.id}" in error.text


def test_uploads_that_the_first_try_used_guard_the_repeat_where_x_misses_the_duplicate(here: Bench) -> None:
    here.server.duplicates = False
    first = lost(here, TEXT, "A lantern")
    published = here.publisher().publish(prepared(here, TEXT, "A lantern", earlier=first))
    assert published.id == here.server.posts[0].id
    here.server.delay_timeline(reads=9)
    second = lost(here, "Another text.", "A lantern")
    error = failure(lambda: here.publisher().publish(prepared(here, "Another text.", "A lantern", earlier=second)))
    assert isinstance(error, Unconfirmed)
    assert len(here.server.posts) == 2


def test_other_words_are_not_sent_beside_the_first(here: Bench) -> None:
    """The timeline was late, the draft was changed meanwhile, and X refuses the same words only."""
    here.server.delay_timeline(reads=2)
    first = lost(here, "The text with a mistaek.")
    assert [here.publisher().find(first) for _ in range(2)] == [NotThere()] * 2
    error = failure(lambda: prepared(here, "The text without it.", earlier=first))
    assert isinstance(error, Unconfirmed)
    assert error.text == f"An earlier wording is out ({PROFILE}/status/{here.server.posts[0].id})."
    assert len(here.server.posts) == 1


def test_other_words_wait_while_it_is_not_known_whether_the_first_are_out(here: Bench) -> None:
    first = prepared(here, "The first text.", "A lantern")
    post = here.server.put("The first text.")
    error = failure(lambda: prepared(here, "The second text.", "A lantern", earlier=first))
    assert isinstance(error, Unconfirmed)
    assert error.text.startswith(f"An earlier wording may be out. A post with this text is there ({PROFILE}")
    here.server.posts.remove(post)
    for how, kind in (("500", Unavailable), ("429-garbage", RateLimited)):
        here.proxy.plan(Fault(how, on="GET .*/tweets"))
        assert isinstance(failure(lambda: prepared(here, "The second text.", earlier=first)), kind)
    assert prepared(here, "The second text.", earlier=first)["before"] == ["The first text."]


def test_the_modes_of_the_fault_suites_are_there() -> None:
    assert set(MODES) == {"duplicate refusal", "delayed timeline", "no duplicate detection"}


# find


def test_what_was_sent_under_another_login_is_for_a_person(here: Bench) -> None:
    publisher = here.publisher()
    made = publisher.prepare(message(), (), KEY)
    here.log_in_as_another()
    for one in (publisher, here.publisher()):
        found = one.find(made)
        assert found == CannotTell("it was sent as @LanternProject, and the login is now @NewLantern's.")


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Only words.",
        "  White space at the ends,  twice inside  and \r\n in lines \n\n",
        "Signs: & < > &amp; &lt;b&gt; \" ' é e\u0301 ﬁ",
        "Emoji 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and 故人西辞黄鹤楼。",
        "Bare example.com/path, then https://example.org. (https://example.org/a_(b)) https://t.co/abc",
        "https://a.example.com https://a.example.com https://b.example.com/?x=1&y=2#z",
        "Numbers 1-888-373-7888, $5 and 100 % @polaris #EndTrafficking",
    ],
)
@pytest.mark.parametrize("alts", [(), ("A lantern",), ("1", "2", "3", "4")])
def test_a_lost_answer_is_settled_by_reading_back(here: Bench, text: str, alts: tuple[str, ...]) -> None:
    made = lost(here, text, *alts)
    post = here.server.posts[0]
    assert here.publisher().find(made) == Published(post.id, f"{PROFILE}/status/{post.id}")


@pytest.mark.parametrize("other", ["272 cases in Kansas", TEXT.replace("help", "kelp"), f"RT @LanternProject: {TEXT}"])
def test_another_post_is_not_ours(here: Bench, other: str) -> None:
    made = prepared(here)
    here.server.put(other)
    assert here.publisher().find(made) == NotThere()


def test_an_older_post_with_the_same_text_is_not_ours(here: Bench) -> None:
    here.server.put(TEXT, ago=timedelta(minutes=5))
    assert here.publisher().find(prepared(here)) == NotThere()


def test_all_pages_are_read(here: Bench) -> None:
    made = lost(here)
    for number in range(7):
        here.server.put(f"Another post, number {number}.")
    here.server.page = 2
    assert isinstance(here.publisher().find(made), Published)
    assert here.server.requests.count("GET /2/users/1700000000000000042/tweets") == 4


def test_the_same_text_with_other_pictures_is_for_a_person(here: Bench) -> None:
    made = prepared(here, TEXT, "A lantern")
    post = here.server.put(TEXT)
    found = here.publisher().find(made)
    assert isinstance(found, CannotTell)
    url = f"{PROFILE}/status/{post.id}"
    assert found.reason == f"A post with this text is there ({url}), but not with the same pictures."


def test_our_pictures_under_another_text_are_for_a_person(here: Bench) -> None:
    made = prepared(here, TEXT, "A lantern")
    here.server.put("A text that X, or somebody, changed.", media=tuple(made["media_ids"]))
    found = here.publisher().find(made)
    assert isinstance(found, CannotTell)
    assert found.reason.startswith("A post with these pictures is there (https://x.com/")


def test_an_earlier_text_that_is_out_is_for_a_person(here: Bench) -> None:
    here.server.delay_timeline(reads=1)
    first = lost(here, "The text with a mistaek.")
    second = prepared(here, "The text without a mistake.", earlier=first)
    found = here.publisher().find(second)
    assert isinstance(found, CannotTell)
    assert found.reason.startswith("An earlier text of this post is there (https://x.com/")


def test_fields_are_asked_for_by_the_name_that_x_knows(here: Bench) -> None:
    made = lost(here)
    here.server.fields = ("post.fields",)
    publisher = here.publisher()
    assert isinstance(publisher.find(made), Published)
    assert isinstance(publisher.find(made), Published)
    assert here.server.requests.count("GET /2/users/1700000000000000042/tweets") == 3


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, "null", Unavailable),
        (200, "[]", Unavailable),
        (200, "<html>", Unavailable),
        (200, '{"data": []}', Unavailable),
        (500, {"title": "Internal"}, Unavailable),
        (401, {"title": "Unauthorized"}, Disconnected),
        (402, {"title": "CreditsDepleted"}, Disconnected),
        (429, {"title": "Too Many Requests"}, RateLimited),
        (429, "", RateLimited),
    ],
)
def test_a_timeline_that_fails_proves_nothing(here: Bench, status: int, body: object, kind: type[PublishError]) -> None:
    made = prepared(here)
    here.says(status, body, at="/2/users/1700000000000000042/tweets")
    assert type(failure(lambda: here.publisher().find(made))) is kind


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"title": "Not Found Error", "detail": "Could not find user."}),
        (200, {"meta": {"result_count": 2}, "data": [{"id": "1", "text": "a"}]}),
        (200, {"meta": {"result_count": 1}, "data": [{"id": None, "text": "a"}]}),
        (200, {"meta": {"result_count": 0}, "errors": [{"title": "Not all posts", "detail": "Partial."}]}),
    ],
)
def test_a_timeline_that_is_not_whole_cannot_tell(here: Bench, status: int, body: object) -> None:
    made = prepared(here)
    here.says(status, body, at="/2/users/1700000000000000042/tweets")
    found = here.publisher().find(made)
    assert isinstance(found, CannotTell)
    assert found.reason.endswith(".")


def like(text: str, shown: str, *links: dict[str, str], **more: Any) -> bool | str:  # noqa: ANN401
    wanted = {"text": text, "username": "LanternProject", "media_ids": (), "reply_to": more.pop("reply_to", "")}
    post = {"id": "19", "text": shown, "entities": {"urls": list(links)}, **more}
    return x_text.likeness(post, {**wanted, "media_ids": more.pop("wanted", ())})


def test_links_are_compared_by_where_they_lead() -> None:
    short = {"url": "https://t.co/ab12", "expanded_url": "https://polaris.example/help/"}
    assert like("See https://polaris.example/help.", "See https://t.co/ab12.", short) is True
    assert like("See polaris.example/help", "See https://t.co/ab12", short) is True
    assert like("See https://t.co/ab12", "See https://t.co/ab12", short) is True
    assert like("See https://polaris.example/other", "See https://t.co/ab12", short) is False
    moved = {"url": "https://t.co/ab12", "expanded_url": "https://b.it/1", "unwound_url": "https://polaris.example/x"}
    assert like("See https://polaris.example/x", "See https://t.co/ab12", moved) is True


def test_a_link_that_x_does_not_explain_is_for_a_person() -> None:
    assert like("See https://polaris.example", "See https://t.co/ab12") == x_text.LINK_UNKNOWN
    assert like("See nothing at all", "See https://t.co/ab12 at most") is False


def test_only_the_posts_own_picture_is_dropped() -> None:
    ours = {"url": "https://t.co/p", "expanded_url": "https://x.com/LanternProject/status/19/photo/1"}
    others = {"url": "https://t.co/p", "expanded_url": "https://x.com/someone/status/20/photo/1"}
    assert like("Look", "Look https://t.co/p", ours, wanted=("7",)) is True
    assert like("Look", "Look https://t.co/p", ours) == x_text.OTHER_PICTURES
    assert like("Look", "Look https://t.co/p", others) is False
    assert like("Look https://x.com/someone/status/20/photo/1", "Look https://t.co/p", others) is True


def test_an_answer_may_begin_with_our_own_name() -> None:
    assert like("Part two.", "@lanternproject Part two.", reply_to="18") is True
    assert like("Part two.", "@LanternProject Part two.") is False


@pytest.mark.parametrize(
    "odd", [{"entities": None}, {"entities": []}, {"entities": {"urls": [None, {}, {"url": 5}]}}, {"attachments": 5}]
)
def test_an_odd_post_is_read_without_an_error(odd: dict[str, object]) -> None:
    assert x_text.likeness({"id": "19", "text": "Look", **odd}, {"text": "Look", "media_ids": []}) is True


# check


def test_check_says_who_and_that_it_can_write(here: Bench) -> None:
    health = here.publisher().check()
    assert (health.who, health.rights, health.problem, health.warnings) == (
        "@LanternProject",
        ("read", "write"),
        "",
        (),
    )
    assert here.server.requests == ["GET /2/users/me"]


def test_keys_that_may_only_read_are_a_problem_before_the_month_begins(here: Bench) -> None:
    here.server.access = "read"
    health = here.publisher().check()
    assert health.rights == ("read",)
    assert health.problem.startswith("The X app of the account ours may only read. Set it to “Read and write”")


def test_a_server_that_does_not_tell_the_rights_is_no_problem(here: Bench) -> None:
    here.server.access = ""
    assert here.publisher().check().problem == ""


def test_a_protected_account_is_warned_of(here: Bench) -> None:
    here.server.protected = True
    assert here.publisher().check().warnings == (
        "The posts of @LanternProject are protected: only its followers see them.",
    )


@pytest.mark.parametrize(
    ("mood", "words"), [("revoked", "Run"), ("no_credit", "Add credit in X's developer console."), ("", "could not be")]
)
def test_check_never_raises(here: Bench, mood: str, words: str) -> None:
    if mood:
        setattr(here.server, mood, True)
    else:
        here.proxy.close()
    problem = here.publisher().check().problem
    assert words.lower() in problem.lower()
    assert problem.endswith(".")


# Redaction


def test_no_secret_and_no_signature_is_in_anything_that_is_raised(here: Bench) -> None:
    made = prepared(here, TEXT, "A lantern")
    told = [repr(here.publisher()), str(vars(here.publisher())), json.dumps(made)]
    faults = [
        Fault(how, on="/2/", times=99) for how in (*FORWARDED, *KEPT_FROM_IT) if how not in ("hang", "hang-before")
    ]
    verbs: tuple[Callable[[], object], ...] = (
        lambda: here.publisher().publish(made),
        lambda: here.publisher().find(made),
        lambda: here.publisher().prepare(message(), (), KEY),
        lambda: here.publisher().check(),
    )
    for fault in faults:
        here.proxy.plan(fault)
        for verb in verbs:
            try:
                told.append(repr(verb()))
            except PublishError as error:
                told += [str(error), repr(error), error.text, error.detail, *traceback.format_exception(error)]
    hidden = [*here.server.secrets.values(), *(s for s in here.server.signatures if s)]
    assert len(hidden) > 50
    assert [one for one in hidden if any(one in text for text in told)] == []


# Signing in


class Someone:
    """Sits at the terminal: knows the app's keys, opens the address, and types what is asked."""

    def __init__(self, bench: Bench, *, pin: str = "", secret: str = "") -> None:
        self.bench = bench
        self.pin = pin
        self.secret = secret or bench.server.consumer_secret
        self.told: list[str] = []
        self.hidden: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        if hidden:
            self.hidden.append(question)
        if "PIN" in question:
            return self.pin or self._page()
        return self.secret if "secret" in question else self.bench.server.consumer_key

    def _page(self) -> str:
        address = next(line for text in self.told for line in text.splitlines() if line.startswith("http"))
        page = requests.get(address, timeout=5)
        found = re.search(r"<code>(\d+)</code>", page.text)
        assert found
        return f"{found[1][:3]} {found[1][3:]}"


def test_a_pin_brings_the_four_secrets(here: Bench) -> None:
    person = Someone(here)
    assert x.login(here.account(), person) == here.server.secrets
    assert person.hidden == ["API key secret (consumer secret):"]
    assert person.told[-1] == "X knows the account as @LanternProject."
    assert here.server.consumer_secret not in "".join(person.told)
    here.secret = Kept(**x.login(here.account(), Someone(here)))
    assert here.publisher().check().problem == ""


def test_the_page_to_open_is_that_of_x(here: Bench) -> None:
    from scheduler.publishers.x.signin import _at  # noqa: PLC0415

    assert _at(f"{OWN}/oauth/authorize?oauth_token=a", OWN) == f"{OWN}/oauth/authorize?oauth_token=a"
    assert (
        _at(f"{OWN}/oauth/authorize?oauth_token=a", here.proxy.url) == f"{here.proxy.url}/oauth/authorize?oauth_token=a"
    )


def test_a_wrong_pin_is_said_plainly(here: Bench) -> None:
    error = failure(lambda: x.login(here.account(), Someone(here, pin="1234567")))
    assert isinstance(error, Rejected)
    assert error.text.startswith(
        "X does not accept that PIN: it is mistyped, used or too old. Run `campaign login ours`"
    )


def test_wrong_keys_of_the_app_are_said_plainly(here: Bench) -> None:
    error = failure(lambda: x.login(here.account(), Someone(here, secret="not-the-secret")))  # noqa: S106
    assert isinstance(error, Disconnected)
    assert error.text.startswith("X does not accept the app's API key and secret.")


@pytest.mark.parametrize("on", ["request_token", "access_token"])
@pytest.mark.parametrize("how", ["drop", "lost", "500", "html", "null", "redirect", "hang", "half"])
def test_signing_in_through_a_broken_line_can_be_tried_again(here: Bench, on: str, how: str) -> None:
    here.proxy.plan(Fault(how, on=on))
    person = Someone(here)
    error = failure(lambda: x.login(here.account(), person))
    assert isinstance(error, Unavailable)
    told = "".join([str(error), error.detail, *traceback.format_exception(error), *person.told])
    assert not [one for one in here.server.secrets.values() if one in told]


# The wire


def test_a_proxy_of_the_system_is_not_asked_for_this_machine(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert here.publisher().check().problem == ""


def test_a_proxy_that_is_not_there_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with _wire.mounted(requests.Session(), _wire.Wire()) as session, pytest.raises(requests.RequestException) as caught:
        session.post("https://nowhere.invalid/")
    assert _wire.never_left(caught.value)


def test_no_login_is_taken_from_a_netrc_file(here: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with _wire.mounted(requests.Session(), _wire.Wire()) as session:
        session.get(f"{here.proxy.url}/2/users/me")
    assert "authorization" not in here.proxy.seen[0].headers


# The server of these tests is strict


def test_the_server_refuses_what_x_refuses(here: Bench) -> None:
    made = prepared(here, TEXT, "1")
    publisher = here.publisher()
    for wrong, words in (
        ({"text": "界" * 141}, "it counts 282"),
        ({"text": ""}, "it counts 0"),
        ({"media_ids": ["123"]}, "media IDs are invalid"),
        ({"media_ids": [*made["media_ids"], "1", "2", "3", "4"]}, "media IDs are invalid"),
        ({"reply_to": "123"}, "deleted or not visible"),
    ):
        error = failure(lambda wrong=wrong: publisher.publish({**made, **wrong}))  # type: ignore[misc]
        assert isinstance(error, Rejected)
        assert words in error.text
    publisher.publish(made)
    assert "media IDs" in failure(lambda: publisher.publish({**made, "text": "Another."})).text
    assert len(here.server.posts) == 1


def test_the_server_checks_signatures_and_shapes(here: Bench) -> None:
    here.secret.keep("access_token_secret", "wrong")
    assert "does not accept the keys" in here.publisher().check().problem
    assert requests.post(f"{here.server.url}/2/tweets", json={"text": "a"}, timeout=5).status_code == 401
    here.secret.keep("access_token_secret", here.server.access_token_secret)
    from scheduler.publishers.x import talk  # noqa: PLC0415

    def send(body: dict[str, object]) -> object:
        return talk.ask(
            here.server.secrets,
            here.server.url,
            lambda client: client.request("POST", "/2/tweets", json=body, user_auth=True),
        )

    send({"text": "a", "colour": "blue"})
    send({"text": "b", "media": {"ids": []}})
    assert "CreatePostsRequest: unknown field colour" in here.server.violations
    assert any("media.media_ids" in one for one in here.server.violations)
    here.server.violations.clear()
