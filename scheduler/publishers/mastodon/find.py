"""Reading an account back: all that it published since a moment, and which of it is the post that we look for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scheduler.errors import PublishError, Unavailable
from scheduler.model import CannotTell, NotThere
from scheduler.publishers.mastodon import text as words
from scheduler.publishers.mastodon.answer import NOT_FOUND, before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mastodon import Mastodon

    from scheduler.publishers.mastodon.line import Line

    Post = dict[str, Any]

PAGE = 40  # posts, the most that Mastodon gives at once
PAGES_MOST = 25
SEARCH = 60.0  # seconds, after which no further request is made: a search must end long before its lease does
ALIKE = 0.9  # of 1: nearer than that, another text may be ours in other clothes
UNLIKE = 0.5  # further than that, it is not asked for in its source
NOT_OFFERED = (NOT_FOUND, 405, 410, 501)
LATE = CannotTell("the account's list is too long to be read in time.")


def newest(line: Line, account: str) -> str:
    """The id of the account's newest post; empty when it has none."""
    page, _ = _page(line, account, {"limit": 1})  # with what it boosted: only the order of the ids counts
    return max((str(post["id"]) for post in page), key=_age, default="")


def search(line: Line, prepared: Mapping[str, Any]) -> Post | NotThere | CannotTell:
    """The prepared post in the account's list. CannotTell for an earlier version of it too."""
    until = time.monotonic() + SEARCH
    posts = since(line, prepared["account_id"], prepared["since_id"], until)
    if isinstance(posts, CannotTell):
        return posts
    found = match(line, posts, prepared, until)
    if not isinstance(found, NotThere):
        return found
    for version in prepared["older"]:
        other = match(line, posts, {**prepared, **version}, until)
        if not isinstance(other, NotThere):
            return LATE if other == LATE else CannotTell("an earlier version of it is there.")
    return found


def since(line: Line, account: str, start: str, until: float) -> list[Post] | CannotTell:
    """All posts of the account after the id `start`, the oldest first; CannotTell when that is too much to read.

    A page that is not full proves nothing (servers take out of it what may not be shown), so it reads until one is
    empty; and some servers do not know `since_id`, so what is older is left out here.
    """
    found: dict[str, Post] = {}
    last = ""
    for _ in range(PAGES_MOST):
        if time.monotonic() > until:
            return LATE
        bounds = {"since_id": start or None, "max_id": last or None}
        page, following = _page(line, account, {**bounds, "exclude_reblogs": True, "limit": PAGE})
        own = {str(post["id"]): post for post in page}
        found |= {name: post for name, post in own.items() if not start or _age(name) > _age(start)}
        last = min(own, key=_age, default=following)
        if not last or (start and _age(last) <= _age(start)):
            return [found[name] for name in sorted(found, key=_age)]
    return CannotTell(f"more was published there since than can be read ({len(found)} posts).")


def match(line: Line, posts: Iterable[Post], prepared: Mapping[str, Any], until: float) -> Post | NotThere | CannotTell:
    """Which post is the prepared one: by its pictures, which are in no other post, or else by its text."""
    posts = [post for post in posts if not post.get("reblog")]
    for post in posts:
        if set(_media(post)) & set(prepared["media_ids"]):
            if is_it(line, post, prepared):
                return post
            return CannotTell("a post with its pictures is there, but its words or its other pictures differ.")
    return _by_text(line, posts, prepared, until)


def _by_text(
    line: Line, posts: Iterable[Post], prepared: Mapping[str, Any], until: float
) -> Post | NotThere | CannotTell:
    """Which post has the prepared text, where its uploads are in none."""
    doubt: NotThere | CannotTell = NotThere()
    for post in posts:
        near = words.likeness(str(post.get("content") or ""), prepared["text"])
        if near < UNLIKE:
            continue
        if time.monotonic() > until:
            return LATE
        same = _same_text(line, post, prepared)
        bare = same and not _media(post) and _same_warning(post, prepared)
        if bare and not prepared["media_ids"]:
            return post
        if bare:
            doubt = CannotTell("it is out without its pictures.")
        elif same:
            doubt = CannotTell("a post with its text is there, and its pictures or its warning are others.")
        elif near >= ALIKE:
            doubt = CannotTell("a post is there whose text is almost its own.")
    return doubt


def is_it(line: Line, post: Post, prepared: Mapping[str, Any]) -> bool:
    """Whether a post has the prepared text, warning and pictures."""
    same = set(_media(post)) == set(prepared["media_ids"]) and _same_warning(post, prepared)
    return same and (
        words.reads_as(str(post.get("content") or ""), prepared["text"]) or _same_text(line, post, prepared)
    )


def has_pictures(post: Post, prepared: Mapping[str, Any]) -> bool:
    """Whether it has the pictures that were sent: by their ids or, where a server gives others, by their alt texts."""
    if set(prepared["media_ids"]) <= set(_media(post)):
        return True
    alts = [str(one.get("description") or "").strip() for one in _attached(post)]
    return any(alts) and alts == [alt.strip() for _, alt in prepared["pictures"]]


def is_another(line: Line, post: Post, prepared: Mapping[str, Any]) -> bool:
    """Whether the answer to a POST is a post of other words: a key that was used before brings that one back.

    Without an earlier version of it, a server that changed a text, and hides how it was typed, is trusted.
    """
    try:
        if prepared["older"]:
            return not is_it(line, post, prepared)
        if words.reads_as(str(post.get("content") or ""), prepared["text"]):
            return False
        source = _source(line, post)
    except PublishError:
        return bool(prepared["older"])
    if source is None:
        return words.likeness(str(post.get("content") or ""), prepared["text"]) < UNLIKE
    return not words.same_source(source, prepared["text"])


def _same_text(line: Line, post: Post, prepared: Mapping[str, Any]) -> bool:
    """By the text as it was typed, or where the server does not tell that, by the HTML that it made of it."""
    source = _source(line, post)
    if source is not None:
        return words.same_source(source, prepared["text"])
    return words.reads_as(str(post.get("content") or ""), prepared["text"])


def _source(line: Line, post: Post) -> str | None:
    """The text as it was typed; None where the server does not tell."""
    answer = line.heard(lambda sdk: sdk.status_source(str(post["id"])))
    source = answer.data.get("text") if answer.ok and isinstance(answer.data, dict) else None
    if isinstance(source, str):
        return source
    if answer.status not in NOT_OFFERED:
        raise before(answer, line.host, line.account)
    return None


def _same_warning(post: Post, prepared: Mapping[str, Any]) -> bool:
    return words.same_source(str(post.get("spoiler_text") or ""), prepared["spoiler"])


def _media(post: Post) -> list[str]:
    return [str(one.get("id")) for one in _attached(post)]


def _attached(post: Post) -> list[dict[str, Any]]:
    return [one for one in post.get("media_attachments") or () if isinstance(one, dict)]


def _page(line: Line, account: str, asked: Mapping[str, Any]) -> tuple[list[Post], str]:
    """A page of the account's posts, and the id from which the server says that it goes on."""
    following: list[str] = []

    def call(sdk: Mastodon) -> None:
        more = getattr(sdk.account_statuses(account, **asked), "_pagination_next", None) or {}
        following.append(str(more.get("max_id") or ""))

    answer = line.done(call)
    page = answer.data
    if not isinstance(page, list) or not all(isinstance(post, dict) and post.get("id") for post in page):
        raise Unavailable(f"{line.host} answered with something that is no list of posts.", detail=answer.detail)
    return page, (following or [""])[0]


def _age(name: str) -> tuple[int, str]:
    """The order of ids in time: numbers, ULIDs and flakes grow, and are compared as text when they are as long."""
    return len(name), name
