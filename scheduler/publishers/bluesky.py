"""Bluesky. For now only its limits: this release cannot send to Bluesky; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from scheduler.model import Count, Limits

LIMITS = Limits(
    text=300,
    count=Count.GRAPHEMES,
    text_bytes=3000,
    images=4,
    image_bytes=1_000_000,  # older servers; newer ones take 2,000,000
    image_formats=("jpeg", "png"),
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=2000,
    alt_count=Count.GRAPHEMES,
)
