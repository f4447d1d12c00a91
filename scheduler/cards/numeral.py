"""A figure as a designer sets it: "About US$236 billion" as a small word, a large number, and its unit.

The number is the largest thing on the card; "about" and "nearly" stay at a size at which nobody misses them.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.cards.marks import Fade, Letters
from scheduler.cards.setting import Block, block, ladder
from scheduler.cards.shaping import rise, shape

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Theme

RATIO = r"\d+\s(?:in|of|out of|de cada|de|من)\s\d+"
NUMBER = r"(?:US)?[$€£]?\s?\d[\d.,]*\d|(?:US)?[$€£]?\d"
PARTS = re.compile(rf"(?P<before>\D*?)\s*(?P<main>{RATIO}|{NUMBER})\s?(?P<sign>%?)(?:\s+(?P<after>[^\d%/]+))?")

SIGN = 0.54  # the size of a raised percent sign to its number's
NEAR, SPACE = 0.05, 0.13  # em of the number before its sign, and before a unit beside it
BEFORE, AFTER, BESIDE = 0.21, 0.30, 0.36  # the sizes of the words around a number to its own
LEAST_WORD = 5.2  # units
GAP = 0.24  # between rows, in em of the smaller type
CLEAR = 0.7  # how much of what leaves the height of the digits is kept clear
WORD_LEADING = 0.98
WORDS_MOST = 26.0  # units: words are never as large as numbers


@dataclass(frozen=True, slots=True)
class Parts:
    """A figure taken apart. What has no number is all `main`."""

    before: str
    main: str
    sign: str
    after: str
    number: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a numeral: its block, the space over it in pixels, and what follows the number on the same line."""

    block: Block
    over: float
    under: float = 0.0  # what hangs below the baseline and must not touch the next row: "$", ","
    sign: str = ""  # raised to the height of the digits
    unit: Block | None = None  # on the baseline

    def width(self) -> float:
        """Of the number with all that follows it, in pixels."""
        wide = self.block.width
        if self.sign:
            wide += (NEAR + shape(self.sign, self.block.style).width * SIGN) * self.block.size
        if self.unit:
            wide += self.unit.width + SPACE * self.block.size
        return wide


@dataclass(frozen=True, slots=True)
class Numeral:
    """A figure at a size: its rows from top to bottom."""

    rows: tuple[Row, ...]
    number: int  # which row is the number; -1: it is all words

    @property
    def height(self) -> float:
        """From the first capitals to the last baseline, in pixels."""
        return sum(row.over + row.block.height + row.under for row in self.rows)

    @property
    def size(self) -> float:
        """Of its largest type, px an em."""
        return max((row.block.size for row in self.rows), default=0.0)

    @property
    def width(self) -> float:
        """Of its widest row, in pixels."""
        return max((row.width() for row in self.rows), default=0.0)

    def set(self, frame: Frame, theme: Theme, left: float, right: float, top: float) -> list[Mark]:
        """Its marks, the number in the theme's fade."""
        marks: list[Mark] = []
        for place, row in enumerate(self.rows):
            top += row.over
            fade = Fade(theme.figure_top, theme.figure_foot, (top, top + row.block.height))
            if row.sign or row.unit:
                marks += _followed(row, theme, right - row.width() if frame.rtl else left, top, fade)
            else:
                ink = fade if place == self.number or self.number < 0 else theme.text
                marks += row.block.set(left, right, top, ink, "figure", rtl=frame.rtl)
            top += row.block.height + row.under
        return marks


def dissect(figure: str) -> Parts:
    """A figure's parts: "Nearly 12,000" is "Nearly" and "12,000"; a number to dial stays whole."""
    found = PARTS.fullmatch(re.sub(r"[ \t\r\n]+", " ", figure).strip(" "))
    if not found:
        return Parts("", figure, "", "", number=bool(re.fullmatch(r"[\d\s()+%/.,–-]+", figure.strip())))
    return Parts(found["before"].strip(), found["main"], found["sign"], (found["after"] or "").strip(), number=True)


def numeral(
    figure: str, frame: Frame, lang: str, room: tuple[float, float], most: float, least: float
) -> Numeral | None:
    """The figure as large as `room` (width, height in px) lets it be, its number between `most` and `least` px an em.

    None when it does not fit.
    """
    parts = dissect(figure)
    if not parts.number:
        return _words(figure, frame, lang, room, min(most, WORDS_MOST * frame.unit))
    style = frame.styles.figure
    wide = shape(parts.main, style, lang).width + (NEAR + shape(parts.sign, style).width * SIGN if parts.sign else 0)
    top = min(most, room[0] / max(wide, 0.01))
    if top < least:
        return None
    sizes = ladder(least, top)

    def fits(size: float) -> bool:
        found = _at(parts, frame, lang, size, room[0])
        return found is not None and found.height <= room[1]

    place = bisect.bisect_left(sizes, x=True, key=fits)
    return _at(parts, frame, lang, sizes[place], room[0]) if place < len(sizes) else None


def _at(parts: Parts, frame: Frame, lang: str, size: float, width: float) -> Numeral | None:
    """The figure with its number at `size` px an em; on a wide card its unit stands beside it, else below."""
    line = shape(parts.main, frame.styles.figure, lang)
    number = Block((line,), frame.styles.figure, size, 1.0)
    rises = max(0.0, -line.ink.top - rise(frame.styles.figure)) * size  # the dot of "in" above the digits
    beside = frame.wide and bool(parts.after)
    unit = _word(parts.after, frame, lang, size * BESIDE, width, 1) if beside else None
    row = Row(number, rises * CLEAR, max(0.0, line.ink.bottom) * size * CLEAR, parts.sign, unit)
    if (beside and unit is None) or row.width() > width + 1:
        return None
    rows = [row]
    if parts.before:
        before = _word(parts.before, frame, lang, size * BEFORE, width, 2)
        if before is None:
            return None
        rows = [Row(before, 0.0), replace(row, over=row.over + GAP * 1.8 * before.size)]
    if parts.after and not beside:
        after = _word(parts.after, frame, lang, size * AFTER, width, 2)
        if after is None:
            return None
        rows.append(Row(after, GAP * 1.35 * after.size))
    return Numeral(tuple(rows), 1 if parts.before else 0)


def _word(text: str, frame: Frame, lang: str, size: float, width: float, lines: int) -> Block | None:
    """A word beside or around the number, never too small to be noticed."""
    least = LEAST_WORD * frame.unit
    for em in dict.fromkeys(ladder(least, max(least, size), 4)):
        if found := block(text, frame.styles.display, lang, em, width, WORD_LEADING, lines):
            return found
    return None


def _words(text: str, frame: Frame, lang: str, room: tuple[float, float], most: float) -> Numeral | None:
    for size in ladder(LEAST_WORD * 1.25 * frame.unit, most):
        row = block(text, frame.styles.display, lang, size, room[0], WORD_LEADING, 3)
        if row and row.height <= room[1]:
            return Numeral((Row(row, 0.0),), -1)
    return None


def _followed(row: Row, theme: Theme, left: float, top: float, fade: Fade) -> list[Letters]:
    """A number with its percent sign raised to the height of the digits, and its unit on the baseline."""
    line, size, style = row.block.lines[0], row.block.size, row.block.style
    x = left - line.ink.left * size
    base = top + rise(style) * size
    marks = [Letters(line, size, x, base, fade, "figure")]
    x += line.ink.right * size
    if row.sign:
        sign, small = shape(row.sign, style), size * SIGN
        x += NEAR * size
        marks.append(Letters(sign, small, x - sign.ink.left * small, top + rise(style) * small, fade, "figure"))
        x += sign.width * small
    if row.unit:
        unit = row.unit.lines[0]
        start = x + SPACE * size - unit.ink.left * row.unit.size
        marks.append(Letters(unit, row.unit.size, start, base, theme.text, "figure"))
    return marks
