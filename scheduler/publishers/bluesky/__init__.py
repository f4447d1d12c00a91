"""Bluesky, by the SDK atproto.

The record key is ours and chosen before the first request, so the server itself cannot have the post twice: it answers
a repeat with an error, and `find` reads that key. What the network really does: docs/networks.md.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.errors import ConfigError
from scheduler.model import Count, Limits
from scheduler.publishers._server import server_of

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Account, Person, Publisher, Secret

LIMITS = Limits(
    text=300,
    count=Count.GRAPHEMES,
    text_bytes=3000,
    images=4,
    image_bytes=1_000_000,  # older servers; newer ones take 2,000,000
    image_formats=("jpeg", "png"),
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=2000,
    alt_count=Count.GRAPHEMES,
    settle_after=timedelta(seconds=10),  # a lost request that still works then costs an error, never a second post
    settle_reads=1,
    threads=True,
)
SECRETS = ("app_password",)
SERVER = "https://bsky.social"
HANDLE = re.compile(r"did:[a-z]+:\S+|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def connect(account: Account, secret: Secret, *, root: Path) -> Publisher:  # noqa: ARG001  it keeps nothing in the project
    """The publisher of an account. Raises ConfigError for a wrong server or handle; nothing is sent."""
    from scheduler.publishers.bluesky.session import Sessions  # noqa: PLC0415  loads the SDK
    from scheduler.publishers.bluesky.verbs import Bluesky  # noqa: PLC0415  the same

    return Bluesky(account, Sessions(account, _server(account), secret))


def login(account: Account, person: Person) -> dict[str, str]:
    """Ask for the app password and try it. The secrets to keep: it, the session, and the handle when not in config."""
    from scheduler.publishers.bluesky.session import TOO_MUCH, WHERE, need_active, scope, sign_in  # noqa: PLC0415

    server = _server(account)
    handle = account.handle.lstrip("@")
    asked = "" if handle else person.ask("The account's handle, such as lantern.bsky.social:").lstrip("@")
    person.tell(f"Make an app password for {handle or asked} in the app. {WHERE}.")
    password = person.ask("The app password:", hidden=True)
    tokens = sign_in(account, server, handle or asked, password)
    need_active(tokens, account.name)
    if scope(tokens) == "com.atproto.access":
        person.tell(TOO_MUCH)
    kept = {"app_password": password, "session": tokens.packed()}
    return {**kept, "identifier": asked} if asked else kept


def _server(account: Account) -> str:
    if account.handle and not HANDLE.fullmatch(account.handle.lstrip("@")):
        raise ConfigError(
            f"accounts.{account.name}.handle must be a Bluesky handle, such as lantern.bsky.social; "
            f"it is {account.handle!r}."
        )
    return server_of(account, SERVER)
