"""Text counts as long as each network says, and links and tags are found as networks find them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.model import Count, Limits
from scheduler.text import count, graphemes, hashtags, links, over

X = Limits(text=280, count=Count.WEIGHTED, url_length=23)
MASTODON = Limits(text=500, count=Count.MASTODON, url_length=23)
BLUESKY = Limits(text=300, count=Count.GRAPHEMES, text_bytes=3000)
THREADS = Limits(text=500, count=Count.THREADS)
LINKEDIN = Limits(text=3000, count=Count.CODEPOINTS)

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        (FAMILY, 2),
        ("日本", 4),
        ("https://example.com/" + "a" * 60, 23),
        ("See example.com.", 28),
        ("cafe\u0301", 4),
        ("“Quoted” — so", 13),
        (f"{FAMILY} https://example.com {FAMILY}", 29),
    ],
)
def test_x_counts_weights_links_and_emoji_as_twitter_text_does(text: str, length: int) -> None:
    assert count(text, X) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (FAMILY, 1),
        ("https://example.com/" + "a" * 60, 23),
        ("http://a.example", 23),
        ("example.com", 11),
        ("Hello @lantern@mastodon.example", len("Hello @lantern")),
        ("Hello @lantern@mastodon.example.", len("Hello @lantern.")),
        ("mail info@mastodon.example", len("mail info@mastodon.example")),
        ("https://mastodon.example/@lantern@other.example", 23),
        ("(see https://a.example/b).", len("(see ") + 23 + len(").")),
    ],
)
def test_mastodon_counts_links_as_23_and_mentions_without_their_server(text: str, length: int) -> None:
    assert count(text, MASTODON) == length


def test_mastodon_counts_links_in_full_when_the_instance_does() -> None:
    assert count("http://a.example", Limits(text=500, count=Count.MASTODON)) == 16


@pytest.mark.parametrize(("text", "length"), [(FAMILY, 1), ("🇺🇸", 1), ("e\u0301", 1), ("https://example.com", 19)])
def test_bluesky_counts_what_a_reader_sees(text: str, length: int) -> None:
    assert count(text, BLUESKY) == length


@pytest.mark.parametrize(
    ("text", "length"), [("Hello", 5), ("日本", 2), ("é", 1), ("😀", 4), ("🇺🇸", 8), (FAMILY, 25), ("1️⃣", 7), ("1 #", 3)]
)
def test_threads_counts_an_emoji_as_its_bytes(text: str, length: int) -> None:
    assert count(text, THREADS) == length


def test_codepoints_are_counted_one_by_one() -> None:
    assert count(FAMILY, LINKEDIN) == 7


def test_text_at_the_limit_fits_and_one_more_does_not() -> None:
    assert over("a" * 280, X) == 0
    assert over("a" * 281, X) == 1
    assert over("", X) == 0


def test_text_within_its_graphemes_can_be_too_long_in_bytes() -> None:
    family = len(FAMILY.encode())
    assert over(FAMILY * 130, BLUESKY) == family * 130 - 3000
    assert over(FAMILY * 301, Limits(text=300, count=Count.GRAPHEMES)) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Read https://a.example/b, then (https://c.example/d).", ("https://a.example/b", "https://c.example/d")),
        ("https://a.example/x_(y) and HTTP://B.example!", ("https://a.example/x_(y)", "HTTP://B.example")),
        ("“https://a.example/?q=1&r=2#part” …", ("https://a.example/?q=1&r=2#part",)),
        ("https://a.example。次", ("https://a.example",)),
        ("a.example, ftp://b.example, mailto:c@d.example, xhttps://e.example, https://", ()),
    ],
)
def test_links_are_http_addresses_without_the_sentence_around_them(text: str, found: tuple[str, ...]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#EndTrafficking and (#WearBlueDay), #Día11.", ("EndTrafficking", "WearBlueDay", "Día11")),
        ("#2027 a#b ##c &#39; https://a.example/#Part https://a.example/b#Part", ()),
    ],
)
def test_hashtags_are_found_as_networks_link_them(text: str, found: tuple[str, ...]) -> None:
    assert hashtags(text) == found


def test_graphemes_are_what_a_reader_sees() -> None:
    assert graphemes(f"a{FAMILY}e\u0301🇺🇸") == 4


@given(st.text(alphabet=st.characters(codec=None), max_size=60), st.sampled_from(Count))
def test_any_text_can_be_counted(text: str, unit: Count) -> None:
    limits = Limits(text=10, count=unit, url_length=23, text_bytes=30)
    assert count(text, limits) >= 0
    assert over(text, limits) >= 0
    assert all(link in text for link in links(text))
    assert all(f"#{tag}" in text or f"＃{tag}" in text for tag in hashtags(text))
