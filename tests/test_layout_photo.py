"""The layout photo: whatever the photo is, all words are read, and what matters in it is seen."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from scheduler.cards import parts
from scheduler.cards.composing import picture
from scheduler.cards.drawing import paint
from scheduler.cards.frame import frame
from scheduler.cards.ground import ground
from scheduler.cards.layouts import photo
from scheduler.cards.marks import Box, Letters, Mark, Picture
from scheduler.colour import contrast, linear, luminance
from scheduler.errors import CardError
from scheduler.model import CARD_SIZES, Card, Photo
from scheduler.themes import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path

PHOTO = Photo("images/white.png", (0.5, 0.5), "Ana Ruiz, for the campaign")
CARD = Card(
    layout="photo",
    width=1080,
    height=1350,
    format="jpeg",
    campaign="Human Trafficking Prevention Month",
    figure="",
    text="Most trafficked people know their trafficker.",
    source="Source: HHS / ACF, 2025",
    help="Hotline 1-888-373-7888 · text 233733 · emergency 911",
    photo=PHOTO,
)
LONG = replace(
    CARD,
    text="The hotline is confidential and open 24 hours a day. It gives information and links people to services.",
    source="Source: National Human Trafficking Hotline, operated for the U.S. Department of Health, 2025",
)
ARABIC = replace(
    CARD,
    lang="ar",
    campaign="شهر منع الاتجار بالبشر",
    text="الخط الساخن سري ويعمل على مدار الساعة، ويقدم المعلومات ويوصل إلى الخدمات.",
)
CARDS = {"short": CARD, "long": LONG, "arabic": ARABIC}
EACH = list(itertools.product(CARD_SIZES, BUILT_IN))
LEAST = 4.5  # contrast (WCAG 2.2, 1.4.3)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "images").mkdir()
    size = (900, 1000)
    Image.new("RGB", size, "white").save(folder / "images" / "white.png")
    Image.new("RGB", size, "black").save(folder / "images" / "black.png")
    noise = Image.frombytes("RGB", (450, 500), random.Random(1).randbytes(450 * 500 * 3))  # noqa: S311  a picture, no secret
    noise.resize(size, Image.Resampling.NEAREST).save(folder / "images" / "noise.png", compress_level=1)
    return folder


def sized(card: Card, size: str, theme: str = "lantern") -> Card:
    width, height = CARD_SIZES[size]
    return replace(card, width=width, height=height, theme=BUILT_IN[theme])


def arranged(card: Card) -> tuple[list[Mark], Box]:
    place = frame(card)
    top, bottom = parts.header(card, place)[1], parts.source(card, place)[1]
    stage = Box(place.margin, top, place.width - place.margin, bottom)
    return photo.arrange(card, place, stage), stage


def letters(card: Card) -> list[Letters]:
    """All type on the card but that of the help bar."""
    place = frame(card)
    marks = [*parts.header(card, place)[0], *arranged(card)[0], *parts.source(card, place)[0]]
    return [mark for mark in marks if isinstance(mark, Letters)]


def covered(card: Card) -> Box:
    return next(mark.box for mark in photo.under(card, frame(card)) if isinstance(mark, Picture))


def worst(behind: Image.Image, box: Box, *, light: bool) -> str:
    """A colour at least as bad behind type as each pixel in the box: the darkest of a light ground, or the lightest."""
    bands = behind.crop((int(box.left), int(box.top), int(box.right) + 1, int(box.bottom) + 1)).getextrema()
    return "#" + "".join(f"{band[0] if light else band[1]:02x}" for band in bands)  # type: ignore[index]


@pytest.mark.parametrize(("size", "theme"), EACH)
def test_all_type_is_read_over_the_worst_photo(size: str, theme: str, root: Path) -> None:
    words = LONG if size in ("wide", "link") else CARD  # its source runs under the photo
    for name in ("white", "black", "noise"):
        card = sized(replace(words, photo=replace(PHOTO, path=f"images/{name}.png")), size, theme)
        behind = ground(card.width, card.height, card.theme).copy()
        paint(behind, photo.under(card, frame(card)), root)
        light = luminance(linear(card.theme.background)) > 0.18
        for mark in letters(card):
            assert isinstance(mark.ink, str)
            assert contrast(linear(worst(behind, mark.box, light=light)), linear(mark.ink)) >= LEAST, mark.line.text


@pytest.mark.parametrize("focus", [(0.3, 0.6), (0.7, 0.7)])
@pytest.mark.parametrize("theme", ["lantern", "paper"])
@pytest.mark.parametrize("size", CARD_SIZES)
def test_what_matters_in_the_photo_is_seen(size: str, theme: str, focus: tuple[float, float], root: Path) -> None:
    card = sized(replace(CARD, photo=replace(PHOTO, focus=focus)), size, theme)
    box = covered(card)
    x, y = int(box.left + box.width * focus[0]), int(box.top + box.height * focus[1])
    assert not any(m.box.left <= x <= m.box.right and m.box.top <= y <= m.box.bottom for m in letters(card))
    night = Image.new("RGB", (card.width, card.height))
    shown = paint(night, photo.under(card, frame(card)), root).convert("L").getpixel((x, y))
    assert isinstance(shown, int)
    assert shown > 128  # more than half of the light of a white photo


@pytest.mark.parametrize(("size", "theme", "name"), [*itertools.product(CARD_SIZES, BUILT_IN, CARDS)])
def test_all_words_stand_on_the_stage_beside_the_photo(size: str, theme: str, name: str) -> None:
    card = sized(CARDS[name], size, theme)
    assert card.photo
    marks, stage = arranged(card)
    lines = [mark for mark in marks if isinstance(mark, Letters)]
    assert " ".join(m.line.text for m in lines if m.role == "text") == card.text
    assert card.photo.credit in " ".join(m.line.text for m in lines if m.role == "label")
    assert min(m.size for m in lines if m.role == "text") >= 4.0 * frame(card).unit
    box = covered(card)
    for mark in lines:
        assert stage.left - 1 <= mark.box.left
        assert mark.box.right <= stage.right + 1
        assert stage.top <= mark.box.top
        assert mark.box.bottom <= stage.bottom + 0.3 * mark.size  # below the last baseline
        inside = (
            min(mark.box.right, box.right) - max(mark.box.left, box.left),
            min(mark.box.bottom, box.bottom) - max(mark.box.top, box.top),
        )
        assert min(inside) <= 0
    for one, other in itertools.combinations([m.box for m in lines], 2):
        apart = one.bottom <= other.top or other.bottom <= one.top or one.right <= other.left or other.right <= one.left
        assert apart


@pytest.mark.parametrize("size", CARD_SIZES)
def test_the_photo_has_a_good_part_of_the_card(size: str) -> None:
    for card in (sized(CARD, size), sized(LONG, size, "paper")):
        place, box = frame(card), covered(card)
        assert box.width * box.height >= 0.27 * place.width * (place.bar.top - place.head)


def test_a_card_is_drawn_with_its_photo_in_every_size(root: Path) -> None:
    for size in ("portrait", "wide"):
        drawn = picture(sized(CARD, size, "harbor"), root)
        assert drawn.size == CARD_SIZES[size]
        box = covered(sized(CARD, size, "harbor"))
        assert drawn.getpixel((int((box.left + box.right) / 2), int((box.top + box.bottom) / 2))) == (255, 255, 255)


@pytest.mark.parametrize("size", CARD_SIZES)
def test_a_caption_that_is_too_long_is_refused_with_how_much(size: str) -> None:
    text = " ".join([LONG.text] * 5)
    with pytest.raises(CardError, match=rf"The caption is about \d+ of its {len(text)} characters too long for 1\d+ ×"):
        arranged(sized(replace(CARD, text=text), size))


def test_a_credit_that_is_too_long_is_refused() -> None:
    with pytest.raises(CardError, match="credit does not fit the card in two lines"):
        arranged(replace(CARD, photo=Photo("images/white.png", (0.5, 0.5), "Ana Ruiz " * 30)))


def test_a_credit_is_named_in_the_language_of_the_card() -> None:
    for lang, name in (("en", "Photo: "), ("es", "Foto: "), ("ar", "الصورة: ")):
        assert any(mark.line.text.startswith(name) for mark in letters(replace(CARD, lang=lang)))


def test_a_photo_needs_no_credit_and_no_caption() -> None:
    assert arranged(replace(CARD, text="", photo=Photo("images/white.png")))[0] == []


def test_a_card_without_a_photo_is_refused() -> None:
    with pytest.raises(CardError, match="no photo"):
        photo.under(replace(CARD, photo=None), frame(CARD))
