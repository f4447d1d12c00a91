"""What every measuring script needs: a folder on the disk to be measured, CPU and memory, one line of JSON."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import statistics
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards, on the disk that BENCH_DIR names (default: the system's)."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-bench-", dir=os.environ.get("BENCH_DIR")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_of_project(root: Path) -> None:
    """This repository's own campaign in `root`, without any card drawn or queue begun."""
    source = HERE.parent
    shutil.copy(source / "config.toml", root)
    shutil.copytree(source / "posts", root / "posts")
    (root / "images").mkdir()
    for artwork in (source / "images").iterdir():
        if artwork.is_file():
            shutil.copy(artwork, root / "images")


def postgres_url() -> str:
    """The server that the runner started: a database URL that ends in /postgres?host=…"""
    return os.environ["BENCH_PG"]


def fresh_database() -> str:
    """An empty database on that server."""
    import uuid  # noqa: PLC0415

    import psycopg  # noqa: PLC0415

    name = f"b{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_url().replace("/postgres?", f"/{name}?")


def flushes() -> int | None:
    """fsync and fdatasync calls of this process so far; None without flush.so."""
    if "flush" not in os.environ.get("LD_PRELOAD", ""):
        return None
    count = ctypes.CDLL(None).flush_count
    count.restype = ctypes.c_long
    return int(count())


def server_cpu() -> float:
    """CPU seconds of the PostgreSQL server so far, the processes that it has ended included."""
    if "BENCH_PG_PID" not in os.environ:
        return 0.0
    server = psutil.Process(int(os.environ["BENCH_PG_PID"]))
    own = server.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return float(total)


class Meter:
    """Wall time, CPU time (with `server`, PostgreSQL's too) and flushes between its making and `stop`."""

    def __init__(self, *, server: bool = False) -> None:
        self._flushes = flushes() or 0
        self._server = server
        self._server_cpu = server_cpu() if server else 0.0
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def stop(self, deliveries: int) -> dict[str, Any]:
        """The figures, by delivery."""
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        if self._server:
            cpu += server_cpu() - self._server_cpu
        found: dict[str, Any] = {
            "deliveries": deliveries,
            "wall_s": round(wall, 3),
            "per_s": round(deliveries / wall, 1),
            "cpu_us": round(cpu / max(1, deliveries) * 1e6, 1),
        }
        now = flushes()
        if now is not None and not self._server:
            found["flushes"] = round((now - self._flushes) / max(1, deliveries), 4)
        return found


def rss_mib(process: psutil.Process | None = None) -> float:
    """Resident memory, MiB."""
    return float((process or psutil.Process()).memory_info().rss) / 2**20


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` per cent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(part / 100 * (len(ordered) - 1))))]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return float(statistics.median(values))


def out(**found: object) -> None:
    """One line of JSON: what the runner reads."""
    print(json.dumps(found), flush=True)
