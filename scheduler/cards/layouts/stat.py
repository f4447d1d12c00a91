"""`stat`: one figure, and the sentence that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.cards import wrapping
from scheduler.cards.numeral import numeral
from scheduler.cards.setting import Block, block, fitted, ladder, overlong, shown
from scheduler.cards.shaping import rise
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Box, Mark
    from scheduler.cards.numeral import Numeral
    from scheduler.model import Card

LEADING, LEADING_RTL = 1.17, 1.42  # Arabic has marks above and below
LARGEST = 50.0  # units: the number
SMALLEST = 8.0
TEXT = (4.1, 7.2)  # units: least and most
TEXT_COUNTS = 1.1  # how much a larger sentence is worth beside a larger figure
BETWEEN = 0.95  # em of the sentence between the figure and the sentence
ALONE = 1.35  # how much larger a sentence may be that has no figure
SIZES = 8  # of the sentence that are tried
COLUMN, GUTTER = 0.46, 5.5  # of a wide stage: the most that a figure may take beside its sentence; units between
HANG = 3.0  # units: how far below the head a tall card's figure hangs at most, so that a month's cards are in line
APART = 0.9  # what standing apart costs: read together, they stand together
COLUMN_AIR = 0.86  # how much of the stage's height a column may fill
AIR = 0.95  # how much of the stage may be filled


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The figure as large as it fits over its sentence; on a wide card beside it, where both are larger then."""
    beside = _beside(card, frame, stage) if frame.wide else None
    try:
        figure, text = claim(card, frame, (stage.width, stage.height * AIR))
    except CardError:
        if beside is None:
            raise
    else:
        if beside is None or _worth(figure, text) >= _worth(*beside) * APART:
            return place(card, frame, stage, figure, text)
    return _side_by_side(card, frame, stage, *beside)


def _beside(card: Card, frame: Frame, stage: Box) -> tuple[Numeral, Block] | None:
    """The figure in a column of its own, the sentence in the other; none when a column is too narrow for them."""
    if not card.figure.strip() or not wrapping.words(card.text):
        return None
    figure = _figure(card, frame, (stage.width * COLUMN, stage.height * COLUMN_AIR))
    if figure is None:
        return None
    room = (stage.width - figure.width - GUTTER * frame.unit, stage.height * COLUMN_AIR)
    sizes = (TEXT[0] * frame.unit, TEXT[1] * frame.unit)
    text = fitted(card.text, frame.styles.text, card.lang, sizes, room, _leading(frame))
    return (figure, text) if text else None


def _side_by_side(card: Card, frame: Frame, stage: Box, figure: Numeral, text: Block) -> list[Mark]:
    """Both about the middle of the stage, the figure where the reader begins."""
    edge = figure.width + GUTTER * frame.unit
    middle = (stage.top + stage.bottom) / 2
    tops = middle - figure.height / 2, middle - text.height / 2
    left, right = (stage.left, stage.right - edge) if frame.rtl else (stage.left + edge, stage.right)
    return [
        *figure.set(frame, card.theme, stage.left, stage.right, tops[0]),
        *text.set(left, right, tops[1], card.theme.text, "text", rtl=frame.rtl),
    ]


def _worth(figure: Numeral | None, text: Block | None) -> float:
    return (figure.size if figure else 1.0) * (text.size**TEXT_COUNTS if text else 1.0)


def place(card: Card, frame: Frame, stage: Box, figure: Numeral | None, text: Block | None) -> list[Mark]:
    """The figure over its sentence, a little above the middle of the stage."""
    tall = height(figure, text)
    spare = stage.height - tall
    gap = _between(figure, text) + (min(spare * 0.10, text.size * 0.5) if figure and text else 0.0)
    top = stage.top + (spare * 0.42 if frame.wide else min(spare * 0.36, HANG * frame.unit))
    marks: list[Mark] = []
    if figure:
        marks += figure.set(frame, card.theme, stage.left, stage.right, top)
        top += figure.height + gap
    if text:
        marks += text.set(stage.left, stage.right, top, card.theme.text, "text", rtl=frame.rtl)
    return marks


def height(figure: Numeral | None, text: Block | None) -> float:
    """What the figure and its sentence take at least, in pixels."""
    return (figure.height if figure else 0.0) + _between(figure, text) + (text.height if text else 0.0)


def _between(figure: Numeral | None, text: Block | None) -> float:
    return text.size * BETWEEN if figure and text else 0.0


def claim(card: Card, frame: Frame, room: tuple[float, float]) -> tuple[Numeral | None, Block | None]:
    """The figure and the sentence at the best sizes for `room` (width, height in px). Raises CardError."""
    if not card.figure.strip() and not wrapping.words(card.text):
        raise CardError("The card has neither a figure nor a text. Give it one, or name a fact that has.")
    if not wrapping.words(card.text):
        figure, text = _figure(card, frame, room), None
    elif not card.figure.strip():
        least, most = TEXT[0] * frame.unit, TEXT[1] * ALONE * frame.unit
        figure, text = None, fitted(card.text, frame.styles.text, card.lang, (least, most), room, _leading(frame))
    else:
        figure, text = _pair(card, frame, room)
    if figure is None and text is None:
        raise CardError(_complaint(card, frame, room))
    return figure, text


def _pair(card: Card, frame: Frame, room: tuple[float, float]) -> tuple[Numeral | None, Block | None]:
    """Both, where their sizes are worth most together; none when they do not fit."""
    style, unit = frame.styles.text, frame.unit
    best, chosen, size = 0.0, None, 0.0
    for step in ladder(TEXT[0] * unit, TEXT[1] * unit, SIZES):
        count = wrapping.fewest(card.text, room[0] / step, wrapping.measuring(style, card.lang))
        left = room[1] - step * (rise(style) + (count - 1) * _leading(frame) + BETWEEN) if count else 0.0
        figure = _figure(card, frame, (room[0], left)) if left > 0 else None
        worth = figure.size * step**TEXT_COUNTS if figure else 0.0
        if worth > best:
            best, chosen, size = worth, figure, step
    return chosen, block(card.text, style, card.lang, size, room[0], _leading(frame)) if chosen else None


def _leading(frame: Frame) -> float:
    return LEADING_RTL if frame.rtl else LEADING


def _figure(card: Card, frame: Frame, room: tuple[float, float]) -> Numeral | None:
    return numeral(card.figure, frame, card.lang, room, LARGEST * frame.unit, SMALLEST * frame.unit)


def _complaint(card: Card, frame: Frame, room: tuple[float, float]) -> str:
    """What does not fit, and by how much."""
    size = frame.named
    if not wrapping.words(card.text) or _figure(card, frame, room) is None:
        return f"The figure {shown(card.figure)} is too long for a card of {size}. Shorten it."

    def fits(part: str) -> bool:
        least = TEXT[0] * frame.unit
        text = block(part, frame.styles.text, card.lang, least, room[0], _leading(frame))
        if text is None or text.height > room[1]:
            return False
        left = (room[0], room[1] - text.height - least * BETWEEN)
        return not card.figure.strip() or _figure(card, frame, left) is not None

    return f"The card's text is {overlong(card.text, fits)} for {size}. Shorten it."
