"""`campaign pause` and `campaign resume`."""

from __future__ import annotations

import click

from scheduler.cli import page
from scheduler.cli.shell import Command, Shell, account_of, by_option


@click.command(cls=Command, examples=('campaign pause --reason "Accident in the city; we wait a day"',))
@click.option("--reason", required=True, metavar="TEXT", help="Why; everybody sees it.")
@by_option
@click.pass_obj
def pause(shell: Shell, reason: str, by: str) -> None:
    """Stop the whole campaign at once, also what is due this second.

    What falls due meanwhile goes out after `campaign resume` if it may still be sent then; else it is missed.
    """
    if not reason.strip():
        raise click.BadParameter("Say why, in a few words.", param_hint="--reason")
    shell.app().pause(by, reason.strip())
    page.say(f"Paused by {by}: {reason.strip()}", "warn")
    page.say("Nothing is sent until `campaign resume`.")


@click.command(
    cls=Command,
    examples=(
        "campaign resume",
        "campaign resume --account mastodon",
    ),
)
@click.option("--account", metavar="NAME", help="Not the campaign: an account that was stopped and is mended.")
@by_option
@click.pass_obj
def resume(shell: Shell, account: str | None, by: str) -> None:
    """Let the campaign go on; or, with --account, an account that needed a person."""
    app = shell.app()
    if account:
        account_of(app, account)
        app.start_account(account, by)
        page.say(f"{account} may send again.", "good")
        return
    app.resume(by)
    page.say("The campaign goes on.", "good")
