"""Backup and restore: a whole copy beside a writer, and nothing that goes out twice after a restore."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from scheduler import keeping, lock
from scheduler.app import App
from scheduler.cli import cli
from scheduler.errors import Refused, StoreError
from scheduler.model import Status
from scheduler.store import Store, backup
from tests.faults import project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two posts are due, one comes in three days; nothing needs an approval."""
    project.make(tmp_path / "project", [-1, 0, 3])
    config = tmp_path / "project" / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text[: text.index("[accounts.net]")], encoding="utf-8")
    return tmp_path / "project"


def queued(root: Path) -> App:
    app = App.open(root)
    app.sync(app.read(), "daemon")
    return app


def statuses(root: Path) -> list[Status]:
    app = App.open(root)
    with app.store.reading() as read:
        found = [d.status for d in read.deliveries()]
    app.close()
    return found


def publish(app: App) -> None:
    """What `campaign run --once` does, without its signals."""
    outlets, _ = app.outlets()
    loop = app.publishing(outlets, wake=lambda: None, workers=0)
    while loop.turn():
        pass


def public(root: Path) -> int:
    return len(list((root / "site" / "public" / "posts").iterdir()))


def test_copy_is_whole_while_another_thread_writes(tmp_path: Path) -> None:
    store = Store("sqlite:///c.db", tmp_path)
    done = threading.Event()

    def writes() -> None:
        number = 0
        while not done.is_set():
            with store.writing() as write:
                number += 1
                write.set("one", str(number))
                write.set("two", str(number))

    writer = threading.Thread(target=writes)
    writer.start()
    try:
        for n in range(5):
            backup.copy(tmp_path / "c.db", tmp_path / f"copy{n}.db")
    finally:
        done.set()
        writer.join()
        store.close()
    for n in range(5):
        with closing(sqlite3.connect(tmp_path / f"copy{n}.db")) as database:
            found = dict(database.execute("SELECT name, value FROM settings WHERE name IN ('one', 'two')"))
        assert found.get("one") == found.get("two")


def test_copy_overwrites_only_when_forced_and_never_its_source(tmp_path: Path) -> None:
    Store("sqlite:///c.db", tmp_path).close()
    target = tmp_path / "copy.db"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="exists already"):
        backup.copy(tmp_path / "c.db", target)
    assert target.read_text(encoding="utf-8") == "mine"
    backup.copy(tmp_path / "c.db", target, force=True)
    backup.checked(target)
    with pytest.raises(Refused, match="exists already"):
        backup.copy(tmp_path / "c.db", tmp_path / "c.db", force=True)


def test_damaged_database_is_not_copied_over_a_good_copy(tmp_path: Path) -> None:
    Store("sqlite:///c.db", tmp_path).close()
    backup.copy(tmp_path / "c.db", tmp_path / "good.db")
    data = bytearray((tmp_path / "c.db").read_bytes())
    data[4096:8192] = os.urandom(4096)
    (tmp_path / "c.db").write_bytes(data)
    with pytest.raises(StoreError):
        backup.copy(tmp_path / "c.db", tmp_path / "good.db", force=True)
    backup.checked(tmp_path / "good.db")
    assert not list(tmp_path.glob(".*.new"))


def test_copy_of_nothing_or_into_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no database"):
        backup.copy(tmp_path / "c.db", tmp_path / "copy.db")
    Store("sqlite:///c.db", tmp_path).close()
    with pytest.raises(Refused, match="There is no folder"):
        backup.copy(tmp_path / "c.db", tmp_path / "no" / "copy.db")


def test_what_went_out_after_the_backup_does_not_go_out_again(root: Path, tmp_path: Path) -> None:
    app = queued(root)
    backup.copy(root / "var" / "campaign.db", tmp_path / "copy.db")
    publish(app)
    app.close()
    assert public(root) == 2
    done = keeping.restore(App.open(root), tmp_path / "copy.db", "Maria")
    assert len(done.held) == 2
    assert statuses(root) == [Status.HELD, Status.HELD, Status.SCHEDULED]
    app = App.open(root)
    publish(app)
    with app.store.reading() as read:
        held = [d for d in read.deliveries() if d.status is Status.HELD]
    assert all("Restored from a backup made at " in d.reason for d in held)
    app.confirm(held[0], "Maria", "https://lantern.example/1")
    assert statuses(root)[0] is Status.PUBLISHED
    app.close()


def test_a_draft_that_was_queued_and_sent_after_the_backup_is_held_too(root: Path, tmp_path: Path) -> None:
    """The copy knows nothing of it; without an approval rule it would go out again at once."""
    queued(root).close()
    backup.copy(root / "var" / "campaign.db", tmp_path / "copy.db")
    project.draft(root, -2)
    app = queued(root)
    publish(app)
    app.close()
    assert public(root) == 3
    keeping.restore(App.open(root), tmp_path / "copy.db", "Maria")
    assert statuses(root).count(Status.HELD) == 3


def test_what_was_in_flight_at_the_backup_is_held_and_its_attempt_closed(root: Path, tmp_path: Path) -> None:
    app = queued(root)
    now = app.clock.now()
    app.store.step(now=now, owner="gone", lease=timedelta(minutes=10), gap=timedelta(0), room=1)
    assert statuses(root).count(Status.PUBLISHING) == 1
    backup.copy(root / "var" / "campaign.db", tmp_path / "copy.db")
    app.close()
    keeping.restore(App.open(root), tmp_path / "copy.db", "Maria")
    assert statuses(root) == [Status.HELD, Status.HELD, Status.SCHEDULED]
    app = App.open(root)
    with app.store.reading() as read:
        rows = read.deliveries()
        tries = [t for d in rows for t in read.attempts(d.id)]
    assert [d.lease_until for d in rows] == [None] * 3
    assert [t.closed_at is not None for t in tries] == [True]
    app.close()


def test_the_database_as_it_was_is_kept_beside(root: Path, tmp_path: Path) -> None:
    app = queued(root)
    backup.copy(root / "var" / "campaign.db", tmp_path / "copy.db")
    with app.store.writing() as write:
        write.set("after", "yes")
    app.close()
    done = keeping.restore(App.open(root), tmp_path / "copy.db", "Maria")
    kept = root / "var" / done.kept
    backup.checked(kept)
    with closing(sqlite3.connect(kept)) as database:
        assert database.execute("SELECT value FROM settings WHERE name = 'after'").fetchone() == ("yes",)
    assert {p.name for p in (root / "var").iterdir()} == {"campaign.db", done.kept, "campaign.lock"}


def test_a_damaged_database_can_be_replaced(root: Path, tmp_path: Path) -> None:
    queued(root).close()
    backup.copy(root / "var" / "campaign.db", tmp_path / "copy.db")
    (root / "var" / "campaign.db").write_bytes(b"not a database, by far" * 100)
    keeping.restore(App.open(root), tmp_path / "copy.db", "Maria")
    assert len(statuses(root)) == 3


def test_a_file_that_is_no_copy_changes_nothing(root: Path, tmp_path: Path) -> None:
    queued(root).close()
    before = (root / "var" / "campaign.db").read_bytes()
    (tmp_path / "letter.db").write_text("Dear all", encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    for name, words in (("letter.db", "not a whole database"), ("other.db", "not one of this program")):
        with pytest.raises(StoreError, match=words):
            keeping.restore(App.open(root), tmp_path / name, "Maria")
    assert (root / "var" / "campaign.db").read_bytes() == before


def run(root: Path, *words: str, answers: str | None = None) -> tuple[int, str]:
    ran = CliRunner().invoke(cli, ["--root", str(root), *words], input=answers)
    assert "mistake of its own" not in ran.output
    return ran.exit_code, ran.output


def test_commands_say_what_they_did_and_what_to_do_next(root: Path, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    assert run(root, "backup", copy)[0] == 2  # there is none yet
    queued(root).close()
    code, said = run(root, "backup", copy)
    assert code == 0
    assert "Copied and checked" in said
    assert run(root, "backup", copy)[0] == 2
    code, said = run(root, "restore", copy, answers="n\n")
    assert code == 2
    assert said.endswith("Nothing was done.\n")
    code, said = run(root, "restore", copy, answers="y\n")
    assert code == 1  # somebody must look
    assert "Held, as they may be out already: 2" in said
    assert "campaign confirm POST --account NAME --url URL" in said
    assert run(root, "restore", str(tmp_path / "none.db"), "--yes")[0] == 2


def test_restore_is_refused_while_a_daemon_runs(root: Path, tmp_path: Path) -> None:
    queued(root).close()
    run(root, "backup", str(tmp_path / "copy.db"))
    with lock.held(root / "var" / "campaign.lock"):
        code, said = run(root, "restore", str(tmp_path / "copy.db"), "--yes")
    assert code == 4
    assert "Another daemon runs" in said


def test_for_a_server_the_command_names_the_servers_own_tool(root: Path, tmp_path: Path) -> None:
    config = root / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8") + '\n[store]\nurl = "postgresql://db.example/campaign"\n', encoding="utf-8"
    )
    code, said = run(root, "backup", str(tmp_path / "copy.dump"))
    assert code == 2
    assert f"pg_dump --format=custom --file {tmp_path / 'copy.dump'} postgresql://db.example/campaign" in said
    code, said = run(root, "restore", str(tmp_path / "copy.dump"), "--yes")
    assert "pg_restore --clean --dbname postgresql://db.example/campaign" in said
