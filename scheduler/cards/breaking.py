"""Where a line may break: the Unicode line breaking algorithm (UAX #14, version 16), and what a card asks beyond it.

The rules stand in the order of the standard, under their numbers; the first that knows a place decides it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = (
    "AI AK AL AP AS B2 BA BB BK CB CJ CL CM CP CR EB EM EX GL H2 H3 HH HL HY ID IN IS JL JT JV LF NL NS NU OP PO PR QU "
    "RI SA SG SP SY VF VI WJ XX ZW ZWJ"
)
_CLASS = regex.compile("|".join(rf"(?P<{name}>\p{{Line_Break={name}}})" for name in _NAMES.split()))
_RESOLVED = {"AI": "AL", "SG": "AL", "XX": "AL", "SA": "AL", "CJ": "NS", "HH": "BA"}  # LB1; HH is of version 17
_APART = {"\u25cc": "DC", "\u2010": "CH"}  # ◌ and ‐, which some rules name
_KINDS = {"QU": "QU PI PF", "AL": "AL DC", "BA": "BA CH", "ID": "ID EP"}  # classes that we hold apart
_WIDE = regex.compile(r"[\p{ea=F}\p{ea=W}\p{ea=H}]")
_MARK = regex.compile(r"[\p{Mn}\p{Mc}]")
_UNBORN = regex.compile(r"[\p{Extended_Pictographic}&&\p{Cn}]", regex.V1)  # an emoji of a version to come
_ENDS = frozenset(("BK", "CR", "LF", "NL", "SP", "ZW"))  # what takes no combining mark
_INNER = frozenset(("AL", "HL", "NU"))  # between two of these there is never a break
_STOPS = frozenset(("CL", "CP", "EX", "IS"))  # before these neither
_WORD_ENDS = _INNER | {"IS", "EX"}


class _Text(NamedTuple):
    """The classes of a text, combining marks merged into what they stand on (LB9), framed by an empty one each side."""

    kinds: list[str]
    wide: list[bool]
    joined: list[bool]  # a zero width joiner stands right before it
    places: list[int]  # where it begins in the text


@lru_cache(maxsize=4096)
def _kind(char: str) -> tuple[str, bool]:
    """The class of a character, and whether it is wide as East Asian letters are."""
    found = _CLASS.match(char)
    name = (found.lastgroup if found else "") or "AL"
    if name == "SA" and _MARK.match(char):
        name = "CM"
    elif name == "QU":
        name = "PI" if regex.match(r"\p{Pi}", char) else "PF" if regex.match(r"\p{Pf}", char) else "QU"
    elif _UNBORN.match(char):
        name = "EP"
    return _APART.get(char, _RESOLVED.get(name, name)), _WIDE.match(char) is not None


def _read(text: str) -> _Text:
    kinds, wide, joined, places = [""], [False], [False], [-1]
    for at, char in enumerate(text):
        kind, is_wide = _kind(char)
        mark = kind in ("CM", "ZWJ")
        if mark and kinds[-1] and kinds[-1] not in _ENDS:
            continue  # LB9
        kinds.append("AL" if mark else kind)  # LB10
        wide.append(is_wide)
        joined.append(at > 0 and text[at - 1] == "\u200d")
        places.append(at)
    return _Text([*kinds, ""], [*wide, False], [*joined, False], [*places, len(text)])


def _any(names: str) -> frozenset[str]:
    return frozenset(part for name in names.split() for part in _KINDS.get(name, name).split())


def _pair(before: str, after: str, *, may: bool = False) -> Callable[[_Text, int], bool | None]:
    """A rule for two neighbours: classes of the one before and the one after, all of them when none is named."""
    left, right = _any(before), _any(after)

    def rule(text: _Text, at: int) -> bool | None:
        fits = (not left or text.kinds[at - 1] in left) and (not right or text.kinds[at] in right)
        return may if fits else None

    return rule


def _spaced(before: str, after: str, *, may: bool = False) -> Callable[[_Text, int], bool | None]:
    """The same with any number of spaces between."""
    left, right = _any(before), _any(after)

    def rule(text: _Text, at: int) -> bool | None:
        fits = (not right or text.kinds[at] in right) and text.kinds[_back(text, at - 1, "SP")] in left
        return may if fits else None

    return rule


def _back(text: _Text, at: int, *skipped: str) -> int:
    """The first index, from `at` backwards, that is of another class."""
    while text.kinds[at] in skipped:
        at -= 1
    return at


_BEFORE_OPENING = _any("BK CR LF NL OP QU GL SP ZW") | {""}
_AFTER_CLOSING = _any("SP GL WJ CL QU CP EX IS SY BK CR LF NL ZW") | {""}
_QUOTES = _any("QU")
_NUMERIC = frozenset(("PO", "PR"))
_SYLLABLE = frozenset(("AK", "AS", "DC"))


def _after_gap(text: _Text, at: int) -> bool | None:  # LB12a
    return False if text.kinds[at] == "GL" and text.kinds[at - 1] not in _any("SP BA HY") else None


def _quotes(text: _Text, at: int) -> bool | None:  # LB15a, LB15b
    opening = _back(text, at - 1, "SP")
    if text.kinds[opening] == "PI" and text.kinds[opening - 1] in _BEFORE_OPENING:
        return False
    return False if text.kinds[at] == "PF" and text.kinds[at + 1] in _AFTER_CLOSING else None


def _point(text: _Text, at: int) -> bool | None:  # LB15c, LB15d
    if text.kinds[at] != "IS":
        return None
    return text.kinds[at - 1] == "SP" and text.kinds[at + 1] == "NU"


def _near_quotes(text: _Text, at: int) -> bool | None:  # LB19, LB19a
    before, after = text.kinds[at - 1], text.kinds[at]
    if after in _QUOTES and (after != "PI" or not text.wide[at - 1] or not text.wide[at + 1]):
        return False
    if before in _QUOTES and (before != "PF" or not text.wide[at] or not text.wide[at - 2]):
        return False
    return None


def _hyphen(text: _Text, at: int) -> bool | None:  # LB20a, LB21a
    before, after, earlier = text.kinds[at - 1], text.kinds[at], text.kinds[at - 2]
    if before in ("HY", "CH") and after in ("AL", "DC") and earlier in _ENDS | {"", "CB", "GL"}:
        return False
    hyphen = before == "HY" or (before in ("BA", "CH") and not text.wide[at - 1])
    return False if hyphen and earlier == "HL" and after != "HL" else None


def _number(text: _Text, at: int) -> bool | None:  # LB25
    before, after = text.kinds[at - 1], text.kinds[at]
    closed = at - 2 if before in ("CL", "CP") else at - 1
    if after in _NUMERIC and text.kinds[_back(text, closed, "SY", "IS")] == "NU":
        return False
    if before in _NUMERIC and after == "OP":
        following = at + 2 if text.kinds[at + 1] == "IS" else at + 1
        return False if text.kinds[following] == "NU" else None
    if after != "NU":
        return None
    return False if before in ("PO", "PR", "HY", "IS") or text.kinds[_back(text, at - 1, "SY", "IS")] == "NU" else None


def _syllables(text: _Text, at: int) -> bool | None:  # LB28a
    before, after = text.kinds[at - 1], text.kinds[at]
    if before == "AP" and after in _SYLLABLE:
        return False
    if before in _SYLLABLE and (after in ("VF", "VI") or (after in _SYLLABLE and text.kinds[at + 1] == "VF")):
        return False
    return False if before == "VI" and after in ("AK", "DC") and text.kinds[at - 2] in _SYLLABLE else None


def _brackets(text: _Text, at: int) -> bool | None:  # LB30
    before, after = text.kinds[at - 1], text.kinds[at]
    if after == "OP" and before in _any("AL HL NU") and not text.wide[at]:
        return False
    return False if before == "CP" and after in _any("AL HL NU") and not text.wide[at - 1] else None


def _flags(text: _Text, at: int) -> bool | None:  # LB30a
    if text.kinds[at] != "RI":
        return None
    return False if (at - 1 - _back(text, at - 1, "RI")) % 2 else None


_RULES: tuple[Callable[[_Text, int], bool | None], ...] = (
    _pair("BK", "", may=True),  # LB4
    _pair("CR", "LF"),  # LB5
    _pair("CR LF NL", "", may=True),
    _pair("", "BK CR LF NL"),  # LB6
    _pair("", "SP ZW"),  # LB7
    _spaced("ZW", "", may=True),  # LB8
    lambda text, at: False if text.joined[at] else None,  # LB8a
    _pair("", "WJ"),  # LB11
    _pair("WJ", ""),
    _pair("GL", ""),  # LB12
    _after_gap,
    _pair("", "CL CP EX SY"),  # LB13
    _spaced("OP", ""),  # LB14
    _quotes,
    _point,
    _spaced("CL CP", "NS"),  # LB16
    _spaced("B2", "B2"),  # LB17
    _pair("SP", "", may=True),  # LB18
    _near_quotes,
    _pair("", "CB", may=True),  # LB20
    _pair("CB", "", may=True),
    _hyphen,
    _pair("", "BA HY NS"),  # LB21
    _pair("BB", ""),
    _pair("SY", "HL"),  # LB21b
    _pair("", "IN"),  # LB22
    _pair("AL HL", "NU"),  # LB23
    _pair("NU", "AL HL"),
    _pair("PR", "ID EB EM"),  # LB23a
    _pair("ID EB EM", "PO"),
    _pair("PR PO", "AL HL"),  # LB24
    _pair("AL HL", "PR PO"),
    _number,
    _pair("JL", "JL JV H2 H3"),  # LB26
    _pair("JV H2", "JV JT"),
    _pair("JT H3", "JT"),
    _pair("JL JV JT H2 H3", "PO"),  # LB27
    _pair("PR", "JL JV JT H2 H3"),
    _pair("AL HL", "AL HL"),  # LB28
    _syllables,
    _pair("IS", "AL HL"),  # LB29
    _brackets,
    _flags,
    _pair("EB EP", "EM"),  # LB30b
)


def standard(text: str) -> tuple[int, ...]:
    """The places inside `text`, as offsets, where UAX #14 lets a line end."""
    read = _read(text)
    return tuple(read.places[at] for at in range(2, len(read.kinds) - 1) if _may(read, at))


def _may(text: _Text, at: int) -> bool:
    before, after = text.kinds[at - 1], text.kinds[at]
    if after in _INNER and before == "SP" and text.kinds[at - 2] in _WORD_ENDS:  # between plain words: LB18
        return True
    if after in _STOPS and before in _INNER:  # LB13, LB15d
        return False
    if after == "SP" or (after in _INNER and before in _INNER and not text.joined[at]):
        return before in ("BK", "CR", "LF", "NL")
    said = (rule(text, at) for rule in _RULES)
    return next((answer for answer in said if answer is not None), True)  # LB31


_TELEPHONE = regex.compile(r"(?<!\w)[+(]?\d{1,4}\)?(?:[ .\u00a0‑–-]\(?\d{2,4}\)?){2,}(?!\w)")
_ADDRESS = regex.compile(r"\S*(?:://|@|www\.|\.(?:com|edu|gov|int|net|org)\b)\S*")
_DASHES = "–—―"
_PLAIN = regex.compile(r"(?:(?:[A-Za-z]+|\$?\d+(?:[.,]\d+)*%?)[.,;:!?]*(?: (?!\d)|(?<!\d) (?=\d)|$))+")
_SOFT_HYPHEN = "\u00ad"


@lru_cache(maxsize=1024)
def opportunities(text: str) -> tuple[int, ...]:
    """The places inside `text` where a card's line may end: fewer than the standard's.

    A telephone number stays whole, an address is not parted at a hyphen, a line begins with no dash but one that opens
    a phrase (the Spanish raya), which stays with its phrase, and no soft hyphen is used, as it would have to be shown.
    """
    if _PLAIN.fullmatch(text):  # words, figures and stops: most cards have no more, and all rules agree on these
        return tuple(at for at, char in enumerate(text, start=1) if char == " ")
    found = standard(text)
    if not found:
        return ()
    whole = [match.span() for match in _TELEPHONE.finditer(text)]
    addresses = [match.span() for match in _ADDRESS.finditer(text)]

    def fits(at: int) -> bool:
        if text[at - 1] == _SOFT_HYPHEN or any(start < at < end for start, end in whole):
            return False
        if text[at - 1] == "-" and any(start < at < end for start, end in addresses):
            return False
        return not _strands_a_dash(text, at)

    return tuple(at for at in found if fits(at))


def _strands_a_dash(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in _DASHES:
        opens = before.isspace() and not text[at + 1 : at + 2].isspace() and at + 1 < len(text)
        return not opens
    return before in _DASHES and (at == 1 or text[at - 2].isspace())
