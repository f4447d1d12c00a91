"""The one place that reads the machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the shell asks of time."""

    def now(self) -> datetime:
        """The wall clock, aware UTC. It may jump."""
        ...

    def elapsed(self) -> float:
        """Seconds that only grow, a suspended machine's sleep included."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds since boot, sleep included where the system can tell (Linux)."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()
