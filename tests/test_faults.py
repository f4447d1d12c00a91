"""What goes wrong around the program while it runs, and what a person then sees. The table: docs/faults.md."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import struct
import sys
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scheduler.app import App
from scheduler.daemon import Daemon
from tests.faults import project
from tests.faults.running import DEADLINE, QUICK, Running, door, shim, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals that Windows does not have")
HOUR = 3600


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "campaign"


def out(root: Path, day: int, account: str = "net") -> bool:
    return project.status(root, day, account) == "published"


def settled(root: Path) -> bool:
    return all(row["status"] == "published" for row in project.deliveries(root)) and bool(project.deliveries(root))


def posts_of(root: Path) -> list[str]:
    """What arrived on the network: the first word of each, in order."""
    return [one["text"].split()[0] for one in project.arrived(root)]


def in_flight(root: Path, **job: object) -> Running:
    """A daemon with one post at the network, which does not answer before `net/go` exists."""
    project.make(root, (-1,))
    project.script(root, "wait")
    running = Running(root, **job)  # type: ignore[arg-type]
    wait_for("the post is at the network", (root / "net" / "reached").exists)
    return running


# A full disk.


@pytest.fixture
def disk(tmp_path: Path) -> dict[str, str]:
    return {"LD_PRELOAD": shim("disk.c", tmp_path), "DISK_FULL_WHILE": str(tmp_path / "full")}


def test_disk_full_when_the_answer_comes_it_is_kept_and_recorded_once_there_is_room(
    root: Path, disk: dict[str, str], tmp_path: Path
) -> None:
    with in_flight(root, env={**disk, "DISK_FULL_IN": "/campaign.db"}) as running:
        (tmp_path / "full").touch()
        (root / "net" / "go").touch()
        running.says("The disk is full: the database could not be written. Nothing was changed. Waiting;")
        assert project.status(root, -1) == "publishing"
        (tmp_path / "full").unlink()
        wait_for("it is recorded", lambda: settled(root))
        assert len(project.arrived(root)) == 1
        assert "Traceback" not in running.said


def test_disk_full_at_the_start_is_told_in_a_sentence(root: Path, disk: dict[str, str], tmp_path: Path) -> None:
    project.make(root, (-1,))
    (tmp_path / "full").touch()
    with Running(root, env={**disk, "DISK_FULL_IN": "/campaign/var/"}) as running:
        assert running.ended() == 1
        assert "The disk is full" in running.said
        assert "Traceback" not in running.said
    (tmp_path / "full").unlink()
    door(root, "sync")
    (tmp_path / "full").touch()
    with Running(root, env={**disk, "DISK_FULL_IN": "/campaign/var/"}) as running:
        running.says("disk is full")
        assert "Traceback" not in running.said
    assert project.arrived(root) == []


def test_disk_full_where_the_feed_is_the_post_waits_and_says_why(
    root: Path, disk: dict[str, str], tmp_path: Path
) -> None:
    project.make(root, (-1,))
    (tmp_path / "full").touch()
    with Running(root, env={**disk, "DISK_FULL_IN": "/campaign/site/"}):
        wait_for("the other account has it", lambda: out(root, -1))
        wait_for("the feed's was tried", lambda: project.deliveries(root)[0]["reason"])
        row = next(r for r in project.deliveries(root) if r["account"] == "feed")
        assert (row["status"], row["reason"].partition(":")[0]) == ("scheduled", "The disk is full")
        (tmp_path / "full").unlink()
        project.write(root, "UPDATE deliveries SET next_attempt_at = 1 WHERE next_attempt_at IS NOT NULL")
        wait_for("it is out", lambda: settled(root))


def test_disk_full_while_a_card_is_drawn_keeps_the_queue_and_draws_it_later(
    root: Path, disk: dict[str, str], tmp_path: Path
) -> None:
    project.make(root, (1, 2))
    with Running(root, env={**disk, "DISK_FULL_IN": "/images/cards"}) as running:
        wait_for("both are queued", lambda: len(project.deliveries(root)) == 4)
        (tmp_path / "full").touch()
        project.draft(root, -1)
        running.says("The card could not be saved in images/cards: No space left on device.")
        assert [r["status"] for r in project.deliveries(root)] == ["scheduled"] * 4
        (tmp_path / "full").unlink()
        (root / "posts" / f"{project.slug(-1)}.md").touch()
        wait_for("it is out", lambda: out(root, -1) and out(root, -1, "feed"))


def test_disk_full_when_a_deleted_card_is_drawn_again_is_not_the_end_of_the_post(
    root: Path, disk: dict[str, str], tmp_path: Path
) -> None:
    project.make(root, (-1,))
    door(root, "sync")
    for card in (root / "images" / "cards").iterdir():
        card.unlink()
    door(root, "pause")
    with Running(root, env={**disk, "DISK_FULL_IN": "/images/cards"}).started():
        for card in (root / "images" / "cards").iterdir():
            card.unlink()
        (tmp_path / "full").touch()
        door(root, "resume")
        wait_for("it was tried", lambda: all(r["reason"] for r in project.deliveries(root)))
        assert {r["status"] for r in project.deliveries(root)} == {"scheduled"}
        (tmp_path / "full").unlink()
        project.write(root, "UPDATE deliveries SET next_attempt_at = 1 WHERE next_attempt_at IS NOT NULL")
        wait_for("it is out", lambda: settled(root))


# The database.


@contextmanager
def locked(root: Path) -> Iterator[None]:
    with closing(sqlite3.connect(root / "var" / "campaign.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_loses_nothing_and_doubles_nothing(root: Path, long: bool) -> None:  # noqa: FBT001
    seconds = 32.0 if long else 0.0  # longer than the program waits by itself
    with in_flight(root, busy_ms=0 if long else 300) as running:
        with locked(root):
            (root / "net" / "go").touch()
            begun = time.monotonic()
            running.says("The database is locked by another program, and stayed so.", within=90)
            wait_for("the time is over", lambda: time.monotonic() - begun >= seconds, within=60)
        wait_for("it is recorded", lambda: settled(root), within=90)
        assert len(project.arrived(root)) == 1
        project.draft(root, -2)
        wait_for("it goes on", lambda: settled(root) and len(project.deliveries(root)) == 4, within=90)
        assert posts_of(root) == ["Laurel", "Kelp"]
        assert "Traceback" not in running.said


def test_told_to_stop_while_the_database_is_locked_it_says_so_and_the_next_start_settles_it(root: Path) -> None:
    with in_flight(root, busy_ms=300) as running, locked(root):
        (root / "net" / "go").touch()
        running.says("The database is locked by another program, and stayed so.")
        running.send(signal.SIGTERM)
        assert running.ended() == 1
        assert "StoreBusy: The database is locked" in running.said
        assert "Traceback" not in running.said
    with Running(root):
        wait_for("it is settled", lambda: settled(root))
    assert len(project.arrived(root)) == 1


def test_a_database_that_is_deleted_under_it_stops_all_sending(root: Path) -> None:
    project.make(root, (1,))
    with Running(root).started() as running:
        wait_for("it is queued", lambda: len(project.deliveries(root)) == 2)
        (root / "var" / "campaign.db").unlink()
        project.draft(root, -1)
        running.says("The database file is gone, or was replaced")
        assert project.arrived(root) == []
        assert "Traceback" not in running.said
        running.send(signal.SIGTERM)
        running.ended()
    assert project.arrived(root) == []


def test_a_damaged_database_is_told_in_a_sentence_at_the_start(root: Path) -> None:
    project.make(root, (-1,))
    door(root, "sync")
    path = root / "var" / "campaign.db"
    path.write_bytes(b"This is no database. " * 500)
    with Running(root) as running:
        assert running.ended() == 1
        assert "StoreError: The database file is damaged." in running.said
        assert "campaign restore" in running.said
    assert project.arrived(root) == []


def test_of_two_daemons_the_second_says_who_runs_and_the_first_goes_on(root: Path) -> None:
    project.make(root, (1,))
    with Running(root).started() as first, Running(root) as second:
        assert second.ended() == 1
        first.says(f"LockHeld: Another daemon runs on this database (process {first.process.pid}).")
        project.draft(root, -1)
        wait_for("the first publishes", lambda: out(root, -1))
        assert len(project.arrived(root)) == 1


# The drafts.


def test_posts_moved_away_leaves_the_queue_as_it_is_and_the_posts_go_out(root: Path) -> None:
    project.make(root, (-1, 1))
    door(root, "sync")
    door(root, "pause")
    with Running(root).started() as running:
        (root / "posts").rename(root / "elsewhere")
        running.says("posts: It could not be read (No such file or directory). Check that it exists and may be read.")
        (root / "posts").write_text("a file", encoding="utf-8")
        door(root, "resume")
        wait_for("it is out", lambda: out(root, -1) and out(root, -1, "feed"))
        assert {r["status"] for r in project.deliveries(root)} == {"published", "scheduled"}
        assert "Traceback" not in running.said


@pytest.mark.skipif(os.geteuid() == 0, reason="THIS FAULT IS NOT TRIED HERE: rights do not bind the superuser")
def test_posts_that_may_not_be_read_leave_the_queue_as_it_is(root: Path) -> None:
    project.make(root, (-1, 1))
    door(root, "sync")
    (root / "posts").chmod(0)
    try:
        with Running(root).started() as running:
            running.says("It could not be read (Permission denied).")
            wait_for("it is out", lambda: out(root, -1))
            assert {r["status"] for r in project.deliveries(root)} == {"published", "scheduled"}
    finally:
        (root / "posts").chmod(0o700)


def test_posts_emptied_cancels_nothing(root: Path) -> None:
    project.make(root, (1, 2))
    with Running(root).started() as running:
        wait_for("they are queued", lambda: len(project.deliveries(root)) == 4)
        for path in (root / "posts").glob("*.md"):
            path.unlink()
        running.says("There is not one draft in posts/. Nothing in the queue was changed.")
        assert {r["status"] for r in project.deliveries(root)} == {"scheduled"}


def test_a_draft_cut_in_its_head_goes_out_as_it_was_approved(root: Path) -> None:
    project.make(root, (-1, 1), approval="required")
    door(root, "approve")
    door(root, "pause")
    path = root / "posts" / f"{project.slug(-1)}.md"
    whole = path.read_text(encoding="utf-8")
    with Running(root).started() as running:
        path.write_text(whole[:30], encoding="utf-8")
        running.says(f"posts/{path.name}:")
        path.write_text(whole, encoding="utf-8")
        door(root, "resume")
        wait_for("it is out", lambda: out(root, -1) and out(root, -1, "feed"))
        assert len(project.rows(root, "SELECT * FROM approvals WHERE voided_at IS NULL")) == 4


def test_a_draft_that_is_being_written_is_not_read_half(root: Path) -> None:
    project.make(root, (1,), approval="required", net=False)
    app = App.open(root)
    daemon = Daemon(app, say=lambda _line: None)
    daemon._take_in()
    with app.store.reading() as read:
        (row,) = read.deliveries()
    app.approve(row, "manager", "Fine.")
    path = root / "posts" / f"{project.slug(1)}.md"
    whole = path.read_text(encoding="utf-8")
    daemon._intake_job()
    path.write_text(whole.removesuffix("who listens.\n"), encoding="utf-8")  # half saved, and good to read
    daemon._intake_job()
    path.write_text(whole, encoding="utf-8")
    daemon._intake_job()
    daemon._intake_job()
    assert project.deliveries(root)[0]["approved_digest"] == row.digest
    path.write_text(whole.removesuffix("who listens.\n"), encoding="utf-8")  # and it stays so: an edit
    daemon._intake_job()
    daemon._intake_job()
    assert project.deliveries(root)[0]["approved_digest"] == ""
    app.close()


def test_a_draft_that_is_deleted_renamed_moved_or_edited_is_followed(root: Path) -> None:
    project.make(root, (1, 2, 3, 4), approval="required")
    door(root, "approve")
    path = {day: root / "posts" / f"{project.slug(day)}.md" for day in (1, 2, 3, 4)}
    with Running(root).started():
        path[1].unlink()
        wait_for("cancelled", lambda: project.status(root, 1) == "cancelled")
        path[2].rename(path[2].with_name("renamed.md"))
        wait_for(
            "renamed",
            lambda: project.rows(root, "SELECT 1 FROM deliveries WHERE post = 'renamed' AND approved_digest = digest"),
        )
        day = str((project.today() + timedelta(days=3)).date())
        later = str((project.today() + timedelta(days=9)).date())
        path[3].write_text(
            path[3].read_text(encoding="utf-8").replace(f"date: {day}", f"date: {later}"), encoding="utf-8"
        )
        wait_for("moved", lambda: project.rows(root, "SELECT 1 FROM deliveries WHERE day = ?", later))
        project.draft(root, 4, more="\nAnother word.\n")
        wait_for("voided", lambda: any(line["kind"] == "approval voided" for line in project.log(root)))
        assert len(project.deliveries(root)) == 8
        assert project.arrived(root) == []


def test_a_deleted_draft_is_withdrawn_once_its_attempt_came_back_without_it_being_out(root: Path) -> None:
    project.make(root, (-1, 1))
    project.script(root, "unavailable")
    with Running(root) as running:
        wait_for(
            "it was tried", lambda: project.status(root, -1) == "scheduled" and project.deliveries(root)[1]["attempts"]
        )
        (root / "posts" / f"{project.slug(-1)}.md").unlink()
        wait_for("it is withdrawn", lambda: project.status(root, -1) == "cancelled")
        assert project.arrived(root) == []
        assert "Traceback" not in running.said


def test_a_draft_deleted_while_it_was_at_the_network_is_not_tried_again(root: Path) -> None:
    project.make(root, (-1, 1))
    project.script(root, "wait, unavailable")
    with Running(root):
        wait_for("the post is at the network", (root / "net" / "reached").exists)
        (root / "posts" / f"{project.slug(-1)}.md").unlink()
        project.draft(root, 2)
        wait_for("the drafts were read again", lambda: project.status(root, 2))
        (root / "net" / "go").touch()
        wait_for("it is withdrawn", lambda: project.status(root, -1) == "cancelled")
        assert project.arrived(root) == []


def test_a_broken_config_leaves_the_daemon_on_the_old_one_and_says_so(root: Path) -> None:
    project.make(root, (1,))
    with Running(root).started() as running:
        path = root / "config.toml"
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace("[campaign.help]", "[campaign.help"), encoding="utf-8")
        running.says("config.toml")
        project.draft(root, -1)
        wait_for("it goes on", lambda: out(root, -1))
        path.write_text(whole, encoding="utf-8")
        project.draft(root, -2)
        wait_for("it goes on", lambda: out(root, -2))
        assert posts_of(root) == ["Laurel", "Kelp"]
        assert "Traceback" not in running.said


def test_a_config_changed_while_a_post_is_in_flight_doubles_nothing(root: Path) -> None:
    with in_flight(root) as running:
        running.started()
        path = root / "config.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("Lantern Project", "Lantern House"), encoding="utf-8")
        (root / "net" / "go").touch()
        running.says("config.toml was changed. Starting again with it.")
        project.draft(root, -2)
        wait_for("both are out", lambda: settled(root) and len(project.deliveries(root)) == 4)
        assert posts_of(root) == ["Laurel", "Kelp"]
        assert "Traceback" not in running.said


# The clock, and sleep.


def fall_asleep(running: Running, root: Path) -> None:
    """Stop it between two transactions: while it sleeps the test must be able to write."""
    while True:
        running.send(signal.SIGSTOP)
        other = sqlite3.connect(root / "var" / "campaign.db", timeout=0.2, isolation_level=None)
        with closing(other), suppress(sqlite3.OperationalError):
            other.execute("BEGIN EXCLUSIVE")
            return
        running.send(signal.SIGCONT)


def test_a_machine_asleep_over_three_due_times_sends_only_what_is_still_in_its_window(root: Path) -> None:
    project.make(root, (1, 2, 3))
    door(root, "sync")
    with Running(root).started() as running:
        fall_asleep(running, root)
        now = datetime.now(UTC).timestamp()
        for day, due, until in ((1, 0.5, 1.0), (2, 1.0, 1.5), (3, 1.5, HOUR)):
            at, end = (int((now + seconds) * 1e6) for seconds in (due, until))
            project.write(
                root,
                "UPDATE deliveries SET scheduled_at=?, next_attempt_at=?, send_until=?, check_at=? WHERE post=?",
                *(at, at, end, end, project.slug(day)),
            )
        wait_for("all three due times are past", lambda: datetime.now(UTC).timestamp() > now + 2)
        running.send(signal.SIGCONT)
        wait_for("the last is out", lambda: out(root, 3) and out(root, 3, "feed"))
        states = [(r["status"], r["reason"]) for r in project.deliveries(root) if r["account"] == "net"]
    why = "Missed: the program was not running, or had no turn, in its time."
    assert states == [("missed", why), ("missed", why), ("published", "Published.")]
    assert len(project.arrived(root)) == 1


class Wall:
    """The wall clock of one process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wall"
        self.set(0)
        self.env = {"LD_PRELOAD": shim("clock.c", folder), "CLOCK_FILE": str(self.path)}

    def set(self, seconds: int) -> None:
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", seconds * 10**9))


@pytest.mark.parametrize(("seconds", "said"), [(-HOUR, "back by 1:00:00"), (24 * HOUR, "ahead by 1 day, 0:00:00")])
def test_a_clock_that_was_set_holds_all_sending_for_a_minute(
    root: Path,
    tmp_path: Path,
    seconds: int,
    said: str,
    long: bool,  # noqa: FBT001
) -> None:
    rest = 60.0 if long else 3.0
    wall = Wall(tmp_path)
    project.make(root, (5,))
    with Running(root, env=wall.env, set={**QUICK, "scheduler.daemon.JUMP_REST": rest}).started() as running:
        wait_for("it had its first turns", lambda: "Next:" in running.said)
        wall.set(seconds)
        running.says(f"The clock was set {said}. Sending waits a minute, in case it is set right.")
        begun = time.monotonic()
        project.draft(root, -1)
        wait_for("it is queued", lambda: project.status(root, -1))
        assert project.arrived(root) == []
        wait_for("it is out", lambda: out(root, -1), within=rest + DEADLINE)
        assert time.monotonic() - begun > rest - 1
        assert len(project.arrived(root)) == 1
        assert [line["kind"] for line in project.log(root)].count("clock") == 1


def test_a_clock_that_is_set_right_within_the_minute_sends_nothing_early_and_misses_nothing(
    root: Path, tmp_path: Path
) -> None:
    wall = Wall(tmp_path)
    project.make(root, (1,), within="6h")
    with Running(root, env=wall.env).started() as running:
        wait_for("it had its first turns", lambda: "Next:" in running.said)
        for days in (1, 3):  # tomorrow's post would be due; it would be missed
            wall.set(days * 24 * HOUR)
            running.says("The clock was set ahead", times=1 if days == 1 else 2)
            wall.set(0)
            running.says("The clock was set back", times=1 if days == 1 else 2)
        assert {r["status"] for r in project.deliveries(root)} == {"scheduled"}
        assert project.arrived(root) == []


def test_an_answer_recorded_while_the_clock_was_wrong_does_not_stop_the_account_for_a_day(
    root: Path, tmp_path: Path
) -> None:
    wall = Wall(tmp_path)
    project.make(root, (-1,), gap="30m")
    project.script(root, "wait")
    quick = {**QUICK, "scheduler.daemon.JUMP_REST": 1.0}
    with Running(root, env=wall.env, set=quick).started() as running:
        wait_for("the post is at the network", (root / "net" / "reached").exists)
        wait_for("the feed has it", lambda: out(root, -1, "feed"))
        wall.set(24 * HOUR)
        running.says("The clock was set ahead")
        (root / "net" / "go").touch()
        wait_for("it is out", lambda: out(root, -1))
        wall.set(0)
        running.says("The clock was set back")
        (wait,) = project.rows(root, "SELECT wait_until FROM accounts WHERE name = 'net'")
        assert wait["wait_until"] / 1e6 < datetime.now(UTC).timestamp() + HOUR


# Signals.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_what_is_in_flight_and_ends_well(root: Path, number: signal.Signals) -> None:
    with in_flight(root) as running:
        project.draft(root, -2)
        running.send(number)
        (root / "net" / "go").touch()
        assert running.ended() == 0
        assert running.said.endswith("Stopped. Nothing is in flight.\n")
    assert out(root, -1)
    assert posts_of(root) == ["Laurel"]
    assert project.log(root)[-1]["text"] == "The daemon stopped."


def test_killed_while_a_post_is_in_flight_the_next_start_looks_and_sends_it_once(root: Path) -> None:
    with in_flight(root) as running:
        running.send(signal.SIGKILL)
        assert running.ended() == -signal.SIGKILL
    assert project.status(root, -1) == "publishing"
    with Running(root) as running:
        running.says("that the last run had left in flight.")
        wait_for("it is out", lambda: settled(root))
    assert len(project.arrived(root)) == 1
    assert any(line["text"].startswith("Looked for on the account: it is not there.") for line in project.log(root))


def test_a_folder_of_the_feed_that_is_deleted_is_made_again(root: Path) -> None:
    project.make(root, (-1,))
    with Running(root).started():
        wait_for("it is out", lambda: settled(root))
        shutil.rmtree(root / "site")
        project.draft(root, -2)
        wait_for("it goes on", lambda: settled(root) and len(project.deliveries(root)) == 4)
