"""A figure that is a part of a whole is read exactly, and nothing else is taken for one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.proportion import ratios, read


@pytest.mark.parametrize(
    ("figure", "part", "of"),
    [
        ("1 in 6", Fraction(1, 6), 6),
        ("one in six", Fraction(1, 6), 6),
        ("One in six", Fraction(1, 6), 6),
        ("nearly 1 in 8", Fraction(1, 8), 8),
        ("an estimated 1 in 8", Fraction(1, 8), 8),
        ("1 in every 6", Fraction(1, 6), 6),
        ("3 out of 4", Fraction(3, 4), 4),
        ("2 of 6", Fraction(1, 3), 6),
        ("9 in 1,000", Fraction(9, 1000), 1000),
        ("two in a hundred", Fraction(1, 50), 100),
        ("12 in one hundred", Fraction(12, 100), 100),
        ("1 de cada 6", Fraction(1, 6), 6),
        ("una de cada seis", Fraction(1, 6), 6),
        ("Casi 1 de cada 8", Fraction(1, 8), 8),
        ("1 من كل 6", Fraction(1, 6), 6),
        ("١ من ٦", Fraction(1, 6), 6),
    ],
)
def test_a_ratio_keeps_the_whole_that_is_printed(figure: str, part: Fraction, of: int) -> None:
    found = read(figure)
    assert found
    assert (found.parts, found.of) == ((part,), of)


@pytest.mark.parametrize(
    ("figure", "part"),
    [
        ("44%", Fraction(44, 100)),
        ("44 %", Fraction(44, 100)),
        ("44\u00a0%", Fraction(44, 100)),
        ("About 12%", Fraction(12, 100)),
        ("more than 12 percent", Fraction(12, 100)),
        ("19.4%", Fraction(194, 1000)),
        ("19,4 %", Fraction(194, 1000)),
        ("44 por ciento", Fraction(44, 100)),
        ("٤٤٪", Fraction(44, 100)),
        ("0.5%", Fraction(1, 200)),
        ("100%", Fraction(1)),
    ],
)
def test_a_percentage_is_exact(figure: str, part: Fraction) -> None:
    found = read(figure)
    assert found
    assert (found.parts, found.of) == ((part,), None)


def test_parts_of_one_whole_are_read_in_order_with_their_printed_words() -> None:
    found = read(" 44% /  39% ")
    assert found
    assert found.parts == (Fraction(44, 100), Fraction(39, 100))
    assert found.words == ("44%", "39%")
    ratios = read("1 in 6 / 2 in 6")
    assert ratios
    assert (ratios.parts, ratios.of) == ((Fraction(1, 6), Fraction(1, 3)), 6)


@pytest.mark.parametrize(
    "figure",
    [
        *("", "272", "27.6 million", "January 11", "Coercion", "1-888-373-7888", "24/7", "911", "US$236 billion"),
        *("nearly half", "in", "1 in", "in 6", "of 6", "1 in 6 children", "6 cases of 7", "44% more", "-5%"),
        *("0%", "0 in 6", "1 in 0", "7 in 6", "101%", "73% / 28%", "44% /", "/", "1 in 6 / 1 in 4", "1 in 6 / 10%"),
        *("14% / cases", "1,00 in 6", "44.%", "nobody in six"),
    ],
)
def test_what_is_no_part_of_a_whole_is_not_taken_for_one(figure: str) -> None:
    assert read(figure) is None


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_ratio_is_read_when_it_is_at_most_the_whole(count: int, whole: int) -> None:
    found = read(f"{count} in {whole}")
    assert (found is not None) == (count <= whole)
    if found:
        assert found.parts == (Fraction(count, whole),)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=4))
def test_parts_never_make_more_than_a_whole(percents: list[int]) -> None:
    found = read(" / ".join(f"{p}%" for p in percents))
    assert (found is not None) == (sum(percents) <= 100)


@given(st.text(max_size=40))
def test_no_text_stops_the_reading(figure: str) -> None:
    found = read(figure)
    assert found is None or (0 < sum(found.parts) <= 1 and len(found.parts) == len(found.words))


def test_a_proportion_has_the_keys_that_a_fact_must_have() -> None:
    ratio, percent = read("una de cada tres"), read("19.4%")
    assert ratio
    assert percent
    assert [(kind, str(value)) for kind, value in ratio.keys] == [("ratio", "0.333333333")]
    assert percent.keys == (("percent", Decimal("19.4")),)


def test_ratios_in_words_are_found_in_a_text() -> None:
    assert ratios("Casi uno de cada tres, y una de cada ciudad.") == ("uno de cada tres",)
