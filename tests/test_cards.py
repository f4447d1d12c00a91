"""The card engine as its callers see it: hostile words, the same bytes each time, and files that are kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, JpegImagePlugin

from scheduler import cards, drafts, facts
from scheduler.cards import composing, fonts
from scheduler.cards.marks import Letters
from scheduler.config import load
from scheduler.errors import CardError, CardNotSaved
from scheduler.model import CARD_SIZES, LAYOUTS, Card, Item, Photo, Theme
from tests import golden_cards
from tests.layouts import words as words_of
from tests.samples import LOGO, PHOTO, arranged, card, project

if TYPE_CHECKING:
    from collections.abc import Iterator

MENDED = re.compile(r"\b(Shorten|Give|Write|Take|Name|Change|Mend|Use|Put|Make)\b.*\.$", re.DOTALL)
SENTENCE = 400  # characters: what a person reads of an error
HOSTILE = {
    "an 80-letter word": "Donau" * 16,
    "400 words": "people " * 400,
    "one endless line": "a\N{NO-BREAK SPACE}" * 60,
    "nothing": "",
    "only white": " \N{NO-BREAK SPACE}\t\n",
    "only emoji": "🙂👨‍👩‍👧🏽🇪🇸❤️",
    "mixed directions": "العمل forced 27.6 (في) labor 2021",
    "marks ten deep": "e" + "\u0301\u0308" * 5,
    "marks of all kinds": "Z" + "".join(map(chr, range(0x300, 0x340))),
    "zero-width signs": "peo\u200bple\u200d in\u2060 \ufefflabor\u200e",
    "only zero-width signs": "\u200b\u200d\ufeff",
    "control characters": "a\x00b\x07c\x1bd",
    "several lines": "one\ntwo\r\nthree\u2028four",
    "turned around": "abc \u202egnp.exe\u202c d",
    "for private use": "\ue000\U000f0000",
    "not assigned": "\u0378",
    "other scripts": "人身売買 मानव தமிழ்",
    "code": "<b>%s {} \\n</b> &amp; '; --",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("project"))


# Hostile words


def hostile(made: Card, words: str) -> Iterator[tuple[str, Card]]:
    """The card with the words in each of its fields in turn."""
    for field in ("figure", "text", "by", "myth"):
        if getattr(made, field):
            yield field, replace(made, **{field: words})  # type: ignore[arg-type]
    if made.items:
        first, *rest = made.items
        yield "an item's figure", replace(made, items=(replace(first, figure=words), *rest))
        yield "an item's text", replace(made, items=(replace(first, text=words), *rest))
    if made.photo:
        yield "the credit", replace(made, photo=replace(made.photo, credit=words))
    for field in ("source", "campaign", "help"):
        yield field, replace(made, **{field: words})  # type: ignore[arg-type]


def fault(made: Card, root: Path) -> str:
    """What is wrong with a card or with the refusal of it; nothing when all is right."""
    try:
        place, marks = arranged(made, root)
    except CardError as error:
        if len(error.text) > SENTENCE:
            return f"a sentence of {len(error.text)} characters: {error.text[:99]}…"
        return "" if MENDED.search(error.text) else f"says no mend: {error.text}"
    except Exception as error:  # noqa: BLE001  any other is what is looked for
        return f"{type(error).__name__}: {error}"
    lines = [mark for mark in marks if isinstance(mark, Letters)]
    if any(glyph.number == 0 for mark in lines for glyph in mark.line.glyphs):
        return "an empty box"
    for mark in lines:
        if not (mark.box.left >= 0 and mark.box.right <= place.width and mark.box.bottom <= place.height):
            return f"beyond the card: {mark.line.text}"
    lost = letters(*words_of(made), made.campaign, made.source, made.help) - letters(
        *(mark.line.text for mark in lines)
    )
    return f"lost {dict(lost)}" if lost else ""


def letters(*texts: str) -> Counter[str]:
    """The letters, digits and signs of texts; a capital counts as its small letter."""
    whole = unicodedata.normalize("NFC", " ".join(texts)).upper().casefold()
    return Counter(char for char in whole if unicodedata.category(char)[0] in "LNS" and char != "~")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_hostile_words_make_a_right_card_or_a_sentence_with_its_mend(layout: str, name: str, root: Path) -> None:
    size = ("portrait", "wide")[sorted(HOSTILE).index(name) % 2]
    faults = [
        f"{field}: {wrong}"
        for field, made in hostile(card(layout, size), HOSTILE[name])
        if (wrong := fault(made, root))
    ]
    assert faults == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_characters_at_all_do_no_more_harm(layout: str, root: Path, long: bool) -> None:  # noqa: FBT001
    @settings(max_examples=400 if long else 12, deadline=None, derandomize=True, database=None)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
    def holds(words: str) -> None:
        assert [found for _, made in hostile(card(layout), words) if (found := fault(made, root))] == []

    holds()


@pytest.mark.parametrize(
    ("layout", "field", "said"),
    [("stat", "text", "text"), ("quote", "text", "quotation"), ("myth", "text", "fact"), ("myth", "myth", "myth"),
     ("definition", "figure", "term"), ("definition", "text", "meaning"), ("date", "figure", "day"),
     ("list", "text", "heading"), ("action", "text", "lead line"), ("photo", "text", "caption"),
     ("stat", "source", "source"), ("stat", "campaign", "campaign.name"), ("stat", "help", "help line")],
)  # fmt: skip
@pytest.mark.parametrize("words", ["Donau" * 16, "people in this country " * 60])
def test_what_is_too_long_is_named_as_what_it_is(layout: str, field: str, said: str, words: str) -> None:
    made = replace(card(layout), **{field: words})  # type: ignore[arg-type]
    with pytest.raises(CardError) as caught:
        arranged(made, Path())
    assert said in caught.value.text.lower()


@pytest.mark.parametrize("layout", ["stat", "quote", "definition", "photo", "date", "myth"])
@pytest.mark.parametrize("size", CARD_SIZES)
def test_a_text_too_long_is_told_by_how_much_and_then_fits(layout: str, size: str) -> None:
    made = card(layout, size, text="A sentence that goes on and on without an end. " * 20)
    with pytest.raises(CardError, match=r"about \d+ of its \d+ characters too long") as caught:
        arranged(made, Path())
    over = int(re.findall(r"about (\d+) of", caught.value.text)[0])
    arranged(replace(made, text=made.text.strip()[:-over].strip()), Path())


@pytest.mark.parametrize("char", ["\\ud83d", "\\udc00 x", "\\u0007", "\\0"])
def test_half_a_character_never_reaches_a_card(char: str) -> None:
    home = Path(__file__).parents[1]
    config, _ = load(home)
    ledger, _ = facts.parse((home / "posts" / "facts.toml").read_text(encoding="utf-8"), "posts/facts.toml")
    assert config
    source = f'---\ndate: 2027-01-09\nfacts: [S03]\ncard: {{layout: stat, figure: "7", text: "a {char}"}}\n---\nText.\n'
    post, problems = drafts.parse(
        source, "posts/2027-01-09-a.md", ledger=ledger, accounts=config.accounts, campaign=config.campaign
    )
    assert post is None
    assert "card.text" in str(problems[0])


def test_an_emoji_is_drawn_in_the_ink_of_its_words(root: Path) -> None:
    _, marks = arranged(card("stat", text="Reach out 🙂 today"), root)
    assert any("🙂" in mark.line.text for mark in marks if isinstance(mark, Letters))


# The same input, the same bytes


def shown(root: Path) -> list[str]:
    """The names of what a person sees among the drawn cards."""
    return sorted(file.name for file in (root / cards.FOLDER).iterdir() if not file.name.startswith("."))


def of_each(**fields: str) -> list[Card]:
    return [replace(golden_cards.made(layout), **fields) for layout in LAYOUTS]  # type: ignore[arg-type]


def test_cards_are_the_same_bytes_again_and_in_another_process(root: Path, tmp_path: Path) -> None:
    made = [*of_each(), card("stat", format="jpeg"), card("photo", format="jpeg")]
    first = [cards.render(each, root).sha256 for each in made]
    others = [project(tmp_path / name) for name in ("again", "aside")]
    assert [cards.render(each, others[0]).sha256 for each in made] == first
    program = (
        "import json, sys; from pathlib import Path; from scheduler import cards; from scheduler.model import Card\n"
        "for values in json.load(sys.stdin): print(cards.render(Card.from_values(values), Path(sys.argv[1])).sha256)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(others[1])],
        input=json.dumps([asdict(each) for each in made]),
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == first


def test_four_threads_draw_the_same_as_one(tmp_path: Path) -> None:
    made = of_each()
    alone, together = project(tmp_path / "alone"), project(tmp_path / "together")
    expected = [cards.render(each, alone) for each in made]
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(cards.render, each, together) for _ in range(4) for each in made]
    assert [run.result() for run in runs] == expected * 4
    assert shown(together) == sorted(Path(image.path).name for image in expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_known_cards_look_as_they_did(layout: str, root: Path, tmp_path: Path) -> None:
    known = json.loads(golden_cards.KNOWN.read_text(encoding="utf-8"))[layout]
    picture = composing.picture(golden_cards.made(layout), root)
    if golden_cards.pixels(picture) != known["pixels"]:
        seen = golden_cards.difference(layout, picture, tmp_path)
        mend = "If it is meant, raise cards.RENDERER and run: python -m tests.golden_cards"
        pytest.fail(f"The card {layout} is drawn otherwise: see {seen}. {mend}")


def test_a_card_drawn_otherwise_is_shown_beside_the_known_one(root: Path, tmp_path: Path) -> None:
    picture = composing.picture(golden_cards.made("stat"), root)
    mirrored = ImageOps.mirror(picture)
    assert golden_cards.pixels(mirrored) != golden_cards.pixels(picture)
    with Image.open(golden_cards.difference("stat", mirrored, tmp_path)) as seen:
        apart = seen.convert("L").crop((2 * golden_cards.SMALL + 40, 0, *seen.size))
    assert apart.getextrema() == (0, 255)


@pytest.mark.parametrize(
    "other",
    [
        {"layout": "date"}, {"width": 1200}, {"height": 1080}, {"format": "jpeg"}, {"campaign": "Another"},
        {"figure": "27.7 million"}, {"text": "Another."}, {"source": "Source: X"}, {"help": "Call 911"},
        {"theme": Theme(accent="#ffb84e")}, {"theme": Theme(figure_font="newsreader")}, {"theme": Theme(spacing=1.1)},
        {"theme": Theme(logo=LOGO)}, {"items": (Item("1", "one"),)}, {"by": "A survivor"}, {"myth": "A myth"},
        {"photo": Photo(PHOTO)}, {"lang": "es"}, {"title": "A title"}, {"alt": "An alt text"}, {"max_bytes": 500_000},
    ],
)  # fmt: skip
def test_whatever_is_drawn_or_written_changes_the_digest(other: dict[str, object], root: Path) -> None:
    made = card("stat")
    assert cards.digest(replace(made, **other), root) != cards.digest(made, root)  # type: ignore[arg-type]
    assert cards.digest(replace(made), root) == cards.digest(made, root)


def change(path: Path) -> None:
    """Another picture or font in the place of a file, as a person would put it there later."""
    if path.suffix == ".ttf":
        shutil.copyfile(fonts.FOLDER / "inter-latin.ttf", path)
    else:
        with Image.open(path) as picture:
            turned = ImageOps.flip(picture.crop((0, 0, picture.width, picture.height // 2)))
        turned.save(path)
    later = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))


@pytest.mark.parametrize("what", ["logo", "photo", "font"])
def test_a_changed_file_makes_another_card_at_once_and_not_only_another_name(what: str, tmp_path: Path) -> None:
    here, fresh = project(tmp_path / "here"), project(tmp_path / "fresh")
    font = "images/own.ttf"
    for folder in (here, fresh):
        shutil.copyfile(fonts.FOLDER / "newsreader-latin.ttf", folder / font)
    made = {
        "logo": card("stat", logo=LOGO),
        "photo": card("photo"),
        "font": card("stat", theme=Theme(text_font=font)),
    }[what]
    before = cards.render(made, here)
    for folder in (here, fresh):
        change(folder / {"logo": LOGO, "photo": PHOTO, "font": font}[what])
    after = cards.render(made, here)
    assert after.path != before.path
    assert after.sha256 != before.sha256
    assert after == cards.render(made, fresh)  # which never saw the file that was there before


# Files that are kept


def test_the_image_says_what_was_written(tmp_path: Path) -> None:
    made = card("stat")
    image = cards.render(made, tmp_path)
    packed = (tmp_path / image.path).read_bytes()
    assert image.path == f"images/cards/{cards.digest(made, tmp_path)}.png"
    assert image.sha256 == hashlib.sha256(packed).hexdigest()
    assert (image.size, image.mime, image.width, image.height) == (len(packed), "image/png", 1080, 1350)
    assert (image.alt, image.card) == ("", made)
    assert shown(tmp_path) == [Path(image.path).name]
    with Image.open(BytesIO(packed)) as drawn:
        assert drawn.convert("RGB").tobytes() == cards.picture(made, tmp_path).tobytes()


@pytest.mark.parametrize("size", CARD_SIZES)
def test_a_jpeg_keeps_its_colours_sharp_and_within_its_bytes(size: str, tmp_path: Path) -> None:
    image = cards.render(card("share", size, format="jpeg", max_bytes=200_000), tmp_path)
    assert image.path.endswith(".jpg")
    assert image.size <= 200_000
    with Image.open(tmp_path / image.path) as picture:
        assert isinstance(picture, JpegImagePlugin.JpegImageFile)
        assert JpegImagePlugin.get_sampling(picture) == 0  # 4:4:4
        assert "exif" not in picture.info


DAMAGE = ["gone", "empty", "cut", "another picture", "no picture", "a byte turned", "zeros in its middle"]


@pytest.mark.parametrize("file_format", ["png", "jpeg"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_card_is_drawn_again(damage: str, file_format: str, tmp_path: Path) -> None:
    made = card("stat", format=file_format)
    image = cards.render(made, tmp_path)
    file = tmp_path / image.path
    whole = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "another picture":
        Image.new("RGB", (10, 10)).save(file, file_format)
    else:
        middle = len(whole) // 2
        turned = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
        zeroed = whole[:middle] + bytes(64) + whole[middle + 64 :]
        damaged = {"empty": b"", "cut": whole[:middle], "no picture": b"x" * 999, "a byte turned": turned}
        file.write_bytes({**damaged, "zeros in its middle": zeroed}[damage])
    assert cards.render(made, tmp_path) == image
    assert file.read_bytes() == whole


def test_a_card_whose_sum_is_lost_or_torn_is_drawn_again(tmp_path: Path) -> None:
    made = card("stat")
    image = cards.render(made, tmp_path)
    file = tmp_path / image.path
    whole = file.read_bytes()
    (aside,) = (each for each in file.parent.iterdir() if each != file)
    said = aside.read_bytes()
    for torn in (None, b"", said[:20]):
        aside.unlink() if torn is None else aside.write_bytes(torn)
        Image.new("RGB", (1080, 1350)).save(file)  # right in size and kind, and not this card
        assert cards.render(made, tmp_path) == image
        assert (file.read_bytes(), aside.read_bytes()) == (whole, said)


def test_a_photo_that_changes_while_it_is_drawn_never_becomes_the_card_of_another(tmp_path: Path) -> None:
    here, fresh = project(tmp_path / "here"), project(tmp_path / "fresh")
    made, done = card("photo"), threading.Event()
    one = (here / PHOTO).read_bytes()
    change(here / PHOTO)
    two = (here / PHOTO).read_bytes()

    def swap() -> None:
        for number in count():
            (here / "images/next").write_bytes((one, two)[number % 2])
            os.utime(here / "images/next", ns=(0, number * 1_000_000_000))
            (here / "images/next").replace(here / PHOTO)
            if done.wait(0.002):
                return

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for number in range(3):
            with contextlib.suppress(CardError):  # it says so, or has met a quiet moment
                cards.render(replace(made, figure=f"{number}"), here)
    finally:
        done.set()
        swapping.join()
    for photo in (one, two):
        for folder in (here, fresh):
            (folder / PHOTO).write_bytes(photo)
        for number in range(3):
            wanted = replace(made, figure=f"{number}")
            assert cards.render(wanted, here) == cards.render(wanted, fresh)


def shows(what: str, name: str) -> Card:
    """A card with that file as its photo, its logo or its font."""
    if what == "photo":
        return card("photo", photo=Photo(name))
    return card("stat", theme=Theme(logo=name) if what == "logo" else Theme(text_font=name))


@pytest.mark.parametrize("what", ["photo", "logo", "font"])
def test_a_file_put_in_the_place_of_another_with_its_time_is_another(what: str, tmp_path: Path) -> None:
    here, fresh = project(tmp_path / "here"), project(tmp_path / "fresh")
    name = {"photo": PHOTO, "logo": LOGO, "font": "images/own.ttf"}[what]
    for folder in (here, fresh):
        shutil.copyfile(fonts.FOLDER / "newsreader-latin.ttf", folder / "images/own.ttf")
    made = shows(what, name)
    before = cards.render(made, here)
    old = (here / name).stat()
    for folder in (here, fresh):
        change(folder / name)
        os.utime(folder / name, ns=(old.st_atime_ns, old.st_mtime_ns))
    after = cards.render(made, here)
    assert after.sha256 != before.sha256
    assert after == cards.render(made, fresh)


@pytest.mark.parametrize("what", ["photo", "logo", "font"])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("a pipe", "There is no file"), ("a folder", "There is no file"), ("a NUL in its name", "There is no file"),
        ("a link to a device", "is not in the folder images/"), ("a link outside", "is not in the folder images/"),
        ("too large", "70 MB, and it may have at most 60. Save it smaller."),
    ],
)  # fmt: skip
def test_a_file_is_judged_before_it_is_read(what: str, kind: str, said: str, tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    name = "images/a\0.ttf" if kind == "a NUL in its name" else "images/a.ttf"
    if kind == "a pipe":
        os.mkfifo(root / name)
    elif kind == "a folder":
        (root / name).mkdir()
    elif kind == "a link to a device":
        (root / name).symlink_to("/dev/null")  # as good as /dev/zero, and it has an end
    elif kind == "a link outside":
        shutil.copyfile(fonts.FOLDER / "inter-latin.ttf" if what == "font" else root / LOGO, tmp_path / "outside")
        (root / name).symlink_to(tmp_path / "outside")
    elif kind == "too large":
        with (root / name).open("wb") as file:
            file.truncate(70_000_000)
    for draw in (cards.digest, cards.render, cards.picture):
        with pytest.raises(CardError, match=re.escape(said)):
            draw(shows(what, name), root)


def test_a_card_that_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    file = tmp_path / cards.render(card("stat"), tmp_path).path
    before = file.stat()
    cards.render(card("stat"), tmp_path)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"layout": "poster"}, "no card layout “poster”. The layouts are: stat"),
        ({"layout": "../stat"}, "no card layout"),
        ({"format": "gif"}, "a png or a jpeg, not “gif”"),
        ({"width": 100_000}, "would be 100000 × 1350"),
        ({"figure": " ", "text": ""}, "neither a figure nor a text"),
        ({"max_bytes": 2_000}, "more than the 2,000 allowed"),
        ({"theme": Theme(logo="images/none.png")}, "There is no file images/none.png"),
        ({"theme": Theme(text_font="images/none.ttf")}, "There is no file images/none.ttf"),
        ({"theme": Theme(text_font="comic")}, "no font family “comic”"),
        ({"layout": "photo", "photo": Photo("images/none.jpg")}, "There is no file images/none.jpg"),
        ({"layout": "photo", "photo": Photo("images/../../secret.png")}, "secret.png"),
        ({"layout": "photo"}, "no photo"),
    ],
)
def test_a_card_that_cannot_be_is_refused(other: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=re.escape(said)):
        cards.render(replace(card("stat"), **other), tmp_path)  # type: ignore[arg-type]
    assert not list(tmp_path.rglob("*.png"))


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where the folder should be")
    with pytest.raises(CardNotSaved, match="could not be saved in images/cards"):
        cards.render(card("stat"), tmp_path)


def test_a_digest_loads_no_picture_library() -> None:
    program = "import sys, scheduler.cards; print(sorted({'PIL', 'uharfbuzz', 'isal', 'bidi'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
