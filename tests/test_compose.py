from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from scheduler import text
from scheduler.compose import alt_for, card_for, compared, has_footer, message, parts_for, spoken
from scheduler.model import (
    CARD_SIZES,
    LAYOUTS,
    Account,
    Campaign,
    Card,
    CardText,
    Count,
    Fact,
    Image,
    Item,
    Limits,
    Photo,
    Post,
    Theme,
    Translation,
)
from tests.layouts import words as words_of

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


def text_for(*asked: Any) -> str:  # noqa: ANN401
    (text,) = parts_for(*asked)
    return text


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
    drawn = card_for(post(), [FACT, other], CAMPAIGN, limits)
    assert replace(drawn, alt="") == Card(
        layout="stat",
        width=1080,
        height=1350,
        format="jpeg",
        campaign="Human Trafficking Prevention Month",
        figure="272",
        text="The hotline identified 272 trafficking cases in Missouri in 2024.",
        source="Source: MoDOT, 2024 data",
        help="Hotline 1-888-373-7888 · text 233733",
        theme=Theme(name="dusk"),
        title="Missouri in 2024",
    )
    assert drawn.alt == alt_for(drawn)


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
        ("MoDOT, 2024 data", "https://example.org/modot"),
        ("Agency, 2016 data", ""),  # not a secure address
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


# Layouts

QUOTE = replace(FACT, id="Q02", kind="quote", quote="Words like ‘rescue’ turn people off.", attribution="A survivor")
MYTH = replace(FACT, id="M01", kind="myth", statement="Myth: it starts with a kidnapping. Fact: most use tricks.")
PARTS = (Item("44%", "by family members"), Item("39%", "by partners"))


def drawn_as(layout: str, *facts: Fact, lang: str = "", campaign: Campaign = CAMPAIGN, **said: object) -> Card:
    draft = replace(post(card=CardText(layout=layout, **said)), lang=lang)  # type: ignore[arg-type]
    return card_for(draft, facts or (FACT,), campaign, WIDE)


def test_a_quotation_and_who_said_it_come_from_the_first_fact() -> None:
    found = drawn_as("quote", QUOTE)
    assert (found.text, found.by, found.figure) == ("Words like ‘rescue’ turn people off.", "A survivor", "")
    own = drawn_as("quote", FACT, text="Mine.", by="Dana")
    assert (own.text, own.by) == ("Mine.", "Dana")


def test_a_myth_and_its_fact_come_from_the_first_fact() -> None:
    found = drawn_as("myth", MYTH)
    assert (found.myth, found.text) == ("it starts with a kidnapping.", "most use tricks.")


@pytest.mark.parametrize("layout", ["compare", "list", "action", "quote", "definition", "myth", "photo"])
def test_a_figure_that_the_layout_does_not_show_is_not_taken_from_the_fact(layout: str) -> None:
    assert drawn_as(layout).figure == ""


@pytest.mark.parametrize(("size", "pixels"), CARD_SIZES.items())
def test_an_account_chooses_the_size_of_its_cards(size: str, pixels: tuple[int, int]) -> None:
    found = card_for(post(), [FACT], CAMPAIGN, WIDE, Account("x", "x", options={"card": size}))
    assert (found.width, found.height) == pixels


def test_a_photo_is_a_jpeg_where_the_network_takes_one() -> None:
    photo = CardText("photo", text="Blue.", photo=Photo("images/a.jpg"))
    assert card_for(post(card=photo), [FACT], CAMPAIGN, WIDE).format == "jpeg"
    assert card_for(post(card=photo), [FACT], CAMPAIGN, replace(WIDE, image_formats=("png",))).format == "png"
    assert card_for(post(), [FACT], CAMPAIGN, WIDE).format == "png"


@pytest.mark.parametrize(("takes", "most"), [(500_000, 500_000), (8_000_000, 1_000_000)])
def test_a_card_is_never_larger_than_the_network_takes_nor_than_a_phone_likes(takes: int, most: int) -> None:
    assert card_for(post(), [FACT], CAMPAIGN, replace(WIDE, image_bytes=takes)).max_bytes == most


def test_the_draft_describes_its_card_itself() -> None:
    assert card_for(post(alt="A door."), [FACT], CAMPAIGN, WIDE).alt == "A door."


POLARIS = replace(FACT, id="S09", publisher="Polaris", figure="44% / 39%", statement="44% and 39%.", data_year="2022")
OTHER = replace(FACT, id="S50", publisher="Agency", figure="44%", statement="It was 44%.", data_year="2016")


def test_figures_that_are_compared_have_the_source_that_counted_them_all() -> None:
    assert compared(CardText("compare", items=PARTS), [FACT, OTHER, POLARIS]) == (POLARIS,)
    assert drawn_as("compare", FACT, OTHER, POLARIS, text="Who", items=PARTS).source == "Source: Polaris, 2022 data"


def test_figures_of_two_publishers_show_both_sources() -> None:
    items = (Item("272", "cases"), Item("39%", "by partners"))
    found = drawn_as("compare", FACT, POLARIS, text="Who", items=items)
    assert found.source == "Source: MoDOT, 2024 data; Polaris, 2022 data"


# Languages

TALKS = replace(
    CAMPAIGN,
    translations={"es": Translation("Mes de la Prevención", "Llame al 1-888-373-7888, 24/7.", "Línea 1-888-373-7888")},
)


def test_a_spanish_draft_gets_a_spanish_footer_and_card() -> None:
    spanish = replace(post("Una de cada seis."), lang="es-MX", texts={})
    assert text_for(spanish, X, TALKS, WIDE) == "Una de cada seis.\n\nLlame al 1-888-373-7888, 24/7."
    found = card_for(spanish, [FACT], TALKS, WIDE)
    assert (found.lang, found.campaign, found.help) == ("es-MX", "Mes de la Prevención", "Línea 1-888-373-7888")
    assert found.source == "Fuente: MoDOT, datos de 2024"


def test_an_english_footer_is_not_one_for_a_spanish_text() -> None:
    assert has_footer(f"Hola.\n\n{CAMPAIGN.help_long}", CAMPAIGN)
    assert not has_footer(f"Hola.\n\n{CAMPAIGN.help_long}", spoken(TALKS, "es"))


@pytest.mark.parametrize("lang", ["en", "fr", ""])
def test_a_language_without_a_translation_keeps_the_campaigns_own_words(lang: str) -> None:
    assert spoken(TALKS, lang) is TALKS


# Descriptions

SAID = {
    "stat": ("“272 cases.”", {"figure": "272", "text": "cases"}),
    "share": (
        "“1 in 6 children was a victim.” 1 of 6 figures is highlighted.",
        {"figure": "1 in 6", "text": "children was a victim."},
    ),
    "compare": ("“Who did it: 44% by family members. 39% by partners.”", {"text": "Who did it", "items": PARTS}),
    "quote": ("“‘Why is there running?’ Judge Lung.”", {"text": "“Why is there running?”", "by": "Judge Lung"}),
    "definition": ("“Coercion: A threat.”", {"figure": "Coercion", "text": "A threat."}),
    "list": ("“Steps. 1. Listen. 2. Call.”", {"text": "Steps", "items": (Item("1", "Listen"), Item("2", "Call"))}),
    "myth": (
        "“Myth: It starts with a kidnapping. Fact: Most use tricks.”",
        {"myth": "It starts with a kidnapping.", "text": "Most use tricks."},
    ),
    "action": (
        "“Save these. 1-888-373-7888, National Hotline. 911, in danger.”",
        {"text": "Save these", "items": (Item("1-888-373-7888", "National Hotline"), Item("911", "in danger"))},
    ),
    "date": ("“January 11. Wear blue.”", {"figure": "January 11", "text": "Wear blue."}),
    "photo": (
        "“Wear blue. Photo: Dana.”",
        {"text": "Wear blue.", "photo": Photo("images/a.jpg", credit="Photo: Dana")},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_description_of_each_layout_says_all_its_words_in_order(layout: str) -> None:
    said, words = SAID[layout]
    found = drawn_as(layout, **words)  # type: ignore[arg-type]
    assert found.alt == (
        f"Human Trafficking Prevention Month card: {said} Source: MoDOT, 2024 data. "
        "Help: Hotline 1-888-373-7888, text 233733."
    )
    for word in words_of(found):
        assert all(part.strip("“”?.") in found.alt for part in word.split())


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("3 in 8", "3 of 8 figures are highlighted."),
        ("44%", "44 of 100 figures are highlighted."),
        ("19.4%", "A bar shows it to scale."),
        ("2 in 25", "A bar shows it to scale."),
    ],
)
def test_the_description_of_a_share_says_what_is_drawn(figure: str, said: str) -> None:
    assert f"” {said} Source" in drawn_as("share", figure=figure, text="of them").alt


def test_the_description_of_a_bar_names_each_part_with_its_number() -> None:
    names = (Item("", "by family members"), Item("", "by partners"))
    found = drawn_as("share", figure="44% / 39%", text="Who did it", items=names)
    assert "“Who did it. 44% by family members. 39% by partners.” A bar shows it to scale. Source" in found.alt


def test_a_spanish_card_is_described_in_spanish() -> None:
    found = drawn_as("share", lang="es", campaign=TALKS, figure="1 de cada 6", text="menores fue víctima.")
    assert found.alt == (
        "Tarjeta de Mes de la Prevención: “1 de cada 6 menores fue víctima.” 1 de 6 figuras está destacada. "
        "Fuente: MoDOT, datos de 2024. Ayuda: Línea 1-888-373-7888."
    )
    myth = drawn_as("myth", lang="es", campaign=TALKS, myth="Siempre hay un secuestro.", text="Casi nunca.")
    assert "“Mito: Siempre hay un secuestro. Realidad: Casi nunca.”" in myth.alt


def test_a_description_that_is_too_long_loses_the_campaigns_name_then_the_help_line_then_nothing() -> None:
    whole = alt_for(card())
    assert alt_for(card(), len(whole)) == whole
    unnamed = alt_for(card(), len(whole) - 1)
    assert unnamed == whole.replace("Human Trafficking Prevention Month card:", "Card:")
    bare = alt_for(card(), len(unnamed) - 1)
    assert bare == unnamed.partition(" Help:")[0]
    assert alt_for(card(), 1) == bare


def test_the_description_is_composed_within_the_networks_limit() -> None:
    long = card_for(post(), [FACT], CAMPAIGN, WIDE)
    short = card_for(post(), [FACT], CAMPAIGN, replace(WIDE, alt=len(long.alt) - 1))
    assert short.alt.startswith("Card: “")
    assert message(post(), X, CAMPAIGN, WIDE, [FACT], image(drawn=short)).images[0].alt == short.alt


# Where the words come from


def test_the_source_is_that_of_the_fact_that_has_the_figure() -> None:
    other = replace(FACT, id="S13", publisher="ILO", statement="About 12% were children.", figure="About 12%")
    assert drawn_as("share", FACT, other, figure="About 12%", text="were children.").source == "Source: ILO, 2024 data"
    assert drawn_as("stat", FACT, other, figure="Children", text="were 12% in 2024.").source == "Source: ILO, 2024 data"
    assert drawn_as("stat", FACT, other, figure="272", text="cases").source == "Source: MoDOT, 2024 data"
    assert drawn_as("stat", FACT, other, figure="Leaving", text="takes time.").source == "Source: MoDOT, 2024 data"
    items = (Item("", "12% were children"), Item("", "They need adults"))
    assert drawn_as("list", FACT, other, text="Children", items=items).source == "Source: ILO, 2024 data"


def test_the_source_of_a_quotation_is_that_of_its_words() -> None:
    shown = drawn_as("quote", FACT, replace(QUOTE, publisher="Polaris"), text=QUOTE.quote, by="A survivor")
    assert shown.source == "Source: Polaris, 2024"


@pytest.mark.parametrize("layout", ["stat", "date", "definition", "photo"])
def test_a_myth_is_never_printed_as_if_it_were_true(layout: str) -> None:
    assert drawn_as(layout, MYTH, figure="Most").text == "most use tricks."


@pytest.mark.parametrize(
    ("figure", "words", "said"),
    [
        ("12", "were found in 2012.", "“12 were found in 2012.”"),
        ("12", "of 12,000 people.", "“12 of 12,000 people.”"),
        ("12", "In all, 12 people.", "“In all, 12 people.”"),
        ("12%", "were 12% of all.", "“were 12% of all.”"),
    ],
)
def test_a_figure_is_left_out_of_the_description_only_where_it_stands_as_a_word(
    figure: str, words: str, said: str
) -> None:
    assert said in alt_for(card(figure, words))
