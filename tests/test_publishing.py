"""The publishing loop: each promise, tried against one fault after another, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from scheduler import outcomes
from scheduler.errors import CardError
from scheduler.model import Message, Status
from scheduler.publishing import Outlet, Publishing
from scheduler.store import Result
from tests.fakes import LIMITS, NINE, FrozenClock, Killed, ScriptedNetwork, only, planned, queue, said

if TYPE_CHECKING:
    from scheduler.store import Store


def loop(
    store: Store, network: ScriptedNetwork, clock: FrozenClock, *, owner: str = "one", accounts: str = "ab"
) -> Publishing:
    return Publishing(
        store,
        {name: Outlet(network, LIMITS) for name in accounts},
        clock=clock,
        owner=owner,
        jitter=lambda: 0.5,
        pictures=lambda _message: (),
        gap=timedelta(0),
        workers=0,
    )


def drain(publishing: Publishing) -> None:
    while publishing.turn():
        pass


def run_until_quiet(store: Store, publishing: Publishing, clock: FrozenClock, *, hours: float = 24) -> None:
    """Move the clock from instant to instant until nothing more is to happen, or the hours are over."""
    end = clock.now() + timedelta(hours=hours)
    while True:
        drain(publishing)
        at = store.next_instant(clock.now())
        if at is None or at > end:
            return
        clock.advance(at - clock.now())


def test_a_due_and_approved_post_goes_out_once_and_the_log_says_where(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    drain(loop(store, network, clock))
    row = only(store)
    assert row.status is Status.PUBLISHED
    assert row.published_at == NINE
    assert list(network.public.values()) == [1]
    assert said(store) == ["queued: Queued.", "approved: Approved.", "published: Published."]


def test_nothing_goes_out_before_its_time(store: Store) -> None:
    clock, network = FrozenClock(NINE - timedelta(microseconds=1)), ScriptedNetwork()
    queue(store, planned())
    drain(loop(store, network, clock))
    assert not network.public
    clock.advance(timedelta(microseconds=1))
    drain(loop(store, network, clock))
    assert only(store).status is Status.PUBLISHED


def test_nothing_unapproved_goes_out_and_it_is_missed_aloud(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned(), approve=False)
    run_until_quiet(store, loop(store, network, clock), clock)
    assert not network.public
    assert only(store).status is Status.MISSED
    assert said(store)[-1] == "missed: Missed: nobody had approved it."


def test_an_edit_after_approval_keeps_it_back_until_it_is_approved_again(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned(text="272 cases."))
    queue(store, planned(text="273 cases."), approve=False)
    drain(loop(store, network, clock))
    assert not network.public
    assert "approval voided: The approval no longer holds: posts/one.md was edited." in said(store)
    queue(store, planned(text="272 cases."), approve=False)  # put back: what was voided stays voided
    drain(loop(store, network, clock))
    assert not network.public
    queue(store, planned(text="272 cases."))
    drain(loop(store, network, clock))
    assert list(network.texts.values()) == ["272 cases."]


def test_lost_reply_is_settled_by_reading_back(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["lost"])
    queue(store, planned())
    publishing = loop(store, network, clock)
    drain(publishing)
    assert only(store).status is Status.UNCONFIRMED
    run_until_quiet(store, publishing, clock)
    assert only(store).status is Status.PUBLISHED
    assert list(network.public.values()) == [1]
    assert said(store)[-1] == "published: Published: found on the account."


def test_what_is_proved_not_to_be_out_is_sent_again(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["nothing"])
    queue(store, planned())
    run_until_quiet(store, loop(store, network, clock), clock)
    assert only(store).status is Status.PUBLISHED
    assert only(store).attempts == 2
    assert list(network.public.values()) == [1]


def test_what_was_edited_while_it_was_unclear_does_not_go_out_as_it_was(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["nothing"])
    queue(store, planned(text="272 cases."))
    publishing = loop(store, network, clock)
    drain(publishing)
    queue(store, planned(text="273 cases."), approve=False)  # reaches nothing: it may be out
    clock.advance(LIMITS.settle_after)
    drain(publishing)
    assert only(store).status is Status.SCHEDULED
    queue(store, planned(text="273 cases."), approve=False)  # the daemon reads the drafts again before the new try
    clock.advance(outcomes.REREAD)
    drain(publishing)
    assert not network.public


def test_a_clock_that_was_a_day_ahead_does_not_silence_an_account_for_a_day(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    day = timedelta(days=1)
    queue(store, planned("one"), planned("two", at=NINE + timedelta(minutes=40), until=NINE + day * 3))
    publishing = loop(store, network, clock)
    publishing._gap = timedelta(minutes=30)
    publishing.turn()  # prepared
    publishing.turn()  # out, by the right clock
    clock.set(day)
    drain(publishing)  # recorded by the wrong one: the gap of the account ends a day late
    clock.set(-day)
    with store.writing() as write:
        write.clock_set_back(clock.now(), day, timedelta(minutes=1))
    clock.advance(timedelta(minutes=41))
    drain(publishing)
    assert len(network.public) == 2


def test_an_exception_after_a_success_never_posts_twice(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["bug"])
    queue(store, planned())
    run_until_quiet(store, loop(store, network, clock), clock)
    assert only(store).status is Status.PUBLISHED
    assert list(network.public.values()) == [1]


def test_what_cannot_be_settled_waits_for_a_person_and_is_never_sent_again(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["lost"], ["cannot"] * 50)
    queue(store, planned())
    run_until_quiet(store, loop(store, network, clock), clock, hours=48)
    row = only(store)
    assert row.status is Status.UNCONFIRMED
    assert row.check_at is None
    assert "then confirm or retry" in row.reason
    assert list(network.public.values()) == [1]


def test_an_unavailable_network_is_tried_again_inside_the_window_only(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["unavailable"] * 1000)
    queue(store, planned(until=NINE + timedelta(hours=1)))
    run_until_quiet(store, loop(store, network, clock), clock)
    row = only(store)
    assert row.status is Status.MISSED
    assert 5 < row.attempts < 30
    assert not network.public


def test_a_rate_limit_makes_the_whole_account_wait_and_no_other(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["limited 600"])
    network.clock = clock
    queue(store, planned("one", "a"), planned("two", "a", at=NINE + timedelta(minutes=1)), planned("three", "b"))
    publishing = loop(store, network, clock)
    drain(publishing)
    clock.advance(timedelta(minutes=5))
    drain(publishing)
    with store.reading() as read:
        states = {d.post: d.status for d in read.deliveries()}
    assert states == {"one": Status.SCHEDULED, "two": Status.SCHEDULED, "three": Status.PUBLISHED}
    run_until_quiet(store, publishing, clock)
    assert set(network.public.values()) == {1}
    assert len(network.public) == 3


def test_a_rate_limit_past_the_window_is_missed_at_once(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["limited 90000"])
    network.clock = clock
    queue(store, planned())
    drain(loop(store, network, clock))
    assert only(store).status is Status.MISSED


def test_a_refused_post_is_failed_with_the_networks_words(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["rejected"])
    queue(store, planned())
    run_until_quiet(store, loop(store, network, clock), clock)
    assert only(store).status is Status.FAILED
    assert only(store).reason == "The network refused the text."


def test_a_revoked_account_stops_alone_until_a_person_starts_it(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["disconnected"])
    queue(store, planned("one", "a"), planned("two", "b"))
    publishing = loop(store, network, clock)
    drain(publishing)
    with store.reading() as read:
        states = {d.account: d.status for d in read.deliveries()}
    assert states == {"a": Status.SCHEDULED, "b": Status.PUBLISHED}
    with store.writing() as write:
        write.start_account("a", clock.now(), "manager")
    drain(publishing)
    assert set(network.public.values()) == {1}
    assert len(network.public) == 2


def test_a_failure_while_preparing_sends_nothing_and_is_tried_again(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["prepare bug", "prepare lost"])
    queue(store, planned())
    run_until_quiet(store, loop(store, network, clock), clock)
    assert only(store).status is Status.PUBLISHED
    assert only(store).attempts == 3
    assert list(network.public.values()) == [1]


def test_a_card_that_is_not_the_approved_one_is_not_sent(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()

    def pictures(_message: Message) -> tuple[bytes, ...]:
        raise CardError("The image images/cards/x.png is not the one that was approved.")

    queue(store, planned())
    publishing = loop(store, network, clock)
    publishing._pictures = pictures
    drain(publishing)
    assert not network.public
    assert only(store).status is Status.FAILED


def test_deliveries_of_one_account_go_one_at_a_time_and_in_order(store: Store) -> None:
    clock, network = FrozenClock(NINE + timedelta(hours=1)), ScriptedNetwork(["unavailable"])
    queue(store, planned("b-second", at=NINE + timedelta(minutes=2)), planned("a-first", at=NINE))
    publishing = loop(store, network, clock)
    drain(publishing)
    assert not network.public  # the first waits for its retry, and the second behind it
    run_until_quiet(store, publishing, clock)
    assert list(network.texts.values()) == ["a-first: a fact.", "b-second: a fact."]


def test_two_posts_of_one_account_keep_their_gap(store: Store) -> None:
    clock, network = FrozenClock(NINE + timedelta(hours=1)), ScriptedNetwork()
    queue(store, planned("one"), planned("two", at=NINE + timedelta(minutes=2)))
    publishing = loop(store, network, clock)
    publishing._gap = timedelta(minutes=30)
    drain(publishing)
    assert len(network.public) == 1
    clock.advance(timedelta(minutes=29))
    drain(publishing)
    assert len(network.public) == 1
    clock.advance(timedelta(minutes=1))
    drain(publishing)
    assert len(network.public) == 2


def test_a_pause_stops_what_is_due_this_second_and_what_is_prepared(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    publishing = loop(store, network, clock)
    publishing.turn()  # claimed and prepared, not yet durable
    with store.writing() as write:
        write.start_pause("manager", "A breaking case.", clock.now())
    drain(publishing)
    assert not network.public
    assert only(store).status is Status.SCHEDULED
    with store.writing() as write:
        write.end_pause("manager", clock.now())
    drain(publishing)
    assert list(network.public.values()) == [1]


def test_a_pause_that_outlasts_the_window_is_told_as_the_reason(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    with store.writing() as write:
        write.start_pause("manager", "A tragedy in town", clock.now())
    run_until_quiet(store, loop(store, network, clock), clock)
    assert only(store).reason == "Missed: the campaign was paused (A tragedy in town)."


def test_three_due_times_slept_through_make_no_burst(store: Store) -> None:
    clock, network = FrozenClock(NINE - timedelta(hours=1)), ScriptedNetwork()
    days = [planned(f"day-{i}", at=NINE + timedelta(days=i)) for i in range(3)]
    queue(store, *days, now=clock.now())
    clock.advance(timedelta(days=2, hours=3))  # the laptop slept over three due times; the last is in its window
    publishing = loop(store, network, clock)
    drain(publishing)
    with store.reading() as read:
        states = [d.status for d in read.deliveries()]
    assert states == [Status.MISSED, Status.MISSED, Status.PUBLISHED]


def test_a_machine_that_slept_between_preparing_and_sending_does_not_send_late(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    publishing = loop(store, network, clock)
    publishing._clock = asleep = FrozenClock()
    publishing.turn()

    class Sleeper(FrozenClock):
        """Falls asleep right after the prepared state was saved."""

        asks = 0

        def elapsed(self) -> float:
            Sleeper.asks += 1
            return asleep.boot if Sleeper.asks == 1 else asleep.boot + 7 * 3600

    publishing._clock = Sleeper()
    publishing.turn()
    publishing.turn()
    assert not network.public
    assert only(store).status is Status.SCHEDULED


@pytest.mark.parametrize("where", ["die before", "die after"])
def test_a_death_around_the_call_is_settled_by_the_next_run(store: Store, where: str) -> None:
    clock, network = FrozenClock(), ScriptedNetwork([where])
    queue(store, planned())
    with pytest.raises(Killed):
        drain(loop(store, network, clock))
    second = loop(store, network, clock, owner="two")
    assert second.recover(alone=True) == 1
    assert only(store).status is Status.UNCONFIRMED
    run_until_quiet(store, second, clock)
    assert only(store).status is Status.PUBLISHED
    assert list(network.public.values()) == [1]


def test_a_death_before_anything_was_sent_is_simply_tried_again(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["prepare die"])
    queue(store, planned())
    with pytest.raises(Killed):
        drain(loop(store, network, clock))
    second = loop(store, network, clock, owner="two")
    second.recover(alone=True)
    assert only(store).status is Status.SCHEDULED
    drain(second)
    assert list(network.public.values()) == [1]


def test_a_worker_that_woke_up_late_cannot_record_over_a_newer_claim(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    late = loop(store, network, clock, owner="late")
    late.turn()  # claims and prepares, then is stopped
    clock.advance(timedelta(minutes=11))
    second = loop(store, network, clock, owner="second")
    drain(second)
    assert list(network.public.values()) == [1]
    late.turn()  # wakes up: what it prepared is not its own any more
    late.turn()
    assert list(network.public.values()) == [1]
    assert only(store).status is Status.PUBLISHED


def test_two_workers_share_the_work_and_nothing_goes_out_twice(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    names = "abcdefgh"
    queue(store, *(planned(f"post-{n}", n) for n in names))
    one, two = (loop(store, network, clock, owner=o, accounts=names) for o in ("one", "two"))
    while one.turn() | two.turn():
        pass
    assert len(network.public) == len(names)
    assert set(network.public.values()) == {1}


def test_a_refused_write_keeps_what_came_back_for_the_next_turn(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned())
    publishing = loop(store, network, clock)
    publishing.turn()
    publishing.turn()  # it is out; the result is not recorded yet
    publishing._collect()
    kept = list(publishing._results)
    assert [r.decision.status for r in kept] == [Status.PUBLISHED]
    real, store.step = store.step, _refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError, match="disk"):
        publishing.turn()
    store.step = real  # type: ignore[method-assign]
    assert publishing._results == kept
    drain(publishing)
    assert only(store).status is Status.PUBLISHED


def test_what_was_decided_on_a_row_that_changed_meanwhile_is_decided_anew_at_once(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork()
    queue(store, planned(text="272 cases."), approve=False)
    clock.advance(timedelta(hours=7))
    publishing = loop(store, network, clock)
    real, store.step = store.step, _refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError, match="disk"):
        publishing.turn()  # it is missed, but that cannot be written
    store.step = real  # type: ignore[method-assign]
    queue(store, planned(text="273 cases."), approve=False)
    drain(publishing)
    assert only(store).status is Status.MISSED


def _refuse(**_: object) -> None:
    raise OSError("disk full")


def test_retry_confirm_hold_and_cancel_do_what_they_say(store: Store) -> None:
    clock, network = FrozenClock(), ScriptedNetwork(["lost", "rejected"], ["cannot"] * 50)
    queue(store, planned("one", "a"), planned("two", "b"))
    publishing = loop(store, network, clock)
    run_until_quiet(store, publishing, clock, hours=48)
    with store.writing() as write:
        unclear, refused = write.deliveries()
        decided = [
            Result(unclear, None, outcomes.confirm(unclear, "https://net.example/seen", clock.now())),
            Result(refused, None, outcomes.retry(refused, clock.now(), timedelta(hours=6))),
        ]
        assert len(write.record(decided, clock.now(), "manager", timedelta(0))) == 2
    drain(publishing)
    with store.reading() as read:
        rows = read.deliveries()
    assert [r.status for r in rows] == [Status.PUBLISHED, Status.PUBLISHED]
    assert rows[0].url == "https://net.example/seen"
    assert set(network.public.values()) == {1}
