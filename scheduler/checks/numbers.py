"""Every number is sourced, with its year, its unit and the day that it belongs to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler import figures, numerals, wording
from scheduler.checks.scope import Place, at, card_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from scheduler.checks.scope import Scope
    from scheduler.model import Fact, Message, Problem

OLD = 5  # years after which a figure must not be told as today's
_LEANS = re.compile(r"(?i)\bof (?:them|it|that|this|those|these|whom)\b|\b(?:those|these|the same year|that year)\b")


_NOW = re.compile(r"(?i)\b(?:now|today|currently|at present|this year|(?:each|every|per|a) year|annually|these days)\b")


def sourced(place: Place, scope: Scope) -> Iterator[Problem]:
    """Numbers that the cited facts do not have, or not so."""
    printed = {part.lower() for fact in scope.facts for part in fact.figure.split(" / ")}
    helps = place.key != "card" or scope.post.card.layout in {"action", "list"}
    for trouble in figures.unsourced(place.words, scope.facts, scope.campaign, scope.ledger, helps=helps):
        if trouble.rule == "figure-hedge" and place.headline and trouble.written.lower() in printed:
            continue
        yield at(scope, place, trouble.rule, trouble.start, trouble.text, mend=trouble.mend)


def phone_letters(place: Place, scope: Scope) -> Iterator[Problem]:
    """Numbers to call that are written with letters."""
    for figure in numerals.read(place.words):
        if figure.kind == "phone" and re.search("[A-Z]", figure.text):
            said = f"“{figure.text}” has letters in it."
            yield at(scope, place, "help-format", figure.start, said, mend=f"Write {_in_digits(figure.text)}.")


def _in_digits(written: str) -> str:
    keys = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))
    digits = "".join(keys.get(sign, sign) for sign in written if sign.isalnum())
    return "-".join(filter(None, (digits[:-10], digits[-10:-7], digits[-7:-4], digits[-4:])))


def years(places: Sequence[Place], message: Message, scope: Scope) -> Iterator[Problem]:
    """Each number of a statistic needs the year of its data: in the text, and on the card."""
    for place in places:
        if place.key == scope.section:
            yield from _years_of_text(place, scope)
    for card in (image.card for image in message.images if image.card):
        texts = [words for words, _ in card_words(card)]
        around = " ".join([*texts, card.source])
        for _, owners in _statistics("\n".join(texts), scope):
            if not any(_has_year(around, fact) for fact in owners):
                yield _no_year(owners[0], scope, Place("card", around), 0)


def _years_of_text(place: Place, scope: Scope) -> Iterator[Problem]:
    for figure, owners in _statistics(place.words, scope):
        told = [fact for fact in owners if _has_year(place.words, fact)]
        if not told:
            yield _no_year(owners[0], scope, place, figure.start)
            continue
        fact, shown = told[0], _shown(figure)
        sentence = _context(place.words, figure.start)
        if (others := _named_years(sentence)) and not any(_has_year(sentence, f) for f in owners):
            said = f"“{shown}” is of {fact.data_year} ({fact.id}), but its sentence says {min(others)}."
            yield at(scope, place, "figure-year", figure.start, said, mend=f"Write “{fact.data_year}”.")
            continue
        if fact.data_year.startswith("FY") and not re.search(r"(?i)\bfiscal\b|\bFY", place.words):
            said = f"“{shown}” is of a fiscal year, {fact.data_year} ({fact.id}), and the text does not say so."
            yield at(scope, place, "figure-fiscal", figure.start, said)
        if max(_data_years(fact)) > scope.campaign.start.year - OLD:
            continue
        if not _has_year(sentence, fact):
            said = f"“{shown}” is of {fact.data_year} ({fact.id}), and its sentence does not say so."
            yield at(scope, place, "figure-old", figure.start, said)
        elif now := _NOW.search(sentence):
            said = f"“{shown}” is of {fact.data_year} ({fact.id}), but its sentence says “{now.group()}”."
            yield at(scope, place, "figure-old-now", figure.start, said)


def _context(words: str, start: int) -> str:
    """The sentence around a position, with the one before when it leans on that: "6.3 million of them"."""
    sentence = wording.sentence_at(words, start)
    if not _LEANS.search(sentence):
        return sentence
    before = words.find(sentence) - 1
    return wording.sentence_at(words, before - 1) + sentence if before > 0 else sentence


def _no_year(fact: Fact, scope: Scope, place: Place, start: int) -> Problem:
    where = "on the card" if place.key == "card" else "in the text"
    said = f"A number of {fact.id} stands {where} without its year, {fact.data_year}."
    return at(scope, place, "figure-year", start, said, mend=f"Add “{fact.data_year}”.")


def _statistics(words: str, scope: Scope) -> Iterator[tuple[numerals.Figure, list[Fact]]]:
    """The numbers of `words` that are statistics, each with the cited facts that have it."""
    for figure in numerals.read(words):
        if figure.kind in {"year", "date", "phone", "hours"}:
            continue
        owners = [f for f in scope.facts if figures.stands(figure, f)]
        if owners and all(f.kind == "stat" and _data_years(f) for f in owners):
            yield figure, owners


def _shown(figure: numerals.Figure) -> str:
    return " ".join(figure.text.split())


def _data_years(fact: Fact) -> set[int]:
    return {int(year) for year in re.findall(r"(?:19|20)\d\d", fact.data_year)}


def _has_year(words: str, fact: Fact) -> bool:
    return bool(_data_years(fact) & _named_years(words))


def _named_years(words: str) -> set[int]:
    return {int(value) for f in numerals.read(words) for kind, value in f.keys if kind == "year"}


def units(place: Place, scope: Scope) -> Iterator[Problem]:
    """Two numbers of one fact that changed places: "22,000 cases" where the ledger has 22,000 victims."""
    for figure in numerals.read(place.words):
        near = re.split(r"\d", place.words[figure.end : figure.end + 60].lower())[0]
        named = set(re.findall(r"\w+", near)[: 6 if figure.kind == "percent" else 3])  # "44% were trafficked by family"
        for fact in (f for f in scope.facts if figures.stands(figure, f)):
            units = _unit_words(fact)
            own = [words for value, words in units if value == figure.value]
            others = [words for value, words in units if value != figure.value]
            if own and not own[0] & named and (wrong := [words for words in others if words & named]):
                counts, not_these = (" ".join(sorted(unit)) for unit in (own[0], wrong[0]))
                said = f"“{_shown(figure)}” counts {counts} in {fact.id}, not {not_these}."
                yield at(scope, place, "figure-unit", figure.start, said)
                break


def source_years(place: Place, scope: Scope) -> Iterator[Problem]:
    """A source in brackets, "(HHS, 2025)", has the year of the facts that come from it."""
    for found in re.finditer(r"\(([^()]*?),? ((?:19|20)\d\d)\)", place.words):
        names = set(re.findall(r"\b[A-Z]\w{2,}", found[1]))
        owners = [f for f in scope.facts if names & set(re.findall(r"\w+", f"{f.publisher} {f.attribution}"))]
        known = {year for fact in owners for year in _named_years(f"{fact.data_year} {fact.title} {fact.attribution}")}
        if known and int(found[2]) not in known:
            years = " or ".join(str(year) for year in sorted(known))
            said = f"“{found.group()}” has the wrong year for {owners[0].id}."
            yield at(scope, place, "year-unsourced", found.start(2), said, mend=f"Write {years}.")


def _unit_words(fact: Fact) -> list[tuple[Decimal, set[str]]]:
    """The values of a fact's figure, each with the words that stand in its unit alone."""
    shown, units = fact.figure.split(" / "), fact.unit.lower().split(" / ")
    if len(units) < 2 or len(shown) != len(units):  # noqa: PLR2004 - two numbers with a unit each
        return []
    words = [set(re.findall(r"\w{4,}", unit)) for unit in units]
    common = set.intersection(*words)
    return [(f.value, w - common) for part, w in zip(shown, words, strict=True) for f in numerals.read(part)[:1]]


def days(place: Place, scope: Scope) -> Iterator[Problem]:
    """A day of the same month as a cited fact's, or of the same day and another year, is probably mistyped."""
    known = [day for f in scope.facts for day in numerals.days(f"{f.statement} {f.figure}")]
    own = [scope.post.date + timedelta(days=n) for n in range(2 if "tomorrow" in place.words.lower() else 1)]
    near = {(d.month, d.day) for d in own} | {(d.month, d.day) for d in known}
    for day in numerals.days(place.words):
        alike = [d for d in known if d.month == day.month and (d.day == day.day or (day.month, day.day) not in near)]
        if alike and not any(d.day == day.day and (d.year is None or day.year in {None, d.year}) for d in alike):
            said = f"“{day.text}” is not the day of the cited facts, {alike[0].text}."
            yield at(scope, place, "date-differs", day.start, said, mend=f"Compare it with “{alike[0].text}”.")
