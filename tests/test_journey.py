"""The journey of a day through the real command, in real processes: write, look, approve, publish, review."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 60.0  # seconds until a wait counts as failed; nothing waits that long by itself
PROMISED = 15.0  # seconds within which a changed draft is picked up


class Running:
    """`campaign run` as a process, and what it says."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scheduler", "--root", str(root), "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.lines: list[str] = []
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._said.put(line)

    def until(self, words: str) -> float:
        """Wait until a line has these words; the seconds that it took."""
        began = time.monotonic()
        while not any(words in line for line in self.lines):
            left = PATIENCE - (time.monotonic() - began)
            try:
                self.lines.append(self._said.get(timeout=max(0.0, left)))
            except queue.Empty:
                raise AssertionError(f"never said “{words}”, but:\n{''.join(self.lines)}") from None
        return time.monotonic() - began

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A project with a draft that is due today, and one of tomorrow; approval is required."""
    root = tmp_path / "month"
    project.make(root, (0, 1), within="24h", approval="required")
    config = root / "config.toml"
    written = config.read_text(encoding="utf-8")
    config.write_text(written[: written.index("[accounts.net]")], encoding="utf-8")
    return root


@pytest.fixture
def daemon(month: Path) -> Iterator[Running]:
    running = Running(month)
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGKILL)


def campaign(root: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "scheduler", "--root", str(root), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_day_from_draft_to_log(month: Path, daemon: Running) -> None:
    daemon.until("wait for approval")
    assert not list((month / "site").glob("public/posts/*"))
    shown = campaign(month, "approve", project.slug(0), "--by", "Maria", "--yes")
    assert "Coercion can be a threat. Be the Amber friend who listens." in shown
    page = month / "site" / "public" / "posts" / project.slug(0) / "index.html"
    _wait_for(page)
    daemon.until(" 1 wait for approval")
    assert daemon.stop() == 0
    rows = json.loads(campaign(month, "log", "--post", project.slug(0), "--format", "json"))
    assert [(r["kind"], r["actor"]) for r in reversed(rows)] == [
        ("queued", "daemon"),
        ("approved", "Maria"),
        ("published", "daemon"),
    ]
    assert rows[0]["url"] == f"https://lantern.example/january/posts/{project.slug(0)}/"


def test_a_changed_draft_is_picked_up_within_15_seconds_and_its_approval_is_void(month: Path, daemon: Running) -> None:
    daemon.until("The daemon started")
    campaign(month, "approve", project.slug(1), "--by", "Maria", "--yes")
    project.draft(month, 1, more="\nAsk, and listen.\n")
    assert daemon.until("its approval no longer holds") <= PROMISED


def test_a_changed_config_is_taken_in_without_a_restart_by_hand(month: Path, daemon: Running) -> None:
    daemon.until("The daemon started")
    config = month / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('"required"', '"none"'), encoding="utf-8")
    daemon.until("config.toml was changed")
    daemon.lines.clear()
    daemon.until("The daemon started")
    _wait_for(month / "site" / "public" / "posts" / project.slug(0) / "index.html")


def test_a_config_that_cannot_work_is_told_and_the_daemon_goes_on(month: Path, daemon: Running) -> None:
    daemon.until("The daemon started")
    config = month / "config.toml"
    good = config.read_text(encoding="utf-8")
    config.write_text(good.replace('folder = "site"', 'folder = "../elsewhere"'), encoding="utf-8")
    daemon.until("the daemon goes on with what it read before")
    config.write_text(good.replace('"required"', '"none"'), encoding="utf-8")
    daemon.until("config.toml was changed")
    _wait_for(month / "site" / "public" / "posts" / project.slug(0) / "index.html")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told(daemon: Running, how: int) -> None:
    daemon.until("The daemon started")
    assert daemon.stop(how) == 0
    assert any("Stopped" in line for line in [*daemon.lines, *_rest(daemon)])


def test_a_second_daemon_says_who_runs_and_ends(month: Path, daemon: Running) -> None:
    daemon.until("The daemon started")
    second = subprocess.run(
        [sys.executable, "-m", "scheduler", "--root", str(month), "run"], capture_output=True, text=True, check=False
    )
    assert second.returncode == 4
    assert f"(process {daemon.process.pid})" in second.stderr
    assert daemon.stop() == 0


def _rest(daemon: Running) -> list[str]:
    rest: list[str] = []
    while not daemon._said.empty():
        rest.append(daemon._said.get())
    return rest


def _wait_for(path: Path) -> None:
    """Wait until a file is there."""
    end = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > end:
            raise AssertionError(f"{path} never came")
        threading.Event().wait(0.05)
