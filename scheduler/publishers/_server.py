"""The address of an account's server, as config.toml has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduler.errors import ConfigError

if TYPE_CHECKING:
    from scheduler.model import Account

LOOPBACK = ("127.0.0.1", "localhost", "::1")  # only this machine is spoken to without TLS


def server_of(account: Account, default: str = "", *, example: str = "") -> str:
    """The account's `server` setting or `default`: scheme and host, no slash at its end. Raises ConfigError."""
    where = f"accounts.{account.name}.server"
    given = account.options.get("server", default)
    such = f"such as {example or default}"
    if not isinstance(given, str) or not given:
        raise ConfigError(f"{where} must be the address of the account's server, {such}; it is {given!r}.")
    told = "" if "@" in given else f"; it is {given!r}"  # it may hold a password
    try:
        parts = urlsplit(given)
        bare = parts.hostname and not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
        known = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        _ = parts.port
    except ValueError:
        bare = known = False
    if not bare or re.search(r"[\s\"<>\\]", given):
        raise ConfigError(f"{where} must be an address and nothing more, {such}{told}.")
    if not known:
        raise ConfigError(f"{where} must begin with https://, {such}{told}.")
    return f"{parts.scheme}://{parts.netloc}"
