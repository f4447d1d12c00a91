"""Changes that a sync or a person makes."""

from __future__ import annotations

import base64
import secrets as random
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import select

from scheduler.errors import Refused
from scheduler.model import Status
from scheduler.planning import SETTLED
from scheduler.store.queue import Queue
from scheduler.store.reading import COLUMNS
from scheduler.store.tables import accounts, approvals, deliveries, messages, pauses

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from scheduler.model import Delivery, Message
    from scheduler.planning import Change


_SET = sa.text(  # at once: two daemons of a PostgreSQL may start in the same instant
    "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def fresh_key() -> str:
    """A name that no other delivery has: 160 random bits, as 32 characters of lower-case base32."""
    return base64.b32encode(random.token_bytes(20)).decode().lower()


class Writing(Queue):
    """Changes of the database inside one transaction."""

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        self.connection.execute(_SET, {"name": name, "value": value})

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
            if row is None:  # a worker took it meanwhile; the next sync sees what became of it
                continue
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

    def _put(self, change: Change) -> Delivery | None:
        """Write the row; None when it is not any more what the sync had read (on PostgreSQL only)."""
        before, values = change.before, {c: getattr(change.after, c) for c in COLUMNS if c != "id"}
        if before is None:
            values["key"] = values["key"] or fresh_key()
            query = deliveries.insert().values(values).returning(deliveries.c.id)
            return self.delivery(self.connection.execute(query).scalar_one())
        if before.status not in SETTLED:  # what was decided on the row as it was must not be written over this
            values["fence"] = before.fence + 1
        same = (deliveries.c.id == before.id, deliveries.c.fence == before.fence, deliveries.c.status == before.status)
        done = self.connection.execute(deliveries.update().where(*same).values(values))
        return self.delivery(before.id) if done.rowcount else None

    def _void(self, digest: str, now: datetime, why: str) -> None:
        self.connection.execute(
            approvals.update()
            .where(approvals.c.digest == digest, approvals.c.voided_at.is_(None))
            .values(voided_at=now, voided_why=why)
        )

    def approve(self, delivery: Delivery, by: str, note: str, now: datetime) -> None:
        """Approve exactly what `delivery` shows. Raises Refused when it changed meanwhile."""
        row = self.delivery(delivery.id)
        changed = Refused(f"{delivery.post} to {delivery.account} was changed while it was looked at. Look again.")
        if row is None or row.digest != delivery.digest:
            raise changed
        if row.approved:
            return
        ready = row.scheduled_at if row.status is Status.SCHEDULED else None
        done = self.connection.execute(
            deliveries.update()
            .where(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
            .values(approved_digest=row.digest, next_attempt_at=ready, fence=row.fence + 1)
        )
        if not done.rowcount:  # between the two statements, on PostgreSQL only
            raise changed
        self.connection.execute(
            approvals.insert().values(digest=row.digest, post=row.post, account=row.account, by=by, at=now, note=note)
        )
        self.tell(now, by, "approved", f"Approved: {note}" if note else "Approved.", about=row)

    def clock_set_back(self, now: datetime, jump: timedelta, settle: timedelta) -> None:
        """Bring near what a clock that was ahead by `jump` had put off too far.

        Waits end sooner by the jump; what is to be looked for on its account, at most `settle` from now.
        """
        for account in self.accounts():
            if account.wait_until and account.wait_until > now:
                until = max(now, account.wait_until - jump)
                self.connection.execute(
                    accounts.update().where(accounts.c.name == account.name).values(wait_until=until)
                )
        for row in self.deliveries(statuses=(Status.SCHEDULED, Status.UNCONFIRMED)):
            values: dict[str, datetime] = {}
            if row.attempts and row.next_attempt_at and row.next_attempt_at > max(now, row.scheduled_at):
                values["next_attempt_at"] = max(now, row.next_attempt_at - jump)
            if row.status is Status.UNCONFIRMED and row.check_at and row.check_at > now + settle:
                values["check_at"] = now + settle
            if values:
                self.connection.execute(deliveries.update().where(deliveries.c.id == row.id).values(values))

    def start_account(self, name: str, now: datetime, actor: str) -> None:
        """A person mended the account: its deliveries go on."""
        query = accounts.update().where(accounts.c.name == name).values(stopped="", wait_until=None)
        if self.connection.execute(query).rowcount:
            self.tell(now, actor, "account started", f"{name} may send again.", account=name)

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
