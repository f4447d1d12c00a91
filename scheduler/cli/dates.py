"""`campaign calendar`."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler import calendars
from scheduler.cli import page
from scheduler.cli.shell import Command, Shell


@click.command(cls=Command, examples=("campaign calendar -o january.ics",))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it. Default: print it.",
)
@click.pass_obj
def calendar(shell: Shell, output: Path | None) -> None:
    """Write the month as a calendar file (.ics) for Outlook, Google or Apple calendars.

    Importing it again moves the entries; it does not double them.
    """
    app = shell.app()
    found = app.read(accounts=())
    data = calendars.month(found.posts, app.config.campaign, app.config.accounts, made=app.clock.now())
    if output is None:
        click.echo(data, nl=False)
    else:
        output.write_bytes(data)
        page.say(f"{page.plural(len(found.posts), 'post')} in {output}.", "good")
    left = {p.path for p in found.errors if p.path.endswith(".md")} - {p.path for p in found.posts}
    if left:
        page.say(
            f"Left out, as they cannot be read: {', '.join(sorted(left))}. See `campaign check`.", "warn", err=True
        )
