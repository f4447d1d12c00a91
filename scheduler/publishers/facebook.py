"""Facebook Pages. For now only their limits: this release cannot send to Facebook; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from datetime import timedelta

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=2000,  # Meta publishes no number: what surely goes through and is still read
    count=Count.CODEPOINTS,
    images=4,  # no number published
    image_bytes=4_000_000,  # an older page and an error text say 4 MB, a newer page 10 MB
    image_formats=("png", "jpeg"),
    card_size=(1080, 1350),
    crops=(("square thumbnails", 1.0),),
    alt=1000,  # no number published
    settle_after=timedelta(seconds=120),
    settle_reads=3,  # its list of posts is ranked and cut: one empty answer proves little
)
