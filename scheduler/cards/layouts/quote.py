"""`quote`: words that somebody said, as they said them, and who it was.

One large mark opens the quotation and a mark in its own type closes it, so that nobody takes a borrowed sentence for
ours. The words are the largest thing; who said them stands below a short rule: the name, then what they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler.cards.endings import flow
from scheduler.cards.marks import Box, Fade, Letters, Panel
from scheduler.cards.setting import Block, block, ladder, overlong, shown
from scheduler.cards.shaping import drop, shape
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

PAIRS = {"“": "”", "«": "»", "„": "“", '"': '"'}
ANGLED = ("ar", "fa")  # languages that quote with «»
FROM_RIGHT = "\u200f"  # turns an angled mark the way it is seen from right to left
SINGLE = ("’", "'")  # a closing mark inside the closing mark,
THIN = "\u202f"  # and what keeps the two apart on one line
DASHES = "—–- \u00a0"  # before a name: the rule stands for them
PARTED = re.compile(r"[,،]\s+(?!Jr\b|Sr\b|I{2,3}\b|\d{4}$)")  # a name from what its bearer is, not from a year alone

TEXT = (4.4, 16.0)  # units: least and most,
SIZES = 18  # and how many sizes are tried
LEADING, LEADING_RTL = 1.15, 1.4
MARK = 8.2  # units: how tall the opening mark is
COLUMN = 16.0  # units: the opening mark's own on a wide card
NAME, PLACE = 3.6, 3.0  # units: who said it, and what they are
RULE = (7.0, 0.6)  # units: the short rule's length and weight
AFTER_MARK, AFTER_TEXT, AFTER_RULE, AFTER_NAME = 5.0, 4.4, 2.6, 1.8  # units of white


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The quotation as large as it fits between its mark and who said it. Raises CardError."""
    words, opening, closing = said(card.text, card.lang)
    if not words:
        raise CardError("The card has no quotation. Give it a text, or name a fact of the kind quote.")
    if not card.by.strip(DASHES):
        raise CardError("The card does not say whose words it quotes. Give the card `by`: a name, and what they are.")
    room = _beside(frame, stage) if opening and frame.wide else stage
    who = _who(card, frame, room.width)
    over = (MARK + AFTER_MARK) * frame.unit if opening and not frame.wide else 0.0
    under = _height(who, frame)
    text = _text(card, frame, (words, closing), (room.width, room.height - over - under))
    white = _white(text, frame)
    spare = room.height - over - text.height - white - under
    top = stage.top + max(spare * 0.4, text.over - over)
    marks: list[Mark] = [_mark(opening, card, frame, stage, top)] if opening else []
    marks += text.set(room.left, room.right, top + over, card.theme.text, "text", rtl=frame.rtl)
    return [*marks, *_signed(who, card, frame, room, top + over + text.height + white)]


def said(text: str, lang: str) -> tuple[str, str, str]:
    """The words of a quotation without their own marks, and the marks to set; none where some of it stands outside."""
    text = text.strip()
    pair = ("«", "»") if lang.split("-", maxsplit=1)[0].lower() in ANGLED else ("“", "”")
    closing = PAIRS.get(text[:1])
    if closing is None:
        return text, *pair
    inner = text[1:-1]
    if text[-1:] != closing or text[0] in inner or closing in inner:
        return text, "", ""
    return inner.strip(), *(pair if text[0] == '"' else (text[0], closing))


def _beside(frame: Frame, stage: Box) -> Box:
    """What a wide card leaves beside the mark."""
    inset = COLUMN * frame.unit
    left, right = (0.0, inset) if frame.rtl else (inset, 0.0)
    return Box(stage.left + left, stage.top, stage.right - right, stage.bottom)


def _mark(opening: str, card: Card, frame: Frame, stage: Box, top: float) -> Letters:
    """The opening mark at the stage's edge."""
    line = shape(FROM_RIGHT + opening if frame.rtl else opening, frame.styles.figure, card.lang)
    tall, ink, theme = MARK * frame.unit, line.ink, card.theme
    size = tall / (ink.bottom - ink.top)
    x = stage.right - ink.right * size if frame.rtl else stage.left - ink.left * size
    return Letters(
        line, size, x, top - ink.top * size, Fade(theme.figure_top, theme.figure_foot, (top, top + tall)), "figure"
    )


def _text(card: Card, frame: Frame, said: tuple[str, str], room: tuple[float, float]) -> Block:
    """The words with their closing mark, as large as they fit `room` (width, height in px). Raises CardError."""
    words, closing = said
    leading = LEADING_RTL if frame.rtl else LEADING
    end = THIN + closing if closing and words.endswith(SINGLE) else closing

    def at(size: float, part: str) -> Block | None:
        found = block(part + end, frame.styles.quote, card.lang, size, room[0], leading)
        return found if found and found.over + found.height + _white(found, frame) <= room[1] else None

    least, most = (size * frame.unit for size in TEXT)
    fitting = [found for size in ladder(least, most, SIZES) if (found := at(size, words))]
    if fitting:
        reads = {found.size: flow(line.text for line in found.lines) for found in fitting}
        return max(fitting, key=lambda found: found.size * found.fills(room[0]) * reads[found.size])
    over = overlong(words, lambda part: at(least, part) is not None)
    raise CardError(f"The quotation is {over} for {frame.named}. Shorten it.")


def _white(text: Block, frame: Frame) -> float:
    """Between the words' last baseline and the rule, in pixels: the same whether or not a letter hangs into it."""
    return max(text.under, drop(text.style) * text.size) + AFTER_TEXT * frame.unit


def _who(card: Card, frame: Frame, width: float) -> list[Block]:
    """The name, and what its bearer is, on at most two lines each. Raises CardError."""
    parts = PARTED.split(card.by.strip().lstrip(DASHES), maxsplit=1)
    cuts = ((frame.styles.strong, NAME), (frame.styles.small, PLACE))
    leading = LEADING_RTL if frame.rtl else 1.3
    rows = [
        block(part, style, card.lang, size * frame.unit, width, leading, 2)
        for part, (style, size) in zip(parts, cuts, strict=False)
    ]
    if None in rows:
        raise CardError(
            f"{shown(card.by)} is too long to stand under the quotation on {frame.named}: "
            "the name and the rest may take two lines each. Shorten the card's `by`."
        )
    return [row for row in rows if row]


def _height(who: list[Block], frame: Frame) -> float:
    """Of the rule with the name and the rest below it, in pixels."""
    white = RULE[1] + AFTER_RULE + AFTER_NAME * (len(who) - 1)
    return white * frame.unit + sum(row.height for row in who) + who[-1].under


def _signed(who: list[Block], card: Card, frame: Frame, room: Box, top: float) -> list[Mark]:
    """The rule, the name and the rest."""
    unit, theme = frame.unit, card.theme
    left = room.right - RULE[0] * unit if frame.rtl else room.left
    marks: list[Mark] = [Panel(Box(left, top, left + RULE[0] * unit, top + RULE[1] * unit), theme.accent)]
    top += (RULE[1] + AFTER_RULE) * unit
    for row, ink, role in zip(who, (theme.text, theme.muted), ("name", "label"), strict=False):
        marks += row.set(room.left, room.right, top, ink, role, rtl=frame.rtl)
        top += row.height + AFTER_NAME * unit
    return marks
