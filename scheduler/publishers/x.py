"""X, by tweepy: OAuth 1.0a keys of one account, uploads and posts by the API's version 2.

X knows no key by which a second post would be refused. What guards a repeat: the account's own timeline is read from
before the first try on, and X refuses a text that it has had within some hours. Sources: docs/networks.md.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.errors import ConfigError, PublishError, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Count, Health, Limits, NotThere, Published
from scheduler.publishers import _x_text as texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scheduler.model import Account, Found, Message, Person, Secret
    from scheduler.publishers._x_line import Line
    from scheduler.publishers._x_talk import Answer

SERVER = "https://api.twitter.com"
SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
LIMITS = Limits(
    text=280,
    count=Count.WEIGHTED,
    url_length=23,
    images=4,
    image_bytes=5_000_000,
    image_formats=("jpeg", "png"),  # X makes JPEGs of most PNGs itself, and worse ones
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=1000,
    settle_after=timedelta(seconds=90),
    settle_reads=2,  # how far its timeline lags is not documented
    absence_proves=False,
    threads=True,
)

BEFORE = timedelta(seconds=60)  # how long before the first try the timeline is read from
UPLOAD_KEEPS = timedelta(hours=20)  # X keeps an upload for 24 hours
LOOK_BACK = timedelta(hours=48)  # further than X remembers a text to refuse it
POLICIES = {"ask": False, "repeat": True}  # the setting `unclear` → whether "not there" proves that it is not there


def limits(account: Account) -> Limits:
    """X's limits, and the account's policy for what stays unclear: a person is asked, or it is sent again."""
    policy = account.options.get("unclear", "ask")
    if not isinstance(policy, str) or policy not in POLICIES:
        raise ConfigError(f'accounts.{account.name}.unclear is {policy!r}; it must be "ask" or "repeat".')
    return replace(LIMITS, absence_proves=POLICIES[policy])


def connect(
    account: Account,
    secret: Secret | None,
    *,
    root: Path,  # noqa: ARG001  nothing of X's is kept in the project
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> X:
    """The account's publisher; no call is made. Raises ConfigError for a wrong `server` or `unclear`."""
    from scheduler.publishers._wire import server_of  # noqa: PLC0415  loads requests
    from scheduler.publishers._x_line import Line  # noqa: PLC0415  loads tweepy

    limits(account)
    return X(Line(account, secret, SECRETS, server_of(account, SERVER), now))


def login(account: Account, person: Person) -> dict[str, str]:
    """Connect the account by a PIN that X shows; the four secrets. Raises Disconnected, Unavailable or Rejected."""
    from scheduler.publishers._wire import server_of  # noqa: PLC0415  loads requests
    from scheduler.publishers._x_login import by_pin  # noqa: PLC0415  loads tweepy

    return by_pin(account, person, server_of(account, SERVER))


class X:
    """A publisher."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,  # noqa: ARG002  X takes none
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Upload the pictures with their alt texts, or take those of the earlier try while X still keeps them."""
        reply_to = _answered(thread)
        user, username = self._line.me()
        given = dict(earlier or {})
        pictures = [hashlib.sha256(f"{i.sha256} {i.alt}".encode()).hexdigest() for i in message.images]
        kept = given.get("pictures") == pictures and given.get("user") == user and self._still_kept(given)
        media = given["media_ids"] if kept else self._uploads(message, images)
        before = [*given.get("before", ()), given.get("text", message.text)]
        return {
            "text": message.text,
            "media_ids": media,
            "reply_to": reply_to,
            "user": user,
            "username": username,
            "since": given.get("since") or _stamp(self._line.now() - BEFORE),
            "repeat": bool(earlier),  # a refusal as a duplicate is then proof that an earlier try went through
            "before": sorted({text for text in before if text != message.text}),  # what earlier tries said
            "pictures": pictures,
            "uploaded": given["uploaded"] if kept else _stamp(self._line.now()),
        }

    def _still_kept(self, earlier: Mapping[str, Any]) -> bool:
        return self._line.now() - datetime.fromisoformat(earlier["uploaded"]) < UPLOAD_KEEPS

    def _uploads(self, message: Message, images: tuple[bytes, ...]) -> list[str]:
        return [self._upload(raw, image.alt) for raw, image in zip(images, message.images, strict=True)]

    def _upload(self, raw: bytes, alt: str) -> str:
        body = {"media": base64.b64encode(raw).decode(), "media_category": "tweet_image"}
        answer = self._line.read("POST", "/2/media/upload", "picture", json=body)
        media = str(answer.data.get("id", ""))
        if not media.isdecimal():
            raise Unavailable("X took a picture, but its answer cannot be read.", detail=answer.short)
        if alt:
            words = {"id": media, "metadata": {"alt_text": {"text": alt}}}
            answer = self._line.read("POST", "/2/media/metadata", "alt text", json=words)
            if not answer.json or "errors" in answer.json:  # a picture without its alt text does not go out
                raise Unavailable("Whether X took an alt text cannot be read.", detail=answer.short)
        return media

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """Post it by one request. The outcome is unclear unless X says in its own words that it refused."""
        answer = self._line.ask(
            lambda client: client.create_tweet(
                text=prepared["text"],
                media_ids=prepared["media_ids"] or None,
                in_reply_to_tweet_id=prepared["reply_to"] or None,
            )
        )
        if answer.fine:
            made = answer.post_id()
            if not made:
                raise Unconfirmed("X took the post, but its answer cannot be read.", detail=answer.short)
            return Published(made, _url(prepared, made), self._line.reset(answer))
        if answer.says_duplicate:
            return self._duplicate(prepared, answer)
        if prepared["repeat"] and prepared["media_ids"] and answer.says_media:
            return self._media_gone(prepared, answer)
        error = self._line.refusal(answer)
        raise error or Unconfirmed(f"X answered with an error ({answer.status}).", detail=answer.short)

    def _duplicate(self, prepared: Mapping[str, Any], answer: Answer) -> Published:
        """X has this text already: on a repeat it is the earlier try's, unless it is older than that."""
        said = "X says that the account has this text already."
        if not prepared["repeat"]:
            raise Unconfirmed(said, detail=answer.short)
        there = self._there(prepared, LOOK_BACK)
        if there is None:
            return Published("", f"https://x.com/{prepared['username']}")
        if _before(there, prepared):
            raise Rejected(f"{said} It is an older post ({_url(prepared, there['id'])}).", detail=answer.short)
        return Published(there["id"], _url(prepared, there["id"]))

    def _media_gone(self, prepared: Mapping[str, Any], answer: Answer) -> Published:
        """X takes the uploads of the earlier try no more: that may have used them."""
        there = self._there(prepared, timedelta(0))
        if there is None:
            said = "X does not take the pictures of the earlier try any more, which may have used them."
            raise Unconfirmed(said, detail=answer.short)
        return Published(there["id"], _url(prepared, there["id"]))

    def _there(self, prepared: Mapping[str, Any], back: timedelta) -> dict[str, Any] | None:
        """The post, looked for at once; None when it is not seen, or the posts cannot be read."""
        try:
            posts, _ = self._line.posts(prepared["user"], datetime.fromisoformat(prepared["since"]) - back)
        except PublishError:
            return None
        alike = [post for post in posts if texts.likeness(post, prepared) is True]
        return min(alike, key=lambda post: (_before(post, prepared), int(post["id"])), default=None)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Read the account's posts from before the first try on. Raises what a failing read is."""
        try:
            posts, whole = self._line.posts(prepared["user"], datetime.fromisoformat(prepared["since"]))
        except Rejected as error:
            return CannotTell(f"X does not show the account's posts. {error.text}")
        doubts = []
        for post in sorted(posts, key=lambda post: int(post["id"])):
            alike = texts.likeness(post, prepared)
            if _before(post, prepared) or alike is False:
                continue
            if alike is True:
                return Published(post["id"], _url(prepared, post["id"]))
            doubts.append(alike.format(url=_url(prepared, post["id"])))
        if doubts:
            return CannotTell(doubts[0])
        return NotThere() if whole else CannotTell("X gave only a part of the account's posts.")

    def check(self) -> Health:
        """Ask X who the account is; it says beside whether the keys may write."""
        try:
            answer, _, name = self._line.whoami()
        except PublishError as error:
            return Health("", problem=error.text)
        warnings = []
        if answer.data.get("protected") is True:
            warnings.append(f"The posts of @{name} are protected: only its followers see them.")
        level = answer.headers.get("x-access-level", "")
        return Health(
            f"@{name}",
            () if not level else ("read", "write") if "write" in level else ("read",),
            problem=self._line.read_only if level and "write" not in level else "",
            warnings=tuple(warnings),
        )


def _answered(thread: tuple[str, ...]) -> str:
    """The last part's id, from an id or an address; empty when there is none. Raises Rejected for anything else."""
    if not thread:
        return ""
    last = thread[-1].split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    if not last.isdecimal():
        raise Rejected(
            f"The part before is out, but “{thread[-1]}” is not the address of a post on X, without which the thread "
            "cannot go on. Look it up on the account, and post the rest as answers to it by hand."
        )
    return last


def _before(post: Mapping[str, Any], prepared: Mapping[str, Any]) -> bool:
    """Whether the post is older than the first try."""
    made = texts.created(post)
    return made is not None and made < datetime.fromisoformat(prepared["since"])


def _url(prepared: Mapping[str, Any], post: str) -> str:
    return f"https://x.com/{prepared['username']}/status/{post}"


def _stamp(at: datetime) -> str:
    """UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
