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
from scheduler.publishers._server import server_of
from scheduler.publishers.x import text as texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scheduler.model import Account, Found, Message, Person, Secret
    from scheduler.publishers.x.line import Line
    from scheduler.publishers.x.talk import Answer

    Alike = tuple[dict[str, Any], bool | str]  # a post, and its likeness

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
POLICIES = {"ask": False, "repeat": True}  # the setting `unclear` → whether the same words may be sent again


def limits(account: Account) -> Limits:
    """X's limits, and the account's policy for what stays unclear: a person is asked, or it is sent again."""
    policy = account.options.get("unclear", "ask")
    if not isinstance(policy, str) or policy not in POLICIES:
        raise ConfigError(f'accounts.{account.name}.unclear is {policy!r}; it must be "ask" or "repeat".')
    return replace(LIMITS, repeats=POLICIES[policy])


def connect(
    account: Account,
    secret: Secret | None,
    *,
    root: Path,  # noqa: ARG001  nothing of X's is kept in the project
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> X:
    """The account's publisher; no call is made. Raises ConfigError for a wrong `server` or `unclear`."""
    from scheduler.publishers.x.line import Line  # noqa: PLC0415  loads tweepy

    return X(Line(account, secret, SECRETS, server_of(account, SERVER), now), repeats=limits(account).repeats)


def login(account: Account, person: Person) -> dict[str, str]:
    """Connect the account by a PIN that X shows; the four secrets. Raises Disconnected, Unavailable or Rejected."""
    from scheduler.publishers.x.signin import by_pin  # noqa: PLC0415  loads tweepy

    return by_pin(account, person, server_of(account, SERVER))


class X:
    """A publisher."""

    def __init__(self, line: Line, *, repeats: bool) -> None:
        self._line = line
        self._repeats = repeats  # see Limits

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,  # noqa: ARG002  X takes none
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Upload the pictures with their alt texts, or take those of the earlier try while X still keeps them.

        What was tried under another login guards nothing here. Raises Unconfirmed where an earlier wording is out, or
        may be: X refuses the same words only.
        """
        reply_to = _answered(thread)
        user, username = self._line.me()
        given = dict(earlier) if earlier and earlier["user"] == user else {}
        if given and given["text"] != message.text:
            self._look_for(given)
        pictures = [hashlib.sha256(f"{i.sha256} {i.alt}".encode()).hexdigest() for i in message.images]
        kept = bool(pictures) and given.get("pictures") == pictures and self._still_kept(given)
        media = given["media_ids"] if kept else self._uploads(message, images)
        before = [*given.get("before", ()), given.get("text", message.text)]
        return {
            "text": message.text,
            "media_ids": media,
            "reply_to": reply_to,
            "user": user,
            "username": username,
            "since": given.get("since") or _stamp(self._line.now() - BEFORE),
            "repeat": bool(given),  # what X refuses may then be an earlier try's that went through
            "before": sorted({text for text in before if text != message.text}),  # what earlier tries said
            "pictures": pictures,
            "uploaded": given["uploaded"] if kept else _stamp(self._line.now()),
            "reused": kept,
        }

    def _look_for(self, earlier: Mapping[str, Any]) -> None:
        """Raises Unconfirmed unless the account was read and the earlier wording is not there."""
        found = self.find(earlier)
        if isinstance(found, Published):
            raise Unconfirmed(f"An earlier wording is out ({found.url}).")
        if isinstance(found, CannotTell):
            raise Unconfirmed(f"An earlier wording may be out. {found.reason}")

    def _still_kept(self, earlier: Mapping[str, Any]) -> bool:
        """Whether uploads serve once more. Twice at most, as X may have lost them, and nothing tells us beforehand."""
        fresh = self._line.now() - datetime.fromisoformat(earlier["uploaded"]) < UPLOAD_KEEPS
        return fresh and not earlier.get("reused", False)

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
            ),
            user=prepared["user"],
        )
        if answer.fine:
            made = answer.post_id()
            if not made:
                raise Unconfirmed("X took the post, but its answer cannot be read.", detail=answer.short)
            return Published(made, _url(prepared, made), self._line.reset(answer))
        if answer.says_duplicate:
            return self._duplicate(prepared, answer)
        if prepared["reused"] and answer.says_media:
            return self._media_gone(prepared, answer)
        error = self._line.refusal(answer)
        raise error or Unconfirmed(f"X answered with an error ({answer.status}).", detail=answer.short)

    def _duplicate(self, prepared: Mapping[str, Any], answer: Answer) -> Published:
        """X has these words already: on a repeat they are the earlier try's, unless the account shows older ones."""
        said = "X says that the account has this text already."
        alike, whole = self._alike_now(prepared, LOOK_BACK) if prepared["repeat"] else ([], False)
        ours = _ours(alike, prepared)
        if ours:
            return ours
        older = [post["id"] for post, how in alike if _before(post, prepared) and how in (True, texts.OTHER_PICTURES)]
        if whole and len(older) == len(alike) > 0:
            raise Rejected(f"{said} It is an older post ({_url(prepared, older[-1])}).", detail=answer.short)
        if whole and not alike and self._repeats:
            return Published("", f"https://x.com/{prepared['username']}")
        raise Unconfirmed(said, detail=answer.short)

    def _media_gone(self, prepared: Mapping[str, Any], answer: Answer) -> Published:
        """X takes the uploads of the earlier try no more: that may have used them."""
        ours = _ours(self._alike_now(prepared, timedelta(0))[0], prepared)
        if ours:
            return ours
        said = "X does not take the pictures of the earlier try any more, which may have used them."
        raise Unconfirmed(said, detail=answer.short)

    def _alike_now(self, prepared: Mapping[str, Any], back: timedelta) -> tuple[list[Alike], bool]:
        """See _alike; nothing, and not the whole, where the posts cannot be read."""
        try:
            return self._alike(prepared, back)
        except PublishError:
            return [], False

    def _alike(self, prepared: Mapping[str, Any], back: timedelta = timedelta(0)) -> tuple[list[Alike], bool]:
        """The posts that are, or may be, the one that was prepared, the oldest first; and whether all were read."""
        posts, whole = self._line.posts(prepared["user"], datetime.fromisoformat(prepared["since"]) - back)
        told = [(post, texts.likeness(post, prepared)) for post in sorted(posts, key=lambda post: int(post["id"]))]
        return [(post, how) for post, how in told if how], whole

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Read the account's posts from before the first try on. Raises what a failing read is."""
        user, username = self._line.me()
        if user != prepared["user"]:
            return CannotTell(f"it was sent as @{prepared['username']}, and the login is now @{username}'s.")
        try:
            alike, whole = self._alike(prepared)
        except Rejected as error:
            return CannotTell(f"X does not show the account's posts. {error.text}")
        ours = _ours(alike, prepared)
        if ours:
            return ours
        for post, how in alike:
            if not _before(post, prepared):
                return CannotTell(str(how).format(url=_url(prepared, post["id"])))
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


def _ours(alike: list[Alike], prepared: Mapping[str, Any]) -> Published | None:
    """The first of the posts that is surely the one that was prepared."""
    sure = (post["id"] for post, how in alike if how is True and not _before(post, prepared))
    return next((Published(post, _url(prepared, post)) for post in sure), None)


def _url(prepared: Mapping[str, Any], post: str) -> str:
    return f"https://x.com/{prepared['username']}/status/{post}"


def _stamp(at: datetime) -> str:
    """UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
