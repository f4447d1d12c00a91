"""huey's SqliteHuey with its own consumer (4 threads): N tasks whose eta has come. WAL and FULL, as it opens it."""

from __future__ import annotations

import argparse
import logging
import os
import time
from datetime import UTC, datetime

from huey import SqliteHuey
from huey.consumer import Consumer

from benchmarks import jobs
from benchmarks.common import Meter, out, percentile, rss_mib, scratch


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("deliveries", type=int)
    parser.add_argument("--limit", type=float, default=120)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with scratch() as root:
        huey = SqliteHuey("q", filename=f"{root}/huey.db", results=False, utc=True)
        publish = huey.task()(jobs.publish)
        due = time.time() + 1 + args.deliveries * 2e-4
        eta = datetime.fromtimestamp(due, UTC).replace(tzinfo=None)
        storage = huey.storage
        with storage.db(commit=True) as cursor:
            for number in range(args.deliveries):
                task = publish.s(number, due)
                task.eta = eta
                cursor.execute(
                    "INSERT INTO schedule (queue, data, timestamp) VALUES (?, ?, ?)",
                    (storage.name, memoryview(huey.serialize_task(task)), eta.replace(tzinfo=UTC).timestamp()),
                )
        consumer = Consumer(huey, workers=4, periodic=False, initial_delay=0.1, max_delay=0.1, scheduler_interval=1)
        while time.time() < due:
            time.sleep(0.005)
        meter = Meter()
        consumer.start()
        end = time.perf_counter() + args.limit
        while time.perf_counter() < end and len(jobs.LATE) < args.deliveries:
            time.sleep(0.005)
        found = meter.stop(len(jobs.LATE))
        out(
            **found,
            late_p50_ms=round(percentile(jobs.LATE, 50) * 1000, 1),
            late_p99_ms=round(percentile(jobs.LATE, 99) * 1000, 1),
            rss_mib=round(rss_mib()),
        )
    os._exit(0)


if __name__ == "__main__":
    main()
