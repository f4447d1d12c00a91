"""From files to the queue: what is broken, gone or switched off must not take anything else with it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scheduler import config, intake, publishers
from scheduler.errors import CardError
from scheduler.model import Account, Card, Delivery, Image, Problem, Severity, Status
from scheduler.store import Result, Store
from tests.fakes import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

NOW = datetime(2027, 1, 1, tzinfo=UTC)

CONFIG = """
[campaign]
name = "January"
start = 2027-01-01
end = 2027-01-31
zone = "America/Chicago"
time = "09:00"
send_within = "6h"
approval = "required"

[campaign.help]
long = "Help: call 1-888-373-7888 or text 233733."
short = "Help: 1-888-373-7888."

[accounts.feed]
network = "feed"
url = "https://lantern.example"
folder = "site"

[accounts.mastodon]
network = "mastodon"
server = "https://mastodon.example"
"""

LEDGER = """
[S01]
kind = "stat"
statement = "The hotline identified 272 cases in Missouri in 2024."
figure = "272"
unit = "cases"
data_year = "2024"
publisher = "Hotline"
title = "Missouri"
url = "https://hotline.example"
evidence = "seen (primary)"
quote = "272 cases"
read = 2026-11-23

[D01]
kind = "definition"
statement = "Trafficking means using force, fraud or coercion."
data_year = "current law"
publisher = "HHS"
title = "Terms"
url = "https://hhs.example"
evidence = "seen (primary)"
quote = "force, fraud, or coercion"
read = 2026-11-23
"""


def draft(day: int, text: str, fact: str = "D01", more: str = "") -> str:
    return f"---\ndate: 2027-01-{day:02}\nfacts: [{fact}]\n{more}---\n{text}\n"


DRAFTS = {
    "2027-01-04-cases.md": draft(4, "The hotline identified 272 cases in Missouri in 2024.", "S01"),
    "2027-01-05-law.md": draft(5, "The law speaks of force, fraud and coercion."),
    "2027-01-06-share.md": draft(6, "Share this with a friend who would want to know."),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "posts/facts.toml").write_text(LEDGER)
    for name, text in DRAFTS.items():
        (tmp_path / "posts" / name).write_text(text)
    return tmp_path


@pytest.fixture
def queue(root: Path) -> Iterator[Store]:
    made = Store("sqlite:///campaign.db", root)
    yield made
    made.close()


def render(cards: Iterable[Card], _root: Path) -> Mapping[Card, Image | CardError]:
    """Pictures that are named by what is on them, as the real ones are."""
    return {card: named(card) for card in cards}


def named(card: Card) -> Image | CardError:
    if "WIDE" in card.text:
        return CardError("The text does not fit the card.")
    name = hashlib.sha256(repr(card).encode()).hexdigest()
    return Image(name, f"images/cards/{name}.png", "image/png", card.width, card.height, 1000, "", card)


def settings(root: Path, *off: str) -> config.Config:
    found, problems = config.load(root)
    assert found, problems
    return replace(found, accounts=tuple(replace(a, enabled=a.name not in off) for a in found.accounts))


def read(root: Path, *off: str, accounts: tuple[Account, ...] | None = None) -> intake.Intake:
    known = settings(root, *off)
    limits = {a.name: publishers.limits(a) for a in known.accounts}
    return intake.read(known, limits=limits, render=render, accounts=accounts)


def sync(root: Path, store: Store, *off: str, now: datetime = NOW) -> dict[tuple[str, str], Delivery]:
    intake.sync(store, read(root, *off), settings(root, *off), now=now, actor="daemon")
    with store.reading() as reading:
        return {(d.post[11:], d.account): d for d in reading.deliveries()}


def approve(store: Store) -> None:
    with store.writing() as write:
        for row in write.deliveries():
            write.approve(row, "manager", "", NOW)


def write(root: Path, name: str, text: str) -> None:
    (root / "posts" / name).write_text(text)


def rules(found: intake.Intake) -> list[tuple[str, str]]:
    return [(p.path, p.rule) for p in found.errors]


def test_three_drafts_for_two_accounts_are_six_deliveries(root: Path, queue: Store) -> None:
    found = read(root)
    assert found.errors == ()
    assert len(found.planned) == 6
    rows = sync(root, queue)
    assert {d.status for d in rows.values()} == {Status.SCHEDULED}
    row = rows["cases", "feed"]
    assert row.scheduled_at == datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
    assert row.send_until == datetime(2027, 1, 4, 21, 0, tzinfo=UTC)
    assert row.path == "posts/2027-01-04-cases.md"
    with queue.reading() as reading:
        message = reading.message(row.digest)
    assert message
    assert message.text.startswith("The hotline identified 272 cases in Missouri in 2024.")


def test_reading_the_same_twice_changes_nothing(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    told = said(queue)
    assert sync(root, queue) == before
    assert said(queue) == told


def test_a_folder_that_is_gone_is_told_and_changes_nothing(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    (root / "posts").rename(root / "elsewhere")
    found = read(root)
    assert not found.readable
    assert ("posts", "unreadable") in rules(found)
    assert sync(root, queue) == before


def test_a_folder_that_was_emptied_is_told_and_changes_nothing(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    for name in DRAFTS:
        (root / "posts" / name).unlink()
    found = read(root)
    assert not found.readable
    (problem,) = [p for p in found.errors if p.rule == "no-drafts"]
    assert str(problem) == (
        "posts: There is not one draft in posts/. "
        "Nothing in the queue was changed. Write a draft, or bring the folder back."
    )
    assert sync(root, queue) == before


def test_a_deleted_draft_withdraws_its_deliveries_and_no_others(root: Path, queue: Store) -> None:
    sync(root, queue)
    (root / "posts/2027-01-05-law.md").unlink()
    rows = sync(root, queue)
    assert {k for k, d in rows.items() if d.status is Status.CANCELLED} == {("law", "feed"), ("law", "mastodon")}


@pytest.mark.parametrize(
    "text",
    [
        "---\ndate: 2027-01-05\nfacts: [D01]\n",
        "---\ndate: tomorrow\nfacts: [D01]\n---\nText.\n",
        "---\ndate: 2027-01-05\nfacts: [S99]\n---\nText.\n",
        "",
    ],
)
def test_a_broken_draft_keeps_its_queued_rows_and_stops_no_other(root: Path, queue: Store, text: str) -> None:
    before = sync(root, queue)
    write(root, "2027-01-05-law.md", text)
    write(root, "2027-01-06-share.md", draft(6, "Show this to a friend who would want to know."))
    found = read(root)
    assert {p.path for p in found.errors} == {"posts/2027-01-05-law.md"}
    rows = sync(root, queue)
    assert rows["law", "feed"] == before["law", "feed"]
    assert rows["share", "feed"].digest != before["share", "feed"].digest


def test_a_draft_that_is_not_utf8_or_may_not_be_read_is_a_problem_of_that_file(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    (root / "posts/2027-01-05-law.md").write_bytes(b"---\ndate: 2027-01-05\n---\n\xff\xfe\n")
    (root / "posts/2027-01-06-share.md").unlink()
    (root / "posts/2027-01-06-share.md").mkdir()
    found = read(root)
    assert {p.path for p in found.errors} == {"posts/2027-01-05-law.md", "posts/2027-01-06-share.md"}
    assert sync(root, queue) == before


def test_a_wrong_figure_keeps_the_post_out_and_what_is_queued_in(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    write(root, "2027-01-04-cases.md", draft(4, "The hotline identified 273 cases in Missouri in 2024.", "S01"))
    assert ("posts/2027-01-04-cases.md", "figure-unsourced") in rules(read(root))
    assert sync(root, queue) == before


def test_an_error_of_one_account_keeps_out_that_account_only(root: Path, queue: Store) -> None:
    longer = draft(5, "The law speaks of force.\n\n## mastodon\n" + "Force and fraud. " * 60)
    write(root, "2027-01-05-law.md", longer)
    found = read(root)
    assert [(p.rule, p.account) for p in found.errors] == [("text-too-long", "mastodon")]
    rows = sync(root, queue)
    assert ("law", "feed") in rows
    assert ("law", "mastodon") not in rows


def test_an_error_of_one_account_keeps_its_queued_row_too(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    write(root, "2027-01-05-law.md", draft(5, "The law speaks of force.\n\n## mastodon\n" + "Force and fraud. " * 60))
    rows = sync(root, queue)
    assert rows["law", "mastodon"] == before["law", "mastodon"]
    assert rows["law", "feed"].digest != before["law", "feed"].digest


def test_a_card_that_does_not_fit_is_a_problem_of_its_draft(root: Path, queue: Store) -> None:
    before = sync(root, queue)
    write(root, "2027-01-05-law.md", draft(5, "The law speaks of force.", more='card: {text: "WIDE"}\n'))
    assert rules(read(root)) == [("posts/2027-01-05-law.md", "card-does-not-fit")]
    assert sync(root, queue) == before


@pytest.mark.parametrize(
    ("said", "text", "mend"),
    [
        ("It is too long by 9. Shorten it.", "It is too long by 9.", "Shorten it."),
        ("“Dr. Who of the U.S. Dept.” is too long.", "“Dr. Who of the U.S. Dept.” is too long.", "Change the card in"),
        ("No font has “ꙮ” (U+A66E). Take it out of the card's text.", "No font has “ꙮ” (U+A66E).", "Take it out of"),
    ],
)
def test_what_is_wrong_with_a_card_and_its_mend_are_told_apart(root: Path, said: str, text: str, mend: str) -> None:
    def refuse(cards: Iterable[Card], _root: Path) -> Mapping[Card, Image | CardError]:
        return {card: CardError(said) for card in cards}

    loaded, _ = config.load(root)
    assert loaded
    limits = {a.name: publishers.limits(a) for a in loaded.accounts}
    found = intake.read(loaded, limits=limits, render=refuse).errors[0]
    assert (found.rule, found.text) == ("card-does-not-fit", text)
    assert found.mend.startswith(mend)


def test_an_account_gets_its_cards_in_the_size_that_it_chose(root: Path) -> None:
    (root / "config.toml").write_text(CONFIG.replace('network = "mastodon"', 'network = "mastodon"\ncard = "story"'))
    images = {account: message.images[0] for (_, account), message in read(root).messages.items()}
    assert (images["mastodon"].width, images["mastodon"].height) == (1080, 1920)
    assert (images["feed"].width, images["feed"].height) == (1200, 630)


def test_the_fingerprint_changes_with_a_photo_but_not_with_a_drawn_card(root: Path) -> None:
    before = intake.fingerprint(root)
    (root / "images/cards").mkdir(parents=True)
    (root / "images/cards/a.png").write_bytes(b"drawn")
    assert intake.fingerprint(root) == before
    (root / "images/brand").mkdir()
    (root / "images/brand/logo.png").write_bytes(b"logo")
    logo = intake.fingerprint(root)
    (root / "images/door.jpg").write_bytes(b"photo")
    assert len({before, logo, intake.fingerprint(root)}) == 3


@pytest.mark.parametrize("ledger", ["[S01\n", "", None])
def test_a_broken_ledger_keeps_new_posts_out_and_cancels_nothing(root: Path, queue: Store, ledger: str | None) -> None:
    before = sync(root, queue)
    if ledger is None:
        (root / intake.LEDGER).unlink()
    else:
        (root / intake.LEDGER).write_text(ledger)
    write(root, "2027-01-07-new.md", draft(7, "A new one."))
    found = read(root)
    assert found.readable
    assert found.planned == ()
    assert found.errors
    assert sync(root, queue) == before


def test_of_two_drafts_for_one_day_and_account_the_second_by_name_is_told_and_kept_out(
    root: Path, queue: Store
) -> None:
    write(root, "2027-01-05-other.md", draft(5, "Another one for that day."))
    told = rules(read(root))
    assert ("posts/2027-01-05-other.md", "duplicate-day") in told
    assert {path for path, _ in told} == {"posts/2027-01-05-other.md"}
    assert {post for post, _ in sync(root, queue)} == {"cases", "law", "share"}


def test_the_same_problem_of_two_accounts_is_said_once(root: Path) -> None:
    write(root, "2027-01-05-law.md", draft(5, "The law speaks of 99 things."))
    (problem,) = [p for p in read(root).errors if p.path == "posts/2027-01-05-law.md"]
    assert problem.rule == "figure-unsourced"


def test_the_fingerprint_changes_with_every_file_that_is_read(root: Path) -> None:
    seen = {intake.fingerprint(root)}
    for name in ("config.toml", intake.LEDGER, "posts/2027-01-04-cases.md"):
        stat = (root / name).stat()
        os.utime(root / name, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
        seen.add(intake.fingerprint(root))
    (root / "posts/2027-01-04-cases.md").rename(root / "posts/2027-01-04-renamed.md")
    seen.add(intake.fingerprint(root))
    write(root, "2027-01-08-new.md", "")
    seen.add(intake.fingerprint(root))
    (root / "posts/2027-01-08-new.md").unlink()
    (root / "posts/2027-01-05-law.md").unlink()
    seen.add(intake.fingerprint(root))
    assert len(seen) == 7
    assert intake.fingerprint(root) == intake.fingerprint(root)


def test_a_file_that_is_no_draft_changes_no_fingerprint(root: Path) -> None:
    before = intake.fingerprint(root)
    write(root, "notes.txt", "Buy milk.")
    assert intake.fingerprint(root) == before


def test_an_edit_after_it_went_out_is_told_as_a_warning(root: Path, queue: Store) -> None:
    sync(root, queue)
    approve(queue)
    with queue.writing() as writing:
        row = next(d for d in writing.deliveries(account="feed") if d.post.endswith("law"))
        out = datetime(2027, 1, 5, 15, 0, tzinfo=UTC)
        from scheduler import outcomes  # noqa: PLC0415

        seen = outcomes.confirm(
            replace(row, status=Status.UNCONFIRMED), "https://lantern.example/law", row.scheduled_at
        )
        writing.record([Result(row, None, seen)], out, "manager", out - out)
    assert intake.too_late(queue, read(root)) == ()
    write(root, "2027-01-05-law.md", draft(5, "The law speaks of force and fraud."))
    (problem,) = intake.too_late(queue, read(root))
    assert problem == Problem(
        "posts/2027-01-05-law.md",
        0,
        "edited-too-late",
        "It was edited after it had gone to feed; the edit reaches nobody.",
        "Correct it on the network itself, and tell a manager.",
        Severity.WARNING,
        "feed",
    )
    assert sync(root, queue)["law", "feed"].status is Status.PUBLISHED


def test_without_approval_everything_may_go_and_a_later_rule_takes_that_back(root: Path, queue: Store) -> None:
    (root / "config.toml").write_text(CONFIG.replace('"required"', '"none"'))
    assert all(d.approved and d.next_attempt_at for d in sync(root, queue).values())
    (root / "config.toml").write_text(CONFIG)
    rows = sync(root, queue)
    assert not any(d.approved or d.next_attempt_at for d in rows.values())
    assert said(queue).count("edited: Its approval no longer holds: approval is now required.") == 6


def test_a_persons_approval_outlives_a_change_of_the_rule(root: Path, queue: Store) -> None:
    sync(root, queue)
    approve(queue)
    (root / "config.toml").write_text(CONFIG.replace('"required"', '"none"'))
    sync(root, queue)
    (root / "config.toml").write_text(CONFIG)
    assert all(d.approved for d in sync(root, queue).values())


def test_an_account_that_is_switched_off_is_withdrawn_and_comes_back_approved(root: Path, queue: Store) -> None:
    sync(root, queue)
    approve(queue)
    before = sync(root, queue)
    off = sync(root, queue, "mastodon")
    assert {d.status for (_, a), d in off.items() if a == "mastodon"} == {Status.CANCELLED}
    assert {d.status for (_, a), d in off.items() if a == "feed"} == {Status.SCHEDULED}
    with queue.reading() as reading:
        assert {a.name: a.enabled for a in reading.accounts()} == {"feed": True, "mastodon": False}
    back = sync(root, queue)
    assert {k: (d.status, d.approved, d.next_attempt_at) for k, d in back.items()} == {
        k: (d.status, d.approved, d.next_attempt_at) for k, d in before.items()
    }


def test_accounts_can_be_named_and_each_post_is_told_as_it_is_drawn(root: Path) -> None:
    known = settings(root, "mastodon")
    limits = {a.name: publishers.limits(a) for a in known.accounts}
    drawn: list[str] = []
    found = intake.read(
        known, limits=limits, render=render, accounts=known.accounts, drawn=lambda post: drawn.append(post.slug)
    )
    assert len(found.planned) == 6
    assert drawn == sorted(name.removesuffix(".md") for name in DRAFTS)


def test_colours_that_cannot_be_read_keep_every_post_out(root: Path) -> None:
    assert len(read(root).planned) == 6
    pale = '\n[theme]\ntext = "#222222"\n'
    (root / "config.toml").write_text(CONFIG + pale)
    found = read(root)
    assert ("config.toml", "contrast") in rules(found)
    assert found.planned == ()
    assert {("posts/" + name, "") for name in DRAFTS} <= found.broken
