"""What stands on every card: the campaign's name with the logo at its head, the source and the help bar at its foot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler.cards.marks import Box, Letters, Logo, Panel
from scheduler.cards.setting import block, one_line, shown
from scheduler.cards.shaping import rise, shape
from scheduler.colour import blend
from scheduler.errors import CardError

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.cards.setting import Block
    from scheduler.model import Card, Theme

WAY = re.compile(r"(\D+?)\s*(\d[\d\s().–-]*\d|\d)")  # "text 233733"
NAME, SOURCE, LOGO = 2.25, 2.3, 5.6  # units
UNDER = 1.7  # units between the organisation and the campaign
UNCASED = re.compile(r"[^\W\d_a-zA-ZÀ-ɏḀ-ỿ]")  # letters of a script that has no capitals, or none that we set


def header(card: Card, frame: Frame) -> tuple[list[Mark], float]:
    """The logo and the campaign's name over a hairline, and where what follows may begin."""
    marks: list[Mark] = []
    unit, theme = frame.unit, card.theme
    tall = LOGO * unit * (0.86 if frame.wide else 1)
    left, right = frame.margin, frame.width - frame.margin
    if theme.logo:
        box = Box(right - tall, frame.head, right, frame.head + tall) if frame.rtl else None
        marks.append(Logo(box or Box(left, frame.head, left + tall, frame.head + tall), theme.logo, logo_ink(theme)))
        left, right = (left, right - tall * 1.32) if frame.rtl else (left + tall * 1.32, right)
    else:
        tall = NAME * unit
    marks += _name(card, frame, left, right, frame.head + tall / 2)
    if frame.wide:  # low cards have no room for a rule
        return marks, frame.head + tall + 3.2 * unit * theme.spacing
    line = round(frame.head + tall + 2.0 * unit)
    marks.append(Panel(Box(frame.margin, line, frame.width - frame.margin, line + 2), hair(theme)))
    return marks, line + 5.0 * unit * theme.spacing


def _name(card: Card, frame: Frame, left: float, right: float, middle: float) -> list[Letters]:
    """The organisation over the campaign; one alone stands in the middle."""
    names = [name for name in (card.organisation, card.campaign) if name.strip()]
    if not names:
        return []
    first = _first(names[0], card, frame, right - left, 1 if len(names) > 1 else 2)
    second = _second(names[1], card, frame, right - left) if len(names) > 1 else None
    gap = UNDER * frame.unit if second else 0.0
    top = middle - (first.height + gap + (second.height if second else 0.0)) / 2
    marks = first.set(left, right, top, card.theme.text, "name", rtl=frame.rtl)
    if second:
        marks += second.set(left, right, top + first.height + gap, card.theme.muted, "name", rtl=frame.rtl)
    return marks


def _first(name: str, card: Card, frame: Frame, width: float, most: int) -> Block:
    uncased = UNCASED.search(name)
    style = frame.styles.strong if uncased else frame.styles.label
    size = NAME * frame.unit * (1.25 if uncased else 1)
    text = name if uncased else name.upper()
    for lines in range(1, most + 1):
        if found := block(text, style, card.lang, size, width, 1.45, lines):
            return found
    raise _too_long(name, width * most / size / shape(text, style, card.lang).width)


def _second(name: str, card: Card, frame: Frame, width: float) -> Block:
    size = NAME * frame.unit
    found = block(name, frame.styles.small, card.lang, size, width, 1.45, 1)
    if found is None:
        raise _too_long(name, width / size / shape(name, frame.styles.small, card.lang).width)
    return found


def _too_long(name: str, part: float) -> CardError:
    return CardError(
        f"The name {shown(name)} has {len(name)} characters; the head of a card has room for about "
        f"{int(len(name) * part * 0.9)}. Shorten campaign.organisation or campaign.name in config.toml."
    )


def hair(theme: Theme) -> str:
    """The colour of a hairline that parts two things."""
    return blend(theme.background, theme.muted, 0.45)


def logo_ink(theme: Theme) -> str:
    """The colour of the logo's shape; empty for its own colours."""
    return {"accent": theme.accent, "text": theme.text}.get(theme.logo_ink, theme.logo_ink)


def source(card: Card, frame: Frame) -> tuple[list[Mark], float]:
    """The source above the help bar, and where what stands over it must end."""
    if not card.source:
        return [], frame.safe.bottom
    size = SOURCE * frame.unit
    found = block(card.source, frame.styles.small, card.lang, size, frame.inner, 1.4, 2)
    if found is None:
        raise CardError(
            f"The source line does not fit the card in two lines: {shown(card.source)}. Shorten the publisher."
        )
    top = frame.safe.bottom - found.height
    left, right = frame.margin, frame.width - frame.margin
    marks: list[Mark] = [*found.set(left, right, top, card.theme.muted, "source", rtl=frame.rtl)]
    return marks, top - (3.2 if frame.wide else 4.4) * frame.unit


def helpbar(card: Card, frame: Frame) -> list[Mark]:
    """The bar with the short help line: each way to help as its name over its number, or the line as it stands."""
    if not card.help:
        return []
    ways = [WAY.fullmatch(part.strip()) for part in card.help.split("·")]
    pairs = [(way[1].strip(" :"), way[2]) for way in ways if way]
    bar = Panel(frame.bar, card.theme.bar, 2.4 * frame.unit if frame.bar.left else 0.0)
    columns = _columns(card, frame, pairs) if len(pairs) == len(ways) else []
    return [bar, *(columns or _plain(card, frame))]


def _bar_edges(frame: Frame) -> tuple[float, float]:
    inset = 4.5 * frame.unit if frame.bar.left else frame.margin
    return frame.bar.left + inset, frame.bar.right - inset


def _columns(card: Card, frame: Frame, pairs: list[tuple[str, str]]) -> list[Mark]:
    """Each way to help in a column; none when that would be too small to read."""
    left, right = _bar_edges(frame)
    digits, tall = frame.styles.digits, frame.bar.height
    label, small = frame.styles.strong, tall * (0.24 if frame.wide else 0.20)
    pairs = pairs[::-1] if frame.rtl else pairs
    names = [shape(name[:1].upper() + name[1:], label, card.lang) for name, _ in pairs]
    numbers = [shape(number, digits) for _, number in pairs]
    gap = tall * 0.30
    for part in range(46, 27, -1):
        size = tall * part / 100
        widths = [max(n.width * small, d.width * size) for n, d in zip(names, numbers, strict=True)]
        spare = right - left - sum(widths)
        if spare >= gap * (len(pairs) - 1):
            break
    else:
        return []
    between = spare / (len(pairs) - 1) if len(pairs) > 1 else 0.0
    height = rise(label) * small + tall * 0.125 + rise(digits) * size
    top = frame.bar.top + (tall - height) / 2
    marks: list[Mark] = []
    for name, number, width in zip(names, numbers, widths, strict=True):
        for line, em, base in ((name, small, top + rise(label) * small), (number, size, top + height)):
            x = left + width - line.ink.right * em if frame.rtl else left - line.ink.left * em
            marks.append(Letters(line, em, x, base, card.theme.on_bar, "help"))
        left += width + between
    return marks


def _plain(card: Card, frame: Frame) -> list[Mark]:
    """The help line as it stands, on one line or two."""
    left, right = _bar_edges(frame)
    tall, style = frame.bar.height, frame.styles.strong
    single = one_line(card.help, style, card.lang, tall * 0.3, right - left)
    found = single or block(card.help, style, card.lang, tall * 0.2, right - left, 1.45, 2)
    if found is None:
        raise CardError(
            f"The help line does not fit the card in two lines ({len(card.help)} characters): {shown(card.help)}. "
            "Shorten campaign.help.short in config.toml."
        )
    top = frame.bar.top + (tall - found.height) / 2
    return [*found.set(left, right, top, card.theme.on_bar, "help", rtl=frame.rtl)]
