"""The layout `stat`: one figure, the sentence that it belongs to, the source, and the help line.

From top to bottom: the campaign's name over a hairline; the figure, as large as it fits, the only thing in the accent
colour; the sentence; the source; the help line in a bar. All is laid out first, as values, and then drawn. What does
not fit at a size that can be read on a phone raises CardError; nothing is ever cut.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from PIL import ImageColor, ImageDraw

from scheduler.cards import wrapping
from scheduler.cards.blocks import Block, Frame, lay
from scheduler.cards.ground import ground
from scheduler.cards.helpbar import paint_help
from scheduler.cards.lettering import Style, draw, rise, shape
from scheduler.errors import CardError

if TYPE_CHECKING:
    from PIL import Image

    from scheduler.model import Card

FIGURE = Style("bricolage", (("opsz", 96), ("wght", 800), ("wdth", 94)), -0.015, ("tnum",))
SENTENCE = Style("newsreader", (("opsz", 56), ("wght", 480)), -0.003, ("lnum",))
NAME = Style("inter", (("opsz", 24), ("wght", 650)), 0.12)
SOURCE = Style("inter", (("opsz", 20), ("wght", 450)), 0.004)

FIGURE_LEADING = 0.86
SENTENCE_LEADING = 1.16
SOURCE_LEADING = 1.35
RATIOS = (3.7, 2.4, 1.6, 0.0)  # the figure's size to the sentence's, the best first
STEPS = 16  # sizes of the sentence that are tried
AIR = 0.93  # how much of the middle may be filled
WHOLE = 8  # a figure of so many characters stays on one line


def frame(card: Card) -> Frame:
    """The measures for the card's size: they follow its smaller side, so that a phone shows all of them alike."""
    width, height = card.width, card.height
    unit = min(width, height * 1.35) / 100
    wide = width > height
    return Frame(
        width=width,
        height=height,
        margin=round(7.6 * unit),
        small=(2.75 if wide else 2.35) * unit,
        figure=(7.4 * unit, (34 if wide else 46) * unit),
        sentence=(4.0 * unit, (5.8 if wide else 6.8) * unit),
        bar=round((13.5 if wide else 14) * unit) if card.help else 0,
    )


def paint(card: Card) -> Image.Image:
    """The card as an RGB picture. Raises CardError when its words do not fit or cannot be set."""
    place = frame(card)
    picture = ground(card.width, card.height, card.theme.background, card.theme.accent).copy()
    top = _header(picture, card, place)
    bottom = _source(picture, card, place)
    figure, sentence = fit(card, place, (bottom - top) * AIR)
    _middle(picture, card, place, (figure, sentence), (top, bottom))
    if card.help:
        paint_help(picture, card, place)
    return picture


def _header(picture: Image.Image, card: Card, place: Frame) -> float:
    """The campaign's name over a hairline; returns where the middle may begin."""
    top = place.margin * (0.8 if place.width > place.height else 0.95)
    if not card.campaign:
        return top
    name = shape(card.campaign.upper(), NAME)
    size = min(place.small, place.inner / name.width)
    _readable(size, place.small, "campaign's name", card.campaign)
    baseline = top + rise(NAME) * size
    draw(picture, name, NAME, size, (place.margin, baseline), ink=card.theme.text)
    line = round(baseline + place.small * 0.95)
    mixed = _mix(card.theme.background, card.theme.muted, 0.42)
    ImageDraw.Draw(picture).rectangle((place.margin, line, place.width - place.margin - 1, line + 1), fill=mixed)
    return line + place.small * 1.6


def _source(picture: Image.Image, card: Card, place: Frame) -> float:
    """The source line above the bar; returns where the middle must end."""
    bottom = place.height - place.bar - place.margin * (0.42 if card.help else 0.8)
    if not card.source:
        return bottom
    lines = _fewest(card.source, SOURCE, place.inner / place.small, 2)
    if lines is None:
        raise CardError(f"The source line does not fit the card in two lines: “{card.source}”. Shorten the publisher.")
    block = Block(lines, SOURCE, place.small, SOURCE_LEADING)
    lay(picture, block, (place.margin, bottom - block.height), card.theme.muted)
    return bottom - block.height - place.small * 1.9


def fit(card: Card, place: Frame, room: float) -> tuple[Block, Block]:
    """The figure and the sentence at the best sizes for `room` pixels of height."""
    if not card.figure.strip() and not card.text.strip():
        raise CardError("The card has neither a figure nor a text. Give it one, or name a fact that has.")
    found = _fitted(card.figure, card.text, place, room)
    if found:
        return found
    if not wrapping.words(card.text) or _fitted(card.figure, "", place, room) is None:
        raise CardError(f"The figure “{card.figure}” is too long for a card of {_size(place)}. Shorten it.")
    raise CardError(
        f"The card's text is too long for {_size(place)} by about {_excess(card, place, room)} characters "
        f"of {len(card.text)}. Shorten it."
    )


def _fitted(figure: str, text: str, place: Frame, room: float) -> tuple[Block, Block] | None:
    """The largest sentence beside which the figure is large; else the largest that leaves it room at all."""
    least, most = place.sentence
    if not wrapping.words(figure):
        most *= 1.3
    if not wrapping.words(text):
        block = _figure(figure, place, room)
        return (block, Block((), SENTENCE, least, 1)) if block else None
    found = []
    for step in range(STEPS + 1):
        sentence = _sentence(text, most - (most - least) * step / STEPS, place, room)
        if sentence and not wrapping.words(figure):
            return Block((), FIGURE, most, 1), sentence
        block = _figure(figure, place, _left(room, sentence)) if sentence else None
        if block and sentence:
            found.append((block, sentence))
    for ratio in RATIOS:
        for block, sentence in found:
            if block.size >= ratio * sentence.size:
                return block, sentence
    return None


def _sentence(text: str, size: float, place: Frame, room: float) -> Block | None:
    width = place.inner / size
    most = int((room / size - rise(SENTENCE)) / SENTENCE_LEADING) + 1
    lines = _fewest(text, SENTENCE, width, most)
    return Block(lines, SENTENCE, size, SENTENCE_LEADING) if lines else None


def _figure(text: str, place: Frame, room: float) -> Block | None:
    """The figure at its largest, on as many lines as that takes; None when it would be too small."""
    found: Block | None = None
    for count in range(1, 4):
        if count > 1 and len(text) <= WHOLE:
            break
        lines = wrapping.balance(text, count, 1000, lambda w: shape(w, FIGURE).width)
        if lines is None:
            break
        widest = max(shape(line, FIGURE).width for line in lines)
        tall = rise(FIGURE) + (count - 1) * FIGURE_LEADING
        size = min(place.inner / widest, room / tall, place.figure[1])
        if found is None or size > found.size * 1.15:
            found = Block(lines, FIGURE, size, FIGURE_LEADING)
    return found if found and found.size >= place.figure[0] else None


def _fewest(text: str, style: Style, width: float, most: int) -> tuple[str, ...] | None:
    def measure(part: str) -> float:
        return shape(part, style).width

    count = wrapping.fewest(text, width, measure)
    if count is None or count > most:
        return None
    return wrapping.balance(text, count, width, measure)


def _excess(card: Card, place: Frame, room: float) -> int:
    """How many characters too many the text has: words are taken off its end until it fits at the smallest size."""
    pieces = wrapping.words(card.text)

    def too_long(kept: int) -> bool:
        sentence = _sentence(" ".join(pieces[:kept]), place.sentence[0], place, room)
        if sentence is None:
            return True
        return bool(card.figure.strip()) and _figure(card.figure, place, _left(room, sentence)) is None

    kept = bisect.bisect_left(range(1, len(pieces)), x=True, key=too_long)
    return len(card.text) - len(" ".join(pieces[:kept]))


def _left(room: float, sentence: Block) -> float:
    """What a sentence leaves of the room for the figure over it."""
    return room - sentence.height - sentence.size


def _middle(
    picture: Image.Image, card: Card, place: Frame, blocks: tuple[Block, Block], span: tuple[float, float]
) -> None:
    figure, sentence = blocks
    between = sentence.size if figure.lines and sentence.lines else 0.0
    spare = span[1] - span[0] - figure.height - between - sentence.height
    between += min(spare * 0.12, sentence.size * 0.4) if between else 0.0
    top = span[0] + spare * 0.40
    lay(picture, figure, (place.margin, top), card.theme.accent)
    lay(picture, sentence, (place.margin, top + figure.height + between), card.theme.text)


def _readable(size: float, wanted: float, what: str, text: str) -> None:
    if size < wanted * 0.8:
        longest = int(len(text) * size / (wanted * 0.8))
        raise CardError(f"The {what} has {len(text)} characters; the card has room for about {longest}.")


def _mix(one: str, other: str, part: float) -> tuple[int, ...]:
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return tuple(round(a + (b - a) * part) for a, b in pairs)


def _size(place: Frame) -> str:
    return f"{place.width} × {place.height} px"
