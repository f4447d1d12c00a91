"""What the month costs on a network that is paid by the post is known before it is sent, and said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from scheduler import checks, compose, config, costs, drafts, facts, outcomes
from scheduler.app import App
from scheduler.cli import cli
from scheduler.config import load
from scheduler.model import Account, Campaign, Count, Limits, Message, Post, Published, Severity, Status
from scheduler.publishers import x
from scheduler.store import Result as StoreResult
from scheduler.text import charged_links

if TYPE_CHECKING:
    from click.testing import Result

HOME = Path(__file__).parents[1]
READ_ON = date(2026, 11, 23)
PRICES: dict[str, Any] = {"currency": "USD", "post": 0.015, "link": 0.2, "read": 0.001, "read_on": READ_ON}
X = Account("x", "x", options={"prices": PRICES})
WEIGHTED = Limits(280, Count.WEIGHTED, threads=True)
GRAPHEMES = Limits(300, Count.GRAPHEMES, threads=True)
HELP_LONG = (
    "Need help, or worried about someone? National Human Trafficking Hotline, 24/7: call 1-888-373-7888 or text "
    "233733. In danger now? Call 911. St. Louis: YWCA crisis line 314-531-7273."
)
HELP_SHORT = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
CAMPAIGN = Campaign(
    name="Prevention Month",
    start=date(2027, 1, 1),
    end=date(2027, 1, 31),
    zone="America/Chicago",
    time=time(9),
    send_within=timedelta(hours=6),
    approval="required",
    help_long=HELP_LONG,
    help_short=HELP_SHORT,
)


def priced(**changed: Any) -> Account:  # noqa: ANN401  whatever TOML can hold
    kept = {k: v for k, v in {**PRICES, **changed}.items() if v is not None}
    return Account("x", "x", options={"prices": kept})


def message(text: str, *more: str) -> Message:
    return Message("x", "x", text, more=more)


def warned(body: str, account: Account = X, limits: Limits = WEIGHTED) -> list[tuple[str, int, str]]:
    """What the check says of a draft's text: the rules that concern lengths and costs, the line, the sentence."""
    path = "posts/2027-01-09-a.md"
    post = Post("2027-01-09-a", path, date(2027, 1, 9), body, facts=("S01",), lines={"text": 7, "facts": 3})
    made = compose.message(post, account, CAMPAIGN, limits, (), None)
    found = checks.check_message(made, post, account, (), CAMPAIGN, limits)
    return [(p.rule, p.line, p.text) for p in found if p.rule in {"link-costs", "text-too-long", "too-many-links"}]


# What a network counts as a link


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Report at https://report.cybertip.org today.", ("https://report.cybertip.org",)),
        ("Lantern.org is ours", ("Lantern.org",)),
        ("See example.com, or dhs.gov/blue-campaign.", ("example.com", "dhs.gov/blue-campaign")),
        ("WWW.ILO.ORG and (https://a.example/b).", ("WWW.ILO.ORG", "https://a.example/b")),
        ("Need help?Get Help.In danger call 911.", ("Help.In",)),
        ("https://new.ending/x", ("https://new.ending/x",)),
        ("Half a pair \ud800 example.com", ("example.com",)),
    ],
)
def test_x_charges_for_addresses_with_https_and_for_bare_domains(text: str, links: tuple[str, ...]) -> None:
    assert charged_links(text, WEIGHTED) == links


@pytest.mark.parametrize(
    "text",
    [
        HELP_LONG,
        HELP_SHORT,
        "Open 24/7. Call 1-888-373-7888.",
        "e.g. a threat, i.e. fear; at 9 a.m. in the U.S. and U.S.A.",
        "1.5 million people. 27.6 million. No.1",
        "St.Louis, node.js, lantern.example",
        "info@example.com, @example.com, #example.com",
        "",
    ],
)
def test_phone_numbers_abbreviations_and_the_help_footer_are_no_links(text: str) -> None:
    assert charged_links(text, WEIGHTED) == ()


def test_other_networks_link_only_what_has_its_protocol() -> None:
    assert charged_links("example.com or https://example.com.", GRAPHEMES) == ("https://example.com",)


# The prices in config.toml


def test_prices_are_read_exactly_as_they_are_written() -> None:
    prices, problems = costs.read_prices(priced(budget=5))
    assert problems == ()
    assert prices == costs.Prices("USD", Decimal("0.015"), Decimal("0.2"), Decimal("0.001"), READ_ON, Decimal(5))


def test_only_the_price_of_a_post_and_its_day_are_needed() -> None:
    prices, problems = costs.read_prices(Account("a", "feed", options={"prices": {"post": 1, "read_on": READ_ON}}))
    assert problems == ()
    assert prices == costs.Prices("USD", Decimal(1), Decimal(1), Decimal(0), READ_ON, None)


def test_an_account_without_prices_costs_nothing_that_we_know() -> None:
    assert costs.read_prices(Account("m", "mastodon")) == (None, ())
    assert costs.of(message("https://a.example"), Account("m", "mastodon"), GRAPHEMES) is None


@pytest.mark.parametrize(
    ("key", "wrong", "rule", "said"),
    [
        ("post", -0.01, "wrong-number", "accounts.x.prices.post cannot be -0.01."),
        ("post", float("nan"), "wrong-number", "accounts.x.prices.post cannot be nan."),
        ("link", float("inf"), "wrong-number", "accounts.x.prices.link cannot be inf."),
        ("budget", 10**9, "wrong-number", "accounts.x.prices.budget cannot be 1000000000."),
        ("post", "0.015", "wrong-type", "accounts.x.prices.post is not an amount of money."),
        ("read", True, "wrong-type", "accounts.x.prices.read is not an amount of money."),
        ("link", READ_ON, "wrong-type", "accounts.x.prices.link is not an amount of money."),
        ("post", None, "missing-key", "accounts.x.prices.post is missing."),
        ("read_on", None, "missing-key", "accounts.x.prices.read_on is missing."),
        ("read_on", "2026-11-23", "wrong-type", "accounts.x.prices.read_on is not a day."),
        ("currency", "$", "wrong-currency", 'accounts.x.prices.currency: "$" is not a currency.'),
        ("currency", 1, "wrong-type", "accounts.x.prices.currency is not text."),
        ("links", 0.2, "unknown-key", 'There is no key "accounts.x.prices.links".'),
    ],
)
def test_a_wrong_price_is_named_with_its_key_and_its_mend(key: str, wrong: Any, rule: str, said: str) -> None:  # noqa: ANN401
    prices, (problem,) = costs.read_prices(priced(**{key: wrong}))
    assert prices is None
    assert (problem.path, problem.rule, problem.text) == ("config.toml", rule, said)
    assert problem.severity is Severity.ERROR
    assert problem.mend.endswith((".", "?"))


def test_prices_that_are_no_part_of_their_own_say_how_to_start_one() -> None:
    prices, (problem,) = costs.read_prices(Account("x", "x", options={"prices": 0.015}))
    assert prices is None
    assert str(problem).endswith(
        "accounts.x.prices must be a part with keys of its own. Start it with [accounts.x.prices]."
    )


def test_the_prices_of_the_document_are_taken() -> None:
    written = (HOME / "docs" / "networks.md").read_text(encoding="utf-8")
    block = written[written.index("[accounts.x.prices]") :].partition("```")[0]
    values, problems = facts.read_toml(block, "config.toml")
    assert problems == ()
    prices, problems = costs.read_prices(Account("x", "x", options=values["accounts"]["x"]))
    assert problems == ()
    assert prices
    assert (prices.post, prices.link, prices.read) == (Decimal("0.015"), Decimal("0.20"), Decimal("0.001"))


# Sums


def test_a_hundred_posts_add_up_to_the_tenth_of_a_cent() -> None:
    month = [(message(f"Post {n}."), 0) for n in range(100)]
    (cost,) = costs.by_account(month, [priced(post=0.0151)], {"x": WEIGHTED})
    assert cost.amount == Decimal("1.51")


def test_each_part_of_a_thread_is_a_post_and_only_those_with_a_link_are_dear() -> None:
    cost = costs.of(message("One.", "Two: lantern.org", "Three."), X, WEIGHTED)
    assert cost
    assert (cost.posts, cost.links, cost.amount) == (3, 1, Decimal("0.230"))
    assert cost.brief == "Costs $0.23, 1 of its 3 parts with a link (prices of 2026-11-23)"


def test_parts_that_are_out_already_cost_nothing_more() -> None:
    cost = costs.of(message("One: lantern.org", "Two.", "Three."), X, WEIGHTED, out=1)
    assert cost
    assert (cost.posts, cost.links, cost.amount) == (2, 0, Decimal("0.030"))


def test_accounts_keep_their_order_and_those_without_prices_are_left_out() -> None:
    second = replace(priced(currency="EUR"), name="second")
    found = costs.by_account(
        [(replace(message("A."), account=name), 0) for name in ("x", "second", "m", "x", "gone")],
        [second, Account("m", "mastodon"), X, replace(X, name="idle")],
        dict.fromkeys(("x", "second", "m", "idle"), WEIGHTED),
    )
    assert [c.line for c in found] == [
        "second: 1 post, about €0.02 (prices of 2026-11-23).",
        "x: 2 posts, about $0.03 (prices of 2026-11-23).",
    ]


@pytest.mark.parametrize(
    ("currency", "amount", "money", "about"),
    [
        ("USD", "0.015", "$0.015", "$0.02"),
        ("USD", "0.2", "$0.20", "$0.20"),
        ("USD", "1234.5", "$1,234.50", "$1,234.50"),
        ("USD", "0.465", "$0.465", "$0.47"),
        ("USD", "100", "$100.00", "$100.00"),
        ("CHF", "0.0004", "CHF\u00a00.0004", "CHF\u00a00.00"),
        ("USD", "0", "$0.00", "$0.00"),
    ],
)
def test_prices_are_shown_whole_and_sums_to_the_cent(currency: str, amount: str, money: str, about: str) -> None:
    prices = costs.Prices(currency, Decimal(0), Decimal(0), Decimal(0), READ_ON)
    assert prices.money(Decimal(amount)) == money
    assert prices.about(Decimal(amount)) == about


# The repository's own month


def january() -> list[Message]:
    """What X would get of the repository's drafts, without their pictures."""
    config, _ = load(HOME)
    assert config
    ledger, _ = facts.parse((HOME / "posts" / "facts.toml").read_text(encoding="utf-8"), "posts/facts.toml")
    messages = []
    for path in sorted((HOME / "posts").glob("*.md")):
        source, name = path.read_text(encoding="utf-8"), f"posts/{path.name}"
        post, _ = drafts.parse(source, name, ledger=ledger, accounts=config.accounts, campaign=config.campaign)
        assert post, name
        cited = [ledger[i] for i in post.facts]
        messages.append(compose.message(post, X, config.campaign, x.LIMITS, cited, None))
    return messages


def test_january_costs_84_cents_on_x_as_two_of_its_31_posts_have_a_link() -> None:
    (cost,) = costs.by_account(((m, 0) for m in january()), [X], {"x": x.LIMITS})
    assert (cost.posts, cost.links) == (31, 2)
    assert cost.amount == 29 * Decimal("0.015") + 2 * Decimal("0.20") == Decimal("0.835")
    assert cost.line == "x: 31 posts, 2 with a link, about $0.84 (prices of 2026-11-23)."


def test_january_without_links_would_cost_47_cents() -> None:
    bare = [replace(m, text=m.text.replace("https://report.cybertip.org", "the CyberTipline")) for m in january()]
    (cost,) = costs.by_account(((m, 0) for m in bare), [X], {"x": x.LIMITS})
    assert cost.line == "x: 31 posts, about $0.47 (prices of 2026-11-23)."


# What the check says


def test_a_link_on_a_priced_account_is_a_warning_at_its_line() -> None:
    said = "The link lantern.org makes this post cost $0.20 instead of $0.015 on x."
    assert warned("A first line.\n\nMore at lantern.org.") == [("link-costs", 9, said)]


def test_a_link_where_links_cost_no_more_is_no_warning() -> None:
    assert warned("More at https://lantern.org.", Account("x", "x")) == []
    assert warned("More at https://lantern.org.", priced(link=None)) == []
    assert warned("More at https://lantern.org.", priced(link=0.015)) == []


def test_a_post_with_two_links_is_one_warning() -> None:
    assert [rule for rule, *_ in warned("See a.org and b.org.")] == ["link-costs"]


def test_the_link_of_a_thread_is_named_with_its_part() -> None:
    said = "The link b.org makes part 2 of 2 cost $0.20 instead of $0.015 on x."
    assert warned("One.\n+++\nTwo: b.org.") == [("link-costs", 9, said)]


@pytest.mark.parametrize(("read_on", "old"), [(date(2026, 10, 3), False), (date(2026, 10, 2), True)])
def test_prices_read_more_than_90_days_before_the_campaign_are_old(read_on: date, *, old: bool) -> None:
    found = checks.check_costs([], [priced(read_on=read_on)], CAMPAIGN, {"x": WEIGHTED})
    assert [(p.rule, p.severity) for p in found] == [("prices-old", Severity.WARNING)] * old
    assert all("accounts.x.prices.read_on" in p.mend for p in found)


def test_a_month_over_the_budget_is_a_warning_that_counts_the_reading_back() -> None:
    month = [message(f"Post {n}.") for n in range(10)]
    (found,) = checks.check_costs(month, [priced(budget=0.15)], CAMPAIGN, {"x": WEIGHTED})
    assert (found.rule, found.severity) == ("over-budget", Severity.WARNING)
    assert found.text == "The 10 posts to x cost about $0.15, and reading them back up to $0.01; the budget is $0.15."
    assert checks.check_costs(month, [priced(budget=0.16)], CAMPAIGN, {"x": WEIGHTED}) == ()
    assert checks.check_costs(month, [X], CAMPAIGN, {"x": WEIGHTED}) == ()


def test_wrong_prices_are_named_with_their_line_when_the_config_is_read() -> None:
    ours = (Path(__file__).parents[1] / "config.toml").read_text(encoding="utf-8")
    source = ours.replace("post = 0.015", "post = -1")
    read, (found,) = config.parse(source, "config.toml", root=Path())
    assert read is None
    assert found.text == "accounts.x.prices.post cannot be -1."
    assert source.split("\n")[found.line - 1].startswith("post = -1")


# Each part of a thread fits


def test_a_part_that_is_too_long_is_named_and_the_others_are_not() -> None:
    body = f"Short.\n+++\n{'a' * 294}\n+++\nThe end."
    ((rule, line, said),) = warned(body)
    assert (rule, line) == ("text-too-long", 9)
    assert said == (
        "Part 2 of 3 is 14 characters as X counts them (a link counts 23, an emoji 2) too long for x: it may have 280."
    )


def test_the_last_part_is_told_that_tags_and_footer_are_in_it() -> None:
    ((_, line, said),) = warned(f"Short.\n+++\n{'a' * 270}")
    assert line == 9
    assert said.startswith("Part 2 of 2 is ")
    assert said.endswith("with tags and help footer it may have 280.")


def test_a_thread_longer_than_one_post_may_be_fits() -> None:
    assert warned(f"{'a' * 200}\n+++\n{'b' * 200}\n+++\n{'c' * 200}") == []


def test_links_are_counted_in_each_part() -> None:
    limits = replace(GRAPHEMES, links=1)
    plain = Account("b", "bluesky")
    one, two = "https://a.example", "https://b.example"
    assert warned(f"{one}\n+++\n{two}", plain, limits) == []
    ((rule, line, said),) = warned(f"{one}\n+++\n{one} {two}", plain, limits)
    assert (rule, line, said) == ("too-many-links", 9, "Part 2 of 2 has 2 links; bluesky takes 1.")


# On the screens


CONFIG = """\
[campaign]
name = "Prevention Month"
organisation = "Lantern Project"
start = 2120-01-01
end = 2120-01-03
zone = "UTC"
time = "09:00"
send_within = "6h"
approval = "required"

[campaign.help]
long = "Hotline 1-888-373-7888 · text 233733 · emergency 911"
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[accounts.x]
network = "x"
handle = "@lanternproject"

[accounts.x.prices]
currency = "USD"
post = 0.015
link = 0.20
read = 0.001
read_on = 2119-11-23
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
date: 2120-01-0{day}
title: {word}
facts: [D01]
card: {{layout: stat, figure: "{word}", text: "can be a threat."}}
---
{word}. Coercion can be a threat.{more}
"""
MONTH = {1: ("Amber", ""), 2: ("Birch", " More at https://report.cybertip.org"), 3: ("Cedar", "")}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of three posts to X, with its cards drawn once."""
    root = tmp_path_factory.mktemp("drawn") / "project"
    (root / "posts").mkdir(parents=True)
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    (root / "posts" / "facts.toml").write_text(LEDGER, encoding="utf-8")
    for day, (word, more) in MONTH.items():
        draft = DRAFT.format(day=day, word=word, more=more)
        (root / "posts" / f"2120-01-0{day}-{word.lower()}.md").write_text(draft, encoding="utf-8")
    assert run(root, "render").exit_code == 0
    return root


@pytest.fixture
def root(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "project"))


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), *words])


def change(root: Path, old: str, new: str) -> None:
    config = root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_check_ends_with_what_the_month_costs(root: Path) -> None:
    ran = run(root, "check")
    assert ran.exit_code == 0, ran.output
    assert ran.output.splitlines()[-1] == "x: 3 posts, 1 with a link, about $0.23 (prices of 2119-11-23)."
    assert "posts/2120-01-02-birch.md:7  link-costs · x" in ran.output


def test_check_of_one_post_ends_with_what_that_one_costs(root: Path) -> None:
    assert "x: 1 post, about $0.02 (prices of 2119-11-23)." in run(root, "check", "2120-01-01").output


def test_check_gives_the_costs_to_other_programs(root: Path) -> None:
    assert json.loads(run(root, "check", "--json").output)["costs"] == [
        {
            "account": "x",
            "posts": 3,
            "with_link": 1,
            "amount": "0.230",
            "reads": "0.003",
            "currency": "USD",
            "prices_read_on": "2119-11-23",
            "budget": None,
        }
    ]


def test_check_without_prices_says_nothing_of_costs(root: Path) -> None:
    change(root, CONFIG[CONFIG.index("[accounts.x.prices]") :], "")
    ran = run(root, "check")
    assert "prices" not in ran.output
    assert "link-costs" not in ran.output


def test_wrong_prices_stop_nothing_silently(root: Path) -> None:
    change(root, "post = 0.015", 'post = "0.015"')
    ran = run(root, "check")
    assert ran.exit_code != 0
    said = ran.output + ran.stderr
    assert "accounts.x.prices.post is not an amount of money." in " ".join(said.split())


def test_preview_says_what_the_message_costs(root: Path) -> None:
    assert "Costs $0.015 (prices of 2119-11-23)" in run(root, "preview", "2120-01-01").output
    assert "Costs $0.20, as it has a link (prices of 2119-11-23)" in run(root, "preview", "2120-01-02").output
    (shown,) = json.loads(run(root, "preview", "2120-01-02", "--json").output)["messages"]
    assert shown["cost"]["amount"] == "0.200"


def test_preview_shows_and_counts_each_part_of_a_thread(root: Path) -> None:
    path = root / "posts" / "2120-01-03-cedar.md"
    path.write_text(path.read_text(encoding="utf-8") + "+++\nThe second part.\n", encoding="utf-8")
    (shown,) = json.loads(run(root, "preview", "2120-01-03", "--json").output)["messages"]
    (second,) = shown["more"]
    assert second["text"].startswith("The second part.")
    assert f"{shown['count']} + {second['count']} of 280" in run(root, "preview", "2120-01-03").output


def test_status_says_what_is_still_queued_costs(root: Path) -> None:
    assert run(root, "approve", "--all", "--yes").exit_code == 0
    line = "Queued for x: 3 posts, 1 with a link, about $0.23 (prices of 2119-11-23)."
    assert line in run(root, "status").output
    assert run(root, "cancel", "2120-01-02").exit_code == 0
    assert "Queued for x: 2 posts, about $0.03 (prices of 2119-11-23)." in run(root, "status").output
    (cost,) = json.loads(run(root, "status", "--json").output)["costs"]
    assert (cost["posts"], cost["amount"]) == (2, "0.030")


def test_status_says_when_the_queue_costs_more_than_is_on_the_account(root: Path) -> None:
    change(root, "read_on = ", "budget = 0.20\nread_on = ")
    assert run(root, "approve", "--all", "--yes").exit_code == 0
    assert "That is more than its budget, $0.20." in " ".join(run(root, "status").output.split())


def test_status_counts_only_what_is_scheduled(root: Path) -> None:
    assert run(root, "approve", "--all", "--yes").exit_code == 0
    app = App.open(root)
    with app.store.reading() as read:
        rows = read.deliveries(statuses=(Status.SCHEDULED,))
    app.close()
    assert len(rows) == 3
    for row in rows:
        assert run(root, "hold", row.post).exit_code == 0
    assert "Queued for x" not in run(root, "status").output


def test_status_leaves_out_the_parts_of_a_thread_that_are_out(root: Path) -> None:
    path = root / "posts" / "2120-01-03-cedar.md"
    path.write_text(path.read_text(encoding="utf-8") + "+++\nThe second part.\n", encoding="utf-8")
    assert run(root, "approve", "--all", "--yes").exit_code == 0
    assert "Queued for x: 4 posts, 1 with a link, about $0.25" in run(root, "status").output
    app = App.open(root)
    now = app.clock.now()
    with app.store.writing() as write:
        (row,) = write.deliveries(post="2120-01-03-cedar")
        first = outcomes.out(row, Published("1", "https://x.example/1"), now)
        assert write.record([StoreResult(row, None, first)], now, "daemon", timedelta(0))
    app.close()
    assert "Queued for x: 3 posts, 1 with a link, about $0.23" in run(root, "status").output


def test_a_rehearsal_says_what_the_month_would_cost(root: Path) -> None:
    shown = " ".join(run(root, "rehearse").output.split())
    assert "The cost x: 3 posts, 1 with a link, about $0.23 (prices of 2119-11-23)" in shown
