"""One card by each engine, side by side, and how near each comes to the browser's."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageDraw, ImageStat, JpegImagePlugin

from benchmarks.cards.drafts import DESIGN, PEERS
from benchmarks.cards.engines import CHROMIUM, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

PICTURES = PEERS / "pictures"
SHEET = "sheet.png"
DRAFT = 0
ACROSS = 2  # pictures beside each other
NAME = 40  # px, for an engine's name over its picture
SAMPLING = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}


def compare(engines: Sequence[str]) -> list[dict[str, Any]]:
    """Each engine's PNG and JPEG of one draft in PICTURES and on a sheet; decibels beside the browser's type."""
    PICTURES.mkdir(exist_ok=True)
    pictures: dict[str, Image.Image] = {}
    rows: list[dict[str, Any]] = []
    for engine in engines:
        with suppress(EOFError):
            sampling = _draw(engine)
            with Image.open(_path(engine, "png")) as drawn:
                pictures[engine] = drawn.convert("RGB")
            rows.append({"engine": engine, "JPEG": sampling})
    if CHROMIUM in pictures:
        for row in rows:
            row["dB to Chromium"] = _decibels(pictures[row["engine"]], pictures[CHROMIUM])
    _sheet(pictures).save(PICTURES / SHEET)
    return rows


def _path(engine: str, suffix: str) -> str:
    return str(PICTURES / f"{engine.replace(', ', '-').replace(' ', '-')}.{suffix}")


def _draw(engine: str) -> str:
    worker = Worker(engine)
    try:
        for file_format in ("png", "jpeg"):
            worker.ask("save", id=DRAFT, format=file_format, path=_path(engine, file_format))
    finally:
        worker.close()
    with Image.open(_path(engine, "jpeg")) as packed:
        return SAMPLING.get(JpegImagePlugin.get_sampling(packed), "other")


def _decibels(one: Image.Image, other: Image.Image) -> float | None:
    """Peak signal to noise over the number, the source and the footer, which no engine has to break; None if equal."""
    squares, count = 0.0, 0
    for slot in (DESIGN["number"], DESIGN["source"], DESIGN["footer"]):
        box = (slot["x"], slot["y"], DESIGN["logo"]["x"], round(slot["y"] + slot["size"] * slot["lh"]))
        parts = ImageStat.Stat(ImageChops.difference(one.crop(box), other.crop(box)))
        squares += sum(parts.sum2)
        count += 3 * parts.count[0]
    return round(10 * math.log10(255 * 255 * count / squares), 1) if squares else None


def _sheet(pictures: dict[str, Image.Image]) -> Image.Image:
    width, height = DESIGN["w"], DESIGN["h"] + NAME
    sheet = Image.new("RGB", (width * ACROSS, height * math.ceil(len(pictures) / ACROSS)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (name, picture) in enumerate(pictures.items()):
        row, column = divmod(number, ACROSS)
        draw.text((column * width + 8, row * height + 8), name, "black", font_size=24)
        sheet.paste(picture, (column * width, row * height + NAME))
    return sheet
