"""Every layout in every size, with short, long, Spanish, Arabic and emoji text: sheets to look at, one a size.

From the project's folder::

    python -m tests.specimens var/specimens

What does not fit a size is named on the sheet, with the sentence that a person would see.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from scheduler import cards
from scheduler.cards.drawing import paint
from scheduler.cards.frame import HERE, styles
from scheduler.cards.marks import Letters
from scheduler.cards.setting import block
from scheduler.cards.shaping import shape
from scheduler.errors import CardError
from scheduler.model import CARD_SIZES, Item, Theme
from scheduler.themes import BUILT_IN
from tests.samples import ARABIC, FIELDS, LOGO, PHOTO, card, project

if TYPE_CHECKING:
    from scheduler.cards.marks import Mark
    from scheduler.model import Card

ACROSS, GAP, HEAD = 300, 18, 64  # px
LONG: dict[str, dict[str, Any]] = {
    "stat": {
        "figure": "About US$236 billion",
        "text": "in illegal profits is estimated to come from forced labor in the private economy every year, most of "
        "it from forced commercial sexual exploitation.",
    },
    "share": {
        "figure": "19.4%",
        "text": "of the young people without a home who took part in a study of 13 cities, including St. Louis, had "
        "been trafficked for sex or for labor.",
    },
    "compare": {
        "text": "Who trafficked the victims of sex trafficking, in hotline data for January 2020 to August 2022",
        "items": (
            Item("44%", "were trafficked by members of their own family"),
            Item("39%", "were trafficked by an intimate partner"),
        ),
    },
    "quote": {
        "text": "Victims and survivors of sex and labor trafficking know their situations and their needs better than "
        "anyone, and they deserve to be asked first.",
        "by": "Megan Cutter, then acting director of the hotline, 2020",
    },
    "definition": {
        "figure": "Force, fraud or coercion",
        "text": "need not be shown when anyone under 18 is in commercial sex: in law, that child is a victim of "
        "trafficking, whoever brought them there.",
    },
    "list": {
        "text": "At work, these can be signs. They are not proof.",
        "items": (
            Item("", "A debt to the boss or to a recruiter that never ends"),
            Item("", "Pay that is not what was promised"),
            Item("", "A passport or other papers held by someone else"),
            Item("", "Someone else who always speaks for them"),
        ),
    },
    "myth": {
        "myth": "They agreed to the work at first, so it cannot be human trafficking.",
        "text": "Saying yes at first does not excuse later force, fraud or coercion by whoever profits from the work.",
    },
    "action": {
        "text": "Need help, or worried about someone? These lines are open day and night.",
        "items": (
            Item("1-888-373-7888", "National Human Trafficking Hotline"),
            Item("1-800-843-5678", "Missing and exploited children"),
            Item("314-531-7273", "YWCA crisis line, St. Louis"),
        ),
    },
    "date": {
        "figure": "January 11",
        "text": "is Human Trafficking Awareness Day. Wear blue, take a photo and share it with #WearBlueDay, so that "
        "people who need help learn where it is.",
    },
    "photo": {
        "text": "A neighbor who asks twice can be the first to see what is wrong, and knows which number to call."
    },
}
SHORT: dict[str, dict[str, Any]] = {
    "stat": {"figure": "272", "text": "cases in Missouri in 2024."},
    "share": {"figure": "38%", "text": "are children."},
    "compare": {"text": "In Missouri, 2024", "items": (Item("272", "cases"), Item("539", "people"))},
    "quote": {"text": "Ask us.", "by": "A survivor"},
    "definition": {"figure": "T status", "text": "A way to stay."},
    "list": {"text": "In danger?", "items": (Item("1", "Call 911"), Item("2", "Stay back"))},
    "myth": {"myth": "It is far away.", "text": "It is here."},
    "action": {"text": "Call.", "items": (Item("911", "In danger now"),)},
    "date": {"figure": "January", "text": "is the month."},
    "photo": {"text": "Ask twice."},
}
SPANISH: dict[str, dict[str, Any]] = {
    "stat": {"figure": "27,6 millones", "text": "de personas estaban en trabajo forzoso en un día cualquiera de 2021."},
    "share": {"figure": "1 de cada 6", "text": "niños que huyeron fue probablemente víctima de trata sexual infantil."},
    "compare": {
        "text": "¿Quién los explotó? Datos de 2020 a 2022",
        "items": (Item("44%", "por un miembro de su familia"), Item("39%", "por su pareja")),
    },
    "quote": {
        "text": "El trabajo forzoso perpetúa los ciclos de pobreza y explotación.",
        "by": "Gilbert F. Houngbo, Director General de la OIT",
    },
    "definition": {"figure": "Trata de personas", "text": "es usar la fuerza, el fraude o la coacción para explotar."},
    "list": {
        "text": "En el trabajo, estas pueden ser señales. No son prueba.",
        "items": (
            Item("", "Debe dinero a un jefe"),
            Item("", "No recibe el pago prometido"),
            Item("", "No tiene su ID"),
        ),
    },
    "myth": {
        "myth": "Las víctimas deben ser trasladadas a otro lugar.",
        "text": "Una persona puede ser víctima de trata sin salir nunca de su ciudad natal.",
    },
    "action": {
        "text": "¿Necesita ayuda, o le preocupa alguien?",
        "items": (Item("1-888-373-7888", "Línea nacional, día y noche"), Item("911", "En peligro ahora")),
    },
    "date": {"figure": "11 de enero", "text": "Día de concientización: vístase de azul y diga por qué."},
    "photo": {"text": "Una vecina que pregunta dos veces puede ser la primera en ver qué está mal."},
}
SPANISH_CARD = {
    "lang": "es",
    "campaign": "Mes de la Prevención de la Trata de Personas",
    "source": "Fuente: OIT, Walk Free y OIM, 2021",
    "help": "Línea 1-888-373-7888 · texto 233733 · emergencia 911",
}
ARABIC_CARD = {
    "lang": "ar",
    "source": "المصدر: منظمة العمل الدولية، 2021",
    "help": "الخط الساخن 1-888-373-7888 · رسالة 233733 · الطوارئ 911",
}


def _emoji(fields: dict[str, Any]) -> dict[str, Any]:
    """The card's words with emoji after them, of the kinds that go wrong: joined, toned, flags."""
    return fields | {"text": f"{fields['text']} 💙 👩🏽‍🦱👨‍👩‍👧 🇺🇸"}


def _dusk() -> Image.Image:
    """A calm photo: evening light, and a lit doorway."""
    sky = ImageOps.colorize(Image.linear_gradient("L").resize((1600, 1600)), "#27405e", "#e8a86b", mid="#8a6f7d")
    draw = ImageDraw.Draw(sky)
    draw.rectangle((0, 980, 1600, 1600), fill="#1d2430")
    draw.rectangle((560, 420, 1180, 1420), fill="#2b3442")
    draw.rectangle((770, 760, 960, 1420), fill="#f3c987")
    return sky.filter(ImageFilter.GaussianBlur(5))


def specimens(size: str, layout: str) -> list[Card]:
    """A layout's card in a size: usual, short, long, Spanish, Arabic, with emoji; the themes take turns."""
    photo = {"photo": FIELDS["photo"]["photo"]} if layout == "photo" else {}
    kinds = (
        FIELDS[layout],
        SHORT[layout] | photo,
        LONG[layout] | photo,
        SPANISH[layout] | SPANISH_CARD | photo,
        ARABIC[layout] | ARABIC_CARD,
        _emoji(FIELDS[layout]),
    )
    themes = list(BUILT_IN)
    return [card(layout, size, themes[n % len(themes)], logo=LOGO, **fields) for n, fields in enumerate(kinds)]


def sheet(size: str, root: Path) -> Image.Image:
    """All layouts in a size, a row each."""
    wide, tall = CARD_SIZES[size]
    down = round(ACROSS * tall / wide)
    rows = [specimens(size, layout) for layout in FIELDS]
    made = Image.new("RGB", ((ACROSS + GAP) * len(rows[0]) + GAP, (down + GAP) * len(rows) + GAP + HEAD), "#f6f3ec")
    look = styles(Theme(), HERE)
    marks: list[Mark] = [Letters(shape(f"{size}, {wide} × {tall}", look.strong), 26, GAP, 44, "#1b2230", "label")]
    for row, of_layout in enumerate(rows):
        for column, each in enumerate(of_layout):
            x, y = GAP + column * (ACROSS + GAP), HEAD + GAP + row * (down + GAP)
            try:
                made.paste(cards.picture(each, root).resize((ACROSS, down), Image.Resampling.LANCZOS), (x, y))
            except CardError as error:
                said = block(f"{each.layout}: {error.text}", look.small, "", 17, ACROSS - 20, 1.35)
                marks += said.set(x + 10, x + ACROSS, y + 20, "#8a1c14", "label") if said else []
    return paint(made, marks, root)


def main(folder: str) -> None:
    """Draw the sheets into a folder."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        root = project(Path(scratch))
        _dusk().save(root / PHOTO)
        for size in CARD_SIZES:
            sheet(size, root).save(target / f"{size}.png")
            print(target / f"{size}.png")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "var/specimens")
