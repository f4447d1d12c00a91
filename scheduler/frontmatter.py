"""The front matter of a draft: YAML 1.2, read as what a person wrote and where, its mistakes in plain words.

Values do not become Python's: ``figure: 40`` is the text "40", and ``lang: no`` is Norwegian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.facts import suggest
from scheduler.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ruamel.yaml.error import MarkedYAMLError

# Characters that no network takes and no text editor shows.
UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_FIRST_LINE = 2  # of the front matter, in the file
_DEPTH = 4  # how deep values are read; a line of a list below `card` is the deepest
_MAX_DEPTH = 10  # what is deeper is not even looked at: thousands of brackets take the YAML reader seconds

_KEY_VALUE = 'Write it as "key: value".'
_QUOTE = 'Put the whole value in double quotes: "like this".'
_CLOSE = "Close it with ] or }, and put a comma between entries."
_LINE_UP = "Indent like keys by as many spaces."
_NOT_ALIGNED = "This line does not line up with the ones above."
# What the YAML reader says, by a part of its sentence, in ours. True: the place is where the thing began.
_IN_PLAIN_WORDS = (
    (r"character '\t'", False, "A tab stands here, where YAML wants spaces.", "Replace the tab with spaces."),
    ("cannot start any token", False, "A value may not start with this sign.", _QUOTE),
    ("undefined alias", False, "A value may not start with *.", _QUOTE),
    ("but got", True, "A bracket is opened here and not closed.", _CLOSE),
    ("found '<stream end>'", True, "A bracket is opened here and not closed.", _CLOSE),
    ("end of stream", True, "A quotation mark is opened here and not closed.", "Close it at the end of the value."),
    ("could not find expected ':'", True, "This line has no colon after its key.", _KEY_VALUE),
    ("found '<scalar>'", False, "Something stands after the closing quotation mark.", _QUOTE),
    ("expected <block end>", False, _NOT_ALIGNED, _LINE_UP),
    ("maximum depth", False, "Brackets stand in one another too deeply.", "Take all but the first away."),
    ("found ','", False, "A comma has nothing before it.", "Take one comma away."),
)


class Notes:
    """What was noticed while a draft was read: its problems, and the line of each part."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def error(self, line: int, rule: str, text: str, mend: str) -> None:
        """Note what keeps the draft out of the queue."""
        self.problems.append(Problem(self.path, line, rule, text, mend))

    def warn(self, line: int, rule: str, text: str, mend: str) -> None:
        """Note what a person should see."""
        self.problems.append(Problem(self.path, line, rule, text, mend, Severity.WARNING))

    @property
    def failed(self) -> bool:
        """Whether one of the problems is an error."""
        return any(p.severity is Severity.ERROR for p in self.problems)

    def sorted(self) -> tuple[Problem, ...]:
        """The problems in the order of their lines."""
        return tuple(sorted(self.problems, key=lambda p: p.line))


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the front matter. `start` and `end` count its characters from the top of the front matter."""

    kind: str  # "text", "list" or "keys"
    start: int
    end: int
    column: int
    text: str = ""
    quote: str = ""  # what the text stands in: ' or ", or | or > for a block; empty when plain
    entries: tuple[Value, ...] = ()  # of a list
    keys: tuple[tuple[Value, Value], ...] = ()
    in_braces: bool = False  # keys written as {a: 1, b: 2}

    @property
    def is_null(self) -> bool:
        """Whether there is a key, but nothing behind it."""
        return self.kind == "text" and not self.quote and self.text in {"", "~", "null"}


def compose(source: str, notes: Notes) -> Value | None:
    """The front matter between its two markers; None, with a note, when it cannot be read."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - 20 ms that commands without drafts need not pay
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    yaml.max_depth = _MAX_DEPTH
    try:
        root = yaml.compose(source)
    except MarkedYAMLError as error:
        _explain(error, source, notes)
        return None
    except (YAMLError, RecursionError, ValueError, OverflowError, LookupError, AttributeError, AssertionError):
        # \U99999999 and the like leave the YAML reader by other exceptions than its own.
        text = "The front matter cannot be read as YAML."
        notes.error(_FIRST_LINE, "yaml-syntax", text, "Compare it with a draft that works.")
        return None
    value = _value(root, _DEPTH) if root else Value("keys", 0, 0, 0)
    if value.kind != "keys":
        notes.error(_FIRST_LINE, "yaml-syntax", "The front matter has no keys.", 'Write each line as "key: value".')
        return None
    return value


class Front:
    """The front matter, read key by key. A key below another has both names: ``card.text``."""

    def __init__(self, source: str, root: Value, known: Mapping[str, tuple[str, ...]], notes: Notes) -> None:
        """`known` has the keys that may be there, each with the keys that may stand below it."""
        self.source = source
        self.notes = notes
        self.values: dict[str, Value] = {}
        self._take(root, tuple(known), "")
        for name, below in known.items():
            if below and name in self.values:
                self._take_below(name, below)

    def line(self, name: str) -> int:
        """The line of a key; of the first marker when the key is not there."""
        return self.notes.lines.get(name, 1)

    def error(self, name: str, rule: str, text: str, mend: str) -> None:
        """Note what is wrong at a key."""
        self.notes.error(self.line(name), rule, text, mend)

    def text(self, name: str, *, shown: bool = False) -> str:
        """The text at `name`; empty when there is none. Of a `shown` one, a comment must not eat a part."""
        value = self.values.get(name)
        if value is None:
            return ""
        if value.kind != "text":
            key = name.rpartition(".")[2]
            self.error(name, "wrong-type", f'"{name}" must be plain text.', f'Write it in one line: {key}: "…".')
            return ""
        if shown and self._meets_comment(value):
            text = f'What follows # in "{name}" is a comment and will not be shown.'
            self.notes.warn(
                self.line(name), "comment-in-value", text, "If it belongs to the text, put it all in quotes."
            )
        return "" if value.is_null else self._sendable(name, value.text.strip())

    def words(self, name: str, example: str) -> tuple[str, ...] | None:
        """The list at `name`, each entry once; None when the key is not there, or is no list."""
        entries = self.entries(name, example)
        return None if entries is None else tuple(dict.fromkeys(entries))

    def entries(self, name: str, example: str, *, shown: bool = False) -> tuple[str, ...] | None:
        """The list at `name`; None when the key is not there, or is no list. `shown`: of sentences, not words."""
        value = self.values.get(name)
        if value is None:
            return None
        if value.is_null:
            if self._meets_comment(value):
                mend = f"Write it without #: {name}: {example}."
                self.error(name, "comment-in-value", f'"{name}" is empty, because # starts a comment.', mend)
            return ()
        if value.kind != "list":
            mend = f"Put square brackets around it: {name}: {example}."
            self.error(name, "not-a-list", f'"{name}" must be a list.', mend)
            return None
        words = [self._word(name, entry, shown=shown) for entry in value.entries]
        return tuple(word for word in words if word)

    def _word(self, name: str, entry: Value, *, shown: bool) -> str:
        word, line = entry.text.strip(), line_of(self.source, entry.start)
        if entry.is_null or not word:
            kind, mend = ("line", 'put it all in quotes: "…"') if shown else ("word", "write one word")
            text = f'"{name}" has an entry that is empty or not a plain {kind}.'
            self.notes.error(line, "wrong-type", text, f"Delete it, or {mend}.")
            return ""
        if shown and self._meets_comment(entry):
            text = f'What follows # in a line of "{name}" is a comment and will not be shown.'
            self.notes.warn(line, "comment-in-value", text, "If it belongs to the text, put it all in quotes.")
        return self._sendable(name, word)

    def _sendable(self, name: str, text: str) -> str:
        if UNSENDABLE.search(text):
            what = f'"{name}" holds a control character that no network takes.'
            self.error(name, "control-character", what, "Take the sequence that starts with \\ out of it.")
        return text

    def _take(self, root: Value, known: tuple[str, ...], prefix: str) -> None:
        for key, value in root.keys:
            name = f"{prefix}{key.text}"
            line = line_of(self.source, key.start)
            if name in self.values:
                text = f'"{name}" stands twice; the first is in line {self.line(name)}.'
                self.notes.error(line, "key-twice", text, "Keep one of them.")
            elif key.text not in known:
                mend = suggest(name, [prefix + k for k in known], f"Known keys: {', '.join(known)}.")
                self.notes.error(line, "unknown-key", f'There is no key "{name}".', mend)
            else:
                self.values[name] = value
                self.notes.lines[name] = line

    def _take_below(self, name: str, known: tuple[str, ...]) -> None:
        value = self.values[name]
        if value.kind == "keys":
            self._take(value, known, f"{name}.")
        elif not value.is_null:
            mend = f"Write it as {name}: {{{', '.join(f'{k}: …' for k in known[:3])}}}."
            self.error(name, "wrong-type", f'"{name}" must have keys of its own.', mend)

    def _meets_comment(self, value: Value) -> bool:
        """Whether a comment follows a plain value, or takes its place, in the same line."""
        if value.quote or value.kind != "text":
            return False
        if value.start == value.end:  # the reader puts an empty value behind the comment
            before = self.source[: value.start].rstrip("\n")
            return "#" in before[before.rfind("\n") + 1 :].partition(":")[2]
        return self.source[value.end :].partition("\n")[0].lstrip(" ").startswith("#")


def line_of(source: str, index: int) -> int:
    """The line in the file of a place in the front matter; behind its end, its last line."""
    return min(source.count("\n", 0, index), max(source.count("\n") - 1, 0)) + _FIRST_LINE


def _value(node: Any, depth: int) -> Value:  # noqa: ANN401 - ruamel's nodes have no common type
    start, end, column = node.start_mark.index, node.end_mark.index, node.start_mark.column
    if not depth:
        return Value("list", start, end, column)
    if node.id == "mapping":
        keys = tuple((_value(k, depth - 1), _value(v, depth - 1)) for k, v in node.value)
        return Value("keys", start, end, column, keys=keys, in_braces=bool(node.flow_style))
    if node.id == "sequence":
        return Value("list", start, end, column, entries=tuple(_value(n, depth - 1) for n in node.value))
    return Value("text", start, end, column, text=str(node.value), quote=node.style or "")


def _explain(error: MarkedYAMLError, source: str, notes: Notes) -> None:
    said = str(error.problem)
    lines = source.split("\n")
    line = line_of(source, error.problem_mark.index) if error.problem_mark else _FIRST_LINE
    began = line_of(source, error.context_mark.index) if error.context_mark else line
    if "mapping values are not allowed" in said:
        notes.error(*_explain_colon(lines, line))
        return
    if ("but got" in said or "<stream end>" in said) and "#" in lines[began - _FIRST_LINE]:
        text = "Here # starts a comment and hides the rest of the line."
        notes.error(began, "yaml-syntax", text, "Write tags without #, and other text in double quotes.")
        return
    for part, at_begin, text, mend in _IN_PLAIN_WORDS:
        if part in said:
            rule = "tab" if "tab" in text else "yaml-syntax"
            notes.error(began if at_begin else line, rule, text, mend)
            return
    notes.error(line, "yaml-syntax", "This line cannot be read as YAML.", _QUOTE)


def _explain_colon(lines: list[str], line: int) -> tuple[int, str, str, str]:
    here = lines[line - _FIRST_LINE]
    above = lines[line - _FIRST_LINE - 1] if line > _FIRST_LINE else ""
    if here.count(": ") > 1:
        return line, "yaml-syntax", "A colon inside a value confuses YAML.", _QUOTE
    if not here.startswith(" ") and re.match(r"\w+:\S", above):
        return line - 1, "yaml-syntax", "This line has no space after its colon.", _KEY_VALUE
    if not here.startswith(" ") and above and ":" not in above:
        return line - 1, "yaml-syntax", "This line has no colon after its key.", _KEY_VALUE
    return line, "yaml-syntax", _NOT_ALIGNED, _LINE_UP
