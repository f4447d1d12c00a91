"""A draft becomes a Post, and each mistake in it a sentence that a comms person can act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.drafts import accounts_of, clashes, decode, parse, text_of
from scheduler.errors import Refused
from scheduler.model import Account, Campaign, CardText, Fact, Item, Photo, Post, Severity
from scheduler.moving import moved

PATH = "posts/2027-01-09-work.md"
CAMPAIGN = Campaign(
    name="January",
    start=date(2027, 1, 1),
    end=date(2027, 1, 31),
    zone="America/Chicago",
    time=time(9),
    send_within=timedelta(hours=6),
    approval="required",
    help_long="Call 1-888-373-7888.",
    help_short="1-888-373-7888",
)
ACCOUNTS = (
    Account("feed", "feed"),
    Account("main", "mastodon"),
    Account("second", "mastodon"),
    Account("x", "x"),
)
FACT = Fact("S33", "stat", "40% said so.", "Polaris", "Study", "https://polaris.example", "seen (primary)")
LEDGER = {"S33": FACT, "S10": replace(FACT, id="S10")}
KNOWN_KEYS = "date, time, send_until, to, facts, card, tags, title, alt, lang, warning, labels"

FULL = """\
---
# planned with Dana
date: 2027-01-09   # a Saturday
time: "14:30"
send_until: 17:00
to: [x, mastodon]
facts:
  - S33
  - S10
card: {layout: stat, figure: 40, text: "of survivors: a record"}
tags: [EndTrafficking]
title: Work
alt: A card.
lang: en
warning: Trafficking
labels: [graphic-media]
---

The text, for every network.
Second line — with #Tag and "quotes".

## x
A shorter one for X.
## main

For one account.

"""


def read(source: str, path: str = PATH, campaign: Campaign = CAMPAIGN) -> tuple[Post | None, list[str]]:
    post, problems = parse(source, path, ledger=LEDGER, accounts=ACCOUNTS, campaign=campaign)
    assert (post is None) == any(p.severity is Severity.ERROR for p in problems)
    return post, [str(p) for p in problems]


def draft(keys: str = "date: 2027-01-09\nfacts: [S33]", body: str = "The text.\n") -> str:
    return f"---\n{keys}\n---\n{body}"


def good(source: str) -> Post:
    post, problems = read(source)
    assert problems == []
    assert post
    return post


def test_every_key_of_a_draft_reaches_the_post() -> None:
    assert good(FULL) == Post(
        slug="2027-01-09-work",
        path=PATH,
        date=date(2027, 1, 9),
        text='The text, for every network.\nSecond line — with #Tag and "quotes".',
        time=time(14, 30),
        send_until=time(17),
        to=("x", "mastodon"),
        facts=("S33", "S10"),
        card=CardText(layout="stat", figure="40", text="of survivors: a record"),
        tags=("EndTrafficking",),
        title="Work",
        alt="A card.",
        lang="en",
        warning="Trafficking",
        labels=("graphic-media",),
        texts={"x": "A shorter one for X.", "main": "For one account."},
        lines={
            "date": 3,
            "time": 4,
            "send_until": 5,
            "to": 6,
            "facts": 7,
            "card": 10,
            "card.layout": 10,
            "card.figure": 10,
            "card.text": 10,
            "tags": 11,
            "title": 12,
            "alt": 13,
            "lang": 14,
            "warning": 15,
            "labels": 16,
            "text": 19,
            "## x": 22,
            "## main": 24,
        },
    )


def test_a_short_draft_takes_its_title_from_the_text_and_leaves_the_rest_open() -> None:
    post = good(draft(body="\nOne in six.\nMore.\n"))
    assert (post.title, post.lang, post.to, post.time, post.card) == ("One in six", "", None, None, CardText())


def test_a_value_is_what_the_person_wrote() -> None:
    post = good(draft("date: 2027-01-09\nfacts: [S33]\nlang: no\ntitle: 2027\ncard:\n  figure: 1_000\n  text: yes"))
    assert (post.lang, post.title, post.card) == ("no", "2027", CardText(figure="1_000", text="yes"))


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    source, problems = decode(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode(), PATH)
    assert (source, problems) == (FULL, ())
    assert good("\ufeff" + FULL.replace("\n", "\r\n")) == good(FULL)


def test_each_account_may_have_its_own_text_and_no_common_one() -> None:
    post = good(draft("date: 2027-01-09\nfacts: [S33]\nto: [x, feed]", "## x\nShort.\n\n## feed\nLong.\n"))
    assert (post.text, post.title, post.texts) == ("", "Short", {"x": "Short.", "feed": "Long."})


def test_names_in_capitals_are_understood() -> None:
    post = good(draft("date: 2027-01-09\nfacts: [S33]\nto: [X]", "Text.\n\n## X\nShort.\n"))
    assert (post.to, post.texts) == (("x",), {"x": "Short."})


# fmt: off
BROKEN = [
    ("", ": The file is empty. Write the draft, or delete the file."),
    ("Just text.\n", (":1: The draft does not start with front matter. Put a line with only --- first, "
        "then keys such as date: 2027-01-01, then --- again.")),
    ("---\n", (":1: The front matter is opened with --- and not closed. "
        "Put a line with only --- between the keys and the text.")),
    ("---\ndate: 2027-01-09\nThe text.\n", (":1: The front matter is opened with --- and not closed. "
        "Put a line with only --- between the keys and the text.")),
    (draft("date: 2027-01-09\nfacts: [S33]\ncard:\n\tfigure: 40"),
        ":5: A tab stands here, where YAML wants spaces. Replace the tab with spaces."),
    (draft("date:\t2027-01-09\nfacts: [S33]"),
        ":2: A tab stands here, where YAML wants spaces. Replace the tab with spaces."),
    (draft("date: 2027-01-09\nfacts: [S33]\ntitle: Work: what it is"),
        ':4: A colon inside a value confuses YAML. Put the whole value in double quotes: "like this".'),
    (draft("date: 2027-01-09\nfacts: [S33\nlang: en"),
        ":3: A bracket is opened here and not closed. Close it with ] or }, and put a comma between entries."),
    (draft('date: 2027-01-09\ntitle: "Work\nfacts: [S33]'),
        ":3: A quotation mark is opened here and not closed. Close it at the end of the value."),
    (draft('date: 2027-01-09\ncard:\n  figure: "1 in 6" people\nfacts: [S33]'),
        ':4: Something stands after the closing quotation mark. Put the whole value in double quotes: "like this".'),
    (draft("date:2027-01-09\nfacts: [S33]"), ':2: This line has no space after its colon. Write it as "key: value".'),
    (draft("date 2027-01-09\nfacts: [S33]"), ':2: This line has no colon after its key. Write it as "key: value".'),
    (draft("facts: [S33]\nlang en\ndate: 2027-01-09"),
        ':3: This line has no colon after its key. Write it as "key: value".'),
    (draft("date: 2027-01-09\n  facts: [S33]"),
        ":3: This line does not line up with the ones above. Indent like keys by as many spaces."),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: [#EndTrafficking]"),
        (":4: Here # starts a comment and hides the rest of the line. "
        "Write tags without #, and other text in double quotes.")),
    (draft("date: 2027-01-09\nfacts: [S33]\nalt: @us"),
        ':4: A value may not start with this sign. Put the whole value in double quotes: "like this".'),
    (draft("date: 2027-01-09\nfacts: [S33]\nalt: *us*"),
        ':4: A value may not start with *. Put the whole value in double quotes: "like this".'),
    (draft("date: 2027-01-09\nfacts: [S33,, S10]"), ":3: A comma has nothing before it. Take one comma away."),
    (draft("nothing here"), ':2: The front matter has no keys. Write each line as "key: value".'),
    (draft("date: 2027-01-09\nfacts: " + "[" * 2000),
        ":3: Brackets stand in one another too deeply. Take all but the first away."),
    (draft('date: 2027-01-09\nfacts: [S33]\ntitle: "\\U99999999"'),
        ":2: The front matter cannot be read as YAML. Compare it with a draft that works."),
    (draft('date: 2027-01-09\nfacts: [S33]\ntitle: "\\ud800"'),
        (':4: "title" holds a control character that no network takes. '
        "Take the sequence that starts with \\ out of it.")),
    (draft(body="One\x07two.\n"),
        ":5: An invisible control character stands here. Delete it and type the place again."),
    (draft("date: 2027-01-09\nfacts: [S33]\ncard: {figur: 40}"),
        ':4: There is no key "card.figur". Did you mean "card.figure"?'),
    (draft("date: 2027-01-09\nfacts: [S33]\nimage: ../../secret.png"),
        f':4: There is no key "image". Known keys: {KNOWN_KEYS}.'),
    (draft("date: 2027-01-09\ndate: 2027-01-10\nfacts: [S33]"),
        ':3: "date" stands twice; the first is in line 2. Keep one of them.'),
    (draft("facts: [S33]"), ":1: The draft has no date. Add a line date: 2027-01-01."),
    (draft('date: ""\nfacts: [S33]'), ":2: The draft has no date. Add a line date: 2027-01-01."),
    (draft("facts: [S33]\ndate: 2027-02-30"),
        ":3: The date 2027-02-30 does not exist. Write a real day as YYYY-MM-DD."),
    (draft("date: 9 January\nfacts: [S33]"), ':2: "9 January" is not a date. Write a real day as YYYY-MM-DD.'),
    (draft("date: [2027-01-09]\nfacts: [S33]"), ':2: "date" must be plain text. Write it in one line: date: "…".'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntime: 2pm"),
        ':4: "2pm" is not a time of day. Write it as HH:MM, for example 14:30.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntime: 9:30"),
        ':4: "9:30" is not a time of day. Write it as HH:MM, for example 14:30.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntime: 14:30\nsend_until: 14:00"),
        (":5: send_until 14:00 is not after the time of the post, 14:30. "
        "Write a later time of the same day, or leave send_until out.")),
    (draft("date: 2027-01-09\nfacts: [S33]\nsend_until: 08:00"),
        (":4: send_until 08:00 is not after the time of the post, 09:00. "
        "Write a later time of the same day, or leave send_until out.")),
    (draft("date: 2027-01-09\nfacts: [S33]\nto: x, feed"),
        ':4: "to" must be a list. Put square brackets around it: to: [feed, main].'),
    (draft("date: 2027-01-09\nfacts: [S33]\nto: []"),
        ':4: "to" names no account. Leave it out to post to every account, or name one.'),
    (draft("date: 2027-01-09\nfacts: [S33]\nto: [mastodn]"),
        ':4: "mastodn" in "to" is no account and no network. Did you mean "mastodon"?'),
    (draft("date: 2027-01-09\nfacts: [S33]\nto: [everybody]"),
        ':4: "everybody" in "to" is no account and no network. Known are: feed, main, second, x, mastodon.'),
    (draft("date: 2027-01-09\nfacts: [S33]\nto:\n  - x\n  -\n"),
        ':6: "to" has an entry that is empty or not a plain word. Delete it, or write one word.'),
    (draft("date: 2027-01-09"), ":1: The draft cites no fact. Name the source of what it says: facts: [S33]."),
    (draft("date: 2027-01-09\nfacts: []"),
        ":3: The draft cites no fact. Name the source of what it says: facts: [S33]."),
    (draft("date: 2027-01-09\nfacts: S33"), ':3: "facts" must be a list. Put square brackets around it: facts: [S33].'),
    (draft("date: 2027-01-09\nfacts: [S3]"), ':3: There is no fact "S3". Did you mean "S33"?'),
    (draft("date: 2027-01-09\nfacts: [Polaris]"),
        ':3: There is no fact "Polaris". Use an id that stands in posts/facts.toml.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: ['#EndTrafficking']"),
        ':4: The tag "#EndTrafficking" starts with #. Write it without: EndTrafficking.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: [End Trafficking]"),
        ':4: The tag "End Trafficking" has a space in it. Write it as one word: EndTrafficking.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: [End-Trafficking]"),
        ':4: The tag "End-Trafficking" has a sign in it where networks end a tag. Write it as EndTrafficking.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: [2027]"),
        ':4: The tag "2027" has no letter, so networks do not link it. Add a word to it.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ntags: #EndTrafficking"),
        ':4: "tags" is empty, because # starts a comment. Write it without #: tags: [EndTrafficking].'),
    (draft("date: 2027-01-09\nfacts: [S33]\ncard: 40 percent"),
        ':4: "card" must have keys of its own. Write it as card: {layout: …, figure: …, text: …}.'),
    (draft("date: 2027-01-09\nfacts: [S33]\ncard: {layout: shares}"),
        ':4: There is no card layout "shares". Did you mean "share"?'),
    (draft("date: 2027-01-09\nfacts: [S33]\ncard: {layout: poster}"),
        (':4: There is no card layout "poster". '
        "Use one of: stat, share, compare, quote, definition, list, myth, action, date, photo.")),
    (draft("date: 2027-01-09\nfacts: [S33]\nlang: English"),
        ':4: "English" is not a language code. Write a short code: en for English, es for Spanish.'),
    (draft(body=" \n"), ":5: The draft has no text. Write it below the second ---."),
    (draft("date: 2027-01-09\nfacts: [S33]\nto: [x, feed]", "## x\nShort.\n"),
        ":6: The draft has no text for feed. Write it below the second ---."),
    (draft(body="Text.\n\n## x\n\n"), ':7: "## x" has no text below it. Write one, or delete the line.'),
    (draft(body="Text.\n## x\nA.\n## x\nB.\n"), ':8: "## x" stands twice; the first is in line 6. Keep one of them.'),
    (draft(body="Text.\n## mastodn\nA.\n"),
        (':6: "## mastodn" starts the text of one account, but names none that is known. '
        'Did you mean "## mastodon"?')),
    (draft(body="Text.\n##x\nA.\n"),
        ':6: "##x" starts the text of one account, but names none that is known. Did you mean "## x"?'),
    (draft(body="Text.\n## We need help\nA.\n"),
        (':6: "## We need help" starts the text of one account, but names none that is known. '
        "Known are: feed, main, second, x, mastodon.")),
    (draft(body="Text.\n---\nMore.\n"),
        ":6: A line with only --- stands in the text. Delete it: --- only opens and closes the front matter."),
]
# fmt: on


@pytest.mark.parametrize(("source", "expected"), BROKEN, ids=[e[:60] for _, e in BROKEN])
def test_a_broken_draft_gets_one_sentence_with_line_and_mend(source: str, expected: str) -> None:
    assert read(source) == (None, [PATH + expected])


def test_a_day_outside_the_campaign_is_refused() -> None:
    _, problems = read(draft("date: 2027-02-01\nfacts: [S33]"), "posts/freedom-day.md")
    assert problems == [
        "posts/freedom-day.md:2: 2027-02-01 is outside the campaign. Choose a day from 2027-01-01 to 2027-01-31."
    ]


@pytest.mark.parametrize(
    ("keys", "line", "clock"),
    [("time: 02:30", 4, "02:30"), ("time: 01:30\nsend_until: 02:30", 5, "02:30")],
)
def test_a_time_that_the_clocks_skip_is_refused(keys: str, line: int, clock: str) -> None:
    spring = replace(CAMPAIGN, end=date(2027, 3, 31))
    path = "posts/spring.md"
    _, problems = read(draft(f"date: 2027-03-14\nfacts: [S33]\n{keys}"), path, spring)
    assert problems == [
        (
            f"{path}:{line}: There is no {clock} on 2027-03-14: the clocks in America/Chicago go forward then. "
            "Choose another time."
        )
    ]
    _, problems = read(draft("date: 2027-03-14\nfacts: [S33]"), path, replace(spring, time=time(2, 30)))
    assert problems[0].startswith(f"{path}:2: There is no 02:30 on 2027-03-14")


def test_a_time_that_comes_twice_is_accepted() -> None:
    autumn = replace(CAMPAIGN, end=date(2027, 11, 30))
    post, problems = read(draft("date: 2027-11-07\nfacts: [S33]\ntime: 01:30"), "posts/autumn.md", autumn)
    assert post
    assert problems == []


WARNED = [
    (
        draft("date: 2027-01-10\nfacts: [S33]"),
        ":2: The file name says 2027-01-09, but the date is 2027-01-10. Rename the file, or change the date.",
    ),
    (
        draft("date: 2027-01-09\nfacts: [S33]\nto: [x]", "Text.\n## mastodon\nLong.\n"),
        ':7: "to" leaves mastodon out: this text is not used. Add mastodon to "to", or delete this part.',
    ),
    (
        draft("date: 2027-01-09\nfacts: [S33]\nalt: Ranked #1 and # 2"),
        (
            ':4: What follows # in "alt" is a comment and will not be shown. '
            "If it belongs to the text, put it all in quotes."
        ),
    ),
]


@pytest.mark.parametrize(("source", "expected"), WARNED, ids=[e[:60] for _, e in WARNED])
def test_a_warning_leaves_the_post_usable(source: str, expected: str) -> None:
    post, problems = read(source)
    assert post
    assert problems == [PATH + expected]


def test_all_problems_of_a_draft_come_at_once_and_in_order() -> None:
    _, problems = read(
        draft("date: soon\nto: [y]\nfacts: [S99]\ntitel: A\ntags: ['#A', B C]", "## nobody\nText.\n---\n")
    )
    assert [p.removeprefix(PATH).split(" ")[0] for p in problems] == [
        ":2:",
        ":3:",
        ":4:",
        ":5:",
        ":6:",
        ":6:",
        ":8:",
        ":10:",
    ]


def test_a_yaml_mistake_does_not_hide_the_mistakes_of_the_text() -> None:
    _, problems = read(draft("date: [", "Text.\n## nobody\nA.\n"))
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"---\nfine\nbad \xff byte", f"{PATH}:3: A character here is not UTF-8. Type the character again and save "),
        (b"---\r\nfine\r\nbad \x00 byte", f"{PATH}:3: A zero byte stands here: the file is damaged. Delete the line "),
        ("---\n".encode("utf-16"), f'{PATH}: The file is saved as UTF-16. Save it again with the encoding "UTF-8".'),
    ],
)
def test_bytes_that_are_no_utf8_text_are_named_by_line(raw: bytes, expected: str) -> None:
    source, (problem,) = decode(raw, PATH)
    assert source is None
    assert str(problem).startswith(expected)


def test_old_mac_line_ends_are_read_too() -> None:
    assert decode(b"a\rb\r\nc", PATH) == ("a\nb\nc", ())


def test_a_post_goes_to_the_accounts_and_networks_that_it_names() -> None:
    post = good(FULL)
    assert [a.name for a in accounts_of(post, ACCOUNTS)] == ["main", "second", "x"]
    assert accounts_of(replace(post, to=None), ACCOUNTS) == ACCOUNTS


def test_the_accounts_own_text_comes_before_its_networks() -> None:
    post = Post("s", PATH, date(2027, 1, 9), "common", texts={"mastodon": "network", "main": "own"})
    assert [text_of(post, a) for a in ACCOUNTS] == ["common", "own", "network", "common"]


def test_two_drafts_for_one_day_and_account_clash() -> None:
    day = date(2027, 1, 9)
    a = Post("a", "posts/a.md", day, "A", to=("x", "feed"), lines={"date": 2})
    b = Post("b", "posts/b.md", day, "B", lines={"date": 3})
    c = Post("c", "posts/c.md", day, "C", to=("second",), lines={"date": 2})
    other = Post("d", "posts/d.md", date(2027, 1, 10), "D")
    found = clashes([c, other, b, a], ACCOUNTS)
    assert [str(p) for p in found] == [
        (
            "posts/b.md:3: posts/a.md already has a post for feed and x on 2027-01-09. "
            'Choose another day, or other accounts in "to".'
        ),
        (
            "posts/c.md:2: posts/b.md already has a post for second on 2027-01-09. "
            'Choose another day, or other accounts in "to".'
        ),
    ]
    assert [p.account for p in found] == ["", "second"]


def test_a_moved_draft_changes_only_its_date_and_time() -> None:
    changed = moved(FULL, PATH, date(2027, 1, 20), time(8, 5))
    assert changed == FULL.replace("date: 2027-01-09 ", "date: 2027-01-20 ").replace('"14:30"', '"08:05"')
    assert moved(FULL, PATH, date(2027, 1, 20), None) == FULL.replace("date: 2027-01-09 ", "date: 2027-01-20 ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("date: '2027-01-09'\n", "date: '2027-01-20'\ntime: \"08:05\"\n"),
        ("date: 2027-01-09 # x\n", 'date: 2027-01-20 # x\ntime: "08:05"\n'),
        ("date: 2027-01-09\r\nlang: en\r\n", 'date: 2027-01-20\r\ntime: "08:05"\r\nlang: en\r\n'),
        ("time:   # later\ndate: 2027-01-09\n", 'time: "08:05"   # later\ndate: 2027-01-20\n'),
        ("time: 14:30\ndate: 2027-01-09\n", "time: 08:05\ndate: 2027-01-20\n"),
        ("{date: 2027-01-09, lang: en}\n", '{date: 2027-01-20, time: "08:05", lang: en}\n'),
        ("  date: 2027-01-09\n  lang: en\n", '  date: 2027-01-20\n  time: "08:05"\n  lang: en\n'),
    ],
)
def test_a_moved_draft_keeps_its_form(before: str, after: str) -> None:
    for newline in ("\n", "\r\n"):
        source = f"\ufeff---{newline}{before}---{newline}date: 2027-01-09 stays{newline}"
        assert moved(source, PATH, date(2027, 1, 20), time(8, 5)) == source.replace(before, after)


@pytest.mark.parametrize(
    "source", ["", "no front", draft("lang: en"), draft("date: ["), draft("date: |\n  2027-01-09")]
)
def test_a_draft_without_a_date_in_place_is_not_moved(source: str) -> None:
    with pytest.raises(Refused, match=r"posts/2027-01-09-work\.md was not moved: its "):
        moved(source, PATH, date(2027, 1, 20), time(8, 5))


KEY_LINES = [
    "lang: en",
    "# a comment",
    "",
    "facts: [S33]  # why",
    "card: {figure: '1 in 6'}",
    "title: 'A: b'",
    "to:\n- x",
]


@st.composite
def movable(draw: st.DrawFn) -> tuple[str, str, str, str]:
    """A front matter, its date, its line for the time, and a text."""
    others = draw(st.lists(st.sampled_from(KEY_LINES), unique=True))
    cut = draw(st.integers(0, len(others)))
    written = draw(st.sampled_from(["2027-01-09", '"2027-01-09"', "'2027-01-09' # kept", "2027-01-09   # kept"]))
    clock = draw(st.sampled_from(["", "time: 10:00\n", 'time: "10:00"  # kept\n', "time:\n"]))
    return "".join(f"{k}\n" for k in others[:cut]), written, clock, "".join(f"{k}\n" for k in others[cut:])


@given(
    movable(),
    st.dates(date(2027, 1, 1), date(2027, 1, 31)),
    st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.text(max_size=40),
)
def test_moving_only_changes_date_and_time(
    parts: tuple[str, str, str, str], day: date, at: time | None, body: str
) -> None:
    above, written, clock, below = parts
    new_date = written.replace("2027-01-09", str(day))
    new_clock = clock
    if at and clock.strip() in {"", "time:"}:
        new_clock = f'time: "{at:%H:%M}"\n'
    elif at:
        new_clock = clock.replace("10:00", f"{at:%H:%M}")
    changed = moved(f"---\n{above}date: {written}\n{clock}{below}---\n{body}", PATH, day, at)
    assert changed == f"---\n{above}date: {new_date}\n{new_clock}{below}---\n{body}"
    post, _ = parse(changed, PATH, ledger=LEDGER, accounts=ACCOUNTS, campaign=CAMPAIGN)
    assert post is None or (post.date == day and at in {None, post.time})


YAMLISH = st.text(alphabet=st.sampled_from(list("-:#[]{}\"'|>&*!%@`\\,?~ \n\tabdet0127U\u0085\u2028é")), max_size=60)


@given(YAMLISH | st.text(alphabet=st.characters(codec=None), max_size=60), st.text(max_size=40))
def test_no_text_stops_the_reading(front: str, body: str) -> None:
    for source in (front, draft(front, body), draft(f"date: 2027-01-09\nfacts: [S33]\n{front}", f"##{body}\n{front}")):
        post, problems = parse(source, PATH, ledger=LEDGER, accounts=ACCOUNTS, campaign=CAMPAIGN)
        assert post or problems
        assert all(0 <= p.line <= source.count("\n") + source.count("\r") + 1 for p in problems)


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_named(raw: bytes) -> None:
    source, problems = decode(raw, PATH)
    assert (source is None) == bool(problems)


# Cards

QUOTE = replace(FACT, id="Q02", kind="quote", quote="Words like ‘rescue’ turn people off.", attribution="a survivor")
RATIO = replace(FACT, id="S25", figure="1 in 6", statement="1 in 6 children was likely a victim.")
MYTH = replace(FACT, id="M01", kind="myth", statement="Myth: it starts with a kidnapping. Fact: most use tricks.")
CITED = {"S33": replace(FACT, figure="40%"), "Q02": QUOTE, "S25": RATIO, "M01": MYTH}


def with_card(keys: str, fact: str = "S33", more: str = "") -> tuple[CardText | None, list[str]]:
    """The card of a draft, and what is said of it, without the file's name."""
    source = draft(f"date: 2027-01-09\nfacts: [{fact}]\n{more}card: {{{keys}}}")
    post, problems = parse(source, PATH, ledger=CITED, accounts=ACCOUNTS, campaign=CAMPAIGN)
    return post.card if post else None, [str(p).removeprefix(PATH) for p in problems]


@pytest.mark.parametrize(
    ("keys", "fact", "card"),
    [
        ("layout: stat", "S33", CardText()),
        ("figure: 272, text: cases", "S33", CardText("stat", "272", "cases")),
        ("layout: share", "S25", CardText("share")),
        ('layout: share, figure: "44% / 39%", items: [by family, by partners]', "S33",
            CardText("share", "44% / 39%", items=(Item("", "by family"), Item("", "by partners")))),
        ("layout: share, figure: 19.4%, items: [trafficked]", "S33",
            CardText("share", "19.4%", items=(Item("", "trafficked"),))),
        ('layout: compare, text: Who, items: ["44% | by family","39%|by partners"]', "S33",
            CardText("compare", text="Who", items=(Item("44%", "by family"), Item("39%", "by partners")))),
        ("layout: quote", "Q02", CardText("quote")),
        ("layout: quote, text: So., by: Dana", "S33", CardText("quote", text="So.", by="Dana")),
        ("layout: definition, figure: Coercion", "S33", CardText("definition", "Coercion")),
        ("layout: list, text: Signs, items: [A debt, No pay]", "S33",
            CardText("list", text="Signs", items=(Item("", "A debt"), Item("", "No pay")))),
        ("layout: list, text: Do, items: [1 | Look, 2 | Call]", "S33",
            CardText("list", text="Do", items=(Item("1", "Look"), Item("2", "Call")))),
        ("layout: myth", "M01", CardText("myth")),
        ("layout: myth, myth: They tell., text: Few tell.", "S33",
            CardText("myth", text="Few tell.", myth="They tell.")),
        ("layout: action, text: Save, items: [911 | now, report.cybertip.org | online]", "S33",
            CardText("action", text="Save", items=(Item("911", "now"), Item("report.cybertip.org", "online")))),
        ("layout: date, figure: January 11, text: Wear blue.", "S33", CardText("date", "January 11", "Wear blue.")),
    ],
)  # fmt: skip
def test_each_layout_takes_its_keys(keys: str, fact: str, card: CardText) -> None:
    assert with_card(keys, fact) == (card, [])


@pytest.mark.parametrize("focus", ["0.3 0.7", '"0.3 0.7"', "[0.3, 0.7]", "[.3, 0.70]"])
def test_a_photo_has_its_focus_and_its_credit(focus: str) -> None:
    keys = f"layout: photo, text: Blue, photo: images/a/b.jpg, credit: Dana Lee, focus: {focus}"
    photo = Photo("images/a/b.jpg", (0.3, 0.7), "Dana Lee")
    assert with_card(keys, more="alt: A door.\n") == (CardText("photo", text="Blue", photo=photo), [])


def test_equal_parts_of_a_focus_are_both_kept() -> None:
    card, _ = with_card("layout: photo, text: Blue, photo: images/a.jpg, focus: [1, 1.0]", more="alt: A door.\n")
    assert card
    assert card.photo == Photo("images/a.jpg", (1.0, 1.0))


def test_items_may_stand_one_in_a_line() -> None:
    lines = 'card:\n  layout: list\n  text: Signs\n  items:\n    - A debt, to the boss\n    - "No pay: none"\n'
    post = good(draft(f"date: 2027-01-09\nfacts: [S33]\n{lines.rstrip()}"))
    assert post.card.items == (Item("", "A debt, to the boss"), Item("", "No pay: none"))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            "layout: share, figure: 272",
            '"272" is not one to three parts of a whole, so the card cannot picture it. Write',
        ),
        ("layout: share, figure: 60% / 50%", '"60% / 50%" is not one to three parts of a whole'),
        ('layout: share, figure: "9% / 9% / 9% / 9%"', '"9% / 9% / 9% / 9%" is not one to three parts of a whole'),
        ("layout: share, figure: 44% / 39%", "The figure has 2 parts, and the items name 0. Write them so: items: ["),
        (
            "layout: share, figure: 44% / 39%, items: [44% | a, 39% | b]",
            "The items of a share card are the names of its",
        ),
        ("layout: compare, items: [1 | a, 2 | b]", 'A card of the layout compare needs a text. Add text: "…".'),
        (
            "layout: compare, text: Who",
            "A card of the layout compare has 2 to 3 items; this one has 0. Write them as a",
        ),
        (
            "layout: compare, text: Who, items: [1 | a]",
            "A card of the layout compare has 2 to 3 items; this one has 1.",
        ),
        ("layout: compare, text: Who, items: [1 | a, b]", "Each item of a compare card needs a figure."),
        (
            "layout: compare, text: Who, items: [1 | a, 2 | b | c]",
            '"2 | b | c" is not of the form: figure | what it counts.',
        ),
        (
            "layout: compare, text: Who, items: [1 | a, 2 |]",
            '"2 |" is not of the form: figure | what it counts. Write one',
        ),
        (
            "layout: compare, text: Who, items: both",
            '"card.items" must be a list. Put square brackets around it: card.it',
        ),
        ("layout: quote, text: So.", 'A card of the layout quote needs the name of the one who said it. Add by: "…".'),
        ("layout: quote, by: Dana", 'A card of the layout quote needs a text. Add text: "…".'),
        ("layout: definition, text: A threat.", "A card of the layout definition needs a figure, the large words. Add"),
        ("layout: list, text: Signs, items: [one]", "A card of the layout list has 2 to 5 items; this one has 1."),
        (
            "layout: list, text: Signs, items: [a, b, c, d, e, f]",
            "A card of the layout list has 2 to 5 items; this one has",
        ),
        (
            "layout: list, text: Do, items: [1 | a, 3 | b]",
            "The items of a list are plain lines, or steps numbered 1, 2, 3.",
        ),
        (
            'layout: list, text: Do, items: [a, ""]',
            '"card.items" has an entry that is empty or not a plain line. Delete it',
        ),
        ("layout: list, text: Do, items: [a, {b: c}]", '"card.items" has an entry that is empty or not a plain line.'),
        ("layout: myth, text: No.", 'A card of the layout myth needs a myth. Add myth: "…".'),
        ("layout: action, text: Call", "A card of the layout action has 1 to 4 items; this one has 0."),
        (
            "layout: action, text: Call, items: [the hotline]",
            "Each item of an action card needs a number to call or a page",
        ),
        ("layout: photo, text: Blue", "A card of the layout photo needs a photo. Add photo: images/name.jpg."),
        ("layout: photo, photo: images/a.jpg", "The photo is not described for people who cannot see it, and only a"),
        ("layout: photo, photo: a.jpg", '"a.jpg" is not a file below images/. Copy the photo there, and write photo: '),
        ("layout: photo, photo: images/../a.jpg", '"images/../a.jpg" is not a file below images/.'),
        ("layout: photo, photo: /images/a.jpg", '"/images/a.jpg" is not a file below images/.'),
        ("layout: photo, photo: images", '"images" is not a file below images/.'),
        ("layout: photo, photo: 'images\\a.jpg'", "is not a file below images/."),
        (
            "layout: photo, photo: images/a.jpg, focus: 30% 70%",
            "The focus is not two numbers from 0 to 1. Write how far",
        ),
        ("layout: photo, photo: images/a.jpg, focus: [0.5]", "The focus is not two numbers from 0 to 1."),
        ("layout: photo, photo: images/a.jpg, focus: 0.5 1.5", "The focus is not two numbers from 0 to 1."),
        ("layout: photo, photo: images/a.jpg, focus: nan inf", "The focus is not two numbers from 0 to 1."),
    ],
)
def test_what_a_layout_needs_is_said(keys: str, said: str) -> None:
    card, problems = with_card(keys)
    assert card is None
    assert any(said in p and p.startswith(":4: ") for p in problems), problems


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("figure: 272, by: Dana", 'does not show "card.by". Delete it, or use another layout: quote.'),
        (
            "layout: quote, text: So., by: Dana, figure: 272",
            'does not show "card.figure". Delete it, or use another layout: ',
        ),
        (
            "layout: list, text: Do, items: [a, b], credit: Dana",
            'does not show "card.credit". Delete it, or use another',
        ),
        (
            "layout: share, figure: 1 in 6, items: [a]",
            'does not show "card.items". Delete it, or use another layout: compare',
        ),
    ],
)
def test_a_key_that_the_layout_does_not_show_is_a_warning_and_is_left_out(keys: str, said: str) -> None:
    card, (problem,) = with_card(keys)
    assert said in problem
    assert card
    assert (card.by == "Dana") == (card.layout == "quote")
    assert card.photo is None
    assert bool(card.items) == (card.layout == "list")


def test_an_unknown_fact_is_not_also_a_card_without_words() -> None:
    assert with_card("layout: share", "S99")[1] == [
        ':3: There is no fact "S99". Use an id that stands in posts/facts.toml.'
    ]


def test_a_comment_that_eats_a_part_of_an_item_is_shown() -> None:
    lines = "card:\n  layout: list\n  text: Signs\n  items:\n    - Door no.4\n    - No # pay"
    _, problems = read(draft(f"date: 2027-01-09\nfacts: [S33]\n{lines}"))
    assert problems == [
        (
            f'{PATH}:9: What follows # in a line of "card.items" is a comment and will not be shown. '
            "If it belongs to the text, put it all in quotes."
        )
    ]


@pytest.mark.parametrize("unseen", ["\\u200b", "\\u00ad \\ufeff", "\\u200e\\u2067\\u202e"])
def test_what_nobody_sees_is_no_text_of_a_card(unseen: str) -> None:
    said = 'A card of the layout compare needs a text. Add text: "…".'
    _, problems = with_card(f'layout: compare, text: "{unseen}", items: [1 | a, 2 | b]')
    assert any(said in p for p in problems)
    card, problems = with_card(f'figure: "{unseen}272{unseen}", text: "{unseen}cases{unseen}"')
    assert (problems, card) == ([], CardText(figure="272", text="cases"))
    card, _ = with_card(f'layout: list, text: Do, items: ["{unseen}Look", "Ca\\u200dll{unseen}"]')
    assert card
    assert card.items == (Item("", "Look"), Item("", "Ca\u200dll"))


def test_a_myth_is_not_its_own_fact() -> None:
    card, (problem,) = with_card("layout: myth, myth: It is so, text: 'It is so.'")
    assert card is None
    assert "The myth and the fact of the card are the same." in problem
