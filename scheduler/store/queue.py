"""The daemon's side of the queue: claim, save what was prepared, record what followed.

These run inside one transaction of `Store.step`. A claim is one statement (two on PostgreSQL); every
later write names the fence of its claim, and is left out when a newer claim has moved it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Text, bindparam, select

from scheduler.model import Status
from scheduler.store.entries import closed, log_row, recorded, told
from scheduler.store.many import Many
from scheduler.store.reading import COLUMNS, Reading, delivery_of, message_of
from scheduler.store.tables import Instant, accounts, attempts, deliveries, log, messages, micros, pauses
from scheduler.store.values import Claim, Result, Saved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from scheduler.model import Delivery

DAEMON = "daemon"


class Queue(Reading):
    """Reading, and the writes of the publishing loop."""

    def tell(
        self,
        at: datetime,
        actor: str,
        kind: str,
        text: str,
        *,
        about: Delivery | None = None,
        account: str = "",
        detail: str = "",
    ) -> None:
        """Append a row to the log."""
        _LOG.run(self.connection, [log_row(at, actor, kind, text, about, account=account, detail=detail)])

    def save_prepared(self, saves: Sequence[Saved], now: datetime) -> frozenset[int]:
        """Keep what `prepare` gave, for the claims that are still ours."""
        ours = self._ours([(s.delivery.id, s.delivery.fence) for s in saves], Status.PUBLISHING)
        at = micros(now)
        mine = (s for s in saves if s.delivery.id in ours)
        rows = [{"of": s.attempt, "what": json.dumps(s.prepared), "at": at} for s in mine]
        _SAVE.run(self.connection, rows)
        return ours

    def _ours(self, fences: Sequence[tuple[int, int]], status: Status) -> frozenset[int]:
        """Those of (delivery, fence) whose row still has that fence and that status."""
        if not fences:
            return frozenset()
        rows = self.connection.execute(_FENCES, {"ids": [i for i, _ in fences]})
        now = {row.id: row.fence for row in rows if row.status is status}
        return frozenset(i for i, fence in fences if now.get(i) == fence)

    def record(self, results: Sequence[Result], now: datetime, actor: str, gap: timedelta) -> frozenset[int]:
        """Write what followed, with its log rows, for the results that are still ours to write."""
        if not results:
            return frozenset()
        by_status: dict[Status, list[Result]] = {}
        for result in results:
            by_status.setdefault(result.delivery.status, []).append(result)
        taken = [
            result
            for status, some in by_status.items()
            for ours in (self._ours([(r.delivery.id, r.delivery.fence) for r in some], status),)
            for result in some
            if result.delivery.id in ours
        ]
        _RECORD.run(self.connection, [recorded(r.delivery, r.decision, now) for r in taken])
        _CLOSE.run(self.connection, [closed(r, now) for r in taken if r.attempt is not None])
        _LOG.run(self.connection, [told(r, now, actor) for r in taken])
        self._hold_accounts(taken, now, gap)
        return frozenset(r.delivery.id for r in taken)

    def _hold_accounts(self, taken: Sequence[Result], now: datetime, gap: timedelta) -> None:
        waits: dict[str, int] = {}
        for result in taken:
            name, decision = result.delivery.account, result.decision
            until = decision.account_waits_until
            if decision.status is Status.PUBLISHED and gap:
                until = max(now + gap, until or now)
            if until:
                waits[name] = micros(until)
            if decision.account_stopped:
                stop = accounts.update().where(accounts.c.name == name).values(stopped=decision.account_stopped)
                self.connection.execute(stop)
                text = f"{name} needs a person: {decision.account_stopped}"
                self.tell(now, DAEMON, "account stopped", text, account=name, detail=decision.detail)
        _WAIT.run(self.connection, [{"of": name, "until": waits[name]} for name in sorted(waits)])

    def claim(self, now: datetime, owner: str, lease: timedelta, room: int) -> tuple[Claim, ...]:
        """Take what is due and approved, at most one of each account and the earliest of it, and open attempts."""
        asked = {"now": now, "owner": owner, "until": now + lease, "room": room}
        if self.connection.dialect.name == "postgresql":
            names = self.connection.execute(_LOCK, {"now": now, "room": room}).scalars().all()
            rows = self.connection.execute(_CLAIM_OF, {**asked, "names": names}).all() if names else ()
        else:
            rows = self.connection.execute(_CLAIM, asked).all()
        if not rows:
            return ()
        taken = sorted((delivery_of(row) for row in rows), key=lambda d: (d.scheduled_at, d.id))
        opened = self.connection.execute(_OPEN, {"ids": [d.id for d in taken], "now": now})
        numbers = {row.delivery: row.id for row in opened}
        for row in taken:
            if row.thread:
                part = attempts.update().where(attempts.c.id == numbers[row.id]).values(part=row.part)
                self.connection.execute(part)
        bodies = self.connection.execute(_BODIES, {"digests": list({d.digest for d in taken})})
        whole = {row.digest: row.body for row in bodies}
        return tuple(
            Claim(d, numbers[d.id], message_of(whole[d.digest], d).parts[d.part - 1], self._earlier(d)) for d in taken
        )

    def _earlier(self, delivery: Delivery) -> Mapping[str, Any] | None:
        return self.last_prepared(delivery) if delivery.attempts > 1 else None

    def take_for_settling(self, delivery: Delivery, owner: str, until: datetime) -> Delivery | None:
        """Fence an unconfirmed delivery so that one reader at a time settles it; None when another has it."""
        done = self.connection.execute(
            deliveries.update()
            .where(
                deliveries.c.id == delivery.id,
                deliveries.c.fence == delivery.fence,
                deliveries.c.status == Status.UNCONFIRMED,
            )
            .values(fence=delivery.fence + 1, check_at=until, lease_owner=owner)
        )
        return self.delivery(delivery.id) if done.rowcount else None

    def free_settling(self, now: datetime) -> None:
        """Let what a dead worker was settling be settled at once. Only for who knows that no worker is alive."""
        self.connection.execute(
            deliveries.update()
            .where(deliveries.c.status == Status.UNCONFIRMED, deliveries.c.lease_owner != "")
            .values(check_at=now, lease_owner="")
        )


_d = deliveries.c
# Locked on PostgreSQL, so that the fence still holds when the row is written; SQLite has one writer as it is.
_FENCES = (
    select(_d.id, _d.fence, _d.status)
    .where(_d.id.in_(bindparam("ids", expanding=True)))
    .order_by(_d.id)
    .with_for_update()
)
_BODIES = select(messages).where(messages.c.digest.in_(bindparam("digests", expanding=True)))
_LOG = Many(
    {column.name: column.type for column in log.columns if column.name != "id"},
    lambda row: log.insert().from_select(list(row.keys()), select(*row.values()), include_defaults=False),
)
_OPEN = (
    attempts.insert()
    .from_select(
        ["delivery", "number", "fence", "digest", "opened_at"],
        select(_d.id, _d.attempts, _d.fence, _d.digest, bindparam("now", type_=Instant)).where(
            _d.id.in_(bindparam("ids", expanding=True))
        ),
        include_defaults=False,
    )
    .returning(attempts.c.id, attempts.c.delivery)
)
_SAVE = Many(
    {"of": BigInteger(), "what": Text(), "at": BigInteger()},
    lambda row: attempts.update().where(attempts.c.id == row["of"]).values(prepared=row["what"], prepared_at=row["at"]),
)
_CLOSE = Many(
    {"of": BigInteger(), "at": BigInteger(), "outcome": Text()},
    lambda row: attempts.update().where(attempts.c.id == row["of"]).values(closed_at=row["at"], outcome=row["outcome"]),
)
_WAIT = Many(
    {"of": Text(), "until": BigInteger()},
    lambda row: accounts.update().where(accounts.c.name == row["of"]).values(wait_until=row["until"]),
)
_RECORDED = (
    "status",
    "reason",
    "next_attempt_at",
    "check_at",
    "send_until",
    "published_at",
    "remote_id",
    "url",
    "reads",
    "thread",
)
_RECORD = Many(
    {"of": BigInteger(), **{f"to_{name}": _d[name].type for name in _RECORDED}},
    lambda row: (
        deliveries.update()
        .where(_d.id == row["of"])
        .values({name: row[f"to_{name}"] for name in _RECORDED})
        .values(fence=_d.fence + 1, lease_owner="", lease_until=None, withdrawn=False)
    ),
)
_head = deliveries.alias("head")
_busy = deliveries.alias("busy")
_first = (
    select(_head.c.id)
    .where(_head.c.account == accounts.c.name, _head.c.next_attempt_at.is_not(None))
    .order_by(_head.c.scheduled_at, _head.c.id)
    .limit(1)
    .correlate(accounts)
    .scalar_subquery()
)
_candidate = deliveries.alias("candidate")
_due = (
    select(_candidate.c.id)
    .select_from(accounts.join(_candidate, _candidate.c.id == _first))
    .where(
        accounts.c.enabled,
        accounts.c.stopped == "",
        sa.or_(accounts.c.wait_until.is_(None), accounts.c.wait_until <= bindparam("now")),
        ~sa.exists(select(_busy.c.id).where(_busy.c.account == accounts.c.name, _busy.c.lease_until.is_not(None))),
        _candidate.c.next_attempt_at <= bindparam("now"),
        _candidate.c.send_until >= bindparam("now"),
    )
    .order_by(_candidate.c.next_attempt_at, _candidate.c.id)
    .limit(bindparam("room"))
)


def _claiming(due: sa.Select[Any]) -> sa.sql.dml.ReturningUpdate[Any]:
    return (
        deliveries.update()
        .where(
            _d.id.in_(due),
            _d.status == Status.SCHEDULED,
            _d.next_attempt_at <= bindparam("now"),
            _d.approved_digest == _d.digest,
            ~sa.exists(select(pauses.c.id).where(pauses.c.resumed_at.is_(None))),
        )
        .values(
            status=Status.PUBLISHING,
            fence=_d.fence + 1,
            attempts=_d.attempts + 1,
            next_attempt_at=None,
            check_at=bindparam("until"),
            lease_owner=bindparam("owner"),
            lease_until=bindparam("until"),
        )
        .returning(*(_d[c] for c in COLUMNS))
    )


_CLAIM = _claiming(_due)
# On PostgreSQL the accounts are locked by a statement of their own, so that the claim sees them as they are
# then. In one statement a worker could wait for rows that another had just claimed, and that one for it.
_LOCK = _due.with_only_columns(accounts.c.name).with_for_update(skip_locked=True, of=accounts)
_CLAIM_OF = _claiming(_due.where(accounts.c.name.in_(bindparam("names", expanding=True))))
