"""The queue against chance: random schedules of all that can happen, and the promises after each step.

Two workers on the real store and the real publishing loop, people, drafts that change, a clock that
jumps, and networks that lose answers. Short form: in the normal run. Long form, thousands of schedules
from fresh seeds: python -m pytest tests/test_machine.py --long
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scheduler import intake, outcomes, planning
from scheduler.app import App
from scheduler.config import Config
from scheduler.errors import Refused, StoreBusy, Unconfirmed
from scheduler.model import Account, Campaign, Delivery, NotThere, Published, Status
from scheduler.publishing import Outlet, Publishing
from scheduler.store import Step, Store, entries, queue
from scheduler.store.reading import COLUMNS, Reading
from scheduler.store.tables import attempts, deliveries, log
from scheduler.store.writing import Writing
from tests.fakes import LIMITS, NINE, FrozenClock, Killed, ScriptedNetwork, planned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scheduler.model import Found

T = TypeVar("T")
Rule = TypeVar("Rule", bound="Callable[..., object]")
ACCOUNTS = ("a", "b")
CALL = timedelta(seconds=30)  # the longest that a publisher waits for an answer
LATE = 50.0  # seconds after the call within which a server may still accept it: less than settle_after
REST = 60.0  # seconds without claims after the clock was set: the daemon's rule
GAP = timedelta(minutes=1)
WINDOW = timedelta(hours=6)  # what a person's retry gives
MANAGER = "manager"
VERBS = ("ok", "lost", "nothing", "late", "hang", "hang lost", "unavailable", "limited 90", "limited 90000")
RARE = ("rejected", "disconnected", "bug", "die before", "die after", "die late")
PREPARING = ("prepare unavailable", "prepare bug", "prepare lost", "prepare die", "prepare rejected")
OUT = (Status.PUBLISHED, Status.PUBLISHING, Status.UNCONFIRMED)  # where a delivery that is public may stand


def when(there_is: Callable[[Machine], object]) -> Callable[[Rule], Rule]:
    """A rule's precondition: something that it needs."""
    return precondition(lambda machine: bool(there_is(machine)))


class BrokenPromise(AssertionError):
    """What the machine looks for."""


def promise(holds: object, said: str) -> None:
    if not holds:
        raise BrokenPromise(said)


class Clock(FrozenClock):
    """A clock at which the process may be stopped for a while, between two of its lines."""

    stall: Callable[[], None] | None = None
    stall_in: int = 0  # at which question

    def elapsed(self) -> float:
        if self.stall is not None:
            self.stall_in -= 1
            if self.stall_in <= 0:
                stall, self.stall = self.stall, None
                stall()
        return self.boot


@dataclass
class Network(ScriptedNetwork):
    """A scripted network that may also accept late, and tells the world of each call."""

    world: Machine | None = None
    account: str = ""
    late: list[tuple[float, Mapping[str, Any]]] = field(default_factory=list)
    blind: set[str] = field(default_factory=set)  # keys whose next look sees nothing, as timelines lag

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        assert self.world
        verb = self.script[0] if self.script else "ok"
        self.world.called(self.account, prepared)
        if verb.startswith("hang"):
            self.script[0] = verb.removeprefix("hang").strip() or "ok"
            self.world.meanwhile(CALL)
        if verb in ("late", "die late"):
            self.script.pop(0)
            self.late.append((self.world.clock.boot + LATE, prepared))
            if verb == "die late":
                raise Killed
            raise Unconfirmed("No answer came.")
        return super().publish(prepared)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        if prepared["key"] in self.blind:
            self.blind.discard(prepared["key"])
            return NotThere()
        return super().find(prepared)

    def accept_late(self, boot: float) -> None:
        for due, prepared in [x for x in self.late if x[0] <= boot]:
            self.late.remove((due, prepared))
            self.public[prepared["key"]] += 1
            self.texts[prepared["key"]] = prepared["text"]


class LockableStore(Store):
    """A store whose next writes of the loop may find the database locked."""

    locked = 0

    def step(self, **what: Any) -> Step:  # noqa: ANN401
        if self.locked:
            self.locked -= 1
            raise StoreBusy("The database is locked.")
        return super().step(**what)


@dataclass
class Worker:
    """One daemon; what it has in memory dies with it."""

    owner: str
    publishing: Publishing
    stopped: bool = False  # SIGSTOP, or a machine asleep


@dataclass
class Draft:
    """A file in posts/, as people change it."""

    uid: int
    slug: str
    day: int
    at: datetime
    window: timedelta
    accounts: tuple[str, ...]
    version: int = 1
    versions: int = 1
    state: str = "there"  # there, broken, deleted

    @property
    def path(self) -> str:
        return f"posts/{self.slug}.md"

    def text(self, account: str) -> str:
        return f"Draft {self.uid} for {account}, version {self.version}."


@cache
def template() -> bytes:
    """An empty database with the whole schema, to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        made = Store("sqlite:///t.db", Path(folder), journal="delete")
        made.close()
        return (Path(folder) / "t.db").read_bytes()


def fresh_store(folder: Path) -> LockableStore:
    (folder / "t.db").write_bytes(template())
    made = LockableStore("sqlite:///t.db", folder, journal="delete")
    made.close()

    @sa.event.listens_for(made.engine, "connect")
    def _fast(raw: Any, _record: object) -> None:  # noqa: ANN401
        raw.execute("PRAGMA synchronous=OFF")  # power cuts are tried elsewhere; here each run must be quick
        raw.execute("PRAGMA journal_mode=MEMORY")

    return made


def campaign() -> Campaign:
    return Campaign(
        name="January",
        start=date(2027, 1, 1),
        end=date(2027, 1, 31),
        zone="UTC",
        time=time(9),
        send_within=WINDOW,
        approval="required",
        help_long="",
        help_short="",
        min_gap=GAP,
    )


class Machine(RuleBasedStateMachine):
    """The world: two workers, people, drafts, networks, a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="campaign-machine-"))
        self.store = fresh_store(self.folder)
        self.clock = Clock()
        self.off: set[str] = set()  # accounts that the config switched off
        self.networks = {a: Network(world=self, account=a, clock=self.clock) for a in ACCOUNTS}
        self.app = App(self.config(), clock=self.clock)
        self.app.__dict__["store"] = self.store  # the cached property, filled in
        self.drafts: list[Draft] = []
        self.workers: dict[str, Worker | None] = {}
        self.running: list[str] = []  # whose turn it is now; a stopped one first
        self.starts = 0
        self.paused = False
        self.dirty = False  # drafts changed since the last reading
        self.rest_until = 0.0
        self.words: dict[str, str] = {}  # digest → text
        self.owned: dict[str, int] = {}  # digest → draft
        self.approved: set[str] = set()  # texts that a person approved and no edit took back
        self.held: set[int] = set()  # deliveries that a person stopped
        self.given: dict[int, datetime] = {}  # until when a person's retry lets a delivery go out
        self.seen: dict[int, Delivery] = {}  # as a person last looked at them
        self.rows: tuple[Delivery, ...] = ()
        self.broken: list[str] = []  # promises broken inside a call, where exceptions are swallowed
        self.before: dict[int, Delivery] = {}
        self.logged: tuple[int, object] = (0, None)
        for name in "AB":
            self.start(name, self.new_owner(name))

    # The machinery.

    def config(self) -> Config:
        accounts = tuple(Account(name=a, network="scripted", enabled=a not in self.off) for a in ACCOUNTS)
        return Config(campaign(), accounts, "", self.folder)

    def new_owner(self, name: str) -> str:
        self.starts += 1
        return f"{name}:{self.starts}"

    def start(self, name: str, owner: str) -> Worker:
        limits = {"a": LIMITS, "b": replace(LIMITS, settle_reads=2)}
        publishing = Publishing(
            self.store,
            {a: Outlet(self.networks[a], limits[a]) for a in ACCOUNTS},
            clock=self.clock,
            owner=owner,
            jitter=lambda: 0.5,
            pictures=lambda _message: (),
            gap=GAP,
            workers=0,
        )
        worker = self.workers[name] = Worker(owner, publishing)
        return worker

    def awake(self) -> list[str]:
        return [n for n, w in self.workers.items() if w and not w.stopped]

    def one_turn(self, name: str) -> bool:
        worker = self.workers[name]
        if worker is None or worker.stopped or name in self.running:
            return False
        self.running.append(name)
        try:
            return worker.publishing.turn(claim=self.clock.boot >= self.rest_until)
        except StoreBusy:
            return False
        except Killed:
            self.workers[name] = None
            return False
        finally:
            self.running.remove(name)

    def drain(self, name: str) -> None:
        for _ in range(100):
            if not self.one_turn(name):
                return
        raise BrokenPromise(f"{name} never comes to rest")

    def forward(self, span: timedelta) -> None:
        self.clock.advance(span)
        for network in self.networks.values():
            network.accept_late(self.clock.boot)

    def meanwhile(self, span: timedelta) -> None:
        """Time passes inside a line of one worker, and the other goes on."""
        for part in (0.9, 0.1):
            self.forward(span * part)
            for name in self.awake():
                if name not in self.running:
                    self.drain(name)

    def called(self, account: str, prepared: Mapping[str, Any]) -> None:
        """A publish call is being made: is it allowed?"""
        with self.store.reading() as read:
            rows = {r.key: r for r in read.deliveries(account=account)}
            row = rows[prepared["key"]]
            tries = read.attempts(row.id)
        text = prepared["text"]
        now = self.clock.now()
        self.note(now <= row.send_until, f"{text} called at {now}, after {row.send_until}")
        self.note(not self.paused, f"{text} called while paused")
        self.note(row.id not in self.held, f"{text} called though a person holds it")
        self.note(text in self.approved, f"{text} called, not approved")
        self.note(any(t.prepared == prepared for t in tries), f"{text} called before its prepared state was saved")
        self.note(not self.networks[account].public[prepared["key"]], f"{text} called though it is public")

    def note(self, holds: object, said: str) -> None:
        if not holds:
            self.broken.append(said)

    def with_status(self, *states: Status) -> list[Delivery]:
        return [r for r in self.rows if r.status in states]

    def public(self, row: Delivery) -> int:
        return self.networks[row.account].public[row.key]

    def still_coming(self, row: Delivery) -> bool:
        key = row.key
        return any(p["key"] == key for _, p in self.networks[row.account].late)

    def settled(self, draft: Draft) -> bool:
        return any(self.owned[r.digest] == draft.uid for r in self.with_status(*planning.SETTLED))

    def look(self) -> None:
        with self.store.reading() as read:
            self.rows = read.deliveries()

    # What the files say.

    def planned(self) -> tuple[planning.Planned, ...]:
        found = [
            planned(d.slug, a, at=d.at, until=d.at + d.window, text=d.text(a), day=date(2027, 1, d.day))
            for d in self.drafts
            for a in d.accounts
            if d.state == "there" and a not in self.off
        ]
        for want in found:
            self.words[want.message.digest] = want.message.text
            self.owned[want.message.digest] = int(want.message.text.split()[1])
        return tuple(found)

    def changed(self, *, at_once: bool) -> None:
        self.dirty = True
        if at_once:
            self.read()

    def read(self) -> None:
        """The intake: the real sync. What it must void is worked out here by itself."""
        wanted = self.planned()
        current = {(self.owned[w.message.digest], w.account): w.message.text for w in wanted}
        with self.store.reading() as read:
            rows = read.deliveries()
        for row in rows:
            text = current.get((self.owned[row.digest], row.account))
            if row.status not in planning.SETTLED and text not in (None, self.words[row.digest]):
                self.approved.discard(self.words[row.digest])
        broken = frozenset((d.path, "") for d in self.drafts if d.state == "broken")
        found = intake.Intake((), {}, wanted, {}, (), broken)
        intake.sync(self.store, found, self.config(), now=self.clock.now(), actor="daemon")
        self.dirty = False

    def there(self, *states: str) -> list[Draft]:
        return [d for d in self.drafts if d.state in (states or ("there",))]

    # Rules. Each has a precondition: a step that does nothing is a step not spent on finding a bug.

    @initialize(
        count=st.integers(1, 3),
        both=st.booleans(),
        approve=st.integers(0, 3).map(bool),
        verbs=st.lists(st.sampled_from(VERBS + RARE), max_size=3),
    )
    def fill(self, count: int, verbs: list[str], *, both: bool, approve: bool) -> None:
        self.networks["a"].script = verbs
        for _ in range(count):
            self.add(0, WINDOW, ACCOUNTS if both else ("a",))
        self.read()
        self.look()
        if approve:
            for row in self.rows:
                self.approve_row(row)

    def add(self, minutes: int, window: timedelta, accounts: tuple[str, ...]) -> None:
        uid = len(self.drafts) + 1
        at = self.clock.now() + timedelta(minutes=minutes)
        self.drafts.append(Draft(uid, f"post-{uid}", uid, at, window, accounts))

    @when(lambda self: len(self.drafts) < 6)
    @rule(
        minutes=st.sampled_from([-60 * 24, -10, 0, 1, 5, 60]),
        window=st.sampled_from([timedelta(minutes=10), timedelta(hours=1), WINDOW]),
        both=st.booleans(),
    )
    def write_a_draft(self, minutes: int, window: timedelta, *, both: bool) -> None:
        self.add(minutes, window, ACCOUNTS if both else ("b",))
        self.changed(at_once=True)

    @when(lambda self: self.dirty)
    @rule()
    def read_the_drafts(self) -> None:
        self.read()

    @when(lambda self: self.there("there", "broken"))
    @rule(p=st.integers(0, 5), at_once=st.booleans())
    def edit(self, p: int, *, at_once: bool) -> None:
        draft = pick(self.there("there", "broken"), p)
        draft.versions += 1
        draft.version = draft.versions
        self.changed(at_once=at_once)

    @when(lambda self: [d for d in self.there() if d.versions > 1])
    @rule(p=st.integers(0, 5), at_once=st.booleans())
    def put_an_old_text_back(self, p: int, *, at_once: bool) -> None:
        draft = pick([d for d in self.there() if d.versions > 1], p)
        draft.version = draft.version - 1 or draft.versions
        self.changed(at_once=at_once)

    @when(lambda self: self.there())
    @rule(p=st.integers(0, 5), minutes=st.sampled_from([-120, -5, 5, 60, 60 * 24]), at_once=st.booleans())
    def move(self, p: int, minutes: int, *, at_once: bool) -> None:
        pick(self.there(), p).at += timedelta(minutes=minutes)
        self.given.clear()  # a new time has its own window
        self.changed(at_once=at_once)

    @when(lambda self: len(self.there()) > 1)
    @rule(p=st.integers(0, 5), at_once=st.booleans())
    def swap_two_days(self, p: int, *, at_once: bool) -> None:
        one, two = pick(self.there(), p), pick(self.there(), p + 1)
        one.at, two.at, one.day, two.day = two.at, one.at, two.day, one.day
        self.given.clear()
        self.changed(at_once=at_once)

    @when(lambda self: self.there())
    @rule(p=st.integers(0, 5), edited=st.booleans())
    def rename(self, p: int, *, edited: bool) -> None:
        draft = pick(self.there(), p)
        off = [r for r in self.with_status(Status.CANCELLED) if self.owned[r.digest] == draft.uid]
        draft.slug += "-x"
        if edited and not off and not self.dirty:  # a cancelled one that is renamed and rewritten is a new one
            draft.versions += 1
            draft.version = draft.versions
        self.changed(at_once=True)

    @when(lambda self: self.there())
    @rule(p=st.integers(0, 5))
    def delete(self, p: int) -> None:
        pick(self.there(), p).state = "deleted"
        self.changed(at_once=True)

    @when(lambda self: self.there())
    @rule(p=st.integers(0, 5))
    def break_a_draft(self, p: int) -> None:
        pick(self.there(), p).state = "broken"
        self.changed(at_once=True)

    @when(lambda self: self.there("deleted", "broken"))
    @rule(p=st.integers(0, 5))
    def bring_a_draft_back(self, p: int) -> None:
        pick(self.there("deleted", "broken"), p).state = "there"
        self.changed(at_once=True)

    @rule(name=st.sampled_from(ACCOUNTS))
    @when(lambda self: self.drafts)
    def switch_an_account(self, name: str) -> None:
        self.off ^= {name}
        self.read()

    # The workers.

    def has_work(self) -> bool:
        now = self.clock.now()
        return any(
            (r.next_attempt_at and r.next_attempt_at <= now) or (r.check_at and r.check_at <= now) for r in self.rows
        ) or any(w and (w.publishing.in_flight or w.publishing._saves) for w in self.workers.values())

    @when(lambda self: self.awake() and self.has_work())
    @rule(p=st.integers(0, 1), turns=st.integers(1, 3))
    def turn(self, p: int, turns: int) -> None:
        name = pick(self.awake(), p)
        for _ in range(turns):
            if not self.one_turn(name):
                return

    @when(lambda self: self.awake() and self.has_work())
    @rule(p=st.integers(0, 1))
    def turns_until_quiet(self, p: int) -> None:
        self.drain(pick(self.awake(), p))

    @when(lambda self: self.awake() and self.has_work())
    @rule(
        p=st.integers(0, 1),
        question=st.integers(1, 3),
        span=st.sampled_from([timedelta(seconds=55), timedelta(minutes=11), timedelta(minutes=40), timedelta(hours=7)]),
    )
    def turn_that_is_stopped_in_the_middle(self, p: int, question: int, span: timedelta) -> None:
        self.clock.stall, self.clock.stall_in = (lambda: self.meanwhile(span)), question
        name = pick(self.awake(), p)
        self.one_turn(name)
        self.one_turn(name)
        self.clock.stall = None

    @when(lambda self: self.awake() and self.has_work())
    @rule(p=st.integers(0, 1))
    def turn_on_a_locked_database(self, p: int) -> None:
        self.store.locked = 1
        self.one_turn(pick(self.awake(), p))
        self.store.locked = 0

    @when(lambda self: self.with_status(Status.SCHEDULED, Status.PUBLISHING))
    @rule(name=st.sampled_from(ACCOUNTS), verb=st.sampled_from(VERBS + VERBS + RARE + PREPARING))
    def the_network_will(self, name: str, verb: str) -> None:
        script = self.networks[name].script
        if len(script) < 4:
            script.append(verb)

    @when(lambda self: self.with_status(Status.UNCONFIRMED, Status.PUBLISHING))
    @rule(name=st.sampled_from(ACCOUNTS), times=st.sampled_from([1, 8]))
    def the_network_cannot_tell(self, name: str, times: int) -> None:
        self.networks[name].finds[:] = ["cannot"] * times

    @when(lambda self: [r for r in self.with_status(Status.UNCONFIRMED) if r.account == "b" and not r.reads])
    @rule()
    def the_timeline_lags(self) -> None:
        row = next(r for r in self.with_status(Status.UNCONFIRMED) if r.account == "b" and not r.reads)
        self.networks["b"].blind.add(row.key)

    @when(lambda self: any(self.workers.values()))
    @rule(p=st.integers(0, 1))
    def crash(self, p: int) -> None:
        self.workers[pick([n for n, w in self.workers.items() if w], p)] = None

    @when(lambda self: not all(self.workers.values()))
    @rule(p=st.integers(0, 1), same_owner=st.booleans())
    def restart(self, p: int, *, same_owner: bool) -> None:
        name = pick([n for n, w in self.workers.items() if not w], p)
        owner = f"{name}:{self.starts}" if same_owner else self.new_owner(name)
        alone = not any(self.workers.values())
        self.start(name, owner).publishing.recover(alone=alone)

    @when(lambda self: self.awake())
    @rule(p=st.integers(0, 1))
    def stop_a_worker(self, p: int) -> None:
        worker = self.workers[pick(self.awake(), p)]
        assert worker
        worker.stopped = True

    @when(lambda self: [w for w in self.workers.values() if w and w.stopped])
    @rule(p=st.integers(0, 1))
    def wake_a_worker(self, p: int) -> None:
        pick([w for w in self.workers.values() if w and w.stopped], p).stopped = False

    @when(lambda self: self.rows)
    @rule(
        span=st.sampled_from(
            [timedelta(seconds=s) for s in (1, 30, 61, 61, 300, 595, 660)] + [timedelta(hours=h) for h in (1, 5, 24)]
        )
    )
    def time_passes(self, span: timedelta) -> None:
        self.forward(span)

    @when(lambda self: [r for r in self.rows if r.next_attempt_at or r.check_at])
    @rule()
    def time_passes_until_something_is_due(self) -> None:
        at = self.store.next_instant(self.clock.now())
        if at:
            self.forward(at - self.clock.now())

    @when(lambda self: self.rows)
    @rule(span=st.sampled_from([timedelta(hours=-1), timedelta(hours=1), timedelta(days=1)]))
    def the_clock_is_set(self, span: timedelta) -> None:
        self.clock.set(span)
        self.rest_until = self.clock.boot + REST

    # People. They see a row as it is, or as it was when they last looked.

    @when(lambda self: self.rows)
    @rule()
    def a_person_looks(self) -> None:
        self.seen = {r.id: r for r in self.rows}

    def a_row(self, p: int, stale: bool, *states: Status) -> Delivery:  # noqa: FBT001
        row = pick(self.with_status(*states), p)
        return self.seen.get(row.id, row) if stale else row

    def approve_row(self, row: Delivery) -> None:
        with contextlib.suppress(Refused):
            self.app.approve(row, MANAGER, "")
            self.approved.add(self.words[row.digest])

    @when(lambda self: [r for r in self.rows if not r.approved])
    @rule(p=st.integers(0, 9), stale=st.booleans())
    def approve(self, p: int, *, stale: bool) -> None:
        row = pick([r for r in self.rows if not r.approved], p)
        self.approve_row(self.seen.get(row.id, row) if stale else row)

    @when(lambda self: self.with_status(Status.SCHEDULED))
    @rule(p=st.integers(0, 9), stale=st.booleans())
    def hold(self, p: int, *, stale: bool) -> None:
        row = self.a_row(p, stale, Status.SCHEDULED)
        with contextlib.suppress(Refused):
            self.app.hold([row], MANAGER, "wait")
            self.held.add(row.id)

    @when(lambda self: self.with_status(Status.HELD))
    @rule(p=st.integers(0, 9), stale=st.booleans())
    def release(self, p: int, *, stale: bool) -> None:
        row = self.a_row(p, stale, Status.HELD)
        with contextlib.suppress(Refused):
            self.app.release([row], MANAGER)
            self.held.discard(row.id)

    @when(lambda self: self.with_status(Status.SCHEDULED, Status.HELD, Status.FAILED, Status.MISSED))
    @rule(p=st.integers(0, 9), stale=st.booleans())
    def cancel(self, p: int, *, stale: bool) -> None:
        row = self.a_row(p, stale, Status.SCHEDULED, Status.HELD, Status.FAILED, Status.MISSED)
        with contextlib.suppress(Refused):
            self.app.cancel([row], MANAGER, "")

    def retriable(self) -> list[Delivery]:
        """A person looks at the account first, and waits until nothing more can come."""
        ended = self.with_status(Status.FAILED, Status.MISSED, Status.CANCELLED, Status.UNCONFIRMED)
        again = [r for r in self.with_status(Status.SCHEDULED) if r.attempts]
        return [r for r in (*ended, *again) if not self.public(r) and not self.still_coming(r)]

    @when(lambda self: self.retriable())
    @rule(p=st.integers(0, 9), stale=st.booleans())
    def retry(self, p: int, *, stale: bool) -> None:
        row = pick(self.retriable(), p)
        row = self.seen.get(row.id, row) if stale else row
        with contextlib.suppress(Refused):
            self.app.retry([row], MANAGER)
            self.held.discard(row.id)
            if row.status is not Status.SCHEDULED and not self.dirty:
                self.given[row.id] = self.clock.now() + WINDOW

    def seen_outside(self) -> list[Delivery]:
        return [r for r in self.with_status(Status.UNCONFIRMED) if self.public(r)]

    @when(lambda self: self.seen_outside())
    @rule(p=st.integers(0, 9))
    def confirm(self, p: int) -> None:
        row = pick(self.seen_outside(), p)
        self.held.discard(row.id)
        self.app.confirm(row, MANAGER, f"https://net.example/{row.key}")

    @when(lambda self: self.rows)
    @rule()
    def pause_or_resume(self) -> None:
        if self.paused:
            self.app.resume(MANAGER)
        else:
            self.app.pause(MANAGER, "A breaking case")
        self.paused = not self.paused

    @when(lambda self: any(n.script or n.finds for n in self.networks.values()))
    @rule(name=st.sampled_from(ACCOUNTS))
    def mend_an_account(self, name: str) -> None:
        self.app.start_account(name, MANAGER)

    # The promises.

    @invariant()
    def promises_hold(self) -> None:
        try:
            self.look_at_the_promises()
        except BrokenPromise as error:
            self.broken.append(str(error))  # the end need not be tried
            raise

    def look_at_the_promises(self) -> None:
        self.look()
        promise(not self.broken, "; ".join(self.broken))
        self.never_twice()
        for row in self.rows:
            self.never_lost(row)
            self.told_truly(row)
            self.only_grows(row)
        self.one_at_a_time()
        self.log_tells_the_state()
        self.before = {r.id: r for r in self.rows}

    def never_twice(self) -> None:
        for name, network in self.networks.items():
            promise(all(n <= 1 for n in network.public.values()), f"twice on {name}: {network.texts}")
            drafts = Counter(text.split(",")[0] for text in network.texts.values())
            promise(all(n <= 1 for n in drafts.values()), f"one draft twice on {name}: {drafts}")
            for text in network.texts.values():
                promise(text.split(",")[0].endswith(f"for {name}"), f"{text} on {name}")

    def never_lost(self, row: Delivery) -> None:
        waits = {
            Status.SCHEDULED: row.check_at is not None and (row.next_attempt_at is not None) == row.approved,
            Status.PUBLISHING: bool(row.check_at and row.lease_until and row.lease_owner and row.approved),
            Status.UNCONFIRMED: row.check_at is not None or "confirm or retry" in row.reason,
        }
        ended = row.next_attempt_at is None and row.check_at is None and bool(row.reason)
        promise(waits.get(row.status, ended), f"nobody will look at {row}")
        if row.status is Status.CANCELLED:
            self.given.pop(row.id, None)
        given = self.given.get(row.id)
        if given and row.status is Status.SCHEDULED:
            promise(row.send_until >= given, f"a person gave it time until {given}: {row}")
        promise((row.lease_until is not None) == (row.status is Status.PUBLISHING), f"a lease that nobody has: {row}")

    def told_truly(self, row: Delivery) -> None:
        public = self.public(row)
        if public:
            promise(row.status in OUT, f"it is public, and the queue says: {row}")
        if row.status is Status.PUBLISHED:
            key = row.key
            promise(public == 1, f"it is not public, and the queue says: {row}")
            promise(row.url == f"https://net.example/{key}", f"a wrong address: {row}")
            promise(row.published_at, f"published at no time: {row}")

    def only_grows(self, row: Delivery) -> None:
        was = self.before.get(row.id, row)
        promise(row.fence >= was.fence and row.attempts >= was.attempts, f"{was} went back to {row}")
        promise(was.status is not Status.PUBLISHED or row.status is Status.PUBLISHED, f"{was} became {row}")

    def one_at_a_time(self) -> None:
        busy = Counter(r.account for r in self.with_status(Status.PUBLISHING))
        promise(all(n == 1 for n in busy.values()), f"two at a time: {busy}")

    def log_tells_the_state(self) -> None:
        told: dict[int, Status] = {}
        with self.store.reading() as read:
            rows = read.connection.execute(sa.select(log).order_by(log.c.id)).all()
            numbers = read.connection.execute(sa.select(attempts.c.delivery, sa.func.count()).group_by("delivery"))
            tries = {n.delivery: n[1] for n in numbers}
        count, last = self.logged
        promise(len(rows) >= count and (not count or rows[count - 1] == last), "the log was changed")
        self.logged = (len(rows), rows[-1] if rows else None)
        for row in rows:
            state = state_told(row.kind)
            if row.delivery and state:
                told[row.delivery] = state
        for one in self.rows:
            said = told.get(one.id)
            wanted = Status.SCHEDULED if one.status is Status.PUBLISHING else one.status
            promise(said is wanted, f"the log says {said}, and the row: {one}")
            promise(tries.get(one.id, 0) == one.attempts, f"attempts that were not opened: {one}")

    # The end: everything settles, and each delivery is ended or waits for a person with a sentence.

    def teardown(self) -> None:
        try:
            if not self.broken:
                self.let_it_settle()
        finally:
            self.store.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def let_it_settle(self) -> None:
        for network in self.networks.values():
            network.script, network.finds = [], []
            self.app.start_account(network.account, MANAGER)
        if self.paused:
            self.app.resume(MANAGER)
            self.paused = False
        for worker in self.workers.values():
            if worker:
                worker.stopped = False
        self.off = set()
        self.read()
        for name in self.workers:
            if self.workers[name] is None:
                self.start(name, self.new_owner(name)).publishing.recover(alone=False)
        self.forward(timedelta(seconds=REST))
        for _ in range(300):
            for name in self.workers:
                self.drain(name)
            at = self.store.next_instant(self.clock.now())
            if at is None:
                break
            self.forward(at - self.clock.now())
            self.promises_hold()
        self.promises_hold()
        waiting = [r for r in self.rows if r.status in (Status.SCHEDULED, Status.PUBLISHING)]
        promise(not waiting, f"it never came to an end: {waiting}")
        promise(all(r.reason.endswith(".") or ": " in r.reason for r in self.rows), f"no sentence: {self.rows}")


STATES_TOLD = {"queued": Status.SCHEDULED, "restored": Status.SCHEDULED, "withdrawn": Status.CANCELLED}


def state_told(kind: str) -> Status | None:
    """The state that a log row of that kind tells of; None for edits, moves, approvals and the like."""
    return STATES_TOLD.get(kind) or (Status(kind) if kind in set(Status) else None)


def pick(some: Sequence[T], p: int) -> T:
    return some[p % len(some)]


def settings_of(examples: int, **more: Any) -> settings:  # noqa: ANN401
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        **more,
    )


def test_the_promises_hold_whatever_happens(*, long: bool) -> None:
    if long:
        run_state_machine_as_test(Machine, settings=settings_of(5000, print_blob=True))
    else:
        run_state_machine_as_test(Machine, settings=settings_of(120, derandomize=True))


# A machine that finds nothing proves nothing: each of these bugs, put in from outside, must be found.

Patch = pytest.MonkeyPatch


def without(statement: Any, word: str) -> Any:  # noqa: ANN401
    """The statement without its conditions that name `word`."""
    copy = statement._generate()
    copy._where_criteria = tuple(c for c in copy._where_criteria if word not in str(c))
    return copy


def no_fence(patch: Patch) -> None:
    patch.setattr(queue.Queue, "_ours", lambda _self, fences, _status: frozenset(i for i, _ in fences))


def resend_instead_of_find(patch: Patch) -> None:
    patch.setattr(Network, "find", lambda _self, _prepared: NotThere())


def recovery_thinks_that_nothing_was_sent(patch: Patch) -> None:
    def expired(row: Delivery, _attempt: object, now: datetime, _limits: object) -> outcomes.Decision:
        return outcomes.again(row, now, now, "The program stopped.")

    patch.setattr(outcomes, "expired", expired)


def approval_not_looked_at(patch: Patch) -> None:
    patch.setattr(queue, "_CLAIM", without(queue._CLAIM, "approved_digest"))
    patch.setattr(Delivery, "approved", property(lambda _self: True))


def an_edit_leaves_the_approval(patch: Patch) -> None:
    real = planning._altered

    def altered(want: planning.Planned, row: Delivery, **more: Any) -> planning.Change | None:  # noqa: ANN401
        change = real(want, row, **more)
        if change and change.voids:
            after = replace(change.after, approved_digest=change.after.digest, next_attempt_at=row.next_attempt_at)
            return replace(change, after=after, voids=False)
        return change

    patch.setattr(planning, "_altered", altered)


def deadline_ignored(patch: Patch) -> None:
    real = Reading.to_check

    def to_check(self: Any, now: datetime) -> tuple[Delivery, ...]:  # noqa: ANN401
        return tuple(r for r in real(self, now) if r.status is not Status.SCHEDULED)

    patch.setattr(Reading, "to_check", to_check)
    patch.setattr(queue, "_CLAIM", queue._claiming(without(queue._due, "send_until")))
    patch.setattr("scheduler.publishing._last_moment", lambda _row: NINE + timedelta(days=900))


def pause_ignored(patch: Patch) -> None:
    def step(self: Store, *, now: datetime, gap: timedelta, room: int, **more: Any) -> Step:  # noqa: ANN401
        with self.writing() as write:
            saved = write.save_prepared(more["saves"], now)
            recorded = write.record(more["results"], now, "daemon", gap)
            return Step(saved, recorded, write.claim(now, more["owner"], more["lease"], room) if room else ())

    patch.setattr(Store, "step", step)
    patch.setattr(queue, "_CLAIM", without(queue._CLAIM, "pauses"))


def a_renamed_draft_is_a_new_one(patch: Patch) -> None:
    patch.setattr(planning, "_KEYS", planning._KEYS[:1])


def a_sleeper_sends_when_it_wakes(patch: Patch) -> None:
    patch.setattr("scheduler.publishing.SEND_WINDOW", 1e9)
    patch.setattr("scheduler.publishing._last_moment", lambda row: row.send_until)


def a_lease_that_ends_during_the_call(patch: Patch) -> None:
    patch.setattr("scheduler.publishing._last_moment", lambda row: row.send_until)


def a_sync_writes_over_what_was_decided(patch: Patch) -> None:
    def put(self: Writing, change: planning.Change) -> Delivery | None:
        values = {c: getattr(change.after, c) for c in COLUMNS if c != "id"}
        if change.before is None:
            made = self.connection.execute(deliveries.insert().values(values).returning(deliveries.c.id))
            return self.delivery(made.scalar_one())
        self.connection.execute(deliveries.update().where(deliveries.c.id == change.before.id).values(values))
        return self.delivery(change.before.id)

    patch.setattr(Writing, "_put", put)


def a_retry_that_nobody_makes(patch: Patch) -> None:
    real = outcomes.waiting

    def waiting(*what: Any, **more: Any) -> outcomes.Decision:  # noqa: ANN401
        return replace(real(*what, **more), next_attempt_at=None)

    patch.setattr(outcomes, "waiting", waiting)


def a_log_that_says_something_else(patch: Patch) -> None:
    real = entries.told

    def told(*what: Any) -> dict[str, Any]:  # noqa: ANN401
        row = real(*what)
        return {**row, "kind": "scheduled" if row["kind"] == "missed" else row["kind"]}

    patch.setattr(queue, "told", told)


SHORT = (an_edit_leaves_the_approval, pause_ignored, deadline_ignored)
LONG = (
    a_renamed_draft_is_a_new_one,
    no_fence,
    resend_instead_of_find,
    recovery_thinks_that_nothing_was_sent,
    approval_not_looked_at,
    a_sleeper_sends_when_it_wakes,
    a_lease_that_ends_during_the_call,
    a_sync_writes_over_what_was_decided,
    a_retry_that_nobody_makes,
    a_log_that_says_something_else,
)


@pytest.mark.parametrize(
    "bug", [*SHORT, *(pytest.param(b, marks=pytest.mark.slow) for b in LONG)], ids=lambda b: b.__name__
)
def test_the_machine_finds(bug: Callable[[Patch], None], monkeypatch: Patch, *, long: bool) -> None:
    if bug in LONG and not long:
        pytest.skip("the long form: --long")
    bug(monkeypatch)
    with pytest.raises(BrokenPromise):
        run_state_machine_as_test(
            Machine,
            settings=settings_of(5000, derandomize=True, phases=[Phase.generate], verbosity=Verbosity.quiet),
        )
