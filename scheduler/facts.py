"""The ledger of facts, and the reading of TOML that config.toml shares with it."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scheduler.model import Campaign, Fact, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("stat", "definition", "quote", "indicator", "myth", "action")
EVIDENCE = ("seen (primary)", "seen (secondary)", "unverified")
MAX_WORDS = 30  # of a statement: more does not fit a card

_DAYS = ("read", "checked")
_TYPED = ("kind", "evidence", "url", *_DAYS)  # the others are plain text
_REQUIRED = ("statement", "publisher", "title")
_KEYS = tuple(f.name for f in fields(Fact) if f.name not in {"id", "line"})
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

_HEADER = re.compile(r"[ \t]*\[\[?([^\[\]]*)\]")
_KEY = re.compile(r"""[ \t]*((?:[\w-]+|"[^"]*"|'[^']*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"]*"|'[^']*'))*)[ \t]*=""")
_STRING_OR_COMMENT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*''',
    re.DOTALL,
)
_AT_LINE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")

# What tomllib says, by its first words, in ours.
_IN_PLAIN_WORDS = (
    ("Cannot declare", "This entry stands twice.", "Keep one of them."),
    ("Cannot overwrite", "This key stands twice.", "Keep one of them."),
    ("Unterminated string", "A quotation mark is not closed.", 'Put text between double quotes: "like this".'),
    ("Illegal character '\\n'", "A quotation mark is not closed.", 'Put text between double quotes: "like this".'),
    ("Illegal character '\\r'", "A quotation mark is not closed.", 'Put text between double quotes: "like this".'),
    ("Illegal character", "An invisible control character stands here.", "Delete it and type the place again."),
    ("Unclosed array", "A list is not closed.", "Close it with ]."),
    ("Unclosed inline table", "A bracket { is not closed.", "Close it with }."),
    ("Unescaped '\\'", "A backslash stands alone here.", "Write two of them: \\\\."),
    (
        "Expected newline",
        "Something stands after the value.",
        "Put text and times in double quotes, a comment after #.",
    ),
    ("Invalid value", "This value cannot be read.", 'Put text in double quotes: "like this".'),
    ("Invalid date", "This day does not exist.", "Write a real day as YYYY-MM-DD."),
    ("Expected '='", "This line is not of the form key = value.", "Put = between the key and its value."),
    ("Expected ']'", "The bracket of this heading is not closed.", "Close it with ]."),
    ("Invalid initial character", "This line is not of the form key = value.", "Start it with the name of the key."),
    ("Invalid statement", "This line is not of the form key = value.", "Start it with the name of the key."),
)


def parse(source: str, path: str) -> tuple[dict[str, Fact], tuple[Problem, ...]]:
    """The facts of the ledger by id, and what is wrong with it. A bad entry does not lose the others."""
    ledger: dict[str, Fact] = {}
    seen: dict[str, int] = {}
    problems: list[Problem] = []
    lines = locate(source)
    for name, line, entry in _entries(source):
        values, found = read_toml(entry, path, first_line=line)
        problems += found
        if found:
            seen.setdefault(name, line)
        elif not name:
            problems += _outside(values, lines, path)
        elif not _ID.fullmatch(name) or not isinstance(values[name], dict):
            text = f"The heading [{name}] is not the id of a fact."
            problems.append(Problem(path, line, "fact-id", text, "Write a letter and a number: [S33]."))
        elif name in seen:
            text = f"{name} stands twice; the first is in line {seen[name]}."
            problems.append(Problem(path, line, "fact-twice", text, "Give one of them another id."))
        else:
            seen[name] = line
            table = Table(values[name], name, path, lines)
            fact = _fact(table)
            problems += table.problems
            if fact:
                ledger[name] = fact
    return ledger, tuple(problems)


def needs_recheck(fact: Fact, campaign: Campaign) -> bool:
    """Whether a person must open the live page of `fact` before it is used this season.

    Asked of facts that carry a reason in `recheck` and of those read only on another's page.
    """
    if not fact.recheck and fact.evidence != "seen (secondary)":
        return False
    if fact.checked is None:
        return True
    return campaign.checked_since is not None and fact.checked < campaign.checked_since


class Table:
    """One table of a TOML file, read key by key. What is wrong with it gathers in `problems`."""

    def __init__(self, values: Mapping[str, Any], name: str, path: str, lines: Mapping[str, int]) -> None:
        self.values = values
        self.name = name  # dotted, from the top of the file
        self.path = path
        self.lines = lines
        self.problems: list[Problem] = []

    def full(self, key: str) -> str:
        """The key's path from the top of the file: ``S33.url``."""
        return f"{self.name}.{key}" if self.name and key else self.name or key

    def line(self, key: str = "") -> int:
        """The line of `key`; of the table, when the key has none of its own."""
        return self.lines.get(self.full(key)) or self.lines.get(self.name, 0)

    def problem(self, key: str, rule: str, text: str, mend: str, severity: Severity = Severity.ERROR) -> None:
        """Note what is wrong at `key`."""
        self.problems.append(Problem(self.path, self.line(key), rule, text, mend, severity))

    @property
    def failed(self) -> bool:
        """Whether one of the problems is an error."""
        return any(p.severity is Severity.ERROR for p in self.problems)

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        """The text at `key`; a required one may not be empty."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            mend = f'Put it in double quotes: {key} = "{_as_written(value)}".'
            self.problem(key, "wrong-type", f"{self.full(key)} is not text.", mend)
            return default
        if required and not value.strip():
            self.problem(key, "missing-key", f"{self.full(key)} is missing.", f'Add a line {key} = "…".')
        return value.strip()

    def day(self, key: str, *, required: bool = False) -> date | None:
        """The day at `key`: a TOML date, without quotes and without a time."""
        value = self.values.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            mend = f"Write it without quotes and without a time: {key} = 2027-01-09."
            self.problem(key, "wrong-type", f"{self.full(key)} is not a day.", mend)
        elif required:
            self.problem(key, "missing-key", f"{self.full(key)} is missing.", f"Add a line {key} = 2027-01-09.")
        return None

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """The word at `key`, which must be one of `known`."""
        value = self.text(key, required=True)
        if value and value not in known:
            mend = suggest(value, known, f"Use one of: {', '.join(known)}.")
            self.problem(key, "unknown-word", f'{self.full(key)} cannot be "{value}".', mend)
        return value

    def web_address(self, key: str, *, required: bool = False) -> str:
        """The web address at `key`."""
        value = self.text(key, required=required)
        if value and not re.match(r"https?://[^\s/]+\S*$", value):
            text = f"{self.full(key)} is not a web address."
            self.problem(key, "wrong-url", text, "Start it with https:// and leave no space in it.")
        return value

    def only(self, known: Iterable[str]) -> None:
        """Note each key that is none of `known`."""
        known = tuple(known)
        for key in self.values:
            if key not in known:
                fallback = f"Known keys: {', '.join(known)}."
                mend = suggest(self.full(key), [self.full(k) for k in known], fallback)
                self.problem(key, "unknown-key", f'There is no key "{self.full(key)}".', mend)


def read_toml(source: str, path: str, *, first_line: int = 1) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What stands in a TOML file, or in its part from `first_line` on; or the Problem that stops the reading."""
    try:
        return tomllib.loads(source), ()
    except RecursionError:
        text = "Brackets stand in one another too deeply."
        return {}, (Problem(path, first_line, "toml-syntax", text, "Use as few as the example in the manual."),)
    except ValueError as error:
        return {}, (_syntax_problem(str(error), source, path, first_line),)


def locate(source: str) -> dict[str, int]:
    """The lines of a TOML file's tables and keys, by their dotted names. [a.b] is the first line of `a`, too."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(_bare(source).split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _undecorated(header[1])
            parts = table.split(".")
            for depth in range(1, len(parts) + 1):
                lines.setdefault(".".join(parts[:depth]), number)
        elif key := _KEY.match(line):
            name = _undecorated(key[1])
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines


def suggest(word: str, known: Iterable[str], fallback: str) -> str:
    """A mend that names the nearest of the `known` words, or `fallback` when none is near."""
    by_lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return f'Did you mean "{by_lower[near[0]]}"?' if near else fallback


def _entries(source: str) -> Iterator[tuple[str, int, str]]:
    """Each table of the ledger: its name, its line and its source.

    What stands above the first table has the name "".
    """
    lines = source.split("\n")
    heads = [
        (n, found[1].strip()) for n, line in enumerate(_bare(source).split("\n")) if (found := _HEADER.match(line))
    ]
    starts = [(0, ""), *heads]
    ends = [*(n for n, _ in heads), len(lines)]
    for (start, name), end in zip(starts, ends, strict=True):
        yield name, start + 1, "\n".join(lines[start:end])


def _outside(values: Mapping[str, Any], lines: Mapping[str, int], path: str) -> list[Problem]:
    mend = "Put it below a line with the id of its fact: [S33]."
    return [
        Problem(path, lines.get(key, 0), "fact-id", f'"{key}" stands above the first fact.', mend) for key in values
    ]


def _fact(table: Table) -> Fact | None:
    table.only(_KEYS)
    values: dict[str, Any] = {k: table.text(k, required=k in _REQUIRED) for k in _KEYS if k not in _TYPED}
    values["kind"] = table.choice("kind", KINDS)
    values["evidence"] = table.choice("evidence", EVIDENCE)
    values["url"] = table.web_address("url", required=values["evidence"] != "unverified")
    values |= {k: table.day(k) for k in _DAYS}
    fact = Fact(id=table.name, line=table.line(), **values)
    _check_sense(fact, table)
    return None if table.failed else fact


def _check_sense(fact: Fact, table: Table) -> None:
    words = len(fact.statement.split())
    if words > MAX_WORDS:
        text = f"The statement of {fact.id} has {words} words."
        mend = f"Shorten it to {MAX_WORDS}, so that it fits a card."
        table.problem("statement", "statement-length", text, mend, Severity.WARNING)
    if fact.kind == "stat" and not fact.data_year and fact.verified:
        text = f"{fact.id} is a stat without the year of its data."
        table.problem("data_year", "missing-key", text, 'Add a line data_year = "2024".')
    if fact.kind == "quote" and fact.verified:
        if not fact.quote:
            text = f"{fact.id} is a quote without its words."
            table.problem("quote", "missing-key", text, 'Add a line quote = "…", word for word.')
        if not fact.attribution:
            text = f"{fact.id} is a quote without the person who said it."
            table.problem("attribution", "missing-key", text, 'Add a line attribution = "…".')


def _syntax_problem(error: str, source: str, path: str, first_line: int) -> Problem:
    at = _AT_LINE.search(error)
    line = first_line + (int(at[1]) - 1 if at and at[1] else source.rstrip().count("\n"))
    for start, text, mend in _IN_PLAIN_WORDS:
        if error.startswith(start):
            return Problem(path, line, "toml-syntax", text, mend)
    text = "This line cannot be read."
    return Problem(path, line, "toml-syntax", text, "Compare it with the lines around it, or with the manual.")


def _as_written(value: object) -> str:
    """How a person would write a value between quotes; an ellipsis for what does not fit there."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | date) else "…"


def _bare(source: str) -> str:
    """The source without comments and texts of several lines, with all its line breaks."""

    def kept(found: re.Match[str]) -> str:
        token = found[0]
        return "\n" * token.count("\n") if token.startswith(('"""', "'''", "#")) else token

    return _STRING_OR_COMMENT.sub(kept, source)


def _undecorated(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
