"""A list is a heading and two to five entries that hang beside a dot or a number, in one rhythm."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scheduler.cards.layouts import list as lines
from scheduler.cards.marks import Letters, Panel
from scheduler.cards.shaping import rise
from scheduler.errors import CardError
from scheduler.model import Item
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays
from tests.layouts import words as words_of

SIGNS = (
    "At work, these can be signs. They are not proof.",
    ("Owes money to a boss or recruiter", "Is not paid what was promised", "Someone else holds their passport"),
    "en",
)
STEPS = (
    "Worried about someone? Three steps.",
    ("1 Keep your distance. Do not confront anyone.", "2 Note what you saw, where and when.", "3 Call the hotline."),
    "en",
)
SHORT = ("In danger now?", ("Call 911", "Stay back"), "en")
LONG = (
    "Signs are not proof, and they may not show.",
    (
        "Someone else holds the person's passport or other identity papers",
        "Someone seems to watch or speak for the person when they talk with others",
        "The person lives and works cut off from other people and from support",
    ),
    "en",
)
FIVE = (
    "At work, these can be signs. They are not proof.",
    (
        "Owes money to a boss",
        "Not paid what was promised",
        "No passport",
        "Watched or spoken for",
        "Cut off from others",
    ),
    "en",
)
SPANISH = (
    "En el trabajo, estas pueden ser señales. No son prueba.",
    ("Debe dinero a un jefe o reclutador", "No recibe el pago prometido", "Otra persona guarda su pasaporte"),
    "es",
)
ARABIC = ("علامات محتملة في العمل، وليست دليلاً", ("يدين بالمال لصاحب العمل", "لا يتقاضى الأجر الموعود"), "ar")
Words = tuple[str, tuple[str, ...], str]
IN_SIZES = pytest.mark.parametrize("size", SIZES)
LISTS = pytest.mark.parametrize(
    "words",
    [SIGNS, STEPS, SHORT, LONG, FIVE, SPANISH, ARABIC],
    ids=["signs", "steps", "short", "long", "five", "es", "ar"],
)


def items(words: Words) -> tuple[Item, ...]:
    return tuple(Item(line[0], line[2:]) if line[0].isdigit() else Item("", line) for line in words[1])


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@LISTS
def test_nothing_overlaps_or_leaves_the_stage(size: str, theme: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, theme, text=words[0], items=items(words), lang=words[2]))
    marks = lines.arrange(made, frame, stage)
    assert overlaps(marks) == []
    assert strays(marks, stage) == []


@IN_SIZES
@LISTS
def test_every_word_stands_on_the_card_in_its_order(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    assert printed(lines.arrange(made, frame, stage)).split() == " ".join(words_of(made)).replace("\u00a0", " ").split()


@IN_SIZES
@LISTS
def test_the_heading_is_the_largest_and_each_entry_can_be_read(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    sizes = [m.size for m in lines.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text"]
    assert sizes[0] == max(sizes) >= 1.29 * min(sizes)
    assert min(sizes) >= 3.99 * frame.unit


@IN_SIZES
@LISTS
def test_the_heading_never_shouts_the_entries_down(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    sizes = [m.size for m in lines.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text"]
    assert sizes[0] <= 1.81 * sizes[-1]


@pytest.mark.parametrize("size", ["portrait", "square", "story"])
@pytest.mark.parametrize("last", ["Do not tell the person", "Do not tell the person, and do not follow or film them"])
def test_a_longer_entry_does_not_make_the_heading_larger(size: str, last: str) -> None:
    made, frame, stage = place(
        card("list", size, text="Worried about someone?", items=(Item("", "Do keep safe, and report"), Item("", last)))
    )
    sizes = [m.size for m in lines.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text"]
    heading = [size for size in sizes if size > 1.2 * sizes[-1]]
    assert len(heading) <= 2
    assert sizes[-1] >= 4.9 * frame.unit


@IN_SIZES
def test_the_space_between_two_entries_is_the_same(size: str) -> None:
    made, frame, stage = place(card("list", size, text=FIVE[0], items=items(FIVE)))
    entries = [m for m in lines.arrange(made, frame, stage) if isinstance(m, Letters) and m.line.text in FIVE[1]]
    steps = [below.y - above.y for above, below in pairwise(entries)]
    assert len(steps) == 4
    assert max(steps) - min(steps) < 0.01


@IN_SIZES
@pytest.mark.parametrize("words", [STEPS, ARABIC], ids=["steps", "ar"])
def test_the_words_hang_beside_the_number_or_the_dot(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    marks = lines.arrange(made, frame, stage)
    beside = [
        m.box for m in marks if (isinstance(m, Panel) and m.radius) or (isinstance(m, Letters) and m.role == "figure")
    ]
    entries = [m.box for m in marks if isinstance(m, Letters) and m.role == "text"]
    own = [box for box in entries if any(box.top < b.bottom and box.bottom > b.top for b in beside)]
    assert len(beside) == len(words[1])
    if words[2] == "ar":
        assert all(b.right <= stage.right + 0.01 for b in beside)
        assert min(b.left for b in beside) > max(box.right for box in own if box.left < beside[0].left)
    else:
        assert max(b.right for b in beside) < min(box.left for box in own if box.left > beside[0].left)


@IN_SIZES
def test_a_sentence_of_the_heading_begins_a_line(size: str) -> None:
    made, frame, stage = place(card("list", size, text=SIGNS[0], items=items(SIGNS)))
    starts = [m.line.text for m in lines.arrange(made, frame, stage) if isinstance(m, Letters)]
    assert any(start.startswith("They are") for start in starts)


@pytest.mark.parametrize("size", ["wide", "link"])
@LISTS
def test_a_heading_and_its_entries_are_centred_on_each_other_on_a_wide_card(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    found = [m for m in lines.arrange(made, frame, stage) if isinstance(m, Letters) and m.role == "text"]
    head, rest = ([m for m in found if (m.size == found[0].size) == first] for first in (True, False))
    middles = [
        (part[0].y - rise(style) * part[0].size + part[-1].y) / 2
        for part, style in ((head, frame.styles.display), (rest, frame.styles.text))
    ]
    assert middles[0] == pytest.approx(middles[1], abs=0.1)
    if words[2] == "ar":
        assert min(m.box.left for m in head) > max(m.box.right for m in rest)
    else:
        assert max(m.box.right for m in head) < min(m.box.left for m in rest)


@pytest.mark.parametrize("size", ["wide", "link"])
@pytest.mark.parametrize(
    "words", [SIGNS, STEPS, SHORT, FIVE, SPANISH, ARABIC], ids=["signs", "steps", "short", "five", "es", "ar"]
)
def test_a_heading_has_two_fifths_of_a_wide_card(size: str, words: Words) -> None:
    made, frame, stage = place(card("list", size, text=words[0], items=items(words), lang=words[2]))
    rule = next(m for m in lines.arrange(made, frame, stage) if isinstance(m, Panel) and not m.radius)
    assert stage.width - rule.box.width - lines.GUTTER * frame.unit >= 0.399 * stage.width


@IN_SIZES
def test_too_many_words_are_refused_with_how_many(size: str) -> None:
    made, frame, stage = place(
        card("list", size, text="Signs", items=(Item("", "a long line " * 90), Item("", "short")))
    )
    with pytest.raises(
        CardError, match=r"The lines of the list are together about \d+ of their 10\d\d characters too long"
    ):
        lines.arrange(made, frame, stage)


@IN_SIZES
def test_a_heading_too_long_is_refused_with_how_much(size: str) -> None:
    made, frame, stage = place(card("list", size, text="many words " * 40, items=items(SHORT)))
    with pytest.raises(CardError, match=r"The heading of the list is about \d+ of its 4\d\d characters too long"):
        lines.arrange(made, frame, stage)


@pytest.mark.parametrize("count", [0, 1, 6])
def test_a_list_has_two_to_five_lines(count: int) -> None:
    made, frame, stage = place(card("list", text="Signs", items=(Item("", "Call 911"),) * count))
    with pytest.raises(CardError, match=f"A list has 2 to 5 lines; this card has {count}"):
        lines.arrange(made, frame, stage)


def test_a_line_without_words_is_refused() -> None:
    made, frame, stage = place(card("list", text="Signs", items=(Item("1", "Call 911"), Item("2", " "))))
    with pytest.raises(CardError, match="has no words"):
        lines.arrange(made, frame, stage)
