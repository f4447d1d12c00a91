"""A figure taken apart and set: the number largest, nothing lost, and no word beside it too small to be noticed."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.cards import numeral
from scheduler.cards.frame import Frame, frame
from scheduler.cards.marks import Fade, Letters
from scheduler.cards.numeral import LEAST_WORD, Parts, dissect
from scheduler.model import CARD_SIZES
from scheduler.themes import BUILT_IN
from tests.samples import card, overlaps

FIGURES = [
    ("27.6 million", Parts("", "27.6", "", "million", number=True)),
    ("About US$236 billion", Parts("About", "US$236", "", "billion", number=True)),
    ("Nearly 12,000", Parts("Nearly", "12,000", "", "", number=True)),
    ("38%", Parts("", "38", "%", "", number=True)),
    ("38 %", Parts("", "38", "%", "", number=True)),
    ("More than 50%", Parts("More than", "50", "%", "", number=True)),
    ("1 in 6", Parts("", "1 in 6", "", "", number=True)),
    ("Casi 1 de cada 6", Parts("Casi", "1 de cada 6", "", "", number=True)),
    ("$7.25", Parts("", "$7.25", "", "", number=True)),
    ("€1,5 millones", Parts("", "€1,5", "", "millones", number=True)),
    ("7", Parts("", "7", "", "", number=True)),
    ("1-888-373-7888", Parts("", "1-888-373-7888", "", "", number=True)),
    ("44% / 39%", Parts("", "44% / 39%", "", "", number=True)),
    ("2020–2022", Parts("", "2020–2022", "", "", number=True)),
    ("Force, fraud or coercion", Parts("", "Force, fraud or coercion", "", "", number=False)),
    ("", Parts("", "", "", "", number=False)),
]


def of(
    figure: str, size: str = "portrait", lang: str = "en", wide: float = 1.0, tall: float = 0.4
) -> tuple[list[Letters], Frame]:
    """The figure's lines in a part of a card's width and height."""
    made = card("stat", size, lang=lang)
    place = frame(made)
    found = numeral.numeral(
        figure, place, lang, (place.inner * wide, made.height * tall), 50 * place.unit, 8 * place.unit
    )
    assert found
    lines = found.set(place, made.theme, place.margin, place.width - place.margin, 100)
    return [line for line in lines if isinstance(line, Letters)], place


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("figure", "parts"), FIGURES)
def test_a_figure_is_taken_apart_at_its_number(figure: str, parts: Parts) -> None:
    assert dissect(figure) == parts


@given(st.text("0123456789,.%$€ aboutmillin-–/()+", max_size=24))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_taking_a_figure_apart_loses_nothing_and_keeps_the_order(figure: str) -> None:
    parts = dissect(figure)
    assert bare(parts.before + parts.main + parts.sign + parts.after) == bare(figure)


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("figure", [figure for figure, _ in FIGURES if figure])
def test_a_figure_stands_whole_in_its_room(figure: str, size: str) -> None:
    lines, place = of(figure, size)
    assert sorted(bare("".join(line.line.text for line in lines))) == sorted(bare(figure))
    assert min(line.box.left for line in lines) >= place.margin - 1
    assert max(line.box.right for line in lines) <= place.width - place.margin + 1
    assert max(line.y for line in lines) - 100 <= card("stat", size).height * 0.4 + 1


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("figure", ["About US$236 billion", "27.6 million", "Nearly 12,000 people", "More than 50%"])
def test_the_number_is_by_far_the_largest_and_no_word_is_overlooked(figure: str, size: str) -> None:
    lines, place = of(figure, size)
    number = next(line for line in lines if any(char.isdigit() for char in line.line.text))
    words = [line for line in lines if not any(char.isdigit() for char in line.line.text) and line.line.text != "%"]
    assert words
    assert all(number.size >= 1.5 * line.size for line in words)
    assert all(line.size >= LEAST_WORD * place.unit for line in words)
    assert isinstance(number.ink, Fade)
    assert {line.ink for line in words} == {BUILT_IN["lantern"].text}


@pytest.mark.parametrize("figure", [figure for figure, parts in FIGURES if parts.before or parts.after])
def test_lines_are_read_in_the_order_of_the_figure(figure: str) -> None:
    lines, _ = of(figure)
    assert bare("".join(line.line.text for line in lines)) == bare(figure)
    for one, following in pairwise(lines):
        assert following.box.left >= one.box.right or following.box.top >= one.box.bottom


def test_a_percent_sign_is_small_and_raised_to_the_height_of_the_digits() -> None:
    (number, sign), _ = of("38%")
    assert sign.line.text == "%"
    assert 0.5 < sign.size / number.size < 0.6
    assert abs(sign.box.top - number.box.top) < 0.03 * number.size
    assert sign.box.bottom < number.box.bottom - 0.2 * number.size
    assert 0 < sign.box.left - number.box.right < 0.1 * number.size


def test_a_unit_stands_beside_its_number_on_a_wide_card_and_below_on_a_tall_one() -> None:
    (number, unit), _ = of("27.6 million", "wide")
    assert unit.y == number.y
    assert unit.box.left > number.box.right
    (number, unit), _ = of("27.6 million", "portrait")
    assert unit.box.top > number.box.bottom


def test_a_figure_begins_at_the_right_where_reading_does() -> None:
    lines, place = of("27.6 مليون", lang="ar")
    assert {round(line.box.right) for line in lines} == {round(place.width - place.margin)}


@pytest.mark.parametrize("size", ["portrait", "wide"])
@pytest.mark.parametrize("figure", ["About $1,234 gypsy", "1 in 6 (jq)", "Nearly 12,000 people", "$7,50 día"])
def test_what_hangs_or_rises_does_not_touch_the_next_row(figure: str, size: str) -> None:
    lines, _ = of(figure, size)
    assert overlaps(lines, Path()) == []


@given(st.floats(0.2, 1.0), st.floats(0.08, 0.6), st.sampled_from([figure for figure, _ in FIGURES if figure]))
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
def test_a_figure_keeps_to_any_room_or_is_none(wide: float, tall: float, figure: str) -> None:
    place = frame(card("stat"))
    room = (place.inner * wide, place.height * tall)
    found = numeral.numeral(figure, place, "en", room, 50 * place.unit, 8 * place.unit)
    if found:
        assert found.width <= room[0] + 1
        assert found.height <= room[1] + 0.01
        assert found.size <= 50 * place.unit


def test_more_room_never_makes_a_figure_smaller() -> None:
    place = frame(card("stat"))
    sizes = []
    for tall in range(10, 60, 5):
        found = numeral.numeral("27.6 million", place, "en", (place.inner, place.height * tall / 100), 540, 86)
        sizes.append(found.size if found else 0.0)
    assert sizes == sorted(sizes)
    assert sizes[-1] > 300


@pytest.mark.parametrize(
    "figure", ["an endless figure that nobody could ever call a figure " * 3, "9" * 60, "1 " + "m" * 80]
)
def test_what_is_too_long_is_none_and_not_made_tiny(figure: str) -> None:
    place = frame(card("stat"))
    assert numeral.numeral(figure, place, "en", (place.inner, 500), 50 * place.unit, 8 * place.unit) is None


def test_the_fade_runs_over_the_number_itself() -> None:
    lines, _ = of("27.6 million")
    number = next(line for line in lines if isinstance(line.ink, Fade))
    assert isinstance(number.ink, Fade)
    top, foot = number.ink.span
    assert top < foot
    assert abs(foot - number.y) < 1
    assert (number.ink.top, number.ink.foot) == (BUILT_IN["lantern"].figure_top, BUILT_IN["lantern"].figure_foot)
