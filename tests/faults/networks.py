"""The matrix of the networks: what the network answers × where the program dies × who dies.

The server and the cutting proxy live in this process; the daemon is a child that talks to them over real sockets. Each
network whose file in tests/networks has a `proxy` takes part, by itself. What is looked at afterwards are the rows of
the database and what the server shows to the public, never the program's own word.
"""

from __future__ import annotations

import http.client
import importlib.util
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scheduler import publishers
from scheduler.model import Message
from tests.faults import matrix, project
from tests.servers.cutting import HOW, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.servers.cutting import Cutting, Seen

FOLDER = Path(__file__).parents[1] / "networks"
LOADS = ("twitter_text", "tweepy", "mastodon", "atproto", "keyring", "requests")  # before the forks
TIMES = {  # seconds
    **matrix.QUICK,
    "scheduler.publishers._timing.CONNECT": 2.0,
    "scheduler.publishers._timing.READ": 1.0,
    "scheduler.publishers._timing.UPLOAD": 1.0,
}
DAYS = (-2, -1)  # two posts that are due; the second is a thread where the network has threads
PART = "\n+++\n\nListen, and then call: this is the next part.\n"
ROUNDS = 40  # restarts, each later by the clock, after which nothing may still be pending
FEW = 3  # the same, of a control, which may go on for ever
PENDING = ("publishing", "unconfirmed", "scheduled")
MAY_BE_OUT = ("publishing", "unconfirmed", "published")
CONFIG = """\
[campaign]
name = "Prevention Month"
organisation = "Lantern Project"
start = {start}
end = {end}
zone = "UTC"
time = "00:00"
send_within = "900h"
min_gap = "0s"
approval = "none"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.{name}]
network = "{network}"
"""
_numbers = itertools.count()


# The networks.


def names() -> tuple[str, ...]:
    """The networks that have a cutting proxy, found by themselves."""
    found = [name for name in publishers.available() if _has(name, "proxy")]
    return tuple(one for name in found for one in (name, *OPTIONS.get(name, {})))


def settings(name: str) -> tuple[str, dict[str, str]]:
    """The network of a ground, and its options."""
    network = name.partition(",")[0]
    return network, OPTIONS.get(network, {}).get(name, {})


def server_dies(network: str) -> bool:
    """Whether its server is a process that can be killed and started again."""
    return _has(network, "kill_server")


def _has(network: str, function: str) -> bool:
    file = FOLDER / f"{network}.py"
    return file.exists() and f"\ndef {function}(" in file.read_text(encoding="utf-8")


@cache
def bench(network: str) -> Any:  # noqa: ANN401  a module found by its name
    """The network's file in tests/networks: one for all tests, and so one server."""
    spec = importlib.util.spec_from_file_location(f"matrix_{network}", FOLDER / f"{network}.py")
    if not spec or not spec.loader:
        raise AssertionError(network)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def modes(network: str) -> tuple[str, ...]:
    """The oddities that its server can act out."""
    return tuple(getattr(bench(network), "MODES", {}))


def faults(network: str) -> dict[str, tuple[Fault, ...]]:
    """What may befall the request that makes it public: each fault once, and some one after the other."""
    on = bench(network).PUBLISH
    each = {how: (Fault(how, on=on),) for how in HOW}
    rows = (
        ("drop", "lost"), ("not-500", "500"), ("drop", "drop", "half"), ("429-bare", "lost"), ("lost", "lost"),
        ("hang-before", "broken-json"), ("not-503", "not-504", "reset"), ("not-redirect", "redirect"),
    )  # fmt: skip
    return each | {", ".join(row): tuple(Fault(how, on=on) for how in row) for row in rows}


READS = (
    "drop", "hang-before", "not-500", "not-503", "not-html", "not-redirect", "429-garbage", "429-bare", "429-html",
    "broken-json", "null", "list", "half", "garbage-limits",
)  # fmt: skip


def reads(network: str) -> dict[str, tuple[Fault, ...]]:
    """What may befall the reads by which it is found out whether it is public."""
    del network
    return {how: (Fault(how, on="^GET ", times=2),) for how in READS}


def uploads(network: str) -> dict[str, tuple[Fault, ...]]:
    """What may befall the requests before: pictures and what belongs to them."""
    on = rf"^(?!.*(?:{bench(network).PUBLISH}))(?:POST|PUT) "
    return {how: (Fault(how, on=on),) for how in HOW}


def _same(said: Sequence[str], name: str) -> bool:
    """Whether an id (none, where a person gave the address) and an address are those of the post of that name."""
    return all(one.rpartition("/")[2] == name for one in said if one) and bool(said[1])


def _records(server: str, did: str) -> Any:  # noqa: ANN401
    link = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    link.request("GET", f"/xrpc/com.atproto.repo.listRecords?collection=app.bsky.feed.post&limit=100&repo={did}")
    found = json.loads(link.getresponse().read())
    link.close()
    return found


# The name and the text of all that is public, from the server's own rows: what ends an id and an address there.
NAMED: dict[str, Callable[[Any, Path], list[tuple[str, str]]]] = {
    "bluesky": lambda b, root: [
        (one["uri"].rpartition("/")[2], one["value"]["text"])
        for one in _records(b.pds.shared().url, b.person(root).did)["records"]
    ],
    "mastodon": lambda b, root: [(str(row.id), row.text) for row, _ in b.server(root).posts()],
    "x": lambda b, root: [(post.id, post.text) for post in b.server(root).posts],
}
# X takes the same text only once in some hours: that saves who knows no better, until a text is changed before it is
# sent again. So that is tried on a server that does not look.
DEFENCELESS = {"x": "no duplicate detection"}
OPTIONS: dict[str, dict[str, dict[str, str]]] = {  # settings under which a network is tried as well
    "x": {"x, repeat": {"unclear": "repeat"}},
}


# One project, one account, one case.


@dataclass(frozen=True, slots=True)
class Case:
    """What happens. The runs after the first are restarts, until nothing is pending."""

    name: str
    first: tuple[Fault, ...] = ()  # from the first run on
    then: tuple[Fault, ...] = ()  # instead, once the first run is over
    kills: tuple[str, ...] = ()  # failpoints; a run for each, "" for one that is not killed
    dies: str = ""  # "daemon" or "server": killed with SIGKILL at the instant of the first fault
    mode: str = ""  # of MODES
    door: str = "run"


@dataclass
class Tally(matrix.Tally):
    """What a matrix found; also how it came."""

    starts: int = 0  # of the daemon
    requests: int = 0  # that would make a post public
    public: int = 0  # posts, parts of threads among them
    persons: int = 0  # deliveries that a person had to look for
    twice: int = 0

    def add(self, other: Tally) -> None:
        for name in ("runs", "kills", "starts", "requests", "public", "persons", "twice"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.places.update(other.places)
        self.bad += other.bad

    def __str__(self) -> str:
        return (
            f"{self.runs} cases, {self.starts} runs of the daemon, {self.kills} kills at {len(self.places)} kinds of "
            f"place, {self.requests} requests, "
            f"{self.public} public posts, {self.persons} settled by a person, {self.twice} twice, "
            f"{len(self.bad)} violations"
        )


class Victims(matrix.Victims):
    """Children that have the SDKs loaded, and may be killed from outside: then they tell no failpoints."""

    def __init__(self) -> None:
        private = (f.stem for f in Path(publishers.__path__[0]).glob("_[a-z]*.py"))
        loads = ",".join((*LOADS, *(f"scheduler.publishers.{name}" for name in private)))
        command = [sys.executable, "-m", "tests.faults.victim", "--load", loads]
        self.starts = 0
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=matrix.REPO
        )

    def run(self, root: Path, **job: Any) -> tuple[int, list[str]]:  # noqa: ANN401
        self.starts += 1
        for end in ("pid", "points"):
            (root.parent / f"{root.name}.out.{end}").unlink(missing_ok=True)
        try:
            return super().run(root, **job)
        except FileNotFoundError:
            return matrix.KILLED, []


def clear(root: Path) -> None:
    """Away with it, and with what stands beside it."""
    shutil.rmtree(root, ignore_errors=True)
    for file in root.parent.glob(f"{root.name}.*"):
        file.unlink()


@dataclass
class Ground:
    """Where the cases of a network are played: a project to begin each of them with."""

    name: str  # of NAMES
    folder: Path
    template: Path = field(init=False)

    def __post_init__(self) -> None:
        self.network, self.options = settings(self.name)
        self.bench = bench(self.network)
        self.template = self.folder / f"{self.name}-template"
        self.account = str(self.bench.account(self.template).name)

    def make(self, victims: Victims) -> Ground:
        """Two posts that are due, in the queue, their cards drawn; nothing was sent."""
        project.make(self.template, ())
        self.configure(self.template)
        project.draft(self.template, DAYS[0])
        project.draft(self.template, DAYS[1], more=PART)
        victims.run(self.template, door="sync", **self.job(self.template))
        if len(project.deliveries(self.template)) != len(DAYS):
            raise AssertionError((self.folder / f"{self.template.name}.out").read_text())
        return self

    def configure(self, root: Path) -> None:
        """The account of `root` into its config.toml."""
        account = self.bench.account(root)
        start, end = ((project.today() + timedelta(days=n)).date() for n in (-20, 20))
        text = CONFIG.format(start=start, end=end, name=account.name, network=account.network)
        options = {"handle": account.handle, **account.options, **self.options}
        text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())
        (root / "config.toml").write_text(text, encoding="utf-8")

    def job(self, root: Path) -> dict[str, Any]:
        """What each run of a case has in common."""
        prefix = f"CAMPAIGN_{self.account.replace('-', '_').upper()}_"
        home = root.parent / f"{root.name}.home"
        env = {f"{prefix}{name.upper()}": value for name, value in self.bench.secrets(root).items()}
        env |= {name: str(home) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        return {"set": TIMES, "env": env | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}}

    def points(self, victims: Victims, faults: Sequence[Fault]) -> list[str]:
        """The failpoints of a first run with these faults that nothing kills."""
        root = self.folder / f"{self.network}-{next(_numbers)}"
        shutil.copytree(self.template, root)
        self.configure(root)
        proxy: Cutting = self.bench.proxy(root)
        proxy.plan(*faults)
        found = victims.run(root, **self.job(root))[1]
        self._close(root)
        return found

    def _close(self, root: Path) -> None:
        """What listened for a case; a server of its own, too."""
        self.bench.proxy(root).close()
        if hasattr(self.bench, "server"):
            self.bench.server(root).close()

    def play(self, victims: Victims, case: Case) -> Tally:
        """One case from its beginning to its end, and what is wrong."""
        root = self.folder / f"{self.network}-{next(_numbers)}"
        shutil.copytree(self.template, root)
        self.configure(root)
        if case.mode:
            self.bench.MODES[case.mode](root)
        proxy: Cutting = self.bench.proxy(root)
        tally = Tally(runs=1, starts=-victims.starts)
        try:
            bad = list(dict.fromkeys(self._play(victims, root, proxy, case, tally)))
        finally:
            self._close(root)
        tally.starts += victims.starts
        tally.bad = [f"{self.name}: {case.name}: {text}" for text in bad]
        tally.twice = len({text.rpartition(" × ")[0] for text in bad if text.startswith("twice")})
        shutil.rmtree(root)
        for file in root.parent.glob(f"{root.name}.*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        return tally

    def _play(self, victims: Victims, root: Path, proxy: Cutting, case: Case, tally: Tally) -> Iterator[str]:
        job = {"door": case.door, **self.job(root)}
        proxy.plan(*case.first)
        died = threading.Event()
        proxy.on_fault = self._killer(root, case.dies, died) if case.dies else None
        offset = 0.0
        for number, point in enumerate(case.kills or ("",)):
            code, points = victims.run(root, kill_on=point, **job, offset=offset)
            if died.is_set() and case.dies == "server":
                tally.kills, tally.places["the server"] = tally.kills + 1, 1
                self.bench.start_server(root)
            if code == matrix.KILLED:
                tally.kills += 1
                tally.places[matrix.kind(points[-1]) if points else "the instant of the fault"] += 1
            if case.then and number == 0:
                proxy.plan(*case.then)
            yield from self.always(root)
            offset = offset if died.is_set() or code == matrix.KILLED else due(root, offset)
        yield from finish(victims, root, offset, ROUNDS if case.door == "run" else FEW, **job)
        yield from self._asked(victims, root, tally)
        yield from self.always(root)
        if case.door == "run":
            yield from self.at_the_end(root, proxy)
        tally.requests = len(self._sent(proxy))
        tally.public = len(self.bench.public(root))

    def _asked(self, victims: Victims, root: Path, tally: Tally) -> Iterator[str]:
        """What waits for a person is looked for by one, part by part, and goes on."""
        while rows := list(self._unclear(root)):
            for row, there in rows:
                tally.persons += 1
                if not row["reason"].startswith("It may be out"):
                    yield f"a person is asked, and not told why: {row['reason']}"
                act = {
                    "door": "confirm" if there else "retry",
                    "posts": [row["post"], there] if there else [row["post"]],
                }
                victims.run(root, **self.job(root), **act)
            yield from finish(victims, root, 0.0, **self.job(root))

    def _killer(self, root: Path, who: str, died: threading.Event) -> Callable[[Fault, Seen], None]:
        """Kills at the first fault only."""
        first = iter((True,))

        def kill(fault: Fault, seen: Seen) -> None:
            del fault, seen
            if not next(first, False):
                return
            if who == "server":
                self.bench.kill_server(root)
            else:
                number = (root.parent / f"{root.name}.out.pid").read_text(encoding="utf-8")
                os.kill(int(number), signal.SIGKILL)
            died.set()

        return kill

    def _sent(self, proxy: Cutting) -> list[Seen]:
        return [seen for seen in proxy.seen if re.search(self.bench.PUBLISH, f"{seen.method} {seen.path}")]

    # What a person would see.

    def _unclear(self, root: Path) -> Iterator[tuple[dict[str, Any], str]]:
        """Each delivery that waits for a person, and its address if it is out after all."""
        named = {text.strip(): name for name, text in NAMED[self.network](self.bench, root)}
        for row in project.deliveries(root):
            if row["status"] == "unconfirmed" and row["check_at"] is None:
                name = named.get(self._texts(root, row)[len(json.loads(row["thread"]))])
                yield row, f"https://{self.network}.example/{name}" if name else ""

    @staticmethod
    def _parts(root: Path, row: dict[str, Any]) -> tuple[Message, ...]:
        body = project.rows(root, "SELECT body FROM messages WHERE digest = ?", row["digest"])[0]["body"]
        return Message.from_json(body).parts

    def _texts(self, root: Path, row: dict[str, Any]) -> list[str]:
        return [part.text.strip() for part in self._parts(root, row)]

    def always(self, root: Path) -> Iterator[str]:
        """What must hold at any instant, right after a kill too."""
        public = NAMED[self.network](self.bench, root)
        shown = Counter(text.strip() for _, text in public)
        named = {text.strip(): name for name, text in public}
        rows = project.deliveries(root)
        for row in rows:
            texts = self._texts(root, row)
            told = json.loads(row["thread"])
            for number, text in enumerate(texts):
                times = shown.pop(text, 0)
                where = f"{row['post']} part {number + 1} of {len(texts)}"
                if times > 1:
                    yield f"twice: {where} × {times}"
                recorded = row["status"] == "published" or number < len(told)
                if recorded and not times:
                    yield f"the queue says that it is out, and it is not: {where}"
                if times and not recorded and (row["status"] not in MAY_BE_OUT or number > len(told)):
                    yield f"it is out, and the queue says {row['status']}, {len(told)} parts out: {where}"
                if times and number < len(told) and not _same(told[number], named[text]):
                    yield f"{where} is {named[text]}, and the queue says {told[number]}"
            said = (row["remote_id"], row["url"])
            if row["status"] == "published" and texts[0] in named and not _same(said, named[texts[0]]):
                yield f"{row['post']} is {named[texts[0]]}, and the queue says {said}"
            if row["status"] == "published" and not (row["url"] and row["published_at"]):
                yield f"published without an address or a time: {row['post']}"
        yield from (f"unknown to the queue: {text!r}" for text in shown)
        if project.rows(root, "PRAGMA integrity_check")[0]["integrity_check"] != "ok":
            yield "the database is damaged"
        yield from matrix._truthful_log(root, rows)

    def at_the_end(self, root: Path, proxy: Cutting) -> Iterator[str]:
        """What must hold once the program had its time, and a person looked where one was asked."""
        meant = [part for row in project.deliveries(root) for part in self._parts(root, row)]
        wanted = sorted((part.text.strip(), tuple(image.alt for image in part.images)) for part in meant)
        shown = sorted((text.strip(), alts) for text, alts in self.bench.public(root))
        if shown != wanted:
            yield f"public are {shown}, and not {wanted}"
        for row in project.deliveries(root):
            if row["status"] != "published":
                yield f"{row['post']} ended as {row['status']}: {row['reason']}"
        yield from matrix.at_the_end(root)
        tries = project.rows(root, "SELECT count(*) AS n FROM attempts WHERE prepared IS NOT NULL")[0]["n"]
        sent = len(self._sent(proxy))
        if sent > tries:
            yield f"{sent} requests that publish, and {tries} attempts: something sends again by itself"
        if hasattr(self.bench, "server"):
            yield from getattr(self.bench.server(root), "violations", ())


def due(root: Path, offset: float, *, idle: bool = False) -> float:
    """How far the clock must be ahead, once a run came to its end, for the next thing to be due.

    What was due before that run and is still there waits for another post of its account. `idle`: that run did
    nothing, so what fell due as it ended is no reason to run again.
    """
    rows = [r for r in project.deliveries(root) if r["status"] in PENDING]
    waits = [row["wait_until"] or 0 for row in project.rows(root, "SELECT wait_until FROM accounts")]
    instants = [r[c] for r in rows for c in ("next_attempt_at", "check_at") if r[c] is not None]
    now = datetime.now(UTC).timestamp() + offset
    # What fell due as the run ended counts as now: by the next instant it would be missed.
    later = [max(0.0, at / 1e6 - now) for at in (*instants, *waits) if at / 1e6 > now - (0 if idle else matrix.JUST)]
    return offset + min(later, default=1.0) + 0.01


def finish(victims: Victims, root: Path, offset: float, rounds: int = ROUNDS, **job: Any) -> Iterator[str]:  # noqa: ANN401
    """Start it again, and let time go by until nothing is pending but what waits for a person."""
    before: list[dict[str, Any]] = []
    for number in range(rounds):
        victims.run(root, **job, offset=offset)
        rows = [r for r in project.deliveries(root) if r["status"] in PENDING]
        if number == 0:
            yield from (f"left publishing by the restart: {row['post']}" for row in rows if row["lease_until"])
        if not any(row["next_attempt_at"] or row["check_at"] for row in rows):
            return
        now = project.deliveries(root)
        offset = due(root, offset, idle=now == before)
        before = now
    yield f"still pending after {rounds} restarts"


def matrixed(crew: Sequence[Victims], ground: Ground, cases: Sequence[Case]) -> Tally:
    """Every one of the cases, shared out among the crew."""
    left: SimpleQueue[Case] = SimpleQueue()
    for case in cases:
        left.put(case)
    whole = Tally()

    def work(victims: Victims) -> list[Tally]:
        done: list[Tally] = []
        while True:
            try:
                done.append(ground.play(victims, left.get_nowait()))
            except Empty:
                return done

    with ThreadPoolExecutor(len(crew)) as pool:
        for done in pool.map(work, crew):
            for tally in done:
                whole.add(tally)
    return whole


def deaths(case: Case, account: str) -> tuple[Case, Case]:
    """The case with the daemon killed when `publish` came back, and at the very instant of the fault."""
    after = replace(case, name=f"{case.name}, killed after publish", kills=(f"after publish {account}#1",))
    return after, replace(case, name=f"{case.name}, killed at the instant", dies="daemon")
