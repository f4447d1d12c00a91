"""`share`: a proportion, and a picture of it that is true to the number.

"1 in 6" is one person of six. A whole percentage is so many of a hundred people. Anything finer, or of several parts,
is a bar whose parts have the exact lengths, each with its name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scheduler import proportion
from scheduler.cards.colour import blend
from scheduler.cards.layouts import stat
from scheduler.cards.marks import Box, Panel, Person
from scheduler.cards.setting import block
from scheduler.errors import CardError

if TYPE_CHECKING:
    from fractions import Fraction

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card, Theme
    from scheduler.proportion import Proportion

ROWS_FEW = 3
BODY = 0.46  # a person's width to the height
APART, CLOSE = 0.30, 0.16  # between two people in a row, in widths; between two rows, in heights
LOOSE = 0.85  # between two people of a hundred: their columns are seen as columns


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The figure and its sentence, with the picture of it below or, on a wide card, beside."""
    share = proportion.read(card.figure)
    if share is None:
        raise CardError(
            f"“{card.figure}” is no proportion that can be drawn. Write it as “1 in 6”, “44%” or “44% / 39%”, "
            "or use the layout stat."
        )
    if frame.wide and share.people:
        return _beside(card, frame, stage, share)
    return _below(card, frame, stage, share)


def _beside(card: Card, frame: Frame, stage: Box, share: Proportion) -> list[Mark]:
    count = share.people
    many = count == proportion.MANY
    across, down = (10, 10) if many else _grid(count)
    gutter = 5.0 * frame.unit
    tall = min(stage.height * (1.0 if many else 0.74), stage.width * 0.36 / _width(across, down, 1.0))
    wide = _width(across, down, tall)
    left, right = (
        (stage.left, stage.right - wide - gutter) if not frame.rtl else (stage.left + wide + gutter, stage.right)
    )
    room = Box(left, stage.top, right, stage.bottom)
    figure, text = stat.claim(card, frame, (room.width, room.height * stat.AIR))
    top = stage.top + (stage.height - tall) / 2
    at = stage.right - wide if not frame.rtl else stage.left
    crowd = _crowd(share.parts[0], (across, down), Box(at, top, at + wide, top + tall), card.theme, rtl=frame.rtl)
    return [*stat.place(card, frame, room, figure, text), *crowd]


def _below(card: Card, frame: Frame, stage: Box, share: Proportion) -> list[Mark]:
    gutter = (3.0 if frame.wide else 5.0) * frame.unit
    count = share.people
    if count:
        across, down = (20, 5) if count == proportion.MANY else (count, 1)
        most = (stage.height * 0.30) if count == proportion.MANY else min(stage.height * 0.24, 19 * frame.unit)
        tall = min(most, stage.width / _width(across, down, 1.0))
        if count == proportion.MANY:
            tall = stage.width / _width(across, down, 1.0)
        foot = Box(stage.left, stage.bottom - tall, stage.right, stage.bottom)
        drawing: list[Mark] = _crowd(share.parts[0], (across, down), foot, card.theme, rtl=frame.rtl)
    else:
        drawing, tall = _bar(card, frame, stage, share)
    room = Box(stage.left, stage.top, stage.right, stage.bottom - tall - gutter)
    figure, text = stat.claim(card, frame, (room.width, room.height * stat.AIR))
    return [*stat.place(card, frame, room, figure, text), *drawing]


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows for a few people: nearly square, and no row shorter than the others."""
    for down in range(math.isqrt(count), 0, -1):
        if count % down == 0:
            return count // down, down
    return count, 1


def _width(across: int, down: int, tall: float) -> float:
    """How wide a crowd is that is `tall` pixels high."""
    person = tall / (down + (down - 1) * CLOSE)
    return person * BODY * (across + (across - 1) * _apart(down))


def _apart(down: int) -> float:
    return LOOSE if down > ROWS_FEW else APART


def _crowd(part: Fraction, grid: tuple[int, int], box: Box, theme: Theme, *, rtl: bool) -> list[Mark]:
    """People column by column, so that those who count stand together."""
    across, down = grid
    tall = box.height / (down + (down - 1) * CLOSE)
    wide = tall * BODY
    pitch = wide * (1 + _apart(down))
    counted = int(part * across * down)
    whole = (across - 1) * pitch + wide
    start = box.right - whole if rtl else box.left
    marks: list[Mark] = []
    for place in range(across * down):
        column, row = divmod(place, down)
        x = start + (across - 1 - column if rtl else column) * pitch
        y = box.top + row * tall * (1 + CLOSE)
        fill = theme.accent if place < counted else theme.track
        marks.append(Person(Box(x, y, x + wide, y + tall), fill))
    return marks


def _bar(card: Card, frame: Frame, stage: Box, share: Proportion) -> tuple[list[Mark], float]:
    """A bar of the whole with its parts, named below; and its height."""
    unit, theme = frame.unit, card.theme
    thick, size = 6.0 * unit, 3.0 * unit
    shades = [theme.accent, blend(theme.accent, theme.background, 0.42), blend(theme.accent, theme.background, 0.62)]
    names = [item.text or item.figure for item in card.items][: len(share.parts)]
    rows = [block(name, frame.styles.strong, card.lang, size, stage.width - 3.2 * unit, 1.3, 2) for name in names]
    if None in rows:
        raise CardError("The name of a part does not fit beside its bar. Shorten the card's items.")
    named = sum((row.height + 1.7 * unit for row in rows if row), 0.0)
    top = stage.bottom - thick - named
    bar = Box(stage.left, top, stage.right, top + thick)
    marks: list[Mark] = [Panel(bar, theme.track, unit)]
    left = stage.left
    for place, part in enumerate(share.parts):
        wide = float(part) * stage.width
        x = stage.right - (left - stage.left) - wide if frame.rtl else left
        marks.append(
            Panel(
                Box(x, top, x + wide - (0.35 * unit if len(share.parts) > 1 else 0), top + thick), shades[place], unit
            )
        )
        left += wide
    y = top + thick + 1.7 * unit
    for place, row in enumerate(rows):
        if row:
            dot = 1.7 * unit
            middle = y + row.size * 0.36
            x = stage.right - dot if frame.rtl else stage.left
            marks.append(Panel(Box(x, middle - dot / 2, x + dot, middle + dot / 2), shades[place], dot / 2))
            inset = 3.2 * unit
            marks += row.set(stage.left + inset, stage.right - inset, y, theme.text, "label", rtl=frame.rtl)
            y += row.height + 1.7 * unit
    return marks, thick + named
