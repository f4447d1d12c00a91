"""Restoring a backup so that nothing goes out twice: a copy does not know what was published after it was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scheduler import intake
from scheduler.errors import Refused
from scheduler.model import Status
from scheduler.outcomes import Decision
from scheduler.store import Result, Store, backup

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.app import App
    from scheduler.model import Delivery
    from scheduler.store import Writing


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    made: str  # when the copy was made, as far as its log tells; the campaign's zone
    kept: str  # the database as it was before; empty when there was none
    held: tuple[Delivery, ...]


def restore(app: App, copy: Path, by: str) -> Restored:
    """Put `copy` in the place of the database. Raises LockHeld while a daemon runs, Refused, StoreError.

    All is done on a copy of the copy, which then takes the database's place by one rename.
    """
    database = app.database_file
    if database is None:
        raise Refused("Only a database file can be restored.")
    with app.alone():
        fresh = database.with_name(f"{database.name}.restoring")
        fresh.unlink(missing_ok=True)
        backup.checked(copy)
        backup.copy(copy, fresh)
        try:
            made, held = _prepared(app, fresh, by)
            aside = database.with_name(f"{database.name}.before-restore-{app.clock.now():%Y%m%dT%H%M%SZ}")
            there = database.exists()
            backup.put_back(fresh, database, aside)
        finally:
            for ending in ("", *backup.BESIDE):
                fresh.with_name(f"{fresh.name}{ending}").unlink(missing_ok=True)
    return Restored(made, aside.name if there else "", held)


def _prepared(app: App, fresh: Path, by: str) -> tuple[str, tuple[Delivery, ...]]:
    """Bring the copy in line with the drafts, and hold all that may be out already."""
    now = app.clock.now()
    store = Store(f"sqlite:///{fresh.as_posix()}", app.root)
    try:
        made = _last_written(store)
        # A draft that was moved or added since may be out too: the drafts as they are now say when it was due.
        intake.sync(store, app.read(), app.config, now=now, actor=by)
        with store.writing() as write:
            held = _hold(write, made, now, by)
            if write.pause() is None:
                reason = f"Restored from a backup made at {made}: pauses, holds and cancels since are not in it."
                write.start_pause(by, reason, now)
            write.tell(now, by, "restored", f"Restored from a backup made at {made}; {len(held)} held to be looked at.")
    finally:
        store.close()
    return made, held


def _hold(write: Writing, made: str, now: datetime, by: str) -> tuple[Delivery, ...]:
    reason = f"Restored from a backup made at {made}: it may be out already. Look, then confirm or release."
    rows = [d for d in write.deliveries(statuses=(Status.SCHEDULED, Status.PUBLISHING)) if _may_be_out(d, now)]
    results = []
    for row in rows:
        attempt = write.last_attempt(row.id) if row.status is Status.PUBLISHING else None
        results.append(Result(row, attempt.id if attempt else None, Decision(Status.HELD, reason)))
    write.record(results, now, by, timedelta(0))
    return tuple(replace(r, status=Status.HELD, reason=reason) for r in rows)


def _may_be_out(row: Delivery, now: datetime) -> bool:
    return row.status is Status.PUBLISHING or row.scheduled_at <= now


def _last_written(store: Store) -> str:
    """When the copy last heard of anything: its newest log row or heartbeat."""
    with store.reading() as read:
        newest = read.connection.exec_driver_sql("SELECT max(at) FROM log").scalar()
        beat = read.setting("beat")
    at = datetime.fromtimestamp((newest or 0) / 1e6, UTC)
    at = max(at, datetime.fromisoformat(beat)) if beat else at
    return f"{at:%Y-%m-%d %H:%M} UTC"
