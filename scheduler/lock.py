"""One daemon a database: a lock that the kernel frees when its holder dies, however it dies."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from scheduler.errors import LockHeld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` for as long as the block runs. Raises LockHeld with the holder's number."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  40 ms to import; only the daemon needs it

    path.parent.mkdir(parents=True, exist_ok=True)
    holder = path.with_suffix(".pid")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LockHeld(
            f"Another daemon runs on this database{_told(holder)}. "
            "Stop that one first; two would get in each other's way."
        ) from error
    try:
        with suppress(OSError):  # a full disk; the lock holds without a name
            holder.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _told(holder: Path) -> str:
    try:
        return f" (process {int(holder.read_text(encoding='ascii'))})"
    except (OSError, ValueError):
        return ""
