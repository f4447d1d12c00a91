"""An entry of the feed: what a message becomes, and what its ``entry.json`` holds. No file is written here."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from scheduler.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.model import Image, Message

SUFFIX = {"image/png": "png", "image/jpeg": "jpg"}
SLUG_BYTES = 200
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # XML 1.0, section 2.2
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
TITLE = 90  # characters of a title that is taken from the text
HEADING = 60  # characters of a first line that only names the topic
OPENING = 220


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of an entry, in its folder."""

    file: str
    mime: str
    width: int
    height: int
    size: int
    sha256: str
    alt: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One published post: what its ``entry.json`` holds."""

    key: str
    slug: str
    digest: str
    published: str  # ISO 8601, UTC
    day: str
    title: str
    text: str
    lang: str
    warning: str
    sources: tuple[tuple[str, str], ...]
    images: tuple[Picture, ...]
    campaign: str
    help: str

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Entry:
        """The entry that `asdict` made. Raises KeyError, TypeError or ValueError for anything else."""
        images = tuple(Picture(**i) for i in raw["images"])
        entry = cls(**{**raw, "images": images, "sources": tuple((s, u) for s, u in raw["sources"])})
        datetime.fromisoformat(entry.published)
        return entry

    def as_json(self) -> dict[str, Any]:
        """The entry as plain values."""
        return asdict(self)

    @property
    def id(self) -> str:
        """Its name for ever (RFC 4287, 4.2.6): made from the delivery's key alone."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"campaign-scheduler:entry:{self.key}").urn

    @property
    def heading(self) -> str:
        """Its title, or the beginning of its text."""
        if self.title:
            return self.title
        return _cut(self.text.strip().split("\n", 1)[0], TITLE)

    @property
    def opening(self) -> str:
        """The beginning of its text, for lists; what follows a short first line that stands alone, as a title does."""
        parts = re.split(r"\n\s*\n", self.text.strip())
        heading = len(parts) > 1 and len(parts[0]) <= HEADING and "\n" not in parts[0]
        return _cut(parts[1] if heading else parts[0], OPENING)

    @property
    def day_in_words(self) -> str:
        """The campaign day as its readers write it; ISO 8601 where we do not know how they do."""
        try:
            day = date.fromisoformat(self.day)
        except ValueError:
            return self.day
        if not self.lang.lower().startswith("en"):
            return self.day
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def entry_of(message: Message, images: tuple[bytes, ...], key: str, moment: datetime) -> Entry:
    """The entry of a message. Raises Rejected for what cannot stand on a page."""
    _words(message)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
        raise Rejected("The delivery's key is not one that the feed can use.")
    if len(images) != len(message.images):
        raise Rejected("The message's pictures and their files are not the same number.")
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", message.lang):
        raise Rejected(f"The language “{message.lang}” is not a code such as en or es.")
    card = next((i.card for i in message.images if i.card), None)
    return Entry(
        key=key,
        slug=_slug(message, key),
        digest=message.digest,
        published=moment.astimezone(UTC).replace(microsecond=0).isoformat(),
        day=message.day,
        title=message.title,
        text=message.text,
        lang=message.lang,
        warning=message.warning,
        sources=message.sources,
        images=tuple(_picture(n, *pair) for n, pair in enumerate(zip(message.images, images, strict=True), 1)),
        campaign=card.campaign if card else "",
        help=card.help if card else "",
    )


def _picture(number: int, image: Image, packed: bytes) -> Picture:
    if image.mime not in SUFFIX:
        raise Rejected(f"The feed shows png and jpeg pictures; {image.path} is {image.mime}.")
    if hashlib.sha256(packed).hexdigest() != image.sha256:
        raise Rejected(f"The picture {image.path} is not the one that was approved.")
    name = f"card-{number}.{SUFFIX[image.mime]}"
    return Picture(name, image.mime, image.width, image.height, len(packed), image.sha256, image.alt)


def _slug(message: Message, key: str) -> str:
    slug = message.post or key
    if slug.startswith(".") or re.search(r"[/\\:\x00-\x1f]", slug) or len(slug.encode()) > SLUG_BYTES:
        raise Rejected(f"The draft's name “{slug[:60]}” cannot be a folder's. Use letters, digits and hyphens.")
    return slug


def _words(message: Message) -> None:
    """Refuse what no XML reader takes: an unseen control character in any of the words."""
    shown = (message.text, message.title, message.warning, message.lang, message.post, message.day)
    words = (*shown, *(i.alt for i in message.images), *(part for source in message.sources for part in source))
    for text in words:
        bad = NOT_XML.search(text)
        if bad:
            near = NOT_XML.sub("", text[max(0, bad.start() - 20) : bad.start()])
            raise Rejected(f"After “{near}” stands an unseen control character (U+{ord(bad[0]):04X}). Take it out.")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
