"""Instagram. For now only its limits: this release cannot send to Instagram; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from datetime import timedelta

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=2200,
    count=Count.CODEPOINTS,
    tags=5,  # announced in December 2025; the API's page still says 30
    images=10,
    image_bytes=8_000_000,
    image_formats=("jpeg",),
    ratio_min=0.8,
    ratio_max=1.91,
    card_size=(1080, 1350),
    crops=(("the profile grid", 3 / 4),),
    alt=1000,
    settle_after=timedelta(minutes=5),
    settle_reads=2,
)
