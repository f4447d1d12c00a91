"""The tables, and how their columns become values. docs/design.md tells what each is for."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

from scheduler.model import Status

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (instant - EPOCH) // MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds since 1970: sortable, the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """To the database."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """From the database."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Day(TypeDecorator[date]):
    """A date, stored as YYYY-MM-DD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """To the database."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:  # noqa: ANN401, ARG002
        """From the database."""
        return None if value is None else date.fromisoformat(value)


class State(TypeDecorator[Status]):
    """A Status, stored as its word."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Status | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """To the database."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Status | None:  # noqa: ANN401, ARG002
        """From the database."""
        return None if value is None else Status(value)


class Pairs(TypeDecorator[tuple[tuple[str, str], ...]]):
    """Pairs of texts, stored as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[str, str], ...] | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """To the database."""
        return None if value is None else pairs(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[tuple[str, str], ...] | None:  # noqa: ANN401, ARG002
        """From the database."""
        return None if value is None else tuple((a, b) for a, b in json.loads(value))


def pairs(value: tuple[tuple[str, str], ...]) -> str:
    """Pairs of texts as the database has them."""
    return json.dumps(value)


metadata = MetaData()
Id = BigInteger().with_variant(Integer, "sqlite")

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),  # installation, beat, due
    Column("value", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("wait_until", Instant),  # nothing is sent before: a rate limit, or the gap between two posts
    Column("stopped", Text, nullable=False, server_default=""),  # why it needs a person
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("day", Day, nullable=False),
    Column("title", Text, nullable=False),
    Column("scheduled_at", Instant, nullable=False),
    Column("send_until", Instant, nullable=False),
    Column("status", State, nullable=False),
    Column("digest", Text, nullable=False),
    Column("approved_digest", Text, nullable=False, server_default=""),
    Column("next_attempt_at", Instant),
    Column("check_at", Instant),
    Column("published_at", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_owner", Text, nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    Column("reads", Integer, nullable=False, server_default="0"),
    Column("key", Text, nullable=False, server_default=""),
    Column("parts", Integer, nullable=False, server_default="1"),
    Column("thread", Pairs, nullable=False, server_default="[]"),
)
# Partial, on nullable columns: a bound `<=` implies "is not null", so the planner takes them, and
# rows that are done cost nothing however many there are.
Index(
    "ix_deliveries_ready",
    deliveries.c.account,
    deliveries.c.scheduled_at,
    deliveries.c.id,
    sqlite_where=deliveries.c.next_attempt_at.is_not(None),
    postgresql_where=deliveries.c.next_attempt_at.is_not(None),
)
Index(
    "ix_deliveries_due",
    deliveries.c.next_attempt_at,
    sqlite_where=deliveries.c.next_attempt_at.is_not(None),
    postgresql_where=deliveries.c.next_attempt_at.is_not(None),
)
Index(
    "ix_deliveries_check",
    deliveries.c.check_at,
    sqlite_where=deliveries.c.check_at.is_not(None),
    postgresql_where=deliveries.c.check_at.is_not(None),
)
Index(
    "ix_deliveries_busy",
    deliveries.c.account,
    sqlite_where=deliveries.c.lease_until.is_not(None),
    postgresql_where=deliveries.c.lease_until.is_not(None),
)
Index("ix_deliveries_day", deliveries.c.day, deliveries.c.account)
Index("ix_deliveries_post", deliveries.c.post)
Index("ix_deliveries_status", deliveries.c.status)

messages = Table(
    "messages",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),  # Message.to_json
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery", Id, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("part", Integer, nullable=False, server_default="1"),  # of a thread
    Column("prepared", Text),  # JSON, committed before `publish`
    Column("prepared_at", Instant),
    Column("closed_at", Instant),
    Column("outcome", Text, nullable=False, server_default=""),
)
Index("ix_attempts_delivery", attempts.c.delivery)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("voided_at", Instant),
    Column("voided_why", Text, nullable=False, server_default=""),
)
Index("ix_approvals_digest", approvals.c.digest)

pauses = Table(
    "pauses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("resumed_at", Instant),
    Column("resumed_by", Text, nullable=False, server_default=""),
)

log = Table(
    "log",
    metadata,
    Column("id", Id, primary_key=True),  # the order: the clock may step
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),  # who, or "daemon"
    Column("kind", Text, nullable=False),  # what: a status, or queued, edited, approved, paused, clock, …
    Column("delivery", Id),
    Column("post", Text, nullable=False, server_default=""),
    Column("account", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),  # plain words
    Column("url", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),  # the raw answer, secrets removed
)
Index("ix_log_at", log.c.at)
Index("ix_log_account", log.c.account)
Index("ix_log_kind", log.c.kind)
Index("ix_log_account_kind", log.c.account, log.c.kind)
Index("ix_log_delivery", log.c.delivery)
Index("ix_log_post", log.c.post)
