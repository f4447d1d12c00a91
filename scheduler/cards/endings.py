"""How well a line may end after each word: lines that follow the sense of a sentence are read at a glance.

A cost is in the measure of `wrapping`: 0.1 is as bad as a line that leaves a third of its width white.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTED = 0.25  # a word divided at its hyphen or slash
COUNTED = 0.5  # a number parted from what it counts
HANGING, LIGHT = 0.12, 0.06  # a word of one or two letters, or another that only leads to the next
STOP, COMMA = -0.1, -0.08  # where the sentence ends or pauses
LISTED = 0.06  # a comma between words in a row: no pause
STRAY, STRAY_CLAUSE = (0.4, 0.15), (0.1, 0.08)  # the first word of a sentence or clause left behind; the first two
RUNOVER, RUNOVER_CLAUSE = 0.12, 0.08  # the last word of a sentence, or of a clause, taken to the next line
LONE = 0.5  # a last line of one word
WORTH = 1.5  # how much lines that end badly take from the worth of a setting

_OPENING = "[“”‘’\"'«»(¿¡]*"
_SHORT = regex.compile(rf"{_OPENING}\p{{L}}{{1,2}}")
_LEADS = regex.compile(
    rf"{_OPENING}(?:the|and|but|for|nor|who|los|las|una|que|con|por|del|para|من|إلى|على|عن|في|أو|أن)", regex.IGNORECASE
)
_NUMBER = regex.compile(rf"{_OPENING}(?:US)?[$€£]?\d[\d.,٫٬]*[%٪]?(?<![.,])")
_YEAR = regex.compile(r"(?:19|20)\d\d")  # counts nothing
_INITIALS = regex.compile(rf"{_OPENING}(?:\p{{L}}\.)+")  # "U.S." ends no sentence
_STOPS = regex.compile(r".*(?:[.:;!?…؟؛।][”’\"'»)]*|[—–])", regex.DOTALL)
_COMMAS = regex.compile(r".*[,،][”’»)]*", regex.DOTALL)


def endings(pieces: tuple[str, ...], gaps: tuple[str, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The cost of a line that ends with each piece, and what more it costs where the line is that piece alone.

    `gaps` is what stands between a piece and the next: nothing where they are one word. A cost is below zero where the
    sense asks for a line's end.
    """
    kinds = [_kind(piece, gap) for piece, gap in zip(pieces, gaps, strict=True)]
    costs, alone = [], []
    last = len(kinds) - 1
    for at, kind in enumerate(kinds):
        listed = kind is COMMA and (kinds[at - 1] is COMMA or (at < last and kinds[at + 1] is COMMA))
        stray = _stray(kinds, at) if at else 0.0
        after = kinds[at + 1] if at + 1 < last else 0.0
        over = RUNOVER if after is STOP else RUNOVER_CLAUSE if after is COMMA and kind is not COMMA else 0.0
        costs.append((LISTED if listed else kind) + stray + over)
        alone.append(LONE if 0 < at == last else -stray)
    return tuple(costs), tuple(alone)


def _stray(kinds: list[float], at: int) -> float:
    """What it costs that the sentence or clause has begun just before the line ends."""
    if kinds[at] is STOP or kinds[at] is COMMA:
        return 0.0
    for words, before in enumerate((kinds[at - 1], kinds[at - 2] if at > 1 else 0.0)):
        if before is STOP or before is COMMA:
            return (STRAY if before is STOP else STRAY_CLAUSE)[words]
    return 0.0


@lru_cache(maxsize=4096)
def _kind(piece: str, gap: str) -> float:
    """What the piece itself costs at a line's end: one of the constants above, or 0."""
    if not gap and piece.isascii() and piece[-1] in "-/":
        return PARTED
    if piece.isalpha():
        return HANGING if _SHORT.fullmatch(piece) else LIGHT if _LEADS.fullmatch(piece) else 0.0
    if _COMMAS.fullmatch(piece):
        return COMMA
    if _STOPS.fullmatch(piece):
        return 0.0 if _INITIALS.fullmatch(piece) else STOP
    if _NUMBER.fullmatch(piece):
        return 0.0 if _YEAR.fullmatch(piece) else COUNTED
    return HANGING if _SHORT.fullmatch(piece) else 0.0


@lru_cache(maxsize=256)
def roughness(lines: tuple[str, ...]) -> float:
    """How badly the lines of a text end, in the same measure and by the line: what has less reads better."""
    pieces = tuple(piece for line in lines for piece in line.split(" "))
    costs, alone = endings(pieces, (*(" " for _ in pieces[1:]), ""))
    total, end = 0.0, -1
    for line in lines:
        end += line.count(" ") + 1
        if end + 1 < len(pieces):
            total += costs[end] + (alone[end] if " " not in line else 0.0)
    return total / max(1, len(lines))


def flow(lines: Iterable[str]) -> float:
    """How well lines follow the sense, as a factor of what a setting is worth: about 1, less where they end badly."""
    return 1 - WORTH * roughness(tuple(lines))
