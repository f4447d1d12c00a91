"""`list`: signs, steps or things to keep in mind, line by line under the sentence that says what they are.

The entries are the message and take the room; the heading leads to them, larger by a measure. Each entry hangs beside
a dot or, where the entries are numbered, beside its number; thin rules between them keep lines of different length in
one rhythm.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.cards import wrapping
from scheduler.cards.marks import Box, Panel
from scheduler.cards.setting import Block, block, inked, overlong, settled, together
from scheduler.cards.shaping import drop, rise, shape
from scheduler.colour import blend
from scheduler.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

FEWEST, MOST = 2, 5  # entries
HEADING, ENTRY = (5.2, 13.0, 9.2), (4.0, 7.6)  # units: least and most; the most of a heading on a wide card
SMALLER = (1.0, 0.95, 0.9, 0.86)  # parts of the heading's size at which its sentences are tried each by itself
STEPS = 9  # sizes of the entries that are tried
AIR = 0.95  # how much of the stage may be filled
HIGH, HIGH_WIDE = 0.36, 0.42  # the part of the space left over that stands above
LINES_COST = (0.4, 0.3)  # how much less the same size is worth on more lines: of the heading, of the entries
SENTENCE = re.compile(r"(?<=[^\W\d_]{3}[.?!؟])\s+")  # between two sentences, not after "U.S."
LARGER, LEAST = (1.8, 1.6, 1.4), 1.3  # the heading to the entries: at most, as is tried, and at least
HEADING_COUNTS = 0.35  # how much a larger heading is worth beside larger entries
HEADING_LEADING, LEADING = 1.06, 1.22
HEADING_LEADING_RTL, LEADING_RTL = 1.5, 1.4  # Arabic rises higher and reaches lower
NUMBER, DOT = 1.24, 0.30  # of an entry's size
INDENT = 0.62  # em of an entry between its number or dot and its words
GAP = (1.3, 2.2)  # em of an entry between two, at least and at most
WIDE_GAP = (1.7, 2.6)  # the same beside a heading, where they are spread to its height
AFTER = (1.9, 2.6)  # em of an entry between the heading and the first, at least and at most
COLUMNS = ((0.40, 0.44), (0.34, 0.30))  # parts of a wide card's width for the heading; others where none of these does
GUTTER = 6.0  # units between the heading's column and the entries


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries at one size: for each its number, if it has one, and its words."""

    numbers: tuple[Block | None, ...]
    texts: tuple[Block, ...]
    size: float
    indent: float  # px from the edge to the words
    width: float  # px from the edge to where the words must end

    def height(self, gap: float) -> float:
        """In pixels, with `gap` px between two entries."""
        return sum(text.height for text in self.texts) + gap * (len(self.texts) - 1)

    @property
    def under(self) -> float:
        """How far the last reaches below its baseline, in pixels."""
        return self.texts[-1].under


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The heading over its entries or, on a wide card, beside them. Raises CardError."""
    if not FEWEST <= len(card.items) <= MOST:
        raise CardError(
            f"A list has {FEWEST} to {MOST} lines; this card has {len(card.items)}. Change the card's items."
        )
    if not all(wrapping.words(item.text) for item in card.items):
        raise CardError("A line of the card's list has no words. Give it some, or take it out.")
    found = _fit(card, frame, stage)
    if found is None:
        raise CardError(_complaint(card, frame, stage))
    heading, entries = found
    if frame.wide and heading:
        return _beside(card, frame, stage, heading, entries)
    return _below(card, frame, stage, heading, entries)


def _fit(card: Card, frame: Frame, stage: Box) -> tuple[Block | None, Entries] | None:
    """The heading and the entries at the sizes that together are worth most."""
    for columns in COLUMNS if frame.wide and wrapping.words(card.text) else ((0.0,),):
        found = [pair for column in columns for pair in _pairs(card, frame, stage, column)]
        if found:
            return max(found, key=lambda pair: _worth(*pair))
    return None


def _pairs(card: Card, frame: Frame, stage: Box, column: float) -> Iterator[tuple[Block | None, Entries]]:
    """What fits with a `column` of the width for the heading, or with the heading above where that is 0."""
    headed = bool(wrapping.words(card.text))
    left = stage.width * column
    width = stage.width - left - GUTTER * frame.unit if column else stage.width
    for step in range(STEPS + 1):
        size = (ENTRY[1] - (ENTRY[1] - ENTRY[0]) * step / STEPS) * frame.unit
        entries = _entries(card, frame, size, width)
        tall = entries.height(size * GAP[0]) + entries.under if entries else math.inf
        if entries is None or tall > stage.height * AIR:
            continue
        high = stage.height * AIR - (0.0 if column else tall + size * AFTER[0])
        for larger in LARGER if headed else ():
            heading = _heading(card, frame, (size * LEAST, size * larger), (left or stage.width, high))
            if heading:
                yield heading, entries
        if not headed:
            yield None, entries


def _worth(heading: Block | None, entries: Entries) -> float:
    """Large type on few lines."""
    lines = sum(len(text.lines) for text in entries.texts)
    large = math.pow(heading.size, HEADING_COUNTS) / math.pow(len(heading.lines), LINES_COST[0]) if heading else 1.0
    return large * entries.size / math.pow(lines, LINES_COST[1])


def _heading(card: Card, frame: Frame, sizes: tuple[float, float], room: tuple[float, float]) -> Block | None:
    """The heading; each sentence begins a line where that takes no more lines and hardly a smaller size."""
    style, lang, unit = frame.styles.display, card.lang, frame.unit
    low = max(HEADING[0] * unit, sizes[0])
    high = max(low, min(HEADING[2 if frame.wide else 1] * unit, sizes[1]))
    leading = HEADING_LEADING_RTL if frame.rtl else HEADING_LEADING
    whole = inked(card.text, style, lang, (low, high), room, leading)
    if whole is None:
        return None
    sentences = SENTENCE.split(card.text.strip())
    for part in SMALLER if len(sentences) > 1 else ():
        size = max(low, whole.size * part)
        parts = [block(sentence, style, lang, size, room[0], leading) for sentence in sentences]
        lines = tuple(line for part in parts if part for line in part.lines)
        widow = any(part and len(part.lines) > 1 and " " not in part.lines[-1].text for part in parts)
        if all(parts) and not widow and len(lines) <= len(whole.lines):
            return replace(whole, lines=lines, size=size)
    return whole


def _entries(card: Card, frame: Frame, size: float, width: float) -> Entries | None:
    digits, figures = frame.styles.digits, [item.figure.strip() for item in card.items]
    lines = [shape(figure, digits, card.lang) if figure else None for figure in figures]
    numbers = [Block((line,), digits, size * NUMBER, 1.0) if line else None for line in lines]
    widest = max((number.width for number in numbers if number), default=size * DOT)
    indent = widest + size * INDENT
    leading = LEADING_RTL if frame.rtl else LEADING
    texts = [block(item.text, frame.styles.text, card.lang, size, width - indent, leading) for item in card.items]
    found = tuple(text for text in texts if text)
    return Entries(tuple(numbers), found, size, indent, width) if len(found) == len(texts) else None


def _below(card: Card, frame: Frame, stage: Box, heading: Block | None, entries: Entries) -> list[Mark]:
    over = entries.size * AFTER[0] if heading else 0.0
    fixed = heading.over + heading.height + over if heading else 0.0
    spare = stage.height * AIR - entries.height(entries.size * GAP[0]) - entries.under - fixed
    gaps = len(entries.texts) - 1
    more = min(spare / (gaps + 1.5), entries.size * (GAP[1] - GAP[0]))
    gap = entries.size * GAP[0] + more
    over += min(more * 1.5, entries.size * (AFTER[1] - AFTER[0])) if heading else 0.0
    tall = entries.height(gap) + (heading.height + over if heading else 0.0)
    top = settled(stage, tall, (heading.over if heading else 0.0, entries.under), HIGH)
    marks: list[Mark] = []
    if heading:
        marks += heading.set(stage.left, stage.right, top, card.theme.text, "text", rtl=frame.rtl)
        top += heading.height + over
    return [*marks, *_set(card, frame, entries, (stage.left, top, stage.right), gap)]


def _beside(card: Card, frame: Frame, stage: Box, heading: Block, entries: Entries) -> list[Mark]:
    """The two columns, centred on each other; the entries are spread to the heading's height where that is near."""
    gaps, size = len(entries.texts) - 1, entries.size
    spare = stage.height * AIR - entries.height(0.0) - entries.under
    level = (heading.height - entries.height(0.0)) / gaps
    gap = min(max(level, size * WIDE_GAP[0]), spare / gaps, size * WIDE_GAP[1])
    heights = heading.height, entries.height(gap)
    tall = max(heights)
    top = settled(stage, tall, (heading.over, max(entries.under, heading.under)), HIGH_WIDE)
    over, beside = (top + (tall - height) / 2 for height in heights)
    left = stage.left if frame.rtl else stage.right - entries.width
    marks: list[Mark] = [*heading.set(stage.left, stage.right, over, card.theme.text, "text", rtl=frame.rtl)]
    return [*marks, *_set(card, frame, entries, (left, beside, left + entries.width), gap)]


def _set(card: Card, frame: Frame, entries: Entries, place: tuple[float, float, float], gap: float) -> list[Mark]:
    """The entries from `place` (left, top, right) on, with a rule between each two."""
    left, top, right = place
    theme, size = card.theme, entries.size
    inner = (left, right - entries.indent) if frame.rtl else (left + entries.indent, right)
    hair = blend(theme.background, theme.muted, 0.34)
    marks: list[Mark] = []
    for at, (number, text) in enumerate(zip(entries.numbers, entries.texts, strict=True)):
        if at:
            line = round(top - gap + size * drop(text.style) + (gap - size * drop(text.style)) / 2)
            marks.append(Panel(Box(left, line, right, line + 2), hair))
        middle = top + size * rise(text.style) * 0.56
        if number:
            over = top + size * rise(text.style) - number.height
            marks += number.set(left, right, over, theme.accent, "figure", rtl=frame.rtl)
        else:
            dot = size * DOT
            x = right - dot if frame.rtl else left
            marks.append(Panel(Box(x, middle - dot / 2, x + dot, middle + dot / 2), theme.accent, dot / 2))
        marks += text.set(*inner, top, theme.text, "text", rtl=frame.rtl)
        top += text.height + gap
    return marks


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    """What does not fit, and by how much."""
    size = frame.named
    brief = worded(card, ["–"] * len(card.items))
    if _fit(brief, frame, stage) is None:
        much = overlong(card.text, lambda text: _fit(replace(brief, text=text), frame, stage) is not None)
        return f"The heading of the list is {much} for {size}. Shorten the card's text."
    texts = [item.text for item in card.items]
    much = together(texts, lambda kept: _fit(worded(card, kept), frame, stage) is not None)
    return f"The lines of the list are together {much} for {size}. Shorten them, or take one out."


def worded(card: Card, texts: list[str]) -> Card:
    """The card with other words in its items."""
    return replace(card, items=tuple(replace(item, text=text) for item, text in zip(card.items, texts, strict=True)))
