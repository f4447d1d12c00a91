"""The ground of a card: the light that was meant, in steps too fine to be seen as bands."""

from __future__ import annotations

import itertools

import pytest
from PIL import Image, ImageChops

from scheduler import colour
from scheduler.cards.ground import ground
from scheduler.light import GRID, MOODS
from scheduler.model import CARD_SIZES, Theme
from scheduler.themes import BUILT_IN

TILE = 8  # px: an eye sees the mean of so few
APART = 0.3  # of a step of 8 bits: how far a tile's mean may be from the light that is meant
EDGE = 1 / GRID  # of each side: the outermost half cell has the light of the cell's middle


def meant(theme: Theme, x: float, y: float) -> tuple[float, ...]:
    """The colour (0 to 255, not rounded) at parts `x` and `y` of the card, as the mood says it."""
    light = list(colour.mix(colour.linear(theme.background), colour.linear(theme.shade), y))
    for named, glow in zip(theme.glows, MOODS[theme.mood], strict=False):
        far = ((x - glow.x) / glow.across) ** 2 + ((y - glow.y) / glow.down) ** 2
        part = abs(glow.strength) * max(0.0, 1 - far) ** glow.fall
        added = colour.linear(named)
        keep = 1.0 if glow.strength > 0 else 1 - part
        light = [keep * own + part * more for own, more in zip(light, added, strict=True)]
    return tuple(colour.code(value) for value in light)


def means(plane: Image.Image, across: int, down: int) -> float:
    box = (across * TILE, down * TILE, (across + 1) * TILE, (down + 1) * TILE)
    counts = plane.crop(box).histogram()
    return sum(value * count for value, count in enumerate(counts)) / (TILE * TILE)


def farthest(picture: Image.Image, theme: Theme, step: int) -> float:
    """The greatest distance of a tile's mean from what is meant, over each `step`th tile both ways."""
    width, height = picture.size
    worst = 0.0
    planes = picture.split()
    for across, down in itertools.product(range(0, width // TILE, step), range(0, height // TILE, step)):
        x, y = (across + 0.5) * TILE / width, (down + 0.5) * TILE / height
        if not (EDGE < x < 1 - EDGE and EDGE < y < 1 - EDGE):
            continue
        # A cell's middle is at half a cell, and its light that of a part of 0 to 1.
        exact = meant(theme, (x * GRID - 0.5) / (GRID - 1), (y * GRID - 0.5) / (GRID - 1))
        for plane, value in zip(planes, exact, strict=True):
            worst = max(worst, abs(means(plane, across, down) - value))
    return worst


@pytest.mark.parametrize("size", CARD_SIZES)
@pytest.mark.parametrize("theme", BUILT_IN)
def test_no_tile_is_a_band_away_from_the_light_that_is_meant(theme: str, size: str) -> None:
    assert farthest(ground(*CARD_SIZES[size], BUILT_IN[theme]), BUILT_IN[theme], 5) <= APART


def test_without_the_grain_there_would_be_bands() -> None:
    theme = BUILT_IN["lantern"]
    plain = Image.new("RGB", (1080, 64))
    plain.putdata(
        [tuple(round(v) for v in meant(theme, (x + 0.5) / 1080, 0.5)) for _ in range(64) for x in range(1080)]
    )
    far = 0.0
    for across in range(10, 120):
        exact = meant(theme, (across + 0.5) * TILE / 1080, 0.5)
        far = max(
            far, *(abs(means(plane, across, 1) - value) for plane, value in zip(plain.split(), exact, strict=True))
        )
    assert far > APART


@pytest.mark.parametrize("theme", BUILT_IN)
def test_between_two_neighbours_there_is_no_visible_step(theme: str) -> None:
    picture = ground(1080, 1350, BUILT_IN[theme])
    for shift in ((1, 0), (0, 1)):
        apart = ImageChops.difference(picture, ImageChops.offset(picture, *shift)).crop((2, 2, 1078, 1348))
        assert all(sum(plane.histogram()[4:]) == 0 for plane in apart.split())


@pytest.mark.parametrize("theme", BUILT_IN)
def test_a_picture_that_is_made_again_is_the_same_and_its_own(theme: str) -> None:
    first, second = (ground(640, 480, BUILT_IN[theme]) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    first.paste("#ffffff", (0, 0, 640, 480))
    assert ground(640, 480, BUILT_IN[theme]).tobytes() == second.tobytes()


@pytest.mark.parametrize("size", [(401, 403), (400, 400), (1081, 675), (640, 1999)])
@pytest.mark.parametrize("theme", [*BUILT_IN.values(), Theme(glows=()), Theme(glows=("#ffffff",), shade="#101c33")])
def test_any_size_and_theme_has_a_ground(theme: Theme, size: tuple[int, int]) -> None:
    picture = ground(*size, theme)
    assert (picture.mode, picture.size) == ("RGB", size)
    assert farthest(picture, theme, 9) <= APART
