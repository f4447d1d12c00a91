"""The queue and its log in a database: the only SQL of the program.

A `Store` is safe to use from several threads and beside other processes: each write is one
transaction (`BEGIN IMMEDIATE` on SQLite), and nothing is read outside one. Every method may raise
StoreBusy or StoreError; then nothing was changed.
"""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from scheduler.errors import Refused
from scheduler.model import Attempt, Delivery, Message, Status
from scheduler.store import database
from scheduler.store.tables import (
    accounts,
    approvals,
    attempts,
    deliveries,
    log,
    messages,
    pauses,
    settings,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta
    from pathlib import Path

    from sqlalchemy.engine import Connection, Row

    from scheduler.outcomes import Decision
    from scheduler.planning import Change

COLUMNS = tuple(f.name for f in fields(Delivery))
DAEMON = "daemon"


@dataclass(frozen=True, slots=True)
class Pause:
    """The whole campaign stands still."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's word for one exact message."""

    digest: str
    post: str
    account: str
    by: str
    at: datetime
    note: str
    voided_at: datetime | None
    voided_why: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the queue knows of an account."""

    name: str
    enabled: bool
    wait_until: datetime | None
    stopped: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is now ours to publish, its open attempt, and what to send."""

    delivery: Delivery
    attempt: int
    message: Message


@dataclass(frozen=True, slots=True)
class Saved:
    """What `prepare` gave, to be saved before `publish`."""

    claim: Claim
    prepared: Mapping[str, Any]

    @property
    def delivery(self) -> Delivery:
        """The row it belongs to."""
        return self.claim.delivery

    @property
    def attempt(self) -> int:
        """The open attempt."""
        return self.claim.attempt


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt, or the settling of one, ended."""

    delivery: Delivery
    attempt: int | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction of the daemon did."""

    saved: frozenset[int]  # deliveries whose prepared state is durable: they may be published
    recorded: frozenset[int]  # deliveries whose results were taken; the others belong to a newer claim
    claimed: tuple[Claim, ...]
    paused: bool = False  # nothing was saved, so that nothing is sent


class Store:
    """See the module."""

    def __init__(self, url: str, root: Path, *, journal: str | None = None, busy_ms: int = database.BUSY_MS) -> None:
        with database.translated():
            self.url = database.resolve(url, root)
            self.engine = database.connect(self.url, journal=journal, busy_ms=busy_ms)
            database.migrate(self.engine)
        self._writer = threading.RLock()  # one writer a process: SQLite's own wait is a coarse poll
        self.installation = self._installation()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that writes. Leaving it by an exception changes nothing."""
        with self._writer, database.translated(), self.engine.begin() as connection:
            yield Writing(connection)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One transaction that only reads: a consistent view."""
        with database.translated(), self.engine.connect().execution_options(reads=True) as connection:
            yield Reading(connection)

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

    def has_work(self, now: datetime) -> bool:
        """Whether anything is due, or to be looked at."""
        due = select(sa.literal(1)).where(deliveries.c.next_attempt_at <= now).limit(1)
        check = select(sa.literal(1)).where(deliveries.c.check_at <= now).limit(1)
        with self.reading() as read:
            row = read.connection.execute(due.union_all(check).limit(1)).first()
        return row is not None

    def next_instant(self, now: datetime) -> datetime | None:
        """The first instant after `now` at which anything falls due or must be looked at."""
        columns = (deliveries.c.next_attempt_at, deliveries.c.check_at, accounts.c.wait_until)
        with self.reading() as read:
            found = [read.connection.execute(select(c).where(c > now).order_by(c).limit(1)).scalar() for c in columns]
        return min((at for at in found if at), default=None)


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
        return tuple(_delivery(row) for row in rows)

    def delivery(self, number: int) -> Delivery | None:
        """One delivery by its id."""
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(deliveries.c.id == number)
        row = self.connection.execute(query).first()
        return _delivery(row) if row else None

    def to_check(self, now: datetime) -> tuple[Delivery, ...]:
        """Those that must be looked at: past their deadline, with a lease that ran out, or to be settled."""
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(deliveries.c.check_at <= now)
        rows = self.connection.execute(query.order_by(deliveries.c.check_at, deliveries.c.id))
        return tuple(_delivery(row) for row in rows)

    def leased(self, *, not_by: str) -> tuple[Delivery, ...]:
        """Those that another worker, alive or dead, has claimed."""
        query = select(*(deliveries.c[c] for c in COLUMNS)).where(
            deliveries.c.lease_until.is_not(None), deliveries.c.lease_owner != not_by
        )
        return tuple(_delivery(row) for row in self.connection.execute(query.order_by(deliveries.c.id)))

    def message(self, digest: str) -> Message | None:
        """The message of that digest, whole."""
        body = self.connection.execute(select(messages.c.body).where(messages.c.digest == digest)).scalar()
        return Message.from_json(body) if body else None

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """All tries at a delivery, oldest first."""
        rows = self.connection.execute(select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.id))
        return tuple(_attempt(row) for row in rows)

    def last_attempt(self, delivery: int) -> Attempt | None:
        """The newest try at a delivery."""
        query = select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.id.desc()).limit(1)
        row = self.connection.execute(query).first()
        return _attempt(row) if row else None

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
        query = select(pauses.c.at, pauses.c.by, pauses.c.reason).where(pauses.c.resumed_at.is_(None))
        row = self.connection.execute(query.limit(1)).first()
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


class Writing(Reading):
    """Changes of the database inside one transaction."""

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        if self.connection.execute(settings.update().where(settings.c.name == name).values(value=value)).rowcount == 0:
            self.connection.execute(settings.insert().values(name=name, value=value))

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
        self.connection.execute(log.insert(), [_log_row(at, actor, kind, text, about, account=account, detail=detail)])

    def only_one_sync(self) -> None:
        """Let one sync at a time run, on PostgreSQL too; SQLite has one writer as it is."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(sa.text("SELECT pg_advisory_xact_lock(20270102)"))

    def set_accounts(self, enabled: Collection[str]) -> None:
        """Know the accounts of the config; those that are not in `enabled` send nothing."""
        known = {row.name: row.enabled for row in self.connection.execute(select(accounts))}
        for name in enabled:
            if name not in known:
                self.connection.execute(accounts.insert().values(name=name, enabled=True))
        for name, was in known.items():
            if was != (name in enabled):
                self.connection.execute(
                    accounts.update().where(accounts.c.name == name).values(enabled=name in enabled)
                )

    def apply(self, changes: Sequence[Change], now: datetime, actor: str) -> None:
        """Write what a sync found, with its log rows, and void the approvals that no longer hold."""
        for change in changes:
            if change.message is not None:
                self._keep(change.message)
            row = self._put(change)
            if change.text:
                self.tell(now, actor, change.kind, change.text, about=row)
            if change.voids and change.before is not None:
                self._void(change.before.digest, now, "The draft was edited.")
                text = f"The approval no longer holds: {row.path} was edited."
                self.tell(now, actor, "approval voided", text, about=row)

    def _keep(self, message: Message) -> None:
        digest = message.digest
        if not self.connection.execute(select(messages.c.digest).where(messages.c.digest == digest)).first():
            self.connection.execute(messages.insert().values(digest=digest, body=message.to_json()))

    def _put(self, change: Change) -> Delivery:
        after = change.after
        values = {c: getattr(after, c) for c in COLUMNS if c != "id"}
        if change.before is None:
            query = deliveries.insert().values(values).returning(deliveries.c.id)
            number = self.connection.execute(query).scalar_one()
        else:
            number = after.id
            self.connection.execute(deliveries.update().where(deliveries.c.id == number).values(values))
        row = self.delivery(number)
        if row is None:
            raise AssertionError(number)
        return row

    def _void(self, digest: str, now: datetime, why: str) -> None:
        self.connection.execute(
            approvals.update()
            .where(approvals.c.digest == digest, approvals.c.voided_at.is_(None))
            .values(voided_at=now, voided_why=why)
        )

    def approve(self, delivery: Delivery, by: str, note: str, now: datetime) -> None:
        """Approve exactly what `delivery` shows. Raises Refused when it changed meanwhile."""
        row = self.delivery(delivery.id)
        if row is None or row.digest != delivery.digest:
            raise Refused(f"{delivery.post} to {delivery.account} was changed while it was looked at. Look again.")
        if row.approved:
            return
        self.connection.execute(
            approvals.insert().values(digest=row.digest, post=row.post, account=row.account, by=by, at=now, note=note)
        )
        ready = row.scheduled_at if row.status is Status.SCHEDULED else None
        self.connection.execute(
            deliveries.update()
            .where(deliveries.c.id == row.id)
            .values(approved_digest=row.digest, next_attempt_at=ready)
        )
        self.tell(now, by, "approved", f"Approved: {note}" if note else "Approved.", about=row)

    def save_prepared(self, saves: Sequence[Saved], now: datetime) -> frozenset[int]:
        """Keep what `prepare` gave, for the claims that are still ours."""
        ours = self._ours([(s.delivery.id, s.delivery.fence) for s in saves], Status.PUBLISHING)
        rows = [
            {"of": s.attempt, "what": json.dumps(s.prepared, ensure_ascii=False), "at": now}
            for s in saves
            if s.delivery.id in ours
        ]
        if rows:
            self.connection.execute(_SAVE, rows)
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
        if taken:
            self.connection.execute(_RECORD, [_recorded(r.delivery, r.decision, now) for r in taken])
            closed = [_closed(r, now) for r in taken if r.attempt is not None]
            if closed:
                self.connection.execute(_CLOSE, closed)
            self.connection.execute(log.insert(), [_told(r, now, actor) for r in taken])
            self._hold_accounts(taken, now, gap)
        return frozenset(r.delivery.id for r in taken)

    def _hold_accounts(self, taken: Sequence[Result], now: datetime, gap: timedelta) -> None:
        for result in taken:
            name, decision = result.delivery.account, result.decision
            until = decision.account_waits_until
            if decision.status is Status.PUBLISHED and gap:
                until = now + gap
            if until:
                wait = accounts.update().where(accounts.c.name == name).values(wait_until=until)
                self.connection.execute(wait)
            if decision.account_stopped:
                stop = accounts.update().where(accounts.c.name == name).values(stopped=decision.account_stopped)
                self.connection.execute(stop)
                text = f"{name} needs a person: {decision.account_stopped}"
                self.tell(now, DAEMON, "account stopped", text, account=name, detail=decision.detail)

    def start_account(self, name: str, now: datetime, actor: str) -> None:
        """A person mended the account: its deliveries go on."""
        query = accounts.update().where(accounts.c.name == name).values(stopped="", wait_until=None)
        if self.connection.execute(query).rowcount:
            self.tell(now, actor, "account started", f"{name} may send again.", account=name)

    def claim(self, now: datetime, owner: str, lease: timedelta, room: int) -> tuple[Claim, ...]:
        """Take what is due and approved, at most one of each account and the earliest of it, and open attempts."""
        rows = self.connection.execute(
            _CLAIM_LOCKED if self.connection.dialect.name == "postgresql" else _CLAIM,
            {"now": now, "owner": owner, "until": now + lease, "room": room},
        ).all()
        if not rows:
            return ()
        taken = sorted((_delivery(row) for row in rows), key=lambda d: (d.scheduled_at, d.id))
        opened = self.connection.execute(
            attempts.insert().returning(attempts.c.id, attempts.c.delivery, sort_by_parameter_order=True),
            [
                {"delivery": d.id, "number": d.attempts, "fence": d.fence, "digest": d.digest, "opened_at": now}
                for d in taken
            ],
        )
        numbers = {row.delivery: row.id for row in opened}
        bodies = self.connection.execute(_BODIES, {"digests": list({d.digest for d in taken})})
        whole = {row.digest: row.body for row in bodies}
        return tuple(Claim(d, numbers[d.id], Message.from_json(whole[d.digest])) for d in taken)

    def take_for_settling(self, delivery: Delivery, until: datetime) -> Delivery | None:
        """Fence an unconfirmed delivery so that one reader at a time settles it; None when another has it."""
        done = self.connection.execute(
            deliveries.update()
            .where(
                deliveries.c.id == delivery.id,
                deliveries.c.fence == delivery.fence,
                deliveries.c.status == Status.UNCONFIRMED,
            )
            .values(fence=delivery.fence + 1, check_at=until)
        )
        return self.delivery(delivery.id) if done.rowcount else None

    def start_pause(self, by: str, reason: str, now: datetime) -> None:
        """Stop all sending at once, also of what is due this second."""
        if self.pause():
            raise Refused("The campaign is paused already. `campaign resume` lets it go on.")
        self.connection.execute(pauses.insert().values(at=now, by=by, reason=reason))
        self.tell(now, by, "paused", f"Paused: {reason}")

    def end_pause(self, by: str, now: datetime) -> None:
        """Let the campaign go on."""
        if not self.pause():
            raise Refused("The campaign is not paused.")
        query = pauses.update().where(pauses.c.resumed_at.is_(None)).values(resumed_at=now, resumed_by=by)
        self.connection.execute(query)
        self.tell(now, by, "resumed", "Resumed.")


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)  # noqa: SLF001


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        delivery=row.delivery,
        number=row.number,
        fence=row.fence,
        digest=row.digest,
        opened_at=row.opened_at,
        prepared=json.loads(row.prepared) if row.prepared is not None else None,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def _log_row(
    at: datetime, actor: str, kind: str, text: str, about: Delivery | None, *, account: str = "", detail: str = ""
) -> dict[str, Any]:
    return {
        "at": at,
        "actor": actor,
        "kind": kind,
        "delivery": about.id if about else None,
        "post": about.post if about else "",
        "account": about.account if about else account,
        "text": text,
        "url": about.url if about else "",
        "detail": detail,
    }


def _told(result: Result, now: datetime, actor: str) -> dict[str, Any]:
    decision = result.decision
    row = _log_row(now, actor, str(decision.status), decision.reason, result.delivery, detail=decision.detail)
    return {**row, "url": decision.published.url if decision.published else ""}


def _recorded(delivery: Delivery, decision: Decision, now: datetime) -> dict[str, Any]:
    out = decision.published
    return {
        "of": delivery.id,
        "to_status": decision.status,
        "to_reason": decision.reason,
        "to_next": decision.next_attempt_at,
        "to_check": decision.check_at,
        "to_until": decision.send_until or delivery.send_until,
        "to_published": now if out else None,
        "to_remote": out.id if out else "",
        "to_url": out.url if out else "",
        "to_reads": decision.reads,
    }


def _closed(result: Result, now: datetime) -> dict[str, Any]:
    return {"of": result.attempt, "at": now, "outcome": f"{result.decision.status}: {result.decision.reason}"}


_d = deliveries.c
_FENCES = select(_d.id, _d.fence, _d.status).where(_d.id.in_(bindparam("ids", expanding=True)))
_BODIES = select(messages).where(messages.c.digest.in_(bindparam("digests", expanding=True)))
_SAVE = (
    attempts.update()
    .where(attempts.c.id == bindparam("of"))
    .values(prepared=bindparam("what"), prepared_at=bindparam("at"))
)
_CLOSE = (
    attempts.update()
    .where(attempts.c.id == bindparam("of"))
    .values(closed_at=bindparam("at"), outcome=bindparam("outcome"))
)
_RECORD = (
    deliveries.update()
    .where(_d.id == bindparam("of"))
    .values(
        status=bindparam("to_status"),
        reason=bindparam("to_reason"),
        next_attempt_at=bindparam("to_next"),
        check_at=bindparam("to_check"),
        send_until=bindparam("to_until"),
        published_at=bindparam("to_published"),
        remote_id=bindparam("to_remote"),
        url=bindparam("to_url"),
        reads=bindparam("to_reads"),
        fence=_d.fence + 1,
        lease_owner="",
        lease_until=None,
        withdrawn=False,
    )
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
_CLAIM_LOCKED = _claiming(_due.with_for_update(skip_locked=True, of=accounts))
