"""The month as iCalendar (RFC 5545), for the calendars that people live by."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from scheduler import drafts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.model import Account, Campaign, Post

LENGTH = timedelta(minutes=15)  # how long an entry looks in a calendar


def month(posts: Sequence[Post], campaign: Campaign, accounts: Sequence[Account], *, made: datetime) -> bytes:
    """The calendar of `posts` in the campaign's zone, one entry a post.

    An entry's UID is made of the draft's name without its day, so that a calendar that has it already moves it.
    """
    tails = Counter(_tail(p) for p in posts)
    calendar = Calendar()
    calendar.add("prodid", "-//campaign-scheduler//campaign//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", campaign.name)
    calendar.add("x-wr-timezone", campaign.zone)
    for post in sorted(posts, key=lambda p: (p.date, p.slug)):
        name = _tail(post) if tails[_tail(post)] == 1 else post.slug
        calendar.add_component(_entry(post, name, campaign, accounts, made))
    calendar.add_missing_timezones(campaign.start, campaign.end + timedelta(days=1))
    return bytes(calendar.to_ical())


def _tail(post: Post) -> str:
    return post.slug.removeprefix(post.date.isoformat()).lstrip("-") or post.slug


def _entry(post: Post, name: str, campaign: Campaign, accounts: Sequence[Account], made: datetime) -> Event:
    start = datetime.combine(post.date, post.time or campaign.time, ZoneInfo(campaign.zone))
    names = [a.name for a in drafts.accounts_of(post, accounts) if a.enabled]
    entry = Event()
    entry.add("uid", f"{name}@campaign-scheduler")
    entry.add("dtstamp", made.astimezone(UTC))
    entry.add("dtstart", start)
    entry.add("dtend", start + LENGTH)
    entry.add("summary", post.title or post.slug)
    entry.add("description", f"{_words(post)}\n\nTo: {', '.join(names) or 'no account yet'}\nDraft: {post.path}")
    entry.add("categories", [campaign.name])
    entry.add("transp", "TRANSPARENT")  # it blocks nobody's time
    return entry


def _words(post: Post) -> str:
    written = post.text or next(iter(post.texts.values()), "")
    return "\n\n".join(drafts.parts_of(written))
