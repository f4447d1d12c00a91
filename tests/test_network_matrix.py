"""Whatever a network answers, and whoever dies when: published once, nothing lost, and told as it is.

The real daemon in a process of its own talks to each network's server through a proxy that cuts, loses and replaces
(tests/servers/cutting.py); it is killed with SIGKILL at its failpoints, and at the very instant when the server has
stored a post and nobody was told. Each network takes part by having a `proxy` in its file in tests/networks; what its
server can act out beside is in `MODES` there. The short form plays each fault, and each kind of death, but not each
with each other; the long form does:

    python -m pytest tests/test_network_matrix.py --long --timeout 0 -s
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults import matrix, networks
from tests.faults.networks import Case, deaths
from tests.servers.cutting import FORWARDED, HOW, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.faults.networks import Ground, Tally, Victims

    Make = Callable[[str], Ground]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills with SIGKILL")
MEMORY = Path("/dev/shm")  # noqa: S108  a kill leaves what was written; only a power cut would not
NAMES = networks.names()
NETWORKS = tuple(name for name in NAMES if name == networks.settings(name)[0])  # each once, whatever its settings
UPLOADS = ("lost", "hang", "not-503", "429-garbage", "half")
ODD = ("lost", "drop, lost")
LONG = ("lost", "drop", "504", "broken-json", "hang", "429-bare", "drop, lost", "not-redirect, redirect")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="campaign-networks-", dir=MEMORY if MEMORY.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def crew() -> Iterator[tuple[Victims, ...]]:
    """Two, for the two cores of a small machine; one where the tests themselves are shared out among the cores."""
    made = tuple(networks.Victims() for _ in range(1 if "PYTEST_XDIST_WORKER" in os.environ else 2))
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def ground(crew: tuple[Victims, ...], folder: Path) -> Make:
    """For a network, a project with two posts that are due, one of them a thread where the network has threads."""
    made: dict[str, Ground] = {}

    def make(name: str) -> Ground:
        if name not in made:
            made[name] = networks.Ground(name, folder).make(crew[0])
        return made[name]

    return make


def fine(crew: Sequence[Victims], here: Ground, cases: Sequence[Case]) -> Tally:
    """Play them all: nothing may be wrong."""
    tally = networks.matrixed(crew, here, cases)
    print(f"\n{here.name}: {tally}")  # noqa: T201
    assert tally.bad == []
    assert tally.runs == len(cases)
    return tally


@pytest.mark.parametrize("name", NAMES)
def test_whatever_it_answers_to_the_request_that_publishes_each_post_is_public_once(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    """Each fault; and the daemon killed when the verb came back, or at the instant of the fault."""
    here = ground(name)
    known = name in NETWORKS  # else the same network with another setting, which only tells what is not settled
    cases: list[Case] = []
    for number, (how, first) in enumerate(networks.faults(here.network).items()):
        case = Case(how, first)
        killed = deaths(case, here.account)
        if long:
            cases += [case, *killed]
        elif known or "," in how:
            cases += [case, killed[number // 4 % 2]] if number % 4 == 0 else [case]
    tally = fine(crew, here, cases)
    assert tally.kills >= len(cases) // 5


@pytest.mark.parametrize("name", NETWORKS)
def test_whatever_it_answers_when_the_account_is_read_back_each_post_is_public_once(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    """The answer was lost; then the reads fail as well; then the daemon dies while it reads."""
    here = ground(name)
    lost = networks.faults(here.network)["lost"]
    dies = ((), ("", f"before find {here.account}#1"), ("", f"after find {here.account}#1"))
    cases = [
        Case(f"lost, then reads {how}, killed {kills}", lost, then, kills)
        for number, (how, then) in enumerate(networks.reads(here.network).items())
        for kills in (dies if long else (dies[number % 3],))
    ]
    tally = fine(crew, here, cases)
    assert {f"{when} find {here.account}" for when in ("before", "after")} <= tally.places.keys()


@pytest.mark.parametrize("name", NETWORKS)
def test_whatever_it_answers_before_a_post_is_sent_each_is_public_once(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    here = ground(name)
    uploads = networks.uploads(here.network)
    fine(crew, here, [Case(f"uploads {how}", uploads[how]) for how in (HOW if long else UPLOADS)])


@pytest.mark.parametrize("name", NETWORKS)
def test_killed_at_each_kind_of_failpoint_while_answers_are_lost(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    """The first post's answer is lost, the second post is not taken in, and then its answer is lost as well."""
    here = ground(name)
    on = here.bench.PUBLISH
    first = (Fault("lost", on=on), Fault("drop", on=on), Fault("lost", on=on))
    points = here.points(crew[0], first)
    once = matrix.each_kind(points) if long else list({matrix.kind(p): (p,) for p in points}.values())
    again = matrix.again_and_again(points, times=200 if long else 2, seed=20270102)
    cases = [Case(f"lost, drop, lost, killed at {kills}", first, kills=kills) for kills in (*once, *again)]
    tally = fine(crew, here, cases)
    assert tally.kills > 0.8 * len(cases)
    for verb in ("prepare", "publish"):
        for when in ("before", "after"):
            assert tally.places[f"{when} {verb} {here.account}"]


@pytest.mark.parametrize("name", NETWORKS)
def test_whatever_oddity_its_server_has_each_post_is_public_once(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    here = ground(name)
    faults = networks.faults(here.network)
    cases: list[Case] = []
    for number, mode in enumerate(networks.modes(here.network)):
        for how in (*ODD, "504", "broken-json", "hang", "lost, lost") if long else ODD:
            case = Case(f"{mode}: {how}", faults[how], mode=mode)
            three = (case, *deaths(case, here.account))
            cases += three if long else [three[(number + ODD.index(how)) % 3]]
    fine(crew, here, cases)


@pytest.mark.parametrize("name", [name for name in NETWORKS if networks.server_dies(name)])
def test_the_server_is_killed_when_it_has_stored_the_post_and_nobody_was_told(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    """One at a time: the server is there for all. It is started again on what it had written."""
    here = ground(name)
    faults = networks.faults(here.network)
    cases = [
        Case(f"{how}, the server dies, the daemon too: {kills}", faults[how], kills=kills, dies="server")
        for how in (("lost", "half", "504", "drop") if long else ("lost",))
        for kills in ((), (f"after publish {here.account}#1",))
    ]
    tally = fine(crew[:1], here, cases)
    assert tally.kills == len(cases) * 1.5


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", LONG)
def test_each_fault_with_each_failpoint(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    how: str,
    long: bool,  # noqa: FBT001
) -> None:
    if not long:
        pytest.skip("the long form: --long")
    here = ground(name)
    first = networks.faults(here.network)[how]
    points = here.points(crew[0], first)
    cases = [Case(f"{how}, killed at {kills}", first, kills=kills) for kills in matrix.each(points)]
    for mode in networks.modes(here.network):
        kinds = {matrix.kind(p): (p,) for p in points}.values()
        cases += [Case(f"{mode}: {how}, killed at {kills}", first, kills=kills, mode=mode) for kills in kinds]
    fine(crew, here, cases)


# The controls: would this matrix see it?


@pytest.mark.parametrize("name", NETWORKS)
def test_it_catches_who_sends_and_writes_it_down_afterwards(crew: tuple[Victims, ...], ground: Make, name: str) -> None:
    here = ground(name)
    faults, mode = networks.faults(here.network), networks.DEFENCELESS.get(name, "")
    one = Case("nothing is wrong, killed after publish", kills=(f"after publish {here.account}#1",))
    cases = [one, deaths(Case("lost", faults["lost"]), here.account)[1]]
    twice(crew, here, [replace(case, door="blind", mode=mode) for case in cases])


@pytest.mark.parametrize("name", NETWORKS)
def test_it_catches_who_tries_again_whatever_goes_wrong(
    crew: tuple[Victims, ...],
    ground: Make,
    name: str,
    long: bool,  # noqa: FBT001
) -> None:
    here = ground(name)
    faults, mode = networks.faults(here.network), networks.DEFENCELESS.get(name, "")
    told = ("garbage-limits", "broken-json")  # from these an adapter may read that it is out
    hows = [how for how in FORWARDED if how not in told] if long else ["lost", "502"]
    twice(crew, here, [Case(how, faults[how], door="eager", mode=mode) for how in hows])


def twice(crew: Sequence[Victims], here: Ground, cases: Sequence[Case]) -> None:
    """In each of them, something went out twice; but for a network that refuses the same text by itself."""
    tally = networks.matrixed(crew, here, cases)
    print(f"\n{here.name}, {cases[0].door}, {cases[0].mode or 'as it is'}: {tally}")  # noqa: T201
    assert tally.twice >= len(cases)
    if cases[0].mode:
        kind = networks.matrixed(crew, here, [replace(case, mode="") for case in cases])
        print(f"{here.name} as it is, which refuses the same text itself: {kind}")  # noqa: T201
        assert kind.twice == 0
