"""Accounts and their networks: connecting one, asking how each stands, and remembering the answers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from scheduler import probing, publishers
from scheduler.errors import Refused, SchedulerError, Unavailable
from scheduler.model import Health, Status
from scheduler.probing import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from scheduler.app import App
    from scheduler.model import Account, Campaign, Delivery, Person

DEADLINE = 75.0  # seconds for all checks together, which run side by side: two calls that time out
SETTING = "probe:"  # and the account's name


@dataclass(frozen=True, slots=True)
class Kept:
    """What a login left."""

    place: str  # the keyring, or the file
    names: tuple[str, ...]
    overruled: tuple[str, ...]  # what wins over one of them, in words


@dataclass(frozen=True, slots=True)
class Standing:
    """How one account stands: what its network says, and what the queue does."""

    account: Account
    probe: Probe | None  # None: never asked
    wrong: tuple[str, ...]  # what does not work or will not, with the mend
    stopped: str = ""  # why the queue sends it nothing
    wait_until: datetime | None = None  # in the future
    last: Delivery | None = None  # the newest that was published
    waiting: int = 0
    next: Delivery | None = None

    @property
    def needs_person(self) -> bool:
        """Whether somebody must act."""
        return bool(self.wrong or self.stopped)


# Connecting.


def login(app: App, account: Account, person: Person, *, in_file: bool = False) -> Kept:
    """Ask what the network wants, and keep what it gives. Raises SchedulerError without anything that was typed."""
    _refuse_where_none_is_needed(account)
    given = _careful(account, person)
    kept = app.secret(account)
    values = {name: value for name, value in given.items() if value}
    place = kept.store(values, in_file=in_file)
    return Kept(place, tuple(values), kept.overruled(values))


def _refuse_where_none_is_needed(account: Account) -> None:
    if not publishers.can_publish(account.network):
        raise Refused(f"This release cannot publish to {account.network} yet, so {account.name} cannot be connected.")
    if not publishers.secret_names(account.network):
        raise Refused(f"{account.name} needs no login: {account.network} has no passwords.")


class _Listening:
    """A Person whose answers are remembered, so that no error repeats one."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.answers: list[str] = []

    def tell(self, text: str) -> None:
        self._person.tell(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        answer = self._person.ask(question, hidden=hidden)
        if hidden:
            self.answers.append(answer)
        return answer


def _careful(account: Account, person: Person) -> Mapping[str, str]:
    """The module's login. What an SDK raises may hold what was typed: only its kind is told."""
    listening = _Listening(person)
    try:
        return publishers.login(account, listening)
    except SchedulerError as error:
        text, kind = error.text, Refused if isinstance(error, Refused) else Unavailable
        for answer in listening.answers:
            text = text.replace(answer, "[hidden]")
    except Exception as error:  # noqa: BLE001  whatever an SDK raises; Ctrl-C is none of it
        text, kind = f"{account.network} could not be asked ({type(error).__name__}). Nothing was kept.", Unavailable
    raise kind(text)


def forget(app: App, account: Account) -> tuple[str, ...]:
    """Take away what `login` kept; its names."""
    return app.secret(account).forget()


# Asking.


def check(app: App, account: Account) -> Health:
    """What the network says of the account; never raises a SchedulerError."""
    try:
        if not publishers.can_publish(account.network):
            text = f"This release cannot publish to {account.network} yet. Set enabled = false in config.toml."
            return Health("", problem=text)
        secret = app.secret(account)
        lacking = secret.missing()
        if lacking:
            return Health("", problem=_not_connected(account, lacking))
        health = publishers.connect(account, secret, root=app.root).check()
    except SchedulerError as error:
        return Health("", problem=error.text)
    if not secret.trouble:
        return health
    warnings = (*health.warnings, secret.trouble)
    return Health(health.who, health.rights, health.expires_at, health.problem, warnings)


def missing(app: App, account: Account) -> str:
    """Which secrets an account lacks, as a sentence with the mend; empty when none. Raises SchedulerError."""
    names = app.secret(account).missing()
    return _not_connected(account, names) if names else ""


def _not_connected(account: Account, names: Sequence[str]) -> str:
    are = "is" if len(names) == 1 else "are"
    return f"It is not connected: {', '.join(names)} {are} missing. Run `campaign login {account.name}`."


def check_all(
    app: App, accounts: Iterable[Account], *, done: Callable[[str], None] = lambda _name: None
) -> dict[str, Probe]:
    """Ask for each account, side by side; who has not answered at the deadline has a problem."""
    answers: SimpleQueue[tuple[str, Health]] = SimpleQueue()

    def ask(account: Account) -> None:
        try:
            answers.put((account.name, check(app, account)))
        except Exception as error:  # noqa: BLE001  an adapter's mistake is this account's problem alone
            problem = f"It could not be asked ({type(error).__name__}). Please report it."
            answers.put((account.name, Health("", problem=problem)))

    asked = {a.name: a for a in accounts}
    for account in asked.values():
        threading.Thread(target=ask, args=(account,), name=f"check-{account.name}", daemon=True).start()
    text = f"It gave no answer in {DEADLINE:g} seconds. Look at the network's own status page, then try again."
    found = dict.fromkeys(asked, Health("", problem=text))
    until, open_ = time.monotonic() + DEADLINE, len(asked)
    while open_:
        try:
            name, health = answers.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        found[name] = health
        open_ -= 1
        done(name)
    at = app.clock.now()
    return {name: Probe(at, health) for name, health in found.items()}


# Remembering.


def has_queue(app: App) -> bool:
    """Whether there is a database; looking at accounts does not make one."""
    return app.database_file is None or app.database_file.exists()


def remember(app: App, probes: Mapping[str, Probe]) -> None:
    """Keep what was found, for `status` and for the next start."""
    with app.store.writing() as write:
        for name, probe in probes.items():
            write.set(SETTING + name, probing.probe_to_json(probe))


def remembered(app: App) -> dict[str, Probe]:
    """What was found last, by account."""
    if not has_queue(app):
        return {}
    with app.store.reading() as read:
        found = {a.name: probing.probe_from_json(read.setting(SETTING + a.name)) for a in app.config.accounts}
    return {name: probe for name, probe in found.items() if probe}


def standings(app: App, accounts: Iterable[Account], probes: Mapping[str, Probe]) -> tuple[Standing, ...]:
    """How each account stands, from what was found and from the queue."""
    now, campaign = app.clock.now(), app.config.campaign
    queued = _queued(app) if has_queue(app) else {}
    found = []
    for account in accounts:
        probe = probes.get(account.name)
        wrong = probing.verdict(probe.health, now, campaign, account) if probe else ()
        state = queued.get(account.name)
        found.append(state.standing(account, probe, wrong, now) if state else Standing(account, probe, wrong))
    return tuple(found)


def found_wrong(app: App) -> dict[str, tuple[str, ...]]:
    """What the last look found wrong with accounts that are switched on and that the queue still sends to."""
    accounts = [a for a in app.config.accounts if a.enabled]
    return {s.account.name: s.wrong for s in standings(app, accounts, remembered(app)) if s.wrong and not s.stopped}


@dataclass(slots=True)
class _Queue:
    """What the queue has of one account."""

    stopped: str = ""
    wait_until: datetime | None = None
    published: tuple[Delivery, ...] = ()
    scheduled: tuple[Delivery, ...] = ()

    def standing(self, account: Account, probe: Probe | None, wrong: tuple[str, ...], now: datetime) -> Standing:
        return Standing(
            account,
            probe,
            wrong,
            stopped=self.stopped,
            wait_until=self.wait_until if self.wait_until and self.wait_until > now else None,
            last=max(self.published, key=lambda d: d.published_at or d.scheduled_at, default=None),
            waiting=len(self.scheduled),
            next=min(self.scheduled, key=lambda d: d.next_attempt_at or d.scheduled_at, default=None),
        )


def _queued(app: App) -> dict[str, _Queue]:
    with app.store.reading() as read:
        states = {a.name: a for a in read.accounts()}
        rows = read.deliveries(statuses=(Status.PUBLISHED, Status.SCHEDULED))
    found = {a.name: _Queue() for a in app.config.accounts}
    for name, queue in found.items():
        if name in states:
            queue.stopped, queue.wait_until = states[name].stopped, states[name].wait_until
        queue.published = tuple(r for r in rows if r.account == name and r.status is Status.PUBLISHED)
        queue.scheduled = tuple(r for r in rows if r.account == name and r.status is Status.SCHEDULED)
    return found


# For the daemon.


def probe_due(app: App, *, first: bool = False) -> tuple[str, ...]:
    """Look at each account that is switched on and due, remember it, and say what is new: "x: …", a line each.

    `first`: the daemon just started, so all are due. Raises StoreError; it may take as long as `DEADLINE`.
    """
    now, campaign = app.clock.now(), app.config.campaign
    before = remembered(app)
    wrong = {name: probing.verdict(p.health, now, campaign, _named(app, name)) for name, p in before.items()}
    accounts = [a for a in app.config.accounts if a.enabled]
    asked = [a for a in accounts if first or _due(before.get(a.name), now, campaign, failing=bool(wrong.get(a.name)))]
    if not asked:
        return ()
    probes = check_all(app, asked)
    remember(app, probes)
    lines = []
    for account in asked:
        was, found = wrong.get(account.name, ()), probing.verdict(probes[account.name].health, now, campaign, account)
        lines += [f"{account.name}: {text}" for text in found if first or text not in was]
        if was and not found:
            lines.append(f"{account.name}: connected as {probes[account.name].health.who}; what was wrong is mended.")
    return tuple(lines)


def _due(probe: Probe | None, now: datetime, campaign: Campaign, *, failing: bool) -> bool:
    return probing.due(probe.at if probe else None, now, campaign, failing=failing)


def _named(app: App, name: str) -> Account | None:
    return next((a for a in app.config.accounts if a.name == name), None)
