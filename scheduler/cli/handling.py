"""`campaign move`, `hold`, `cancel`, `retry` and `confirm`: what a person does to a post."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from scheduler import reports
from scheduler.cli import page
from scheduler.cli.checking import show
from scheduler.cli.shell import (
    BROKEN,
    DAY,
    TIME,
    Command,
    Shell,
    account_of,
    account_option,
    by_option,
    note_option,
    read,
)
from scheduler.errors import Refused
from scheduler.model import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from scheduler.app import App
    from scheduler.model import Delivery


@click.command(
    cls=Command,
    examples=(
        "campaign move 2027-01-09 --to 2027-01-12",
        "campaign move 2027-01-09 --to 2027-01-12 --time 14:30",
    ),
)
@click.argument("post")
@click.option("--to", "day", type=DAY, required=True, metavar="DATE", help="The new day.")
@click.option("--time", "at", type=TIME, metavar="HH:MM", help="The new time, in the campaign's zone.")
@by_option
@click.pass_obj
def move(shell: Shell, post: str, day: date, at: time | None, by: str) -> None:
    """Move a draft to another day: its date line and its file's name change, nothing else. Approvals stay."""
    app = shell.app()
    campaign = app.config.campaign
    if not campaign.start <= day <= campaign.end:
        raise Refused(f"{day} is outside the campaign. Choose a day from {campaign.start} to {campaign.end}.")
    path = app.move(post, day, at)
    page.say(f"It is now posts/{path.name}.", "good")
    found = read(app)
    for change in app.sync(found, by):
        if change.after.post == path.stem:
            page.say(f"{change.after.account}: {reports.clock_time(change.after.scheduled_at, campaign)}.")
    name = f"posts/{path.name}"  # a clash may stand at the other draft of the day
    problems = [p for p in found.problems if (p.path == name or name in p.text) and p.rule != reports.RECHECK]
    for problem in problems:
        show(problem, "bad" if problem.severity is Severity.ERROR else "warn")
    if any(p.severity is Severity.ERROR for p in problems):
        shell.context.exit(BROKEN)


@click.command(
    cls=Command,
    examples=(
        'campaign hold 2027-01-09 --note "The partner asked us to wait"',
        "campaign hold 2027-01-09 --release",
    ),
)
@click.argument("post")
@account_option
@note_option
@click.option("--release", is_flag=True, help="Let it go on.")
@by_option
@click.pass_obj
def hold(shell: Shell, post: str, account: str | None, note: str, by: str, *, release: bool) -> None:
    """Stop a post until it is released, and release it."""
    app = shell.app()
    if release:
        rows = _rows(app, post, account, Status.HELD)
        app.release(rows, by)
    else:
        rows = _rows(app, post, account, Status.SCHEDULED)
        app.hold(rows, by, note)
    _tell(app, rows)


@click.command(cls=Command, examples=('campaign cancel 2027-01-09 --account x --note "Said it already"',))
@click.argument("post")
@account_option
@note_option
@by_option
@click.pass_obj
def cancel(shell: Shell, post: str, account: str | None, note: str, by: str) -> None:
    """Take a post off, also a failed or missed one that is not to be sent any more. The draft stays."""
    app = shell.app()
    rows = _rows(app, post, account, Status.SCHEDULED, Status.HELD, Status.FAILED, Status.MISSED)
    app.cancel(rows, by, note)
    _tell(app, rows)


@click.command(cls=Command, examples=("campaign retry 2027-01-09 --account mastodon",))
@click.argument("post")
@account_option
@click.option("--yes", is_flag=True, help="I have looked at the account: it is not there.")
@by_option
@click.pass_obj
def retry(shell: Shell, post: str, account: str | None, by: str, *, yes: bool) -> None:
    """Send a failed, missed or cancelled one again, at once. For an unconfirmed one, look at the account first."""
    app = shell.app()
    rows = _rows(app, post, account, Status.FAILED, Status.MISSED, Status.UNCONFIRMED)
    for row in rows:
        if row.status is Status.UNCONFIRMED and not yes:
            _have_looked(row)
    app.retry(rows, by)
    app.sync(read(app), by)  # what was edited meanwhile is not sent in its old words
    if any(r.status is Status.MISSED for r in rows):
        page.say("It goes out late: as soon as the daemon has its turn.", "warn")
    _tell(app, rows)


def _have_looked(row: Delivery) -> None:
    page.wrapped(f"{row.post} to {row.account} may be out already. {row.reason}", look="warn")
    page.wrapped(f"If it is, use instead: campaign confirm {row.post} --account {row.account} --url URL")
    if not click.confirm(f"Have you looked at {row.account}, and it is not there?"):
        raise Refused("Nothing was done. Look first: a second copy cannot be taken back.")


@click.command(
    cls=Command, examples=("campaign confirm 2027-01-09 --account x --url https://x.com/lanternproject/status/1",)
)
@click.argument("post")
@click.option("--account", required=True, metavar="NAME", help="The account on which you saw it.")
@click.option("--url", required=True, help="Its address there.")
@by_option
@click.pass_obj
def confirm(shell: Shell, post: str, account: str, url: str, by: str) -> None:
    """Say that an unclear one is out: you saw it on the account."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", url):
        raise click.BadParameter("Write the whole address, with https://.", param_hint="--url")
    app = shell.app()
    rows = _rows(app, post, account, Status.UNCONFIRMED, Status.HELD, Status.MISSED, Status.FAILED)
    app.confirm(rows[0], by, url)
    _tell(app, rows)


def _rows(app: App, post: str, account: str | None, *states: Status) -> Sequence[Delivery]:
    """The deliveries of a post that are in one of the states; if none is, all, so that the refusal names its own."""
    if account:
        account_of(app, account)
    rows = app.find(post, account)
    return [r for r in rows if r.status in states] or rows


def _tell(app: App, rows: Sequence[Delivery]) -> None:
    """How they stand now."""
    campaign = app.config.campaign
    with app.store.reading() as asked:
        now = [asked.delivery(r.id) or r for r in rows]
    table: list[list[page.Cell | str]] = []
    for row in now:
        said = row.reason
        if row.status is Status.SCHEDULED:
            said += f" {reports.clock_time(max(row.next_attempt_at or row.scheduled_at, row.scheduled_at), campaign)}."
            said += "" if row.approved else " It waits for approval."
        table.append([page.Cell(row.account, "strong"), page.look_of(row), f"{said} {row.url}".strip()])
    page.say(now[0].post, "dim")
    page.table(table)
