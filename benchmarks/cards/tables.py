"""Tables that read in a terminal and are Markdown, and the file that keeps a run."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = Path(__file__).parents[1] / "results"


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: version(name) for name in ("pillow", "uharfbuzz", "isal")},
    }


def table(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print rows under the names of the first one's values."""
    columns = list(rows[0])
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    progress()
    print(f"\n{title}\n")
    for line in (columns, ["-" * width for width in widths], *cells):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |")
    sys.stdout.flush()


def progress(text: str = "") -> None:
    """One line that says what runs, on a terminal only; empty: wiped."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def keep(results: dict[str, Any], profile: str = "") -> None:
    """Write the run, and the profile beside it, to benchmarks/results."""
    name = f"{datetime.now(UTC):%Y-%m-%d-%H%M}-cards{'-quick' if results['quick'] else ''}"
    RESULTS.mkdir(exist_ok=True)
    for suffix, text in ((".json", json.dumps(results, indent=1)), ("-profile.txt", profile.strip())):
        if text:
            (RESULTS / f"{name}{suffix}").write_text(text + "\n", encoding="utf-8")
    print(f"\nKept as benchmarks/results/{name}.")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    return "" if value is None else str(value)
