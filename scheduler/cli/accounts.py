"""`campaign accounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler import connecting
from scheduler.app import local
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, Command, Shell, account_of, as_json, json_option, progress
from scheduler.errors import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.app import App
    from scheduler.connecting import Standing
    from scheduler.model import Account
    from scheduler.probing import Probe


@click.command(
    cls=Command,
    examples=(
        "campaign accounts",
        "campaign accounts mastodon --offline",
    ),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--offline", is_flag=True, help="Show what was found last; ask no network.")
@json_option
@click.pass_obj
def accounts(shell: Shell, name: str | None, *, offline: bool, json_: bool) -> None:
    """Show how each account stands: who the network says it is, rights, expiry, last post, what waits.

    The networks are asked, side by side; nothing is posted. Exits with 1 if an account needs a person.
    """
    app = shell.app()
    chosen = [account_of(app, name)] if name else [a for a in app.config.accounts if a.enabled]
    probes = connecting.remembered(app) if offline else _asked(app, chosen)
    found = connecting.standings(app, chosen, probes)
    if json_:
        as_json({"accounts": [_values(s) for s in found]})
    else:
        _show(app, found, offline=offline)
        _off(app, None if not name else found[0].account)
    if any(s.needs_person for s in found):
        shell.context.exit(BROKEN)


def _asked(app: App, chosen: Sequence[Account]) -> dict[str, Probe]:
    with progress("Asking the networks", len(chosen)) as bar:
        probes = connecting.check_all(app, chosen, done=bar)
    if connecting.has_queue(app):
        try:
            connecting.remember(app, probes)
        except StoreBusy as error:  # the answer is worth more than its note
            page.say(error.text, "warn", err=True)
    return probes


def _show(app: App, found: Sequence[Standing], *, offline: bool) -> None:
    rows: list[list[page.Cell | str]] = []
    for one in found:
        if rows:
            rows.append(["", "", ""])
        first, *more = _lines(app, one, offline=offline)
        rows.append([page.Cell(one.account.name, "strong"), _state(one), first])
        rows += [["", "", line] for line in more]
    page.table(rows)


def _state(one: Standing) -> page.Cell:
    if one.stopped:
        return page.Cell("stopped", "bad")
    if one.probe is None:
        return page.Cell("not asked", "dim")
    if one.wrong:
        return page.Cell("problem", "bad")
    if one.probe.health.warnings:
        return page.Cell("warning", "warn")
    return page.Cell("ok", "good")


def _lines(app: App, one: Standing, *, offline: bool) -> list[page.Cell | str]:
    """What is told of an account: who, what is wrong, what it may, and what it did and will do."""
    found: list[page.Cell | str] = [_who(one)]
    if one.stopped:
        found.append(page.Cell(_mend_below(f"Nothing is sent: {one.stopped}"), "bad"))
    found += [page.Cell(_mend_below(text), "bad") for text in one.wrong if text != one.stopped]
    if one.stopped:
        found.append(f"Mended?  campaign resume --account {one.account.name}")
    if one.probe:
        found += [page.Cell(_mend_below(text), "warn") for text in one.probe.health.warnings]
        found += _facts(app, one.probe, offline=offline)
    if one.last:
        found.append(f"Last   {_day(one.last.published_at or one.last.scheduled_at, app)}")
        found += [page.Cell(one.last.url, "dim")] if one.last.url else []
    if one.next:
        waits = "" if one.next.approved else ", not approved yet"
        more = f", {one.waiting:,} wait in all" if one.waiting > 1 else ""
        found.append(f"Next   {_day(one.next.next_attempt_at or one.next.scheduled_at, app)}{waits}{more}")
    if one.wait_until:
        found.append(page.Cell(f"Not before {_day(one.wait_until, app)}: between two posts, or as asked.", "dim"))
    return found


def _who(one: Standing) -> page.Cell:
    """Whom the network names; as long as it has not, the name in config.toml."""
    if one.probe and one.probe.health.who:
        return page.Cell(f"{one.probe.health.who} on {one.account.network}")
    return page.Cell(f"{one.account.handle or one.account.name} on {one.account.network}", "dim")


def _mend_below(text: str) -> str:
    """A sentence with the command that mends it on a line of its own, to be copied whole."""
    return text.replace(" Run `", "\nRun `")


def _facts(app: App, probe: Probe, *, offline: bool) -> list[page.Cell | str]:
    parts = []
    if probe.health.rights:
        parts.append(f"may {', '.join(probe.health.rights)}")
    if probe.health.expires_at:
        parts.append(f"until {_day(probe.health.expires_at, app)}")
    elif not probe.health.problem:
        parts.append("does not expire")
    if offline:
        parts.append(f"asked {_day(probe.at, app)}")
    return [page.Cell(" · ".join(parts), "dim")] if parts else []


def _day(instant: datetime, app: App) -> str:
    at = local(instant, app)
    year = "" if at.year in (app.config.campaign.start.year, app.config.campaign.end.year) else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year} {at:%H:%M}"


def _off(app: App, only: Account | None) -> None:
    """Which accounts are switched off; `only` the one that was asked for."""
    off = ", ".join(a.name for a in app.config.accounts if not a.enabled and only in (None, a))
    if off:
        page.say()
        page.wrapped(f"Switched off in config.toml: {off}", look="dim")


def _values(one: Standing) -> dict[str, object]:
    """For other programs."""
    health = one.probe.health if one.probe else None
    return {
        "name": one.account.name,
        "network": one.account.network,
        "enabled": one.account.enabled,
        "handle": one.account.handle,
        "asked_at": one.probe.at if one.probe else None,
        "who": health.who if health else "",
        "rights": health.rights if health else (),
        "expires_at": health.expires_at if health else None,
        "problems": one.wrong,
        "warnings": health.warnings if health else (),
        "stopped": one.stopped,
        "wait_until": one.wait_until,
        "last": {"at": one.last.published_at, "post": one.last.post, "url": one.last.url} if one.last else None,
        "waiting": one.waiting,
        "next": {"at": one.next.next_attempt_at or one.next.scheduled_at, "post": one.next.post} if one.next else None,
    }
