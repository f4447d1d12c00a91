"""The ground of a card: the theme's dark colour under a soft light, and a grain too fine to see.

The light is mixed linearly, as light is. The grain (half a step of 8 bits, in Bayer's order) keeps a slow gradient from
showing bands; being one small tile, it costs few bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PIL import Image, ImageMath

GRID = 48  # the light is slow: so many steps each way say all about it
TILE = 8
DEPTH = 0.5  # how much of the background's light is left at the bottom
GLOW = 1.3  # how much of its own light the background gains in the middle of the light
WARMTH = 0.01  # and how much of the accent's
CENTRE = (0.9, 0.0)  # of the light, as parts of width and height
REACH = (1.1, 0.95)


def linear(colour: str) -> tuple[float, float, float]:
    """The light of a ``#rrggbb`` colour, each part from 0 to 1 (IEC 61966-2-1)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _light(red), _light(green), _light(blue)


def _light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


def _code(light: float) -> float:
    """Light from 0 to 1 as an sRGB number from 0 to 255, not rounded."""
    light = min(1.0, max(0.0, light))
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)  # noqa: PLR2004


def _values(base: float, accent: float, glow: list[float]) -> list[float]:
    values = []
    for row in range(GRID):
        shade = base * (1 - (1 - DEPTH) * row / (GRID - 1))
        values += [_code(shade * (1 + GLOW * g) + accent * WARMTH * g) for g in glow[row * GRID : (row + 1) * GRID]]
    return values


@lru_cache(maxsize=1)
def _glow() -> list[float]:
    places = [(c / (GRID - 1), r / (GRID - 1)) for r in range(GRID) for c in range(GRID)]
    near = [((x - CENTRE[0]) / REACH[0]) ** 2 + ((y - CENTRE[1]) / REACH[1]) ** 2 for x, y in places]
    return [max(0.0, 1 - d) ** 2 for d in near]


def _threshold(x: int, y: int) -> float:
    """Bayer's 8 by 8 matrix, each value once between 0 and 1."""
    value = 0
    for bit in range(3):
        value = value * 4 + (((x ^ y) >> bit & 1) << 1 | (y >> bit & 1))
    return (value + 0.5) / (TILE * TILE)


@lru_cache(maxsize=8)
def _grain(width: int, height: int) -> Image.Image:
    tile = Image.new("F", (TILE, TILE))
    tile.putdata([_threshold(x, y) for y in range(TILE) for x in range(TILE)])
    row = Image.new("F", (width, TILE))
    for x in range(0, width, TILE):
        row.paste(tile, (x, 0))
    whole = Image.new("F", (width, height))
    for y in range(0, height, TILE):
        whole.paste(row, (0, y))
    return whole


@lru_cache(maxsize=8)
def ground(width: int, height: int, background: str, accent: str) -> Image.Image:
    """A picture of the size; copy it before drawing on it."""
    bands = []
    grain = _grain(width, height)
    for base, light in zip(linear(background), linear(accent), strict=True):
        small = Image.new("F", (GRID, GRID))
        small.putdata(_values(base, light, _glow()))
        plane = small.resize((width, height), Image.Resampling.BICUBIC)

        def summed(args: dict[str, Any]) -> Any:  # noqa: ANN401  Pillow's own operand
            return args["convert"](args["plane"] + args["grain"], "L")

        bands.append(ImageMath.lambda_eval(summed, plane=plane, grain=grain))
    return Image.merge("RGB", bands)
