"""Which of two numbers was probably meant: digits that were mistyped, or the same ones in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.numerals import SERVICE

if TYPE_CHECKING:
    from decimal import Decimal


def mistyped(written: str, right: str) -> bool:
    """One to three digits off; fewer in a short code, and never one service number for another."""
    allowed = 3 if len(right) > 6 else 2 if len(right) > 3 else 1  # noqa: PLR2004 - lengths of numbers
    return written not in SERVICE and 0 < distance(written, right) <= allowed


def distance(a: str, b: str) -> int:
    """How many digits must be changed, added or left out (Levenshtein); two that changed places count as one."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def plain(value: Decimal) -> str:
    """The digits that count: 27.6 million and 27,600 have the same."""
    return format(value.normalize(), "f").replace(".", "").strip("0")
