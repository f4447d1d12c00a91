"""Every number in a text or on a card must stand in the facts that the post cites.

`unsourced` compares the numbers of a text with those of the cited facts, by value and by kind: 44% is not 44 people,
and 1 in 6 is not 16%. One reader, `numerals.read`, serves both sides, so that a number is understood in the same way
in the ledger and in a draft.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from scheduler import proportion
from scheduler.numerals import Figure, digits_of, read
from scheduler.numerals.alike import distance, mistyped, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.model import Campaign, Fact
    from scheduler.proportion import Proportion

# What may be counted without a source: the parts of a text, never people. Keep this list short.
STRUCTURE = (
    "facts",
    "lines",
    "minutes",
    "numbers",
    "questions",
    "reasons",
    "signs",
    "steps",
    "things",
    "ways",
    "words",
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A number that may not stand as it is."""

    rule: str  # figure-unsourced, figure-hedge, year-unsourced or help-number
    written: str
    start: int
    text: str
    mend: str


# The ledger


@lru_cache(maxsize=1024)
def of_fact(fact: Fact) -> tuple[Figure, ...]:
    """The numbers that a fact vouches for: of its figure, statement, unit, year and, for kind quote, its quote.

    The quote of other kinds is evidence only. A date figure ("01-11") vouches for nothing but its year.
    """
    own = [*read(fact.statement), *read(fact.quote if fact.kind == "quote" else ""), *read(fact.attribution)]
    printed = [] if fact.unit in {"date", "dates"} else _printed(fact)
    known = {key for figure in own for key in figure.keys}
    fresh = [f for f in printed if not set(f.keys) <= known]
    years = [*read(fact.data_year), *read(fact.unit)]
    if fact.checked and fact.data_year.startswith("current"):
        years.append(Figure(Decimal(fact.checked.year), "year", str(fact.checked.year), 0))
    return tuple(own + fresh + years)


def _printed(fact: Fact) -> list[Figure]:
    """The numbers of the field `figure`; a bare number takes its kind from the unit."""
    units = fact.unit.lower().split(" / ")
    figures: list[Figure] = []
    for n, part in enumerate(fact.figure.split(" / ")):
        unit = units[min(n, len(units) - 1)]
        figures += [_by_unit(figure, unit) for figure in read(part)]
    return figures


def _by_unit(figure: Figure, unit: str) -> Figure:
    if figure.kind not in {"count", "year"}:
        return figure
    if unit.startswith("percent"):
        return replace(figure, kind="percent", text=f"{figure.text}%")
    if "dollar" in unit:
        return replace(figure, kind="money", text=f"US${figure.text}")
    if re.search(r"phone|sms|tty", unit):
        return replace(figure, kind="phone", value=digits_of(figure.text))
    if figure.kind == "year" and unit not in {"", "year"}:
        return replace(figure, kind="count")
    return figure


# Judging

_SIGN = re.compile(r"(?<![\w%)])(?:[-−–]|[+±×<>≤≥][ \u00a0]?)$")  # not the dash of a list: "- 44%"


def unsourced(
    text: str, facts: Sequence[Fact], campaign: Campaign, ledger: Iterable[Fact] = (), *, helps: bool = True
) -> tuple[Trouble, ...]:
    """The numbers of a text that stand neither in the cited facts nor in the help lines, in order.

    `facts` are the cited ones; with the whole `ledger` the mend can name the fact that has the number. A number
    inside the exact title or publisher of a cited fact is free: it belongs to the name. Without `helps`, a number of
    the help lines needs a fact as well: where numbers are counts, 911 would be read as one.
    """
    names = _names(text, facts)
    found = [f for f in read(text) if not _inside(f, names)]
    lines = _help_keys(campaign)
    known = tuple(ledger)
    troubles = []
    for figure in found:
        if sign := _sign(figure, text, facts):
            troubles.append(_signed(figure, sign))
        elif set(figure.keys) <= lines:
            troubles += [] if helps or any(stands(figure, fact) for fact in facts) else [_not_to_call(figure)]
        elif not _free(figure, text, campaign) and (trouble := _judge(figure, facts, campaign, known)):
            troubles.append(trouble)
    return tuple(troubles)


def _sign(figure: Figure, text: str, facts: Sequence[Fact]) -> str:
    """The sign right before a number that changes what it says, unless a fact has it so: "-44%" is not 44%."""
    found = _SIGN.search(text[: figure.start])
    if not found or figure.kind in {"phone", "hours", "year", "date", "ordinal"}:
        return ""
    sign = found.group().strip()
    written = (f"{sign}{figure.text}", f"{found.group()}{figure.text}")
    told = [f"{fact.figure} {fact.statement}" for fact in facts]
    return "" if any(words in text for words in written for text in told) else sign


def _signed(figure: Figure, sign: str) -> Trouble:
    said = f"“{sign}{figure.text}”, with the sign “{sign}”, stands in none of the facts that this post cites."
    return Trouble("figure-unsourced", f"{sign}{figure.text}", figure.start, said, f"Take the sign “{sign}” away.")


def _not_to_call(figure: Figure) -> Trouble:
    said = (
        f"“{figure.text}” stands in no cited fact; as help it may stand on cards of the layouts action and list only."
    )
    mend = "Use one of these layouts, cite the fact that has it, or leave it out."
    return Trouble("figure-unsourced", figure.text, figure.start, said, mend)


def stands(figure: Figure, fact: Fact) -> bool:
    """Whether a fact has this number, of this kind; for a range, both its ends."""
    known = {key for own in of_fact(fact) for key in own.keys}
    return set(figure.keys) <= known


def share_stands(share: Proportion, fact: Fact) -> bool:
    """Whether a fact has each part of a proportion, as the ratio or the percentage that is printed."""
    known = {key for own in of_fact(fact) for key in own.keys}
    printed = proportion.read(fact.figure)
    return set(share.keys) <= known | set(printed.keys if printed else ())


def _names(text: str, facts: Sequence[Fact]) -> list[tuple[int, int]]:
    names = {name for fact in facts for name in (fact.title, fact.publisher) if name}
    return [m.span() for name in names for m in re.finditer(re.escape(name), text, re.IGNORECASE)]


def _inside(figure: Figure, spans: list[tuple[int, int]]) -> bool:
    return any(start <= figure.start and figure.end <= end for start, end in spans)


def _free(figure: Figure, text: str, campaign: Campaign) -> bool:
    """Whether a number needs no fact."""
    if figure.kind == "date":
        return figure.value in {campaign.start.year, campaign.start.year - 1, campaign.end.year}
    if figure.kind != "count" or figure.high is not None:
        return False
    follows = re.match(r"(?:\s+([A-Za-z]+))?(?:\s+([A-Za-z]+))?", text[figure.end :])
    next_words = {w.lower() for w in follows.groups() if w} if follows else set()
    if figure.text.lower() == "one":
        return True
    if figure.value == (campaign.end - campaign.start).days + 1 and "days" in next_words:
        return True
    small = 1 < figure.value <= 10  # noqa: PLR2004 - two to ten
    return small and not figure.hedge and bool(next_words & set(STRUCTURE))


def _help_keys(campaign: Campaign) -> set[tuple[str, Decimal]]:
    return {key for line in _help_lines(campaign) for f in read(line) for key in f.keys}


def _help_lines(campaign: Campaign) -> list[str]:
    """The help lines in all languages: a number of one of them is right in each."""
    others = [line for words in campaign.translations.values() for line in (words.help_long, words.help_short)]
    return [campaign.help_long, campaign.help_short, *others]


def _judge(figure: Figure, facts: Sequence[Fact], campaign: Campaign, ledger: tuple[Fact, ...]) -> Trouble | None:
    holding = [fact for fact in facts if stands(figure, fact)]
    if holding:
        return _hedge_trouble(figure, holding)
    if figure.kind == "phone":
        return _phone_trouble(figure, facts, campaign, ledger)
    year = figure.kind in {"year", "date"}
    return Trouble(
        "year-unsourced" if year else "figure-unsourced",
        figure.text,
        figure.start,
        f"The {'year' if year else 'number'} “{figure.text}” stands in none of the facts that this post cites.",
        _mend(figure, facts, ledger),
    )


def _hedge_trouble(figure: Figure, holding: Sequence[Fact]) -> Trouble | None:
    """The same number, but without the source's "nearly", "about" or "more than", or with another one."""
    if figure.kind not in {"count", "percent", "points", "money", "ratio", "multiple"}:
        return None
    own = [(f, fact) for fact in holding for f in of_fact(fact) if set(figure.keys) & set(f.keys)]
    hedges = {f.hedge for f, _ in own}
    if figure.hedge in hedges or (figure.hedge == "about" and "" in hedges):
        return None
    right, fact = own[0]
    shown = f"{right.hedge and _SAY[right.hedge] + ' '}{right.text}"
    said = f"{figure.hedge and _SAY[figure.hedge] + ' '}{figure.text}"
    return Trouble(
        "figure-hedge",
        figure.text,
        figure.start,
        f"The ledger says “{shown}” ({fact.id}); “{said}” says something else.",
        f"Write “{shown}”.",
    )


_SAY = {"nearly": "nearly", "about": "about", "over": "more than", "under": "up to"}


def _phone_trouble(figure: Figure, facts: Sequence[Fact], campaign: Campaign, ledger: tuple[Fact, ...]) -> Trouble:
    lines = [f for line in _help_lines(campaign) for f in read(line) if f.kind == "phone"]
    known = lines + [f for fact in (*facts, *ledger) for f in of_fact(fact) if f.kind == "phone"]
    near = min(known, key=lambda f: distance(str(figure.value), str(f.value)), default=None)
    if near and near.value != figure.value and mistyped(str(figure.value), str(near.value)):
        return Trouble(
            "help-number",
            figure.text,
            figure.start,
            f"“{figure.text}” is not a help number that we know; it looks like {near.text}, mistyped.",
            f"Write {near.text}.",
        )
    return Trouble(
        "figure-unsourced",
        figure.text,
        figure.start,
        f"The number to call or text “{figure.text}” stands neither in the help lines nor in the cited facts.",
        _mend(figure, facts, ledger),
    )


def _mend(figure: Figure, facts: Sequence[Fact], ledger: tuple[Fact, ...]) -> str:
    near = _nearest(figure, facts)
    if near:
        right, fact = near
        shown = f"{right.hedge and _SAY[right.hedge] + ' '}{right.text}"
        return f"The ledger says {shown} ({fact.id}). Write {shown}."
    elsewhere = [fact.id for fact in ledger if fact.verified and stands(figure, fact) and fact not in facts]
    if elsewhere and figure.kind not in {"year", "date"}:
        return f"It stands in {' and '.join(elsewhere[:2])}: add that to `facts:`, or leave the number out."
    return "Use a number of a cited fact, add the fact that has it to `facts:`, or leave it out."


def _nearest(figure: Figure, facts: Sequence[Fact]) -> tuple[Figure, Fact] | None:
    """The number of the cited facts that was probably meant."""
    year = figure.kind in {"year", "date"}
    own = [(f, fact) for fact in facts for f in of_fact(fact) if (f.kind in {"year", "date"}) == year]
    scored = [(_unlike(figure, f), n) for n, (f, _) in enumerate(own) if f.kind != "phone"]
    if not scored:
        return None
    unlike, n = min(scored)
    return own[n] if unlike <= (10 if year else Decimal("0.3")) else None


def _unlike(written: Figure, right: Figure) -> Decimal:
    """How far a number is from the right one, from 0; years apart for years."""
    a, b = written.value, right.value
    if written.kind in {"year", "date"}:
        return abs(a - b)
    off = Decimal("0.1") if written.kind != right.kind else Decimal(0)
    same_digits = sorted(plain(a)) == sorted(plain(b)) and len(plain(b)) > 1
    if not b or same_digits:
        return off + (Decimal("0.01") if b else abs(a))
    return off + min(abs(a - b) / abs(b), Decimal(99))
