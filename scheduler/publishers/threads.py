"""Threads. For now only its limits: this release cannot send to Threads; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from datetime import timedelta

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=500,
    count=Count.THREADS,
    links=5,
    tags=1,
    images=20,
    image_bytes=8_000_000,
    image_formats=("jpeg", "png"),
    ratio_min=0.1,
    ratio_max=10.0,
    card_size=(1080, 1350),
    alt=1000,
    settle_after=timedelta(minutes=5),
    settle_reads=2,
)
