"""A thread: each part goes out once, in order, and what is told is true wherever it stops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scheduler import compose, drafts, outcomes, planning
from scheduler.errors import Disconnected, RateLimited, Rejected, Unavailable, Unconfirmed
from scheduler.model import Account, Campaign, Count, Health, Limits, NotThere, Post, Published, Status
from scheduler.publishing import Outlet, Publishing
from scheduler.store import Result
from tests.fakes import LIMITS, NINE, SIX_HOURS, FrozenClock, only, planned, queue, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.errors import PublishError
    from scheduler.model import Delivery, Found, Message
    from scheduler.store import Store

CAMPAIGN = Campaign(
    "January", date(2027, 1, 1), date(2027, 1, 31), "UTC", NINE.time(), SIX_HOURS, "none", "Call 911.", "911"
)
WIDE = Limits(500, Count.CODEPOINTS)


@dataclass
class Threads:
    """A network on which a post may answer another: keeps (text, what it answers, key) of each that is out."""

    script: list[str] = field(default_factory=list)
    public: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    guards: list[Mapping[str, Any] | None] = field(default_factory=list)
    wait: timedelta | None = None

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        del images
        self.guards.append(earlier)
        if self.script and self.script[0] == "prepare: used":
            self.script.pop(0)
            raise Unconfirmed("The pictures of the first try are used.")
        return {"text": message.text, "thread": list(thread), "key": key}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        verb = self.script.pop(0) if self.script else "ok"
        failures: dict[str, PublishError] = {
            "nothing": Unconfirmed("The answer was lost."),
            "lost": Unconfirmed("The answer was lost."),
            "unavailable": Unavailable("No connection."),
            "revoked": Disconnected("The token was revoked."),
            "refused": Rejected("Its words."),
            "limited": RateLimited("Too many requests.", retry_at=NINE + timedelta(days=2)),
        }
        if verb == "somewhere":
            return Published("", "https://net.example/all")
        if verb in ("ok", "lost"):
            self.public.append((prepared["text"], tuple(prepared["thread"]), prepared["key"]))
        if verb != "ok":
            raise failures[verb]
        return self._out(prepared)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        there = any(key == prepared["key"] for _, _, key in self.public)
        return self._out(prepared) if there else NotThere()

    def check(self) -> Health:
        return Health("threads")

    def _out(self, prepared: Mapping[str, Any]) -> Published:
        number = [key for _, _, key in self.public].index(prepared["key"]) + 1
        return Published(f"id{number}", f"https://net.example/{number}", NINE + self.wait if self.wait else None)


def of_three(*, edited: str = "", until: timedelta = SIX_HOURS) -> planning.Planned:
    want = planned(text=f"One{edited}.", until=NINE + until)
    return replace(want, message=replace(want.message, more=("Two.", "Three.")))


def loop(store: Store, network: Threads, clock: FrozenClock, limits: Limits = LIMITS) -> Publishing:
    return Publishing(
        store,
        {"a": Outlet(network, limits)},
        clock=clock,
        owner="one",
        jitter=lambda: 0.5,
        pictures=lambda _message: (),
        gap=timedelta(minutes=30),
        workers=0,
    )


def run(store: Store, network: Threads, clock: FrozenClock, limits: Limits = LIMITS) -> Delivery:
    publishing = loop(store, network, clock, limits)
    while True:
        while publishing.turn():
            pass
        at = store.next_instant(clock.now())
        if at is None:
            return only(store)
        clock.advance(at - clock.now())


def test_the_parts_go_out_in_order_each_in_answer_to_the_one_before(store: Store) -> None:
    network = Threads()
    queue(store, of_three())
    row = run(store, network, FrozenClock())
    assert [(text, thread) for text, thread, _ in network.public] == [
        ("One.", ()),
        ("Two.", ("id1",)),
        ("Three.", ("id1", "id2")),
    ]
    assert len({key for _, _, key in network.public}) == 3
    assert (row.status, row.url, row.remote_id) == (Status.PUBLISHED, "https://net.example/1", "id1")
    assert said(store)[2:] == ["part: Part 1 of 3 is out.", "part: Part 2 of 3 is out.", "published: Published."]
    assert row.published_at == NINE  # the gap between two posts is not kept between the parts of one


def test_a_lost_answer_is_settled_before_the_next_part_follows(store: Store) -> None:
    network = Threads(["ok", "lost"])
    queue(store, of_three())
    row = run(store, network, FrozenClock())
    assert [text for text, _, _ in network.public] == ["One.", "Two.", "Three."]
    assert row.status is Status.PUBLISHED
    assert "part: Part 2 of 3 is out: found on the account." in said(store)


def test_what_never_arrived_is_sent_again_under_the_same_key_with_its_guard(store: Store) -> None:
    network = Threads(["ok", "nothing"])
    queue(store, of_three())
    run(store, network, FrozenClock())
    assert [text for text, _, _ in network.public] == ["One.", "Two.", "Three."]
    first, second, again, third = network.guards
    assert (first, second, third) == (None, None, None)  # the guard of one part is none of the next
    assert again is not None
    assert again["text"] == "Two."
    assert again["key"] == network.public[1][2]


def test_a_thread_that_stops_says_which_parts_are_out(store: Store) -> None:
    network = Threads(["ok", "revoked"])
    queue(store, of_three())
    row = run(store, network, FrozenClock())
    assert row.status is Status.MISSED
    assert row.reason == (
        "Missed: the account needs a person (The token was revoked.). Part 1 is out, of 3: https://net.example/1"
    )


def test_a_wait_past_its_time_says_which_parts_are_out(store: Store) -> None:
    queue(store, of_three())
    row = run(store, Threads(["ok", "ok", "limited"]), FrozenClock())
    assert row.status is Status.MISSED
    assert row.reason.endswith("Parts 1 to 2 are out, of 3: https://net.example/1")


def test_an_edit_after_the_first_part_does_not_change_the_rest(store: Store) -> None:
    network, clock = Threads(["ok", "unavailable"]), FrozenClock()
    queue(store, of_three())
    publishing = loop(store, network, clock)
    while publishing.turn():
        pass
    assert only(store).thread == (("id1", "https://net.example/1"),)
    queue(store, of_three(edited=", edited"), approve=False)
    row = run(store, network, clock)
    assert [text for text, _, _ in network.public] == ["One.", "Two.", "Three."]
    assert row.status is Status.PUBLISHED


def test_a_person_who_saw_a_part_lets_the_next_one_answer_it(store: Store) -> None:
    network, clock = Threads(["ok", "lost"]), FrozenClock()
    queue(store, of_three())
    publishing = loop(store, network, clock)
    while publishing.turn():
        pass
    row = only(store)
    assert row.status is Status.UNCONFIRMED
    with store.writing() as write:
        seen = outcomes.confirm(row, "https://net.example/second", clock.now())
        write.record([Result(row, None, seen)], clock.now(), "manager", timedelta(0))
    assert only(store).thread[1] == ("", "https://net.example/second")
    run(store, network, clock)
    assert network.public[2][:2] == ("Three.", ("id1", "https://net.example/second"))


def test_the_network_is_given_the_rest_that_its_limits_ask_for_between_the_parts(store: Store) -> None:
    network, clock = Threads(wait=timedelta(minutes=15)), FrozenClock()
    queue(store, of_three())
    publishing = loop(store, network, clock)
    while publishing.turn():
        pass
    assert len(network.public) == 1
    clock.advance(timedelta(minutes=15))
    while publishing.turn():
        pass
    assert len(network.public) == 3


def test_used_pictures_of_an_earlier_try_mean_that_it_may_be_out(store: Store) -> None:
    network, clock = Threads(["nothing", "prepare: used"]), FrozenClock()
    queue(store, planned())
    publishing = loop(store, network, clock)
    while len(network.guards) < 2:
        while publishing.turn():
            pass
        clock.advance(timedelta(seconds=61))
    assert only(store).status is Status.UNCONFIRMED
    network.public.append(("one: a fact.", (), only(store).key))
    row = run(store, network, clock)
    assert row.status is Status.PUBLISHED
    assert len(network.public) == 1


def test_what_stays_unclear_again_and_again_is_left_to_a_person(store: Store) -> None:
    network, clock = Threads(["nothing"] * 99), FrozenClock()
    queue(store, planned())
    row = run(store, network, clock)
    assert (row.status, row.attempts, row.check_at) == (Status.UNCONFIRMED, 20, None)
    assert row.reason == (
        "It was tried 20 times, and never seen on the account. Look at the account yourself, then confirm or retry."
    )


def test_used_pictures_without_an_earlier_try_are_only_a_failure(store: Store) -> None:
    network, clock = Threads(["prepare: used"]), FrozenClock()
    queue(store, planned())
    assert run(store, network, clock).status is Status.PUBLISHED


def test_what_was_refused_is_no_earlier_try(store: Store) -> None:
    network, clock = Threads(["refused"]), FrozenClock()
    queue(store, planned())
    row = run(store, network, clock)
    assert row.status is Status.FAILED
    with store.writing() as write:
        write.record([Result(row, None, outcomes.retry(row, clock.now(), SIX_HOURS))], clock.now(), "m", timedelta(0))
    assert run(store, network, clock).status is Status.PUBLISHED
    assert network.guards == [None, None]


def test_a_part_that_is_out_nobody_knows_where_waits_for_its_address(store: Store) -> None:
    network, clock = Threads(["ok", "somewhere"]), FrozenClock()
    queue(store, of_three())
    row = run(store, network, clock)
    assert row.status is Status.UNCONFIRMED
    assert row.reason == (
        "Part 2 of 3 is out, but the network does not say where. "
        "Look at the account yourself, then confirm it with its address."
    )
    with store.writing() as write:
        seen = outcomes.confirm(row, "https://net.example/second", clock.now())
        write.record([Result(row, None, seen)], clock.now(), "manager", timedelta(0))
    assert run(store, network, clock).status is Status.PUBLISHED


def test_where_absence_proves_nothing_a_person_must_look(store: Store) -> None:
    network, clock = Threads(["nothing"]), FrozenClock()
    queue(store, planned())
    row = run(store, network, clock, replace(LIMITS, settle_reads=2, absence_proves=False))
    assert row.status is Status.UNCONFIRMED
    assert row.check_at is None
    assert row.reason == (
        "It may be out. Looked for on the account twice it was not seen, which proves nothing there. "
        "Look at the account yourself, then confirm or retry."
    )
    assert network.public == []


def test_each_delivery_has_a_key_that_no_other_ever_had(store: Store) -> None:
    queue(store, planned("one"), planned("two", at=NINE + timedelta(days=1)))
    with store.reading() as read:
        keys = [row.key for row in read.deliveries()]
    assert len(set(keys)) == 2
    assert all(len(key) == 32 and set(key) <= set("abcdefghijklmnopqrstuvwxyz234567") for key in keys)


# Drafts and messages.


def test_a_line_with_plus_signs_starts_the_next_part() -> None:
    assert drafts.parts_of("One.\n\n+++\n\nTwo.\n+++ \nThree.") == ("One.", "Two.", "Three.")
    assert drafts.parts_of("One +++ two.\n++++\n++") == ("One +++ two.\n++++\n++",)


def test_tags_and_help_end_the_last_part() -> None:
    post = Post("a", "posts/a.md", NINE.date(), "One.\n\n+++\n\nTwo.", tags=("EndTrafficking",))
    account = Account("a", "mastodon")
    parts = compose.parts_for(post, account, CAMPAIGN, replace(WIDE, threads=True))
    assert parts == ("One.", "Two.\n\n#EndTrafficking\n\nCall 911.")
    whole = compose.parts_for(post, account, CAMPAIGN, WIDE)
    assert whole == ("One.\n\nTwo.\n\n#EndTrafficking\n\nCall 911.",)


def test_another_part_makes_another_digest_and_none_keeps_the_old_one() -> None:
    message = planned().message
    assert replace(message, more=("Two.",)).digest != message.digest
    assert replace(message, more=("Two.",)).digest != replace(message, more=("Two!",)).digest
    assert type(message).from_json(replace(message, more=("Two.",)).to_json()).more == ("Two.",)


@pytest.mark.parametrize("text", ["+++\nOne.", "One.\n+++", "One.\n+++\n\n+++\nTwo."])
def test_an_empty_part_is_named(text: str) -> None:
    source = f"---\ndate: 2027-01-05\n---\n{text}\n"
    post, problems = drafts.parse(
        source, "posts/a.md", ledger={}, accounts=(Account("a", "mastodon"),), campaign=CAMPAIGN
    )
    assert post is None
    assert "empty-part" in {p.rule for p in problems}
