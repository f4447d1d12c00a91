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

RENDERER = 4  # grows when the same card would be drawn differently
FOLDER = "images/cards"
SMALLEST, LARGEST = 400, 2400  # px

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

    path = f"{FOLDER}/{digest(card, root)}.{SUFFIX[card.format]}"
    packed = _kept(root / path, card)
    if packed is None:
        packed = _drawn(card, root)
        _keep(root / path, packed)
    return Image(
        sha256=hashlib.sha256(packed).hexdigest(),
        path=path,
        mime=MIME[card.format],
        width=card.width,
        height=card.height,
        size=len(packed),
        alt="",
        card=card,
    )


def picture(card: Card, root: Path) -> Picture:
    """The card as an RGB picture that is not kept. Raises CardError."""
    _known(card)
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
    theme = card.theme
    named = [theme.logo, card.photo.path if card.photo else ""]
    named += [font for font in (theme.figure_font, theme.text_font, theme.label_font) if "/" in font]
    return [_fingerprint(root, name) for name in named if name]


def _fingerprint(root: Path, name: str) -> str:
    try:
        path = root / name
        stat = path.stat()
        return _hashed(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise CardError(f"The file {name} cannot be read ({error.strerror}). Put it there, or name another.") from error


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


def _kept(path: Path, card: Card) -> bytes | None:
    """The bytes of a card drawn before; None when there are none, or they are not that picture."""
    from PIL import Image as Pictures  # noqa: PLC0415

    from scheduler.cards.encoding import ENDING  # noqa: PLC0415

    try:
        packed = path.read_bytes()
        if not packed.endswith(ENDING[card.format]):
            return None
        with Pictures.open(path) as drawn:
            right = drawn.format == card.format.upper() and drawn.size == (card.width, card.height)
            drawn.verify()
    except (OSError, SyntaxError, ValueError):  # Pillow's ways to say that a file is damaged
        return None
    return packed if right else None


def _keep(path: Path, packed: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise CardNotSaved(
            f"The card could not be saved in {FOLDER}: {error.strerror or error}. "
            "Make room there, or let this user write to it.",
            detail=str(error),
        ) from error
