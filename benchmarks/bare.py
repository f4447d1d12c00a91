"""The floor: one small UPDATE a commit, with nothing but Python's own sqlite3 (WAL, synchronous=FULL)."""

from __future__ import annotations

import argparse
import sqlite3
import time

from benchmarks.common import Meter, out, scratch


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float)
    parser.add_argument("--journal", default="wal")
    args = parser.parse_args()
    with scratch() as root:
        base = sqlite3.connect(root / "bare.db", isolation_level=None)
        base.execute(f"PRAGMA journal_mode={args.journal}")
        base.execute("PRAGMA synchronous=FULL")
        base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, status TEXT, fence INTEGER)")
        base.execute("BEGIN")
        base.executemany("INSERT INTO t VALUES (?, 'scheduled', 0)", [(i,) for i in range(10_000)])
        base.execute("COMMIT")
        number = commits = 0
        meter = Meter()
        end = time.perf_counter() + args.seconds
        while time.perf_counter() < end:
            number = (number * 7919 + 13) % 10_000
            base.execute("BEGIN IMMEDIATE")
            base.execute("UPDATE t SET status = 'published', fence = fence + 1 WHERE id = ?", (number,))
            base.execute("COMMIT")
            commits += 1
        out(**meter.stop(commits), commits=1.0)
        base.close()


if __name__ == "__main__":
    main()
