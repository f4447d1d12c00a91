"""A network that is one append-only file: it keeps every arrival, dedupes nothing, and acts out a script.

`net/public` gets a line for each thing that became public. `net/script.json` names what each call does:

publish   ok · lost (it is out, the answer is lost) · nothing (lost, and it is not out) · bug (an unexpected
          exception after it is out) · unavailable · limited · rejected · disconnected · wait (until `net/go` exists,
          then ok) · "wait, unavailable" (or any other)
find      look · cannot · blind ("not there", whatever is true)

The calls are counted in files, so that a script outlives a killed process. Past its end: ok, look.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.errors import Disconnected, RateLimited, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Count, Health, Limits, NotThere, Published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scheduler.model import Account, Found, Message

LIMITS = Limits(
    text=500,
    count=Count.CODEPOINTS,
    card_size=(1200, 630),
    settle_after=timedelta(0),
)
OUT = ("ok", "lost", "bug")
GO_MOST = 120.0  # seconds


def connect(account: Account, secret: Mapping[str, str] | None, *, root: Path) -> FileNetwork:
    """The network of the project at `root`."""
    del account, secret
    return FileNetwork(root / "net")


class FileNetwork:
    """A publisher."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **_: object) -> dict[str, Any]:
        return {"key": key, "text": message.text, "alt": [i.alt for i in message.images], "images": len(images)}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        verb = self._next("publish", "ok")
        if verb.startswith("wait"):
            self._wait()
            verb = verb.removeprefix("wait, ").replace("wait", "ok")
        if verb in OUT:
            _append(self.folder / "public", json.dumps(dict(prepared)))
        if verb == "ok":
            return _published(prepared)
        raise _failure(verb)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        verb = self._next("find", "look")
        if verb == "cannot":
            return CannotTell("its timeline did not answer.")
        public = self.folder / "public"
        lines = public.read_text(encoding="utf-8").splitlines() if public.exists() and verb == "look" else []
        there = any(json.loads(line)["key"] == prepared["key"] for line in lines)
        return _published(prepared) if there else NotThere()

    def check(self) -> Health:
        return Health("@net")

    def _next(self, verb: str, default: str) -> str:
        calls, path = self.folder / f"{verb}.calls", self.folder / "script.json"
        number = len(calls.read_text(encoding="utf-8").splitlines()) if calls.exists() else 0
        _append(calls, str(number))
        script = json.loads(path.read_text(encoding="utf-8"))[verb] if path.exists() else []
        return str(script[number]) if number < len(script) else default

    def _wait(self) -> None:
        (self.folder / "reached").touch()
        end = time.monotonic() + GO_MOST
        while not (self.folder / "go").exists():
            if time.monotonic() > end:
                raise Unconfirmed("Nobody let it go on.")
            time.sleep(0.01)


def _append(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def _published(prepared: Mapping[str, Any]) -> Published:
    return Published(str(prepared["key"]), f"https://net.example/{prepared['key']}")


def _failure(verb: str) -> Exception:
    failures: dict[str, Exception] = {
        "lost": Unconfirmed("The answer was lost."),
        "nothing": Unconfirmed("The answer was lost."),
        "bug": ValueError("Expecting value: line 1 column 1"),
        "unavailable": Unavailable("No connection."),
        "limited": RateLimited("Too many requests.", retry_at=datetime.now(UTC) + timedelta(seconds=90)),
        "rejected": Rejected("The network refused the text."),
        "disconnected": Disconnected("The token was revoked."),
    }
    return failures[verb]
