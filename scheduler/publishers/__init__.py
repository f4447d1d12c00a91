"""The publishers: one module a network. This folder is the registry, so a new network is one new file.

A module has `LIMITS`, or `limits(account)` where the limits are the account's own; and, once it can send, `connect`.
A module whose name begins with an underscore is no network. See docs/networks.md.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any, cast

from scheduler.errors import ConfigError
from scheduler.publishers._careful import Careful

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Account, Limits, Person, Publisher, Secret


def available() -> tuple[str, ...]:
    """The networks, by name; nothing is imported."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def can_publish(network: str) -> bool:
    """Whether this release can send to the network. Raises ConfigError for one that there is not."""
    return hasattr(_module(network), "connect")


def limits(account: Account) -> Limits:
    """What the account's network takes. Raises ConfigError for an unknown network or a wrong setting."""
    module = _module(account.network)
    own = getattr(module, "limits", None)
    return cast("Limits", own(account) if own else module.LIMITS)


def login(account: Account, person: Person) -> dict[str, str]:
    """Ask `person` for what the network wants; the secrets to keep. Raises ConfigError where there is none to ask."""
    module = _module(account.network)
    if not hasattr(module, "login"):
        raise ConfigError(f"The account {account.name} is on {account.network}, which asks for no login.")
    return cast("dict[str, str]", module.login(account, person))


def secret_names(network: str) -> tuple[str, ...]:
    """The secrets without which an account of the network cannot publish."""
    return cast("tuple[str, ...]", getattr(_module(network), "SECRETS", ()))


def connect(account: Account, secret: Secret, *, root: Path) -> Publisher:
    """The publisher for one account of the project at `root`. Raises ConfigError when it cannot be set up."""
    module = _module(account.network)
    if not hasattr(module, "connect"):
        raise ConfigError(
            f"This release cannot publish to {account.network} yet (account “{account.name}”). "
            f"Set enabled = false under [accounts.{account.name}]."
        )
    return Careful(module.connect(account, secret, root=root), secret)


def _module(network: str) -> Any:  # noqa: ANN401  a module's names are known only when it runs
    known = available()
    if network not in known:
        raise ConfigError(f"There is no network “{network}”. The networks are: {', '.join(known)}.")
    return importlib.import_module(f"scheduler.publishers.{network}")
