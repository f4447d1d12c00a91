"""What must hold before a post goes out. Errors keep it out of the queue, warnings show.

What each rule means stands in `rules`, the barred words in `wording`, the reading of numbers in `numerals`. Nothing
here asks a network or a file. Sources: the networks' limits (docs/networks.md), WCAG 2.2 for contrast, and the
campaign's messaging guidelines for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler import compose
from scheduler.checks import card as of_card
from scheduler.checks import cost, network, numbers, words
from scheduler.checks.cost import check_costs
from scheduler.checks.month import check_month
from scheduler.checks.scope import Place, Scope, places
from scheduler.checks.theme import check_theme, contrast
from scheduler.facts import needs_recheck
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from scheduler.model import Account, Campaign, Fact, Limits, Message, Post, Problem

__all__ = ["check_costs", "check_message", "check_month", "check_post", "check_theme", "contrast"]

_ON_WORDS: tuple[Callable[[Place, Scope], Iterator[Problem]], ...] = (
    numbers.sourced,
    numbers.units,
    numbers.days,
    numbers.source_years,
    numbers.phone_letters,
    words.wording_of,
    words.capitals,
    words.fancy_letters,
    words.links,
    words.tags,
    of_card.ratios,
)


def check_message(
    message: Message,
    post: Post,
    account: Account,
    facts: Sequence[Fact],
    campaign: Campaign,
    limits: Limits,
    ledger: Iterable[Fact] = (),
) -> tuple[Problem, ...]:
    """What is wrong with what one account would get. `facts` are the cited ones, in order.

    With the whole `ledger` the mend of an unsourced number can name the fact that has it.
    """
    campaign = compose.spoken(campaign, message.lang)
    scope = Scope(post, account, tuple(facts), campaign, limits, tuple(ledger))
    seen = places(message, scope)
    found = [
        *network.fits(message, scope),
        *network.images(message, scope),
        *cost.links(message, scope),
        *words.footer(message, scope),
        *words.signs(message, scope),
        *words.emoji(scope),
        *(p for place in seen for check in _ON_WORDS for p in check(place, scope)),
        *numbers.years(seen, message, scope),
        *of_card.proportions(message, scope),
        *of_card.described(message, scope),
    ]
    return tuple(sorted(dict.fromkeys(found)))


def check_post(post: Post, facts: Sequence[Fact], campaign: Campaign) -> tuple[Problem, ...]:
    """What is wrong with a post whatever the account: its facts and its quotations."""
    line = post.lines.get("facts", 0)
    found = []
    for fact in facts:
        if not fact.verified:
            found.append(problem("fact-unverified", post.path, line, f"{fact.id} is unverified: no draft may use it."))
        elif needs_recheck(fact, campaign):
            why = f"Open {fact.url} and compare it" if not fact.recheck else fact.recheck.rstrip(".")
            said = f"{fact.id} must be looked at again this season."
            mend = f"{why}; then write the day as `checked` in posts/facts.toml."
            found.append(problem("fact-recheck", post.path, line, said, mend))
    own = [("text", post.text), *((f"## {name}", body) for name, body in post.texts.items())]
    card = post.card
    items = [f"{item.figure} {item.text}" for item in card.items]
    own += [("card", body) for body in (card.text, card.figure, card.myth, card.by, *items)]
    own += [("title", post.title), ("alt", post.alt)]
    for key, body in own:
        found += words.quotes(body, post, key, facts)
    found += [*of_card.quotation(post, facts), *_one_source(post, facts), *_in_own_language(post, campaign)]
    return tuple(sorted(dict.fromkeys(found)))


def _one_source(post: Post, facts: Sequence[Fact]) -> Iterator[Problem]:
    """Figures that stand beside one another were counted by one publisher."""
    if post.card.layout != "compare":
        return
    names = dict.fromkeys(fact.publisher for fact in compose.compared(post.card, facts))
    if len(names) > 1:
        said = f"The card compares figures of {' and '.join(names)}."
        yield problem("card-sources", post.path, post.lines.get("card", 0), said)


def _in_own_language(post: Post, campaign: Campaign) -> Iterator[Problem]:
    """A post in another language has its help line in that language."""
    same = post.lang.split("-", maxsplit=1)[0] == campaign.lang.split("-", maxsplit=1)[0]
    if post.lang and not same and compose.spoken(campaign, post.lang) is campaign:
        said = f"The post is in “{post.lang}”, but its help line and the campaign's name are in “{campaign.lang}”."
        mend = f"Add [campaign.{post.lang}] to config.toml, with name, help_long and help_short."
        yield problem("help-language", post.path, post.lines.get("lang", 0), said, mend)
