"""Read the drafts, the ledger and the config; compose, draw and check; bring the queue in line.

config.toml, facts.toml, posts/*.md ─ read ─▶ Intake: posts, planned deliveries, problems
Intake ─ sync ─▶ rows
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler import checks, compose, drafts, facts, folder, planning
from scheduler.errors import CardError, CardNotSaved
from scheduler.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from scheduler.config import Config
    from scheduler.model import Account, Card, Fact, Image, Limits, Message, Post
    from scheduler.store import Store

    # Draws cards for a project: each card's picture, or why it has none.
    Render = Callable[[Iterable[Card], Path], Mapping[Card, Image | CardError]]

CONFIG = "config.toml"
LEDGER = "posts/facts.toml"
_LAST_SENTENCE = re.compile(r"(.+[.!?”)]) ([A-Z][^”]*\.)", re.DOTALL)
Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the files say, once read."""

    posts: tuple[Post, ...]
    ledger: Mapping[str, Fact]
    planned: tuple[planning.Planned, ...]  # those without an error
    messages: Mapping[tuple[str, str], Message]  # (slug, account) → what it would get, errors or not
    problems: tuple[Problem, ...]
    broken: frozenset[tuple[str, str]]  # (path, account): exist, but are not to be queued; account "" is every one
    readable: bool = True  # False: the folder could not be read, so nothing may be concluded from what is missing

    @property
    def unfinished(self) -> bool:
        """Whether reading again may help without a change of any file: the disk was full."""
        return any(p.rule == "card-not-saved" for p in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep something out of the queue."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)


def fingerprint(root: Path) -> Fingerprint:
    """Changes when any file that the intake reads changes: names, sizes and times."""
    seen: list[tuple[str, int, int]] = []
    try:
        posts = folder.paths(root)
    except OSError:
        posts = []
    for path in (root / CONFIG, root / LEDGER, *posts, *_pictures(root)):
        try:
            found = path.stat()
        except OSError:
            continue
        seen.append((path.name, found.st_mtime_ns, found.st_size))
    return tuple(seen)


def _pictures(root: Path) -> list[Path]:
    """What people put into images/: photos, a logo, fonts. Drawn cards are not among them."""
    try:
        own = [path for path in (root / "images").iterdir() if path.name != "cards"]
        return sorted(file for path in own for file in (path, *path.rglob("*")) if file.is_file())
    except OSError:
        return []


def read(
    config: Config,
    *,
    limits: Mapping[str, Limits],
    render: Render,
    accounts: Sequence[Account] | None = None,
    drawn: Callable[[Post], None] = lambda _post: None,
) -> Intake:
    """Read the month for `accounts` (default: those that are enabled). Never raises for a file's fault.

    `limits` is by account name; `drawn` is told of each post whose cards are done, for a progress bar.
    """
    wanted = [a for a in config.accounts if a.enabled] if accounts is None else list(accounts)
    ledger, problems = _ledger(config.root)
    posts, found, broken, readable = _drafts(config, ledger)
    problems += found
    clashes = drafts.clashes(posts, config.accounts)
    problems += clashes
    broken |= {(p.path, p.account) for p in clashes}
    messages: dict[tuple[str, str], Message] = {}
    for post in posts:
        cited = [ledger[i] for i in post.facts if i in ledger]
        of_post = checks.check_post(post, cited, config.campaign)
        problems += of_post
        broken |= _blocked(of_post)
        reached = drafts.accounts_of(post, wanted) if cited else ()
        cards = {a.name: compose.card_for(post, cited, config.campaign, limits[a.name], a) for a in reached}
        images = render(cards.values(), config.root)
        for account in reached:
            limit, image = limits[account.name], images[cards[account.name]]
            message, of_message = _message(post, account, cited, ledger, config, limits=limit, image=image)
            messages |= {(post.slug, account.name): message} if message else {}
            problems += of_message
            broken |= {(post.path, account.name) for p in of_message if p.severity is Severity.ERROR}
        drawn(post)
    of_month = _of_month(posts, messages, wanted, config)
    problems += of_month
    broken |= _blocked(of_month, posts)
    planned = tuple(_planned(posts, messages, broken, config))
    return Intake(tuple(posts), ledger, planned, messages, _merged(problems), frozenset(broken), readable=readable)


def _ledger(root: Path) -> tuple[dict[str, Fact], list[Problem]]:
    try:
        raw = (root / LEDGER).read_bytes()
    except OSError as error:
        return {}, [_unreadable(LEDGER, error)]
    source, found = drafts.decode(raw, LEDGER)
    if source is None:
        return {}, list(found)
    ledger, problems = facts.parse(source, LEDGER)
    return ledger, [*found, *problems]


def _unreadable(path: str, error: OSError) -> Problem:
    why = error.strerror or str(error)
    return Problem(path, 0, "unreadable", f"It could not be read ({why}).", "Check that it exists and may be read.")


def _drafts(config: Config, ledger: Mapping[str, Fact]) -> tuple[list[Post], list[Problem], set[tuple[str, str]], bool]:
    """The posts, the problems of the others, the paths of those, and whether the folder could be read."""
    try:
        paths = folder.paths(config.root)
    except OSError as error:
        return [], [_unreadable("posts", error)], set(), False
    posts: list[Post] = []
    problems: list[Problem] = []
    broken: set[tuple[str, str]] = set()
    for path in paths:
        name = f"posts/{path.name}"
        post, found = _draft(path, name, config, ledger)
        problems += found
        if post is None:
            broken.add((name, ""))
        else:
            posts.append(post)
    if not paths:
        mend = "Nothing in the queue was changed. Write a draft, or bring the folder back."
        problems.append(Problem("posts", 0, "no-drafts", "There is not one draft in posts/.", mend))
    return posts, problems, broken, bool(paths)


def _draft(
    path: Path, name: str, config: Config, ledger: Mapping[str, Fact]
) -> tuple[Post | None, tuple[Problem, ...]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, (_unreadable(name, error),)
    source, found = drafts.decode(raw, name)
    if source is None:
        return None, found
    post, problems = drafts.parse(source, name, ledger=ledger, accounts=config.accounts, campaign=config.campaign)
    return post, (*found, *problems)


def _blocked(problems: Iterable[Problem], posts: Iterable[Post] = ()) -> set[tuple[str, str]]:
    """What errors keep out of the queue; one of the theme, each of `posts`: all their cards have its colours."""
    found = {(p.path, p.account) for p in problems if p.severity is Severity.ERROR}
    return found | {(post.path, "") for post in posts if (CONFIG, "") in found}


def _message(
    post: Post,
    account: Account,
    cited: Sequence[Fact],
    ledger: Mapping[str, Fact],
    config: Config,
    *,
    limits: Limits,
    image: Image | CardError,
) -> tuple[Message | None, list[Problem]]:
    if isinstance(image, CardNotSaved):
        mend = "Then it is drawn by itself."
        return None, [Problem(post.path, 0, "card-not-saved", image.text, mend, account=account.name)]
    if isinstance(image, CardError):
        text, mend = _mend_apart(image.text)
        line = post.lines.get("card", 0)
        return None, [Problem(post.path, line, "card-does-not-fit", text, mend, account=account.name)]
    message = compose.message(post, account, config.campaign, limits, cited, image)
    known = tuple(ledger.values())
    return message, list(checks.check_message(message, post, account, cited, config.campaign, limits, known))


def _mend_apart(said: str) -> tuple[str, str]:
    """What is wrong with a card, and how to mend it: the last of an error's sentences."""
    found = _LAST_SENTENCE.fullmatch(said)
    return (found[1], found[2]) if found else (said, "Change the card in the draft.")


def _of_month(
    posts: Sequence[Post], messages: Mapping[tuple[str, str], Message], accounts: Sequence[Account], config: Config
) -> list[Problem]:
    texts = {key: message.words for key, message in messages.items()}
    times = {p.slug: planning.instants(p, config.campaign)[0] for p in posts}
    scheduled = {key: times[key[0]] for key in messages}
    found = checks.check_month(posts, texts, scheduled, accounts, config.campaign)
    return [*found, *checks.check_theme(config.campaign)]


def _planned(
    posts: Sequence[Post],
    messages: Mapping[tuple[str, str], Message],
    broken: set[tuple[str, str]],
    config: Config,
) -> Iterable[planning.Planned]:
    by_slug = {p.slug: p for p in posts}
    for (slug, account), message in messages.items():
        post = by_slug[slug]
        if (post.path, "") in broken or (post.path, account) in broken:
            continue
        at, until = planning.instants(post, config.campaign)
        yield planning.Planned(
            post=slug,
            path=post.path,
            account=account,
            network=message.network,
            day=post.date,
            title=post.title,
            scheduled_at=at,
            send_until=until,
            message=message,
        )


def _merged(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Sorted, and said once when each account has the same."""
    by_text: dict[Problem, list[str]] = {}
    for problem in problems:
        by_text.setdefault(replace(problem, account=""), []).append(problem.account)
    merged = [replace(p, account=", ".join(dict.fromkeys(a for a in names if a))) for p, names in by_text.items()]
    return tuple(sorted(merged))


def sync(store: Store, intake: Intake, config: Config, *, now: datetime, actor: str) -> tuple[planning.Change, ...]:
    """Bring the queue in line with the drafts, in one transaction. What was changed.

    Nothing is changed when posts/ could not be read: a folder that is gone is not 31 deleted drafts.
    """
    if not intake.readable:
        return ()
    with store.writing() as write:
        write.only_one_sync()
        write.set_accounts({a.name for a in config.accounts if a.enabled})
        required = config.campaign.approval == "required"
        approved = write.approved() if required else {p.message.digest for p in intake.planned}
        stored = write.of_campaign(config.campaign.start, config.campaign.end)
        changes = planning.changes(
            intake.planned, stored, approved=approved, broken=intake.broken, now=now, approval=required
        )
        write.apply(changes, now, actor)
    return changes


def too_late(store: Store, intake: Intake) -> tuple[Problem, ...]:
    """A warning for each draft that reaches nobody: edited after it had gone out, or of a day whose post is out."""
    with store.reading() as read:
        out = {(d.account, d.day): d for d in read.deliveries(live=True) if planning.settled(d)}
    found: list[Problem] = []
    for want in intake.planned:
        row = out.get((want.account, want.day))
        if row is None or row.digest == want.message.digest:
            continue
        if row.post == want.post:
            text = f"It was edited after it had gone to {row.account}; the edit reaches nobody."
            mend = "Correct it on the network itself, and tell a manager."
        else:
            text = f"Another post of its day, {row.post}, has gone to {row.account} already; this one is not queued."
            mend = "Give it another day."
        found.append(Problem(want.path, 0, "edited-too-late", text, mend, Severity.WARNING, row.account))
    return tuple(found)
