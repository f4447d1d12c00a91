from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Picture
from PIL import ImageChops, JpegImagePlugin

from scheduler import cards
from scheduler.cards import stat, wrapping
from scheduler.cards.encoding import BYTE_CAP
from scheduler.cards.ground import ground
from scheduler.errors import CardError
from scheduler.model import Card, Theme

HELP = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
CARD = Card(
    layout="stat",
    width=1080,
    height=1350,
    format="png",
    campaign="Human Trafficking Prevention Month",
    figure="27.6 million",
    text="people were in forced labor on any given day in 2021.",
    source="Source: ILO, Walk Free and IOM, 2021",
    help=HELP,
)
SIZES = [(1080, 1350), (1080, 1080), (1200, 675), (1200, 630)]
REAL = [
    (
        "1 in 6",
        "of the young people who ran away and were reported missing were likely victims of child sex trafficking.",
    ),
    ("44 / 39", "Of the victims counted worldwide, 44% were exploited in forced labor and 39% in sexual exploitation."),
    ("38%", "of detected trafficking victims worldwide are children."),
    ("Force, fraud or coercion", "Any of the three makes work or commercial sex a crime: human trafficking."),
    ("", "Whatever your immigration status, no one in the United States may force you to work."),
    ("1-888-373-7888", ""),
    ("Jalapeño & Łódź", "“Quoted” – with dashes, €, ½, ‘é’ and ñ."),
]


def sized(size: tuple[int, int], **fields: str) -> Card:
    return replace(CARD, width=size[0], height=size[1], **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("figure", "text"), REAL)
def test_type_stays_within_the_margins(size: tuple[int, int], figure: str, text: str) -> None:
    card = sized(size, figure=figure, text=text)
    place = stat.frame(card)
    empty = ground(*size, card.theme.background, card.theme.accent)
    drawn = ImageChops.difference(stat.paint(card), empty).crop((0, 0, place.width, place.height - place.bar))
    left, top, right, bottom = drawn.getbbox() or (0, 0, 0, 0)
    assert left >= place.margin - 2
    assert right <= place.width - place.margin + 2
    assert top >= place.margin * 0.7
    assert bottom <= drawn.height - place.margin * 0.3


@pytest.mark.parametrize("size", SIZES)
def test_the_help_line_stands_whole_in_its_bar(size: tuple[int, int]) -> None:
    card = sized(size)
    place = stat.frame(card)
    bar = stat.paint(card).crop((0, place.height - place.bar, place.width, place.height))
    plain = Picture.new("RGB", bar.size, card.theme.accent)
    left, top, right, bottom = ImageChops.difference(bar, plain).getbbox() or (0, 0, 0, 0)
    assert place.margin - 2 <= left < right <= place.width - place.margin + 2
    assert place.bar * 0.1 < top < bottom < place.bar * 0.9


@pytest.mark.parametrize("size", SIZES)
def test_the_figure_is_by_far_the_largest(size: tuple[int, int]) -> None:
    for figure, text in REAL[:4]:
        card = sized(size, figure=figure, text=text)
        large, small = stat.fit(card, stat.frame(card), size[1] * 0.5)
        assert large.size >= 1.6 * small.size


def test_a_card_is_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    image = cards.render(CARD, tmp_path)
    program = (
        "from pathlib import Path; from scheduler import cards; from scheduler.model import Card\n"
        f"card = Card({', '.join(repr(getattr(CARD, n)) for n in list(Card.__dataclass_fields__)[:-1])})\n"
        f"print(cards.render(card, Path({str(tmp_path / 'other')!r})).sha256)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == image.sha256


def test_the_image_says_what_was_written(tmp_path: Path) -> None:
    image = cards.render(CARD, tmp_path)
    packed = (tmp_path / image.path).read_bytes()
    assert image.path == f"images/cards/{cards.digest(CARD)}.png"
    assert image.sha256 == hashlib.sha256(packed).hexdigest()
    assert (image.size, image.mime, image.width, image.height) == (len(packed), "image/png", 1080, 1350)
    assert image.alt == ""
    assert image.card == CARD
    assert [p.name for p in (tmp_path / "images/cards").iterdir()] == [Path(image.path).name]


def test_a_png_says_srgb_and_nothing_else_about_itself(tmp_path: Path) -> None:
    image = cards.render(CARD, tmp_path)
    packed = (tmp_path / image.path).read_bytes()
    names, place = [], 8
    while place < len(packed):
        length = int.from_bytes(packed[place : place + 4], "big")
        names.append(packed[place + 4 : place + 8])
        place += 12 + length
    assert names == [b"IHDR", b"sRGB", b"IDAT", b"IEND"]
    drawn = Picture.open(BytesIO(packed)).convert("RGB")
    assert drawn.tobytes() == stat.paint(CARD).tobytes()


@pytest.mark.parametrize("size", SIZES)
def test_a_jpeg_keeps_its_colours_sharp_and_stays_small(size: tuple[int, int], tmp_path: Path) -> None:
    image = cards.render(replace(sized(size), format="jpeg"), tmp_path)
    assert image.path.endswith(".jpg")
    assert image.mime == "image/jpeg"
    assert image.size <= BYTE_CAP
    with Picture.open(tmp_path / image.path) as picture:
        assert isinstance(picture, JpegImagePlugin.JpegImageFile)
        assert JpegImagePlugin.get_sampling(picture) == 0  # 4:4:4
        assert "exif" not in picture.info


@pytest.mark.parametrize(
    "other",
    [
        {"layout": "share"}, {"width": 1081}, {"height": 1351}, {"format": "jpeg"}, {"campaign": "Another"},
        {"figure": "27.7 million"}, {"text": "Another."}, {"source": "Source: X"}, {"help": "Call 911"},
        {"theme": Theme(accent="#ffb84e")},
    ],
)  # fmt: skip
def test_whatever_is_drawn_changes_the_digest(other: dict[str, object]) -> None:
    assert cards.digest(replace(CARD, **other)) != cards.digest(CARD)  # type: ignore[arg-type]
    assert cards.digest(replace(CARD)) == cards.digest(CARD)


@pytest.mark.parametrize("file_format", ["png", "jpeg"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "another picture", "no picture"])
def test_a_damaged_card_is_drawn_again(damage: str, file_format: str, tmp_path: Path) -> None:
    card = replace(CARD, format=file_format)
    image = cards.render(card, tmp_path)
    file = tmp_path / image.path
    whole = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "another picture":
        Picture.new("RGB", (10, 10)).save(file, file_format)
    else:
        file.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "no picture": b"x" * 999}[damage])
    assert cards.render(card, tmp_path) == image
    assert file.read_bytes() == whole


def test_a_card_that_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    file = tmp_path / cards.render(CARD, tmp_path).path
    before = file.stat().st_ino
    cards.render(CARD, tmp_path)
    assert file.stat().st_ino == before


@pytest.mark.parametrize("size", SIZES)
def test_a_text_too_long_is_told_by_how_much_and_then_fits(size: tuple[int, int]) -> None:
    card = sized(size, text="A sentence that goes on and on. " * 30)
    with pytest.raises(CardError, match=rf"too long for {size[0]} × {size[1]} px by about \d+ characters") as caught:
        stat.paint(card)
    excess = int(caught.value.text.split("by about ")[1].split()[0])
    assert 0 < excess < len(card.text)
    stat.paint(replace(card, text=card.text[: len(card.text) - excess]))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("figure", "an endless figure that nobody could ever call a figure any more " * 3, "The figure .* is too long"),
        ("source", "Source: " + "A very long name of a publisher " * 9, "The source line does not fit .* in two lines"),
        ("help", "Somebody will surely help you if only you call them " * 6, "The help line does not fit"),
        (
            "campaign",
            "The campaign with the longest name of all campaigns " * 3,
            "The campaign's name has 156 characters",
        ),
    ],
)
def test_what_does_not_fit_is_named(field: str, value: str, said: str) -> None:
    with pytest.raises(CardError, match=said):
        stat.paint(sized((1200, 675), **{field: value}))


@pytest.mark.parametrize("field", ["campaign", "figure", "text", "source", "help"])
@pytest.mark.parametrize(("char", "said"), [("🙂", r"“🙂” \(U\+1F642, Slightly smiling face\)"), ("漢", r"U\+6F22")])
def test_a_character_without_a_picture_is_named_and_never_a_box(field: str, char: str, said: str) -> None:
    with pytest.raises(CardError, match=said):
        stat.paint(replace(CARD, **{field: f"Words {char}"}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["Call 911", "Help is near", "Hotline 1-888-373-7888 · or ask a friend", "A · B 1 · C 2 · D 3 · E 4"]
)
@pytest.mark.parametrize("size", SIZES)
def test_any_help_line_finds_its_form(line: str, size: tuple[int, int]) -> None:
    place = stat.frame(sized(size))
    bar = stat.paint(sized(size, help=line)).crop((0, place.height - place.bar, place.width, place.height))
    drawn = ImageChops.difference(bar, Picture.new("RGB", bar.size, CARD.theme.accent)).getbbox()
    assert drawn
    assert place.margin - 2 <= drawn[0] < drawn[2] <= place.width - place.margin + 2


def test_a_card_without_name_source_and_help_is_drawn() -> None:
    assert stat.paint(replace(CARD, campaign="", source="", help="")).size == (1080, 1350)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"layout": "poster"}, "no card layout “poster”. The layouts are: stat"),
        ({"format": "gif"}, "a png or a jpeg, not “gif”"),
        ({"width": 100_000}, "would be 100000 × 1350"),
        ({"figure": " ", "text": ""}, "neither a figure nor a text"),
    ],
)
def test_a_card_that_cannot_be_is_refused(other: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=said):
        cards.render(replace(CARD, **other), tmp_path)  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where the folder should be")
    with pytest.raises(CardError, match="could not be saved in images/cards"):
        cards.render(CARD, tmp_path)


def test_a_digest_loads_no_picture_library() -> None:
    program = "import sys, scheduler.cards; print(sorted({'PIL', 'uharfbuzz'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def count(text: str) -> float:
    return float(len(text))


def test_lines_are_balanced_and_no_word_is_lost() -> None:
    text = "of the young people who ran away were likely victims of child sex trafficking"
    lines = wrapping.balance(text, 3, 40, count)
    assert lines == ("of the young people who ran", "away were likely victims", "of child sex trafficking")


def test_a_number_stays_with_what_it_counts() -> None:
    lines = wrapping.balance("In that year alone 272 cases were found", 2, 30, count)
    assert lines
    assert not lines[0].endswith("272")


def test_a_no_break_space_is_never_broken() -> None:
    lines = wrapping.balance("one 27.6\N{NO-BREAK SPACE}million two", 3, 20, count)
    assert lines == ("one", "27.6\N{NO-BREAK SPACE}million", "two")


@pytest.mark.parametrize(
    ("text", "lines", "width"), [("", 1, 10), ("word", 2, 10), ("unbreakable", 1, 5), ("a b", 0, 9)]
)
def test_what_cannot_be_broken_into_such_lines_is_none(text: str, lines: int, width: float) -> None:
    assert wrapping.balance(text, lines, width, count) is None
