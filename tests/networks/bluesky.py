"""Bluesky, for the contract and fault suites: Bluesky's own server, behind a cutting proxy for each account."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from scheduler.model import Account
from scheduler.publishers import bluesky
from tests.servers import pds
from tests.servers.cutting import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Publisher
    from tests.fakes import Kept
    from tests.servers.cutting import Cutting

PUBLISH = r"^POST /xrpc/com\.atproto\.repo\.createRecord"


def person(root: Path) -> pds.Person:
    """The account of a root on the server."""
    return pds.shared().person("t" + hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:12])


def proxy(root: Path) -> Cutting:
    """The proxy that the publisher of that root talks through."""
    return person(root).proxy


def account(root: Path) -> Account:
    """The account, as config.toml would have it."""
    return Account("bluesky", "bluesky", handle=f"@{person(root).handle}", options={"server": proxy(root).url})


def secrets(root: Path) -> dict[str, str]:
    """What a daemon in another process needs to sign in."""
    return {"app_password": person(root).app_password}


def secret(root: Path) -> Kept:
    """The same, with the session that this process keeps for the root."""
    return person(root).secret


def connect(root: Path) -> Publisher:
    """A publisher on an empty account, the same one for the same root."""
    return bluesky.connect(account(root), secret(root), root=root)


def public(root: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What the public sees: text and alt texts of each post."""
    records = [one["value"] for one in pds.shared().posts(person(root).did)]
    return [(r["text"], tuple(i["alt"] for i in r.get("embed", {}).get("images", ()))) for r in records]


def spoil(root: Path) -> None:
    """Make the next publish fail."""
    proxy(root).plan(Fault("503", on=PUBLISH))


def kill_server(root: Path) -> None:  # noqa: ARG001  all roots share one server
    """SIGKILL the server."""
    pds.shared().kill()


def start_server(root: Path) -> None:  # noqa: ARG001
    """Start it again, on what it had on its disk."""
    pds.shared().start()
