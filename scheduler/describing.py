"""A card in words, for people who cannot see it: all that stands on it, in the order in which it is read.

The pattern is that of the messaging guidelines: Card: “272 cases …” Source: …, 2024. Help: …
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler import proportion
from scheduler.phrases import say

if TYPE_CHECKING:
    from scheduler.model import Card


def alt_for(card: Card, most: int = 1000) -> str:
    """The description of a card in its own language, to be read aloud.

    To stay within `most` characters it leaves out whose card it is, then the help line; never what the card says.
    """
    said = f"“{_inside(_words(card))}”"
    name = ", ".join(part for part in (card.organisation, card.campaign) if part)
    named = say("card of", card.lang).format(name=name) if name else ""
    plain = say("card", card.lang).capitalize()
    own = [_drawing(card), _sentence(card.source)]
    ways = card.help.replace(" · ", ", ")
    call = _sentence(f"{say('help', card.lang)}: {ways}") if ways else ""
    forms = [(named or plain, call), (plain, call), (plain, "")]
    alts = [" ".join(part for part in (f"{start}: {said}", *own, end) if part) for start, end in forms]
    return next((alt for alt in alts if len(alt) <= most), alts[-1])


def _words(card: Card) -> str:
    """What a person wrote for the card, as sentences."""
    lang = card.lang
    match card.layout:
        case "compare":
            heading = card.text if card.text[-1:] in ".!?:" else f"{card.text}:"
            parts = [heading, *(f"{i.figure} {i.text}" for i in card.items)]
        case "list":
            parts = [card.text, *(f"{i.figure}. {i.text}" if i.figure else i.text for i in card.items)]
        case "action":
            parts = [card.text, *(f"{i.figure}, {i.text}" if i.text else i.figure for i in card.items)]
        case "myth":
            parts = [f"{say('myth', lang)}: {card.myth}", f"{say('fact', lang)}: {card.text}"]
        case "quote":
            bare = card.text.strip().strip('“”"')
            parts = [f"“{bare}”", card.by]
        case "definition":
            parts = [f"{card.figure}: {card.text}"]
        case "share" if card.items:
            named = zip(_parts(card), card.items, strict=False)
            parts = [card.text, *(f"{part} {i.text}" for part, i in named)]
        case "photo":
            parts = [card.text, card.photo.credit if card.photo else ""]
        case _:
            parts = [_claim(card)]
    return " ".join(_sentence(part) for part in parts if part)


def _claim(card: Card) -> str:
    """A figure and the sentence that goes with it; the figure once, where the sentence has it already."""
    words = _sentence(card.text)
    if not card.figure or has(words, card.figure):
        return words
    shown = card.figure.replace(" / ", f" {say('and', card.lang)} ")
    return f"{shown if card.text[:1].islower() else _sentence(shown)} {words}".strip()


def has(words: str, figure: str) -> bool:
    """Whether a figure stands in a text as whole words: "12" does not stand in "2012", nor in "12,000"."""
    return bool(re.search(rf"(?i)(?<![\w.,]){re.escape(figure)}(?![\w%٪]|[.,]\d)", words))


def _parts(card: Card) -> tuple[str, ...]:
    share = proportion.read(card.figure)
    return share.words if share else (card.figure,)


def _drawing(card: Card) -> str:
    """What the picture of a proportion shows; nothing for other cards."""
    share = proportion.read(card.figure) if card.layout == "share" else None
    if share is None:
        return ""
    if not share.people:
        return say("bar", card.lang)
    part = int(share.parts[0] * share.people)
    return say("one of" if part == 1 else "many of", card.lang).format(part=part, whole=share.people)


def _inside(words: str) -> str:
    """Words that stand within quotation marks: their own become single ones."""
    return re.sub(r'"([^"]*)"', r"‘\1’", words).replace("“", "‘").replace("”", "’").strip()


def _sentence(written: str) -> str:
    """Lines as sentences, so that a screen reader pauses between them."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return " ".join(line if line[-1] in ".!?:;,”\"’'؟。" else f"{line}." for line in lines)
