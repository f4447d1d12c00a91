"""The keys of a draft: what each may say, and the Problem when it says something else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.facts import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.frontmatter import Front
    from scheduler.model import Campaign, Fact

KEYS = ("date", "time", "send_until", "to", "facts", "card", "tags", "title", "alt", "lang", "warning", "labels")
CARD_KEYS = ("layout", "figure", "text", "items", "by", "myth", "photo", "focus", "credit")
KNOWN = {key: CARD_KEYS if key == "card" else () for key in KEYS}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def read_day(front: Front, campaign: Campaign) -> date | None:
    """The day of the post; None, with a note, when it has none that can be read."""
    written = front.text("date")
    value = front.values.get("date")
    if not written:
        if value is None or value.kind == "text":
            front.error("date", "missing-date", "The draft has no date.", f"Add a line date: {campaign.start}.")
        return None
    if not _DAY.fullmatch(written):
        front.error("date", "wrong-date", f'"{written}" is not a date.', "Write a real day as YYYY-MM-DD.")
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        text = f"The date {written} does not exist."
        front.error("date", "wrong-date", text, "Write a real day as YYYY-MM-DD.")
        return None
    if not campaign.start <= day <= campaign.end:
        mend = f"Choose a day from {campaign.start} to {campaign.end}."
        front.error("date", "outside-campaign", f"{day} is outside the campaign.", mend)
    _check_file_name(front, day)
    return day


def _check_file_name(front: Front, day: date) -> None:
    named = _DAY.match(PurePosixPath(front.notes.path).stem)
    if named and named[0] != str(day):
        text = f"The file name says {named[0]}, but the date is {day}."
        front.notes.warn(front.line("date"), "file-name", text, "Rename the file, or change the date.")


def read_times(front: Front, day: date | None, campaign: Campaign) -> tuple[time | None, time | None]:
    """The local time of the post and its `send_until`; None for what the draft leaves to the campaign."""
    at, until = _read_clock(front, "time"), _read_clock(front, "send_until")
    start = at or campaign.time
    if until and until <= start:
        text = f"send_until {until:%H:%M} is not after the time of the post, {start:%H:%M}."
        mend = "Write a later time of the same day, or leave send_until out."
        front.error("send_until", "send-until", text, mend)
    for name, clock in (("time" if at else "date", start), ("send_until", until)):
        if day and clock and campaign.start <= day <= campaign.end and _is_skipped(day, clock, campaign.zone):
            text = f"There is no {clock:%H:%M} on {day}: the clocks in {campaign.zone} go forward then."
            front.error(name, "skipped-time", text, "Choose another time.")
    return at, until


def _read_clock(front: Front, name: str) -> time | None:
    written = front.text(name)
    if not written:
        return None
    if not _CLOCK.fullmatch(written):
        text = f'"{written}" is not a time of day.'
        front.error(name, "wrong-time", text, "Write it as HH:MM, for example 14:30.")
        return None
    return time.fromisoformat(written)


def _is_skipped(day: date, clock: time, zone: str) -> bool:
    """Whether the clocks go forward over this local time."""
    local = datetime.combine(day, clock, ZoneInfo(zone))
    return local.astimezone(UTC).astimezone(local.tzinfo).time() != clock


def read_to(front: Front, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names in `to`; None for every account; () when it cannot be used."""
    written = front.words("to", f"[{', '.join(names[:2])}]")
    if written is None:
        return () if "to" in front.values else None
    if not written:
        mend = "Leave it out to post to every account, or name one."
        front.error("to", "to-nobody", '"to" names no account.', mend)
    unknown = [name for name in written if name.lower() not in names]
    for name in unknown:
        text = f'"{name}" in "to" is no account and no network.'
        front.error("to", "unknown-account", text, suggest(name, names, names_known(names)))
    return () if unknown else tuple(name.lower() for name in written)


def read_facts(front: Front, ledger: Mapping[str, Fact]) -> tuple[str, ...]:
    """The ids of the facts that the draft cites: at least one, each in the ledger."""
    example = next(iter(ledger), "S33")
    written = front.words("facts", f"[{example}]")
    if not written and ("facts" not in front.values or written is not None):
        mend = f"Name the source of what it says: facts: [{example}]."
        front.error("facts", "no-fact", "The draft cites no fact.", mend)
    for name in written or ():
        if name not in ledger:
            mend = suggest(name, ledger, "Use an id that stands in posts/facts.toml.")
            front.error("facts", "unknown-fact", f'There is no fact "{name}".', mend)
    return written or ()


def read_tags(front: Front) -> tuple[str, ...]:
    """The hashtags, without "#"."""
    tags = front.words("tags", "[EndTrafficking]") or ()
    for tag in tags:
        fitting = re.sub(r"\W", "", tag)
        if tag.startswith("#"):
            text, mend = f'The tag "{tag}" starts with #.', f"Write it without: {fitting}."
        elif " " in tag:
            text, mend = f'The tag "{tag}" has a space in it.', f"Write it as one word: {fitting}."
        elif fitting != tag:
            text, mend = f'The tag "{tag}" has a sign in it where networks end a tag.', f"Write it as {fitting}."
        elif not re.search(r"[^\W\d_]", tag):
            text, mend = f'The tag "{tag}" has no letter, so networks do not link it.', "Add a word to it."
        else:
            continue
        front.error("tags", "wrong-tag", text, mend)
    return tags


def read_lang(front: Front) -> str:
    """The language code; empty for that of the campaign."""
    lang = front.text("lang")
    if lang and not _LANG.fullmatch(lang):
        text = f'"{lang}" is not a language code.'
        front.error("lang", "wrong-lang", text, "Write a short code: en for English, es for Spanish.")
    return lang


def names_known(names: Iterable[str]) -> str:
    """A mend that names every account and network."""
    return f"Known are: {', '.join(names)}."


def one_line(text: str) -> str:
    """The text with each run of white space as one space."""
    return " ".join(text.split())
