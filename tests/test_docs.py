"""The documents say what the program does: each command, with its help, its example and its exit codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scheduler import drafts, facts
from scheduler.cli import MODULES, cli
from scheduler.cli.shell import Command
from scheduler.config import load, parse
from scheduler.model import LAYOUTS

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")


def command(name: str) -> Command:
    found = cli.get_command(click.Context(cli), name)
    assert isinstance(found, Command)
    return found


def row(name: str) -> str:
    """The command's line in the document."""
    found = re.search(rf"^\| `campaign {name}\b[^|]*\|[^|]*\|[^|]*\|$", COMMANDS, re.MULTILINE)
    assert found, f"{name} does not stand in docs/commands.md"
    return found[0]


@pytest.mark.parametrize("name", MODULES)
def test_each_command_stands_in_the_document_with_its_exit_codes(name: str) -> None:
    exits = row(name).split("|")[3].strip()
    assert re.fullmatch(r"0( [^;]+)?(; [1-4] [^;]+)*", exits), exits


@pytest.mark.parametrize("name", MODULES)
def test_each_command_has_help_and_examples_that_it_takes(name: str) -> None:
    one = command(name)
    assert one.help
    assert len(one.help) > 40
    assert one.examples
    for example in one.examples:
        words = shlex.split(example.partition(" > ")[0])
        assert words[:2] == ["campaign", name]
        one.make_context(name, words[2:], parent=click.Context(cli))


@pytest.mark.parametrize("name", MODULES)
def test_each_option_explains_itself(name: str) -> None:
    for parameter in command(name).params:
        if isinstance(parameter, click.Option) and parameter.name not in ("form", "help"):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("name", MODULES)
def test_help_fits_a_terminal_of_80_columns(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).output
    help_, _, _examples = shown.partition("\nExamples:")
    assert max(len(line) for line in help_.splitlines()) <= 80


def test_each_option_in_the_document_is_one() -> None:
    known = {text for name in MODULES for p in command(name).params for text in p.opts}
    known |= {text for p in cli.params for text in p.opts} | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", COMMANDS)) <= known


def test_each_exit_code_of_the_table_is_in_the_overview() -> None:
    told = CliRunner().invoke(cli, ["--help"], terminal_width=200).output
    for code, words in (
        ("0", "fine"),
        ("1", "something needs a person"),
        ("2", "refused"),
        ("4", "another daemon runs"),
    ):
        assert f"{code} {words}" in " ".join(told.split())
        assert re.search(rf"^\| {code} \|", COMMANDS, re.MULTILINE)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_the_document_works(shell: str) -> None:
    assert f"_CAMPAIGN_COMPLETE={shell}_source campaign" in COMMANDS
    made = CliRunner(env={"_CAMPAIGN_COMPLETE": f"{shell}_source"}).invoke(cli, [], prog_name="campaign")
    assert "_CAMPAIGN_COMPLETE" in made.output


def blocks(start: str) -> list[str]:
    """The examples of docs/writing.md that have a line with `start`."""
    found = re.findall(r"^```\n(.*?)^```$", (DOCS / "writing.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [block for block in found if re.search(rf"^{start}", block, re.MULTILINE)]


def test_each_layout_has_an_example_that_is_read_without_a_problem() -> None:
    home = DOCS.parent
    config, _ = load(home)
    assert config
    ledger, _ = facts.parse((home / "posts" / "facts.toml").read_text(encoding="utf-8"), "posts/facts.toml")
    shown = []
    for block in (b for b in blocks("card:") if "---" not in b):
        keys = block if block.startswith("facts:") else f"facts: [S03]\n{block}"
        source = f"---\ndate: 2027-01-09\n{keys}---\nThe text.\n"
        path = "posts/2027-01-09-a.md"
        post, problems = drafts.parse(source, path, ledger=ledger, accounts=config.accounts, campaign=config.campaign)
        assert [str(p) for p in problems] == []
        assert post
        shown.append(post.card.layout)
    assert list(dict.fromkeys(shown)) == list(LAYOUTS)


def test_the_look_in_the_document_is_one_that_config_takes() -> None:
    (look,) = blocks(r"\[theme\]")
    whole = (DOCS.parent / "config.toml").read_text(encoding="utf-8")
    source = re.sub(r"(?ms)^\[theme[^\n]*\].*?(?=^\[)", "", whole)
    source = source.replace("[accounts.instagram]\n", "").replace(
        'network = "instagram"', f'{look}network = "instagram"'
    )
    config, problems = parse(source, "config.toml", root=DOCS.parent)
    assert [str(p) for p in problems] == []
    assert config
    assert config.campaign.theme.name == "paper"
    assert config.campaign.translations["es"].help_short.startswith("Línea nacional")
    (account,) = (a for a in config.accounts if a.network == "instagram")
    assert account.options["card"] == "square"
