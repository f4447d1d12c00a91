"""What happened to a delivery, and what follows: pure rules, one function per occasion.

Each returns a Decision; the store writes it, with its log row, in one transaction. `now` and
`jitter` (0 ≤ jitter < 1) come as arguments. The table of states stands in docs/design.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.errors import (
    Disconnected,
    PublishError,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from scheduler.model import CannotTell, Count, Found, Limits, NotThere, Published, Status

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.model import Attempt, Delivery

BACKOFF_FIRST = timedelta(seconds=30)
BACKOFF_MOST = timedelta(minutes=15)
BACKOFF_LEAST = timedelta(seconds=2)
LAST_TRY = timedelta(seconds=60)  # with less than this left of its window, a delivery is not tried again
NO_LIMITS = Limits(text=0, count=Count.CODEPOINTS)  # of an account that is no longer in the config
REREAD = timedelta(seconds=20)  # longer than the daemon takes to read posts/ again: an edit comes before a new try
LOOK = "Look at the account yourself, then confirm or retry."
PATIENT = 3  # tries that may follow each other as soon as the network says
UNCLEAR_MOST = 20  # tries after which what is unclear once more is a person's to look at
READS_MOST = 8  # how often an unclear one is looked for before a person must look


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state of one delivery, and what its log says."""

    status: Status
    reason: str  # plain words, for the row and its log
    next_attempt_at: datetime | None = None
    check_at: datetime | None = None
    published: Published | None = None
    reads: int = 0
    send_until: datetime | None = None  # a new one, when a person gives more time
    account_waits_until: datetime | None = None  # nothing else of this account before then
    account_stopped: str = ""  # why the account needs a person
    detail: str = ""  # the raw answer, without secrets
    part: Published | None = None  # a part of a thread that is out; the next one follows

    @property
    def kind(self) -> str:
        """What the log calls it."""
        return "part" if self.part else str(self.status)


def backoff(tries: int, jitter: float) -> timedelta:
    """How long to wait after the `tries`-th failed try: full jitter over a doubling, capped span.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter").
    """
    span = min(BACKOFF_FIRST * (1 << max(0, min(tries, 16) - 1)), BACKOFF_MOST)
    return max(BACKOFF_LEAST, span * jitter)


def waiting(delivery: Delivery, at: datetime, reason: str, *, detail: str = "") -> Decision:
    """Scheduled again for `at`."""
    ready = at if delivery.approved else None
    return Decision(Status.SCHEDULED, reason, next_attempt_at=ready, check_at=delivery.send_until, detail=detail)


def again(delivery: Delivery, at: datetime, now: datetime, reason: str, *, detail: str = "") -> Decision:
    """Try again at `at`, or as late as its window allows; missed when there is no time left."""
    if at > delivery.send_until:
        at = delivery.send_until - LAST_TRY
        if at > now:
            return waiting(delivery, at, reason, detail=detail)
        text = f"Not sent: {reason} No time was left to try again.{so_far(delivery)}"
        return Decision(Status.MISSED, text, detail=detail)
    return waiting(delivery, at, reason, detail=detail)


def out(delivery: Delivery, published: Published, now: datetime, how: str = "") -> Decision:
    """It is out; of a thread, its next part, and with the last one the whole. `how` is told where it is not plain."""
    if delivery.part < delivery.parts:
        reason = f"Part {delivery.part} of {delivery.parts} is out{how}."
        return replace(waiting(delivery, now, reason), part=published, account_waits_until=published.wait_until)
    first = Published(*delivery.thread[0]) if delivery.thread else published
    return Decision(Status.PUBLISHED, f"Published{how}.", published=first, account_waits_until=published.wait_until)


def so_far(delivery: Delivery) -> str:
    """A sentence on the parts of a thread that are out; empty when none is."""
    if not delivery.thread:
        return ""
    number = len(delivery.thread)
    which = "Part 1 is out" if number == 1 else f"Parts 1 to {number} are out"
    return f" {which}, of {delivery.parts}: {delivery.thread[0][1]}"


def decide(
    delivery: Delivery, result: Published | PublishError, now: datetime, jitter: float, limits: Limits
) -> Decision:
    """What follows from an attempt."""
    return _unless_out(delivery, _decided(delivery, result, now, jitter, limits), limits)


def _unless_out(delivery: Delivery, decision: Decision, limits: Limits) -> Decision:
    """Where a post is repeated though absence proves nothing, the end of a later try does not say that none is out."""
    ended = decision.status in (Status.MISSED, Status.FAILED)
    if ended and limits.repeats and delivery.attempts > 1:
        return replace(
            decision, status=Status.UNCONFIRMED, reason=f"{decision.reason} An earlier try may be out. {LOOK}"
        )
    return decision


def _decided(
    delivery: Delivery, result: Published | PublishError, now: datetime, jitter: float, limits: Limits
) -> Decision:
    if isinstance(result, Published):
        nowhere = not result.id and delivery.part < delivery.parts  # the next part has nothing to answer
        return _without_address(delivery) if nowhere else out(delivery, result, now)
    if isinstance(result, RateLimited):
        return _rate_limited(delivery, result, now, jitter)
    if isinstance(result, Unavailable):
        return again(delivery, now + backoff(delivery.attempts, jitter), now, result.text, detail=result.detail)
    if isinstance(result, Rejected):
        return Decision(Status.FAILED, f"{result.text}{so_far(delivery)}", detail=result.detail)
    if isinstance(result, Disconnected):
        decision = again(delivery, now, now, result.text, detail=result.detail)
        return replace(decision, account_stopped=result.text)
    return Decision(
        Status.UNCONFIRMED,
        f"It may be out: {result.text} The account will be read to find out.",
        check_at=now + limits.settle_after,
        detail=result.detail,
    )


def _without_address(delivery: Delivery) -> Decision:
    where = f"Part {delivery.part} of {delivery.parts} is out, but the network does not say where."
    return _unclear(f"{where} Look at the account yourself, then confirm it with its address.", None, 0)


def _rate_limited(delivery: Delivery, result: RateLimited, now: datetime, jitter: float) -> Decision:
    least = now + backoff(delivery.attempts, jitter) if delivery.attempts > PATIENT else now
    at = max(least, result.retry_at or now + backoff(delivery.attempts + 2, jitter))
    if at > delivery.send_until:
        text = f"Not sent: {result.text} The wait asked for ends after its send-until time.{so_far(delivery)}"
        return Decision(Status.MISSED, text, account_waits_until=at, detail=result.detail)
    return replace(waiting(delivery, at, result.text, detail=result.detail), account_waits_until=at)


def expired(delivery: Delivery, attempt: Attempt | None, now: datetime, limits: Limits) -> Decision:
    """What follows when the worker that had claimed it is gone: nothing was sent, or it may be out."""
    if attempt is None or attempt.prepared is None:
        return again(delivery, now, now, "The program stopped before anything was sent.")
    return Decision(
        Status.UNCONFIRMED,
        "The program stopped while it was being sent. The account will be read to find out.",
        check_at=now + limits.settle_after,
    )


def settle(delivery: Delivery, found: Found | PublishError, now: datetime, jitter: float, limits: Limits) -> Decision:
    """What follows from reading the account back."""
    if isinstance(found, Published):
        return out(delivery, found, now, ": found on the account")
    reads = delivery.reads + 1
    if isinstance(found, NotThere):
        return _absent(delivery, reads, now, limits)
    reason = found.reason if isinstance(found, CannotTell) else found.text
    if reads < READS_MOST:
        later = now + max(limits.settle_after, backoff(reads, jitter))
        if isinstance(found, RateLimited) and found.retry_at:
            later = max(later, found.retry_at)
        return _unclear(f"It may be out, and the account could not tell: {reason}", later, reads)
    return _unclear(f"It may be out, and the account cannot tell: {reason} {LOOK}", None, reads)


def _absent(delivery: Delivery, reads: int, now: datetime, limits: Limits) -> Decision:
    """It was not seen on the account, so many times."""
    if reads < limits.settle_reads:
        return _unclear("Not seen on the account yet; it will be read once more.", now + limits.settle_after, reads)
    if delivery.attempts >= UNCLEAR_MOST:
        tries = f"It was tried {delivery.attempts} times, and never seen on the account."
        return _unclear(f"{tries} {LOOK}", None, reads)
    repeat = again(delivery, now + REREAD, now, "Looked for on the account: it is not there.")
    if limits.absence_proves or (limits.repeats and repeat.status is Status.SCHEDULED):
        return repeat
    text = f"It may be out. Looked for on the account {_times(reads)} it was not seen, which proves nothing there. "
    return _unclear(text + LOOK, None, reads)


def _times(reads: int) -> str:
    return {1: "once", 2: "twice"}.get(reads, f"{reads} times")


def _unclear(reason: str, check_at: datetime | None, reads: int) -> Decision:
    return Decision(Status.UNCONFIRMED, reason, check_at=check_at, reads=reads)


def deadline(delivery: Delivery, limits: Limits, *, paused: str = "", stopped: str = "") -> Decision:
    """Its `send_until` passed while it was scheduled. `paused` and `stopped` are the reasons, if any."""
    if not delivery.approved:
        why = "nobody had approved it."
    elif paused:
        why = f"the campaign was paused ({paused})."
    elif stopped:
        why = f"the account needs a person ({stopped})."
    elif delivery.reason and delivery.attempts:
        why = f"the last try said: {delivery.reason}"
    else:
        why = "the program was not running, or had no turn, in its time."
    return _unless_out(delivery, Decision(Status.MISSED, f"Missed: {why}{so_far(delivery)}"), limits)


# What a person may do. Each refuses with a sentence what the state does not allow.


def hold(delivery: Delivery, note: str) -> Decision:
    """A person stops it until it is released."""
    _allow(delivery, "held", Status.SCHEDULED)
    return Decision(Status.HELD, f"Held: {note}" if note else "Held.")


def release(delivery: Delivery, now: datetime) -> Decision:
    """A person lets a held one go on."""
    _allow(delivery, "released", Status.HELD)
    if delivery.send_until < now:
        return Decision(Status.MISSED, "Released after its send-until time; retry it to send it late.")
    return waiting(delivery, max(delivery.scheduled_at, now), "Released.")


def cancel(delivery: Delivery, note: str) -> Decision:
    """A person takes it off for good."""
    _allow(delivery, "cancelled", Status.SCHEDULED, Status.HELD, Status.FAILED, Status.MISSED)
    return Decision(Status.CANCELLED, (f"Cancelled: {note}" if note else "Cancelled.") + so_far(delivery))


def retry(delivery: Delivery, now: datetime, window: timedelta) -> Decision:
    """A person says: send it (again). For an unconfirmed one this says that it is not out."""
    if delivery.status is Status.SCHEDULED and delivery.attempts:
        return waiting(delivery, now, "To be tried again at once.")
    _allow(delivery, "retried", Status.FAILED, Status.MISSED, Status.CANCELLED, Status.UNCONFIRMED)
    until = max(delivery.send_until, now + window)
    return Decision(
        Status.SCHEDULED,
        "To be sent again, by a person's word.",
        next_attempt_at=_soonest(delivery, now) if delivery.approved else None,
        check_at=until,
        send_until=until,
    )


def _soonest(delivery: Delivery, now: datetime) -> datetime:
    """When a person's retry may go out: the drafts are read first, and a lost request that still runs has its time."""
    if delivery.status is not Status.UNCONFIRMED:
        return now
    first_look = delivery.check_at if not (delivery.reads or delivery.lease_owner) else None
    return max(now + REREAD, first_look or now)


def confirm(delivery: Delivery, url: str, now: datetime) -> Decision:
    """A person saw it on the account; of a thread, the part that was unclear."""
    _allow(delivery, "confirmed", Status.UNCONFIRMED, Status.HELD, Status.MISSED, Status.FAILED)
    return out(delivery, Published("", url), now, ": seen on the account by a person")


def _allow(delivery: Delivery, what: str, *states: Status) -> None:
    if delivery.status not in states:
        allowed = " or ".join(str(s) for s in states)
        raise Refused(
            f"{delivery.post} to {delivery.account} is {delivery.status}; it can be {what} only when it is {allowed}."
        )
