"""The job that the other libraries run: it does nothing, and notes how late it was."""

from __future__ import annotations

import time

LATE: list[float] = []  # seconds


def publish(number: int, due: float) -> str:
    LATE.append(time.time() - due)
    return f"r{number}"
