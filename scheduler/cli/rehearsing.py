"""`campaign rehearse`."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler import costs, stage
from scheduler.cli import page
from scheduler.cli.checking import checklist, show
from scheduler.cli.shell import BROKEN, DAY, Command, Shell, as_json, json_option, progress
from scheduler.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scheduler.app import App
    from scheduler.model import Delivery, Post
    from scheduler.reports import Rehearsal

LOOKS = {"ok": "good", "late": "warn", "fails": "bad", "missed": "bad", "error": "bad"}
NOTHING = "—"
CHECKLIST = "checklist.md"
DAY_WIDTH = 6  # "Fri 31"


@click.command(
    cls=Command,
    examples=(
        "campaign rehearse",
        "campaign rehearse --from 2027-01-09 --to 2027-01-15",
    ),
)
@click.option("--from", "start", type=DAY, metavar="DATE", help="The first day. Default: the campaign's.")
@click.option("--to", "end", type=DAY, metavar="DATE", help="The last day. Default: the campaign's.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Copy the result to this new folder; rehearsal/ is emptied each time.",
)
@json_option
@click.pass_obj
def rehearse(shell: Shell, start: date | None, end: date | None, keep: Path | None, *, json_: bool) -> None:
    """Play the whole month in fast-forward, with the real program on a clock of its own. Nothing is sent.

    The feed is really written, into the folder rehearsal; every other account, also one that is switched off,
    has a stand-in that takes what its network takes. Exits with 1 if anything would not go out.
    """
    app = shell.app()
    first, last = _span(app, start, end)
    if keep is not None and keep.exists():
        raise Refused(f"{keep} exists already. Name a new folder.")
    result = _played(app, first, last)
    _checklist(result, app)
    if keep is not None:
        shutil.copytree(app.root / "rehearsal", keep)
    if json_:
        as_json(_as_values(result))
    else:
        _show(app, result, keep)
    if not result.fine:
        shell.context.exit(BROKEN)


def _span(app: App, start: date | None, end: date | None) -> tuple[date, date]:
    campaign = app.config.campaign
    first, last = start or campaign.start, end or campaign.end
    if not campaign.start <= first <= last <= campaign.end:
        raise Refused(f"Choose days from {campaign.start} to {campaign.end}, the first one first.")
    return first, last


def _played(app: App, first: date, last: date) -> Rehearsal:
    drafts = len(list((app.root / "posts").glob("*.md")))
    planned = drafts * len(app.config.accounts)
    with ExitStack() as bars:
        drawing = bars.enter_context(progress("Drawing the cards", drafts))
        playing = drawing

        def drawn(post: Post) -> None:
            drawing(f"{post.date:%a} {post.date.day:2} {post.date:%b}")

        def told(row: Delivery) -> None:
            nonlocal playing
            if playing is drawing:
                playing = bars.enter_context(progress("Playing the month", planned))
            playing(f"{row.day:%a} {row.day.day:2} {row.day:%b}")

        return stage.rehearse(app, first, last, drawn=drawn, told=told)


def _as_values(result: Rehearsal) -> dict[str, object]:
    marks = [{"day": d, "account": a, "result": m} for (d, a), m in sorted(result.marks.items())]
    return {
        "fine": result.fine,
        "published": result.published,
        "marks": marks,
        "problems": result.problems,
        "stopped": result.stopped,
        "waiting": [{"post": p.post, "account": p.account} for p in result.waiting],
        "recheck": [r.as_values() for r in result.looks],
        "sites": result.sites,
    }


def _show(app: App, result: Rehearsal, keep: Path | None) -> None:
    first, last = result.days[0], result.days[-1]
    page.say(app.config.campaign.name, "strong")
    page.say(
        f"Rehearsed {first:%a} {first.day} {first:%b} to {last:%a} {last.day} {last:%b %Y}; nothing was sent.", "dim"
    )
    for block in _blocks(result):
        click.echo()
        _table(result, block)
    _stopped(result)
    checklist(result.looks)
    _end(app, result, keep)


def _blocks(result: Rehearsal) -> Iterator[list[tuple[str, bool, int]]]:
    """The accounts in groups that fit side by side: name, whether it is on, and the width of its column."""
    block: list[tuple[str, bool, int]] = []
    used = DAY_WIDTH
    for name, on in result.accounts:
        marks = [m for (_, a), m in result.marks.items() if a == name]
        wide = max(len(name), *(len(m) for m in marks), 0 if on else len("off"))
        if block and used + len(page.GAP) + wide > page.width():
            yield block
            block, used = [], DAY_WIDTH
        block.append((name, on, wide))
        used += len(page.GAP) + wide
    yield block


def _table(result: Rehearsal, block: Sequence[tuple[str, bool, int]]) -> None:
    def line(start: str, cells: Sequence[tuple[str, str]]) -> None:
        shown = [
            page.styled(text, look) + " " * (w - len(text))
            for (text, look), (_, _, w) in zip(cells, block, strict=True)
        ]
        click.echo((start.ljust(DAY_WIDTH) + page.GAP + page.GAP.join(shown)).rstrip())

    line("", [(name, "strong") for name, _, _ in block])
    if not all(on for _, on, _ in block):
        line("", [("" if on else "off", "dim") for _, on, _ in block])
    for day in result.days:
        marks = [result.marks.get((day, name), NOTHING) for name, _, _ in block]
        line(f"{day:%a} {day.day:2}", [(m, LOOKS.get(m, "dim")) for m in marks])


def _stopped(result: Rehearsal) -> None:
    if result.fine:
        return
    page.heading("What would not go out")
    for problem in result.problems:
        show(problem, "bad", "  ")
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in result.stopped:
        reasons.setdefault((one.post, one.reason), []).append(one.account)
    for (post, reason), accounts in reasons.items():
        click.echo(f"  {page.styled(post, 'bad')}  {page.styled(', '.join(accounts), 'dim')}")
        page.wrapped(f"{reason} See it with `campaign preview {post[:10]}`.", " " * 6)


def _checklist(result: Rehearsal, app: App) -> None:
    """Write the checklist to print and tick off, beside the rehearsed feed."""
    lines = [f"# {app.config.campaign.name}: facts to look at again", ""]
    for look in result.looks:
        drafts = ", ".join(p.removeprefix("posts/") for p in look.paths)
        lines += [f"- [ ] {look.fact.id}: {look.what}", f"      {look.fact.url}", f"      used in {drafts}", ""]
    lines.append("Then write the day below the fact in posts/facts.toml: checked = 2026-12-14")
    (app.root / "rehearsal" / CHECKLIST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _end(app: App, result: Rehearsal, keep: Path | None) -> None:
    off = [name for name, on in result.accounts if not on]
    rows: list[tuple[page.Cell, str]] = []
    if result.waiting:
        posts = page.plural(len({p.post for p in result.waiting}), "post")
        number = page.plural(len(result.waiting), "delivery", "deliveries")
        rows.append((page.Cell("Waits for approval", "dim"), f"{posts} in {number}: campaign approve --all"))
    if off:
        rows.append((page.Cell("Switched off", "dim"), f"{', '.join(off)}: rehearsed with stand-ins"))
    cost = costs.by_account(((m, 0) for m in result.messages), app.config.accounts, app.limits)
    rows += [(page.Cell("The cost", "dim"), one.line.removesuffix(".")) for one in cost]
    folder = keep.as_posix() if keep else "rehearsal"
    rows += [(page.Cell("The feed", "dim"), f"{folder}{s.removeprefix('rehearsal')}/index.html") for s in result.sites]
    rows.append((page.Cell("The cards", "dim"), "images/cards/"))
    if result.looks:
        rows.append((page.Cell("The checklist", "dim"), f"{folder}/{CHECKLIST}"))
    click.echo()
    page.table(rows)
    click.echo()
    went = f"{page.plural(result.published, 'delivery', 'deliveries')} on {page.plural(result.days_out, 'day')}"
    late = sum(m == "late" for m in result.marks.values())
    if result.fine:
        page.say(f"All well: {went}, {f'{late} of them late' if late else 'all in time'}.", "good")
    else:
        page.say(f"Not yet: {went} went out; see above what would not.", "bad")
