"""`campaign init`."""
# ruff: noqa: E501  what it writes has long lines

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from scheduler.cli import page
from scheduler.cli.shell import Command
from scheduler.errors import Refused

CONFIG = """\
# The campaign. Secrets never stand here.

[campaign]
name = "Human Trafficking Prevention Month"
organisation = "Your organisation"
url = "https://example.org"
start = {year}-01-01
end = {year}-01-31
zone = "America/Chicago"    # a name from the IANA list
time = "09:00"              # of a post whose draft names none
send_within = "6h"          # past it a post is marked missed, never sent late
min_gap = "30m"             # between two posts of one account
approval = "required"       # or "none"
lang = "en"
checked_since = {before}-12-01  # a fact that needs another look counts as checked from this day on

# The help footer ends every post: the long one where it fits, else the short one.
[campaign.help]
long = "Need help, or worried about someone? National Human Trafficking Hotline, 24/7: call 1-888-373-7888 or text 233733. In danger now? Call 911."
short = "Hotline 1-888-373-7888 · text 233733 · emergency 911"

[store]
url = "sqlite:///var/campaign.db"

# A small public site with an Atom feed: needs no credential, works at once.
[accounts.feed]
network = "feed"
folder = "site"                        # serve site/public
url = "https://example.org/january"    # where that folder is served
handle = "Your organisation"

# Other accounts look like this; set enabled = true once they are ready.
# [accounts.mastodon]
# network = "mastodon"
# enabled = false
# handle = "@you@mastodon.example"
# server = "https://mastodon.example"
# max_characters = 500
"""

LEDGER = """\
# The ledger: every fact that a post or a card may use. Drafts cite facts by id.

[D02]
kind = "definition"
statement = "Anyone under 18 in commercial sex is a trafficking victim in law. No force, fraud or coercion needs to be shown."
figure = "under 18"
data_year = "current law"
publisher = "DOJ Office for Victims of Crime"
title = "About Human Trafficking"
url = "https://ovc.ojp.gov/program/human-trafficking/about-human-trafficking"
evidence = "seen (primary)"
quote = "regardless of the use of force, fraud, or coercion, is a victim of human trafficking, even if they appear to consent"
read = 2026-11-23
"""

DRAFT = """\
---
date: {year}-01-01
title: Under 18, what the law says
facts: [D02]
card:
  figure: "Under 18"
  text: "in commercial sex: a trafficking victim in law. No force, fraud or coercion needs to be shown."
tags: [EndTrafficking]
---
What the law says about anyone under 18

A person under 18 in commercial sex is a trafficking victim in law. No force, fraud or coercion needs to be shown (DOJ Office for Victims of Crime).

Share this with someone who works with young people.
"""

IGNORED = """\
# What the program makes: safe to delete, or not to be shared.
/images/cards/
/var/
/site/
/rehearsal/
"""


@click.command(cls=Command, examples=("campaign init january",))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def init(folder: Path) -> None:
    """Start a project in FOLDER (default: here): a commented config, a ledger, a first draft. Overwrites nothing."""
    today = date.today()  # noqa: DTZ011  only its year, to begin with
    year = today.year if today.month == 1 else today.year + 1
    files = {
        "config.toml": CONFIG.format(year=year, before=year - 1),
        "posts/facts.toml": LEDGER,
        f"posts/{year}-01-01-under-18.md": DRAFT.format(year=year),
        ".gitignore": IGNORED,
    }
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise Refused(f"There is already {', '.join(there)} in {folder}. Nothing was written; choose an empty folder.")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "images").mkdir(exist_ok=True)
    page.say(f"Written in {folder}: {', '.join(files)}, images/.", "good")
    page.say("Next:  campaign check    then  campaign rehearse")
