"""The root: the one place that names concrete parts and wires them. The doors talk to it."""

from __future__ import annotations

import os
import random
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler import config as configuration
from scheduler import folder, intake, logbook, outcomes, pictures, planning, publishers, secrets
from scheduler.clock import Clock, SystemClock
from scheduler.errors import ConfigError, Refused, SchedulerError
from scheduler.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime, time

    from scheduler.config import Config
    from scheduler.model import Account, Delivery, Limits, Message, Post
    from scheduler.outcomes import Decision
    from scheduler.planning import Change
    from scheduler.publishing import Outlet, Publishing
    from scheduler.store import Store

WORKERS_MOST = 64


@dataclass
class App:
    """The program on one project folder. The database is opened when it is first needed."""

    config: Config
    problems: tuple[Problem, ...] = ()  # warnings of the config
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def open(cls, root: Path) -> App:
        """Read the project's config. Raises ConfigError with every mistake in it."""
        config, problems = configuration.load(root)
        if config is None:
            raise ConfigError("\n".join(str(p) for p in problems))
        known = publishers.available()
        unknown = [a for a in config.accounts if a.network not in known]
        if unknown:
            raise ConfigError("\n".join(_unknown_network(a, known) for a in unknown))
        return cls(config, problems)

    def changed_config(self) -> tuple[App | None, tuple[Problem, ...]]:
        """The program on the config as it stands now: None when it is the same, or has problems."""
        try:
            fresh = App.open(self.root)
            if fresh.config == self.config:
                return None, ()
            worked, _ = self.outlets()
            worse = [p for p in fresh.outlets()[1] if p.account in worked]
            if worse:
                raise ConfigError(worse[0].text)
            fresh.store.work(self.clock.now())
        except SchedulerError as error:
            text = f"It was changed, and cannot be used. {error.text}"
            mend = "Until it is mended, the daemon goes on with what it read before."
            return None, (Problem("config.toml", 0, "config", text, mend),)
        fresh.clock = self.clock
        return fresh, ()

    def close(self) -> None:
        """Give back what was opened."""
        if "store" in self.__dict__:
            self.store.close()

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.config.root

    @cached_property
    def store(self) -> Store:
        """The queue."""
        from scheduler.store import Store  # noqa: PLC0415  SQLAlchemy takes 250 ms to import

        return Store(self.config.store_url, self.root)

    @cached_property
    def limits(self) -> Mapping[str, Limits]:
        """What each configured account takes, by its name."""
        return {a.name: publishers.limits(a) for a in self.config.accounts}

    # Reading the files, and bringing the queue in line.

    def read(
        self, *, accounts: Sequence[Account] | None = None, drawn: Callable[[Post], None] = lambda _post: None
    ) -> intake.Intake:
        """Read, compose, draw and check the month."""
        return intake.read(self.config, limits=self.limits, render=pictures.render, accounts=accounts, drawn=drawn)

    def sync(self, read: intake.Intake, actor: str) -> tuple[Change, ...]:
        """Bring the queue in line with what was read."""
        return intake.sync(self.store, read, self.config, now=self.clock.now(), actor=actor)

    # What a person does. Each raises Refused with a sentence when the state does not allow it.

    def find(self, post: str, account: str | None = None) -> tuple[Delivery, ...]:
        """The deliveries of a post by its slug, its date, or the beginning of its slug. Raises Refused."""
        with self.store.reading() as read:
            rows = read.deliveries(account=account)
        slugs = {r.post for r in rows}
        name = Path(post).name.removesuffix(".md")
        wanted = {name} & slugs or {s for s in slugs if s.startswith(name)}
        if len(wanted) > 1:
            raise Refused(f'"{post}" fits several posts: {", ".join(sorted(wanted))}. Name one.')
        if not wanted:
            where = f" for {account}" if account else ""
            raise Refused(f'No post in the queue{where} is called "{post}". See `campaign status`.')
        return tuple(r for r in rows if r.post in wanted)

    def message(self, delivery: Delivery) -> Message | None:
        """What a delivery would send, or has sent."""
        with self.store.reading() as read:
            return read.message(delivery.digest)

    def approve(self, delivery: Delivery, by: str, note: str) -> None:
        """Approve exactly what `delivery` shows."""
        with self.store.writing() as write:
            write.approve(delivery, by, note, self.clock.now())

    def hold(self, rows: Sequence[Delivery], by: str, note: str) -> None:
        """Stop them until they are released."""
        self._decide(rows, by, lambda row: outcomes.hold(row, note))

    def release(self, rows: Sequence[Delivery], by: str) -> None:
        """Let held ones go on."""
        self._decide(rows, by, lambda row: outcomes.release(row, self.clock.now()))

    def cancel(self, rows: Sequence[Delivery], by: str, note: str) -> None:
        """Take them off for good."""
        self._decide(rows, by, lambda row: outcomes.cancel(row, note))

    def retry(self, rows: Sequence[Delivery], by: str) -> None:
        """Send them again; for an unconfirmed one this says that it is not out."""
        window = self.config.campaign.send_within
        self._decide(rows, by, lambda row: outcomes.retry(row, self.clock.now(), window))

    def confirm(self, row: Delivery, by: str, url: str) -> None:
        """A person saw it on the account, at `url`."""
        self._decide((row,), by, lambda one: outcomes.confirm(one, url, self.clock.now()))

    def _decide(self, rows: Sequence[Delivery], by: str, choose: Callable[[Delivery], Decision]) -> None:
        from scheduler.store import Result  # noqa: PLC0415

        with self.store.writing() as write:
            results = [Result(row, None, choose(row)) for row in rows]
            taken = write.record(results, self.clock.now(), by, timedelta(0))
            if len(taken) < len(results):
                raise Refused("The queue changed while you looked at it. Nothing was done; look again.")

    def log(self, query: logbook.Query) -> tuple[logbook.Entry, ...]:
        """What the log has, newest first."""
        if self.database_file is not None:
            return logbook.read(self.database_file, query)
        with self.store.reading() as read:
            return logbook.entries(read.connection.exec_driver_sql(*query.for_postgresql()))

    def pause(self, by: str, reason: str) -> None:
        """Stop the whole campaign at once."""
        with self.store.writing() as write:
            write.start_pause(by, reason, self.clock.now())

    def resume(self, by: str) -> None:
        """Let the campaign go on."""
        with self.store.writing() as write:
            write.end_pause(by, self.clock.now())

    def start_account(self, name: str, by: str) -> None:
        """A person mended the account."""
        with self.store.writing() as write:
            write.start_account(name, self.clock.now(), by)

    def move(self, post: str, day: date, at: time | None) -> Path:
        """Move a draft to another day: its date line is rewritten, and its file renamed after it.

        Raises Refused when it is out already, or when the new name is taken.
        """
        path = folder.draft(self.root, post)
        out = [d for d in self._rows_of(path) if d.status in planning.SETTLED]
        if out:
            raise Refused(f"{path.name} is {out[0].status} on {out[0].account} already; it cannot be moved.")
        return folder.move(path, day, at)

    def _rows_of(self, path: Path) -> tuple[Delivery, ...]:
        with self.store.reading() as read:
            return read.deliveries(post=path.stem)

    # Publishing.

    def outlets(self) -> tuple[dict[str, Outlet], tuple[Problem, ...]]:
        """The enabled accounts, connected; and a Problem for each that cannot be."""
        from scheduler.publishing import Outlet  # noqa: PLC0415

        found: dict[str, Outlet] = {}
        problems: list[Problem] = []
        for account in self.config.accounts:
            if not account.enabled:
                continue
            try:
                publisher = publishers.connect(account, self.secret(account), root=self.root)
            except SchedulerError as error:  # the other accounts go on
                problems.append(_not_connected(account, error))
                continue
            found[account.name] = Outlet(publisher, self.limits[account.name])
        return found, tuple(problems)

    def secret(self, account: Account) -> secrets.Secrets:
        """The account's secrets. Nothing is read yet."""
        return secrets.of(account, os.environ, self.root, names=publishers.secret_names(account.network))

    def publishing(
        self, outlets: Mapping[str, Outlet], *, wake: Callable[[], None], workers: int | None = None
    ) -> Publishing:
        """The publishing loop over those accounts; `workers` 0 runs it all in the caller's thread."""
        from scheduler.publishing import Publishing  # noqa: PLC0415

        return Publishing(
            self.store,
            outlets,
            clock=self.clock,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            jitter=random.random,
            pictures=self.pictures,
            gap=self.config.campaign.min_gap,
            workers=max(1, min(WORKERS_MOST, len(outlets))) if workers is None else workers,
            wake=wake,
        )

    def pictures(self, message: Message) -> tuple[bytes, ...]:
        """The images of a message, byte for byte as approved. Raises CardError, Unavailable."""
        return pictures.of(message, self.root)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the right to be the only daemon, where the database allows but one. Raises LockHeld."""
        from contextlib import nullcontext  # noqa: PLC0415

        from scheduler import lock  # noqa: PLC0415

        if self.database_file is None:
            return nullcontext()
        return lock.held(self.database_file.with_suffix(".lock"))

    @cached_property
    def database_file(self) -> Path | None:
        """The database, when it is a file of one machine; it is not opened. None: a server has it."""
        from scheduler.store import database  # noqa: PLC0415

        url = database.resolve(self.config.store_url, self.root)
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None

    @property
    def one_daemon(self) -> bool:
        """Whether the database is a file of one machine."""
        return self.database_file is not None


def _unknown_network(account: Account, known: Sequence[str]) -> str:
    return (
        f'config.toml: accounts.{account.name}.network is "{account.network}", which this program does not know. '
        f"Write one of: {', '.join(known)}."
    )


def _not_connected(account: Account, error: SchedulerError) -> Problem:
    mend = "Until then its posts wait, and are missed when their time is over."
    return Problem("config.toml", 0, "not-connected", error.text, mend, account=account.name)


def today(app: App) -> date:
    """The campaign's date of this instant."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return app.clock.now().astimezone(ZoneInfo(app.config.campaign.zone)).date()


def local(instant: datetime, app: App) -> datetime:
    """An instant in the campaign's zone, for people."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return instant.astimezone(ZoneInfo(app.config.campaign.zone))
