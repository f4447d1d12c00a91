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
from scheduler.model import Account, Campaign, Theme

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


@given(st.text(alphabet=st.sampled_from(list("[]{}acegimnopstu.=\"'#-:0127\n ,")), max_size=60))
def test_no_text_stops_the_reading(source: str) -> None:
    read(source)
    parse(GOOD + source, "config.toml", root=ROOT)
