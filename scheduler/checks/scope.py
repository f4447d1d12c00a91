"""Where a problem stands: the post, the account, and the line of the draft that a text comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler import drafts, proportion
from scheduler.rules import problem

if TYPE_CHECKING:
    from scheduler.model import Account, Campaign, Card, Fact, Limits, Message, Post, Problem


@dataclass(frozen=True, slots=True)
class Scope:
    """One post for one account, and what it is held against."""

    post: Post
    account: Account
    facts: tuple[Fact, ...]
    campaign: Campaign
    limits: Limits
    ledger: tuple[Fact, ...]

    @property
    def section(self) -> str:
        """The part of the draft that this account's text comes from."""
        for name in (self.account.name, self.account.network):
            if self.post.texts.get(name):
                return f"## {name}"
        return "text"

    @property
    def own(self) -> str:
        """The account's text as the draft has it."""
        return drafts.text_of(self.post, self.account)

    @property
    def only(self) -> str:
        """The account, when the text is for it alone."""
        return self.account.name if self.section != "text" else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A text that the public will see, and the part of the draft it comes from."""

    key: str  # of post.lines
    words: str
    headline: bool = False  # a figure as the ledger prints it may stand alone here, without its "about"


def places(message: Message, scope: Scope) -> list[Place]:
    """All texts of a message that the public will see."""
    found = [Place(scope.section, message.words), Place("title", message.title, headline=True)]
    found.append(Place("warning", message.warning))
    for image in message.images:
        if image.card:
            found += [Place("card", words, headline=headline) for words, headline in card_words(image.card)]
        if scope.post.alt or not image.card:  # else it is made of the card's words, which are here already
            found.append(Place("alt" if scope.post.alt else "card", image.alt, headline=True))
    return [p for p in found if p.words]


def card_words(card: Card) -> list[tuple[str, bool]]:
    """The texts of a card, each with whether a figure may stand there as the ledger prints it.

    The numbers of a list's lines are not among them, and a number to call stands apart from whose it is.
    """
    found = [(card.myth, False), (card.figure, True), (card.text, False)]
    if card.layout in {"stat", "share", "date"} and card.figure and card.text:
        found.append((f"{card.figure} {card.text}", True))  # read in one breath: "272", "percent more cases"
    share = proportion.read(card.figure) if card.layout == "share" else None
    if share and card.items:
        found += [(f"{part} {item.text}", True) for part, item in zip(share.words, card.items, strict=False)]
    for item in card.items:
        if card.layout == "action":
            found += [(item.figure, True), (item.text, False)]
        else:
            found.append((item.text if card.layout == "list" else f"{item.figure} {item.text}".strip(), True))
    return [*found, (card.by, False), (card.photo.credit if card.photo else "", False)]


def at(scope: Scope, place: Place, rule: str, start: int, said: str, *, mend: str = "") -> Problem:
    """A problem at a position of a text; of one account only where the text is its own."""
    line = line_of(scope, place.key, place.words, start)
    account = scope.only if place.key == scope.section else ""
    return problem(rule, scope.post.path, line, said, mend, account=account)


def here(scope: Scope, rule: str, said: str, *, key: str = "") -> Problem:
    """A problem of this account's message as a whole."""
    return problem(rule, scope.post.path, line_of(scope, key or scope.section), said, account=scope.account.name)


def line_of(scope: Scope, key: str, words: str = "", start: int = 0) -> int:
    """The line of the draft; inside a text, as far as the draft's own words go."""
    lines = scope.post.lines
    first = lines.get(key, lines.get("text", 0))
    if key != scope.section or not first:
        return first
    if start >= len(scope.own):
        return lines.get("tags", first) if words[start : start + 1] == "#" else first
    return first + words.count("\n", 0, start) + (key != "text")
