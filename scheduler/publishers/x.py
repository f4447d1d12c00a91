"""X. For now only its limits: this release cannot send to X; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from datetime import timedelta

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=280,
    count=Count.WEIGHTED,
    url_length=23,
    images=4,
    image_bytes=5_000_000,
    image_formats=("jpeg", "png"),  # X makes JPEGs of most PNGs itself, and worse ones
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=1000,
    settle_after=timedelta(seconds=90),
    settle_reads=2,  # how far its timeline lags is not documented
)
