"""The layout compare: what it shows is all there, stands apart, and its bars are true to the figures."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

from scheduler.cards import parts
from scheduler.cards.frame import frame
from scheduler.cards.layouts import compare
from scheduler.cards.marks import Box, Letters, Mark, Panel
from scheduler.cards.scale import lengths
from scheduler.errors import CardError
from scheduler.model import CARD_SIZES, Card, Item
from scheduler.themes import BUILT_IN

SHORT = Card(
    layout="compare",
    width=1080,
    height=1350,
    format="png",
    campaign="Human Trafficking Prevention Month",
    figure="",
    text="",
    source="Source: National Human Trafficking Hotline, via MoDOT, 2024",
    help="Hotline 1-888-373-7888 · text 233733 · emergency 911",
    items=(Item("272", "trafficking cases"), Item("539", "people involved")),
)
SHARES = replace(
    SHORT,
    text="Of sex trafficking victims in hotline data for 2020 to 2022:",
    items=(Item("44%", "were trafficked by family members"), Item("39%", "by intimate partners")),
)
LONG = replace(
    SHORT,
    items=(
        Item("27.6 million", "people were in forced labor on any given day in 2021"),
        Item("17.3 million", "people of these in private businesses and homes"),
        Item("6.3 million", "people of these in forced commercial sexual exploitation"),
    ),
)
SPANISH = replace(
    SHARES,
    lang="es",
    text="De las víctimas de trata sexual registradas por la línea nacional entre 2020 y 2022:",
    items=(Item("44 %", "fueron captadas por familiares"), Item("39 %", "por sus parejas")),
)
ARABIC = replace(
    SHARES,
    lang="ar",
    campaign="شهر منع الاتجار بالبشر",
    text="من ضحايا الاتجار بالجنس في بيانات الخط الساخن بين 2020 و2022:",
    items=(Item("44%", "اتجر بهم أفراد من أسرهم"), Item("39%", "اتجر بهم شركاؤهم")),
)
COMMAS = replace(
    SHORT,
    text="The national hotline identified",
    items=(Item("nearly 12,000", "cases in 2024"), Item("11,500", "cases in 2020")),
)
CARDS = {"commas": COMMAS, "short": SHORT, "shares": SHARES, "long": LONG, "spanish": SPANISH, "arabic": ARABIC}
EACH = list(itertools.product(CARD_SIZES, BUILT_IN, CARDS))


def sized(card: Card, size: str, theme: str = "lantern") -> Card:
    width, height = CARD_SIZES[size]
    return replace(card, width=width, height=height, theme=BUILT_IN[theme])


def arranged(card: Card) -> tuple[list[Mark], Box]:
    place = frame(card)
    top, bottom = parts.header(card, place)[1], parts.source(card, place)[1]
    stage = Box(place.margin, top, place.width - place.margin, bottom)
    return compare.arrange(card, place, stage), stage


def bars(card: Card) -> list[tuple[Box, Box]]:
    """The track of each bar, and the part of it that is filled."""
    panels = [mark for mark in arranged(card)[0] if isinstance(mark, Panel)]
    return [(track.box, value.box) for track, value in zip(panels[::2], panels[1::2], strict=True)]


def over(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@pytest.mark.parametrize(("size", "theme", "name"), EACH)
def test_all_words_stand_on_the_stage_and_none_over_another(size: str, theme: str, name: str) -> None:
    card = sized(CARDS[name], size, theme)
    marks, stage = arranged(card)
    lines = [mark for mark in marks if isinstance(mark, Letters)]
    tracks = [mark.box for mark in marks if isinstance(mark, Panel)][::2]
    shown = " ".join(line.line.text for line in lines)
    written = " ".join([card.text, *(f"{item.figure} {item.text}" for item in card.items)])
    assert sorted(shown.replace("%", " % ").split()) == sorted(written.replace("%", " % ").split())
    for box in [*(line.box for line in lines), *tracks]:
        assert stage.top - 1 <= box.top
        assert box.bottom <= stage.bottom + 1
        assert stage.left - 1 <= box.left
        assert box.right <= stage.right + 1
    for one, other in itertools.combinations([*(line.box for line in lines), *tracks], 2):
        assert not over(one, other)


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("name", CARDS)
def test_words_are_never_under_the_least_size_and_figures_are_larger(size: str, name: str) -> None:
    card = sized(CARDS[name], size)
    unit = frame(card).unit
    lines = [mark for mark in arranged(card)[0] if isinstance(mark, Letters)]
    words = [mark.size for mark in lines if mark.role == "text"]
    assert min(words) >= 4.0 * unit - 0.5
    assert max(mark.size for mark in lines if mark.role == "figure") > 1.5 * max(words)


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("name", CARDS)
def test_all_figures_have_the_same_size(size: str, name: str) -> None:
    card = sized(CARDS[name], size)
    found = [mark for mark in arranged(card)[0] if isinstance(mark, Letters) and mark.role == "figure"]
    largest = max(mark.size for mark in found)
    assert len([mark for mark in found if mark.size == largest]) == len(card.items)


@pytest.mark.parametrize("size", ["square", "wide", "link"])
@pytest.mark.parametrize("items", [COMMAS.items, (Item("27,800", "cases"), Item("272", "people"))])
def test_what_stands_side_by_side_stands_on_one_line(size: str, items: tuple[Item, ...]) -> None:
    marks = [m for m in arranged(sized(replace(COMMAS, items=items), size))[0] if isinstance(m, Letters)]
    numbers = [mark.y for mark in marks if mark.line.text.endswith("0") and mark.role == "figure"] + [
        mark.y for mark in marks if mark.line.text == "272"
    ]
    if size == "square":  # the label is beside its figure
        assert {round(mark.y, 3) for mark in marks if mark.line.text in [i.text for i in items]} == {
            round(y, 3) for y in numbers
        }
    else:
        assert numbers[0] == pytest.approx(numbers[1])


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("shares", (0.44, 0.39)),
        ("spanish", (0.44, 0.39)),
        ("arabic", (0.44, 0.39)),
        ("long", (1.0, 173 / 276, 63 / 276)),
    ],
)
def test_bars_are_as_long_as_their_figures_are_large(size: str, name: str, shares: tuple[float, ...]) -> None:
    card = sized(CARDS[name], size)
    found = bars(card)
    assert len({round(track.width, 3) for track, _ in found}) == 1
    for (track, value), share in zip(found, shares, strict=True):
        assert value.width == pytest.approx(share * track.width)
        assert (value.top, value.bottom) == (track.top, track.bottom)
        start = "right" if card.lang == "ar" else "left"
        assert getattr(value, start) == pytest.approx(getattr(track, start))


@pytest.mark.parametrize("theme", BUILT_IN)
def test_figures_of_one_rank_have_bars_of_one_colour(theme: str) -> None:
    marks = arranged(sized(SHARES, "portrait", theme))[0]
    values = [mark.fill for mark in marks if isinstance(mark, Panel)][1::2]
    assert values == [BUILT_IN[theme].accent] * 2


@pytest.mark.parametrize("size", ["portrait", "story"])
def test_short_figures_have_their_words_beside_them(size: str) -> None:
    lines = [mark for mark in arranged(sized(SHORT, size))[0] if isinstance(mark, Letters)]
    figure = next(line for line in lines if line.line.text == "539")
    label = next(line for line in lines if line.line.text.startswith("people"))
    assert label.box.left > figure.box.right
    assert label.box.top > figure.box.top


@pytest.mark.parametrize("size", CARD_SIZES)
def test_figures_that_count_different_things_have_no_bars(size: str) -> None:
    assert bars(sized(SHORT, size)) == []


def scale(*items: tuple[str, str]) -> list[Fraction | int]:
    """The length of each bar, of 1; none when there are no bars."""
    return list(lengths([Item(figure, text) for figure, text in items]) or ())


def test_parts_of_a_whole_have_the_whole_as_their_scale() -> None:
    assert scale(("14%", "had been trafficked for sex"), ("8%", "for other labor")) == [
        Fraction(14, 100),
        Fraction(8, 100),
    ]
    assert scale(("1 in 6", "children"), ("nearly 1 in 8", "people")) == [Fraction(1, 6), Fraction(1, 8)]


def test_amounts_of_one_thing_have_the_largest_as_their_scale() -> None:
    assert scale(("nearly 12,000", "cases in 2024"), ("6,000", "cases in 2020")) == [1, Fraction(1, 2)]
    assert scale(("US$236 billion", "in 2024"), ("US$150 billion", "in 2014")) == [1, Fraction(150, 236)]
    assert scale(("630,000", "people in one country"), ("6.3 million", "People in all")) == [Fraction(1, 10), 1]
    assert scale(("1.2 million people", "were found"), ("600,000 people", "were not")) == [1, Fraction(1, 2)]


def test_amounts_are_read_in_spanish_and_arabic() -> None:
    assert scale(("27,6 millones", "de personas"), ("13,8 millones", "de personas")) == [1, Fraction(1, 2)]
    assert scale(("3 mil millones", "personas"), ("300 millones", "personas")) == [1, Fraction(1, 10)]
    assert scale(("6 ملايين", "شخص"), ("12 مليون", "شخص")) == [Fraction(1, 2), 1]
    assert scale(("١٢٬٠٠٠", "شخص"), ("٦٬٠٠٠", "شخص")) == [1, Fraction(1, 2)]


@pytest.mark.parametrize(
    "items",
    [
        (("272", "cases"), ("539", "people")),
        (("44%", "of children"), ("539", "children")),
        (("US$5 million", "spent"), ("€5 million", "spent")),
        (("27.6 millones", "personas"), ("3 lakh", "personas")),
        (("805 to 1,656", "people"), ("300", "people")),
        (("12.000", "personas"), ("300", "personas")),
        (("1-888-373-7888", "call"), ("233733", "call")),
        (("2024", "people"), ("2025", "people")),
        (("nearly half", "people"), ("25", "people")),
        (("-5", "people"), ("25", "people")),
        (("73% / 27%", "people"), ("25%", "people")),
    ],
)
def test_what_has_no_scale_in_common_gets_no_bars(items: tuple[tuple[str, str], ...]) -> None:
    assert scale(*items) == []


@pytest.mark.parametrize("size", CARD_SIZES)
def test_too_many_words_are_refused_with_how_many(size: str) -> None:
    label = (
        "were trafficked by members of their own family, as far as those who answered the call could learn from them"
        " and from the people who had called"
    )
    card = sized(replace(SHARES, items=tuple(Item(figure, label) for figure in ("44%", "39%", "12%"))), size)
    with pytest.raises(CardError, match=r"about \d+ of their \d+ characters too long for 1\d+ × \d+ px\. Shorten"):
        arranged(card)


def test_a_word_wider_than_the_card_is_refused() -> None:
    with pytest.raises(CardError, match="do not fit 1080 × 1350 px"):
        arranged(replace(SHORT, items=(Item("272", "c" * 80), Item("539", "people"))))


def test_a_card_needs_two_or_three_items_each_with_both_halves() -> None:
    with pytest.raises(CardError, match="two or three items; this card has 1"):
        arranged(replace(SHORT, items=SHORT.items[:1]))
    with pytest.raises(CardError, match="two or three items; this card has 4"):
        arranged(replace(SHORT, items=SHORT.items * 2))
    with pytest.raises(CardError, match="“272” lacks its text"):
        arranged(replace(SHORT, items=(Item("272", " "), Item("539", "people"))))
    with pytest.raises(CardError, match="“people” lacks its figure"):
        arranged(replace(SHORT, items=(Item("272", "cases"), Item("", "people"))))
