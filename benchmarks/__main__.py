"""Run the benchmarks: python -m benchmarks [cell…] [--rounds 3] [--quick] [--flush-ms 2].

Contenders take turns in rounds, every other round in reverse, so that what else the machine does
falls on all of them. What is printed and kept in benchmarks/results/ are medians over the rounds;
a ratio is the median of the rounds' own ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import HERE, median
from scheduler.store.database import journal_mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELLS = ("at-once", "lateness", "growth", "idle", "cold", "rehearsal")
OURS, OURS_WAL, OURS_POSTGRES = "ours", "ours, WAL", "ours, PostgreSQL"
AIMS = {  # ours ÷ it
    "bare commits, WAL FULL": 2,
    "APScheduler's store": 40,
    "APScheduler's store, WAL FULL": None,
    "huey": None,
    "procrastinate": 30,
}
PACKAGES = ("sqlalchemy", "apscheduler", "huey", "procrastinate", "psycopg", "pgserver")


@dataclass(frozen=True)
class Run:
    """What was asked for."""

    rounds: int
    quick: bool
    environment: dict[str, str]

    def script(self, name: str, *arguments: object) -> dict[str, Any]:
        """One measuring script in its own process; what it found."""
        command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=HERE.parent, env=self.environment, capture_output=True, text=True, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(lines[-1])
        return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n\n")[2])
    parser.add_argument("cell", nargs="*", help=f"default: all of {', '.join(CELLS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="smaller numbers, one round: do the scripts work?")
    parser.add_argument("--flush-ms", type=float, default=0, help="make each flush of SQLite's disk take longer")
    args = parser.parse_args()
    unknown = [c for c in args.cell if c not in CELLS]
    if unknown:
        parser.error(f"there is no cell {', '.join(unknown)}; there are {', '.join(CELLS)}")
    wanted = args.cell or CELLS
    with ExitStack() as stack:
        environment = dict(os.environ)
        counted = stack.enter_context(_flushes_counted())
        if counted:
            environment |= {"LD_PRELOAD": counted, "FLUSH_US": str(round(args.flush_ms * 1000))}
        elif args.flush_ms:
            parser.error("--flush-ms needs Linux and a C compiler")
        if "at-once" in wanted and not args.flush_ms:
            environment |= stack.enter_context(_postgres())
        run = Run(1 if args.quick else args.rounds, args.quick, environment)
        results = {"machine": _machine(), "flush_ms": args.flush_ms, "quick": args.quick, "rounds": run.rounds}
        _print_machine(results["machine"])
        for cell in wanted:
            results[cell] = MEASURES[cell](run)
    _keep(results)


# Due at once.


def _at_once(run: Run) -> dict[str, Any]:
    many, few = (2000, 500) if run.quick else (10_000, 2000)
    contenders: dict[str, tuple[object, ...]] = {
        OURS: ("at_once", many),
        OURS_WAL: ("at_once", many, "--journal", "wal"),
        "bare commits, WAL FULL": ("bare", 1 if run.quick else 3),
        "APScheduler's store": ("peer_apscheduler", many, "--limit", 40),
        "APScheduler's store, WAL FULL": ("peer_apscheduler", many, "--wal", "--limit", 40),
        "huey": ("peer_huey", many, "--limit", 40),
    }
    if "BENCH_PG" in run.environment:
        contenders[OURS_POSTGRES] = ("at_once", many, "--postgres")
        contenders["procrastinate"] = ("peer_procrastinate", few)
    found = _alternate(run, contenders)
    rows = [{"what": name, **_medians(one), **_ratios(name, found)} for name, one in found.items()]
    columns = ("what", "per_s", "cpu_us", "commits", "flushes", "late_p99_ms", "rss_mib", "ours ÷", "WAL ÷", "aim")
    _table(f"{many:,} due at once (on this SQLite ours chooses {journal_mode()})", columns, rows)
    return {"rows": rows, "rounds": found}


def _alternate(run: Run, contenders: dict[str, tuple[object, ...]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    for number in range(run.rounds):
        order = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for name in order:
            script, *arguments = contenders[name]
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number + 1} of {run.rounds}: {name}", end="", file=sys.stderr, flush=True)
            found[name].append(run.script(str(script), *arguments))
    return found


def _ratios(name: str, found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """How many times as fast ours is, as it is and in WAL; the median of the rounds."""
    if name not in AIMS:
        return {}

    def times(ours: str) -> float:
        pairs = zip(found[ours], found[name], strict=True)
        return round(median([one["per_s"] / other["per_s"] for one, other in pairs]), 1)

    aim = f"≥ {AIMS[name]}" if AIMS[name] else None
    if name == "procrastinate":
        return {"ours ÷": times(OURS_POSTGRES), "aim": aim}
    return {"ours ÷": times(OURS), "WAL ÷": times(OURS_WAL), "aim": aim}


# The other cells.


def _lateness(run: Run) -> dict[str, Any]:
    contenders: dict[str, tuple[object, ...]] = {
        "1 a second": ("lateness", 1, "--seconds", 5 if run.quick else 30),
        "100 in one second": ("lateness", 100),
        "1,000 in one second": ("lateness", 1000),
    }
    found = _alternate(run, contenders)
    aims = {"1 a second": 50, "100 in one second": 100, "1,000 in one second": 500}
    rows = [{"what": name, **_medians(one), "aim": f"p99 < {aims[name]} ms"} for name, one in found.items()]
    _table("Lateness, due → publish call", ("what", "late_p50_ms", "late_p99_ms", "late_most_ms", "aim"), rows)
    return {"rows": rows, "rounds": found}


def _growth(run: Run) -> dict[str, Any]:
    sizes = (1000, 100_000) if run.quick else (1000, 100_000, 1_000_000)
    found = [run.script("growth", *sizes)["cpu_us"] for _ in range(run.rounds)]
    rows = []
    for what in ("claim", "next_instant", "work"):
        row: dict[str, Any] = {"what": what}
        for size in sizes:
            row[f"{size:,}"] = median([one[str(size)][what] for one in found])
        row["most ÷ least"] = round(median([one[str(sizes[-1])][what] / one[str(sizes[0])][what] for one in found]), 2)
        rows.append({**row, "aim": "≤ 1.5" if what == "claim" else None})
    _table("CPU µs, by published history", tuple(rows[0]), rows)
    return {"rows": rows, "rounds": found}


def _idle(run: Run) -> dict[str, Any]:
    found = run.script("idle", 30 if run.quick else 90)
    _table("Idle daemon, January queued", tuple(found), [found])
    print("Aims: under 0.2 % of a core, under 90 MB (86 MiB).")
    return found


def _cold(run: Run) -> dict[str, Any]:
    found = run.script("cold", 10_000 if run.quick else 1_000_000)
    rows = [{"what": name, "ms": ms, "ratio": found["ratio"][name]} for name, ms in found["ms"].items()]
    _table("From cold; aim: campaign under 3 × import click", ("what", "ms", "ratio"), rows)
    return found


def _rehearsal(run: Run) -> dict[str, Any]:
    found = run.script("rehearsal")
    _table("The rehearsal of January, seconds; aim: under 30", tuple(found), [found])
    return found


MEASURES = {
    "at-once": _at_once,
    "lateness": _lateness,
    "growth": _growth,
    "idle": _idle,
    "cold": _cold,
    "rehearsal": _rehearsal,
}


# The ground.


@contextmanager
def _flushes_counted() -> Iterator[str | None]:
    """The library that counts flushes, built; None where it cannot be."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "flush.so"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", made, HERE / "flush.c", "-ldl"], check=True)
        yield str(made)


@contextmanager
def _postgres() -> Iterator[dict[str, str]]:
    """The environment that names a PostgreSQL of this run; none, loudly, where it cannot be had."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-bench-pg-", dir=os.environ.get("BENCH_DIR")))
    try:
        with warnings.catch_warnings(action="ignore"):
            from pgserver.postgres_server import get_server  # noqa: PLC0415

            server = get_server(folder)
    except Exception as error:  # noqa: BLE001  no wheel for this system, or it will not start
        print(f"PostgreSQL could not be started; its contenders are left out: {error!r}")
        yield {}
        return
    try:
        pid = (folder / "postmaster.pid").read_text().splitlines()[0]
        yield {"BENCH_PG": str(server.get_uri()), "BENCH_PG_PID": pid}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _machine() -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in PACKAGES if _installed(name)}
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **versions,
    }


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _print_machine(machine: dict[str, Any]) -> None:
    print(", ".join(f"{key} {value}" for key, value in machine.items()))


def _medians(found: Sequence[dict[str, Any]]) -> dict[str, float]:
    return {key: round(median([one[key] for one in found]), 4) for key in found[0]}


def _table(title: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """A table that reads in a terminal and is Markdown."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(c) for c in column) for column in zip(columns, *cells, strict=True)]
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(f"\n{title}\n")
    for line in (list(columns), ["-" * width for width in widths], *cells):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |")
    sys.stdout.flush()


def _cell(value: object) -> str:
    if isinstance(value, float) and value >= 100:
        return f"{value:,.0f}"
    return "" if value is None else str(value)


def _keep(results: dict[str, Any]) -> None:
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    kept = folder / f"{datetime.now(UTC):%Y-%m-%d-%H%M}{'-quick' if results['quick'] else ''}.json"
    kept.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\nKept in {kept.relative_to(HERE.parent)}.")


if __name__ == "__main__":
    main()
