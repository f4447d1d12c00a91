"""Reading config.toml: the campaign, its accounts and its theme. Never a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from scheduler import numerals, theming
from scheduler.drafts import decode
from scheduler.facts import Table, locate, read_toml, suggest
from scheduler.model import CARD_SIZES, Account, Campaign, Problem, Severity, Translation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scheduler.model import Theme

FILE = "config.toml"
DEFAULT_STORE = "sqlite:///var/campaign.db"

_NOT_KEYS = {"help_long", "help_short", "theme", "looks", "translations"}
_CAMPAIGN_KEYS = (*(f.name for f in fields(Campaign) if f.name not in _NOT_KEYS), "help")
_TRANSLATION_KEYS = tuple(f.name for f in fields(Translation))
_ACCOUNT_KEYS = ("network", "enabled", "handle")

_NAME = re.compile(r"[a-z0-9_-]+")
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DURATION = re.compile(r"(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)
_SECRET = re.compile(r"token|secret|passw|passphrase|credential|bearer|apikey|(?:^|_)(?:key|pwd)s?(?:_|$)")
_URL_WITH_PASSWORD = re.compile(r"://[^@\s]*:[^@\s]+@|[?&][^=&\s]*(pass|secret|token)[^=&\s]*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml says. `store_url` is as written: a relative path in it is relative to `root`."""

    campaign: Campaign
    accounts: tuple[Account, ...]
    store_url: str
    root: Path  # the project's folder


def load(root: Path) -> tuple[Config | None, tuple[Problem, ...]]:
    """The config of the project in `root`, and what is wrong with it."""
    try:
        raw = (root / FILE).read_bytes()
    except FileNotFoundError:
        text = f"There is no {FILE} in this folder."
        return None, (Problem(FILE, 0, "no-config", text, "Go to the project's folder, or run `campaign init` here."),)
    except OSError as error:
        text = f"{FILE} cannot be opened ({error.strerror or 'unknown reason'})."
        mend = "Make it readable for this user, or run `campaign init` in another folder."
        return None, (Problem(FILE, 0, "no-config", text, mend),)
    source, problems = decode(raw, FILE)
    return (None, problems) if source is None else parse(source, FILE, root=root)


def parse(source: str, path: str, *, root: Path) -> tuple[Config | None, tuple[Problem, ...]]:
    """The config that a TOML file describes, and what is wrong with it. With an error there is no Config."""
    values, problems = read_toml(source, path)
    if problems:
        return None, problems
    file = Table(values, "", path, locate(source))
    file.only(("campaign", "theme", "store", "accounts"))
    look = _below(file, "theme")
    theme = theming.read(look)
    looks = theming.read_looks(_below(look, "layouts"), theme)
    month = _below(file, "campaign", required=True)
    campaign = _read_campaign(month, theme, looks) if "campaign" in values else None
    store_url = _read_store(_below(file, "store"))
    accounts = tuple(_read_accounts(_below(file, "accounts", required=True)))
    if campaign is None or file.failed:
        return None, tuple(sorted(file.problems, key=lambda p: p.line))
    return Config(campaign, accounts, store_url, root), tuple(file.problems)


def _below(table: Table, key: str, *, required: bool = False) -> Table:
    """The table at `key`; its problems gather with those of `table`."""
    value = table.values.get(key)
    name = table.full(key)
    if value is None and required:
        table.problem(key, "missing-key", f"The part [{name}] is missing.", f"Add it: [{name}].")
    elif value is not None and not isinstance(value, dict):
        table.problem(key, "wrong-type", f"{name} must be a part with keys of its own.", f"Start it with [{name}].")
    below = Table(value if isinstance(value, dict) else {}, name, table.path, table.lines)
    below.problems = table.problems
    return below


def _read_campaign(table: Table, theme: Theme, looks: Mapping[str, Theme]) -> Campaign | None:
    languages = tuple(key for key, value in table.values.items() if _is_translation(key, value))
    table.only((*_CAMPAIGN_KEYS, *languages))
    help_lines = _below(table, "help", required=True)
    help_lines.only(("long", "short"))
    start, end = table.day("start", required=True), table.day("end", required=True)
    if start and end and end < start:
        text = f"The campaign ends on {end}, before it starts on {start}."
        table.problem("end", "end-before-start", text, "Write a later day, or the right year.")
    clock = _read_clock(table, "time")
    values: dict[str, Any] = {
        "name": table.text("name", required=True),
        "zone": _read_zone(table),
        "send_within": _read_duration(table, "send_within", required=True),
        "approval": table.choice("approval", ("required", "none")),
        "help_long": help_lines.text("long", required="help" in table.values),
        "help_short": help_lines.text("short", required="help" in table.values),
        "min_gap": _read_duration(table, "min_gap", default=timedelta(minutes=30)),
        "lang": _read_lang(table),
        "checked_since": table.day("checked_since"),
        "organisation": table.text("organisation"),
        "url": table.web_address("url"),
    }
    values["translations"] = {key: _read_translation(_below(table, key), values) for key in languages}
    if not (start and end and clock):
        return None
    return Campaign(start=start, end=end, time=clock, theme=theme, looks=looks, **values)


def _is_translation(key: str, value: object) -> bool:
    """Whether a part below [campaign] is named for a language: "es", or a longer code with the keys of one."""
    if not isinstance(value, dict) or key in _CAMPAIGN_KEYS or not _LANG.fullmatch(key):
        return False
    return len(key) == 2 or bool(value.keys() & set(_TRANSLATION_KEYS))  # noqa: PLR2004 - ISO 639-1


def _read_translation(table: Table, campaign: Mapping[str, Any]) -> Translation:
    table.only(_TRANSLATION_KEYS)
    own = Translation(**{key: table.text(key, required=True) for key in _TRANSLATION_KEYS})
    known = {f.value for f in numerals.read(f"{campaign['help_long']}\n{campaign['help_short']}")}
    for key in ("help_long", "help_short"):
        dialled = [f for f in numerals.read(getattr(own, key)) if re.search(r"\d.*\d.*\d", f.text)]
        for number in (f for f in dialled if f.value not in known):
            text = f"{table.full(key)}: the number {number.text} is not in [campaign.help]."
            mend = "Compare it digit by digit; if this language has a line of its own, leave it."
            table.problem(key, "help-number-differs", text, mend, Severity.WARNING)
    return own


def _read_zone(table: Table) -> str:
    zone = table.text("zone", required=True)
    if not zone:
        return ""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as "America"
        mend = suggest(zone, available_timezones(), 'Use a name such as "America/Chicago".')
        table.problem("zone", "unknown-zone", f'There is no time zone "{zone}".', mend)
    return zone


def _read_clock(table: Table, key: str) -> time | None:
    if isinstance(table.values.get(key), time):
        mend = f'Put it in double quotes: {key} = "{table.values[key]:%H:%M}".'
        table.problem(key, "wrong-type", f"{table.full(key)} is not text.", mend)
        return None
    written = table.text(key, required=True)
    if _CLOCK.fullmatch(written):
        return time.fromisoformat(written)
    if written:
        text = f'{table.full(key)}: "{written}" is not a time of day.'
        table.problem(key, "wrong-time", text, 'Write it as HH:MM, for example "09:00".')
    return None


def _read_duration(table: Table, key: str, *, required: bool = False, default: timedelta = timedelta()) -> timedelta:
    written = table.text(key, required=required)
    if not written:
        return default
    parts = _DURATION.fullmatch(written)
    if not parts:
        text = f'{table.full(key)}: "{written}" is not a length of time.'
        table.problem(
            key, "wrong-duration", text, 'Write it in hours, minutes or seconds: "6h", "30m", "1h30m", "90s".'
        )
        return default
    hours, minutes, seconds = (int(n or 0) for n in parts.groups())
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if required and not length:
        table.problem(key, "wrong-duration", f"{table.full(key)} is zero.", 'Write more than that, for example "6h".')
    return length


def _read_lang(table: Table) -> str:
    lang = table.text("lang", default="en")
    if not _LANG.fullmatch(lang):
        text = f'{table.full("lang")}: "{lang}" is not a language code.'
        table.problem("lang", "wrong-lang", text, 'Write a short code: "en" for English, "es" for Spanish.')
    return lang


def _read_store(table: Table) -> str:
    table.only(("url",))
    url = table.text("url", default=DEFAULT_STORE)
    if _URL_WITH_PASSWORD.search(url):
        mend = "Take it out, and set the environment variable PGPASSWORD."
        table.problem("url", "secret-in-config", "store.url holds a password: secrets never stand in config.", mend)
    return url


def _read_accounts(table: Table) -> Iterator[Account]:
    if table.values == {} and "accounts" in table.lines:
        table.problem("", "missing-key", "There is no account.", "Add one: [accounts.feed].")
    for name in table.values:
        account = _below(table, name)
        if not _NAME.fullmatch(name):
            text = f'"{name}" cannot be the name of an account.'
            account.problem("", "account-name", text, "Use small letters, digits, - and _ only.")
        if isinstance(table.values[name], dict):
            yield _read_account(name, account)


def _read_account(name: str, table: Table) -> Account:
    enabled = table.values.get("enabled", True)
    if not isinstance(enabled, bool):
        text = f"{table.full('enabled')} is neither true nor false."
        table.problem("enabled", "wrong-type", text, "Write enabled = true or enabled = false, without quotes.")
    options = {key: value for key, value in table.values.items() if key not in _ACCOUNT_KEYS}
    if "card" in options:
        table.choice("card", tuple(CARD_SIZES))
    if "prices" in options:
        from scheduler import costs  # noqa: PLC0415  it counts links, and loads what that takes

        costs.read(_below(table, "prices"))
    _refuse_secrets(name, options, table)
    return Account(
        name=name,
        network=table.text("network", required=True),
        enabled=enabled is True,
        handle=table.text("handle"),
        options=options,
    )


def _refuse_secrets(account: str, options: Mapping[str, Any], table: Table) -> None:
    for key, value in options.items():
        if isinstance(value, dict):
            _refuse_secrets(account, value, _below(table, key))
        elif _SECRET.search(re.sub(r"\W", "_", key.lower())) or (
            isinstance(value, str) and _URL_WITH_PASSWORD.search(value)
        ):
            variable = re.sub(r"\W", "_", f"CAMPAIGN_{account}_{key}".upper())
            text = f"{table.full(key)} looks like a secret: secrets never stand in config."
            mend = f"Take it out, and set the environment variable {variable}."
            table.problem(key, "secret-in-config", text, mend)
