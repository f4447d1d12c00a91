"""Setting type: a text as a block of balanced lines, at a size that fits, placed on the card.

A block's top is that of its first capitals and its foot the last baseline, which is what the eye measures.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from scheduler.cards import wrapping
from scheduler.cards.marks import Letters
from scheduler.cards.shaping import Line, Style, rise, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scheduler.cards.marks import Box, Ink

STEPS = 12  # sizes that are tried between the most and the least
QUOTED = 60  # characters
APART = 0.03  # em: the least that is left between the ink of two lines
OPENING = "“‘«„¡¿\"'"  # signs that hang in the margin


@dataclass(frozen=True, slots=True)
class Block:
    """Shaped lines of one style and size."""

    lines: tuple[Line, ...]
    style: Style
    size: float  # px an em
    leading: float  # from baseline to baseline, in em

    @property
    def height(self) -> float:
        """From the top of the first capitals to the last baseline, in pixels."""
        return self.size * (rise(self.style) + (len(self.lines) - 1) * self.leading) if self.lines else 0.0

    @property
    def width(self) -> float:
        """Of the longest line's ink, in pixels."""
        return self.size * max((line.ink.right - line.ink.left for line in self.lines), default=0.0)

    @property
    def over(self) -> float:
        """How far the first line rises above the top, as an accent on a capital does, in pixels."""
        return self.size * max(0.0, -self.lines[0].ink.top - rise(self.style)) if self.lines else 0.0

    @property
    def under(self) -> float:
        """How far the last line reaches below its baseline, in pixels."""
        return self.size * max(0.0, self.lines[-1].ink.bottom) if self.lines else 0.0

    def fills(self, width: float) -> float:
        """How well its lines use `width` px: 1 when they take all of it, less where white is left beside them."""
        return math.sqrt(sum(line.width for line in self.lines) / len(self.lines) * self.size / width)

    def set(
        self, left: float, right: float, top: float, ink: Ink, role: str, *, rtl: bool = False, hang: bool = True
    ) -> list[Letters]:
        """The block's marks between two edges: its ink, not the white beside it, stands on the edge where it starts.

        An opening sign hangs beyond it, unless something stands there.
        """
        marks = []
        baseline = top + rise(self.style) * self.size
        for line in self.lines:
            hangs = _hang(line, self.style) if hang else 0.0
            x = right - (line.ink.right - hangs) * self.size if rtl else left - (line.ink.left + hangs) * self.size
            marks.append(Letters(line, self.size, x, baseline, ink, role))
            baseline += self.size * self.leading
        return marks


@lru_cache(maxsize=1024)
def _hang(line: Line, style: Style) -> float:
    """How far an opening sign hangs out of the margin, in em."""
    if line.rtl or not line.text or line.text[0] not in OPENING:
        return 0.0
    return shape(line.text[0], style).width * 0.86


@lru_cache(maxsize=512)
def block(
    text: str, style: Style, lang: str, size: float, width: float, leading: float, most: int = 99
) -> Block | None:
    """The text at a size, on the fewest lines of even length within `width` px; None on more than `most` lines."""
    measure = wrapping.measuring(style, lang)
    count = wrapping.fewest(text, width / size, measure)
    if count is None or count > most:
        return None
    lines = wrapping.balance(text, count, width / size, measure)
    if lines is None:
        return None
    shaped = tuple(shape(line, style, lang) for line in lines)
    return Block(shaped, style, size, max(leading, _clear(shaped)))


def _clear(lines: tuple[Line, ...]) -> float:
    """The least leading at which the ink of no line touches the next: accents on capitals, scripts with tall marks."""
    return max((one.ink.bottom - two.ink.top + APART for one, two in pairwise(lines)), default=0.0)


def fitted(
    text: str, style: Style, lang: str, sizes: tuple[float, float], room: tuple[float, float], leading: float
) -> Block | None:
    """The text as large as it fits `room` (width, height in px), or a little less where its lines are then even.

    Its size is between the least and the most of `sizes`; None when it does not fit.
    """
    for _ in range(3):  # lines that would touch are set again, further apart
        found = wrapping.fit(text, style, lang, *room, *sizes, leading) if room[1] > 0 else None
        if found is None:
            return None
        lines = tuple(shape(line, style, lang) for line in found.lines)
        if (clear := _clear(lines)) <= leading:
            return Block(lines, style, found.size, leading)
        leading = clear
    return None


def inked(
    text: str, style: Style, lang: str, sizes: tuple[float, float], room: tuple[float, float], leading: float
) -> Block | None:
    """As `fitted`, with the ink above the capitals and below the last baseline within the room as well."""
    found = fitted(text, style, lang, sizes, room, leading)
    if found and found.over + found.height + found.under > room[1]:
        return fitted(text, style, lang, sizes, (room[0], room[1] - found.over - found.under), leading)
    return found


def settled(stage: Box, tall: float, ink: tuple[float, float], part: float) -> float:
    """The top of what is `tall` px, with `part` of the space above it and its `ink` over and under on the stage."""
    spare = stage.height - tall
    return stage.top + min(max(spare * part, ink[0]), spare - ink[1])


def ladder(least: float, most: float, count: int = STEPS) -> list[float]:
    """Sizes to try from the most down to the least, in whole pixels, so that glyphs once drawn serve again."""
    steps = (int(most - (most - least) * step / count) for step in range(count))
    return [*(float(size) for size in steps if size > least), least]


def one_line(text: str, style: Style, lang: str, size: float, width: float) -> Block | None:
    """The text on one line at `size`, or smaller down to four fifths of it; None if it is wider still."""
    line = shape(text, style, lang)
    fits = min(size, width / max(line.width, 0.01))
    return Block((line,), style, fits, 1.0) if fits >= 0.8 * size else None


def shown(text: str) -> str:
    """A text as an error quotes it: long enough to be found again."""
    return f"“{text}”" if len(text) <= QUOTED else f"“{text[: QUOTED - 1].rstrip()}…”"


def excess(text: str, fits: int) -> str:
    """By how much a text is too long, where its first `fits` characters would have room."""
    return f"about {max(1, len(text) - fits)} of its {len(text)} characters too long"


def overlong(text: str, fits: Callable[[str], bool]) -> str:
    """By how much a text is too long: words are taken off its end until it `fits`."""
    pieces = text.split()
    first = [" ".join(pieces[:count]) for count in range(1, len(pieces))]
    kept = bisect.bisect_left(first, x=True, key=lambda part: not fits(part))
    return excess(text, len(first[kept - 1]) if kept else 0)


def together(texts: Sequence[str], fits: Callable[[list[str]], bool]) -> str:
    """By how much texts are too long together: each loses the same part of its words until all `fits`."""
    pieces, whole = [text.split() for text in texts], sum(len(text) for text in texts)
    total = max(1, *(len(words) for words in pieces)) * 4

    def part(kept: int) -> list[str]:
        return [" ".join(words[: max(1, len(words) * kept // total)]) for words in pieces]

    kept = bisect.bisect_left(range(1, total), x=True, key=lambda step: not fits(part(step)))
    return f"about {max(1, whole - sum(len(text) for text in part(kept)))} of their {whole} characters too long"
