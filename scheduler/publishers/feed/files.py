"""Files that are whole or not there, and that outlive a power cut once they are."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, packed: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, packed: bytes, *, aside: Path) -> None:
    """Put a new file in an old one's place: a reader sees the one or the other, never a part.

    It is written in the folder `aside` first, which must be on the same disk.
    """
    aside.mkdir(parents=True, exist_ok=True)
    new = beside(aside / path.name)
    try:
        write(new, packed)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    settle(path.parent)


def settle(folder: Path) -> None:
    """Wait until the disk has the names in a folder. Where a system cannot, its file system sees to it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def beside(path: Path) -> Path:
    """A name next to `path` that no other process or thread uses."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
