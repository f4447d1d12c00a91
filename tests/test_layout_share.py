"""A proportion stands as a figure and as a picture that is true to it: so many people, or bars of exact lengths."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from typing import Any

import pytest

from scheduler.cards.layouts import share
from scheduler.cards.marks import Letters, Panel, Person
from scheduler.errors import CardError
from scheduler.model import Item
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays
from tests.layouts import words as words_of

MISSING = (
    "1 in 6",
    "children reported missing to NCMEC in 2022 after running away was likely a victim of child sex trafficking.",
    (),
    "en",
)
CHILDREN = ("About 12%", "of people estimated to be in forced labor worldwide in 2021 were children.", (), "en")
YOUTH = (
    "19.4%",
    "of the young people without a home in a 13-city study that included St. Louis had been trafficked.",
    (),
    "en",
)
PARTS = ("44% / 39%", "of the victims found.", ("Sexual exploitation", "Forced labor"), "en")
SHORT = ("25%", "were children.", (), "en")
SPANISH = ("Cerca del 12%", "de las personas en trabajo forzoso en el mundo en 2021 eran niñas y niños.", (), "es")
ARABIC = ("12%", "من الأشخاص الذين يعملون قسراً في العالم في عام 2021 كانوا أطفالاً.", (), "ar")
ARABIC_FEW = ("1 من 6", "من الأطفال المبلغ عن فقدانهم", (), "ar")
Words = tuple[str, str, tuple[str, ...], str]
IN_SIZES = pytest.mark.parametrize("size", SIZES)
LANGUAGES = pytest.mark.parametrize("lang", ["en", "ar"])
SHARES = pytest.mark.parametrize(
    "words",
    [MISSING, CHILDREN, YOUTH, PARTS, SHORT, SPANISH, ARABIC, ARABIC_FEW],
    ids=["missing", "children", "youth", "parts", "short", "es", "ar", "ar-few"],
)


def fields(words: Words) -> dict[str, Any]:
    figure, text, names, lang = words
    return {"figure": figure, "text": text, "items": tuple(Item("", name) for name in names), "lang": lang}


def people(size: str, figure: str, lang: str = "en") -> tuple[list[Person], list[Person]]:
    """Those who count, and the others."""
    made, frame, stage = place(card("share", size, figure=figure, text="were children.", lang=lang))
    found = [mark for mark in share.arrange(made, frame, stage) if isinstance(mark, Person)]
    assert {mark.fill for mark in found} <= {made.theme.accent, made.theme.track}
    return [m for m in found if m.fill == made.theme.accent], [m for m in found if m.fill == made.theme.track]


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@SHARES
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, words: Words) -> None:
    made, frame, stage = place(card("share", size, theme, **fields(words)))
    marks = share.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@SHARES
def test_every_word_stands_on_the_card(size: str, words: Words) -> None:
    made, frame, stage = place(card("share", size, **fields(words)))
    whole = Counter(printed(share.arrange(made, frame, stage)).replace("%", " % ").split())
    wanted = Counter(" ".join(words_of(made)).replace("\u00a0", " ").replace("%", " % ").split())
    assert not wanted - whole
    assert set(whole) - {"/"} == set(wanted) - {"/"}


@pytest.mark.parametrize("size", ["portrait", "wide"])
@LANGUAGES
def test_a_whole_percentage_is_so_many_of_a_hundred_people(size: str, lang: str) -> None:
    counts = [tuple(len(group) for group in people(size, f"{part}%", lang)) for part in range(1, 101)]
    assert counts == [(part, 100 - part) for part in range(1, 101)]


@IN_SIZES
@LANGUAGES
def test_one_in_a_few_is_so_many_people(size: str, lang: str) -> None:
    joint = "من" if lang == "ar" else "in"
    for whole in range(1, 13):
        for part in range(1, whole + 1):
            counted, others = people(size, f"{part} {joint} {whole}", lang)
            assert (len(counted), len(others)) == (part, whole - part)


@IN_SIZES
@LANGUAGES
def test_people_are_alike_and_apart(size: str, lang: str) -> None:
    boxes = [mark.box for group in people(size, "44%", lang) for mark in group]
    assert max(box.height for box in boxes) - min(box.height for box in boxes) < 0.01
    assert max(box.width for box in boxes) - min(box.width for box in boxes) < 0.01
    touching = [
        1
        for one, other in combinations(boxes, 2)
        if one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom
    ]
    assert touching == []


@pytest.mark.parametrize("size", ["portrait", "square", "story"])
@pytest.mark.parametrize(("figure", "columns"), [("12%", 3), ("44%", 11), ("25%", 5), ("30%", 6), ("20%", 5)])
@LANGUAGES
def test_those_who_count_fill_whole_columns_where_the_reader_begins(
    size: str, figure: str, columns: int, lang: str
) -> None:
    counted, others = people(size, figure, lang)
    mine, rest = ({round(mark.box.left, 2) for mark in group} for group in (counted, others))
    assert len(mine) == columns
    assert mine.isdisjoint(rest)
    assert min(mine) > max(rest) if lang == "ar" else max(mine) < min(rest)


@pytest.mark.parametrize("size", ["wide", "link"])
def test_a_hundred_beside_a_sentence_stand_in_tens(size: str) -> None:
    counted, others = people(size, "12%")
    columns = [round(mark.box.left, 2) for mark in counted + others]
    assert {columns.count(column) for column in columns} == {10}
    first = [mark for mark in counted if round(mark.box.left, 2) == min(columns)]
    assert len(first) == 10


@IN_SIZES
@pytest.mark.parametrize(("figure", "part"), [("19.4%", 0.194), ("0.5%", 0.005), ("3 in 250", 0.012), ("99.9%", 0.999)])
@LANGUAGES
def test_a_bar_is_as_long_as_its_part_of_the_whole(size: str, figure: str, part: float, lang: str) -> None:
    made, frame, stage = place(card("share", size, figure=figure, text="were children.", lang=lang))
    whole, bar = [mark for mark in share.arrange(made, frame, stage) if isinstance(mark, Panel)]
    assert whole.fill == made.theme.track
    assert bar.fill == made.theme.accent
    assert whole.box.width == pytest.approx(stage.width)
    assert bar.box.width / whole.box.width == pytest.approx(part)
    assert bar.box.right == whole.box.right if lang == "ar" else bar.box.left == whole.box.left


@IN_SIZES
@LANGUAGES
def test_parts_of_a_bar_follow_each_other_each_as_long_as_it_is(size: str, lang: str) -> None:
    made, frame, stage = place(card("share", size, **fields((*PARTS[:3], lang))))
    panels = [mark for mark in share.arrange(made, frame, stage) if isinstance(mark, Panel)]
    whole, first, second, slit = panels[:4]
    assert first.box.width / whole.box.width == pytest.approx(0.44)
    assert second.box.width / whole.box.width == pytest.approx(0.39)
    meet = first.box.left if lang == "ar" else first.box.right
    assert meet == pytest.approx(second.box.right if lang == "ar" else second.box.left)
    assert (slit.box.left + slit.box.right) / 2 == pytest.approx(meet)
    assert slit.box.width < frame.unit / 2
    assert slit.fill == made.theme.background


@IN_SIZES
def test_each_part_of_a_bar_has_its_name_in_its_order_beside_its_colour(size: str) -> None:
    made, frame, stage = place(card("share", size, **fields(PARTS)))
    marks = share.arrange(made, frame, stage)
    names = [mark for mark in marks if isinstance(mark, Letters) and mark.role == "label"]
    _, first, second, _, *dots = [mark for mark in marks if isinstance(mark, Panel)]
    shown = [f"{part} {name}" for part, name in zip(PARTS[0].split(" / "), PARTS[2], strict=True)]
    assert [name.line.text for name in names] == shown  # the number, since a shade alone tells nobody which is which
    assert [dot.fill for dot in dots] == [first.fill, second.fill]
    assert first.fill != second.fill
    assert all(n.box.top - 1 < d.box.top < d.box.bottom < n.y + 1 for d, n in zip(dots, names, strict=True))
    assert all(above.y < below.y for above, below in pairwise(names))


@IN_SIZES
@SHARES
def test_the_figure_is_the_largest_and_the_sentence_can_be_read(size: str, words: Words) -> None:
    made, frame, stage = place(card("share", size, **fields(words)))
    lines = [mark for mark in share.arrange(made, frame, stage) if isinstance(mark, Letters)]
    figure = max(mark.size for mark in lines if mark.role == "figure")
    sentence = {mark.size for mark in lines if mark.role == "text"}
    assert len(sentence) == 1
    assert figure > 1.8 * max(sentence)
    assert min(sentence) >= 4.09 * frame.unit


@pytest.mark.parametrize("size", ["portrait", "story"])
@SHARES
def test_the_sentence_is_not_small_beside_its_picture(size: str, words: Words) -> None:
    made, frame, stage = place(card("share", size, **fields(words)))
    sentence = next(m for m in share.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text")
    assert sentence.size >= 4.79 * frame.unit


@pytest.mark.parametrize(("size", "units"), [("portrait", 5.2), ("story", 5.2), ("wide", 4.6), ("link", 4.6)])
@pytest.mark.parametrize("words", [MISSING, ("25%", CHILDREN[1], (), "en"), CHILDREN], ids=["few", "fives", "fours"])
def test_a_figure_gives_up_size_to_a_sentence_that_would_be_small(size: str, units: float, words: Words) -> None:
    made, frame, stage = place(card("share", size, **fields(words)))
    lines = [mark for mark in share.arrange(made, frame, stage) if isinstance(mark, Letters)]
    sentence = next(mark.size for mark in lines if mark.role == "text")
    assert sentence >= (units - 0.01) * frame.unit
    assert max(mark.size for mark in lines if mark.role == "figure") >= 3 * sentence


@pytest.mark.parametrize("figure", ["many", "110%", "44% / 66%", "1 in 6 / 1 in 4", "7 in 6"])
def test_what_is_no_proportion_is_refused(figure: str) -> None:
    made, frame, stage = place(card("share", figure=figure, text="were children."))
    with pytest.raises(CardError, match="is no proportion that can be drawn"):
        share.arrange(made, frame, stage)


@IN_SIZES
@pytest.mark.parametrize("figure", ["1 in 6", "12%", "19.4%"])
def test_a_text_too_long_is_refused_with_how_much(size: str, figure: str) -> None:
    made, frame, stage = place(card("share", size, figure=figure, text="of many people " * 60))
    with pytest.raises(CardError, match=r"The card's text is about \d+ of its 9\d\d characters too long"):
        share.arrange(made, frame, stage)


@IN_SIZES
def test_a_name_too_long_for_its_part_is_refused(size: str) -> None:
    made, frame, stage = place(card("share", size, **fields((*PARTS[:2], ("forced labor " * 30, "other"), "en"))))
    with pytest.raises(CardError, match="The name of a part does not fit"):
        share.arrange(made, frame, stage)
