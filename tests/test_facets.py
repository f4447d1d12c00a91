"""What is clickable in a Bluesky post: held against Bluesky's own library, and against any text at all."""

from __future__ import annotations

import json
import random
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.publishers.bluesky.facets import facets, linked
from tests.servers import pds

CASES = json.loads((Path(__file__).parent / "data" / "bluesky" / "facets.json").read_text(encoding="utf-8"))
VALUE = {"link": "uri", "tag": "tag", "mention": "did"}
PIECES = (
    *"#@$()＃.,;:!?’”…/-_'\"\n\t ",
    *("\u00a0", "\u200b", "\u200d", "\ufe0f", "\u2060", "\u0301", "\u3000", "\r\n", " ", " ", " "),
    *("a", "b1", "Tag", "é", "ß", "2027", "1 in 6"),
    *("👩‍👩‍👧‍👧", "👍🏿", "🇺🇸", "🦋", "العربية", "עברית", "中文", "हिन्दी", "ไทย"),
    *("https://", "http://", "lantern.org", "LANTERN.ORG"),
    *("help24.example.com", ".test", "@lantern.org", "#End", "$ABC"),
)  # fmt: skip


# https://atproto.com/specs/handle. The official library also names what is none; then no server knows it.
HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def official(texts: list[str]) -> list[list[list[Any]]]:
    """What Bluesky's own library finds in each text."""
    command = [pds.node(), "facets.mjs"]
    done = subprocess.run(
        command, cwd=pds.installed(), input=json.dumps(texts).encode(), capture_output=True, check=True, timeout=120
    )
    return [
        [row(one) for one in sorted(found, key=lambda f: f["index"]["byteStart"])] for found in json.loads(done.stdout)
    ]


def row(facet: dict[str, Any]) -> list[Any]:
    feature, index = facet["features"][0], facet["index"]
    kind = feature["$type"].split("#")[1]
    return [kind, feature[VALUE[kind]], index["byteStart"], index["byteEnd"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"])[:40])
def test_a_text_links_what_bluesky_links(case: dict[str, Any]) -> None:
    assert [list(found) for found in facets(case["text"])] == case["facets"]


def test_the_cases_are_what_blueskys_own_library_says() -> None:
    assert official([case["text"] for case in CASES]) == [case["facets"] for case in CASES]


def test_any_mixture_links_what_bluesky_links() -> None:
    chance = random.Random(2027)  # noqa: S311
    texts = ["".join(chance.choices(PIECES, k=chance.randint(1, 30))) for _ in range(1500)]
    said = official(texts)
    assert sum(map(len, said)) > 300
    for text, found in zip(texts, said, strict=True):
        expected = [one for one in found if one[0] != "mention" or HANDLE.fullmatch(one[1])]
        assert [list(one) for one in facets(text)] == expected, repr(text)


def test_the_documented_slice_is_of_bytes_with_an_exclusive_end() -> None:
    assert b"Go to this site"[6:15] == b"this site"  # docs.bsky.app: byteStart 6, byteEnd 15
    assert facets("✨ #tag") == [("tag", "tag", 4, 8)]


def test_of_two_that_overlap_the_second_stays_plain() -> None:
    found = facets("#(https://#")  # the official detection finds both
    assert [(start, end) for _, _, start, end in found] == [(0, 7), (2, 11)]
    assert len(linked(found, {})) == 1


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join))
def test_each_slice_of_bytes_reads_as_what_it_links(text: str) -> None:
    packed, found = text.encode("utf-8", "surrogatepass"), facets(text)
    spans = [(one["index"]["byteStart"], one["index"]["byteEnd"]) for one in linked(found, {})]
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for kind, value, start, end in found:
        shown = packed[start:end].decode()
        assert 0 <= start < end <= len(packed)
        match kind:
            case "link":
                assert value in (shown, f"https://{shown}")
            case "tag":
                assert shown in (f"#{value}", f"＃{value}") or shown.upper() == value
            case _:
                assert shown == f"@{value}"


def test_a_mention_of_nobody_stays_plain() -> None:
    found = facets("@lantern.org and @Nobody.example.com")
    assert linked(found, {"lantern.org": "did:plc:abc"}) == [
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"byteStart": 0, "byteEnd": 12},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:abc"}],
        }
    ]


@pytest.mark.parametrize("text", ["https:///nowhere", "#" + ("a" + "\u0301" * 5) * 60])
def test_what_would_cost_the_whole_post_stays_plain(text: str) -> None:
    assert facets(text)
    assert linked(facets(text), {}) == []
