"""The ground of a card: the theme's colours under a soft light, and a grain too fine to see.

Light is added linearly, as light is. The grain (half a step of 8 bits) keeps a slow gradient from showing bands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image, ImageMath

from scheduler.cards.colour import Light, code, linear, mix

if TYPE_CHECKING:
    from scheduler.model import Theme

GRID = 48  # the light is slow: so many steps each way say all about it
GRAIN = (0.125, 0.625, 0.875, 0.375)  # Bayer's 2 by 2: a larger tile hides no more, and doubles the file
STRIP = 128  # px of height that are made at a time


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


def ground(width: int, height: int, theme: Theme) -> Image.Image:
    """A new picture of the size. It is made in strips, since a plane of numbers takes as much room as the picture."""
    lights = _lights(theme)
    picture = Image.new("RGB", (width, height))
    planes = []
    for part in range(3):
        plane = Image.new("F", (GRID, GRID))
        plane.putdata([code(light[part]) for light in lights])
        planes.append(plane)
    grain = _grain(width, STRIP)
    for top in range(0, height, STRIP):
        tall = min(STRIP, height - top)
        within = (0.0, GRID * top / height, float(GRID), GRID * (top + tall) / height)
        strips = [plane.resize((width, tall), Image.Resampling.BICUBIC, box=within) for plane in planes]
        texture = grain.crop((0, 0, width, tall))
        bands = [ImageMath.lambda_eval(_summed, plane=strip, grain=texture) for strip in strips]
        picture.paste(Image.merge("RGB", bands), (0, top))
    return picture


def _summed(args: dict[str, Any]) -> Any:  # noqa: ANN401  Pillow's own operand
    return args["convert"](args["plane"] + args["grain"], "L")


def _lights(theme: Theme) -> list[Light]:
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


@lru_cache(maxsize=1)
def _grain(width: int, height: int) -> Image.Image:
    tile = Image.new("F", (2, 2))
    tile.putdata(GRAIN)
    row = Image.new("F", (width, 2))
    for x in range(0, width, 2):
        row.paste(tile, (x, 0))
    whole = Image.new("F", (width, height))
    for y in range(0, height, 2):
        whole.paste(row, (0, y))
    return whole
