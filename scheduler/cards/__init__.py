"""The cards: a fact as a picture, in the size that a network wants.

`digest` names what would be drawn; `render` draws it once and keeps it in ``images/cards``, where it may be deleted at
any time. Equal cards are equal bytes, on each machine with the same versions of the libraries.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.errors import CardError, CardNotSaved
from scheduler.model import LAYOUTS, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from scheduler.model import Card

RENDERER = 5  # grows when the same card would be drawn differently
FOLDER = "images/cards"
SMALLEST, LARGEST = 400, 2400  # px
TRIES = 3  # how often a card is drawn when a file that it shows changes meanwhile

_pen = threading.Lock()  # Pillow and HarfBuzz hold Python's lock while they draw: two at once would only wait


def digest(card: Card, root: Path) -> str:
    """SHA-256 (hex) of all that decides the file: the card, its logo, photo and fonts, the renderer, its libraries.

    Raises CardError when a file that the card names cannot be read.
    """
    packed = json.dumps(
        [asdict(card), _engine(), _files(card, root)], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(packed.encode()).hexdigest()


def render(card: Card, root: Path) -> Image:
    """The card's picture under ``images/cards`` of the project `root`, drawn if it is missing or damaged.

    `alt` is empty: it is the message's to say. Raises CardError. May be called by several threads.
    """
    _known(card)
    from scheduler.cards.encoding import MIME, SUFFIX  # noqa: PLC0415  Pillow loads only when a card is drawn

    name, packed, found = _settled(card, root, SUFFIX[card.format])
    return Image(
        sha256=found,
        path=f"{FOLDER}/{name}",
        mime=MIME[card.format],
        width=card.width,
        height=card.height,
        size=len(packed),
        alt="",
        card=card,
    )


def _settled(card: Card, root: Path, suffix: str) -> tuple[str, bytes, str]:
    """The file's name, its bytes and their SHA-256 (hex), kept or drawn.

    The digest in the name is that of the files as they were while it was drawn.
    """
    before = digest(card, root), _state(card, root)
    for _ in range(TRIES):
        name = f"{before[0]}.{suffix}"
        if kept := _kept(root / FOLDER / name):
            return name, *kept
        packed = _drawn(card, root)
        after = digest(card, root), _state(card, root)
        if after == before:
            found = hashlib.sha256(packed).hexdigest()
            _keep(root / FOLDER / name, packed, found)
            return name, packed, found
        before = after
    raise CardError(
        "A photo, the logo or a font changed each time the card was drawn. "
        "Make sure that it is copied whole, and try again."
    )


def picture(card: Card, root: Path) -> Picture:
    """The card as an RGB picture that is not kept. Raises CardError."""
    _known(card)
    _files(card, root)  # judges each before it is opened
    from scheduler.cards import composing  # noqa: PLC0415

    with _pen:
        return composing.picture(card, root)


@lru_cache(maxsize=1)
def _engine() -> list[str]:
    files = sorted((Path(__file__).parent / "fonts").glob("*.ttf"))
    fonts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return [str(RENDERER), *_libraries(), *fonts]


def _libraries() -> list[str]:
    """The versions of what draws and packs; asking the modules is quicker than asking for their metadata."""
    import bidi  # type: ignore[import-untyped]  # noqa: PLC0415
    import isal  # noqa: PLC0415
    import PIL  # noqa: PLC0415
    import regex  # noqa: PLC0415
    import uharfbuzz  # type: ignore[import-untyped]  # noqa: PLC0415

    named = {"bidi": bidi.VERSION, "isal": isal.__version__, "pillow": PIL.__version__}
    named |= {"regex": regex.__version__, "uharfbuzz": uharfbuzz.__version__}
    return [f"{name} {version}" for name, version in named.items()]


def _files(card: Card, root: Path) -> list[str]:
    """The fingerprints of the project's own files that the card shows."""
    return [_fingerprint(root, name) for name in _named(card)]


def _state(card: Card, root: Path) -> list[int]:
    """The times and sizes of those files: one may change and change back while it is drawn."""
    from scheduler.cards.frame import changed  # noqa: PLC0415

    return [changed(root / name) for name in _named(card)]


def _named(card: Card) -> list[str]:
    theme = card.theme
    named = [theme.logo, card.photo.path if card.photo else ""]
    named += [font for font in (theme.figure_font, theme.text_font, theme.label_font) if "/" in font]
    return [name for name in named if name]


def _fingerprint(root: Path, name: str) -> str:
    from scheduler.cards import photos  # noqa: PLC0415

    path = photos.own(root / name, name)
    try:
        stat = path.stat()
        return _hashed(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise CardError(
            f"{name} cannot be read ({error.strerror}). Give this user the right to read it.", detail=str(error)
        ) from error


@lru_cache(maxsize=64)
def _hashed(path: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _known(card: Card) -> None:
    if card.layout not in LAYOUTS:
        raise CardError(f"There is no card layout “{card.layout}”. The layouts are: {', '.join(LAYOUTS)}.")
    if card.format not in ("png", "jpeg"):
        raise CardError(f"A card is a png or a jpeg, not “{card.format}”.")
    if not (SMALLEST <= card.width <= LARGEST and SMALLEST <= card.height <= LARGEST):
        raise CardError(
            f"A card's sides are {SMALLEST} to {LARGEST} px; this one would be {card.width} × {card.height}."
        )


def _drawn(card: Card, root: Path) -> bytes:
    from scheduler.cards.encoding import encode  # noqa: PLC0415

    return encode(picture(card, root), card)


def _kept(path: Path) -> tuple[bytes, str] | None:
    """The bytes of a card drawn before, and their SHA-256; None when there are none, or others."""
    try:
        packed, said = path.read_bytes(), _sum(path).read_bytes()
    except OSError:
        return None
    found = hashlib.sha256(packed).hexdigest()
    return (packed, found) if found.encode() == said else None


def _sum(path: Path) -> Path:
    """Where the SHA-256 of a card's file stands: hidden, as people look for cards there."""
    return path.with_name(f".{path.stem}.sha256")


def _keep(path: Path, packed: bytes, found: str) -> None:
    """Keep a card, its sum first: one without the other is drawn anew."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(_sum(path), found.encode())
        _write(path, packed)
    except OSError as error:
        raise CardNotSaved(
            f"The card could not be saved in {FOLDER}: {error.strerror or error}. "
            "Make room there, or let this user write to it.",
            detail=str(error),
        ) from error


def _write(path: Path, packed: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with aside.open("wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
