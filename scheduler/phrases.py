"""The few words that the program itself sets on a card or in its description, by language."""

from __future__ import annotations

_EN = {
    "source": "Source",
    "myth": "Myth",
    "fact": "Fact",
    "help": "Help",
    "card": "card",
    "and": "and",
    "of": "of",
    "card of": "{name} card",
    "one of": "{part} of {whole} figures is highlighted.",
    "many of": "{part} of {whole} figures are highlighted.",
    "bar": "A bar shows it to scale.",
}
_ES = {
    "source": "Fuente",
    "myth": "Mito",
    "fact": "Realidad",
    "help": "Ayuda",
    "card": "tarjeta",
    "and": "y",
    "of": "de",
    "card of": "Tarjeta de {name}",
    "one of": "{part} de {whole} figuras está destacada.",
    "many of": "{part} de {whole} figuras están destacadas.",
    "bar": "Una barra lo muestra a escala.",
}
_AR = {
    "source": "المصدر",
    "myth": "خرافة",
    "fact": "حقيقة",
    "help": "المساعدة",
    "card": "بطاقة",
    "and": "و",
    "of": "من",
    "card of": "بطاقة {name}",
    "one of": "شكل واحد مميز من أصل {whole}.",
    "many of": "عدد الأشكال المميزة: {part} من أصل {whole}.",
    "bar": "شريط يوضح النسبة بالمقياس.",
}
_WORDS = {"en": _EN, "es": _ES, "ar": _AR}


def say(word: str, lang: str) -> str:
    """A word in a language; in English where we have no translation that a person has checked."""
    return _WORDS.get(lang.split("-", maxsplit=1)[0].lower(), _EN)[word]
