"""Marks become pixels: each edge with its exact coverage, each glyph at its quarter of a pixel.

Small glyphs are drawn once and kept as masks; what stands on every card of a size (the ground, the header, the help
bar) is the caller's to keep. One thread draws at a time: Pillow holds Python's lock meanwhile anyway.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import uharfbuzz as hb  # type: ignore[import-untyped]
from PIL import Image

from scheduler import colour
from scheduler.cards.frame import changed
from scheduler.cards.marks import Box, Fade, Letters, Logo, Panel, Person, Picture, Scrim
from scheduler.cards.shaping import face

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scheduler.cards.marks import Ink, Mark

FINE = 4  # shapes are drawn so many times larger, and reduced
PHASES = 4  # of a pixel, at which a small glyph may stand; a larger one at half as many
SMALL = 40  # px an em
LARGE = 120  # px an em: glyphs above are drawn anew each time, and not kept
MASKS = 4096  # glyphs kept
RAMP = 128  # steps of a fade


def paint(picture: Image.Image, marks: Iterable[Mark], root: Path) -> Image.Image:
    """Draw the marks on an RGB picture, in their order; returns it. `root` is the project, for photos and the logo.

    Raises CardError when a photo or the logo cannot be used.
    """
    for mark in marks:
        match mark:
            case Letters():
                _letters(picture, mark)
            case Panel():
                _panel(picture, mark)
            case Person():
                _person(picture, mark)
            case Logo():
                _logo(picture, mark, root)
            case Picture():
                _photo(picture, mark, root)
            case Scrim():
                _scrim(picture, mark)
    return picture


def _letters(picture: Image.Image, mark: Letters) -> None:
    if isinstance(mark.ink, Fade) or mark.size > LARGE:
        _whole_line(picture, mark)
        return
    ink, baseline, size = colour.rgb(mark.ink), round(mark.y), mark.size
    paste = picture.im.paste  # Image.paste checks its arguments anew for each of hundreds of glyphs
    phases = PHASES if size <= SMALL else PHASES // 2
    start, step = mark.x * phases + 0.5, size * phases
    for font, number, right, up in mark.line.glyphs:
        place = math.floor(start + right * step)
        drawn = _mask(font, number, size, place % phases / phases)
        if drawn:
            mask, left, top, width, height = drawn
            x, y = place // phases + left, baseline + top
            if up:
                y -= round(up * size)
            paste(ink, (x, y, x + width, y + height), mask)


@lru_cache(maxsize=MASKS)
def _mask(font: int, number: int, size: float, phase: float) -> tuple[Any, int, int, int, int] | None:
    """A glyph's coverage as Pillow's core has it, and where it lies from its pen; None when it has no ink."""
    raster = hb.RasterDraw()
    scale = size / face(font).face.upem
    raster.transform = (scale, 0, 0, scale, phase, 0)
    raster.draw_glyph(face(font), number)
    drawn = _coverage(raster)
    return (drawn[0].im, *drawn[1:]) if drawn else None


def _coverage(raster: Any) -> tuple[Image.Image, int, int, int, int] | None:  # noqa: ANN401  it has no types
    drawn = raster.render()
    box = drawn.extents
    if not box.width or not box.height:
        return None
    mask = Image.frombytes("L", (box.width, box.height), bytes(drawn.buffer), "raw", "L", box.stride, -1)
    return mask, box.x_origin, -(box.y_origin + box.height), box.width, box.height


def _whole_line(picture: Image.Image, mark: Letters) -> None:
    raster = hb.RasterDraw()
    baseline = round(mark.y)
    for glyph in mark.line.glyphs:
        scale = mark.size / face(glyph.font).face.upem
        raster.transform = (scale, 0, 0, scale, mark.x + glyph.x * mark.size, glyph.y * mark.size)
        raster.draw_glyph(face(glyph.font), glyph.number)
    drawn = _coverage(raster)
    if drawn:
        mask, left, top, width, height = drawn
        _fill(picture, (left, baseline + top, left + width, baseline + top + height), mask, mark.ink)


def _fill(picture: Image.Image, box: tuple[int, int, int, int], mask: Image.Image, ink: Ink) -> None:
    """Lay an ink on `box` through a mask."""
    if isinstance(ink, str):
        picture.paste(colour.rgb(ink), box, mask)
    else:
        picture.paste(_faded(ink, box), box, mask)


def _faded(ink: Fade, box: tuple[int, int, int, int]) -> Image.Image:
    """The fade as it lies on a box."""
    start, end = round(ink.span[0]) - box[1], round(ink.span[1]) - box[1]
    column = Image.new("RGB", (1, box[3] - box[1]), colour.rgb(ink.top))
    column.paste(colour.rgb(ink.foot), (0, max(0, end), 1, max(0, end, column.height)))
    column.paste(_ramp(ink.top, ink.foot).resize((1, max(1, end - start)), Image.Resampling.BILINEAR), (0, start))
    return column.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.NEAREST)


@lru_cache(maxsize=8)
def _ramp(top: str, foot: str) -> Image.Image:
    start, end = colour.linear(top), colour.linear(foot)
    column = Image.new("RGB", (1, RAMP))
    mixed = (colour.mix(start, end, step / (RAMP - 1)) for step in range(RAMP))
    column.putdata([tuple(round(colour.code(value)) for value in light) for light in mixed])
    return column


def _whole(box: Box) -> tuple[int, int, int, int]:
    return round(box.left), round(box.top), round(box.right), round(box.bottom)


def _panel(picture: Image.Image, mark: Panel) -> None:
    box = _whole(mark.box)
    width, height = box[2] - box[0], box[3] - box[1]
    if width <= 0 or height <= 0:
        return
    if not mark.radius and mark.alpha == 1 and isinstance(mark.fill, str):
        picture.paste(colour.rgb(mark.fill), box)
        return
    mask = _rounded(width, height, min(round(mark.radius), width // 2, height // 2), round(255 * mark.alpha))
    _fill(picture, box, mask, mark.fill)


@lru_cache(maxsize=32)
def _rounded(width: int, height: int, radius: int, level: int) -> Image.Image:
    """A rectangle whose corners are quarter circles; only the corners are drawn fine."""
    from PIL import ImageDraw  # noqa: PLC0415  for shapes only

    mask = Image.new("L", (width, height), level)
    if radius:
        fine = Image.new("L", (2 * radius * FINE, 2 * radius * FINE))
        ImageDraw.Draw(fine).ellipse((0, 0, fine.width - 1, fine.height - 1), fill=level)
        disc = fine.reduce(FINE)
        for left, x in ((0, 0), (radius, width - radius)):
            for top, y in ((0, 0), (radius, height - radius)):
                mask.paste(disc.crop((left, top, left + radius, top + radius)), (x, y))
    return mask


def _person(picture: Image.Image, mark: Person) -> None:
    box = _whole(mark.box)
    if box[2] > box[0] and box[3] > box[1]:
        _fill(picture, box, _figure(box[2] - box[0], box[3] - box[1]), mark.fill)


@lru_cache(maxsize=32)
def _figure(width: int, height: int) -> Image.Image:
    """A head over a body whose shoulders are half a circle."""
    from PIL import ImageDraw  # noqa: PLC0415

    fine = Image.new("L", (width * FINE, height * FINE))
    draw, wide, tall = ImageDraw.Draw(fine), width * FINE, height * FINE
    head = tall * 0.135
    draw.ellipse((wide / 2 - head, 0, wide / 2 + head, 2 * head), fill=255)
    shoulders = 2 * head + tall * 0.045
    draw.rounded_rectangle((0, shoulders, wide - 1, tall - 1), wide * 0.5, fill=255)
    draw.rounded_rectangle((0, shoulders + wide * 0.5, wide - 1, tall - 1), tall * 0.045, fill=255)
    return fine.reduce(FINE)


def _logo(picture: Image.Image, mark: Logo, root: Path) -> None:
    box = _whole(mark.box)
    size = (box[2] - box[0], box[3] - box[1])
    drawn = _fitted_logo(root / mark.path, mark.path, size, mark.ink, changed(root / mark.path))
    left = box[0] + (box[2] - box[0] - drawn.width) // 2
    top = box[1] + (box[3] - box[1] - drawn.height) // 2
    picture.paste(drawn, (left, top), drawn)


@lru_cache(maxsize=8)
def _fitted_logo(path: Path, name: str, size: tuple[int, int], ink: str, _changed: int) -> Image.Image:
    from scheduler.cards import photos  # noqa: PLC0415  Pillow's readers

    return photos.logo(path, name, size, ink)


def _photo(picture: Image.Image, mark: Picture, root: Path) -> None:
    from scheduler.cards import photos  # noqa: PLC0415

    box, photo = _whole(mark.box), mark.photo
    found = photos.load(root / photo.path, photo.path, (box[2] - box[0], box[3] - box[1]), photo.focus)
    none, step = {"foot": (box[3], -1), "left": (box[0], 1), "right": (box[2], -1)}[mark.side]
    mask = _slope(box, none + step * mark.fade, none, 1.0, across=mark.side != "foot") if mark.fade else None
    picture.paste(found, box[:2], mask)


def _scrim(picture: Image.Image, mark: Scrim) -> None:
    box = _whole(mark.box)
    none = box[1] if mark.side == "foot" else box[3]
    picture.paste(colour.rgb(mark.colour), box, _slope(box, mark.solid, none, mark.strength, across=False))


def _slope(box: tuple[int, int, int, int], full: float, none: float, level: float, *, across: bool) -> Image.Image:
    """A mask of `box` that rises gently to `level` from where there is none to where it is full, in px."""
    start, end = (box[0], box[2]) if across else (box[1], box[3])
    steps = [_ease(min(1.0, max(0.0, (at + 0.5 - none) / (full - none)))) for at in range(start, end)]
    line = Image.new("L", (len(steps), 1) if across else (1, len(steps)))
    line.putdata([round(255 * level * step) for step in steps])
    return line.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.NEAREST)


def _ease(part: float) -> float:
    return part * part * (3 - 2 * part)
