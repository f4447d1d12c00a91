"""Talking to X by tweepy: one request, its answer whole or lost, and what a refusal means.

tweepy signs and sends; the answer is taken as it came, because tweepy raises much after a success (networks.md, 7).
Imports tweepy and requests; so x.py imports this module inside `connect` and `login`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
import tweepy  # type: ignore[import-untyped]

from scheduler.errors import Disconnected, PublishError, RateLimited, Rejected
from scheduler.publishers import _timing
from scheduler.publishers._careful import HIDDEN
from scheduler.publishers._careful import SHORT as NO_SECRET
from scheduler.publishers._wire import Wire, mounted, never_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LONGEST_WAIT = timedelta(hours=24)
SHORT = 300  # characters of an answer that are kept
LIMITS_OF_X = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
REFUSALS = (400, 403, 404, 413, 415, 422)  # of the message, when X says why

_ID = re.compile(rb'\s*\{"data":\s*\{[^{}]*?"id":\s*"(\d{1,20})"')  # a quotation mark inside a text is escaped
ACCOUNT = ("suspend", "permission", "locked", "attached to a project", "not-enrolled", "client-forbidden")  # see 403


@dataclass(frozen=True, slots=True)
class Answer:
    """What X answered, whole."""

    status: int
    headers: Mapping[str, str]  # looked up in any case
    body: bytes

    @property
    def fine(self) -> bool:
        """Whether X took the request."""
        return 200 <= self.status < 300  # noqa: PLR2004  HTTP's own

    @property
    def json(self) -> dict[str, Any]:
        """The body's object; empty when there is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def data(self) -> dict[str, Any]:
        """The object under ``data``; empty when there is none."""
        value = self.json.get("data")
        return value if isinstance(value, dict) else {}

    @property
    def words(self) -> str:
        """X's own sentence about what is wrong; empty when the body is not X's, as with a page of a proxy."""
        value = self.json
        errors = value.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        said = [first.get(name) for name in ("message", "detail")] if isinstance(first, dict) else []
        said += [value.get(name) for name in ("detail", "title")]
        text = next((one for one in said if isinstance(one, str) and one.strip()), "")
        return sentence(text) if text else ""

    @property
    def date(self) -> datetime | None:
        """X's clock."""
        try:
            at = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def short(self) -> str:
        """For the log: the status, and the beginning of the body."""
        return f"{self.status} {self.body[: SHORT * 4].decode(errors='replace')[:SHORT]}".strip()

    def says(self, *phrases: str) -> bool:
        """Whether one of the phrases stands in what X says about the refusal; what it quotes of ours is not read."""
        errors = self.json.get("errors")
        told = [self.json, *(errors if isinstance(errors, list) else ())]
        names = ("title", "detail", "message", "type", "reason", "error")
        said = " ".join(str(one.get(name, "")) for one in told if isinstance(one, dict) for name in names).lower()
        return any(phrase in said for phrase in phrases)

    @property
    def says_duplicate(self) -> bool:
        """Whether X refused a post because the account has its text already."""
        return self.status in (400, 403) and self.says("duplicate content", "is a duplicate")

    @property
    def says_media(self) -> bool:
        """Whether X refused a post because of its uploads."""
        return self.status == 400 and self.says("media id", "media_id")  # noqa: PLR2004

    def post_id(self) -> str:
        """The id of a post that was made, if it can be had, from a body that was cut too; else empty."""
        given = self.data.get("id")
        if isinstance(given, str) and given.isdecimal():
            return given
        found = None if self.json else _ID.match(self.body)
        return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer, or not a whole one."""

    left: bool  # whether the request may have reached X
    what: str  # for the log


def ask(
    keys: Mapping[str, str], server: str, make: Callable[[tweepy.Client], object], *, upload: bool = False
) -> Answer | Lost:
    """Make one request, on a connection of its own."""
    client = tweepy.Client(**keys, return_type=requests.Response, wait_on_rate_limit=False)
    wire = Wire(server, timeout=_timing.upload if upload else _timing.call)
    with mounted(client.session, wire) as session:
        return heard(session, lambda: make(client), keys.values())


def heard(session: requests.Session, make: Callable[[], object], keys: Iterable[str] = ()) -> Answer | Lost:
    """The answer to the request that `make` sends through the session, with none of the keys in it."""
    came: list[Answer] = []
    session.hooks["response"] = [lambda response, **_: came.append(_whole(response, keys))]
    lost = Lost(left=True, what="no answer")
    try:
        make()
    except Exception as error:  # noqa: BLE001  tweepy raises TypeError, AttributeError and ValueError after an answer
        lost = Lost(left=not never_left(error), what=_in_short(error))
    return came[-1] if came else lost


def _whole(response: requests.Response, keys: Iterable[str]) -> Answer:
    """The answer, read to its end: a body that breaks off raises here, so that it counts as lost.

    What is cut for the log later must not hold a half of a key: an echo of one goes here.
    """
    body = response.content
    for key in sorted(keys, key=len, reverse=True):
        body = body.replace(key.encode(), HIDDEN.encode()) if len(key) >= NO_SECRET else body
    return Answer(response.status_code, response.headers, body)


def _in_short(error: Exception) -> str:
    """The error for the log. What is no error of requests is told by its name alone: nobody knows what is in it."""
    name = type(error).__name__
    return f"{name}: {error}"[:SHORT] if isinstance(error, requests.RequestException) else name


def sentence(text: str) -> str:
    """Somebody else's words in one line, not too long, with a full stop."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line if len(line) <= SHORT else line[: SHORT - 1].rstrip() + "…"
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def refused(answer: Answer, account: str, now: datetime, what: str = "post") -> PublishError | None:
    """What a refusal in X's own words means; None when it is not in its words, or not of a kind that is certain."""
    if not answer.words:
        return None
    if answer.status == 429:  # noqa: PLR2004
        return limited(answer, account, now)
    trouble = _trouble(answer, account)
    if trouble:
        return Disconnected(trouble, detail=answer.short)
    certain = answer.status in REFUSALS
    return Rejected(f"X refused the {what}: {answer.words}", detail=answer.short) if certain else None


def _trouble(answer: Answer, account: str) -> str:
    """What a person must mend before anything of the account can go out; empty when it is not that."""
    match answer.status:
        case 401:
            mend = f"See that this machine's clock is right, or run `campaign login {account}` again."
            return f"X does not accept the keys of the account {account}. {mend}"
        case 402:
            return f"The X developer account behind {account} has no credit left. Add credit in X's developer console."
        case 403 if answer.says("oauth1-permissions", "app permissions", "read-only"):
            return read_only(account)
        case 403 if answer.says(*ACCOUNT):
            return f"X does not let the account {account} post: {answer.words} Sign in on x.com and mend it there."
    return ""


def read_only(account: str) -> str:
    """The sentence about an app that may not write."""
    mend = f"Set it to “Read and write” in X's developer console, then run `campaign login {account}` again."
    return f"The X app of the account {account} may only read. {mend}"


def limited(answer: Answer, account: str, now: datetime) -> PublishError:
    """Too many requests; or, where a month's cap is used up, a matter for a person."""
    if answer.says("usage-capped", "usagecapexceeded") and str(answer.json.get("period", "")).lower() != "daily":
        text = f"The month's cap of X posts behind {account} is used up. Raise it in X's developer console."
        return Disconnected(text, detail=answer.short)
    return RateLimited("X asks to wait.", retry_at=reset(answer, now), detail=answer.short)


def reset(answer: Answer, now: datetime) -> datetime | None:
    """When X takes requests again, by this machine's clock: never in the past, at most 24 hours ahead.

    None where its headers say nothing that makes sense. On a success, only of a limit that has nothing left.
    """
    spent = [name for name in LIMITS_OF_X if answer.headers.get(f"{name}-remaining", "").strip() == "0"]
    asked = spent or ([] if answer.fine else [LIMITS_OF_X[0]])
    waits = [_wait(answer.headers.get(f"{name}-reset", ""), answer.date or now) for name in asked]
    longest = max((wait for wait in waits if wait), default=None)
    return now + longest if longest else None


def _wait(stamp: str, now: datetime) -> timedelta | None:
    if not re.fullmatch(r"[0-9]{1,11}", stamp.strip()):
        return None
    wait = timedelta(seconds=int(stamp) - now.timestamp())
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None
