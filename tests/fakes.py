"""Stand-ins for what is outside: a clock that is moved by hand, and a network that acts out a script."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler import planning
from scheduler.errors import Disconnected, RateLimited, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Count, Delivery, Health, Limits, Message, NotThere, Published, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.model import Found
    from scheduler.store import Store

NINE = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)  # 09:00 in Chicago
SIX_HOURS = timedelta(hours=6)
LIMITS = Limits(text=500, count=Count.CODEPOINTS, settle_after=timedelta(seconds=60))


class Kept:
    """An account's secrets, in this process alone. As its real twin, it shows none when it is printed."""

    def __init__(self, **values: str) -> None:
        self.held = values

    def __repr__(self) -> str:
        return "Kept()"

    def get(self, name: str) -> str:
        return self.held.get(name, "")

    def keep(self, name: str, value: str) -> None:
        self.held = {**self.held, name: value}

    def values(self) -> tuple[str, ...]:
        return tuple(self.held.values())


@dataclass
class FrozenClock:
    """Stands until it is moved. `set` moves the wall clock alone, as a person or NTP does."""

    wall: datetime = NINE
    boot: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def elapsed(self) -> float:
        return self.boot

    def advance(self, span: timedelta) -> None:
        self.wall += span
        self.boot += span.total_seconds()

    def set(self, span: timedelta) -> None:
        self.wall += span


class Killed(BaseException):
    """The process dies here: nothing after this line happens."""


@dataclass
class ScriptedNetwork:
    """Acts out one verb a publish call, and keeps what truly became public.

    Verbs: ok, lost (it is out, the answer is lost), nothing (lost, and it is not out), unavailable,
    limited, rejected, disconnected, bug (any exception, after it is out), die before, die after.
    """

    script: list[str] = field(default_factory=list)
    finds: list[str] = field(default_factory=list)
    public: Counter[str] = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)
    clock: FrozenClock | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **_: object) -> dict[str, Any]:
        del images
        if self.script and self.script[0].startswith("prepare "):
            self._fail(self.script.pop(0).removeprefix("prepare "))
        self.prepared.append(key)
        return {"key": key, "text": message.text}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        with self._lock:
            verb = self.script.pop(0) if self.script else "ok"
            if verb in ("ok", "lost", "bug", "die after"):
                self.public[prepared["key"]] += 1
                self.texts[prepared["key"]] = prepared["text"]
        if verb != "ok":
            self._fail(verb)
        return self._out(prepared)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        verb = self.finds.pop(0) if self.finds else "look"
        if verb == "cannot":
            return CannotTell("its timeline did not answer.")
        if verb == "blind":
            return NotThere()
        if verb != "look":
            self._fail(verb)
        return self._out(prepared) if self.public[prepared["key"]] else NotThere()

    def check(self) -> Health:
        return Health("scripted")

    def _out(self, prepared: Mapping[str, Any]) -> Published:
        return Published(prepared["key"], f"https://net.example/{prepared['key']}")

    def _fail(self, verb: str) -> None:
        word, _, rest = verb.partition(" ")
        errors: dict[str, BaseException] = {
            "lost": Unconfirmed("The answer was lost."),
            "nothing": Unconfirmed("The answer was lost."),
            "unavailable": Unavailable("No connection."),
            "rejected": Rejected("The network refused the text."),
            "disconnected": Disconnected("The token was revoked."),
            "bug": ValueError("Expecting value: line 1 column 1"),
            "die": Killed(),
        }
        if word == "limited":
            now = self.clock.now() if self.clock else NINE
            raise RateLimited("Too many requests.", retry_at=now + timedelta(seconds=int(rest or 90)))
        raise errors[word]


def message_of(text: str = "A fact.", account: str = "a", **fields: Any) -> Message:  # noqa: ANN401
    return Message(account=account, network="scripted", text=text, **fields)


def planned(
    post: str = "one",
    account: str = "a",
    *,
    at: datetime = NINE,
    text: str = "",
    until: datetime | None = None,
    day: date | None = None,
    path: str | None = None,
) -> planning.Planned:
    return planning.Planned(
        post=post,
        path=path or f"posts/{post}.md",
        account=account,
        network="scripted",
        day=day or at.date(),
        title=post,
        scheduled_at=at,
        send_until=until or at + SIX_HOURS,
        message=message_of(text or f"{post}: a fact.", account),
    )


def queue(store: Store, *wanted: planning.Planned, now: datetime = NINE, approve: bool = True) -> list[Delivery]:
    """Bring the store in line with exactly these, approved by a manager; the rows in order."""
    with store.writing() as write:
        write.set_accounts({w.account for w in wanted} | {a.name for a in write.accounts()})
        changes = planning.changes(
            wanted,
            write.of_campaign(date(2027, 1, 1), date(2027, 1, 31)),
            approved=write.approved(),
            broken=(),
            now=now,
        )
        write.apply(changes, now, "test")
        if approve:
            for row in write.deliveries():
                write.approve(row, "manager", "", now)
        return list(write.deliveries())


def only(store: Store) -> Delivery:
    with store.reading() as read:
        (row,) = read.deliveries()
    return row


def said(store: Store) -> list[str]:
    """The log's rows as "kind: text", oldest first."""
    from sqlalchemy import select  # noqa: PLC0415

    from scheduler.store.tables import log  # noqa: PLC0415

    with store.reading() as read:
        return [f"{r.kind}: {r.text}" for r in read.connection.execute(select(log).order_by(log.c.id))]


ENDED = (Status.PUBLISHED, Status.FAILED, Status.MISSED, Status.CANCELLED)
