"""The root: the one place that names concrete parts and wires them. The doors talk to it."""

from __future__ import annotations

import hashlib
import os
import random
import socket
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler import config as configuration
from scheduler import drafts, intake, outcomes, publishers, secrets
from scheduler.clock import Clock, SystemClock
from scheduler.errors import CardError, ConfigError, Refused
from scheduler.model import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime, time

    from scheduler.config import Config
    from scheduler.model import Account, Card, Delivery, Image, Limits, Message, Post
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
        return intake.read(self.config, limits=self.limits, render=render, accounts=accounts, drawn=drawn)

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
        self._decide((row,), by, lambda one: outcomes.confirm(one, url))

    def _decide(self, rows: Sequence[Delivery], by: str, choose: Callable[[Delivery], Decision]) -> None:
        from datetime import timedelta  # noqa: PLC0415

        from scheduler.store import Result  # noqa: PLC0415

        with self.store.writing() as write:
            results = [Result(row, None, choose(row)) for row in rows]
            taken = write.record(results, self.clock.now(), by, timedelta(0))
            if len(taken) < len(results):
                raise Refused("The queue changed while you looked at it. Nothing was done; look again.")

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
        path = self._draft(post)
        out = [d for d in self._rows_of(path) if d.status in (Status.PUBLISHED, Status.PUBLISHING, Status.UNCONFIRMED)]
        if out:
            raise Refused(f"{path.name} is {out[0].status} on {out[0].account} already; it cannot be moved.")
        raw = path.read_bytes()
        source, problems = drafts.decode(raw, f"posts/{path.name}")
        if source is None:
            raise Refused("\n".join(str(p) for p in problems))
        text = drafts.moved(source, f"posts/{path.name}", day, at)
        target = _dated(path, day)
        if target != path and target.exists():
            raise Refused(f"posts/{target.name} exists already. Rename one of the two first.")
        if path.read_bytes() != raw:
            raise Refused(f"posts/{path.name} was changed meanwhile. Nothing was done; try again.")
        _replace(path, text.encode())
        if target != path:
            path.rename(target)
        return target

    def _draft(self, post: str) -> Path:
        name = Path(post).name.removesuffix(".md")
        found = sorted((self.root / "posts").glob("*.md"))
        wanted = [p for p in found if p.stem == name] or [p for p in found if p.stem.startswith(name)]
        if len(wanted) != 1:
            told = ", ".join(p.stem for p in wanted) or "none"
            raise Refused(f'"{post}" does not name one draft (it fits: {told}).')
        return wanted[0]

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
            if not publishers.can_publish(account.network):
                problems.append(_cannot_publish(account))
                continue
            publisher = publishers.connect(account, secrets.of(account, os.environ), root=self.root)
            found[account.name] = Outlet(publisher, self.limits[account.name])
        return found, tuple(problems)

    def publishing(self, outlets: Mapping[str, Outlet], *, wake: Callable[[], None]) -> Publishing:
        """The publishing loop over those accounts."""
        from scheduler.publishing import Publishing  # noqa: PLC0415

        return Publishing(
            self.store,
            outlets,
            clock=self.clock,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            jitter=random.random,
            pictures=self.pictures,
            gap=self.config.campaign.min_gap,
            workers=max(1, min(WORKERS_MOST, len(outlets))),
            wake=wake,
        )

    def pictures(self, message: Message) -> tuple[bytes, ...]:
        """The images of a message, byte for byte as approved. Raises CardError when they cannot be had."""
        return tuple(_picture(image, self.root) for image in message.images)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the right to be the only daemon, where the database allows but one. Raises LockHeld."""
        from contextlib import nullcontext  # noqa: PLC0415

        from scheduler import lock  # noqa: PLC0415

        if not self.one_daemon:
            return nullcontext()
        return lock.held(Path(str(self.store.url.database)).with_suffix(".lock"))

    @property
    def one_daemon(self) -> bool:
        """Whether the database is a file of one machine."""
        return self.store.url.get_backend_name() == "sqlite"


def render(card: Card, root: Path) -> Image:
    """Draw a card, or take it from the cards drawn before."""
    from scheduler import cards  # noqa: PLC0415  Pillow

    return cards.render(card, root)


def _picture(image: Image, root: Path) -> bytes:
    path = root / image.path
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() == image.sha256:
        return data
    if image.card is not None:
        path.unlink(missing_ok=True)
        data = (root / render(image.card, root).path).read_bytes()
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise CardError(
            f"The image {image.path} is not the one that was approved. Look at the post and approve it again."
        )
    return data


def _dated(path: Path, day: date) -> Path:
    """The draft's file under its new day, when its name begins with a day."""
    head, rest = path.name[:10], path.name[10:]
    dated = len(head) == 10 and head[4] == head[7] == "-" and head.replace("-", "").isdigit()  # noqa: PLR2004
    return path.with_name(f"{day.isoformat()}{rest}") if dated else path


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never half."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _unknown_network(account: Account, known: Sequence[str]) -> str:
    return (
        f'config.toml: accounts.{account.name}.network is "{account.network}", which this program does not know. '
        f"Write one of: {', '.join(known)}."
    )


def _cannot_publish(account: Account) -> Problem:
    return Problem(
        "config.toml",
        0,
        "cannot-publish",
        f"accounts.{account.name} is enabled, but this version cannot publish to {account.network} yet.",
        "Set enabled = false.",
        account=account.name,
    )


def today(app: App) -> date:
    """The campaign's date of this instant."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return app.clock.now().astimezone(ZoneInfo(app.config.campaign.zone)).date()


def local(instant: datetime, app: App) -> datetime:
    """An instant in the campaign's zone, for people."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return instant.astimezone(ZoneInfo(app.config.campaign.zone))
