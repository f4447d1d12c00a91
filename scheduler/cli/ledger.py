"""`campaign facts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler import phrases, reports
from scheduler.cli import page
from scheduler.cli.checking import show
from scheduler.cli.shell import BROKEN, Command, Shell, as_json, json_option
from scheduler.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.model import Fact


@click.command(
    cls=Command,
    examples=(
        "campaign facts --due",
        "campaign facts S33",
    ),
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--due", is_flag=True, help="Only those that a person must look at again, with what to open or dial.")
@json_option
@click.pass_obj
def facts(shell: Shell, ids: tuple[str, ...], *, due: bool, json_: bool) -> None:
    """Show the ledger, and which drafts use each fact."""
    app = shell.app()
    found = app.read(accounts=())
    unknown = [i for i in ids if i not in found.ledger]
    if unknown:
        raise Refused(f"There is no fact {', '.join(unknown)} in posts/facts.toml.")
    looks = {r.fact.id: r for r in reports.rechecks(found, app.config.campaign, every=True)}
    uses = reports.uses(found)
    chosen = [f for i, f in found.ledger.items() if (not ids or i in ids) and (not due or i in looks)]
    broken = [p for p in found.errors if p.path == "posts/facts.toml"]
    if json_:
        as_json([{**_as_values(f), "due": f.id in looks, "used_by": uses.get(f.id, ())} for f in chosen])
    elif due:
        _show_due([looks[f.id] for f in chosen])
    elif ids:
        for fact in chosen:
            _show_one(fact, uses.get(fact.id, ()), looks.get(fact.id))
    else:
        _show_all(chosen, uses, looks)
    for problem in () if json_ else broken:
        show(problem, "bad")
    if broken:
        shell.context.exit(BROKEN)


def _as_values(fact: Fact) -> Mapping[str, object]:
    return {
        name: getattr(fact, name)
        for name in ("id", "kind", "statement", "figure", "data_year", "publisher", "title", "url", "evidence")
    } | {"checked": fact.checked, "recheck": fact.recheck}


def _show_all(chosen: Sequence[Fact], uses: Mapping[str, Sequence[str]], looks: Mapping[str, object]) -> None:
    rows: list[list[page.Cell | str]] = []
    for fact in chosen:
        state = page.Cell("due", "warn") if fact.id in looks else page.Cell("ok", "good")
        if not fact.verified:
            state = page.Cell("no", "bad")
        used = len(uses.get(fact.id, ()))
        rows.append([page.Cell(fact.id, "strong"), state, page.Cell(f"{used}×" if used else "", "dim"), fact.statement])
    page.table(rows, head=("", "", "used", "statement"))
    click.echo()
    page.say(
        f"{page.plural(len(chosen), 'fact')}; ok: may be used, due: look again this season, no: unverified.", "dim"
    )


def _show_one(fact: Fact, used: Sequence[str], look: reports.Recheck | None) -> None:
    page.heading(f"{fact.id}  {fact.figure}".rstrip(), fact.kind)
    page.wrapped(fact.statement)
    rows = [("Source", f"{phrases.source(fact, 'en')}: {fact.title}"), ("", fact.url), ("Evidence", fact.evidence)]
    rows += [("Checked", str(fact.checked or "not yet"))]
    rows += [("Note", fact.note)] if fact.note else []
    rows += [("Look again", look.what)] if look else []
    rows += [("Used by", ", ".join(used) or "no draft")]
    page.table([[page.Cell(name, "dim"), value] for name, value in rows], indent="  ")


def _show_due(looks: Sequence[reports.Recheck]) -> None:
    if not looks:
        page.say("Nothing is due.", "good")
        return
    page.say(f"{page.plural(len(looks), 'fact')} to open or dial again this season", "strong")
    for look in looks:
        used = f"used {len(look.paths)}×" if look.paths else "not used"
        click.echo()
        click.echo(f"{page.styled(look.fact.id, 'warn')}  {page.styled(used, 'dim')}")
        page.wrapped(look.what, "    ")
        if look.fact.url:
            page.say(f"    {look.fact.url}", "dim")
    click.echo()
    page.say("Then write the day below the fact in posts/facts.toml: checked = 2026-12-14", "dim")
