"""Commands from cold, beside `python -c 'import click'`, in alternation; the log has a million rows."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks import ours
from benchmarks.common import copy_of_project, median, out, scratch

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int)
    parser.add_argument("--again", type=int, default=15)
    args = parser.parse_args()
    python = sys.executable
    commands = {
        "import click": [python, "-c", "import click"],
        "campaign --help": [python, "-m", "scheduler", "--help"],
        "campaign log": [python, "-m", "scheduler", "log"],
        "import sqlalchemy": [python, "-c", "import sqlalchemy"],
    }
    with scratch() as root:
        copy_of_project(root)
        app = ours.project(root, 8, "sqlite:///var/campaign.db")
        ours.log_only(app, args.rows)
        app.close()
        took: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(args.again + 1):  # the first fills the caches
            for name, command in commands.items():
                took[name].append(_run(command, root))
    ms = {name: round(median(values[1:]) * 1000, 1) for name, values in took.items()}
    out(ms=ms, ratio={name: round(value / ms["import click"], 2) for name, value in ms.items()})


def _run(command: list[str], root: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr.decode()}")
    return took


if __name__ == "__main__":
    main()
