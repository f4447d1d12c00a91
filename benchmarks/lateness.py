"""Lateness, from due to the publish call, through the whole daemon: N due in each second, over 50 accounts."""

from __future__ import annotations

import argparse
import random
import threading
import time
from datetime import UTC, datetime, timedelta

from benchmarks import ours
from benchmarks.common import out, percentile, rss_mib, scratch
from scheduler.daemon import Daemon

ACCOUNTS = 50
LEAD = 3.0  # seconds until the first is due: the daemon has started by then


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("a_second", type=int)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--journal")
    args = parser.parse_args()
    many = args.a_second * args.seconds
    chance = random.Random(5)
    with scratch() as root:
        app = ours.project(root, ACCOUNTS, journal=args.journal)
        first = datetime.now(UTC) + timedelta(seconds=LEAD)
        instants = sorted(first + timedelta(seconds=chance.uniform(0, args.seconds)) for _ in range(many))
        ours.due(app, instants)
        daemon = Daemon(app, say=lambda _line: None)
        threading.Thread(target=_watch, args=(app, daemon, many, args.seconds), daemon=True).start()
        daemon.run()
        with app.store.reading() as read:
            due = {row.key: row.scheduled_at.timestamp() for row in read.deliveries()}
        late = [when - due[key] for key, when in app.network.called]
        if len(late) != many or min(late) < 0:
            raise SystemExit(f"{len(late)} of {many} called, the first {min(late)} s after its time")
        app.close()
        out(
            late_p50_ms=round(percentile(late, 50) * 1000, 2),
            late_p99_ms=round(percentile(late, 99) * 1000, 2),
            late_most_ms=round(max(late) * 1000, 2),
            rss_mib=round(rss_mib()),
        )


def _watch(app: ours.QuietApp, daemon: Daemon, many: int, seconds: int) -> None:
    end = time.monotonic() + LEAD + seconds + 30
    while time.monotonic() < end and len(app.network.called) < many:
        time.sleep(0.2)
    daemon._stop(0, None)  # noqa: SLF001  what SIGTERM calls


if __name__ == "__main__":
    main()
