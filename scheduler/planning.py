"""Posts and accounts become deliveries; what the drafts say and what is stored become changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.model import Delivery, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from scheduler.model import Campaign, Message, Post

Key = tuple[str, object]
GONE = "Cancelled: its draft is gone, or no longer names this account."
GONE_HELD = f"{GONE} A person held it."
SETTLED = (Status.PUBLISHED, Status.PUBLISHING, Status.UNCONFIRMED)  # no edit of a draft reaches these


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery as the drafts want it."""

    post: str
    path: str
    account: str
    network: str
    day: date
    title: str
    scheduled_at: datetime
    send_until: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class Change:
    """One row to write: `before` is None for a new one; `text` is its log row, empty for none."""

    before: Delivery | None
    after: Delivery
    message: Message | None
    kind: str  # queued, edited, moved, renamed, withdrawn, restored, or the new status
    text: str
    voids: bool = False  # the approval of `before` no longer holds


def settled(row: Delivery) -> bool:
    """Whether no edit of its draft reaches it: what is left of a thread goes out as its first part did."""
    return row.status in SETTLED or bool(row.thread)


def instants(post: Post, campaign: Campaign) -> tuple[datetime, datetime]:
    """When a post is due and until when it may still be sent, as aware UTC.

    An hour that the clocks repeat is taken the first time it comes.
    """
    zone = ZoneInfo(campaign.zone)
    at = datetime.combine(post.date, post.time or campaign.time, zone).astimezone(UTC)
    if post.send_until is None:
        return at, at + campaign.send_within
    return at, datetime.combine(post.date, post.send_until, zone).astimezone(UTC)


def changes(
    planned: Sequence[Planned],
    stored: Sequence[Delivery],
    *,
    approved: Collection[str],
    broken: Collection[tuple[str, str]],
    now: datetime,
    approval: bool = True,
) -> tuple[Change, ...]:
    """What to write so that the queue says what the drafts say.

    `approved` holds the digests that may go out. With `approval` a new row needs a word of its own all
    the same: a copy of an approved draft is not approved. `broken` holds (path, account) of drafts that
    exist but do not pass, account "" for all: their rows stay as they are. What is published, in flight
    or unconfirmed is never touched.
    """
    found: list[Change] = []
    pairs, fresh, gone = _match(planned, stored, broken)
    for want, row in pairs:
        change = _altered(want, row, approved=approved, now=now)
        if change:
            found.append(change)
    found += [_added(want, approval=approval, now=now) for want in fresh]
    found += [_withdrawn(row) for row in gone if row.status in (Status.SCHEDULED, Status.HELD)]
    return tuple(found)


def _by_day(row: Delivery) -> tuple[str, date | None]:
    """A draft that a person cancelled is not the one that another file now has for its day."""
    mine = row.status is not Status.CANCELLED or row.withdrawn
    return row.account, row.day if mine else None


_KEYS: tuple[tuple[Callable[[Planned], Key], Callable[[Delivery], Key]], ...] = (
    (lambda p: (p.account, p.post), lambda r: (r.account, r.post)),
    (lambda p: (p.account, p.message.digest), lambda r: (r.account, r.digest)),
    (lambda p: (p.account, p.day), _by_day),
)


def _match(
    planned: Sequence[Planned], stored: Sequence[Delivery], broken: Collection[tuple[str, str]]
) -> tuple[list[tuple[Planned, Delivery]], list[Planned], list[Delivery]]:
    """Pair each planned delivery with its row: by draft, else, for a renamed draft, by content, else by day.

    Without the last two a renamed draft would be a new one, and what is published would go out again.
    """
    rows = {r.id: r for r in stored if (r.path, "") not in broken and (r.path, r.account) not in broken}
    pairs: list[tuple[Planned, Delivery]] = []
    left = list(planned)
    for plan_key, row_key in _KEYS:
        by_key = {row_key(row): row for row in sorted(rows.values(), key=_precedence)}
        still: list[Planned] = []
        for want in left:
            row = by_key.pop(plan_key(want), None)
            if row is None:
                still.append(want)
            else:
                pairs.append((want, rows.pop(row.id)))
        left = still
    return pairs, left, list(rows.values())


def _precedence(row: Delivery) -> tuple[bool, int]:
    """Sorts the row that must win a match last: what is out before what is not, then the newest."""
    return row.status in SETTLED, row.id


def _added(want: Planned, *, approval: bool, now: datetime) -> Change:
    digest = want.message.digest
    row = replace(_row(want), digest=digest, approved_digest="" if approval else digest)
    if want.send_until < now:
        late = replace(row, status=Status.MISSED, reason="Missed: its time was past when it was first read.")
        return Change(None, late, want.message, "missed", late.reason)
    return Change(None, _timed(row), want.message, "queued", "Queued.")


def _row(want: Planned) -> Delivery:
    return Delivery(
        id=0,
        post=want.post,
        path=want.path,
        account=want.account,
        network=want.network,
        day=want.day,
        title=want.title,
        scheduled_at=want.scheduled_at,
        send_until=want.send_until,
        status=Status.SCHEDULED,
        digest="",
        parts=len(want.message.parts),
    )


def _altered(want: Planned, row: Delivery, *, approved: Collection[str], now: datetime) -> Change | None:
    if settled(row) and want.message.digest != row.digest and want.post != row.post:
        return None  # another draft of a day whose post is out: `intake.too_late` says so
    if settled(row):
        named = replace(row, post=want.post, path=want.path)
        return Change(row, named, None, "renamed", "The draft was renamed.") if named != row else None
    digest = want.message.digest
    edited = digest != row.digest
    voids = edited and row.approved
    after = replace(
        row,
        post=want.post,
        path=want.path,
        title=want.title,
        network=want.network,
        day=want.day,
        scheduled_at=want.scheduled_at,
        send_until=_send_until(want, row),
        digest=digest,
        parts=len(want.message.parts),
        approved_digest=digest if digest in approved and not voids else "",
    )
    moved = after.scheduled_at != row.scheduled_at
    after = _revived(after, row, edited=edited, moved=moved, now=now)
    if after == row:
        return None
    return Change(row, after, want.message if edited else None, *_told(row, after, edited=edited, moved=moved), voids)


def _send_until(want: Planned, row: Delivery) -> datetime:
    """The draft's, unless a person gave more time for this very instant by a retry."""
    if want.scheduled_at == row.scheduled_at:
        decided = row.attempts or row.reason  # a row that nothing happened to yet has no reason
        return max(want.send_until, row.send_until) if decided else want.send_until
    return want.send_until


def _revived(after: Delivery, row: Delivery, *, edited: bool, moved: bool, now: datetime) -> Delivery:
    """An ended delivery comes back when its draft came back, was mended after a refusal, or was moved ahead."""
    ahead = after.send_until >= now
    back = (
        (row.status is Status.CANCELLED and row.withdrawn)
        or (row.status is Status.FAILED and (edited or moved))
        or (row.status is Status.MISSED and moved)
    )
    if back and row.reason == GONE_HELD:
        return replace(after, status=Status.HELD, withdrawn=False, reason="Held, as before its draft went away.")
    if back and ahead:
        return _timed(replace(after, status=Status.SCHEDULED, withdrawn=False, reason=""))
    if back and row.withdrawn:
        return replace(after, status=Status.MISSED, withdrawn=False, reason="Missed: its draft came back too late.")
    if row.status is Status.SCHEDULED:
        retrying = None if moved or edited else row.next_attempt_at
        return _timed(after, retrying)
    return after


def _timed(row: Delivery, keep: datetime | None = None) -> Delivery:
    """The row with the instants at which the daemon must act on it; `keep` is a retry's."""
    ready = (keep or row.scheduled_at) if row.approved else None
    return replace(row, next_attempt_at=ready, check_at=row.send_until)


def _told(row: Delivery, after: Delivery, *, edited: bool, moved: bool) -> tuple[str, str]:
    """The kind and the text of the log row."""
    said: list[str] = []
    kind = ""
    if row.status is not after.status:
        kind = "restored" if row.withdrawn and after.status is Status.SCHEDULED else str(after.status)
        said.append(after.reason or "Queued again.")
    if edited:
        kind = kind or "edited"
        said.append("The draft was edited" + ("; its approval no longer holds." if row.approved else "."))
    if moved:
        kind = kind or "moved"
        said.append(f"Moved from {row.scheduled_at:%Y-%m-%d %H:%M} to {after.scheduled_at:%Y-%m-%d %H:%M} UTC.")
    if row.path != after.path:
        kind = kind or "renamed"
        said.append(f"Its draft is now {after.path}.")
    if not edited and row.approved and not after.approved:
        kind = kind or "edited"
        said.append("Its approval no longer holds: approval is now required.")
    return kind, " ".join(said)


def _withdrawn(row: Delivery) -> Change:
    reason = GONE_HELD if row.status is Status.HELD else GONE
    after = replace(
        row,
        status=Status.CANCELLED,
        reason=reason,
        withdrawn=True,
        next_attempt_at=None,
        check_at=None,
    )
    return Change(row, after, None, "withdrawn", reason)
