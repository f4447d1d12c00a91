"""`date`: a day to mark, and what it is.

The day is the largest thing, with its month, "since" or a year small around it, as on a calendar's leaf; a rule with a
strong head parts it from the sentence. On a low card the two stand side by side, the rule upright between them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.cards.layouts.definition import WHITE, columns, rule_across, rule_upright, white_over
from scheduler.cards.numeral import LEAST_WORD, Numeral, Row, numeral
from scheduler.cards.setting import Block, block, ladder, overlong, shown
from scheduler.cards.shaping import shape
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Box, Mark
    from scheduler.model import Card

YEAR = re.compile(r"(?P<day>.*?\b\d{1,2}\b.*?)[,،]?\s+(?P<year>(?:del?\s+)?\d{4})")
DAY = (12.0, 56.0)  # units: least and most
WORD = 0.30  # of the day's size: the most that a word around it has
YEAR_SIZE, YEAR_OVER = 6.4, 2.8  # units: a year below its day, and the white between the two
TEXT = (4.1, 7.6)
LEADING, LEADING_RTL = 1.17, 1.4
DAY_COUNTS = 1.1  # how much a larger day is worth beside a larger text
COLUMN = 0.42  # of a low stage: the most that the day may take, beside its text
LOW = 0.8  # a stage's height to its width, up to which the two may stand side by side
AIR = 0.96  # how much of the stage may be filled


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The day and its sentence as large as they fit. Raises CardError."""
    if not card.figure.strip():
        raise CardError("The card has no day to mark. Give it a figure, such as “January 11”.")
    if not card.text.strip():
        raise CardError(f"The card does not say what {shown(card.figure)} is. Give it a text.")
    fits = _fits(card.text, card, frame, stage)
    if not fits:
        raise CardError(_complaint(card, frame, stage))
    _, day, text, upright = max(fits, key=lambda fit: fit[0])
    return _columns(card, frame, stage, day, text) if upright else _rows(card, frame, stage, day, text)


def _fits(words: str, card: Card, frame: Frame, stage: Box) -> list[tuple[float, Numeral, Block, bool]]:
    """What fits: its worth, the day, the text, and whether the two stand side by side."""
    found: list[tuple[float, Numeral, Block, bool]] = []
    for upright in (True, False):
        if stage.height > LOW * stage.width if upright else frame.wide:
            continue
        beside = _day(card, frame, (COLUMN * stage.width, AIR * stage.height), ruled=False) if upright else None
        if upright and beside is None:
            continue
        width = stage.width - (beside.width + 2 * WHITE * frame.unit if beside else 0.0)
        sizes = ladder(TEXT[0] * frame.unit, TEXT[1] * frame.unit)
        for size in sizes if upright else sizes[::2]:  # under a day, which is fitted anew for each, fewer will do
            text = _text(words, card, frame, size, (width, AIR * stage.height))
            if text is None:
                continue
            left = AIR * stage.height - text.height - text.under - WHITE * frame.unit
            if day := beside or _day(card, frame, (width, left), ruled=True):
                found.append((day.size**DAY_COUNTS * size * text.fills(width), day, text, upright))
    return found


def _text(words: str, card: Card, frame: Frame, size: float, room: tuple[float, float]) -> Block | None:
    leading = LEADING_RTL if frame.rtl else LEADING
    text = block(words, frame.styles.text, card.lang, size, room[0], leading)
    return text if text and text.over + text.height + text.under <= room[1] else None


def _day(card: Card, frame: Frame, room: tuple[float, float], *, ruled: bool) -> Numeral | None:
    """The day as large as it fits `room` (width, height in px), with the white below it where it stands on a rule."""
    dated = YEAR.fullmatch(card.figure.strip())
    year = _year(dated["year"], card, frame, room[0]) if dated else None
    if dated and year is None:
        return None
    stacked = replace(frame, wide=False)  # a month stands below its day in a column as well, never beside
    figure = dated["day"] if dated else card.figure
    beyond, whole = 0.0, None
    for _ in range(2):  # what stands beyond the numeral itself is known when it is set
        left = (room[0], room[1] - beyond)
        found = numeral(figure, stacked, card.lang, left, DAY[1] * frame.unit, DAY[0] * frame.unit)
        if found is None:
            return None
        locked = _locked(found, card, frame, room[0])
        whole = replace(locked, rows=(*locked.rows, year)) if year else locked
        over, under = _reach(whole, card, frame)
        beyond += whole.height - found.height + over + (white_over(frame, under) if ruled else under)
    return whole


def _locked(day: Numeral, card: Card, frame: Frame, width: float) -> Numeral:
    """The day with the words over and under it as wide as it is, where they can be: a month is never broken."""
    if day.number < 0:
        return day
    wide, most = day.rows[day.number].width(), WORD * day.size
    rows, before = [], 1.0
    for place, row in enumerate(day.rows):
        word = row.block if place == day.number else _word(row.block, card, frame, width)
        even = min(wide / max(word.width, 0.01) * word.size, most)
        size = word.size if place == day.number or even < LEAST_WORD * frame.unit else even
        grows = size / row.block.size
        rows.append(replace(row, block=replace(word, size=size), over=row.over * max(before, grows)))
        before = grows
    return replace(day, rows=tuple(rows))


def _word(word: Block, card: Card, frame: Frame, width: float) -> Block:
    """The word on one line, where that leaves it large enough."""
    line = shape(" ".join(line.text for line in word.lines), word.style, card.lang)
    size = min(word.size, width / line.width)
    return replace(word, lines=(line,), size=size) if size >= LEAST_WORD * frame.unit else word


def _year(year: str, card: Card, frame: Frame, width: float) -> Row | None:
    leading = LEADING_RTL if frame.rtl else 1.0
    row = block(year, frame.styles.display, card.lang, YEAR_SIZE * frame.unit, width, leading, 1)
    return Row(row, YEAR_OVER * frame.unit) if row else None


def _reach(day: Numeral, card: Card, frame: Frame) -> tuple[float, float]:
    """How far the day's ink goes over its top and under its foot, in pixels."""
    boxes = [mark.box for mark in day.set(frame, card.theme, 0.0, frame.inner, 0.0)]
    return max(0.0, -min(box.top for box in boxes)), max(0.0, max(box.bottom for box in boxes) - day.height)


def _rows(card: Card, frame: Frame, stage: Box, day: Numeral, text: Block) -> list[Mark]:
    """The day, the rule, the text."""
    unit = frame.unit
    over, under = _reach(day, card, frame)
    white = white_over(frame, under)
    spare = stage.height - over - day.height - white - WHITE * unit - text.height - text.under
    more = min(spare * 0.1, 2 * unit)
    top = stage.top + over + (spare - 2 * more) * 0.4
    rule = top + day.height + white + more
    return [
        *day.set(frame, card.theme, stage.left, stage.right, top),
        *rule_across(card, frame, stage, rule),
        *text.set(stage.left, stage.right, rule + WHITE * unit + more, card.theme.text, "text", rtl=frame.rtl),
    ]


def _columns(card: Card, frame: Frame, stage: Box, day: Numeral, text: Block) -> list[Mark]:
    """The day beside its text, both around the middle of the rule between them."""
    over, under = _reach(day, card, frame)
    first, edge, second = columns(frame, stage, day.width)
    tall = max(day.height, text.height)
    slack = stage.height - tall - over - max(under, text.under)
    middle = stage.top + over + slack * 0.42 + tall / 2
    return [
        *day.set(frame, card.theme, *first, middle - day.height / 2),
        *rule_upright(card, frame, edge, middle - tall / 2, middle + tall / 2),
        *text.set(*second, middle - text.height / 2, card.theme.text, "text", rtl=frame.rtl),
    ]


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    """What does not fit, and by how much."""
    size = frame.named
    room = (stage.width * (COLUMN if frame.wide else 1.0), AIR * stage.height)
    if _day(card, frame, room, ruled=not frame.wide) is None:
        return f"The day {shown(card.figure)} is too long for a card of {size}. Shorten it."
    much = overlong(card.text, lambda part: bool(_fits(part, card, frame, stage)))
    return f"The card's text is {much} for {size}. Shorten it."
