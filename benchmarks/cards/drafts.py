"""The card that every engine draws: the same type, the same logo, and texts of which none comes twice.

The texts state no facts, so that none of these pictures can be mistaken for a card. The size at which a statement
fits is worked out here and given to the peers; ours finds it again by itself, and so pays for what they do not.
"""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import uharfbuzz as hb  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

HERE = Path(__file__).parent
PEERS = HERE.parent / ".peers"  # made by setup.py; not in git
DESIGN: dict[str, Any] = json.loads((HERE / "design.json").read_text())
INTER = HERE.parents[1] / "scheduler" / "cards" / "fonts" / "inter-latin.ttf"
WEIGHTS = (400, 600, 700)
OPTICAL = 14  # the optical size of all type on this card, as the peers take fonts without axes
SLACK = 0.985  # of the width: engines that round advances otherwise still break alike

WHO = (
    "Neighbours",
    "Teachers",
    "Nurses",
    "Hotel staff",
    "Bus drivers",
    "Librarians",
    "Young people",
    "Employers",
    "Faith leaders",
    "Clerks",
)
DO = (
    "can learn the signs and keep the help line at hand",
    "can ask a calm question and listen to the whole answer",
    "can read the offer twice, and once more with a friend",
    "can share a source, a year and a number that holds",
    "can hang a poster where people wait and read",
    "can invite a speaker who knows the work by heart",
    "can check what they post, word by word",
    "can take an hour of training in the first week",
    "can walk with somebody to the first appointment",
    "can write down what they saw, when and where",
)
WHEN = (
    "before the season of hiring begins.",
    "in January, and in every other month of the year.",
    "because support that lasts is support that works.",
    "and leave the questions of police to the police.",
    "so that nobody has to look for help alone.",
    "without a single picture that frightens anyone.",
    "at school, at work, in the clinic and on the road.",
    "and it takes less time than a cup of coffee.",
    "while the rest of the town is doing the same.",
    "whatever language is spoken at the kitchen table.",
)
NUMBER = ("31 days", "24/7", "Jan 11", "1 in 8", "54%", "3.3M", "Day 12", "9:30 am", "No. 7", "20 min")
SOURCE = (
    "Source: words to measure by, with no fact in them (2027), p. 18",
    "Source: a publisher with a long name, Yearly Report of the Library of Samples (2024)",
    "Source: Samples & Partners, Lines of Type: the Measure of a Card (2026)",
)
FOOTER = (
    "Need help? Call 1-888-373-7888 or text 233733 · 24/7, confidential",
    "Hotline: 1-888-373-7888 · free, confidential, open every day",
)


def make() -> int:
    """Write fonts, logo and drafts where the workers look for them; how many drafts there are."""
    (PEERS / "images").mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        (PEERS / f"Inter-{weight}.ttf").write_bytes(_static(weight))
    _logo().save(PEERS / "images" / "logo.png")
    made = _drafts()
    (PEERS / "drafts.json").write_text(json.dumps(made, indent=0, ensure_ascii=False), encoding="utf-8")
    return len(made)


def _static(weight: int) -> bytes:
    """Our own Inter at one weight, without axes."""
    face = hb.Face(hb.Blob.from_file_path(str(INTER)))
    wanted = hb.SubsetInput()
    wanted.keep_everything()
    wanted.pin_axis_location(face, "wght", weight)
    wanted.pin_axis_location(face, "opsz", OPTICAL)
    return bytes(wanted.subset(face).blob.data)


def _logo() -> Image.Image:
    fine = 4
    side = 512 * fine
    picture = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, side - 1, side - 1), fill="#ffc94d")
    draw.ellipse((side * 0.10, side * 0.10, side * 0.90, side * 0.90), fill="#0a1f3c")
    draw.rounded_rectangle((side * 0.30, side * 0.30, side * 0.70, side * 0.46), side * 0.06, fill="#ffffff")
    draw.rounded_rectangle((side * 0.30, side * 0.54, side * 0.58, side * 0.70), side * 0.06, fill="#ffc94d")
    return picture.reduce(fine)


def _drafts() -> list[dict[str, Any]]:
    statements = [" ".join(parts) for parts in itertools.product(WHO, DO, WHEN)]
    random.Random(7).shuffle(statements)
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(PEERS / "Inter-600.ttf"))))
    made = []
    for number, statement in enumerate(statements):
        size = _fitted(statement, font)
        made.append(
            {
                "number": NUMBER[number * 7 % len(NUMBER)],
                "statement": statement,
                "size": size,
                "source": SOURCE[number % len(SOURCE)],
                "footer": FOOTER[number % len(FOOTER)],
            }
        )
    return made


def _fitted(statement: str, font: hb.Font) -> int:
    """The largest size (px) at which the statement takes no more lines than it may."""
    box = DESIGN["statement"]
    words = [_width(word, font) for word in statement.split()]
    space = _width(" ", font)
    for size in range(box["max"], box["min"], -1):
        room, lines, used = box["w"] * SLACK / size, 1, 0.0
        for word in words:
            if used and used + space + word > room:
                lines, used = lines + 1, word
            else:
                used += word + (space if used else 0)
        if lines <= box["max_lines"]:
            return size
    return int(box["min"])


def _width(text: str, font: hb.Font) -> float:
    """In em."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    return float(sum(place.x_advance for place in buffer.glyph_positions) / font.face.upem)
