"""config.toml is read whole, each mistake is named, and no secret is ever accepted in it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.config import Config, load, parse
from scheduler.model import Account, Campaign, Severity, Theme, Translation
from scheduler.themes import BUILT_IN

ROOT = Path("project")
GOOD = """\
[campaign]
name = "January"
organisation = "Lantern Project"
url = "https://lantern.example"
start = 2027-01-01
end = 2027-01-31
zone = "America/Chicago"
time = "09:00"
send_within = "6h"
min_gap = "1h30m"
approval = "required"
lang = "en"
checked_since = 2026-12-01

[campaign.help]
long = "Call 1-888-373-7888."
short = "1-888-373-7888"

[theme]
name = "lantern"
accent = "#FFB84D"

[store]
url = "sqlite:///var/campaign.db"

[accounts.feed]
network = "feed"
folder = "site"

[accounts.x-main]
network = "x"
enabled = false
handle = "@lantern"
"""


def read(source: str) -> tuple[Config | None, list[str]]:
    config, problems = parse(source, "config.toml", root=ROOT)
    assert (config is None) == bool(problems)
    return config, [str(p) for p in problems]


def test_a_good_config_is_read_whole() -> None:
    assert read(GOOD)[0] == Config(
        campaign=Campaign(
            name="January",
            start=date(2027, 1, 1),
            end=date(2027, 1, 31),
            zone="America/Chicago",
            time=time(9),
            send_within=timedelta(hours=6),
            approval="required",
            help_long="Call 1-888-373-7888.",
            help_short="1-888-373-7888",
            min_gap=timedelta(minutes=90),
            checked_since=date(2026, 12, 1),
            organisation="Lantern Project",
            url="https://lantern.example",
            theme=Theme(accent="#FFB84D"),
        ),
        accounts=(
            Account("feed", "feed", options={"folder": "site"}),
            Account("x-main", "x", enabled=False, handle="@lantern"),
        ),
        store_url="sqlite:///var/campaign.db",
        root=ROOT,
    )


def test_what_may_be_left_out_has_a_sensible_value() -> None:
    source = GOOD
    for line in ('organisation = "Lantern Project"', 'url = "https://lantern.example"', 'min_gap = "1h30m"'):
        source = source.replace(f"{line}\n", "")
    source = source.replace('lang = "en"\n', "").replace("checked_since = 2026-12-01\n", "")
    source = source.replace('[theme]\nname = "lantern"\naccent = "#FFB84D"\n', "")
    config, _ = read(source.replace('[store]\nurl = "sqlite:///var/campaign.db"\n', ""))
    assert config
    assert config.store_url == "sqlite:///var/campaign.db"
    assert config.campaign.min_gap == timedelta(minutes=30)
    assert (config.campaign.lang, config.campaign.checked_since, config.campaign.theme) == ("en", None, Theme())


BROKEN = [
    ("zone =", "zon =", [":7: There is no key", ":1: campaign.zone is missing."]),
    ("[theme]", "[thme]", [':19: There is no key "thme". Did you mean "theme"?']),
    ("accent =", "acent =", [':21: There is no key "theme.acent". Did you mean "theme.accent"?']),
    ("short =", "shrt =", [":17: There is no key", ":15: campaign.help.short is missing. Add a line short ="]),
    ('name = "January"', "name = 2027", [":2: campaign.name is not text. Put it in double quotes: "]),
    ("= 2027-01-01", '= "2027-01-01"', [":5: campaign.start is not a day. Write it without quotes "]),
    ("start = 2027-01-01\n", "", [":1: campaign.start is missing. Add a line start = "]),
    (
        "= 2027-01-31",
        "= 2026-01-31",
        [
            (
                ":6: The campaign ends on 2026-01-31, before it starts on 2027-01-01. "
                "Write a later day, or the right year."
            )
        ],
    ),
    (
        "America/Chicago",
        "America/Chicgo",
        [':7: There is no time zone "America/Chicgo". Did you mean "America/Chicago"?'],
    ),
    ("America/Chicago", "America", [':7: There is no time zone "America". ']),
    ("America/Chicago", "../../etc/passwd", [':7: There is no time zone "../../etc/passwd". ']),
    ('"09:00"', '"9am"', [':8: campaign.time: "9am" is not a time of day. Write it as HH:MM, for example "09:00".']),
    ('"09:00"', "09:00:00", [':8: campaign.time is not text. Put it in double quotes: time = "09:00".']),
    ('"09:00"', "09:00", [":8: Something stands after the value. Put text and times in double quotes"]),
    ('"6h"', '"6 hours"', [':9: campaign.send_within: "6 hours" is not a length of time. Write it in hours, ']),
    ('"6h"', '"0h"', [":9: campaign.send_within is zero."]),
    ('"6h"', "6", [':9: campaign.send_within is not text. Put it in double quotes: send_within = "6".']),
    ('"required"', '"requird"', [':11: campaign.approval cannot be "requird". Did you mean "required"?']),
    ('"en"', '"English"', [':12: campaign.lang: "English" is not a language code. ']),
    ('"https://lantern.example"', '"lantern.example"', [":4: campaign.url is not a web address. "]),
    ('"#FFB84D"', '"orange"', [':21: theme.accent: "orange" is not a colour. Write it as #rrggbb, ']),
    ('"#FFB84D"', '"#FB4"', [':21: theme.accent: "#FB4" is not a colour. ']),
    ('network = "x"\n', "", [":30: accounts.x-main.network is missing. "]),
    ("enabled = false", 'enabled = "no"', [":32: accounts.x-main.enabled is neither true nor false. "]),
    ("[accounts.x-main]", '[accounts."X main"]', [':30: "X main" cannot be the name of an account. Use small letters']),
    ("[campaign.help]", "[campaign.hlp]", [':15: There is no key "campaign.hlp". ', ":1: The part [campaign.help] is"]),
    ("[campaign]\n", "", [":14: campaign.start is missing. ", ":1: There is no key", ":2: There is no key"]),
    ('name = "January"', 'name = "January', [":2: A quotation mark is not closed. Put text between double quotes"]),
    ("[theme]", "[campaign]", [":19: This entry stands twice. Keep one of them."]),
]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN, ids=[f"{new[:30]}" for _, new, _ in BROKEN])
def test_a_mistake_is_named_with_line_and_mend(old: str, new: str, expected: list[str]) -> None:
    found = read(GOOD.replace(old, new, 1))[1]
    for sentence in expected:
        assert any(p.startswith(f"config.toml{sentence}") for p in found), found


@pytest.mark.parametrize("source", ["", "[campaign]\n", "[accounts]\n", "campaign = 1\naccounts = []\n"])
def test_a_half_written_config_is_no_config(source: str) -> None:
    assert read(source)[0] is None


def test_an_empty_help_part_is_refused() -> None:
    source = GOOD.replace('long = "Call 1-888-373-7888."\nshort = "1-888-373-7888"\n', "")
    assert [p.split(" Add")[0] for p in read(source)[1]] == [
        "config.toml:15: campaign.help.long is missing.",
        "config.toml:15: campaign.help.short is missing.",
    ]


def test_a_config_without_accounts_is_refused() -> None:
    source = GOOD[: GOOD.index("[accounts.feed]")]
    assert read(source)[1] == ["config.toml: The part [accounts] is missing. Add it: [accounts]."]
    assert read(source + "[accounts]\n")[1] == ["config.toml:26: There is no account. Add one: [accounts.feed]."]


@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("token", "TOKEN"),
        ("access_token", "ACCESS_TOKEN"),
        ("app-password", "APP_PASSWORD"),
        ("client_secret", "CLIENT_SECRET"),
        ("key", "KEY"),
        ("consumer_key", "CONSUMER_KEY"),
        ("apikey", "APIKEY"),
        ("ApiToken", "APITOKEN"),
        ("passwd", "PASSWD"),
    ],
)
def test_a_secret_in_config_is_refused_and_never_repeated(key: str, variable: str) -> None:
    config, problems = read(f'{GOOD}{key} = "hunter2"\n')
    assert config is None
    assert problems == [
        (
            f"config.toml:34: accounts.x-main.{key} looks like a secret: secrets never stand in config. "
            f"Take it out, and set the environment variable CAMPAIGN_X_MAIN_{variable}."
        )
    ]


@pytest.mark.parametrize("line", ['more = {secret = "hunter2"}', 'server = "https://us:hunter2@mastodon.example"'])
def test_a_secret_in_a_corner_is_refused_and_never_repeated(line: str) -> None:
    problems = read(f"{GOOD}{line}\n")[1]
    assert len(problems) == 1
    assert "looks like a secret" in problems[0]
    assert "hunter2" not in problems[0]


@pytest.mark.parametrize("line", ["max_characters = 500", 'page = "1"', 'keyboard = "x"', 'monkey = "x"'])
def test_an_ordinary_setting_is_no_secret(line: str) -> None:
    config, _ = read(f"{GOOD}{line}\n")
    assert config
    assert list(config.accounts[1].options) == [line.partition(" ")[0]]


def test_a_database_address_with_a_password_is_refused() -> None:
    source = GOOD.replace("sqlite:///var/campaign.db", "postgresql://us:hunter2@db.example/campaign")
    assert read(source)[1] == [
        (
            "config.toml:24: store.url holds a password: secrets never stand in config. "
            "Take it out, and set the environment variable PGPASSWORD."
        )
    ]
    assert read(source.replace(":hunter2", ""))[0]


def test_a_missing_config_names_the_way_to_make_one(tmp_path: Path) -> None:
    config, (problem,) = load(tmp_path)
    assert config is None
    assert str(problem) == (
        "config.toml: There is no config.toml in this folder. Go to the project's folder, or run `campaign init` here."
    )


def test_a_config_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    config, (problem,) = load(tmp_path)
    assert config is None
    assert str(problem).startswith("config.toml: config.toml cannot be opened (")
    assert "`campaign init`" in problem.mend


def test_a_config_is_loaded_from_the_projects_folder(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    config, problems = load(tmp_path)
    assert problems == ()
    assert config
    assert config.root == tmp_path


def test_the_config_in_the_repository_has_no_mistake() -> None:
    config, problems = load(Path(__file__).parent.parent)
    assert [str(p) for p in problems] == []
    assert config


def test_reading_config_loads_no_heavy_library() -> None:
    heavy = {"ruamel", "regex", "PIL", "sqlalchemy", "twitter_text"}
    seen = f"import sys, scheduler.config; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# The theme


def theme(lines: str) -> Theme:
    config, problems = parse(GOOD.replace('name = "lantern"\naccent = "#FFB84D"', lines), "config.toml", root=ROOT)
    assert [str(p) for p in problems] == []
    assert config
    return config.campaign.theme


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_theme_is_taken_by_its_name(name: str) -> None:
    assert theme(f'name = "{name}"') == BUILT_IN[name]


def test_each_key_of_a_theme_can_be_set() -> None:
    assert theme("""\
name = "harbor"
mood = "daybreak"
background = "#000001"
shade = "#000002"
glows = ["#000003", "#000004"]
text = "#000005"
muted = "#000006"
accent = "#000007"
figure_top = "#000008"
figure_foot = "#000009"
on_accent = "#00000a"
track = "#00000b"
bar = "#00000c"
on_bar = "#00000d"
figure_font = "inter"
text_font = "images/fonts/brand.TTF"
label_font = "images/brand.otf"
logo = "images/logo.png"
logo_ink = "accent"
spacing = 1.2""") == Theme(
        name="harbor",
        mood="daybreak",
        background="#000001",
        shade="#000002",
        glows=("#000003", "#000004"),
        text="#000005",
        muted="#000006",
        accent="#000007",
        figure_top="#000008",
        figure_foot="#000009",
        on_accent="#00000a",
        track="#00000b",
        bar="#00000c",
        on_bar="#00000d",
        figure_font="inter",
        text_font="images/fonts/brand.TTF",
        label_font="images/brand.otf",
        logo="images/logo.png",
        logo_ink="accent",
        spacing=1.2,
    )


def test_what_goes_with_a_changed_colour_changes_with_it() -> None:
    green = theme('accent = "#00ff00"\non_accent = "#001100"')
    assert (green.figure_top, green.figure_foot, green.bar, green.on_bar) == (
        "#00ff00",
        "#00ff00",
        "#00ff00",
        "#001100",
    )
    white = theme('background = "#ffffff"')
    assert (white.shade, white.glows) == ("#ffffff", ())
    own = theme('name = "paper"\naccent = "#002200"')
    assert (own.figure_top, own.bar) == ("#002200", BUILT_IN["paper"].bar)  # its bar never was in the accent's colour


def test_naming_a_colour_as_it_is_changes_nothing_else() -> None:
    assert theme('background = "#101C33"\naccent = "#ffb84d"') == Theme(background="#101C33")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('name = "lanten"', 'theme.name cannot be "lanten". Did you mean "lantern"?'),
        ('mood = "gloomy"', 'theme.mood cannot be "gloomy". Use one of: lamplight, daybreak, still.'),
        ('figure_tpo = "#ffffff"', 'There is no key "theme.figure_tpo". Did you mean "theme.figure_top"?'),
        ('track = "grey"', 'theme.track: "grey" is not a colour. Write it as #rrggbb, for example "#101c33".'),
        ('track = ""', "theme.track is missing. Add a line track = "),
        ("bar = 5", 'theme.bar is not text. Put it in double quotes: bar = "5".'),
        ('glows = "#ffffff"', "theme.glows is not a list of at most 3 colours. Write it so: glows = ["),
        ('glows = ["#ffffff", "#ffffff", "#ffffff", "#ffffff"]', "theme.glows is not a list of at most 3 colours."),
        ('glows = ["red"]', 'theme.glows: "red" is not a colour.'),
        ("glows = [1]", "theme.glows is not a list of at most 3 colours."),
        ("spacing = 2", "theme.spacing is not a number from 0.8 to 1.3. Write 1.0 for the usual margins"),
        ('spacing = "1.0"', "theme.spacing is not a number from 0.8 to 1.3."),
        ("spacing = true", "theme.spacing is not a number from 0.8 to 1.3."),
        ("spacing = nan", "theme.spacing is not a number from 0.8 to 1.3."),
        ('text_font = "newsreder"', 'theme.text_font: there is no font "newsreder". Did you mean "newsreader"?'),
        (
            'text_font = "Arial"',
            'theme.text_font: there is no font "Arial". Use one of bricolage, newsreader, inter, or a',
        ),
        (
            'text_font = "../brand.ttf"',
            'theme.text_font: "../brand.ttf" is not a file below images/ that ends in .ttf or',
        ),
        (
            'text_font = "images/../../brand.ttf"',
            'theme.text_font: "images/../../brand.ttf" is not a file below images/',
        ),
        ('text_font = "images/brand.woff2"', 'theme.text_font: "images/brand.woff2" is not a file below images/ that'),
        (
            'logo = "/etc/logo.png"',
            'theme.logo: "/etc/logo.png" is not a file below images/ that ends in .png. Copy it',
        ),
        ('logo = "images/logo.svg"', 'theme.logo: "images/logo.svg" is not a file below images/ that ends in .png.'),
        ('logo = "images\\\\logo.png"', "theme.logo: "),
        (
            'logo_ink = "red"',
            'theme.logo_ink: "red" is not a colour. Write it as #rrggbb, for example "#101c33", or "acc',
        ),
    ],
)
def test_a_mistake_in_the_theme_is_named(line: str, said: str) -> None:
    (problem,) = read(GOOD.replace('accent = "#FFB84D"', line).replace('name = "lantern"\nname', "name"))[1]
    assert problem.startswith((f"config.toml:20: {said}", f"config.toml:21: {said}"))


# Languages, and the size of cards

SPANISH = """\
[campaign.es]
name = "Enero"
help_long = "Llame al 1-888-373-7888."
help_short = "1-888-373-7888"

"""


def test_the_campaign_speaks_other_languages() -> None:
    config, problems = read(GOOD.replace("[theme]", f"{SPANISH}[theme]"))
    assert problems == []
    assert config
    spoken = Translation("Enero", "Llame al 1-888-373-7888.", "1-888-373-7888")
    assert config.campaign.translations == {"es": spoken}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "Enero"\n', "", ":19: campaign.es.name is missing. Add a line name ="),
        (
            "help_short",
            "help_shrt",
            ':22: There is no key "campaign.es.help_shrt". Did you mean "campaign.es.help_short"?',
        ),
        ("[campaign.es]", "[campaign.spanish]", ':19: There is no key "campaign.spanish".'),
    ],
)
def test_a_half_translation_is_refused(old: str, new: str, said: str) -> None:
    found = read(GOOD.replace("[theme]", f"{SPANISH.replace(old, new)}[theme]"))[1]
    assert any(p.startswith(f"config.toml{said}") for p in found)


def test_a_help_number_that_only_the_translation_has_is_shown() -> None:
    source = GOOD.replace("[theme]", SPANISH.replace("7888.", "7889.") + "[theme]")
    config, (problem,) = parse(source, "config.toml", root=ROOT)
    assert config
    assert problem.severity is Severity.WARNING
    assert problem.text == "campaign.es.help_long: the number 1-888-373-7889 is not in [campaign.help]."


def test_an_account_may_choose_the_size_of_its_cards() -> None:
    config, _ = read(GOOD.replace('folder = "site"', 'card = "story"'))
    assert config
    assert config.accounts[0].options == {"card": "story"}
    (problem,) = read(GOOD.replace('folder = "site"', 'card = "portait"'))[1]
    assert problem == 'config.toml:28: accounts.feed.card cannot be "portait". Did you mean "portrait"?'


@given(st.text(alphabet=st.sampled_from(list("[]{}acegimnopstu.=\"'#-:0127\n ,")), max_size=60))
def test_no_text_stops_the_reading(source: str) -> None:
    read(source)
    parse(GOOD + source, "config.toml", root=ROOT)
