"""What stands on a card, as values: a layout arranges marks, `drawing.paint` draws them in their order.

All measures are in pixels from the top left corner, y downwards, not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.cards.shaping import Line
    from scheduler.model import Photo


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: `right` and `bottom` are just outside of it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Fade:
    """An ink that runs from one colour to another, mixed in OKLab."""

    top: str
    foot: str
    span: tuple[float, float]  # y where it starts and where it ends, in pixels


Ink = str | Fade  # a colour is "#rrggbb"


@dataclass(frozen=True, slots=True)
class Letters:
    """A line of type with its pen starting at `x` on the baseline `y`."""

    line: Line
    size: float  # px an em
    x: float
    y: float
    ink: Ink
    role: str  # what it says: "figure", "text", "myth", "source", "help", "name", "label"

    @property
    def box(self) -> Box:
        """Where its ink falls."""
        ink = self.line.ink
        return Box(
            self.x + ink.left * self.size,
            self.y + ink.top * self.size,
            self.x + ink.right * self.size,
            self.y + ink.bottom * self.size,
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled rectangle, its corners round by `radius`; `alpha` from 0 to 1 is how much it covers."""

    box: Box
    fill: Ink
    radius: float = 0.0
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Person:
    """A pictogram of one of us: a head over shoulders, nobody in particular; it fills its box."""

    box: Box
    fill: Ink


@dataclass(frozen=True, slots=True)
class Logo:
    """The campaign's logo, fitted into `box`, its shape in `ink`; without ink in its own colours."""

    box: Box
    path: str
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo that covers `box`, cropped around its focus; over the last `fade` px towards `side` it fades away."""

    box: Box
    photo: Photo
    fade: float = 0.0
    side: str = "foot"  # "foot", "left" or "right"


@dataclass(frozen=True, slots=True)
class Scrim:
    """A veil over what is below: `strength` (0 to 1) from a side of its box to `solid`, then ever less of it."""

    box: Box
    solid: float  # y in px
    colour: str
    strength: float
    side: str = "foot"  # "foot" or "head"


Mark = Letters | Panel | Person | Logo | Picture | Scrim
