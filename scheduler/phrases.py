"""The few words that the program itself sets on a card or in its description, by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.model import Fact

_EN = {
    "source": "Source",
    "myth": "Myth",
    "fact": "Fact",
    "help": "Help",
    "card": "card",
    "photo": "Photo",
    "and": "and",
    "card of": "{name} card",
    "one of": "{part} of {whole} figures is highlighted.",
    "many of": "{part} of {whole} figures are highlighted.",
    "bar": "A bar shows it to scale.",
    "data": "{year} data",
    "read": "read {month} {year}",
    "months": "January February March April May June July August September October November December",
}
_ES = {
    "source": "Fuente",
    "myth": "Mito",
    "fact": "Realidad",
    "help": "Ayuda",
    "card": "tarjeta",
    "photo": "Foto",
    "and": "y",
    "card of": "Tarjeta de {name}",
    "one of": "{part} de {whole} figuras está destacada.",
    "many of": "{part} de {whole} figuras están destacadas.",
    "bar": "Una barra lo muestra a escala.",
    "data": "datos de {year}",
    "read": "consultado en {month} de {year}",
    "months": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_AR = {
    "source": "المصدر",
    "myth": "خرافة",
    "fact": "حقيقة",
    "help": "المساعدة",
    "card": "بطاقة",
    "photo": "الصورة",
    "and": "و",
    "card of": "بطاقة {name}",
    "one of": "شكل واحد مميز من أصل {whole}.",
    "many of": "عدد الأشكال المميزة: {part} من أصل {whole}.",
    "bar": "شريط يوضح النسبة بالمقياس.",
    "data": "بيانات {year}",
    "read": "قرئ في {month} {year}",
    "months": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_WORDS = {"en": _EN, "es": _ES, "ar": _AR}


def say(word: str, lang: str) -> str:
    """A word in a language; in English where we have no translation that a person has checked."""
    return _WORDS.get(lang.split("-", maxsplit=1)[0].lower(), _EN)[word]


def source(fact: Fact, lang: str) -> str:
    """Publisher and year: of the data of a statistic, of anything else; where it has none, when it was last read."""
    if fact.dated:
        year = say("data", lang).format(year=fact.data_year) if fact.kind == "stat" else fact.data_year
        return f"{fact.publisher}, {year}"
    seen = fact.checked or fact.read
    if seen is None:
        return fact.publisher
    month = say("months", lang).split()[seen.month - 1]
    return f"{fact.publisher}, {say('read', lang).format(month=month, year=seen.year)}"
