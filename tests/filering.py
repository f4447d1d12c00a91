"""A real keyring backend whose entries are files: for tests, chosen by PYTHON_KEYRING_BACKEND=tests.filering.Keyring.

It replaces as macOS does, by a delete and then an add, and has the moods of a keyring that does not work.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "TEST_KEYRING"  # the variable that names the folder
MOOD = "mood"  # a file in it: "locked", "gone" or "hangs"


class Keyring(KeyringBackend):
    """See the module."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(service, username)
        return str(json.loads(file.read_bytes())["value"]) if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        file = self._file(service, username)
        file.unlink(missing_ok=True)
        aside = file.with_name(f"{file.name}.{os.getpid()}")
        aside.write_text(json.dumps({"service": service, "user": username, "value": password}))
        aside.rename(file)

    def delete_password(self, service: str, username: str) -> None:
        file = self._file(service, username)
        if not file.exists():
            raise PasswordDeleteError("No such password!")
        file.unlink()

    def _file(self, service: str, username: str) -> Path:
        folder = Path(os.environ[FOLDER])
        mood = folder / MOOD
        if mood.exists():
            _act(mood.read_text())
        name = hashlib.sha256(f"{service} {username}".encode()).hexdigest()
        return folder / f"{name[:24]}.json"


def _act(mood: str) -> None:
    if mood == "locked":
        raise KeyringLocked("Failed to unlock the collection!")
    if mood == "gone":
        raise ConnectionResetError("D-Bus has left")
    threading.Event().wait()


def entries(folder: Path) -> Mapping[tuple[str, str], str]:
    """All that the keyring has: (service, user) → value."""
    raw = [json.loads(file.read_bytes()) for file in folder.glob("*.json")]
    return {(r["service"], r["user"]): r["value"] for r in raw}
