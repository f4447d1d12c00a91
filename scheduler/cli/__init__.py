"""`campaign`: the door for people at a terminal. A command is a module, loaded when it is called.

This package imports click and our error tree, nothing else, so that help and completion are instant.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.shell_completion import CompletionItem

from scheduler import __version__
from scheduler.cli.shell import Shell
from scheduler.errors import LockHeld, Refused, SchedulerError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Section, and in it each command: its name, its module, and its line in the overview.
COMMANDS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Write",
        (
            ("init", "starting", "Start a project: config, ledger, a first draft."),
            ("check", "checking", "Check the drafts, the ledger and the config."),
            ("preview", "previewing", "Show what each account would get."),
            ("render", "rendering", "Draw the cards, and say where they are."),
            ("facts", "ledger", "The ledger, and what is due for another look."),
            ("calendar", "dates", "The month as a calendar file (.ics)."),
            ("rehearse", "rehearsing", "The whole month in fast-forward; nothing is sent."),
        ),
    ),
    (
        "Decide",
        (
            ("approve", "approving", "Look at what waits, and approve it."),
            ("move", "handling", "Move a draft to another day."),
            ("hold", "handling", "Stop a post until it is released."),
            ("cancel", "handling", "Take a post off."),
            ("retry", "handling", "Send a failed or missed one again."),
            ("confirm", "handling", "Say that an unclear one is out, and where."),
            ("pause", "pausing", "Stop the whole campaign at once."),
            ("resume", "pausing", "Let the campaign, or an account, go on."),
        ),
    ),
    (
        "Publish and follow",
        (
            ("run", "running", "Publish what falls due, until stopped."),
            ("status", "status", "What needs a person, and what comes next."),
            ("log", "log", "What happened, newest first."),
        ),
    ),
    (
        "Look after it",
        (
            ("login", "login", "Connect an account: log in once, here."),
            ("accounts", "accounts", "How each account stands with its network."),
            ("backup", "keeping", "Copy the database, also while the daemon runs."),
            ("restore", "keeping", "Put a copy back."),
            ("doctor", "health", "Check the machine, the database and the accounts."),
        ),
    ),
)
MODULES = {name: module for _, entries in COMMANDS for name, module, _ in entries}
HELP = {name: line for _, entries in COMMANDS for name, _, line in entries}

COULD_NOT_WORK = 3
INTERRUPTED = 130


class Failure(click.ClickException):
    """Our own error at the door: its sentence, and the exit code that goes with it."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.exit_code = code  # type: ignore[misc]  # one class for all our codes

    def show(self, file: Any = None) -> None:  # noqa: ANN401  click's signature
        """Print the sentence, and nothing else."""
        click.echo(self.message, file=file, err=file is None)


class Commands(click.Group):
    """A group that imports a command when it is called, and turns each failure into a sentence."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names, in the order of the overview."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name; its module is imported now."""
        if cmd_name not in MODULES:
            return None
        command = getattr(importlib.import_module(f"scheduler.cli.{MODULES[cmd_name]}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named; for a slip of the pen, the nearest name."""
        if args and args[0] not in MODULES and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], MODULES, n=1)
            hint = f" Did you mean `campaign {near[0]}`?" if near else " See `campaign --help`."
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, from the table: nothing is imported for it."""
        for section, entries in COMMANDS:
            with formatter.section(section):
                formatter.write_dl([(name.ljust(10), line) for name, _, line in entries])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names from the table, and the group's own options."""
        names = [CompletionItem(name, help=line) for name, line in HELP.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's signature
        """Run the command. The one place where an error becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except SchedulerError as error:
            raise Failure(error.text, exit_code(error)) from error
        except (click.Abort, KeyboardInterrupt, EOFError) as error:
            _stopped(ctx, error)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise Failure(_disk(error), COULD_NOT_WORK) from error
        except Exception as error:
            if os.environ.get("CAMPAIGN_DEBUG"):
                raise
            raise Failure(_bug(error), COULD_NOT_WORK) from error


def exit_code(error: SchedulerError) -> int:
    """2 refused, 3 could not work, 4 another daemon runs. docs/commands.md tells them to people."""
    if isinstance(error, Refused):
        return 2
    return 4 if isinstance(error, LockHeld) else COULD_NOT_WORK


def _stopped(ctx: click.Context, error: BaseException) -> NoReturn:
    click.echo(err=True)  # away from the prompt
    if isinstance(error, EOFError) or isinstance(error.__context__, EOFError):
        raise Failure("There was nobody to answer; nothing was done. Add --yes to answer yes beforehand.", 2)
    ctx.exit(INTERRUPTED)


def _disk(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else " A file"
    return f"{where.strip()} could not be used: {error.strerror or error}."


def _bug(error: Exception) -> str:
    return (
        f"The program stopped at a mistake of its own ({type(error).__name__}: {error}). Please report it, "
        "with what CAMPAIGN_DEBUG=1 before the same command prints."
    )


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog="`campaign COMMAND --help` has an example of each. Exit codes: 0 fine, 1 something needs a person, "
    "2 refused, 3 could not work, 4 another daemon runs.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CAMPAIGN_ROOT",
    metavar="DIR",
    help="The project's folder. Default: the nearest one upwards with a config.toml.",
)
@click.version_option(__version__, prog_name="campaign", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, root: Path | None) -> None:
    """One post a day, with a fact card, on time and once, to every account.

    \b
    First time?   campaign rehearse     the whole month, nothing is sent
    Every day     campaign status       what needs a person, what comes next
    """  # noqa: D301  click's mark for lines that stay as they are
    ctx.obj = Shell(ctx, root)
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a sign shows "?" and goes on
    cli.main(args=arguments, prog_name="campaign")
