"""The cards: a fact as a picture, in the size that a network wants.

`digest` names what would be drawn; `render` draws it once and keeps it in ``images/cards``, where it may be deleted at
any time. Equal cards are equal bytes, on each machine with the same versions of the libraries.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import threading
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.errors import CardError, CardNotSaved
from scheduler.model import Image

if TYPE_CHECKING:
    from scheduler.model import Card

RENDERER = 1  # grows when the same card would be drawn differently
FOLDER = "images/cards"
LAYOUTS = ("stat",)  # each the name of a module here
SMALLEST, LARGEST = 400, 2400  # px


def digest(card: Card) -> str:
    """SHA-256 (hex) of all that decides the picture: the card, the fonts, the renderer and its libraries."""
    packed = json.dumps([asdict(card), _engine()], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def render(card: Card, root: Path) -> Image:
    """The card's picture under ``images/cards`` of the project `root`, drawn if it is missing or damaged.

    `alt` is empty: it is the message's to say. Raises CardError.
    """
    _known(card)
    from scheduler.cards.encoding import MIME, SUFFIX  # noqa: PLC0415  Pillow loads only when a card is drawn

    path = f"{FOLDER}/{digest(card)}.{SUFFIX[card.format]}"
    packed = _kept(root / path, card)
    if packed is None:
        packed = _draw(card)
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


@lru_cache(maxsize=1)
def _engine() -> list[str]:
    files = sorted((Path(__file__).parent / "fonts").glob("*.ttf"))
    fonts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return [str(RENDERER), version("pillow"), version("uharfbuzz"), *fonts]


def _known(card: Card) -> None:
    if card.layout not in LAYOUTS:
        raise CardError(f"There is no card layout “{card.layout}”. The layouts are: {', '.join(LAYOUTS)}.")
    if card.format not in ("png", "jpeg"):
        raise CardError(f"A card is a png or a jpeg, not “{card.format}”.")
    if not (SMALLEST <= card.width <= LARGEST and SMALLEST <= card.height <= LARGEST):
        raise CardError(
            f"A card's sides are {SMALLEST} to {LARGEST} px; this one would be {card.width} × {card.height}."
        )


def _draw(card: Card) -> bytes:
    from scheduler.cards.encoding import encode  # noqa: PLC0415

    paint = importlib.import_module(f"scheduler.cards.{card.layout}").paint
    return encode(paint(card), card.format)


def _kept(path: Path, card: Card) -> bytes | None:
    """The bytes of a card drawn before; None when there are none, or they are not that picture."""
    from PIL import Image as Picture  # noqa: PLC0415

    from scheduler.cards.encoding import ENDING  # noqa: PLC0415

    try:
        packed = path.read_bytes()
        if not packed.endswith(ENDING[card.format]):
            return None
        with Picture.open(path) as picture:
            right = picture.format == card.format.upper() and picture.size == (card.width, card.height)
            picture.verify()
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
