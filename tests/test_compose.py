from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from scheduler import text
from scheduler.compose import alt_for, card_for, message, text_for
from scheduler.model import Account, Campaign, Card, CardText, Count, Fact, Image, Limits, Post, Theme

CAMPAIGN = Campaign(
    name="Human Trafficking Prevention Month",
    start=date(2027, 1, 1),
    end=date(2027, 1, 31),
    zone="America/Chicago",
    time=time(9),
    send_within=timedelta(hours=6),
    approval="required",
    help_long="Need help? National Human Trafficking Hotline, 24/7: call 1-888-373-7888 or text 233733.",
    help_short="Hotline 1-888-373-7888 · text 233733",
    theme=Theme(name="dusk"),
)
X = Account("x", "x")
FEED = Account("site", "feed")
WIDE = Limits(1000, Count.CODEPOINTS)
FACT = Fact(
    id="S03",
    kind="stat",
    statement="The hotline identified 272 trafficking cases in Missouri in 2024.",
    publisher="MoDOT",
    title="Join MoDOT",
    url="https://example.org/modot",
    evidence="seen (primary)",
    figure="272",
    data_year="2024",
)


def post(words: str = "A draft.", *, tags: tuple[str, ...] = (), card: CardText | None = None, alt: str = "") -> Post:
    return Post(
        slug="2027-01-04-missouri",
        path="posts/2027-01-04-missouri.md",
        date=date(2027, 1, 4),
        text=words,
        tags=tags,
        card=card or CardText(),
        alt=alt,
        title="Missouri in 2024",
        texts={"x": "For X only."},
    )


def card(figure: str = "272", words: str = "trafficking cases were identified in Missouri in 2024.") -> Card:
    return Card(
        layout="stat",
        width=1200,
        height=675,
        format="png",
        campaign="Human Trafficking Prevention Month",
        figure=figure,
        text=words,
        source="Source: National Human Trafficking Hotline, 2024",
        help="Hotline 1-888-373-7888 · text 233733",
    )


def image(alt: str = "", drawn: Card | None = None) -> Image:
    return Image("0" * 64, "images/cards/a.png", "image/png", 1200, 675, 50_000, alt, drawn)


def test_text_is_followed_by_tags_and_the_long_footer() -> None:
    written = text_for(post(tags=("EndTrafficking", "StLouis")), FEED, CAMPAIGN, WIDE)
    assert written == f"A draft.\n\n#EndTrafficking #StLouis\n\n{CAMPAIGN.help_long}"


def test_text_without_tags_has_no_gap() -> None:
    assert text_for(post(), FEED, CAMPAIGN, WIDE) == f"A draft.\n\n{CAMPAIGN.help_long}"


def test_an_account_gets_its_own_text() -> None:
    assert text_for(post(), X, CAMPAIGN, WIDE).startswith("For X only.")


def test_short_footer_takes_the_place_of_a_long_one_that_does_not_fit() -> None:
    long = len("A draft.\n\n") + len(CAMPAIGN.help_long)
    assert text_for(post(), FEED, CAMPAIGN, Limits(long, Count.CODEPOINTS)).endswith(CAMPAIGN.help_long)
    assert text_for(post(), FEED, CAMPAIGN, Limits(long - 1, Count.CODEPOINTS)).endswith(CAMPAIGN.help_short)


def test_short_footer_stays_even_if_it_does_not_fit() -> None:
    limits = Limits(20, Count.CODEPOINTS)
    written = text_for(post(), FEED, CAMPAIGN, limits)
    assert written.endswith(CAMPAIGN.help_short)
    assert text.over(written, limits) > 0


@pytest.mark.parametrize("footer", [CAMPAIGN.help_long, CAMPAIGN.help_short])
def test_a_footer_in_the_draft_is_not_repeated(footer: str) -> None:
    assert text_for(post(f"A draft.\n\n{footer}\n"), FEED, CAMPAIGN, WIDE) == f"A draft.\n\n{footer}"


def test_a_mistyped_footer_does_not_count_as_one() -> None:
    wrong = CAMPAIGN.help_short.replace("7888", "7889")
    assert CAMPAIGN.help_long in text_for(post(f"A draft.\n\n{wrong}"), FEED, CAMPAIGN, WIDE)


def test_a_tag_in_the_text_is_not_repeated() -> None:
    written = text_for(post("Wear blue for #WearBlueDay", tags=("wearblueday", "StLouis")), FEED, CAMPAIGN, WIDE)
    assert text.hashtags(written) == ("WearBlueDay", "StLouis")


def test_no_more_tags_are_added_than_the_network_takes() -> None:
    limits = Limits(1000, Count.CODEPOINTS, tags=1)
    written = text_for(post(tags=("EndTrafficking", "StLouis")), FEED, CAMPAIGN, limits)
    assert text.hashtags(written) == ("EndTrafficking",)


def test_card_takes_what_the_draft_leaves_out_from_the_first_fact() -> None:
    other = Fact("S35", "stat", "No one knows.", "CRS", "Report", "https://example.org/crs", "seen (primary)")
    limits = Limits(500, Count.CODEPOINTS, image_formats=("jpeg", "png"), card_size=(1080, 1350))
    drawn = card_for(post(card=CardText(layout="list")), [FACT, other], CAMPAIGN, limits)
    assert drawn == Card(
        layout="list",
        width=1080,
        height=1350,
        format="jpeg",
        campaign="Human Trafficking Prevention Month",
        figure="272",
        text="The hotline identified 272 trafficking cases in Missouri in 2024.",
        source="Source: MoDOT, 2024",
        help="Hotline 1-888-373-7888 · text 233733",
        theme=Theme(name="dusk"),
    )


def test_card_of_a_draft_with_its_own_words_and_no_fact() -> None:
    drawn = card_for(post(card=CardText(figure="Leaving", text="takes time.")), [], CAMPAIGN, WIDE)
    assert (drawn.figure, drawn.text, drawn.source) == ("Leaving", "takes time.", "")


def test_description_says_all_that_stands_on_the_card() -> None:
    assert alt_for(card()) == (
        "Human Trafficking Prevention Month card: “272 trafficking cases were identified in Missouri in 2024.” "
        "Source: National Human Trafficking Hotline, 2024. Help: Hotline 1-888-373-7888, text 233733."
    )


@pytest.mark.parametrize(
    ("figure", "words", "said"),
    [
        ("27.6 million", "About 27.6 million people were.", "card: “About 27.6 million people were.”"),
        ("44% / 39%", "By family / by partners", "card: “44% and 39%. By family / by partners.”"),
        ("", "“Why is there running?”", "card: “‘Why is there running?’”"),
        ("Signs", "No pay\nNo papers", "card: “Signs. No pay. No papers.”"),
        ("", 'He said "no".', "card: “He said ‘no’.”"),
    ],
)
def test_description_reads_well_aloud(figure: str, words: str, said: str) -> None:
    assert said in alt_for(card(figure, words))


def test_message_carries_what_the_public_will_see() -> None:
    old = Fact("S01", "stat", "Old.", "Agency", "Page", "http://example.org/old", "seen (primary)", data_year="2016")
    quoted = Fact("S00", "stat", "Quoted.", "Agency", "Page", "https://news.example/", "seen (secondary)")
    made = message(post(), X, CAMPAIGN, WIDE, [FACT, old, quoted, quoted], image(drawn=card()))
    assert (made.account, made.network, made.lang, made.title) == ("x", "x", "en", "Missouri in 2024")
    assert (made.post, made.day) == ("2027-01-04-missouri", "2027-01-04")
    assert made.text == f"For X only.\n\n{CAMPAIGN.help_long}"
    assert made.sources == (
        ("MoDOT, 2024", "https://example.org/modot"),
        ("Agency, 2016", ""),  # not a secure address
        ("Agency", ""),  # a page that only quotes the publisher
    )
    assert made.images[0].alt == alt_for(card())


def test_description_of_the_draft_goes_before_that_of_the_card() -> None:
    made = message(post(alt="A blue card."), X, CAMPAIGN, WIDE, [FACT], image(drawn=card()))
    assert made.images[0].alt == "A blue card."


def test_photo_without_a_card_keeps_its_description() -> None:
    assert message(post(), X, CAMPAIGN, WIDE, [], image("A doorway.")).images[0].alt == "A doorway."


def test_message_without_image() -> None:
    assert message(post(), X, CAMPAIGN, WIDE, [], None).images == ()
