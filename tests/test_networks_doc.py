"""What docs/networks.md says of the networks is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler import config, publishers
from scheduler.model import Account, Limits

HOME = Path(__file__).parents[1]
DOC = (HOME / "docs" / "networks.md").read_text(encoding="utf-8")
WHOLE = (HOME / "config.toml").read_text(encoding="utf-8")
SENDING = tuple(n for n in publishers.available() if publishers.can_publish(n))


class Nothing:
    """The secrets of an account that is not connected."""

    def get(self, name: str) -> str:  # noqa: ARG002
        return ""

    def keep(self, name: str, value: str) -> None:
        raise AssertionError(name, value)

    def values(self) -> tuple[str, ...]:
        return ()


def example(network: str) -> Account:
    """The account of the network's example, read as the program reads it."""
    (block,) = (
        b for b in re.findall(r"^```toml\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL) if f"[accounts.{network}]" in b
    )
    source = WHOLE[: WHOLE.index("[accounts.")] + block
    found, problems = config.parse(source, "config.toml", root=HOME)
    assert [str(p) for p in problems] == []
    assert found
    (account,) = found.accounts
    return account


def limits(network: str) -> Limits:
    return publishers.limits(Account(network, network))


@pytest.mark.parametrize("network", SENDING)
def test_the_example_of_each_network_is_one_that_it_takes(network: str, tmp_path: Path) -> None:
    account = example(network)
    assert account.network == network
    assert publishers.limits(account)
    assert publishers.connect(account, Nothing(), root=tmp_path)


@pytest.mark.parametrize("network", [n for n in SENDING if n != "feed"])
def test_how_long_it_waits_and_how_often_it_reads_stands_there(network: str) -> None:
    part = DOC[DOC.index("## When an answer is lost") :]
    row = next(line for line in part.splitlines() if line.startswith(f"| `{network}` |"))
    own = limits(network)
    times = {1: "once", 2: "twice"}[own.settle_reads]
    assert f"| {own.settle_after.total_seconds():.0f} s, {times} |" in row
    assert ("person" in row) is not own.absence_proves


@pytest.mark.parametrize("network", [n for n in SENDING if n != "feed"])
def test_each_network_has_a_part_with_what_whoever_runs_it_must_know(network: str) -> None:
    title = {"x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky"}.get(network, network)
    part = DOC[DOC.index(f"\n## {title}\n") + 4 :].partition("\n## ")[0]
    assert f"campaign login {network}" in part
    wanted = (
        "What you need",
        "Log in",
        "When an answer is lost",
        "What needs a person",
        "Limits",
        "Cost",
        "Known limits",
    )
    assert [what for what in (*wanted, "Say that it is automated") if f"**{what}" not in part] == []
