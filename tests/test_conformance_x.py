"""X's counting, against the conformance cases that twitter-text publishes (tests/data/twitter-text)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twitter_text import extract_urls, parse_tweet

from scheduler import text
from scheduler.publishers.x import LIMITS

DATA = Path(__file__).parent / "data" / "twitter-text"
VALIDATE: dict[str, list[dict[str, Any]]] = json.loads((DATA / "validate.json").read_bytes())
EXTRACT: dict[str, list[dict[str, Any]]] = json.loads((DATA / "extract.json").read_bytes())

# Version 2 of X's rules counted each sign of an emoji that is made of several; version 3, X's today, counts two for it.
OLD_EMOJI = (
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
)
NOT_FOUND_BY_THE_LIBRARY = {
    "Extract a hyphenated TLD (usually a typo)": "twitter-text-parser 3.0.0 sees no link where a top level domain is "
    "followed by a hyphen; so such a typo counts up to 6 too few",
}


def cases(section: list[dict[str, Any]], known: dict[str, str] | None = None) -> list[Any]:
    """One parameter set a case; those that are known to differ must differ."""
    reasons = {name: pytest.mark.xfail(strict=True, reason=reason) for name, reason in (known or {}).items()}
    return [pytest.param(c, id=c["description"], marks=reasons.get(c["description"], ())) for c in section]


def of_today() -> list[Any]:
    chosen = [(name, c) for name, section in VALIDATE.items() for c in section]
    return [
        pytest.param(c, id=f"{name}: {c['description']}")
        for name, c in chosen
        if not (name == "WeightedTweetsCounterTest" and c["description"] in OLD_EMOJI)
    ]


@pytest.mark.parametrize("case", of_today())
def test_a_post_counts_as_x_counts_it(case: dict[str, Any]) -> None:
    assert text.count(case["text"], LIMITS) == case["expected"]["weightedLength"]


@pytest.mark.parametrize("case", of_today())
def test_a_post_that_x_takes_is_not_over(case: dict[str, Any]) -> None:
    most = max(0, case["expected"]["weightedLength"] - LIMITS.text)
    assert text.over(case["text"], LIMITS) == most
    assert not (case["expected"]["valid"] and most)


@pytest.mark.parametrize("case", of_today())
def test_the_library_says_all_that_the_case_says(case: dict[str, Any]) -> None:
    assert parse_tweet(case["text"]).asdict() == case["expected"]


@pytest.mark.parametrize("section", VALIDATE)
def test_the_copied_cases_have_the_length_that_they_name(section: str) -> None:
    for case in VALIDATE[section]:
        units = len(case["text"].encode("utf-16-le", "surrogatepass")) // 2
        assert units - 1 == case["expected"]["displayRangeEnd"], case["description"]


def test_all_counters_of_the_conformance_file_are_here() -> None:
    assert {name: len(section) for name, section in VALIDATE.items()} == {
        "WeightedTweetsCounterTest": 20,
        "WeightedTweetsWithDiscountedEmojiCounterTest": 21,
        "UnicodeDirectionalMarkerCounterTest": 2,
    }


@pytest.mark.parametrize("case", cases(EXTRACT["urls"], NOT_FOUND_BY_THE_LIBRARY))
def test_what_x_takes_for_a_link_counts_23(case: dict[str, Any]) -> None:
    told = extract_urls(case["text"])
    assert told == case["expected"]
    rest, links = case["text"], 0
    for url in case["expected"]:
        rest = rest.replace(url, "", 1)
        links += 23
    assert text.count(case["text"], LIMITS) == links + sum(1 if ord(c) <= 0x10FF or c == "\u2013" else 2 for c in rest)


@pytest.mark.parametrize("case", cases(EXTRACT["hashtags"]))
def test_hashtags_are_read_as_x_reads_them(case: dict[str, Any]) -> None:
    assert list(text.hashtags(case["text"])) == case["expected"]
