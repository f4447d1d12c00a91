"""Opening the database: the engine, its journal, its schema, and its errors in plain words."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from scheduler.errors import StoreBusy, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Connection, Engine

HEAD = "0002"  # the newest step in migrations/versions
BUSY_MS = 30_000


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug (https://sqlite.org/wal.html#walresetbug)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def journal_mode() -> str:
    """WAL where it is safe, else a rollback journal; both lose nothing at a power cut with synchronous=FULL."""
    return "wal" if wal_is_safe(sqlite3.sqlite_version_info[:3]) else "truncate"


def resolve(url: str, root: Path) -> URL:
    """The database's URL, a relative SQLite path taken from the project's folder. Raises StoreError."""
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError(
            'The store.url in config.toml is not a database URL. Write it as "sqlite:///var/campaign.db".'
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(database=str(root / str(parsed.database)))
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def connect(url: URL, *, journal: str | None = None, busy_ms: int = BUSY_MS) -> Engine:
    """An engine whose every connection is durable: what is committed survives a power cut."""
    if url.get_backend_name() != "sqlite":
        try:
            return sa.create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                "PostgreSQL needs its driver. Install it with: pip install 'campaign-scheduler[postgres]'."
            ) from error
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": busy_ms / 1000})
    mode = journal or journal_mode()

    @sa.event.listens_for(engine, "connect")
    def _durable(raw: Any, _record: object) -> None:  # noqa: ANN401
        raw.isolation_level = None  # we begin by ourselves: see _begin
        raw.execute(f"PRAGMA busy_timeout={busy_ms}")
        if raw.execute("PRAGMA journal_mode").fetchone()[0] != mode:
            raw.execute(f"PRAGMA journal_mode={mode}")
        raw.execute(f"PRAGMA synchronous={'OFF' if mode == 'memory' else 'FULL'}")  # memory: scratch, need not last
        raw.execute("PRAGMA foreign_keys=ON")
        if sys.platform == "darwin":
            raw.execute("PRAGMA fullfsync=1")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads first gets SQLITE_BUSY at once when it then writes.
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    return engine


def identity(url: URL) -> tuple[int, int] | None:
    """Which file the database is, so that another one in its place is noticed. None where it is no file."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    try:
        found = Path(str(url.database)).stat()
    except FileNotFoundError:
        return (0, 0)
    return found.st_dev, found.st_ino


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours, in plain words."""
    try:
        yield
    except DBAPIError as error:
        raise _ours(error) from error
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The database could not be used: {error}.", detail=repr(error)) from error


SAID = (  # what the driver says → what we say, and as which error
    (
        ("locked", "busy", "deadlock", "could not serialize"),
        StoreBusy,
        (
            "The database is locked by another program, and stayed so. Nothing was changed; try again, "
            "or close the program that has it open."
        ),
    ),
    (("full", "No space"), StoreError, "The disk is full: the database could not be written. Nothing was changed."),
    (
        ("unable to open",),
        StoreError,
        "The database could not be opened. Check that its folder exists and may be written.",
    ),
    (
        ("readonly",),
        StoreError,
        "The database may only be read. Check the rights of the file and its folder.",
    ),
    (
        ("not a database", "malformed"),
        StoreError,
        "The database file is damaged. Stop the daemon and restore a backup: campaign restore FILE.",
    ),
    (
        ("onnection", "server closed"),
        StoreError,
        "The database server could not be reached. Nothing was changed.",
    ),
)


def _ours(error: DBAPIError) -> StoreError:
    said = str(error.orig)
    for words, kind, sentence in SAID:
        if any(word in said for word in words):
            return kind(sentence, detail=said)
    return StoreError(f"The database refused: {said}.", detail=said)


def migrate(engine: Engine) -> None:
    """Bring the schema forward to HEAD. Does nothing, and imports nothing, when it is there already."""
    with engine.connect().execution_options(reads=True) as connection:
        if _version(connection) == HEAD:
            return
    from alembic import command  # noqa: PLC0415  600 ms to import, needed once
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(20270101)"))
        found = _version(connection)
        if found and found > HEAD:
            raise StoreError(
                f"The database was made by a newer version of this program (schema {found}, this one knows {HEAD}). "
                "Update the program."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")
