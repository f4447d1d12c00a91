"""The real daemon, killed with SIGKILL before and after every write and every verb, and started again.

The failpoints are put around the program from outside (tests/faults/victim.py); the program has none. The long form:

    python -m pytest tests/test_crash_matrix.py --long -s
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults import matrix, project

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills with SIGKILL")
MEMORY = Path("/dev/shm")  # noqa: S108  a kill leaves what was written; only a power cut would not
LEFT = ("before prepare net", "before publish net", "after publish net", "before find net")
ANSWERS = ("lost", "nothing", "bug", "unavailable", "limited")
SCENARIOS = [(left, "ok") for left in LEFT] + [(LEFT[2], answer) for answer in ANSWERS]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="campaign-crash-", dir=MEMORY if MEMORY.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def crew() -> Iterator[tuple[matrix.Victims, ...]]:
    """Two, for the two cores of a small machine."""
    made = (matrix.Victims(), matrix.Victims())
    yield made
    for one in made:
        one.close()


def start(
    crew: tuple[matrix.Victims, ...], folder: Path, left: str, *publish: str, finds: tuple[str, ...] = ()
) -> tuple[Path, list[str]]:
    """A project in which every status stands at the start, and the failpoints of a run from there."""
    template = folder / "template"
    shutil.rmtree(template, ignore_errors=True)
    matrix.every_status(crew[0], template, left=left, publish=publish, finds=finds)
    return template, matrix.failpoints(crew[0], template, folder / "run-0")


def test_killed_at_each_failpoint_each_delivery_arrives_once_and_the_log_tells_the_truth(
    crew: tuple[matrix.Victims, ...], folder: Path
) -> None:
    template, points = start(crew, folder, "before publish net")
    tally = matrix.matrix(crew, template, folder, matrix.each_kind(points))
    print(f"\n{len(points)} failpoints: {tally}")  # noqa: T201
    assert tally.bad == []
    assert tally.kills > 0.8 * tally.runs > 80  # in which order the two accounts come, differs from run to run
    for verb in ("prepare", "publish", "find"):
        for when in ("before", "after"):
            assert tally.places[f"{when} {verb} net"], (when, verb)
    assert {"before commit", "after commit", "before update deliveries", "after insert log"} <= tally.places.keys()


def test_killed_again_while_it_recovers_each_delivery_still_arrives_once(
    crew: tuple[matrix.Victims, ...], folder: Path
) -> None:
    template, points = start(crew, folder, "after publish net", "lost")
    deaths = matrix.again_and_again(points, times=20, seed=20270101)
    tally = matrix.matrix(crew, template, folder, deaths)
    print(f"\nseed 20270101: {tally}")  # noqa: T201
    assert tally.bad == []
    assert tally.kills > 25


@pytest.mark.slow
@pytest.mark.parametrize(("left", "answer"), SCENARIOS)
def test_whatever_the_network_answers_and_wherever_it_died(
    crew: tuple[matrix.Victims, ...],
    folder: Path,
    left: str,
    answer: str,
    long: bool,  # noqa: FBT001
) -> None:
    if not long:
        pytest.skip("the long form: --long")
    template, points = start(crew, folder, left, answer)
    seed = SCENARIOS.index((left, answer))
    first = matrix.each(points) if not seed else matrix.each_kind(points)
    for deaths in (first, matrix.again_and_again(points, times=60, seed=seed)):
        tally = matrix.matrix(crew, template, folder, deaths)
        print(f"\n{left}, then {answer}, seed {seed}: {tally}")  # noqa: T201
        assert tally.bad == []


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_in_each_journal_that_the_store_may_choose(
    crew: tuple[matrix.Victims, ...],
    folder: Path,
    journal: str,
    long: bool,  # noqa: FBT001
) -> None:
    if not long:
        pytest.skip("the long form: --long")
    template, points = start(crew, folder, "after publish net", "lost")
    deaths = [*matrix.each_kind(points), *matrix.again_and_again(points, times=60, seed=99)]
    tally = matrix.matrix(crew, template, folder, deaths, journal=journal)
    print(f"\n{journal}: {tally}")  # noqa: T201
    assert tally.bad == []


def test_a_restart_under_the_same_process_number_takes_over_at_once(
    crew: tuple[matrix.Victims, ...], folder: Path
) -> None:
    """In a container each run is process 1 of the same host."""
    template = folder / "template"
    shutil.rmtree(template, ignore_errors=True)
    project.make(template, (-1,))
    for place in ("before prepare net", "before publish net", "after publish net"):
        root = folder / "run-0"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)
        assert crew[0].run(root, kill_on=f"{place}#1", pid=1)[0] == matrix.KILLED
        assert list(matrix.finish(crew[0], root, pid=1)) == []  # nothing waits for a lease of the dead one
        assert project.status(root, -1) == "published"
        assert len(project.arrived(root)) == 1


def test_killed_while_it_reads_the_account_it_reads_again_at_the_next_start(
    crew: tuple[matrix.Victims, ...], folder: Path
) -> None:
    for place in ("before find net", "after find net"):
        root = folder / "run-0"
        shutil.rmtree(root, ignore_errors=True)
        project.make(root, (-1,))
        project.script(root, "lost")
        assert crew[0].run(root, kill_on=f"{place}#1")[0] == matrix.KILLED
        assert project.status(root, -1) == "unconfirmed"
        crew[0].run(root)
        assert project.status(root, -1) == "published"
        assert len(project.arrived(root)) == 1


# A sync, an approval and the first start: all of it, or nothing.


@pytest.mark.parametrize("door", ["sync", "approve", "migrate"])
def test_killed_at_each_failpoint_of_what_a_person_starts_it_is_done_whole_or_not_at_all(
    crew: tuple[matrix.Victims, ...], folder: Path, door: str
) -> None:
    template = folder / "template"
    shutil.rmtree(template, ignore_errors=True)
    project.make(template, (1, 2, 3), approval="required")
    crew[0].run(template, door="migrate")
    if door == "migrate":
        shutil.rmtree(template / "var")
    number = killed = 1
    while killed:
        root = folder / "run-0"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)
        code, _ = crew[0].run(root, door=door, kill_at=number)
        if (root / "var" / "campaign.db").exists():
            assert whole(root) == []
        crew[0].run(root, door="approve")
        assert whole(root) == []
        rows = project.deliveries(root)
        assert [r["digest"] for r in rows] == [r["approved_digest"] for r in rows]
        assert len(rows) == len(project.rows(root, "SELECT * FROM approvals")) == 6
        assert len(project.log(root)) == 12
        killed = code == matrix.KILLED
        number += 1
    assert number > 10


def whole(root: Path) -> list[str]:
    """What is only half there."""
    tables = {row["name"] for row in project.rows(root, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "deliveries" not in tables:
        return [f"half a schema: {tables}"] if tables else []
    queued = project.deliveries(root)
    approved = [r["id"] for r in queued if r["approved_digest"]]
    told = {(r["kind"], r["delivery"]) for r in project.log(root)}
    said = {(r["post"], r["account"]) for r in project.rows(root, "SELECT post, account FROM approvals")}
    bad = [] if len(queued) in (0, 6) else [f"half a sync: {len(queued)}"]
    bad += [f"not told that {r['id']} was queued" for r in queued if ("queued", r["id"]) not in told]
    bad += [f"not told that {one} was approved" for one in approved if ("approved", one) not in told]
    if said != {(r["post"], r["account"]) for r in queued if r["approved_digest"]}:
        bad.append("the approvals and the rows differ")
    return bad


# The controls: would this matrix see it?


@pytest.mark.parametrize("door", ["naive", "careless", "unsaved"])
def test_the_matrix_sees_a_program_that_posts_twice(crew: tuple[matrix.Victims, ...], folder: Path, door: str) -> None:
    template, _ = start(crew, folder, "before publish net")
    points = matrix.failpoints(crew[0], template, folder / "run-0", door=door)
    deaths = [(point,) for point in points if matrix.kind(point) == "after publish net"]
    tally = matrix.matrix(crew, template, folder, deaths, door=door)
    twice = [text for text in tally.bad if "twice: net" in text]
    print(f"\n{door}: {tally}, {len(twice)} of them posts that went out twice")  # noqa: T201
    assert twice
