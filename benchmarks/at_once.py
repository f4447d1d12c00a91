"""Ours: N deliveries due at once to networks that do nothing, through the real store and publishing loop.

Everything is durable as in the daemon: the attempt is opened before, what was prepared is saved before
`publish`, and the result is recorded with its log row after.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from benchmarks import ours
from benchmarks.common import Meter, fresh_database, out, percentile, rss_mib, scratch
from scheduler.daemon import Daemon
from scheduler.model import Status


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("deliveries", type=int)
    parser.add_argument("--accounts", type=int, default=64)
    parser.add_argument("--journal", help="default: what the store chooses")
    parser.add_argument("--postgres", action="store_true")
    args = parser.parse_args()
    with scratch() as root:
        url = fresh_database() if args.postgres else ""
        app = ours.project(root, args.accounts, url, args.journal)
        at = datetime.now(UTC) - timedelta(seconds=1)
        ours.due(app, [at] * args.deliveries)
        commits = 0

        @sa.event.listens_for(app.store.engine, "commit")
        def _count(_connection: sa.Connection) -> None:
            nonlocal commits
            commits += 1

        daemon = Daemon(app, say=lambda _line: None, once=True)
        outlets, _ = app.outlets()
        publishing = app.publishing(outlets, wake=daemon._wake.set)  # noqa: SLF001  the daemon's own loop
        meter = Meter(server=args.postgres)
        began = datetime.now(UTC).timestamp()
        daemon._drain(publishing)  # noqa: SLF001
        publishing.close()
        found = meter.stop(args.deliveries)
        late = [when - began for _, when in app.network.called]
        published = ours.count(app.store, Status.PUBLISHED)
        if published != args.deliveries or len({key for key, _ in app.network.called}) != len(late) != published:
            raise SystemExit(f"{published} of {args.deliveries} published, {len(late)} calls")
        app.close()
        out(
            **found,
            commits=round(commits / args.deliveries, 4),
            late_p50_ms=round(percentile(late, 50) * 1000, 1),
            late_p99_ms=round(percentile(late, 99) * 1000, 1),
            rss_mib=round(rss_mib()),
        )


if __name__ == "__main__":
    main()
