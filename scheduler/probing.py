"""What a look at an account's credentials says, when the next look is due, and what will fail."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.model import Health

if TYPE_CHECKING:
    from scheduler.model import Account, Campaign

EVERY = timedelta(days=1)
NEAR = timedelta(days=3)  # before the campaign's first day: there is still time to mend what is found
EVERY_NEAR = timedelta(hours=6)
EVERY_FAILING = timedelta(hours=1)  # while something is wrong, so that the mend shows by itself

_WRITING = ("write", "publish", "post")  # a right with one of these words lets a post out
_HANDLE = re.compile(r"@?[\w.-]+(?:@[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Probe:
    """What the network said of an account, and when."""

    at: datetime
    health: Health


def probe_to_json(probe: Probe) -> str:
    """The probe as JSON, for the store's setting ``probe:<account>``."""
    health = probe.health
    return json.dumps(
        {
            "at": probe.at.isoformat(),
            "who": health.who,
            "rights": health.rights,
            "expires_at": health.expires_at.isoformat() if health.expires_at else None,
            "problem": health.problem,
            "warnings": health.warnings,
        },
        ensure_ascii=False,
    )


def probe_from_json(packed: str) -> Probe | None:
    """The probe that `probe_to_json` packed; None when it is not one."""
    try:
        raw = json.loads(packed)
        health = Health(
            who=str(raw["who"]),
            rights=tuple(raw["rights"]),
            expires_at=datetime.fromisoformat(raw["expires_at"]) if raw["expires_at"] else None,
            problem=str(raw["problem"]),
            warnings=tuple(raw["warnings"]),
        )
        return Probe(datetime.fromisoformat(raw["at"]), health)
    except (ValueError, TypeError, KeyError):
        return None


def due(last: datetime | None, now: datetime, campaign: Campaign, *, failing: bool = False) -> bool:
    """Whether an account is to be looked at: at the start (`last` is None), then daily until the campaign is over.

    In the last days before it begins more often; hourly while the last look found something wrong (`failing`). It does
    not ask whether anything is planned.
    """
    if last is None or last > now:  # the clock was set back: what was seen "later" says nothing
        return True
    zone = ZoneInfo(campaign.zone)
    today = now.astimezone(zone).date()
    if today > campaign.end:
        return False
    near = campaign.start - NEAR <= today < campaign.start
    every = EVERY_FAILING if failing else EVERY_NEAR if near else EVERY
    return now - last >= every


def verdict(health: Health, now: datetime, campaign: Campaign, account: Account | None = None) -> tuple[str, ...]:
    """What does not work, or will not to the campaign's end: a sentence each, with its mend. Empty when all is well."""
    if health.problem:
        return (health.problem,)
    again = f"Run `campaign login {account.name}`" if account else "Connect the account again"
    found = []
    if health.rights and not any(word in right.lower() for right in health.rights for word in _WRITING):
        found.append(f"It may {_listed(health.rights)}, but not write: nothing can be published. {again}.")
    ends = _end(health, now, campaign)
    if ends:
        found.append(f"{ends} {again}.")
    if account and _another(account.handle, health.who):
        found.append(
            f"config.toml calls it {account.handle}, but the network says that it is {health.who}. "
            f"If that is the wrong one: campaign login {account.name}."
        )
    return tuple(found)


def _end(health: Health, now: datetime, campaign: Campaign) -> str:
    if health.expires_at is None:
        return ""
    zone = ZoneInfo(campaign.zone)
    at = health.expires_at.astimezone(zone)
    told = f"{at.day} {at:%B %Y, %H:%M}"
    if health.expires_at <= now:
        return f"Its access ended on {told}."
    if at.date() <= campaign.end and now.astimezone(zone).date() <= campaign.end:
        return f"Its access ends on {told}, before the campaign does."
    return ""


def _another(handle: str, who: str) -> bool:
    """Whether both are handles and do not mean the same. "@me" and "@me@server.example" may."""
    if not handle.startswith("@") or not _HANDLE.fullmatch(who):
        return False
    ours, theirs = (name.lower().removeprefix("@").split("@") for name in (handle, who))
    if len(ours) == len(theirs):
        return ours != theirs
    return ours[0] != theirs[0]


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
