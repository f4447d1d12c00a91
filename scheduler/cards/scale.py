"""What two or three figures are to each other, so that bars beside them are of true length.

A bar is drawn where there is one scale for all, else nowhere: parts of a whole ("44%", "1 in 6") have the whole as
their scale, amounts the largest of them. Amounts are of one scale when they count the same: the same currency, or the
same word first in what follows the figure ("272 | cases" and "539 | people" have no scale in common).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from scheduler import numerals, proportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.model import Item

# `numerals` reads English; these are put into its words first.
_SCALES = (
    (r"mil\s+millones|مليارات|مليار", "billion"),
    (r"millones|millón|ملايين|مليون", "million"),
    (r"mil|آلاف|ألف", "thousand"),
)
_ENGLISH_SIGNS = str.maketrans("٬٫", ",.")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
_EITHER = re.compile(r"\d[.]\d{3}(?!\d)")  # "1.234" is about one, or more than a thousand
_MINUS = re.compile(r"[-−–]\s*$")
_WORD = re.compile(r"[^\W\d_]+|[$€£]")
_POWERS = ("thousand", "million", "billion", "trillion")


class _Amount(NamedTuple):
    value: Fraction
    counts: tuple[str, ...]  # what it is an amount of; two of the same can be compared


def lengths(items: Sequence[Item]) -> tuple[Fraction, ...] | None:
    """The length of each item's bar, as a part of the longest one can be; None when they have no scale in common."""
    shares = [proportion.read(item.figure) for item in items]
    parts = tuple(share.parts[0] for share in shares if share and len(share.parts) == 1)
    if len(parts) == len(items):
        return parts
    amounts = tuple(amount for amount in map(_amount, items) if amount)
    if len(amounts) < len(items) or len({amount.counts for amount in amounts}) != 1:
        return None
    most = max(amount.value for amount in amounts)
    return tuple(amount.value / most for amount in amounts)


def _amount(item: Item) -> _Amount | None:
    """What an item's figure is worth; None for a range, a year, a number to dial, or what can be read in two ways."""
    text = _DECIMAL_COMMA.sub(".", item.figure.translate(_ENGLISH_SIGNS))
    for words, english in _SCALES:
        text = re.sub(rf"\b(?:{words})\b", english, text, flags=re.IGNORECASE)
    found = numerals.read(text)
    if len(found) != 1 or found[0].kind not in ("count", "money") or found[0].high is not None or _EITHER.search(text):
        return None
    figure = found[0]
    if figure.value <= 0 or _MINUS.search(text[: figure.start]):
        return None
    sign = tuple(word for word in _WORD.findall(figure.text.lower()) if word not in _POWERS)
    after = _WORD.findall(text[figure.end :].lower()) or _WORD.findall(item.text.lower())
    counts = sign if figure.kind == "money" else (*sign, *after[:1])
    return _Amount(Fraction(figure.value), (figure.kind, *counts))
