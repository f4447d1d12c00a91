"""Our side: a project with accounts whose network does nothing, and a queue filled fast."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from scheduler.app import App
from scheduler.config import Config
from scheduler.model import Account, Campaign, Count, Health, Limits, Message, NotThere, Published, Status
from scheduler.publishing import Outlet
from scheduler.store import Store
from scheduler.store.tables import deliveries, messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scheduler.model import Found, Problem

LIMITS = Limits(text=500, count=Count.CODEPOINTS)
TEXT = (
    "About 27.6 million people were in forced labor on any given day in 2021. Most of them work in fields, kitchens, "
    "on building sites and in homes, and most are never counted. (ILO, 2021) Need help? Call 1-888-373-7888."
)


@dataclass
class Quiet:
    """A network that does nothing, and notes when it was called."""

    called: list[tuple[str, float]] = field(default_factory=list)

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **_: object) -> dict[str, Any]:
        del message, images
        return {"key": key}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        self.called.append((prepared["key"], time.time()))
        return Published(prepared["key"], "https://quiet.example/post")

    def find(self, prepared: Mapping[str, Any]) -> Found:
        del prepared
        return NotThere()

    def check(self) -> Health:
        return Health("quiet")


@dataclass
class QuietApp(App):
    """The real program, but for its outlets."""

    network: Quiet = field(default_factory=Quiet)

    def outlets(self) -> tuple[dict[str, Outlet], tuple[Problem, ...]]:
        return {a.name: Outlet(self.network, LIMITS) for a in self.config.accounts}, ()


def project(root: Path, many: int, url: str = "", journal: str | None = None) -> QuietApp:
    """A project with `many` accounts and an empty queue."""
    campaign = Campaign(
        name="Bench",
        start=date(2020, 1, 1),
        end=date(2099, 12, 31),
        zone="America/Chicago",
        time=clock_time(9),
        send_within=timedelta(hours=6),
        approval="required",
        help_long="Help",
        help_short="Help",
        min_gap=timedelta(0),
    )
    names = [f"account-{i:02}" for i in range(many)]
    url = url or "sqlite:///campaign.db"
    app = QuietApp(Config(campaign, tuple(Account(n, "feed") for n in names), url, root))
    app.store = Store(url, root, journal=journal)
    with app.store.writing() as write:
        write.set_accounts(names)
    return app


def due(app: QuietApp, instants: Sequence[datetime]) -> None:
    """Queue one approved delivery for each instant, the accounts in turn."""
    names = [a.name for a in app.config.accounts]
    with app.store.writing() as write:
        begun = count_rows(write.connection, "messages")
        found = [_row(begun + i, names[i % len(names)], at) for i, at in enumerate(instants)]
        write.connection.execute(messages.insert(), [message for _, message in found])
        write.connection.execute(deliveries.insert(), [row for row, _ in found])
    settle_statistics(app.store)


def _row(number: int, account: str, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    post = f"post-{number:06}"
    message = Message(
        account=account, network="quiet", text=f"{number}: {TEXT}", title=post, post=post, day="2027-01-01"
    )
    digest = message.digest
    row = {
        "post": post,
        "path": f"posts/{post}.md",
        "account": account,
        "network": "quiet",
        "day": at.date(),
        "title": post,
        "scheduled_at": at,
        "send_until": at + timedelta(hours=6),
        "status": Status.SCHEDULED,
        "digest": digest,
        "approved_digest": digest,
        "next_attempt_at": at,
        "check_at": at + timedelta(hours=6),
    }
    return row, {"digest": digest, "body": message.to_json()}


def history(app: QuietApp, rows: int) -> None:
    """Fill in published deliveries of earlier days up to `rows`, each with its message, attempt and log row."""
    with app.store.writing() as write:
        begun = count_rows(write.connection, "log")
        for statement in (_OLD_DELIVERIES, _OLD_MESSAGES, _OLD_ATTEMPTS, _OLD_LOG):
            _fill(write.connection, statement, begun, rows, len(app.config.accounts))
    settle_statistics(app.store)


def log_only(app: QuietApp, rows: int) -> None:
    """Fill in a log of `rows`, and nothing else."""
    with app.store.writing() as write:
        _fill(write.connection, _OLD_LOG, 0, rows, len(app.config.accounts))


def _fill(connection: sa.Connection, statement: str, begun: int, rows: int, many: int) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT :begun + 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
    whole = statement.replace("SELECT", numbers + "SELECT", 1)
    connection.execute(sa.text(whole), {"begun": begun, "rows": rows, "many": many})


# Row i: account i mod many, published at minute i of 2020 and the years after.
_ID = "(100000000 + i)"
_AT = "(1577890800000000 + CAST(i AS BIGINT) * 60000000)"
_ACCOUNT = "'account-' || (CASE WHEN i % :many < 10 THEN '0' ELSE '' END) || (i % :many)"
_OLD_DELIVERIES = f"""
    INSERT INTO deliveries (id, post, path, account, network, day, title, scheduled_at, send_until, status, digest,
        approved_digest, published_at, fence, attempts, remote_id, url, reason)
    SELECT {_ID}, 'past-' || i, 'posts/past-' || i || '.md', {_ACCOUNT}, 'quiet', '2020-01-01', 'past-' || i, {_AT},
        {_AT} + 21600000000, 'published', 'digest-' || i, 'digest-' || i, {_AT}, 2, 1, 'r' || i,
        'https://quiet.example/' || i, 'Published.' FROM n"""
_OLD_MESSAGES = "INSERT INTO messages (digest, body) SELECT 'digest-' || i, '{}' FROM n"
_OLD_ATTEMPTS = f"""
    INSERT INTO attempts (delivery, number, fence, digest, opened_at, prepared, prepared_at, closed_at, outcome)
    SELECT {_ID}, 1, 1, 'digest-' || i, {_AT}, '{{"key": "k"}}', {_AT}, {_AT}, 'published: Published.' FROM n"""
_OLD_LOG = f"""
    INSERT INTO log (at, actor, kind, delivery, post, account, text, url)
    SELECT {_AT}, 'daemon', 'published', {_ID}, 'past-' || i, {_ACCOUNT}, 'Published.',
        'https://quiet.example/' || i FROM n"""


def count_rows(connection: sa.Connection, table: str) -> int:
    """How many rows a table has."""
    return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


def settle_statistics(store: Store) -> None:
    """What PostgreSQL's own autovacuum would do within a minute."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT", reads=True) as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def count(store: Store, status: Status) -> int:
    """How many deliveries are in that state."""
    with store.reading() as read:
        query = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.status == status)
        return int(read.connection.execute(query).scalar_one())
