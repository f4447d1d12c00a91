"""Lines of even length, and the largest size at which a text fits.

Lines are in the order in which they are read: each is shaped by itself afterwards, so that right-to-left text is right
too. Widths are in em, but for the box that a text is fitted to.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from scheduler.cards.breaking import opportunities
from scheduler.cards.direction import kept
from scheduler.cards.endings import endings
from scheduler.cards.shaping import rise, shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.cards.shaping import Style

LAST = 0.5  # how much the slack of the last line counts beside that of the others
ROOM = 1.16  # how much wider than the narrowest possible a line may be
SMALLEST = 0.82  # part of the largest size down to which lines may look better
CHOICES = 2  # so many numbers of lines are tried where the text has room for the most: the fewest, and one more
SIZE_COST = 0.6  # what a smaller size costs beside what uneven lines cost
STEP = 1.0  # px: sizes are rounded down to it
_NEAR = 1e-9

_WHITE = regex.compile(r"[ \t\r\n\v\f\u0085\u2028\u2029]+")
_SILENT = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]+")  # what has no picture
_TRAILING = regex.compile(r"[\s\u200b--\u00a0\u2007\u202f]+$", regex.V1)


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
    alone: tuple[float, ...]  # and what more where the line is only that piece
    longest: float  # the width of the widest piece
    space: float  # the widest gap

    def lines(self, places: tuple[int, ...]) -> tuple[str, ...]:
        """The text cut before each of some pieces, from the first on to the end."""
        joined = [piece + gap for piece, gap in zip(self.pieces, self.gaps, strict=True)]
        return tuple("".join(joined[start : end - 1]) + self.pieces[end - 1] for start, end in pairwise(places))

    def widest(self, places: tuple[int, ...]) -> float:
        """The width (em) of the longest of these lines."""
        return max(self.ends[end - 1] - self.starts[start] for start, end in pairwise(places))


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
        if piece and not _SILENT.fullmatch(piece):
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
    narrowest = _narrowest(measured, lines)
    if narrowest > width + _NEAR:
        return None
    found = _best(measured, lines, min(width, narrowest * ROOM), narrowest)
    return kept(measured.lines(found[1]), text) if found else None


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
    floor = max(largest * SMALLEST, least)
    best: tuple[float, float, tuple[int, ...]] = (math.inf, 0.0, ())
    for count, limit in limits.items():
        narrowest = _narrowest(measured, count)
        reach, shrunk = min(width / floor, narrowest * ROOM), SIZE_COST * (1 - limit / largest)
        while limit >= floor and (found := _best(measured, count, reach, narrowest)):
            cost, places = found
            reach = measured.widest(places)
            size = min(limit, width / reach)
            best = min(best, (cost / count + SIZE_COST * (1 - size / largest), size, places))
            if size == limit or cost / count + shrunk >= best[0]:  # narrower lines only look worse
                break
            reach -= 2 * _NEAR
    lines = kept(measured.lines(best[2]), text)
    return Fitted(lines, _settled(lines, style, lang, width, best[1]))


def _limits(
    measured: _Measured, max_lines: int, width: float, most: float, room: Callable[[int], float]
) -> dict[int, float]:
    """The largest size for each number of lines that comes near the best; `room` says what the height allows."""
    counts = range(1, min(len(measured.pieces), max_lines or len(measured.pieces)) + 1)
    hopes = [(min(most, room(count), width / _lower_bound(measured, count)), -count) for count in counts]
    limits: dict[int, float] = {}
    best, enough = 0.0, 0
    for hope, count in sorted(hopes, reverse=True):
        if hope < best * SMALLEST or enough == CHOICES:
            break
        limits[-count] = min(hope, width / _narrowest(measured, -count))
        best = max(best, limits[-count])
        enough += limits[-count] == most
    return dict(sorted(limits.items()))


@lru_cache(maxsize=256)
def measuring(style: Style, lang: str) -> Callable[[str], float]:
    """The measure of a style in a language: the same function each time, so that what it measured is known again."""
    return lambda part: shape(part, style, lang).width


@lru_cache(maxsize=512)
def _measured(text: str, measure: Callable[[str], float]) -> _Measured:
    parts = _pieces(text)
    known = {piece: measure(piece) for piece in dict.fromkeys(piece for piece, _ in parts)}
    letter = next((char for char in text if char.isalpha() and not char.isascii()), "n")  # in the text's own font
    space = measure(f"{letter} {letter}") - 2 * measure(letter)  # with the tracking on both sides of it
    starts, ends, pen = [], [], 0.0
    for piece, gap in parts:
        starts.append(pen)
        ends.append(pen + known[piece])
        pen += known[piece] + (space if gap else 0.0)
    pieces, gaps = tuple(piece for piece, _ in parts), tuple(gap for _, gap in parts)
    longest = max(known.values(), default=0.0)
    return _Measured(pieces, gaps, tuple(starts), tuple(ends), *endings(pieces, gaps), longest, max(space, 0.0))


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


@lru_cache(maxsize=4096)
def _narrowest(measured: _Measured, lines: int) -> float:
    """The least width (em) at which the text goes on so many lines."""
    starts, ends, count = measured.starts, measured.ends, len(measured.starts)
    width = _lower_bound(measured, lines)
    while True:
        at, wider = 0, math.inf
        for _ in range(lines):
            after = bisect_right(ends, starts[at] + width + _NEAR, at)
            if after == count:
                return width
            wider = min(wider, ends[after] - starts[at])  # what this line would need to hold one piece more
            at = after
        width = wider


def _lower_bound(measured: _Measured, lines: int) -> float:
    """A width (em) under which the text never goes on so many lines."""
    return max(_NEAR, measured.longest, (measured.ends[-1] - (lines - 1) * measured.space) / lines)


def _best(measured: _Measured, lines: int, width: float, narrowest: float) -> tuple[float, tuple[int, ...]] | None:
    """The best division into so many lines, each as near as can be to the narrowest: its cost, and where lines begin.

    None when the text does not go on lines of `width` em.
    """
    starts, ends, reach = measured.starts, measured.ends, width + _NEAR
    ending, alone = measured.ending, measured.alone
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}  # to where a line ends: the cost, and all ends
    for place, (first, last) in enumerate(_spans(measured, lines, reach), start=1):
        found: dict[int, tuple[float, tuple[int, ...]]] = {}
        for end in range(first, last + 1):
            best: tuple[float, tuple[int, ...]] = (math.inf, ())
            for start, (cost, before) in ways.items():
                wide = ends[end - 1] - starts[start]
                if wide > reach or start >= end:
                    continue
                slack = 1 - wide / narrowest
                total = cost + slack * slack * (LAST if place == lines else 1.0)
                if start == end - 1:
                    total += alone[start]
                if total < best[0]:
                    best = (total, before)
            if best[0] < math.inf:
                found[end] = (best[0] + (ending[end - 1] if place < lines else 0.0), (*best[1], end))
        ways = found
    return ways.get(len(measured.pieces))


def _spans(measured: _Measured, lines: int, reach: float) -> list[tuple[int, int]]:
    """For each line the first and the last piece before which it may end, so that what follows has room on the rest."""
    starts, ends, count = measured.starts, measured.ends, len(measured.starts)
    firsts, lasts = [count], [0]
    for left in range(1, lines):
        firsts.append(max(bisect_left(starts, ends[firsts[-1] - 1] - reach), lines - left))
    for place in range(1, lines + 1):
        lasts.append(min(bisect_right(ends, starts[lasts[-1]] + reach, lasts[-1]), count - lines + place))
    return list(zip(reversed(firsts), lasts[1:], strict=True))


def _settled(lines: tuple[str, ...], style: Style, lang: str, width: float, size: float) -> float:
    """The size at which the lines as they are shaped, whole, keep to the width."""
    widest = max(shape(line, style, lang).width for line in lines)
    return _rounded(min(size, width / widest) if widest else size)


def _rounded(size: float) -> float:
    return math.floor(size / STEP + _NEAR) * STEP
