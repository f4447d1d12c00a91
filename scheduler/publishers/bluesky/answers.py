"""What a Bluesky server said, as values, and what each refusal means. Nothing is sent here.

Sources: https://atproto.com/specs/xrpc (errors are JSON with "error" and "message"), and the reference server's
createRecord, uploadBlob, refreshSession and auth-verifier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from scheduler.errors import Disconnected, PublishError, RateLimited, Rejected, Unavailable, Unconfirmed

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 300  # characters of an answer that are kept
SAID = 200  # characters of a server's own words that stand in a sentence
LONGEST_WAIT = timedelta(hours=24)  # Bluesky's longest window is a day; what lies beyond it is garbage
TOKEN = ("ExpiredToken", "InvalidToken")  # with status 400
ACCOUNT = {
    "AccountTakedown": "Bluesky's moderators have taken the account down",
    "AccountSuspended": "Bluesky's moderators have suspended the account",
    "AccountDeactivated": "The Bluesky account is switched off",
    "AccountNotFound": "The Bluesky account is not on this server any more",
    "RepoTakendown": "Bluesky's moderators have taken the account down",
    "RepoDeactivated": "The Bluesky account is switched off",
}
AGAIN = "It answers a repeat in the same way, and a post that was taken down: if this goes on, look at the account."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the server, whole. Its headers are in lower case."""

    status: int
    body: bytes = field(default=b"", repr=False)  # after a sign-in it holds tokens
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it says that it did what was asked."""
        return 200 <= self.status <= 299  # noqa: PLR2004  as HTTP has it

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object in its body; empty when there is none."""
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def error(self) -> str:
        """The name of a refusal in the network's own form; empty when it has not that form."""
        name = self.fields.get("error")
        return name if isinstance(name, str) and not self.ok else ""

    @property
    def words(self) -> str:
        """What the server says about a refusal."""
        said = self.fields.get("message")
        return (said if isinstance(said, str) and said.strip() else self.error)[:SAID].strip().rstrip(".")

    @property
    def detail(self) -> str:
        """Status and body, short; of a 2xx the status alone, since its body may hold tokens."""
        if self.ok:
            return f"{self.status}, {len(self.body)} bytes"
        return f"{self.status} {self.body[: 4 * SHOWN].decode(errors='replace')[:SHOWN]}".strip()


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer came."""

    never_left: bool  # the connection never stood
    detail: str


Reply = Answer | Silence


class TokenRefused(Unavailable):
    """The server refused the access token before it did anything: with a new one it can be tried again."""


def failure(reply: Reply, account: str, *, public: bool) -> PublishError:
    """What went wrong. `public`: by this request a post becomes public, so only a clear refusal proves that it is not.

    To be asked only for a reply that is not the answer hoped for.
    """
    if isinstance(reply, Silence):
        return _silent(reply, public=public)
    if reply.status == 429:  # noqa: PLR2004  whoever says so, a server or a machine before it, did nothing more
        return RateLimited("Bluesky asks to wait.", retry_at=wait_until(reply.headers), detail=reply.detail)
    clear = _refusal(reply, account) if reply.error else None
    if clear:
        return clear
    if public:
        text = f"Bluesky's answer ({reply.status}) does not say whether it took the post."
        return Unconfirmed(f"{text} {AGAIN}" if reply.status == 500 else text, detail=reply.detail)  # noqa: PLR2004
    return Unavailable(f"Bluesky's server did not work ({reply.status}).", detail=reply.detail)


def _silent(reply: Silence, *, public: bool) -> PublishError:
    if reply.never_left:
        return Unavailable("Bluesky's server could not be reached.", detail=reply.detail)
    if public:
        return Unconfirmed("The connection to Bluesky broke before its answer was whole.", detail=reply.detail)
    return Unavailable("Bluesky did not answer.", detail=reply.detail)


def _refusal(answer: Answer, account: str) -> PublishError | None:
    """The meaning of a refusal in the network's own form; None when it proves nothing."""
    status, name, words = answer.status, answer.error, answer.words
    login, made = f"run `campaign login {account}`", PublishError("")
    if status in (400, 401, 403) and name in ACCOUNT:
        made = Disconnected(f"{ACCOUNT[name]}. Open it in Bluesky's app, then {login}.", detail=answer.detail)
    elif status == 401 or (status == 400 and name in TOKEN):  # noqa: PLR2004
        made = TokenRefused("Bluesky's sign-in has run out; it is renewed.", detail=answer.detail)
    elif status == 400 and name == "BlobNotFound":  # noqa: PLR2004
        made = Unavailable("Bluesky no longer has the uploaded picture; it is uploaded again.", detail=answer.detail)
    elif status in (400, 413, 422):
        made = Rejected(f"Bluesky refused it: {words}.", detail=answer.detail)
    elif status == 403:  # noqa: PLR2004
        made = Disconnected(f"Bluesky does not let this sign-in post ({words}): {login}.", detail=answer.detail)
    elif status == 404:  # noqa: PLR2004
        text = f"This server does not know Bluesky's calls. Correct accounts.{account}.server in config.toml."
        made = Disconnected(text, detail=answer.detail)
    return made if made.text else None


def wait_until(headers: Mapping[str, str]) -> datetime | None:
    """The instant that the rate-limit headers name: epoch seconds, else seconds from now or an HTTP date.

    None when there is none, or it is no instant within the next day.
    """
    now = datetime.now(UTC)
    for moment in (_epoch(headers.get("ratelimit-reset", "")), _after(headers.get("retry-after", ""), now)):
        if moment and now <= moment <= now + LONGEST_WAIT:
            return moment
    return None


def spent(answer: Answer) -> datetime | None:
    """Until when the network takes nothing more, when this answer used up the last that was allowed."""
    return wait_until(answer.headers) if answer.headers.get("ratelimit-remaining") == "0" else None


def _epoch(value: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _after(value: str, now: datetime) -> datetime | None:
    try:
        return now + timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        pass
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
