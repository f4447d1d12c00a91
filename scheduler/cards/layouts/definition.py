"""`definition`: a term, and what it means, as in a dictionary.

The term is the head, in the type of a figure but never as large as a number; a rule with a strong head parts it from
the sentence that explains it. On a wide card the two stand side by side and the rule stands upright between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.cards.endings import flow
from scheduler.cards.marks import Box, Fade, Panel
from scheduler.cards.parts import hair
from scheduler.cards.setting import Block, block, ladder, overlong, shown
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

TERM = (7.0, 17.5)  # units: least and most
TEXT = (4.1, 7.6)
LINES = 3  # of the term, at most
LEADING, LEADING_RTL = 0.98, 1.4  # of the term,
TEXT_LEADING, TEXT_LEADING_RTL = 1.17, 1.4  # and of the text
TERM_COUNTS = 0.8  # how much a larger term is worth beside a larger text
HEAD = 1.5  # how much larger than the text the term is at least
STUB = 0.35  # a line of the term shorter than this part of its longest is avoided
WHITE, CLEAR = 5.0, 3.0  # units: on each side of the rule, and below the longest letter over it
RULE, UPRIGHT = (12.0, 0.7), 7.0  # units: the length and weight of the rule's head; its length where it stands
COLUMN = 0.40  # of a wide card's stage: the term's
AIR = 0.96  # how much of the stage may be filled


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The term and its meaning as large as they fit. Raises CardError."""
    if not card.figure.strip():
        raise CardError("The card has no term to define. Give it a figure: the term.")
    if not card.text.strip():
        raise CardError(f"The card does not say what {shown(card.figure)} means. Give it a text.")
    fits = _fits(card.text, card, frame, stage)
    if fits is None:
        raise CardError(_complaint(card, frame, stage))
    return _columns(card, frame, stage, *fits) if frame.wide else _rows(card, frame, stage, *fits)


def _fits(words: str, card: Card, frame: Frame, stage: Box) -> tuple[Block, Block] | None:
    """The term and the text at the sizes that are worth most; None when they do not fit."""
    leading = TEXT_LEADING_RTL if frame.rtl else TEXT_LEADING
    sides, height = _sides(frame, stage), AIR * stage.height
    found: list[tuple[Block, Block]] = []
    for size in ladder(TEXT[0] * frame.unit, TEXT[1] * frame.unit):
        text = block(words, frame.styles.text, card.lang, size, sides[1], leading)
        if text is None or text.height + text.under > height:
            continue
        below = 0.0 if frame.wide else text.height + text.under + WHITE * frame.unit
        term = _term(card, frame, (sides[0], height - below), max(HEAD * size, TERM[0] * frame.unit))
        if term:
            found.append((term, text))
    return max(found, key=lambda pair: _worth(pair[0], pair[1], sides[1]), default=None)


def _worth(term: Block, text: Block, width: float) -> float:
    """How large the two are, how well the text fills its width, and how well its lines follow the sense."""
    reads = flow(line.text for line in text.lines)
    return float(term.size**TERM_COUNTS * text.size * text.fills(width) * reads)


def _sides(frame: Frame, stage: Box) -> tuple[float, float]:
    """How wide the term and the text may be, in pixels."""
    if not frame.wide:
        return stage.width, stage.width
    term = COLUMN * stage.width
    return term, stage.width - term - 2 * WHITE * frame.unit


def _term(card: Card, frame: Frame, room: tuple[float, float], least: float) -> Block | None:
    """The term as large as it fits; smaller where that spares it a stub of a line."""
    leading = LEADING_RTL if frame.rtl else LEADING
    found: list[Block] = []
    for size in ladder(least, max(least, TERM[1] * frame.unit)):
        term = block(card.figure, frame.styles.display, card.lang, size, room[0], leading, LINES)
        if term and term.over + term.height + (term.under if frame.wide else white_over(frame, term.under)) <= room[1]:
            found.append(term)
    return next((term for term in found if not _stubbed(term)), found[0] if found else None)


def _stubbed(term: Block) -> bool:
    widths = [line.width for line in term.lines]
    return min(widths) < STUB * max(widths)


def white_over(frame: Frame, under: float) -> float:
    """Between a last baseline, whose ink goes `under` it so far, and the rule below, in pixels."""
    return max(WHITE * frame.unit, under + CLEAR * frame.unit)


def _rows(card: Card, frame: Frame, stage: Box, term: Block, text: Block) -> list[Mark]:
    """The term, the rule, the text."""
    unit, theme = frame.unit, card.theme
    white = white_over(frame, term.under)
    spare = stage.height - term.over - term.height - white - WHITE * unit - text.height - text.under
    more = min(spare * 0.1, 2 * unit)
    top = stage.top + term.over + (spare - 2 * more) * 0.4
    rule = top + term.height + white + more
    fade = Fade(theme.figure_top, theme.figure_foot, (top, top + term.height))
    return [
        *term.set(stage.left, stage.right, top, fade, "figure", rtl=frame.rtl),
        *rule_across(card, frame, stage, rule),
        *text.set(stage.left, stage.right, rule + WHITE * unit + more, theme.text, "text", rtl=frame.rtl),
    ]


def _columns(card: Card, frame: Frame, stage: Box, term: Block, text: Block) -> list[Mark]:
    """The term beside its text, both around the middle of the rule between them."""
    theme, tall = card.theme, max(term.height, text.height)
    slack = stage.height - tall - max(term.over, text.over) - max(term.under, text.under)
    middle = stage.top + max(term.over, text.over) + slack * 0.42 + tall / 2
    head = middle - term.height / 2
    first, edge, second = columns(frame, stage, min(term.width, _sides(frame, stage)[0]))
    fade = Fade(theme.figure_top, theme.figure_foot, (head, head + term.height))
    return [
        *term.set(*first, head, fade, "figure", rtl=frame.rtl),
        *rule_upright(card, frame, edge, middle - tall / 2, middle + tall / 2),
        *text.set(*second, middle - text.height / 2, theme.text, "text", rtl=frame.rtl),
    ]


def columns(frame: Frame, stage: Box, wide: float) -> tuple[tuple[float, float], float, tuple[float, float]]:
    """The edges of a first column of that width, where the rule stands, and the edges of the second column."""
    white = WHITE * frame.unit
    edge = stage.right - wide - white if frame.rtl else stage.left + wide + white
    before, after = (stage.left, edge - white), (edge + white, stage.right)
    return (after, edge, before) if frame.rtl else (before, edge, after)


def rule_across(card: Card, frame: Frame, stage: Box, top: float) -> list[Mark]:
    """A hairline over the whole stage; its head, where reading starts, is strong."""
    long, thick = RULE[0] * frame.unit, RULE[1] * frame.unit
    start = stage.right - long if frame.rtl else stage.left
    return [
        Panel(Box(stage.left, top, stage.right, top + 2), hair(card.theme)),
        Panel(Box(start, top, start + long, top + thick), card.theme.accent),
    ]


def rule_upright(card: Card, frame: Frame, edge: float, top: float, foot: float) -> list[Mark]:
    """A hairline around `edge`; its head is strong."""
    long, half = min(UPRIGHT * frame.unit, foot - top), RULE[1] * frame.unit / 2
    return [
        Panel(Box(edge - 1, top, edge + 1, foot), hair(card.theme)),
        Panel(Box(edge - half, top, edge + half, top + long), card.theme.accent),
    ]


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    """What does not fit, and by how much."""
    size = frame.named
    least = (_sides(frame, stage)[0], AIR * stage.height - (0.0 if frame.wide else (WHITE + 2 * TEXT[0]) * frame.unit))
    if _term(card, frame, least, TERM[0] * frame.unit) is None:
        return f"The term {shown(card.figure)} is too long for a card of {size}: it may take {LINES} lines. Shorten it."
    much = overlong(card.text, lambda part: _fits(part, card, frame, stage) is not None)
    return f"The meaning of {shown(card.figure)} is {much} for {size}. Shorten the card's text."
