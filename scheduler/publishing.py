"""From the queue to the network, and the outcome back into the queue.

    claim ─ attempt opened ─▶ prepare ─▶ saved ─▶ publish ─▶ decide ─▶ recorded, logged
      │                          │                  │
      └ due, approved, its       └ nothing public   └ the one dangerous call; what is unclear
        account free                                  afterwards is settled by `find`

One thread decides and writes (`Publishing.turn`); workers only talk to networks. Each turn is one
transaction: it saves what was prepared, records what came back, and claims what is due. So a crash
leaves at most one open attempt for each account, and its row tells how far it had come.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from scheduler import outcomes
from scheduler.errors import PublishError, Rejected, SchedulerError, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Status
from scheduler.store import Result, Saved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any

    from scheduler.clock import Clock
    from scheduler.model import Delivery, Found, Limits, Message, Published, Publisher
    from scheduler.store import Claim, Step, Store

LEASE = timedelta(minutes=10)  # longer than the slowest attempt
SEND_WINDOW = 60.0  # seconds after its prepared state was saved in which an attempt may still be sent
LONGEST_CALL = timedelta(minutes=3)  # an attempt that is sent ends before its lease does, a read after it too


@dataclass(frozen=True, slots=True)
class Outlet:
    """An account that can be published to."""

    publisher: Publisher
    limits: Limits


@dataclass(frozen=True, slots=True)
class _Prepared:
    claim: Claim
    prepared: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ended:
    claim: Claim
    result: Published | PublishError


@dataclass(frozen=True, slots=True)
class _Looked:
    delivery: Delivery
    attempt: int | None
    found: Found | PublishError


Task: TypeAlias = "Callable[[], _Prepared | _Ended | _Looked]"  # what a worker does


def key_of(delivery: Delivery) -> str:
    """The name of what is next, for networks that dedupe: each part of a thread has its own, each attempt the same."""
    if delivery.part == 1:
        return delivery.key
    packed = hashlib.sha256(f"{delivery.key}:{delivery.part}".encode()).digest()
    return base64.b32encode(packed).decode().lower()[:32]


def _last_moment(delivery: Delivery) -> datetime:
    """Until when a claimed delivery may be sent: past it, or past its lease, it is not ours any more."""
    if delivery.lease_until is None:
        return delivery.send_until
    return min(delivery.send_until, delivery.lease_until - LONGEST_CALL)


class Publishing:
    """See the module. `workers` 0 runs everything in the caller's thread, in order."""

    def __init__(
        self,
        store: Store,
        outlets: Mapping[str, Outlet],
        *,
        clock: Clock,
        owner: str,
        jitter: Callable[[], float],
        pictures: Callable[[Message], tuple[bytes, ...]],
        gap: timedelta,
        workers: int,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._owner = owner
        self._jitter = jitter
        self._pictures = pictures
        self._gap = gap
        self._room = max(1, workers) if workers else 1
        self._wake = wake
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._workers = [threading.Thread(target=self._work, name=f"publish-{n}", daemon=True) for n in range(workers)]
        for worker in self._workers:
            worker.start()
        self._inbox: SimpleQueue[_Prepared | _Ended | _Looked] = SimpleQueue()
        self._saves: list[Saved] = []  # not yet durable
        self._results: list[Result] = []  # not yet recorded
        self.in_flight = 0  # tasks that workers have

    def close(self) -> None:
        """Wait for what is in flight, and record it. Claims nothing new."""
        while self.in_flight or self._results or self._saves:
            if self.in_flight:
                self._take(self._inbox.get())
            self.turn(claim=False)
        for _ in self._workers:
            self._tasks.put(None)
        for worker in self._workers:
            worker.join()

    def recover(self, *, alone: bool) -> int:
        """Take over what workers that are gone had claimed; how many. `alone`: no other worker can be alive.

        Then a lease in our own name is a dead worker's too: in a container each run is process 1 of the same host.
        """
        now = self._clock.now()
        if alone:
            with self._store.writing() as write:
                write.free_settling(now)
        with self._store.reading() as read:
            rows = read.leased() if alone else [d for d in read.leased() if d.lease_until and d.lease_until < now]
            for row in rows:
                attempt = read.last_attempt(row.id)
                decision = outcomes.expired(row, attempt, now, self._limits(row))
                self._results.append(Result(row, attempt.id if attempt else None, decision))
        self._step(now, room=0)
        return len(rows)

    def turn(self, *, claim: bool = True) -> bool:
        """One transaction's worth of work, if there is any; whether there was.

        Raises StoreError when the database cannot be written; then what came back is kept, and
        the next turn tries again.
        """
        now = self._clock.now()
        self._collect()
        due, check = self._store.work(now) if claim else (False, False)
        if check:
            self._look_at(now)
        room = max(0, self._room - self.in_flight - len(self._saves)) if due else 0
        if not (room or self._saves or self._results):
            return not self._inbox.empty()
        wrote = bool(self._saves or self._results)  # also what was refused: its row is to be looked at anew
        step = self._step(now, room=room)
        return wrote or bool(step.claimed or self._results) or not self._inbox.empty()

    def _step(self, now: datetime, *, room: int) -> Step:
        saves, results = tuple(self._saves), tuple(self._results)
        since = self._clock.elapsed()  # before the commit: a machine may fall asleep right after it
        step = self._store.step(
            now=now, owner=self._owner, lease=LEASE, gap=self._gap, saves=saves, results=results, room=room
        )
        self._saves, self._results = [], []
        for save in saves:
            if save.delivery.id in step.saved:
                self._start(partial(self._publish, save, since))
            elif step.paused:
                decision = outcomes.waiting(save.delivery, now, "Paused before it was sent.")
                self._results.append(Result(save.delivery, save.attempt, decision))
        for one in step.claimed:
            self._start(partial(self._prepare, one))
        return step

    def _start(self, task: Task) -> None:
        self.in_flight += 1
        if self._workers:
            self._tasks.put(task)
        else:
            self._inbox.put(task())

    def _work(self) -> None:
        while task := self._tasks.get():
            self._inbox.put(task())
            self._wake()

    def _collect(self) -> None:
        while True:
            try:
                self._take(self._inbox.get_nowait())
            except Empty:
                return

    def _take(self, came: _Prepared | _Ended | _Looked) -> None:
        """Turn what a worker brought into what the next transaction writes."""
        self.in_flight -= 1
        now = self._clock.now()
        if isinstance(came, _Prepared):
            self._saves.append(Saved(came.claim, came.prepared))
        elif isinstance(came, _Ended):
            row = came.claim.delivery
            decision = outcomes.decide(row, came.result, now, self._jitter(), self._limits(row))
            self._results.append(Result(row, came.claim.attempt, decision))
        else:
            row = came.delivery
            decision = outcomes.settle(row, came.found, now, self._jitter(), self._limits(row))
            self._results.append(Result(row, came.attempt, decision))

    def _limits(self, delivery: Delivery) -> Limits:
        outlet = self._outlets.get(delivery.account)
        return outlet.limits if outlet else outcomes.NO_LIMITS

    def _look_at(self, now: datetime) -> None:
        """Deal with what is past its deadline, was left by a hung worker, or is to be settled."""
        mine = [*(s.delivery.id for s in self._saves), *(r.delivery.id for r in self._results)]  # dealt with below
        with self._store.reading() as read:
            rows = [row for row in read.to_check(now) if row.id not in mine]
            if not rows:
                return
            pause = read.pause()
            stopped = {a.name: a.stopped for a in read.accounts()}
            tries = {row.id: read.last_attempt(row.id) for row in rows if row.status is not Status.SCHEDULED}
            sent = {row.id: read.last_prepared(row) for row in rows if row.status is Status.UNCONFIRMED}
        for row in rows:
            attempt = tries.get(row.id)
            if row.status is Status.SCHEDULED:
                reason = pause.reason if pause else ""
                decision = outcomes.deadline(
                    row, self._limits(row), paused=reason, stopped=stopped.get(row.account, "")
                )
                self._results.append(Result(row, None, decision))
            elif row.status is Status.PUBLISHING:
                decision = outcomes.expired(row, attempt, now, self._limits(row))
                self._results.append(Result(row, attempt.id if attempt else None, decision))
            elif row.status is Status.UNCONFIRMED:
                with self._store.writing() as write:
                    taken = write.take_for_settling(row, self._owner, now + LEASE)
                if taken:
                    self._start(partial(self._find, taken, attempt.id if attempt else None, sent[row.id]))

    # What workers do. They never write, and every failure comes back as a value.

    def _prepare(self, claim: Claim) -> _Prepared | _Ended:
        try:
            outlet = self._outlet(claim.delivery)
            images = self._pictures(claim.message)
            row = claim.delivery
            thread = tuple(name or url for name, url in row.thread)
            prepared = outlet.publisher.prepare(
                claim.message, images, key_of(row), thread=thread, earlier=claim.earlier
            )
            return _Prepared(claim, prepared)
        except Unconfirmed as error:  # nothing public happens while preparing; but an earlier try may be out after all
            return _Ended(claim, error if claim.earlier else Unavailable(error.text, detail=error.detail))
        except PublishError as error:
            return _Ended(claim, error)
        except SchedulerError as error:
            return _Ended(claim, Rejected(error.text, detail=error.detail))
        except Exception as error:  # noqa: BLE001  whatever an SDK raises, nothing was sent yet
            return _Ended(claim, Unavailable("An unexpected error before anything was sent.", detail=repr(error)))

    def _publish(self, save: Saved, since: float) -> _Ended:
        claim = save.claim
        try:
            if self._clock.elapsed() - since > SEND_WINDOW or self._clock.now() > _last_moment(claim.delivery):
                return _Ended(claim, Unavailable("The machine stood still, and the moment to send was over."))
            return _Ended(claim, self._outlet(claim.delivery).publisher.publish(save.prepared))
        except PublishError as error:
            return _Ended(claim, error)
        except Exception as error:  # noqa: BLE001  an exception never proves that it is not out
            return _Ended(claim, Unconfirmed("An unexpected error while it was sent.", detail=repr(error)))

    def _find(self, delivery: Delivery, attempt: int | None, prepared: Mapping[str, Any] | None) -> _Looked:
        try:
            if prepared is None:
                return _Looked(delivery, attempt, CannotTell("nothing is known of what was sent."))
            return _Looked(delivery, attempt, self._outlet(delivery).publisher.find(prepared))
        except PublishError as error:
            return _Looked(delivery, attempt, error)
        except Exception as error:  # noqa: BLE001
            return _Looked(delivery, attempt, CannotTell(f"an unexpected error ({error!r})."))

    def _outlet(self, delivery: Delivery) -> Outlet:
        outlet = self._outlets.get(delivery.account)
        if outlet is None:
            raise Unavailable(f"The account {delivery.account} is not switched on in config.toml.")
        return outlet
