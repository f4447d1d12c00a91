"""What must hold between the posts of a month."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from scheduler.model import Account, Campaign, Post, Problem


def check_month(
    posts: Sequence[Post],
    texts: Mapping[tuple[str, str], str],
    scheduled: Mapping[tuple[str, str], datetime],
    accounts: Sequence[Account],
    campaign: Campaign,
) -> tuple[Problem, ...]:
    """What is wrong between posts. `texts` and `scheduled` have the final text and the time by (slug, account)."""
    return tuple(
        sorted(
            [
                *_repeated(posts, texts, accounts),
                *_too_close(posts, scheduled, accounts, campaign),
                *_empty_days(posts, campaign),
            ]
        )
    )


def _repeated(
    posts: Sequence[Post], texts: Mapping[tuple[str, str], str], accounts: Sequence[Account]
) -> Iterator[Problem]:
    for account in accounts:
        first: dict[str, Post] = {}
        for post in _in_order(posts):
            words = " ".join(texts.get((post.slug, account.name), "").split()).casefold()
            if not words:
                continue
            earlier = first.setdefault(words, post)
            if earlier is not post:
                said = f"{account.name} gets the same text as on {_day(earlier.date)} ({earlier.path})."
                yield problem("text-repeated", post.path, post.lines.get("text", 0), said, account=account.name)


def _too_close(
    posts: Sequence[Post],
    scheduled: Mapping[tuple[str, str], datetime],
    accounts: Sequence[Account],
    campaign: Campaign,
) -> Iterator[Problem]:
    for account in accounts:
        times = [(at, post) for post in posts if (at := scheduled.get((post.slug, account.name)))]
        times.sort(key=lambda pair: (pair[0], pair[1].path))
        for (before, earlier), (after, post) in pairwise(times):
            if after - before < campaign.min_gap:
                said = (
                    f"{account.name} gets this post {_minutes(after - before)} after {earlier.path}; "
                    f"the least is {_minutes(campaign.min_gap)}."
                )
                line = post.lines.get("time", post.lines.get("date", 0))
                yield problem("too-close", post.path, line, said, account=account.name)


def _empty_days(posts: Sequence[Post], campaign: Campaign) -> Iterator[Problem]:
    """One problem for each run of days without a post."""
    taken = {post.date for post in posts}
    days = [campaign.start + timedelta(days=n) for n in range((campaign.end - campaign.start).days + 1)]
    run: list[date] = []
    for day in [*days, None]:
        if day and day not in taken:
            run.append(day)
        elif run:
            span = _day(run[0]) if len(run) == 1 else f"{_day(run[0])} to {_day(run[-1])}"
            yield problem("day-empty", "posts", 0, f"There is no post for {span}.")
            run = []


def _in_order(posts: Sequence[Post]) -> list[Post]:
    return sorted(posts, key=lambda p: (p.date, p.path))


def _day(day: date) -> str:
    return f"{day:%B} {day.day}"


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
