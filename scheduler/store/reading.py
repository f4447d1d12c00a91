"""Questions to the database."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import select

from scheduler.model import Attempt, Delivery, Message, Status
from scheduler.store.tables import accounts, approvals, attempts, deliveries, messages, pauses, settings
from scheduler.store.values import AccountState, Approval, Pause

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from sqlalchemy.engine import Connection, Row

COLUMNS = tuple(f.name for f in fields(Delivery))

# Asked at each turn of the daemon, and so built once: building a statement takes longer than running it.
_TO_CHECK = (
    select(*(deliveries.c[c] for c in COLUMNS))
    .where(deliveries.c.check_at <= sa.bindparam("now"))
    .order_by(deliveries.c.check_at, deliveries.c.id)
)
_LAST_PREPARED = (
    select(attempts.c.prepared)
    .where(
        attempts.c.delivery == sa.bindparam("of"),
        attempts.c.part == sa.bindparam("part"),
        attempts.c.prepared.is_not(None),
        attempts.c.outcome.not_like(f"{Status.FAILED}:%"),  # refused as it was: that is surely not out
    )
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_PAUSE = select(pauses.c.at, pauses.c.by, pauses.c.reason).where(pauses.c.resumed_at.is_(None)).limit(1)


class Reading:
    """Questions to the database inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def setting(self, name: str) -> str:
        """The value of a setting, empty when there is none."""
        found = self.connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()
        return str(found or "")

    def deliveries(
        self,
        *,
        post: str | None = None,
        account: str | None = None,
        day: date | None = None,
        statuses: Collection[Status] = (),
        live: bool = False,
    ) -> tuple[Delivery, ...]:
        """The deliveries that match, in the order of their time. `live` leaves the cancelled out."""
        query = select(*(deliveries.c[c] for c in COLUMNS))
        if post is not None:
            query = query.where(deliveries.c.post == post)
        if account is not None:
            query = query.where(deliveries.c.account == account)
        if day is not None:
            query = query.where(deliveries.c.day == day)
        if statuses:
            query = query.where(deliveries.c.status.in_(list(statuses)))
        if live:
            query = query.where(deliveries.c.status != Status.CANCELLED)
        rows = self.connection.execute(query.order_by(deliveries.c.scheduled_at, deliveries.c.id))
        return tuple(delivery_of(row) for row in rows)

    def of_campaign(self, first: date, last: date) -> tuple[Delivery, ...]:
        """All that a draft could still be matched with: the days of the campaign, and whatever still waits."""
        waits = deliveries.c.status.in_([Status.SCHEDULED, Status.HELD])
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(sa.or_(deliveries.c.day.between(first, last), waits))
        return tuple(delivery_of(row) for row in self.connection.execute(query.order_by(deliveries.c.id)))

    def delivery(self, number: int) -> Delivery | None:
        """One delivery by its id."""
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(deliveries.c.id == number)
        row = self.connection.execute(query).first()
        return delivery_of(row) if row else None

    def to_check(self, now: datetime) -> tuple[Delivery, ...]:
        """Those that must be looked at: past their deadline, with a lease that ran out, or to be settled."""
        return tuple(delivery_of(row) for row in self.connection.execute(_TO_CHECK, {"now": now}))

    def leased(self) -> tuple[Delivery, ...]:
        """Those that a worker, alive or dead, has claimed."""
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(deliveries.c.lease_until.is_not(None))
        rows = self.connection.execute(query)  # sorted here: an ORDER BY would make SQLite scan the table
        return tuple(sorted((delivery_of(row) for row in rows), key=lambda d: d.id))

    def message(self, digest: str) -> Message | None:
        """The message of that digest, whole."""
        body = self.connection.execute(select(messages.c.body).where(messages.c.digest == digest)).scalar()
        return Message.from_json(body) if body else None

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """All tries at a delivery, oldest first."""
        rows = self.connection.execute(select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.id))
        return tuple(attempt_of(row) for row in rows)

    def last_attempt(self, delivery: int) -> Attempt | None:
        """The newest try at a delivery."""
        query = select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.id.desc()).limit(1)
        row = self.connection.execute(query).first()
        return attempt_of(row) if row else None

    def last_prepared(self, delivery: Delivery) -> Mapping[str, Any] | None:
        """What was prepared for the newest attempt at the delivery's present part that may have been sent."""
        found = self.connection.execute(_LAST_PREPARED, {"of": delivery.id, "part": delivery.part}).scalar()
        return json.loads(found) if found is not None else None

    def approved(self) -> frozenset[str]:
        """The digests that a person approved and no edit voided."""
        rows = self.connection.execute(select(approvals.c.digest).where(approvals.c.voided_at.is_(None)))
        return frozenset(row.digest for row in rows)

    def approvals(self, post: str) -> tuple[Approval, ...]:
        """All approvals of a post, voided ones too, oldest first."""
        query = select(*(approvals.c[f.name] for f in fields(Approval))).where(approvals.c.post == post)
        return tuple(Approval(**row._mapping) for row in self.connection.execute(query.order_by(approvals.c.id)))  # noqa: SLF001

    def pause(self) -> Pause | None:
        """The pause that is on, if one is."""
        row = self.connection.execute(_PAUSE).first()
        return Pause(row.at, row.by, row.reason) if row else None

    def accounts(self) -> tuple[AccountState, ...]:
        """All accounts that the queue has seen."""
        rows = self.connection.execute(select(accounts).order_by(accounts.c.name))
        return tuple(AccountState(**row._mapping) for row in rows)  # noqa: SLF001

    def counts(self, day: date) -> dict[tuple[str, Status], int]:
        """How many deliveries of a day are in each state, by account."""
        d = deliveries.c
        query = select(d.account, d.status, sa.func.count()).where(d.day == day).group_by(d.account, d.status)
        return {(row[0], row[1]): row[2] for row in self.connection.execute(query)}


def delivery_of(row: Row[Any]) -> Delivery:
    """A row of COLUMNS as the value."""
    values: tuple[Any, ...] = tuple(row)
    return Delivery(*values)


def attempt_of(row: Row[Any]) -> Attempt:
    """A row of `attempts` as the value."""
    return Attempt(
        id=row.id,
        delivery=row.delivery,
        number=row.number,
        fence=row.fence,
        digest=row.digest,
        opened_at=row.opened_at,
        part=row.part,
        prepared=json.loads(row.prepared) if row.prepared is not None else None,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def message_of(body: str, row: Delivery) -> Message:
    """The message of a delivery under its draft's present name and day, which are not part of its digest."""
    return replace(Message.from_json(body), post=row.post, day=row.day.isoformat())
