"""The light on a card's ground, by the theme's mood: what a palette alone does not tell of what stands behind the type.

Light is added linearly, as light is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from scheduler.colour import Light, linear, luminance, mix

if TYPE_CHECKING:
    from scheduler.model import Theme

GRID = 48  # the light is slow: so many steps each way say all about it


class Glow(NamedTuple):
    """A light: its middle and its reach as parts of width and height, how sharply it falls, how strong it is."""

    x: float
    y: float
    across: float
    down: float
    fall: float
    strength: float


# By mood: the lights in the order of the theme's `glows`.
MOODS = {
    "lamplight": (
        Glow(1.06, 0.10, 1.05, 0.66, 2.6, 0.20),
        Glow(0.60, 0.30, 0.75, 0.46, 2.2, 0.15),
        Glow(-0.05, 1.00, 1.00, 0.55, 2.4, 0.22),
    ),
    "daybreak": (
        Glow(1.02, 0.05, 0.90, 0.75, 2.0, -0.45),
        Glow(0.30, 0.00, 0.90, 0.50, 2.0, -0.30),
        Glow(0.00, 1.00, 0.80, 0.60, 2.0, -0.35),
    ),
    "still": (
        Glow(0.15, 0.00, 1.10, 0.80, 2.0, 0.22),
        Glow(1.00, 0.95, 0.80, 0.70, 2.2, 0.12),
        Glow(0.50, 0.50, 0.60, 0.60, 2.0, 0.10),
    ),
}


@lru_cache(maxsize=8)
def lights(theme: Theme) -> list[Light]:
    """The light of each cell of the grid, row by row.

    A glow of negative strength tints: a light ground cannot be lit further, so it is drawn towards the colour.
    """
    glows = [(linear(colour), glow) for colour, glow in zip(theme.glows, MOODS[theme.mood], strict=False)]
    top, foot = linear(theme.background), linear(theme.shade)
    lights = []
    for row in range(GRID):
        y = row / (GRID - 1)
        base = mix(top, foot, y)
        lights += [_lit(base, glows, column / (GRID - 1), y) for column in range(GRID)]
    return lights


def _lit(base: Light, glows: list[tuple[Light, Glow]], x: float, y: float) -> Light:
    red, green, blue = base
    for light, glow in glows:
        far = ((x - glow.x) / glow.across) ** 2 + ((y - glow.y) / glow.down) ** 2
        if far >= 1:
            continue
        part = abs(glow.strength) * (1 - far) ** glow.fall
        keep = 1.0 if glow.strength > 0 else 1 - part
        red, green, blue = keep * red + part * light[0], keep * green + part * light[1], keep * blue + part * light[2]
    return red, green, blue


def extremes(theme: Theme) -> tuple[Light, Light]:
    """The darkest and the lightest place of the ground."""
    found = lights(theme)
    return min(found, key=luminance), max(found, key=luminance)
