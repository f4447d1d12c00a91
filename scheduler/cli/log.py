"""`campaign log`: instant on a million rows, so it imports no more than it needs."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler import logbook
from scheduler.cli import page
from scheduler.cli.shell import DAY, Command, Shell
from scheduler.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

LOOKS = {
    "published": "good",
    "part": "good",
    "failed": "bad",
    "unconfirmed": "bad",
    "missed": "bad",
    "account stopped": "bad",
    "approval voided": "warn",
    "held": "warn",
    "paused": "warn",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


@click.command(
    cls=Command,
    examples=(
        "campaign log --account mastodon --kind failed",
        "campaign log --day 2027-01-09 --format csv > day.csv",
    ),
)
@click.option("--account", default="", metavar="NAME", help="Only this account.")
@click.option("--kind", default="", metavar="WORD", help="Only this kind: published, failed, approved, paused, …")
@click.option("--post", default="", metavar="POST", help="Only this post, or those whose name begins so.")
@click.option("--actor", default="", metavar="NAME", help="Only what this person, or the daemon, did.")
@click.option("--words", default="", metavar="TEXT", help="Only rows with these words.")
@click.option("--day", type=DAY, metavar="DATE", help="What happened on this day.")
@click.option("--since", type=DAY, metavar="DATE", help="From this day on.")
@click.option("--until", type=DAY, metavar="DATE", help="Up to this day, included.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N", help="At most so many.")
@click.option("--before", type=int, metavar="ID", help="The page before the row with this id.")
@click.option("--detail", is_flag=True, help="With the raw answers of the networks.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.pass_obj
def log(
    shell: Shell,
    account: str,
    kind: str,
    post: str,
    actor: str,
    words: str,
    day: date | None,
    since: date | None,
    until: date | None,
    limit: int,
    before: int | None,
    form: str,
    *,
    detail: bool,
    json_: bool,
) -> None:
    """Show what happened, newest first: who or what did it, when, to which post, with what answer."""
    if day and (since or until):
        raise click.UsageError("Write --day, or --since and --until; not both.")
    database, zone = _project(shell.root)
    query = logbook.Query(
        account=account,
        kind=kind,
        post=Path(post).name.removesuffix(".md"),
        actor=actor,
        words=words,
        since=_start(day or since, zone),
        until=_start(day or until, zone, days=1),
        before=before,
        limit=limit,
    )
    rows = logbook.read(database, query) if database else shell.app().log(query)
    form = "json" if json_ else form
    if form == "csv":
        click.echo(_csv(rows, zone), nl=False)
    elif form == "json":
        click.echo(json.dumps([_values(r, zone) for r in rows], ensure_ascii=False, indent=2))
    else:
        _table(rows, zone, limit, detail=detail)


def _project(root: Path) -> tuple[Path | None, ZoneInfo]:
    """The database's file, if it is one, and the campaign's zone: all that this needs of config.toml."""
    import tomllib  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        values = tomllib.loads((root / "config.toml").read_text(encoding="utf-8-sig"))
        url = str(values.get("store", {}).get("url", "sqlite:///var/campaign.db"))
        zone = ZoneInfo(str(values["campaign"]["zone"]))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConfigError("config.toml cannot be read. `campaign check` says what is wrong with it.") from error
    plain = url.startswith("sqlite:///") and "?" not in url
    return (root / url.removeprefix("sqlite:///") if plain else None), zone


def _start(day: date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time(), zone)


def _values(row: logbook.Entry, zone: ZoneInfo) -> dict[str, object]:
    return {**row._asdict(), "at": row.at.astimezone(zone).isoformat(timespec="seconds")}


def _csv(rows: Sequence[logbook.Entry], zone: ZoneInfo) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(logbook.Entry._fields)
    for row in rows:
        values = {**row._asdict(), "at": f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"}
        writer.writerow([_tame(str(v)) for v in values.values()])
    return out.getvalue()


def _tame(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _table(rows: Sequence[logbook.Entry], zone: ZoneInfo, limit: int, *, detail: bool) -> None:
    if not rows:
        page.say("Nothing is in the log that fits.", "dim")
        return
    last: date | None = None
    for row in rows:
        at = row.at.astimezone(zone)
        if at.date() != last:
            page.heading(f"{at:%A} {at.day} {at:%B %Y}", f"{at:%Z}" if last is None else "", gap=last is not None)
            last = at.date()
        _row(row, at, detail=detail)
    if len(rows) == limit:
        click.echo()
        page.say(f"Older ones: add --before {rows[-1].id}", "dim")


def _row(row: logbook.Entry, at: datetime, *, detail: bool) -> None:
    about = " → ".join(part for part in (row.post, row.account) if part)
    who = "" if row.actor == "daemon" else f"by {row.actor}"
    head = [page.styled(f"{at:%H:%M:%S}", "dim"), page.styled(row.kind, LOOKS.get(row.kind, "strong"))]
    head += [part for part in (about, page.styled(who, "dim")) if part]
    click.echo("  ".join(head))
    if row.text.rstrip(".").lower() != row.kind:
        page.wrapped(row.text, " " * 10)
    if row.url:
        page.say(f"{' ' * 10}{row.url}", "dim")
    if detail and row.detail:
        page.wrapped(row.detail, " " * 10, look="dim")
