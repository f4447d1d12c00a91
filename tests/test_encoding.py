from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, JpegImagePlugin

from scheduler.cards import encoding
from scheduler.cards.encoding import encode
from scheduler.errors import CardError
from scheduler.model import Card

CARD = Card(
    layout="stat",
    width=400,
    height=300,
    format="png",
    campaign="Human Trafficking Prevention Month",
    figure="27.6 million",
    text="people were in forced labor in 2021.",
    source="Source: ILO, 2021",
    help="Hotline 1-888-373-7888",
    lang="es",
    title="27.6 million <people> & more",
    alt="“27,6 millones”, en letras “grandes” & claras.\nFuente: OIT.",
)
LESS = {"png": 8_000, "jpeg": 50_000}  # bytes: the drawn card takes the long way
DC = "{http://purl.org/dc/elements/1.1/}"
IPTC = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def drawn(width: int = 400, height: int = 300) -> Image.Image:
    """A slow gradient with sharp amber shapes: what a card is."""
    picture = Image.linear_gradient("L").resize((width, height))
    card = Image.merge("RGB", (picture.point(lambda v: v // 12), picture.point(lambda v: v // 6), picture))
    draw = ImageDraw.Draw(card)
    for place in range(0, width, 40):
        draw.ellipse((place, 40, place + 31, height - 60), fill="#ffb84d")
    return card


def grainy(width: int = 400, height: int = 300) -> Image.Image:
    """As noisy as a photo, and the same each time."""
    noise: list[bytes] = []
    block = hashlib.sha256(b"").digest()
    while len(noise) * 32 < 3 * width * height:
        block = hashlib.sha256(block).digest()
        noise.append(block)
    fine = Image.frombytes("RGB", (width, height), b"".join(noise)[: 3 * width * height])
    return Image.blend(drawn(width, height), fine, 0.2)


def chunks(packed: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 8
    while place < len(packed):
        length = int.from_bytes(packed[place : place + 4], "big")
        name, body = packed[place + 4 : place + 8], packed[place + 8 : place + 8 + length]
        assert int.from_bytes(packed[place + 8 + length : place + 12 + length], "big") == zlib.crc32(name + body)
        found.append((name, body))
        place += 12 + length
    return found


def opened(packed: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(packed))
    picture.load()
    return picture


def xmp(packed: bytes) -> ET.Element:
    return ET.fromstring(opened(packed).info["xmp"])  # noqa: S314  our own


def test_a_png_has_the_pixels_of_pillows_own() -> None:
    for picture in (drawn(), grainy(), drawn(401, 103), Image.new("RGB", (1, 1), "#123456")):
        theirs = io.BytesIO()
        picture.save(theirs, "PNG")
        assert opened(encode(picture, CARD)).tobytes() == opened(theirs.getvalue()).tobytes() == picture.tobytes()


def test_a_png_says_srgb_title_source_and_alt_and_nothing_else() -> None:
    packed = encode(drawn(), CARD)
    assert [name for name, _ in chunks(packed)] == [b"IHDR", b"sRGB", b"iTXt", b"iTXt", b"iTXt", b"IDAT", b"IEND"]
    info = opened(packed).info
    assert info["Title"] == CARD.title
    assert info["Source"] == CARD.source
    assert info["Description"] == CARD.alt
    assert info["Description"].lang == "es"
    assert info["srgb"] == 0
    assert packed.endswith(encoding.ENDING["png"])


def test_a_card_without_words_has_no_chunks_for_them() -> None:
    packed = encode(drawn(), replace(CARD, title="", source="", alt=""))
    assert [name for name, _ in chunks(packed)] == [b"IHDR", b"sRGB", b"IDAT", b"IEND"]
    assert "xmp" not in opened(encode(drawn(), replace(CARD, format="jpeg", title="", source="", alt=""))).info


def test_a_png_over_the_limit_is_packed_better() -> None:
    picture, most = drawn(), len(encode(drawn(), CARD)) - 1
    packed = encode(picture, replace(CARD, max_bytes=most))
    assert len(packed) <= most
    assert opened(packed).tobytes() == picture.tobytes()


def test_a_noisy_png_over_the_limit_gets_row_filters() -> None:
    noise = grainy()
    smooth = Image.merge(
        "RGB", [band.resize((100, 75)).resize(noise.size, Image.Resampling.BICUBIC) for band in noise.split()]
    )
    packed = encode(smooth, replace(CARD, max_bytes=len(encode(smooth, CARD)) - 1))
    idat = next(body for name, body in chunks(packed) if name == b"IDAT")
    assert set(zlib.decompress(idat)[:: 3 * smooth.width + 1]) - {0}
    assert opened(packed).tobytes() == smooth.tobytes()


def test_a_png_that_cannot_be_small_enough_says_by_how_much() -> None:
    with pytest.raises(CardError) as caught:
        encode(grainy(), replace(CARD, max_bytes=50_000))
    words = caught.value.text
    least = int(words.split(" bytes:")[0].rsplit(" ", 1)[1].replace(",", ""))
    assert least > 50_000
    assert words == (
        f"As a png this card is at least {least:,} bytes: {least - 50_000:,} more than the 50,000 allowed. "
        "Make it a jpeg, or allow more bytes."
    )


def test_a_jpeg_has_the_pixels_of_pillows_own_and_full_colour() -> None:
    packed = encode(drawn(), replace(CARD, format="jpeg"))
    theirs = io.BytesIO()
    drawn().save(theirs, "JPEG", quality=encoding.BEST, subsampling=0)
    picture = opened(packed)
    assert isinstance(picture, JpegImagePlugin.JpegImageFile)
    assert JpegImagePlugin.get_sampling(picture) == 0  # 4:4:4
    assert picture.tobytes() == opened(theirs.getvalue()).tobytes()
    assert packed.endswith(encoding.ENDING["jpeg"])


@pytest.mark.parametrize("quality", [81, 86, 90, 95, 96])
def test_a_jpeg_has_the_highest_quality_that_the_limit_takes(quality: int) -> None:
    picture, card = grainy(), replace(CARD, format="jpeg", title="", source="", alt="")
    packed = encoding.jpeg(picture, quality)
    assert encode(picture, replace(card, max_bytes=len(packed))) == packed
    assert encode(picture, replace(card, max_bytes=len(packed) - 1)) == encoding.jpeg(picture, quality - 1)


def test_a_jpegs_words_count_towards_the_limit() -> None:
    card = replace(CARD, format="jpeg", alt="palabra " * 400)
    limit = len(encoding.jpeg(grainy(), 90))
    assert len(encode(grainy(), replace(card, max_bytes=limit))) <= limit


def test_a_jpeg_that_would_smear_says_by_how_much_it_is_too_large() -> None:
    least = len(encode(grainy(), replace(CARD, format="jpeg", max_bytes=10**9)))
    with pytest.raises(CardError, match=r"As a jpeg this card is at least [\d,]+ bytes: [\d,]+ more than the 20,000"):
        encode(grainy(), replace(CARD, format="jpeg", max_bytes=20_000))
    assert least > 20_000


def test_a_jpeg_carries_the_words_as_xmp_and_no_exif() -> None:
    packed = encode(drawn(), replace(CARD, format="jpeg"))
    tree, info = xmp(packed), opened(packed).info
    for name, words in (
        (f"{DC}title", CARD.title),
        (f"{DC}description", CARD.alt),
        (f"{IPTC}AltTextAccessibility", CARD.alt),
    ):
        entries = tree.findall(f".//{name}/{RDF}Alt/{RDF}li")
        assert {entry.get(LANG): entry.text for entry in entries} == {"x-default": words, "es": words}
        assert entries[0].get(LANG) == "x-default"
    assert [source.text for source in tree.iter(f"{DC}source")] == [CARD.source]
    assert not {"exif", "comment", "photoshop"} & set(info)


def test_a_jpeg_is_srgb_by_a_small_profile_without_a_date() -> None:
    profile = opened(encode(drawn(), replace(CARD, format="jpeg"))).info["icc_profile"]
    assert len(profile) < 3000
    assert profile[24:36] == bytes(12)
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    assert "sRGB" in (read.profile.profile_description or "")
    colours = Image.frombytes("RGB", (64, 64), bytes(range(256)) * 48)
    same = ImageCms.profileToProfile(colours, read, ImageCms.createProfile("sRGB"))
    assert same is not None
    assert same.tobytes() == colours.tobytes()


def test_what_a_picture_carried_stays_behind() -> None:
    picture = drawn()
    picture.info |= {
        "comment": b"secret",
        "exif": b"Exif\0\0secret",
        "dpi": (300, 300),
        "xmp": b"secret",
        "Title": "secret",
    }
    for kind in ("png", "jpeg"):
        assert encode(picture, replace(CARD, format=kind)) == encode(drawn(), replace(CARD, format=kind))


@given(st.text(max_size=40), st.text(max_size=10))
@settings(max_examples=60, deadline=None)
def test_any_words_can_be_written_and_read_back(words: str, lang: str) -> None:
    card, picture = replace(CARD, title=words, source=words, alt=words, lang=lang), Image.new("RGB", (16, 16))
    assert opened(encode(picture, card)).tobytes() == picture.tobytes()
    found = list(xmp(encode(picture, replace(card, format="jpeg", title="x"))).iter(f"{DC}title"))
    assert len(found) == 1


def test_controls_and_half_characters_are_left_out() -> None:
    card = replace(CARD, title="a\0b\x1b\ud800c\ufffe", lang='e"s\0')
    assert opened(encode(drawn(), card)).info["Title"] == "abc"
    entries = xmp(encode(drawn(), replace(card, format="jpeg"))).findall(f".//{DC}title/{RDF}Alt/{RDF}li")
    assert [(entry.get(LANG), entry.text) for entry in entries] == [("x-default", "abc"), ('e"s', "abc")]


def test_an_endless_alt_text_is_refused_where_the_file_has_no_room() -> None:
    card = replace(CARD, alt="word " * 20_000)
    assert opened(encode(drawn(), card)).info["Description"] == card.alt
    with pytest.raises(CardError, match="shorten it"):
        encode(drawn(), replace(card, format="jpeg"))


def test_another_process_writes_the_same_bytes() -> None:
    program = (
        "import hashlib, importlib.util, sys\n"
        "from dataclasses import replace\n"
        f"spec = importlib.util.spec_from_file_location('here', {str(Path(__file__))!r})\n"
        "here = importlib.util.module_from_spec(spec); spec.loader.exec_module(here)\n"
        "for kind in ('png', 'jpeg'):\n"
        "    for most in (10**6, here.LESS[kind]):\n"
        "        packed = here.encode(here.drawn(), replace(here.CARD, format=kind, max_bytes=most))\n"
        "        print(hashlib.sha256(packed).hexdigest())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    ours = [
        hashlib.sha256(encode(drawn(), replace(CARD, format=kind, max_bytes=most))).hexdigest()
        for kind in ("png", "jpeg")
        for most in (10**6, LESS[kind])
    ]
    assert done.stdout.split() == ours
