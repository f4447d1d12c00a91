"""What the commands share: where the project is, the app on it, who acts, and JSON. Imports nothing heavy."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.errors import ConfigError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scheduler.app import App
    from scheduler.intake import Intake
    from scheduler.model import Account, Delivery, Post

BROKEN = 1  # the exit code when something needs a person


class Command(click.Command):
    """A command whose help ends with examples, each a line to copy."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:  # noqa: ANN401  click's
        super().__init__(*args, **settings)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, not broken into lines."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"  {line}\n")


@dataclass
class Shell:
    """One call of the program: the project it is about."""

    context: click.Context
    given: Path | None  # --root

    @property
    def root(self) -> Path:
        """The project's folder. Raises ConfigError when there is none."""
        if self.given is not None:
            return self.given.resolve()
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "config.toml").is_file():
                return folder
        raise ConfigError(
            "There is no config.toml here, nor in a folder above. Go to the project's folder, name it with "
            "--root DIR, or start one with `campaign init`."
        )

    def app(self) -> App:
        """The program on the project; closed when the command ends."""
        from scheduler.app import App  # noqa: PLC0415  160 ms, which help and log do without

        app = App.open(self.root)
        self.context.call_on_close(app.close)
        return app


def read(app: App, accounts: Sequence[Account] | None = None) -> Intake:
    """The month, read; with a progress bar, as drawing 31 cards for the first time takes a while."""
    drafts = len(list((app.root / "posts").glob("*.md")))
    with progress("Reading the drafts", drafts) as bar:
        return app.read(accounts=accounts, drawn=lambda post: bar(f"{post.date:%a} {post.date.day:2} {post.date:%b}"))


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal's error stream, gone when it is done; elsewhere nothing."""
    stream = sys.stderr
    if not stream.isatty() or not length:
        yield lambda _item: None
        return
    with click.progressbar(
        length=length,
        label=label.ljust(20),
        file=stream,
        width=24,
        show_eta=False,
        fill_char="━",
        empty_char=" ",
        item_show_func=lambda item: item or "",
    ) as bar:
        yield lambda item: bar.update(1, item)
    click.echo("\x1b[1A\x1b[2K", file=stream, nl=False)  # take the finished bar away


def draft_of(root: Path, name: str) -> str:
    """The path in the project of the draft that `name` means: its file, slug, date or their beginning."""
    from scheduler import folder  # noqa: PLC0415  what reads drafts is not for `--help` and `log` to load

    return f"posts/{folder.draft(root, name).name}"


def post_of(found: Intake, path: str) -> Post | None:
    """The post that was read from `path`, if it holds together."""
    return next((p for p in found.posts if p.path == path), None)


def account_of(app: App, name: str) -> Account:
    """The account of that name. Raises Refused."""
    for account in app.config.accounts:
        if account.name == name:
            return account
    known = ", ".join(a.name for a in app.config.accounts)
    raise Refused(f'There is no account "{name}" in config.toml. There are: {known}.')


def as_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value as JSON has it: dataclasses as objects, instants and days in ISO form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value


def delivery_json(row: Delivery) -> Mapping[str, object]:
    """What others may want to know of a delivery."""
    return {
        "post": row.post,
        "account": row.account,
        "network": row.network,
        "day": row.day,
        "title": row.title,
        "status": str(row.status),
        "approved": row.approved,
        "scheduled_at": row.scheduled_at,
        "send_until": row.send_until,
        "published_at": row.published_at,
        "url": row.url,
        "reason": row.reason,
        "attempts": row.attempts,
    }


def _me() -> str:
    import getpass  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "someone"


json_option = click.option("--json", "json_", is_flag=True, help="Print JSON, for other programs.")
by_option = click.option(
    "--by",
    default=_me,
    envvar="CAMPAIGN_BY",
    show_envvar=True,
    metavar="NAME",
    show_default="your login",
    help="Who does this, for the log.",
)
account_option = click.option("--account", metavar="NAME", help="Only this account.")
note_option = click.option("--note", default="", metavar="TEXT", help="Why, for the log.")


class Day(click.ParamType[date]):
    """A day, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Read it, or say how it is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a day. Write it as YYYY-MM-DD, for example 2027-01-09.', param, ctx)


class TimeOfDay(click.ParamType[time]):
    """A time of day, HH:MM."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:  # noqa: ANN401
        """Read it, or say how it is written."""
        if isinstance(value, time):
            return value
        try:
            return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  a time of day has no zone
        except ValueError:
            self.fail(f'"{value}" is not a time of day. Write it as HH:MM, for example 14:30.', param, ctx)


DAY = Day()
TIME = TimeOfDay()
