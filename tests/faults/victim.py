"""The real program with numbered failpoints put around it from outside, as a process that dies at the n-th.

    python -m tests.faults.victim '{"root": "…", "kill_at": 17}'
    python -m tests.faults.victim            jobs as lines of JSON, each in a child of its own
    python -m tests.faults.victim --load a,b   the same, with these modules loaded before (SDKs take their time)

A failpoint is an instant before or after: a write to the database, its commit, a publisher's verb, a change of a
file in the project. They are counted in the order in which they come. At the n-th the process kills itself with
SIGKILL; else it runs to its end. Either way it says how many there were, and where it died.
"""

from __future__ import annotations

import functools
import gc
import importlib
import io
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections import Counter
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from scheduler import outcomes, publishers
from scheduler.app import App
from scheduler.clock import SystemClock
from scheduler.daemon import Daemon
from scheduler.errors import SchedulerError
from scheduler.store import Store
from tests.faults import filenet, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from scheduler.model import Account, Publisher

DRIVER: Any = DefaultDialect.do_commit
PID = os.getpid


@dataclass(frozen=True)
class Job:
    """One run."""

    root: str
    kill_at: int = 0  # 0: never
    kill_on: str = ""  # or the name of a failpoint and which of that name: "before commit#3"
    door: str = "run"  # a name of `DOORS`
    posts: tuple[str, ...] = ()  # for the doors that a person uses
    once: bool = True
    offset: float = 0.0  # seconds by which the wall clock is ahead
    pid: int = 0  # a number that every run has, as in a container
    busy_ms: int = 0
    journal: str = ""  # "wal": as on a newer SQLite
    set: dict[str, float] = field(default_factory=dict)  # "scheduler.daemon.INTAKE" → value
    env: dict[str, str] = field(default_factory=dict)  # added to the environment
    out: str = ""  # where to print; the report goes beside it, and the number of the process

    @classmethod
    def of(cls, packed: str) -> Job:
        raw = json.loads(packed)
        return cls(**{f.name: raw[f.name] for f in fields(cls) if f.name in raw})


@dataclass
class Failpoints:
    """Counts them, and dies at one."""

    job: Job
    names: list[str] = field(default_factory=list)  # "before commit#3": the third of that name
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def reach(self, name: str) -> None:
        with self.lock:
            self.seen[name] += 1
            self.names.append(f"{name}#{self.seen[name]}")
            if len(self.names) == self.job.kill_at or self.names[-1] == self.job.kill_on:
                self.report("killed")
                os.kill(PID(), signal.SIGKILL)
                signal.pause()

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            self.reach(f"before {name}")
            try:
                return call(*args, **named)
            finally:
                self.reach(f"after {name}")

        return wrapped

    def report(self, how: str) -> None:
        if self.job.out:
            packed = json.dumps({"how": how, "points": self.names}).encode()
            handle = os.open(f"{self.job.out}.points", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.write(handle, packed)
            os.close(handle)


class Ahead(SystemClock):
    """The machine's clock, so many seconds ahead."""

    def __init__(self, offset: float) -> None:
        self.offset = timedelta(seconds=offset)

    def now(self) -> datetime:
        return super().now() + self.offset


def wrap_database(points: Failpoints) -> None:
    @sa.event.listens_for(sa.engine.Engine, "before_cursor_execute")
    def _before(*event: Any) -> None:  # noqa: ANN401
        if name := _writes(event[2]):
            points.reach(f"before {name}")

    @sa.event.listens_for(sa.engine.Engine, "after_cursor_execute")
    def _after(*event: Any) -> None:  # noqa: ANN401
        if name := _writes(event[2]):
            points.reach(f"after {name}")

    def do_commit(self: Any, connection: Any) -> None:  # noqa: ANN401
        points.reach("before commit")
        DRIVER(self, connection)
        points.reach("after commit")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _writes(statement: str) -> str:
    words = statement.split(None, 3)
    if words[0] == "UPDATE":
        return f"update {words[1]}"
    if words[0] in ("INSERT", "DELETE", "CREATE", "DROP", "ALTER"):
        return f"{words[0]} {words[2]}".lower()
    return ""


def wrap_files(points: Failpoints) -> None:
    """Each change of a file of the project: opened for writing, synced, renamed, made, taken away."""
    home = os.path.realpath(points.job.root)

    def ours(path: Any) -> str:  # noqa: ANN401
        full = os.path.realpath(f"/proc/self/fd/{path}") if isinstance(path, int) else os.path.abspath(os.fspath(path))  # noqa: PTH100
        inside = os.path.relpath(full, home) if full.startswith(home) else ""
        return "/".join(inside.split("/")[:2]) if inside and not inside.startswith(("var", "net")) else ""

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(path: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
            place = "" if "dir_fd" in named else ours(path)
            made = points.around(f"{name} {place}", call) if place else call
            return made(path, *args, **named)

        return wrapped

    for name in ("rename", "replace", "fsync", "mkdir", "unlink", "rmdir"):
        setattr(os, name, counted(name, getattr(os, name)))
    real = io.open

    def opened(path: Any, mode: str = "r", *args: Any, **named: Any) -> Any:  # noqa: ANN401
        place = ours(path) if set(mode) & set("wax+") else ""
        made = points.around(f"open {place}", real) if place else real
        return made(path, mode, *args, **named)

    io.open = opened  # type: ignore[assignment]


def wrap_publishers(points: Failpoints) -> None:
    """Failpoints around the three verbs, and the file network among the networks."""
    known, real = publishers.available, publishers.connect
    sys.modules["scheduler.publishers.net"] = filenet
    publishers.available = lambda: (*known(), "net")

    def connect(account: Account, *args: Any, **named: Any) -> Publisher:  # noqa: ANN401
        publisher: Any = real(account, *args, **named)
        for verb in ("prepare", "publish", "find"):
            setattr(publisher, verb, points.around(f"{verb} {account.name}", getattr(publisher, verb)))
        return cast("Publisher", publisher)

    publishers.connect = connect


def opened(job: Job) -> App:
    app = App.open(Path(job.root))
    if job.offset:
        app.clock = Ahead(job.offset)
    return app


def run(job: Job) -> None:
    Daemon(opened(job), say=lambda line: print(line, flush=True), once=job.once).run()  # noqa: T201


def sync(job: Job) -> None:
    app = opened(job)
    app.sync(app.read(), "staff")


def approve(job: Job) -> None:
    app = opened(job)
    app.sync(app.read(), "staff")
    with app.store.reading() as read:
        waiting = [row for row in read.deliveries() if not row.approved]
    for row in waiting:
        app.approve(row, "manager", "Fine.")


def hold(job: Job) -> None:
    app = opened(job)
    for post in job.posts:
        app.hold(app.find(post), "manager", "Wait.")


def cancel(job: Job) -> None:
    app = opened(job)
    for post in job.posts:
        app.cancel(app.find(post), "manager", "Not this one.")


def retry(job: Job) -> None:
    """A person looked: it is not there."""
    app = opened(job)
    for post in job.posts:
        app.retry(app.find(post), "manager")


def confirm(job: Job) -> None:
    """A person looked: it is there. `posts` are the slug and the address."""
    app = opened(job)
    post, url = job.posts
    app.confirm(app.find(post)[0], "manager", url)


def pause(job: Job) -> None:
    opened(job).pause("manager", "Wait.")


def resume(job: Job) -> None:
    opened(job).resume("manager")


def migrate(job: Job) -> None:
    opened(job).store.close()


def naive(job: Job) -> None:
    """The control: what is due is sent, then written down; whatever goes wrong is tried again."""
    app = opened(job)
    outlets, _ = app.outlets()
    with app.store.reading() as read:
        due = [row for row in read.deliveries() if row.next_attempt_at and row.next_attempt_at <= app.clock.now()]
        whole = {row.id: read.message(row.digest) for row in due}
    for row in due:
        message = whole[row.id]
        publisher = outlets[row.account].publisher
        for _ in range(3):
            with suppress(Exception):
                key = row.key
                there = publisher.publish(publisher.prepare(message, app.pictures(message), key))  # type: ignore[arg-type]
                with app.store.writing() as write:
                    done = "UPDATE deliveries SET status='published', url=:url, next_attempt_at=NULL WHERE id=:id"
                    write.connection.execute(sa.text(done), {"url": there.url, "id": row.id})
                break


def blind(job: Job, *, tries: int = 1) -> None:
    """The control: what is due is sent under a name of its own each time, then written down. As peers do it."""
    from scheduler.store.writing import fresh_key  # noqa: PLC0415

    app = opened(job)
    outlets, _ = app.outlets()
    with app.store.reading() as read:
        due = [row for row in read.deliveries() if row.next_attempt_at]
        whole = {row.id: read.message(row.digest) for row in due}
    for row, message in ((row, whole[row.id]) for row in due):
        publisher = outlets[row.account].publisher
        for _ in range(tries):
            with suppress(Exception):
                first = replace(message, more=())  # type: ignore[type-var]
                there = publisher.publish(publisher.prepare(first, app.pictures(first), fresh_key()))  # type: ignore[arg-type]
                with app.store.writing() as write:
                    done = "UPDATE deliveries SET status='published', url=:url, next_attempt_at=NULL WHERE id=:id"
                    write.connection.execute(sa.text(done), {"url": there.url, "id": row.id})
                break


def eager(job: Job) -> None:
    """The control: the same, and whatever goes wrong is tried again at once."""
    blind(job, tries=3)


def careless(job: Job) -> None:
    """The control: the real program, but what a dead one had in flight is simply sent again."""
    outcomes.expired = lambda delivery, attempt, now, limits: outcomes.again(delivery, now, now, f"{attempt}{limits}")
    run(job)


def unsaved(job: Job) -> None:
    """The control: the real program, but it sends before it wrote down what it is about to send."""
    real = Store.step

    def step(self: Store, **named: Any) -> Any:  # noqa: ANN401
        saves = named.pop("saves", ())
        done = real(self, **named)
        ours = frozenset(save.delivery.id for save in saves)
        return type(done)(ours, done.recorded, done.claimed, done.paused)

    Store.step = step  # type: ignore[method-assign]
    run(job)


DOORS: dict[str, Callable[[Job], None]] = {
    door.__name__: door
    for door in (
        run, sync, approve, hold, cancel, retry, confirm, pause, resume, migrate,
        naive, blind, eager, careless, unsaved,
    )
}  # fmt: skip


def play(job: Job) -> int:
    """Run one job to its end, if it has one; its exit code."""
    points = Failpoints(job)
    if job.pid:
        os.getpid = lambda: job.pid
    os.environ.update(job.env)
    for name, value in job.set.items():
        module, _, constant = name.rpartition(".")
        owner = importlib.import_module(module)
        span = isinstance(getattr(owner, constant), timedelta)
        setattr(owner, constant, timedelta(seconds=value) if span else value)
    defaults = cast("dict[str, Any]", Store.__init__.__kwdefaults__)
    defaults["busy_ms"] = job.busy_ms or defaults["busy_ms"]
    defaults["journal"] = job.journal or None
    wrap_database(points)
    wrap_publishers(points)
    wrap_files(points)
    code = 0
    try:
        DOORS[job.door](job)
    except SchedulerError as error:
        print(f"{type(error).__name__}: {error.text}", flush=True)  # noqa: T201
        code = 1
    points.report("ended")
    return code


def child(job: Job) -> None:
    """In a process of its own; never returns."""
    code = 2
    try:
        handle = os.open(job.out or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        if job.out:
            Path(f"{job.out}.pid").write_text(str(PID()), encoding="utf-8")
        code = play(job)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def warm() -> None:
    """Do all once that a run does, so that the children find everything loaded."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "warm"
        project.make(root, (-1,), net=False)
        with suppress_output():
            run(Job(str(root)))
    gc.collect()
    gc.freeze()


@contextmanager
def suppress_output() -> Iterator[None]:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


def serve(loads: Sequence[str] = ()) -> None:
    """Fork a child for each job, and answer with how it ended: its exit code, or minus the signal."""
    for name in loads:
        importlib.import_module(name)
    warm()
    for line in sys.stdin:
        number = os.fork()
        if not number:
            child(Job.of(line))
        _, ended = os.waitpid(number, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:2] == ["--load"]:
        serve([name for name in sys.argv[2].split(",") if name])
    elif len(sys.argv) > 1:
        sys.exit(play(Job.of(sys.argv[1])))
    else:
        serve()
