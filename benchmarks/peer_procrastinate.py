"""procrastinate on PostgreSQL, one worker, 16 at a time: N jobs whose `schedule_at` has come."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import procrastinate

from benchmarks import jobs
from benchmarks.common import Meter, fresh_database, out, percentile, rss_mib

if TYPE_CHECKING:
    from procrastinate.types import JSONDict


async def run(deliveries: int) -> None:
    url = fresh_database()
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=2, max_size=8))

    @app.task(name="publish", queue="q")
    async def publish(number: int, due: float) -> str:
        return jobs.publish(number, due)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        due = time.time()
        later = publish.configure(schedule_at=datetime.fromtimestamp(due, UTC))
        for first in range(0, deliveries, 2000):
            some: list[JSONDict] = [{"number": n, "due": due} for n in range(first, min(deliveries, first + 2000))]
            await later.batch_defer_async(*some)
        await app.connector.execute_query_async("ANALYZE procrastinate_jobs")
        began = time.time()
        meter = Meter(server=True)
        await app.run_worker_async(
            queues=["q"], concurrency=16, wait=False, install_signal_handlers=False, listen_notify=False
        )
        found = meter.stop(len(jobs.LATE))
    late = [seconds - (began - due) for seconds in jobs.LATE]
    out(
        **found,
        late_p50_ms=round(percentile(late, 50) * 1000, 1),
        late_p99_ms=round(percentile(late, 99) * 1000, 1),
        rss_mib=round(rss_mib()),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("deliveries", type=int)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asyncio.run(run(args.deliveries))
    os._exit(0)


if __name__ == "__main__":
    main()
