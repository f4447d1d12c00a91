"""What the network takes: length, links, tags, images and their descriptions. Sources: docs/networks.md."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler import text
from scheduler.checks.scope import here
from scheduler.model import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.checks.scope import Scope
    from scheduler.model import Image, Message, Problem

_UNITS = {
    Count.WEIGHTED: "characters as X counts them (a link counts 23, an emoji 2)",
    Count.MASTODON: "characters as Mastodon counts them (a link counts 23)",
    Count.GRAPHEMES: "characters",
    Count.CODEPOINTS: "characters",
    Count.THREADS: "characters as Threads counts them (an emoji counts up to 4 and more)",
}


def fits(message: Message, scope: Scope) -> Iterator[Problem]:
    """Length, links and hashtags."""
    limits = scope.limits
    if extra := text.over(message.text, limits):
        yield here(scope, "text-too-long", _too_long(message.text, extra, scope))
    links, tags = text.links(message.text), text.hashtags(message.text)
    if limits.links is not None and len(set(links)) > limits.links:
        said = f"The text has {len(set(links))} links; {scope.account.network} takes {limits.links}."
        yield here(scope, "too-many-links", said)
    if limits.tags is not None and len(tags) > limits.tags:
        yield here(
            scope, "too-many-tags", f"The text has {len(tags)} hashtags; {scope.account.network} takes {limits.tags}."
        )


def _too_long(words: str, extra: int, scope: Scope) -> str:
    limits, network = scope.limits, scope.account.network
    if text.count(words, limits) <= limits.text:
        return f"The text is {extra} bytes too long for {network}, which takes {limits.text_bytes} bytes."
    return (
        f"The text is {extra} {_UNITS[limits.count]} too long for {network}: with tags and help footer it may have "
        f"{limits.text}."
    )


def images(message: Message, scope: Scope) -> Iterator[Problem]:
    """How many, how large, of which kind and shape, and whether each is described."""
    limits, network = scope.limits, scope.account.network
    if len(message.images) > limits.images:
        said = f"The post has {len(message.images)} images; {network} takes {limits.images}."
        yield here(scope, "too-many-images", said, key="card")
    for image in message.images:
        yield from _image(image, scope)
        yield from _alt(image, scope)


def _image(image: Image, scope: Scope) -> Iterator[Problem]:
    limits, network = scope.limits, scope.account.network
    if image.size > limits.image_bytes:
        said = f"{image.path} has {image.size:,} bytes; {network} takes {limits.image_bytes:,}."
        yield here(scope, "image-too-large", said, key="card")
    kind = image.mime.removeprefix("image/").replace("jpg", "jpeg")
    if kind not in {f.replace("jpg", "jpeg") for f in limits.image_formats}:
        said = f"{image.path} is a {kind} image; {network} takes {' and '.join(limits.image_formats)}."
        yield here(scope, "image-format", said, key="card")
    ratio = image.width / image.height if image.height else 0.0
    if not limits.ratio_min <= ratio <= limits.ratio_max:
        said = (
            f"{image.path} is {image.width}×{image.height}, a ratio of {ratio:.2f}; {network} takes "
            f"{limits.ratio_min:g} to {limits.ratio_max:g}."
        )
        yield here(scope, "image-ratio", said, key="card")


def _alt(image: Image, scope: Scope) -> Iterator[Problem]:
    limits, key = scope.limits, "alt" if scope.post.alt else "card"
    if not image.alt.strip():
        yield here(scope, "alt-missing", f"{image.path} has no description.", key=key)
        return
    measured = replace(limits, text=limits.alt, count=limits.alt_count, text_bytes=None)
    if extra := text.over(image.alt, measured):
        said = f"The description is {extra} characters too long for {scope.account.network}, which takes {limits.alt}."
        yield here(scope, "alt-too-long", said, key=key)
    if start := re.match(r"(?i)\W*(?:an? |the )?(?:image|picture|photo\w*|graphic|illustration) of\b", image.alt):
        yield here(scope, "alt-start", f"The description starts with “{start.group().strip()}”.", key=key)
