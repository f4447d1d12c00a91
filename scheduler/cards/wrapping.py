"""Lines of even length. Widths are in em; nothing here knows a font or a pixel."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONE_WORD = 0.5  # a last line of one word
HANGING = 0.12  # a short word, or a number parted from what it counts, at a line's end
ROOM = 1.06  # how much wider than the narrowest possible a line may be


def words(text: str) -> list[str]:
    """The words of a text: parted at spaces and line ends, but never at a no-break space."""
    return [w for w in re.split(r"[ \t\r\n]+", text) if w]


def _hangs(word: str) -> bool:
    bare = word.strip("“”\"'’(),.;:")
    return len(bare) <= 2 or bare[0].isdigit()  # noqa: PLR2004  "a", "of", "in"


def fewest(text: str, width: float, measure: Callable[[str], float]) -> int | None:
    """On how few lines of at most `width` em the text fits; None if a word is wider than that."""
    space, lines, used = measure(" "), 1, -1.0
    for word in words(text):
        wide = measure(word)
        if wide > width:
            return None
        if used >= 0 and used + space + wide > width:
            lines, used = lines + 1, wide
        else:
            used = wide if used < 0 else used + space + wide
    return lines


def balance(text: str, lines: int, width: float, measure: Callable[[str], float]) -> tuple[str, ...] | None:
    """Break `text` into exactly `lines` lines of at most `width` em and of even length; None if it cannot be."""
    pieces = words(text)
    if lines < 1 or len(pieces) < lines:
        return None
    widths, space = [measure(w) for w in pieces], measure(" ")
    if max(widths) > width or _break(pieces, widths, space, lines, width) is None:
        return None
    low, high = max(widths), width
    for _ in range(16):
        middle = (low + high) / 2
        if _break(pieces, widths, space, lines, middle) is None:
            low = middle
        else:
            high = middle
    return _break(pieces, widths, space, lines, min(width, high * ROOM))


def _break(pieces: list[str], widths: list[float], space: float, lines: int, width: float) -> tuple[str, ...] | None:
    """The cheapest way to break into `lines` lines within `width`: least squared slack, plus what looks bad."""
    count = len(pieces)

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[int, ...]]:
        if start == count:
            return (0.0, ()) if left == 0 else (math.inf, ())
        if left == 0:
            return (math.inf, ())
        found: tuple[float, tuple[int, ...]] = (math.inf, ())
        used = -space
        for end in range(start, count):
            used += space + widths[end]
            if used > width:
                break
            rest, ends = best(end + 1, left - 1)
            cost = rest + _cost(pieces, start, end, (width - used) / width)
            if cost < found[0]:
                found = (cost, (end + 1, *ends))
        return found

    cost, ends = best(0, lines)
    if cost == math.inf:
        return None
    starts = (0, *ends[:-1])
    return tuple(" ".join(pieces[a:b]) for a, b in zip(starts, ends, strict=True))


def _cost(pieces: list[str], start: int, end: int, slack: float) -> float:
    last = end + 1 == len(pieces)
    cost = slack * slack * (0.4 if last else 1.0)
    if last and start == end and start > 0:
        cost += LONE_WORD
    if not last and _hangs(pieces[end]):
        cost += HANGING
    return cost
