"""One statement for many rows, at the driver's speed.

For a row SQLAlchemy takes longer to convert the parameters than the database to write them. So the
statements of the publishing loop are compiled once, and their values go to the driver as they are:
instants as micros, a Status as its word. SQLite runs the statement for each row; PostgreSQL, where
each run is a message to the server, takes all rows at once as arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, UpdateBase
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.types import TypeEngine


class Many:
    """A write for many rows. `build` makes it from the columns of a row, whose types `of` gives."""

    def __init__(
        self, of: Mapping[str, TypeEngine[Any]], build: Callable[[Mapping[str, ColumnElement[Any]]], UpdateBase]
    ) -> None:
        self._of = of
        self._build = build
        self._made: dict[str, tuple[str, Sequence[str], Mapping[str, Any]]] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows; none does nothing."""
        if not rows:
            return
        at_once = connection.dialect.name == "postgresql"
        text, order, fixed = self._made.get(connection.dialect.name) or self._make(connection.dialect, at_once=at_once)
        if at_once:
            arrays = {name: [row[name] for row in rows] for name in self._of}
            connection.exec_driver_sql(text, {**fixed, **arrays})
        else:
            values = [tuple([row[n] if n in row else fixed[n] for n in order]) for row in rows]
            connection.exec_driver_sql(text, values)

    def _make(self, dialect: Dialect, *, at_once: bool) -> tuple[str, Sequence[str], Mapping[str, Any]]:
        if at_once:
            arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in self._of.items()]
            given = func.unnest(*arrays).table_valued(*self._of, name="given").render_derived()
            columns: dict[str, ColumnElement[Any]] = {name: given.c[name] for name in self._of}
        else:
            columns = {name: bindparam(name, type_=kind) for name, kind in self._of.items()}
        made = self._build(columns).compile(dialect=dialect)
        self._made[dialect.name] = (str(made), made.positiontup or (), made.params)
        return self._made[dialect.name]
