"""How long a call to a network may take. Read at each call, never copied, so that a test can make them short."""

from __future__ import annotations

CONNECT = 10.0  # seconds until the connection stands
READ = 30.0  # seconds without a byte of the answer
UPLOAD = 60.0  # the same, while a picture is taken in


def call() -> tuple[float, float]:
    """The timeouts of an ordinary call, as requests takes them."""
    return CONNECT, READ


def upload() -> tuple[float, float]:
    """The timeouts of an upload."""
    return CONNECT, UPLOAD
