"""`compare`: two or three figures of one source, each with what it counts.

All figures are of one type size, whatever they are worth; what compares them is a bar under each, on one scale that
starts at zero (`scale.lengths`). Figures that have no scale in common stand without bars. On a wide card they are
columns, else rows, in which what a figure counts stands below it or beside: whichever lets the type be larger.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.cards.marks import Box, Panel
from scheduler.cards.numeral import Numeral, dissect, numeral
from scheduler.cards.scale import lengths
from scheduler.cards.setting import Block, block, ladder, shown, together
from scheduler.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card, Theme

FIGURE = (8.0, 30.0)  # units: least and most
FIGURE_COUNTS = 1.2  # how much a larger figure is worth beside larger words
LABEL = (4.0, 5.6)  # what a figure counts
HEADLINE, HEADLINE_WIDE = 1.16, 1.04  # the headline's size to a label's
LEADING, LEADING_RTL = 1.2, 1.4  # from baseline to baseline; Arabic rises and falls further
FEW_LINES, CROWDED = 2, 0.81  # of a label; what each line more makes of a plan's worth
BAR = 1.8  # units: how thick
CLOSE = 2.6  # units: within an item
APART = (7.0, 4.0)  # between two; the second where words are many
LOOSER = 3.0  # units that may be added where there is room
GUTTER = 4.0  # units: between a figure and what stands beside it, and between columns
STACKED = 12.5  # units: a smaller number has its "million" beside it if it can: below, it would look as large
BESIDE = 0.56  # of the width that figures may take when labels stand beside them
DROP = 0.3  # em of a label that its last line needs under its baseline
TALLER = 1.75  # how much a label beside may be higher than its figure
AIR = 0.98  # how much of the stage may be filled
COUNTS = (2, 3)


@dataclass(frozen=True, slots=True)
class Plan:
    """What fits: the blocks at their sizes, and the way in which they stand."""

    way: str  # "columns", "below" or "beside"
    inset: float  # px from where a figure starts to where a label beside does
    headline: Block | None
    figures: tuple[Numeral, ...]
    labels: tuple[Block, ...]
    bars: tuple[Fraction, ...] | None
    unit: float
    apart: float  # between two rows at least, in pixels

    @property
    def rows(self) -> tuple[float, ...]:
        """The height of each row, in pixels; all columns are one."""
        tall, words = [_tall(figure) for figure in self.figures], [label.height for label in self.labels]
        bar = (BAR + CLOSE) * self.unit if self.bars else 0.0
        if self.way == "columns":
            tall, words = [max(tall)], [max(words)]
        if self.way == "beside":
            return tuple(max(pair) + self.drop + bar for pair in zip(tall, words, strict=True))
        more = self.drop + self.near + bar + DROP * self.labels[0].size
        return tuple(sum(pair) + more for pair in zip(tall, words, strict=True))

    @property
    def drop(self) -> float:
        """What stands under the figures' baselines, in pixels: a comma, or what a label beside needs."""
        comma = max(figure.rows[-1].under for figure in self.figures)
        return max(comma, DROP * self.labels[0].size) if self.way == "beside" else comma

    @property
    def near(self) -> float:
        """The white over a label below its figure or its bar: without a bar as much as there is beside a figure."""
        return (CLOSE if self.bars else GUTTER) * self.unit

    @property
    def gaps(self) -> int:
        """How many distances there are between the headline and the rows."""
        return len(self.rows) - (0 if self.headline else 1)

    @property
    def height(self) -> float:
        """Of all, in pixels, at the least distances."""
        return (self.headline.height if self.headline else 0.0) + sum(self.rows) + self.gaps * self.apart

    @property
    def even(self) -> bool:
        """Whether no label beside towers over its figure."""
        pairs = zip(self.figures, self.labels, strict=True)
        return self.way != "beside" or all(label.height <= figure.height * TALLER for figure, label in pairs)

    @property
    def worth(self) -> float:
        """How large its type is, how few the lines of it, and how much of the width it takes."""
        lines = max(len(label.lines) + (" " not in label.lines[-1].text) for label in self.labels)
        size = float(self.figures[0].size ** FIGURE_COUNTS * self.labels[0].size * CROWDED ** max(0, lines - FEW_LINES))
        return size if self.way == "columns" else size * math.sqrt(self.takes)

    @property
    def takes(self) -> float:
        """How wide the widest of its rows is, in pixels."""
        figure, label = (max(block.width for block in blocks) for blocks in (self.figures, self.labels))
        return self.inset + label if self.way == "beside" else max(figure, label)


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The headline over its figures, each with its bar and what it counts. Raises CardError."""
    _check(card)
    best = _best(card, frame, stage)
    if best is None:
        raise CardError(_complaint(card, frame, stage))
    spare = stage.height - best.height
    more = min(spare * 0.5 / max(1, best.gaps), LOOSER * frame.unit)
    gap, top = best.apart + more, stage.top + (spare - more * best.gaps) * 0.4
    marks: list[Mark] = []
    if best.headline:
        marks += best.headline.set(stage.left, stage.right, top, card.theme.text, "text", rtl=frame.rtl)
        top += best.headline.height + gap
    for place in range(len(card.items)):
        left, right = _column(best, place, frame, stage)
        marks += _item(best, place, frame, card.theme, Box(left, top, right, stage.bottom))
        top += 0.0 if best.way == "columns" else best.rows[place] + gap
    return marks


def _check(card: Card) -> None:
    if len(card.items) not in COUNTS:
        raise CardError(f"The layout compare needs two or three items; this card has {len(card.items)}.")
    for item in card.items:
        if not item.figure.strip() or not item.text.strip():
            raise CardError(
                f"The item {shown(item.figure or item.text)} lacks its {'text' if item.figure.strip() else 'figure'}. "
                "Write it as “44% | by family members”."
            )


def _best(card: Card, frame: Frame, stage: Box) -> Plan | None:
    """The plan with the largest type."""
    for apart in APART:
        plans = list(_plans(card, frame, stage, apart * frame.unit))
        if plans:
            return max(plans, key=lambda plan: plan.worth)
    return None


def _plans(card: Card, frame: Frame, stage: Box, apart: float) -> Iterator[Plan]:
    """For each size of the words, what fits with figures as large as they can be."""
    bars, style, unit = lengths(card.items), frame.styles.text, frame.unit
    units = (True, False) if any(dissect(item.figure).after for item in card.items) else (True,)  # beside, or below
    for size in ladder(LABEL[0] * unit, LABEL[1] * unit)[::2]:
        em = int(size * (HEADLINE_WIDE if frame.wide else HEADLINE) * 2) / 2
        headline = block(card.text, style, card.lang, em, stage.width, _leading(frame))
        if headline is None and card.text.strip():
            continue
        empty = Plan("", 0.0, headline, (), (), bars, unit, apart)
        for way in ("columns",) if frame.wide else ("below", "beside"):
            for wide in units:
                plan = _filled(replace(empty, way=way), card, replace(frame, wide=wide), stage, size)
                if plan:
                    yield plan


def _filled(plan: Plan, card: Card, frame: Frame, stage: Box, size: float) -> Plan | None:
    """The plan with its figures, as large as they fit, and with labels of a size."""
    wide = stage.width
    if plan.way == "columns":
        wide = (wide - GUTTER * plan.unit * (len(card.items) - 1)) / len(card.items)
    room = (wide * (BESIDE if plan.way == "beside" else 1.0), stage.height * AIR)

    def at(em: float) -> Plan | None:
        figures = tuple(f for i in card.items if (f := numeral(i.figure, frame, card.lang, room, em, em)))
        if len(figures) < len(card.items) or len({figure.size for figure in figures}) > 1:
            return None
        inset = max(f.width for f in figures) + GUTTER * plan.unit if plan.way == "beside" else 0.0
        labels = _labels(card, frame, size, wide - inset)
        found = replace(plan, inset=inset, figures=figures, labels=labels)
        return found if labels and found.height <= room[1] else None

    sizes = [int(em * 2) / 2 for em in ladder(FIGURE[0] * plan.unit, FIGURE[1] * plan.unit)]
    if not frame.wide and plan.apart > APART[1] * plan.unit:
        sizes = [em for em in sizes if em >= STACKED * plan.unit]
    largest = bisect.bisect_left(sizes, x=True, key=lambda em: at(em) is not None)
    found = at(sizes[largest]) if largest < len(sizes) else None
    return found if found and found.even else None


def _labels(card: Card, frame: Frame, size: float, width: float) -> tuple[Block, ...]:
    """What each figure counts, within a width in pixels; nothing when one is too wide."""
    found = [block(item.text, frame.styles.text, card.lang, size, width, _leading(frame)) for item in card.items]
    return tuple(label for label in found if label) if None not in found else ()


def _tall(figure: Numeral) -> float:
    """From its first capitals to its last baseline, in pixels."""
    return figure.height - figure.rows[-1].under


def _leading(frame: Frame) -> float:
    return LEADING_RTL if frame.rtl else LEADING


def _column(plan: Plan, place: int, frame: Frame, stage: Box) -> tuple[float, float]:
    """The edges between which an item stands."""
    if plan.way != "columns":
        return stage.left, stage.right
    count = len(plan.figures)
    wide = (stage.width - GUTTER * frame.unit * (count - 1)) / count
    left = stage.left + (count - 1 - place if frame.rtl else place) * (wide + GUTTER * frame.unit)
    return left, left + wide


def _item(plan: Plan, place: int, frame: Frame, theme: Theme, room: Box) -> list[Mark]:
    """A figure, its bar and what it counts, from the top of `room`."""
    figure, label, unit = plan.figures[place], plan.labels[place], plan.unit
    beside = plan.way == "beside"
    tall = max(_tall(other) for other in plan.figures) if plan.way == "columns" else _tall(figure)
    base = room.top + max(tall, label.height if beside else 0.0)
    marks = figure.set(frame, theme, room.left, room.right, base - _tall(figure))
    if beside:
        left, right = (room.left, room.right - plan.inset) if frame.rtl else (room.left + plan.inset, room.right)
        marks += label.set(left, right, base - label.height, theme.text, "text", rtl=frame.rtl)
    base += plan.drop
    if plan.bars:
        track = Box(room.left, base + CLOSE * unit, room.right, base + (CLOSE + BAR) * unit)
        marks += _bar(plan.bars[place], track, theme, rtl=frame.rtl)
        base = track.bottom
    if not beside:
        marks += label.set(room.left, room.right, base + plan.near, theme.text, "text", rtl=frame.rtl)
    return marks


def _bar(share: Fraction, track: Box, theme: Theme, *, rtl: bool) -> list[Mark]:
    """A track from zero to the whole, and the part of it that the figure is."""
    long = float(share) * track.width
    left = track.right - long if rtl else track.left
    radius = track.height * 0.3
    value = Box(left, track.top, left + long, track.bottom)
    return [Panel(track, theme.track, radius), Panel(value, theme.accent, radius)]


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    """What does not fit, and by how much."""
    size = frame.named

    def fits(texts: list[str]) -> bool:
        items = tuple(replace(item, text=text) for item, text in zip(card.items, texts, strict=False))
        return _best(replace(card, text=texts[-1], items=items), frame, stage) is not None

    texts = [*(item.text for item in card.items), card.text]
    if not fits([" ".join(text.split()[:1]) for text in texts]):
        return f"The card's figures and words do not fit {size} together. Shorten both, or show fewer figures."
    return f"The card's headline and labels are {together(texts, fits)} for {size}. Shorten them."
