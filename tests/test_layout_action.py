"""Numbers to call stand as given, each on one line with whose it is; the first is by far the largest."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scheduler.cards.layouts import action
from scheduler.cards.marks import Fade, Letters
from scheduler.errors import CardError
from scheduler.model import Item
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays
from tests.layouts import words as words_of

LEAD = "Need help, or worried about someone?"
HOTLINE = Item("1-888-373-7888", "National Human Trafficking Hotline, 24/7")
TEXT, DANGER = Item("233733", "Or text the hotline"), Item("911", "In danger now")
YWCA = Item("314-531-7273", "YWCA crisis line, St. Louis")
HOTLINE_DAY = Item("1-888-373-7888", "National Human Trafficking Hotline, day or night")
TTY = Item("711", "TTY, if you are Deaf, hard of hearing or speech disabled")
CHILD = (
    DANGER,
    Item("1-800-843-5678", "National Center for Missing & Exploited Children"),
    Item("1-800-392-3738", "Missouri Child Abuse and Neglect Hotline"),
)
ALL = (LEAD, (HOTLINE, TEXT, DANGER, YWCA), "en")
ONE = (LEAD, (HOTLINE,), "en")
BARE = ("", (HOTLINE, YWCA), "en")
SHORT = ("In danger now?", (Item("911", ""),), "en")
SPANISH = (
    "¿Necesita ayuda o le preocupa alguien?",
    (Item("1-888-373-7888", "Línea Nacional contra la Trata de Personas"), Item("911", "En peligro ahora")),
    "es",
)
ARABIC = (
    "هل تحتاج إلى مساعدة؟",
    (Item("1-888-373-7888", "الخط الوطني لمكافحة الاتجار بالبشر"), Item("233733", "أو أرسل رسالة نصية")),
    "ar",
)
Words = tuple[str, tuple[Item, ...], str]
IN_SIZES = pytest.mark.parametrize("size", SIZES)
CALLS = pytest.mark.parametrize(
    "words",
    [ALL, ("Worried about a child?", CHILD, "en"), ONE, BARE, SHORT, SPANISH, ARABIC],
    ids=["all", "child", "one", "bare", "short", "es", "ar"],
)


def numbers(size: str, words: Words) -> list[Letters]:
    made, frame, stage = place(card("action", size, text=words[0], items=words[1], lang=words[2]))
    return [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "figure"]


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@CALLS
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, words: Words) -> None:
    made, frame, stage = place(card("action", size, theme, text=words[0], items=words[1], lang=words[2]))
    marks = action.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@CALLS
def test_each_number_stands_whole_as_given_and_in_its_order(size: str, words: Words) -> None:
    assert [mark.line.text for mark in numbers(size, words)] == [item.figure for item in words[1]]


@IN_SIZES
@CALLS
def test_every_word_stands_on_the_card(size: str, words: Words) -> None:
    made, frame, stage = place(card("action", size, text=words[0], items=words[1], lang=words[2]))
    whole = printed(action.arrange(made, frame, stage)).split()
    assert sorted(whole) == sorted(" ".join(words_of(made)).replace("\u00a0", " ").split())


@IN_SIZES
@CALLS
def test_the_first_number_is_the_largest_thing_on_the_card(size: str, words: Words) -> None:
    made, frame, stage = place(card("action", size, text=words[0], items=words[1], lang=words[2]))
    lines = [mark for mark in action.arrange(made, frame, stage) if isinstance(mark, Letters)]
    first, *others = [mark for mark in lines if mark.role == "figure"]
    assert first.size == max(mark.size for mark in lines)
    assert isinstance(first.ink, Fade)
    assert all(first.size >= 1.2 * mark.size for mark in others)
    assert len({mark.size for mark in others}) <= 1
    assert min(mark.size for mark in lines) >= 3.99 * frame.unit


@IN_SIZES
@CALLS
def test_no_name_is_larger_than_that_of_the_first_number(size: str, words: Words) -> None:
    made, frame, stage = place(card("action", size, text=words[0], items=words[1], lang=words[2]))
    lines = [mark for mark in action.arrange(made, frame, stage) if isinstance(mark, Letters)]
    names = [mark.size for mark in lines if mark.role == "label"]
    numbers = [mark.size for mark in lines if mark.role == "figure"]
    assert not names or names[0] == max(names)
    assert not names[1:] or numbers[-1] >= 1.3 * names[-1]


@pytest.mark.parametrize("size", ["portrait", "story"])
@pytest.mark.parametrize("others", [(HOTLINE_DAY,), CHILD[1:]], ids=["hotline", "child"])
def test_a_name_that_would_be_squeezed_stands_over_its_number(size: str, others: tuple[Item, ...]) -> None:
    made, frame, stage = place(card("action", size, text=LEAD, items=(YWCA, *others)))
    marks = [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters)]
    for item in others:
        at = next(place for place, mark in enumerate(marks) if mark.line.text == item.figure)
        name = [m for m in marks if m.role == "label" and m.line.text in item.text and m.line.text not in YWCA.text]
        assert 1 <= len(name) <= 2
        assert max(m.box.bottom for m in name) < marks[at].box.top
        assert name[0].box.left == pytest.approx(marks[at].box.left, abs=0.1 * marks[at].size)


@pytest.mark.parametrize("size", ["wide", "link"])
@pytest.mark.parametrize("others", [(TEXT,), (TEXT, TTY), (TEXT, DANGER, YWCA)], ids=["one", "long", "three"])
def test_a_long_first_number_takes_two_thirds_of_a_wide_card(size: str, others: tuple[Item, ...]) -> None:
    words = ("Save these numbers today", (HOTLINE, *others), "en")
    _, _, stage = place(card("action", size, text=words[0], items=words[1]))
    assert numbers(size, words)[0].box.width >= stage.width * 2 / 3


@pytest.mark.parametrize("size", ["wide", "link"])
def test_a_long_name_on_a_wide_card_follows_its_number_and_leaves_the_height_to_the_first(size: str) -> None:
    words = ("Save these numbers today", (HOTLINE_DAY, Item("233733", "Text HELP or INFO"), TTY), "en")
    made, frame, stage = place(card("action", size, text=words[0], items=words[1]))
    marks = [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters)]
    number = next(m for m in marks if m.line.text == "711")
    name = [m for m in marks if m.role == "label" and m.line.text in TTY.text]
    assert len(name) == 2
    assert all(m.box.left > number.box.right for m in name)
    assert name[0].box.top < number.box.top
    assert name[1].box.bottom > number.box.bottom
    assert numbers(size, words)[0].box.width >= 0.8 * stage.width


@pytest.mark.parametrize("size", ["portrait", "square", "story"])
def test_a_long_first_number_reaches_across_the_card(size: str) -> None:
    _, _, stage = place(card("action", size, text=ALL[0], items=ALL[1]))
    first = numbers(size, ALL)[0]
    assert first.box.width == pytest.approx(stage.width, rel=0.08)


@IN_SIZES
def test_digits_are_as_wide_as_each_other(size: str) -> None:
    made, frame, stage = place(card("action", size, items=(Item("1111", ""), Item("8888", ""), Item("1888", ""))))
    found = [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters)]
    advances = {round(b.x - a.x, 4) for mark in found for a, b in pairwise(mark.line.glyphs)}
    assert len(advances) == 1


@pytest.mark.parametrize("size", ["portrait", "square", "story"])
@pytest.mark.parametrize("words", [ALL, ARABIC], ids=["en", "ar"])
def test_a_number_and_its_name_share_a_baseline_at_both_edges(size: str, words: Words) -> None:
    made, frame, stage = place(card("action", size, text=words[0], items=words[1], lang=words[2]))
    marks = [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters)]
    number = next(m for m in marks if m.line.text == "233733")
    name = next(m for m in marks if m.line.text == words[1][1].text)
    left, right = (number, name) if words[2] == "ar" else (name, number)
    assert name.y == pytest.approx(number.y)
    assert left.box.left == pytest.approx(stage.left, abs=1)
    assert right.box.right == pytest.approx(stage.right, abs=1)


@pytest.mark.parametrize("size", ["wide", "link"])
def test_names_side_by_side_stand_on_one_line(size: str) -> None:
    made, frame, stage = place(card("action", size, text=LEAD, items=(HOTLINE, TEXT, DANGER)))
    marks = [m for m in action.arrange(made, frame, stage) if isinstance(m, Letters)]
    names = [m.y for m in marks if m.line.text in (TEXT.text, DANGER.text)]
    assert names[0] == pytest.approx(names[1])


@IN_SIZES
def test_a_number_too_long_is_refused_and_named(size: str) -> None:
    made, frame, stage = place(
        card("action", size, items=(Item("1-888-373-7888 extension 12345678901234", "Hotline"),))
    )
    with pytest.raises(CardError, match=r"The numbers are too long .* “1-888-373-7888 extension 12345678901234”"):
        action.arrange(made, frame, stage)


@IN_SIZES
def test_names_too_long_are_refused_with_how_much(size: str) -> None:
    made, frame, stage = place(card("action", size, text=LEAD, items=(HOTLINE, Item("911", "in danger now " * 90))))
    with pytest.raises(
        CardError, match=r"names of the help lines are together about \d+ of their 1\d\d\d characters too long"
    ):
        action.arrange(made, frame, stage)


@IN_SIZES
def test_a_lead_too_long_is_refused_with_how_much(size: str) -> None:
    made, frame, stage = place(card("action", size, text="need help now " * 40, items=(HOTLINE, DANGER)))
    with pytest.raises(
        CardError, match=r"The lead line over the numbers is about \d+ of its 5\d\d characters too long"
    ):
        action.arrange(made, frame, stage)


@pytest.mark.parametrize("items", [(), (DANGER,) * 5, (Item("", "In danger now"),)], ids=["none", "five", "no number"])
def test_a_card_of_help_lines_has_one_to_four_numbers(items: tuple[Item, ...]) -> None:
    made, frame, stage = place(card("action", text=LEAD, items=items))
    with pytest.raises(CardError, match="1 to 4 numbers"):
        action.arrange(made, frame, stage)
