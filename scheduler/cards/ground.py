"""The ground of a card: the theme's colours under a soft light, and a grain too fine to see.

Light is added linearly, as light is. The grain (half a step of 8 bits) keeps a slow gradient from showing bands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageMath

from scheduler.colour import code
from scheduler.light import GRID, lights

if TYPE_CHECKING:
    from scheduler.model import Theme

GRAIN = (0.125, 0.625, 0.875, 0.375)  # Bayer's 2 by 2: a larger tile hides no more, and doubles the file
STRIP = 128  # px of height that are made at a time


def ground(width: int, height: int, theme: Theme) -> Image.Image:
    """A new picture of the size. It is made in strips, since a plane of numbers takes as much room as the picture."""
    lit = lights(theme)
    picture = Image.new("RGB", (width, height))
    planes = []
    for part in range(3):
        plane = Image.new("F", (GRID, GRID))
        plane.putdata([code(light[part]) for light in lit])
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
