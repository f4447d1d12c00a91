"""A drawn picture as the bytes of a file, marked as sRGB, with its title, source and alt text, and nothing else.

The same picture and words give the same bytes: no file carries a time, and nothing depends on who encodes it.
"""

from __future__ import annotations

import html
import io
import re
import struct
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isal import isal_zlib

from scheduler.errors import CardError

if TYPE_CHECKING:
    from PIL import Image

    from scheduler.model import Card

MIME = {"png": "image/png", "jpeg": "image/jpeg"}
SUFFIX = {"png": "png", "jpeg": "jpg"}
ENDING = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9"}  # of a whole file
QUICK = 2  # ISA-L's level: as quick as 1 and a little smaller; 3 gives other bytes on other processors
BEST, LEAST = 96, 80  # JPEG quality; below it, edges of type smear
FILTERED = ("RGB", False, 6, -1, b"")  # Pillow chooses a filter for each row, level 6: smaller for photos
XMP_MOST = 60_000  # bytes; a JPEG's marker holds 65,533

_XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
{properties}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def encode(picture: Image.Image, card: Card) -> bytes:
    """The file of an RGB picture, in the card's format and at most its `max_bytes` long.

    Raises CardError, which says by how much it is too large.
    """
    return _small_png(picture, card) if card.format == "png" else _small_jpeg(picture, card)


def png(picture: Image.Image, about: bytes = b"") -> bytes:
    """A PNG of an RGB picture without row filters; `about` is chunks that say something about it.

    On a drawn card the row above is the best that deflate can find: filters would make the file larger.
    """
    return _png(picture, _deflated(isal_zlib.compressobj(QUICK), picture), about)


def jpeg(picture: Image.Image, quality: int, xmp: bytes = b"") -> bytes:
    """A JPEG of an RGB picture with colour as fine as light (4:4:4): anything less smears coloured type."""
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=quality, subsampling=0, icc_profile=_profile(), xmp=xmp, comment=b"")
    return packed.getvalue()


def _small_png(picture: Image.Image, card: Card) -> bytes:
    about = _about(card)
    packed = png(picture, about)
    if len(packed) <= card.max_bytes:
        return packed
    drawn = _deflated(zlib.compressobj(6), picture)  # ten times slower than the quick way, and a third smaller
    filtered = picture.tobytes("zip", *FILTERED)
    packed = _png(picture, min(drawn, filtered, key=len), about)
    if len(packed) > card.max_bytes:
        raise CardError(f"{_excess(card, len(packed))} Make it a jpeg, or allow more bytes.")
    return packed


def _small_jpeg(picture: Image.Image, card: Card) -> bytes:
    xmp = _xmp(card)
    packed = jpeg(picture, BEST, xmp)
    if len(packed) <= card.max_bytes:
        return packed
    fits = jpeg(picture, LEAST, xmp)
    if len(fits) > card.max_bytes:
        raise CardError(f"{_excess(card, len(fits))} Make it smaller, choose a calmer picture, or allow more bytes.")
    low, high = LEAST, BEST  # `low` fits, `high` does not
    while high - low > 1:
        middle = (low + high) // 2
        packed = jpeg(picture, middle, xmp)
        if len(packed) <= card.max_bytes:
            low, fits = middle, packed
        else:
            high = middle
    return fits


def _excess(card: Card, size: int) -> str:
    return (
        f"As a {card.format} this card is at least {size:,} bytes: "
        f"{size - card.max_bytes:,} more than the {card.max_bytes:,} allowed."
    )


def _rows(picture: Image.Image) -> memoryview:
    """The pixels as PNG wants them, but for the first byte: each row then begins with one that says "no filter"."""
    width, height = picture.size
    stride = 3 * width + 1  # one spare zero byte at each row's end: it is the first of the next row
    return memoryview(picture.tobytes("raw", "RGB", stride))[: stride * height - 1]


def _deflated(packer: Any, picture: Image.Image) -> bytes:  # noqa: ANN401  zlib's or ISA-L's compressobj
    return b"".join((packer.compress(b"\0"), packer.compress(_rows(picture)), packer.flush()))


def _png(picture: Image.Image, deflated: bytes, about: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", *picture.size, 8, 2, 0, 0, 0)  # 8 bits, RGB, not interlaced
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"sRGB", b"\0"),  # perceptual
            about,
            _chunk(b"IDAT", deflated),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))


def _about(card: Card) -> bytes:
    """The words about the card as iTXt chunks (PNG, third edition, 11.3.3.4)."""
    lang = _plain(card.lang).encode("ascii", "ignore")
    words = (("Title", card.title), ("Source", card.source), ("Description", card.alt))
    return b"".join(
        _chunk(b"iTXt", key.encode() + b"\0\0\0" + lang + b"\0\0" + _plain(text).encode())
        for key, text in words
        if text
    )


def _xmp(card: Card) -> bytes:
    """The same words as an XMP packet (ISO 16684-1), the alt text also where IPTC 2025.1 puts it."""
    words = (
        ("dc:title", card.title),
        ("dc:description", card.alt),
        ("Iptc4xmpCore:AltTextAccessibility", card.alt),
    )
    properties = "".join(_tagged(name, _plain(text), _plain(card.lang)) for name, text in words if text)
    if card.source:
        properties += f"<dc:source>{html.escape(_plain(card.source))}</dc:source>\n"
    packet = _XMP.format(properties=properties).encode() if properties else b""
    if len(packet) > XMP_MOST:
        raise CardError("The card's alt text is too long to be written into its file: shorten it.")
    return packet


def _tagged(name: str, text: str, lang: str) -> str:
    """A text in its language; readers look for the default first."""
    langs = ("x-default", lang) if lang else ("x-default",)
    entries = "".join(f'<rdf:li xml:lang="{html.escape(key)}">{html.escape(text)}</rdf:li>' for key in langs)
    return f"<{name}><rdf:Alt>{entries}</rdf:Alt></{name}>\n"


def _plain(text: str) -> str:
    """Without the characters that neither XML nor iTXt can hold: controls and halves of surrogate pairs."""
    return re.sub(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


@lru_cache(maxsize=1)
def _profile() -> bytes:
    """The ICC profile of sRGB: Little CMS's own, its time of making zeroed, since that would differ each time."""
    return (Path(__file__).parent / "srgb.icc").read_bytes()
