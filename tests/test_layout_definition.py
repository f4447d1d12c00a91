"""A term stands over what it means, or beside it on a wide card, with a rule between the two."""

from __future__ import annotations

import re

import pytest

from scheduler.cards.layouts import definition
from scheduler.cards.marks import Letters, Panel
from scheduler.cards.shaping import rise
from scheduler.errors import CardError
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays

SHORT = ("T status", "lets some trafficking victims stay in the United States, first for up to four years.", "en")
LONG = (
    "Force, fraud or coercion",
    (
        "Human trafficking means using one of them to make a person work or take part in commercial sex. "
        "It includes both labor and sex trafficking."
    ),
    "en",
)
SPANISH = (
    "Ésta es la trata de personas",
    "es usar la fuerza, el fraude o la coacción para obligar a una persona a trabajar.",
    "es",
)
ARABIC = ("الإكراه", "ليس جسديًا فقط. يشمل التهديد وإساءة استخدام القانون.", "ar")
TERMS = pytest.mark.parametrize("term", [SHORT, LONG, SPANISH, ARABIC], ids=["short", "long", "es", "ar"])
IN_SIZES = pytest.mark.parametrize("size", SIZES)


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@TERMS
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, term: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("definition", size, theme, figure=term[0], text=term[1], lang=term[2]))
    marks = definition.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@TERMS
def test_all_words_stand_on_the_card_the_term_first_and_largest(size: str, term: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("definition", size, figure=term[0], text=term[1], lang=term[2]))
    marks = definition.arrange(made, frame, stage)
    assert printed(marks) == f"{made.figure} {made.text}"
    sizes = {mark.role: mark.size for mark in marks if isinstance(mark, Letters)}
    assert sizes["figure"] >= definition.HEAD * sizes["text"]
    assert sizes["text"] >= 4.0 * frame.unit


@IN_SIZES
@TERMS
def test_the_rule_stands_between_the_term_and_its_meaning(size: str, term: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("definition", size, figure=term[0], text=term[1], lang=term[2]))
    marks = definition.arrange(made, frame, stage)
    rules = [mark.box for mark in marks if isinstance(mark, Panel)]
    heads = [mark.box for mark in marks if isinstance(mark, Letters) and mark.role == "figure"]
    texts = [mark.box for mark in marks if isinstance(mark, Letters) and mark.role == "text"]
    for rule in rules:
        if not frame.wide:
            assert max(head.bottom for head in heads) < rule.top < min(text.top for text in texts)
        elif frame.rtl:
            assert max(text.right for text in texts) < rule.left < min(head.left for head in heads)
        else:
            assert max(head.right for head in heads) < rule.left < min(text.left for text in texts)
    assert len(rules) == 2


@pytest.mark.parametrize("size", ["wide", "link"])
@TERMS
def test_beside_its_meaning_the_term_stands_in_the_middle(size: str, term: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("definition", size, figure=term[0], text=term[1], lang=term[2]))
    marks = definition.arrange(made, frame, stage)
    rule = next(mark.box for mark in marks if isinstance(mark, Panel))
    for role, style in (("figure", frame.styles.display), ("text", frame.styles.text)):
        lines = [mark for mark in marks if isinstance(mark, Letters) and mark.role == role]
        middle = (lines[0].y - rise(style) * lines[0].size + lines[-1].y) / 2
        assert middle == pytest.approx((rule.top + rule.bottom) / 2)


def test_a_short_word_of_a_term_is_not_left_alone_on_a_line() -> None:
    made, frame, stage = place(card("definition", "wide", figure=SHORT[0], text=SHORT[1]))
    assert "T status" in [
        mark.line.text for mark in definition.arrange(made, frame, stage) if isinstance(mark, Letters)
    ]


@IN_SIZES
def test_a_meaning_that_is_too_long_is_refused_with_how_much_and_that_much_less_fits(size: str) -> None:
    text = " ".join([LONG[1]] * 6)
    made, frame, stage = place(card("definition", size, figure=SHORT[0], text=text))
    with pytest.raises(CardError, match=r"“T status” is about \d+ of its \d+ characters too long") as refused:
        definition.arrange(made, frame, stage)
    found = re.search(r"about (\d+) of", str(refused.value))
    assert found
    made, frame, stage = place(card("definition", size, figure=SHORT[0], text=text[: -int(found[1])]))
    assert definition.arrange(made, frame, stage)


@IN_SIZES
@pytest.mark.parametrize("figure", ["Antidisestablishmentarianism" * 3, "the use of force, fraud or coercion " * 6])
def test_a_term_that_is_too_long_is_refused(size: str, figure: str) -> None:
    made, frame, stage = place(card("definition", size, figure=figure, text=SHORT[1]))
    with pytest.raises(CardError, match=r"The term “.*” is too long"):
        definition.arrange(made, frame, stage)


@pytest.mark.parametrize(
    ("figure", "text", "missing"), [("", "Means.", "no term"), ("Coercion", " ", "“Coercion” means")]
)
def test_what_is_missing_is_named(figure: str, text: str, missing: str) -> None:
    made, frame, stage = place(card("definition", figure=figure, text=text))
    with pytest.raises(CardError, match=missing):
        definition.arrange(made, frame, stage)
