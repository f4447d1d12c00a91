from __future__ import annotations

import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import bidi  # type: ignore[import-untyped]
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.cards import direction, fonts
from scheduler.cards.shaping import Glyph, Line, Style, drop, face, rise, shape
from scheduler.cards.typography import smart
from scheduler.errors import CardError

SERIF = Style("newsreader", (("opsz", 40), ("wght", 450)))
SANS = Style("inter", (("wght", 600),))
FIGURE = Style("bricolage", (("opsz", 96), ("wght", 800)), -0.02)
STYLES = pytest.mark.parametrize("style", [SERIF, SANS, FIGURE], ids=lambda style: style.family)
FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def files(line: Line) -> set[str]:
    """The font files that a line is set in."""
    found = set()
    for family in fonts.CHAINS:
        for place, path in enumerate(fonts.chain(family)):
            for style in (SERIF, SANS, FIGURE):
                if fonts.opened(family, style.axes, place, 0).number in {glyph.font for glyph in line.glyphs}:
                    found.add(path.stem)
    return found


@STYLES
@pytest.mark.parametrize(
    "text",
    [
        "Force, fraud or coercion – “27.6 million”",
        "¿Sabía usted? Niñas y niños: ¡llame ya!",
        "Łódź, Dvořák, Çeşme",
        "Nạn buôn bán người: cưỡng bức lao động",
        "Торгівля людьми – злочин. Ґ",
        "في أي يوم من أيام عام 2021 كان 27.6 مليون شخص (ILO)، «نعم»؟",
        "می‌خواهم",
        "मानव तस्करी एक अपराध है। क्षत्रिय",
        "Help is near 🤝🏽 ☎️ 🌍 🇲🇽 1️⃣ 🏳️‍🌈 👨‍👩‍👧‍👦",
    ],
)
def test_no_script_of_ours_shows_a_box(style: Style, text: str) -> None:
    line = shape(text, style)
    assert line.glyphs
    assert all(glyph.number for glyph in line.glyphs)
    assert line.width > 0
    assert line.ink.left < line.ink.right
    assert line.ink.top < 0


@STYLES
@pytest.mark.parametrize("cluster", ["漢", "ก", "\uf8ff", "\ufffd", "Z\u0489", "\U0010ffff", "\x07"])
def test_a_character_that_no_font_has_is_named(style: Style, cluster: str) -> None:
    with pytest.raises(CardError, match=f"The card's fonts have no .*U\\+{ord(cluster[-1]):04X}.* Take it out"):
        shape(f"Words {cluster} and more", style)


def test_what_is_named_is_what_a_person_sees() -> None:
    with pytest.raises(CardError) as caught:
        shape("漢", SERIF)
    assert caught.value.text == (
        "The card's fonts have no “漢” (U+6F22, Cjk unified ideograph-6f22). Take it out of the card's text."
    )
    with pytest.raises(CardError, match="have no character U\\+0007, which is not for print"):
        shape("a\x07b", SERIF)


@given(st.text(max_size=12))
@example("")
@example("\u200d")
@example("\u0301")
@example("\u202e\u2066")
@example("(\u0627)")
def test_any_text_is_a_line_or_a_sentence(text: str) -> None:
    try:
        line = shape(text, SERIF)
    except CardError:
        return
    assert all(glyph.number for glyph in line.glyphs)


def test_what_has_no_picture_takes_no_room() -> None:
    hidden = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f\u00ad\u034f"
    for style in (SERIF, SANS, FIGURE):
        assert shape(f"a{hidden}b", Style(style.family)).width == pytest.approx(shape("ab", Style(style.family)).width)


def test_line_ends_inside_a_line_are_spaces() -> None:
    assert shape("one\ntwo\tthree", SERIF).glyphs == shape("one two three", SERIF).glyphs


def test_a_letter_and_its_accent_are_one_however_typed() -> None:
    assert shape("e\u0301", SERIF).glyphs == shape("é", SERIF).glyphs


def test_marks_ten_deep_are_within_the_ink() -> None:
    deep = shape("e" + "\u0323\u0308\u0301" * 4, SANS)
    assert deep.ink.top < shape("e", SANS).ink.top
    assert deep.ink.bottom > shape("e", SANS).ink.bottom
    assert len(shape("A" + "\u0301" * 300, SANS).glyphs) > 100


def test_pairs_are_kerned_and_features_are_used() -> None:
    assert shape("AV", SANS).width < shape("A", SANS).width + shape("V", SANS).width
    tabular = Style("inter", (), 0.0, ("tnum",))
    assert shape("1111", tabular).width == pytest.approx(shape("8888", tabular).width)
    assert shape("1111", SANS).width < shape("8888", SANS).width


def test_axes_are_kept_within_what_a_font_has() -> None:
    heavy, heaviest = Style("inter", (("wght", 900),)), Style("inter", (("wght", 4000), ("XXXX", 1)))
    assert shape("Weight", heavy).width == shape("Weight", heaviest).width
    assert shape("Weight", heavy).width != shape("Weight", Style("inter", (("wght", 300),))).width
    assert shape("خط", heavy).width != shape("خط", Style("inter", (("wght", 300),))).width


def test_tracking_stands_between_letters_and_not_after_them() -> None:
    apart = Style("inter", (), 0.1)
    assert shape("ABC", apart).width == pytest.approx(shape("ABC", Style("inter")).width + 0.2)
    assert shape("e\u0323\u0308\u0301", apart).width == pytest.approx(shape("e", Style("inter")).width, abs=0.05)


@pytest.mark.parametrize("text", ["العربية", "हिन्दी"])
def test_letters_that_join_are_never_set_apart(text: str) -> None:
    assert shape(text, Style("inter", (), 0.2)).width == shape(text, Style("inter")).width


def test_a_serif_family_stays_serif_in_other_scripts() -> None:
    assert files(shape("خط नाम", SERIF)) == {"naskh-arabic", "serif-devanagari"}
    assert files(shape("خط नाम a", SANS)) == {"inter-latin", "sans-arabic", "sans-devanagari"}


def test_an_emoji_of_several_characters_is_one_picture() -> None:
    for text in (FAMILY, "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}", "🇺🇸", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"):
        line = shape(text, SERIF)
        assert files(line) == {"emoji"}
        assert line.width == pytest.approx(shape("🙂", SERIF).width)
    assert files(shape("1\ufe0f\u20e3", SERIF)) == {"emoji"}
    assert files(shape("1", SERIF)) == {"newsreader-latin"}
    assert files(shape("©", SERIF)) == {"newsreader-latin"}


def test_arabic_letters_join_and_are_read_from_the_right() -> None:
    line = shape("سلام", SERIF)
    assert line.rtl
    assert line.width < sum(shape(char, SERIF).width for char in "سلام")
    first, last = shape("س", SERIF).glyphs[0].font, line.glyphs[0]
    assert last.font == first
    assert [glyph.x for glyph in line.glyphs] == sorted(glyph.x for glyph in line.glyphs)


def test_a_number_in_arabic_is_read_from_the_left() -> None:
    line = shape("عام 2021", SERIF)
    digits = shape("2021", SERIF).glyphs
    assert line.rtl
    assert [glyph.number for glyph in line.glyphs[:4]] == [glyph.number for glyph in digits]


def test_latin_in_arabic_keeps_its_brackets() -> None:
    line = shape("منظمة (ILO) 2021", SERIF)
    shown = [glyph.number for glyph in shape("2021 (ILO)", SERIF).glyphs]
    assert [glyph.number for glyph in line.glyphs][: len(shown)] == shown


def test_a_line_that_begins_with_latin_can_still_run_from_the_right() -> None:
    lines = direction.kept(("في عام", "(ILO) 2021", "نعم"), "في عام (ILO) 2021 نعم")
    assert [shape(line, SANS).rtl for line in lines] == [True, True, True]
    lines = direction.kept(("Say سلام", "سلام again"), "Say سلام سلام again")
    assert [shape(line, SANS).rtl for line in lines] == [False, False]


def test_an_empty_line_is_nothing() -> None:
    line = shape("", SERIF)
    assert (line.glyphs, line.width, line.rtl) == ((), 0.0, False)
    assert line.ink == (0.0, 0.0, 0.0, 0.0)


def test_the_ink_is_measured_from_the_baseline_downwards() -> None:
    assert shape("x", SANS).ink.bottom == pytest.approx(0, abs=0.02)
    assert shape("H", SANS).ink.top == pytest.approx(-rise(SANS))
    assert 0.6 < rise(SANS) < 0.8
    assert 0.15 < drop(SANS) < 0.35
    assert shape("g", SANS).ink.bottom <= drop(SANS)


def test_a_glyph_names_the_font_it_is_drawn_from() -> None:
    glyph = shape("H", SANS).glyphs[0]
    assert isinstance(glyph, Glyph)
    assert face(glyph.font).get_glyph_extents(glyph.number).y_bearing > 0


LETTERS = "aZ5 0.,:!-+%$()[]{}<>'\"اببت־שם١٢،؟\u0301\u064b🙂"


@given(st.text(LETTERS, max_size=14))
@example("منظمة (ILO) 2021")
@example("a(ש)b [ש(a]5)")
@example("abc (שלום)!")
def test_the_order_that_is_seen_is_that_of_another_reading_of_the_standard(text: str) -> None:
    base, levels = direction.levels(text)
    seen = "".join(text[at] for at in direction.visual(levels))
    assert seen == bidi.get_display(text)
    assert (base == 1) == direction.from_right(text)


def test_marks_and_isolates_change_the_way() -> None:
    assert [level % 2 for level in direction.levels("a\u2067b!\u2069c")[1]] == [0, 0, 0, 1, 1, 0]
    assert direction.levels("\u2068שa\u2069")[1][1] % 2 == 1
    assert direction.levels("\u200f12")[0] == 1


def test_brackets_sixty_deep_are_taken_as_they_come() -> None:
    assert len(direction.levels("ש" + "(" * 80 + "a" + ")" * 80)[1]) == 162


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """A font file of a project's own."""
    return Path(shutil.copy(fonts.FOLDER / "inter-latin.ttf", tmp_path / "brand.ttf"))


def test_a_projects_own_font_is_used_and_inter_helps_it_out(brand: Path) -> None:
    own = Style(str(brand))
    assert shape("Words", own).width == shape("Words", Style("inter")).width
    assert shape("Words", own).glyphs[0].font != shape("Words", Style("inter")).glyphs[0].font
    assert all(glyph.number for glyph in shape("Łódź سلام 🙂", own).glyphs)


@pytest.mark.parametrize("damage", ["empty", "cut", "no font", "no letters", "gone"])
def test_a_damaged_font_is_a_sentence(brand: Path, damage: str) -> None:
    whole = brand.read_bytes()
    brand.write_bytes({"empty": b"", "cut": whole[:90_000], "no font": b"x" * 9999}.get(damage, whole))
    if damage == "no letters":
        brand.write_bytes(whole.replace(b"glyf", b"xxxx"))
    elif damage == "gone":
        brand.unlink()
    with pytest.raises(CardError, match=r"The font file “brand\.ttf” (is damaged|cannot be read)"):
        shape("Words", Style(str(brand)))


def test_a_family_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(CardError, match=r"no font family “helvetica”\. Use inter, bricolage, newsreader, or the path"):
        shape("Words", Style("helvetica"))


def test_a_card_in_english_opens_no_other_script() -> None:
    program = (
        "from scheduler.cards import fonts\n"
        "from scheduler.cards.shaping import Style, rise, shape\n"
        "style = Style('newsreader'); rise(style); shape('Force, fraud – “coercion”', style, 'en')\n"
        "import sys; print(fonts._load.cache_info().currsize, 'bidi' in sys.modules, 'PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"]


def test_each_font_ships_with_its_licence() -> None:
    for path in fonts.FOLDER.glob("*.ttf"):
        licences = [path.stem, path.stem.split("-")[0]]
        assert any((fonts.FOLDER / f"OFL-{name}.txt").exists() for name in licences), path.name
    assert {path for family in fonts.CHAINS for path in fonts.chain(family)} == set(fonts.FOLDER.glob("*.ttf"))


@pytest.mark.parametrize(
    ("typed", "lang", "set_"),
    [
        ("don't \"quote 'this' now\", it's the '90s", "en", "don’t “quote ‘this’ now”, it’s the ’90s"),
        ("Dijo: \"ayuda\" -- y '¿cuándo?'", "es", "Dijo: “ayuda” — y ‘¿cuándo?’"),
        ('"¿Qué?"', "es", "“¿Qué?”"),
        ("“right ‘already’” — yes…", "en", "“right ‘already’” — yes…"),
        ("dogs' tails, rock 'n' roll", "en", "dogs’ tails, rock ‘n’ roll"),
        ("5'10\" tall", "en", "5'10\" tall"),
        ('منظمة "الأمل"', "ar", "منظمة «الأمل»"),
        ("2019-2021, 2020-21, ages 12-17, 10%-15%", "en", "2019–2021, 2020–21, ages 12–17, 10%–15%"),
        (
            "2020-11, 2027-01-09, 24-7, 50-50, COVID-19, 2021-2019",
            "en",
            "2020-11, 2027-01-09, 24-7, 50-50, COVID-19, 2021-2019",
        ),
        (
            "January 2020-August 2022, enero de 2020-agosto de 2022, May 2020-11, 1-888-373-7888",
            "en",
            "January 2020–August 2022, enero de 2020–agosto de 2022, May 2020-11, 1-888-373-7888",
        ),
        ("wait... here -- word - word", "en", "wait… here — word – word"),
        ("https://a.org/\"b--c'...d x-y.org/2019-2021", "en", "https://a.org/\"b--c'...d x-y.org/2019-2021"),
    ],
)
def test_marks_are_set_as_a_printer_would(typed: str, lang: str, set_: str) -> None:
    assert smart(typed, lang) == set_


@pytest.mark.parametrize(
    ("typed", "tied"),
    [
        ("27.6 million people", "27.6~million people"),
        ("27,6 millones de personas", "27,6~millones de personas"),
        ("44 % of them, US$ 5, § 1591, 9 a.m. to 5 p.m.", "44~% of them, US$~5, §~1591, 9~a.m. to 5~p.m."),
        ("el 10 de enero", "el 10~de enero"),
        ("1 de cada 6", "1~de~cada~6"),
        ("1 in 6, 3 out of 4", "1~in~6, 3~out~of~4"),
        ("27.6 مليون", "27.6~مليون"),
        ("in 2021 in 50 states", "in 2021 in 50 states"),
    ],
)
def test_a_figure_is_tied_to_what_it_counts(typed: str, tied: str) -> None:
    assert smart(typed).replace("\N{NO-BREAK SPACE}", "~") == tied


@pytest.mark.parametrize(
    "number",
    [
        "1-888-373-7888",
        "314-531-7273",
        "373-7888",
        "(314) 531-7273",
        "9-1-1",
        "+1 888 373 7888",
        "800-5533-000",
        "988",
        "+502 2015-2019",
        "55 12-34 56-78",
        "12-34 56",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Call {}.", "Call {} or {}!", "{}-{}"])
def test_a_telephone_number_is_never_touched(number: str, around: str) -> None:
    text = around.replace("{}", number)
    assert smart(text) == text


TYPED = st.text("aZñé09 5.,-–—'\"“’()…%$:/@\u00a0اب", max_size=30) | st.text(max_size=12)


@given(TYPED, st.sampled_from(["", "en", "es", "ar"]))
@example("1 in 6", "en")
@example("2019-2021", "en")
def test_no_letter_and_no_digit_is_ever_changed(typed: str, lang: str) -> None:
    def kept(text: str) -> list[str]:
        return [char for char in text if unicodedata.category(char)[0] in "LNM"]

    done = smart(typed, lang)
    assert kept(done) == kept(typed)
    assert regex.findall(r"[^-–—'\"“”‘’«».…\s]", done) == regex.findall(r"[^-–—'\"“”‘’«».…\s]", typed)


@given(TYPED, st.sampled_from(["", "en", "es", "ar"]))
def test_what_is_set_well_stays_as_it_is(typed: str, lang: str) -> None:
    once = smart(typed, lang)
    assert smart(once, lang) == once
