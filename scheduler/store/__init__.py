"""The queue and its log in a database: the only SQL of the program.

A `Store` is safe to use from several threads and beside other processes: each write is one
transaction (`BEGIN IMMEDIATE` on SQLite), and nothing is read outside one. Every method may raise
StoreBusy or StoreError; then nothing was changed.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import select

from scheduler.errors import StoreError
from scheduler.store import database
from scheduler.store.queue import DAEMON
from scheduler.store.reading import Reading
from scheduler.store.tables import accounts, deliveries
from scheduler.store.values import AccountState, Approval, Claim, Pause, Result, Saved, Step
from scheduler.store.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

__all__ = ["AccountState", "Approval", "Claim", "Pause", "Reading", "Result", "Saved", "Step", "Store", "Writing"]


class Store:
    """See the module."""

    def __init__(self, url: str, root: Path, *, journal: str | None = None, busy_ms: int = database.BUSY_MS) -> None:
        with database.translated():
            self.url = database.resolve(url, root)
            self.engine = database.connect(self.url, journal=journal, busy_ms=busy_ms)
            try:
                database.migrate(self.engine)
            except BaseException:
                self.engine.dispose()
                raise
            self._file = database.identity(self.url)
        self._writer = threading.RLock()  # one writer a process: SQLite's own wait is a coarse poll
        self.installation = self._installation()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that writes. Leaving it by an exception changes nothing."""
        with self._writer, database.translated():
            self._same_file()
            with self.engine.begin() as connection:
                yield Writing(connection)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One transaction that only reads: a consistent view."""
        with database.translated():
            self._same_file()
            with self.engine.connect().execution_options(reads=True) as connection:
                yield Reading(connection)

    def _same_file(self) -> None:
        """What is written to a file that was deleted is lost with it, and what it says is out would go out again."""
        if database.identity(self.url) != self._file:
            raise StoreError(
                "The database file is gone, or was replaced, while the program runs. Nothing is sent. "
                "Stop the program, bring the file back (campaign restore FILE), and start it again."
            )

    def _installation(self) -> str:
        with self.reading() as read:
            found = read.setting("installation")
        if found:
            return found
        with self.writing() as write:
            found = write.setting("installation")
            if not found:
                found = uuid.uuid4().hex
                write.set("installation", found)
        return found

    def step(
        self,
        *,
        now: datetime,
        owner: str,
        lease: timedelta,
        gap: timedelta,
        saves: Sequence[Saved] = (),
        results: Sequence[Result] = (),
        room: int = 0,
    ) -> Step:
        """Save what was prepared, record what came back, and claim at most `room` that are due: one commit.

        A save or a result whose fence is not the row's any more is left out, and so not in the Step.
        """
        with self.writing() as write:
            paused = write.pause() is not None
            saved = frozenset() if paused else write.save_prepared(saves, now)
            recorded = write.record(results, now, DAEMON, gap)
            claimed = write.claim(now, owner, lease, room) if room and not paused else ()
        return Step(saved, recorded, claimed, paused)

    def work(self, now: datetime) -> tuple[bool, bool]:
        """Whether anything is due, and whether anything must be looked at."""
        with self.reading() as read:
            due, check = read.connection.execute(_WORK, {"now": now}).one()
        return bool(due), bool(check)

    def next_instant(self, now: datetime) -> datetime | None:
        """The first instant after `now` at which anything falls due or must be looked at."""
        with self.reading() as read:
            found = [read.connection.execute(first, {"now": now}).scalar() for first in _FIRST_AFTER]
        return min((at for at in found if at), default=None)


# Statements are built once: building one takes longer than running it.
_WORK = select(
    sa.exists(select(deliveries.c.id).where(deliveries.c.next_attempt_at <= sa.bindparam("now"))),
    sa.exists(select(deliveries.c.id).where(deliveries.c.check_at <= sa.bindparam("now"))),
)
_FIRST_AFTER = [
    select(column).where(column > sa.bindparam("now")).order_by(column).limit(1)
    for column in (deliveries.c.next_attempt_at, deliveries.c.check_at, accounts.c.wait_until)
]
