"""What the network takes: length, links, tags, images and their descriptions. Sources: docs/networks.md."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler import text
from scheduler.checks.scope import here, line_of
from scheduler.model import Count
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Length, links and hashtags; of a thread, those of each part."""
    parts = message.parts
    at = _starts(parts, scope)
    for number, part in enumerate(parts, start=1):
        what = "The text" if len(parts) == 1 else f"Part {number} of {len(parts)}"
        for rule, said in _too_much(part.text, what, scope, footer=number == len(parts)):
            line = line_of(scope, scope.section, scope.own, at[number - 1])
            yield problem(rule, scope.post.path, line, said, account=scope.account.name)


def _starts(parts: Sequence[Message], scope: Scope) -> list[int]:
    """Where each part begins in the draft's own text."""
    at, found = 0, [0]
    for part in parts[1:]:
        at = max(scope.own.find(part.text.split("\n", maxsplit=1)[0], at + 1), at)
        found.append(at)
    return found


def _too_much(words: str, what: str, scope: Scope, *, footer: bool) -> Iterator[tuple[str, str]]:
    """The rules that a post's text breaks, each with its sentence; `footer`: the tags and the footer are in it."""
    limits, network = scope.limits, scope.account.network
    if extra := text.over(words, limits):
        yield "text-too-long", _too_long(words, extra, what, scope, footer=footer)
    links, tags = text.links(words), text.hashtags(words)
    if limits.links is not None and len(set(links)) > limits.links:
        yield "too-many-links", f"{what} has {len(set(links))} links; {network} takes {limits.links}."
    if limits.tags is not None and len(tags) > limits.tags:
        yield "too-many-tags", f"{what} has {len(tags)} hashtags; {network} takes {limits.tags}."


def _too_long(words: str, extra: int, what: str, scope: Scope, *, footer: bool) -> str:
    limits, network = scope.limits, scope.account.network
    if text.count(words, limits) <= limits.text:
        return f"{what} is {extra} bytes too long for {network}, which takes {limits.text_bytes} bytes."
    allowed = "with tags and help footer it may have" if footer else "it may have"
    return f"{what} is {extra} {_UNITS[limits.count]} too long for {network}: {allowed} {limits.text}."


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
