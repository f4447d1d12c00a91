"""`campaign check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler import checks, costs, reports
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, Command, Shell, as_json, draft_of, json_option, read
from scheduler.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE_MOST = 8  # facts to look at again that are listed with what to open


@click.command(
    cls=Command,
    examples=(
        "campaign check",
        "campaign check 2027-01-09",
    ),
)
@click.argument("posts", nargs=-1, metavar="[POST]...")
@click.option("--all-accounts", is_flag=True, help="Also for accounts that are switched off.")
@json_option
@click.pass_obj
def check(shell: Shell, posts: tuple[str, ...], *, all_accounts: bool, json_: bool) -> None:
    """Check the drafts, the ledger and the config.

    Errors keep a post out of the queue; warnings show. A POST is a file, a date, or the beginning of a
    file's name.
    """
    app = shell.app()
    paths = [draft_of(app.root, name) for name in posts]
    wanted = [a for a in app.config.accounts if a.enabled or all_accounts]
    found = read(app, wanted)
    of_costs = checks.check_costs(found.messages.values(), wanted, app.config.campaign, app.limits)
    problems = [p for p in (*app.problems, *of_costs, *found.problems) if not paths or p.path in paths]
    looks = [r for r in reports.rechecks(found, app.config.campaign) if not paths or {*paths} & {*r.paths}]
    slugs = {p.slug for p in found.posts if not paths or p.path in paths}
    messages = ((m, 0) for (slug, _), m in found.messages.items() if slug in slugs)
    cost = costs.by_account(messages, wanted, app.limits)
    if json_:
        recheck = [r.as_values() for r in looks]
        as_json({"problems": problems, "recheck": recheck, "costs": [c.as_values() for c in cost]})
    else:
        _show(problems, looks, len(paths) or len(found.posts) + len({p for p, a in found.broken if not a}))
        for one in cost:
            page.say(one.line, "dim")
    if any(p.severity is Severity.ERROR for p in problems):
        shell.context.exit(BROKEN)


def _show(problems: Sequence[Problem], looks: Sequence[reports.Recheck], drafts: int) -> None:
    errors = [p for p in problems if p.severity is Severity.ERROR]
    warnings = [p for p in problems if p.severity is Severity.WARNING and p.rule != reports.RECHECK]
    for title, some, look in (("Errors", errors, "bad"), ("Warnings", warnings, "warn")):
        if some:
            page.heading(f"{title}: {len(some)}", gap=some is warnings and bool(errors))
        for problem in some:
            show(problem, look)
    checklist(looks)
    click.echo()
    said = (
        f"{page.plural(drafts, 'draft')}: {page.plural(len(errors), 'error')}, {page.plural(len(warnings), 'warning')}"
    )
    tail = f", {page.plural(len(looks), 'fact')} to look at again" if looks else ""
    page.say(f"{said}{tail}.", "bad" if errors else "good")


def show(problem: Problem, look: str, indent: str = "") -> None:
    """One problem: where, what, and how to mend it."""
    where = f"{problem.path}:{problem.line}" if problem.line else problem.path
    rule = f"{problem.rule} · {problem.account}" if problem.account else problem.rule
    click.echo(f"{indent}{page.styled(where, look)}  {page.styled(rule, 'dim')}")
    page.wrapped(f"{problem.text} {problem.mend}", f"{indent}    ")


def checklist(looks: Sequence[reports.Recheck]) -> None:
    """What a person must look at again before it is used this season; of many, their ids."""
    if not looks:
        return
    page.heading(f"To look at again on live pages: {page.plural(len(looks), 'fact')}")
    if len(looks) > WHOLE_MOST:
        page.wrapped(" ".join(r.fact.id for r in looks), "  ", look="warn")
        page.say("  What to open or dial for each:  campaign facts --due")
    else:
        page.table([[page.Cell(r.fact.id, "warn"), r.what] for r in looks], indent="  ")
        page.say("  Then write the day below it in posts/facts.toml:  checked = 2026-12-14", "dim")
