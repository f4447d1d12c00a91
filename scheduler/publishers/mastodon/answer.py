"""What a Mastodon server answered, and what it means: the table from its answers to our errors."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.errors import Disconnected, PublishError, RateLimited, Rejected, Unavailable, Unconfirmed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

SHOWN = 300  # characters of an answer that are kept for the log
SENTENCE = 200  # characters of a server's own words in ours
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_LARGE, TOO_MANY = 401, 403, 404, 413, 429
INVALID = (400, TOO_LARGE, 422)  # GoToSocial says 400 where Mastodon says 422
_USED = re.compile(r"\b(?:media|attachment)\b.*(?:not found|already attached)", re.IGNORECASE | re.DOTALL)
_NOT_READY = re.compile(r"not finished processing|not (?:yet )?(?:been )?processed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, whole."""

    status: int
    body: bytes
    waits_until: datetime | None = None  # when its rate limit starts anew, if it said so
    remaining: int | None = None  # calls until then

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300  # noqa: PLR2004

    @property
    def data(self) -> Any:  # noqa: ANN401  whatever the JSON holds
        """The body's JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def reason(self) -> str:
        """The server's own words for an error; empty when the page does not come from its software."""
        data = self.data
        words = data.get("error") if isinstance(data, dict) else None
        return " ".join(words.split())[:SENTENCE].rstrip(" .") if isinstance(words, str) else ""

    @property
    def detail(self) -> str:
        """The raw answer, for the log."""
        return f"{self.status} {self.body.decode(errors='replace')[:SHOWN]}"


class NoAnswer(Exception):
    """No whole answer came. `left`: the request may have reached the server."""

    def __init__(self, what: str, *, left: bool, detail: str = "") -> None:
        super().__init__(what)
        self.what = what  # "could not be reached", after the server's name
        self.left = left
        self.detail = detail


def before(answer: Answer | NoAnswer, host: str, account: str, *, upload: bool = False) -> PublishError:
    """What a read or an upload that did not work means. Nothing was public; only an upload can be refused for good."""
    if isinstance(answer, NoAnswer):
        moved = "another address" in answer.what
        mend = f" Set accounts.{account}.server to the address that its pages have in a browser." if moved else ""
        return Unavailable(f"{host} {answer.what}.{mend}", detail=answer.detail)
    if answer.status == TOO_MANY:
        return _limited(answer, host)
    if answer.reason and answer.status in (UNAUTHORIZED, FORBIDDEN):
        return _shut_out(answer, host, account)
    if upload and answer.status == TOO_LARGE:
        return Rejected(f"{host} takes no file of this size. Make the picture smaller.", detail=answer.detail)
    if upload and answer.reason and answer.status in INVALID:
        return Rejected(f"{host} refused it: {answer.reason}.", detail=answer.detail)
    said = f"{answer.status}: {answer.reason}" if answer.reason else f"{answer.status}"
    return Unavailable(f"{host} answered with an error ({said}).", detail=answer.detail)


def after(answer: Answer | NoAnswer, host: str, account: str, prepared: Mapping[str, Any]) -> PublishError:
    """What follows when the request that makes it public did not bring a post back.

    Only a refusal in the software's own JSON is believed: a page of HTML comes from something in between.
    """
    if isinstance(answer, NoAnswer):
        kind = Unconfirmed if answer.left else Unavailable
        return kind(f"{host} {answer.what}.", detail=answer.detail)
    if answer.reason and answer.status in (TOO_MANY, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, *INVALID):
        return _refused(answer, host, account, prepared)
    said = "an answer that cannot be read" if answer.ok else f"an error ({answer.status})"
    return Unconfirmed(f"{host} answered with {said}.", detail=answer.detail)


def _refused(answer: Answer, host: str, account: str, prepared: Mapping[str, Any]) -> PublishError:
    if answer.status == TOO_MANY:
        return _limited(answer, host)
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        return _shut_out(answer, host, account)
    if answer.status == NOT_FOUND:
        return _gone(answer, host, prepared)
    return _invalid(answer, host, prepared)


def _limited(answer: Answer, host: str) -> RateLimited:
    return RateLimited(f"{host} asks to wait: too many requests.", retry_at=answer.waits_until, detail=answer.detail)


def _shut_out(answer: Answer, host: str, account: str) -> Disconnected:
    mend = f"Run `campaign login {account}`"
    if answer.status == FORBIDDEN:
        mend = f"Look whether the account is limited or suspended there; if it is not, run `campaign login {account}`"
    return Disconnected(f"{host} does not let the account in: {answer.reason}. {mend}.", detail=answer.detail)


def _gone(answer: Answer, host: str, prepared: Mapping[str, Any]) -> Rejected:
    if prepared["reply_to"]:
        text = f"The post that this part answers is no longer on {host}."
    else:  # an idempotency key whose post was deleted is answered so
        text = f"{host} says “{answer.reason}”: an earlier try was published and deleted there"
        text = f"{text}. Look; the server lets it be sent again an hour after the first try: retry then."
    return Rejected(text, detail=answer.detail)


def _invalid(answer: Answer, host: str, prepared: Mapping[str, Any]) -> PublishError:
    named = re.findall(r"\w+", answer.reason)
    if prepared["media_ids"] and (_USED.search(answer.reason) or set(named) & set(prepared["media_ids"])):
        return Unconfirmed("The pictures are used already: it may be out.", detail=answer.detail)
    if _NOT_READY.search(answer.reason):
        return Unavailable(f"{host} had not finished with the pictures.", detail=answer.detail)
    return Rejected(f"{host} refused it: {answer.reason}.", detail=answer.detail)
