"""`myth`: what people believe, struck out and small; then what is so, large.

Whatever part of the card is shown alone, nobody may read the myth as true: it stands in quotation marks below its own
label, muted, and each of its lines is struck through from end to end, so that no crop shows words without the stroke.
The fact has at least 1.6 times its size and the text's full colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.cards import wrapping
from scheduler.cards.endings import flow
from scheduler.cards.layouts.list import HIGH, HIGH_WIDE
from scheduler.cards.layouts.quote import said
from scheduler.cards.marks import Box, Letters, Panel
from scheduler.cards.parts import UNCASED, hair
from scheduler.cards.setting import Block, block, inked, overlong, settled
from scheduler.cards.shaping import rise, shape
from scheduler.colour import blend
from scheduler.errors import CardError
from scheduler.phrases import say

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

MYTH, FACT = (4.0, 5.6), (6.4, 13.0)  # units: least and most
STEPS, MYTH_COUNTS = 4, 0.4  # sizes of the myth that are tried; how much a larger one is worth beside a larger fact
LARGER = 1.6  # the fact to the myth, at least
MYTH_LEADING, FACT_LEADING, LEADING_RTL = 1.28, 1.13, 1.4
STROKE, LEAST_STROKE, OVER = 0.058, 0.36, 0.25  # how thick: em of the myth, units; em above the baseline
BEYOND = 0.10  # em of the myth: how far the stroke goes past the last letter
LABEL, CHIP = 2.3, 4.6  # units: its letters, and its height
BELOW = (2.6, 3.4)  # units between a label and the myth, and the fact
BETWEEN = (4.4, 9.0)  # units between the myth and the fact's label, at least and at most
AIR = (0.91, 0.98)  # how much of the stage may be filled: rather so much, at most so much
COLUMN, GUTTER = 0.29, 7.0  # of a wide card: the myth's part of the width; units between it and the fact
DOUBLE = '“”"«»„'


@dataclass(frozen=True, slots=True)
class Pair:
    """The myth and the fact at their sizes."""

    myth: Block
    fact: Block


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The myth with its label above the fact with its own or, on a wide card, beside it. Raises CardError."""
    for text, name in ((card.myth, "myth"), (card.text, "text, which says what is so")):
        if not wrapping.words(text):
            raise CardError(f"The card has no {name}. Give it one.")
    pair = _fit(card, frame, stage)
    if pair is None:
        raise CardError(_complaint(card, frame, stage))
    if frame.wide:
        return _beside(pair, card, frame, stage)
    spare = stage.height * AIR[1] - _height(pair, frame) - pair.fact.under
    between = BETWEEN[0] * frame.unit + min(spare * 0.6, (BETWEEN[1] - BETWEEN[0]) * frame.unit)
    tall = _height(pair, frame) + between - BETWEEN[0] * frame.unit
    top = settled(stage, tall, (0.0, pair.fact.under), HIGH)
    marks = _myth(pair.myth, card, frame, Box(stage.left, top, stage.right, stage.bottom))
    top += (CHIP + BELOW[0]) * frame.unit + pair.myth.height + between
    return [*marks, *_fact(pair.fact, card, frame, Box(stage.left, top, stage.right, stage.bottom))]


def _beside(pair: Pair, card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The two side by side, parted by a rule; the myth where reading begins."""
    column, gutter = _column(frame, stage), GUTTER * frame.unit
    tall, under = _height(pair, frame), max(pair.myth.under, pair.fact.under)
    top = settled(stage, tall, (0.0, under), HIGH_WIDE)
    foot = top + tall
    edge = stage.right - column if frame.rtl else stage.left + column
    rule = round(edge - gutter / 2 if frame.rtl else edge + gutter / 2)
    first, second = Box(stage.left, top, edge, foot), Box(edge + gutter, top, stage.right, foot)
    if frame.rtl:
        first, second = Box(edge, top, stage.right, foot), Box(stage.left, top, edge - gutter, foot)
    line = Panel(Box(rule, round(top), rule + 2, round(foot)), hair(card.theme))
    return [*_myth(pair.myth, card, frame, first), line, *_fact(pair.fact, card, frame, second)]


def _column(frame: Frame, stage: Box) -> float:
    """The width that the myth has."""
    return stage.width * COLUMN if frame.wide else stage.width


def _height(pair: Pair, frame: Frame) -> float:
    """What the two take at least, in pixels."""
    myth = (CHIP + BELOW[0]) * frame.unit + pair.myth.height
    fact = (CHIP + BELOW[1]) * frame.unit + pair.fact.height
    return max(myth, fact) if frame.wide else myth + BETWEEN[0] * frame.unit + fact


def _fit(card: Card, frame: Frame, stage: Box) -> Pair | None:
    """The two with air around them, or else with little."""
    found = (_filling(card, frame, stage, stage.height * part) for part in AIR)
    return next((pair for pair in found if pair), None)


def _filling(card: Card, frame: Frame, stage: Box, tall: float) -> Pair | None:
    """The two at the sizes that together are worth most, within `tall` px."""
    unit, style, column = frame.unit, frame.styles.text, _column(frame, stage)
    width = stage.width - column - GUTTER * unit if frame.wide else stage.width
    pairs: list[Pair] = []
    for step in range(STEPS + 1):
        size = (MYTH[1] - (MYTH[1] - MYTH[0]) * step / STEPS) * unit
        myth = block(
            quoted(card.myth, card.lang), style, card.lang, size, column, LEADING_RTL if frame.rtl else MYTH_LEADING
        )
        if myth is None:
            continue
        over = _height(Pair(myth, Block((), style, size, FACT_LEADING)), frame)
        if over > tall:
            continue
        high = tall - ((CHIP + BELOW[1]) * unit if frame.wide else over)
        sizes = (max(FACT[0] * unit, size * LARGER), FACT[1] * unit)
        fact = inked(card.text, style, card.lang, sizes, (width, high), LEADING_RTL if frame.rtl else FACT_LEADING)
        if fact:
            pairs.append(Pair(myth, replace(fact, size=max(fact.size, size * LARGER))))
    return max(pairs, key=_worth, default=None)


def _worth(pair: Pair) -> float:
    """How large the two are, and how well the lines of the fact follow its sense."""
    reads = flow(line.text for line in pair.fact.lines)
    return pair.fact.size * math.pow(pair.myth.size, MYTH_COUNTS) * reads


def _myth(myth: Block, card: Card, frame: Frame, box: Box) -> list[Mark]:
    quiet = blend(card.theme.background, card.theme.muted, 0.24)
    label = _label(say("myth", card.lang), card, frame, box, (quiet, card.theme.text))
    return [*label, *_struck(myth, card, frame, box, box.top + (CHIP + BELOW[0]) * frame.unit)]


def _fact(fact: Block, card: Card, frame: Frame, box: Box) -> list[Mark]:
    label = _label(say("fact", card.lang), card, frame, box, (card.theme.accent, card.theme.on_accent))
    top = box.top + (CHIP + BELOW[1]) * frame.unit
    hang = not frame.wide  # beside it stands the rule
    return [*label, *fact.set(box.left, box.right, top, card.theme.text, "text", rtl=frame.rtl, hang=hang)]


def quoted(text: str, lang: str) -> str:
    """The text in the quotation marks of its language, unless it has some of its own."""
    if any(sign in text for sign in DOUBLE):
        return text.strip()
    words, opening, closing = said(text, lang)
    return f"{opening}{words}{closing}"


def _struck(myth: Block, card: Card, frame: Frame, place: Box, top: float) -> list[Mark]:
    theme, size = card.theme, myth.size
    letters = myth.set(place.left, place.right, top, theme.text, "myth", rtl=frame.rtl)
    thick, ink = round(max(STROKE * size, LEAST_STROKE * frame.unit)), blend(theme.accent, theme.background, 0.2)
    marks: list[Mark] = []
    for (
        line
    ) in letters:  # the stroke begins at the margin: a quotation mark that hangs there would leave the edge ragged
        box, over = line.box, round(line.y - OVER * size)
        beyond = BEYOND * size
        stroke = Box(place.left, over, box.right + beyond, over + thick)
        if frame.rtl:
            stroke = Box(box.left - beyond, over, place.right, over + thick)
        marks += [Panel(stroke, ink), line]  # the letters over it, so that they can be read
    return marks


def _label(word: str, card: Card, frame: Frame, box: Box, inks: tuple[str, str]) -> list[Mark]:
    """A small label on a plate that starts at the edge."""
    unit, uncased = frame.unit, UNCASED.search(word)
    style = frame.styles.strong if uncased else frame.styles.label
    size = LABEL * unit * (1.25 if uncased else 1.0)
    line = shape(word if uncased else word.upper(), style, card.lang)
    inset = 1.8 * unit
    wide = (line.ink.right - line.ink.left) * size + 2 * inset
    left = box.right - wide if frame.rtl else box.left
    top = box.top
    plate = Panel(Box(left, top, left + wide, top + CHIP * unit), inks[0], CHIP * unit / 2)
    base = top + (CHIP * unit + rise(style) * size) / 2
    return [plate, Letters(line, size, left + inset - line.ink.left * size, base, inks[1], "label")]


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    size = frame.named

    def fits(text: str) -> bool:
        return _fit(replace(card, text=text), frame, stage) is not None

    if _fit(replace(card, text="–"), frame, stage):
        return f"The fact is {overlong(card.text, fits)} for {size}. Shorten the card's text."
    brief = replace(card, text="–")
    much = overlong(card.myth, lambda part: _fit(replace(brief, myth=part), frame, stage) is not None)
    return f"The myth is {much} for {size}. Shorten it."
