"""The stage of a rehearsal: a scratch queue, a clock of its own, the real feed, and stand-ins for the rest."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler import logbook, rehearsal, reports
from scheduler.app import App
from scheduler.errors import Refused
from scheduler.publishers import feed
from scheduler.publishing import Outlet
from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scheduler.config import Config
    from scheduler.intake import Intake
    from scheduler.model import Account, Delivery, Post
    from scheduler.planning import Planned
    from scheduler.rehearsal import Outcome

FOLDER = "rehearsal"  # in the project; also who acts in it
MARKER = ".made-by-campaign-rehearse"  # in a folder that a rehearsal may empty


def rehearse(
    app: App, start: date, end: date, *, drawn: Callable[[Post], None], told: Callable[[Delivery], None]
) -> reports.Rehearsal:
    """Play the days from `start` to `end` in ``rehearsal/``, to every account, as if all were approved.

    Nothing leaves the machine. `drawn` hears of each post whose cards are done, `told` of each delivery that ended.
    """
    _empty(app.root / FOLDER)
    zone = ZoneInfo(app.config.campaign.zone)
    clock = rehearsal.VirtualClock(datetime.combine(start - timedelta(days=1), datetime.min.time(), zone))
    scratch = App(_switched_on(app.config), clock=clock)
    scratch.store = Store(scratch.config.store_url, app.root, journal="memory")  # nothing in it needs to last
    try:
        found = scratch.read(accounts=scratch.config.accounts, drawn=drawn)
        found = replace(found, planned=tuple(p for p in found.planned if start <= p.day <= end))
        ended = _played(scratch, found, clock, told)
    finally:
        scratch.close()
    return reports.rehearsal(found, ended, app.config, (start, end), _waiting(app, found))


def _played(
    scratch: App, found: Intake, clock: rehearsal.VirtualClock, told: Callable[[Delivery], None]
) -> list[Outcome]:
    scratch.sync(found, FOLDER)
    with scratch.store.writing() as write:
        for row in write.deliveries():
            write.approve(row, FOLDER, "", clock.now())
    outlets = {a.name: _stand_in(scratch, a) for a in scratch.config.accounts}
    loop = scratch.publishing(outlets, wake=lambda: None, workers=0)
    return rehearsal.play(scratch.store, loop, clock, told)


def _stand_in(scratch: App, account: Account) -> Outlet:
    """What an account is rehearsed with: the feed is real, the others take what their network takes."""
    limits = scratch.limits[account.name]
    if account.network == "feed":
        return Outlet(feed.connect(account, None, root=scratch.root, now=scratch.clock.now), limits)
    return Outlet(rehearsal.StandIn(account, limits), limits)


def _waiting(app: App, found: Intake) -> tuple[Planned, ...]:
    """What nobody has approved in the real queue. A database that is not there yet is not made for the question."""
    if app.config.campaign.approval != "required":
        return ()
    if app.database_file is not None:
        approved = logbook.approved(app.database_file)
    else:
        with app.store.reading() as read:
            approved = read.approved()
    on = {a.name for a in app.config.accounts if a.enabled}
    return tuple(p for p in found.planned if p.account in on and p.message.digest not in approved)


def _switched_on(config: Config) -> Config:
    """The config with every account switched on, and all that is written going into ``rehearsal/``."""
    accounts = []
    for account in config.accounts:
        options = dict(account.options)
        if account.network == "feed":
            options["folder"] = f"{FOLDER}/{options.get('folder', 'site')}"
        accounts.append(replace(account, enabled=True, options=options))
    return replace(config, accounts=tuple(accounts), store_url=f"sqlite:///{FOLDER}/campaign.db")


def _empty(folder: Path) -> None:
    """Make an empty folder. Raises Refused when it holds what no rehearsal made."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise Refused(f"The folder {folder.name}/ holds files that no rehearsal made. Move them away first.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    told = "Made by `campaign rehearse`, which empties this folder each time.\n"
    (folder / MARKER).write_text(told, encoding="utf-8")
