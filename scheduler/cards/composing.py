"""A card from its words: the ground, what stands on every card, and what its layout arranges."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from scheduler.cards import parts
from scheduler.cards.drawing import paint
from scheduler.cards.frame import changed, frame
from scheduler.cards.ground import ground
from scheduler.cards.marks import Box
from scheduler.cards.typography import smart

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from PIL import Image

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

KEPT = 15  # pictures of what all cards of a size and theme share: five sizes of three themes


def picture(card: Card, root: Path) -> Image.Image:
    """The card as an RGB picture. Raises CardError when its words do not fit or cannot be set."""
    card = in_type(card)
    place = frame(card, root)
    layout = _layout(card)
    marks = arrange(card, place)
    if hasattr(layout, "under"):  # what lies under the head and the bar, such as a photo
        empty = ground(card.width, card.height, card.theme)
        return paint(empty, [*layout.under(card, place), *_shared(card, place), *marks], root)
    return paint(_base(_common(card), root, place, changed(root / card.theme.logo)).copy(), marks, root)


def in_type(card: Card) -> Card:
    """The card with true quotes, dashes and spaces, for what was typed; no letter and no digit is changed."""

    def set_(text: str) -> str:
        return smart(text, card.lang)

    return replace(
        card,
        organisation=set_(card.organisation),
        campaign=set_(card.campaign),
        figure=set_(card.figure),
        text=set_(card.text),
        source=set_(card.source),
        by=set_(card.by),
        myth=set_(card.myth),
        items=tuple(replace(item, figure=set_(item.figure), text=set_(item.text)) for item in card.items),
    )


def arrange(card: Card, place: Frame) -> list[Mark]:
    """The marks that are this card's own: what its layout arranges, and its source."""
    _, top = parts.header(card, place)
    source, bottom = parts.source(card, place)
    stage = Box(place.margin, top, place.width - place.margin, bottom)
    return [*_layout(card).arrange(card, place, stage), *source]


def _layout(card: Card) -> ModuleType:
    return importlib.import_module(f"scheduler.cards.layouts.{card.layout}")


def _common(card: Card) -> Card:
    """The card with nothing but what all cards of its size, theme and language show."""
    bare = replace(card, layout="", figure="", text="", source="", items=(), by="", myth="", photo=None)
    return replace(bare, format="", title="", alt="", max_bytes=0)


def _shared(card: Card, place: Frame) -> list[Mark]:
    return [*parts.header(card, place)[0], *parts.helpbar(card, place)]


@lru_cache(maxsize=KEPT)
def _base(card: Card, root: Path, place: Frame, _changed: int) -> Image.Image:
    return paint(ground(card.width, card.height, card.theme), _shared(card, place), root)
