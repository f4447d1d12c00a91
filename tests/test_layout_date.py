"""A day to mark stands large, with its month and year, and with the sentence that says what it is."""

from __future__ import annotations

import re

import pytest

from scheduler.cards.layouts import date
from scheduler.cards.marks import Letters
from scheduler.errors import CardError
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays

SHORT = ("January 11", "is Human Trafficking Awareness Day: wear blue.", "en")
LONG = (
    "March 1, 2019",
    (
        "Since then, Missouri law requires many places, such as airports and emergency rooms, "
        "to display a trafficking hotline poster."
    ),
    "en",
)
SINCE = ("Since 2026", "some survivors may ask a federal court to clear certain records.", "en")
SPANISH = ("11 de enero", "es el Día de Concienciación sobre la Trata de Personas: vístase de azul.", "es")
ARABIC = ("11 يناير", "هو يوم التوعية بالاتجار بالبشر: ارتدِ الأزرق والتقط صورة وشاركها.", "ar")
WORDS = ("January 1 to February 1", "is how long the Senate resolution runs the month.", "en")
WEEKDAY = ("The third Monday of the month, January 18", "is Martin Luther King Jr. Day.", "en")
ALL = [SHORT, LONG, SINCE, SPANISH, ARABIC, WORDS, WEEKDAY]
DAYS = pytest.mark.parametrize("day", ALL, ids=["short", "long", "since", "es", "ar", "words", "weekday"])
IN_SIZES = pytest.mark.parametrize("size", SIZES)


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@DAYS
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, day: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("date", size, theme, figure=day[0], text=day[1], lang=day[2]))
    marks = date.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@DAYS
def test_all_words_stand_on_the_card_in_the_order_of_reading(size: str, day: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("date", size, figure=day[0], text=day[1], lang=day[2]))
    marks = date.arrange(made, frame, stage)
    assert re.sub(r"[\s,]+", " ", printed(marks)) == re.sub(r"[\s,]+", " ", f"{made.figure} {made.text}")
    assert all(mark.size >= 4.0 * frame.unit for mark in marks if isinstance(mark, Letters))


@IN_SIZES
@pytest.mark.parametrize(
    ("figure", "number", "around"),
    [
        ("January 11", "11", ["January"]),
        ("March 1, 2019", "1", ["March", "2019"]),
        ("11 de enero", "11", ["de enero"]),
        ("11 de enero de 2027", "11", ["de enero", "de 2027"]),
        ("11 يناير", "11", ["يناير"]),
        ("Since 2026", "2026", ["Since"]),
    ],
)
def test_the_day_is_by_far_the_largest(size: str, figure: str, number: str, around: list[str]) -> None:
    lang = "ar" if "يناير" in figure else "en"
    made, frame, stage = place(card("date", size, figure=figure, text="is the day.", lang=lang))
    lines = [mark for mark in date.arrange(made, frame, stage) if isinstance(mark, Letters) and mark.role == "figure"]
    largest = max(lines, key=lambda mark: mark.size)
    others = [mark for mark in lines if mark is not largest]
    assert largest.line.text == number
    assert [mark.line.text.replace("\N{NO-BREAK SPACE}", " ") for mark in others] == around
    assert all(mark.size <= 0.55 * largest.size for mark in others)


def test_a_month_that_is_narrower_than_its_day_is_set_as_wide() -> None:
    made, frame, stage = place(card("date", "square", figure=SHORT[0], text=SHORT[1]))
    lines = [mark for mark in date.arrange(made, frame, stage) if isinstance(mark, Letters)]
    assert lines[0].line.text == "January"
    assert lines[0].box.width == pytest.approx(lines[1].box.width, rel=0.01)


@pytest.mark.parametrize("size", ["wide", "link"])
@DAYS
def test_on_a_wide_card_the_text_stands_beside_the_day(size: str, day: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("date", size, figure=day[0], text=day[1], lang=day[2]))
    marks = date.arrange(made, frame, stage)
    days = [mark.box for mark in marks if isinstance(mark, Letters) and mark.role == "figure"]
    texts = [mark.box for mark in marks if isinstance(mark, Letters) and mark.role == "text"]
    first, second = (texts, days) if frame.rtl else (days, texts)
    assert max(box.right for box in first) < min(box.left for box in second)


@IN_SIZES
def test_a_text_that_is_too_long_is_refused_with_how_much_and_that_much_less_fits(size: str) -> None:
    text = " ".join([LONG[1]] * 6)
    made, frame, stage = place(card("date", size, figure=SHORT[0], text=text))
    with pytest.raises(CardError, match=r"about \d+ of its \d+ characters too long") as refused:
        date.arrange(made, frame, stage)
    found = re.search(r"about (\d+) of", str(refused.value))
    assert found
    made, frame, stage = place(card("date", size, figure=SHORT[0], text=text[: -int(found[1])]))
    assert date.arrange(made, frame, stage)


@IN_SIZES
def test_a_day_that_is_too_long_is_refused(size: str) -> None:
    made, frame, stage = place(card("date", size, figure="The" + "very" * 20 + "day 11", text=SHORT[1]))
    with pytest.raises(CardError, match=r"The day “.*” is too long"):
        date.arrange(made, frame, stage)


@pytest.mark.parametrize(
    ("figure", "text", "missing"), [("", "A day.", "no day"), ("January 11", "", "“January 11” is")]
)
def test_what_is_missing_is_named(figure: str, text: str, missing: str) -> None:
    made, frame, stage = place(card("date", figure=figure, text=text))
    with pytest.raises(CardError, match=missing):
        date.arrange(made, frame, stage)
