from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scheduler.figures import stands, unsourced
from scheduler.model import Campaign, Fact, Translation
from scheduler.numerals import days, read

CAMPAIGN = Campaign(
    name="Human Trafficking Prevention Month",
    start=date(2027, 1, 1),
    end=date(2027, 1, 31),
    zone="America/Chicago",
    time=time(9),
    send_within=timedelta(hours=6),
    approval="required",
    help_long=(
        "Need help, or worried about someone? National Human Trafficking Hotline, 24/7: call 1-888-373-7888 or text "
        "233733. In danger now? Call 911. St. Louis: YWCA crisis line 314-531-7273."
    ),
    help_short="Hotline 1-888-373-7888 · text 233733 · emergency 911",
)


def fact(
    name: str = "S03",
    statement: str = "The hotline identified 272 trafficking cases in Missouri in 2024, involving 539 people.",
    figure: str = "272 / 539",
    unit: str = "cases / victims",
    data_year: str = "2024",
    *,
    kind: str = "stat",
    quote: str = "",
    title: str = "",
    evidence: str = "seen (primary)",
) -> Fact:
    return Fact(
        id=name,
        kind=kind,
        statement=statement,
        publisher="Publisher",
        title=title,
        url="https://example.org/",
        evidence=evidence,
        figure=figure,
        unit=unit,
        data_year=data_year,
        quote=quote,
    )


S02 = fact(
    "S02",
    "The national hotline identified nearly 12,000 trafficking cases in 2024, involving nearly 22,000 people.",
    "nearly 12,000 / nearly 22,000",
)
S03 = fact()
S04 = fact(
    "S04",
    "From 2020 through 2024, the hotline identified more than 240 Missouri cases a year on average.",
    "more than 240",
    "cases per year",
    "2020-2024",
)
S09 = fact(
    "S09",
    "In hotline data for 2020 to 2022, 44% of sex trafficking victims were trafficked by family members.",
    "44 / 39",
    "percent",
    "January 2020-August 2022",
)
S10 = fact(
    "S10",
    "About 27.6 million people worldwide were in forced labor on any given day in 2021.",
    "27.6 million",
    "people",
    "2021",
)
S15 = fact(
    "S15",
    "Forced labor in the private economy makes an estimated US$236 billion in illegal profit each year.",
    "236 billion",
    "US dollars per year",
    "2021",
)
S25 = fact(
    "S25",
    "In 2022, one in six children reported missing to NCMEC after running away was likely a victim.",
    "1 in 6",
    "share of runaway reports",
    "2022",
)
S27 = fact(
    "S27",
    "In a study of 911 homeless young people in 13 cities, including St. Louis, 19.4% had been trafficked.",
    "19.4%",
    "of 911 young people",
    "2014-2017",
)
S29 = fact(
    "S29",
    "Federal prosecutions for trafficking offenses rose from 805 people in 2012 to 1,656 in 2022.",
    "805 to 1,656",
    "persons prosecuted",
    "2012-2022",
)
S31 = fact("S31", "Family members were linked to nearly half of identified cases.", "nearly half", "share", "2017")
O01 = fact(
    "O01",
    "The first presidential proclamation of the January observance was signed on January 4, 2010.",
    "Proclamation 8471",
    "",
    "2010",
    kind="definition",
)
O04 = fact(
    "O04",
    "It marks the day in 1865 when Lincoln signed the resolution proposing the 13th Amendment.",
    "February 1",
    "date",
    "1865",
    kind="definition",
)
A07 = fact("A07", "Missing child? Call NCMEC: 1-800-843-5678.", "1-800-843-5678", "phone", "undated", kind="action")


def rules(text: str, *facts: Fact) -> list[str]:
    return [trouble.rule for trouble in unsourced(text, facts, CAMPAIGN)]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1,234 cases", "1234", "count"),
        ("1.234 cases", "1.234", "count"),
        ("27.6 million", "27600000", "count"),
        ("5k posts", "5000", "count"),
        ("236bn", "236000000000", "count"),
        ("two hundred and seventy-two", "272", "count"),
        ("twelve thousand", "12000", "count"),
        ("twenty-seven point six million", "27600000", "count"),
        ("two and a half million", "2500000", "count"),
        ("half a million", "500000", "count"),
        ("a hundred", "100", "count"),
        ("US$236 billion", "236000000000", "money"),
        ("236 billion dollars", "236000000000", "money"),
        ("19.4%", "19.4", "percent"),
        ("nineteen point four percent", "19.4", "percent"),
        ("16 per cent", "16", "percent"),
        ("5 percentage points", "5", "points"),
        ("1 in 4", "0.25", "ratio"),
        ("one in four", "0.25", "ratio"),
        ("one child in four", "0.25", "ratio"),
        ("2 out of 5", "0.4", "ratio"),
        ("four of ten", "0.4", "ratio"),
        ("half of them", "0.5", "ratio"),
        ("a quarter of them", "0.25", "ratio"),
        ("three quarters", "0.75", "ratio"),
        ("¾ of", "0.75", "ratio"),
        ("doubled", "2", "multiple"),
        ("tripled", "3", "multiple"),
        ("twice as many", "2", "multiple"),
        ("threefold", "3", "multiple"),
        ("2.5 times", "2.5", "multiple"),
        ("thousands of people", "1000", "vague"),
        ("hundreds of thousands of people", "100000", "vague"),
        ("dozens", "12", "vague"),
        ("the 13th", "13", "ordinal"),
        ("the twelfth", "12", "ordinal"),
        ("in 2024", "2024", "year"),
        ("in FY2022", "2022", "year"),
        ("in twenty twenty-four", "2024", "year"),
        ("on January 4, 2010", "2010", "date"),
        ("24/7", "24", "hours"),
        ("24 hours a day", "24", "hours"),
        ("call 1-888-373-7888", "8883737888", "phone"),
        ("call (888) 373-7888", "8883737888", "phone"),
        ("call 1-800-THE-LOST", "8008435678", "phone"),
        ("text 233733", "233733", "phone"),
        ("In danger? 911.", "911", "phone"),
        ("Call 9-1-1", "911", "phone"),
        ("233733", "233733", "phone"),
        ("a study of 911 young people", "911", "count"),
        ("２７２ cases", "272", "count"),
    ],
)
def test_a_number_is_read_with_its_kind(text: str, value: str, kind: str) -> None:
    assert [(figure.value, figure.kind) for figure in read(text)] == [(Decimal(value), kind)]


@pytest.mark.parametrize(
    ("text", "low", "high", "kind"),
    [
        ("14–17 years", 14, 17, "count"),
        ("805 to 1,656", 805, 1656, "count"),
        ("between five and eight", 5, 8, "count"),
        ("5 to 8 million", 5_000_000, 8_000_000, "count"),
        ("10 to 20 percent", 10, 20, "percent"),
        ("2020-2022", 2020, 2022, "year"),
    ],
)
def test_a_range_is_read_with_both_ends(text: str, low: int, high: int, kind: str) -> None:
    assert [(figure.value, figure.high, figure.kind) for figure in read(text)] == [(Decimal(low), Decimal(high), kind)]


@pytest.mark.parametrize(
    ("text", "hedge"),
    [
        ("nearly 12,000", "nearly"),
        ("almost half", "nearly"),
        ("just under 500", "nearly"),
        ("about 27.6 million", "about"),
        ("an estimated US$236 billion", "about"),
        ("estimates that 6.3 million", "about"),
        ("more than 240", "over"),
        ("at least 240", "over"),
        ("240+", "over"),
        ("240 or more", "over"),
        ("no more than 5,000", "under"),
        ("up to four", "under"),
        ("under 18", "under"),
        ("272", ""),
    ],
)
def test_a_hedge_is_read_with_its_direction(text: str, hedge: str) -> None:
    assert [figure.hedge for figure in read(text)] == [hedge]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/2024/33?n=5 and report.cybertip.org/12",
        "#Day5 and #31Days",
        "at 9 a.m., 09:00 or 9:30 p.m.",
        "on January 11, 18 January, Jan. 18 and the third Monday",
        "T-1 status and COVID-19",
        "1. Call.\n2. Wait.",
        "First, call. Second, wait. Think twice.",
    ],
)
def test_what_is_no_figure_is_not_read(text: str) -> None:
    assert [figure for figure in read(text) if figure.kind != "date"] == []


def test_days_are_read_with_month_and_year() -> None:
    found = [(day.month, day.day, day.year) for day in days("January 23, 2026, then 4 Feb. and the 11th of March")]
    assert found == [(1, 23, 2026), (2, 4, None), (3, 11, None)]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The hotline identified 272 cases in 2024, involving 539 people.", (S03,)),
        ("Two hundred and seventy-two cases in 2024", (S03,)),
        ("Nearly 12,000 cases", (S02,)),
        ("almost twelve thousand cases", (S02,)),
        ("More than 240 cases a year, 2020–2024", (S04,)),
        ("44% of victims, 39 percent by partners", (S09,)),
        ("around 27.6 million people", (S10,)),
        ("an estimated $236 billion", (S15,)),
        ("1 in 6 children, or one in six", (S25,)),
        ("19.4% of 911 young people in 13 cities", (S27,)),
        ("nineteen point four percent", (S27,)),
        ("from 805 to 1,656", (S29,)),
        ("Nearly half of the cases", (S31,)),
        ("the 13th Amendment of 1865", (O04,)),
        ("Proclamation 8471 of January 4, 2010", (O01,)),
        ("Call NCMEC: 1-800-843-5678", (A07,)),
        ("Call NCMEC: 800.843.5678", (A07,)),
    ],
)
def test_a_number_of_a_cited_fact_stands(text: str, facts: tuple[Fact, ...]) -> None:
    assert unsourced(text, facts, CAMPAIGN) == ()


@pytest.mark.parametrize(
    ("text", "cited", "rule", "mend"),
    [
        ("273 cases in 2024", S03, "figure-unsourced", "The ledger says 272 (S03). Write 272."),
        ("227 cases in 2024", S03, "figure-unsourced", "The ledger says 272 (S03). Write 272."),
        ("about 270 cases", S03, "figure-unsourced", "The ledger says 272 (S03). Write 272."),
        ("272 cases in 2023", S03, "year-unsourced", "The ledger says 2024 (S03). Write 2024."),
        ("12,500 cases", S02, "figure-unsourced", "The ledger says nearly 12,000 (S02). Write nearly 12,000."),
        ("28 million people", S10, "figure-unsourced", "The ledger says about 27.6 million (S10)."),
        ("about 27.6 thousand people", S10, "figure-unsourced", "The ledger says about 27.6 million (S10)."),
        ("about 276 million people", S10, "figure-unsourced", "The ledger says about 27.6 million (S10)."),
        ("20% of young people", S27, "figure-unsourced", "The ledger says 19.4% (S27). Write 19.4%."),
        ("44 people", S09, "figure-unsourced", "The ledger says 44% (S09). Write 44%."),
        ("one in seven children", S25, "figure-unsourced", "The ledger says one in six (S25). Write one in six."),
        ("16% of children", S25, "figure-unsourced", "Use a number of a cited fact"),
        ("prosecutions doubled", S29, "figure-unsourced", "Use a number of a cited fact"),
        ("from 806 to 1,656", S29, "figure-unsourced", "The ledger says 805"),
        ("from 805 to 1,665", S29, "figure-unsourced", "The ledger says 805"),
        ("two hundred and seventy-three cases", S03, "figure-unsourced", "The ledger says 272 (S03). Write 272."),
        ("hundreds of cases", S03, "figure-unsourced", "Use a number of a cited fact"),
        ("the 14th Amendment", O04, "figure-unsourced", "The ledger says 13th (O04). Write 13th."),
        ("5cases", S03, "figure-unsourced", "Use a number of a cited fact"),
        ("signed on January 4, 2011", O01, "year-unsourced", "The ledger says 2010 (O01). Write 2010."),
    ],
)
def test_a_wrong_number_is_found_and_the_right_one_offered(text: str, cited: Fact, rule: str, mend: str) -> None:
    (trouble,) = unsourced(text, [cited], CAMPAIGN)
    assert trouble.rule == rule
    assert trouble.mend.startswith(mend)


@pytest.mark.parametrize(
    ("text", "cited", "write"),
    [
        ("12,000 cases", S02, "Write “nearly 12,000”."),
        ("more than 12,000 cases", S02, "Write “nearly 12,000”."),
        ("27.6 million people", S10, "Write “about 27.6 million”."),
        ("over 27.6 million people", S10, "Write “about 27.6 million”."),
        ("240 cases a year", S04, "Write “more than 240”."),
        ("about 240 cases a year", S04, "Write “more than 240”."),
        ("half of the cases", S31, "Write “nearly half”."),
        ("more than 272 cases", S03, "Write “272”."),
    ],
)
def test_the_hedge_of_the_source_must_be_kept(text: str, cited: Fact, write: str) -> None:
    (trouble,) = unsourced(text, [cited], CAMPAIGN)
    assert (trouble.rule, trouble.mend) == ("figure-hedge", write)


def test_about_before_an_exact_number_is_allowed() -> None:
    assert rules("about 272 cases", S03) == []


def test_ends_of_a_range_must_stand_in_one_fact() -> None:
    assert rules("from 272 to 1,656", S03, S29) == ["figure-unsourced"]


def test_number_of_an_uncited_fact_is_named() -> None:
    (trouble,) = unsourced("19.4% of young people", [S03], CAMPAIGN, [S03, S27])
    assert trouble.mend == "It stands in S27: add that to `facts:`, or leave the number out."


def test_unverified_fact_is_never_offered() -> None:
    hearsay = fact("U02", "55% of young survivors met their trafficker online.", "55%", "", evidence="unverified")
    (trouble,) = unsourced("55% of them", [S03], CAMPAIGN, [hearsay])
    assert "U02" not in trouble.mend


def test_evidence_of_a_statistic_vouches_for_nothing() -> None:
    cited = fact(quote="up from 247 cases a year earlier")
    assert rules("247 cases", cited) == ["figure-unsourced"]


def test_words_of_a_quote_fact_vouch_for_their_numbers() -> None:
    cited = fact("Q09", "A survivor speaks.", "", "", "2023", kind="quote", quote="I waited 412 days.")
    assert rules("“I waited 412 days.”", cited) == []


def test_number_in_the_title_of_a_cited_report_is_part_of_its_name() -> None:
    cited = fact(title="2023 Trafficking in Persons Report")
    assert rules("Source: 2023 Trafficking in Persons Report", cited) == []
    assert rules("In 2023, 272 cases", cited) == ["year-unsourced"]


@pytest.mark.parametrize("text", [CAMPAIGN.help_long, CAMPAIGN.help_short, "Open 24 hours. Call 888-373-7888."])
def test_help_lines_need_no_fact(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("call 1-888-373-7889", "1-888-373-7888"),
        ("call 1-888-737-7888", "1-888-373-7888"),
        ("call 1-888-373-788", "1-888-373-7888"),
        ("call 1-888-373-78888", "1-888-373-7888"),
        ("call 18883737988", "1-888-373-7888"),
        ("call 888 373 7988", "1-888-373-7888"),
        ("YWCA 314-531-7237", "314-531-7273"),
        ("YWCA 314‑531‑7274", "314-531-7273"),
        ("text 233773", "233733"),
        ("text HELP to 23373", "233733"),
        ("Call 912.", "911"),
    ],
)
def test_mistyped_help_number_is_named_with_the_right_one(text: str, right: str) -> None:
    (trouble,) = unsourced(text, [], CAMPAIGN)
    assert (trouble.rule, trouble.mend) == ("help-number", f"Write {right}.")


@pytest.mark.parametrize("text", ["Dial 711 (TTY).", "Call 988.", "Call 1-800-222-1222."])
def test_other_number_to_call_needs_a_fact(text: str) -> None:
    assert rules(text) == ["figure-unsourced"]


def test_help_number_is_no_count() -> None:
    assert rules("911 people were found") == ["figure-unsourced"]


@pytest.mark.parametrize(
    "text",
    [
        "Monday, January 11, 2027, at 9 a.m.",
        "signed in January 2026",
        "No one is alone. One day, someone may listen.",
        "First, call. Second, say what you saw.",
        "Three signs, two simple steps and 5 questions",
        "31 days",
    ],
)
def test_dates_times_and_small_words_are_free(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize("text", ["three people", "two victims", "ten cases", "30 days", "January 2019", "in 2027"])
def test_small_numbers_of_people_and_other_years_are_not_free(text: str) -> None:
    assert len(rules(text)) == 1


def test_a_bare_number_takes_the_unit_of_its_fact() -> None:
    percent, count = read("39%")[0], read("39 people")[0]
    assert stands(percent, S09)
    assert not stands(count, S09)


def test_date_figure_vouches_for_no_count() -> None:
    cited = fact("O02", "It is Human Trafficking Awareness Day.", "01-11", "date", "2007")
    assert rules("11 people", cited) == ["figure-unsourced"]


@given(st.integers(11, 10**12), st.integers(11, 10**12))
@example(272, 273)
@example(12_000, 21_000)
@example(1_656_000, 1_656)
def test_only_the_number_of_the_fact_passes(right: int, wrong: int) -> None:
    assume(right != wrong)
    cited = fact("S99", f"The hotline identified {right:,} cases.", f"{right:,}", "cases", "")
    assert rules(f"There were {right:,} cases.", cited) == []
    assert len(rules(f"There were {wrong:,} cases.", cited)) == 1


@given(st.integers(1, 999), st.integers(1, 999))
def test_percent_never_passes_for_another_percent_or_a_count(right: int, wrong: int) -> None:
    assume(right != wrong)
    cited = fact("S99", f"{right / 10:.1f}% of the cases were closed.", "", "", "")
    assert rules(f"{right / 10:.1f} percent of the cases", cited) == []
    assert len(rules(f"{wrong / 10:.1f}% of the cases", cited)) == 1
    assert len(rules(f"{right / 10 + 1000:,.1f} people", cited)) == 1


@given(st.text(alphabet="0123456789.,-–/% inofabcthousanddollars$+()#:\n", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for figure in read(text):
        assert text[figure.start : figure.end] == figure.text


@given(st.integers(11, 99_999).filter(lambda n: not 1700 <= n < 2100 and n not in range(100, 1000)))
def test_no_number_passes_without_a_fact(number: int) -> None:
    assert len(rules(f"There were {number:,} cases of it.")) == 1


# Spanish


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1 de cada 6 menores", (S25,)),
        ("casi 12,000 casos en 2024", (S02,)),
        ("más de 240 casos, de 2020 a 2024", (S04,)),
        ("el 44% de las víctimas, y el 39 por ciento", (S09,)),
        ("cerca de 27.6 millones de personas", (S10,)),
        ("unos 236 mil millones de dólares", ()),
        ("272 casos el 11 de enero de 2027", (S03,)),
        ("Llame al 1-888-373-7888, envíe un mensaje al 233733 o marque 911 si hay peligro", ()),
        ("Línea 314-531-7273 · emergencia 911", ()),
    ],
)
def test_a_number_of_a_cited_fact_stands_in_spanish(text: str, facts: tuple[Fact, ...]) -> None:
    found = unsourced(text, facts, CAMPAIGN)
    assert [trouble.written for trouble in found] == (["236 mil millones"] if "236" in text else [])


@pytest.mark.parametrize(
    ("text", "cited", "rule"),
    [
        ("1 de cada 7 menores", S25, "figure-unsourced"),
        ("273 casos", S03, "figure-unsourced"),
        ("cerca de 28 millones de personas", S10, "figure-unsourced"),
        ("cerca de 27.6 mil personas", S10, "figure-unsourced"),
        ("más de 12,000 casos", S02, "figure-hedge"),
        ("el 45 por ciento", S09, "figure-unsourced"),
        ("44 personas", S09, "figure-unsourced"),
        ("el 11 de enero de 2019", S03, "year-unsourced"),
        ("Llame al 1-888-373-7889", S03, "help-number"),
    ],
)
def test_a_wrong_number_is_found_in_spanish(text: str, cited: Fact, rule: str) -> None:
    (trouble,) = unsourced(text, [cited], CAMPAIGN)
    assert trouble.rule == rule


def test_a_number_of_a_help_line_in_another_language_is_known() -> None:
    (trouble,) = unsourced("Llame al 1-800-555-0100.", [], CAMPAIGN)
    assert trouble.rule == "figure-unsourced"
    spoken = {"es": Translation("Enero", "Llame al 1-800-555-0100.", "1-800-555-0100")}
    assert unsourced("Llame al 1-800-555-0100.", [], replace(CAMPAIGN, translations=spoken)) == ()
