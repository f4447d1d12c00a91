from __future__ import annotations

import io
import math
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from scheduler.cards import photos
from scheduler.errors import CardError

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 160, 60), (30, 60, 200), (90, 90, 90)
BOX = (200, 100)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "images"
    folder.mkdir(parents=True)
    return folder


def load(images: Path, name: str, box: tuple[int, int] = BOX, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    return photos.load(images.parent / name, name, box, focus)


def refusal(images: Path, name: str, box: tuple[int, int] = BOX) -> str:
    """What both a photo and a logo of that name are told."""
    with pytest.raises(CardError) as photo:
        load(images, name, box)
    with pytest.raises(CardError) as logo:
        photos.logo(images.parent / name, name, box)
    assert photo.value.text == logo.value.text
    assert photo.value.text.startswith((name, f"There is no file {name}"))
    assert photo.value.text.count(". ") == 1  # what is wrong, and the mend
    return photo.value.text


def corners(size: tuple[int, int] = (400, 400)) -> Image.Image:
    """Red and green above, blue and grey below."""
    picture, half = Image.new("RGB", (2, 2)), Image.Resampling.NEAREST
    picture.putdata([RED, GREEN, BLUE, GREY])
    return picture.resize(size, half)


def near(colour: Any, wanted: tuple[int, ...], by: int = 6) -> bool:  # noqa: ANN401  a pixel of any mode
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


def png(width: int, height: int, kind: int = 2, depth: int = 8, pixels: bytes = b"") -> bytes:
    """A PNG whose header says what we like."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    idat = zlib.compress(pixels or bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


# What a photo becomes.


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_photo_fills_its_box_exactly(name: str, images: Path) -> None:
    corners((1000, 800)).save(images / name, quality=95)
    for box in [(200, 100), (100, 200), (333, 111), (1, 1), (900, 800)]:
        picture = load(images, f"images/{name}", box)
        assert (picture.mode, picture.size) == ("RGB", box)
        if min(box) > 1:
            assert near(picture.getpixel((0, 0)), RED)
            assert near(picture.getpixel((box[0] - 1, box[1] - 1)), GREY)


def test_a_name_does_not_say_what_a_file_is(images: Path) -> None:
    corners().save(images / "a.png", "JPEG")
    corners().save(images / "photo", "WEBP")
    assert load(images, "images/a.png").size == load(images, "images/photo").size == BOX


def test_the_focus_stays_in_the_picture(images: Path) -> None:
    picture = Image.new("RGB", (1600, 400), GREY)
    picture.paste(RED, (1400, 0, 1600, 400))
    picture.save(images / "a.png")
    right = load(images, "images/a.png", (100, 100), (0.95, 0.5))
    assert near(right.getpixel((95, 50)), RED)
    assert near(load(images, "images/a.png", (100, 100), (0.1, 0.5)).getpixel((99, 50)), GREY)


@given(
    st.tuples(st.integers(1, 9000), st.integers(1, 9000)),
    st.tuples(st.integers(1, 2400), st.integers(1, 2400)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_crop_is_within_the_picture_of_the_right_ratio_and_keeps_the_focus(
    size: tuple[int, int], wanted: tuple[int, int], focus: tuple[float, float]
) -> None:
    left, top, right, bottom = photos.crop_box(size, wanted, focus)
    near_nothing = 1e-6 * max(size)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert math.isclose((right - left) / (bottom - top), wanted[0] / wanted[1], rel_tol=1e-6)
    assert math.isclose(right - left, size[0], abs_tol=near_nothing) or math.isclose(
        bottom - top, size[1], abs_tol=near_nothing
    )
    point = focus[0] * size[0], focus[1] * size[1]
    assert left - near_nothing <= point[0] <= right + near_nothing
    assert top - near_nothing <= point[1] <= bottom + near_nothing
    assert math.isclose((point[0] - left) / (right - left), focus[0], abs_tol=1e-6)
    assert math.isclose((point[1] - top) / (bottom - top), focus[1], abs_tol=1e-6)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_photo_stands_upright_and_keeps_its_focus(turn: int, name: str, images: Path) -> None:
    seen = corners((800, 400))  # what people see; stored as the camera held it
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(turn, turn)
    stored = seen.transpose(photos.TURNS[back]) if turn > 1 else seen
    exif = Image.Exif()
    exif[0x0112] = turn
    stored.save(images / name, exif=exif, quality=95)
    small = load(images, f"images/{name}", (200, 100))
    assert [
        near(small.getpixel(at), c) for at, c in (((5, 5), RED), ((195, 5), GREEN), ((5, 95), BLUE), ((195, 95), GREY))
    ] == [True] * 4
    left = load(images, f"images/{name}", (100, 100), (0.1, 0.5))
    right = load(images, f"images/{name}", (100, 100), (0.9, 0.5))
    assert near(left.getpixel((85, 5)), RED)
    assert near(right.getpixel((15, 95)), GREY)
    above = load(images, f"images/{name}", (200, 50), (0.5, 0.1))
    below = load(images, f"images/{name}", (200, 50), (0.5, 0.9))
    assert near(above.getpixel((5, 40)), RED)
    assert near(below.getpixel((195, 10)), GREY)


def test_nothing_of_the_camera_is_left(images: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 22.0, 0.0)})
    corners().save(images / "a.jpg", exif=exif, comment=b"home", xmp=b"<x/>", dpi=(300, 300))
    with Image.open(images / "a.jpg") as stored:
        assert stored.getexif().get_ifd(0x8825)
    for picture in (load(images, "images/a.jpg"), photos.logo(images / "a.jpg", "images/a.jpg", BOX)):
        assert picture.info == {}
        assert not picture.getexif()
        packed = io.BytesIO()
        picture.convert("RGB").save(packed, "JPEG")
        assert not {b"Exif", b"home", b"Maker", b"xap"} & {
            w for w in (b"Exif", b"home", b"Maker", b"xap") if w in packed.getvalue()
        }


def test_broken_exif_does_not_spoil_a_photo(images: Path) -> None:
    corners().save(images / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\xff")
    assert near(load(images, "images/a.jpg").getpixel((5, 5)), RED)


def test_a_second_picture_hidden_by_a_phone_is_not_an_animation(images: Path) -> None:
    corners().save(images / "a.jpg", "MPO", save_all=True, append_images=[Image.new("RGB", (40, 40))])
    with Image.open(images / "a.jpg") as both:
        assert getattr(both, "n_frames", 1) == 2
    assert near(load(images, "images/a.jpg").getpixel((5, 5)), RED)


# Modes and colours.


def test_cmyk_is_shown_in_its_colours(images: Path) -> None:
    corners().convert("CMYK").save(images / "a.jpg", quality=95)
    assert near(load(images, "images/a.jpg").getpixel((5, 5)), RED, 10)
    assert near(photos.logo(images / "a.jpg", "images/a.jpg", BOX).getpixel((2, 2)), (*RED, 255), 10)


def test_sixteen_bits_keep_their_tones(images: Path) -> None:
    grey = Image.new("I;16", (400, 400), 0x8000)
    grey.save(images / "grey.png")
    assert load(images, "images/grey.png").getpixel((9, 9)) == (128, 128, 128)
    row = b"\0" + struct.pack(">HHH", 0xC800, 0x1E00, 0x1EFF) * 400
    (images / "colour.png").write_bytes(png(400, 400, 2, 16, row * 400))
    assert near(load(images, "images/colour.png").getpixel((9, 9)), RED, 1)


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA"])
def test_transparency_lies_on_white(mode: str, images: Path) -> None:
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    picture.paste((80, 80, 80, 255), (0, 0, 200, 400))
    packed = picture.convert(mode)
    if mode == "P":
        packed.info["transparency"] = packed.getpixel((300, 9))
    packed.save(images / "a.png")
    with Image.open(images / "a.png") as stored:
        assert stored.mode == mode
    seen = load(images, "images/a.png", (100, 100))
    assert near(seen.getpixel((10, 50)), (80, 80, 80))
    assert seen.getpixel((90, 50)) == (255, 255, 255)


def test_one_colour_said_to_be_transparent_is(images: Path) -> None:
    corners().save(images / "a.png", transparency=RED)
    seen = load(images, "images/a.png")
    assert seen.getpixel((5, 5)) == (255, 255, 255)
    assert near(seen.getpixel((195, 5)), GREEN)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours_are_enough(mode: str, images: Path) -> None:
    Image.new("L", (400, 400), 255).convert(mode).save(images / "a.png")
    assert load(images, "images/a.png").getpixel((5, 5)) == (255, 255, 255)


def test_a_wide_gamut_is_brought_to_srgb(images: Path) -> None:
    # a profile whose red and green are swapped: what is stored as red is seen as green
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(srgb[128:132], "big")
    places = {bytes(srgb[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    srgb[red : red + 4], srgb[green : green + 4] = b"gXYZ", b"rXYZ"
    Image.new("RGB", (400, 400), (255, 0, 0)).save(images / "a.png", icc_profile=bytes(srgb))
    assert near(load(images, "images/a.png").getpixel((5, 5)), (0, 255, 0))
    Image.new("RGBA", (400, 400), (255, 0, 0, 128)).save(images / "b.png", icc_profile=bytes(srgb))
    assert near(photos.logo(images / "b.png", "images/b.png", BOX).getpixel((5, 5)), (0, 255, 0, 128))


@pytest.mark.parametrize("profile", [b"not a profile", "LAB"])
def test_a_profile_that_does_not_fit_is_left_aside(profile: bytes | str, images: Path) -> None:
    packed = (
        profile if isinstance(profile, bytes) else ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    )
    corners().save(images / "a.jpg", icc_profile=packed, quality=95)
    assert near(load(images, "images/a.jpg").getpixel((5, 5)), RED)


# Hostile and mistaken files.


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "images/../../secret.png",
        "/etc/hostname",
        "posts/a.png",
        "images/sub/../../a.png",
        "",
        ".",
        "~/a.png",
    ],
)
def test_a_path_cannot_leave_the_images(name: str, images: Path) -> None:
    corners().save(images.parent.parent / "secret.png")
    with pytest.raises(CardError) as caught:
        load(images, name)
    assert caught.value.text == (
        f"{name} is not in the folder images/ of the project. Put the file there and name it so."
    )


def test_a_link_cannot_leave_the_images(images: Path) -> None:
    outside = images.parent.parent
    corners().save(outside / "secret.png")
    (images / "a.png").symlink_to(outside / "secret.png")
    (images / "folder").symlink_to(outside, target_is_directory=True)
    for name in ("images/a.png", "images/folder/secret.png"):
        assert "is not in the folder images/" in refusal(images, name)


def test_a_link_within_the_images_is_followed(images: Path) -> None:
    corners().save(images / "a.png")
    (images / "b.png").symlink_to("a.png")
    assert load(images, "images/b.png").size == BOX


def test_what_is_no_file_is_not_there(images: Path) -> None:
    (images / "folder").mkdir()
    (images / "circle").symlink_to("circle")
    os.mkfifo(images / "pipe")
    for name in (
        "images/none.png",
        "images/folder",
        "images/circle",
        "images/pipe",
        "images/a\0.png",
        "images/" + "a" * 300,
        "images",
    ):
        assert refusal(images, name).startswith("There is no file")


@pytest.mark.parametrize(
    "packed",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"<!doctype html><title>Not found</title>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_picture_is_named_so(packed: bytes, images: Path) -> None:
    (images / "a.png").write_bytes(packed)
    assert refusal(images, "images/a.png") == (
        "images/a.png is no JPEG, PNG or WebP picture, whatever its name says. Export it as one of these."
    )


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_photo_cut_off_is_said_to_be_damaged(name: str, images: Path) -> None:
    Image.effect_noise((600, 600), 80).convert("RGB").save(images / name)
    packed = (images / name).read_bytes()
    for part in (0.95, 0.5, 0.1):
        (images / name).write_bytes(packed[: int(len(packed) * part)])
        assert refusal(images, f"images/{name}") == (
            f"images/{name} is damaged or was not copied whole. Copy or save it again."
        )


@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
@settings(deadline=None)
def test_damage_anywhere_is_a_picture_or_a_clear_refusal(kind: str, damage: list[tuple[float, int]]) -> None:
    whole = io.BytesIO()
    corners((48, 32)).save(whole, kind)
    packed = bytearray(whole.getvalue())
    for part, value in damage:
        packed[int(part * len(packed))] = value
    with TemporaryDirectory() as folder:
        file = Path(folder) / "images" / "a"
        file.parent.mkdir()
        file.write_bytes(packed)
        try:
            size = photos.load(file, "images/a", (40, 20)).size
        except CardError as error:
            assert error.text.startswith("images/a ")  # noqa: PT017  both ends are right
        else:
            assert size == (40, 20)


def test_bombs_are_refused_by_their_header(images: Path) -> None:
    (images / "a.png").write_bytes(png(60_000, 60_000))
    assert refusal(images, "images/a.png") == (
        "images/a.png is 60000 × 60000 pixels, and a PNG may have at most 50 million. Save it smaller."
    )
    (images / "b.png").write_bytes(png(10_000, 9_000))  # less than Pillow itself would stop
    assert "at most 50 million" in refusal(images, "images/b.png")
    for progressive, said in ((False, "a JPEG may have at most 100"), (True, "a progressive JPEG may have at most 50")):
        small = io.BytesIO()
        corners((16, 16)).save(small, "JPEG", progressive=progressive)
        packed = small.getvalue()
        place = packed.index(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
        (images / "c.jpg").write_bytes(packed[:place] + struct.pack(">HH", 65_000, 65_000) + packed[place + 4 :])
        assert said in refusal(images, "images/c.jpg")
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16_000).to_bytes(3, "little") * 2
    (images / "d.webp").write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)
    assert refusal(images, "images/d.webp") == ("images/d.webp has too many pixels. Save it with at most 25 million.")


@pytest.mark.parametrize("name", ["a.webp", "a.png"])
def test_an_animation_is_refused(name: str, images: Path) -> None:
    corners().save(images / name, save_all=True, append_images=[Image.new("RGB", (400, 400), RED)], duration=100)
    assert refusal(images, f"images/{name}") == (
        f"images/{name} is animated, and a card stands still. Save one of its pictures as a PNG."
    )


def test_a_small_photo_is_refused_with_the_size_it_needs(images: Path) -> None:
    Image.new("RGB", (640, 480), RED).save(images / "a.png")
    assert load(images, "images/a.png", (800, 600)).size == (800, 600)  # a quarter larger is still good
    with pytest.raises(CardError) as caught:
        load(images, "images/a.png", (1080, 1350))
    assert caught.value.text == (
        "images/a.png is 640 × 480 pixels; here it must be at least 1440 × 1080. Take a larger picture."
    )
    Image.new("RGB", (1440, 1080), RED).save(images / "b.png")
    assert load(images, "images/b.png", (1080, 1350)).size == (1080, 1350)


def test_a_photo_on_its_side_is_told_its_size_as_seen(images: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (480, 640), RED).save(images / "a.jpg", exif=exif)
    with pytest.raises(CardError, match="is 640 × 480 pixels; here it must be at least 1440 × 1080"):
        load(images, "images/a.jpg", (1080, 1350))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read where Linux says it")
def test_sixty_megapixels_take_little_memory(images: Path) -> None:
    Image.new("RGB", (9000, 6700), RED).save(images / "a.jpg", quality=50)
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from scheduler.cards import photos\n"
        "picture = photos.load(Path(sys.argv[1]), 'images/a.jpg', (1080, 1350), (0.3, 0.5))\n"
        "assert picture.size == (1080, 1350)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(images / "a.jpg")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert int(done.stdout) < 150 * 1024  # KiB; its pixels alone are 230 MiB


# The logo.


def test_a_logo_keeps_its_ratio_and_its_colours(images: Path) -> None:
    picture = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    picture.paste((*BLUE, 255), (0, 0, 300, 300))
    picture.save(images / "logo.png")
    drawn = photos.logo(images / "logo.png", "images/logo.png", (200, 200))
    assert (drawn.mode, drawn.size) == ("RGBA", (200, 100))
    assert drawn.getpixel((50, 50)) == (*BLUE, 255)
    assert drawn.getchannel("A").getpixel((150, 50)) == 0


def test_a_logo_takes_the_ink_in_its_own_shape(images: Path) -> None:
    picture = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    picture.paste((*BLUE, 128), (0, 0, 300, 300))
    picture.save(images / "logo.png")
    plain = photos.logo(images / "logo.png", "images/logo.png", (200, 200))
    inked = photos.logo(images / "logo.png", "images/logo.png", (200, 200), "#f8f3ea")
    assert inked.getpixel((50, 50)) == (0xF8, 0xF3, 0xEA, 128)
    assert not ImageChops.difference(inked.getchannel("A"), plain.getchannel("A")).getbbox()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_logo_without_transparency_keeps_its_colours(mode: str, images: Path) -> None:
    corners().convert(mode).save(images / "logo.png")
    drawn = photos.logo(images / "logo.png", "images/logo.png", (100, 100), "#f8f3ea")
    assert near(drawn.getpixel((5, 5)), (*RED, 255))


def test_a_small_logo_is_refused_with_the_size_it_needs(images: Path) -> None:
    Image.new("RGB", (50, 20), RED).save(images / "logo.png")
    with pytest.raises(CardError, match="is 50 × 20 pixels; here it must be at least 160 × 64"):
        photos.logo(images / "logo.png", "images/logo.png", (200, 100))


def test_a_thin_logo_does_not_vanish(images: Path) -> None:
    Image.new("RGB", (3000, 2), RED).save(images / "logo.png")
    assert photos.logo(images / "logo.png", "images/logo.png", (200, 100)).size == (200, 1)
