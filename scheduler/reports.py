"""What people read about the queue: lines and tables, made from its rows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler import costs
from scheduler.drafts import accounts_of
from scheduler.facts import needs_recheck
from scheduler.model import Fact, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.config import Config
    from scheduler.costs import Cost
    from scheduler.intake import Intake
    from scheduler.model import Account, Campaign, Delivery, Limits, Message, Post, Problem
    from scheduler.planning import Planned
    from scheduler.rehearsal import Outcome
    from scheduler.store import AccountState, Pause, Store

RECHECK = "fact-recheck"  # the rule whose problems stand in a checklist of their own
SOON = timedelta(hours=48)  # an approval that is missing so close to its time needs a person now
NEXT = 10  # deliveries that `status` lists


@dataclass(frozen=True, slots=True)
class Recheck:
    """A fact that a person must look at again this season, and the drafts that wait for it."""

    fact: Fact
    paths: tuple[str, ...]

    @property
    def what(self) -> str:
        """What to open or dial."""
        why = self.fact.recheck.rstrip(".") or f"Open {self.fact.url} and compare it"
        return f"{why}."

    def as_values(self) -> Mapping[str, object]:
        """For JSON."""
        return {"fact": self.fact.id, "what": self.what, "url": self.fact.url, "used_by": self.paths}


@dataclass(frozen=True, slots=True)
class Overview:
    """Where the campaign stands: what needs a person, and what comes next."""

    pause: Pause | None
    beat: datetime | None  # when the daemon was last heard of
    stopped: tuple[AccountState, ...]
    unconfirmed: tuple[Delivery, ...]
    failed: tuple[Delivery, ...]
    missed: tuple[Delivery, ...]
    held: tuple[Delivery, ...]
    waiting: tuple[Delivery, ...]  # for approval, and due soon
    waiting_later: int
    coming: tuple[Delivery, ...]
    today: tuple[Delivery, ...]
    counts: Mapping[str, int]  # all deliveries, by status

    @property
    def needs_person(self) -> bool:
        """Whether anything waits for somebody to act."""
        return bool(self.stopped or self.unconfirmed or self.failed or self.missed or self.waiting)


def overview(store: Store, now: datetime, day: date) -> Overview:
    """Where the campaign stands at `now`; `day` is what counts as today."""
    with store.reading() as read:
        rows = read.deliveries()
        pause = read.pause()
        beat = read.setting("beat")
        accounts = read.accounts()
    by_status = {status: tuple(r for r in rows if r.status is status) for status in Status}
    ahead = [r for r in by_status[Status.SCHEDULED] if r.send_until >= now]
    waiting = [r for r in ahead if not r.approved]
    soon = tuple(r for r in waiting if r.scheduled_at <= now + SOON)
    return Overview(
        pause=pause,
        beat=datetime.fromisoformat(beat) if beat else None,
        stopped=tuple(a for a in accounts if a.stopped and a.enabled),
        unconfirmed=by_status[Status.UNCONFIRMED],
        failed=by_status[Status.FAILED],
        missed=by_status[Status.MISSED],
        held=by_status[Status.HELD],
        waiting=soon,
        waiting_later=len(waiting) - len(soon),
        coming=tuple(sorted(ahead, key=_due))[:NEXT],
        today=tuple(r for r in rows if r.day == day and r.status is not Status.CANCELLED),
        counts={str(status): len(some) for status, some in by_status.items() if some},
    )


def queued_costs(
    store: Store, now: datetime, accounts: Sequence[Account], limits: Mapping[str, Limits]
) -> tuple[Cost, ...]:
    """What is still to be sent costs, on each account that has prices."""
    paid = [a for a in accounts if costs.read_prices(a)[0]]
    found: list[tuple[Message, int]] = []
    with store.reading() as read:
        for account in paid:
            for row in read.deliveries(account=account.name, statuses=(Status.SCHEDULED,)):
                message = read.message(row.digest) if row.send_until >= now else None
                found += [(message, len(row.thread))] if message else []
    return costs.by_account(found, paid, limits)


def _due(row: Delivery) -> tuple[datetime, int]:
    return row.next_attempt_at or row.scheduled_at, row.id


def uses(found: Intake) -> dict[str, tuple[str, ...]]:
    """The paths of the drafts that cite each fact."""
    cited: dict[str, list[str]] = {}
    for post in found.posts:
        for name in dict.fromkeys(post.facts):
            cited.setdefault(name, []).append(post.path)
    return {name: tuple(paths) for name, paths in cited.items()}


def rechecks(found: Intake, campaign: Campaign, *, every: bool = False) -> tuple[Recheck, ...]:
    """The facts that a person must look at again, those that drafts cite first; `every`: also those that none cites."""
    used = uses(found)
    due = [Recheck(f, used.get(f.id, ())) for f in found.ledger.values() if f.verified and needs_recheck(f, campaign)]
    return tuple(sorted((r for r in due if every or r.paths), key=_first_use))


def _first_use(look: Recheck) -> tuple[bool, Sequence[str]]:
    return not look.paths, look.paths[:1]


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
        return f"Paused by {pause.by}: {pause.reason.rstrip('.')}. Nothing is sent until `campaign resume`."
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


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How the month would go."""

    days: tuple[date, ...]
    accounts: tuple[tuple[str, bool], ...]  # name, and whether it is switched on
    marks: Mapping[tuple[date, str], str]  # ok, late, fails, missed or error; nothing where nothing is planned
    problems: tuple[Problem, ...]  # errors in files: they keep a post out of the queue
    stopped: tuple[Outcome, ...]  # what was queued and would not go out
    published: int
    waiting: tuple[Planned, ...]  # for approval, in the real queue
    messages: tuple[Message, ...]  # what was rehearsed
    looks: tuple[Recheck, ...]
    sites: tuple[str, ...]  # the feed's folders, relative to the project

    @property
    def fine(self) -> bool:
        """Whether everything would go out."""
        return not self.problems and not self.stopped

    @property
    def days_out(self) -> int:
        """On how many days something goes out."""
        return len({day for (day, _), mark in self.marks.items() if mark in ("ok", "late")})


LATE = timedelta(minutes=5)  # after the planned time: what a reader would call late


def rehearsal(
    found: Intake, ended: Sequence[Outcome], config: Config, span: tuple[date, date], waiting: tuple[Planned, ...]
) -> Rehearsal:
    """What a rehearsal of the days of `span` shows. `config` is the real one: it knows which accounts are off."""
    start, end = span
    posts = [p for p in found.posts if start <= p.date <= end]
    unread = _unreadable(found)
    marks = {(day, a.name): "error" for day in unread.values() if start <= day <= end for a in config.accounts}
    marks |= {(p.date, a): "error" for p in posts for a in _blocked(p, found, config)}
    marks |= {(o.day, o.account): _mark(o) for o in ended}
    days = {p.path: p.date for p in found.posts} | unread
    paths = {path for path, day in days.items() if not start <= day <= end}
    return Rehearsal(
        days=tuple(start + timedelta(days=n) for n in range((end - start).days + 1)),
        accounts=tuple((a.name, a.enabled) for a in config.accounts),
        marks=marks,
        problems=tuple(p for p in found.errors if p.path not in paths),
        stopped=tuple(o for o in ended if o.status is not Status.PUBLISHED),
        published=sum(o.status is Status.PUBLISHED for o in ended),
        waiting=waiting,
        messages=tuple(p.message for p in found.planned),
        looks=tuple(r for r in rechecks(found, config.campaign) if not {*r.paths} <= paths),
        sites=tuple(
            f"rehearsal/{a.options.get('folder', 'site')}/public" for a in config.accounts if a.network == "feed"
        ),
    )


def _unreadable(found: Intake) -> dict[str, date]:
    """The drafts that are no posts yet, with their days, as far as their names tell."""
    read = {p.path for p in found.posts}
    days: dict[str, date] = {}
    for path, account in found.broken:
        if not account and path not in read:
            with suppress(ValueError):
                days[path] = date.fromisoformat(path.removeprefix("posts/")[:10])
    return days


def _blocked(post: Post, found: Intake, config: Config) -> list[str]:
    names = [a.name for a in accounts_of(post, config.accounts)]
    return names if (post.path, "") in found.broken else [n for n in names if (post.path, n) in found.broken]


def _mark(outcome: Outcome) -> str:
    if outcome.status is Status.PUBLISHED:
        return "late" if outcome.late > LATE else "ok"
    return "missed" if outcome.status is Status.MISSED else "fails"
