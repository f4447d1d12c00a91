"""Lines of even length, and the largest size at which a text fits.

Lines are in the order in which they are read: each is shaped by itself afterwards, so that right-to-left text is right
too. Widths are in em, but for the box that a text is fitted to.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from scheduler.cards.breaking import opportunities
from scheduler.cards.direction import kept
from scheduler.cards.shaping import rise, shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.cards.shaping import Style

LONE_WORD = 0.5  # a last line of one word
HANGING = 0.12  # a short word, or a number parted from what it counts, at a line's end
PARTED = 0.25  # a word divided at its hyphen or slash
CLAUSE = -0.03  # a line that ends where the sentence pauses
LAST = 0.4  # how much the slack of the last line counts beside that of the others
ROOM = 1.06  # how much wider than the narrowest possible a line may be
SMALLER = (1.0, 0.97, 0.94, 0.91)  # parts of the largest size at which lines may look better
CHOICES = 2  # so many numbers of lines are tried at a size: the fewest, and one more
SIZE_COST = 2.5  # what a smaller size costs beside what uneven lines cost
STEP = 0.5  # px: sizes are rounded down to it
_NEAR = 1e-9

_WHITE = regex.compile(r"[ \t\r\n\v\f\u0085\u2028\u2029]+")
_TRAILING = regex.compile(r"[\s\u200b--\u00a0\u2007\u202f]+$", regex.V1)
_MARKS = "\u200e\u200f"  # of direction
_SHORT = regex.compile(r"[“”‘’\"'«»(¿¡]*(?:\p{L}{1,2}|\d[\d.,]*)[%]?", regex.V1)
_PAUSE = regex.compile(r".*[,;:.!?…،؛।][”’»)]*$", regex.DOTALL)

# How much of itself a mark hangs out of the margin, at a line's start and at its end.
_HANGS_BEFORE = {"“": 1.0, "‘": 1.0, "«": 0.8, '"': 1.0, "'": 1.0, "„": 0.8, "¿": 0.4, "¡": 0.4, "(": 0.3, "—": 0.3}
_HANGS_AFTER = {"”": 1.0, "’": 1.0, "»": 0.8, '"': 1.0, "'": 1.0, ".": 0.7, ",": 0.7, "،": 0.7, "-": 0.6, "‐": 0.6}
_HANGS_AFTER |= {"–": 0.4, "—": 0.3, ":": 0.4, ";": 0.4, "…": 0.3, "!": 0.3, "?": 0.2, ")": 0.3, "।": 0.4}


# For each piece with which a line may begin: the best way from there on, as its cost and where its lines end.
_Ways = dict[int, tuple[float, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in lines, and the size of its type in px an em."""

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True, slots=True, eq=False)  # one a text and style: compared by identity
class _Measured:
    """The pieces of a text with where each begins and ends, were all set on one line (em), and what ends badly."""

    pieces: tuple[str, ...]
    gaps: tuple[str, ...]  # what stands between a piece and the next: a space, or nothing after a hyphen
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    ending: tuple[float, ...]  # the cost of a line that ends with the piece

    def line(self, start: int, end: int) -> str:
        """The text from one piece up to, and without, another."""
        inner = (
            piece + gap for piece, gap in zip(self.pieces[start : end - 1], self.gaps[start : end - 1], strict=True)
        )
        return "".join(inner) + self.pieces[end - 1]


def words(text: str) -> tuple[str, ...]:
    """The pieces of a text that no line divides, without the spaces between them."""
    return tuple(piece for piece, _ in _pieces(text))


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    """Each piece with what parts it from the next: line ends in the text count as spaces."""
    text = _WHITE.sub(" ", text).strip(" ")
    places = (0, *opportunities(text), len(text)) if text else ()
    found = []
    for start, end in pairwise(places):
        piece = _TRAILING.sub("", text[start:end])
        if piece:
            found.append((piece, " " if text[start + len(piece) : end].strip("\u200b") else ""))
    return tuple(found)


def fewest(text: str, width: float, measure: Callable[[str], float]) -> int | None:
    """On how few lines of at most `width` em the text fits; None if a piece is wider than that."""
    measured = _measured(text, measure)
    return 1 if not measured.pieces else _greedy(measured, width)


def balance(text: str, lines: int, width: float, measure: Callable[[str], float]) -> tuple[str, ...] | None:
    """Break `text` into exactly `lines` lines of at most `width` em and of even length; None if it cannot be."""
    measured = _measured(text, measure)
    if lines < 1 or len(measured.pieces) < lines:
        return None
    if not _goes(measured, lines, width):
        return None
    found = _best(measured, lines, min(width, _narrowest(measured, lines) * ROOM))
    return kept(found[1], text) if found else None


@lru_cache(maxsize=1024)
def fit(
    text: str,
    style: Style,
    lang: str,
    width: float,
    height: float,
    least: float,
    most: float,
    leading: float,
    max_lines: int = 0,
) -> Fitted | None:
    """The text as large as it can be, from `least` to `most` px an em, within `width` × `height` px.

    Height counts from the top of the first capitals to the last baseline; `leading` is in em; `max_lines` of 0 is no
    limit. Lines may be a little smaller than they could be where that makes them even. None when the text does not fit
    at `least`: it is never cut. Raises CardError for a character that no font has.
    """
    measured = _measured(text, measuring(style, lang))
    if not measured.pieces:
        return Fitted((), _rounded(most))
    limits = _limits(measured, max_lines, width, most, lambda count: height / (rise(style) + (count - 1) * leading))
    largest = max(limits.values(), default=0.0)
    if largest < least:
        return None
    best: tuple[float, float, tuple[str, ...]] = (math.inf, 0.0, ())
    made: dict[tuple[int, float], tuple[float, tuple[str, ...]] | None] = {}
    for part in SMALLER:
        size = max(largest * part, least)
        for count in [count for count, limit in limits.items() if limit >= size][:CHOICES]:
            wide = min(width / size, _narrowest(measured, count) * ROOM)
            if (count, wide) not in made:
                made[count, wide] = _best(measured, count, wide)
            division = made[count, wide]
            if division:
                cost = division[0] / count + SIZE_COST * (1 - size / largest)
                best = min(best, (cost, size, division[1]), key=lambda each: each[0])
    lines, size = kept(best[2], text), best[1]
    return Fitted(lines, _settled(lines, style, lang, width, size))


def _limits(
    measured: _Measured, max_lines: int, width: float, most: float, room: Callable[[int], float]
) -> dict[int, float]:
    """The largest size for each number of lines that comes near the best; `room` says what the height allows."""
    limits: dict[int, float] = {}
    best, enough = 0.0, 0
    for count in range(1, min(len(measured.pieces), max_lines or len(measured.pieces)) + 1):
        if room(count) < best * SMALLER[-1] or enough == CHOICES:
            break
        limits[count] = min(most, room(count), width / _narrowest(measured, count))
        best = max(best, limits[count])
        enough += limits[count] == most
    return limits


def hanging(text: str, measure: Callable[[str], float]) -> tuple[float, float]:
    """How far (em) the marks at the line's start and at its end hang out of the margins, so that its edges look even.

    On a line that is read from the right, its start is on the right.
    """
    text = text.strip(_MARKS)
    if not text:
        return 0.0, 0.0
    before, after = _HANGS_BEFORE.get(text[0], 0.0), _HANGS_AFTER.get(text[-1], 0.0)
    return before and before * measure(text[0]), after and after * measure(text[-1])


@lru_cache(maxsize=256)
def measuring(style: Style, lang: str) -> Callable[[str], float]:
    """The measure of a style in a language: the same function each time, so that what it measured is known again."""
    return lambda part: shape(part, style, lang).width


@lru_cache(maxsize=512)
def _measured(text: str, measure: Callable[[str], float]) -> _Measured:
    parts = _pieces(text)
    known = {piece: measure(piece) for piece in {piece for piece, _ in parts}}
    letter = next((char for char in text if char.isalpha() and not char.isascii()), "n")  # in the text's own font
    space = measure(f"{letter} {letter}") - 2 * measure(letter)  # with the tracking on both sides of it
    starts, ends, pen = [], [], 0.0
    for piece, gap in parts:
        starts.append(pen)
        ends.append(pen + known[piece])
        pen += known[piece] + (space if gap else 0.0)
    pieces, gaps = tuple(piece for piece, _ in parts), tuple(gap for _, gap in parts)
    ending = tuple(_ending(piece, gap) for piece, gap in parts)
    return _Measured(pieces, gaps, tuple(starts), tuple(ends), ending)


@lru_cache(maxsize=4096)
def _ending(piece: str, gap: str) -> float:
    """What it costs that a line ends with this piece."""
    if not gap and piece.isascii():
        return PARTED
    if _SHORT.fullmatch(piece):
        return HANGING
    return CLAUSE if _PAUSE.match(piece) else 0.0


def _greedy(measured: _Measured, width: float) -> int | None:
    """How many lines it takes to put on each as much as it holds; None if a piece is too wide."""
    starts, ends, count = measured.starts, measured.ends, len(measured.starts)
    at, lines = 0, 0
    while at < count:
        after = bisect_right(ends, starts[at] + width + _NEAR, at)
        if after == at:
            return None
        at, lines = after, lines + 1
    return lines


def _goes(measured: _Measured, lines: int, width: float) -> bool:
    needed = _greedy(measured, width)
    return needed is not None and needed <= lines


@lru_cache(maxsize=4096)
def _narrowest(measured: _Measured, lines: int) -> float:
    """The least width (em) at which the text goes on so many lines."""
    low, high = max(end - start for start, end in zip(measured.starts, measured.ends, strict=True)), measured.ends[-1]
    if _goes(measured, lines, low):
        return low
    while high - low > 0.002:  # noqa: PLR2004  em: a hair's breadth
        middle = (low + high) / 2
        if _goes(measured, lines, middle):
            high = middle
        else:
            low = middle
    return high


def _best(measured: _Measured, lines: int, width: float) -> tuple[float, tuple[str, ...]] | None:
    """The cost and the lines of the best division into `lines` lines: least squared slack, plus what looks bad."""
    count, reach = len(measured.pieces), width + _NEAR
    costs: _Ways = {count: (0.0, ())}
    for left in range(lines):
        costs = _one_more(measured, costs, reach, last=left == 0)
    if 0 not in costs:
        return None
    cost, ends = costs[0]
    return cost, tuple(measured.line(start, end) for start, end in pairwise((0, *ends)))


def _one_more(measured: _Measured, costs: _Ways, reach: float, *, last: bool) -> _Ways:
    """The best ways with one line more before them, by the piece with which that line begins."""
    starts, ends, ending = measured.starts, measured.ends, measured.ending
    found: _Ways = {}
    for after, (cost, rest) in costs.items():
        end, base = ends[after - 1], cost if last else cost + ending[after - 1]
        for start in range(after - 1, -1, -1):
            wide = end - starts[start]
            if wide > reach:
                break
            slack = 1 - wide / reach
            total = base + slack * slack * (LAST if last else 1.0)
            if last and start == after - 1 and start > 0:
                total += LONE_WORD
            if start not in found or total < found[start][0]:
                found[start] = (total, (after, *rest))
    return found


def _settled(lines: tuple[str, ...], style: Style, lang: str, width: float, size: float) -> float:
    """The size at which the lines as they are shaped, whole, keep to the width."""
    widest = max(shape(line, style, lang).width for line in lines)
    return _rounded(min(size, width / widest) if widest else size)


def _rounded(size: float) -> float:
    return math.floor(size / STEP + _NEAR) * STEP
