"""Type for the cards: lines shaped by HarfBuzz, from the fonts in this package.

Measures are in em, so that fitting a size is arithmetic. Nothing depends on what the machine has installed: shaping
and drawing are HarfBuzz's own, and every edge is drawn with its exact coverage at its exact place, never snapped to a
pixel. A character that no font has is a CardError: a card never shows an empty box.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import uharfbuzz as hb  # type: ignore[import-untyped]
from PIL import Image

from scheduler.errors import CardError

FONTS = Path(__file__).parent / "fonts"
SUBSETS = ("latin", "latin-ext")  # tried in this order
HELD = 4096  # shaped lines kept


@dataclass(frozen=True, slots=True)
class Style:
    """A cut of a family: its axes, the tracking in em, and OpenType features."""

    family: str
    axes: tuple[tuple[str, float], ...]
    tracking: float = 0.0
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line: the font it is in, its number, and where its pen stands (em)."""

    font: int
    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A shaped line. `width` is the advance in em, `bearing` the white before its first ink."""

    glyphs: tuple[Glyph, ...]
    width: float
    bearing: float


@lru_cache(maxsize=32)
def _fonts(style: Style) -> tuple[Any, ...]:
    fonts = []
    for subset in SUBSETS:
        blob = hb.Blob.from_file_path(str(FONTS / f"{style.family}-{subset}.ttf"))
        font = hb.Font(hb.Face(blob))
        font.set_variations(dict(style.axes))
        fonts.append(font)
    return tuple(fonts)


def _font_for(char: str, style: Style, current: int) -> int:
    """The number of the font that has `char`, the current one first."""
    if unicodedata.category(char) == "Cf":  # joiners and marks of direction have no picture
        return current
    fonts = _fonts(style)
    if fonts[current].get_nominal_glyph(ord(char)):
        return current
    for number, font in enumerate(fonts):
        if font.get_nominal_glyph(ord(char)):
            return number
    name = unicodedata.name(char, "a character without a name").capitalize()
    raise CardError(f"The card's fonts have no “{char}” (U+{ord(char):04X}, {name}). Take it out of the card's text.")


def _runs(text: str, style: Style) -> list[tuple[int, str]]:
    """The text cut into pieces that one font can set."""
    runs: list[tuple[int, str]] = []
    current = 0
    for char in text:
        current = _font_for(char, style, current)
        if runs and runs[-1][0] == current:
            runs[-1] = (current, runs[-1][1] + char)
        else:
            runs.append((current, char))
    return runs


@lru_cache(maxsize=HELD)
def shape(text: str, style: Style) -> Line:
    """Set `text` on one line. Raises CardError for a character that no font has."""
    fonts = _fonts(style)
    glyphs: list[Glyph] = []
    pen = 0.0
    for number, piece in _runs(unicodedata.normalize("NFC", text), style):
        buffer = hb.Buffer()
        buffer.add_str(piece)
        buffer.guess_segment_properties()
        hb.shape(fonts[number], buffer, dict.fromkeys(style.features, True))
        em = fonts[number].face.upem
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(Glyph(number, info.codepoint, pen + place.x_offset / em, place.y_offset / em))
            pen += place.x_advance / em + style.tracking
    if not glyphs:
        return Line((), 0.0, 0.0)
    first = fonts[glyphs[0].font]
    extents = first.get_glyph_extents(glyphs[0].number)
    bearing = extents.x_bearing / first.face.upem if extents else 0.0
    return Line(tuple(glyphs), pen - style.tracking, bearing)


@lru_cache(maxsize=64)
def rise(style: Style) -> float:
    """The height of a capital in em."""
    font = _fonts(style)[0]
    return float(font.get_glyph_extents(font.get_nominal_glyph(ord("H"))).y_bearing / font.face.upem)


def draw(picture: Image.Image, line: Line, style: Style, size: float, at: tuple[float, float], *, ink: str) -> None:
    """Draw a shaped line with its pen starting `at` (x, baseline y), in pixels, at `size` px an em."""
    raster = hb.RasterDraw()
    fonts = _fonts(style)
    x, baseline = at
    for glyph in line.glyphs:
        scale = size / fonts[glyph.font].face.upem
        raster.transform = (scale, 0, 0, scale, x + glyph.x * size, glyph.y * size - baseline)
        raster.draw_glyph(fonts[glyph.font], glyph.number)
    drawn = raster.render()
    box = drawn.extents
    if not box.width or not box.height:
        return
    mask = Image.frombytes("L", (box.width, box.height), bytes(drawn.buffer), "raw", "L", box.stride, -1)
    left, top = box.x_origin, -(box.y_origin + box.height)
    picture.paste(ink, (left, top, left + box.width, top + box.height), mask)
