"""A whole card: what stands on each, in every layout, size and language, and what is shared between them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import ImageChops

from scheduler.cards import composing, setting
from scheduler.cards.frame import frame
from scheduler.cards.marks import Letters, Logo, Panel, Picture, Scrim
from scheduler.errors import CardError
from scheduler.model import CARD_SIZES, LAYOUTS, Item, Photo
from tests.layouts import words as words_of
from tests.samples import HELP, LOGO, PHOTO, arranged, card, project

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.cards.marks import Mark


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("project"))


def said(marks: list[Mark], role: str = "") -> str:
    """The words of a role, or all, in one line."""
    lines = [mark.line.text for mark in marks if isinstance(mark, Letters) and role in ("", mark.role)]
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_card_has_its_campaign_source_help_and_logo(layout: str, size: str, root: Path) -> None:
    _, marks = arranged(card(layout, size, logo=LOGO), root)
    assert said(marks, "name").startswith("HUMAN TRAFFICKING PREVENTION MONTH")
    assert said(marks, "source") == "Source: ILO, Walk Free and IOM, 2021"
    assert said(marks, "help") == "Hotline 1-888-373-7888 Text 233733 Emergency 911"
    assert [mark.path for mark in marks if isinstance(mark, Logo)] == [LOGO]


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_word_of_a_person_stands_on_the_card(layout: str, size: str, root: Path) -> None:
    made = card(layout, size)
    shown = set(re.findall(r"\w+", said(arranged(made, root)[1])))
    assert set(re.findall(r"\w+", " ".join(words_of(made)))) <= shown


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_card_without_name_source_help_and_logo_is_drawn(layout: str, root: Path) -> None:
    made = card(layout, campaign="", source="", help="")
    assert composing.picture(made, root).size == (made.width, made.height)
    assert said(arranged(made, root)[1], "help") == ""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_spanish_is_set_whole(layout: str, root: Path) -> None:
    words = "Dieciséis años: ¿quién ayuda al niño?"
    made = card(layout, lang="es", text=words, campaign="Mes de la prevención", source="Fuente: OIT, 2021")
    _, marks = arranged(made, root)
    assert words in said(marks)
    assert said(marks, "name").startswith("MES DE LA PREVENCIÓN")


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arabic_begins_at_the_right(layout: str, size: str, root: Path) -> None:
    place, marks = arranged(card(layout, size, lang="ar"), root)
    if layout == "photo" and place.wide:  # its column is on the right
        marks = [mark for mark in marks if not isinstance(mark, Picture | Scrim)]
    for role in ("name", "source"):
        lines = [mark for mark in marks if isinstance(mark, Letters) and mark.role == role]
        head = min(lines, key=lambda line: line.y) if role == "name" else lines[0]
        assert abs(head.box.right - (place.width - place.margin)) < 0.6 * head.size


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('They said "no"...', "They said “no”…"),
        ("It's 2019-2021 - or so", "It’s 2019–2021 – or so"),
        ("27.6 million in 1 in 6", "27.6\N{NO-BREAK SPACE}million in 1\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}6"),
        ("1-888-373-7888", "1-888-373-7888"),
    ],
)
def test_what_was_typed_is_set_as_a_printer_would(typed: str, shown: str) -> None:
    made = composing.in_type(
        card("list", figure=typed, text=typed, source=typed, by=typed, myth=typed, items=(Item(typed, typed),))
    )
    assert {made.figure, made.text, made.source, made.by, made.myth, made.items[0].figure, made.items[0].text} == {
        shown
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_set_in_type_twice_is_as_once(layout: str) -> None:
    once = composing.in_type(card(layout))
    assert composing.in_type(once) == once


def test_what_all_cards_of_a_size_share_does_not_keep_the_words_of_one(root: Path) -> None:
    first = composing.picture(card("stat"), root)
    composing.picture(card("stat", figure="1", text="Another sentence."), root)
    composing.picture(card("stat", help="Call 911"), root)
    composing.picture(card("stat", campaign="Another"), root)
    assert composing.picture(card("stat"), root).tobytes() == first.tobytes()


@pytest.mark.parametrize(
    "other",
    [{"help": "Call 911"}, {"campaign": "Another"}, {"lang": "ar"}, {"logo": LOGO}, {"theme": "paper"}, {"source": ""}],
)
def test_each_part_of_a_card_is_seen(other: dict[str, str], root: Path) -> None:
    one, another = (composing.picture(card("stat", **fields), root) for fields in ({}, other))
    assert ImageChops.difference(one, another).getbbox() is not None


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("line", ["Call 911", "Help is near", "Hotline 1-888-373-7888 · or ask", "A · B 1 · C 2 · D 3"])
def test_any_help_line_finds_its_form_in_the_bar(line: str, size: str, root: Path) -> None:
    place, marks = arranged(card("stat", size, help=line), root)
    helping = [mark for mark in marks if isinstance(mark, Letters) and mark.role == "help"]
    assert sorted(re.sub(r"[\s·]", "", said(marks, "help")).lower()) == sorted(re.sub(r"[\s·]", "", line).lower())
    assert min(mark.box.top for mark in helping) > place.bar.top
    assert max(mark.box.bottom for mark in helping) < place.bar.bottom


def test_the_numbers_of_the_help_bar_are_the_largest_of_the_small_type(root: Path) -> None:
    _, marks = arranged(card("quote"), root)
    sizes = {mark.line.text: mark.size for mark in marks if isinstance(mark, Letters)}
    assert sizes["1-888-373-7888"] == sizes["911"]
    assert sizes["911"] > 1.5 * sizes["Hotline"]


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sentence_is_read_on_a_phone_and_so_is_its_source(layout: str, size: str, root: Path) -> None:
    place, marks = arranged(card(layout, size), root)
    phone = 360 / place.width  # px of a phone in one of the card
    sizes = [(mark.role, mark.size * phone) for mark in marks if isinstance(mark, Letters)]
    assert min(em for role, em in sizes if role in ("text", "figure")) >= 10
    assert min(em for role, em in sizes if role in ("source", "name")) >= 5.7


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("spacing", [0.8, 1.0, 1.3])
def test_the_measures_of_a_card_are_within_it(spacing: float, size: str) -> None:
    made = card("stat", size)
    made = replace(made, theme=replace(made.theme, spacing=spacing))
    place = frame(made)
    assert 0 < place.safe.left < place.safe.right < made.width
    assert 0 < place.head == place.safe.top < place.safe.bottom < place.bar.top < place.bar.bottom <= made.height
    assert place.inner > 0.75 * made.width


def test_without_a_help_line_there_is_no_bar_and_more_room(root: Path) -> None:
    place, marks = arranged(card("stat", help=""), root)
    assert place.safe.bottom > frame(card("stat")).safe.bottom
    assert not [mark for mark in marks if isinstance(mark, Panel) and mark.box.height > 0.05 * place.height]


def test_a_photo_lies_under_all_words(root: Path) -> None:
    for size in CARD_SIZES:
        for theme in ("lantern", "paper"):
            _, marks = arranged(card("photo", size, theme), root)
            kinds = [type(mark) for mark in marks]
            assert kinds[0] is Picture
            assert max(at for at, kind in enumerate(kinds) if kind in (Picture, Scrim)) < kinds.index(Letters)


@pytest.mark.parametrize("path", ["images/none.png", "images/../config.toml", "/etc/hostname", "images/"])
def test_a_photo_or_logo_that_cannot_be_used_is_a_sentence(path: str, root: Path) -> None:
    for made in (card("photo", photo=Photo(path)), card("stat", logo=path)):
        with pytest.raises(CardError) as caught:
            composing.picture(made, root)
        assert caught.value.text.endswith(".")


def test_two_photos_of_one_card_are_two_pictures(root: Path) -> None:
    pictures = [composing.picture(card("photo", photo=Photo(PHOTO, focus)), root) for focus in ((0, 0), (1, 1))]
    assert pictures[0].tobytes() != pictures[1].tobytes()


# Setting


def lines(text: str, size: float, width: float) -> tuple[str, ...]:
    found = setting.block(text, frame(card("stat")).styles.text, "en", size, width, 1.2)
    return tuple(line.text for line in found.lines) if found else ()


def test_a_block_ends_without_a_lonely_word() -> None:
    text = "of the young people who ran away and were reported missing were likely victims of child sex trafficking."
    for width in range(420, 1000, 20):
        found = lines(text, 48, width)
        assert found
        assert " " in found[-1], found


def test_a_block_is_as_wide_and_high_as_it_says() -> None:
    style = frame(card("stat")).styles.text
    found = setting.block("Capital letters over\N{NO-BREAK SPACE}a line Éa", style, "en", 60, 420, 1.2)
    assert found
    marks = found.set(100, 520, 50, "#ffffff", "text")
    assert abs(marks[-1].y - (50 + found.height)) < 0.01
    assert max(mark.box.right - mark.box.left for mark in marks) == pytest.approx(found.width)
    assert max(mark.box.right for mark in marks) <= 521
    assert min(mark.box.left for mark in marks) == pytest.approx(100, abs=0.01)


def test_an_opening_quotation_mark_hangs_in_the_margin() -> None:
    style = frame(card("stat")).styles.text
    found = setting.block("“Words” and more words after them", style, "en", 60, 420, 1.2)
    assert found
    first, second, *_ = found.set(100, 520, 50, "#ffffff", "text")
    assert 70 < first.box.left < 95
    assert second.box.left == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_block_that_needs_more_lines_than_it_may_have_is_none(most: int) -> None:
    style = frame(card("stat")).styles.text
    text = "Words that take four lines at least where there is so little width"
    assert setting.block(text, style, "en", 60, 420, 1.2, most) is None


def test_how_much_is_too_long_is_counted_in_characters() -> None:
    assert setting.overlong("one two three four", lambda part: len(part) <= 8) == (
        "about 11 of its 18 characters too long"
    )
    assert setting.together(["one two three four"] * 2, lambda parts: sum(map(len, parts)) <= 20).startswith("about 2")


def test_the_known_help_line_is_in_three_columns(root: Path) -> None:
    _, marks = arranged(card("stat", help=HELP), root)
    helping = [mark for mark in marks if isinstance(mark, Letters) and mark.role == "help"]
    assert len({round(mark.y) for mark in helping}) == 2
    assert [mark.line.text for mark in helping[::2]] == ["Hotline", "Text", "Emergency"]
