"""Ten cards whose every pixel is known: one a layout, over all sizes, themes and ways of reading.

When a card is meant to look otherwise, look at it, raise `cards.RENDERER` so that nobody keeps the old one, and make
the known ones anew from the project's folder::

    python -m tests.golden_cards

Beside each digest stands a small grey picture of the card, so that a test that fails can show where it differs.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageOps

from scheduler.cards import composing
from tests.samples import LOGO, card, project

if TYPE_CHECKING:
    from scheduler.model import Card

KNOWN = Path(__file__).parent / "data" / "golden_cards.json"
SMALL = 216  # px across
LOOKS = {  # layout: size, theme, language
    "stat": ("portrait", "lantern", "en"),
    "share": ("square", "paper", "en"),
    "compare": ("wide", "harbor", "en"),
    "quote": ("story", "lantern", "en"),
    "definition": ("link", "paper", "en"),
    "list": ("portrait", "harbor", "ar"),
    "myth": ("square", "lantern", "en"),
    "action": ("wide", "paper", "en"),
    "date": ("story", "harbor", "ar"),
    "photo": ("portrait", "lantern", "en"),
}


def made(layout: str) -> Card:
    size, theme, lang = LOOKS[layout]
    return card(layout, size, theme, lang=lang, logo=LOGO)


def pixels(picture: Image.Image) -> str:
    """SHA-256 (hex) of the pixels, whatever file they would be in."""
    return hashlib.sha256(f"{picture.mode} {picture.size}".encode() + picture.tobytes()).hexdigest()


def difference(layout: str, picture: Image.Image, folder: Path) -> Path:
    """A picture of the known card, the card as it is now, and where they differ; where it was written."""
    packed = json.loads(KNOWN.read_text(encoding="utf-8"))[layout]["picture"]
    known = Image.open(io.BytesIO(base64.b64decode(packed))).convert("L")
    now = picture.convert("L").resize(known.size, Image.Resampling.LANCZOS)
    apart = ImageChops.difference(known, now).point(lambda value: min(255, max(0, value - 24) * 4))
    sheet = Image.new("RGB", (3 * known.width + 40, known.height), "white")
    for place, part in enumerate((known, now, ImageOps.invert(apart))):
        sheet.paste(part.convert("RGB"), (place * (known.width + 20), 0))
    path = folder / f"{layout}-known-now-difference.png"
    sheet.save(path)
    return path


def _entry(picture: Image.Image) -> dict[str, str]:
    small = picture.convert("L").resize(
        (SMALL, round(SMALL * picture.height / picture.width)), Image.Resampling.LANCZOS
    )
    packed = io.BytesIO()
    small.save(packed, "JPEG", quality=75)
    return {"pixels": pixels(picture), "picture": base64.b64encode(packed.getvalue()).decode()}


def main() -> None:
    """Write the known cards as they are drawn now."""
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder))
        known = {layout: _entry(composing.picture(made(layout), root)) for layout in LOOKS}
    KNOWN.parent.mkdir(exist_ok=True)
    KNOWN.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
