"""One conversation with a Mastodon server: the SDK on a session of its own, and the server's answer as it came.

Mastodon.py raises after successes too (a rate header it cannot read, a deprecation header where warnings are errors),
and turns what it does not understand into None. So the answer is taken off the wire, and what the SDK makes of it is
left aside. Imports requests and the SDK; so the adapter imports this module inside its verbs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import requests
from mastodon import Mastodon

from scheduler.publishers import _timing
from scheduler.publishers._wire import Redirected, Wire, mounted, never_left
from scheduler.publishers.mastodon.answer import SHOWN, Answer, NoAnswer, before

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response

# What the SDK takes the server for. It only chooses addresses by it, such as that of uploads; without it, or with
# checks switched off, it would ask the server before it posts, or fall back to the addresses of 2016.
SPOKEN = "4.6.0"
AGENT = "campaign-scheduler"
UNTOLD = -1  # calls that a rate limit leaves, before the server said
FARTHEST = timedelta(hours=24)  # a rate limit that ends later than that is not believed


class _Ear(Wire):
    """A wire that remembers what came back on it."""

    def __init__(self) -> None:
        super().__init__()
        self.timeout = _timing.call()
        self.sent = False
        self.answer: tuple[int, bytes, str] | None = None  # status, body, Retry-After
        self.failure: Exception | None = None

    def forget(self, timeout: tuple[float, float]) -> None:
        self.timeout, self.sent, self.answer, self.failure = timeout, False, None, None

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> Response:  # noqa: ANN401
        """See Wire.send; the body is read here, whole, and the timeout is ours: the SDK's is five minutes."""
        self.sent, self.answer, self.failure = True, None, None
        named["timeout"] = self.timeout
        try:
            response = super().send(request, *args, **named)
            self.answer = (response.status_code, response.content, response.headers.get("Retry-After", ""))
        except Exception as error:
            self.failure = error
            raise
        return response


class Line:
    """A fresh session. Nothing in it is tried twice, waits for a rate limit, or asks what it was not told to ask."""

    def __init__(self, server: str, account: str, token: str = "", *, client: tuple[str, str] | None = None) -> None:
        self.host = urlsplit(server).netloc
        self.account = account
        self._server = server
        self._secrets = tuple(s for s in (token, *(client or ())) if s)
        self._ear = _Ear()
        self._session = mounted(requests.Session(), self._ear)
        self.sdk = Mastodon(
            api_base_url=server,
            session=self._session,
            ratelimit_method="throw",
            mastodon_version=SPOKEN,
            version_check_mode="created",
            user_agent=AGENT,
            lang="en",  # errors of validation come in the account's language otherwise, and we read some of them
        )
        self.sdk.access_token = token or None  # the constructor would open a file of that name
        self.sdk.client_id, self.sdk.client_secret = client or (None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def __repr__(self) -> str:
        return f"Line({self._server!r})"

    def ask(self, call: Callable[[Mastodon], object], *, upload: bool = False) -> Answer:
        """The answer to the one request that `call` makes of the SDK. Raises NoAnswer."""
        self._ear.forget(_timing.upload() if upload else _timing.call())
        self.sdk.ratelimit_reset, self.sdk.ratelimit_remaining = 0, UNTOLD
        raised: Exception | None = None
        try:
            call(self.sdk)
        except Exception as error:  # noqa: BLE001  whatever it makes of it, the answer is what counts
            raised = error
        if self._ear.answer is None:
            raise self._no_answer(raised)
        status, body, retry_after = self._ear.answer
        for value in self._secrets:  # a page of an error may quote what it was sent
            body = body.replace(value.encode(), b"[hidden]")
        left = self.sdk.ratelimit_remaining
        reset = _instant(self.sdk.ratelimit_reset, retry_after)
        return Answer(status, body, reset, None if left == UNTOLD else left)

    def heard(self, call: Callable[[Mastodon], object]) -> Answer:
        """The answer, whatever it is. Raises PublishError when there is none; for what is not public."""
        try:
            return self.ask(call)
        except NoAnswer as none:
            failure = before(none, self.host, self.account)
        raise failure

    def done(self, call: Callable[[Mastodon], object], *, upload: bool = False) -> Answer:
        """The answer, when it was done. Raises PublishError otherwise; for what is not public."""
        try:
            answer = self.ask(call, upload=upload)
        except NoAnswer as none:
            failure = before(none, self.host, self.account)
        else:
            if answer.ok:
                return answer
            failure = before(answer, self.host, self.account, upload=upload)
        raise failure

    def get(self, path: str) -> Answer:
        """The answer to a GET that the SDK has no call for. Raises PublishError when there is none."""
        headers = {"User-Agent": AGENT}
        if self.sdk.access_token:
            headers["Authorization"] = f"Bearer {self.sdk.access_token}"
        return self.heard(lambda _: self._session.get(f"{self._server}{path}", headers=headers))

    def _no_answer(self, raised: Exception | None) -> NoAnswer:
        failure = self._ear.failure or raised
        detail = type(failure).__name__ if failure else "nothing was asked"
        if self._ear.sent:  # before that, requests complains of a header by quoting it
            detail = f"{detail}: {failure}"
        for value in self._secrets:
            detail = detail.replace(value, "[hidden]")
        left = self._ear.sent and not (failure and never_left(failure))
        if isinstance(failure, Redirected):
            return NoAnswer("sends us on to another address", left=True, detail=detail[:SHOWN])
        if isinstance(failure, requests.ReadTimeout):
            return NoAnswer("did not answer in time", left=True, detail=detail[:SHOWN])
        what = "broke the connection off" if left else "could not be reached"
        return NoAnswer(what, left=left, detail=detail[:SHOWN])


def _instant(reset: float | None, retry_after: str) -> datetime | None:
    """When a rate limit ends: by the header that the SDK read and set by our clock, or else by Retry-After."""
    now = datetime.now(UTC)
    try:
        if reset:
            at = datetime.fromtimestamp(reset, UTC)
        elif retry_after.isascii() and retry_after.isdigit():
            at = now + timedelta(seconds=int(retry_after))
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return at if now < at <= now + FARTHEST else None
