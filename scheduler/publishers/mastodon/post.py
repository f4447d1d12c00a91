"""Small values of a post: from our message to what Mastodon is sent, and from its answer to where the post is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDING = ("text", "spoiler", "media_ids")


def language(code: str) -> str:
    """The language for Mastodon, which takes no region: "en" of "en-US"; empty when it is no code."""
    main = code.split("-", 1)[0].lower()
    return main if re.fullmatch(r"[a-z]{2,3}", main) else ""


def reply_to(thread: tuple[str, ...]) -> str:
    """The id of the last part that is out; a person may have confirmed it by its address."""
    if not thread:
        return ""
    return re.split(r"[?#]", thread[-1], maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]


def older(earlier: Mapping[str, Any] | None, prepared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What earlier tries would have said, where it is not what is to be said now."""
    if not earlier:
        return []
    versions = [*earlier["older"], {name: earlier[name] for name in WORDING}]
    now = {name: prepared[name] for name in WORDING}
    return [one for n, one in enumerate(versions) if one != now and one not in versions[:n]]


def post_of(data: object) -> dict[str, Any] | None:
    """The post in the answer to a POST; None when it holds none."""
    if isinstance(data, dict) and type(data.get("id")) in (str, int) and data["id"] and "content" in data:
        return data
    return None


def address(post: Mapping[str, Any], prepared: Mapping[str, Any]) -> str:
    """Where people see it. Without one (a server may leave it out) it is made as Mastodon makes it."""
    url = post.get("url")
    if not isinstance(url, str) or not re.match(r"https?://", url):
        url = f"{prepared['acct_url'].rstrip('/')}/{post['id']}"
    return re.sub(r"^http://", "https://", url)
