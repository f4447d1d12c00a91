"""CPU and memory of the real daemon that has January queued and nothing to do."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import psutil

from benchmarks.common import copy_of_project, out, rss_mib, scratch


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float)
    args = parser.parse_args()
    with scratch() as root:
        copy_of_project(root)
        command = [sys.executable, "-m", "scheduler", "run"]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL) as daemon:
            process = psutil.Process(daemon.pid)
            _wait_until_queued(process)
            before = process.cpu_times()
            time.sleep(args.seconds)
            after = process.cpu_times()
            used = after.user + after.system - before.user - before.system
            memory = rss_mib(process)
            daemon.terminate()
        out(idle_cpu_percent=round(used / args.seconds * 100, 3), rss_mib=round(memory, 1))


def _wait_until_queued(process: psutil.Process) -> None:
    """Until it has used no more than a little CPU for a few seconds."""
    end = time.monotonic() + 120
    quiet = 0
    while time.monotonic() < end and quiet < 5:
        quiet = quiet + 1 if process.cpu_percent(interval=1.0) < 3 else 0
    if quiet < 5:
        raise SystemExit("The daemon did not come to rest.")


if __name__ == "__main__":
    main()
