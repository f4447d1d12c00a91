"""A consistent copy of a SQLite database while it is written to, and putting one back.

Source: https://sqlite.org/backup.html. The copy is made aside, checked, and then renamed: at its name there is the
whole copy or nothing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.errors import Refused, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY = 30.0  # seconds to wait for a writer
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps next to a database


def copy(source: Path, target: Path, *, force: bool = False) -> None:
    """Copy the database at `source` to `target`. Raises Refused and StoreError; then `target` is as it was."""
    if not source.is_file():
        raise Refused(f"There is no database at {source.name} yet; nothing to copy.")
    if target.exists() and (not force or target.samefile(source)):
        raise Refused(f"{target} exists already. Name another file, or write --force.")
    if not target.parent.is_dir():
        raise Refused(f"There is no folder {target.parent}. Make it first.")
    aside = target.with_name(f".{target.name}.new")
    with _explained(target):
        try:
            _copied(source, aside)
            checked(aside)
            _settle(aside)
            aside.replace(target)
            _settle(target.parent)
        finally:
            aside.unlink(missing_ok=True)


def _copied(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as present,
        closing(sqlite3.connect(target)) as fresh,
    ):
        present.backup(fresh)
        fresh.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the database uses


def checked(path: Path) -> None:
    """Raise StoreError unless the file is a whole database of this program."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path.name} is not a whole database: {error}.", detail=repr(error)) from error
    if found != "ok":
        raise StoreError(f"{path.name} is damaged: {found}.", detail=str(found))
    if not {"deliveries", "log", "alembic_version"} <= tables:
        raise StoreError(f"{path.name} is a database, but not one of this program.")


def put_back(fresh: Path, database: Path, aside: Path) -> None:
    """Let `fresh` take the place of `database`, which is kept as `aside`. No daemon may run."""
    with _explained(database):
        if database.exists():
            _close_down(database)
            for ending in BESIDE:  # of a database that could not be closed down: they would spoil the new one
                beside = Path(f"{database}{ending}")
                if beside.exists() and beside.stat().st_size:
                    beside.rename(f"{aside}{ending}")
                beside.unlink(missing_ok=True)
            _kept(database, aside)
        _settle(fresh)
        fresh.replace(database)
        _settle(database.parent)


def _kept(path: Path, aside: Path) -> None:
    """The same file under a second name; a copy where the file system has no such names."""
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)


def _close_down(path: Path) -> None:
    """Bring all that was written into the one file. One that is damaged is left as it is."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Refused("Another program has the database open. Close it first.") from error
    except sqlite3.DatabaseError:
        return


def _settle(path: Path) -> None:
    """Make the file, or the names in a folder, survive a power cut."""
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"The copy could not be made: {error}.", detail=repr(error)) from error
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error.strerror or error}.", detail=repr(error)) from error
