"""`campaign run`: publishes what falls due, unattended, until it is told to stop.

APScheduler keeps a few alarm clocks in memory (next due, intake, heartbeat, digest) and never a job a
post: the table is the queue. This thread decides and writes. It also wakes by itself, as APScheduler's
own wait does not see a clock that was set or a machine that slept.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from scheduler import connecting, intake, reports
from scheduler.app import local, today
from scheduler.errors import SchedulerError, StoreError
from scheduler.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from scheduler.app import App
    from scheduler.publishing import Outlet, Publishing

DAEMON = "daemon"
BEAT = 5.0  # seconds: the longest that this thread sleeps
INTAKE = 5  # seconds between two looks at posts/
PROBE = 900  # seconds between two looks at which accounts are due to be asked how they stand
BEAT_KEPT = timedelta(seconds=30)  # between two heartbeats in the database
JUMP = 60.0  # seconds by which the wall clock may drift from elapsed time before it counts as set
JUMP_REST = 60.0  # seconds without sending after the clock was set: it may be set back
DIGEST_AT = time(21, 0)  # campaign time


@dataclass
class Daemon:
    """One run. `say` prints a line for whoever watches."""

    app: App
    say: Callable[[str], None]
    once: bool = False  # publish what is due, settle it, and end
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False
    _looked: intake.Fingerprint = ()
    _seen: intake.Fingerprint = ()
    _problems: frozenset[str] = frozenset()
    _armed: datetime | None = None
    _next_said: str = ""
    _store_said: str = ""
    _intake_said: str = ""
    _beat: datetime | None = None
    _drift: float | None = None
    _rest_until: float = 0.0
    _probing: threading.Thread | None = None
    _next_app: App | None = None  # config.toml was changed: the next life runs on this

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, or, with `once`, until nothing is due. Raises LockHeld, StoreError."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while True:
            self._live()
            if self._next_app is None or self._stopping:
                return
            self.app.close()
            self.app, self._next_app, self._seen = self._next_app, None, ()
            self.say("config.toml was changed. Starting again with it.")

    def _live(self) -> None:
        """One life, on one config."""
        outlets, problems = self.app.outlets()
        for problem in (*self.app.problems, *problems):
            self.say(str(problem))
        with self.app.alone():
            self._run(outlets)

    def _run(self, outlets: Mapping[str, Outlet]) -> None:
        publishing = self.app.publishing(outlets, wake=self._wake.set)
        taken = publishing.recover(alone=self.app.one_daemon)
        if taken:
            self.say(f"Took over {taken} that the last run had left in flight.")
        self._take_in()
        if self.once:
            self._drain(publishing)
        else:
            self._serve(publishing)
        publishing.close()
        self._tell("stopped", "The daemon stopped.")
        self.say("Stopped. Nothing is in flight.")

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._wake.set()

    def _drain(self, publishing: Publishing) -> None:
        while not self._stopping:
            self._wake.clear()
            if not publishing.turn():
                if not publishing.in_flight:
                    return
                self._wake.wait(BEAT)

    def _serve(self, publishing: Publishing) -> None:
        scheduler = _scheduler()
        scheduler.add_job(self._intake_job, "interval", seconds=INTAKE, id="intake")
        zone = self.app.config.campaign.zone
        scheduler.add_job(self._digest, "cron", hour=DIGEST_AT.hour, id="digest", timezone=zone)
        scheduler.add_job(self._probe_job, "interval", seconds=PROBE, id="probe")
        scheduler.start()
        self._probe_job(first=True)
        self._tell("started", "The daemon started.")
        try:
            while not self._stopping and self._one_turn(publishing):
                pass
            self._digest()  # of a day that was slept through, now that its deliveries say how they ended
            while not self._stopping and self._next_app is None:
                self._wake.clear()
                if self._one_turn(publishing):
                    continue
                self._arm(scheduler)
                if not publishing.in_flight:
                    self._say_next()
                self._wake.wait(BEAT)
        finally:
            scheduler.shutdown(wait=True)

    def _one_turn(self, publishing: Publishing) -> bool:
        """One turn of work, if the clock and the database allow; whether there was any."""
        try:
            self._heartbeat()
            busy = not self._clock_was_set() and publishing.turn()
        except StoreError as error:
            if error.text != self._store_said:
                self.say(f"{error.text} Waiting; what came back from the networks is kept.")
            self._store_said = error.text
            self._wake.wait(1.0)
            return False
        self._store_said = ""
        return busy

    def _arm(self, scheduler: Any) -> None:  # noqa: ANN401
        """Set the alarm clock for the next instant at which anything falls due."""
        try:
            at = self.app.store.next_instant(self.app.clock.now())
        except StoreError:
            return
        scheduler.wakeup()
        intake_job = scheduler.get_job("intake")
        if intake_job.next_run_time - datetime.now(UTC) > timedelta(seconds=INTAKE):  # the clock was set back
            scheduler.reschedule_job("intake", trigger="interval", seconds=INTAKE)
        if at == self._armed:
            return
        self._armed = at
        if at is not None:
            scheduler.add_job(self._wake.set, "date", run_date=at, id="due", replace_existing=True)

    def _say_next(self) -> None:
        try:
            line = reports.next_line(self.app.store, self.app.config.campaign, self.app.clock.now())
        except StoreError:
            return
        if line != self._next_said:
            self.say(line)
            self._next_said = line

    def _clock_was_set(self) -> bool:
        """Whether the wall clock jumped a moment ago. Then nothing is done until it has stood for a while."""
        clock = self.app.clock
        elapsed = clock.elapsed()
        drift = clock.now().timestamp() - elapsed
        if self._drift is not None and abs(drift - self._drift) > JUMP:
            self._rest_until = elapsed + self._rest()
            self._tell_jump(timedelta(seconds=round(drift - self._drift)))
        self._drift = drift
        return elapsed < self._rest_until

    def _rest(self) -> float:
        """Seconds; not shorter than the longest time in which a network may still be at work on a lost request."""
        return max(JUMP_REST, *(limits.settle_after.total_seconds() for limits in self.app.limits.values()))

    def _tell_jump(self, jump: timedelta) -> None:
        if jump < timedelta(0):
            with self.app.store.writing() as write:
                write.clock_set_back(self.app.clock.now(), -jump, timedelta(seconds=self._rest()))
        way = "ahead" if jump > timedelta(0) else "back"
        self._tell("clock", f"The clock was set {way} by {abs(jump)}. Sending waits a minute, in case it is set right.")

    def _heartbeat(self) -> None:
        now = self.app.clock.now()
        if self._beat is not None and abs(now - self._beat) < BEAT_KEPT:
            return
        with self.app.store.writing() as write:
            write.set("beat", now.isoformat())
        self._beat = now

    # Alarm clocks.

    def _intake_job(self) -> None:
        """Take in what two looks in a row found the same: a file that is being written is not read half."""
        look = intake.fingerprint(self.app.root)
        quiet, self._looked = look == self._looked, look
        if not quiet:
            return
        try:
            self._take_in()
            self._intake_said = ""
        except Exception as error:  # noqa: BLE001  the alarm clock must go on, and what is queued with it
            text = error.text if isinstance(error, SchedulerError) else f"posts/ could not be taken in: {error!r}."
            if text != self._intake_said:
                self.say(text)
            self._intake_said = text
        self._wake.set()

    def _take_in(self) -> None:
        """Read posts/ again when anything in it changed, and say what that did."""
        seen = intake.fingerprint(self.app.root)
        if seen == self._seen:
            return
        changed, problems = self.app.changed_config()
        if changed is not None and not self.once:
            self._next_app = changed
            return
        read = self.app.read()
        if self._looked and intake.fingerprint(self.app.root) != seen:
            return  # changed while it was read: what a person approved meanwhile is newer than this
        unsettled = self._in_flight()
        changes = self.app.sync(read, DAEMON)
        unfinished = unsettled or self._in_flight() or read.unfinished
        self._seen = () if unfinished else seen
        for change in changes:
            if change.text:
                self.say(f"{change.after.post} → {change.after.account}: {change.text}")
        late = intake.too_late(self.app.store, read)
        found = frozenset(str(p) for p in (*problems, *read.errors, *late))
        for line in sorted(found - self._problems):
            self.say(line)
        self._problems = found

    def _in_flight(self) -> bool:
        """Whether a delivery may come back as not sent; then what its draft says now must be read once more."""
        with self.app.store.reading() as read:
            unsettled = read.deliveries(statuses=(Status.PUBLISHING, Status.UNCONFIRMED))
        return any(row.check_at is not None for row in unsettled)

    def _probe_job(self, *, first: bool = False) -> None:
        """Ask the accounts that are due, in a thread of its own: a network that hangs keeps nothing waiting."""
        if self._probing is None or not self._probing.is_alive():
            self._probing = threading.Thread(target=self._probe, args=(first,), name="probe", daemon=True)
            self._probing.start()

    def _probe(self, first: bool) -> None:  # noqa: FBT001  a thread's argument
        try:
            for line in connecting.probe_due(self.app, first=first):
                self._tell("account", line)
        except SchedulerError as error:
            self.say(error.text)

    def _digest(self) -> None:
        """A row in the log that tells the day that is over, once; after a pause in running, late."""
        now = self.app.clock.now()
        day = today(self.app)
        if local(now, self.app).time() < DIGEST_AT:
            day -= timedelta(days=1)
        campaign = self.app.config.campaign
        if not campaign.start <= day <= campaign.end:
            return
        try:
            with self.app.store.reading() as read:
                told = read.setting("digest")
            if told >= day.isoformat():
                return
            self._tell("digest", reports.day_line(self.app.store, campaign, day))
            with self.app.store.writing() as write:
                write.set("digest", day.isoformat())
        except StoreError as error:
            self.say(error.text)

    def _tell(self, kind: str, text: str) -> None:
        now = self.app.clock.now()
        self.say(f"{local(now, self.app):%H:%M} {text}")
        try:
            with self.app.store.writing() as write:
                write.tell(now, DAEMON, kind, text)
        except StoreError as error:
            self.say(error.text)


def _scheduler() -> Any:  # noqa: ANN401
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    # Its default grace of one second drops what is late; our jobs are alarm clocks and may always run.
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return BackgroundScheduler(timezone=UTC, job_defaults=defaults)
