"""`campaign approve`: nobody approves unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler import reports
from scheduler.cli import page
from scheduler.cli.previewing import body
from scheduler.cli.shell import (
    BROKEN,
    Command,
    Shell,
    account_of,
    account_option,
    by_option,
    draft_of,
    note_option,
    read,
)
from scheduler.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.app import App
    from scheduler.intake import Intake
    from scheduler.model import Delivery, Message

    Waiting = list[tuple[Delivery, Message]]

WAITS = (Status.SCHEDULED, Status.HELD)
MAY_WAIT = (*WAITS, Status.MISSED, Status.FAILED)  # when it is named: it may be retried


@click.command(
    cls=Command,
    examples=(
        "campaign approve 2027-01-09",
        'campaign approve --all --by "Maria"',
    ),
)
@click.argument("posts", nargs=-1, metavar="POST...")
@click.option("--all", "all_", is_flag=True, help="Walk through all that wait, one after the other.")
@account_option
@by_option
@note_option
@click.option("--yes", is_flag=True, help="Show, and approve without asking.")
@click.pass_obj
def approve(
    shell: Shell, posts: tuple[str, ...], account: str | None, by: str, note: str, *, all_: bool, yes: bool
) -> None:
    """Look at what waits, and approve it: exactly this text, this card and this description.

    When any of them is edited afterwards, the approval no longer holds; moving the time keeps it.
    """
    if bool(posts) == all_:
        raise click.UsageError("Name the posts to approve, or write --all.")
    app = shell.app()
    if account:
        account_of(app, account)
    paths = [draft_of(app.root, name) for name in posts]
    found = read(app)
    app.sync(found, by)
    broken = [p for p in found.errors if not paths or p.path in paths]
    waiting = _waiting(app, found, paths, account)
    done = _walk(app, waiting, by, note, yes=yes)
    if broken:
        left = ", ".join(sorted({p.path for p in broken}))
        page.say(f"\nCannot be approved before its errors are mended: {left}. See `campaign check`.", "bad")
        shell.context.exit(BROKEN)
    if not waiting:
        page.say("Nothing waits for approval.", "good")
    elif done:
        click.echo()
        page.say(f"Approved: {page.plural(done, 'delivery', 'deliveries')}, by {by}.", "good")


def _waiting(app: App, found: Intake, paths: Sequence[str], account: str | None) -> dict[str, Waiting]:
    """What waits for approval, by draft, in the order of its time; not what stands in a draft with an error."""
    statuses = MAY_WAIT if paths else WAITS
    with app.store.reading() as asked:
        rows = asked.deliveries(account=account, statuses=statuses)
        some = [r for r in rows if not r.approved and (not paths or r.path in paths) and not _broken(r, found)]
        shown = [(r, asked.message(r.digest)) for r in some]
    by_post: dict[str, Waiting] = {}
    for row, message in shown:
        if message is not None:
            by_post.setdefault(row.path, []).append((row, message))
    return by_post


def _broken(row: Delivery, found: Intake) -> bool:
    return (row.path, "") in found.broken or (row.path, row.account) in found.broken


def _walk(app: App, waiting: dict[str, Waiting], by: str, note: str, *, yes: bool) -> int:
    done = 0
    for number, some in enumerate(waiting.values(), start=1):
        if number > 1:
            click.echo()
        place = f"{number} of {len(waiting)}" if len(waiting) > 1 else ""
        _show(app, some, place)
        answer = "yes" if yes else _asked(len(some), several=len(waiting) > 1)
        if answer == "quit":
            break
        if answer == "no":
            page.say("Not approved.", "dim")
            continue
        for row, _ in some:
            app.approve(row, by, note)
            done += 1
    return done


def _asked(count: int, *, several: bool) -> str:
    words = ["yes", "no", "quit"] if several else ["yes", "no"]
    question = f"Approve {page.plural(count, 'this delivery', f'these {count} deliveries').removeprefix(f'{count} ')}?"

    def answer(given: str) -> str:
        fits = [w for w in words if given and w.startswith(given.strip().lower())]
        if not fits:
            raise click.UsageError(f"Answer {', '.join(words[:-1])} or {words[-1]}.")
        return fits[0]

    click.echo()
    return str(click.prompt(f"{question} ({'/'.join(words)})", value_proc=answer))


def _show(app: App, some: Waiting, place: str) -> None:
    row = some[0][0]
    when = reports.clock_time(row.scheduled_at, app.config.campaign)
    page.say(row.title or row.post, "strong")
    page.say(" · ".join(part for part in (row.post, when, place) if part), "dim")
    for accounts, message, several in _alike(some):
        click.echo()
        page.say(", ".join(accounts), "strong")
        body(message)
        page.table(list(_facts(app, message, several)), indent="  ")


def _alike(some: Waiting) -> Iterable[tuple[list[str], Message, Waiting]]:
    """The accounts that get the same words, with their messages, which may differ in the size of the card."""
    groups: dict[tuple[object, ...], Waiting] = {}
    for row, message in some:
        words = (message.words, message.warning, message.labels, message.title, [i.alt for i in message.images])
        groups.setdefault((*words[:-1], *words[-1]), []).append((row, message))
    for group in groups.values():
        yield [r.account for r, _ in group], group[0][1], group


def _facts(app: App, message: Message, several: Waiting) -> Iterable[list[page.Cell | str]]:
    """All else that the public will see, and what pins it down."""
    for label, value in (("Title", message.title), ("Labels", ", ".join(message.labels)), ("Language", message.lang)):
        if value and not (label == "Language" and value == app.config.campaign.lang):
            yield [page.Cell(label, "dim"), value]
    for image in message.images:
        yield [page.Cell("Alt", "dim"), image.alt]
    files: dict[str, tuple[str, list[str]]] = {}
    for _, each in several:
        app.pictures(each)  # the very bytes are there, or it says so
        for image in each.images:
            files.setdefault(image.path, (image.sha256, []))[1].append(each.account)
    for path, (sha256, accounts) in files.items():
        whom = f"\n{', '.join(accounts)}" if len(files) > 1 else ""
        yield [page.Cell("Card", "dim"), f"{path}\nsha256 {sha256[:16]}…{whom}"]
    for source, url in message.sources:
        yield [page.Cell("Source", "dim"), f"{source}, {url}"]
    yield [page.Cell("Digest", "dim"), ", ".join(f"{r.account} {r.digest[:12]}" for r, _ in several)]
