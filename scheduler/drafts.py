"""Reading drafts: front matter, then the text. A mistake becomes a Problem, never an exception."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scheduler import cardtext, keys
from scheduler.facts import suggest
from scheduler.frontmatter import UNSENDABLE, Front, Notes, compose
from scheduler.model import PART, Account, Campaign, Fact, Post, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OPENED = re.compile(r"---[ \t]*(?:\n|\Z)")
_MARKER = re.compile(r"---[ \t]*")
_SECTION = re.compile(r"[ \t]*##(.*)")


def decode(raw: bytes, path: str) -> tuple[str | None, tuple[Problem, ...]]:
    """The text of a file: UTF-8, with or without a byte order mark, line ends as a plain newline."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        mend = 'Save it again with the encoding "UTF-8".'
        return None, (Problem(path, 0, "encoding", "The file is saved as UTF-16.", mend),)
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(raw[: error.start].decode("utf-8", "replace"))
        mend = 'Type the character again and save the file with the encoding "UTF-8".'
        return None, (Problem(path, line, "encoding", "A character here is not UTF-8.", mend),)
    if "\0" in source:
        line = _line_at(source[: source.index("\0")])
        mend = "Delete the line and type it again."
        return None, (Problem(path, line, "encoding", "A zero byte stands here: the file is damaged.", mend),)
    return _plain_newlines(source), ()


def parse(
    source: str,
    path: str,
    *,
    ledger: Mapping[str, Fact],
    accounts: Sequence[Account],
    campaign: Campaign,
) -> tuple[Post | None, tuple[Problem, ...]]:
    """The Post that a draft describes, and what is wrong with it. With an error there is no Post.

    `path` is relative to the project. All problems of the file are found at once, as far as it can be read.
    """
    notes = Notes(path)
    source = _without_unsendable(_plain_newlines(source.removeprefix("\ufeff")), notes)
    found = FRONT.match(source)
    if not found:
        _explain_no_front(source, notes, campaign)
        return None, notes.sorted()
    names = _names(accounts)
    text, texts = _read_body(source[found.end() :], _line_at(source[: found.end()]), names, notes)
    root = compose(found[1], notes)
    if root is None:
        return None, notes.sorted()
    front = Front(found[1], root, keys.KNOWN, notes)
    to = keys.read_to(front, names)
    targets = [a for a in accounts if to is None or a.name in to or a.network in to]
    if to != ():
        _check_texts(text, texts, targets, notes)
    post = _post(path, front, campaign, ledger, to=to, text=text, texts=texts)
    return (None if notes.failed else post), notes.sorted()


def _post(
    path: str,
    front: Front,
    campaign: Campaign,
    ledger: Mapping[str, Fact],
    *,
    to: tuple[str, ...] | None,
    text: str,
    texts: dict[str, str],
) -> Post:
    facts = keys.read_facts(front, ledger)
    day = keys.read_day(front, campaign)
    at, until = keys.read_times(front, day, campaign)
    return Post(
        slug=PurePosixPath(path).stem,
        path=path,
        date=day or campaign.start,
        text=text,
        time=at,
        send_until=until,
        to=to,
        facts=facts,
        card=cardtext.read_card(front, ledger.get(facts[0]) if facts else None),
        tags=keys.read_tags(front),
        title=keys.one_line(front.text("title", shown=True)) or _first_line(text, *texts.values()),
        alt=front.text("alt", shown=True),
        lang=keys.read_lang(front),
        warning=keys.one_line(front.text("warning", shown=True)),
        labels=front.words("labels", "[graphic-media]") or (),
        texts=texts,
        lines=front.notes.lines,
    )


def accounts_of(post: Post, accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The accounts that `post` is for: those that its `to` names, by account or network; else all."""
    return tuple(a for a in accounts if post.to is None or a.name in post.to or a.network in post.to)


def text_of(post: Post, account: Account) -> str:
    """The text of `post` for `account`: its own, its network's, or the common one."""
    return post.texts.get(account.name) or post.texts.get(account.network) or post.text


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a thread, between the lines with only +++; of a text without one, itself."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() == PART:
            parts.append([])
        else:
            parts[-1].append(line)
    return tuple("\n".join(lines).strip() for lines in parts)


def clashes(posts: Sequence[Post], accounts: Sequence[Account]) -> tuple[Problem, ...]:
    """Two drafts for one account on one day: the later one by path gets the Problem."""
    first: dict[tuple[date, str], Post] = {}
    problems = []
    for post in sorted(posts, key=lambda p: p.path):
        taken: dict[str, list[str]] = {}
        for account in accounts_of(post, accounts):
            other = first.setdefault((post.date, account.name), post)
            if other is not post:
                taken.setdefault(other.path, []).append(account.name)
        for path, names in taken.items():
            text = f"{path} already has a post for {_and(names)} on {post.date}."
            mend = 'Choose another day, or other accounts in "to".'
            account_name = names[0] if len(names) == 1 else ""
            line = post.lines.get("date", 0)
            problems.append(Problem(post.path, line, "duplicate-day", text, mend, account=account_name))
    return tuple(problems)


# Text


def _read_body(body: str, first: int, names: tuple[str, ...], notes: Notes) -> tuple[str, dict[str, str]]:
    """The common text, and the text of each account or network that has its own."""
    parts: dict[str, list[str]] = {"": []}
    current = ""
    for number, line in enumerate(body.split("\n"), start=first):
        if _MARKER.fullmatch(line):
            text = "A line with only --- stands in the text."
            notes.error(number, "marker-in-text", text, "Delete it: --- only opens and closes the front matter.")
        elif section := _SECTION.fullmatch(line):
            current = _open_section(line, section[1], number, names, notes)
            parts[current] = []
        else:
            parts[current].append(line)
            if not current and line.strip():
                notes.lines.setdefault("text", number)
    notes.lines.setdefault("text", first)
    texts = {name: "\n".join(lines).strip() for name, lines in parts.items()}
    common = texts.pop("")
    for name in names:
        if texts.get(name) == "":
            text = f'"## {name}" has no text below it.'
            notes.error(notes.lines[f"## {name}"], "empty-text", text, "Write one, or delete the line.")
    return common, {name: texts[name] for name in texts if name in names}


def _open_section(line: str, written: str, number: int, names: tuple[str, ...], notes: Notes) -> str:
    """The name whose text starts here; with a note, a name that is no account's when the line is wrong."""
    name = written.strip()
    known = name.lower()
    if not line.startswith("## ") or known not in names:
        mend = suggest(name.strip("# "), names, keys.names_known(names)).replace('"', '"## ', 1)
        text = f'"{line.strip()}" starts the text of one account, but names none that is known.'
        notes.error(number, "unknown-section", text, mend)
        return "?"
    if f"## {known}" in notes.lines:
        text = f'"## {known}" stands twice; the first is in line {notes.lines[f"## {known}"]}.'
        notes.error(number, "section-twice", text, "Keep one of them.")
        return "?"
    notes.lines[f"## {known}"] = number
    return known


def _check_texts(text: str, texts: Mapping[str, str], targets: Sequence[Account], notes: Notes) -> None:
    without = [a.name for a in targets if not {a.name, a.network} & texts.keys()]
    if not text and (without or not texts):
        whom = f" for {_and(without)}" if texts else ""
        mend = "Write it below the second ---."
        notes.error(notes.lines["text"], "empty-text", f"The draft has no text{whom}.", mend)
    for name, body in {"": text, **texts}.items():
        if "" in (parts := parts_of(body)) and len(parts) > 1:
            line = notes.lines[f"## {name}" if name else "text"]
            said = f"A line with only {PART} starts the next part of a thread, and one of its parts is empty."
            notes.error(line, "empty-part", said, f"Write it, or delete the {PART}.")
    addressed = {name for a in targets for name in (a.name, a.network)}
    for name in texts:
        if name not in addressed:
            mend = f'Add {name} to "to", or delete this part.'
            notes.warn(
                notes.lines[f"## {name}"], "unused-section", f'"to" leaves {name} out: this text is not used.', mend
            )


# Small things


def _explain_no_front(source: str, notes: Notes, campaign: Campaign) -> None:
    if not source.strip():
        notes.error(0, "empty-draft", "The file is empty.", "Write the draft, or delete the file.")
    elif _OPENED.match(source):
        mend = "Put a line with only --- between the keys and the text."
        notes.error(1, "no-front-matter", "The front matter is opened with --- and not closed.", mend)
    else:
        mend = f"Put a line with only --- first, then keys such as date: {campaign.start}, then --- again."
        notes.error(1, "no-front-matter", "The draft does not start with front matter.", mend)


def _names(accounts: Sequence[Account]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(a.name for a in accounts), *(a.network for a in accounts)]))


def _plain_newlines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _without_unsendable(source: str, notes: Notes) -> str:
    for number in dict.fromkeys(_line_at(source[: found.start()]) for found in UNSENDABLE.finditer(source)):
        text = "An invisible control character stands here."
        notes.error(number, "control-character", text, "Delete it and type the place again.")
    return UNSENDABLE.sub("\ufffd", source)


def _line_at(before: str) -> int:
    return _plain_newlines(before).count("\n") + 1


def _first_line(*texts: str) -> str:
    first = next((text for text in texts if text), "")
    return first.partition("\n")[0].strip().removesuffix(".")


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
