"""The line to X of one account: its keys, who it is, its own posts. Raises what a failed read is.

Imports tweepy and requests; so x.py imports this module inside `connect`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.errors import Disconnected, PublishError, RateLimited, Rejected, Unavailable, Unconfirmed
from scheduler.publishers.x import talk

if TYPE_CHECKING:
    from collections.abc import Callable

    import tweepy  # type: ignore[import-untyped]

    from scheduler.model import Account, Secret
    from scheduler.publishers.x.talk import Answer

PAGES_MOST = 32  # of 100 posts: X shows an account's last 3,200
FIELDS = ("tweet.fields", "post.fields")  # the documentation's name, and the one in X's OpenAPI document of 2026
TOO_MANY = 429
CLOCKS_DIFFER = timedelta(days=1)  # by more, and X would refuse the signature: then it is no clock of X's
LOGIN_CHANGED = "The login changed after this was prepared; it is prepared again."


def stamp(at: datetime) -> str:
    """The moment as X takes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _elapsed() -> float:
    """Seconds that only grow, a suspended machine's sleep included where the system can tell (Linux)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Line:
    """See the module. It remembers who the account is, how X calls its fields, and what X's clock showed."""

    def __init__(
        self, account: Account, secret: Secret | None, names: tuple[str, ...], server: str, now: Callable[[], datetime]
    ) -> None:
        self.account = account
        self._secret = secret
        self._names = names
        self._server = server
        self._now = now
        self._who: tuple[str, str, str] | None = None  # the access token that was asked with; the id and name it has
        self._fields = list(FIELDS)
        self._heard: tuple[datetime, float] | None = None  # what X's clock showed, and when: ours may be set meanwhile

    def now(self) -> datetime:
        """What X's clock shows, as far as we know."""
        if self._heard is None:
            return self._now()
        date, at = self._heard
        return date + timedelta(seconds=_elapsed() - at)

    def ask(self, make: Callable[[tweepy.Client], object], *, upload: bool = False, user: str = "") -> Answer:
        """One request. Raises Unavailable when it surely never left, Unconfirmed when its answer is not to be had.

        With a `user` it does not leave either where the login is known to be another than the one of that id.
        """
        keys = self._keys()
        if user and self._who and self._who[:2] != (keys["access_token"], user):
            raise Unavailable(LOGIN_CHANGED)
        answer = talk.ask(keys, self._server, make, upload=upload)
        if isinstance(answer, talk.Lost):
            if answer.left:
                raise Unconfirmed("The connection to X broke before its answer came.", detail=answer.what)
            raise Unavailable("X could not be reached. See that this machine is online.", detail=answer.what)
        if answer.date and abs(answer.date - self._now()) < CLOCKS_DIFFER:
            self._heard = answer.date, _elapsed()
        return answer

    def _keys(self) -> dict[str, str]:
        keys = {name: self._secret.get(name) if self._secret else "" for name in self._names}
        missing = [name for name, value in keys.items() if not value]
        if missing:
            name = self.account.name
            text = f"The account {name} is not connected: {', '.join(missing)} is missing. Run `campaign login {name}`."
            raise Disconnected(text)
        return keys

    @property
    def read_only(self) -> str:
        """The sentence about an app that may not write."""
        return talk.read_only(self.account.name)

    def refusal(self, answer: Answer, what: str = "post") -> PublishError | None:
        """What X's refusal means; None when that is not certain."""
        return talk.refused(answer, self.account.name, self._now(), what)

    def reset(self, answer: Answer) -> datetime | None:
        """When X takes requests again, by our clock, if it said so."""
        return talk.reset(answer, self._now())

    def read(self, method: str, path: str, what: str = "request", **named: Any) -> Answer:  # noqa: ANN401
        """The answer to what the public does not see. Raises for a failure of any kind."""
        upload = path == "/2/media/upload"
        try:
            answer = self.ask(lambda client: client.request(method, path, user_auth=True, **named), upload=upload)
        except Unconfirmed as error:
            raise Unavailable(error.text, detail=error.detail) from None
        if answer.fine:
            return answer
        if answer.status == TOO_MANY and not answer.words:
            raise RateLimited("X asks to wait.", retry_at=self.reset(answer), detail=answer.short)
        refusal = self.refusal(answer, what)
        raise refusal or Unavailable(f"X answered with an error ({answer.status}).", detail=answer.short)

    def whoami(self) -> tuple[Answer, str, str]:
        """X's answer about the account, its id, and its name without "@"."""
        token = self._token  # read before: should the login change now, the answer counts for the token that is gone
        answer = self.read("GET", "/2/users/me", params={"user.fields": "protected"})
        user, name = answer.data.get("id"), answer.data.get("username")
        if not (isinstance(user, str) and user.isdecimal() and isinstance(name, str) and name):
            raise Unavailable("X's answer about who the account is cannot be read.", detail=answer.short)
        self._who = token, user, name
        return answer, user, name

    def me(self) -> tuple[str, str]:
        """The account's id and name, asked once for each login."""
        if self._who and self._who[0] == self._token:
            return self._who[1:]
        return self.whoami()[1:]

    @property
    def _token(self) -> str:
        return self._secret.get("access_token") if self._secret else ""

    def posts(self, user: str, since: datetime) -> tuple[list[dict[str, Any]], bool]:
        """The user's posts from then on, the newest first, and whether these are all."""
        posts: list[dict[str, Any]] = []
        whole, token = True, ""
        for _ in range(PAGES_MOST):
            value = self._page(user, since, token).json
            data, meta = value.get("data", []), value.get("meta")
            if not isinstance(meta, dict) or not isinstance(data, list):
                raise Unavailable("X's answer about the account's posts cannot be read.")
            good = [post for post in data if _readable(post)]
            whole = whole and not value.get("errors") and len(good) == meta.get("result_count", len(good))
            posts += good
            token = meta.get("next_token") or ""
            if not token:
                return posts, whole
        return posts, False

    def _page(self, user: str, since: datetime, token: str) -> Answer:
        """One page; where X knows the fields by another name only, it is asked by that."""
        query = {"start_time": stamp(since), "max_results": "100", **({"pagination_token": token} if token else {})}
        path = f"/2/users/{user}/tweets"
        try:
            return self.read("GET", path, params={**query, self._fields[0]: "created_at,entities,attachments"})
        except Rejected as error:
            if self._fields[0] not in error.detail:
                raise
        self._fields.reverse()
        return self.read("GET", path, params={**query, self._fields[0]: "created_at,entities,attachments"})


def _readable(post: object) -> bool:
    return isinstance(post, dict) and str(post.get("id", "")).isdecimal() and isinstance(post.get("text"), str)
