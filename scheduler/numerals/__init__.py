"""Every number of a text, in digits and in words: what it is worth, of which kind, and how it is hedged."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from scheduler.numerals.patterns import (
    AFTER,
    BEFORE,
    CALL,
    DATE,
    DAY,
    GLUED,
    GROUPS,
    KEYPAD,
    MASTER,
    MONEY,
    MONTHS,
    MULTIPLES,
    ONE,
    ORDINALS,
    PARTS,
    PEOPLE,
    PERCENT,
    PIECES,
    SCALE,
    SCALES,
    SMALL,
    SPANISH,
    TENS,
    VULGAR,
    YEAR,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class Day(NamedTuple):
    """A day as it stands in a text: "January 23, 2026"."""

    month: int
    day: int
    year: int | None
    text: str
    start: int


SERVICE = frozenset({"211", "311", "411", "511", "611", "711", "811", "911", "988"})  # numbers that exist of themselves


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text."""

    value: Decimal  # digits of a phone number as a whole number; a ratio as its quotient
    kind: str  # count, percent, points, money, ratio, multiple, vague, ordinal, year, date, hours, phone
    text: str  # as written
    start: int
    hedge: str = ""  # "nearly", "about", "over", "under", or empty
    high: Decimal | None = None  # the other end of a range

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + len(self.text)

    @property
    def keys(self) -> tuple[tuple[str, Decimal], ...]:
        """What must stand in one fact: kind and value, both ends for a range."""
        kind = "year" if self.kind == "date" else self.kind
        return ((kind, self.value),) if self.high is None else ((kind, self.value), (kind, self.high))


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Figure, ...]:
    """All numbers of a text, in order: digits, words, fractions, multiples and vague magnitudes.

    Numbers in links, hashtags, list numbering, clock times and the day of a date are not figures; the year of
    a date is one, of kind ``date``. A comma separates thousands and a point decimals: 1.234 is less than two.
    """
    return tuple(figure for found in MASTER.finditer(text) for figure in _figures(found, text))


def days(text: str) -> tuple[Day, ...]:
    """The days of a text that are written with the name of their month, in order."""
    found = []
    for written in DATE.finditer(text):
        month, day, year = (re.search(p, written.group()) for p in (r"[A-Z][a-z]{2}", rf"(?<!\d){DAY}", YEAR))
        if month and day:
            number = MONTHS.index(month.group()) // 3 + 1
            in_year = int(year.group()) if year else None
            found.append(Day(number, int(re.sub(r"\D", "", day.group())), in_year, written.group(), written.start()))
    return tuple(found)


def _figures(found: re.Match[str], text: str) -> Iterator[Figure]:
    name, written, start = found.lastgroup or "", found.group(), found.start()
    match name:
        case "skip" | "time":
            return
        case "date" | "fecha" | "fiscal":
            if year := re.search(YEAR, written):
                kind = "year" if name == "fiscal" else "date"
                yield Figure(Decimal(year.group()), kind, year.group(), start + year.start())
        case "hours":
            yield Figure(Decimal(24), "hours", written, start)
        case "phone":
            yield Figure(digits_of(written), "phone", written, start)
        case "ratio" | "range":
            yield from _pair(name, written, start, text)
        case "quantity":
            yield _quantity(written, start, text)
        case "stray":
            clean = re.sub(r"\D", "", written.rstrip(".,"))
            yield Figure(Decimal(clean), "count", written.rstrip(".,"), start)
        case _:
            yield _hedged(Figure(_word_value(name, written), _word_kind(name), written, start), text)


def _word_kind(name: str) -> str:
    return "ratio" if name == "fraction" else name


def _word_value(name: str, written: str) -> Decimal:
    """The value of a fraction, a multiple, a vague magnitude or an ordinal."""
    low = written.lower()
    if name == "fraction":
        words = re.findall("[a-z]+", low)
        part = words[-1] if words[-1] in PARTS else words[-1].removesuffix("s")
        return _quotient(SMALL.get(words[0], Decimal(1)), Decimal(PARTS[part]))
    if name == "multiple":
        for stem, times in MULTIPLES.items():
            if low.startswith(stem):
                return Decimal(times)
        return _value(re.sub(r"(?:[ -]?(?:times|fold)|x)$", "", low))
    if name == "vague":
        scale = Decimal(1)
        for word in re.findall("[a-z]+", low):
            scale *= _vague_scale(word.removesuffix("s"))
        return scale
    return Decimal(ORDINALS[low]) if low in ORDINALS else digits_of(written)


def _vague_scale(word: str) -> Decimal:
    return {**SCALES, **GROUPS, "ten": Decimal(10), "score": Decimal(20)}.get(word, Decimal(1))


def digits_of(written: str) -> Decimal:
    """The digits of a phone number, letters as on a keypad, without the country code; or of an ordinal."""
    keys = re.sub(r"(?:ST|ND|RD|TH)$", "", written.upper()) if "-" not in written else written.upper()
    digits = re.sub(r"\D", "", keys.translate(KEYPAD))
    return Decimal(digits[1:] if len(digits) > 10 and digits.startswith("1") else digits)  # noqa: PLR2004 - ten digits


def _quotient(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(Decimal("1e-9")) if whole else Decimal(0)


def _pair(name: str, written: str, start: int, text: str) -> Iterator[Figure]:
    """A ratio or a range; two numbers apart when they are neither."""
    if written in VULGAR:
        part, whole = VULGAR[written].split("/")
        yield _hedged(Figure(_quotient(Decimal(part), Decimal(whole)), "ratio", written, start), text)
        return
    ends = list(ONE.finditer(re.sub("[/:]", " ", written) if name == "ratio" else written))
    low, high = (_quantity(m.group(), start + m.start(), text) for m in (ends[0], ends[-1]))
    if name == "ratio" and low.value < high.value:
        yield _hedged(Figure(_quotient(low.value, high.value), "ratio", written, start), text)
        return
    if name == "range":
        low = _like(low, high, written)
        if low.kind == high.kind:
            yield _hedged(replace(low, text=written, start=start, high=high.value), text)
            return
    yield from (low, high)


def _like(low: Figure, high: Figure, written: str) -> Figure:
    """The low end of "5 to 8 million" or "10 to 20 percent", with the scale and kind of the high end."""
    if low.kind == "count" and high.kind in {"percent", "points", "money"}:
        low = replace(low, kind=high.kind)
    scale = re.search(rf"(?i)(?:{SCALE}|bn|k|m)\b(?=\W*(?:{PERCENT}|dollars)?$)", written)
    bare = not re.search(rf"(?i){SCALE}|[a-z,]", low.text.replace("US", ""))
    if scale and bare and low.value * 1000 < high.value:
        low = replace(low, value=low.value * _scale(scale.group()))
    return low


def _quantity(written: str, start: int, text: str) -> Figure:
    pieces = PIECES.match(written)
    value = _value(written)
    if pieces and pieces["percent"]:
        kind = "points" if "point" in pieces["percent"] else "percent"
    elif pieces and (pieces["money"] or pieces["dollars"]):
        kind = "money"
    else:
        kind = "count"
    figure = _hedged(Figure(value, kind, written, start), text)
    if kind == "count" and _is_phone(figure, text):
        return replace(figure, kind="phone", hedge="")
    if kind == "count" and _is_year(figure, text):
        return replace(figure, kind="year", hedge="")
    return figure


def _is_phone(figure: Figure, text: str) -> bool:
    """Short codes and service numbers: plain digits that someone is told to call or text."""
    if not re.fullmatch(r"\d{3}|\d{5,6}", figure.text):
        return False
    if len(figure.text) > 3 and text.strip() == figure.text:  # noqa: PLR2004 - a short code alone on a card
        return True
    if CALL.search(text[max(0, figure.start - 60) : figure.start]):
        return True
    follows = re.match(r"\s*(?P<word>[A-Za-z]*)", text[figure.end :])
    alone = not follows or follows["word"].lower() in {"", "or", "first", "if", "now", "for", "right", "then", "is"}
    return figure.text in SERVICE and alone and not re.search(r"(?i)\bof\s*$", text[: figure.start])


def _is_year(figure: Figure, text: str) -> bool:
    if re.fullmatch(YEAR, figure.text):
        return not figure.hedge and not re.match(rf"\s+(?:{PEOPLE}|cases)\b", text[figure.end :])
    words = re.findall("[a-z]+", figure.text.lower())
    return len(words) > 1 and words[0] in {"eighteen", "nineteen", "twenty"} and _century(words[1])


def _century(word: str) -> bool:
    return word in TENS or SMALL.get(word, Decimal(0)) >= 10  # noqa: PLR2004 - "twenty ten" and later


def _value(written: str) -> Decimal:
    """The value of a number in digits or words, with its scale."""
    low = written.lower()
    if halved := re.fullmatch(r"half[ -]an?[ -](\w+)", low):
        return _scale(halved[1]) / 2
    pieces = PIECES.match(written)
    if pieces is None:
        return _spelled(low)
    if pieces["digits"]:
        value = Decimal(re.sub(r"[,\u00a0\u202f]", "", pieces["digits"]))
    else:
        value = _spelled(pieces["words"].lower())
    value += Decimal("0.5") if pieces["half"] else 0
    if not pieces["scale"]:
        return value
    return value * _scale(pieces["scale"]) if pieces["digits"] or pieces["half"] else _spelled(_bare(low))


def _bare(low: str) -> str:
    return re.sub(rf"^{MONEY}|{PERCENT}$|(?: us)? (?:dollars|euros|pounds)$", "", low)


def _scale(word: str) -> Decimal:
    return {**SCALES, **GROUPS, **GLUED, **SPANISH}[word.lower()]


def _spelled(text: str) -> Decimal:
    """The value of number words: "two hundred and seventy-two", "nineteen point four", "twenty twenty-four"."""
    words = [w for w in re.findall("[a-z]+", text) if w not in {"a", "an", "and"}]
    if "point" in words:
        return _with_point(words)
    if len(words) > 1 and words[0] in {"eighteen", "nineteen", "twenty"} and _century(words[1]):
        words = [words[0], "hundred", *words[1:]]
    total = group = Decimal(0)
    for word in words:
        if word in GROUPS:
            group = (group or 1) * GROUPS[word]
        elif word in SCALES:
            total, group = total + (group or 1) * SCALES[word], Decimal(0)
        else:
            group += SMALL.get(word, TENS.get(word, Decimal(0)))
    return total + group


def _with_point(words: list[str]) -> Decimal:
    at = words.index("point")
    after = [w for w in words[at + 1 :] if w in SMALL]
    scales = [w for w in words[at + 1 :] if w not in SMALL]
    value = _spelled(" ".join(words[:at])) + Decimal("0." + "".join(str(SMALL[w]) for w in after))
    for word in scales:
        value *= _scale(word)
    return value


def _hedged(figure: Figure, text: str) -> Figure:
    found = AFTER.match(text[figure.end :]) or BEFORE.search(text[max(0, figure.start - 40) : figure.start])
    return replace(figure, hedge=found.lastgroup or "") if found else figure
