"""`action`: numbers to call. The first is the one to remember, across the card; the others stand below it, smaller.

Each number is on one line, digit for digit as given, with whose it is. The others are a table, name and number on one
baseline between thin rules; where that squeezes a name, it stands over its number as the first one's does. A wide card,
which is low, has them side by side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.cards import wrapping
from scheduler.cards.layouts.list import worded
from scheduler.cards.marks import Box, Fade, Panel
from scheduler.cards.setting import Block, block, overlong, settled, shown, together
from scheduler.cards.shaping import drop, shape
from scheduler.colour import blend
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.model import Card, Item

MOST = 4  # numbers
LEAD, NAME, OTHER = (4.6, 8.8), (4.0, 5.0), (5.2, 7.6)  # units, least and most: the lead, the names, smaller numbers
FIRST = (6.5, 26.0)  # units: the first number
LARGER = 1.2  # the first number to the others, at least
STEPS = 8  # sizes that are tried
LEADING, LEAD_LEADING, LEADING_RTL = 1.2, 1.08, 1.5
LEAD_COUNTS, NAME_COUNTS, LINES_COST = 0.4, 0.9, 0.25  # what size, and what lines, are worth beside the first number
GAP, NEAR = 4.0, 2.4  # units between a name and its number across, or two ways side by side; between a pair of these
SQUEEZED = 3  # lines: a name on so many is set over its number, where there is room
UNDER = 0.42  # em of the name between its lowest ink and the number below it
AFTER = (1.0, 2.4)  # em of the lead between it and the first name, at least and at most
AROUND = (0.72, 1.5)  # em of the name above and below a rule, at least and at most
ALMOST = 0.985  # of the width: a line set whole and its words set one by one differ by so much at most
AIR = 0.97  # how much of the stage may be filled
HIGH = 0.38  # the part of the space left over that stands above


@dataclass(frozen=True, slots=True)
class Entry:
    """A number and whose it is: over it, or on its baseline."""

    name: Block | None
    number: Block
    wide: float  # px that it has
    beside: bool
    near: float = 0.0  # px between the number, which then comes first, and the name beside it

    @property
    def height(self) -> float:
        """From the first capitals to the last baseline, in pixels."""
        if not self.name:
            return self.number.height
        if self.beside:
            return max(self.name.height, self.number.height)
        return self.name.height + _under(self.name) + self.number.height


@dataclass(frozen=True, slots=True)
class Plan:
    """All that stands on the card, at its sizes."""

    lead: Block | None
    rows: tuple[tuple[Entry, ...], ...]
    name: float  # px an em

    def height(self, after: float, around: float) -> float:
        """In pixels, with `after` em below the lead and `around` em above and below each rule."""
        lead = self.lead.height + self.lead.size * after if self.lead else 0.0
        return lead + sum(_tall(row) for row in self.rows) + 2 * around * self.name * (len(self.rows) - 1)

    @property
    def ink(self) -> tuple[float, float]:
        """How far the first line rises above its capitals, and how far the last reaches below its baseline, in px."""
        first = self.lead or self.rows[0][0].name
        under = (entry.name.under for entry in self.rows[-1] if entry.beside and entry.name)
        return (first.over if first else 0.0, max(under, default=0.0))


Rows = list[tuple[Entry, ...]]
Way = Callable[[list["Item"], "Card", "Frame", float, tuple[float, float]], Rows | None]


def _under(name: Block) -> float:
    """The space between a name and the number below it, in pixels: the same for all names of a size."""
    return max(name.size * drop(name.style), name.under) + name.size * UNDER


def _tall(row: tuple[Entry, ...]) -> float:
    return max(entry.height for entry in row)


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The lead, the first number and the others. Raises CardError."""
    if not 1 <= len(card.items) <= MOST or not all(item.figure.strip() for item in card.items):
        raise CardError(f"A card of help lines has 1 to {MOST} numbers, each as “911 | In danger now”. Mend its items.")
    plan = _fit(card, frame, stage)
    if plan is None:
        raise CardError(_complaint(card, frame, stage))
    loose = _loosened(plan, stage)
    after, around = (least + (most - least) * loose for least, most in (AFTER, AROUND))
    top = settled(stage, plan.height(after, around), plan.ink, HIGH)
    marks: list[Mark] = []
    if plan.lead:
        marks += plan.lead.set(stage.left, stage.right, top, card.theme.text, "text", rtl=frame.rtl)
        top += plan.lead.height + plan.lead.size * after
    hair = blend(card.theme.background, card.theme.muted, 0.34)
    for at, row in enumerate(plan.rows):
        if at:
            line = round(top + around * plan.name)
            marks.append(Panel(Box(stage.left, line, stage.right, line + 2), hair))
            top += 2 * around * plan.name
        marks += _row(card, frame, row, Box(stage.left, top, stage.right, top + _tall(row)), first=not at)
        top += _tall(row)
    return marks


def _loosened(plan: Plan, stage: Box) -> float:
    """How far from their least to their most the spaces may grow, from 0 to 1."""
    tight, loose = (plan.height(AFTER[at], AROUND[at]) for at in (0, 1))
    return min(1.0, max(0.0, stage.height * AIR - sum(plan.ink) - tight) / (loose - tight)) if loose > tight else 0.0


def _row(card: Card, frame: Frame, row: tuple[Entry, ...], box: Box, *, first: bool) -> list[Mark]:
    marks: list[Mark] = []
    left, right = box.left, box.right
    for entry in row:
        mine = (right - entry.wide, right) if frame.rtl else (left, left + entry.wide)
        top = box.bottom - entry.number.height
        fade = Fade(card.theme.figure_top, card.theme.figure_foot, (top, box.bottom))
        ink = fade if first else card.theme.accent
        if entry.beside:
            top -= (box.height - entry.number.height) / 2
        far = entry.beside and not entry.near
        marks += entry.number.set(*mine, top, ink, "figure", rtl=frame.rtl != far)
        if entry.name:
            over = box.bottom - (box.height + entry.name.height) / 2 if entry.beside else box.bottom - entry.height
            if entry.beside and len(entry.name.lines) == 1:
                over = top + entry.number.height - entry.name.height
            aside = entry.near and entry.near + entry.number.width
            mine = (mine[0], mine[1] - aside) if frame.rtl else (mine[0] + aside, mine[1])
            marks += entry.name.set(*mine, over, card.theme.text, "label", rtl=frame.rtl)
        step = entry.wide + GAP * frame.unit
        left, right = left + step, right - step
    return marks


def _fit(card: Card, frame: Frame, stage: Box) -> Plan | None:
    """All at the sizes that together are worth most."""
    for ways in ((_pairs, _columns),) if frame.wide else ((_table,), (_squeezed,)):
        tried = (_plan(card, frame, stage, step, way) for step in range(STEPS + 1) for way in ways)
        found = [plan for plan in tried if plan]
        if found:
            return max(found, key=_worth)
    return None


def _worth(plan: Plan) -> float:
    """Large numbers, the first before all, and names on few lines."""
    lines = sum(len(entry.name.lines) for row in plan.rows for entry in row if entry.name)
    others = math.pow(plan.name, NAME_COUNTS) / math.pow(max(1, lines), LINES_COST)
    return plan.rows[0][0].number.size * others * (math.pow(plan.lead.size, LEAD_COUNTS) if plan.lead else 1.0)


def _plan(card: Card, frame: Frame, stage: Box, step: int, way: Way) -> Plan | None:
    """All at the sizes of a step, the smaller numbers set in one way, the first as large as the rest leaves room."""
    lead, name, other = ((most - (most - least) * step / STEPS) * frame.unit for least, most in (LEAD, NAME, OTHER))
    head = None
    if wrapping.words(card.text):
        leading = LEADING_RTL if frame.rtl else LEAD_LEADING
        head = block(card.text, frame.styles.display, card.lang, lead, stage.width, leading)
        if head is None:
            return None
    first, *others = card.items
    rows = way(others, card, frame, stage.width, (name, other)) if others else []
    one = _number(first, card, frame, 1.0)
    single = stage.width / max(0.01, shape(first.text or " ", frame.styles.text, card.lang).width) * ALMOST
    single = min(single, NAME[1] * frame.unit, lead * 0.94)
    top = _over(first, one, card, frame, stage.width, max(name if others else NAME[0] * frame.unit, single))
    if rows is None or top is None:
        return None
    plan = Plan(head, ((top,), *rows), name)
    room = stage.height * AIR - plan.height(AFTER[0], AROUND[0]) - sum(plan.ink)
    size = min(FIRST[1] * frame.unit, stage.width / max(0.01, one.width), room / max(0.01, one.height) + 1)
    if size < max(FIRST[0] * frame.unit, other * LARGER):
        return None
    return Plan(head, ((replace(top, number=replace(one, size=size)),), *rows), name)


def _table(
    items: list[Item], card: Card, frame: Frame, width: float, sizes: tuple[float, float], most: int = SQUEEZED - 1
) -> Rows | None:
    """Name and number at both edges, a row for each; a name on more than `most` lines stands over its number."""
    rows: Rows = []
    for item in items:
        number = _number(item, card, frame, sizes[1])
        room = width - number.width - GAP * frame.unit
        name = _name(item, card, frame, sizes[0], room) if room > 0 else None
        if name and len(name.lines) > most:
            name = None
        if name or not wrapping.words(item.text):
            entry = Entry(name, number, width, beside=True) if number.width <= width else None
        else:
            entry = _over(item, number, card, frame, width, sizes[0])
        if entry is None:
            return None
        rows.append((entry,))
    return rows


def _squeezed(items: list[Item], card: Card, frame: Frame, width: float, sizes: tuple[float, float]) -> Rows | None:
    return _table(items, card, frame, width, sizes, 99)


def _pairs(items: list[Item], card: Card, frame: Frame, width: float, sizes: tuple[float, float]) -> Rows | None:
    """One row, each name on one line or two after its number."""
    return _across(items, card, frame, width, sizes, beside=True)


def _columns(items: list[Item], card: Card, frame: Frame, width: float, sizes: tuple[float, float]) -> Rows | None:
    """One row, each name over its number."""
    return _across(items, card, frame, width, sizes, beside=False)


def _across(
    items: list[Item], card: Card, frame: Frame, width: float, sizes: tuple[float, float], *, beside: bool
) -> Rows | None:
    """One row: each pair takes the width that it needs, and all the same part of what is left over."""
    near = NEAR * frame.unit if beside else 0.0
    numbers = [_number(item, card, frame, sizes[1]) for item in items]
    for most in (1, 2, 3):
        names = [_on_lines(item, card, frame, sizes[0], most) for item in items]
        wides = []
        for number, name in zip(numbers, names, strict=True):
            named = name.width / ALMOST if name else 0.0
            wides.append(number.width + near + named if beside and name else max(number.width, named))
        spare = (width - sum(wides) - GAP * frame.unit * (len(items) - 1)) / len(items)
        if spare >= 0:
            pairs = zip(names, numbers, wides, strict=True)
            return [tuple(Entry(name, number, wide + spare, beside, near) for name, number, wide in pairs)]
    return None


def _on_lines(item: Item, card: Card, frame: Frame, size: float, most: int) -> Block | None:
    """A name on so many lines, or on as many as it has words."""
    style = frame.styles.text
    measure = wrapping.measuring(style, card.lang)
    tried = (wrapping.balance(item.text, count, math.inf, measure) for count in range(most, 0, -1))
    lines = tuple(shape(line, style, card.lang) for line in next((found for found in tried if found), ()))
    return Block(lines, style, size, LEADING_RTL if frame.rtl else LEADING) if lines else None


def _number(item: Item, card: Card, frame: Frame, size: float) -> Block:
    style = frame.styles.digits
    return Block((shape(item.figure.strip(), style, card.lang),), style, size, 1.0)


def _name(item: Item, card: Card, frame: Frame, size: float, width: float) -> Block | None:
    return block(item.text, frame.styles.text, card.lang, size, width, LEADING_RTL if frame.rtl else LEADING)


def _over(item: Item, number: Block, card: Card, frame: Frame, width: float, size: float) -> Entry | None:
    """The name over its number; None when one is too wide."""
    if number.width > width:
        return None
    name = _name(item, card, frame, size, width)
    return Entry(name, number, width, beside=False) if name or not wrapping.words(item.text) else None


def _complaint(card: Card, frame: Frame, stage: Box) -> str:
    """What does not fit, and by how much."""
    size = frame.named

    def fits(tried: Card) -> bool:
        return _fit(tried, frame, stage) is not None

    bare = replace(worded(card, [""] * len(card.items)), text="")
    if not fits(bare):
        longest = max(card.items, key=lambda item: len(item.figure)).figure
        return f"The numbers are too long for {size}, first of all {shown(longest)}. Shorten it, or take a number out."
    if not fits(replace(bare, text=card.text)):
        much = overlong(card.text, lambda text: fits(replace(bare, text=text)))
        return f"The lead line over the numbers is {much} for {size}. Shorten the card's text."
    much = together([item.text for item in card.items], lambda texts: fits(worded(card, texts)))
    return f"The names of the help lines are together {much} for {size}. Shorten them, or take a number out."
