"""The command line: each command, each exit code, and bad input, on a small project of three drafts."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from click.testing import CliRunner
from icalendar import Calendar
from PIL import Image as Picture

from scheduler import lock
from scheduler.app import App
from scheduler.cli import COMMANDS, MODULES, cli
from scheduler.model import CARD_SIZES, Delivery, Status
from scheduler.outcomes import Decision
from scheduler.store import Result

if TYPE_CHECKING:
    from click.testing import Result as Ran

NOW = datetime.now(UTC)
TODAY = NOW.date()
YESTERDAY, TOMORROW, LATER = (TODAY + timedelta(days=n) for n in (-1, 1, 2))

CONFIG = f"""\
[campaign]
name = "Prevention Month"
organisation = "Lantern Project"
start = {YESTERDAY - timedelta(days=1)}
end = {LATER + timedelta(days=1)}
zone = "UTC"
time = "00:00"
send_within = "900h"
min_gap = "0s"
approval = "required"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.feed]
network = "feed"
folder = "site"
url = "https://lantern.example/january"
handle = "Lantern Project"

[accounts.second]
network = "feed"
folder = "second"
url = "https://lantern.example/second"
handle = "Second"

[accounts.x]
network = "x"
enabled = false
handle = "@lanternproject"
"""
LEDGER = """\
[D01]
kind = "definition"
statement = "Coercion can be a threat, or any plan that makes someone fear serious harm if they refuse."
publisher = "HHS"
title = "What is human trafficking?"
url = "https://lantern.example/what"
evidence = "seen (primary)"

[D02]
kind = "definition"
statement = "Trafficking includes both labor and sex trafficking."
publisher = "HHS"
title = "What is human trafficking?"
url = "https://lantern.example/what"
evidence = "seen (primary)"
recheck = "Open the page and see that it still says so"
"""
DRAFT = """\
---
date: {day}
title: The word is {word}
facts: [{fact}]
card: {{layout: stat, figure: "{word}", text: "can be a threat."}}
---
{word} is the word of this post

Coercion can be a threat. Be the {word} friend who listens.
"""
POSTS = {YESTERDAY: ("Amber", "D01"), TOMORROW: ("Birch", "D02"), LATER: ("Cedar", "D01")}


def slug(day: object) -> str:
    return f"{day}-{POSTS[day][0].lower()}"  # type: ignore[index]


PAST, AHEAD, LAST = slug(YESTERDAY), slug(TOMORROW), slug(LATER)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, with its cards drawn once for all tests."""
    root = tmp_path_factory.mktemp("drawn") / "project"
    (root / "posts").mkdir(parents=True)
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    (root / "posts" / "facts.toml").write_text(LEDGER, encoding="utf-8")
    for day, (word, fact) in POSTS.items():
        text = DRAFT.format(day=day, word=word, fact=fact)
        (root / "posts" / f"{slug(day)}.md").write_text(text, encoding="utf-8")
    assert CliRunner().invoke(cli, ["--root", str(root), "render", "--all-accounts"]).exit_code == 0
    return root


@pytest.fixture
def root(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "project"))


def run(root: Path, *words: str, answers: str | None = None) -> Ran:
    """One call of the program in this process."""
    return CliRunner().invoke(cli, ["--root", str(root), *words], input=answers)


def approved(root: Path) -> App:
    """The app on a project whose posts are all approved."""
    assert run(root, "approve", "--all", "--yes", "--by", "Maria").exit_code == 0
    return App.open(root)


def rows(app: App, post: str) -> tuple[Delivery, ...]:
    with app.store.reading() as read:
        return read.deliveries(post=post)


def becomes(app: App, post: str, decision: Decision, account: str = "feed") -> Delivery:
    """Bring a delivery into a state, as the daemon would."""
    row = next(r for r in rows(app, post) if r.account == account)
    with app.store.writing() as write:
        assert write.record([Result(row, None, decision)], NOW, "daemon", timedelta(0))
    return row


def is_a_sentence(ran: Ran, code: int, *words: str) -> None:
    """It ended with that code, and said these words; never a traceback, nor that the program is at fault."""
    assert ran.exit_code == code, ran.output
    for word in words:
        assert word in ran.output
    assert "Traceback" not in ran.output
    assert "mistake of its own" not in ran.output


# The program as a whole


def test_overview_names_every_command_with_its_line() -> None:
    shown = CliRunner().invoke(cli, ["--help"])
    assert shown.exit_code == 0
    for section, entries in COMMANDS:
        assert f"{section}:" in shown.output
        for name, _, line in entries:
            assert re.search(rf"^  {name} +{re.escape(line)}$", shown.output, re.MULTILINE)


def test_a_slip_of_the_pen_is_met_with_the_nearest_command() -> None:
    is_a_sentence(CliRunner().invoke(cli, ["chekc"]), 2, 'There is no command "chekc". Did you mean `campaign check`?')


def test_without_a_project_it_says_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("check", "status", "log", "run", "rehearse", "doctor"):
        is_a_sentence(CliRunner().invoke(cli, [command]), 3, "There is no config.toml here", "--root DIR")


def test_project_is_found_from_a_folder_inside_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "posts")
    assert CliRunner().invoke(cli, ["facts", "D01"]).exit_code == 0


def test_project_can_come_from_the_environment(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAMPAIGN_ROOT", str(root))
    assert CliRunner().invoke(cli, ["facts", "D01"]).exit_code == 0


def test_broken_config_is_named_with_its_line(root: Path) -> None:
    config = root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('zone = "UTC"', 'zone = "Mars"'), encoding="utf-8")
    is_a_sentence(run(root, "status"), 3, "config.toml:6", "Mars")
    is_a_sentence(run(root, "log"), 3, "config.toml cannot be read")


def test_file_that_is_no_database_is_told(root: Path) -> None:
    (root / "var").mkdir()
    (root / "var" / "campaign.db").write_bytes(b"not a database, by far" * 100)
    is_a_sentence(run(root, "status"), 3, "campaign restore")
    is_a_sentence(run(root, "log"), 3, "not a database")


def test_mistake_of_the_program_itself_is_told_without_a_traceback(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_root: Path) -> App:
        raise KeyError("oh")

    monkeypatch.setattr(App, "open", breaks)
    ran = run(root, "check")
    assert ran.exit_code == 3
    assert "a mistake of its own (KeyError: 'oh')" in ran.output
    monkeypatch.setenv("CAMPAIGN_DEBUG", "1")
    assert isinstance(run(root, "check").exception, KeyError)


def test_interrupt_is_quiet(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_root: Path) -> App:
        raise KeyboardInterrupt

    monkeypatch.setattr(App, "open", interrupted)
    ran = run(root, "check")
    assert ran.exit_code == 130
    assert not ran.output.strip()


HEAVY = ("sqlalchemy", "alembic", "PIL", "ruamel", "apscheduler", "twitter_text", "feedgen", "jinja2", "regex")


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["log"], ["log", "--format", "csv"], ["log", "--help"]])
def test_help_and_log_import_nothing_heavy(root: Path, command: list[str]) -> None:
    approved(root).close()
    program = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr))\n"
        "from scheduler.cli import main\n"
        f"main({['--root', str(root), *command]!r})\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "HEAVY []" in ended.stderr


def test_the_installed_command_is_this_program() -> None:
    ended = subprocess.run([sys.executable, "-m", "scheduler", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"campaign \d+\.\d+\.\d+\n", ended.stdout)


def test_completion_offers_commands_without_loading_them() -> None:
    asked = {**os.environ, "_CAMPAIGN_COMPLETE": "bash_complete", "COMP_WORDS": "campaign re", "COMP_CWORD": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", "from scheduler.cli import main; main()"],
        env=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    offered = {line.split(",")[1] for line in ended.stdout.split()}
    assert offered == {"render", "rehearse", "retry", "resume", "restore"}


def test_colours_only_where_there_is_a_terminal_and_none_with_no_color(root: Path) -> None:
    plain = CliRunner().invoke(cli, ["--root", str(root), "facts", "D01"])
    coloured = CliRunner().invoke(cli, ["--root", str(root), "facts", "D01"], color=True)
    refused = CliRunner(env={"NO_COLOR": "1"}).invoke(cli, ["--root", str(root), "facts", "D01"], color=True)
    assert "\x1b[" not in plain.output
    assert "\x1b[" in coloured.output
    assert "\x1b[" not in refused.output


# Writing


def test_a_new_project_passes_its_own_check_and_is_never_overwritten(tmp_path: Path) -> None:
    made = CliRunner().invoke(cli, ["init", str(tmp_path / "new")])
    assert made.exit_code == 0
    is_a_sentence(run(tmp_path / "new", "check"), 0, "1 draft: 0 errors")
    before = (tmp_path / "new" / "config.toml").read_bytes()
    again = CliRunner().invoke(cli, ["init", str(tmp_path / "new")])
    is_a_sentence(again, 2, "There is already config.toml", "Nothing was written")
    assert (tmp_path / "new" / "config.toml").read_bytes() == before


def test_check_of_sound_drafts_ends_with_the_facts_to_look_at_again(root: Path) -> None:
    ran = run(root, "check")
    is_a_sentence(ran, 0, "D02  Open the page and see that it still says so.")
    assert "3 drafts: 0 errors" in ran.output.splitlines()[-1]


def test_check_names_place_and_mend_and_exits_1_on_an_error(root: Path) -> None:
    draft = root / "posts" / f"{AHEAD}.md"
    draft.write_text(draft.read_text(encoding="utf-8").replace("[D02]", "[D99]"), encoding="utf-8")
    is_a_sentence(run(root, "check"), 1, f"posts/{AHEAD}.md:4", 'There is no fact "D99".', "unknown-fact")
    is_a_sentence(run(root, "check", PAST), 0, "1 draft: 0 errors")
    shown = json.loads(run(root, "check", "--json").stdout)
    assert [p["rule"] for p in shown["problems"] if p["severity"] == "error"] == ["unknown-fact"]


def test_check_of_a_draft_that_is_not_there_is_refused(root: Path) -> None:
    is_a_sentence(run(root, "check", "2030-01-01"), 2, 'There is no draft "2030-01-01"')
    is_a_sentence(run(root, "check", "2"), 2, "fits 3 drafts")


def test_preview_shows_each_account_its_text_count_and_card(root: Path) -> None:
    ran = run(root, "preview", PAST)
    is_a_sentence(ran, 0, "│ Amber is the word of this post", "of 20,000 characters", "images/cards/", "Alt   ")
    assert "Switched off: x. --all-accounts" in ran.output
    everyone = run(root, "preview", PAST, "--all-accounts")
    assert "switched off" in everyone.output
    assert "of 280, X’s weighted count" in everyone.output


def test_preview_of_one_account_works_for_one_that_is_switched_off(root: Path) -> None:
    shown = json.loads(run(root, "preview", PAST, "--account", "x", "--json").stdout)
    assert [(m["account"], m["limit"]) for m in shown["messages"]] == [("x", 280)]


def test_preview_of_an_unknown_account_or_a_broken_draft_is_told(root: Path) -> None:
    is_a_sentence(run(root, "preview", PAST, "--account", "twitter"), 2, 'no account "twitter"', "feed, second, x")
    (root / "posts" / f"{PAST}.md").write_text("no front matter", encoding="utf-8")
    is_a_sentence(run(root, "preview", PAST), 1, "cannot be read as a post yet", "does not start with front matter")


def test_render_says_where_each_card_is(root: Path) -> None:
    shutil.rmtree(root / "images")
    shown = json.loads(run(root, "render", PAST, "--json").stdout)
    assert [s["accounts"] for s in shown] == [["feed", "second"]]
    assert all((root / s["path"]).is_file() for s in shown)
    is_a_sentence(run(root, "render"), 0, "3 cards in images/cards.")


def test_render_of_a_card_that_does_not_fit_exits_1(root: Path) -> None:
    draft = root / "posts" / f"{PAST}.md"
    text = draft.read_text(encoding="utf-8").replace("can be a threat.", "can be a threat. " * 60, 1)
    draft.write_text(text, encoding="utf-8")
    is_a_sentence(run(root, "render"), 1, "card-does-not-fit", "2 cards in images/cards.")
    ran = run(root, "render", PAST)
    is_a_sentence(ran, 1, "card-does-not-fit")
    assert "cards in" not in ran.output


def test_render_names_each_draft_that_cannot_be_read(root: Path) -> None:
    (root / "posts" / f"{PAST}.md").write_text("no front matter", encoding="utf-8")
    for size in ((), ("--size", "square")):
        ran = run(root, "render", *size)
        is_a_sentence(ran, 1, f"posts/{PAST}.md", "does not start with front matter", "2 cards in images/cards.")
        assert run(root, "render", AHEAD, *size).exit_code == 0
    ran = run(root, "render", PAST)
    is_a_sentence(ran, 1, "does not start with front matter")
    assert "cards in" not in ran.output


@pytest.mark.parametrize("size", [(), ("--size", "square")])
def test_render_onto_a_disk_that_takes_no_card_exits_3(size: tuple[str, ...], root: Path) -> None:
    shutil.rmtree(root / "images")
    (root / "images").write_text("in the way")
    ran = run(root, "render", *size)
    is_a_sentence(ran, 3, "The card could not be saved in images/cards")
    assert "cards in" not in ran.output


def test_preview_of_a_post_whose_card_does_not_fit_says_that_alone(root: Path) -> None:
    draft = root / "posts" / f"{PAST}.md"
    whole = draft.read_text(encoding="utf-8")
    draft.write_text(whole.replace("can be a threat.", "can be a threat. " * 60, 1), encoding="utf-8")
    ran = run(root, "preview", PAST)
    is_a_sentence(ran, 1, "card-does-not-fit")
    assert "names no account" not in ran.output
    draft.write_text(whole.replace("facts:", "to: [x]\nfacts:", 1), encoding="utf-8")
    assert "It names no account that is shown here." in run(root, "preview", PAST).output


def test_a_bad_logo_is_not_to_be_mended_in_the_draft(root: Path) -> None:
    (root / "images/logo.png").write_bytes(b"no picture")
    config = (root / "config.toml").read_text(encoding="utf-8")
    (root / "config.toml").write_text(f'{config}\n[theme]\nlogo = "images/logo.png"\n', encoding="utf-8")
    ran = run(root, "render")
    is_a_sentence(ran, 1, "Export it as one of these.")
    assert "Change the card" not in ran.output


def size_of(path: Path) -> tuple[int, int]:
    with Picture.open(path) as picture:
        return picture.size


def test_render_makes_other_sizes_when_asked(root: Path) -> None:
    shown = json.loads(run(root, "render", PAST, "--size", "story", "--size", "square", "--json").stdout)
    assert [(s["size"], s["accounts"]) for s in shown] == [([1080, 1920], ["story"]), ([1080, 1080], ["square"])]
    assert [size_of(root / s["path"]) for s in shown] == [(1080, 1920), (1080, 1080)]
    every = json.loads(run(root, "render", AHEAD, "--size", "all", "--json").stdout)
    assert [s["accounts"] for s in every] == [[size] for size in CARD_SIZES]
    is_a_sentence(run(root, "render", "--size", "poster"), 2, "'poster' is not one of")


def test_render_copies_the_cards_to_a_folder_by_their_names(root: Path, tmp_path: Path) -> None:
    ran = run(root, "render", "--size", "wide", "--size", "story", "--to", str(tmp_path / "for" / "Maria"))
    is_a_sentence(ran, 0, "6 cards in images/cards, copied to")
    copied = sorted(file.name for file in (tmp_path / "for" / "Maria").iterdir())
    assert copied == sorted(f"{slug(day)}-{size}.jpg" for day in POSTS for size in ("wide", "story"))
    assert size_of(tmp_path / "for" / "Maria" / f"{PAST}-story.jpg") == (1080, 1920)
    own = run(root, "render", PAST, "--to", str(tmp_path / "own"))
    assert own.exit_code == 0
    assert [file.name for file in (tmp_path / "own").iterdir()] == [f"{PAST}-feed.png"]


def test_render_to_a_place_that_cannot_be_written_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    is_a_sentence(run(root, "render", PAST, "--to", str(tmp_path / "taken")), 2, "is a file")


def test_a_contact_sheet_shows_the_month(root: Path) -> None:
    is_a_sentence(run(root, "render", "--contact-sheet"), 0, "The month on one sheet: var/sheets/month-portrait.png")
    weeks = math.ceil(((YESTERDAY - timedelta(days=1)).isoweekday() % 7 + 5) / 7)  # five days, from Sunday
    width, height = size_of(root / "var/sheets/month-portrait.png")
    assert width > 7 * 330
    assert weeks * 412 < height < (weeks + 1) * 412 + 300
    ran = run(root, "render", "--size", "wide", "--size", "link", "--contact-sheet")
    is_a_sentence(ran, 0, "var/sheets/month-wide.png", "var/sheets/month-link.png")
    assert len({(root / f"var/sheets/month-{size}.png").read_bytes() for size in ("portrait", "wide", "link")}) == 3


def test_a_contact_sheet_of_more_than_a_hundred_days_is_refused(root: Path) -> None:
    config = (root / "config.toml").read_text(encoding="utf-8")
    long = re.sub(r"(?m)^end = .*", f"end = {YESTERDAY + timedelta(days=99)}", config)  # from the day before
    (root / "config.toml").write_text(long, encoding="utf-8")
    is_a_sentence(run(root, "render", "--contact-sheet"), 2, "has 101 days, and one sheet holds at most 100.")


def test_a_contact_sheet_is_drawn_though_a_card_cannot_be(root: Path) -> None:
    draft = root / "posts" / f"{PAST}.md"
    draft.write_text(draft.read_text(encoding="utf-8").replace("can be a threat.", "漢字 can be.", 1), encoding="utf-8")
    is_a_sentence(run(root, "render", "--size", "wide", "--contact-sheet"), 1, "U+6F22", "var/sheets/month-wide.png")


def test_json_of_render_stays_json_beside_a_sheet(root: Path) -> None:
    ran = run(root, "render", "--contact-sheet", "--json")
    assert len(json.loads(ran.stdout)) == 3
    assert "var/sheets/month-portrait.png" in ran.stderr


def test_preview_makes_one_picture_of_what_each_network_shows(root: Path) -> None:
    sheet = root / "var/sheets" / f"{PAST}.png"
    is_a_sentence(run(root, "preview", PAST), 0, f"var/sheets/{PAST}.png")
    two = size_of(sheet)
    is_a_sentence(run(root, "preview", PAST, "--all-accounts"), 0, f"var/sheets/{PAST}.png")
    assert size_of(sheet)[0] * size_of(sheet)[1] > two[0] * two[1]
    sheet.unlink()
    assert "var/sheets" not in run(root, "preview", PAST, "--json").stdout
    assert not sheet.exists()


def test_preview_of_a_title_that_no_font_can_set_is_shown_all_the_same(root: Path) -> None:
    draft = root / "posts" / f"{PAST}.md"
    draft.write_text(draft.read_text(encoding="utf-8").replace("The word is Amber", "漢字", 1), encoding="utf-8")
    is_a_sentence(run(root, "preview", PAST), 0, "漢字", f"var/sheets/{PAST}.png")


def test_a_sheet_that_cannot_be_written_is_a_sentence(root: Path) -> None:
    (root / "var").mkdir(exist_ok=True)
    shutil.rmtree(root / "var/sheets", ignore_errors=True)
    (root / "var/sheets").write_text("in the way")
    is_a_sentence(run(root, "render", "--contact-sheet"), 2, "could not be written")


def test_facts_show_the_ledger_who_uses_it_and_what_is_due(root: Path) -> None:
    is_a_sentence(run(root, "facts"), 0, "2 facts", "D01  ok   2×", "D02  due  1×")
    is_a_sentence(run(root, "facts", "D02"), 0, f"posts/{AHEAD}.md", "https://lantern.example/what")
    is_a_sentence(run(root, "facts", "--due"), 0, "1 fact to open or dial", "Open the page and see")
    assert [f["due"] for f in json.loads(run(root, "facts", "--json").stdout)] == [False, True]
    is_a_sentence(run(root, "facts", "D77"), 2, "There is no fact D77")


def test_calendar_keeps_its_uids_when_a_post_moves(root: Path) -> None:
    def entries() -> dict[str, str]:
        calendar = Calendar.from_ical(run(root, "calendar").stdout)
        return {str(e["UID"]): e.decoded("DTSTART").isoformat() for e in calendar.walk("VEVENT")}

    before = entries()
    assert len(before) == 3
    assert run(root, "move", AHEAD, "--to", str(TODAY), "--time", "14:30").exit_code == 0
    after = entries()
    assert before.keys() == after.keys()
    assert after["birch@campaign-scheduler"] == f"{TODAY}T14:30:00+00:00"


def test_calendar_is_written_to_a_file(root: Path, tmp_path: Path) -> None:
    is_a_sentence(run(root, "calendar", "-o", str(tmp_path / "month.ics")), 0, "3 posts in")
    event = Calendar.from_ical((tmp_path / "month.ics").read_bytes()).walk("VEVENT")[0]
    assert event["SUMMARY"] == "The word is Amber"
    assert "To: feed, second" in str(event["DESCRIPTION"])
    is_a_sentence(run(root, "calendar", "-o", str(tmp_path / "no" / "month.ics")), 3, "No such file")


# Deciding


def test_approve_shows_all_that_the_public_will_see_before_it_asks(root: Path) -> None:
    ran = run(root, "approve", PAST, "--by", "Maria", "--note", "Fine", answers="yes\n")
    is_a_sentence(
        ran, 0, "│ Amber is the word", "Alt ", "Card ", "sha256 ", "Digest ", "Approved: 2 deliveries, by Maria."
    )
    assert ran.output.count("│ Amber is the word") == 1  # two accounts, the same words: shown once
    app = App.open(root)
    with app.store.reading() as read:
        assert {(a.by, a.note) for a in read.approvals(PAST)} == {("Maria", "Fine")}
    assert all(r.approved for r in rows(app, PAST))
    assert not any(r.approved for r in rows(app, AHEAD))


def test_a_no_approves_nothing(root: Path) -> None:
    is_a_sentence(run(root, "approve", PAST, answers="no\n"), 0, "Not approved.")
    assert not any(r.approved for r in rows(App.open(root), PAST))


def test_approve_all_walks_through_and_stops_when_told(root: Path) -> None:
    is_a_sentence(run(root, "approve", "--all", answers="y\nq\n"), 0, "1 of 3", "2 of 3", "Approved: 2 deliveries")
    app = App.open(root)
    assert all(r.approved for r in rows(app, PAST))
    assert not any(r.approved for r in (*rows(app, AHEAD), *rows(app, LAST)))


def test_without_anybody_to_answer_nothing_is_approved(root: Path) -> None:
    is_a_sentence(run(root, "approve", PAST), 2, "nobody to answer")
    assert not any(r.approved for r in rows(App.open(root), PAST))


def test_yes_still_shows_and_a_second_time_nothing_waits(root: Path) -> None:
    is_a_sentence(run(root, "approve", PAST, "--yes"), 0, "│ Amber is the word")
    is_a_sentence(run(root, "approve", PAST, "--yes"), 0, "Nothing waits for approval.")


def test_a_draft_with_an_error_cannot_be_approved(root: Path) -> None:
    assert run(root, "approve", AHEAD, answers="no\n").exit_code == 0  # it is in the queue as it was
    draft = root / "posts" / f"{AHEAD}.md"
    draft.write_text(draft.read_text(encoding="utf-8").replace("[D02]", "[D99]"), encoding="utf-8")
    is_a_sentence(run(root, "approve", AHEAD, "--yes"), 1, "before its errors are mended", f"posts/{AHEAD}.md")
    assert not any(r.approved for r in rows(App.open(root), AHEAD))


def test_approve_wants_posts_or_all(root: Path) -> None:
    is_a_sentence(run(root, "approve"), 2, "Name the posts to approve, or write --all.")
    is_a_sentence(run(root, "approve", PAST, "--all"), 2, "Name the posts to approve, or write --all.")


def test_approve_one_account_leaves_the_other(root: Path) -> None:
    assert run(root, "approve", PAST, "--account", "second", "--yes").exit_code == 0
    assert {r.account: r.approved for r in rows(App.open(root), PAST)} == {"feed": False, "second": True}


def test_hold_and_release(root: Path) -> None:
    app = approved(root)
    is_a_sentence(run(root, "hold", AHEAD, "--account", "feed", "--note", "The partner waits"), 0, "The partner waits")
    assert [r.status for r in rows(app, AHEAD)] == [Status.HELD, Status.SCHEDULED]
    is_a_sentence(run(root, "hold", AHEAD, "--release"), 0, "Released.")
    assert {r.status for r in rows(app, AHEAD)} == {Status.SCHEDULED}
    is_a_sentence(run(root, "hold", AHEAD, "--release"), 2, "it can be released only when it is held")


def test_what_is_out_cannot_be_held_but_the_rest_can(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.PUBLISHED, "Published."))
    assert run(root, "hold", AHEAD).exit_code == 0
    assert [r.status for r in rows(app, AHEAD)] == [Status.PUBLISHED, Status.HELD]
    is_a_sentence(run(root, "hold", AHEAD, "--account", "feed"), 2, "is published; it can be held only when")


def test_cancel_takes_a_post_off(root: Path) -> None:
    app = approved(root)
    is_a_sentence(run(root, "cancel", AHEAD, "--note", "Said it already"), 0, "Cancelled: Said it already")
    assert {r.status for r in rows(app, AHEAD)} == {Status.CANCELLED}
    is_a_sentence(run(root, "cancel", AHEAD), 2, "it can be cancelled only when")


@pytest.mark.parametrize(
    "command", [["hold"], ["cancel"], ["retry"], ["confirm", "--account", "feed", "--url", "https://a.example"]]
)
def test_a_post_that_is_not_in_the_queue_is_refused(root: Path, command: list[str]) -> None:
    is_a_sentence(run(root, command[0], "2030-01-01", *command[1:]), 2, "No post in the queue", "2030-01-01")


def test_move_renames_the_draft_and_keeps_the_approval(root: Path) -> None:
    app = approved(root)
    is_a_sentence(run(root, "move", AHEAD, "--to", str(TODAY)), 0, f"It is now posts/{TODAY}-birch.md")
    assert not (root / "posts" / f"{AHEAD}.md").exists()
    moved = rows(app, f"{TODAY}-birch")
    assert [(r.day, r.approved) for r in moved] == [(TODAY, True), (TODAY, True)]


def test_move_to_a_wrong_day_is_refused(root: Path) -> None:
    is_a_sentence(run(root, "move", AHEAD, "--to", "2030-01-01"), 2, "outside the campaign")
    is_a_sentence(run(root, "move", AHEAD, "--to", "tomorrow"), 2, '"tomorrow" is not a day', "YYYY-MM-DD")
    is_a_sentence(run(root, "move", AHEAD, "--to", str(TODAY), "--time", "9am"), 2, '"9am" is not a time of day')
    is_a_sentence(run(root, "move", AHEAD), 2, "Missing option '--to'")


def test_move_onto_another_post_tells_of_the_clash(root: Path) -> None:
    is_a_sentence(run(root, "move", AHEAD, "--to", str(LATER)), 1, "already has a post for")


def test_what_is_out_cannot_be_moved(root: Path) -> None:
    becomes(approved(root), AHEAD, Decision(Status.PUBLISHED, "Published."))
    is_a_sentence(run(root, "move", AHEAD, "--to", str(TODAY)), 2, "cannot be moved")


def test_retry_of_an_unconfirmed_one_asks_whether_somebody_looked(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.UNCONFIRMED, "It may be out: the answer was lost."))
    asked = run(root, "retry", AHEAD, "--account", "feed", answers="n\n")
    is_a_sentence(asked, 2, "Have you looked at feed", "campaign confirm", "Nothing was done")
    assert rows(app, AHEAD)[0].status is Status.UNCONFIRMED
    is_a_sentence(run(root, "retry", AHEAD, "--account", "feed", answers="y\n"), 0, "To be sent again")
    assert rows(app, AHEAD)[0].status is Status.SCHEDULED


def test_retry_of_a_missed_one_says_that_it_goes_out_late(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.MISSED, "Missed: the program was not running."))
    is_a_sentence(run(root, "retry", AHEAD), 0, "It goes out late")
    is_a_sentence(run(root, "retry", LAST), 2, "it can be retried only when")


def test_retry_never_sends_the_old_words_of_a_draft_that_was_edited_meanwhile(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.UNCONFIRMED, "It may be out."))
    draft = next((root / "posts").glob(f"{AHEAD}*.md"))
    draft.write_text(draft.read_text(encoding="utf-8") + "\nA word more.\n", encoding="utf-8")
    is_a_sentence(run(root, "retry", AHEAD, "--account", "feed", "--yes"), 0)
    row = rows(app, AHEAD)[0]
    assert row.status is Status.SCHEDULED
    assert not row.approved
    assert row.next_attempt_at is None


def test_confirm_settles_an_unconfirmed_one_with_its_address(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.UNCONFIRMED, "It may be out."))
    wrong = run(root, "confirm", AHEAD, "--account", "feed", "--url", "lantern.example/1")
    is_a_sentence(wrong, 2, "Write the whole address")
    done = run(root, "confirm", AHEAD, "--account", "feed", "--url", "https://lantern.example/1")
    is_a_sentence(done, 0, "published", "https://lantern.example/1")
    assert rows(app, AHEAD)[0].url == "https://lantern.example/1"
    again = run(root, "confirm", AHEAD, "--account", "feed", "--url", "https://lantern.example/1")
    is_a_sentence(again, 2, "it can be confirmed only when")


def test_pause_needs_a_reason_and_resume_ends_it(root: Path) -> None:
    is_a_sentence(run(root, "pause"), 2, "Missing option '--reason'")
    is_a_sentence(run(root, "pause", "--reason", "  "), 2, "Say why")
    is_a_sentence(run(root, "pause", "--reason", "An accident in the city", "--by", "Maria"), 0, "Paused by Maria")
    is_a_sentence(run(root, "pause", "--reason", "Again"), 2, "paused already")
    assert "Paused by Maria: An accident in the city" in run(root, "status").output
    is_a_sentence(run(root, "resume"), 0, "The campaign goes on.")
    is_a_sentence(run(root, "resume"), 2, "not paused")


def test_resume_of_an_account_starts_it_again(root: Path) -> None:
    app = approved(root)
    becomes(app, AHEAD, Decision(Status.FAILED, "Revoked.", account_stopped="The token was revoked."))
    stopped = run(root, "status")
    is_a_sentence(stopped, 1, "feed is stopped", "The token was revoked.", "campaign resume --account feed")
    is_a_sentence(run(root, "resume", "--account", "feed"), 0, "feed may send again.")
    assert "feed is stopped" not in run(root, "status").output
    is_a_sentence(run(root, "resume", "--account", "nobody"), 2, 'no account "nobody"')


# Publishing and following


def test_status_of_an_empty_queue_says_how_to_begin(root: Path) -> None:
    is_a_sentence(run(root, "status"), 0, "The queue is empty.", "campaign approve --all")


def test_status_shows_what_needs_a_person_first_and_exits_1(root: Path) -> None:
    app = approved(root)
    assert run(root, "status").exit_code == 0
    becomes(app, AHEAD, Decision(Status.UNCONFIRMED, "It may be out: the answer was lost."))
    becomes(app, LAST, Decision(Status.FAILED, "The network refused the text."))
    becomes(app, PAST, Decision(Status.MISSED, "Missed: the program was not running."))
    ran = run(root, "status")
    is_a_sentence(ran, 1, f"campaign confirm {TOMORROW} --account feed", f"campaign retry {TOMORROW} --account feed")
    places = [ran.output.index(word) for word in ("Unconfirmed: ", "Failed: 1", "Missed: 1", "\nNext")]
    assert places == sorted(places)
    shown = json.loads(run(root, "status", "--json").stdout)
    assert [r["post"] for r in shown["unconfirmed"]] == [AHEAD]
    assert shown["counts"]["failed"] == 1


def test_status_asks_for_approvals_that_are_due_within_two_days(root: Path) -> None:
    assert run(root, "approve", PAST, answers="no\n").exit_code == 0
    is_a_sentence(run(root, "status"), 1, "Wait for approval, due within 48 hours", "to approve")


def test_status_of_another_day(root: Path) -> None:
    approved(root).close()
    is_a_sentence(run(root, "status", "--day", str(LATER)), 0, f"{LATER:%A} {LATER.day} {LATER:%B}\n")
    is_a_sentence(run(root, "status", "--day", "soon"), 2, '"soon" is not a day')


def test_log_filters_pages_and_speaks_three_formats(root: Path) -> None:
    approved(root).close()
    is_a_sentence(run(root, "log", "--limit", "2"), 0, "by Maria", "Older ones: add --before ")
    shown = json.loads(run(root, "log", "--kind", "approved", "--post", PAST, "--json").stdout)
    assert [(e["kind"], e["post"]) for e in shown] == [("approved", PAST)] * 2
    older = json.loads(run(root, "log", "--before", str(shown[0]["id"]), "--kind", "approved", "--json").stdout)
    assert shown[0]["id"] not in [e["id"] for e in older]
    assert len(json.loads(run(root, "log", "--day", str(TODAY), "--json").stdout)) >= 12
    is_a_sentence(run(root, "log", "--until", str(YESTERDAY)), 0, "Nothing is in the log that fits.")
    is_a_sentence(run(root, "log", "--day", str(TODAY), "--since", str(TODAY)), 2, "not both")
    is_a_sentence(run(root, "log", "--limit", "0"), 2, "--limit")


def test_log_without_a_database_is_empty_and_makes_none(root: Path) -> None:
    is_a_sentence(run(root, "log"), 0, "Nothing is in the log that fits.")
    assert not (root / "var").exists()


@pytest.mark.postgres
def test_log_and_rehearsal_of_a_project_on_a_server(root: Path, postgres: str) -> None:
    name = f"cli{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    config = root / "config.toml"
    url = postgres.replace("/postgres?", f"/{name}?")
    config.write_text(f'{config.read_text(encoding="utf-8")}\n[store]\nurl = "{url}"\n', encoding="utf-8")
    approved(root).close()
    shown = json.loads(run(root, "log", "--kind", "approved", "--words", "APPROVED", "--limit", "2", "--json").stdout)
    assert [e["kind"] for e in shown] == ["approved"] * 2
    ran = run(root, "rehearse")
    is_a_sentence(ran, 0, "All well")
    assert "Waits for approval" not in ran.output
    assert run(root, "doctor").exit_code == 0


def test_a_reader_that_goes_away_is_no_mistake(root: Path) -> None:
    approved(root).close()
    command = f"{sys.executable} -m scheduler --root {root} log | head -1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert len(ended.stdout.splitlines()) == 1
    assert not ended.stderr


def test_ctrl_c_while_it_works_is_quiet(root: Path) -> None:
    pipe = root / "posts" / "2027-01-09-never-ends.md"  # who reads it is surely at work
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "scheduler", "--root", str(root), "check"]
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests in the background ignore it
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heard,  # noqa: PLW1509  one thread here
    ) as ran:
        writer = _writer_once_read(pipe)
        for _ in range(20):  # Python drops an interrupt that comes inside a destructor; a person presses again
            ran.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                out, err = ran.communicate(timeout=3)
                break
        else:
            ran.kill()
        os.close(writer)
    assert ran.returncode == 130
    assert not out
    assert not err.strip()


def _writer_once_read(pipe: Path) -> int:
    """Open a pipe for writing as soon as somebody reads it."""
    end = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < end, "nobody reads it"
            time.sleep(0.01)


def test_csv_starts_no_formula_in_a_spreadsheet(root: Path) -> None:
    assert run(root, "pause", "--reason", "x", "--by", "=HYPERLINK(1)").exit_code == 0
    lines = run(root, "log", "--format", "csv").stdout.splitlines()
    assert lines[0] == "id,at,actor,kind,post,account,text,url,detail"
    assert ",'=HYPERLINK(1),paused," in lines[1]


def program(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One call of the program as a process of its own."""
    command = [sys.executable, "-m", "scheduler", "--root", str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_run_once_publishes_what_is_due_and_approved(root: Path) -> None:
    app = approved(root)
    ended = program(root, "run", "--once")
    assert ended.returncode == 0, ended.stderr
    assert [r.status for r in rows(app, PAST)] == [Status.PUBLISHED] * 2
    assert {r.status for r in rows(app, AHEAD)} == {Status.SCHEDULED}
    assert (root / "site" / "public" / "index.html").is_file()
    assert (root / "second" / "public" / "posts" / PAST).is_dir()


def test_a_second_daemon_ends_with_4_and_names_the_first(root: Path) -> None:
    with lock.held(root / "var" / "campaign.lock"):
        ended = program(root, "run")
    assert ended.returncode == 4
    assert f"Another daemon runs on this database (process {os.getpid()})" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_run_stops_cleanly_when_told(root: Path) -> None:
    command = [sys.executable, "-m", "scheduler", "--root", str(root), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        said = ""
        end = time.monotonic() + 60
        while "Next: " not in said and time.monotonic() < end:
            said += daemon.stdout.readline()
        daemon.send_signal(signal.SIGTERM)
        said += daemon.stdout.read()
    assert daemon.returncode == 0
    assert said.endswith("Stopped. Nothing is in flight.\n")


# Rehearsing


def test_rehearsal_publishes_all_to_the_feed_and_touches_nothing_real(root: Path) -> None:
    ran = run(root, "rehearse")
    is_a_sentence(ran, 0, "All well: 9 deliveries on 3 days", "Waits for approval", "3 posts in 6 deliveries", "D02")
    assert (root / "rehearsal" / "site" / "public" / "index.html").is_file()
    assert "- [ ] D02: Open the page" in (root / "rehearsal" / "checklist.md").read_text(encoding="utf-8")
    assert not (root / "site").exists()
    assert not (root / "var").exists()
    heads = [line for line in ran.output.splitlines() if line.split() == ["feed", "second", "x"]]
    assert len(heads) == 1


def test_rehearsal_exits_1_and_says_what_would_not_go_out(root: Path) -> None:
    draft = root / "posts" / f"{AHEAD}.md"
    draft.write_text(draft.read_text(encoding="utf-8").replace("[D02]", "[D99]"), encoding="utf-8")
    ran = run(root, "rehearse")
    is_a_sentence(
        ran, 1, "What would not go out", 'There is no fact "D99".', "  error", "Not yet: 6 deliveries on 2 days"
    )
    shown = json.loads(run(root, "rehearse", "--json").stdout)
    assert not shown["fine"]
    assert {m["result"] for m in shown["marks"] if m["day"] == str(TOMORROW)} == {"error"}


def test_rehearsal_of_some_days_only_and_kept_elsewhere(root: Path, tmp_path: Path) -> None:
    ran = run(root, "rehearse", "--from", str(TODAY), "--to", str(TOMORROW), "--keep", str(tmp_path / "kept"))
    is_a_sentence(ran, 0, "3 deliveries on 1 day")
    assert (tmp_path / "kept" / "site" / "public" / "index.html").is_file()
    is_a_sentence(run(root, "rehearse", "--keep", str(tmp_path / "kept")), 2, "exists already")
    (root / "posts" / f"{LAST}.md").write_text("no front matter", encoding="utf-8")
    assert run(root, "rehearse", "--to", str(TOMORROW)).exit_code == 0  # a broken draft of another day
    is_a_sentence(run(root, "rehearse", "--from", str(LATER), "--to", str(TODAY)), 2, "the first one first")


def test_rehearsal_empties_only_a_folder_that_a_rehearsal_made(root: Path) -> None:
    (root / "rehearsal").mkdir()
    (root / "rehearsal" / "notes.txt").write_text("mine", encoding="utf-8")
    is_a_sentence(run(root, "rehearse"), 2, "holds files that no rehearsal made")
    assert (root / "rehearsal" / "notes.txt").exists()


def test_rehearsal_counts_as_waiting_only_what_is_not_approved(root: Path) -> None:
    assert run(root, "approve", PAST, "--yes").exit_code == 0
    assert "2 posts in 4 deliveries" in run(root, "rehearse").output


# Looking after it


def test_doctor_finds_a_sound_project_sound(root: Path) -> None:
    approved(root).close()
    ran = run(root, "doctor")
    is_a_sentence(ran, 0, "SQLite", "Database  ok", "Accounts  ok", "It does not run: it has not run yet.")
    assert {f["state"] for f in json.loads(run(root, "doctor", "--json").stdout)} <= {"ok", "warning"}


def test_doctor_names_an_account_that_is_not_connected_and_a_damaged_database(root: Path) -> None:
    config = root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("enabled = false", "enabled = true"), encoding="utf-8")
    (root / "var").mkdir()
    (root / "var" / "campaign.db").write_bytes(b"not a database, by far" * 100)
    is_a_sentence(run(root, "doctor"), 1, "It is not connected", "campaign restore FILE")


def test_every_command_stands_in_one_module_and_is_found() -> None:
    for name in MODULES:
        shown = CliRunner().invoke(cli, [name, "--help"])
        assert shown.exit_code == 0, shown.output
        assert "Examples:\n  campaign " in shown.output
