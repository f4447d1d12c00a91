"""A post as Bluesky keeps it: its key, and the record that the public reads. Nothing is sent here.

Sources: https://atproto.com/specs/tid, lexicons app.bsky.feed.post and app.bsky.embed.images.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from scheduler import text
from scheduler.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scheduler.model import Image, Message

GRAPHEMES = 300
BYTES = 3000
IMAGES = 4
BLOB = 2_000_000  # bytes; the server counts when the post is made, not when the picture is uploaded
LABELS = ("porn", "sexual", "nudity", "graphic-media")  # that an author may give to a post
BASE32 = "234567abcdefghijklmnopqrstuvwxyz"


def tid(micros: int, clock: int) -> str:
    """A record key: 53 bits of microseconds since 1970, 10 bits that tell two writers apart; sorts by time."""
    value = (micros & (1 << 53) - 1) << 10 | clock & 1023
    return "".join(BASE32[value >> shift & 31] for shift in range(60, -1, -5))


def stamp(moment: datetime) -> str:
    """An instant as records have it: UTC, milliseconds, "Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def uri(repo: str, rkey: str) -> str:
    """The name of a post in the network."""
    return f"at://{repo}/app.bsky.feed.post/{rkey}"


def page(handle: str, repo: str, rkey: str) -> str:
    """The post's public address."""
    return f"https://bsky.app/profile/{repo if handle in ('', 'handle.invalid') else handle}/post/{rkey}"


def judge(message: Message, images: Sequence[bytes]) -> None:
    """Raise Rejected for what Bluesky will not take, or what is not as approved. Nothing was sent yet."""
    try:
        size = len(message.text.encode())
    except UnicodeEncodeError:
        raise Rejected("The text holds half of a character. Type that character again.") from None
    seen = text.graphemes(message.text)
    if seen > GRAPHEMES:
        raise Rejected(f"Bluesky takes {GRAPHEMES} characters; the text has {seen}.")
    if size > BYTES:
        raise Rejected(f"Bluesky takes {BYTES:,} bytes of text; this one has {size:,}. Use fewer emoji.")
    unknown = [label for label in message.labels if label not in LABELS]
    if unknown:
        raise Rejected(f"Bluesky does not know the label {unknown[0]}. Its labels are {', '.join(LABELS)}.")
    if len(images) != len(message.images):
        raise Rejected("The message's pictures and their files are not the same number.")
    if len(images) > IMAGES:
        raise Rejected(f"Bluesky takes {IMAGES} pictures; the post has {len(images)}.")
    for image, packed in zip(message.images, images, strict=True):
        _judge_picture(image, packed)


def _judge_picture(image: Image, packed: bytes) -> None:
    if hashlib.sha256(packed).hexdigest() != image.sha256:
        raise Rejected(f"The picture {image.path} is not the one that was approved.")
    if not image.mime.startswith("image/"):
        raise Rejected(f"Bluesky takes pictures; {image.path} is {image.mime}.")
    if len(packed) > BLOB:
        raise Rejected(f"Bluesky takes pictures of {BLOB:,} bytes; {image.path} has {len(packed):,}.")


def record(
    message: Message,
    created: str,
    *,
    blobs: Sequence[Mapping[str, Any]] = (),
    facets: Sequence[Mapping[str, Any]] = (),
    reply: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The post's record, as it is sent and kept."""
    made: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": message.text, "createdAt": created}
    if message.lang:
        made["langs"] = [message.lang]
    if facets:
        made["facets"] = list(facets)
    if message.labels:
        values = [{"val": label} for label in message.labels]
        made["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    if blobs:
        shown = [_picture(*pair) for pair in zip(message.images, blobs, strict=True)]
        made["embed"] = {"$type": "app.bsky.embed.images", "images": shown}
    if reply:
        made["reply"] = dict(reply)
    return made


def _picture(image: Image, blob: Mapping[str, Any]) -> dict[str, Any]:
    return {"alt": image.alt, "image": dict(blob), "aspectRatio": {"width": image.width, "height": image.height}}


def shown(one: object) -> tuple[object, ...]:
    """What makes two records the same post: words, time, pictures and their alt texts, and what it answers.

    Raises KeyError, TypeError or AttributeError for what is no post's record.
    """
    if not isinstance(one, dict):
        raise TypeError
    images = one.get("embed", {}).get("images", ())
    pictures = tuple((i["image"]["ref"]["$link"], i["alt"]) for i in images)
    return one["text"], one["createdAt"], pictures, one.get("reply", {}).get("parent", {}).get("uri")
