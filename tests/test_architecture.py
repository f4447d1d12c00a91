"""The house holds: floors, no cycles, each library in its room, rooms of a size to read."""

from __future__ import annotations

import ast
import graphlib
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "scheduler"

FLOORS = (
    {"errors", "model"},
    {
        *{"text", "facts", "drafts", "frontmatter", "keys", "checks", "rules", "wording", "figures", "numerals"},
        *{
            "compose",
            "planning",
            "outcomes",
            "themes",
            "phrases",
            "proportion",
            "theming",
            "cardtext",
            "describing",
            "moving",
        },
        *{"colour", "light", "costs", "probing"},
    },
    {"config", "cards", "store", "publishers", "secrets", "clock", "lock", "folder", "logbook"},
    {"intake", "pictures", "publishing", "rehearsal", "reports", "calendars"},
    {"app", "stage", "keeping", "doctor", "gallery", "connecting"},
    {"daemon", "cli"},
)
OWNERS = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "PIL": {"cards", "doctor"},
    "uharfbuzz": {"cards"},
    "isal": {"cards"},
    "bidi": {"cards"},
    "tweepy": {"publishers"},
    "mastodon": {"publishers"},
    "atproto": {"publishers"},
    "atproto_client": {"publishers"},
    "requests": {"publishers"},
    "httpx": {"publishers"},
    "feedgen": {"publishers"},
    "jinja2": {"publishers"},
    "apscheduler": {"daemon"},
    "click": {"cli"},
    "ruamel": {"drafts", "frontmatter"},
    "regex": {"text", "cards"},
    "twitter_text": {"text"},
    "filelock": {"lock", "secrets"},
    "keyring": {"secrets"},
    "icalendar": {"calendars"},
}
IMPURE = {"os", "io", "random", "time", "logging", "subprocess", "socket", "sqlite3", "threading", "secrets", "uuid"}
IMPURE_CALLS = {"open", "print", "input"}
IMPURE_METHODS = {"now", "today", "utcnow", "read_text", "read_bytes", "write_text", "write_bytes"}

LINES_MOST = 300
FUNCTION_MOST = 40


def modules() -> list[Path]:
    return sorted(p for p in HOUSE.rglob("*.py") if "versions" not in p.parts)


def room(path: Path) -> str:
    """The module, or the package, that a file belongs to: "store" for scheduler/store/queue.py."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, run_time: bool = False) -> set[str]:
    """Dotted names that a file imports; with `run_time`, without those for types only."""
    found: set[str] = set()
    skipped: set[int] = set()
    for node in ast.walk(tree(path)):
        if id(node) in skipped:
            continue
        if run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms_used(path: Path, *, run_time: bool = False) -> set[str]:
    names = {n.split(".")[1] for n in imports(path, run_time=run_time) if n.startswith("scheduler.")}
    return names & set().union(*FLOORS) - {room(path)}


def floor(name: str) -> int:
    return next(i for i, names in enumerate(FLOORS) if name in names)


def test_every_module_has_its_floor() -> None:
    entrances = {"__init__", "__main__"}
    assert {room(p) for p in modules()} - entrances <= set().union(*FLOORS)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_module_imports_lower_floors_only(path: Path) -> None:
    here = room(path)
    if here.startswith("__"):
        return
    for used in rooms_used(path):
        assert floor(used) <= floor(here), f"{here} (floor {floor(here)}) imports {used} (floor {floor(used)})"
        if floor(here) == 2:  # edges never each other
            assert floor(used) < 2, f"the edge {here} imports the edge {used}"


def test_there_is_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for path in modules():
        graph.setdefault(room(path), set()).update(rooms_used(path, run_time=True))
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HOUSE)))
def test_each_library_stays_in_its_room(path: Path) -> None:
    for name in imports(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or room(path) in owners, f"{path.name} imports {name}, which belongs to {owners}"


@pytest.mark.parametrize("path", [p for p in modules() if room(p) in FLOORS[0] | FLOORS[1]], ids=lambda p: p.stem)
def test_words_and_rules_are_pure(path: Path) -> None:
    assert not {n.split(".")[0] for n in imports(path)} & IMPURE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            assert not (isinstance(called, ast.Name) and called.id in IMPURE_CALLS), ast.unparse(node)
            assert not (isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS), ast.unparse(node)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HOUSE)))
def test_each_module_opens_with_a_sentence_and_is_of_a_size_to_read(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path} has no opening sentence"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONG_MODULES.get(path.relative_to(HOUSE).as_posix(), LINES_MOST)


LONG_MODULES = {
    "model.py": 530,  # the glossary: all values of the house, in one place to look them up
}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HOUSE)))
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_MOST, f"{path.name}:{node.lineno} {node.name} has {length} lines"
