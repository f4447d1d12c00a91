"""Run the card benchmarks: python -m benchmarks.cards [cell…] [--rounds 11] [--cards 6] [--only a,b] [--quick].

Engines take turns in rounds, every other round in reverse, with other drafts each time and the same for all. What is
printed and kept in benchmarks/results/ are medians over the rounds; a ratio is the median of the rounds' own ratios
to Takumi: how many times as fast. The peers are set up by `python -m benchmarks.cards.setup`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from benchmarks.cards import looking
from benchmarks.cards.drafts import HERE, PEERS
from benchmarks.cards.engines import CHROMIUM, ENGINES, REFERENCE, Worker, cold_ms, versions
from benchmarks.cards.tables import keep, machine, progress, table
from benchmarks.common import median

OPS = ("raster", "png", "jpeg")
WARM_UP = {"raster": 8, "png": 4, "jpeg": 4}  # cards drawn before anything is measured
LAST = 999  # drafts are used from the first on; for warming up, from the last back


@dataclass(frozen=True)
class Run:
    """What was asked for."""

    rounds: int
    cards: int  # that an engine draws at a turn
    engines: tuple[str, ...]


@dataclass
class Found:
    """One engine's figures for one op, by round."""

    ms: list[float] = field(default_factory=list)  # of the median card
    cpu_ms: list[float] = field(default_factory=list)  # a card
    kilobytes: list[float] = field(default_factory=list)  # of each file


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cards", description=__doc__.partition("\n\n")[2])
    parser.add_argument("cell", nargs="*", help=f"default: all of {', '.join(CELLS)}")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--cards", type=int, default=6, help="that an engine draws at a turn")
    parser.add_argument("--only", default="", help=f"engines, with commas between: {', '.join(ENGINES)}")
    parser.add_argument("--quick", action="store_true", help="two rounds of two cards: do the scripts work?")
    args = parser.parse_args()
    unknown = [c for c in args.cell if c not in CELLS]
    if unknown:
        parser.error(f"there is no cell {', '.join(unknown)}; there are {', '.join(CELLS)}")
    if not (PEERS / "drafts.json").exists():
        parser.error("the peers are not set up: python -m benchmarks.cards.setup")
    engines = tuple(name.strip() for name in args.only.split(",")) if args.only else tuple(ENGINES)
    run = Run(2, 2, engines) if args.quick else Run(args.rounds, args.cards, engines)
    results: dict[str, Any] = {"machine": machine() | versions(), "quick": args.quick, "rounds": run.rounds}
    print(", ".join(f"{key} {value}" for key, value in results["machine"].items()))
    for cell in args.cell or CELLS:
        results[cell] = CELLS[cell](run)
    keep(results, results.get("profile", {}).pop("text", ""))


# Beside the peers.


def _warm(run: Run) -> dict[str, Any]:
    with ExitStack() as stack:
        workers = {}
        for name in run.engines:
            progress(f"starting {name}")
            worker = Worker(name)
            stack.callback(worker.close)
            try:
                for op, count in WARM_UP.items():
                    worker.ask(op, ids=[LAST - number for number in range(count)])
            except (EOFError, OSError) as error:
                print(f"Left out: {error}")
                continue
            workers[name] = worker
        found = _alternate(run, workers)
        peaks = {name: worker.peak_mib() for name, worker in workers.items()}
    rows = [_row(name, found, peaks) for name in workers]
    table("One card, warm. Times as fast as Takumi; a file's time has drawing in it", rows)
    cpu = [_cpu_row(name, found) for name in workers]
    table("CPU ms a card, all threads and child processes, and times as little as Takumi", cpu)
    kept = {name: {op: vars(one) for op, one in ops.items()} for name, ops in found.items()}
    return {"rows": rows, "cpu": cpu, "rounds": kept}


def _alternate(run: Run, workers: dict[str, Worker]) -> dict[str, dict[str, Found]]:
    found = {name: {op: Found() for op in OPS} for name in workers}
    unused = itertools.cycle(range(LAST))
    for number in range(run.rounds):
        order = list(workers) if number % 2 == 0 else list(reversed(workers))
        for op in OPS:
            ids = list(itertools.islice(unused, run.cards))
            for name in order:
                progress(f"round {number + 1} of {run.rounds}: {op}, {name}")
                if op == "raster" and name == CHROMIUM:
                    continue  # cannot be told from its files
                before = workers[name].cpu_ms()
                answer = workers[name].ask(op, ids=ids)
                one = found[name][op]
                one.cpu_ms.append((workers[name].cpu_ms() - before) / len(ids))
                one.ms.append(median(answer["ms"]))
                one.kilobytes.extend(size / 1000 for size in answer["bytes"])
    return found


def _row(name: str, found: dict[str, dict[str, Found]], peaks: dict[str, float]) -> dict[str, Any]:
    row: dict[str, Any] = {"engine": name}
    for op in OPS:
        mine = found[name][op]
        row[f"{op} ms"] = _middle(mine.ms)
        row[f"{op} ×"] = _times(mine.ms, found[REFERENCE][op].ms if REFERENCE in found else [])
    for op in OPS[1:]:
        row[f"{op} kB"] = _middle(found[name][op].kilobytes)
    return row | {"peak MiB": round(peaks[name], 1)}


def _cpu_row(name: str, found: dict[str, dict[str, Found]]) -> dict[str, Any]:
    row: dict[str, Any] = {"engine": name}
    for op in OPS:
        mine = found[name][op]
        row[f"{op} CPU ms"] = _middle(mine.cpu_ms)
        row[f"{op} ×"] = _times(mine.cpu_ms, found[REFERENCE][op].cpu_ms if REFERENCE in found else [])
    return row


def _middle(values: list[float]) -> float | None:
    return round(median(values), 2) if values else None


def _times(mine: list[float], others: list[float]) -> float | None:
    return _middle([other / own for own, other in zip(mine, others, strict=True)]) if mine and others else None


def _cold(run: Run) -> dict[str, Any]:
    took: dict[str, list[float]] = {name: [] for name in run.engines}
    for number in range(run.rounds + 1):  # the first fills the disk's caches
        order = list(took) if number % 2 == 0 else list(reversed(took))
        for name in order:
            progress(f"cold, round {number}: {name}")
            try:
                took[name].append(cold_ms(name, number))
            except EOFError as error:
                print(f"Left out: {error}")
                del took[name]
    kept = {name: values[1:] for name, values in took.items()}
    rows = [
        {"engine": name, "cold ms": _middle(values), "cold ×": _times(values, kept.get(REFERENCE, []))}
        for name, values in kept.items()
    ]
    table("From the start of a process to its first PNG", rows)
    return {"rows": rows, "rounds": kept}


def _look(run: Run) -> dict[str, Any]:
    rows = looking.compare(run.engines)
    table(f"The same card by each engine, to look at: {looking.PICTURES / looking.SHEET}", rows)
    return {"rows": rows}


# Ours alone.


def _own(*arguments: object) -> dict[str, Any]:
    """One measuring script in its own process; what it found."""
    command = [sys.executable, "-m", "benchmarks.cards.own", *map(str, arguments)]
    progress(" ".join(command[2:]))
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _month(run: Run) -> dict[str, Any]:
    rounds = min(3, run.rounds)
    found: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for number in range(rounds):
        for workers in (1, 2) if number % 2 == 0 else (2, 1):
            found[workers].append(_own("month", "--workers", workers))
    rows = [
        {"workers": workers, **{key: _middle([one[key] for one in runs]) for key in runs[0]}}
        for workers, runs in found.items()
    ]
    table("January: each card in five sizes, drawn and kept", rows)
    return {"rows": rows, "rounds": found}


def _sizes(run: Run) -> dict[str, Any]:
    rows = []
    for file_format in ("png", "jpeg"):
        runs = [_own("sizes", "--format", file_format) for _ in range(min(3, run.rounds))]
        for name in runs[0]:
            medians = {key: _middle([one[name][key] for one in runs]) for key in runs[0][name]}
            rows.append({"format": file_format, "size": name} | medians)
    table("Each size of one post, picture and file, in one process", rows)
    return {"rows": rows}


def _layouts(_run: Run) -> dict[str, Any]:
    rows = [
        {"layout": name, "format": file_format, **values}
        for file_format in ("png", "jpeg")
        for name, values in _own("layouts", "--format", file_format).items()
    ]
    table("By layout, ms a card; every file decodes to what Pillow's own decodes to", rows)
    return {"rows": rows}


def _profile(_run: Run) -> dict[str, Any]:
    found = _own("profile")
    print(found["text"])
    return found


CELLS = {
    "warm": _warm,
    "cold": _cold,
    "look": _look,
    "month": _month,
    "sizes": _sizes,
    "layouts": _layouts,
    "profile": _profile,
}


if __name__ == "__main__":
    main()
