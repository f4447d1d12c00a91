"""The measures of a card: one unit is a hundredth of what a phone shows across, so that all sizes read alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cards.marks import Box
from scheduler.cards.shaping import Style

if TYPE_CHECKING:
    from scheduler.model import Card, Theme

HERE = Path()
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi", "ps", "sd", "ckb")
SIZE_BITS = 48  # enough for the size of any file that a card may show
STORY = 1.6  # height to width: an app covers the head and the foot of what is taller
STORY_HEAD, STORY_FOOT = 250 / 1920, 340 / 1920  # of the height: what it covers


@dataclass(frozen=True, slots=True)
class Styles:
    """The cuts of the theme's families, by what they set."""

    figure: Style  # numbers, at their largest
    display: Style  # words as large as a number, and what goes with one
    text: Style
    quote: Style
    strong: Style
    label: Style  # small capitals, widely spaced
    small: Style
    digits: Style  # numbers to dial


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of one size of card, in pixels."""

    width: int
    height: int
    unit: float
    margin: float
    wide: bool
    rtl: bool
    head: float  # where the header begins
    bar: Box  # the help bar
    safe: Box  # all but the bar keeps within
    styles: Styles

    @property
    def named(self) -> str:
        """The size as a sentence says it."""
        return f"{self.width} × {self.height} px"

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin


def styles(theme: Theme, root: Path) -> Styles:
    """The cuts of a theme; a font file is one of the project `root`."""
    (figure, drawn), (text, written), (label, marked) = (
        _family(name, root) for name in (theme.figure_font, theme.text_font, theme.label_font)
    )
    lining = ("lnum",)
    return Styles(
        figure=Style(figure, (("opsz", 96), ("wght", 800), ("wdth", 93)), -0.004, lining, drawn),
        display=Style(figure, (("opsz", 72), ("wght", 760), ("wdth", 96)), -0.012, lining, drawn),
        text=Style(text, (("opsz", 52), ("wght", 470)), -0.004, lining, written),
        quote=Style(text, (("opsz", 64), ("wght", 440)), -0.006, lining, written),
        strong=Style(label, (("opsz", 30), ("wght", 680)), -0.004, (), marked),
        label=Style(label, (("opsz", 22), ("wght", 660)), 0.13, (), marked),
        small=Style(label, (("opsz", 20), ("wght", 450)), 0.004, (), marked),
        digits=Style(figure, (("opsz", 60), ("wght", 800), ("wdth", 98)), 0.0, ("tnum", "lnum"), drawn),
    )


def _family(name: str, root: Path) -> tuple[str, int]:
    """A family, or the path of a font file with what names its state."""
    if "/" not in name:
        return name, 0
    return str(root / name), changed(root / name)


def changed(path: Path) -> int:
    """One number for the time of a file's last change and its size: a copy may keep the time of what it replaces.

    0 when there is none, which whoever reads it will say.
    """
    try:
        found = path.stat()
    except (OSError, ValueError):  # not there, or a name that cannot be
        return 0
    return found.st_mtime_ns << SIZE_BITS | found.st_size


def frame(card: Card, root: Path = HERE) -> Frame:
    """The measures for a card's size, theme and language, in the project `root`."""
    width, height, theme = card.width, card.height, card.theme
    unit = min(width, height * 1.35) / 100
    wide, story = width > height * 1.2, height > width * STORY
    margin = 7.8 * unit * theme.spacing
    foot = height * (1 - STORY_FOOT) if story else float(height)
    tall = (10.6 if wide else 12.8) * unit if card.help else 0.0
    side = margin if story else 0.0
    bar = Box(side, foot - tall, width - side, foot)
    head = height * STORY_HEAD if story else (5.2 if wide else 6.6) * unit * theme.spacing
    below = bar.top - (3.4 if wide else 4.2) * unit if card.help else foot - 0.8 * margin
    return Frame(
        width=width,
        height=height,
        unit=unit,
        margin=margin,
        wide=wide,
        rtl=card.lang.split("-")[0].lower() in RIGHT_TO_LEFT,
        head=head,
        bar=bar,
        safe=Box(margin, head, width - margin, below),
        styles=styles(theme, root),
    )
