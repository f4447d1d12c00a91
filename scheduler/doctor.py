"""`campaign doctor`: what may keep the program from its work, each with the mend."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler import connecting, lock
from scheduler.errors import LockHeld, SchedulerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scheduler.app import App

LEAST_FREE = 200_000_000  # bytes: less, and the database may stop in a few days
FULL = 20_000_000  # bytes: less, and it may stop now
QUIET = timedelta(minutes=2)  # without a heartbeat: the daemon does not run
BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # a clock before this is wrong


class State(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    text: str
    mend: str = ""


def look(app: App) -> tuple[Finding, ...]:
    """Look at everything. Nothing is changed but the schema of an older database, as at every start."""
    looks: tuple[tuple[str, Callable[[App], Iterator[Finding]]], ...] = (
        ("Python", _python),
        ("SQLite", _sqlite),
        ("Pictures", _pictures),
        ("Fonts", _fonts),
        ("Clock", _clock),
        ("Disk", _disk),
        ("Folders", _folders),
        ("Config", _config),
        ("Drafts", _drafts),
        ("Database", _database),
        ("Accounts", _accounts),
        ("Daemon", _daemon),
    )
    found: list[Finding] = []
    for what, asked in looks:
        try:
            found.extend(asked(app))
        except SchedulerError as error:
            found.append(Finding(what, State.PROBLEM, error.text))
        except OSError as error:
            found.append(Finding(what, State.PROBLEM, f"{error.filename or 'A file'}: {error.strerror or error}."))
    return tuple(found)


def _python(_app: App) -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("Python", State.OK, f"{version} on {sys.platform}")


def _sqlite(app: App) -> Iterator[Finding]:
    from scheduler.store import database  # noqa: PLC0415

    if app.database_file is None:
        return
    mode, version = database.journal_mode(), sqlite3.sqlite_version
    if database.wal_is_safe(sqlite3.sqlite_version_info[:3]):
        yield Finding("SQLite", State.OK, f"{version}, journal {mode}")
    else:
        text = f"{version} has the WAL-reset bug (sqlite.org/wal.html); the safe journal “{mode}” is used instead."
        yield Finding("SQLite", State.OK, text)


def _pictures(_app: App) -> Iterator[Finding]:
    import PIL  # noqa: PLC0415
    from PIL import features  # noqa: PLC0415

    lacking = [name for name in ("freetype2", "jpg", "zlib") if not features.check(name)]
    if lacking:
        mend = "Install Pillow's own wheel again: pip install --force-reinstall pillow"
        yield Finding(
            "Pictures", State.PROBLEM, f"Pillow {PIL.__version__} was built without {', '.join(lacking)}.", mend
        )
    else:
        yield Finding("Pictures", State.OK, f"Pillow {PIL.__version__}")


def _fonts(_app: App) -> Iterator[Finding]:
    from pathlib import Path  # noqa: PLC0415

    from scheduler import cards  # noqa: PLC0415

    fonts = sorted((Path(cards.__file__).parent / "fonts").glob("*.[to]tf"))
    if fonts:
        yield Finding("Fonts", State.OK, f"{len(fonts)} of our own")
    else:
        yield Finding("Fonts", State.PROBLEM, "The fonts of the cards are missing.", "Install the program again.")


def _clock(app: App) -> Iterator[Finding]:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    now = app.clock.now()
    campaign = app.config.campaign
    here = now.astimezone(ZoneInfo(campaign.zone))
    text = f"{here:%Y-%m-%d %H:%M} in {campaign.zone}; the machine says {time.strftime('%H:%M %Z')}"
    if now < BUILT:
        yield Finding("Clock", State.PROBLEM, f"{text}. That is in the past.", "Set the clock, and switch on NTP.")
    elif here.date() > campaign.end:
        yield Finding("Clock", State.WARNING, f"{text}. The campaign is over.", "Write new days in config.toml.")
    else:
        yield Finding("Clock", State.OK, text)


def _disk(app: App) -> Iterator[Finding]:
    free = shutil.disk_usage(app.root).free
    text = f"{free / 1e9:.1f} GB free"
    state = State.PROBLEM if free < FULL else State.WARNING if free < LEAST_FREE else State.OK
    yield Finding("Disk", state, text, "Make room: the queue must be able to write." if state is not State.OK else "")


def _folders(app: App) -> Iterator[Finding]:
    places = [app.root / "images" / "cards", app.root / "posts"]
    if app.database_file is not None:
        places.append(app.database_file.parent)
    feeds = [a for a in app.config.accounts if a.network == "feed" and a.enabled]
    places += [app.root / str(a.options.get("folder", "site")) for a in feeds]
    closed = [p for p in places if not os.access(_nearest(p), os.W_OK | os.X_OK)]
    mend = "Give this user the right to write there."
    for path in closed:
        yield Finding("Folders", State.PROBLEM, f"Nothing can be written in {_told(path, app.root)}.", mend)
    if not closed:
        yield Finding("Folders", State.OK, ", ".join(_told(p, app.root) for p in places))


def _nearest(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _told(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _config(app: App) -> Iterator[Finding]:
    yield from (Finding("Config", State.WARNING, p.text, p.mend) for p in app.problems)
    if not app.problems:
        campaign = app.config.campaign
        yield Finding("Config", State.OK, f"{campaign.name}, {campaign.start} to {campaign.end}")


def _drafts(app: App) -> Iterator[Finding]:
    found = app.read()
    errors = len(found.errors)
    text = f"{len(found.posts)} posts read"
    if errors:
        yield Finding("Drafts", State.WARNING, f"{text}, {errors} errors.", "See `campaign check`.")
    else:
        yield Finding("Drafts", State.OK, text)


def _database(app: App) -> Iterator[Finding]:
    from scheduler.store import database  # noqa: PLC0415

    if app.database_file is not None and not app.database_file.exists():
        yield Finding("Database", State.OK, "Not there yet; the first `campaign run` or `approve` makes it.")
        return
    with app.store.reading() as read:
        said = "ok"
        if app.database_file is not None:
            said = str(read.connection.exec_driver_sql("PRAGMA quick_check").scalar())
        pause = read.pause()
    if said != "ok":
        mend = "Stop the daemon and put a backup back: campaign restore FILE"
        yield Finding("Database", State.PROBLEM, f"It is damaged: {said}", mend)
    else:
        yield Finding("Database", State.OK, f"whole, schema {database.HEAD}")
    if pause:
        yield Finding("Database", State.WARNING, f"Paused by {pause.by}: {pause.reason}", "campaign resume")


def _accounts(app: App) -> Iterator[Finding]:
    accounts = [a for a in app.config.accounts if a.enabled]
    for name, probe in connecting.check_all(app, accounts).items():
        health = probe.health
        if health.problem:
            yield Finding("Accounts", State.PROBLEM, f"{name}: {health.problem}")
        else:
            until = f", until {health.expires_at:%Y-%m-%d}" if health.expires_at else ""
            yield Finding("Accounts", State.OK, f"{name}: {health.who}{until}")
        for warning in health.warnings:
            yield Finding("Accounts", State.WARNING, f"{name}: {warning}")
    if not accounts:
        text = "No account is switched on: nothing goes out."
        yield Finding("Accounts", State.WARNING, text, "Write enabled = true in config.toml for one of them.")


def _daemon(app: App) -> Iterator[Finding]:
    if app.database_file is not None and not app.database_file.exists():
        yield Finding("Daemon", State.OK, "It has not run yet.")
        return
    with app.store.reading() as read:
        beat = read.setting("beat")
    heard = datetime.fromisoformat(beat) if beat else None
    if heard and app.clock.now() - heard <= QUIET:
        yield Finding("Daemon", State.OK, f"Last heard of at {heard:%H:%M:%S} UTC: it runs.")
        return
    told = f"last heard of at {heard:%Y-%m-%d %H:%M} UTC" if heard else "it has not run yet"
    holder = _holder(app)
    if holder:
        mend = "Stop it and start it again; nothing is lost by that."
        yield Finding("Daemon", State.WARNING, f"{holder} But it gives no sign of life: {told}.", mend)
    else:
        yield Finding("Daemon", State.WARNING, f"It does not run: {told}.", "campaign run")


def _holder(app: App) -> str:
    """The lock's own words about its holder; empty when nobody holds it."""
    if app.database_file is None:
        return ""
    try:
        with lock.held(app.database_file.with_suffix(".lock")):
            return ""
    except LockHeld as error:
        return error.text.split(". ")[0] + "."
