"""Ours: the benchmark's card, made of the same pieces as the layouts.

What the peers are given it works out for itself: the size at which the statement fits, and lines of even length. What
is the same on all cards of a size (gradient, panel, logo, bar) is drawn once and copied, as `composing` does.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from PIL import Image

from benchmarks.cards.workers.protocol import DESIGN, LOGO, PEERS, QUALITY, Draft, serve
from scheduler.cards.drawing import paint
from scheduler.cards.encoding import jpeg, png
from scheduler.cards.marks import Box, Letters, Logo, Panel
from scheduler.cards.shaping import Style, shape
from scheduler.cards.wrapping import fit

WIDTH, HEIGHT = DESIGN["w"], DESIGN["h"]
ASCENT, DESCENT = 0.96875, 0.2412  # em, of Inter
STYLES = {weight: Style("inter", (("opsz", 14), ("wght", weight))) for weight in (400, 600, 700)}


def raster(draft: Draft) -> Image.Image:
    footer = DESIGN["footer"]
    marks = [
        _line(draft["number"], DESIGN["number"]),
        *_statement(draft["statement"]),
        _line(draft["source"], DESIGN["source"]),
        _line(draft["footer"], footer, (footer["h"] - footer["size"] * footer["lh"]) / 2),
    ]
    return paint(_ground().copy(), marks, PEERS)


def encode(picture: Image.Image, file_format: str) -> bytes:
    return png(picture) if file_format == "png" else jpeg(picture, QUALITY)


def _statement(text: str) -> list[Letters]:
    """In at most three even lines, as large as that allows."""
    slot = DESIGN["statement"]
    style = STYLES[slot["weight"]]
    found = fit(text, style, "en", slot["w"], HEIGHT, slot["min"], slot["max"], slot["lh"], slot["max_lines"])
    if found is None:
        raise ValueError(text)
    own = slot | {"size": found.size}
    return [_line(line, own, number * found.size * slot["lh"]) for number, line in enumerate(found.lines)]


def _line(text: str, slot: dict[str, Any], below: float = 0.0) -> Letters:
    """A line whose box begins so many pixels below its slot's top, its baseline where a browser puts it."""
    size = slot["size"]
    over, under = round(ASCENT * size), round(DESCENT * size)
    baseline = math.floor(slot["y"] + below + (size * slot["lh"] - over - under) / 2 + over)
    return Letters(shape(text, STYLES[slot["weight"]], "en"), size, slot["x"], baseline, slot["color"], "text")


@cache
def _ground() -> Image.Image:
    """All but the text. A gradient from corner to corner: one step of it along each of x and y."""
    step = 255 / (WIDTH + HEIGHT)
    ramp = Image.linear_gradient("L").transform(
        (WIDTH, HEIGHT), Image.Transform.AFFINE, (0, 0, 128, step, step, 0), Image.Resampling.BILINEAR
    )
    start, end = (Image.new("RGB", (WIDTH, HEIGHT), DESIGN[name]) for name in ("bg0", "bg1"))
    panel, logo, footer = DESIGN["panel"], DESIGN["logo"], DESIGN["footer"]
    still = (
        Panel(_box(panel, panel["w"], panel["h"]), "#ffffff", panel["r"], panel["alpha"]),
        Logo(_box(logo, logo["size"], logo["size"]), str(LOGO.relative_to(PEERS))),
        Panel(Box(0, footer["y"], WIDTH, footer["y"] + footer["h"]), footer["bg"]),
    )
    return paint(Image.composite(end, start, ramp), still, PEERS)


def _box(slot: dict[str, Any], width: float, height: float) -> Box:
    return Box(slot["x"], slot["y"], slot["x"] + width, slot["y"] + height)


if __name__ == "__main__":
    serve(raster, encode)
