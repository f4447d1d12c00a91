"""Photos and logos of the project, made fit for a card: the right way up, cropped, scaled, in sRGB, with nothing else.

A file is judged by what it holds, not by its name, and by its header before it is decoded. Every failure is a CardError
of two sentences: what is wrong with which file, and the mend.
"""

from __future__ import annotations

import io
import math
import stat
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PIL import Image, ImageCms
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from scheduler.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageFile import ImageFile

    Box = tuple[float, float, float, float]
    Pair = tuple[int, int]

FOLDER = "images"
LARGEST = 60  # MB: what a file that a card shows may have
# Megapixels at most, so that none takes more than some 450 MiB: a PNG is decoded whole, a WebP into four pictures of
# its size; a JPEG can be decoded at a half, a quarter or an eighth, but a progressive one is first gathered whole.
MOST = {"JPEG": 100, "progressive JPEG": 50, "PNG": 50, "WEBP": 25}
ENLARGED = 1.25  # at most; beyond, a picture looks soft
FINER = 2  # a picture is decoded at least so many times larger than needed, then scaled down with care

# How a stored picture is turned to be seen, by its EXIF orientation (Exif 3.0, 4.6.5.1.6).
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)  # width and height change places


def load(path: Path, name: str, box: Pair, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """The photo as an RGB picture of exactly the size `box` (px), cropped around `focus` (parts of width and height).

    `path` is the file, `name` how the project calls it: relative, with forward slashes, below ``images/``.
    """
    with _opened(path, name) as source:
        turn = _orientation(source)
        wanted = (box[1], box[0]) if turn in SIDEWAYS else box
        crop = crop_box(source.size, wanted, _stored(focus, turn))
        _large_enough(name, source.size, wanted[0] / (crop[2] - crop[0]), turn)
        picture = _srgb(_scaled(source, crop, wanted), source.info.get("icc_profile"))
    if picture.mode == "RGBA":
        white = Image.new("RGB", picture.size, "white")  # as the viewer that staff saw it in shows it
        white.paste(picture, mask=picture.getchannel("A"))
        picture = white
    return _upright(picture, turn)


def logo(path: Path, name: str, box: Pair, ink: str = "") -> Image.Image:
    """The logo as an RGBA picture that fits in `box` (px) with its own ratio.

    `ink` ("#rrggbb") recolours its shape; a file without transparency has no shape, and stays as it is.
    """
    with _opened(path, name) as source:
        turn = _orientation(source)
        wide, high = (box[1], box[0]) if turn in SIDEWAYS else box
        scale = min(wide / source.width, high / source.height)
        _large_enough(name, source.size, scale, turn)
        size = max(1, round(source.width * scale)), max(1, round(source.height * scale))
        picture = _srgb(_scaled(source, (0, 0, *source.size), size), source.info.get("icc_profile")).convert("RGBA")
    if ink and picture.getchannel("A").getextrema()[0] != 255:  # noqa: PLR2004  opaque
        shape = picture.getchannel("A")
        picture = Image.new("RGBA", picture.size, ink)
        picture.putalpha(shape)
    return _upright(picture, turn)


def crop_box(size: Pair, wanted: Pair, focus: tuple[float, float]) -> Box:
    """The largest part (left, top, right, bottom) of a picture with the ratio of `wanted`.

    What is at `focus` in the picture is at the same parts of the width and height in it.
    """
    width = min(size[0], size[1] * wanted[0] / wanted[1])
    height = min(size[1], size[0] * wanted[1] / wanted[0])
    x, y = (min(1.0, max(0.0, part)) for part in focus)
    left, top = (size[0] - width) * x, (size[1] - height) * y
    return left, top, min(left + width, size[0]), min(top + height, size[1])


def own(path: Path, name: str) -> Path:
    """The true file of a photo, a logo or a font, which must lie in the project's ``images``, whatever climbs or links.

    It is looked at, not opened: a pipe would wait for ever, and a device has no end. Raises CardError.
    """
    parts = PurePosixPath(name).parts
    outside = CardError(f"{name} is not in the folder {FOLDER}/ of the project. Put the file there and name it so.")
    if parts[:1] != (FOLDER,) or ".." in parts:
        raise outside
    try:
        file = path.resolve(strict=True)
        if not file.is_relative_to(path.parents[len(parts) - 2].resolve()):
            raise outside
        found = file.stat()
    except (OSError, ValueError, RuntimeError):  # not there, no right to look, a name that cannot be, links in a circle
        found = None
    if found is None or not stat.S_ISREG(found.st_mode):
        raise CardError(f"There is no file {name}. Check the name, or put the file there.")
    if found.st_size > LARGEST * 1_000_000:
        raise CardError(
            f"{name} has {found.st_size // 1_000_000:,} MB, and it may have at most {LARGEST}. Save it smaller."
        )
    return file


@contextmanager
def _opened(path: Path, name: str) -> Iterator[ImageFile]:
    """The picture, its header read and judged, its pixels not decoded yet."""
    file = own(path, name)
    try:
        with warnings.catch_warnings(action="ignore"), _recognised(file, name) as source:  # of EXIF that is broken
            _judge(source, name)
            yield source
    except Image.DecompressionBombError as error:  # a WebP says so before it can be asked
        raise CardError(f"{name} has too many pixels. Save it with at most {MOST['WEBP']} million.") from error
    except CardError:
        raise
    except Exception as error:  # Pillow says in a dozen ways that a file is damaged
        raise CardError(
            f"{name} is damaged or was not copied whole. Copy or save it again.", detail=str(error)
        ) from error


def _judge(source: ImageFile, name: str) -> None:
    kind = "progressive JPEG" if "progressive" in source.info else str(source.format)
    if source.width * source.height > MOST[kind] * 1_000_000:
        raise CardError(
            f"{name} is {source.width} × {source.height} pixels, and a {kind} may have at most {MOST[kind]} million. "
            "Save it smaller."
        )
    if getattr(source, "is_animated", False):
        raise CardError(f"{name} is animated, and a card stands still. Save one of its pictures as a PNG.")


def _recognised(file: Path, name: str) -> ImageFile:
    """The file, opened as what it holds.

    Not by Image.open: that takes the second picture which many phones hide in a JPEG for an animation, and warns of
    large pictures instead of leaving the limit to us.
    """
    try:
        for kind in (JpegImageFile, PngImageFile, WebPImageFile):
            with suppress(SyntaxError):  # another kind
                return kind(file)
    except PermissionError as error:
        raise CardError(f"{name} cannot be read. Give this user the right to read it.", detail=str(error)) from error
    raise CardError(f"{name} is no JPEG, PNG or WebP picture, whatever its name says. Export it as one of these.")


def _orientation(source: ImageFile) -> int:
    try:
        return int(source.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001  a picture with broken EXIF is still a picture
        return 1


def _stored(focus: tuple[float, float], turn: int) -> tuple[float, float]:
    """The point of the stored picture that is seen at `focus`."""
    x, y = (focus[1], focus[0]) if turn in SIDEWAYS else focus
    return 1 - x if turn in (2, 3, 7, 8) else x, 1 - y if turn in (3, 4, 6, 7) else y


def _upright(picture: Image.Image, turn: int) -> Image.Image:
    """The picture as it is to be seen, without a word of what else its file held."""
    upright = picture.transpose(TURNS[turn]) if turn in TURNS else picture
    upright.info.clear()
    return upright


def _large_enough(name: str, size: Pair, scale: float, turn: int) -> None:
    if scale <= ENLARGED:
        return
    width, height = reversed(size) if turn in SIDEWAYS else size
    wide, high = math.ceil(width * scale / ENLARGED), math.ceil(height * scale / ENLARGED)
    raise CardError(
        f"{name} is {width} × {height} pixels; here it must be at least {wide} × {high}. Take a larger picture."
    )


def _scaled(source: ImageFile, crop: Box, size: Pair) -> Image.Image:
    """Decode no more than needed, and bring `crop` to `size`; the result is L, RGB, RGBA or CMYK."""
    full = source.size
    shrunk = [FINER * s * f / c for s, f, c in zip(size, full, (crop[2] - crop[0], crop[3] - crop[1]), strict=True)]
    source.draft(None, (math.ceil(shrunk[0]), math.ceil(shrunk[1])))
    source.load()
    across, down = source.width / full[0], source.height / full[1]
    box = (crop[0] * across, crop[1] * down, crop[2] * across, crop[3] * down)
    return _eight_bits(source).resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=FINER)


def _eight_bits(source: Image.Image) -> Image.Image:
    if source.mode.startswith("I"):  # 16 bits: convert alone would make all but the darkest 256 steps white
        return source.point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in source.info or source.mode in ("LA", "PA"):
        return source.convert("RGBA")
    return source if source.mode in ("L", "RGB", "RGBA", "CMYK") else source.convert("RGB")


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB, or RGBA when it has transparency. A profile that cannot be used counts as sRGB."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    flat = picture if picture.mode in ("L", "CMYK") else picture.convert("RGB")
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(flat, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            flat = changed or flat
    flat = flat.convert("RGB")
    if alpha:
        flat.putalpha(alpha)
    return flat
