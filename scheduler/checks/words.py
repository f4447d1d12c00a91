"""How a post speaks: help footer, signs, barred words, capitals, links, tags, emoji and quotations."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from scheduler import compose, text, wording
from scheduler.checks.scope import Place, at, here
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scheduler.checks.scope import Scope
    from scheduler.model import Fact, Message, Post, Problem

LONG_TAG = 14  # letters from which a tag with a single capital is probably several words run together
QUOTED = 4  # words from which quotation marks are taken for a quotation


_KNOWN_CAPITALS = (
    "ACF AMBER BJS BST CEO CET CRS CST DHS DOJ EST FAQ FBI GAO HHS HSI ILAB ILO IOM LGBTQ LGBTQIA NCMEC NGO NHTTAC OVC "
    "PDF RAINN SMS TTY TVPA UNICEF UNODC USA USCIS YWCA HELP INFO BEFREE STOP"
)


_NOT_PROOF = re.compile(
    r"(?i)\b(?:not|no|never|n['’]t|nor)\b[^.!?\n]{0,25}\bproof\b"
    r"|\b(?:not|n['’]t)\b[^.!?\n]{0,12}\b(?:prove|mean)\b|\bproves? nothing\b"
)


_STEP_BACK = re.compile(
    r"(?i)\b(?:do not|don['’]t|never|not to)\b[^.!?]{0,30}"
    r"\b(?:confront|step in|interven\w+|investigat\w+|approach|follow)\b"
    r"|\bkeep (?:your|a safe) distance\b"
)


_EMOJI = re.compile(
    r"(?:[\U0001F1E6-\U0001F1FF]{2}|[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\u231A-\u23FF]"
    r"(?:[\uFE0F\U0001F3FB-\U0001F3FF]|\u200D[\U0001F300-\U0001FAFF\u2600-\u27BF]\uFE0F?)*)"
)


_FANCY = re.compile(r"[\U0001D400-\U0001D7FF\uFF21-\uFF3A\uFF41-\uFF5A\u24B6-\u24E9\U0001F130-\U0001F189]+")


_ATTRIBUTED = re.compile(
    r"(?i)\b(?:says?|said|asks?|asked|told|writes?|wrote|states?|stated|according to|in the words of)\b"
)


_QUOTE = re.compile(r"“([^“”]+)”|\"([^\"\n]+)\"")


STRAIGHT = str.maketrans("“”‘’", "\"\"''")


def footer(message: Message, scope: Scope) -> Iterator[Problem]:
    """The help footer stands in the text, word for word."""
    if not compose.has_footer(message.words, scope.campaign):
        said = "The help footer is missing from the text, or differs from config.toml."
        yield here(scope, "help-missing", said)


def signs(message: Message, scope: Scope) -> Iterator[Problem]:
    """A post about signs says that a sign is not proof, and to keep out of it."""
    signs = [f.id for f in scope.facts if f.kind == "indicator" and "sign" in f.statement.lower() and f.id != "I01"]
    if not signs:
        return
    line = scope.post.lines.get("facts", 0)
    if "I01" not in scope.post.facts:
        said = f"The post cites the sign {signs[0]} without I01, “A sign is not proof”."
        yield problem("signs-not-proof", scope.post.path, line, said)
    elif not any(_NOT_PROOF.search(t) for t in (scope.post.text, *scope.post.texts.values())):
        said = "The post is about signs, and no text of it says that a sign is not proof."
        yield problem("signs-not-proof", scope.post.path, line, said)
    elif not _NOT_PROOF.search(message.words):
        yield here(
            scope, "signs-not-proof-here", "This text is about signs, and does not say that a sign is not proof."
        )
    if not _STEP_BACK.search(message.words):
        yield here(scope, "signs-step-in", "This text is about signs, and does not say to keep out of it.")


def wording_of(place: Place, scope: Scope) -> Iterator[Problem]:
    """Barred words, promises and statistics; an exact quotation or a report's title is free."""
    free = _verbatim(place.words, scope.facts)
    for rule, table in (
        ("word-barred", wording.WORDS),
        ("promise-barred", wording.PROMISES),
        ("statistic-barred", wording.STATISTICS),
    ):
        for hit in wording.barred(place.words, table):
            if not any(start <= hit.start < end for start, end in free):
                yield at(scope, place, rule, hit.start, f"“{hit.written}” is not to be used.", mend=hit.mend)


def _verbatim(words: str, facts: Sequence[Fact]) -> list[tuple[int, int]]:
    """Where an exact quotation of a cited quote, or the title of a cited report, stands."""
    kept = [f.quote for f in facts if f.kind == "quote" and f.quote] + [
        n for f in facts for n in (f.title, f.publisher) if n
    ]
    plain = words.translate(STRAIGHT)
    return [m.span() for k in kept for m in re.finditer(re.escape(k.translate(STRAIGHT).rstrip(".")), plain)]


def capitals(place: Place, scope: Scope) -> Iterator[Problem]:
    """Words in capitals that are no known name."""
    campaign = scope.campaign
    names = " ".join(
        [campaign.name, campaign.organisation, campaign.help_long, campaign.help_short]
        + [f"{f.publisher} {f.title} {f.statement} {f.figure} {f.attribution}" for f in scope.facts]
    )
    known = set(_KNOWN_CAPITALS.split()) | set(re.findall(r"[A-Z]{3,}", names))
    masked = re.sub(r"https?://\S+|#\w+|\b[\d-]*\d-[\dA-Z-]+", lambda m: " " * len(m.group()), place.words)
    for found in re.finditer(r"\b[A-Z]{3,}\b", masked):
        if found.group() not in known:
            yield at(scope, place, "all-caps", found.start(), f"“{found.group()}” is in capitals.")


def fancy_letters(place: Place, scope: Scope) -> Iterator[Problem]:
    """Letters that only look like letters."""
    for found in _FANCY.finditer(place.words):
        said = f"“{found.group()}” is written in decorative letters."
        yield at(scope, place, "fancy-letters", found.start(), said)


def links(place: Place, scope: Scope) -> Iterator[Problem]:
    """Links that are not https."""
    for link in text.links(place.words):
        if not link.lower().startswith("https://"):
            said = f"The link {link} does not start with https://."
            yield at(scope, place, "link-not-https", place.words.find(link), said)


def tags(place: Place, scope: Scope) -> Iterator[Problem]:
    """Hashtags that are barred or not in CamelCase."""
    for tag in text.hashtags(place.words):
        start = max(place.words.find(f"#{tag}"), 0)
        if tag.lower() in wording.TAGS:
            yield at(scope, place, "tag-barred", start, f"#{tag} is tied to misinformation.")
        capitals = sum(letter.isupper() for letter in tag)
        if not tag[0].isupper() or (len(tag) > LONG_TAG and capitals < 2):  # noqa: PLR2004 - two words or more
            yield at(scope, place, "tag-case", start, f"#{tag} is not in CamelCase.")


def emoji(scope: Scope) -> Iterator[Problem]:
    """At most one emoji, at the end of the text."""
    own = scope.own.strip()
    found = list(_EMOJI.finditer(own))
    place = Place(scope.section, own)
    if len(found) > 1:
        yield at(scope, place, "emoji", found[1].start(), f"The text has {len(found)} emoji.")
    elif found and own[found[0].end() :].strip(" .!\n"):
        yield at(
            scope, place, "emoji", found[0].start(), f"“{found[0].group()}” does not stand at the end of the text."
        )


def quotes(words: str, post: Post, key: str, facts: Sequence[Fact]) -> Iterator[Problem]:
    """Quotations of four words and more that are given to someone, or nearly are a cited quotation."""
    sources = [_flat(s) for f in facts for s in (f.quote, f.statement, f.title)]
    for found in _QUOTE.finditer(words):
        said = _flat(found[1] or found[2]).strip(" .,;:!?-—'")
        if len(said.split()) < QUOTED or any(said.lower() in source.lower() for source in sources):
            continue
        around = _around(words, found)
        if re.search(r"(?i)\bmyths?\b", around):
            continue  # what the post refutes is quoted from nobody
        given = _ATTRIBUTED.search(around) or re.match(r"\s*\(\s*[A-Z]", words[found.end() :])
        close = [f for f in facts if f.quote and _alike(said, _flat(f.quote))]
        if given or close:
            line = post.lines.get(key, 0) + (
                words.count("\n", 0, found.start()) + (key != "text") if _is_text(key) else 0
            )
            mend = f"{close[0].id} says: “{close[0].quote}” Copy it word for word." if close else ""
            yield problem("quote-not-verbatim", post.path, line, f"“{said}” does not stand so in a cited fact.", mend)


def _is_text(key: str) -> bool:
    return key == "text" or key.startswith("## ")


def _around(words: str, quote: re.Match[str]) -> str:
    """The sentence around a quotation, without it."""
    end = re.search(r"[.!?\n]|$", words[quote.end() :])
    before = re.split(r"[.!?\n]", words[: quote.start()])[-1]
    return f"{before} {words[quote.end() : quote.end() + (end.start() if end else 0)]}"


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio() > 0.75  # noqa: PLR2004 - a near copy


def _flat(words: str) -> str:
    return " ".join(words.translate(STRAIGHT).split())
