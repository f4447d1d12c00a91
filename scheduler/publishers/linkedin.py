"""LinkedIn. For now only its limits: this release cannot send to LinkedIn; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from datetime import timedelta

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=3000,
    count=Count.CODEPOINTS,
    images=20,
    image_bytes=5_000_000,
    image_formats=("jpeg", "png"),
    ratio_min=0.8,
    ratio_max=3.0,
    card_size=(1080, 1350),
    crops=(("square thumbnails", 1.0),),
    alt=4086,
    settle_after=timedelta(seconds=120),
    settle_reads=3,
)
