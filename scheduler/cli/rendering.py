"""`campaign render`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler import gallery
from scheduler.cli import page
from scheduler.cli.checking import show
from scheduler.cli.shell import BROKEN, Command, Shell, as_json, draft_of, json_option, progress, read
from scheduler.errors import CardError, CardNotSaved, Refused
from scheduler.model import CARD_SIZES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.app import App
    from scheduler.intake import Intake
    from scheduler.model import Image, Problem


@click.command(
    cls=Command,
    examples=(
        "campaign render",
        "campaign render --contact-sheet",
        "campaign render 2027-01-09 --size story --to ~/Desktop/cards",
    ),
)
@click.argument("posts", nargs=-1, metavar="[POST]...")
@click.option("--all-accounts", is_flag=True, help="Also for accounts that are switched off.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.Choice([*CARD_SIZES, "all"]),
    help="This size instead of the accounts’ own; may be given several times.",
)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=None), help="Copy them there, by name.")
@click.option("--contact-sheet", is_flag=True, help="The whole month as one picture, to pin on a wall.")
@json_option
@click.pass_obj
def render(
    shell: Shell,
    posts: tuple[str, ...],
    *,
    all_accounts: bool,
    sizes: tuple[str, ...],
    folder: str | None,
    contact_sheet: bool,
    json_: bool,
) -> None:
    """Draw the cards, and say where they are.

    A card that was drawn before is taken as it is; the folder images/cards may be deleted at any time.
    """
    app = shell.app()
    if contact_sheet:
        gallery.on_one_sheet(app)
    paths = [draft_of(app.root, name) for name in posts]
    wanted = list(CARD_SIZES) if "all" in sizes else list(dict.fromkeys(sizes))
    found = read(app, app.config.accounts if all_accounts else None)
    failed = _failed(found, paths)
    drawn = _by_size(app, found, paths, wanted) if wanted else _of_accounts(found, paths)
    cards = [(path, image, names) for path, image, names in drawn if not isinstance(image, CardError)]
    trouble = [(path, error, names) for path, error, names in drawn if isinstance(error, CardError)]
    if folder and cards:
        _copy(cards, app.root, folder)
    if json_:
        as_json([{"post": p, "path": i.path, "size": [i.width, i.height], "accounts": n} for p, i, n in cards])
    else:
        if cards:
            _show(cards, folder)
        _complain(failed, trouble)
    if contact_sheet:
        for size in wanted or ["portrait"]:
            page.say(f"The month on one sheet: {gallery.month(app, found, size)}", err=json_)
    _not_saved(found, paths, [error for _, error, _ in trouble])
    if failed or trouble:
        shell.context.exit(BROKEN)
    if not cards:
        raise Refused("There is no card to draw. See `campaign check`.")


Drawn = tuple[str, "Image | CardError", list[str]]  # the draft, its picture or why it has none, who gets it


def _failed(found: Intake, paths: Sequence[str]) -> list[Problem]:
    """Why drafts have no card: it does not fit, or the first error of one that could not be read as a post."""
    posts = {p.path for p in found.posts}
    unread = {path for path, account in found.broken if not account and path.endswith(".md")} - posts
    failed: list[Problem] = []
    for problem in found.errors:
        if paths and problem.path not in paths:
            continue
        if problem.rule == "card-does-not-fit" or problem.path in unread:
            failed.append(problem)
            unread.discard(problem.path)
    return failed


def _not_saved(found: Intake, paths: Sequence[str], errors: Sequence[CardError]) -> None:
    """Raises CardNotSaved when the disk did not take a card."""
    for problem in found.problems:
        if problem.rule == "card-not-saved" and (not paths or problem.path in paths):
            raise CardNotSaved(problem.text)
    for error in errors:
        if isinstance(error, CardNotSaved):
            raise error


def _of_accounts(found: Intake, paths: Sequence[str]) -> list[Drawn]:
    """Each picture once: its draft, itself, and the accounts that get it."""
    known = {p.slug: p.path for p in found.posts}
    by_file: dict[tuple[str, str], Drawn] = {}
    for (slug, account), message in found.messages.items():
        for image in message.images:
            if not paths or known[slug] in paths:
                by_file.setdefault((slug, image.path), (known[slug], image, []))[2].append(account)
    return list(by_file.values())


def _by_size(app: App, found: Intake, paths: Sequence[str], sizes: Sequence[str]) -> list[Drawn]:
    posts = [p for p in found.posts if not paths or p.path in paths]
    drawn: list[Drawn] = []
    with progress("Drawing the cards", len(posts) * len(sizes)) as bar:
        for post in posts:
            for size, image in gallery.sized(app, found, post, sizes).items():
                drawn.append((post.path, image, [size]))
                bar(f"{post.slug} {size}")
    return drawn


def _copy(cards: Iterable[tuple[str, Image, list[str]]], root: Path, folder: str) -> None:
    """Copies named by their draft and size, for whoever posts by hand."""
    target = Path(folder).expanduser()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, image, names in cards:
            name = f"{Path(path).stem}-{names[0]}{Path(image.path).suffix}"
            shutil.copyfile(root / image.path, target / name)
    except OSError as error:
        raise Refused(f"The cards could not be copied to {folder}: {error.strerror or error}.") from error


def _show(cards: Sequence[tuple[str, Image, list[str]]], folder: str | None) -> None:
    last = ""
    for path, image, names in cards:
        if path != last:
            page.say(path.removeprefix("posts/").removesuffix(".md"), "strong")
        last = path
        click.echo(f"  {image.path}")
        page.say(f"  {image.width} × {image.height}, {-(-image.size // 1000)} kB  {', '.join(names)}", "dim")
    click.echo()
    page.say(f"{page.plural(len(cards), 'card')} in images/cards{f', copied to {folder}' if folder else ''}.", "good")


def _complain(failed: Iterable[Problem], trouble: Iterable[tuple[str, CardError, list[str]]]) -> None:
    for problem in failed:
        show(problem, "bad")
    for path, error, names in trouble:
        click.echo(f"{page.styled(path, 'bad')}  {page.styled(', '.join(names), 'dim')}")
        page.wrapped(error.text, "    ")
