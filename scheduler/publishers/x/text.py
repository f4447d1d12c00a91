"""Whether a post on X is the one that was prepared: X rewrites links, escapes three signs and adds a picture's link.

Pure: a post as X's timeline shows it, and what `prepare` made, come as arguments.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TCO = re.compile(r"(https?://t\.co/\w+)")
_OWN_MEDIA = re.compile(r"https?://(?:x|twitter)\.com/[^/]+/status/(\d+)/(?:photo|video)/\d+")

OTHER_PICTURES = "A post with this text is there ({url}), but not with the same pictures."
OTHER_TEXT = "A post with these pictures is there ({url}), but its text reads otherwise."
EARLIER_TEXT = "An earlier text of this post is there ({url})."
LINK_UNKNOWN = "A post that reads the same is there ({url}), but X does not tell where its links lead."


def likeness(post: Mapping[str, Any], prepared: Mapping[str, Any]) -> bool | str:
    """True when the post is what was prepared, False when it is not; else a sentence, with a {url}, why it may be."""
    exact = _reads(post, str(prepared["text"]), prepared)
    if exact is None:
        older = [str(text) for text in prepared.get("before", ())]
        if any(_reads(post, text, prepared) is not None for text in older):
            return EARLIER_TEXT
        return OTHER_TEXT if _has_our_uploads(post, prepared) else False
    if not exact:
        return LINK_UNKNOWN
    return True if _pictures_fit(post, len(prepared["media_ids"])) else OTHER_PICTURES


def created(post: Mapping[str, Any]) -> datetime | None:
    """When the post was made; None when X did not say."""
    try:
        at = datetime.fromisoformat(str(post.get("created_at")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def flat(text: str) -> str:
    """The text as it is compared: composed (NFC), any white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _reads(post: Mapping[str, Any], ours: str, prepared: Mapping[str, Any]) -> bool | None:
    """Whether the post says `ours`, its links included; None when it does not, False when only its links are open."""
    links = _links(post)
    theirs = _without_media_link(_unescaped(str(post.get("text", ""))), links, str(post.get("id", "")))
    readings = [flat(theirs)]
    name = f"@{prepared.get('username', '')} "
    if prepared.get("reply_to") and readings[0].lower().startswith(name.lower()):
        readings.append(readings[0][len(name) :])
    for reading in readings:
        pattern, sure = _pattern(reading, links)
        if re.fullmatch(pattern, flat(ours)):
            return sure
    return None


def _links(post: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    return [one for one in urls or () if isinstance(one, dict) and isinstance(one.get("url"), str)]


def _unescaped(text: str) -> str:
    """X escapes these three, and nothing else; the ampersand comes last."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _of_media(link: Mapping[str, Any], post: str) -> bool:
    found = _OWN_MEDIA.fullmatch(str(link.get("expanded_url", "")))
    return bool(link.get("media_key")) or bool(found and found[1] == post)


def _without_media_link(text: str, links: Sequence[Mapping[str, Any]], post: str) -> str:
    text = text.rstrip()
    for link in links:
        if _of_media(link, post) and text.endswith(link["url"]):
            return text.removesuffix(link["url"])
    return text


def _pattern(theirs: str, links: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """A pattern of all that may have been sent to read so, and whether X told where every link leads."""
    known = {link["url"]: link for link in links}
    pieces, sure = [], True
    for piece in _TCO.split(theirs):
        if not _TCO.fullmatch(piece):
            pieces.append(re.escape(piece))
        elif piece in known:
            pieces.append(_any_of(known[piece]))
        else:
            pieces.append(r"\S+")
            sure = False
    return "".join(pieces), sure


def _any_of(link: Mapping[str, Any]) -> str:
    """What X may have shortened to this link: it adds a scheme to a bare address, and may drop the last slash."""
    given = {str(link[name]) for name in ("url", "expanded_url", "unwound_url") if link.get(name)}
    cores = sorted({re.sub(r"^https?://", "", unicodedata.normalize("NFC", one)).rstrip("/") for one in given})
    return f"(?i:(?:https?://)?(?:{'|'.join(re.escape(core) for core in cores)})/?)"


def _media_keys(post: Mapping[str, Any]) -> list[str] | None:
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    return [str(key) for key in keys] if isinstance(keys, list) else None


def _has_our_uploads(post: Mapping[str, Any], prepared: Mapping[str, Any]) -> bool:
    """Whether the post's pictures are the very uploads: X's key of a picture is a kind, "_", and the upload's id."""
    keys = {key.rpartition("_")[2] for key in _media_keys(post) or ()}
    return bool(keys & set(prepared["media_ids"]))


def _pictures_fit(post: Mapping[str, Any], wanted: int) -> bool:
    """Whether there are as many pictures: a person who posts the same by hand has made other uploads of them."""
    keys = _media_keys(post)
    if keys is not None:
        return len(keys) == wanted
    linked = any(_of_media(link, str(post.get("id", ""))) for link in _links(post))
    return linked == bool(wanted)
