"""Words, promises and statistics that a post about trafficking must not use, and what to say instead.

From the campaign's messaging guidelines, which rest on survivors' and publishers' own guidance (AP Stylebook since
2016, HHS SOAR, Polaris "Language Matters", NCMEC), and on fact checks of the "zombie" statistics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Barred:
    """A turn of phrase that is barred."""

    pattern: re.Pattern[str]
    mend: str
    unless: re.Pattern[str] | None = None  # words in the same sentence that make it right


@dataclass(frozen=True, slots=True)
class Hit:
    """Barred words in a text."""

    written: str
    start: int
    mend: str


def _barred(pattern: str, mend: str, unless: str = "") -> Barred:
    flags = re.NOFLAG if pattern.startswith("(?-i)") else re.IGNORECASE
    excuse = re.compile(unless, re.IGNORECASE) if unless else None
    return Barred(re.compile(pattern.removeprefix("(?-i)"), flags), mend, excuse)


_PEOPLE = r"(?:victims?|survivors?|children|kids|girls|boys|women|men|people|them|him|her|lives|a life|someone|slaves)"

WORDS = (
    _barred(
        r"\b(?:child|teen(?:age)?|underage|juvenile|minor) (?:prostitut\w*|sex workers?)\b",
        "Say “child sex trafficking victim” or “sexually exploited child”.",
    ),
    _barred(r"\bprostitut\w*\b|\bhookers?\b", "Say “person in commercial sex”, or “commercial sexual exploitation”."),
    _barred(r"\bsex slaves?\b|\bsex slavery\b", "Say “commercial sexual exploitation”."),
    _barred(
        r"\bsell(?:s|ing)? (?:her|his|their) (?:body|bodies)\b|\bsell(?:s|ing)? (?:her|him|them)sel(?:f|ves)\b",
        "Say “commercial sexual exploitation”.",
    ),
    _barred(r"\brescu(?:e|es|ed|ing|ers?)\b", "Say “support”, “leave safely” or “reach services”."),
    _barred(
        rf"\bsav(?:e|es|ed|ing) (?:(?:the|our|more|these|those|young|trafficked|a|every) )*{_PEOPLE}\b",
        "Say “support”.",
    ),
    _barred(r"\bvoiceless\b|\bbe (?:their|her|his|a) voice\b", "Say what people say themselves; people have a voice."),
    _barred(
        r"\bmodern[- ](?:day )?slav\w+|\bmodern-day slav\w+|\babolitionists?\b",
        "Say “human trafficking”, “exploitation” or “forced labor”.",
    ),
    _barred(r"\bslaves?\b", "Say “a person who was trafficked”."),
    _barred(
        r"\brunaways\b|\brunaway (?:girl|boy|kid|teen)\w*|\ba runaway\b(?! (?:and|or|report|youth))"
        r"|\bfrequent fliers?\b|\btroubled (?:girl|boy|kid|teen|youth)\w*",
        "Say “a young person who ran away” or “missing from care”.",
    ),
    _barred(r"\bpimp(?:s|ed|ing)?\b", "Say “trafficker” or “person who exploited them”."),
    _barred(r"(?-i)\bjohns?\b|\bJohns\b", "Say “buyer”."),
    _barred(r"\bmonsters?\b|\bpredator rings?\b|\bsex rings?\b", "Say “trafficker” or “person who exploited them”."),
    _barred(
        r"\bare trafficked (?:each|every|per) (?:year|day|month)\b"
        r"|\b(?:thousands|millions|children|girls) (?:are )?stolen\b",
        "Use the verb of the data: identified, reported, detected or estimated.",
    ),
    _barred(
        r"\billegals\b|\billegal (?:aliens?|immigrants?|migrants?|workers?|people|persons?|status)\b"
        r"|\btemporary citizenship\b",
        "Say “insecure immigration status”.",
    ),
    _barred(
        r"\bNHTRC\b|\bNational Human Trafficking Resource Center\b|\bPolaris hotline\b|\bCompass Connections\b"
        r"|\bPolaris (?:runs|operates)\b",
        "Say “National Human Trafficking Hotline”, and name no operator.",
    ),
    _barred(r"\bspik(?:e|es|ed|ing)\b|\bepidemic\b", "Say what was counted; more reports may mean more reporting."),
    _barred(
        r"\b(?:trafficking )hub\b|\bhub (?:for|of) (?:human |sex )?trafficking\b",
        "Say what was counted, where and when.",
    ),
    _barred(
        r"\b(?:look|looks|looked|looking|seem|seems|seemed) out of place\b|\bforeign[- ]looking\b",
        "Name a behavior or a situation; looks are never a reason to report.",
    ),
)

PROMISES = (
    _barred(r"\banonym(?:ous|ously|ity)\b", "Say “confidential”."),
    _barred(
        r"\bno police\b|\bwithout (?:the )?police\b|\bpolice (?:will|are) not\b|\b(?:not|isn['’]t) the government\b"
        r"|\bno government\b",
        "Say “confidential” and promise no more.",
    ),
    _barred(
        r"\bguarantee\w*\b|\b(?:100%|100 percent|completely|totally) (?:confidential|safe|secret)\b|\bwill be safe\b",
        "Promise no outcome; say what the line offers.",
    ),
)

_DEBUNKED = r"\bmyths?\b|\bno (?:good |solid )?evidence\b|\brumou?rs?\b|\bnot true\b|\bfalse\b"
_LEAVE = "Leave it out, and use a fact of the ledger."

STATISTICS = (
    _barred(
        r"\b(?:100,?000|one hundred thousand)\b.{0,12}\b(?:300,?000|three hundred thousand)\b"
        r"|\b(?:100,?000|300,?000)\s+(?:\w+\s+){0,2}(?:children|kids|girls|youth|minors)\b",
        f"It is a 2001 estimate of risk whose authors asked people not to cite it. {_LEAVE}",
    ),
    _barred(
        r"\baverage age (?:of|at) (?:entry|recruitment|being trafficked)\b"
        r"|\baverage age\b[^.!?]{0,40}\b(?:1[1-5]|eleven|twelve|thirteen|fourteen|fifteen)\b"
        r"|\b(?:1[1-5]|twelve|thirteen|fourteen)(?:-year-olds?)?\b[^.!?]{0,40}\bis the average age\b",
        f"It comes from one small sample of minors in 2001. {_LEAVE}",
    ),
    _barred(
        r"\bsuper ?bowl\b[^.!?]{0,60}\b(?:biggest|largest|busiest|surges?|more|increase)\b"
        r"|\b(?:biggest|largest|busiest|surges?|increase)\b[^.!?]{0,60}\bsuper ?bowl\b",
        "Researchers found no good evidence for it (M09). Leave it out.",
        _DEBUNKED,
    ),
    _barred(
        r"\b150 ?(?:billion|bn|b)\b|\bone hundred (?:and )?fifty billion\b",
        "It was replaced in 2024 by US$236 billion (S15).",
    ),
    _barred(
        r"(?<![\d.,])27 million\b|\btwenty[- ]seven million\b",
        "It is a 1999 figure without a method; the ILO's is about 27.6 million people in forced labor (S10).",
    ),
    _barred(r"(?<![\d.,])(?:40\.3|24\.9) million\b", "It was replaced by the estimates for 2021 (S10, S11)."),
    _barred(
        r"\b600,?000\b.{0,12}\b800,?000\b|\b14,?500\b.{0,12}\b17,?500\b",
        f"It is two decades old, and GAO called it questionable. {_LEAVE}",
    ),
    _barred(
        r"\b68,?000\b|\bevery (?:single )?(?:[\d.]+|two|few|thirty|forty|other|couple of|half) ?(?:seconds?|minutes?)\b"
        r"|\bevery (?:second|minute)\b",
        f"It is misread or has no source. {_LEAVE}",
    ),
    _barred(r"(?<![\d.,])1\.1 million\b", f"It is a modelled, contested estimate (U04). {_LEAVE}"),
    _barred(
        r"\brank(?:s|ed|ing)?\b[^.!?]{0,30}(?:\d+(?:st|nd|rd|th)\b|\b(?:first|second|third|top|number|no\.)|#\d)",
        f"Rankings compare reports, not trafficking (U07). {_LEAVE}",
    ),
    _barred(
        r"\b(?:second|third|2nd|3rd)[- ](?:largest|biggest|most)\b[^.!?]{0,40}"
        r"\b(?:crim\w+|industry|enterprise|business)\b"
        r"|\b(?:fastest|quickest)[- ]growing\b[^.!?]{0,40}\b(?:crim\w+|industry|enterprise|business)\b",
        f"No solid source was found for it (U12). {_LEAVE}",
    ),
)

TAGS = {"savethechildren", "saveourchildren"}  # tied to misinformation; rumors flooded the hotline in 2020


def barred(text: str, table: tuple[Barred, ...]) -> Iterator[Hit]:
    """Each turn of phrase of `table` in `text`; of two that overlap only the first."""
    taken: list[tuple[int, int]] = []
    for entry in table:
        for found in entry.pattern.finditer(text):
            excused = entry.unless and entry.unless.search(sentence_at(text, found.start()))
            if excused or any(start < found.end() and found.start() < end for start, end in taken):
                continue
            taken.append(found.span())
            yield Hit(found.group(), found.start(), entry.mend)


def sentence_at(text: str, position: int) -> str:
    """The sentence of `text` around a position. A line break ends a sentence; the point of "U.S." does not.

    A source in brackets behind a sentence belongs to it.
    """
    ends = [m.end() for m in re.finditer(r"(?<!\bU\.S)(?<!\bSt)(?<!\bJr)[.!?][”\")’]*(?=\s)(?! \()|\n", text)]
    start = max((e for e in ends if e <= position), default=0)
    end = min((e for e in ends if e > position), default=len(text))
    return text[start:end]
