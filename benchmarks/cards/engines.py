"""The engines as long-lived processes that answer the protocol, and what they use of the machine (Linux)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.cards.drafts import HERE, PEERS

WORKERS = HERE / "workers"
PEER_PYTHON = str(PEERS / "venv" / "bin" / "python")
OURS, REFERENCE, CHROMIUM = "ours", "takumi", "Chromium"


def _python(name: str, *options: str, program: str = PEER_PYTHON) -> tuple[str, ...]:
    return (program, "-m", f"benchmarks.cards.workers.{name}", *options)


def _node(name: str, *options: str) -> tuple[str, ...]:
    return ("node", str(WORKERS / f"{name}.mjs"), *options)


ENGINES = {
    OURS: _python("ours", program=sys.executable),
    REFERENCE: _node("takumi"),
    "takumi, ground kept": _node("takumi", "--ground"),
    "skia-python": _python("skia_python"),
    "skia-python, ground kept": _python("skia_python", "--ground"),
    "satori + resvg": _node("satori"),
    CHROMIUM: _python("chromium"),
}


class Worker:
    """One engine's process."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._process = subprocess.Popen(
            ENGINES[engine],
            cwd=HERE.parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, op: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  what goes into JSON
        """Its answer. Raises EOFError when it has ended."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"op": op, **more}) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EOFError(f"{self.engine} ended: {' '.join(ENGINES[self.engine])}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def cpu_ms(self) -> float:
        """CPU time so far, of all its threads and child processes."""
        total = 0
        for process in self._family():
            for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
                with suppress(OSError):
                    total += int(thread.read_text().split()[0])
        return total / 1e6

    def peak_mib(self) -> float:
        """The most memory that it had; of child processes what they have now, shared pages counted in parts."""
        first, *children = self._family()
        return peak_mib(first.pid) + sum(_share_mib(child.pid) for child in children)

    def close(self) -> None:
        """Let it end by itself, or end it."""
        try:
            self._process.communicate('{"op": "quit"}\n', timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _family(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]


def peak_mib(pid: int | str = "self") -> float:
    """The most resident memory that a process ever had."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def _share_mib(pid: int) -> float:
    with suppress(OSError):  # it has ended meanwhile
        return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024
    return 0.0


def _kilobytes(file: Path, key: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(key))


def cold_ms(engine: str, draft: int) -> float:
    """From the start of a process to its first PNG."""
    began = time.perf_counter()
    worker = Worker(engine)
    worker.ask("png", ids=[draft])
    took = (time.perf_counter() - began) * 1000
    worker.close()
    return took


def versions() -> dict[str, str]:
    """Of the peers, as installed."""
    found = {}
    for name in ("@takumi-rs/core", "satori", "@resvg/resvg-js", "sharp"):
        with suppress(OSError):
            found[name] = json.loads((PEERS / "node_modules" / name / "package.json").read_text())["version"]
    for name in ("skia_python", "playwright"):
        for folder in (PEERS / "venv").glob(f"lib/*/site-packages/{name}-*.dist-info"):
            found[name] = folder.name.split("-")[1].removesuffix(".dist")
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    for name, command in (("node", ["node", "--version"]), ("chromium", [program, "--version"])):
        with suppress(OSError):
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
            found[name] = next((word for word in said if any(map(str.isdigit, word))), "")
    return found
