"""Drafts against the queue: what each change of a draft does to a row in each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduler import planning
from scheduler.model import Campaign, Delivery, Post, Status
from tests.fakes import NINE, SIX_HOURS, message_of, planned

S = Status
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OPEN = (S.SCHEDULED, S.HELD)
ENDED = (S.FAILED, S.MISSED, S.CANCELLED)
SETTLED = (S.PUBLISHED, S.PUBLISHING, S.UNCONFIRMED)


def row(status: Status = S.SCHEDULED, slug: str = "one", number: int = 1, **more: object) -> Delivery:
    """A row as the draft `planned(slug)` made it, approved."""
    want = planned(slug)
    timed = status is S.SCHEDULED
    made = Delivery(
        id=number,
        post=want.post,
        path=want.path,
        account=want.account,
        network=want.network,
        day=want.day,
        title=want.title,
        scheduled_at=want.scheduled_at,
        send_until=want.send_until,
        status=status,
        digest=want.message.digest,
        approved_digest=want.message.digest,
        next_attempt_at=want.scheduled_at if timed else None,
        check_at=want.send_until if timed else None,
        reason="" if timed else "Told.",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def changes(
    wanted: list[planning.Planned],
    stored: list[Delivery],
    *,
    now: datetime = NINE - DAY,
    approved: bool = True,
    broken: tuple[tuple[str, str], ...] = (),
) -> tuple[planning.Change, ...]:
    digests = {r.digest for r in stored} if approved else set()
    return planning.changes(wanted, stored, approved=digests, broken=broken, now=now)


def one(wanted: planning.Planned, stored: Delivery, *, now: datetime = NINE - DAY) -> planning.Change:
    (change,) = changes([wanted], [stored], now=now)
    return change


# A new draft.


def test_a_new_draft_is_queued_and_waits_for_its_approval() -> None:
    (change,) = changes([planned()], [])
    assert (change.before, change.kind, change.text) == (None, "queued", "Queued.")
    assert change.message == planned().message
    assert change.after.status is S.SCHEDULED
    assert change.after.next_attempt_at is None
    assert change.after.check_at == NINE + SIX_HOURS


def test_where_no_approval_is_required_a_new_draft_may_go() -> None:
    wanted = planned()
    (change,) = planning.changes([wanted], [], approved=(), broken=(), now=NINE, approval=False)
    assert change.after.approved
    assert change.after.next_attempt_at == NINE


def test_a_draft_that_is_first_read_after_its_time_is_missed_and_not_sent() -> None:
    (change,) = changes([planned()], [], now=NINE + SIX_HOURS + HOUR)
    assert (change.after.status, change.kind) == (S.MISSED, "missed")
    assert change.text == "Missed: its time was past when it was first read."
    assert change.after.next_attempt_at is change.after.check_at is None


def test_nothing_changed_is_no_change() -> None:
    for status in Status:
        assert changes([planned()], [row(status)]) == ()


# The table: each state and each change of the draft.


@pytest.mark.parametrize("status", [*OPEN, *ENDED])
def test_an_edit_voids_the_approval_in_every_state_that_may_still_go(status: Status) -> None:
    change = one(planned(text="New."), row(status))
    assert change.voids
    assert change.message == message_of("New.")
    assert change.after.digest == message_of("New.").digest
    assert not change.after.approved
    assert change.after.next_attempt_at is None
    assert "The draft was edited; its approval no longer holds." in change.text


@pytest.mark.parametrize("status", OPEN)
def test_an_edit_leaves_what_waits_where_it_is(status: Status) -> None:
    change = one(planned(text="New."), row(status))
    assert (change.after.status, change.kind) == (status, "edited")


def test_an_edit_of_what_was_refused_queues_it_again() -> None:
    change = one(planned(text="New."), row(S.FAILED))
    assert (change.after.status, change.kind) == (S.SCHEDULED, "scheduled")
    assert change.after.check_at == NINE + SIX_HOURS


def test_an_edit_of_what_was_refused_comes_too_late_after_its_window() -> None:
    change = one(planned(text="New."), row(S.FAILED), now=NINE + DAY)
    assert change.after.status is S.FAILED


@pytest.mark.parametrize("status", [S.MISSED, S.CANCELLED])
def test_an_edit_alone_brings_nothing_back(status: Status) -> None:
    assert one(planned(text="New."), row(status)).after.status is status


def test_an_edit_of_an_unapproved_one_voids_nothing() -> None:
    change = one(planned(text="New."), row(approved_digest="", next_attempt_at=None))
    assert not change.voids
    assert change.text == "The draft was edited."


def test_a_text_that_is_put_back_is_not_approved_again_by_itself() -> None:
    edited = one(planned(text="New."), row()).after
    (back,) = planning.changes([planned()], [edited], approved=(), broken=(), now=NINE - DAY)
    assert not back.after.approved


def test_a_move_keeps_the_approval_and_tells_both_times() -> None:
    change = one(planned(at=NINE + DAY), row())
    assert change.kind == "moved"
    assert change.text == "Moved from 2027-01-04 15:00 to 2027-01-05 15:00 UTC."
    assert change.after.approved
    assert change.after.next_attempt_at == change.after.scheduled_at == NINE + DAY
    assert change.after.check_at == change.after.send_until == NINE + DAY + SIX_HOURS
    assert change.message is None


def test_a_move_of_a_held_one_leaves_it_held() -> None:
    change = one(planned(at=NINE + DAY), row(S.HELD))
    assert change.after.status is S.HELD
    assert change.after.next_attempt_at is change.after.check_at is None


@pytest.mark.parametrize("status", [S.MISSED, S.FAILED])
def test_a_move_ahead_queues_again_what_was_missed_or_refused(status: Status) -> None:
    change = one(planned(at=NINE + 3 * DAY), row(status), now=NINE + DAY)
    assert (change.after.status, change.kind) == (S.SCHEDULED, "scheduled")
    assert change.after.next_attempt_at == NINE + 3 * DAY
    assert change.text.startswith("Queued again. Moved from")


def test_a_move_into_the_past_brings_nothing_back() -> None:
    assert one(planned(at=NINE - DAY), row(S.MISSED), now=NINE + DAY).after.status is S.MISSED


def test_what_a_person_cancelled_stays_cancelled_when_its_draft_is_moved() -> None:
    assert one(planned(at=NINE + DAY), row(S.CANCELLED)).after.status is S.CANCELLED


def test_an_edit_or_a_move_forgets_the_instant_of_a_retry() -> None:
    later = row(next_attempt_at=NINE + HOUR, attempts=2, reason="No connection.")
    moved = one(planned(at=NINE + DAY), later)
    assert moved.after.next_attempt_at == NINE + DAY
    retitled = one(replace(planned(), title="New"), later)
    assert retitled.after.next_attempt_at == NINE + HOUR


@pytest.mark.parametrize("status", list(Status))
def test_a_renamed_draft_is_the_same_delivery_in_every_state(status: Status) -> None:
    change = one(planned("two", text="one: a fact."), row(status))
    assert (change.before, change.kind) == (row(status), "renamed")
    assert (change.after.post, change.after.path) == ("two", "posts/two.md")
    assert change.after.status is status
    assert change.after.approved


@pytest.mark.parametrize("status", [s for s in Status if s is not S.CANCELLED and s not in SETTLED])
def test_a_renamed_and_rewritten_draft_is_known_by_its_day(status: Status) -> None:
    change = one(planned("two", text="New."), row(status))
    assert change.before == row(status)
    assert change.after.digest == message_of("New.").digest


@pytest.mark.parametrize("status", SETTLED)
def test_another_draft_of_a_day_whose_post_is_out_neither_goes_out_nor_takes_its_name(status: Status) -> None:
    assert changes([planned("two", text="New.")], [row(status)]) == ()


def test_a_copy_of_an_approved_draft_is_not_approved() -> None:
    original = planned("one", text="A fact.")
    copy = planned("copy", text="A fact.", at=NINE + timedelta(days=1))
    stored = replace(row(S.SCHEDULED), digest=original.message.digest, approved_digest=original.message.digest)
    made = planning.changes([original, copy], [stored], approved={original.message.digest}, broken=(), now=NINE)
    (added,) = [change for change in made if change.before is None]
    assert not added.after.approved
    assert added.after.next_attempt_at is None


def test_a_new_draft_for_the_day_of_one_that_a_person_cancelled_is_a_new_delivery() -> None:
    (change,) = changes([planned("two", text="New.")], [row(S.CANCELLED)])
    assert change.before is None


def test_a_new_draft_for_the_day_of_one_whose_draft_went_away_takes_its_place() -> None:
    change = one(planned("two", text="New."), row(S.CANCELLED, withdrawn=True))
    assert change.after.status is S.SCHEDULED
    assert change.voids


@pytest.mark.parametrize("status", OPEN)
def test_a_deleted_draft_withdraws_what_waits(status: Status) -> None:
    (change,) = changes([], [row(status)])
    assert (change.after.status, change.after.withdrawn, change.kind) == (S.CANCELLED, True, "withdrawn")
    assert change.after.next_attempt_at is change.after.check_at is None
    assert change.text.startswith("Cancelled: its draft is gone, or no longer names this account.")


@pytest.mark.parametrize("status", [*ENDED, *SETTLED])
def test_a_deleted_draft_leaves_what_has_ended_or_is_out(status: Status) -> None:
    assert changes([], [row(status)]) == ()


def test_a_restored_draft_is_queued_again_with_its_approval() -> None:
    (gone,) = changes([], [row()])
    back = one(planned(), gone.after)
    assert (back.kind, back.text) == ("restored", "Queued again.")
    assert replace(back.after, reason="") == row()


def test_a_held_one_is_still_held_when_its_draft_comes_back() -> None:
    (gone,) = changes([], [row(S.HELD)])
    back = one(planned(), gone.after)
    assert (back.after.status, back.kind) == (S.HELD, "held")
    assert back.after.next_attempt_at is back.after.check_at is None
    assert back.text == "Held, as before its draft went away."


def test_a_draft_that_comes_back_after_its_window_is_missed() -> None:
    (gone,) = changes([], [row()])
    back = one(planned(), gone.after, now=NINE + DAY)
    assert (back.after.status, back.kind) == (S.MISSED, "missed")
    assert back.text == "Missed: its draft came back too late."
    assert not back.after.withdrawn


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("account", ["", "a"])
def test_a_broken_draft_leaves_its_rows_as_they_are(status: Status, account: str) -> None:
    assert changes([], [row(status)], broken=(("posts/one.md", account),)) == ()


def test_a_draft_that_is_broken_for_another_account_is_gone_for_this_one() -> None:
    (change,) = changes([], [row()], broken=(("posts/one.md", "b"),))
    assert change.kind == "withdrawn"


@pytest.mark.parametrize("status", SETTLED)
def test_what_is_out_or_may_be_is_never_touched(status: Status) -> None:
    stored = row(status)
    for wanted in ([planned(text="New.")], [planned(at=NINE + DAY)], [replace(planned(), title="New")], []):
        assert changes(wanted, [stored]) == ()
    renamed = one(planned("two", text="one: a fact.", at=NINE + DAY), stored)
    assert renamed.after == replace(stored, post="two", path="posts/two.md")


def test_two_drafts_that_swap_their_days_swap_their_times_and_stay_approved() -> None:
    first, second = row(), row(slug="two", number=2, day=date(2027, 1, 5), scheduled_at=NINE + DAY)
    found = changes([planned("one", at=NINE + DAY), planned("two")], [first, second])
    assert [(c.after.id, c.after.scheduled_at, c.kind) for c in found] == [(1, NINE + DAY, "moved"), (2, NINE, "moved")]
    assert all(c.after.approved for c in found)


def test_two_drafts_that_swap_their_names_are_known_by_their_names_and_must_be_approved_again() -> None:
    found = changes(
        [planned("one", text="two: a fact."), planned("two", text="one: a fact.")], [row(), row(slug="two", number=2)]
    )
    assert [c.after.id for c in found] == [1, 2]
    assert all(c.voids for c in found)


def test_a_copy_of_a_draft_is_a_second_delivery_and_takes_nothing_from_the_first() -> None:
    (change,) = changes([planned(), planned("copy", text="one: a fact.", day=date(2027, 1, 9))], [row(S.PUBLISHED)])
    assert change.before is None
    assert change.after.post == "copy"


def test_a_new_draft_beside_a_renamed_one_does_not_take_its_row() -> None:
    found = changes([planned("new", text="New."), planned("two", text="one: a fact.")], [row(S.PUBLISHED)])
    assert {(c.after.post, c.before is None) for c in found} == {("two", False), ("new", True)}


def test_of_two_rows_that_fit_the_published_one_wins() -> None:
    out = row(S.PUBLISHED, number=1)
    waiting = row(S.SCHEDULED, number=2)
    (change,) = changes([planned()], [out, waiting])
    assert (change.after.id, change.kind) == (2, "withdrawn")


def test_a_draft_that_names_one_account_less_withdraws_that_one_only() -> None:
    other = replace(row(number=2), account="b", digest=message_of("one: a fact.", "b").digest)
    (change,) = changes([planned()], [row(), other])
    assert (change.after.account, change.kind) == ("b", "withdrawn")


def test_an_approval_that_is_required_from_now_on_is_taken_back_aloud() -> None:
    (change,) = changes([planned()], [row()], approved=False)
    assert (change.kind, change.text) == ("edited", "Its approval no longer holds: approval is now required.")
    assert change.after.next_attempt_at is None
    assert not change.voids


# How long it may still be sent.


def test_an_earlier_end_in_the_draft_holds_for_what_has_not_been_tried() -> None:
    change = one(planned(until=NINE + HOUR), row())
    assert change.after.send_until == change.after.check_at == NINE + HOUR
    assert change.text == ""


@pytest.mark.parametrize("tried", [0, 1])
def test_the_time_that_a_retry_gave_outlasts_the_next_reading(tried: int) -> None:
    until = NINE + DAY + SIX_HOURS
    given = row(send_until=until, check_at=until, attempts=tried, reason="To be sent again, by a person's word.")
    assert changes([planned()], [given], now=NINE + DAY) == ()


def test_the_time_that_a_retry_gave_ends_when_the_draft_is_moved() -> None:
    given = row(send_until=NINE + 2 * DAY, check_at=NINE + 2 * DAY, attempts=1)
    assert one(planned(at=NINE + HOUR), given).after.send_until == NINE + HOUR + SIX_HOURS


# Instants, in a zone whose clocks change.


def campaign(zone: str = "America/Chicago") -> Campaign:
    return Campaign(
        name="C",
        start=date(2027, 1, 1),
        end=date(2027, 12, 31),
        zone=zone,
        time=time(9),
        send_within=SIX_HOURS,
        approval="none",
        help_long="",
        help_short="",
    )


def post(day: date, at: time | None = None, until: time | None = None) -> Post:
    return Post(slug="p", path="posts/p.md", date=day, text="", time=at, send_until=until)


def test_the_campaigns_time_is_local_and_the_window_is_real_hours() -> None:
    assert planning.instants(post(date(2027, 1, 4)), campaign()) == (NINE, NINE + SIX_HOURS)


def test_a_draft_may_name_its_own_time_and_end() -> None:
    at, until = planning.instants(post(date(2027, 1, 4), time(12), time(13, 30)), campaign())
    assert (at, until) == (NINE + 3 * HOUR, NINE + 4.5 * HOUR)


def test_an_hour_that_does_not_exist_is_taken_an_hour_later() -> None:
    at, _ = planning.instants(post(date(2027, 3, 14), time(2, 30)), campaign())
    assert at == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)  # 03:30 daylight time


def test_an_hour_that_comes_twice_is_taken_the_first_time() -> None:
    at, until = planning.instants(post(date(2027, 11, 7), time(1, 30), time(3)), campaign())
    assert at == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)  # 01:30 daylight time
    assert until - at == 2.5 * HOUR


def test_a_window_over_the_change_of_the_clocks_keeps_its_length() -> None:
    at, until = planning.instants(post(date(2027, 3, 13), time(23)), campaign())
    assert until - at == SIX_HOURS


# A post's state.
