from __future__ import annotations

from itertools import combinations, pairwise

import pytest
import regex
from hypothesis import assume, example, given
from hypothesis import strategies as st
from uniseg.linebreak import line_break_boundaries  # type: ignore[import-untyped]

from scheduler.cards import wrapping
from scheduler.cards.breaking import opportunities, standard
from scheduler.cards.endings import LONE, endings, roughness
from scheduler.cards.shaping import Style, rise, shape
from scheduler.cards.typography import smart

SERIF = Style("newsreader", (("opsz", 40), ("wght", 450)))
SENTENCE = "of the young people who ran away and were reported missing were likely victims of child sex trafficking."
CASES = [
    "Hello, world. (One) two [three]; four: five! six?",
    "“Quoted” ‘words’ – and—dashes, “(nested)”",
    "1-888-373-7888 24/7 $5.00 (314) 531-7273 2027-01-09 44% US$5 €5 5€ 1,234.5 .5",
    "¿Qué? ¡No! 27.6 millones — «sí»",
    "https://a.org/b-c/d?e=f&g and help@polarisproject.org",
    "مرحبا بالعالم. (ILO) 2021؟ نعم، لا",
    "मानव तस्करी एक अपराध है।",
    "漢字かな交じり文。「引用」ょ。ー々…",
    "👩‍👧 🇺🇸🇲🇽🇨🇦 👍🏽 ok ❤️!",
    "and/or two-thirds T-visa -1 re-‐read",
    "a\u00a0b c\u2060d e\u200bf g\u00adh i\u202fj",
    "שלום-עולם ש/ש",
    "한국어 텍스트 각",
    "... … a…b 5…6",
    "a\nb\r\nc\u2028d",
    "ᬅ᭄ᬓ ◌᭄",
]
LETTERS = (
    "aZé5 0 ,.;:!?¿¡'\"“”‘’«»()[]{}-–—‐/%$€#&@*+=…\n\u00a0\u2060\u200b\u200d\u0301\u0308\u00ad漢字かなカ。、「」ー々"
    "ا بת־한ก🙂👍🏽🇺🇸ह्कि◌\u2009\t°№½~|\\^_`<>•§¶†‰′″™©"
)


def count(text: str) -> float:
    return float(len(text))


def width(text: str) -> float:
    return shape(text, SERIF).width


def oracle(text: str) -> tuple[int, ...]:
    return tuple(place for place in line_break_boundaries(text) if 0 < place < len(text))


@pytest.mark.parametrize("text", CASES)
def test_lines_break_as_unicode_says(text: str) -> None:
    assert standard(text) == oracle(text)


@given(st.text(LETTERS, max_size=12))
def test_lines_break_as_unicode_says_in_any_text(text: str) -> None:
    assume(not regex.search(r"[”’»]\p{M}|[”’»]\u200d", text))  # the other reading forgets the mark on a quote
    assert standard(text) == oracle(text)


@given(st.text(LETTERS, max_size=20))
@example("a — b")
def test_a_card_breaks_only_where_unicode_allows(text: str) -> None:
    assert set(opportunities(text)) <= set(standard(text))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Call (314) 531-7273 now", ["Call", "(314) 531-7273", "now"]),
        ("Call +1 888 373 7888 now", ["Call", "+1 888 373 7888", "now"]),
        ("1-888-373-7888, 24/7", ["1-888-373-7888,", "24/7"]),
        ("see humantraffickinghotline.org/get-help now", ["see", "humantraffickinghotline.org/", "get-help", "now"]),
        ("a passport — call", ["a", "passport —", "call"]),
        ("yes—no", ["yes—", "no"]),
        ("la niña —dijo— está", ["la", "niña", "—dijo—", "está"]),
        ("un\u00adbroken zero\u200bwidth", ["un\u00adbroken", "zero", "width"]),
        ("27.6\N{NO-BREAK SPACE}million people", ["27.6\N{NO-BREAK SPACE}million", "people"]),
        ("two-thirds and/or", ["two-", "thirds", "and/", "or"]),
        ("  spaced \n out\t", ["spaced", "out"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_what_stays_together_on_a_card(text: str, pieces: list[str]) -> None:
    assert list(wrapping.words(text)) == pieces


def test_a_figure_never_parts_from_its_unit() -> None:
    for typed in ("27.6 million", "44 %", "US$ 5", "1 in 6", "1 de cada 6", "3 out of 4"):
        assert list(wrapping.words(f"some {smart(typed)} people")) == ["some", smart(typed), "people"]


def test_lines_are_balanced_and_no_word_is_lost() -> None:
    text = "of the young people who ran away were likely victims of child sex trafficking"
    lines = wrapping.balance(text, 3, 40, count)
    assert lines == ("of the young people who ran", "away were likely victims", "of child sex trafficking")


def test_a_number_stays_with_what_it_counts() -> None:
    lines = wrapping.balance("In that year alone 272 cases were found", 2, 30, count)
    assert lines
    assert not lines[0].endswith("272")


def fitted(text: str, wide: float, high: float, most: float = 110) -> list[str]:
    found = wrapping.fit(smart(text), SERIF, "en", wide, high, 30, most, 1.15)
    assert found
    return list(found.lines)


@pytest.mark.parametrize("number", ["13", "1,656", "$5,000", "44%", "27.6"])
def test_a_number_is_seldom_parted_from_its_noun(number: str) -> None:
    text = f"of the young people in a study of {number} cities in the United States that year"
    settings = [fitted(text, wide, 500) for wide in range(500, 1000, 20)]
    assert sum(any(line.endswith(f" {number}") for line in lines) for lines in settings) <= 2


def test_a_year_counts_nothing_and_may_end_a_line() -> None:
    costs, _ = endings(("in", "2021", "people", "2022,", "or", "13", "more"), (" ",) * 6 + ("",))
    assert costs[1] == 0
    assert costs[3] < 0 < costs[5]


@pytest.mark.parametrize(
    ("said", "wide"),
    [
        ("can be the most / dangerous time, / so safety planning matters.", 30),
        ("Researchers find / no good evidence / of a surge. / Trafficking / happens all year.", 20),
        ("Most traffickers use / tricks, lies, threats / or emotional pressure.", 24),
        ("It includes threats, / misuse of the law, / or any plan that makes / someone fear harm.", 24),
    ],
)
def test_lines_end_where_the_sense_does(said: str, wide: float) -> None:
    lines = tuple(said.split(" / "))
    assert wrapping.balance(" ".join(lines), len(lines), wide, count) == lines


def test_a_sentence_does_not_begin_with_its_first_word_at_a_line_s_end() -> None:
    text = "It does not need force. Coercion is enough, and a debt or a threat may be all it takes."
    for wide in range(500, 1000, 20):
        assert not any(line.endswith("force. Coercion") for line in fitted(text, wide, 600))


def test_a_break_after_a_word_of_a_list_is_no_pause() -> None:
    pieces = ("tricks,", "lies,", "threats", "or", "pressure,", "says", "Polaris")
    costs, _ = endings(pieces, (" ",) * 6 + ("",))
    assert costs[0] > 0
    assert costs[1] > 0
    assert costs[4] < 0


def test_initials_end_no_sentence() -> None:
    costs, _ = endings(("the", "U.S.", "Department", "of", "State"), (" ",) * 4 + ("",))
    assert costs[1] == costs[2] == 0


def test_of_two_settings_that_which_follows_the_sense_is_less_rough() -> None:
    well = ("Researchers find", "no good evidence", "of a surge.", "Trafficking", "happens all year.")
    badly = ("Researchers find no", "good evidence of a", "surge. Trafficking", "happens all year.")
    assert roughness(well) < 0 < roughness(badly)


@given(
    st.lists(st.sampled_from(["a", "of", "word", "longer,", "end.", "1,656", "something"]), min_size=2, max_size=9),
    st.integers(10, 40),
)
def test_no_other_division_is_better(parts: list[str], wide: int) -> None:
    text = " ".join(parts)
    needed = wrapping.fewest(text, wide, count)
    assert needed
    found = wrapping.balance(text, needed, wide, count)
    assert found
    narrowest = min(max(map(len, lines)) for lines in divisions(parts, needed))
    fitting = [
        lines
        for lines in divisions(parts, needed)
        if max(map(len, lines)) <= min(wide, narrowest * wrapping.ROOM + 1e-6)
    ]
    assert priced(found, narrowest) == pytest.approx(min(priced(lines, narrowest) for lines in fitting))


def divisions(parts: list[str], lines: int) -> list[tuple[str, ...]]:
    """Each way to set the words on so many lines."""
    cuts = combinations(range(1, len(parts)), lines - 1)
    return [tuple(" ".join(parts[a:b]) for a, b in pairwise((0, *inner, len(parts)))) for inner in cuts]


def priced(lines: tuple[str, ...], narrowest: float) -> float:
    slack = [(1 - len(line) / narrowest) ** 2 for line in lines]
    lone = LONE if len(lines) > 1 and " " not in lines[-1] else 0.0
    return sum(slack[:-1]) + slack[-1] * wrapping.LAST + roughness(lines) * len(lines) + lone


def test_a_no_break_space_is_never_broken() -> None:
    lines = wrapping.balance("one 27.6\N{NO-BREAK SPACE}million two", 3, 20, count)
    assert lines == ("one", "27.6\N{NO-BREAK SPACE}million", "two")


def test_one_word_is_not_left_alone_on_the_last_line() -> None:
    lines = wrapping.balance("Never give up your passport to anyone who asks", 3, 24, count)
    assert lines
    assert len(lines[-1].split()) > 1


@pytest.mark.parametrize("short", ["a", "of", "in", "de", "la", "y"])
def test_a_short_word_does_not_hang_at_the_end_of_a_line(short: str) -> None:
    lines = wrapping.balance(f"these were the words {short} somebody said once", 2, 30, count)
    assert lines
    assert not lines[0].endswith(f" {short}")


def test_a_word_is_not_parted_at_its_hyphen_when_it_need_not_be() -> None:
    lines = wrapping.balance("about two-thirds of the survivors we know", 2, 30, count)
    assert lines
    assert "two-thirds" in " ".join(lines)


def test_a_hyphenated_word_that_is_too_long_is_parted_without_loss() -> None:
    assert wrapping.balance("non-governmental", 2, 12, count) == ("non-", "governmental")


@pytest.mark.parametrize(
    ("text", "lines", "width"), [("", 1, 10), ("word", 2, 10), ("unbreakable", 1, 5), ("a b", 0, 9)]
)
def test_what_cannot_be_broken_into_such_lines_is_none(text: str, lines: int, width: float) -> None:
    assert wrapping.balance(text, lines, width, count) is None


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=14), st.integers(9, 40))
def test_the_fewest_lines_are_as_many_as_are_needed(parts: list[str], wide: int) -> None:
    text = " ".join(parts)
    needed = wrapping.fewest(text, wide, count)
    assert needed
    lines = wrapping.balance(text, needed, wide, count)
    assert lines
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= wide
    assert needed == 1 or wrapping.balance(text, needed - 1, wide, count) is None


def test_a_word_too_wide_has_no_number_of_lines() -> None:
    assert wrapping.fewest("an unbreakable word", 6, count) is None
    assert wrapping.fewest("", 6, count) == 1


def test_each_piece_is_measured_once() -> None:
    asked: list[str] = []

    def measure(text: str) -> float:
        asked.append(text)
        return float(len(text))

    wrapping.balance("the day and the night and the day", 3, 15, measure)
    pieces = [text for text in asked if text not in ("n n", "n")]
    assert sorted(pieces) == ["and", "day", "night", "the"]


@given(
    st.lists(st.sampled_from([*SENTENCE.split(), "1-888-373-7888", "27.6\u00a0million", "سلام", "–"]), max_size=30),
    st.floats(150, 1200),
    st.floats(30, 1000),
)
def test_what_is_fitted_is_whole_and_within_its_box(parts: list[str], wide: float, high: float) -> None:
    text = " ".join(parts)
    fitted = wrapping.fit(text, SERIF, "en", wide, high, 24, 90, 1.2)
    if fitted is None:
        return
    assert 23.5 <= fitted.size <= 90
    assert (fitted.size * 2).is_integer()
    shown = " ".join(line.strip("\u200e\u200f") for line in fitted.lines)
    assert shown == text
    assert all(width(line) * fitted.size <= wide + 1e-6 for line in fitted.lines)
    tall = fitted.size * (rise(SERIF) + (len(fitted.lines) - 1) * 1.2)
    assert not text or tall <= high + 1e-6


@given(st.floats(200, 1200), st.floats(40, 700))
def test_what_does_not_fit_has_no_room_at_the_least_size(wide: float, high: float) -> None:
    if wrapping.fit(SENTENCE, SERIF, "en", wide, high, 30, 90, 1.2):
        return
    needed = wrapping.fewest(SENTENCE, wide / 30, width)
    assert needed is None or 30 * (rise(SERIF) + (needed - 1) * 1.2) > high - 1


def test_type_is_as_large_as_it_can_be() -> None:
    roomy = wrapping.fit(SENTENCE, SERIF, "en", 900, 2000, 20, 300, 1.2)
    assert roomy
    larger = roomy.size * 1.12
    needed = wrapping.fewest(SENTENCE, 900 / larger, width)
    assert needed is None or larger * (rise(SERIF) + (needed - 1) * 1.2) > 2000


def test_no_more_lines_than_are_asked_for() -> None:
    fitted = wrapping.fit(SENTENCE, SERIF, "en", 900, 900, 10, 90, 1.2, 2)
    assert fitted
    assert len(fitted.lines) == 2
    assert wrapping.fit(SENTENCE, SERIF, "en", 900, 900, 60, 90, 1.2, 2) is None


def test_an_unbreakable_word_shrinks_or_is_refused_but_never_cut() -> None:
    word = "W" * 80
    fitted = wrapping.fit(word, SERIF, "en", 1000, 500, 5, 60, 1.2)
    assert fitted
    assert fitted.lines == (word,)
    assert wrapping.fit(word, SERIF, "en", 1000, 500, 24, 60, 1.2) is None


def test_nothing_is_fitted_as_nothing() -> None:
    assert wrapping.fit(" \n", SERIF, "en", 900, 10, 24, 60, 1.2) == wrapping.Fitted((), 60)


def test_arabic_lines_are_read_from_the_right_whatever_they_begin_with() -> None:
    text = "في أي يوم من أيام عام 2021 كان 27.6 مليون شخص يعملون قسراً (ILO) وفقاً للتقديرات"
    for wide in range(300, 900, 50):
        fitted = wrapping.fit(text, SERIF, "ar", wide, 900, 40, 40, 1.3)
        assert fitted
        assert all(shape(line, SERIF, "ar").rtl for line in fitted.lines)


def test_chinese_breaks_between_its_signs_and_not_before_a_stop() -> None:
    lines = wrapping.balance("漢字漢字漢字漢字漢。", 2, 6, count)
    assert lines
    assert "".join(lines) == "漢字漢字漢字漢字漢。"
    assert not lines[1].startswith("。")


def test_a_year_s_words_are_fitted_with_a_widow_nowhere() -> None:
    for wide in range(700, 1000, 20):
        fitted = wrapping.fit(SENTENCE, SERIF, "en", wide, 400, 24, 64, 1.2)
        assert fitted
        assert len(fitted.lines[-1].split()) > 1
        lengths = [width(line) for line in fitted.lines]
        assert min(lengths) > 0.55 * max(lengths)
