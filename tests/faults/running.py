"""A daemon in a process of its own, and waiting for what it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

HERE = Path(__file__).parent
REPO = HERE.parents[1]
QUICK = {"scheduler.daemon.BEAT": 0.2, "scheduler.daemon.INTAKE": 0.3}  # seconds; so that tests need not wait
DEADLINE = 30.0  # seconds


def wait_for(what: str, true: Callable[[], object], *, within: float = DEADLINE) -> None:
    """Wait until something is true; fail, with its name, when it does not become so."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come within {within:.0f} s: {what}")
        time.sleep(0.02)


class Running:
    """A daemon that runs on the project at `root`."""

    def __init__(self, root: Path, *, env: dict[str, str] | None = None, **job: Any) -> None:  # noqa: ANN401
        self.out = root.parent / f"{root.name}.said"
        job = {"root": str(root), "once": False, "set": QUICK, **job}
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.victim", json.dumps(job)],
                cwd=REPO,
                env={**os.environ, **(env or {})},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.out.read_text(encoding="utf-8")

    def says(self, text: str, *, times: int = 1, within: float = DEADLINE) -> None:
        """Wait until it has printed that."""
        end = time.monotonic() + within
        while self.said.count(text) < times:
            if time.monotonic() > end or (self.process.poll() is not None and self.said.count(text) < times):
                raise AssertionError(f"it never said “{text}”, but:\n{self.said}")
            time.sleep(0.02)

    def started(self) -> Self:
        """Wait until it serves."""
        self.says("The daemon started.")
        return self

    def send(self, number: signal.Signals) -> None:
        """A signal."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait until it ended; its exit code."""
        return self.process.wait(DEADLINE)


def door(root: Path, name: str, *posts: str) -> str:
    """Do something as a person, in a process of its own; what it printed."""
    job = json.dumps({"root": str(root), "door": name, "posts": posts})
    command = [sys.executable, "-m", "tests.faults.victim", job]
    return subprocess.run(command, cwd=REPO, check=True, capture_output=True, text=True).stdout


def shim(source: str, folder: Path) -> str:
    """A library for LD_PRELOAD, built from a file here; skips where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler or not sys.platform.startswith("linux"):
        pytest.skip(f"THIS FAULT IS NOT TRIED HERE: {source} needs Linux and a C compiler (gcc)")
    built = folder / f"{source}.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(built), str(HERE / source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return str(built)
