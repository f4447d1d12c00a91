"""What posts cost on a network that is paid by the post: links that make them dearer, old prices, the budget."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler import costs, text
from scheduler.checks.scope import line_of
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scheduler.checks.scope import Scope
    from scheduler.model import Account, Campaign, Limits, Message, Problem

FRESH = timedelta(days=90)  # before the campaign: how long a price list is believed
CONFIG = "config.toml"


def links(message: Message, scope: Scope) -> Iterator[Problem]:
    """Links that the network charges for: one problem for each post, and for each part of a thread."""
    prices, _ = costs.read_prices(scope.account)
    if prices is None or prices.link <= prices.post:
        return
    parts = message.parts
    for number, part in enumerate(parts, start=1):
        found = text.charged_links(part.text, scope.limits)
        if found:
            what = "this post" if len(parts) == 1 else f"part {number} of {len(parts)}"
            said = (
                f"The link {found[0]} makes {what} cost {prices.money(prices.link)} instead of "
                f"{prices.money(prices.post)} on {scope.account.network}."
            )
            line = line_of(scope, scope.section, scope.own, max(scope.own.find(found[0]), 0))
            yield problem("link-costs", scope.post.path, line, said, account=scope.account.name)


def check_costs(
    messages: Iterable[Message], accounts: Iterable[Account], campaign: Campaign, limits: Mapping[str, Limits]
) -> tuple[Problem, ...]:
    """What is wrong with the age of the prices, and with what all `messages` cost together."""
    accounts = tuple(accounts)
    found = [p for account in accounts for p in _prices(account, campaign)]
    found += [_over(cost) for cost in costs.by_account(((m, 0) for m in messages), accounts, limits) if cost.over]
    return tuple(sorted(found))


def _prices(account: Account, campaign: Campaign) -> Iterator[Problem]:
    prices, _ = costs.read_prices(account)
    if prices and prices.read_on < campaign.start - FRESH:
        said = f"The prices of {account.name} were read on {prices.read_on}, more than 90 days before the campaign."
        mend = f"Read them again, then write them and the day as accounts.{account.name}.prices.read_on."
        yield problem("prices-old", CONFIG, 0, said, mend, account=account.name)


def _over(cost: costs.Cost) -> Problem:
    prices = cost.prices
    reads = f", and reading them back up to {prices.about(cost.reads)}" if cost.reads else ""
    posts = "The post" if cost.posts == 1 else f"The {cost.posts:,} posts"
    dear = "costs" if cost.posts == 1 else "cost"
    budget = prices.money(prices.budget) if prices.budget is not None else "0"
    said = f"{posts} to {cost.account} {dear} about {prices.about(cost.amount)}{reads}; the budget is {budget}."
    return problem("over-budget", CONFIG, 0, said, account=cost.account)
