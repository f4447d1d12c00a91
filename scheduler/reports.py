"""What people read about the queue: lines and tables, made from its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.model import Status

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.model import Campaign
    from scheduler.store import Store


def clock_time(instant: datetime, campaign: Campaign) -> str:
    """An instant in the campaign's zone, with the zone's name: "Mon 4 Jan 09:00 CST"."""
    at = instant.astimezone(ZoneInfo(campaign.zone))
    return f"{at:%a} {at.day} {at:%b %H:%M %Z}"


def next_line(store: Store, campaign: Campaign, now: datetime) -> str:
    """What will happen next, in one line."""
    with store.reading() as read:
        pause = read.pause()
        rows = read.deliveries(statuses=(Status.SCHEDULED,))
    if pause:
        return f"Paused by {pause.by}: {pause.reason} Nothing is sent until `campaign resume`."
    ready = [r for r in rows if r.next_attempt_at and r.send_until >= now]
    waiting = [r for r in rows if not r.approved and r.send_until >= now]
    tail = f" {len(waiting)} wait for approval." if waiting else ""
    if not ready:
        return f"Next: nothing that is approved.{tail}"
    first = min(ready, key=lambda r: (r.next_attempt_at or now, r.id))
    same = [r.account for r in ready if r.post == first.post and r.next_attempt_at == first.next_attempt_at]
    when = clock_time(max(first.next_attempt_at or now, now), campaign)
    return f"Next: {when}, {first.post} to {', '.join(same)}.{tail}"


def day_line(store: Store, campaign: Campaign, day: date) -> str:
    """The digest of a day: what went out, what did not, and what needs a person."""
    with store.reading() as read:
        rows = read.deliveries(day=day, live=True)
        unclear = read.deliveries(statuses=(Status.UNCONFIRMED,))
    told = f"{day:%A} {day.day} {day:%B}"
    if not rows:
        return (
            f"{told}: nothing was planned{'' if campaign.start <= day <= campaign.end else ' (outside the campaign)'}."
        )
    counts = {status: sum(r.status is status for r in rows) for status in Status}
    parts = [f"{count} {status}" for status, count in counts.items() if count]
    wrong = [f"{r.post} to {r.account}: {r.reason}" for r in rows if r.status in (Status.FAILED, Status.MISSED)]
    wrong += [f"{r.post} to {r.account} is unconfirmed: look for it" for r in unclear]
    return f"{told}: {', '.join(parts)}." + (f" Needs a person: {' · '.join(wrong)}" if wrong else "")
