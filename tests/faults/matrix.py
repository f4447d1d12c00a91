"""The crash matrix: die at a failpoint, start again, and look at what the world and the log now say."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.faults import project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REPO = Path(__file__).parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"
KILLED = -9
QUICK = {"scheduler.outcomes.REREAD": 0.0}  # seconds: what is proved absent is sent again in the same run
JUST = 3.0  # seconds
ROUNDS = 16  # restarts, each later by the clock, after which nothing may still be pending
AT_REST = ("held", "missed", "failed", "cancelled", "published")


class Victims:
    """A process that forks a child for each job: the real program, without the second of its imports."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.victim"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPO)

    def run(self, root: Path, **job: Any) -> tuple[int, list[str]]:  # noqa: ANN401
        """The exit code, or minus the signal; and the failpoints that it reached."""
        out = root.parent / f"{root.name}.out"
        ours, theirs = self.process.stdin, self.process.stdout
        if not (ours and theirs):
            raise AssertionError
        ours.write(json.dumps({"root": str(root), "out": str(out), "set": QUICK, **job}) + "\n")
        ours.flush()
        code = int(theirs.readline())
        if code not in (0, KILLED):
            raise AssertionError(f"exit {code}: {out.read_text()}")
        return code, list(json.loads(Path(f"{out}.points").read_text(encoding="utf-8"))["points"])

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()


@dataclass
class Tally:
    """What a matrix found."""

    runs: int = 0
    kills: int = 0
    places: Counter[str] = field(default_factory=Counter)  # where it died
    bad: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.kills} kills at {len(self.places)} kinds of failpoint, {len(self.bad)} violations"
        )


# A project in which every status stands at the start.


def every_status(
    victims: Victims, root: Path, *, left: str, publish: tuple[str, ...] = (), finds: tuple[str, ...] = ()
) -> None:
    """Published, failed, unconfirmed, missed, held, cancelled, publishing (dead at `left`), scheduled; one is new."""
    project.make(root, (-9, -8, -7))
    project.script(root, "ok", "rejected", "lost", finds=("cannot",))
    victims.run(root)
    later = datetime.now(UTC).timestamp() * 1e6
    project.write(root, "UPDATE deliveries SET check_at = ? WHERE status = 'unconfirmed'", int(later + 3.6e9))
    project.draft(root, -6, extra='send_until: "00:01"\n')
    project.draft(root, -5)
    project.draft(root, -4)
    victims.run(root, door="sync")
    victims.run(root, door="hold", posts=[project.slug(-5)])
    victims.run(root, door="cancel", posts=[project.slug(-4)])
    project.draft(root, -3)
    project.script(root, "lost" if "find" in left else "ok")
    if victims.run(root, kill_on=f"{left}#1")[0] != KILLED:
        raise AssertionError(f"it did not come to: {left}")
    project.write(root, "UPDATE deliveries SET check_at = ? WHERE post = ?", int(later), project.slug(-7))
    project.draft(root, -5, more="\nA word more.\n")
    project.draft(root, -2)
    victims.run(root, door="sync")
    project.draft(root, -1)
    project.script(root, *publish, finds=finds)


EXPECTED = {-9: "published", -8: "failed", -7: "published", -6: "missed", -5: "held", -4: "cancelled"}
OTHERWISE = {(-8, "feed"): "published"}


def expected(day: int, account: str) -> str:
    """The state in which each delivery of `every_status` must end."""
    return OTHERWISE.get((day, account)) or EXPECTED.get(day, "published")


# What must be true.


def always(root: Path) -> Iterator[str]:
    """What must hold at any instant, right after a kill too."""
    rows = project.deliveries(root)
    seen = _arrivals(root)
    keys = {row["key"]: row for row in rows}
    for (account, key), times in seen.items():
        row = keys.get(key)
        if times > 1:
            yield f"twice: {account} {row['post'] if row else key} × {times}"
        if row is None:
            yield f"unknown to the queue: {account} {key}"
        elif row["status"] not in ("publishing", "unconfirmed", "published"):
            yield f"it is out, and the queue says {row['status']}: {account} {row['post']}"
    for key, row in keys.items():
        if row["status"] == "published" and not seen[row["account"], key]:
            yield f"the queue says published, and it is not out: {row['account']} {row['post']}"
        if row["status"] == "published" and not (row["url"] and row["published_at"]):
            yield f"published without an address or a time: {row['post']}"
    if project.rows(root, "PRAGMA integrity_check")[0]["integrity_check"] != "ok":
        yield "the database is damaged"
    yield from _whole_feed(root)
    yield from _truthful_log(root, rows)


def _arrivals(root: Path) -> Counter[tuple[str, str]]:
    seen = Counter(("net", str(one["key"])) for one in project.arrived(root))
    for entry in (root / "site" / "public" / "posts").glob("*/entry.json"):
        seen["feed", str(json.loads(entry.read_bytes())["key"])] += 1
    return seen


def _whole_feed(root: Path) -> Iterator[str]:
    path = root / "site" / "public" / "atom.xml"
    if path.exists():
        ids = Counter(e.findtext(f"{ATOM}id") for e in ET.parse(path).iter(f"{ATOM}entry"))  # noqa: S314  our own
        yield from (f"the feed lists {one} {times} times" for one, times in ids.items() if times > 1)
    for folder in (root / "site" / "public" / "posts").glob("*"):
        if not {"entry.json", "index.html", "card-1.png"} <= {p.name for p in folder.iterdir()}:
            yield f"half an entry is public: {folder.name}"


def _truthful_log(root: Path, rows: list[dict[str, Any]]) -> Iterator[str]:
    by_delivery: dict[int, list[dict[str, Any]]] = {}
    for line in project.log(root):
        by_delivery.setdefault(line["delivery"], []).append(line)
    for row in rows:
        told = by_delivery.get(row["id"], [])
        out = [line for line in told if line["kind"] == "published"]
        if len(out) != (row["status"] == "published"):
            yield f"the log tells {len(out)} times that {row['post']} is out on {row['account']}; it is {row['status']}"
        elif out and out[0]["url"] != row["url"]:
            yield f"the log has another address for {row['post']}"
        if row["status"] in ("held", "failed", "cancelled", "unconfirmed") and row["status"] not in {
            line["kind"] for line in told
        }:
            yield f"the log does not tell that {row['post']} is {row['status']}"


def at_the_end(root: Path) -> Iterator[str]:
    """What must hold once the program had its time."""
    rows = project.deliveries(root)
    for row in rows:
        if row["status"] in ("publishing", "unconfirmed", "scheduled"):
            yield f"left {row['status']}: {row['account']} {row['post']}"
    entries = {row["post"] for row in rows if row["account"] == "feed" and row["status"] == "published"}
    path = root / "site" / "public" / "atom.xml"
    tree = ET.parse(path) if path.exists() else None  # noqa: S314
    listed = Counter(
        (e.find(f"{ATOM}link[@rel='alternate']").get("href") or "").rstrip("/").rsplit("/", 1)[1]  # type: ignore[union-attr]
        for e in (tree.iter(f"{ATOM}entry") if tree else ())
    )
    if listed != Counter(entries):
        yield f"the feed lists {sorted(listed)}, and {sorted(entries)} are published"
    last: dict[int, dict[str, Any]] = {}
    for attempt in project.rows(root, "SELECT * FROM attempts ORDER BY id"):
        if attempt["closed_at"] is None:
            yield f"an attempt was never closed: {attempt['delivery']}"
        last[attempt["delivery"]] = attempt
    for row in rows:
        mine = last.get(row["id"])
        if mine and row["status"] in ("published", "failed") and not mine["outcome"].startswith(row["status"]):
            yield f"{row['post']} is {row['status']}, and its last attempt says: {mine['outcome']}"
        if mine and mine["number"] != row["attempts"]:
            yield f"{row['post']} counts {row['attempts']} attempts, and has {mine['number']}"


def kept(before: Mapping[str, list[dict[str, Any]]], root: Path) -> Iterator[str]:
    """Nothing that stood there before was changed or lost: the log, and what had ended."""
    now = state(root)
    if now["log"][: len(before["log"])] != before["log"]:
        yield "rows of the log were changed or lost"
    for table in ("approvals", "pauses", "messages"):
        lost = [row for row in before[table] if row not in now[table]]
        if lost:
            yield f"{table}: {lost} were changed or lost"
    rows = {row["id"]: row for row in now["deliveries"]}
    for row in before["deliveries"]:
        same = rows.get(row["id"])
        if same is None:
            yield f"a delivery is gone: {row['post']} {row['account']}"
        elif row["status"] in AT_REST and (same["status"], same["url"]) != (row["status"], row["url"]):
            yield f"{row['post']} {row['account']} was {row['status']} and is {same['status']}"


def state(root: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows that must never be lost."""
    names = ("log", "approvals", "pauses", "messages", "deliveries")
    return {name: project.rows(root, f"SELECT * FROM {name}") for name in names}  # noqa: S608  our own names


# Dying, and starting again.


def finish(victims: Victims, root: Path, **job: Any) -> Iterator[str]:  # noqa: ANN401
    """Start it again, and let time go by until nothing is pending."""
    offset = 0.0
    for number in range(ROUNDS):
        victims.run(root, **job, offset=offset)
        rows = [r for r in project.deliveries(root) if r["status"] in ("publishing", "unconfirmed", "scheduled")]
        if number == 0:
            yield from (f"left publishing by the restart: {r['account']} {r['post']}" for r in rows if r["lease_until"])
        instants = [r[c] for r in rows for c in ("next_attempt_at", "check_at") if r[c] is not None]
        if not instants:
            return
        waits = [row["wait_until"] or 0 for row in project.rows(root, "SELECT wait_until FROM accounts")]
        now = datetime.now(UTC).timestamp() + offset
        # What fell due as the run ended counts as now: by the next instant it would be missed.
        later = [max(0.0, at / 1e6 - now) for at in (*instants, *waits) if at / 1e6 > now - JUST]
        offset += min(later, default=1.0) + 0.01


def once(
    victims: Victims,
    template: Path,
    root: Path,
    kills: tuple[str, ...],
    **job: Any,  # noqa: ANN401
) -> tuple[list[str], list[str]]:
    """Die at each of `kills`, one run after the other, then be left in peace. Where it died, and what is wrong."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root)
    before = state(root)
    places: list[str] = []
    bad: list[str] = []
    for point in kills:
        code, points = victims.run(root, kill_on=point, **job)
        places += points[-1:] if code == KILLED else []
        bad += always(root)
    bad += kept(before, root)
    between = state(root)
    bad += finish(victims, root, **job)
    bad += [*always(root), *at_the_end(root), *kept(between, root)]
    for row in project.deliveries(root):
        day = (datetime.fromtimestamp(row["scheduled_at"] / 1e6, UTC) - project.today()).days
        if row["status"] != expected(day, row["account"]):
            bad.append(f"{row['post']} to {row['account']} ended as {row['status']}: {row['reason']}")
    return places, list(dict.fromkeys(bad))


def failpoints(victims: Victims, template: Path, root: Path, **job: Any) -> list[str]:  # noqa: ANN401
    """The failpoints of a run from `template` that nothing stops, in their order."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root)
    return victims.run(root, **job)[1]


def kind(point: str) -> str:
    """The name of a failpoint without its number."""
    return point.partition("#")[0]


def each(points: Sequence[str]) -> list[tuple[str, ...]]:
    """Die once at each failpoint."""
    return [(point,) for point in points]


def each_kind(points: Sequence[str]) -> list[tuple[str, ...]]:
    """Die at each commit and each verb, and at the first and the last of each other kind of failpoint."""
    last = {kind(point): point for point in points}
    ends = {*last.values(), *(f"{name}#1" for name in last)}
    always_kinds = ("commit", "prepare", "publish", "find")
    return [(point,) for point in points if point in ends or point.split()[1].partition("#")[0] in always_kinds]


def again_and_again(points: Sequence[str], *, times: int, seed: int) -> list[tuple[str, ...]]:
    """Die at a random failpoint, and again at another while it recovers, now and then a third time."""
    chance = random.Random(seed)  # noqa: S311  the same deaths for the same seed
    return [tuple(chance.choice(points) for _ in range(chance.choice((2, 2, 3)))) for _ in range(times)]


def matrix(
    crew: Sequence[Victims],
    template: Path,
    folder: Path,
    deaths: Sequence[tuple[str, ...]],
    **job: Any,  # noqa: ANN401
) -> Tally:
    """Every one of `deaths`, shared out among the crew."""
    tally = Tally()

    def share(mine: int) -> None:
        for kills in deaths[mine :: len(crew)]:
            places, bad = once(crew[mine], template, folder / f"run-{mine}", kills, **job)
            tally.runs += 1
            tally.kills += len(places)
            tally.places.update(kind(place) for place in places)
            tally.bad += [f"killed at {kills} ({', '.join(places)}): {text}" for text in bad]

    with ThreadPoolExecutor(len(crew)) as pool:
        list(pool.map(share, range(len(crew))))
    return tally
