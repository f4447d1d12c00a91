"""What in a text is a link, a hashtag or a mention, and where: in UTF-8 bytes, as Bluesky counts.

Found by the SDK's own port of the official detection (https://docs.bsky.app/docs/advanced-guides/post-richtext says
to use a library's); tests/test_facets.py holds it against the official one, and against the documented examples.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scheduler import text

if TYPE_CHECKING:
    from collections.abc import Mapping

URI = re.compile(r"\w+:(?://)?[^\s/]\S*", re.ASCII)  # what the server takes for one
TAG_GRAPHEMES = 64  # lexicon app.bsky.richtext.facet
TAG_BYTES = 640

Facet = tuple[str, str, int, int]  # "link", "tag" or "mention"; its address, tag or handle; first byte, byte after it


def facets(words: str) -> list[Facet]:
    """The links, hashtags (and $tickers) and mentions of a text, in order."""
    from atproto_client.utils import facet_detection  # noqa: PLC0415  loads the whole SDK

    found: list[Facet] = []
    for one in facet_detection.detect_facets(words):
        feature = one.features[0]
        kind, value = ("link", feature.uri) if hasattr(feature, "uri") else ("tag", feature.tag)
        found.append((kind, value, one.index.byte_start, one.index.byte_end))
    found += [("mention", m.handle, m.byte_start, m.byte_end) for m in facet_detection.detect_mentions(words)]
    return sorted(found, key=lambda facet: facet[2])


def linked(found: list[Facet], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facets of a record. `people` is handle → DID; a mention of anybody else stays plain.

    So does what the server would refuse the whole post for: an address or a tag that is none by its rules. Of two that
    overlap, which no reader can show, the second stays plain.
    """
    records: list[dict[str, Any]] = []
    last = 0
    for kind, value, start, end in found:
        feature = _feature(kind, value, people)
        if feature and start >= last:
            last = end
            index = {"byteStart": start, "byteEnd": end}
            records.append({"$type": "app.bsky.richtext.facet", "index": index, "features": [feature]})
    return records


def _feature(kind: str, value: str, people: Mapping[str, str]) -> dict[str, str]:
    if kind == "link" and URI.fullmatch(value):
        return {"$type": "app.bsky.richtext.facet#link", "uri": value}
    if kind == "tag" and text.graphemes(value) <= TAG_GRAPHEMES and len(value.encode()) <= TAG_BYTES:
        return {"$type": "app.bsky.richtext.facet#tag", "tag": value}
    if kind == "mention" and value.lower() in people:
        return {"$type": "app.bsky.richtext.facet#mention", "did": people[value.lower()]}
    return {}
