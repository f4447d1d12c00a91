"""The daemon's own decisions, step by step on a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scheduler import logbook
from scheduler.app import App
from scheduler.daemon import JUMP_REST, Daemon
from tests.fakes import FrozenClock
from tests.faults.project import LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """\
[campaign]
name = "Prevention Month"
start = 2027-01-01
end = 2027-01-31
zone = "America/Chicago"
time = "09:00"
send_within = "6h"
approval = "required"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.feed]
network = "feed"
url = "https://lantern.example/january"
"""
DRAFT = """\
---
date: 2027-01-04
title: Coercion
facts: [D01]
card: {layout: stat, figure: "Coercion", text: "can be a threat."}
---
Coercion, in plain words

It can be a threat.
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "posts" / "facts.toml").write_text(LEDGER, encoding="utf-8")
    (tmp_path / "posts" / "2027-01-04-coercion.md").write_text(DRAFT, encoding="utf-8")
    made = App.open(tmp_path)
    made.clock = FrozenClock(datetime(2027, 1, 4, 14, 0, tzinfo=UTC))  # 08:00 in Chicago
    yield made
    made.close()


def said(app: App, kind: str) -> list[str]:
    return [entry.text for entry in app.log(logbook.Query(kind=kind))]


def at(app: App, day: int, hour: int) -> None:
    """Move the clock to an hour of January in Chicago."""
    clock = app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(datetime(2027, 1, day, hour + 6, tzinfo=UTC) - clock.now())


def test_the_digest_tells_the_day_once_when_it_is_over(app: App) -> None:
    daemon = Daemon(app, lambda _line: None)
    daemon._take_in()
    at(app, 4, 17)
    daemon._digest()
    assert said(app, "digest") == ["Sunday 3 January: nothing was planned."]
    app.clock.advance(timedelta(hours=5))  # type: ignore[attr-defined]
    daemon._digest()
    daemon._digest()
    assert said(app, "digest")[0].startswith("Monday 4 January: 1 scheduled")
    assert len(said(app, "digest")) == 2


def test_a_digest_that_was_slept_through_is_told_at_the_next_start(app: App) -> None:
    Daemon(app, lambda _line: None)._take_in()
    at(app, 5, 8)
    Daemon(app, lambda _line: None)._digest()
    assert said(app, "digest") == ["Monday 4 January: 1 scheduled."]


def test_outside_the_campaign_there_is_no_digest(app: App) -> None:
    app.clock.advance(timedelta(days=40))  # type: ignore[attr-defined]
    Daemon(app, lambda _line: None)._digest()
    assert said(app, "digest") == []


@pytest.mark.parametrize(("jump", "way"), [(timedelta(hours=-1), "back"), (timedelta(days=1), "ahead")])
def test_a_clock_that_was_set_is_told_and_rested_for_a_minute(app: App, jump: timedelta, way: str) -> None:
    clock = app.clock
    assert isinstance(clock, FrozenClock)
    daemon = Daemon(app, lambda _line: None)
    assert not daemon._clock_was_set()
    clock.advance(timedelta(seconds=5))
    assert not daemon._clock_was_set()
    clock.set(jump)
    assert daemon._clock_was_set()
    assert said(app, "clock")[0].startswith(f"The clock was set {way} by ")
    clock.advance(timedelta(seconds=JUMP_REST - 1))
    assert daemon._clock_was_set()
    clock.advance(timedelta(seconds=2))
    assert not daemon._clock_was_set()


def test_a_machine_that_slept_is_not_a_clock_that_was_set(app: App) -> None:
    clock = app.clock
    assert isinstance(clock, FrozenClock)
    daemon = Daemon(app, lambda _line: None)
    daemon._clock_was_set()
    clock.advance(timedelta(hours=9))
    assert not daemon._clock_was_set()


def test_it_says_what_comes_next_and_what_waits(app: App) -> None:
    lines: list[str] = []
    daemon = Daemon(app, lines.append)
    daemon._take_in()
    daemon._say_next()
    assert lines[-1] == "Next: nothing that is approved. 1 wait for approval."
    (row,) = app.find("2027-01-04")
    app.approve(row, "Maria", "")
    daemon._say_next()
    assert lines[-1] == "Next: Mon 4 Jan 09:00 CST, 2027-01-04-coercion to feed."
    app.pause("Maria", "A tragedy in town.")
    daemon._say_next()
    assert lines[-1].startswith("Paused by Maria: A tragedy in town.")
