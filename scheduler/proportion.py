"""A figure that is a part of a whole, read exactly: "1 in 6", "44%", "44% / 39%"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_EXACT = Decimal("1e-9")  # of ratios that are compared
FEW, MANY = 12, 100  # people that a card shows: in one row, or in a square

_ENGLISH = "one two three four five six seven eight nine ten eleven twelve"
_SPANISH = "uno dos tres cuatro cinco seis siete ocho nueve diez once doce"
_NUMBERS = {word: n for words in (_ENGLISH, _SPANISH) for n, word in enumerate(words.split(), start=1)}
_NUMBERS |= {"un": 1, "una": 1, "twenty": 20, "veinte": 20, "a hundred": 100, "one hundred": 100, "cien": 100}
# What may stand before a figure: the picture shows the number itself, the words beside it keep the hedge.
_HEDGE = re.compile(
    r"(?:(?:an?|unos?|unas?)\s+(?:estimated|estimad[oa]s?)|about|around|nearly|almost|roughly|approximately|"
    r"more than|less than|fewer than|over|under|up to|at least|at most|estimated|casi|cerca del?|alrededor del?|"
    r"más del?|menos del?|aproximadamente|hasta|al menos|unos|unas|نحو|حوالي|[~≈])\s*",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(\d{1,3})(?:[.,٫](\d{1,3}))?\s*(?:[%٪]|per ?cent|por ciento)", re.IGNORECASE)
_RATIO = re.compile(
    r"(?P<part>[\d,]+|[^\W\d_]+(?: hundred)?)\s+(?:in|out of|of|de|من)\s+(?:(?:every|each|cada|كل)\s+)?"
    r"(?P<whole>[\d,]+|[^\W\d_]+(?: hundred)?)",
    re.IGNORECASE,
)


_TOLD = re.compile(r"(?<!\w)\w+\s+(?:de\s+cada|من\s+كل)\s+\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proportion:
    """Parts of one whole; together at most 1. `of` is the whole as printed, in "1 in 6": 6; None for percentages."""

    parts: tuple[Fraction, ...]
    of: int | None
    words: tuple[str, ...]  # each part as printed: "44%"

    @property
    def keys(self) -> tuple[tuple[str, Decimal], ...]:
        """What must stand in a fact: kind and value of each part, as `numerals` has them."""
        if self.of is None:
            return tuple(("percent", Decimal(p.numerator * 100) / p.denominator) for p in self.parts)
        return tuple(("ratio", (Decimal(p.numerator) / p.denominator).quantize(_EXACT)) for p in self.parts)

    @property
    def people(self) -> int:
        """How many people show it exactly, when one part of them is highlighted; 0 when only a bar can."""
        if len(self.parts) > 1:
            return 0
        if self.of:
            return self.of if self.of <= FEW or self.of == MANY else 0
        return MANY if (self.parts[0] * MANY).denominator == 1 else 0


def read(figure: str) -> Proportion | None:
    """The proportion that a figure states, in English, Spanish or Arabic; None when it states none.

    Neither do parts that make more than a whole, or that are of several wholes ("1 in 6 / 1 in 4"): no picture is true.
    """
    words = tuple(" ".join(part.split()) for part in re.split(r"\s/\s", figure.strip()))
    found = [_part(part) for part in words]
    parts = tuple(part for part, _ in (pair for pair in found if pair))
    wholes = {whole for _, whole in (pair for pair in found if pair)}
    if len(parts) < len(words) or len(wholes) != 1 or sum(parts) > 1:
        return None
    return Proportion(parts, wholes.pop(), words)


def ratios(text: str) -> tuple[str, ...]:
    """The ratios in words of a Spanish or Arabic text: "uno de cada tres". Those of English `numerals` reads."""
    return tuple(found.group() for found in _TOLD.finditer(text) if _part(found.group()))


def _part(words: str) -> tuple[Fraction, int | None] | None:
    """One part, and the whole that is printed with it; nothing is none."""
    bare = _HEDGE.sub("", words, count=1) if _HEDGE.match(words) else words
    if percent := _PERCENT.fullmatch(bare):
        part = Fraction(f"{int(percent[1])}.{percent[2] or 0}") / 100
        return (part, None) if 0 < part <= 1 else None
    if ratio := _RATIO.fullmatch(bare):
        count, whole = _number(ratio["part"]), _number(ratio["whole"])
        return (Fraction(count, whole), whole) if 0 < count <= whole else None
    return None


def _number(word: str) -> int:
    """A whole number in digits or in a word; 0 when it is none."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})*|\d{1,6}", word):
        return int(word.replace(",", ""))
    return _NUMBERS.get(word.lower(), 0)
