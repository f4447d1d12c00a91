"""`campaign login`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scheduler import connecting
from scheduler.cli import page
from scheduler.cli.shell import BROKEN, Command, Shell, account_of
from scheduler.errors import Refused

if TYPE_CHECKING:
    from scheduler.app import App
    from scheduler.model import Account


class Terminal:
    """The Person at this terminal; or whatever is piped in, a line for each question."""

    def tell(self, text: str) -> None:
        """Print a line, never broken: an address must stay whole to be opened."""
        click.echo(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """The answer, never empty. Nothing shows while a hidden one is typed."""
        question = question.strip().rstrip(":")
        if not sys.stdin.isatty():  # a hidden prompt would read from the terminal past what is piped in
            return _line(question)
        while True:
            try:
                typed = str(click.prompt(question, hide_input=hidden, err=True)).strip()
            except click.Abort:
                raise KeyboardInterrupt from None
            if typed:
                return typed


def _line(question: str) -> str:
    """The next line of standard input that is not blank. Raises Refused when there is none."""
    click.echo(f"{question}: ", err=True)
    for line in sys.stdin:
        if line.strip():
            return line.strip()
    raise Refused("There was nobody to answer. Nothing was kept.")


@click.command(
    cls=Command,
    examples=(
        "campaign login mastodon",
        "campaign login bluesky --file",
        "campaign login x --forget",
    ),
)
@click.argument("account", metavar="ACCOUNT")
@click.option("--file", "in_file", is_flag=True, help="Keep it in var/credentials.json, not in the keyring.")
@click.option("--forget", is_flag=True, help="Take away what is kept. The network is not told.")
@click.pass_obj
def login(shell: Shell, account: str, *, in_file: bool, forget: bool) -> None:
    """Connect an account of config.toml, and show who the network says it is.

    What the network gives is kept in the system's keyring; where there is none, in var/credentials.json, which only
    you can read. A daemon that runs as another user, or without a desktop, needs --file, called as that user.
    """
    app = shell.app()
    one = account_of(app, account)
    if forget:
        _forget(app, one)
        return
    kept = connecting.login(app, one, Terminal(), in_file=in_file)
    page.wrapped(f"Kept in {kept.place}: {', '.join(kept.names)}.")
    for other in kept.overruled:
        page.wrapped(f"But {other} is set, and wins over what was kept. Take it away, or change it.", look="warn")
    if not _show(app, one):
        shell.context.exit(BROKEN)


def _forget(app: App, account: Account) -> None:
    names = connecting.forget(app, account)
    if names:
        page.wrapped(
            f"Forgotten: {', '.join(names)}. To end its access, take it off in the account's own settings too."
        )
    else:
        page.say(f"Nothing was kept of {account.name}.")
    secret = app.secret(account)
    for other in secret.overruled(secret.names):
        page.wrapped(f"But {other} is set: with it, posts still go out.", look="warn")


def _show(app: App, account: Account) -> bool:
    """Say who it is and what is left to do; whether all is well."""
    probes = connecting.check_all(app, (account,))
    health = probes[account.name].health
    if connecting.has_queue(app):
        connecting.remember(app, probes)
    (standing,) = connecting.standings(app, (account,), probes)
    if health.who:
        page.say(f"{account.name} is {health.who}.", "" if standing.wrong else "good")
    for text in standing.wrong:
        page.wrapped(text, look="bad")
    for text in health.warnings:
        page.wrapped(text, look="warn")
    if standing.stopped:
        page.say(f"The queue had stopped it. Let it go on:  campaign resume --account {account.name}")
    if not account.enabled:
        page.say(f"It is switched off: write enabled = true under [accounts.{account.name}].", "dim")
    return not standing.wrong
