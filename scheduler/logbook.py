"""The log, read with nothing but the standard library, so that `campaign log` is instant on a million rows.

SQLite is read directly, beside whatever writes to it. PostgreSQL gets the same SQL through the store's connection.
It stands apart from `store`, whose import brings SQLAlchemy.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from scheduler.errors import StoreBusy, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY = 5.0  # seconds to wait for a writer
LAST = "\U0010ffff"  # sorts behind every name


class Entry(NamedTuple):
    """One row of the log."""

    id: int
    at: datetime  # aware UTC
    actor: str
    kind: str
    post: str
    account: str
    text: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to show of the log; empty values leave nothing out. Instants are aware UTC."""

    account: str = ""
    kind: str = ""
    post: str = ""  # a slug or its beginning
    actor: str = ""
    words: str = ""  # that the text has, upper or lower case
    since: datetime | None = None
    until: datetime | None = None  # not included
    before: int | None = None  # an id: the page after the one that ended with it
    limit: int | None = 50

    def sql(self) -> tuple[str, dict[str, Any]]:
        """The statement and its values.

        Newest first, by id: the clock may step. With a span of time it goes by time, so that an index serves it.
        """
        values: dict[str, Any] = {}
        where: list[str] = []
        for name in ("account", "kind", "actor"):
            if getattr(self, name):
                where.append(f"{name} = :{name}")
                values[name] = getattr(self, name)
        if self.post:
            where.append("post >= :post AND post < :post_end")
            values |= {"post": self.post, "post_end": self.post + LAST}
        if self.words:
            where.append("lower(text) LIKE :words ESCAPE '!'")
            plain = re.sub("([!%_])", r"!\1", self.words.lower())
            values["words"] = f"%{plain}%"
        for name, sign, at in (("since", ">=", self.since), ("until", "<", self.until)):
            if at is not None:
                where.append(f"at {sign} :{name}")
                values[name] = (at - EPOCH) // timedelta(microseconds=1)
        spanned = self.since is not None or self.until is not None
        if self.before is not None:
            values["before"] = self.before
            where.append("(at, id) < (SELECT at, id FROM log WHERE id = :before)" if spanned else "id < :before")
        return _statement(where, "at DESC, id DESC" if spanned else "id DESC", self.limit), values

    def for_postgresql(self) -> tuple[str, dict[str, Any]]:
        """The same for psycopg, which names its values otherwise."""
        statement, values = self.sql()
        return re.sub(r":(\w+)", r"%(\1)s", statement), values


def _statement(where: list[str], order: str, limit: int | None) -> str:
    chosen = f" WHERE {' AND '.join(where)}" if where else ""
    most = f" LIMIT {limit:d}" if limit is not None else ""
    return f"SELECT {', '.join(Entry._fields)} FROM log{chosen} ORDER BY {order}{most}"  # noqa: S608  only our own words


def entries(rows: Iterable[Any]) -> tuple[Entry, ...]:
    """Rows of the statement as values."""
    return tuple(Entry(row[0], EPOCH + timedelta(microseconds=row[1]), *row[2:]) for row in rows)


def read(path: Path, query: Query) -> tuple[Entry, ...]:
    """The log of the SQLite database at `path`; empty when there is none yet. Raises StoreError."""
    statement, values = query.sql()
    return entries(_rows(path, statement, values))


def approved(path: Path) -> frozenset[str]:
    """The digests that a person approved and no edit voided; none when there is no database yet."""
    return frozenset(row[0] for row in _rows(path, "SELECT digest FROM approvals WHERE voided_at IS NULL", {}))


def _rows(path: Path, statement: str, values: dict[str, Any]) -> list[Any]:
    if not path.is_file():
        return []
    # Not mode=ro: a reader must be able to roll back what a killed writer left half done. It never makes a file.
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as connection:
            connection.execute("PRAGMA query_only=ON")
            return connection.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        said = str(error)
        if "no such table" in said:
            return []
        if "locked" in said or "busy" in said:
            raise StoreBusy("The database is locked by another program. Try again.", detail=said) from error
        raise StoreError(f"The log could not be read: {said}.", detail=said) from error
