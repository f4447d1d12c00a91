"""Small projects whose posts are due now, and independent eyes on what a run left: the files and the rows."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONFIG = """\
[campaign]
name = "Prevention Month"
organisation = "Lantern Project"
start = {start}
end = {end}
zone = "UTC"
time = "00:00"
send_within = "{within}"
min_gap = "{gap}"
approval = "{approval}"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.feed]
network = "feed"
folder = "site"
url = "https://lantern.example/january"
handle = "Lantern Project"

[accounts.net]
network = "net"
handle = "@net"
"""
LEDGER = """\
[D01]
kind = "definition"
statement = "Coercion can be a threat, or any plan that makes someone fear serious harm if they refuse."
publisher = "HHS"
title = "What is human trafficking?"
url = "https://lantern.example/what"
evidence = "seen (primary)"
"""
DRAFT = """\
---
date: {day}
title: Post {name}
facts: [D01]
card: {{layout: stat, figure: "{name}", text: "can be a threat."}}
{extra}---
{name} is the word of this post

Coercion can be a threat. Be the {name} friend who listens.
"""
NAMES = ("Amber", "Birch", "Cedar", "Dune", "Elm", "Fern", "Grove", "Heron", "Iris", "Juniper", "Kelp", "Laurel")


@cache
def today() -> datetime:
    """Midnight of this day, UTC: when a post of today is due."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def make(
    root: Path, days: Iterable[int], *, within: str = "900h", approval: str = "none", gap: str = "0s", net: bool = True
) -> None:
    """A project with a draft for each day, counted from today; those of the past are due, and may still go out."""
    (root / "posts").mkdir(parents=True)
    (root / "posts" / "facts.toml").write_text(LEDGER, encoding="utf-8")
    start, end = (today() + timedelta(days=n) for n in (-20, 20))
    config = CONFIG.format(start=start.date(), end=end.date(), within=within, approval=approval, gap=gap)
    config = config if net else config.partition("[accounts.net]")[0]
    (root / "config.toml").write_text(config, encoding="utf-8")
    for day in days:
        draft(root, day)


def slug(day: int) -> str:
    """The slug of the draft of a day."""
    return f"{(today() + timedelta(days=day)).date()}-{NAMES[day % len(NAMES)].lower()}"


def draft(root: Path, day: int, *, extra: str = "", more: str = "") -> Path:
    """Write the draft of a day."""
    name = NAMES[day % len(NAMES)]
    text = DRAFT.format(day=(today() + timedelta(days=day)).date(), name=name, extra=extra)
    path = root / "posts" / f"{slug(day)}.md"
    path.write_text(text + more, encoding="utf-8")
    return path


def clock_draft(root: Path, at: datetime, name: str) -> Path:
    """Write a draft that is due at a minute of a day."""
    extra = f'time: "{at:%H:%M}"\n'
    path = root / "posts" / f"{at.date()}-{name.lower()}.md"
    path.write_text(DRAFT.format(day=at.date(), name=name, extra=extra), encoding="utf-8")
    return path


def rows(root: Path, query: str, *values: object) -> list[dict[str, Any]]:
    """Rows of the database, read beside the program's own code."""
    path = root / "var" / "campaign.db"
    if not path.exists() or not path.stat().st_size:
        return []  # it is just being made
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def write(root: Path, query: str, *values: object) -> None:
    """Change the database beside the program's own code."""
    with closing(sqlite3.connect(root / "var" / "campaign.db", timeout=30)) as connection:
        connection.execute(query, values)
        connection.commit()


def deliveries(root: Path) -> list[dict[str, Any]]:
    """All rows of the queue, in the order of their time."""
    return rows(root, "SELECT * FROM deliveries ORDER BY scheduled_at, id")


def status(root: Path, day: int, account: str = "net") -> str:
    """The state of one delivery."""
    found = rows(root, "SELECT status FROM deliveries WHERE post = ? AND account = ?", slug(day), account)
    return str(found[0]["status"]) if found else ""


def log(root: Path) -> list[dict[str, Any]]:
    """The log, oldest first."""
    return rows(root, "SELECT * FROM log ORDER BY id")


def script(root: Path, *publishes: str, finds: tuple[str, ...] = ()) -> None:
    """What the file network does on its next calls: see tests/faults/filenet.py."""
    folder = root / "net"
    folder.mkdir(exist_ok=True)
    (folder / "script.json").write_text(json.dumps({"publish": publishes, "find": finds}), encoding="utf-8")
    for name in ("publish.calls", "find.calls"):
        (folder / name).unlink(missing_ok=True)


def arrived(root: Path) -> list[dict[str, Any]]:
    """What the file network has made public: one entry for each time that something arrived."""
    path = root / "net" / "public"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
