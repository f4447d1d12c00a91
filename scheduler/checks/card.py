"""What holds for a card as a picture: its proportion, its quotation, and the description that a person wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler import cardtext, describing, figures, numerals, proportion
from scheduler.checks.scope import Place, at, here
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scheduler.checks.scope import Scope
    from scheduler.model import Card, Fact, Message, Post, Problem


def proportions(message: Message, scope: Scope) -> Iterator[Problem]:
    """A figure that can be drawn as a part of a whole, in whatever words, stands so in one cited fact."""
    for card in (image.card for image in message.images if image.card):
        for shown in (card.figure, *(item.figure for item in card.items)):
            yield from _unsourced(shown, Place("card", shown), scope)


def ratios(place: Place, scope: Scope) -> Iterator[Problem]:
    """Ratios in Spanish or Arabic words: "uno de cada tres"."""
    for words in proportion.ratios(place.words):
        yield from _unsourced(words, place, scope)


def _unsourced(shown: str, place: Place, scope: Scope) -> Iterator[Problem]:
    share = proportion.read(shown)
    if share is None or any(figures.share_stands(share, fact) for fact in scope.facts):
        return
    known = figures.unsourced(shown, scope.facts, scope.campaign, scope.ledger)
    if not any(trouble.rule == "figure-unsourced" for trouble in known):  # else that is said already
        said = f"“{shown}” stands as a part of a whole in none of the facts that this post cites."
        yield at(scope, place, "figure-unsourced", max(place.words.find(shown), 0), said)


def described(message: Message, scope: Scope) -> Iterator[Problem]:
    """The description that a person wrote has what the card shows: its figures, or a photo's caption."""
    for card in (image.card for image in message.images if image.card and scope.post.alt):
        if missing := [words for words in _shown(card) if not _told(words, scope.post.alt)]:
            yield here(
                scope, "alt-words", f"The description leaves out “{missing[0]}”, which the card shows.", key="alt"
            )


def _shown(card: Card) -> list[str]:
    if card.layout == "photo":
        return [card.text] if card.text else []
    items = [item.figure for item in card.items if card.layout != "list"]
    return [words for words in (card.figure, *items) if words]


def _told(words: str, alt: str) -> bool:
    """Whether a description has some words, or the numbers that are in them: "1 in 6" may be told as "one in six"."""
    if describing.has(alt, words):
        return True
    keys = {key for figure in numerals.read(words) for key in figure.keys}
    if keys:
        return keys <= {key for figure in numerals.read(alt) for key in figure.keys}
    return set(re.findall(r"\w+", words.casefold())) <= set(re.findall(r"\w+", alt.casefold()))


def quotation(post: Post, facts: Sequence[Fact]) -> Iterator[Problem]:
    """The card of a quotation has the words of a cited quote, and names who said them."""
    if post.card.layout != "quote" or not facts:
        return
    card = cardtext.filled(post.card, facts[0])
    line = post.lines.get("card", 0)
    fact = cardtext.quoted(card, facts)
    if fact is None:
        mend = next((f"{f.id} says: “{f.quote}” Copy it word for word." for f in facts if f.kind == "quote"), "")
        said = f"“{card.text}” is not, in whole sentences, what a cited quote says."
        yield problem("quote-not-verbatim", post.path, line, said, mend)
    elif not _begins(card.by, fact.attribution):
        said = f"{fact.id} was said by “{fact.attribution}”; the card names “{card.by}”."
        yield problem("quote-by", post.path, line, said, f'Begin with the ledger\'s words: by: "{fact.attribution}".')


def _begins(by: str, attribution: str) -> bool:
    named, own = (" ".join(words.split()).casefold() for words in (by, attribution))
    return named.startswith(own) and not re.match(r"\w", named[len(own) :] if own else "")
