"""Mastodon. For now only its limits: this release cannot send to Mastodon; a later one will.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.errors import ConfigError
from scheduler.model import Count, Limits

if TYPE_CHECKING:
    from scheduler.model import Account

LIMITS = Limits(
    text=500,
    count=Count.MASTODON,
    url_length=23,
    images=4,
    image_bytes=16_777_216,
    image_formats=("png", "jpeg"),
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=1500,
    alt_count=Count.GRAPHEMES,
)


def limits(account: Account) -> Limits:
    """The limits of the account's own server: `max_characters` in config.toml, 500 without it."""
    characters = account.options.get("max_characters", LIMITS.text)
    if type(characters) is not int or characters < 1:
        raise ConfigError(
            f"accounts.{account.name}.max_characters is {characters!r}; it must be a whole number, such as 500."
        )
    return replace(LIMITS, text=characters)
