"""Typography for terminals: widths, tables, and the few colours that mean something."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.model import Delivery

WIDEST = 100  # columns; longer lines are hard to read
GAP = "  "

_STYLES: dict[str, dict[str, object]] = {
    "": {},
    "strong": {"bold": True},
    "dim": {"dim": True},
    "good": {"fg": "green"},
    "warn": {"fg": "yellow"},
    "bad": {"fg": "red"},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and what it means: strong, dim, good, warn or bad."""

    text: str
    look: str = ""


def width() -> int:
    """How many columns to use."""
    return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)


def say(text: str = "", look: str = "", *, err: bool = False) -> None:
    """Print a line."""
    click.echo(styled(text, look), err=err)


def styled(text: str, look: str) -> str:
    """Text with its colour; click takes it away where there is no terminal."""
    return click.style(text, **_STYLES[look]) if look and text else text  # type: ignore[arg-type]


def heading(text: str, note: str = "", *, gap: bool = True) -> None:
    """A heading, with a blank line before it unless it comes first."""
    if gap:
        click.echo()
    click.echo(styled(text, "strong") + (GAP + styled(note, "dim") if note else ""))


def wrapped(text: str, indent: str = "", *, first: str | None = None, look: str = "") -> None:
    """A paragraph, broken at the width; `first` begins its first line and counts as wide as it looks."""
    start = indent if first is None else first
    lines = _broken(text, width() - len(indent))
    for number, line in enumerate(lines or [""]):
        click.echo((indent if number else start) + styled(line, look))


def table(
    rows: Iterable[Sequence[Cell | str]], *, indent: str = "", head: Sequence[str] = (), cut: bool = False
) -> None:
    """Columns as wide as their text; the last one takes what is left, and is broken into lines, or cut."""
    cells = [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in rows]
    if not cells:
        return
    if head:
        cells.insert(0, [Cell(h, "dim") for h in head])
    widths = [max(len(row[i].text) for row in cells) for i in range(len(cells[0]) - 1)]
    left = len(indent) + sum(w + len(GAP) for w in widths)
    room = max(width() - left, 24)
    for row in cells:
        start = indent + "".join(styled(c.text, c.look) + " " * (w - len(c.text)) + GAP for c, w in zip(row, widths))  # noqa: B905  the last has no width
        lines = [shortened(row[-1].text, room)] if cut else _broken(row[-1].text, room) or [""]
        click.echo((start + styled(lines[0], row[-1].look)).rstrip())
        for line in lines[1:]:
            click.echo(" " * left + styled(line, row[-1].look))


def _broken(text: str, room: int) -> list[str]:
    lines: list[str] = []
    for part in text.split("\n"):
        lines += textwrap.wrap(part, max(room, 20), break_long_words=False, break_on_hyphens=False) or [""]
    return lines if any(lines) else []


def plural(count: int, one: str, many: str = "") -> str:
    """A count and its noun: "1 post", "3 posts"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shortened(text: str, most: int) -> str:
    """Text of at most `most` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip(" -") + "…"


_LOOKS = {
    "published": "good",
    "failed": "bad",
    "unconfirmed": "bad",
    "missed": "bad",
    "held": "warn",
    "publishing": "warn",
    "cancelled": "dim",
}


def look_of(row: Delivery) -> Cell:
    """The status of a delivery, in its colour."""
    if row.status == "scheduled" and not row.approved:
        return Cell("to approve", "warn")
    return Cell(str(row.status), _LOOKS.get(str(row.status), ""))
