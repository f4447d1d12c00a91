"""No secret leaves a publisher: not in an error, its cause, a log, or the report of a test that failed."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.errors import PublishError, RateLimited, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Health, Published
from scheduler.publishers._careful import HIDDEN, TALKATIVE, Careful, scrubbed
from tests.fakes import NINE, Kept, message_of

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "tok-8f3a1c77e0b94d2f"  # noqa: S105  made up
OTHER = "pass/w0rd+and=more"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOmFiYyJ9.c2lnbmF0dXJlLW9mLWl0"

KEPT = Kept(access_token=TOKEN, password=OTHER)


class Leaking:
    """A publisher whose SDK shows everything in what it raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.token = TOKEN

    def _raise(self) -> Any:  # noqa: ANN401
        authorization = f"Bearer {self.token}"
        try:
            raise ConnectionError(f"POST https://net.example/?access_token={self.token} {authorization}")  # noqa: TRY301
        except ConnectionError as cause:
            raise self.error from cause

    def prepare(self, *_: object, **__: object) -> dict[str, Any]:
        return dict(self._raise())

    def publish(self, _prepared: object) -> Published:
        return Published(self._raise(), "")

    def find(self, _prepared: object) -> CannotTell:
        return CannotTell(self._raise())

    def check(self) -> Health:
        return Health(self._raise())


SECRETS = (TOKEN, OTHER, JWT)
TEXT = f"It said: token {TOKEN}, {OTHER} and {JWT}."
ERRORS = (
    Rejected(TEXT, detail=TEXT),
    RateLimited(TEXT, retry_at=NINE, detail=TEXT),
    ValueError(TEXT),
    KeyError(TEXT),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("verb", ["prepare", "publish", "find"])
def test_an_error_leaves_without_a_secret_and_without_a_cause(verb: str, error: Exception) -> None:
    publisher: Any = Careful(Leaking(error), KEPT)
    arguments: tuple[Any, ...] = (message_of(), (), "key") if verb == "prepare" else ({},)
    with pytest.raises(PublishError) as caught:
        getattr(publisher, verb)(*arguments)
    raised = caught.value
    told = "".join(traceback.format_exception(raised)) + raised.text + raised.detail + repr(raised) + str(raised.args)
    assert not [secret for secret in SECRETS if secret in told]
    assert HIDDEN in raised.text + raised.detail
    assert raised.__cause__ is None
    assert raised.__context__ is None
    if isinstance(error, PublishError):
        assert type(raised) is type(error)
    else:
        assert type(raised) is (Unconfirmed if verb == "publish" else Unavailable)


def test_the_time_to_wait_is_kept() -> None:
    with pytest.raises(RateLimited) as caught:
        Careful(Leaking(ERRORS[1]), KEPT).publish({})
    assert caught.value.retry_at == NINE


def test_check_never_raises_and_shows_no_secret() -> None:
    for error in ERRORS:
        health = Careful(Leaking(error), KEPT).check()
        assert health.problem
        assert not [secret for secret in SECRETS if secret in repr(health)]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        "GET /me?access_token=abcdef123456&x=1",
        f"session {JWT} ended",
        'OAuth oauth_consumer_key="abcdef123456", oauth_token="abcdef123456", oauth_signature="abcdef123456"',
        "client_secret=abcdef123456",
    ],
)
def test_what_looks_like_a_secret_is_hidden_even_if_it_is_not_ours(text: str) -> None:
    shown = scrubbed(text, None)
    assert "abcdef123456" not in shown
    assert JWT not in shown
    assert HIDDEN in shown


def test_plain_sentences_stay_as_they_are() -> None:
    for text in ("Too many requests.", "The token was revoked.", "In 2024 the hotline identified 272 cases.", ""):
        assert scrubbed(text, KEPT) == text


def test_the_libraries_say_nothing_below_a_warning() -> None:
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET)
    Careful(Leaking(ERRORS[0]), KEPT)
    assert [name for name in TALKATIVE if logging.getLogger(name).isEnabledFor(logging.INFO)] == []


def test_the_report_of_a_failing_test_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "test_fails.py").write_text(
        "from tests.test_careful import ERRORS, Careful, KEPT, Leaking\n\n"
        "def test_it():\n"
        "    publisher = Careful(Leaking(ERRORS[2]), KEPT)\n"
        "    publisher.publish({})\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--showlocals", "--rootdir"]
    done = subprocess.run([*command, str(tmp_path), str(tmp_path)], capture_output=True, text=True, check=False)
    assert "1 failed" in done.stdout
    assert "An unexpected error while it was sent." in done.stdout
    assert not [secret for secret in SECRETS if secret in done.stdout + done.stderr]


def test_half_a_sign_in_an_answer_never_reaches_the_database() -> None:
    class Odd(Leaking):
        def publish(self, _prepared: object) -> Published:
            return Published("1\ud83d", "https://net.example/\ud83d\0")

        def find(self, _prepared: object) -> Published:  # type: ignore[override]
            return self.publish({})

    publisher = Careful(Odd(Rejected("No \ud83d.", detail="\0\udfff")), KEPT)
    for out in (publisher.publish({}), publisher.find({})):
        assert isinstance(out, Published)
        assert (out.id.encode(), out.url.encode()) == (b"1?", b"https://net.example/?")
    with pytest.raises(Rejected) as caught:
        publisher.prepare(message_of(), (), "key")
    assert caught.value.text.encode() == b"No ?."
    assert caught.value.detail.encode() == b"?"
