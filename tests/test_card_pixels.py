"""What is truly drawn: every word can be read where it stands, keeps to its place, and lies on no other."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from scheduler import colour, proportion
from scheduler.cards import composing
from scheduler.cards.frame import STORY_FOOT, STORY_HEAD
from scheduler.cards.ground import ground
from scheduler.cards.marks import Box, Letters, Panel, Person, Picture, Scrim
from scheduler.checks.theme import EYES
from scheduler.errors import CardError
from scheduler.model import CARD_SIZES, LAYOUTS, Card, Item
from scheduler.themes import BUILT_IN
from tests.samples import LOGO, arranged, card, contrasts, ink, overlaps, project, strokes

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark

READ = 4.5  # WCAG 2.2, 1.4.3, level AA; also of large type, which may have less
AIMED = 7.0  # the same, 1.4.6, level AAA: of the sentence that a card is made for
SHAPE = 3.0  # WCAG 2.2, 1.4.11
HANGS = 0.6  # em of its own, by which punctuation may stand in the margin
ACCENT = 0.3  # em, by which one on a capital of the campaign's name may rise over the head
CURVED = 0.012  # em: an outline's control points, which HarfBuzz measures, lie so far beyond its ink
ROUNDED = 1.5  # px
MENDED = re.compile(r"\b(Shorten|Give|Write|Take|Name|Change|Mend|Use)\b")

LOOKS = list(itertools.product(CARD_SIZES, BUILT_IN))  # in this order a ground is made once
EACH = [pytest.param(*look, layout, id="-".join((layout, *look))) for look in LOOKS for layout in LAYOUTS]
DRAWN = [layout for layout in LAYOUTS if layout != "photo"]  # nothing but marks lies on their ground


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("project"))


def strays(place: Frame, marks: list[Mark], root: Path) -> list[str]:
    """What is drawn beyond the margins, the head, or the foot over the help bar; and help beyond its bar."""
    safe = Box(place.safe.left, place.safe.top, place.safe.right, place.bar.top - place.unit)
    found, struck = [], strokes(marks)  # a stroke goes a little beyond its line, which is looked at itself
    for mark in marks:
        if isinstance(mark, Picture | Scrim) or mark in struck or (isinstance(mark, Panel) and mark.box == place.bar):
            continue
        room, hang, rises = safe, 0.0, 0.0
        if isinstance(mark, Letters):
            drawn = ink(mark, root)
            if drawn is None:
                continue
            box = Box(*drawn.box)
            words = mark.line.text.strip()
            rises = ACCENT * mark.size if mark.role == "name" else 0.0
            hang = HANGS * mark.size if not (words[:1].isalnum() and words[-1:].isalnum()) else CURVED * mark.size
            if mark.role == "help":
                room = place.bar
        else:
            box = mark.box
        inside = room.left - hang - ROUNDED <= box.left and box.right <= room.right + hang + ROUNDED
        if not (inside and room.top - rises - ROUNDED <= box.top and box.bottom <= room.bottom + ROUNDED):
            found.append(f"{mark.line.text if isinstance(mark, Letters) else mark} at {box}")
        if min(box.left, box.top, place.width - box.right, place.height - box.bottom) < 0:
            found.append(f"beyond the card: {mark}")
    return found


def unread(made: Card, root: Path) -> list[str]:
    return [f"{mark.role} “{mark.line.text}” {worst:.2f}:1" for mark, worst in contrasts(made, root) if worst < READ]


@pytest.mark.parametrize(("size", "theme", "layout"), EACH)
def test_each_word_can_be_read_on_what_is_truly_behind_it(layout: str, size: str, theme: str, root: Path) -> None:
    assert unread(card(layout, size, theme, logo=LOGO), root) == []


@pytest.mark.parametrize(("size", "theme", "layout"), EACH)
def test_no_ink_leaves_its_place_or_falls_on_other_ink(layout: str, size: str, theme: str, root: Path) -> None:
    place, marks = arranged(card(layout, size, theme, logo=LOGO), root)
    assert strays(place, marks, root) == []
    assert overlaps(marks, root) == []


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arabic_is_read_and_keeps_to_its_place_as_well(layout: str, size: str, root: Path) -> None:
    made = card(layout, size, "harbor", lang="ar", logo=LOGO)
    place, marks = arranged(made, root)
    assert strays(place, marks, root) == []
    assert overlaps(marks, root) == []
    if size == "square":
        assert unread(made, root) == []


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_quotation_mark_that_hangs_touches_nothing_beside_it(layout: str, size: str, root: Path) -> None:
    made = card(layout, size, text="“No” means no.")
    made = replace(made, items=tuple(replace(item, text=f"“{item.text}”") for item in made.items))
    assert overlaps(arranged(made, root)[1], root) == []


DEEP_AND_HIGH = {  # words that hang low and words that rise high, in scripts that cards are set in
    "ar": "في أي العمل الاتجار إلى أي القسري من",
    "hi": "गृह ऊर्जा की सुरक्षा में श्रृंखला हूँ",
    "vi": "Ậy gộp người Ộ ngày mỹ Ế phụ gặp",
    "es": "Élgy joven Águeda según pájaro Ímpetu mujer Ñuñoa",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", DEEP_AND_HIGH)
def test_what_hangs_low_does_not_touch_what_rises_high_on_the_next_line(layout: str, lang: str, root: Path) -> None:
    order = random.Random(5)  # noqa: S311  the same each time
    pool, drawn = DEEP_AND_HIGH[lang].split(), 0
    for _ in range(10):
        made = card(layout, "square", lang=lang)
        items = tuple(replace(item, text=" ".join(order.choices(pool, k=5))) for item in made.items)
        text, myth = (" ".join(order.choices(pool, k=count)) for count in (12, 7))
        with contextlib.suppress(CardError):  # too long
            _, marks = arranged(replace(made, text=text, myth=myth if made.myth else "", items=items), root)
            drawn += 1
            assert overlaps(marks, root) == []
    assert drawn > 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_hamza_does_not_stand_in_the_tail_of_the_line_above(layout: str, root: Path) -> None:
    words = "أي أي العمل الاتجار في ضحايا في العمل العمل الاتجار الاتجار في أي أي القسري القسري"
    for size in CARD_SIZES:
        with contextlib.suppress(CardError):  # too long for a low card
            assert overlaps(arranged(card(layout, size, lang="ar", text=words), root)[1], root) == []


@pytest.mark.parametrize("theme", BUILT_IN)
@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "myth"])
def test_the_sentence_has_the_contrast_that_is_aimed_at(layout: str, theme: str, root: Path) -> None:
    worst = [found for mark, found in contrasts(card(layout, "portrait", theme), root) if mark.role == "text"]
    assert worst
    assert min(worst) >= AIMED


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_story_leaves_free_what_an_app_covers(layout: str, root: Path) -> None:
    made = card(layout, "story", logo=LOGO)
    head, foot = round(1920 * STORY_HEAD), round(1920 * (1 - STORY_FOOT))
    if layout in DRAWN:
        drawn = ImageChops.difference(composing.picture(made, root), ground(1080, 1920, made.theme)).getbbox()
        assert drawn
        assert (drawn[1] >= head, drawn[3] <= foot) == (True, True)
    _, marks = arranged(made, root)
    boxes = [mark.box for mark in marks if not isinstance(mark, Picture | Scrim)]
    assert min(box.top for box in boxes) >= head - ROUNDED
    assert max(box.bottom for box in boxes) <= foot + ROUNDED


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("layout", DRAWN)
def test_the_picture_is_its_ground_but_where_marks_are(layout: str, size: str, root: Path) -> None:
    made = card(layout, size, "paper", logo=LOGO)
    left = ImageChops.difference(composing.picture(made, root), ground(made.width, made.height, made.theme))
    _, marks = arranged(made, root)
    for mark in marks:
        drawn = ink(mark, root) if isinstance(mark, Letters) else None
        box = drawn.box if drawn else (mark.box.left - 1, mark.box.top - 1, mark.box.right + 1, mark.box.bottom + 1)
        x, y, right, foot = (round(edge) for edge in box)
        left.paste((0, 0, 0), (x, y, right, foot))
    assert left.getbbox() is None


@pytest.mark.parametrize("size", CARD_SIZES)
def test_a_line_of_type_is_drawn_where_it_was_measured(size: str, root: Path) -> None:
    for layout in LAYOUTS:
        for mark in arranged(card(layout, size), root)[1]:
            if isinstance(mark, Letters) and (drawn := ink(mark, root)):
                measured = (mark.box.left, mark.box.top, mark.box.right, mark.box.bottom)
                far = max(abs(one - other) for one, other in zip(drawn.box, measured, strict=True))
                assert far <= ROUNDED + CURVED * mark.size, mark.line.text


# Any words


LATIN = (
    "people force work January niños año explotación người Łódź façade naïve straße “never” (again) 18 2,400 – a I "
    "Một ngày số gặp"
)
ARABIC = "الاتجار بالبشر العمل القسري في أي يوم من 2021 ضحايا"
FIGURES = st.one_of(
    st.integers(1, 10**9).map("{:,}".format),
    st.integers(1, 100).map("{}%".format),
    st.tuples(st.integers(1, 9), st.integers(9, 12)).map(lambda pair: f"{pair[0]} in {pair[1]}"),
    st.sampled_from(["About US$236 billion", "Nearly 12,000", "27.6 million", "$1", "44% / 39%", "6,7 millones"]),
)
SHARES = FIGURES.filter(lambda figure: proportion.read(figure) is not None)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A card of any layout, size, theme and spacing, with as many words as a draft may have."""
    lang = draw(st.sampled_from(["en", "en", "es", "vi", "ar"]))
    word = st.sampled_from((ARABIC if lang == "ar" else LATIN).split())

    def words(least: int, most: int) -> str:
        return " ".join(draw(st.lists(word, min_size=least, max_size=most)))

    layout = draw(st.sampled_from(LAYOUTS))
    made = card(layout, draw(st.sampled_from(list(CARD_SIZES))), draw(st.sampled_from(list(BUILT_IN))), lang=lang)
    items: tuple[Item, ...] = ()
    if layout in ("list", "compare", "action"):
        least, most = {"list": (2, 5), "compare": (2, 3), "action": (1, 4)}[layout]
        figure = {"list": st.just(""), "compare": FIGURES, "action": st.sampled_from(["911", "1-888-373-7888"])}[layout]
        items = tuple(Item(draw(figure), words(1, 7)) for _ in range(draw(st.integers(least, most))))
    return replace(
        made,
        figure=draw(SHARES if layout == "share" else FIGURES) if made.figure else "",
        text=words(2, 18),
        items=items,
        by=words(1, 6) if made.by else "",
        myth=words(2, 12) if made.myth else "",
        source=draw(
            st.sampled_from(["", "Source: ILO, 2021", "Source: " + "A publisher with a long name, " * 3 + "2022"])
        ),
        help=draw(
            st.sampled_from(["", made.help, "Call 911", "Somebody is there for you, day and night: 1-888-373-7888"])
        ),
        campaign=draw(st.sampled_from(["", made.campaign, "Mes de la prevención de la trata de personas"])),
        theme=replace(
            made.theme, spacing=draw(st.sampled_from([0.8, 1.0, 1.3])), logo=draw(st.sampled_from(["", LOGO]))
        ),
    )


def test_any_words_are_readable_in_their_place_and_apart_or_are_refused(root: Path, long: bool) -> None:  # noqa: FBT001
    seen: Counter[str] = Counter()

    @settings(
        max_examples=1500 if long else 50,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(cards())
    def holds(made: Card) -> None:
        try:
            place, marks = arranged(made, root)
        except CardError as error:
            seen["refused" if MENDED.search(error.text) else "refused without a mend"] += 1
            return
        seen["drawn"] += 1
        assert strays(place, marks, root) == []
        assert overlaps(marks, root) == []
        assert unread(made, root) == []

    holds()
    assert seen["drawn"] > seen["refused"]
    assert seen["refused without a mend"] == 0


# What a share says to every eye


def far(one: tuple[int, int, int], other: tuple[int, int, int], eyes: str) -> float:
    """The contrast of two pixels with a colour-blindness (Machado and others, 2009)."""
    lights: list[colour.Light] = []
    for pixel in (one, other):
        light = colour.linear("#{:02x}{:02x}{:02x}".format(*pixel))
        red, green, blue = (sum(a * b for a, b in zip(row, light, strict=True)) for row in EYES[eyes])
        lights.append((min(1.0, max(0.0, red)), min(1.0, max(0.0, green)), min(1.0, max(0.0, blue))))
    return colour.contrast(*lights)


def middle(picture: Image.Image, box: Box) -> tuple[int, int, int]:
    found = picture.getpixel((round((box.left + box.right) / 2), round(box.top + box.height * 0.6)))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


@pytest.mark.parametrize("theme", BUILT_IN)
@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("figure", ["1 in 6", "38%"])
def test_who_counts_stands_out_for_every_eye(figure: str, size: str, theme: str, root: Path) -> None:
    made = card("share", size, theme, figure=figure)
    people = [mark for mark in arranged(made, root)[1] if isinstance(mark, Person)]
    picture = composing.picture(made, root)
    counted = [middle(picture, mark.box) for mark in people if mark.fill == made.theme.accent]
    others = [middle(picture, mark.box) for mark in people if mark.fill == made.theme.track]
    assert (len(counted), len(others)) == ((1, 5) if figure == "1 in 6" else (38, 62))
    pairs = [(one, other) for one in set(counted) for other in set(others)]
    assert {eyes: worst for eyes in EYES if (worst := min(far(*pair, eyes) for pair in pairs)) < SHAPE} == {}


@pytest.mark.parametrize("theme", BUILT_IN)
def test_a_bar_stands_out_from_its_track_for_every_eye(theme: str, root: Path) -> None:
    made = card("share", "portrait", theme, figure="12.5%")
    track, bar = [mark for mark in arranged(made, root)[1] if isinstance(mark, Panel)][-2:]
    rest = Box(bar.box.right, track.box.top, track.box.right, track.box.bottom)
    picture = composing.picture(made, root)
    for eyes in EYES:
        assert far(middle(picture, bar.box), middle(picture, rest), eyes) >= SHAPE, eyes
