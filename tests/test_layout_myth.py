"""A myth is never readable as if it were true: small, in quotation marks, struck through, below its label."""

from __future__ import annotations

import pytest

from scheduler import colour
from scheduler.cards.layouts import myth
from scheduler.cards.marks import Box, Letters, Panel
from scheduler.errors import CardError
from scheduler.phrases import say
from tests.layouts import SIZES, THEMES, card, overlaps, place, printed, strays

SHORT = ("You can tell a victim by looking.", "Anyone can be affected.", "en")
FAMILY = (
    "Traffickers are strangers.",
    "Many survivors were trafficked by a partner, a spouse, a parent or another relative.",
    "en",
)
LONG = (
    "They agreed to the work at first, so it cannot be human trafficking.",
    "Saying yes at first does not excuse later force, fraud or coercion by the person who profits.",
    "en",
)
SPANISH = (
    "Las víctimas deben ser trasladadas a otro lugar.",
    "Una persona puede ser víctima de trata sin salir nunca de su ciudad natal.",
    "es",
)
ARABIC = ("يجب نقل الضحايا إلى مكان آخر", "يمكن أن يقع الشخص ضحية للاتجار دون أن يغادر مدينته", "ar")
Words = tuple[str, str, str]
IN_SIZES = pytest.mark.parametrize("size", SIZES)
MYTHS = pytest.mark.parametrize(
    "words", [SHORT, FAMILY, LONG, SPANISH, ARABIC], ids=["short", "family", "long", "es", "ar"]
)


def arranged(size: str, words: Words, theme: str = "lantern") -> tuple[list[Letters], list[Panel], list[Letters], Box]:
    """The lines of the myth with their strokes, the lines of the fact, and the stage."""
    made, frame, stage = place(card("myth", size, theme, myth=words[0], text=words[1], lang=words[2]))
    marks = myth.arrange(made, frame, stage)
    told = [m for m in marks if isinstance(m, Letters) and m.role == "myth"]
    strokes = [m for m in marks if isinstance(m, Panel) and not m.radius and m.box.height < 0.1 * told[0].size]
    fact = [m for m in marks if isinstance(m, Letters) and m.role == "text" and m.ink == made.theme.text]
    return told, strokes, fact, stage


def cropped(box: Box, to: Box) -> Box:
    return Box(max(box.left, to.left), max(box.top, to.top), min(box.right, to.right), min(box.bottom, to.bottom))


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@MYTHS
def test_nothing_overlaps_or_leaves_the_stage_but_the_strokes(size: str, theme: str, words: Words) -> None:
    made, frame, stage = place(card("myth", size, theme, myth=words[0], text=words[1], lang=words[2]))
    marks = myth.arrange(made, frame, stage)
    plates = [m for m in marks if isinstance(m, Panel) and m.radius]
    lines = [m for m in marks if isinstance(m, Letters) and m.role != "label"]
    assert len(plates) == 2
    assert overlaps([*plates, *lines]) == []
    assert strays([*plates, *lines], stage) == []


@IN_SIZES
@MYTHS
def test_every_word_stands_on_the_card_with_both_labels(size: str, words: Words) -> None:
    made, frame, stage = place(card("myth", size, myth=words[0], text=words[1], lang=words[2]))
    whole = printed(myth.arrange(made, frame, stage))
    opening, closing = "«»" if words[2] == "ar" else "“”"
    label, fact = say("myth", words[2]), say("fact", words[2])
    assert whole in (
        f"{label} {opening}{words[0]}{closing} {fact} {words[1]}",
        f"{label.upper()} {opening}{words[0]}{closing} {fact.upper()} {words[1]}",
    )


def written(line: Letters, stage: Box) -> Box:
    """Where the letters of a line are, without the quotation mark that hangs in the margin."""
    return Box(max(line.box.left, stage.left), line.box.top, min(line.box.right, stage.right), line.box.bottom)


@IN_SIZES
@pytest.mark.parametrize("theme", THEMES)
@MYTHS
def test_every_line_of_the_myth_is_struck_through_from_end_to_end(size: str, theme: str, words: Words) -> None:
    told, strokes, _, stage = arranged(size, words, theme)
    assert len(strokes) == len(told) > 0
    for line, stroke in zip(told, strokes, strict=True):
        assert stroke.box.left <= written(line, stage).left
        assert stroke.box.right >= written(line, stage).right
        assert line.y - 0.4 * line.size < stroke.box.top < stroke.box.bottom < line.y - 0.1 * line.size


@IN_SIZES
@pytest.mark.parametrize("ratio", [1.0, 3 / 4, 16 / 9, 2.0], ids=["1:1", "3:4", "16:9", "2:1"])
@MYTHS
def test_no_centred_crop_shows_the_myth_without_its_stroke(size: str, ratio: float, words: Words) -> None:
    made, _, _ = place(card("myth", size, myth=words[0], text=words[1], lang=words[2]))
    wide, tall = min(made.width, made.height * ratio), min(made.height, made.width / ratio)
    left, top = (made.width - wide) / 2, (made.height - tall) / 2
    crop = Box(left, top, left + wide, top + tall)
    told, strokes, _, stage = arranged(size, words)
    for line, stroke in zip(told, strokes, strict=True):
        shown, struck = cropped(written(line, stage), crop), cropped(stroke.box, crop)
        if shown.width <= 0 or shown.height <= 0:
            continue
        if struck.height == stroke.box.height:
            assert struck.left <= shown.left
            assert struck.right >= shown.right
        else:  # only the feet of the letters show, by which nobody reads
            assert shown.top > stroke.box.top
            assert line.y - shown.top < 0.25 * line.size


@IN_SIZES
@MYTHS
def test_the_fact_is_at_least_1_6_times_as_large_and_both_can_be_read(size: str, words: Words) -> None:
    made, frame, _ = place(card("myth", size, myth=words[0], text=words[1], lang=words[2]))
    told, _, fact, _ = arranged(size, words)
    assert {line.size for line in fact} == {fact[0].size}
    assert fact[0].size >= 1.6 * told[0].size
    assert told[0].size >= 3.99 * frame.unit
    assert made.theme.text in {line.ink for line in fact}


@IN_SIZES
@MYTHS
def test_all_strokes_begin_at_the_margin_and_are_never_thin(size: str, words: Words) -> None:
    made, frame, stage = place(card("myth", size, myth=words[0], text=words[1], lang=words[2]))
    _, strokes, _, _ = arranged(size, words)
    assert {s.box.right if frame.rtl else s.box.left for s in strokes} == {stage.right if frame.rtl else stage.left}
    assert min(s.box.height for s in strokes) >= 0.3 * frame.unit
    assert made.myth == words[0]


def test_the_fact_is_broken_by_its_sense_though_the_myth_is_then_smaller() -> None:
    words = (
        "One big game brings a trafficking surge.",
        "Researchers find no good evidence of a surge. Trafficking happens all year.",
        "en",
    )
    _, _, fact, _ = arranged("portrait", words)
    assert "of a surge." in [line.line.text for line in fact]


@pytest.mark.parametrize("theme", THEMES)
def test_the_stroke_is_seen_and_differs_from_the_letters(theme: str) -> None:
    made, _, _ = place(card("myth", "portrait", theme, myth=SHORT[0], text=SHORT[1]))
    _, strokes, _, _ = arranged("portrait", SHORT, theme)
    ink = strokes[0].fill
    assert isinstance(ink, str)
    assert colour.contrast(colour.linear(ink), colour.linear(made.theme.background)) >= 3
    assert ink != made.theme.text


@IN_SIZES
def test_the_label_stands_right_over_the_myth(size: str) -> None:
    made, frame, stage = place(card("myth", size, myth=SHORT[0], text=SHORT[1]))
    marks = myth.arrange(made, frame, stage)
    plate = next(m for m in marks if isinstance(m, Panel))
    told = next(m for m in marks if isinstance(m, Letters) and m.role == "myth")
    assert plate.box.left == pytest.approx(stage.left)
    assert 0 < told.box.top - plate.box.bottom < 4 * frame.unit


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("They could just leave.", "“They could just leave.”"),
        ("“They could just leave.”", "“They could just leave.”"),
        ("A child can be a “prostitute”.", "A child can be a “prostitute”."),
    ],
)
def test_quotation_marks_are_never_doubled(text: str, quoted: str) -> None:
    assert myth.quoted(text, "en") == quoted


@IN_SIZES
def test_a_fact_too_long_is_refused_with_how_much(size: str) -> None:
    made, frame, stage = place(card("myth", size, myth=SHORT[0], text="many words " * 30))
    with pytest.raises(CardError, match=r"The fact is about \d+ of its 3\d\d characters too long"):
        myth.arrange(made, frame, stage)


@IN_SIZES
def test_a_myth_too_long_is_refused_with_how_much(size: str) -> None:
    made, frame, stage = place(card("myth", size, myth="many words " * 90, text=SHORT[1]))
    with pytest.raises(CardError, match=r"The myth is about \d+ of its 9\d\d characters too long"):
        myth.arrange(made, frame, stage)


@pytest.mark.parametrize(("told", "fact"), [("", "Anyone can be affected."), ("They could just leave.", " ")])
def test_a_myth_without_its_fact_is_refused(told: str, fact: str) -> None:
    made, frame, stage = place(card("myth", myth=told, text=fact))
    with pytest.raises(CardError, match="The card has no"):
        myth.arrange(made, frame, stage)
