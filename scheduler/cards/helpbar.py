"""The bar at the foot of a card: where to get help, in digits that are read at arm's length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PIL import ImageDraw

from scheduler.cards import wrapping
from scheduler.cards.blocks import Block, lay
from scheduler.cards.lettering import Style, draw, rise, shape
from scheduler.errors import CardError

if TYPE_CHECKING:
    from PIL import Image

    from scheduler.cards.blocks import Frame
    from scheduler.model import Card

LABEL = Style("inter", (("opsz", 20), ("wght", 700)), 0.09)
PLAIN_HELP = Style("inter", (("opsz", 28), ("wght", 650)))
DIGITS = Style("bricolage", (("opsz", 60), ("wght", 800), ("wdth", 98)), 0.0, ("tnum",))


def paint_help(picture: Image.Image, card: Card, place: Frame) -> None:
    """Draw the bar: each way to help in a column, or else the line as it stands. Raises CardError if it cannot fit."""
    top = place.height - place.bar
    ImageDraw.Draw(picture).rectangle((0, top, place.width, place.height), fill=card.theme.accent)
    ways = [re.fullmatch(r"(\D+?)\s*(\d[\d\s().–-]*\d|\d)", part.strip()) for part in card.help.split("·")]
    pairs = [(way[1].strip(" :"), way[2]) for way in ways if way]
    if not (len(pairs) == len(ways) and _columns(picture, card, place, pairs)):
        _plain_help(picture, card, place)


def _columns(picture: Image.Image, card: Card, place: Frame, pairs: list[tuple[str, str]]) -> bool:
    """Each way to help in a column, its name over its number; False when that would be too small to read."""
    names = [shape(name.upper(), LABEL) for name, _ in pairs]
    numbers = [shape(number, DIGITS) for _, number in pairs]
    small, gap = place.bar * 0.155, place.bar * 0.3

    def wide(size: float) -> list[float]:
        return [max(n.width * small, d.width * size) for n, d in zip(names, numbers, strict=True)]

    room = place.inner - gap * (len(pairs) - 1)
    sizes = (place.bar * part / 100 for part in range(46, 25, -1))
    size = next((s for s in sizes if sum(wide(s)) <= room), None)
    if size is None:
        return False
    spare = place.inner - sum(wide(size))
    between = spare / (len(pairs) - 1) if len(pairs) > 1 else 0.0
    height = rise(LABEL) * small + place.bar * 0.125 + rise(DIGITS) * size
    top = place.height - place.bar / 2 - height / 2
    x = float(place.margin)
    for name, number, width in zip(names, numbers, wide(size), strict=True):
        at = x - name.bearing * small, top + rise(LABEL) * small
        draw(picture, name, LABEL, small, at, ink=card.theme.on_accent)
        draw(picture, number, DIGITS, size, (x - number.bearing * size, top + height), ink=card.theme.on_accent)
        x += width + between
    return True


def _plain_help(picture: Image.Image, card: Card, place: Frame) -> None:
    """The help line as it stands, on one line or two."""
    for count in (1, 2):
        lines = wrapping.balance(card.help, count, 1000, lambda w: shape(w, PLAIN_HELP).width)
        if lines is None:
            continue
        widest = max(shape(line, PLAIN_HELP).width for line in lines)
        size = min(place.inner / widest, place.bar * (0.34 if count == 1 else 0.27))
        if size >= place.bar * 0.2:
            block = Block(lines, PLAIN_HELP, size, 1.3)
            top = place.height - place.bar / 2 - block.height / 2
            lay(picture, block, (place.margin, top), card.theme.on_accent)
            return
    raise CardError(f"The help line does not fit the card in two lines ({len(card.help)} characters): “{card.help}”.")
