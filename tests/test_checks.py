from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scheduler import compose
from scheduler.checks import check_message, check_month, check_post, check_theme, contrast
from scheduler.checks.theme import EYES, seen
from scheduler.model import (
    Account,
    Campaign,
    CardText,
    Count,
    Fact,
    Image,
    Item,
    Limits,
    Message,
    Photo,
    Post,
    Problem,
    Severity,
    Theme,
    Translation,
)
from scheduler.rules import RULES
from scheduler.themes import BUILT_IN
from scheduler.wording import sentence_at

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = Path(__file__).parents[1]
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
    min_gap=timedelta(minutes=30),
    checked_since=date(2026, 12, 1),
)
FEED = Account("feed", "feed")
X = Account("x", "x")
WIDE = Limits(5000, Count.CODEPOINTS)
SHORT = Limits(280, Count.WEIGHTED)


def fact(name: str, statement: str, *, kind: str = "stat", **more: str) -> Fact:
    given = {"publisher": "Publisher", "title": "Title", "url": "https://example.org/", "evidence": "seen (primary)"}
    return Fact(id=name, kind=kind, statement=statement, **{**given, **more})  # type: ignore[arg-type]


S02 = fact(
    "S02",
    "The national hotline identified nearly 12,000 trafficking cases in 2024, involving nearly 22,000 people.",
    figure="nearly 12,000 / nearly 22,000",
    unit="cases / victims",
    data_year="2024",
)
S03 = fact(
    "S03",
    "The hotline identified 272 trafficking cases in Missouri in 2024, involving 539 people.",
    figure="272 / 539",
    unit="cases / victims",
    data_year="2024",
)
S10 = fact(
    "S10",
    "About 27.6 million people worldwide were in forced labor on any given day in 2021.",
    figure="27.6 million",
    data_year="2021",
)
S12 = fact("S12", "An estimated 6.3 million were in forced commercial sexual exploitation.", data_year="2021")
S30 = fact("S30", "In fiscal year 2024, programs served 13,631 new clients.", figure="13,631", data_year="FY2024")
S35 = fact("S35", "No one knows the full number.", data_year="2025")
I01 = fact("I01", "A sign is not proof.", kind="indicator")
I02 = fact("I02", "Possible work sign: the person owes money to a boss.", kind="indicator")
D10 = fact("D10", "The Trafficking Survivors Relief Act became law on January 23, 2026.", kind="definition")
Q02 = fact(
    "Q02",
    "A survivor told Polaris that dramatic words can keep people from seeking help.",
    kind="quote",
    quote="Words like ‘rescue’ turn people off from getting help.",
    attribution="survivor expert, in Polaris",
    data_year="2023",
)


def post(text: str = "Calm words.", *facts: Fact, card: CardText | None = None, **more: object) -> Post:
    day = date(2027, 1, 4)
    return replace(
        Post(
            slug="2027-01-04-a",
            path="posts/2027-01-04-a.md",
            date=day,
            text=text,
            facts=tuple(f.id for f in facts),
            card=card or CardText(figure="Leaving", text="takes time."),
            lines={"date": 2, "facts": 3, "card": 4, "tags": 6, "alt": 7, "text": 10, "## x": 20},
        ),
        **more,  # type: ignore[arg-type]
    )


def found_in(draft: Post, *facts: Fact, account: Account = FEED, limits: Limits = WIDE) -> list[Problem]:
    card = compose.card_for(draft, facts, CAMPAIGN, limits)
    image = Image("0" * 64, "images/cards/a.png", "image/png", 1200, 675, 50_000, "", card)
    message = compose.message(draft, account, CAMPAIGN, limits, facts, image)
    return list(check_message(message, draft, account, facts, CAMPAIGN, limits))


def rules(text: str, *facts: Fact) -> list[str]:
    return [problem.rule for problem in found_in(post(text, *facts), *facts)]


def with_image(**more: object) -> list[Problem]:
    draft, account, limits = post(), X, Limits(5000, Count.CODEPOINTS, ratio_min=0.8, ratio_max=1.91, alt=50)
    image = replace(Image("0" * 64, "images/a.png", "image/png", 1200, 675, 50_000, "A doorway."), **more)  # type: ignore[arg-type]
    message = compose.message(draft, account, CAMPAIGN, limits, [], image)
    return list(check_message(message, draft, account, [], CAMPAIGN, limits))


# A good post


def test_a_good_post_has_no_problem() -> None:
    draft = post(
        "The hotline identified 272 trafficking cases in Missouri in 2024, involving 539 people.",
        S03,
        tags=("EndTrafficking",),
        title="Missouri in 2024: 272 cases",
        card=CardText(figure="272", text="trafficking cases were identified in Missouri in 2024."),
    )
    assert found_in(draft, S03) == []
    assert found_in(draft, S03, account=X, limits=SHORT) == []
    assert check_post(draft, [S03], CAMPAIGN) == ()


# What the network takes


def test_text_too_long_says_by_how_much_and_in_which_units() -> None:
    (problem,) = found_in(post("a" * 300), account=X, limits=SHORT)
    assert problem.rule == "text-too-long"
    assert "74 characters as X counts them" in problem.text
    assert "280" in problem.text
    assert (problem.account, problem.line) == ("x", 10)


def test_text_too_long_in_bytes_says_bytes() -> None:
    limits = Limits(300, Count.GRAPHEMES, text_bytes=100)
    (problem,) = found_in(post("é" * 40), limits=limits)
    assert problem.text == "The text is 36 bytes too long for feed, which takes 100 bytes."


def test_too_many_links() -> None:
    draft = post("https://a.example https://b.example https://a.example")
    assert [p.rule for p in found_in(draft, limits=replace(WIDE, links=1))] == ["too-many-links"]
    assert found_in(draft, limits=replace(WIDE, links=2)) == []


def test_too_many_tags_in_the_text() -> None:
    assert [p.rule for p in found_in(post("#One #Two"), limits=replace(WIDE, tags=1))] == ["too-many-tags"]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"size": 6_000_000}, "image-too-large"),
        ({"mime": "image/webp"}, "image-format"),
        ({"width": 1200, "height": 200}, "image-ratio"),
        ({"width": 300, "height": 1200}, "image-ratio"),
        ({"alt": " "}, "alt-missing"),
        ({"alt": "a" * 51}, "alt-too-long"),
        ({"alt": "Image of a doorway."}, "alt-start"),
        ({"alt": "A photo of a doorway."}, "alt-start"),
    ],
)
def test_image_that_the_network_or_a_reader_cannot_use(more: dict[str, object], rule: str) -> None:
    assert [p.rule for p in with_image(**more)] == [rule]


def test_jpg_is_jpeg() -> None:
    assert with_image(mime="image/jpg") == []


def test_too_many_images() -> None:
    image = Image("0" * 64, "images/a.png", "image/png", 1200, 675, 50_000, "A doorway.")
    message = Message("x", "x", CAMPAIGN.help_short, images=(image, image))
    limits = replace(WIDE, images=1)
    assert [p.rule for p in check_message(message, post(), X, [], CAMPAIGN, limits)] == ["too-many-images"]


# Numbers


@pytest.mark.parametrize(
    "where",
    [
        {"text": "There were 273 cases in 2024."},
        {"title": "273 cases"},
        {"warning": "273 cases"},
        {"alt": "Leaving: 273 cases in 2024."},
        {"card": CardText(figure="273", text="cases in 2024")},
        {"card": CardText(figure="Cases", text="273 in 2024")},
    ],
)
def test_wrong_number_is_found_wherever_the_public_sees_it(where: dict[str, object]) -> None:
    found = found_in(replace(post("Calm words.", S03), **where), S03)  # type: ignore[arg-type]
    assert {p.rule for p in found} == {"figure-unsourced"}
    assert found[0].mend == "The ledger says 272 (S03). Write 272."


def test_number_of_another_fact_is_named_when_the_ledger_is_given() -> None:
    draft = post("13,631 new clients in 2024", S35)
    message = compose.message(draft, FEED, CAMPAIGN, WIDE, [S35], None)
    found = check_message(message, draft, FEED, [S35], CAMPAIGN, WIDE, [S30, S35])
    assert "S30" in next(p.mend for p in found if p.rule == "figure-unsourced")


def test_problem_names_the_line_inside_the_text() -> None:
    draft = post("Common.", S03, texts={"x": "A line.\n\nThen 273 cases in 2024."})
    (problem,) = found_in(draft, S03, account=X)
    assert (problem.path, problem.line, problem.account) == ("posts/2027-01-04-a.md", 23, "x")


def test_hedge_may_be_left_out_only_where_the_ledger_prints_the_figure_alone() -> None:
    card = CardText(figure="27.6 million", text="people were estimated to be in forced labor in 2021.")
    assert found_in(post("Calm words.", S10, title="Forced labor: 27.6 million", card=card), S10) == []
    assert rules("27.6 million people were in forced labor in 2021.", S10) == ["figure-hedge"]
    bare = CardText(figure="12,000", text="cases were identified in 2024.")
    assert "figure-hedge" in {p.rule for p in found_in(post("Calm words.", S02, card=bare), S02)}


def test_two_numbers_of_a_fact_that_changed_places() -> None:
    assert rules("Nearly 22,000 trafficking cases in 2024", S02) == ["figure-unit"]
    assert rules("Nearly 12,000 cases in 2024, involving nearly 22,000 people", S02) == []


def test_statistic_needs_its_year_in_the_text() -> None:
    assert rules("There were 272 cases in Missouri.", S03) == ["figure-year"]
    assert rules("Missouri in 2024\n\nThere were 272 cases.", S03) == []


def test_year_of_another_fact_is_not_the_statistics_year() -> None:
    assert rules("Missouri, 2024.\nThere were 272 cases in 2025.", S03, S35) == ["figure-year"]


def test_card_has_the_year_in_its_source_line_only_for_its_own_fact() -> None:
    card = CardText(figure="272", text="cases in Missouri")
    assert found_in(post("Calm words.", S03, S35, card=card), S03, S35) == []
    assert found_in(post("Calm words.", S35, S03, card=card), S35, S03) == []  # the source is that of the figure
    both = CardText(figure="272", text="cases, and 13,631 new clients")
    found = found_in(
        post("Calm words.", S03, replace(S30, data_year="FY2023"), card=both), S03, replace(S30, data_year="FY2023")
    )
    assert [p.rule for p in found] == ["figure-year"]


def test_fiscal_year_is_said() -> None:
    assert rules("In 2024, programs served 13,631 new clients.", S30) == ["figure-fiscal"]
    assert rules("In fiscal year 2024, programs served 13,631 new clients.", S30) == []


def test_old_figure_has_its_year_in_the_same_sentence() -> None:
    assert rules("The year was 2021. Forced labor held about 27.6 million people.", S10) == ["figure-old"]
    assert rules("In 2021, about 27.6 million people were in forced labor.", S10) == []
    assert rules("About 27.6 million people were in forced labor. (ILO, 2021)", S10) == []


def test_sentence_that_leans_on_the_one_before_shares_its_year() -> None:
    text = "About 27.6 million people were in forced labor in 2021. An estimated 6.3 million of them were in another."
    assert rules(text, S10, S12) == []


@pytest.mark.parametrize("now", ["Today", "Currently", "Each year", "Now"])
def test_old_figure_is_not_told_as_todays(now: str) -> None:
    (problem,) = found_in(post(f"{now}, about 27.6 million people (2021) are in forced labor.", S10), S10)
    assert (problem.rule, problem.severity) == ("figure-old-now", Severity.WARNING)


@pytest.mark.parametrize("text", ["It became law on January 24, 2026.", "It became law on January 23, 2025."])
def test_day_that_differs_from_the_facts_is_shown(text: str) -> None:
    assert "date-differs" in rules(text, D10)


@pytest.mark.parametrize("text", ["Law since January 23, 2026.", "Today, January 4, and on February 2.", "January 23"])
def test_days_of_the_fact_and_of_the_post_are_right(text: str) -> None:
    assert rules(text, D10) == []


def test_source_in_brackets_has_the_year_of_its_fact() -> None:
    other = fact("A01", "Call the hotline.", kind="action", publisher="MoDOT", data_year="January 2026")
    hhs = fact("A05", "It is confidential.", kind="action", publisher="HHS / ACF release", data_year="2025")
    (problem,) = found_in(post("It is confidential (HHS, 2026).", hhs, other), hhs, other)
    assert (problem.rule, problem.mend) == ("year-unsourced", "Write 2025.")
    assert rules("It is confidential (HHS, 2025).", hhs, other) == []


# Help


def test_help_footer_must_be_there() -> None:
    message = Message("feed", "feed", "Calm words.")
    assert [p.rule for p in check_message(message, post(), FEED, [], CAMPAIGN, WIDE)] == ["help-missing"]


def test_mistyped_footer_is_found_and_mended() -> None:
    message = Message("feed", "feed", "Hotline 1-888-373-7889 · text 233733 · emergency 911")
    found = check_message(message, post(), FEED, [], CAMPAIGN, WIDE)
    assert {p.rule: p.mend for p in found}["help-number"] == "Write 1-888-373-7888."
    assert "help-missing" in {p.rule for p in found}


@pytest.mark.parametrize(
    ("letters", "digits"), [("314-531-RAPE", "314-531-7273"), ("1-877-4-HSI-TIP", "1-877-447-4847")]
)
def test_number_to_call_is_written_in_digits(letters: str, digits: str) -> None:
    cited = fact("A11", f"The line is {letters}.", kind="action")
    (problem,) = found_in(post(f"Call {letters}.", cited), cited)
    assert (problem.rule, problem.mend) == ("help-format", f"Write {digits}.")


def test_sign_post_cites_and_says_that_a_sign_is_not_proof() -> None:
    assert rules("They owe money. Do not confront anyone. A sign is not proof.", I02) == ["signs-not-proof"]
    assert rules("They owe money. Do not confront anyone.", I02, I01) == ["signs-not-proof"]
    assert rules("They owe money. A sign is not proof: do not confront anyone.", I02, I01) == []


def test_one_account_without_not_proof_is_a_warning() -> None:
    draft = post("A sign is not proof. Do not confront.", I02, I01, texts={"x": "They owe money. Do not confront."})
    (problem,) = found_in(draft, I02, I01, account=X)
    assert (problem.rule, problem.severity, problem.account) == ("signs-not-proof-here", Severity.WARNING, "x")


def test_sign_post_says_to_keep_out_of_it() -> None:
    assert rules("They owe money. A sign is not proof.", I02, I01) == ["signs-step-in"]


# Words


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("a teen prostitute", "child sex trafficking victim"),
        ("She was rescued", "support"),
        ("Save the children", "support"),
        ("modern-day slavery", "forced labor"),
        ("a sex slave", "exploitation"),
        ("A runaway girl", "ran away"),
        ("the pimp", "trafficker"),
        ("the johns", "buyer"),
        ("illegal immigrants", "insecure immigration status"),
        ("the NHTRC", "National Human Trafficking Hotline"),
        ("a spike in cases", "counted"),
        ("someone who looks out of place", "behavior"),
    ],
)
def test_barred_word_comes_with_what_to_say_instead(text: str, say: str) -> None:
    (problem,) = (p for p in found_in(post(text)) if p.rule == "word-barred")
    assert say in problem.mend


@pytest.mark.parametrize(
    "text",
    [
        "Save these numbers today.",
        "St. John said so.",
        "Illegal profits.",
        "Runaway and homeless youth.",
        "The Emancipation Proclamation ended slavery in law.",
        "Demonstrate kindness.",
    ],
)
def test_like_words_are_free(text: str) -> None:
    assert rules(text) == []


def test_barred_word_is_free_in_an_exact_quotation_and_in_a_report_title() -> None:
    assert rules("“Words like ‘rescue’ turn people off from getting help.” (Survivor expert)", Q02) == []
    assert rules("\"Words like 'rescue' turn people off from getting help.\" (Survivor expert)", Q02) == []
    assert rules("Words like rescue turn people off.", Q02) == ["word-barred"]
    titled = fact("S11", "An estimate.", title="Global Estimates of Modern Slavery")
    assert rules("Source: Global Estimates of Modern Slavery", titled) == []
    named = fact("S23", "Reports came in.", publisher="NCMEC, via Search and Rescue")
    assert rules("Source: NCMEC, via Search and Rescue", named) == []


@pytest.mark.parametrize(
    "text",
    [
        "300,000 children are at risk",
        "between 100,000 and 300,000",
        "The average age of entry is low",
        "Thirteen is the average age",
        "The Super Bowl is the largest event for it",
        "a $150 billion industry",
        "27 million people",
        "40.3 million people",
        "600,000 to 800,000 across borders",
        "every 40 seconds",
        "a child every two minutes",
        "Missouri ranks 12th",
        "the third largest criminal enterprise",
        "the fastest-growing criminal industry",
    ],
)
def test_zombie_statistics_are_barred(text: str) -> None:
    assert "statistic-barred" in rules(text)


def test_super_bowl_myth_may_be_refuted() -> None:
    assert rules("No good evidence shows that the Super Bowl brings a surge.") == []


def test_ilo_figure_is_no_zombie() -> None:
    assert rules("About 27.6 million people were in it in 2021.", S10) == []


@pytest.mark.parametrize("text", ["It is anonymous.", "Report anonymously.", "No police.", "We guarantee it."])
def test_promises_that_nobody_can_keep(text: str) -> None:
    assert rules(text) == ["promise-barred"]


def test_confidential_may_be_said() -> None:
    assert rules("It is confidential.") == []


@pytest.mark.parametrize(
    ("tag", "rule"),
    [
        ("endtrafficking", "tag-case"),
        ("Humantraffickingprevention", "tag-case"),
        ("SaveTheChildren", "tag-barred"),
    ],
)
def test_hashtags_that_may_not_be_used(tag: str, rule: str) -> None:
    (problem,) = found_in(post(tags=(tag,)))
    assert (problem.rule, problem.line) == (rule, 6)


@pytest.mark.parametrize("tag", ["EndTrafficking", "Missouri", "WearBlueDay", "MLK", "StLouis"])
def test_camel_case_tags_are_right(tag: str) -> None:
    assert found_in(post(tags=(tag,))) == []


def test_link_must_be_https() -> None:
    assert rules("See http://example.org/a") == ["link-not-https"]
    assert rules("See https://example.org/a") == []


def test_capitals_are_for_names() -> None:
    assert rules("This is URGENT.") == ["all-caps"]
    assert rules("NCMEC, the YWCA and the REPORT Act", fact("D09", "Under the REPORT Act, platforms report.")) == []


def test_decorative_letters_are_named() -> None:
    assert rules("𝐇𝐞𝐥𝐩 is here") == ["fancy-letters"]


def test_one_emoji_at_the_end_is_right() -> None:
    assert rules("Wear blue today 💙") == []
    assert rules("💙 Wear blue today") == ["emoji"]
    assert rules("Wear blue 💙 and 👩‍👩‍👧 today 💙") == ["emoji"]
    assert rules("With family 👩‍👩‍👧") == []


def test_a_point_in_a_name_does_not_end_a_sentence() -> None:
    text = "One. The U.S. Labor Department in St. Louis lists 204 goods. Two."
    assert sentence_at(text, text.index("204")).strip() == "The U.S. Labor Department in St. Louis lists 204 goods."


# The post


def test_unverified_fact_is_an_error() -> None:
    draft = post("Calm words.", S03)
    (problem,) = check_post(draft, [replace(S03, evidence="unverified")], CAMPAIGN)
    assert (problem.rule, problem.severity, problem.line) == ("fact-unverified", Severity.ERROR, 3)


def test_fact_to_check_again_is_a_warning_with_what_to_do() -> None:
    stale = replace(S03, recheck="Open the hotline's statistics page.")
    (problem,) = check_post(post("Calm words.", S03), [stale], CAMPAIGN)
    assert (problem.rule, problem.severity) == ("fact-recheck", Severity.WARNING)
    assert problem.mend.startswith("Open the hotline's statistics page;")
    assert check_post(post("Calm words.", S03), [replace(stale, checked=date(2026, 12, 14))], CAMPAIGN) == ()


@pytest.mark.parametrize(
    "text",
    [
        "“Words like ‘help’ turn people off from getting help.” (Survivor expert)",
        "“Words such as ‘rescue’ turn people off from getting help.”",
        "A survivor said “it was never about locked doors”.",
        'The report says "nobody ever came back here".',
    ],
)
def test_quotation_must_be_word_for_word(text: str) -> None:
    (problem,) = check_post(post(f"A line.\n\n{text}", Q02), [Q02], CAMPAIGN)
    assert (problem.rule, problem.line) == ("quote-not-verbatim", 12)


@pytest.mark.parametrize(
    "text",
    [
        "“Words like ‘rescue’ turn people off from getting help.” (Survivor expert)",
        "She said “turn people off from getting help”.",
        "Words that help: “support”, “leaving safely”.",
        "Try: “I believe you. What would feel safe?”",
        "“Victims are moved across borders” is a myth when it is told as the rule.",
    ],
)
def test_quotation_word_for_word_and_words_of_nobody_are_right(text: str) -> None:
    assert check_post(post(text, Q02), [Q02], CAMPAIGN) == ()


def test_quotation_on_the_card_is_read_too() -> None:
    card = CardText(text="“Words like ‘rescue’ keep people off from getting help.”")
    (problem,) = check_post(post("Calm words.", Q02, card=card), [Q02], CAMPAIGN)
    assert (problem.rule, problem.line) == ("quote-not-verbatim", 4)


# The month


def on(day: int) -> Post:
    slug = f"2027-01-{day:02}-a"
    return replace(post(), slug=slug, path=f"posts/{slug}.md", date=date(2027, 1, day))


def test_same_text_twice_is_an_error_for_its_account_only() -> None:
    posts = [on(day) for day in range(1, 32)]
    texts = {(p.slug, name): f"{name} {p.slug}" for p in posts for name in ("feed", "x")}
    texts["2027-01-05-a", "x"] = "Same  words."
    texts["2027-01-09-a", "x"] = "same words."
    texts["2027-01-09-a", "feed"] = "Same words."
    (problem,) = check_month(posts, texts, {}, [FEED, X], CAMPAIGN)
    assert (problem.rule, problem.path, problem.account) == ("text-repeated", "posts/2027-01-09-a.md", "x")
    assert "January 5" in problem.text


@pytest.mark.parametrize(("minutes", "close"), [(29, True), (30, False)])
def test_two_posts_of_an_account_keep_their_distance(minutes: int, *, close: bool) -> None:
    posts = [on(day) for day in range(1, 32)]
    first = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
    scheduled = {
        ("2027-01-04-a", "x"): first,
        ("2027-01-05-a", "x"): first + timedelta(minutes=minutes),
        ("2027-01-06-a", "feed"): first,
    }
    found = check_month(posts, {}, scheduled, [FEED, X], CAMPAIGN)
    assert [p.rule for p in found] == ["too-close"] * close


def test_days_without_a_post_are_named_in_runs() -> None:
    found = check_month([on(day) for day in range(1, 29) if day not in {3, 7, 8}], {}, {}, [FEED], CAMPAIGN)
    assert sorted(p.text for p in found) == [
        "There is no post for January 29 to January 31.",
        "There is no post for January 3.",
        "There is no post for January 7 to January 8.",
    ]
    assert {p.severity for p in found} == {Severity.WARNING}


# Cards


def card_rules(layout: str, *facts: Fact, **said: object) -> list[str]:
    """The rules that a card breaks, of its message and of its post."""
    draft = post("Calm words.", *facts, card=CardText(layout=layout, **said))  # type: ignore[arg-type]
    return [p.rule for p in (*found_in(draft, *facts), *check_post(draft, facts, CAMPAIGN))]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("stat", {"figure": "9,999", "text": "cases in 2024."}),
        ("stat", {"figure": "Cases", "text": "were 9,999 in 2024."}),
        ("compare", {"text": "In 2024", "items": (Item("272", "cases"), Item("9,999", "people"))}),
        ("compare", {"text": "In 2024, 9,999", "items": (Item("272", "cases"), Item("539", "people"))}),
        ("compare", {"text": "In 2024", "items": (Item("272", "cases"), Item("539", "of 9,999 people"))}),
        ("share", {"figure": "44%", "text": "of them in 2024."}),
        ("share", {"figure": "1 in 6", "text": "of them in 2024."}),
        ("list", {"text": "In 2024", "items": (Item("1", "There were 9,999 cases"), Item("2", "Call"))}),
        ("myth", {"myth": "There were 9,999 cases.", "text": "There were 272 in 2024."}),
        ("myth", {"myth": "There were few cases.", "text": "There were 9,999 in 2024."}),
        ("quote", {"text": "The hotline identified 272 trafficking cases in Missouri in 2024", "by": "9,999 people"}),
        ("definition", {"figure": "9,999", "text": "cases in 2024."}),
        ("photo", {"text": "A door.", "photo": Photo("images/a.jpg", credit="Photo: 9,999 people")}),
    ],
)
def test_a_number_anywhere_on_a_card_must_be_sourced(layout: str, said: dict[str, object]) -> None:
    assert "figure-unsourced" in card_rules(layout, S03, **said)


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("compare", {"text": "Missouri in 2024", "items": (Item("272", "cases"), Item("539", "people"))}),
        ("list", {"text": "Do", "items": (Item("1", "Look"), Item("2", "Call"), Item("3", "Wait"))}),
        ("list", {"text": "Do", "items": (Item("", "Look"), Item("", "Call"))}),
        (
            "action",
            {
                "text": "Save these",
                "items": (Item("1-888-373-7888", "the hotline"), Item("233733", "by text"), Item("911", "in danger")),
            },
        ),
        ("myth", {"myth": "It cannot happen here.", "text": "There were 272 cases in Missouri in 2024."}),
        ("definition", {"figure": "Case", "text": "A report of one or more people."}),
    ],
)
def test_a_sourced_card_of_each_kind_is_fine(layout: str, said: dict[str, object]) -> None:
    assert card_rules(layout, S03, **said) == []


def test_people_that_are_drawn_are_not_a_number_to_source() -> None:
    share = fact("S09", "In 2022, 44% were trafficked by family.", figure="44%", unit="of victims", data_year="2022")
    assert card_rules("share", share, figure="44%", text="were trafficked by family.") == []  # 44 of 100 are drawn


@pytest.mark.parametrize("mistyped", ["1-888-373-7889", "233734"])
def test_a_mistyped_number_to_call_is_found_on_a_card(mistyped: str) -> None:
    assert "help-number" in card_rules("action", S03, text="Save", items=(Item(mistyped, "the hotline"),))


def test_barred_words_are_found_in_each_part_of_a_card() -> None:
    for said in (
        {"layout": "myth", "myth": "The prostitute agreed.", "text": "No."},
        {"layout": "list", "text": "Signs", "items": (Item("", "A debt"), Item("", "A prostitute"))},
        {"layout": "quote", "text": "A sign is not proof.", "by": "a prostitute"},
    ):
        layout = str(said.pop("layout"))
        assert "word-barred" in card_rules(layout, I01, **said)


def test_the_year_of_a_compared_figure_stands_on_its_card() -> None:
    unnamed = replace(S03, data_year="2019")
    items = (Item("272", "cases"), Item("539", "people"))
    assert card_rules("compare", unnamed, text="Missouri", items=items) == []  # the source line has it


def test_figures_of_two_publishers_are_not_compared() -> None:
    other = fact("S50", "The agency counted 51,667 contacts in 2024.", publisher="Agency", data_year="2024")
    items = (Item("272", "cases"), Item("51,667", "contacts"))
    assert card_rules("compare", S03, other, text="In 2024", items=items) == ["card-sources"]
    assert card_rules("compare", S03, replace(other, publisher="Publisher"), text="In 2024", items=items) == []


def test_the_words_of_a_quote_card_are_those_of_the_ledger() -> None:
    assert card_rules("quote", Q02) == []
    by = "Survivor expert, in Polaris, 2023"
    assert card_rules("quote", Q02, text="“Words like ‘rescue’ turn people off from getting help”", by=by) == []
    asked = replace(Q02, quote="We should ask ‘Why is there running?’")
    assert card_rules("quote", asked, text="Why is there running?", by=by) == []
    assert "quote-not-verbatim" in card_rules("quote", Q02, text="‘rescue’", by=by)  # a word that she named, not said
    assert card_rules("quote", Q02, text=Q02.quote, by="A survivor") == ["quote-by"]
    assert card_rules("quote", Q02, text=Q02.quote, by="survivor expert, in Polarissima") == ["quote-by"]


@pytest.mark.parametrize(
    "words",
    [
        "Dramatic words turn people off.",
        Q02.statement,
        "turn people off from getting help",
        "Words like ‘res",
        "“”",
        ".",
    ],
)
def test_words_that_a_survivor_did_not_say_in_a_whole_sentence_are_no_quotation(words: str) -> None:
    assert card_rules("quote", Q02, text=words, by=Q02.attribution) == ["quote-not-verbatim"]


def test_evidence_of_a_fact_that_is_no_quote_is_not_put_into_a_mouth() -> None:
    seen = replace(S03, quote="The hotline identified many cases.", attribution="")
    assert card_rules("quote", seen, text=seen.quote, by="A survivor") == ["quote-not-verbatim"]


def test_one_of_several_sentences_may_be_quoted() -> None:
    two = replace(Q02, quote="It was work. Nobody asked me! I said no.")
    assert card_rules("quote", two, text="Nobody asked me!", by=two.attribution) == []
    assert card_rules("quote", two, text="Nobody asked me! I said no", by=two.attribution) == []
    assert card_rules("quote", two, text="asked me! I said no", by=two.attribution) == ["quote-not-verbatim"]


@pytest.mark.parametrize(
    "figure",
    [
        *("uno de cada tres", "una de cada diez", "veinte de cien", "272 de 539", "272 out of each 539", "1 in 1,000"),
        *("1 de 6", "1 من 6", "1 in 6", "44%", "272 in 539"),
    ],
)
@pytest.mark.parametrize("layout", ["share", "stat"])
def test_a_part_of_a_whole_is_not_invented(layout: str, figure: str) -> None:
    assert card_rules(layout, S03, figure=figure, text="of the cases in 2024.") == ["figure-unsourced"]


@pytest.mark.parametrize(
    ("figure", "statement"),
    [
        ("uno de cada tres", "In 2022, 1 in 3 said so."),
        ("1 من 6", "In 2022, one in six said so."),
        ("1 de cada 6", "In 2022, one in six said so."),
        ("1 in 1,000", "In 2022, 1 in 1,000 said so."),
        ("٤٤٪", "In 2022, 44% said so."),
    ],
)
def test_a_part_of_a_whole_of_the_ledger_is_told_in_any_words(figure: str, statement: str) -> None:
    told = fact("S50", statement, data_year="2022")
    assert card_rules("share", told, figure=figure, text="de ellos.") == []


def test_a_ratio_in_spanish_words_is_found_in_a_text() -> None:
    assert rules("Uno de cada tres.", S03) == ["figure-unsourced"]
    assert card_rules("stat", S03, text="En 2024, uno de cada tres.") == ["figure-unsourced"]


@pytest.mark.parametrize(
    ("layout", "figure", "text", "rule"),
    [
        ("stat", "272", "percent more cases in 2024", "figure-unsourced"),
        ("stat", "272", "times as many cases in 2024", "figure-unsourced"),
        ("date", "272", "million cases in 2024", "figure-unsourced"),
        ("stat", "539", "trafficking cases in 2024", "figure-unit"),
    ],
)
def test_a_figure_and_its_sentence_are_read_together(layout: str, figure: str, text: str, rule: str) -> None:
    assert rule in card_rules(layout, S03, figure=figure, text=text)


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("stat", {"figure": "911", "text": "trafficking victims were found"}),
        ("stat", {"figure": "24/7", "text": "victims"}),
        ("stat", {"figure": "Cases", "text": "Victims, 24/7"}),
        ("compare", {"text": "In 2024", "items": (Item("272", "cases"), Item("24/7", "victims"))}),
        ("definition", {"figure": "233733", "text": "victims."}),
    ],
)
def test_a_help_number_is_no_statistic(layout: str, said: dict[str, object]) -> None:
    assert "figure-unsourced" in card_rules(layout, S03, **said)


@pytest.mark.parametrize("signed", ["-44%", "−44%", "–44%", "+44%", "×44%", "<44%", "> 44%", "≥44%", "(-44%)"])
def test_a_sign_that_the_fact_has_not_is_found(signed: str) -> None:
    share = fact("S09", "In 2022, 44% were trafficked by family.", figure="44%", data_year="2022")
    assert rules(f"In 2022, {signed} of them.", share) == ["figure-unsourced"]
    assert "figure-unsourced" in card_rules("stat", share, figure=signed, text="of victims in 2022")
    assert rules("In 2022, ~44% of them.", share) == []
    assert rules("Of them:\n- 44% in 2022", share) == []
    own = fact("S09", f"In 2022, {signed} were so.", figure=signed.strip("()"), data_year="2022")
    assert rules(f"In 2022, {signed} of them.", own) == []


def test_names_of_parts_that_changed_places_are_found() -> None:
    parts = fact(
        "S09",
        "In 2022, 44% were trafficked by family members and 39% by intimate partners.",
        figure="44% / 39%",
        unit="by family members / by intimate partners",
        data_year="2022",
    )
    family, partners = "by family members", "by intimate partners"
    right = {"figure": "44% / 39%", "text": "Victims", "items": (Item("", family), Item("", partners))}
    wrong = {**right, "items": (Item("", partners), Item("", family))}
    assert card_rules("share", parts, **right) == []
    assert set(card_rules("share", parts, **wrong)) == {"figure-unit"}
    swapped = (Item("44%", f"were trafficked {partners}"), Item("39%", f"were trafficked {family}"))
    assert set(card_rules("compare", parts, text="Victims", items=swapped)) == {"figure-unit"}


@pytest.mark.parametrize(
    ("layout", "said", "alt", "fine"),
    [
        ("stat", {"figure": "272", "text": "cases in 2024"}, "Cases in Missouri in 2024.", False),
        ("stat", {"figure": "272", "text": "cases in 2024"}, "272 cases in Missouri in 2024.", True),
        ("stat", {"figure": "Case", "text": "is a word."}, "Cases.", False),
        ("action", {"text": "Save", "items": (Item("911", "in danger"),)}, "A number to save.", False),
        ("photo", {"text": "A blue door.", "photo": Photo("images/a.jpg")}, "A house.", False),
        ("photo", {"text": "A blue door.", "photo": Photo("images/a.jpg")}, "A house with a door, blue.", True),
    ],
)
def test_a_description_that_leaves_out_what_the_card_shows_is_a_warning(
    layout: str, said: dict[str, object], alt: str, *, fine: bool
) -> None:
    draft = post("Calm words.", S03, card=CardText(layout=layout, **said), alt=alt)  # type: ignore[arg-type]
    assert [(p.rule, p.severity) for p in found_in(draft, S03)] == ([] if fine else [("alt-words", Severity.WARNING)])


# Languages

TALKS = replace(
    CAMPAIGN,
    translations={"es": Translation("Enero", "Llame al 1-888-373-7888 o al 911.", "Línea 1-888-373-7888")},
)


def test_a_post_in_another_language_has_its_help_line_in_it() -> None:
    spanish = post("Palabras.", lang="es")
    message = compose.message(spanish, FEED, TALKS, WIDE, [], None)
    assert check_message(message, spanish, FEED, [], TALKS, WIDE) == ()
    english = replace(message, text=f"Palabras.\n\n{CAMPAIGN.help_long}")
    assert [p.rule for p in check_message(english, spanish, FEED, [], TALKS, WIDE)] == ["help-missing"]


def test_a_language_that_the_campaign_does_not_speak_is_a_warning() -> None:
    (problem,) = check_post(post("Mots.", lang="fr"), [], TALKS)
    assert (problem.rule, problem.severity) == ("help-language", Severity.WARNING)
    assert "[campaign.fr]" in problem.mend
    for lang in ("", "en", "en-GB", "es", "es-MX"):
        assert check_post(post("Words.", lang=lang), [], TALKS) == ()


# The theme


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the lightest grey that passes
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.005)


def test_the_campaigns_own_theme_can_be_read() -> None:
    assert check_theme(CAMPAIGN) == ()


@pytest.mark.parametrize(
    ("theme", "named"),
    [
        (replace(BUILT_IN["harbor"], text="#777777"), "text"),
        (Theme(muted="#3a4458"), "muted"),
        (Theme(figure_top="#5a4a33"), "figure_top"),
        (Theme(figure_foot="#5a4a33"), "figure_foot"),
        (Theme(on_bar="#ffffff"), "on_bar"),
        (Theme(track="#c8a05a"), "accent"),
        (Theme(track="#16233c"), "track"),
        (Theme(on_accent="#ffffff"), "on_accent"),
    ],
)
def test_colours_too_close_are_named(theme: Theme, named: str) -> None:
    (problem,) = check_theme(replace(CAMPAIGN, theme=theme))
    assert (problem.rule, problem.path) == ("contrast", "config.toml")
    assert problem.text.startswith(f"theme.{named} on ")


def test_a_colour_must_be_read_at_the_foot_of_the_card_too() -> None:
    found = [p.text for p in check_theme(replace(CAMPAIGN, theme=Theme(shade="#808080")))]
    assert "theme.muted on theme.shade has a contrast of 2.14:1, not 4.5:1." in found
    assert len(found) == len({text.split(" on ")[0] for text in found})  # each colour once, on its worst ground


def test_a_glow_that_outshines_the_type_is_found() -> None:
    found = check_theme(replace(CAMPAIGN, theme=Theme(glows=("#ffffff",))))
    assert {p.rule for p in found} == {"contrast"}
    assert any(p.text.startswith("theme.muted has a contrast of ") and "theme.glows" in p.text for p in found)


def test_text_that_can_just_be_read_is_a_warning() -> None:
    (problem,) = check_theme(replace(CAMPAIGN, theme=Theme(text="#9aa0a8", glows=())))
    assert (problem.rule, problem.severity) == ("contrast-low", Severity.WARNING)
    assert problem.text.startswith("theme.text on theme.background has a contrast of 6.")


def test_colours_that_look_alike_to_some_people_are_named() -> None:
    (problem,) = check_theme(replace(CAMPAIGN, theme=Theme(accent="#ff3c3c", track="#203c58", glows=())))
    assert problem.rule == "contrast-eyes"
    assert problem.text == "theme.accent on theme.track has a contrast of 2.10:1 with protanopia, not 3:1."


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_built_in_theme_can_be_told_apart_by_everyone(name: str) -> None:
    assert check_theme(replace(CAMPAIGN, theme=BUILT_IN[name])) == ()


def test_grey_is_grey_to_all_eyes() -> None:
    for eyes in EYES:
        for light in seen("#808080", eyes):
            assert light == pytest.approx(0.2158605, abs=1e-4)


def test_red_is_dark_without_red_cones() -> None:
    assert contrast("#ff0000", "#000000") == pytest.approx(5.25, abs=0.01)
    assert contrast("#ff0000", "#000000", "protanopia") < 3.5  # Machado 2009: 0.15 R + 0.11 G of the red's light


def test_colour_that_is_none_is_named() -> None:
    (problem,) = check_theme(replace(CAMPAIGN, theme=Theme(text="white")))
    assert problem.rule == "wrong-colour"


# The page for staff


def rules_in_docs() -> dict[str, str]:
    lines = (HOME / "docs" / "checks.md").read_text(encoding="utf-8").splitlines()
    return {found[1]: line for line in lines if (found := re.match(r"\| `([a-z-]+)` \|", line))}


def rules_in_code() -> Iterator[str]:
    """The ids in all calls that make a Problem, and those that are assigned to a name `rule`."""
    position = {"Problem": 2, "problem": 1, "error": 1, "warn": 1}
    for path in (HOME / "scheduler").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                at = 0 if isinstance(node.func, ast.Name) and name == "problem" else position.get(name, 99)
                wanted: list[ast.AST] = list(node.args[at : at + 1])
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "rule":
                wanted = list(ast.walk(node.value))
            else:
                continue
            texts = (a.value for a in wanted if isinstance(a, ast.Constant) and isinstance(a.value, str))
            yield from (text for text in texts if re.fullmatch("[a-z-]+", text) and len(text) > 1)


def test_each_rule_stands_in_the_docs_as_in_the_code() -> None:
    written = rules_in_docs()
    for rule, (severity, meaning, mend) in RULES.items():
        assert written[rule] == f"| `{rule}` | {severity} | {meaning} | {mend} |"


def test_no_rule_is_only_in_the_docs_or_only_in_the_code() -> None:
    assert set(rules_in_docs()) == set(rules_in_code()) | set(RULES)


def test_each_rule_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (HOME / "scheduler").rglob("*.py")
        if path.name not in {"rules.py", "config.py"}
    )
    assert [rule for rule in RULES if f'"{rule}"' not in source] == []
