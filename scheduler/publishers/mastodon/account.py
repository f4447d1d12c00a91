"""Who we are on a Mastodon server, and what the server is: all that is asked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.errors import Unavailable
from scheduler.publishers.mastodon.answer import NOT_FOUND, before
from scheduler.publishers.mastodon.server import Facts, facts_of, named, nodeinfo_path

if TYPE_CHECKING:
    from scheduler.publishers.mastodon.line import Line

NEEDED = {"write:statuses": "publish", "write:media": "send pictures", "read:statuses": "read its own posts"}


def facts(line: Line) -> Facts:
    """The server's software and limits. Without the SDK: it adds a slash that some servers answer with a redirect."""
    answer = line.get("/api/v2/instance")
    if answer.status == NOT_FOUND:
        answer = line.get("/api/v1/instance")
    if answer.status == NOT_FOUND or (answer.ok and not isinstance(answer.data, dict)):
        text = f"does not answer as a Mastodon server does. Look at accounts.{line.account}.server in config.toml"
        raise Unavailable(f"{line.host} {text}.", detail=answer.detail)
    if not answer.ok:
        raise before(answer, line.host, line.account)
    found = facts_of(answer.data)
    if found.software:
        return found
    path = nodeinfo_path(line.get("/.well-known/nodeinfo").data)
    return named(found, line.get(path).data) if path else found


def me(line: Line) -> dict[str, Any]:
    """Whose login it is."""
    answer = line.done(lambda sdk: sdk.account_verify_credentials())
    if not isinstance(answer.data, dict) or not answer.data.get("id"):
        raise Unavailable(f"{line.host} did not say whose login it is.", detail=answer.detail)
    return answer.data


def name_of(who: dict[str, Any], domain: str) -> str:
    """The account's name as people write it: "@lantern@mastodon.example"."""
    name = str(who.get("acct") or who.get("username") or who["id"])
    return f"@{name}" if "@" in name else f"@{name}@{domain}"


def scopes(line: Line) -> tuple[str, ...]:
    """What the login may do, as Mastodon names it; nothing where the server does not tell.

    Since 4.3 the app's own scopes are in /api/v1/apps/verify_credentials; a login is given no more than its app has.
    """
    answer = line.heard(lambda sdk: sdk.app_verify_credentials())
    told = answer.data.get("scopes") if answer.ok and isinstance(answer.data, dict) else None
    return tuple(str(one) for one in told) if isinstance(told, list) else ()


def granted(told: tuple[str, ...], right: str) -> bool:
    """Whether the scopes cover a right: "write" is more than "write:media"."""
    return right in told or right.split(":", 1)[0] in told
