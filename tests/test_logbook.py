"""The log: what it answers, that an index serves each question, and that both databases answer alike."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler import logbook
from scheduler.errors import StoreError
from scheduler.logbook import Query
from scheduler.store import Store

START = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
ROWS = (
    ("daemon", "queued", "", "Queued."),
    ("Maria", "approved", "", "Approved: 100% fine"),
    ("daemon", "published", "feed", "Published."),
    ("daemon", "failed", "x", "The network refused the text."),
    ("Maria", "paused", "", "Paused: an ACCIDENT in the city"),
)


def filled(store: Store) -> Store:
    """A store with those rows, an hour apart."""
    with store.writing() as write:
        for hours, (actor, kind, account, text) in enumerate(ROWS):
            write.tell(START + timedelta(hours=hours), actor, kind, text, account=account)
    return store


def asked(store: Store, query: Query) -> list[str]:
    """The kinds that the log answers with, from either database."""
    if store.url.get_backend_name() == "sqlite":
        return [e.kind for e in logbook.read(store_path(store), query)]
    with store.reading() as read:
        return [e.kind for e in logbook.entries(read.connection.exec_driver_sql(*query.for_postgresql()))]


def store_path(store: Store) -> Path:
    return Path(str(store.url.database))


ANSWERS = [
    (Query(), ["paused", "failed", "published", "approved", "queued"]),
    (Query(limit=2), ["paused", "failed"]),
    (Query(before=3), ["approved", "queued"]),
    (Query(account="x"), ["failed"]),
    (Query(kind="published"), ["published"]),
    (Query(actor="Maria"), ["paused", "approved"]),
    (Query(words="accident"), ["paused"]),
    (Query(words="100% f"), ["approved"]),
    (Query(words="_"), []),
    (Query(since=START + timedelta(hours=3)), ["paused", "failed"]),
    (Query(until=START + timedelta(hours=1)), ["queued"]),
    (Query(since=START, until=START + timedelta(hours=2), actor="Maria"), ["approved"]),
    (Query(since=START, before=4), ["published", "approved", "queued"]),
    (Query(account="x' OR 1=1 --"), []),
]


def test_each_filter_leaves_in_what_it_names(store: Store) -> None:
    filled(store)
    for query, kinds in ANSWERS:
        assert asked(store, query) == kinds, query


def test_post_is_found_by_the_beginning_of_its_name(tmp_path: Path) -> None:
    path = _big(tmp_path, 400)
    found = logbook.read(path, Query(post="2027-01-04", limit=None))
    assert {e.post for e in found} == {"2027-01-04-post"}


def test_entries_are_aware_and_whole(tmp_path: Path) -> None:
    store = filled(Store("sqlite:///c.db", tmp_path))
    newest = logbook.read(tmp_path / "c.db", Query(limit=1))[0]
    assert newest.at == START + timedelta(hours=4)
    assert newest.text == "Paused: an ACCIDENT in the city"
    store.close()


def test_the_log_is_read_while_a_writer_is_in_the_middle_of_it(tmp_path: Path) -> None:
    store = filled(Store("sqlite:///c.db", tmp_path))
    with store.writing() as write:
        write.tell(START, "daemon", "clock", "Not yet committed.")
        assert len(logbook.read(tmp_path / "c.db", Query())) == len(ROWS)
    store.close()


def test_no_database_is_an_empty_log_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    assert logbook.read(tmp_path / "none.db", Query()) == ()
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "bad.db").write_bytes(b"not a database, by far" * 100)
    with pytest.raises(StoreError, match="could not be read"):
        logbook.read(tmp_path / "bad.db", Query())


def test_approved_digests_are_those_that_no_edit_voided(tmp_path: Path) -> None:
    store = Store("sqlite:///c.db", tmp_path)
    with store.writing() as write:
        for digest, voided in (("aaa", None), ("bbb", 1)):
            write.connection.exec_driver_sql(
                "INSERT INTO approvals (digest, post, account, by, at, note, voided_at, voided_why) "
                "VALUES (?, 'p', 'feed', 'Maria', 0, '', ?, '')",
                (digest, voided),
            )
    assert logbook.approved(tmp_path / "c.db") == {"aaa"}
    assert logbook.approved(tmp_path / "none.db") == frozenset()
    store.close()


def _big(folder: Path, count: int) -> Path:
    """A log of `count` rows over 31 posts and 8 accounts, one a minute."""
    Store("sqlite:///c.db", folder).close()
    begin = (START - logbook.EPOCH) // timedelta(microseconds=1)
    rows = (
        (
            begin + n * 60_000_000,
            "daemon",
            f"kind{n % 7}",
            f"2027-01-{n % 31 + 1:02}-post",
            f"account{n % 8}",
            f"Row {n}.",
        )
        for n in range(count)
    )
    with closing(sqlite3.connect(folder / "c.db")) as database:
        database.executemany("INSERT INTO log (at, actor, kind, post, account, text) VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.commit()
    return folder / "c.db"


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(before=200),
        Query(account="account1"),
        Query(kind="kind1"),
        Query(account="account1", kind="kind1"),
        Query(account="account1", before=200),
        Query(since=START),
        Query(since=START, until=START + timedelta(days=1)),
        Query(since=START, before=200),
        Query(words="row"),
    ],
)
def test_no_question_sorts_the_log(tmp_path: Path, query: Query) -> None:
    """Each walks an index, or the table itself, from its newest end, and stops when it has its page."""
    path = _big(tmp_path, 100)
    statement, values = query.sql()
    with closing(sqlite3.connect(path)) as database:
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert not any("TEMP B-TREE" in step for step in plan), plan
    filtered = any((query.account, query.kind, query.since, query.before))
    assert plan[0].startswith("SEARCH log USING" if filtered else "SCAN log"), plan


def test_pages_follow_each_other_without_a_gap_when_the_clock_steps_back(tmp_path: Path) -> None:
    store = Store("sqlite:///c.db", tmp_path)
    with store.writing() as write:
        for n in range(20):
            write.tell(START + timedelta(minutes=n if n < 10 else n - 8), "daemon", "clock", f"Row {n}.")
    store.close()
    for query in (Query(limit=3), Query(limit=3, since=START)):
        seen: list[int] = []
        before = None
        while page := logbook.read(tmp_path / "c.db", Query(limit=3, since=query.since, before=before)):
            seen += [e.id for e in page]
            before = page[-1].id
        assert sorted(seen) == list(range(1, 21))
