"""Which way each character runs, and in which order runs are seen: the bidirectional algorithm (Unicode UAX #9).

The steps are python-bidi's, but for the pairs of brackets (rule N0), which it lacks: without them the closing bracket
of “منظمة (ILO) 2021” lands on the wrong side. Isolates, which hardly anyone types, are taken as embeddings.
"""

from __future__ import annotations

from typing import Any

import regex

_RIGHT = regex.compile(r"[\p{bc=R}\p{bc=AL}\p{bc=AN}]")
_STRONG = regex.compile(r"[\p{bc=L}\p{bc=R}\p{bc=AL}]")
_OPENING = regex.compile(r"\p{Ps}")
_CLOSING = regex.compile(r"\p{Pe}")
_ISOLATES = {"\u2066": "LRE", "\u2067": "RLE", "\u2069": "PDF"}
_FIRST_STRONG = "\u2068"
_DEEPEST = 63  # brackets open at a time; UAX #9 stops looking there

Char = dict[str, Any]  # a character as python-bidi carries it: "ch", "type", "orig", "level", and our "at"


def mixed(text: str) -> bool:
    """Whether any of it runs from right to left."""
    return _RIGHT.search(text) is not None


def from_right(text: str) -> bool:
    """Whether a paragraph is read from the right: as its first letter is (rules P2 and P3)."""
    return _first_strong(text, 0) == "R"


def kept(lines: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The lines of a paragraph, each running its way: one that begins otherwise gets a mark that is not seen."""
    if not mixed(text):
        return lines
    right = from_right(text)
    mark = "\N{RIGHT-TO-LEFT MARK}" if right else "\N{LEFT-TO-RIGHT MARK}"
    return tuple(line if from_right(line) == right else mark + line for line in lines)


def levels(text: str) -> tuple[int, list[int]]:
    """The level of the line (odd: from right to left) and of each character, for one line of text."""
    from bidi import algorithm  # type: ignore[import-untyped]  # noqa: PLC0415  few cards need it

    base = algorithm.get_base_level(text)
    storage = algorithm.get_empty_storage() | {"base_level": base, "base_dir": "LR"[base]}
    algorithm.get_embedding_levels(text, storage)
    for at, char in enumerate(storage["chars"]):
        char["at"] = at
        if char["ch"] == _FIRST_STRONG:
            char["type"] = "RLE" if _first_strong(text, at + 1) == "R" else "LRE"
        else:
            char["type"] = _ISOLATES.get(char["ch"], char["type"] or "L")  # of a Unicode newer than Python's
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    for run in storage["runs"]:
        _pair_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    return base, _by_place(text, base, storage["chars"])


def visual(found: list[int]) -> list[int]:
    """The order, from left to right, in which things of these levels are seen (rule L2)."""
    order = list(range(len(found)))
    odd = [level for level in found if level % 2]
    for depth in range(max(found, default=0), min(odd, default=1) - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and found[order[end]] >= depth:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return order


def _first_strong(text: str, start: int) -> str:
    found = _STRONG.search(text, start)
    return "R" if found and mixed(found[0]) else "L"


def _by_place(text: str, base: int, chars: list[Char]) -> list[int]:
    """The level of each character; the marks of direction, which were taken out, go with what precedes them."""
    known = {char["at"]: char["level"] for char in chars}
    white = {char["at"] for char in chars if char["orig"] in ("WS", "S", "B")}
    end = len(text)
    while end and (end - 1 in white or end - 1 not in known):
        end -= 1
        known[end] = base  # rule L1: white at the end of a line
    found: list[int] = []
    for at in range(len(text)):
        found.append(known.get(at, found[-1] if found else base))
    return found


def _pair_brackets(chars: list[Char], before: str) -> None:
    """Rule N0: both brackets of a pair run the way of what they hold, or of what precedes them."""
    for opening, closing in _pairs(chars):
        own = "LR"[chars[opening]["level"] % 2]
        inside = {_strength(char) for char in chars[opening + 1 : closing]} - {""}
        if not inside:
            continue
        way = own
        if own not in inside:
            earlier = (_strength(char) for char in reversed(chars[:opening]))
            way = next((strength for strength in earlier if strength), before)
        for at in (opening, closing):
            chars[at]["type"] = way
            for mark in chars[at + 1 :]:
                if mark["orig"] != "NSM":
                    break
                mark["type"] = way


def _pairs(chars: list[Char]) -> list[tuple[int, int]]:
    """Where brackets pair (definition BD16), in the order of their openings."""
    from bidi.mirror import MIRRORED  # type: ignore[import-untyped]  # noqa: PLC0415

    found: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for at, char in enumerate(chars):
        if char["type"] != "ON" or char["ch"] not in MIRRORED:
            continue
        if _OPENING.match(char["ch"]):
            if len(waiting) == _DEEPEST:
                break
            waiting.append((MIRRORED[char["ch"]], at))
        elif _CLOSING.match(char["ch"]):
            for depth in range(len(waiting) - 1, -1, -1):
                if waiting[depth][0] == char["ch"]:
                    found.append((waiting[depth][1], at))
                    del waiting[depth:]
                    break
    return sorted(found)


def _strength(char: Char) -> str:
    kind = char["type"]
    return "R" if kind in ("R", "AL", "EN", "AN") else "L" if kind == "L" else ""
