"""A card of each layout, as a campaign has it, and what is truly drawn of it: its marks and their pixels."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops

from scheduler import colour
from scheduler.cards import composing, parts
from scheduler.cards.drawing import paint
from scheduler.cards.frame import frame
from scheduler.cards.ground import ground
from scheduler.cards.marks import Fade, Letters, Logo, Panel, Person
from scheduler.model import CARD_SIZES, Card, Item, Photo, Theme
from scheduler.themes import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark

HELP = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
PHOTO, LOGO = "images/harsh.png", "images/logo.png"
FIELDS: dict[str, dict[str, Any]] = {
    "stat": {"figure": "27.6 million", "text": "people were in forced labor on any given day in 2021."},
    "share": {"figure": "1 in 6", "text": "of the young people who ran away were likely victims of sex trafficking."},
    "compare": {
        "text": "Of the victims in hotline data for 2020 to 2022:",
        "items": (Item("44%", "were trafficked by family members"), Item("39%", "by intimate partners")),
    },
    "quote": {
        "text": "Words like ‘rescue’ turn people off from getting help.",
        "by": "Survivor expert, quoted by Polaris",
    },
    "definition": {
        "figure": "Human trafficking",
        "text": "is the use of force, fraud or coercion to make someone work or sell sex against their will.",
    },
    "list": {
        "text": "Signs that someone may be controlled",
        "items": (Item("", "Never speaks alone"), Item("", "Does not hold their own papers"), Item("", "Owes a debt")),
    },
    "myth": {
        "myth": "Trafficking always means being moved to another place.",
        "text": "People are exploited in their own towns, and even in their own homes.",
    },
    "action": {
        "text": "Help is confidential, free and open day and night.",
        "items": (Item("1-888-373-7888", "National hotline"), Item("233733", "By text"), Item("911", "In danger now")),
    },
    "date": {"figure": "January 11", "text": "National Human Trafficking Awareness Day: wear blue and say why."},
    "photo": {
        "text": "A neighbor who asks twice can be the first to see what is wrong.",
        "photo": Photo(PHOTO, (0.5, 0.4), "Lantern Project"),
    },
}
ARABIC: dict[str, dict[str, Any]] = {
    "stat": {"figure": "27.6 مليون", "text": "شخص كانوا في العمل القسري في أي يوم من عام 2021."},
    "share": {"figure": "1 من 6", "text": "من الشباب الذين هربوا كانوا على الأرجح ضحايا للاتجار بالجنس."},
    "compare": {
        "text": "من الضحايا في بيانات الخط الساخن بين 2020 و2022:",
        "items": (Item("44%", "اتجر بهم أفراد من أسرهم"), Item("39%", "اتجر بهم شركاؤهم")),
    },
    "quote": {"text": "العمل القسري يديم دوامات الفقر والاستغلال.", "by": "جيلبرت هونغبو، المدير العام"},
    "definition": {"figure": "الاتجار بالبشر", "text": "هو استخدام القوة أو الاحتيال أو الإكراه لاستغلال شخص."},
    "list": {
        "text": "علامات على أن شخصا ما قد يكون تحت السيطرة",
        "items": (Item("", "لا يتكلم وحده أبدا"), Item("", "لا يحمل أوراقه"), Item("", "عليه دين لا ينتهي")),
    },
    "myth": {"myth": "الاتجار يعني دائما نقل الضحايا إلى مكان آخر.", "text": "يستغل الناس في مدنهم وحتى في بيوتهم."},
    "action": {
        "text": "المساعدة سرية ومجانية ليلا ونهارا.",
        "items": (Item("1-888-373-7888", "الخط الساخن الوطني"), Item("911", "في حالة الخطر")),
    },
    "date": {"figure": "11 يناير", "text": "اليوم الوطني للتوعية بالاتجار بالبشر."},
    "photo": {"text": "قد يكون الجار أول من يرى أن هناك خطأ.", "photo": Photo(PHOTO, (0.5, 0.4), "مشروع الفانوس")},
}


def card(layout: str, size: str = "portrait", theme: str | Theme = "lantern", *, logo: str = "", **fields: Any) -> Card:  # noqa: ANN401
    """The layout's card in a size and a theme; `fields` are what differs. In Arabic with ``lang="ar"``."""
    width, height = CARD_SIZES[size]
    arabic = fields.get("lang") == "ar"
    looks = BUILT_IN[theme] if isinstance(theme, str) else theme
    common = {
        "format": "png",
        "campaign": "شهر منع الاتجار بالبشر" if arabic else "Human Trafficking Prevention Month",
        "figure": "",
        "text": "",
        "source": "Source: ILO, Walk Free and IOM, 2021",
        "help": HELP,
        "theme": replace(looks, logo=logo) if logo else looks,
    }
    own = (ARABIC if arabic else FIELDS)[layout]
    return Card(layout=layout, width=width, height=height, **{**common, **own, **fields})


def project(root: Path) -> Path:
    """A project folder with the worst of photos, the brightest beside the darkest, and with a logo."""
    (root / "images").mkdir(parents=True, exist_ok=True)
    squares = Image.new("RGB", (20, 20))
    corners = [tuple(255 * (corner >> bit & 1) for bit in range(3)) for corner in (0, 7, 1, 6, 2, 5, 4, 3)]
    squares.putdata([corners[(x + 3 * y) % 8] for y in range(20) for x in range(20)])
    squares.resize((1400, 1400), Image.Resampling.NEAREST).save(root / PHOTO, compress_level=1)
    disc = Image.radial_gradient("L").resize((400, 400)).point(lambda v: 255 if v < 120 else 0)
    logo = Image.new("RGBA", disc.size, "#d9812e")
    logo.putalpha(disc)
    logo.save(root / LOGO)
    return root


def arranged(made: Card, root: Path) -> tuple[Frame, list[Mark]]:
    """A card's measures, and all its marks in the order in which `composing.picture` draws them. Raises CardError."""
    made = composing.in_type(made)
    place = frame(made, root)
    own = composing.arrange(made, place)
    layout = importlib.import_module(f"scheduler.cards.layouts.{made.layout}")
    under = layout.under(made, place) if hasattr(layout, "under") else []
    return place, [*under, *parts.header(made, place)[0], *parts.helpbar(made, place), *own]


def overlaps(marks: Sequence[Mark], root: Path) -> list[str]:
    """The lines whose ink falls on another line's, or on the edge of a shape."""
    struck = strokes(marks)
    lines = [(mark, drawn) for mark in marks if isinstance(mark, Letters) and (drawn := ink(mark, root))]
    found = []
    for (one, first), (other, second) in combinations(lines, 2):
        box = _shared(first.box, second.box)
        if box and ImageChops.multiply(first.over(box), second.over(box)).getbbox():
            found.append(f"“{one.line.text}” and “{other.line.text}”")
    for line, drawn in lines:
        for shape in marks:
            if isinstance(shape, Panel | Person | Logo) and shape not in struck:
                box = _shared(drawn.box, (shape.box.left, shape.box.top, shape.box.right, shape.box.bottom))
                if box and (not isinstance(shape, Panel) or box != drawn.box):
                    found.append(f"“{line.line.text}” and {shape}")
    return found


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...] | None:
    """The part that two boxes have in common; None when they are apart."""
    box = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return box if box[0] < box[2] and box[1] < box[3] else None


@dataclass(frozen=True)
class Ink:
    """The pixels of a line of type: where they lie on the card, and how much each is covered."""

    box: tuple[int, int, int, int]
    mask: Image.Image

    def over(self, box: tuple[float, ...]) -> Image.Image:
        """Its part in a box on the card."""
        left, top, right, bottom = (round(edge) for edge in box)
        return self.mask.crop((left - self.box[0], top - self.box[1], right - self.box[0], bottom - self.box[1]))


def ink(mark: Letters, root: Path) -> Ink | None:
    """What is drawn of a line, also beyond the card's edges; None when it has no ink."""
    box, air = mark.box, 24
    left, top = (2 * (math.floor(start / 2) - air) for start in (box.left, box.top))  # even: halves are rounded alike
    size = math.ceil(box.right) - left + 2 * air, math.ceil(box.bottom) - top + 2 * air
    white = Fade("#ffffff", "#ffffff", (0, 1)) if isinstance(mark.ink, Fade) else "#ffffff"
    alone = replace(mark, x=mark.x - left, y=mark.y - top, ink=white)
    mask = paint(Image.new("RGB", size), [alone], root).getchannel(0)
    found = mask.getbbox()
    if found is None:
        return None
    at = (found[0] + left, found[1] + top, found[2] + left, found[3] + top)
    return Ink(at, mask.crop(found))


def strokes(marks: Sequence[Mark]) -> list[Panel]:
    """The strokes through a myth: thin, each drawn just before the line that it strikes."""
    found: list[Panel] = []
    for mark, following in pairwise(marks):
        if isinstance(mark, Panel) and isinstance(following, Letters):
            both = min(mark.box.right, following.box.right) - max(mark.box.left, following.box.left)
            if (
                both > 0.8 * following.box.width
                and following.box.top < mark.box.top < following.y
                and mark.box.height < 0.12 * following.size
            ):
                found.append(mark)
    return found


def contrasts(made: Card, root: Path) -> Iterator[tuple[Letters, float]]:
    """Each line with the worst contrast of its ink with a pixel that lies under it (WCAG 2.2).

    Other lines are not its ground: that none lies under it is `overlaps`'s to find.
    """
    _, marks = arranged(made, root)
    struck = strokes(marks)
    picture = ground(made.width, made.height, made.theme).copy()
    for mark in marks:
        if mark in struck:
            continue
        if isinstance(mark, Letters) and (drawn := ink(mark, root)):
            pixels = picture.crop(drawn.box)
            lights = [luminance(pixel) for _, pixel in pixels.getcolors(pixels.width * pixels.height) or ()]
            inks = (mark.ink.top, mark.ink.foot) if isinstance(mark.ink, Fade) else (mark.ink,)
            yield (
                mark,
                min(ratio(luminance(colour.rgb(one)), worst) for one in inks for worst in (min(lights), max(lights))),
            )
        elif not isinstance(mark, Letters):
            paint(picture, [mark], root)


_LIGHT = [value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)]


@lru_cache(maxsize=65536)
def luminance(pixel: tuple[int, int, int]) -> float:
    """Relative luminance (WCAG 2.2), from 0 to 1."""
    return 0.2126 * _LIGHT[pixel[0]] + 0.7152 * _LIGHT[pixel[1]] + 0.0722 * _LIGHT[pixel[2]]


def ratio(one: float, other: float) -> float:
    """The contrast of two luminances, from 1 to 21 (WCAG 2.2)."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
