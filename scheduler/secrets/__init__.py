"""Where an account's secrets come from, and where what a network renews is kept. Never in a file of the project.

Read, the first found wins for each name:

1. the environment, ``CAMPAIGN_<ACCOUNT>_<NAME>`` (a - in the account's name is a _ there);
2. a systemd credentials directory, a file ``<account>_<name>`` (https://systemd.io/CREDENTIALS/);
3. what `campaign login` stored: in the system's keyring where there is one, else in ``var/credentials.json``.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.errors import Disconnected, SchedulerError, Unavailable
from scheduler.secrets import ring as rings
from scheduler.secrets.vault import FILE, Shelf, Vault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.model import Account

AGAIN = 60.0  # seconds until what could not be kept is tried to be kept again
TOKEN = 40  # characters: a piece of a value that is so long is a token; host names and ids are shorter

_NAME = re.compile(r"[a-z0-9_]{1,64}")
_PIECES = re.compile(rf"[\w.~+-]{{{TOKEN},}}")


def of(account: Account, environment: Mapping[str, str], root: Path, *, names: Iterable[str] = ()) -> Secrets:
    """The secrets of an account of the project at `root`. `names` are those that its network needs."""
    return Secrets(account.name, environment, root.resolve(), tuple(names))


class Secrets:
    """A Secret of the model, and what `campaign login` needs beside.

    `get` raises Unavailable for a keyring that does not answer now, and Disconnected for a file that cannot be used.
    `keep` never raises: a network's answer must not be lost over it. What cannot be written is remembered for this
    process, tried again, and told by `trouble`.
    """

    def __init__(self, account: str, environment: Mapping[str, str], root: Path, names: tuple[str, ...]) -> None:
        self.account = account
        self.trouble = ""  # why what the network renewed is not kept yet; empty when it is
        self._environment = environment
        self.names = names
        self._vault = Vault(root)
        self._service = f"campaign: {root}"
        self._read: dict[str, tuple[str, str]] = {}  # name → the shelf's turn, and what the keyring had then
        self._logins: dict[str, str] = {}  # name → the login under which it was last read
        self._unsaved: dict[str, str] = {}
        self._tried = 0.0
        self._ever: set[str] = set()  # every value that went through here: an old one is still a secret
        self._writing = threading.RLock()

    def __repr__(self) -> str:
        return f"Secrets({self.account!r})"

    # The Secret of the model.

    def get(self, name: str) -> str:
        """The secret of that name; empty when there is none."""
        _check(name)
        given = self._given(name)
        if given:
            return self._seen(given)
        if name in self._unsaved and time.monotonic() - self._tried > AGAIN:
            self._save()
        unsaved = self._unsaved.get(name)
        return self._seen(self._stored(name)) if unsaved is None else unsaved

    def keep(self, name: str, value: str) -> None:
        """Keep a renewed value: in the store, also where the environment has one of that name. Empty takes it away."""
        _check(name)
        self._seen(value)
        with self._writing:
            self._unsaved[name] = value
            self._save()

    def values(self) -> tuple[str, ...]:
        """All that must never be seen: each value, and each token inside one. Never raises."""
        found = set(self._ever)
        prefix = self._variable("")
        found.update(v.strip() for k, v in self._environment.items() if k.startswith(prefix))
        with contextlib.suppress(OSError, UnicodeError):
            found.update(p.read_text("utf-8").strip() for p in self._credentials())
        with contextlib.suppress(SchedulerError, OSError):
            found.update(self._shelf().values.values())
        for value in tuple(found):
            found.update(_PIECES.findall(value))
        return tuple(sorted(found - {""}, key=lambda v: (-len(v), v)))

    # For `campaign login` and `campaign accounts`.

    def missing(self) -> tuple[str, ...]:
        """The names that the network needs and that are nowhere. Raises as `get`."""
        return tuple(name for name in self.names if not self.get(name))

    def overruled(self, names: Iterable[str]) -> tuple[str, ...]:
        """What wins over a stored secret of those names, in words."""
        found = []
        for name in names:
            if self._environment.get(self._variable(name), "").strip():
                found.append(f"the environment variable {self._variable(name)}")
            elif self._given(name):
                found.append(f"the systemd credential {self.account}_{name}")
        return tuple(found)

    def store(self, values: Mapping[str, str], *, in_file: bool = False) -> str:
        """Keep what a login gave, in the place of all that was kept; says where.

        Raises as `get`. Then nothing changed; but a keyring, whose entries are replaced one by one, may have some of
        the new ones: log in again.
        """
        for name, value in values.items():
            _check(name)
            self._seen(value)
        keyring = None if in_file else _keyring(values.values())
        with self._writing, self._vault.locked():
            shelves = self._vault.read()
            before = shelves.get(self.account, Shelf())
            fresh = Shelf(login=uuid.uuid4().hex, turn=uuid.uuid4().hex)
            if keyring is None:
                shelf = replace(fresh, values=dict(values))
            else:
                for name, value in values.items():
                    keyring.put(self._service, self._user(name), value)
                shelf = replace(fresh, service=self._service, names=tuple(values))
            self._vault.write({**shelves, self.account: shelf})
            self._unsaved.clear()
            with contextlib.suppress(SchedulerError):  # nothing reads it any more
                self._clear(before, spare=shelf.names if shelf.service == before.service else ())
        return keyring.name if keyring else FILE

    def forget(self) -> tuple[str, ...]:
        """Take away what is kept; the names of it. Raises as `get`; then it is still there."""
        with self._writing, self._vault.locked():
            shelves = self._vault.read()
            shelf = shelves.pop(self.account, None)
            if shelf is None:
                return ()
            self._clear(shelf)
            self._vault.write(shelves)
            self._unsaved.clear()
        return shelf.known

    # Inside.

    def _seen(self, value: str) -> str:
        if value:
            self._ever.add(value)
        return value

    def _variable(self, name: str) -> str:
        return f"CAMPAIGN_{self.account.replace('-', '_')}_{name}".upper()

    def _user(self, name: str) -> str:
        return f"{self.account}/{name}"

    def _given(self, name: str) -> str:
        """What the environment or systemd has; empty when neither does."""
        value = self._environment.get(self._variable(name), "").strip()
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        if value or not folder:
            return value
        path = Path(folder) / f"{self.account}_{name}"
        try:
            return path.read_text("utf-8").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise Disconnected(f"The systemd credential {path.name} cannot be read: {why}. Mend it, and start again.")

    def _credentials(self) -> list[Path]:
        folder = Path(self._environment.get("CREDENTIALS_DIRECTORY") or "/nonexistent")
        return [p for p in folder.glob(f"{self.account}_*") if p.is_file()] if folder.is_dir() else []

    def _shelf(self) -> Shelf:
        return self._vault.read().get(self.account, Shelf())

    def _stored(self, name: str) -> str:
        shelf = self._shelf()
        self._logins[name] = shelf.login
        if not shelf.service:
            return shelf.values.get(name, "")
        if name not in shelf.names:
            return ""
        turn, value = self._read.get(name, ("", ""))
        if turn != shelf.turn:
            value = self._ring(shelf).get(shelf.service, self._user(name))
            self._read[name] = (shelf.turn, value)
        return value

    def _ring(self, shelf: Shelf) -> rings.Ring:
        found = rings.system()
        if found is None:
            raise Unavailable(
                f"The secrets of {self.account} are in the keyring of the desktop where it was connected "
                f"(“{shelf.service}”), and this process finds no keyring. Run it there, or keep them in a file: "
                f"campaign login {self.account} --file."
            )
        return found

    def _save(self) -> None:
        """Write what was renewed, if that can be done now."""
        with self._writing:
            self._tried = time.monotonic()
            try:
                for name, value in tuple(self._unsaved.items()):
                    self._renew(name, value)
                    del self._unsaved[name]
                self.trouble = ""
            except (SchedulerError, OSError) as error:
                why = error.text if isinstance(error, SchedulerError) else f"{error.strerror or error}."
                self.trouble = f"What {self.account} renewed could not be kept for the next start: {why}"

    def _renew(self, name: str, value: str) -> None:
        with self._vault.locked():
            shelves = self._vault.read()
            shelf = shelves.get(self.account) or Shelf(service=self._place(value))
            if self._logins.get(name, shelf.login) != shelf.login:
                return  # a person logged in meanwhile: what was renewed belongs to what is gone
            if shelf.service:
                keyring = self._ring(shelf)
                if value:
                    keyring.put(shelf.service, self._user(name), value)
                else:
                    keyring.delete(shelf.service, self._user(name))
            shelf = _with(shelf, name, value)
            self._vault.write({**shelves, self.account: shelf})
            self._read[name] = (shelf.turn, value)

    def _place(self, value: str) -> str:
        """Where `campaign login` would store it: the keyring's service; empty for the file."""
        with contextlib.suppress(Unavailable):  # a daemon has nobody to ask: then the file
            return self._service if _keyring([value]) else ""
        return ""

    def _clear(self, shelf: Shelf, *, spare: Iterable[str] = ()) -> None:
        """Take from the keyring what `shelf` has there."""
        if shelf.service:
            keyring = self._ring(shelf)
            for name in sorted({*shelf.names, *self.names} - {*spare}):
                keyring.delete(shelf.service, self._user(name))


def _keyring(values: Iterable[str]) -> rings.Ring | None:
    """Where `campaign login` stores them; None for the file."""
    found = rings.system()
    return found if found and found.takes(values) else None


def _with(shelf: Shelf, name: str, value: str) -> Shelf:
    """The shelf with one value changed; one that is empty is taken off."""
    turn = uuid.uuid4().hex
    if shelf.service:
        others = tuple(n for n in shelf.names if n != name)
        return replace(shelf, names=(*others, name) if value else others, turn=turn)
    values = {**shelf.values, name: value} if value else {n: v for n, v in shelf.values.items() if n != name}
    return replace(shelf, values=values, turn=turn)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a secret's name has small letters, digits and _ only, not {name!r}")
