"""`share`: a proportion, and a picture of it that is true to the number.

"1 in 6" is one person of six. A whole percentage is so many of a hundred people, who fill whole columns from the side
where the reader begins, so that the part is seen before it is counted. Anything finer, or of several parts, is a bar
whose parts have the exact lengths, each with its name. The picture serves the sentence, which is never small beside it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler import proportion
from scheduler.cards.layouts import stat
from scheduler.cards.marks import Box, Panel, Person
from scheduler.cards.numeral import numeral
from scheduler.cards.setting import block, shown
from scheduler.colour import blend
from scheduler.errors import CardError

if TYPE_CHECKING:
    from fractions import Fraction

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.cards.numeral import Numeral
    from scheduler.cards.setting import Block
    from scheduler.model import Card, Theme
    from scheduler.proportion import Proportion

ROWS_FEW = 3
BODY = 0.46  # a person's width to the height
APART, CLOSE = 0.30, 0.16  # between two people in a row, in widths; between two rows, in heights
LOOSE = 0.85  # between two people of a hundred: their columns are seen as columns
HUNDRED = ((25, 4), (20, 5))  # columns and rows of a hundred people under a sentence; the second if only it is whole
SQUARE = (10, 10)  # and beside a sentence
READ, READ_WIDE = (5.2, 4.8), (4.6,)  # units: what a smaller sentence is raised to, at the expense of the figure
LEADING_RTL = 1.45  # Arabic rises higher and reaches lower
FIGURE = 3.0  # of the sentence's size: the least of a figure that gives way to it
BESIDE = 0.40  # of the width: the most that a picture beside the sentence takes
SLIT = 0.35  # units: what parts two parts of a bar
THICK, THICK_WIDE = 6.0, 3.0  # units: a bar


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The figure and its sentence, with the picture of it below or, on a wide card, beside."""
    share = proportion.read(card.figure)
    if share is None:
        raise CardError(
            f"{shown(card.figure)} is no proportion that can be drawn. Write it as “1 in 6”, “44%” or “44% / 39%”, "
            "or use the layout stat."
        )
    if frame.wide and share.people:
        return _beside(card, frame, stage, share)
    return _below(card, frame, stage, share)


def _beside(card: Card, frame: Frame, stage: Box, share: Proportion) -> list[Mark]:
    """The picture as tall as the stage, unless it is too wide for that, with the claim in the rest of the width."""
    across, down = SQUARE if share.people == proportion.MANY else _grid(share.people)
    gutter = 6.0 * frame.unit
    tall = min(stage.height * stat.AIR, stage.width * BESIDE / _width(across, down, 1.0))
    wide = _width(across, down, tall)
    left, right = (
        (stage.left, stage.right - wide - gutter) if not frame.rtl else (stage.left + wide + gutter, stage.right)
    )
    room = Box(left, stage.top, right, stage.bottom)
    top = stage.top + (stage.height - tall) / 2
    at = stage.right - wide if not frame.rtl else stage.left
    crowd = _crowd(share.parts[0], (across, down), Box(at, top, at + wide, top + tall), card.theme, rtl=frame.rtl)
    return [*_claim(card, frame, room), *crowd]


def _below(card: Card, frame: Frame, stage: Box, share: Proportion) -> list[Mark]:
    gutter = (4.4 if frame.wide else 5.0) * frame.unit
    count = share.people
    if count:
        across, down = _hundred(share.parts[0]) if count == proportion.MANY else (count, 1)
        most = stage.height if count == proportion.MANY else min(stage.height * 0.24, 19 * frame.unit)
        tall = min(most, stage.width / _width(across, down, 1.0))
        foot = Box(stage.left, stage.bottom - tall, stage.right, stage.bottom)
        drawing: list[Mark] = _crowd(share.parts[0], (across, down), foot, card.theme, rtl=frame.rtl)
    else:
        drawing, tall = _bar(card, frame, stage, share)
    room = Box(stage.left, stage.top, stage.right, stage.bottom - tall - gutter)
    if frame.wide and not count:
        return [*stat.arrange(card, frame, room), *drawing]
    return [*_claim(card, frame, room), *drawing]


def _claim(card: Card, frame: Frame, room: Box) -> list[Mark]:
    """The figure and its sentence, with all of their ink in the room. Raises CardError."""
    height = most = room.height * stat.AIR
    while True:
        figure, text = stat.claim(card, frame, (room.width, height))
        if text and frame.rtl:
            text = replace(text, leading=max(text.leading, LEADING_RTL))
        under = text.under if text else 0.0
        over = stat.height(figure, text) + under - most
        if over <= 0:
            break
        height -= max(over, 1.0)
    if figure and text:
        figure, text = _raised(card, frame, (room.width, most - under), figure, text)
    return stat.place(card, frame, replace(room, bottom=room.bottom - under), figure, text)


def _raised(card: Card, frame: Frame, room: tuple[float, float], figure: Numeral, text: Block) -> tuple[Numeral, Block]:
    """Both; where the sentence came out small, the figure gives up some of its size to it."""
    for size in (part * frame.unit for part in (READ_WIDE if frame.wide else READ)):
        if text.size >= size:
            break
        larger = block(card.text, text.style, card.lang, size, room[0], text.leading)
        left = room[1] - larger.height - size * stat.BETWEEN if larger else 0.0
        sizes = figure.size, max(size * FIGURE, stat.SMALLEST * frame.unit)
        smaller = numeral(card.figure, frame, card.lang, (room[0], left), *sizes) if left > 0 else None
        if larger and smaller:
            return smaller, larger
    return figure, text


def _hundred(part: Fraction) -> tuple[int, int]:
    """Columns and rows for a hundred people: such that those who count fill whole columns, if there are such."""
    whole = (grid for grid in HUNDRED if (part * grid[0]).denominator == 1)
    return next(whole, HUNDRED[0])


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
    thick, size = (THICK_WIDE if frame.wide else THICK) * unit, 3.0 * unit
    shades = [theme.accent, blend(theme.accent, theme.background, 0.42), blend(theme.accent, theme.background, 0.62)]
    named_parts = zip(share.words, card.items, strict=False)  # the number tells a part, not its shade alone
    names = [f"{word} {item.text or item.figure}" if len(share.parts) > 1 else item.text for word, item in named_parts]
    rows = [block(name, frame.styles.strong, card.lang, size, stage.width - 3.2 * unit, 1.3, 2) for name in names]
    if None in rows:
        raise CardError("The name of a part does not fit beside its bar. Shorten the card's items.")
    named = sum((row.height + 1.7 * unit for row in rows if row), 0.0)
    top = stage.bottom - thick - named
    bar = Box(stage.left, top, stage.right, top + thick)
    marks: list[Mark] = [Panel(bar, theme.track, unit)]
    pen, ends = 0.0, []
    for place, part in enumerate(share.parts):
        wide = float(part) * stage.width
        x = stage.right - pen - wide if frame.rtl else stage.left + pen
        marks.append(Panel(Box(x, top, x + wide, top + thick), shades[place], unit))
        ends.append(x if frame.rtl else x + wide)
        pen += wide
    cut = SLIT * unit / 2  # where two parts meet: half of it in each, so that no part is shorter than its share
    marks += [Panel(Box(x - cut, top, x + cut, top + thick), theme.background) for x in ends[:-1]]
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
