"""APScheduler 3 with its SQLAlchemyJobStore: N date jobs due at once.

Kind to it: `misfire_grace_time=None`; with its default of one second it drops most of them. The rows are
written in one commit beforehand, through its own serialisation, and take no share in the figure.
"""

from __future__ import annotations

import argparse
import logging
import os
import pickle
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from benchmarks import jobs
from benchmarks.common import Meter, out, percentile, rss_mib, scratch


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("deliveries", type=int)
    parser.add_argument("--wal", action="store_true", help="WAL and FULL; default: as SQLAlchemy opens SQLite")
    parser.add_argument("--limit", type=float, default=120, help="seconds; what ran until then is the figure")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with scratch() as root:
        engine = sa.create_engine(f"sqlite:///{root}/jobs.db")
        if args.wal:
            sa.event.listen(engine, "connect", _durable)
        store = SQLAlchemyJobStore(engine=engine)
        scheduler = BackgroundScheduler(
            jobstores={"default": store}, executors={"default": ThreadPoolExecutor(10)}, timezone=UTC
        )
        scheduler.start(paused=True)
        due = datetime.now(UTC) + timedelta(seconds=1 + args.deliveries * 1.5e-4)
        with engine.begin() as connection:
            connection.execute(store.jobs_t.insert(), [_row(scheduler, i, due) for i in range(args.deliveries)])
        while time.time() < due.timestamp():
            time.sleep(0.005)
        meter = Meter()
        scheduler.resume()
        end = time.perf_counter() + args.limit
        while time.perf_counter() < end and (len(jobs.LATE) < args.deliveries or _left(engine, store)):
            time.sleep(0.01)
        found = meter.stop(len(jobs.LATE))
        out(
            **found,
            late_p50_ms=round(percentile(jobs.LATE, 50) * 1000, 1),
            late_p99_ms=round(percentile(jobs.LATE, 99) * 1000, 1),
            rss_mib=round(rss_mib()),
        )
    os._exit(0)  # its threads may still be at it


def _durable(raw: Any, _record: object) -> None:  # noqa: ANN401
    raw.execute("PRAGMA journal_mode=wal")
    raw.execute("PRAGMA synchronous=FULL")


def _row(scheduler: Any, number: int, due: datetime) -> dict[str, Any]:  # noqa: ANN401  it ships no types
    job = Job(
        scheduler,
        id=f"d{number}",
        func=jobs.publish,
        args=(number, due.timestamp()),
        kwargs={},
        trigger=DateTrigger(due, UTC),
        name="p",
        executor="default",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=due,
    )
    state = pickle.dumps(job.__getstate__(), pickle.HIGHEST_PROTOCOL)
    return {"id": job.id, "next_run_time": due.timestamp(), "job_state": state}


def _left(engine: sa.Engine, store: Any) -> int:  # noqa: ANN401
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(store.jobs_t)).scalar_one())


if __name__ == "__main__":
    main()
