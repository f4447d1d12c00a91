"""The schema: from nothing, from its first version with data, and never backwards."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from scheduler import store as package
from scheduler.errors import StoreError
from scheduler.model import Status
from scheduler.store import Store, database
from scheduler.store.tables import metadata
from tests.fakes import only, planned, queue, said

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

FIRST_DELIVERY = """
INSERT INTO deliveries (id, post, path, account, network, day, title, scheduled_at, send_until, status, digest)
VALUES (7, 'old', 'posts/old.md', 'a', 'feed', '2027-01-04', 'Old', 1799074800000000, 1799096400000000, 'held', 'd')
"""
FIRST_LOG = (
    "INSERT INTO log (id, at, actor, kind, delivery, text) VALUES (1, 1799074800000000, 'Ana', 'held', 7, 'Held.')"
)


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine, to: str) -> None:
    config = scripts()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def empty(engine: Engine) -> None:
    """Take everything away again: a database in which nothing was ever made."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        else:
            connection.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
            for name in sa.inspect(connection).get_table_names():
                connection.execute(sa.text(f"DROP TABLE {name}"))


def differences(connection: Connection) -> list[object]:
    defaults = connection.dialect.name == "postgresql"  # SQLite gives them back in other quotes
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": defaults})
    return list(compare_metadata(context, metadata))


def test_the_newest_schema_that_the_program_knows_is_the_newest_there_is() -> None:
    assert ScriptDirectory.from_config(scripts()).get_current_head() == database.HEAD


def test_the_steps_make_exactly_the_tables_that_the_store_uses(store: Store) -> None:
    with store.engine.connect() as connection:
        assert differences(connection) == []


def test_the_comparison_sees_a_difference(store: Store) -> None:
    with store.writing() as write:
        write.connection.execute(sa.text("DROP INDEX ix_log_at"))
        write.connection.execute(sa.text("ALTER TABLE settings ADD COLUMN more TEXT"))
    with store.engine.connect() as connection:
        assert len(differences(connection)) == 2


def test_data_of_the_first_version_is_there_after_all_steps(store: Store) -> None:
    empty(store.engine)
    upgrade(store.engine, "0001")
    with store.engine.begin() as connection:
        connection.execute(sa.text(FIRST_DELIVERY))
        connection.execute(sa.text(FIRST_LOG))
    database.migrate(store.engine)
    with store.engine.connect() as connection:
        assert differences(connection) == []
        assert database._version(connection) == database.HEAD
    row = only(store)
    assert (row.id, row.post, row.status, row.reason) == (7, "old", Status.HELD, "")
    assert row.scheduled_at == datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
    assert said(store) == ["held: Held."]


def test_the_log_is_guarded_after_all_steps(store: Store) -> None:
    empty(store.engine)
    database.migrate(store.engine)
    with store.writing() as write:
        write.tell(datetime.now(UTC), "Ana", "held", "Held.")
    with pytest.raises(StoreError, match="append-only"), store.writing() as write:
        write.connection.execute(sa.text("DELETE FROM log"))


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    first = Store("sqlite:///campaign.db", tmp_path)
    queue(first, planned())
    before = only(first)
    first.close()
    again = Store("sqlite:///campaign.db", tmp_path)
    assert only(again) == before
    again.close()


def test_a_database_of_a_newer_program_is_refused_with_a_sentence(store: Store, tmp_path: Path) -> None:
    with store.writing() as write:
        write.connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    url = store.url.render_as_string(hide_password=False)
    with pytest.raises(StoreError) as refused:
        Store(url, tmp_path)
    assert refused.value.text == (
        "The database was made by a newer version of this program "
        f"(schema 9999, this one knows {database.HEAD}). Update the program."
    )


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "campaign.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE settings (something TEXT)")  # in the way of the first step
    raw.commit()
    raw.close()
    with pytest.raises(StoreError):
        Store("sqlite:///campaign.db", tmp_path)
    raw = sqlite3.connect(path)
    names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    raw.close()
    assert names == ["settings"]
