"""The month on one sheet, and a post as its networks show it: each card in its place, each crop where it will be."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from scheduler.cards import sheets
from scheduler.cards.marks import Box
from scheduler.cards.sheets import Day, Shown

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SUNDAY, MONDAY = 6, 0
ACROSS = 40  # px: a card on these sheets

Pixel = tuple[int, ...]


def coloured(number: int) -> tuple[int, int, int]:
    """A colour of its own for each day."""
    return 250 - 5 * number, 6 * number, 128


def drawn(folder: Path, number: int, size: tuple[int, int] = (80, 100)) -> Path:
    path = folder / f"{number}.png"
    Image.new("RGB", size, coloured(number)).save(path)
    return path


def sheet(days: list[Day], first: int = SUNDAY) -> Image.Image:
    return Image.open(io.BytesIO(sheets.month(days, "January 2027", NAMES, first, across=ACROSS))).convert("RGB")


def where(picture: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """Where a colour is on a picture."""
    apart = ImageChops.difference(picture, Image.new("RGB", picture.size, colour)).convert("RGB").split()
    away = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
    return away.point(lambda value: 255 if value == 0 else 0).getbbox()


@pytest.mark.parametrize("first", [SUNDAY, MONDAY])
@pytest.mark.parametrize(
    ("start", "count"),
    [
        (date(2027, 1, 1), 31),  # January, from a Friday
        (date(2027, 1, 20), 22),  # from a Wednesday over two months
        (date(2026, 12, 28), 10),  # over two years
        (date(2028, 2, 26), 6),  # over the 29th of February
        (date(2027, 1, 3), 7),  # one whole week
        (date(2027, 1, 9), 1),  # one day
    ],
)
def test_each_card_is_in_the_row_of_its_week_and_the_column_of_its_weekday(
    start: date, count: int, first: int, tmp_path: Path
) -> None:
    days = [Day(start + timedelta(days=number), drawn(tmp_path, number)) for number in range(count)]
    picture = sheet(days, first)
    boxes = [where(picture, coloured(number)) for number in range(count)]
    columns = sorted({sheets.MARGIN + column * (ACROSS + sheets.GAP) for column in range(7)})
    week = start - timedelta(days=(start.weekday() - first) % 7)
    tops: dict[int, set[int]] = {}
    for day, box in zip(days, boxes, strict=True):
        assert box
        assert (box[2] - box[0], box[3] - box[1]) == (ACROSS, ACROSS * 100 // 80)
        assert box[0] == columns[(day.day.weekday() - first) % 7]
        tops.setdefault((day.day - week).days // 7, set()).add(box[1])
    assert all(len(found) == 1 for found in tops.values())
    assert [min(tops[row]) for row in sorted(tops)] == sorted(min(found) for found in tops.values())
    assert len({min(found) for found in tops.values()}) == len(tops)


def test_a_day_without_a_card_says_so_and_moves_no_other(tmp_path: Path) -> None:
    start = date(2027, 1, 3)
    days = [Day(start + timedelta(days=number), drawn(tmp_path, number)) for number in range(7)]
    gap = [*days[:3], Day(days[3].day, None, "No card"), *days[4:]]
    full, missing = sheet(days), sheet(gap)
    assert where(missing, coloured(3)) is None
    for number in (0, 1, 2, 4, 5, 6):
        assert where(missing, coloured(number)) == where(full, coloured(number))


REASONS = [
    "The quotation is about 24 of its 290 characters too long for 1080 × 1350 px. Shorten it.",
    f"The figure “{'Donau' * 12}” is too long for a card of 1080 × 1350 px. Shorten it.",
    "The file images/2027-january/photographs/a-neighbor-at-the-door.jpeg cannot be read. Put it there.",
    "The card's fonts have no “漢” (U+6F22, Cjk unified ideograph-6f22). Take it out of the card's text.",
]


@pytest.mark.parametrize("reason", REASONS, ids=["a sentence", "a long word", "a path", "a sign no font has"])
def test_the_reason_why_a_card_is_missing_stands_in_its_cell(reason: str, tmp_path: Path) -> None:
    pictures = []
    for note in (reason, ""):
        days = [Day(date(2027, 1, 3), drawn(tmp_path, 0)), Day(date(2027, 1, 4), None, note)]
        pictures.append(Image.open(io.BytesIO(sheets.month(days, "January", NAMES, SUNDAY))).convert("RGB"))
    box = ImageChops.difference(*pictures).getbbox()
    card, left = where(pictures[0], coloured(0)), sheets.MARGIN + 330 + sheets.GAP
    assert card
    assert box
    assert left < box[0] < box[2] < left + 330
    assert card[1] < box[1] < box[3] <= card[3]


def test_a_month_without_any_card_is_a_sheet_all_the_same() -> None:
    days = [Day(date(2027, 1, 1) + timedelta(days=number), None, "No card") for number in range(31)]
    picture = sheet(days)
    assert picture.width > 7 * ACROSS


def test_the_same_month_is_the_same_bytes(tmp_path: Path) -> None:
    days = [Day(date(2027, 1, 1), drawn(tmp_path, 1)), Day(date(2027, 1, 2), None, "No card")]
    assert sheets.month(days, "January", NAMES, SUNDAY) == sheets.month(days, "January", NAMES, SUNDAY)


# A post


@given(st.floats(1, 3000), st.floats(1, 3000), st.floats(0.3, 3.0), st.floats(-500, 500), st.floats(-500, 500))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_a_crop_is_the_largest_of_its_ratio_about_the_middle(
    wide: float, tall: float, ratio: float, left: float, top: float
) -> None:
    box = Box(left, top, left + wide, top + tall)
    kept = sheets.crop(box, ratio)
    assert kept.width / kept.height == pytest.approx(ratio, rel=1e-6)
    assert kept.width == pytest.approx(wide) or kept.height == pytest.approx(tall)
    assert kept.left - box.left == pytest.approx(box.right - kept.right, abs=1e-6)
    assert kept.top - box.top == pytest.approx(box.bottom - kept.bottom, abs=1e-6)
    assert kept.width <= wide * (1 + 1e-9)
    assert kept.height <= tall * (1 + 1e-9)


@pytest.mark.parametrize(
    ("size", "ratio", "kept"),
    [
        ((1200, 675), 1.0, (262.5, 0, 937.5, 675)),  # a square of a wide card
        ((1080, 1350), 3 / 4, (33.75, 0, 1046.25, 1350)),  # Instagram's grid
        ((1080, 1350), 1.0, (0, 135, 1080, 1215)),
        ((1080, 1080), 1.0, (0, 0, 1080, 1080)),
    ],
)
def test_the_crops_of_the_networks_are_where_they_will_be(
    size: tuple[int, int], ratio: float, kept: tuple[float, ...]
) -> None:
    found = sheets.crop(Box(0, 0, *size), ratio)
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx(kept)


def test_what_a_crop_takes_away_is_veiled_and_the_rest_is_as_it_is(tmp_path: Path) -> None:
    card = drawn(tmp_path, 9, (1200, 675))
    whole = Image.open(io.BytesIO(sheets.post([Shown(card, "x", "1200 × 675")], "A post"))).convert("RGB")
    cut = Image.open(io.BytesIO(sheets.post([Shown(card, "x", "1200 × 675", (("lists", 1.0),))], "A post"))).convert(
        "RGB"
    )
    box = where(whole, coloured(9))
    assert box
    assert (box[3] - box[1], round((box[2] - box[0]) / (box[3] - box[1]), 2)) == (620, 1.78)
    kept = sheets.crop(Box(*box), 1.0)
    middle, y = round((kept.left + kept.right) / 2), (box[1] + box[3]) // 2
    assert cut.getpixel((middle, y)) == coloured(9)
    assert cut.getpixel((round(kept.left) + 5, y)) == coloured(9)
    for x in (box[0] + 2, round(kept.left) - 4, round(kept.right) + 4, box[2] - 2):
        assert cut.getpixel((x, y)) != coloured(9)


def test_cards_of_all_accounts_stand_side_by_side_and_none_is_lost(tmp_path: Path) -> None:
    sizes = [(1200, 675), (1080, 1350), (1200, 630), (1080, 1080), (1080, 1920), (1080, 1350), (1080, 1350)]
    shown = [Shown(drawn(tmp_path, at, size), f"account {at}", "note") for at, size in enumerate(sizes)]
    picture = Image.open(io.BytesIO(sheets.post(shown, "A post"))).convert("RGB")
    boxes = [where(picture, coloured(at)) for at in range(len(sizes))]
    for box, (width, height) in zip(boxes, sizes, strict=True):
        assert box
        assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(width / height, rel=0.01)
        assert box[2] <= picture.width - sheets.MARGIN // 2
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert one
            assert other
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize(
    "title", ["Words that people can trust, and what each of us can do in January when nobody looks", "漢字"]
)
def test_any_title_and_note_stay_on_the_sheet(title: str, tmp_path: Path) -> None:
    card = drawn(tmp_path, 9, (1080, 1350))
    crops = (("the profile grid", 0.75), ("some lists", 1.0))
    packed = sheets.post([Shown(card, "lantern-project-instagram", "1080 × 1350 PNG, 999 kB", crops)], title)
    picture = Image.open(io.BytesIO(packed)).convert("RGB")
    inked = ImageChops.difference(picture, Image.new("RGB", picture.size, sheets.PAPER)).getbbox()
    assert inked
    assert inked[2] <= picture.width - sheets.MARGIN // 2
    assert inked[3] <= picture.height - 4
