"""What the tests of the layouts share: a card's own marks, and whether they keep to their places."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.cards import parts
from scheduler.cards.composing import in_type
from scheduler.cards.frame import frame
from scheduler.cards.marks import Box, Letters
from scheduler.model import CARD_SIZES, Card
from scheduler.themes import BUILT_IN

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark

SIZES = tuple(CARD_SIZES)
THEMES = tuple(BUILT_IN)
HELP = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
HANGS = 0.6  # em of its own, by which a mark of punctuation may stand in the margin


def card(layout: str, size: str = "portrait", theme: str = "lantern", **fields: Any) -> Card:  # noqa: ANN401
    width, height = CARD_SIZES[size]
    common = {
        "campaign": "Human Trafficking Prevention Month",
        "figure": "",
        "text": "",
        "source": "Source: HHS / ACF, current law",
        "help": HELP,
    }
    return Card(layout=layout, width=width, height=height, format="png", theme=BUILT_IN[theme], **{**common, **fields})


def place(made: Card) -> tuple[Card, Frame, Box]:
    """The card as it is set, its measures and its stage."""
    made = in_type(made)
    measures = frame(made, Path())
    _, top = parts.header(made, measures)
    _, bottom = parts.source(made, measures)
    return made, measures, Box(measures.margin, top, measures.width - measures.margin, bottom)


def words(made: Card) -> tuple[str, ...]:
    """All that a person wrote for a card, in the order in which it is read."""
    items = (f"{item.figure} {item.text}".strip() for item in made.items)
    credit = made.photo.credit if made.photo else ""
    return tuple(part for part in (made.myth, made.figure, made.text, *items, made.by, credit) if part)


def printed(marks: list[Mark]) -> str:
    """All that stands on the card, line after line."""
    return " ".join(mark.line.text for mark in marks if isinstance(mark, Letters))


def overlaps(marks: list[Mark]) -> list[tuple[str, object]]:
    """The lines of type that touch another line or a shape."""
    found: list[tuple[str, object]] = []
    for one, other in combinations(marks, 2):
        lines = [mark for mark in (one, other) if isinstance(mark, Letters)]
        apart = (
            one.box.right <= other.box.left
            or other.box.right <= one.box.left
            or one.box.bottom <= other.box.top
            or other.box.bottom <= one.box.top
        )
        if lines and not apart:
            found.append((lines[0].line.text, lines[1].line.text if len(lines) > 1 else other))
    return found


def strays(marks: list[Mark], stage: Box) -> list[Mark]:
    """What leaves the stage, but for punctuation that hangs in the margin."""

    def within(mark: Mark) -> bool:
        hang = HANGS * mark.size if isinstance(mark, Letters) and not mark.line.text[:1].isalnum() else 0.5
        sides = mark.box.left >= stage.left - hang and mark.box.right <= stage.right + hang
        return sides and mark.box.top >= stage.top - 0.5 and mark.box.bottom <= stage.bottom + 0.5

    return [mark for mark in marks if not within(mark)]
