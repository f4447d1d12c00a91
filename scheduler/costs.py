"""What a network that is paid by the post will cost: the prices of config.toml, and sums of them.

The prices are a person's: the program asks no price list, so each is told with the day on which it was read.
Sources: docs/networks.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from scheduler import text
from scheduler.facts import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scheduler.model import Account, Limits, Message, Problem

KEYS = ("currency", "post", "link", "read", "read_on", "budget")
MOST = Decimal(1_000_000)  # more than that is a slip of the pen in any currency
CENT = Decimal("0.01")

_CURRENCY = re.compile(r"[A-Z]{3}")
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Prices:
    """What one account pays, in `currency`."""

    currency: str  # ISO 4217
    post: Decimal  # a post without a link
    link: Decimal  # a post with one
    read: Decimal  # reading one post of our own back
    read_on: date  # when a person read the price list
    budget: Decimal | None = None  # what is on the account

    def money(self, amount: Decimal) -> str:
        """A price as it is on the list: "$0.015", "$0.20", "CHF 0.20"."""
        places = max(2, -int(amount.normalize().as_tuple().exponent))
        sign = _SIGNS.get(self.currency, f"{self.currency}\u00a0")
        return f"{sign}{amount:,.{places}f}"

    def about(self, amount: Decimal) -> str:
        """A sum, to the cent."""
        return self.money(amount.quantize(CENT, ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Cost:
    """What some posts to one account cost."""

    account: str
    prices: Prices
    posts: int  # each part of a thread is one
    links: int  # how many of them have a link
    amount: Decimal

    @property
    def reads(self) -> Decimal:
        """What it costs at most to read each post back once, after a lost answer."""
        return self.posts * self.prices.read

    @property
    def over(self) -> bool:
        """Whether that is more than is on the account."""
        return self.prices.budget is not None and self.amount + self.reads > self.prices.budget

    @property
    def line(self) -> str:
        """In one line, as people read it."""
        posts = f"{self.posts:,} post{'' if self.posts == 1 else 's'}"
        links = f", {self.links:,} with a link" if self.links else ""
        return (
            f"{self.account}: {posts}{links}, about {self.prices.about(self.amount)} "
            f"(prices of {self.prices.read_on.isoformat()})."
        )

    @property
    def brief(self) -> str:
        """Of one message, in a few words."""
        link = ", as it has a link" if self.links and self.posts == 1 else ""
        link = f", {self.links} of its {self.posts} parts with a link" if self.links and self.posts > 1 else link
        return f"Costs {self.prices.money(self.amount)}{link} (prices of {self.prices.read_on.isoformat()})"

    def as_values(self) -> Mapping[str, object]:
        """For JSON; amounts are text, as a float cannot hold a cent."""
        budget = self.prices.budget
        return {
            "account": self.account,
            "posts": self.posts,
            "with_link": self.links,
            "amount": f"{self.amount:f}",
            "reads": f"{self.reads:f}",
            "currency": self.prices.currency,
            "prices_read_on": self.prices.read_on,
            "budget": None if budget is None else f"{budget:f}",
        }


def read(table: Table) -> Prices | None:
    """The prices that the part [accounts.NAME.prices] has; what is wrong with them gathers in the table."""
    before = len(table.problems)
    table.only(KEYS)
    currency = table.text("currency", default="USD")
    if not _CURRENCY.fullmatch(currency):
        said = f'{table.full("currency")}: "{currency}" is not a currency.'
        table.problem("currency", "wrong-currency", said, 'Write its three capital letters: currency = "USD".')
    post = _amount(table, "post")
    link, one_read, budget = (_amount(table, key, required=False) for key in ("link", "read", "budget"))
    day = table.day("read_on", required=True)
    if post is None or day is None or len(table.problems) > before:
        return None
    return Prices(currency, post, post if link is None else link, one_read or Decimal(0), day, budget)


def _amount(table: Table, key: str, *, required: bool = True) -> Decimal | None:
    """The amount of money at `key`, exactly as it is written."""
    value = table.values.get(key)
    if value is None:
        if required:
            table.problem(key, "missing-key", f"{table.full(key)} is missing.", f"Add a line {key} = 0.015.")
        return None
    mend = f"Write a number such as {key} = 0.015, without quotes and without the currency."
    if isinstance(value, bool) or not isinstance(value, int | float):
        table.problem(key, "wrong-type", f"{table.full(key)} is not an amount of money.", mend)
        return None
    amount = Decimal(str(value))
    if not amount.is_finite() or not 0 <= amount <= MOST:
        table.problem(key, "wrong-number", f"{table.full(key)} cannot be {value}.", mend)
        return None
    return amount


def read_prices(account: Account) -> tuple[Prices | None, tuple[Problem, ...]]:
    """The account's prices, None where it has none, and what is wrong with them."""
    written = account.options.get("prices")
    if written is None:
        return None, ()
    table = Table(written if isinstance(written, dict) else {}, f"accounts.{account.name}.prices", "config.toml", {})
    if table.values is not written:
        said, mend = f"{table.name} must be a part with keys of its own.", f"Start it with [{table.name}]."
        table.problem("", "wrong-type", said, mend)
        return None, tuple(table.problems)
    return read(table), tuple(table.problems)


def of(message: Message, account: Account, limits: Limits, *, out: int = 0) -> Cost | None:
    """What a message costs to send; None where the account has no prices. `out` parts of its thread are out already."""
    prices, _ = read_prices(account)
    if prices is None:
        return None
    parts = message.parts[out:]
    links = sum(bool(text.charged_links(part.text, limits)) for part in parts)
    amount = links * prices.link + (len(parts) - links) * prices.post
    return Cost(account.name, prices, len(parts), links, amount)


def by_account(
    messages: Iterable[tuple[Message, int]], accounts: Iterable[Account], limits: Mapping[str, Limits]
) -> tuple[Cost, ...]:
    """What messages cost on each account that has prices, in the order of `accounts`.

    With each message stands how many parts of its thread are out already.
    """
    known = {a.name: a for a in accounts if read_prices(a)[0]}
    sums: dict[str, Cost] = {}
    for message, out in messages:
        account = known.get(message.account)
        cost = of(message, account, limits[account.name], out=out) if account else None
        if cost:
            sums[cost.account] = _and(sums[cost.account], cost) if cost.account in sums else cost
    return tuple(sums[name] for name in known if name in sums)


def _and(one: Cost, other: Cost) -> Cost:
    posts, links = one.posts + other.posts, one.links + other.links
    return Cost(one.account, one.prices, posts, links, one.amount + other.amount)
