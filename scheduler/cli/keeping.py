"""`campaign backup` and `campaign restore`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler import keeping
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, Command, Shell, by_option
from scheduler.errors import Refused
from scheduler.store import backup as copies

if TYPE_CHECKING:
    from scheduler.app import App

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command, examples=("campaign backup /mnt/usb/campaign-2027-01-09.db",))
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def backup(shell: Shell, file: Path, *, force: bool) -> None:
    """Copy the database to FILE, whole and checked, also while the daemon runs.

    The drafts, the ledger and the config are files of the project: keep them in git.
    """
    app = shell.app()
    copies.copy(_database(app, "pg_dump --format=custom --file", file), file, force=force)
    page.say(f"Copied and checked: {file} ({file.stat().st_size // 1000 + 1:,} kB).", "good")


@click.command(cls=Command, examples=("campaign restore /mnt/usb/campaign-2027-01-09.db",))
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@by_option
@click.pass_obj
def restore(shell: Shell, file: Path, by: str, *, yes: bool) -> None:
    """Put a copy back. The daemon must be stopped; the present database is kept beside it.

    The copy does not know what went out after it was made. So what was due since then is held: look at the
    account, then confirm or release it.
    """
    app = shell.app()
    database = _database(app, "pg_restore --clean --dbname", file)
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    if not yes and not click.confirm(f"Put {file} in the place of {database.name}?"):
        raise Refused("Nothing was done.")
    done = keeping.restore(app, file, by)
    page.say(f"Restored from {file}, made at {done.made}.", "good")
    if done.kept:
        page.say(f"The database as it was: {done.kept}", "dim")
    page.say("The campaign is paused: later pauses, holds and cancels are not in the copy. Look, then campaign resume.")
    if done.held:
        page.heading(f"Held, as they may be out already: {len(done.held)}")
        page.table([[page.Cell(r.account, "warn"), r.post] for r in done.held], indent="  ")
        page.say("  Out:      campaign confirm POST --account NAME --url URL")
        page.say("  Not out:  campaign hold POST --account NAME --release")
        shell.context.exit(BROKEN)


def _database(app: App, command: str, file: Path) -> Path:
    if app.database_file is None:
        server = app.config.store_url.replace("postgresql+psycopg:", "postgresql:")
        words = f"{command} {shlex.quote(str(file))} {shlex.quote(server)}"
        if command.startswith("pg_restore"):
            words = f"{command} {shlex.quote(server)} {shlex.quote(str(file))}"
        raise Refused(f"The database is on a server, which has its own tool for this:\n  {words}")
    return app.database_file
