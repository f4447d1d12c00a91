"""`campaign preview`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler import costs, drafts, gallery, reports, text
from scheduler.cli import page
from scheduler.cli.checking import show
from scheduler.cli.shell import (
    BROKEN,
    Command,
    Shell,
    account_of,
    account_option,
    as_json,
    draft_of,
    json_option,
    post_of,
    read,
)
from scheduler.model import Count, Problem, Severity
from scheduler.planning import instants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.app import App
    from scheduler.model import Account, Image, Limits, Message, Post

COUNTED = {
    Count.WEIGHTED: ", X’s weighted count",
    Count.MASTODON: ", as Mastodon counts",
    Count.GRAPHEMES: " characters",
    Count.CODEPOINTS: " characters",
    Count.THREADS: ", as Threads counts",
}


@click.command(
    cls=Command,
    examples=(
        "campaign preview 2027-01-09 --account x",
        "campaign preview 2027-01-09 --all-accounts",
    ),
)
@click.argument("post")
@account_option
@click.option("--all-accounts", is_flag=True, help="Also the accounts that are switched off.")
@json_option
@click.pass_obj
def preview(shell: Shell, post: str, account: str | None, *, all_accounts: bool, json_: bool) -> None:
    """Show what each account would get: the final text, its count, the card and its description."""
    app = shell.app()
    path = draft_of(app.root, post)
    if account:
        wanted: tuple[Account, ...] = (account_of(app, account),)
    else:
        wanted = tuple(a for a in app.config.accounts if a.enabled or all_accounts)
    found = read(app, wanted)
    problems = [p for p in found.problems if p.path == path]
    what = post_of(found, path)
    keys = [(what.slug, a.name) for a in wanted] if what else []
    messages = [found.messages[key] for key in keys if key in found.messages]
    if json_:
        values = [_as_values(m, account_of(app, m.account), app.limits[m.account]) for m in messages]
        as_json({"path": path, "messages": values, "problems": problems})
    else:
        _show(app, path, what, messages, problems, wanted)
        if what is not None and any(m.images for m in messages):
            sheet = gallery.post(app, what, messages)
            click.echo()
            page.wrapped(f"Its cards side by side, with what each network crops: {sheet}", look="dim")
        if not account and not all_accounts:
            _tell_of_others(app)
    if any(p.severity is Severity.ERROR for p in problems):
        shell.context.exit(BROKEN)


def _as_values(message: Message, account: Account, limits: Limits) -> Mapping[str, object]:
    cost = costs.of(message, account, limits)
    return {
        "account": message.account,
        "digest": message.digest,
        "count": text.count(message.text, limits),
        "limit": limits.text,
        "text": message.text,
        "more": [{"count": text.count(words, limits), "text": words} for words in message.more],
        "images": message.images,
        "cost": cost.as_values() if cost else None,
    }


def _show(
    app: App,
    path: str,
    what: Post | None,
    messages: Sequence[Message],
    problems: Sequence[Problem],
    wanted: Sequence[Account],
) -> None:
    if what is None:
        page.say(f"{path} cannot be read as a post yet.", "strong")
    else:
        when = reports.clock_time(instants(what, app.config.campaign)[0], app.config.campaign)
        page.say(what.title or what.slug, "strong")
        page.say(f"{what.slug} · {when}", "dim")
    for message in messages:
        _frame(account_of(app, message.account), message, app.limits[message.account])
    if what is not None and not drafts.accounts_of(what, wanted):
        page.say("\nIt names no account that is shown here.", "warn")
    for problem in problems:
        click.echo()
        show(problem, "bad" if problem.severity is Severity.ERROR else "warn")


def _frame(account: Account, message: Message, limits: Limits) -> None:
    over = any(text.over(part.text, limits) for part in message.parts)
    counts = " + ".join(str(text.count(part.text, limits)) for part in message.parts)
    used = f"{counts} of {limits.text:,}{COUNTED[limits.count]}{', each' if message.more else ''}"
    cost = costs.of(message, account, limits)
    off = "" if account.enabled else "  switched off"
    click.echo()
    click.echo(f"{page.styled(account.name, 'strong')}  {page.styled(account.handle, 'dim')}{page.styled(off, 'warn')}")
    body(message)
    click.echo(f"  {page.styled(used, 'bad' if over else 'good')}")
    if cost:
        page.say(f"  {cost.brief}", "dim")
    for image in message.images:
        page.wrapped(_image(image), " " * 8, first=page.styled("  Card  ", "dim"))
        page.wrapped(
            f"{image.alt} ({len(image.alt)}\u00a0of\u00a0{limits.alt:,})", " " * 8, first=page.styled("  Alt   ", "dim")
        )


def body(message: Message) -> None:
    """The public words of a message, behind a bar; the parts of a thread as a draft parts them."""
    bar = page.styled("│ ", "dim")
    if message.warning:
        page.wrapped(f"Content warning: {message.warning}", bar, look="warn")
    for line in message.words.split("\n"):
        page.wrapped(line, "│ ", first=bar) if line else click.echo(bar)


def _image(image: Image) -> str:
    return f"{image.path}\n{image.width} × {image.height}, {-(-image.size // 1000)} kB"


def _tell_of_others(app: App) -> None:
    off = [a.name for a in app.config.accounts if not a.enabled]
    if off:
        page.wrapped(f"Switched off: {', '.join(off)}. --all-accounts shows them too.", look="dim")
