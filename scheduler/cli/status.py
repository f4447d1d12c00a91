"""`campaign status`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from scheduler import connecting, reports
from scheduler.app import local, today
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, DAY, Command, Shell, as_json, delivery_json, json_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scheduler.app import App
    from scheduler.costs import Cost
    from scheduler.model import Delivery
    from scheduler.reports import Overview

QUIET = timedelta(minutes=2)  # without a beat: the daemon is not running
NAMES_MOST = 20  # letters of account names in a table
MOST = 12  # of one kind that need a person; the log has the others


@click.command(
    cls=Command,
    examples=(
        "campaign status",
        "campaign status --day 2027-01-09",
    ),
)
@click.option("--day", type=DAY, metavar="DATE", help="Show this day instead of today.")
@json_option
@click.pass_obj
def status(shell: Shell, day: date | None, *, json_: bool) -> None:
    """Show what needs a person, what comes next, and the day. Exits with 1 if anything needs a person."""
    app = shell.app()
    now = app.clock.now()
    which = day or today(app)
    seen = reports.overview(app.store, now, which)
    costs = reports.queued_costs(app.store, now, app.config.accounts, app.limits)
    wrong = connecting.found_wrong(app)
    if json_:
        as_json({**_as_values(seen), "wrong": wrong, "costs": [c.as_values() for c in costs]})
    else:
        _show(app, seen, now, which, wrong)
        for cost in costs:
            _cost(cost)
    if seen.needs_person or wrong:
        shell.context.exit(BROKEN)


def _as_values(seen: Overview) -> dict[str, object]:
    lists = ("unconfirmed", "failed", "missed", "held", "waiting", "coming", "today")
    return {
        "pause": seen.pause,
        "beat": seen.beat,
        "counts": seen.counts,
        "stopped": [{"account": a.name, "reason": a.stopped} for a in seen.stopped],
        **{name: [delivery_json(r) for r in getattr(seen, name)] for name in lists},
        "waiting_later": seen.waiting_later,
    }


def _show(app: App, seen: Overview, now: datetime, day: date, wrong: Mapping[str, Sequence[str]]) -> None:
    page.say(app.config.campaign.name, "strong")
    page.say(f"{reports.clock_time(now, app.config.campaign)} · {_daemon(seen, now)}", "dim")
    if seen.pause:
        click.echo()
        page.wrapped(f"Paused by {seen.pause.by}: {seen.pause.reason}", look="warn")
        page.wrapped("Nothing is sent until `campaign resume`.")
    if not seen.counts:
        _wrong(wrong)
        click.echo()
        page.wrapped(
            "The queue is empty. `campaign approve --all` reads the drafts and shows them; `campaign run` sends."
        )
        return
    _needs(app, seen, wrong)
    _list(app, "Next", seen.coming)
    told = f"{day:%A} {day.day} {day:%B}"
    _list(app, told if day != today(app) else f"Today, {told}", seen.today, none="Nothing is planned.", outcome=True)
    _sum(seen)


def _daemon(seen: Overview, now: datetime) -> str:
    if seen.beat is None:
        return "the daemon has not run yet: campaign run"
    ago = now - seen.beat
    if ago < QUIET:
        return "the daemon is running"
    return f"the daemon is not running; last heard of {_ago(ago)} ago"


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:  # noqa: PLR2004
        return page.plural(minutes, "minute")
    return page.plural(minutes // 60, "hour") if minutes < 2880 else page.plural(minutes // 1440, "day")  # noqa: PLR2004


def _needs(app: App, seen: Overview, wrong: Mapping[str, Sequence[str]]) -> None:
    """What needs a person, the most pressing first."""
    if not (seen.needs_person or wrong):
        click.echo()
        page.say("Nothing needs a person.", "good")
    for row in seen.unconfirmed:
        _unconfirmed(app, row)
    for account in seen.stopped:
        page.heading(f"{account.name} is stopped")
        page.wrapped(account.stopped, "  ", look="bad")
        page.say(f"  Mended?  campaign resume --account {account.name}")
    _wrong(wrong)
    _failures("Failed", seen.failed, "Mend the draft, or:  campaign retry POST --account NAME")
    _failures("Missed", seen.missed, "Send it late:  campaign retry POST    Leave it:  campaign cancel POST")
    _failures("Held", seen.held, "Let it go on:  campaign hold POST --release", look="warn")
    if seen.waiting:
        posts = len({r.post for r in seen.waiting})
        page.heading(f"Wait for approval, due within 48 hours: {page.plural(posts, 'post')}")
        _table(app, seen.waiting[:MOST])
        page.say("  campaign approve --all")


def _wrong(wrong: Mapping[str, Sequence[str]]) -> None:
    """What the last look at the accounts found."""
    for name, texts in wrong.items():
        page.heading(f"{name} will not publish")
        for text in texts:
            page.wrapped(text, "  ", look="bad")


def _unconfirmed(app: App, row: Delivery) -> None:
    page.heading(f"Unconfirmed: {row.post} to {row.account}")
    page.wrapped(row.reason, "  ", look="bad")
    if row.check_at is not None:
        page.wrapped(f"The program looks again by itself at {local(row.check_at, app):%H:%M}.", "  ")
    handle = next((a.handle for a in app.config.accounts if a.name == row.account and a.handle), row.account)
    page.wrapped(f"Or look at {handle} for “{row.title}”.", "  ")
    page.say(f"  There:      campaign confirm {_brief(row)} --account {row.account} --url URL")
    page.say(f"  Not there:  campaign retry {_brief(row)} --account {row.account}")


def _brief(row: Delivery) -> str:
    """The post as a command takes it: its date, where its name begins with that."""
    day = row.day.isoformat()
    return day if row.post.startswith(day) else row.post


def _failures(title: str, rows: Sequence[Delivery], mend: str, look: str = "bad") -> None:
    if not rows:
        return
    page.heading(f"{title}: {len(rows)}")
    for row in rows[:MOST]:
        click.echo(f"  {page.styled(row.post, look)}  {page.styled(row.account, 'dim')}")
        page.wrapped(row.reason, "    ")
    if len(rows) > MOST:
        page.say(f"  and {len(rows) - MOST} more: campaign status --json", "dim")
    page.say(f"  {mend}")


def _list(app: App, title: str, rows: Sequence[Delivery], none: str = "", *, outcome: bool = False) -> None:
    if not rows and not none:
        return
    page.heading(title)
    if not rows:
        page.say(f"  {none}", "dim")
    _table(app, rows, outcome=outcome)


def _table(app: App, rows: Sequence[Delivery], *, outcome: bool = False) -> None:
    """A line for each post, its accounts side by side where they stand alike."""
    alike: dict[tuple[str, page.Cell, str], list[str]] = {}
    for row in rows:
        at = local(row.published_at or row.next_attempt_at or row.scheduled_at, app)
        when = f"{at:%H:%M}" if outcome else f"{at:%a} {at.day:2} {at:%b %H:%M}"
        said = row.title
        if outcome and row.status != "scheduled":
            said = row.url or row.reason
        alike.setdefault((when, page.look_of(row), said), []).append(row.account)
    lines: list[list[page.Cell | str]] = [
        [page.Cell(when, "dim"), _names(accounts), state, said] for (when, state, said), accounts in alike.items()
    ]
    page.table(lines, indent="  ", cut=not outcome)


def _names(accounts: Sequence[str]) -> str:
    joined = ", ".join(accounts)
    return joined if len(joined) <= NAMES_MOST else f"{len(accounts)} accounts"


def _sum(seen: Overview) -> None:
    parts = [f"{count:,} {name}" for name, count in seen.counts.items()]
    later = (
        f" {page.plural(seen.waiting_later, 'delivery', 'deliveries')} later wait for approval."
        if seen.waiting_later
        else ""
    )
    click.echo()
    page.wrapped(f"All: {', '.join(parts)}.{later}", look="dim")


def _cost(cost: Cost) -> None:
    """What is queued for an account costs; in yellow when it is more than is on the account."""
    budget = cost.prices.budget
    over = f" That is more than its budget, {cost.prices.money(budget)}." if cost.over and budget is not None else ""
    page.wrapped(f"Queued for {cost.line}{over}", look="warn" if over else "dim")
