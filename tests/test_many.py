"""One statement for many rows: the same rows on both databases, and a refusal that changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import BigInteger, Text, select

from scheduler.errors import StoreError
from scheduler.store.many import Many
from scheduler.store.tables import accounts, micros, settings

if TYPE_CHECKING:
    from scheduler.store import Store

AT = datetime(2027, 1, 4, 15, tzinfo=UTC)
KEEP = Many(
    {"name": Text(), "value": Text()},
    lambda row: settings.insert().from_select(["name", "value"], select(row["name"], row["value"])),
)
WAIT = Many(
    {"of": Text(), "until": BigInteger()},
    lambda row: accounts.update().where(accounts.c.name == row["of"]).values(wait_until=row["until"], stopped=""),
)


def test_each_row_gets_its_own_values_and_the_others_stay(store: Store) -> None:
    with store.writing() as write:
        write.set_accounts({"a", "b", "c"})
        WAIT.run(write.connection, [{"of": "a", "until": micros(AT)}, {"of": "b", "until": micros(AT)}])
        WAIT.run(write.connection, [{"of": "b", "until": None}])
    with store.reading() as read:
        assert [(a.name, a.wait_until) for a in read.accounts()] == [("a", AT), ("b", None), ("c", None)]


def test_rows_keep_quotes_percent_signs_and_emoji(store: Store) -> None:
    odd = {"one": "it's 5 % of {all}, %(name)s and ?", "two": "💡 “quoted”\n"}
    with store.writing() as write:
        KEEP.run(write.connection, [{"name": name, "value": value} for name, value in odd.items()])
    with store.reading() as read:
        assert {name: read.setting(name) for name in odd} == odd


def test_no_rows_is_no_statement(store: Store) -> None:
    with store.writing() as write:
        KEEP.run(write.connection, [])
        assert write.setting("one") == ""


def test_a_row_that_the_database_refuses_leaves_none_of_them(store: Store) -> None:
    twice = [{"name": "one", "value": "1"}, {"name": "one", "value": "2"}]
    with pytest.raises(StoreError, match="The database refused"), store.writing() as write:
        KEEP.run(write.connection, twice)
    with store.reading() as read:
        assert read.setting("one") == ""
