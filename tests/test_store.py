"""The store's contract, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from scheduler import outcomes, planning
from scheduler.errors import Refused, StoreBusy, StoreError
from scheduler.model import Published, Status
from scheduler.outcomes import Decision
from scheduler.store import Claim, Result, Saved, Step, Store
from scheduler.store.tables import deliveries, log, settings
from tests.fakes import LIMITS, NINE, SIX_HOURS, only, planned, queue, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scheduler.model import Delivery

MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=10)
OUT = Decision(Status.PUBLISHED, "Published.", published=Published("7", "https://net.example/7"))
LATER = Decision(Status.SCHEDULED, "No connection.", next_attempt_at=NINE + MINUTE, check_at=NINE + SIX_HOURS)


def step(
    store: Store,
    *,
    now: datetime = NINE,
    owner: str = "one",
    saves: Sequence[Saved] = (),
    results: Sequence[Result] = (),
    room: int = 9,
    gap: timedelta = timedelta(0),
) -> Step:
    return store.step(now=now, owner=owner, lease=LEASE, gap=gap, saves=saves, results=results, room=room)


def claim(store: Store, *, now: datetime = NINE, owner: str = "one", room: int = 9) -> list[Claim]:
    return list(step(store, now=now, owner=owner, room=room).claimed)


def posts(claims: list[Claim]) -> list[str]:
    return [c.delivery.post for c in claims]


def rows(store: Store) -> dict[str, Delivery]:
    with store.reading() as read:
        return {d.post: d for d in read.deliveries()}


# What a claim takes.


def test_a_claim_opens_an_attempt_and_takes_a_lease_and_a_fence(store: Store) -> None:
    queue(store, planned())
    before = only(store)
    (taken,) = claim(store)
    after = only(store)
    assert taken.delivery == after
    assert taken.message == replace(planned().message, post="one", day="2027-01-04")  # as the draft is named now
    assert after.status is Status.PUBLISHING
    assert (after.fence, after.attempts) == (before.fence + 1, 1)
    assert (after.lease_owner, after.lease_until, after.check_at) == ("one", NINE + LEASE, NINE + LEASE)
    assert after.next_attempt_at is None
    with store.reading() as read:
        attempt = read.last_attempt(after.id)
    assert attempt
    assert (attempt.id, attempt.number, attempt.fence, attempt.digest) == (taken.attempt, 1, after.fence, after.digest)
    assert (attempt.opened_at, attempt.prepared, attempt.closed_at) == (NINE, None, None)


def test_a_claim_takes_one_of_each_account_the_earliest_first(store: Store) -> None:
    queue(
        store,
        planned("a-late", "a", at=NINE + MINUTE),
        planned("a-early", "a"),
        planned("b-only", "b", at=NINE - MINUTE, until=NINE + MINUTE),
    )
    assert posts(claim(store, now=NINE + MINUTE)) == ["b-only", "a-early"]
    assert claim(store, now=NINE + MINUTE) == []


def test_a_claim_takes_no_more_than_there_is_room_for(store: Store) -> None:
    queue(store, *(planned(f"post-{a}", a) for a in "abcd"))
    assert len(claim(store, room=3)) == 3
    assert claim(store, room=0) == []
    assert len(claim(store, room=3)) == 1


def test_what_waits_for_its_retry_holds_back_what_comes_after_it(store: Store) -> None:
    queue(store, planned("first"), planned("second", at=NINE + MINUTE))
    (taken,) = claim(store)
    step(store, results=[Result(taken.delivery, taken.attempt, replace(LATER, next_attempt_at=NINE + 9 * MINUTE))])
    assert claim(store, now=NINE + 5 * MINUTE) == []
    assert posts(claim(store, now=NINE + 9 * MINUTE)) == ["first"]


def test_nothing_is_claimed_of_an_account_that_is_switched_off_stopped_or_waiting(store: Store) -> None:
    queue(store, planned("off", "off"), planned("stopped", "stopped"), planned("waits", "waits"))
    with store.writing() as write:
        write.set_accounts({"stopped", "waits"})
    taken = {c.delivery.account: c for c in claim(store)}
    assert set(taken) == {"stopped", "waits"}
    step(
        store,
        results=[
            Result(c.delivery, c.attempt, replace(LATER, next_attempt_at=NINE, **how))
            for c, how in (
                (taken["stopped"], {"account_stopped": "Revoked."}),
                (taken["waits"], {"account_waits_until": NINE + MINUTE}),
            )
        ],
        room=0,
    )
    assert claim(store) == []
    assert posts(claim(store, now=NINE + MINUTE)) == ["waits"]
    with store.writing() as write:
        write.start_account("stopped", NINE, "manager")
    assert posts(claim(store)) == ["stopped"]
    assert "account stopped: stopped needs a person: Revoked." in said(store)
    assert said(store)[-1] == "account started: stopped may send again."


def test_nothing_is_claimed_unapproved_early_or_late(store: Store) -> None:
    queue(store, planned(), approve=False)
    assert claim(store) == []
    queue(store, planned())
    assert claim(store, now=NINE - MINUTE) == []
    assert claim(store, now=NINE + SIX_HOURS + MINUTE) == []
    assert len(claim(store, now=NINE + SIX_HOURS)) == 1


def test_nothing_is_claimed_while_the_campaign_is_paused(store: Store) -> None:
    queue(store, planned())
    with store.writing() as write:
        write.start_pause("manager", "A tragedy", NINE)
        with pytest.raises(Refused, match="paused already"):
            write.start_pause("manager", "again", NINE)
        assert write.claim(NINE, "one", LEASE, 9) == ()
    assert step(store).paused
    with store.writing() as write:
        write.end_pause("manager", NINE)
        with pytest.raises(Refused, match="not paused"):
            write.end_pause("manager", NINE)
    assert len(claim(store)) == 1


def test_a_post_that_went_out_makes_its_account_wait_for_the_gap(store: Store) -> None:
    queue(store, planned("first"), planned("second", at=NINE + MINUTE))
    (taken,) = claim(store)
    step(store, results=[Result(taken.delivery, taken.attempt, OUT)], room=0, gap=30 * MINUTE)
    assert claim(store, now=NINE + 29 * MINUTE) == []
    assert len(claim(store, now=NINE + 30 * MINUTE)) == 1


# Fences.


def test_a_result_is_recorded_once_with_its_log_row_and_its_attempt_closed(store: Store) -> None:
    queue(store, planned())
    (taken,) = claim(store)
    done = Result(taken.delivery, taken.attempt, replace(OUT, detail="200 OK"))
    assert step(store, now=NINE + MINUTE, results=[done]).recorded == {taken.delivery.id}
    row = only(store)
    assert (row.status, row.url, row.remote_id) == (Status.PUBLISHED, "https://net.example/7", "7")
    assert (row.published_at, row.lease_owner, row.lease_until) == (NINE + MINUTE, "", None)
    assert row.fence == taken.delivery.fence + 1
    assert step(store, results=[done]).recorded == frozenset()
    assert said(store).count("published: Published.") == 1
    with store.reading() as read:
        attempt = read.last_attempt(row.id)
    assert attempt
    assert (attempt.closed_at, attempt.outcome) == (NINE + MINUTE, "published: Published.")


def test_a_save_and_a_result_of_an_older_claim_are_left_out(store: Store) -> None:
    queue(store, planned())
    (old,) = claim(store, owner="old")
    step(store, results=[Result(old.delivery, old.attempt, replace(LATER, next_attempt_at=NINE))], room=0)
    (new,) = claim(store, owner="new")
    late = step(store, saves=[Saved(old, {"key": "k"})], results=[Result(old.delivery, old.attempt, OUT)])
    assert (late.saved, late.recorded) == (frozenset(), frozenset())
    assert only(store) == new.delivery
    with store.reading() as read:
        assert [a.prepared for a in read.attempts(new.delivery.id)] == [None, None]


def test_what_was_prepared_is_kept_as_it_was(store: Store) -> None:
    queue(store, planned())
    (taken,) = claim(store)
    prepared = {"key": "k", "parts": [1, None, "é “quoted”"], "deep": {"a": True}}
    assert step(store, saves=[Saved(taken, prepared)]).saved == {taken.delivery.id}
    with store.reading() as read:
        attempt = read.last_attempt(taken.delivery.id)
    assert attempt
    assert attempt.prepared == prepared


def test_of_two_that_settle_one_delivery_one_is_let_in(store: Store) -> None:
    queue(store, planned())
    (taken,) = claim(store)
    unclear = Decision(Status.UNCONFIRMED, "It may be out.", check_at=NINE)
    step(store, results=[Result(taken.delivery, taken.attempt, unclear)], room=0)
    row = only(store)
    with store.writing() as write:
        first = write.take_for_settling(row, "one", NINE + LEASE)
        assert first
        assert (first.fence, first.check_at) == (row.fence + 1, NINE + LEASE)
        assert write.take_for_settling(row, "two", NINE + LEASE) is None


def test_what_was_decided_on_a_row_that_a_sync_then_moved_is_left_out(store: Store) -> None:
    (row,) = queue(store, planned())
    queue(store, planned(at=NINE + timedelta(days=1)))
    missed = Result(row, None, outcomes.deadline(row, LIMITS))
    assert step(store, now=NINE + SIX_HOURS, results=[missed]).recorded == frozenset()
    assert only(store).status is Status.SCHEDULED


def test_an_approval_of_what_was_edited_meanwhile_is_refused(store: Store) -> None:
    (row,) = queue(store, planned(), approve=False)
    queue(store, planned(text="New."), approve=False)
    with store.writing() as write, pytest.raises(Refused, match="changed while it was looked at"):
        write.approve(row, "manager", "", NINE)
    assert not only(store).approved


def test_an_approval_says_who_when_and_why_and_is_given_once(store: Store) -> None:
    (row,) = queue(store, planned(), approve=False)
    with store.writing() as write:
        write.approve(row, "Ana", "Numbers checked", NINE)
    with store.writing() as write:
        write.approve(row, "Ben", "", NINE)
    with store.reading() as read:
        (approval,) = read.approvals("one")
        assert read.approved() == {row.digest}
    assert (approval.by, approval.at, approval.note, approval.voided_at) == ("Ana", NINE, "Numbers checked", None)
    assert said(store)[-1] == "approved: Approved: Numbers checked"
    queue(store, planned(text="New."), approve=False)
    with store.reading() as read:
        (approval,) = read.approvals("one")
        assert read.approved() == frozenset()
    assert approval.voided_why == "The draft was edited."


def test_two_that_record_at_once_record_once(store: Store, tmp_path: Path) -> None:
    """The second waits for the first's transaction, and then sees that the fence has moved."""
    queue(store, planned())
    (taken,) = claim(store)
    other = Store(store.url.render_as_string(hide_password=False), tmp_path)
    first = Result(taken.delivery, taken.attempt, OUT)
    second = Result(taken.delivery, taken.attempt, LATER)
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as write:
            assert write.record([first], NINE, "daemon", timedelta(0))
            answer = pool.submit(step, other, results=[second], room=0)
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.3)
        assert answer.result(timeout=30).recorded == frozenset()
    other.close()
    assert only(store).status is Status.PUBLISHED


def test_a_sync_does_not_write_over_a_claim_that_was_made_meanwhile(store: Store, tmp_path: Path) -> None:
    queue(store, planned())
    other = Store(store.url.render_as_string(hide_password=False), tmp_path)
    with store.reading() as read:
        stored = read.of_campaign(date(2027, 1, 1), date(2027, 1, 31))
    moved = planned(at=NINE + timedelta(days=1))
    found = planning.changes([moved], stored, approved={stored[0].digest}, broken=(), now=NINE)
    (taken,) = claim(other)
    with store.writing() as write:
        write.apply(found, NINE, "daemon")
    other.close()
    assert only(store) == taken.delivery
    assert not [line for line in said(store) if line.startswith("moved")]


# Transactions.


def test_a_step_that_fails_in_the_middle_changes_nothing(store: Store) -> None:
    queue(store, planned("one", "a"), planned("two", "b"))
    (taken,) = claim(store, room=1)
    before, told = rows(store), said(store)
    with pytest.raises(TypeError):
        store.step(
            now=NINE,
            owner="one",
            lease=None,  # type: ignore[arg-type] # the claim fails, after the save and the result
            gap=timedelta(0),
            saves=[Saved(taken, {"key": "k"})],
            results=[Result(taken.delivery, taken.attempt, OUT)],
            room=9,
        )
    assert rows(store) == before
    assert said(store) == told
    with store.reading() as read:
        (attempt,) = read.attempts(taken.delivery.id)
    assert (attempt.prepared, attempt.closed_at) == (None, None)


def test_a_transaction_that_is_left_by_an_exception_changes_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as write:
            write.set("beat", "now")
            write.tell(NINE, "daemon", "started", "The daemon started.")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert said(store) == []
    with store.reading() as read:
        assert read.setting("beat") == ""


def test_a_sync_is_one_transaction(store: Store) -> None:
    found = planning.changes([planned("one"), planned("two")], [], approved=(), broken=(), now=NINE)
    wrong = replace(found[1], after=replace(found[1].after, post=None))  # type: ignore[arg-type]
    with pytest.raises(StoreError), store.writing() as write:
        write.apply([found[0], wrong], NINE, "daemon")
    assert rows(store) == {}
    assert said(store) == []


@pytest.mark.parametrize("verb", ["UPDATE log SET text = 'nothing happened'", "DELETE FROM log"])
def test_the_log_refuses_to_be_changed_even_by_hand(store: Store, verb: str) -> None:
    queue(store, planned())
    before = said(store)
    with pytest.raises(StoreError, match="append-only"), store.writing() as write:
        write.connection.execute(sa.text(verb))
    assert said(store) == before


def test_a_database_that_stays_locked_is_told_in_plain_words_and_changes_nothing(tmp_path: Path) -> None:
    store = Store("sqlite:///campaign.db", tmp_path, busy_ms=50)
    queue(store, planned())
    other = sqlite3.connect(tmp_path / "campaign.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="locked by another program"):
        claim(store)
    other.execute("ROLLBACK")
    other.close()
    assert len(claim(store)) == 1
    store.close()


def test_eight_threads_claim_each_delivery_once(store: Store, tmp_path: Path) -> None:
    wanted = [planned(f"post-{n}", f"account-{n % 50}", at=NINE + timedelta(seconds=n // 50)) for n in range(200)]
    queue(store, *wanted)
    url = store.url.render_as_string(hide_password=False)
    taken: list[int] = []
    busy: list[str] = []
    guard = threading.Lock()

    failed = threading.Event()

    def work(name: str) -> None:
        mine = Store(url, tmp_path)
        results: list[Result] = []
        while (len(taken) < len(wanted) or results) and not failed.is_set():
            try:
                done = step(mine, now=NINE + MINUTE, owner=name, results=results, room=3)
            except StoreError:
                failed.set()
                raise
            with guard:
                taken.extend(c.delivery.id for c in done.claimed)
                if len({c.delivery.account for c in done.claimed}) < len(done.claimed):
                    busy.append(name)
            results = [Result(c.delivery, c.attempt, OUT) for c in done.claimed]
        mine.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, "abcdefgh"))
    assert sorted(taken) == sorted({r.id for r in rows(store).values()})
    assert not busy
    assert {(r.status, r.attempts) for r in rows(store).values()} == {(Status.PUBLISHED, 1)}
    assert said(store).count("published: Published.") == 200


# Waking up.


def test_there_is_work_when_something_is_due_or_to_be_looked_at(store: Store) -> None:
    assert store.work(NINE) == (False, False)
    queue(store, planned())
    assert store.work(NINE - MINUTE) == (False, False)
    assert store.work(NINE) == (True, False)
    assert store.work(NINE + SIX_HOURS) == (True, True)
    claim(store)
    assert store.work(NINE + LEASE - MINUTE) == (False, False)
    assert store.work(NINE + LEASE) == (False, True)


def test_the_next_instant_is_the_first_after_now(store: Store) -> None:
    assert store.next_instant(NINE) is None
    queue(store, planned())
    assert store.next_instant(NINE - MINUTE) == NINE
    assert store.next_instant(NINE) == NINE + SIX_HOURS
    (taken,) = claim(store)
    step(store, results=[Result(taken.delivery, taken.attempt, OUT)], gap=30 * MINUTE)
    assert store.next_instant(NINE) == NINE + 30 * MINUTE


def to_check(store: Store) -> None:
    with store.reading() as read:
        read.to_check(NINE)


PLANS: dict[str, tuple[set[str], Callable[[Store], object]]] = {
    "claim": ({"ix_deliveries_ready", "ix_deliveries_busy"}, claim),
    "work": ({"ix_deliveries_due", "ix_deliveries_check"}, lambda store: store.work(NINE)),
    "next_instant": ({"ix_deliveries_due", "ix_deliveries_check"}, lambda store: store.next_instant(NINE)),
    "to_check": ({"ix_deliveries_check"}, to_check),
}


@pytest.mark.parametrize("what", PLANS)
def test_what_the_daemon_asks_all_day_reads_only_the_rows_that_wait(tmp_path: Path, what: str) -> None:
    store = Store("sqlite:///campaign.db", tmp_path)
    queue(store, planned())
    indexes, ask = PLANS[what]
    asked: list[tuple[str, tuple[object, ...]]] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def _keep(_c: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object) -> None:
        if "FROM deliveries" in statement or "UPDATE deliveries" in statement:
            asked.append((statement, values))

    ask(store)
    assert asked
    raw = sqlite3.connect(tmp_path / "campaign.db")
    plan = [line[3] for sql, values in asked for line in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    raw.close()
    store.close()
    assert {name for name in indexes if any(name in line for line in plan)} == indexes, plan
    assert not [line for line in plan if line.startswith("SCAN") and "deliver" in line and "INDEX" not in line], plan


# Values.


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2027, 1, 4, 15, 0, 0, 123456, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_an_instant_a_day_and_a_state_come_back_as_they_went_in(store: Store, instant: datetime) -> None:
    (row,) = queue(store, planned())
    values = {"published_at": instant, "day": date(2027, 1, 31), "status": Status.HELD}
    with store.writing() as write:
        write.connection.execute(deliveries.update().where(deliveries.c.id == row.id).values(values))
    assert only(store) == replace(row, published_at=instant, day=date(2027, 1, 31), status=Status.HELD)
    with store.writing() as write:
        write.connection.execute(deliveries.update().values(published_at=None))
    assert only(store).published_at is None


def test_an_instant_of_another_zone_comes_back_as_utc(store: Store) -> None:
    chicago = NINE.astimezone(ZoneInfo("America/Chicago"))
    with store.writing() as write:
        write.tell(chicago, "daemon", "started", "The daemon started.")
        at = write.connection.execute(sa.select(log.c.at)).scalar_one()
    assert (at, at.tzinfo) == (NINE, UTC)


def test_the_installation_keeps_its_name(store: Store, tmp_path: Path) -> None:
    again = Store(store.url.render_as_string(hide_password=False), tmp_path)
    assert len(store.installation) == 32
    assert again.installation == store.installation
    again.close()


def test_a_setting_is_written_over(store: Store) -> None:
    with store.writing() as write:
        write.set("beat", "one")
        write.set("beat", "two")
        assert write.setting("beat") == "two"
        assert len(write.connection.execute(sa.select(settings).where(settings.c.name == "beat")).all()) == 1


def test_the_counts_of_a_day_are_by_account_and_state(store: Store) -> None:
    queue(store, planned("one", "a"), planned("two", "b"), planned("three", "b", at=NINE + MINUTE))
    claim(store, room=1)
    with store.reading() as read:
        found = read.counts(NINE.date())
    assert found == {("a", Status.PUBLISHING): 1, ("b", Status.SCHEDULED): 2}


def test_deliveries_are_found_by_what_is_asked(store: Store) -> None:
    queue(store, planned("one", "a"), planned("two", "b"), planned("three", "b", at=NINE + timedelta(days=1)))
    queue(store, planned("two", "b"), planned("three", "b", at=NINE + timedelta(days=1)))
    with store.reading() as read:
        assert [d.post for d in read.deliveries()] == ["one", "two", "three"]
        assert [d.post for d in read.deliveries(live=True)] == ["two", "three"]
        assert [d.post for d in read.deliveries(account="b", day=NINE.date())] == ["two"]
        assert [d.post for d in read.deliveries(post="three")] == ["three"]
        assert [d.post for d in read.deliveries(statuses=[Status.CANCELLED])] == ["one"]
        assert read.delivery(0) is None
        assert read.message("none") is None
        assert read.last_attempt(0) is None
