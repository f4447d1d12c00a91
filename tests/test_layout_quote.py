"""A quotation is set as it was said, once in quotation marks, with the name of who said it."""

from __future__ import annotations

import re

import pytest

from scheduler.cards.layouts import quote
from scheduler.cards.marks import Letters, Panel
from scheduler.cards.shaping import drop
from scheduler.errors import CardError
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays

SHORT = ("Words like ‘rescue’ turn people off from getting help.", "Survivor expert, quoted by Polaris", "en")
LONG = (
    "Victims and survivors of sex and labor trafficking know their situations and their needs better than anyone",
    "Megan Cutter, then acting director of the hotline, 2020",
    "en",
)
SPANISH = (
    "El trabajo forzoso perpetúa los ciclos de pobreza y explotación y golpea el corazón de la dignidad humana.",
    "Gilbert F. Houngbo, Director General de la OIT, 2024",
    "es",
)
ARABIC = ("العمل القسري يديم دوامات الفقر والاستغلال ويمس صميم الكرامة الإنسانية.", "جيلبرت هونغبو، المدير العام", "ar")
SAID = pytest.mark.parametrize("said", [SHORT, LONG, SPANISH, ARABIC], ids=["short", "long", "es", "ar"])
IN_SIZES = pytest.mark.parametrize("size", SIZES)


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@SAID
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, said: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("quote", size, theme, text=said[0], by=said[1], lang=said[2]))
    marks = quote.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@SAID
def test_every_word_stands_on_the_card_as_it_was_said(size: str, said: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("quote", size, text=said[0], by=said[1], lang=said[2]))
    whole = printed(quote.arrange(made, frame, stage))
    assert said[0] in whole
    assert re.sub(r"[,،] ", " ", said[1]) in re.sub(r"[,،] ", " ", whole)


@IN_SIZES
@SAID
def test_the_quotation_is_the_largest_thing_and_the_name_is_readable(size: str, said: tuple[str, str, str]) -> None:
    made, frame, stage = place(card("quote", size, text=said[0], by=said[1], lang=said[2]))
    sizes: dict[str, float] = {}
    for mark in quote.arrange(made, frame, stage):
        if isinstance(mark, Letters):
            sizes[mark.role] = mark.size / frame.unit
    assert sizes["text"] >= 4.4
    assert sizes["text"] > sizes["name"] > sizes["label"] >= 2.9


@pytest.mark.parametrize("size", ["portrait", "square", "wide"])
def test_the_rule_keeps_its_distance_whatever_the_last_letters_are(size: str) -> None:
    for text in ("Words turn people off from help.", "Victims are all too vulnerable to earn less or more."):
        made, frame, stage = place(card("quote", size, text=text, by="Polaris"))
        marks = quote.arrange(made, frame, stage)
        last = [mark for mark in marks if isinstance(mark, Letters) and mark.role == "text"][-1]
        rule = next(mark for mark in marks if isinstance(mark, Panel))
        below = rule.box.top - last.y - drop(frame.styles.quote) * last.size
        assert below == pytest.approx(quote.AFTER_TEXT * frame.unit, abs=0.05 * frame.unit)


def test_few_words_are_set_larger_than_many() -> None:
    sizes = []
    for text in ("Why is there running?", SHORT[0], LONG[0]):
        made, frame, stage = place(card("quote", text=text, by="Polaris"))
        lines = [m for m in quote.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text"]
        sizes.append(lines[0].size / frame.unit)
    assert sizes[0] > 14
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("text", "lang", "marks"),
    [
        ("Words like ‘rescue’ turn people off.", "en", "“”"),
        ("“Words like ‘rescue’ turn people off.”", "en", "“”"),
        ('"Words turn people off."', "en", "“”"),
        ("Las palabras importan.", "es", "“”"),
        ("«Las palabras importan.»", "es", "«»"),
        ("الكلمات مهمة.", "ar", "«»"),
        ("«الكلمات مهمة.»", "ar", "«»"),
    ],
)
def test_a_quotation_has_one_opening_and_one_closing_mark(text: str, lang: str, marks: str) -> None:
    made, frame, stage = place(card("quote", text=text, by="A survivor", lang=lang))
    whole = printed(quote.arrange(made, frame, stage))
    assert [char for char in whole if char in '“”«»"„'] == list(marks)


def test_a_text_with_words_of_ours_keeps_its_own_marks() -> None:
    text = "“Why is there running?” is the question to start from, as in “Why not?”"
    made, frame, stage = place(card("quote", text=text, by="Judge Robert Lung, survivor"))
    assert text in printed(quote.arrange(made, frame, stage))
    assert quote.said(text, "en") == (text, "", "")


def test_a_mark_within_the_closing_mark_is_kept_apart_from_it() -> None:
    text = "We should be approaching it from ‘Why is there running?’"
    made, frame, stage = place(card("quote", text=text, by="Judge Robert Lung, survivor"))
    assert "running?’\u202f”" in printed(quote.arrange(made, frame, stage))


def test_a_name_keeps_the_comma_that_is_its_own() -> None:
    made, frame, stage = place(card("quote", text="We are all included.", by="John Doe, Jr., survivor leader"))
    lines = [mark.line.text for mark in quote.arrange(made, frame, stage) if isinstance(mark, Letters)]
    assert lines[-2:] == ["John Doe, Jr.", "survivor leader"]


def test_a_dash_before_the_name_is_left_to_the_rule() -> None:
    made, frame, stage = place(card("quote", text="We are all included.", by="— Polaris"))
    marks = quote.arrange(made, frame, stage)
    assert printed(marks).endswith(" Polaris")
    assert "—" not in printed(marks)
    assert sum(isinstance(mark, Panel) for mark in marks) == 1


@IN_SIZES
def test_arabic_stands_on_the_right_edge(size: str) -> None:
    made, frame, stage = place(card("quote", size, text=ARABIC[0], by=ARABIC[1], lang="ar"))
    marks = quote.arrange(made, frame, stage)
    assert max(mark.box.right for mark in marks) == pytest.approx(stage.right, abs=1)
    assert marks[0].box.left > stage.left + stage.width / 2


@IN_SIZES
def test_what_is_too_long_is_refused_with_how_much_and_that_much_less_fits(size: str) -> None:
    text = " ".join([LONG[0]] * 8)
    made, frame, stage = place(card("quote", size, text=text, by=LONG[1]))
    with pytest.raises(CardError, match=r"about \d+ of its \d+ characters too long") as refused:
        quote.arrange(made, frame, stage)
    found = re.search(r"about (\d+) of", str(refused.value))
    assert found
    made, frame, stage = place(card("quote", size, text=text[: -int(found[1])], by=LONG[1]))
    assert quote.arrange(made, frame, stage)


@pytest.mark.parametrize(
    ("text", "by", "missing"),
    [
        ("", "Polaris", "no quotation"),
        ("“ ”", "Polaris", "no quotation"),
        ("\N{NO-BREAK SPACE}", "Polaris", "no quotation"),
        ("Words matter.", " ", "whose words"),
        ("Words matter.", "— \N{NO-BREAK SPACE}", "whose words"),
    ],
)
def test_what_is_missing_is_named(text: str, by: str, missing: str) -> None:
    made, frame, stage = place(card("quote", text=text, by=by))
    with pytest.raises(CardError, match=missing):
        quote.arrange(made, frame, stage)


def test_a_name_that_takes_a_paragraph_is_refused() -> None:
    made, frame, stage = place(card("quote", text="Words matter.", by="The " + "very honourable " * 20))
    with pytest.raises(CardError, match="Shorten the card's `by`"):
        quote.arrange(made, frame, stage)
