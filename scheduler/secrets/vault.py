"""The file ``var/credentials.json``, which only its owner may read.

It has what `campaign login` stored where the system has no keyring; and where it has one, which entries stand there.
It is replaced whole, under a lock: a reader sees the old file or the new one, also after kill -9 or a power cut.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.errors import Disconnected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILE = "var/credentials.json"
VERSION = 1
WAIT = 60.0  # seconds for the lock: a keyring may be asked while it is held
POSIX = os.name == "posix"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is kept of one account."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)  # empty where a keyring has them
    service: str = ""  # under which the keyring has them; empty: they stand here
    names: tuple[str, ...] = ()  # what the keyring has
    login: str = ""  # another one after each login
    turn: str = ""  # another one after each change

    @property
    def known(self) -> tuple[str, ...]:
        """The names of what is kept."""
        return self.names if self.service else tuple(self.values)


class Vault:
    """The file of one project. Raises Disconnected when it cannot be used, with the mend."""

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def read(self) -> dict[str, Shelf]:
        """What is kept, by account; read anew each time, as another process may have changed it."""
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Disconnected(self._told(error)) from None
        with os.fdopen(handle, "rb") as file:
            self._refuse_open_to_others(os.fstat(handle))
            found = _unpacked(file.read())
        if found is None:
            raise Disconnected(
                f"{FILE} is damaged, or of a later release. Move it away, and connect its accounts again: "
                "campaign login ACCOUNT."
            )
        return found

    def write(self, shelves: Mapping[str, Shelf]) -> None:
        """Put a new file in the old one's place, and wait until the disk has it. The caller holds the lock."""
        new = self.path.with_name(f".{self.path.name}.new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            new.unlink(missing_ok=True)  # left by a process that was killed here
            with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
                self._give(file.fileno())
                file.write(_packed(shelves))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            _settle(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink()
            raise Disconnected(self._told(error)) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one that changes what is kept."""
        from filelock import FileLock, Timeout  # noqa: PLC0415  40 ms; only who writes needs it

        folder = self.path.parent
        lock = FileLock(self.path.with_suffix(".lock"), mode=0o600)
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._refuse_folder_of_everybody(folder.stat())
            lock.acquire(timeout=WAIT, poll_interval=0.02)
            self._give(lock.lock_file)
        except Timeout:
            text = f"Another process has held {FILE} for {WAIT:g} seconds. Nothing was kept; try again."
            raise Unavailable(text) from None
        except OSError as error:
            raise Disconnected(self._told(error)) from None
        try:
            yield
        finally:
            lock.release()

    def _give(self, file: int | str) -> None:
        """What root writes belongs to whom the folder belongs: the daemon must be able to read it."""
        if POSIX and os.geteuid() == 0:
            folder = self.path.parent.stat()
            os.chown(file, folder.st_uid, folder.st_gid)

    @staticmethod
    def _refuse_open_to_others(seen: os.stat_result) -> None:
        if not stat.S_ISREG(seen.st_mode):
            raise Disconnected(f"{FILE} is no ordinary file. Move it away, and connect its accounts again.")
        if POSIX and stat.S_IMODE(seen.st_mode) & 0o077:
            raise Disconnected(
                f"Others on this machine may read {FILE}, so it is not used. Close it: chmod 600 {FILE} "
                "(and if they are not to be trusted, make new passwords and log in again)."
            )

    @staticmethod
    def _refuse_folder_of_everybody(seen: os.stat_result) -> None:
        if POSIX and seen.st_mode & stat.S_IWOTH and not seen.st_mode & stat.S_ISVTX:
            raise Disconnected("Everybody on this machine may write in the folder var. Close it: chmod o-w var.")

    def _told(self, error: OSError) -> str:
        with contextlib.suppress(OSError):  # of a folder that is closed, nothing more can be said
            if self.path.is_symlink():
                return f"{FILE} is a link, which is not followed. Put the file itself there."
            if isinstance(error, PermissionError):
                return (
                    f"{FILE} belongs to {_owner(self.path if self.path.exists() else self.path.parent)}, and this "
                    "program may not use it. Run the command as that user, or give the file to the one that runs it."
                )
        return f"{FILE} cannot be used: {error.strerror or 'unknown reason'}. Mend that, and try again."


def _owner(path: Path) -> str:
    try:
        return f"the user “{path.owner()}”"
    except (KeyError, NotImplementedError):
        return "another user"


def _settle(folder: Path) -> None:
    if POSIX:  # elsewhere a folder cannot be opened, and its file system sees to it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _packed(shelves: Mapping[str, Shelf]) -> bytes:
    accounts = {
        name: {"login": s.login, "turn": s.turn}
        | ({"keyring": s.service, "names": list(s.names)} if s.service else {"values": dict(s.values)})
        for name, s in shelves.items()
    }
    return json.dumps({"version": VERSION, "accounts": accounts}, ensure_ascii=False, indent=1).encode()


def _unpacked(packed: bytes) -> dict[str, Shelf] | None:
    """None when it is not what `_packed` makes. The parser's own error would have the whole file in it."""
    try:
        raw = json.loads(packed)
        if raw["version"] != VERSION:
            return None
        return {str(name): _shelf(kept) for name, kept in raw["accounts"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _shelf(kept: Mapping[str, Any]) -> Shelf:
    return Shelf(
        values={str(name): str(value) for name, value in kept.get("values", {}).items()},
        service=str(kept.get("keyring", "")),
        names=tuple(str(name) for name in kept.get("names", ())),
        login=str(kept["login"]),
        turn=str(kept["turn"]),
    )
