"""Sheets: the month as one picture to pin on a wall, and a post as each network will show it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from scheduler.cards.drawing import paint
from scheduler.cards.encoding import png
from scheduler.cards.frame import HERE, styles
from scheduler.cards.marks import Box, Letters, Panel
from scheduler.cards.setting import block
from scheduler.cards.shaping import Style, shape
from scheduler.errors import CardError
from scheduler.model import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scheduler.cards.marks import Mark

PAPER, INK, QUIET, HAIR = "#f6f3ec", "#1b2230", "#5b6472", "#d8d2c4"
GONE = "#8a8f98"  # over what a crop takes away
MARGIN, GAP = 72, 24  # px
WEEK = 7
WIDEST = 2600  # px: what a screen shows


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month's sheet: its card, or why it has none."""

    day: date
    path: Path | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as one network shows it: what is said of it, and its crops by name and ratio (width to height)."""

    path: Path
    title: str
    note: str
    crops: tuple[tuple[str, float], ...] = ()


def month(days: Sequence[Day], title: str, names: Sequence[str], first: int, *, across: int = 330) -> bytes:
    """The month, a row a week; `names` are the weekdays' from Monday, `first` is the week's first (0 to 6). A PNG.

    `across` is the width of a card in pixels.
    """
    cells = [_cell(day.day, days[0].day, first) for day in days]
    pictures = [_opened(day.path) if day.path else None for day in days]
    down = round(across * next((p.height / p.width for p in pictures if p), 1.25))
    rows = max(row for row, _ in cells) + 1
    head, label = 170, 46
    width = 2 * MARGIN + WEEK * across + (WEEK - 1) * GAP
    sheet = Image.new("RGB", (width, MARGIN + head + rows * (down + label + GAP) + MARGIN - GAP), PAPER)
    marks = _line(title, _strong(42), (MARGIN, MARGIN + 42), INK)
    for column in range(WEEK):
        x = MARGIN + column * (across + GAP)
        marks += _line(names[(first + column) % WEEK], _plain(22), (x, MARGIN + head - 34), QUIET)
    marks.append(Panel(Box(MARGIN, MARGIN + head - 20, width - MARGIN, MARGIN + head - 18), HAIR))
    for day, picture, (row, column) in zip(days, pictures, cells, strict=True):
        x, y = MARGIN + column * (across + GAP), MARGIN + head + row * (down + label + GAP)
        marks += _line(str(day.day.day), _strong(26), (x, y + 30), INK)
        if picture:
            sheet.paste(picture.resize((across, down), Image.Resampling.LANCZOS), (x, y + label))
        else:
            marks.append(Panel(Box(x, y + label, x + across, y + label + down), HAIR, 6))
            marks += _words(day.note, across - 40, (x + 20, y + label + 24), QUIET, 22)
    return png(paint(sheet, marks, HERE))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _cell(day: date, start: date, first: int) -> tuple[int, int]:
    """The row and the column of a day, in weeks that begin with the weekday `first`."""
    column = (day.weekday() - first) % WEEK
    return ((day - start).days + (start.weekday() - first) % WEEK) // WEEK, column


def post(shown: Sequence[Shown], title: str, *, tall: int = 620) -> bytes:
    """A post's cards side by side in rows, each with the outline of what its network crops it to. A PNG."""
    rows: list[list[tuple[Shown, Image.Image]]] = [[]]
    for each in shown:
        picture = _opened(each.path)
        small = picture.resize((round(picture.width * tall / picture.height), tall), Image.Resampling.LANCZOS)
        if rows[-1] and sum(p.width + GAP * 2 for _, p in rows[-1]) + small.width > WIDEST:
            rows.append([])
        rows[-1].append((each, small))
    head, label = 110, 118
    title = _settable(title, _strong(38)[0])
    wanted = shape(title, _strong(38)[0]).width * 38
    width = max(wanted, *(sum(p.width for _, p in row) + GAP * 2 * (len(row) - 1) for row in rows)) + 2 * MARGIN
    sheet = Image.new("RGB", (math.ceil(width), MARGIN + head + len(rows) * (tall + label) + MARGIN // 2), PAPER)
    marks = _line(title, _strong(38), (MARGIN, MARGIN + 38), INK)
    y = MARGIN + head
    for row in rows:
        x = MARGIN
        for each, small in row:
            sheet.paste(small, (x, y))
            marks += _cropped(each, Box(x, y, x + small.width, y + tall))
            marks += _line(each.title, _strong(25), (x, y + tall + 40), INK)
            crops = "; ".join(f"outlined: {name}" for name, _ in each.crops)
            marks += _words(", ".join(p for p in (each.note, crops) if p), small.width, (x, y + tall + 58), QUIET, 20)
            x += small.width + GAP * 2
        y += tall + label
    return png(paint(sheet, marks, HERE))


def _cropped(shown: Shown, box: Box) -> list[Mark]:
    """The outline of each crop, and a veil over what all of them take away."""
    marks: list[Mark] = []
    for _, ratio in shown.crops:
        kept = crop(box, ratio)
        sides = (
            Box(box.left, box.top, kept.left, box.bottom),
            Box(kept.right, box.top, box.right, box.bottom),
            Box(kept.left, box.top, kept.right, kept.top),
            Box(kept.left, kept.bottom, kept.right, box.bottom),
        )
        marks += [Panel(side, GONE, alpha=0.42) for side in sides]
        marks += [Panel(edge, edge_ink) for edge, edge_ink in _dashes(kept)]
    return marks


def crop(box: Box, ratio: float) -> Box:
    """The largest part of `box` with the ratio of width to height, about its middle."""
    wide, tall = min(box.width, box.height * ratio), min(box.height, box.width / ratio)
    x, y = (box.left + box.right - wide) / 2, (box.top + box.bottom - tall) / 2
    return Box(x, y, x + wide, y + tall)


def _dashes(box: Box, dash: int = 14, thick: int = 3) -> list[tuple[Box, str]]:
    found: list[tuple[Box, str]] = []
    for place in range(math.ceil(box.width / dash)):
        ink, x = ("#ffffff", INK)[place % 2], box.left + place * dash
        right = min(x + dash, box.right)
        found += [(Box(x, box.top, right, box.top + thick), ink), (Box(x, box.bottom - thick, right, box.bottom), ink)]
    for place in range(math.ceil(box.height / dash)):
        ink, y = ("#ffffff", INK)[place % 2], box.top + place * dash
        foot = min(y + dash, box.bottom)
        found += [(Box(box.left, y, box.left + thick, foot), ink), (Box(box.right - thick, y, box.right, foot), ink)]
    return found


def _strong(size: float) -> tuple[Style, float]:
    return styles(Theme(), HERE).strong, size


def _plain(size: float) -> tuple[Style, float]:
    return styles(Theme(), HERE).small, size


def _line(text: str, set_in: tuple[Style, float], at: tuple[float, float], ink: str) -> list[Mark]:
    style, size = set_in
    return [Letters(shape(_settable(text, style), style), size, at[0], at[1], ink, "label")]


def _words(text: str, width: float, at: tuple[float, float], ink: str, size: float) -> list[Mark]:
    style = styles(Theme(), HERE).small
    apart = re.sub(r"\S{12}", "\\g<0>\u200b", _settable(text, style))  # a long word may break
    found = block(apart, style, "", size, width, 1.35)
    return [*found.set(at[0], at[0] + width, at[1], ink, "label")] if found else []


def _settable(text: str, style: Style) -> str:
    """The text with a question mark for each character that no font has: a sheet is drawn whatever it quotes."""
    try:
        shape(text, style)
    except CardError:
        return "".join(char if _has(char, style) else "?" for char in text)
    return text


def _has(char: str, style: Style) -> bool:
    try:
        shape(char, style)
    except CardError:
        return False
    return True
