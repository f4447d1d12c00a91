"""How long a call to a network may take. Read at each call, never copied, so that a test can make them short."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

CONNECT = 10.0  # seconds until the connection stands
READ = 30.0  # seconds without a byte of the answer
UPLOAD = 60.0  # the same, while a picture is taken in
GRACE = 5.0  # more than a connection and its longest silence: what an answer may take in all


def call() -> tuple[float, float]:
    """The timeouts of an ordinary call, as requests takes them."""
    return CONNECT, READ


def upload() -> tuple[float, float]:
    """The timeouts of an upload; requests sends the picture under the first."""
    return UPLOAD, UPLOAD


def within(seconds: float, work: Callable[[], T], late: Exception) -> T:
    """What `work` gives or raises; `late` when it takes longer in all.

    The timeouts of the libraries are for each byte that comes: a server that drips keeps them waiting for ever. What
    is late goes on in its thread, and what it brings is dropped.
    """
    came: SimpleQueue[tuple[T, None] | tuple[None, Exception]] = SimpleQueue()

    def run() -> None:
        try:
            came.put((work(), None))
        except Exception as error:  # noqa: BLE001  raised by who waits
            came.put((None, error))

    threading.Thread(target=run, name="call", daemon=True).start()
    try:
        value, error = came.get(timeout=seconds)
    except Empty:
        raise late from None
    if error is not None:
        raise error
    return cast("T", value)
