"""The ledger is read entry by entry, and each mistake is named with its line and its mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.facts import locate, needs_recheck, parse
from scheduler.model import Campaign, Fact, Severity

PATH = "posts/facts.toml"
GOOD = """\
# The ledger
[S33]
kind = "stat"
statement = "In a national survey of survivors, 40% said they had a criminal record."
figure = "40"
unit = "percent"
data_year = "2023"
publisher = "Polaris"
title = "National Survivor Study"
url = "https://polaris.example/study"
evidence = "seen (secondary)"
read = 2026-11-23
"""
SECOND = GOOD.replace("S33", "S34").removeprefix("# The ledger\n")
CAMPAIGN = Campaign(
    name="January",
    start=date(2027, 1, 1),
    end=date(2027, 1, 31),
    zone="America/Chicago",
    time=time(9),
    send_within=timedelta(hours=6),
    approval="required",
    help_long="Call 1-888-373-7888.",
    help_short="1-888-373-7888",
    checked_since=date(2026, 12, 1),
)


def _problems(source: str) -> list[str]:
    return [str(p) for p in parse(source, PATH)[1]]


def test_a_good_entry_becomes_a_fact() -> None:
    ledger, problems = parse(GOOD, PATH)
    assert problems == ()
    assert ledger == {
        "S33": Fact(
            id="S33",
            kind="stat",
            statement="In a national survey of survivors, 40% said they had a criminal record.",
            publisher="Polaris",
            title="National Survivor Study",
            url="https://polaris.example/study",
            evidence="seen (secondary)",
            figure="40",
            unit="percent",
            data_year="2023",
            read=date(2026, 11, 23),
            line=2,
        )
    }


def test_an_empty_ledger_is_no_mistake() -> None:
    assert parse("# nothing yet\n", PATH) == ({}, ())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("statement =", "statment =", ':4: There is no key "S33.statment". Did you mean "S33.statement"?'),
        ('kind = "stat"', 'kind = "number"', ':3: S33.kind cannot be "number". Use one of: '),
        ('kind = "stat"', 'kind = "stats"', ':3: S33.kind cannot be "stats". Did you mean "stat"?'),
        ('"seen (secondary)"', '"seen"', ':11: S33.evidence cannot be "seen". '),
        ("https://polaris", "www.polaris", ":10: S33.url is not a web address. Start it with https:// "),
        ("2026-11-23", '"2026-11-23"', ":12: S33.read is not a day. Write it without quotes "),
        ("2026-11-23", "2026-11-23T10:00:00", ":12: S33.read is not a day. "),
        ("2026-11-23", "2026-02-30", ":12: This day does not exist. Write a real day as YYYY-MM-DD."),
        ('"2023"', "2023", ':7: S33.data_year is not text. Put it in double quotes: data_year = "2023".'),
        ('data_year = "2023"\n', "", ":2: S33 is a stat without the year of its data. Add a line data_year = "),
        ('publisher = "Polaris"\n', "", ':2: S33.publisher is missing. Add a line publisher = "…".'),
        ('kind = "stat"\n', "", ":2: S33.kind is missing. "),
        ('url = "https://polaris.example/study"\n', "", ":2: S33.url is missing. "),
        ('"40"', '"40', ":5: A quotation mark is not closed. Put text between double quotes"),
        ('figure = "40"', "figure 40", ":5: This line is not of the form key = value. Put = between"),
        ('"40"', "forty", ":5: This value cannot be read. Put text in double quotes"),
        ('unit = "percent"', 'figure = "41"', ":6: This key stands twice. Keep one of them."),
        ("[S33]", "[S33", ":2: The bracket of this heading is not closed. Close it with ]."),
        ("[S33]", "[[S33]]", ":2: The heading [S33] is not the id of a fact. "),
        (
            "[S33]",
            "[S33.more]",
            ":2: The heading [S33.more] is not the id of a fact. Write a letter and a number: [S33].",
        ),
        ("# The ledger", 'x = "1"', ':1: "x" stands above the first fact. Put it below a line with the id of its fact'),
    ],
)
def test_a_mistake_is_named_with_line_and_mend(old: str, new: str, expected: str) -> None:
    found = _problems(GOOD.replace(old, new, 1))
    assert any(p.startswith(PATH + expected) for p in found), found


@pytest.mark.parametrize("broken", ['statement = "', "figure = forty", "[S33.x]", 'nonsense = "1"', "read = 1"])
def test_a_bad_entry_does_not_lose_the_others(broken: str) -> None:
    ledger, problems = parse(f"{GOOD}{broken}\n\n{SECOND}", PATH)
    assert "S34" in ledger
    assert ledger["S34"].line == 15
    assert len(problems) == 1


def test_an_id_given_twice_is_named_with_both_lines() -> None:
    ledger, problems = parse(GOOD + GOOD, PATH)
    assert [str(p) for p in problems] == [
        "posts/facts.toml:14: S33 stands twice; the first is in line 2. Give one of them another id."
    ]
    assert ledger["S33"].line == 2


def test_a_long_statement_is_a_warning_and_stays_usable() -> None:
    ledger, (problem,) = parse(GOOD.replace("In a national", "word " * 25 + "In a national"), PATH)
    assert str(problem) == (
        "posts/facts.toml:4: The statement of S33 has 38 words. Shorten it to 30, so that it fits a card."
    )
    assert problem.severity is Severity.WARNING
    assert "S33" in ledger


def test_a_quote_needs_its_words_and_its_speaker() -> None:
    assert _problems(GOOD.replace('"stat"', '"quote"')) == [
        'posts/facts.toml:2: S33 is a quote without its words. Add a line quote = "…", word for word.',
        'posts/facts.toml:2: S33 is a quote without the person who said it. Add a line attribution = "…".',
    ]


def test_an_unverified_fact_needs_neither_address_nor_year() -> None:
    source = GOOD.replace("seen (secondary)", "unverified").replace('url = "https://polaris.example/study"\n', "")
    ledger, problems = parse(source.replace('data_year = "2023"\n', ""), PATH)
    assert problems == ()
    assert not ledger["S33"].verified


def test_lines_are_found_behind_texts_of_several_lines() -> None:
    source = 'a = """\n[b]\nc = 1\n"""\n[d]  # [e]\n"f" = 1\n[d.g]\nh . i = 2\n'
    assert locate(source) == {"a": 1, "d": 5, "d.f": 6, "d.g": 7, "d.g.h.i": 8}


FACT = parse(GOOD, PATH)[0]["S33"]


@pytest.mark.parametrize(
    ("evidence", "recheck", "checked", "needed"),
    [
        ("seen (primary)", "", None, False),
        ("seen (secondary)", "", None, True),
        ("seen (primary)", "a phone number", None, True),
        ("seen (primary)", "a phone number", date(2026, 11, 30), True),
        ("seen (primary)", "a phone number", date(2026, 12, 1), False),
        ("seen (secondary)", "", date(2026, 12, 24), False),
    ],
)
def test_a_fact_needs_a_look_until_a_person_opened_its_page_this_season(
    evidence: str, recheck: str, checked: date | None, *, needed: bool
) -> None:
    fact = replace(FACT, evidence=evidence, recheck=recheck, checked=checked)
    assert needs_recheck(fact, CAMPAIGN) is needed


def test_any_check_does_when_the_campaign_names_no_day() -> None:
    campaign = replace(CAMPAIGN, checked_since=None)
    assert needs_recheck(FACT, campaign)
    assert not needs_recheck(replace(FACT, checked=date(2020, 1, 1)), campaign)


@given(st.text(alphabet=st.sampled_from(list("[]{}S3.\"'\\#=, \n\r\tkind\0é—27-")), max_size=80))
def test_no_text_stops_the_reading(source: str) -> None:
    parse(source, PATH)
    parse(GOOD + source, PATH)
