"""What follows from each answer, and what a person may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler import outcomes
from scheduler.errors import Disconnected, PublishError, RateLimited, Refused, Rejected, Unavailable, Unconfirmed
from scheduler.model import Attempt, CannotTell, Delivery, NotThere, Published, Status
from tests.fakes import LIMITS, NINE, SIX_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

UNTIL = NINE + SIX_HOURS
MINUTE = timedelta(minutes=1)
OUT = Published("7", "https://net.example/7")


def row(status: Status = Status.PUBLISHING, *, until: datetime = UNTIL, attempts: int = 1, **more: object) -> Delivery:
    made = Delivery(
        id=1,
        post="one",
        path="posts/one.md",
        account="a",
        network="scripted",
        day=NINE.date(),
        title="One",
        scheduled_at=NINE,
        send_until=until,
        status=status,
        digest="d",
        approved_digest="d",
        attempts=attempts,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def attempt(prepared: dict[str, str] | None) -> Attempt:
    return Attempt(id=1, delivery=1, number=1, fence=1, digest="d", opened_at=NINE, prepared=prepared)


def decided(result: Published | PublishError, now: datetime = NINE, **more: object) -> outcomes.Decision:
    return outcomes.decide(row(**more), result, now, 0.5, LIMITS)  # type: ignore[arg-type]


def test_an_answer_is_published() -> None:
    assert decided(OUT) == outcomes.Decision(Status.PUBLISHED, "Published.", published=OUT)


def test_what_was_surely_not_sent_is_tried_again_after_a_while() -> None:
    decision = decided(Unavailable("No connection.", detail="ECONNREFUSED"))
    assert decision.status is Status.SCHEDULED
    assert decision.next_attempt_at == NINE + timedelta(seconds=15)
    assert decision.check_at == UNTIL
    assert (decision.reason, decision.detail) == ("No connection.", "ECONNREFUSED")


def test_what_is_refused_is_failed_with_the_networks_words() -> None:
    decision = decided(Rejected("Too long.", detail="422"))
    assert (decision.status, decision.reason, decision.detail) == (Status.FAILED, "Too long.", "422")
    assert decision.next_attempt_at is decision.check_at is None


def test_a_revoked_account_stops_and_the_delivery_waits() -> None:
    decision = decided(Disconnected("The token was revoked.", detail="401"))
    assert decision.status is Status.SCHEDULED
    assert decision.account_stopped == "The token was revoked."
    assert decision.detail == "401"


def test_a_revoked_account_after_the_window_stops_and_the_delivery_is_missed() -> None:
    decision = decided(Disconnected("The token was revoked."), UNTIL + MINUTE)
    assert decision.status is Status.MISSED
    assert decision.account_stopped == "The token was revoked."


def test_a_rate_limit_moves_the_delivery_and_the_account() -> None:
    decision = decided(RateLimited("Too many.", retry_at=NINE + MINUTE))
    assert decision.status is Status.SCHEDULED
    assert decision.next_attempt_at == decision.account_waits_until == NINE + MINUTE


def test_a_rate_limit_without_an_instant_waits_longer_than_a_plain_failure() -> None:
    decision = decided(RateLimited("Too many."))
    assert decision.next_attempt_at == NINE + timedelta(seconds=60)


def test_a_rate_limit_that_is_over_already_is_not_in_the_past() -> None:
    assert decided(RateLimited("Too many.", retry_at=NINE - MINUTE)).next_attempt_at == NINE


def test_a_rate_limit_past_the_window_is_missed_and_the_account_still_waits() -> None:
    decision = decided(RateLimited("Too many.", retry_at=UNTIL + MINUTE))
    assert decision.status is Status.MISSED
    assert decision.reason == "Not sent: Too many. The wait asked for ends after its send-until time."
    assert decision.account_waits_until == UNTIL + MINUTE


def test_an_unclear_answer_is_looked_at_after_the_server_must_be_done() -> None:
    decision = decided(Unconfirmed("The answer was lost.", detail="reset"))
    assert decision.status is Status.UNCONFIRMED
    assert decision.check_at == NINE + LIMITS.settle_after
    assert decision.next_attempt_at is None
    assert decision.reason == "It may be out: The answer was lost. The account will be read to find out."


def test_an_approval_that_was_taken_back_meanwhile_keeps_a_retry_from_its_turn() -> None:
    decision = decided(Unavailable("No connection."), approved_digest="other")
    assert decision.status is Status.SCHEDULED
    assert decision.next_attempt_at is None
    assert decision.check_at == UNTIL


def test_a_worker_that_died_before_sending_is_tried_again() -> None:
    for open_attempt in (None, attempt(None)):
        decision = outcomes.expired(row(), open_attempt, NINE, LIMITS)
        assert decision.status is Status.SCHEDULED
        assert decision.next_attempt_at == NINE


def test_a_worker_that_died_after_preparing_may_have_sent() -> None:
    decision = outcomes.expired(row(), attempt({"key": "k"}), NINE, LIMITS)
    assert decision.status is Status.UNCONFIRMED
    assert decision.check_at == NINE + LIMITS.settle_after


def test_found_on_the_account_is_published() -> None:
    decision = outcomes.settle(row(Status.UNCONFIRMED), OUT, NINE, 0.5, LIMITS)
    assert (decision.status, decision.published) == (Status.PUBLISHED, OUT)


def test_not_there_is_sent_again_after_the_drafts_were_read_once_more() -> None:
    decision = outcomes.settle(row(Status.UNCONFIRMED), NotThere(), NINE, 0.5, LIMITS)
    assert (decision.status, decision.next_attempt_at) == (Status.SCHEDULED, NINE + outcomes.REREAD)


def test_not_there_after_the_window_is_missed() -> None:
    decision = outcomes.settle(row(Status.UNCONFIRMED), NotThere(), UNTIL + MINUTE, 0.5, LIMITS)
    assert decision.status is Status.MISSED
    assert decision.reason == "Not sent: Looked for on the account: it is not there. No time was left to try again."


def test_a_network_that_limits_the_reading_is_read_when_it_says_so() -> None:
    later = NINE + 30 * MINUTE
    decision = outcomes.settle(row(Status.UNCONFIRMED), RateLimited("Wait.", retry_at=later), NINE, 0.5, LIMITS)
    assert (decision.status, decision.check_at) == (Status.UNCONFIRMED, later)


def test_a_network_that_lags_is_read_as_often_as_its_limits_say() -> None:
    lagging = replace(LIMITS, settle_reads=2)
    first = outcomes.settle(row(Status.UNCONFIRMED), NotThere(), NINE, 0.5, lagging)
    assert (first.status, first.reads) == (Status.UNCONFIRMED, 1)
    assert first.check_at == NINE + LIMITS.settle_after
    second = outcomes.settle(row(Status.UNCONFIRMED, reads=1), NotThere(), NINE, 0.5, lagging)
    assert second.status is Status.SCHEDULED


@pytest.mark.parametrize("unclear", [CannotTell("it is slow."), Unavailable("it is slow.")])
def test_what_cannot_be_told_is_asked_again_and_then_a_person_must_look(unclear: CannotTell | Unavailable) -> None:
    decision = outcomes.settle(row(Status.UNCONFIRMED), unclear, NINE, 0.5, LIMITS)
    assert (decision.status, decision.reads) == (Status.UNCONFIRMED, 1)
    assert decision.check_at == NINE + LIMITS.settle_after
    last = outcomes.settle(row(Status.UNCONFIRMED, reads=outcomes.READS_MOST - 1), unclear, NINE, 0.5, LIMITS)
    assert last.status is Status.UNCONFIRMED
    assert last.check_at is None
    assert last.reason == (
        "It may be out, and the account cannot tell: it is slow. Look at the account yourself, then confirm or retry."
    )


@pytest.mark.parametrize(
    ("late", "why", "said"),
    [
        (row(approved_digest=""), {}, "Missed: nobody had approved it."),
        (row(), {"paused": "a tragedy"}, "Missed: the campaign was paused (a tragedy)."),
        (row(), {"stopped": "Revoked."}, "Missed: the account needs a person (Revoked.)."),
        (row(reason="No connection."), {}, "Missed: the last try said: No connection."),
        (row(attempts=0), {}, "Missed: the program was not running, or had no turn, in its time."),
    ],
)
def test_a_missed_post_says_why(late: Delivery, why: dict[str, str], said: str) -> None:
    assert outcomes.deadline(late, LIMITS, **why) == outcomes.Decision(Status.MISSED, said)


def test_a_person_holds_and_releases() -> None:
    assert outcomes.hold(row(Status.SCHEDULED), "").reason == "Held."
    held = outcomes.hold(row(Status.SCHEDULED), "a doubt")
    assert (held.status, held.reason) == (Status.HELD, "Held: a doubt")
    assert held.next_attempt_at is held.check_at is None
    early = outcomes.release(row(Status.HELD), NINE - MINUTE)
    assert (early.status, early.next_attempt_at) == (Status.SCHEDULED, NINE)
    assert outcomes.release(row(Status.HELD), NINE + MINUTE).next_attempt_at == NINE + MINUTE


def test_a_release_after_the_window_is_missed_and_tells_what_to_do() -> None:
    decision = outcomes.release(row(Status.HELD), UNTIL + MINUTE)
    assert decision.status is Status.MISSED
    assert decision.reason == "Released after its send-until time; retry it to send it late."


def test_a_person_cancels() -> None:
    assert outcomes.cancel(row(Status.HELD), "").reason == "Cancelled."
    assert outcomes.cancel(row(Status.MISSED), "not now").reason == "Cancelled: not now"


def test_a_retry_gives_a_new_window_and_never_a_shorter_one() -> None:
    late = outcomes.retry(row(Status.MISSED), UNTIL + MINUTE, SIX_HOURS)
    assert (late.status, late.next_attempt_at) == (Status.SCHEDULED, UNTIL + MINUTE)
    assert late.send_until == late.check_at == UNTIL + MINUTE + SIX_HOURS
    assert outcomes.retry(row(Status.FAILED), NINE, MINUTE).send_until == UNTIL


def test_a_retry_of_what_waits_for_its_next_try_only_hurries_it() -> None:
    hurried = outcomes.retry(row(Status.SCHEDULED), NINE, SIX_HOURS)
    assert (hurried.next_attempt_at, hurried.send_until) == (NINE, None)


def test_a_retry_of_an_unapproved_one_waits_for_the_approval() -> None:
    assert outcomes.retry(row(Status.MISSED, approved_digest=""), NINE, SIX_HOURS).next_attempt_at is None


def test_a_person_confirms_with_the_address() -> None:
    decision = outcomes.confirm(row(Status.UNCONFIRMED), "https://net.example/9", NINE)
    assert (decision.status, decision.published) == (Status.PUBLISHED, Published("", "https://net.example/9", NINE))


ACTIONS: dict[str, tuple[Callable[[Delivery], outcomes.Decision], set[str], str]] = {
    "held": (lambda d: outcomes.hold(d, ""), {"scheduled"}, "scheduled"),
    "released": (lambda d: outcomes.release(d, NINE), {"held"}, "held"),
    "cancelled": (
        lambda d: outcomes.cancel(d, ""),
        {"scheduled", "held", "failed", "missed"},
        "scheduled or held or failed or missed",
    ),
    "retried": (
        lambda d: outcomes.retry(d, NINE, SIX_HOURS),
        {"failed", "missed", "cancelled", "unconfirmed"},
        "failed or missed or cancelled or unconfirmed",
    ),
    "confirmed": (
        lambda d: outcomes.confirm(d, "", NINE),
        {"unconfirmed", "held", "missed", "failed"},
        "unconfirmed or held or missed or failed",
    ),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("what", ACTIONS)
def test_each_action_refuses_every_other_state_with_a_sentence(what: str, status: Status) -> None:
    act, states, named = ACTIONS[what]
    if status in states:
        assert act(row(status, attempts=0)).reason
        return
    with pytest.raises(Refused) as refused:
        act(row(status, attempts=0))
    assert refused.value.text == f"one to a is {status}; it can be {what} only when it is {named}."


instants = st.integers(-600, 600).map(lambda m: NINE + timedelta(minutes=m))
failures = st.one_of(
    st.just(Unavailable("No.")),
    st.just(Disconnected("No.")),
    st.just(RateLimited("No.")),
    instants.map(lambda at: RateLimited("No.", retry_at=at)),
)


@given(result=failures, now=instants, until=instants, jitter=st.floats(0, 1, exclude_max=True), n=st.integers(1, 60))
def test_no_retry_is_set_outside_its_window_or_in_the_past(
    result: PublishError, now: datetime, until: datetime, jitter: float, n: int
) -> None:
    decision = outcomes.decide(row(until=until, attempts=n), result, now, jitter, LIMITS)
    if decision.status is Status.SCHEDULED:
        assert decision.next_attempt_at is not None
        assert now <= decision.next_attempt_at <= until
        assert decision.check_at == until
    else:
        assert decision.status is Status.MISSED
        assert decision.next_attempt_at is decision.check_at is None


@given(n=st.integers(0, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_the_wait_is_neither_nothing_nor_endless(n: int, jitter: float) -> None:
    assert outcomes.BACKOFF_LEAST <= outcomes.backoff(n, jitter) <= outcomes.BACKOFF_MOST


def test_the_wait_doubles_up_to_its_bound() -> None:
    assert [outcomes.backoff(n, 1 - 1e-9) / timedelta(seconds=30) for n in (1, 2, 3, 6, 7)] == pytest.approx(
        [1, 2, 4, 30, 30], rel=1e-6
    )


@given(left=st.integers(0, 120))
def test_with_less_than_a_minute_left_nothing_is_put_off_to_after_the_window(left: int) -> None:
    now = UNTIL - timedelta(seconds=left)
    decision = outcomes.again(row(), UNTIL + MINUTE, now, "No connection.")
    if timedelta(seconds=left) > outcomes.LAST_TRY:
        assert decision.next_attempt_at == UNTIL - outcomes.LAST_TRY
    else:
        assert decision.status is Status.MISSED


# Where the same words may be repeated though absence proves nothing.

REPEATS = replace(LIMITS, absence_proves=False, repeats=True)


@pytest.mark.parametrize(
    "result", [Rejected("Refused."), RateLimited("Wait.", retry_at=UNTIL + MINUTE)], ids=["refused", "past its time"]
)
def test_the_end_of_a_repeat_does_not_say_that_no_try_is_out(result: PublishError) -> None:
    first = outcomes.decide(row(attempts=1), result, NINE, 0.5, REPEATS)
    again = outcomes.decide(row(attempts=2), result, NINE, 0.5, REPEATS)
    assert first.status in (Status.FAILED, Status.MISSED)
    assert again.status is Status.UNCONFIRMED
    assert again.check_at is None
    assert "An earlier try may be out." in again.reason


def test_a_repeat_whose_time_is_over_is_left_to_a_person() -> None:
    late = outcomes.deadline(row(attempts=2), REPEATS)
    assert late.status is Status.UNCONFIRMED
    seen = outcomes.settle(row(Status.UNCONFIRMED, reads=1), NotThere(), UNTIL + MINUTE, 0.5, REPEATS)
    assert seen.status is Status.UNCONFIRMED
    in_time = outcomes.settle(row(Status.UNCONFIRMED, reads=1), NotThere(), NINE, 0.5, REPEATS)
    assert in_time.status is Status.SCHEDULED


def test_a_retry_waits_until_a_lost_request_has_had_its_time_and_the_drafts_were_read() -> None:
    look = NINE + timedelta(seconds=90)
    hasty = outcomes.retry(row(Status.UNCONFIRMED, check_at=look), NINE, SIX_HOURS)
    assert hasty.next_attempt_at == look
    looked = outcomes.retry(row(Status.UNCONFIRMED, check_at=look, reads=1), NINE, SIX_HOURS)
    assert looked.next_attempt_at == NINE + outcomes.REREAD
    left = outcomes.retry(row(Status.UNCONFIRMED, check_at=None, reads=2), NINE, SIX_HOURS)
    assert left.next_attempt_at == NINE + outcomes.REREAD
    failed = outcomes.retry(row(Status.FAILED), NINE, SIX_HOURS)
    assert failed.next_attempt_at == NINE


def test_a_network_that_always_says_in_a_second_is_not_asked_each_second() -> None:
    limited = RateLimited("Wait.", retry_at=NINE + timedelta(seconds=1))
    assert outcomes.decide(row(attempts=6), limited, NINE, 0.5, LIMITS).next_attempt_at == NINE + timedelta(minutes=7.5)
