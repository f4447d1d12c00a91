"""Skia by skia-python, drawn directly, the lines broken as its own measure says.

It shapes nothing (no kerning) and writes its JPEG with 4:2:0. With --ground, all but the text is one picture made
beforehand.
"""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import Any

import skia  # type: ignore[import-not-found]

from benchmarks.cards.workers.protocol import DESIGN, LOGO, QUALITY, Draft, font, serve

WIDTH, HEIGHT = DESIGN["w"], DESIGN["h"]
FORMATS = {"png": skia.kPNG, "jpeg": skia.kJPEG}
FACES = {weight: skia.Typeface.MakeFromFile(font(weight)) for weight in (400, 600, 700)}


def raster(draft: Draft) -> Any:  # noqa: ANN401  skia has no types
    surface = skia.Surface(WIDTH, HEIGHT)
    canvas = surface.getCanvas()
    if "--ground" in sys.argv:
        canvas.drawImage(_kept_ground(), 0, 0)
    else:
        _ground(canvas)
    statement, footer = DESIGN["statement"], DESIGN["footer"]
    _line(canvas, draft["number"], DESIGN["number"], DESIGN["number"]["y"])
    slot = {**statement, "size": draft["size"]}
    for number, text in enumerate(_wrapped(draft["statement"], slot)):
        _line(canvas, text, slot, statement["y"] + number * slot["size"] * slot["lh"])
    _line(canvas, draft["source"], DESIGN["source"], DESIGN["source"]["y"])
    _line(canvas, draft["footer"], footer, footer["y"] + (footer["h"] - footer["size"] * footer["lh"]) / 2)
    return surface


def encode(surface: Any, file_format: str) -> bytes:  # noqa: ANN401
    quality = QUALITY if file_format == "jpeg" else 100
    return bytes(surface.makeImageSnapshot().encodeToData(FORMATS[file_format], quality))


def _colour(code: str, alpha: int = 255) -> int:
    return int(skia.Color(int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16), alpha))


@cache
def _font(weight: int, size: float) -> Any:  # noqa: ANN401
    made = skia.Font(FACES[weight], size)
    made.setSubpixel(True)
    made.setEdging(skia.Font.Edging.kAntiAlias)
    made.setHinting(skia.FontHinting.kNone)
    return made


@cache
def _kept_ground() -> Any:  # noqa: ANN401
    surface = skia.Surface(WIDTH, HEIGHT)
    _ground(surface.getCanvas())
    return surface.makeImageSnapshot().makeRasterImage()


@cache
def _logo() -> Any:  # noqa: ANN401
    return skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(LOGO)))


def _ground(canvas: Any) -> None:  # noqa: ANN401
    half = (WIDTH + HEIGHT) / 4  # a CSS gradient of 135° runs from corner to corner
    ends = [skia.Point(WIDTH / 2 - half, HEIGHT / 2 - half), skia.Point(WIDTH / 2 + half, HEIGHT / 2 + half)]
    shader = skia.GradientShader.MakeLinear(ends, [_colour(DESIGN["bg0"]), _colour(DESIGN["bg1"])])
    canvas.drawPaint(skia.Paint(Shader=shader))
    panel, logo, footer = DESIGN["panel"], DESIGN["logo"], DESIGN["footer"]
    box = skia.RRect.MakeRectXY(
        skia.Rect.MakeXYWH(panel["x"], panel["y"], panel["w"], panel["h"]), panel["r"], panel["r"]
    )
    veil = _colour("#ffffff", round(255 * panel["alpha"]))
    canvas.drawRRect(box, skia.Paint(AntiAlias=True, Color=veil))
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    canvas.drawImageRect(_logo(), skia.Rect.MakeXYWH(logo["x"], logo["y"], logo["size"], logo["size"]), smooth)
    canvas.drawRect(skia.Rect.MakeXYWH(0, footer["y"], WIDTH, footer["h"]), skia.Paint(Color=_colour(footer["bg"])))


def _line(canvas: Any, text: str, slot: dict[str, Any], top: float) -> None:  # noqa: ANN401
    face = _font(slot["weight"], slot["size"])
    metrics = face.getMetrics()
    air = slot["size"] * slot["lh"] - (metrics.fDescent - metrics.fAscent)
    baseline = math.floor(top + air / 2 - metrics.fAscent + 0.5)
    canvas.drawString(text, slot["x"], baseline, face, skia.Paint(AntiAlias=True, Color=_colour(slot["color"])))


def _wrapped(text: str, slot: dict[str, Any]) -> list[str]:
    face = _font(slot["weight"], slot["size"])
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.measureText(longer) > slot["w"]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


if __name__ == "__main__":
    serve(raster, encode)
