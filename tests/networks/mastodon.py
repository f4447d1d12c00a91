"""Mastodon, for the contract suite: a server of its own for each root, and the cutting proxy before it."""

from __future__ import annotations

import atexit
from functools import cache, partial
from typing import TYPE_CHECKING

from scheduler.model import Account
from scheduler.publishers import mastodon
from tests.fakes import Kept
from tests.servers import fediverse
from tests.servers.cutting import Cutting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scheduler.model import Publisher

PUBLISH = r"^POST /api/v1/statuses$"


@cache
def server(root: Path) -> fediverse.Fediverse:  # noqa: ARG001  the cache goes by it
    """The server of a root, started once."""
    made = fediverse.Fediverse()
    atexit.register(made.close)
    return made


@cache
def proxy(root: Path) -> Cutting:
    """What the publisher of that root talks through."""
    made = Cutting(server(root).url)
    atexit.register(made.close)
    return made


def account(root: Path) -> Account:
    """The account on it, as config.toml would have it."""
    return Account("mastodon", "mastodon", handle="@lantern@mastodon.example", options={"server": proxy(root).url})


def secrets(root: Path) -> dict[str, str]:
    """What another process needs to log in."""
    return {"access_token": server(root).token}


def connect(root: Path) -> Publisher:
    """A publisher on an empty account, the same one for the same root."""
    return mastodon.connect(account(root), Kept(**secrets(root)), root=root)


def public(root: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What the public sees: text and alt texts of each post."""
    return server(root).public()


def spoil(root: Path) -> None:
    """Make the next publish fail."""
    server(root).revoke()


def become(mode: str, root: Path) -> None:
    """Turn a root's server into another kind; before anything is asked of it."""
    server(root).rules.mode = mode


def close(root: Path) -> None:
    """Stop what runs for a root; for suites with hundreds of them. Its names start a new one afterwards."""
    proxy(root).close()
    server(root).close()
    proxy.cache_clear()
    server.cache_clear()


MODES: dict[str, Callable[[Path], None]] = {mode: partial(become, mode) for mode in fediverse.MODES if mode}
