"""The rehearsal of January: wall time with no card drawn yet, and again with all of them there."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.common import copy_of_project, out, scratch

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    with scratch() as root:
        copy_of_project(root)
        out(cold_s=_rehearse(root), warm_s=_rehearse(root))


def _rehearse(root: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "scheduler", "rehearse"], cwd=root, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"rehearse ended with {done.returncode}: {done.stdout.decode()[-400:]}{done.stderr.decode()}")
    return round(took, 2)


if __name__ == "__main__":
    main()
