"""X, for the contract suite and the fault suites: our own server (servers/xserver.py) behind the cutting proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.model import Account
from scheduler.publishers import x
from tests.fakes import Kept
from tests.servers import xserver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scheduler.model import Publisher
    from tests.servers.cutting import Cutting
    from tests.servers.xserver import XServer

PUBLISH = r"^POST /2/tweets$"


def server(root: Path) -> XServer:
    """The server behind the proxy."""
    return xserver.at(root)[0]


def proxy(root: Path) -> Cutting:
    """What stands between the publisher and the server."""
    return xserver.at(root)[1]


def account(root: Path, **options: str) -> Account:
    """The account; its `server` is the proxy."""
    return Account("x", "x", handle="@LanternProject", options={"server": proxy(root).url, **options})


def secrets(root: Path) -> dict[str, str]:
    """What a daemon in another process needs to get in."""
    return server(root).secrets


def connect(root: Path) -> Publisher:
    """A publisher on an empty account, the same one for the same root."""
    return x.connect(account(root), Kept(**secrets(root)), root=root)


def public(root: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What became public: text as it was sent (X drops white space at the ends) and alt texts of each post."""
    return server(root).public()


def spoil(root: Path) -> None:
    """Make the next publish fail."""
    server(root).suspended = True


def _delayed(root: Path) -> None:
    server(root).delay_timeline(reads=1)


def _undetected(root: Path) -> None:
    server(root).duplicates = False


def _refusing(root: Path) -> None:
    server(root).duplicates = True


MODES: dict[str, Callable[[Path], None]] = {
    "duplicate refusal": _refusing,
    "delayed timeline": _delayed,  # by one read, as long as `settle_reads` looks once more
    "no duplicate detection": _undetected,
}
