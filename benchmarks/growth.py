"""CPU time of one claim, of the next instant and of the look for work, with more and more published history."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks import ours
from benchmarks.common import fresh_database, median, out, scratch
from scheduler.model import Published
from scheduler.outcomes import decide
from scheduler.store import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Step

AGAIN = 200
LEASE = timedelta(minutes=10)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="+", help="published deliveries, in rising order")
    parser.add_argument("--postgres", action="store_true")
    args = parser.parse_args()
    with scratch() as root:
        app = ours.project(root, 50, fresh_database() if args.postgres else "")
        ours.due(app, [datetime.now(UTC) + timedelta(days=30)] * 1000)
        found: dict[str, dict[str, float]] = {}
        for rows in args.rows:
            ours.history(app, rows)
            now = datetime.now(UTC)
            ours.due(app, [now - timedelta(seconds=1)] * AGAIN)
            found[str(rows)] = _measure(app, now)
        out(cpu_us=found)
        app.close()


def _measure(app: ours.QuietApp, now: datetime) -> dict[str, float]:
    store = app.store
    claims: list[float] = []
    for _ in range(AGAIN):
        began = time.thread_time()
        step = store.step(now=now, owner="bench", lease=LEASE, gap=timedelta(0), room=1)
        claims.append((time.thread_time() - began) * 1e6)
        _publish(app, step, now)
    return {
        "claim": round(median(claims)),
        "next_instant": round(_typical(lambda: store.next_instant(now))),
        "work": round(_typical(lambda: store.work(now))),
    }


def _typical(ask: Callable[[], object]) -> float:
    """CPU microseconds of one call: the disk's own time, which moves with the neighbours, is left out."""
    found: list[float] = []
    for _ in range(AGAIN):
        began = time.thread_time()
        ask()
        found.append((time.thread_time() - began) * 1e6)
    return median(found)


def _publish(app: ours.QuietApp, step: Step, now: datetime) -> None:
    (claim,) = step.claimed
    done = decide(claim.delivery, Published("1", "https://quiet.example/1"), now, 0.5, ours.LIMITS)
    result = Result(claim.delivery, claim.attempt, done)
    app.store.step(now=now, owner="bench", lease=LEASE, gap=timedelta(0), results=(result,))


if __name__ == "__main__":
    main()
