"""Where an account's secrets come from. They never stand in a file of the project.

Read, first found wins for each name: the environment (``CAMPAIGN_<ACCOUNT>_<NAME>``), then a systemd
credentials directory (a file ``<account>_<name>``; https://systemd.io/CREDENTIALS/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.model import Account


def of(account: Account, environment: Mapping[str, str]) -> dict[str, str]:
    """The account's secrets by lower-case name, such as ``access_token``."""
    prefix = f"campaign_{account.name.replace('-', '_')}_"
    found = _credentials(environment.get("CREDENTIALS_DIRECTORY"), f"{account.name}_")
    for key, value in environment.items():
        if key.lower().startswith(prefix):
            found[key.lower().removeprefix(prefix)] = value
    return found


def _credentials(folder: str | None, prefix: str) -> dict[str, str]:
    if not folder or not Path(folder).is_dir():
        return {}
    files = (p for p in Path(folder).iterdir() if p.is_file() and p.name.startswith(prefix))
    return {p.name.removeprefix(prefix): p.read_text(encoding="utf-8").strip() for p in files}
