"""The images of messages: drawn once, given as they were approved or not at all; and sheets to look at."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image as Pictures

from scheduler import config, intake, pictures, publishers
from scheduler.errors import CardError, CardNotSaved, Unavailable
from scheduler.model import CARD_SIZES, Image, Message, Theme
from tests.samples import PHOTO, card, project

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.config import Config
    from scheduler.model import Card

SETTINGS = """\
[campaign]
name = "Prevention Month"
start = 2027-01-28
end = 2027-02-03
zone = "UTC"
time = "09:00"
send_within = "6h"
approval = "required"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.feed]
network = "feed"
folder = "site"
url = "https://lantern.example/january"
handle = "Lantern Project"
"""
LEDGER = """\
[D01]
kind = "definition"
statement = "Coercion can be a threat, or any plan that makes someone fear serious harm if they refuse."
publisher = "HHS"
title = "What is human trafficking?"
url = "https://lantern.example/what"
evidence = "seen (primary)"
"""
DRAFT = """\
---
date: {day}
title: What coercion is
facts: [D01]
card: {{layout: stat, figure: "Coercion", text: "{text}"}}
---
Coercion can be a threat, {day}.
"""


def message(root: Path, made: Card) -> Message:
    drawn = pictures.render([made], root)[made]
    assert isinstance(drawn, Image)
    return Message("feed", "feed", "Words", (drawn,))


def test_each_card_is_drawn_once_and_what_cannot_be_says_why(tmp_path: Path) -> None:
    good, other = card("stat"), card("share", "wide")
    bad = replace(good, text="people " * 400)
    drawn = pictures.render([good, bad, good, other, good], tmp_path)
    assert list(drawn) == [good, bad, other]
    assert isinstance(drawn[good], Image)
    assert isinstance(drawn[other], Image)
    assert isinstance(drawn[bad], CardError)
    assert len(list((tmp_path / "images/cards").glob("[!.]*"))) == 2


def test_a_card_that_the_program_itself_cannot_draw_stops_no_other(tmp_path: Path) -> None:
    good = card("stat")
    bad = replace(good, theme=Theme(text="no colour"))
    drawn = pictures.render([bad, good], tmp_path)
    assert isinstance(drawn[good], Image)
    failed = drawn[bad]
    assert isinstance(failed, CardError)
    assert failed.text.startswith("The card could not be drawn: a mistake of the program’s own (")
    assert failed.text.endswith("). Change its words, and tell whoever runs it.")


def test_no_cards_are_no_pictures(tmp_path: Path) -> None:
    assert pictures.render([], tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_month_of_cards_drawn_in_parallel_are_those_drawn_one_by_one(tmp_path: Path) -> None:
    made = [card("stat", size, figure=f"{number},000") for size in CARD_SIZES for number in range(1, 4)]
    together = pictures.render(made, tmp_path / "together")
    for each in made:
        assert pictures.render([each], tmp_path / "alone") == {each: together[each]}


@pytest.mark.parametrize("damage", ["gone", "cut", "another"])
def test_what_is_sent_is_what_was_approved_though_its_file_was_lost(damage: str, tmp_path: Path) -> None:
    sent = message(tmp_path, card("stat"))
    file = tmp_path / sent.images[0].path
    whole = file.read_bytes()
    if damage == "gone":
        shutil.rmtree(tmp_path / "images")
    else:
        file.write_bytes(whole[:999] if damage == "cut" else whole[:-40] + b"-" * 40)
    assert pictures.of(sent, tmp_path) == (whole,)
    assert file.read_bytes() == whole


def test_a_card_whose_photo_changed_since_is_not_sent(tmp_path: Path) -> None:
    root = project(tmp_path)
    sent = message(root, card("photo"))
    shutil.rmtree(root / "images/cards")
    Pictures.new("RGB", (1400, 1400), "#808080").save(root / PHOTO)
    with pytest.raises(CardError, match="not the one that was approved"):
        pictures.of(sent, root)


def test_a_card_whose_photo_is_gone_says_so(tmp_path: Path) -> None:
    root = project(tmp_path)
    sent = message(root, card("photo"))
    shutil.rmtree(root / "images")
    with pytest.raises(CardError, match="There is no file"):
        pictures.of(sent, root)


def test_a_disk_that_takes_nothing_is_a_reason_to_try_again_not_to_fail(tmp_path: Path) -> None:
    sent = message(tmp_path, card("stat"))
    shutil.rmtree(tmp_path / "images")
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(Unavailable, match="could not be saved"):
        pictures.of(sent, tmp_path)
    found = pictures.render([card("stat")], tmp_path)
    assert isinstance(found[card("stat")], CardNotSaved)


def test_an_image_that_is_no_card_and_changed_is_refused(tmp_path: Path) -> None:
    sent = message(tmp_path, card("stat"))
    sent = replace(sent, images=(replace(sent.images[0], card=None),))
    (tmp_path / sent.images[0].path).write_bytes(b"another")
    with pytest.raises(CardError, match="approve it again"):
        pictures.of(sent, tmp_path)


# Sheets


@pytest.fixture
def month(tmp_path: Path) -> Config:
    """Seven days over two months; the fourth has no draft, the sixth one whose card cannot be drawn."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "posts/facts.toml").write_text(LEDGER, encoding="utf-8")
    for number, word in ((0, "always"), (1, "often"), (2, "sometimes"), (4, "also"), (5, "even"), (6, "surely")):
        day = date(2027, 1, 28) + timedelta(days=number)
        text = f"can {word} be a threat. " * (40 if number == 5 else 1)
        (tmp_path / f"posts/{day}-a.md").write_text(DRAFT.format(day=day, text=text.strip()), encoding="utf-8")
    found, problems = config.load(tmp_path)
    assert found, problems
    return found


def read(month: Config) -> intake.Intake:
    limits = {account.name: publishers.limits(account) for account in month.accounts}
    return intake.read(month, limits=limits, render=pictures.render)


@pytest.mark.parametrize("size", CARD_SIZES)
def test_the_sheet_of_a_month_has_its_cards_in_the_size_asked_for(size: str, month: Config) -> None:
    packed = pictures.month_sheet(read(month), size, month.campaign, month.root)
    with Pictures.open(io.BytesIO(packed)) as sheet:
        rows = 2  # from a Thursday to a Wednesday, in weeks from Sunday
        width, height = CARD_SIZES[size]
        assert sheet.width > 7 * 330
        assert abs(sheet.height - (170 + rows * (330 * height / width + 46 + 24) + 120)) < 4
    kept = []
    for file in (month.root / "images/cards").glob("*.jpg"):
        with Pictures.open(file) as drawn:
            kept.append(drawn.size)
    assert kept == [CARD_SIZES[size]] * 5


def test_a_card_of_each_size_is_made_for_the_posts_that_cite_a_fact(month: Config) -> None:
    found = read(month)
    uncited = replace(found.posts[0], slug="uncited", facts=())
    for size, shape in CARD_SIZES.items():
        made = pictures.sized(found, [*found.posts, uncited], size, month.campaign)
        assert sorted(made) == sorted(post.slug for post in found.posts)
        assert {(each.width, each.height) for each in made.values()} == {shape}


def test_the_sheet_of_a_post_shows_each_account_that_has_a_card(month: Config) -> None:
    found = read(month)
    messages = [text for (slug, _), text in found.messages.items() if slug == found.posts[0].slug]
    accounts = {account.name: account for account in month.accounts}
    limits = {account.name: publishers.limits(account) for account in month.accounts}
    packed = pictures.post_sheet("A post", messages, accounts, limits, month.root)
    with Pictures.open(io.BytesIO(packed)) as sheet:
        assert sheet.format == "PNG"
        assert sheet.height > 620
