"""`campaign run`."""

from __future__ import annotations

import click

from scheduler.cli.shell import Command, Shell
from scheduler.daemon import Daemon


@click.command(cls=Command, examples=("campaign run",))
@click.option("--once", is_flag=True, help="Publish what is due, settle it, and end: for cron.")
@click.pass_obj
def run(shell: Shell, *, once: bool) -> None:
    """Publish what falls due, on time and once, until it is stopped (Ctrl-C, or SIGTERM).

    It may be killed at any instant: the next run takes over what was in flight, and nothing goes out twice.
    Only one runs on a database; a second one ends with exit code 4.
    """
    Daemon(shell.app(), say=click.echo, once=once).run()
