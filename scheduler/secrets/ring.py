"""The system's keyring, where there is a real one: behind a deadline, and with sentences for what goes wrong.

An entry is named by a service, "campaign: <the project's folder>", and a user, "<account>/<name>".
"""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NoReturn, TypeVar

from scheduler.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keyring.backend import KeyringBackend

T = TypeVar("T")

WAIT = 45.0  # seconds: a locked keyring asks in a window of its own, and nobody may sit there
ASIDE = ".new"  # ends the user under which a new value stands until it has replaced the old one

_NAMES = {  # the end of the backend's module → what people call it
    "SecretService": "the desktop’s keyring (Secret Service)",
    "libsecret": "the desktop’s keyring (libsecret)",
    "kwallet": "KWallet",
    "macOS": "the macOS Keychain",
    "Windows": "the Windows Credential Manager",
}

MOST = {"Windows": 1280}  # characters of one value: 2,560 bytes of UTF-16 (CRED_MAX_CREDENTIAL_BLOB_SIZE)


class Ring:
    """A keyring. Every failure is Unavailable, with a sentence: it may be unlocked a minute later."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        """As people call it."""
        return _NAMES.get(self._kind, f"the keyring “{type(self._backend).__module__}”")

    @property
    def _kind(self) -> str:
        return type(self._backend).__module__.rpartition(".")[2]

    def takes(self, values: Iterable[str]) -> bool:
        """Whether each is short enough for it."""
        return all(len(value) <= MOST.get(self._kind, len(value)) for value in values)

    def get(self, service: str, user: str) -> str:
        """The value; empty when there is none."""
        for one in (user, user + ASIDE):  # the second was left by a process that died while it replaced the first
            value = self._asked(user, partial(self._backend.get_password, service, one))
            if value:
                return str(value)
        return ""

    def put(self, service: str, user: str, value: str) -> None:
        """Put `value` in the place of what is there. Some keyrings delete before they add: so it is put aside first."""
        replaces = self.get(service, user) not in ("", value)
        for one in (user + ASIDE, user) if replaces else (user,):
            self._asked(user, partial(self._backend.set_password, service, one, value))
        if replaces:
            self._gone(service, user + ASIDE)

    def delete(self, service: str, user: str) -> None:
        """Take it away, if it is there."""
        self._gone(service, user + ASIDE)
        self._gone(service, user)
        if self.get(service, user):
            raise Unavailable(f"{self._Name} does not give up the secret “{user}”. Delete it there by hand.")

    def _gone(self, service: str, user: str) -> None:
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415  100 ms, and most accounts need none

        with contextlib.suppress(PasswordDeleteError):  # it was not there
            self._asked(user, partial(self._backend.delete_password, service, user), PasswordDeleteError)

    @property
    def _Name(self) -> str:  # noqa: N802  it begins a sentence
        return self.name[0].upper() + self.name[1:]

    def _asked(self, user: str, call: Callable[[], T], *passes: type[Exception]) -> T:
        """What the keyring answers in time; what goes wrong, as a sentence that names the account."""
        account = user.partition("/")[0]
        try:
            return _within(WAIT, call)
        except passes:
            raise
        except TimeoutError:
            why = f"gave no answer in {WAIT:g} seconds"
        except Exception as error:  # noqa: BLE001  each system has errors of its own
            why = f"cannot be used ({type(error).__name__})"
        raise Unavailable(
            f"{self._Name} {why}, when asked for the secrets of {account}. It may be locked: unlock it, or keep the "
            f"secrets in a file instead: campaign login {account} --file."
        )


def system() -> Ring | None:
    """The keyring of this system; None where there is no real one. Raises Unavailable when the chosen one is broken."""
    import keyring  # noqa: PLC0415  100 ms, and most machines that run this have none
    from keyring.backends import fail, null  # noqa: PLC0415

    try:
        backend = _within(WAIT, keyring.get_keyring)
        real = not isinstance(backend, fail.Keyring | null.Keyring) and float(backend.priority) > 0
    except Exception as error:  # noqa: BLE001  a backend that was chosen by name may raise anything
        raise Unavailable(
            f"The keyring that is chosen on this machine cannot be loaded ({type(error).__name__}: {error}). "
            "See PYTHON_KEYRING_BACKEND, or keyringrc.cfg."
        ) from None
    return Ring(backend) if real else None


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, if it does so in time; else TimeoutError, and its thread is left to itself."""
    answer: SimpleQueue[Callable[[], T]] = SimpleQueue()

    def work() -> None:
        try:
            value = call()
        except Exception as error:  # noqa: BLE001  it is raised again where it was asked
            answer.put(partial(_raise, error))
        else:
            answer.put(lambda: value)

    threading.Thread(target=work, name="keyring", daemon=True).start()
    try:
        given = answer.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    return given()


def _raise(error: Exception) -> NoReturn:
    raise error
