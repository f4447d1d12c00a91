"""`campaign doctor`."""

from __future__ import annotations

import click

from scheduler import doctor as doctors
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, Command, Shell, as_json, json_option
from scheduler.doctor import State

LOOKS = {State.OK: "good", State.WARNING: "warn", State.PROBLEM: "bad"}


@click.command(cls=Command, examples=("campaign doctor",))
@json_option
@click.pass_obj
def doctor(shell: Shell, *, json_: bool) -> None:
    """Check the machine, the files, the database and the accounts. Exits with 1 on a problem."""
    found = doctors.look(shell.app())
    if json_:
        as_json(found)
    else:
        rows: list[list[page.Cell | str]] = []
        last = ""
        for one in found:
            text = f"{one.text}\n{one.mend}" if one.mend else one.text
            what = "" if one.what == last else one.what
            rows.append([page.Cell(what, "strong"), page.Cell(str(one.state), LOOKS[one.state]), text])
            last = one.what
        page.table(rows)
    if any(one.state is State.PROBLEM for one in found):
        shell.context.exit(BROKEN)
