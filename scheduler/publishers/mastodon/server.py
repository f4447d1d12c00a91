"""The account's server: its address in config.toml, what it says about itself, and whether a message fits it.

Nothing is asked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scheduler import text

if TYPE_CHECKING:
    from scheduler.model import Image, Limits, Message


@dataclass(frozen=True, slots=True)
class Facts:
    """A server's software and its own limits; None, or nothing, where it names none."""

    software: str = ""  # as nodeinfo writes it: "mastodon", "gotosocial", "pixelfed"
    version: str = ""
    domain: str = ""  # of its people's names, which may not be that of its pages
    characters: int | None = None
    per_link: int | None = None
    pictures: int | None = None
    alt: int | None = None  # characters
    formats: tuple[str, ...] = ()  # MIME types
    size: int | None = None  # bytes of a picture
    pixels: int | None = None


def facts_of(raw: dict[str, Any]) -> Facts:
    """The facts in an answer of /api/v2/instance or /api/v1/instance."""
    statuses = _table(raw, "configuration", "statuses")
    media = _table(raw, "configuration", "media_attachments")
    formats = media.get("supported_mime_types")
    version = str(raw.get("version") or "")
    return Facts(
        software=_software(raw, version),
        version=version,
        domain=str(raw.get("domain") or ""),
        characters=_number(statuses.get("max_characters")) or _number(raw.get("max_toot_chars")),
        per_link=_number(statuses.get("characters_reserved_per_url")),
        pictures=_number(statuses.get("max_media_attachments")),
        alt=_number(media.get("description_limit")) or _number(raw.get("description_limit")),
        formats=tuple(str(f) for f in formats) if isinstance(formats, list) else (),
        size=_number(media.get("image_size_limit")),
        pixels=_number(media.get("image_matrix_limit")),
    )


def _software(raw: dict[str, Any], version: str) -> str:
    """Its name, where the instance tells it: "2.7.2 (compatible; Pixelfed 0.12.4)", or Mastodon's own API version."""
    other = re.search(r"\(compatible; ([\w-]+)", version)
    if other:
        return other[1].lower()
    return "mastodon" if "mastodon" in _table(raw, "api_versions") else ""


def nodeinfo_path(raw: object) -> str:
    """Where the nodeinfo document is, in the answer of /.well-known/nodeinfo; empty where it names none.

    Only the path: what it says about hosts is not for us to follow.
    """
    links = raw.get("links") if isinstance(raw, dict) else None
    for link in links if isinstance(links, list) else ():
        href = link.get("href") if isinstance(link, dict) else None
        found = re.fullmatch(r"https?://[^/]+(/[\w./-]*)", href) if isinstance(href, str) else None
        if found:
            return found[1]
    return ""


def named(facts: Facts, nodeinfo: object) -> Facts:
    """The facts, with the software's name and version as nodeinfo has them."""
    software = _table(nodeinfo, "software")
    name, version = software.get("name"), software.get("version")
    return replace(facts, software=str(name or "").lower(), version=str(version or facts.version))


def misfit(message: Message, facts: Facts, limits: Limits, host: str) -> str:
    """Why the message cannot stand on this server, as a sentence with the mend; empty when it can."""
    own = replace(limits, url_length=facts.per_link or limits.url_length)
    length = text.count(message.text, own) + text.graphemes(message.warning)
    if facts.characters is not None and length > facts.characters:
        return (
            f"{host} takes {facts.characters:,} characters, and the text with its warning has {length:,}: "
            f"shorten it by {length - facts.characters:,}, and set max_characters = {facts.characters} for the account."
        )
    if facts.pictures is not None and len(message.images) > facts.pictures:
        return f"{host} takes {facts.pictures} pictures, and the post has {len(message.images)}: leave some out."
    return next((why for why in (_picture(i, facts, host) for i in message.images) if why), "")


def _picture(image: Image, facts: Facts, host: str) -> str:
    if facts.formats and image.mime not in facts.formats:
        return f"{host} does not take {image.mime} pictures such as {image.path}: make it one of another kind."
    if facts.size is not None and image.size > facts.size:
        return f"{image.path} has {image.size:,} bytes, and {host} takes {facts.size:,}: make it smaller."
    if facts.pixels is not None and image.width * image.height > facts.pixels:
        return f"{image.path} has {image.width * image.height:,} pixels, and {host} takes {facts.pixels:,}: scale it."
    length = text.graphemes(image.alt)
    if facts.alt is not None and length > facts.alt:
        return f"The alt text of {image.path} has {length:,} characters, and {host} takes {facts.alt:,}: shorten it."
    return ""


def _table(raw: object, *path: str) -> dict[str, Any]:
    for name in path:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw if isinstance(raw, dict) else {}


def _number(raw: object) -> int | None:
    return raw if type(raw) is int and raw > 0 else None
