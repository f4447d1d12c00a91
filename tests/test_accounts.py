"""Connecting accounts, and how they stand: `campaign login`, `campaign accounts`, and what the daemon says early."""
# ruff: noqa: S311  chance picks the instant of a kill

from __future__ import annotations

import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import keyring
import pytest
from click.testing import CliRunner

from scheduler import connecting, probing, secrets
from scheduler.app import App
from scheduler.cli import cli
from scheduler.errors import Unavailable
from scheduler.model import Account, Campaign, Health, LocalTime, Published, Status
from scheduler.outcomes import Decision
from scheduler.probing import Probe
from scheduler.publishers import _timing
from scheduler.store import Result
from tests import fakes, filering
from tests.networks import mastodon as fediverse
from tests.networks import x as twitter
from tests.servers import pds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result as Ran

HOME = Path(__file__).parents[1]
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.date()

CONFIG = f"""\
[campaign]
name = "Prevention Month"
start = {TODAY - timedelta(days=3)}
end = {TODAY + timedelta(days=20)}
zone = "UTC"
time = "09:00"
send_within = "6h"
approval = "required"

[campaign.help]
long = "Hotline 1-888-373-7888"
short = "Hotline 1-888-373-7888"

[accounts.feed]
network = "feed"
url = "https://lantern.example/january"
handle = "Lantern Project"

[accounts.facebook]
network = "facebook"
enabled = false
"""


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server: no keyring, unless a test asks for one; and nothing of this machine's own environment."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    for name in [n for n in os.environ if n.startswith("CAMPAIGN_")]:
        monkeypatch.delenv(name)


def project(root: Path, more: str = "") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    return root


def on_bluesky(root: Path, server: str, handle: str = "@lantern.test") -> Path:
    """A project with an account on the server at that address."""
    return project(
        root,
        f"""
[accounts.bluesky]
network = "bluesky"
server = "{server}"
handle = "{handle}"
""",
    )


def run(root: Path, *words: str, answers: str | None = None) -> Ran:
    """One call of the program in this process."""
    return CliRunner().invoke(cli, ["--root", str(root), *words], input=answers, env={"COLUMNS": "80"})


def told(ran: Ran) -> str:
    """What it said, as one line."""
    return " ".join(ran.output.split())


def secret(root: Path, name: str = "bluesky") -> secrets.Secrets:
    return secrets.of(Account(name, name), {}, root, names=("app_password",))


# What a look says


def month(**fields: object) -> Campaign:
    known = {
        "name": "January",
        "start": date(2027, 1, 1),
        "end": date(2027, 1, 31),
        "zone": "America/Chicago",
        "time": LocalTime(9),
        "send_within": timedelta(hours=6),
        "approval": "none",
        "help_long": "",
        "help_short": "",
    }
    return Campaign(**{**known, **fields})  # type: ignore[arg-type]


def at(day: int, hour: int = 15, *, of: int = 1, year: int = 2027) -> datetime:
    return datetime(year, of, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "health",
    [
        Health("@lantern@mastodon.example", ("read", "write"), at(3), "", ("A warning.", "Another — with “quotes”.")),
        Health("", problem="It is not connected."),
    ],
)
def test_a_probe_comes_back_from_its_json(health: Health) -> None:
    probe = Probe(at(2), health)
    assert probing.probe_from_json(probing.probe_to_json(probe)) == probe


@pytest.mark.parametrize("packed", ["", "{", "null", "[]", "{}", '{"at": "yesterday", "who": ""}'])
def test_what_is_no_probe_is_none(packed: str) -> None:
    assert probing.probe_from_json(packed) is None


X = Account("x-main", "x", handle="@lanternproject")


@pytest.mark.parametrize(
    ("health", "now", "said"),
    [
        (Health("@lanternproject", ("read", "write")), at(2), ()),
        (Health("@LanternProject"), at(2), ()),  # rights are not known: nothing to say
        (Health("@lanternproject", ("read", "Write posts")), at(2), ()),
        (Health("@lanternproject", ("publish", "send pictures")), at(2), ()),
        (Health("", problem="The token was revoked. Log in."), at(2), ("The token was revoked. Log in.",)),
        (
            Health("@lanternproject", ("read", "profile")),
            at(2),
            ("It may read and profile, but not write: nothing can be published. Run `campaign login x-main`.",),
        ),
        (
            Health("@lanternproject", expires_at=at(20, 8)),
            at(2),
            ("Its access ends on 20 January 2027, 02:00, before the campaign does. Run `campaign login x-main`.",),
        ),
        (Health("@lanternproject", expires_at=at(1, 7, of=2)), at(2), ()),  # February where the campaign is
        (
            Health("@lanternproject", expires_at=at(1, 5, of=2)),
            at(2),
            ("Its access ends on 31 January 2027, 23:00, before the campaign does. Run `campaign login x-main`.",),
        ),
        (
            Health("@lanternproject", expires_at=at(1)),
            at(2),
            ("Its access ended on 1 January 2027, 09:00. Run `campaign login x-main`.",),
        ),
        (
            Health("@somebody", ("write",)),
            at(2),
            (
                (
                    "config.toml calls it @lanternproject, but the network says that it is @somebody. "
                    "If that is the wrong one: campaign login x-main."
                ),
            ),
        ),
    ],
)
def test_verdict_says_what_fails_and_what_will(health: Health, now: datetime, said: tuple[str, ...]) -> None:
    assert probing.verdict(health, now, month(), X) == said


@pytest.mark.parametrize(
    ("handle", "who", "same"),
    [
        ("@lantern@mastodon.example", "@lantern@mastodon.example", True),
        ("@lantern@mastodon.example", "@Lantern", True),
        ("@lantern@mastodon.example", "lantern@other.example", False),
        ("@lantern.example", "lantern.example", True),
        ("@lantern.example", "did:plc:abc", True),  # not a handle: nothing to compare
        ("Lantern Project", "@somebody", True),
        ("", "@somebody", True),
        ("@lantern", "", True),
    ],
)
def test_another_account_than_in_the_config_is_named(handle: str, who: str, *, same: bool) -> None:
    account = Account("a", "mastodon", handle=handle)
    assert (probing.verdict(Health(who, ("write",)), at(2), month(), account) == ()) is same


@pytest.mark.parametrize(
    ("last", "now", "failing", "due"),
    [
        (None, at(2), False, True),  # at the start
        (None, at(2, of=9), False, True),  # also long after
        (at(2), at(3, 14), False, False),
        (at(2), at(3, 15), False, True),  # daily
        (at(1, of=11, year=2026), at(2, 14, of=11, year=2026), False, False),
        (at(1, of=11, year=2026), at(2, of=11, year=2026), False, True),  # long before it begins too
        (at(30, 8, of=12, year=2026), at(30, 13, of=12, year=2026), False, False),
        (at(30, 8, of=12, year=2026), at(30, 14, of=12, year=2026), False, True),  # its last days before: often
        (at(2), at(2, 15) + timedelta(minutes=59), True, False),
        (at(2), at(2, 16), True, True),  # while it fails
        (at(31), at(3, of=2), False, False),  # it is over
        (at(9), at(2), False, True),  # the clock was set back
    ],
)
def test_a_look_is_due_at_the_start_daily_and_oftener_before_the_first_day(
    last: datetime | None, now: datetime, *, failing: bool, due: bool
) -> None:
    assert probing.due(last, now, month(), failing=failing) is due


# campaign accounts


def test_accounts_shows_who_it_is_and_makes_no_database(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    ran = run(root, "accounts")
    assert ran.exit_code == 0, ran.output
    assert re.search(r"^feed +ok +Lantern Project on feed$", ran.output, re.MULTILINE)
    assert "may write · does not expire" in ran.output
    assert "Switched off in config.toml: facebook" in ran.output
    assert not (root / "var").exists()


def test_account_without_its_secrets_needs_a_person_and_no_network_is_asked(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    ran = run(root, "accounts")
    assert ran.exit_code == 1
    assert re.search(r"^bluesky +problem +@lantern\.test on bluesky$", ran.output, re.MULTILINE)
    assert "It is not connected: app_password is missing." in told(ran)
    assert re.search(r"^ +Run `campaign login bluesky`\.$", ran.output, re.MULTILINE)  # whole, to be copied


def test_accounts_for_other_programs(tmp_path: Path) -> None:
    ran = run(on_bluesky(tmp_path / "p", "http://127.0.0.1:9"), "accounts", "--json")
    assert ran.exit_code == 1
    feed, bluesky = json.loads(ran.stdout)["accounts"]
    assert (feed["who"], feed["rights"], feed["problems"], feed["last"]) == ("Lantern Project", ["write"], [], None)
    assert bluesky["problems"] == ["It is not connected: app_password is missing. Run `campaign login bluesky`."]


def test_one_account_is_shown_also_when_it_is_switched_off(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    ran = run(root, "accounts", "facebook")
    assert ran.exit_code == 1
    assert "cannot publish to facebook yet" in told(ran)
    assert "Switched off in config.toml: facebook" in told(ran)
    assert run(root, "accounts", "feed").output.count("\n") == 2
    assert run(root, "accounts", "nobody").exit_code == 2


def test_accounts_shows_the_last_post_what_waits_and_why_it_stands_still(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    app = App.open(root)
    soon = NOW + timedelta(days=1)
    fakes.queue(
        app.store,
        fakes.planned("one", "feed", at=NOW - timedelta(hours=1)),
        fakes.planned("two", "feed", at=soon + timedelta(days=1)),
        fakes.planned("three", "feed", at=soon),
        now=NOW,
    )
    with app.store.writing() as write:
        row = next(r for r in write.deliveries() if r.post == "one")
        out = Decision(Status.PUBLISHED, "Published.", published=Published("1", "https://lantern.example/one"))
        write.record([Result(row, None, out)], NOW, "daemon", timedelta(minutes=30))
    ran = run(root, "accounts")
    assert ran.exit_code == 0
    assert f"Last {NOW:%a} {NOW.day} {NOW:%b %H:%M} https://lantern.example/one" in told(ran)
    assert f"Next {soon:%a} {soon.day} {soon:%b %H:%M}, 2 wait in all" in told(ran)
    assert "Not before" in told(ran)
    with app.store.writing() as write:
        row = next(r for r in write.deliveries() if r.post == "two")
        stop = Decision(Status.SCHEDULED, "No.", next_attempt_at=soon, account_stopped="The token was revoked.")
        write.record([Result(row, None, stop)], NOW, "daemon", timedelta(0))
    app.close()
    ran = run(root, "accounts")
    assert ran.exit_code == 1
    assert re.search(r"^feed +stopped ", ran.output, re.MULTILINE)
    assert "Nothing is sent: The token was revoked. " in told(ran)
    assert "campaign resume --account feed" in ran.output
    feed = json.loads(run(root, "accounts", "--json").stdout)["accounts"][0]
    assert (feed["waiting"], feed["next"]["post"], feed["last"]["post"]) == (2, "three", "one")
    assert feed["stopped"] == "The token was revoked."


def test_offline_shows_what_was_found_last_and_asks_nobody(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    assert re.search(
        r"^feed +not asked +Lantern Project on feed$", run(root, "accounts", "--offline").output, re.MULTILINE
    )
    App.open(root).store.close()  # there is a queue now
    assert run(root, "accounts").exit_code == 0
    (root / "site").rename(root / "away")
    (root / "site").write_text("a file where the folder should be", encoding="utf-8")
    ran = run(root, "accounts", "--offline")
    assert ran.exit_code == 0, ran.output
    assert re.search(r"^feed +ok ", ran.output, re.MULTILINE)
    assert f"asked {NOW:%a} {NOW.day}" in told(ran)
    ran = run(root, "accounts")
    assert ran.exit_code == 1
    assert re.search(r"^feed +problem ", run(root, "accounts", "--offline").output, re.MULTILINE)


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_network_that_does_not_answer_holds_the_others_up_until_the_deadline_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "DEADLINE", 1.0)
    monkeypatch.setattr(_timing, "READ", 3.0)
    with silent() as server:
        root = on_bluesky(tmp_path / "p", server)
        secret(root).store({"app_password": "abcd-efgh-ijkl-mnop"})
        started = time.monotonic()
        ran = run(root, "accounts")
        assert time.monotonic() - started < 2.5
    assert ran.exit_code == 1
    assert re.search(r"^feed +ok ", ran.output, re.MULTILINE)
    assert "It gave no answer in 1 seconds." in told(ran)
    assert "abcd-efgh" not in ran.output


def test_accounts_fits_80_columns(tmp_path: Path) -> None:
    ran = run(on_bluesky(tmp_path / "p", "http://127.0.0.1:9"), "accounts")
    assert max(len(line) for line in ran.output.splitlines()) <= 80


def test_file_that_others_may_read_is_this_accounts_problem_alone(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    secret(root).store({"app_password": "abcd-efgh-ijkl-mnop"})
    (root / "var" / "credentials.json").chmod(0o644)
    ran = run(root, "accounts")
    assert ran.exit_code == 1
    assert re.search(r"^feed +ok ", ran.output, re.MULTILINE)
    assert "chmod 600 var/credentials.json" in told(ran)
    assert "abcd-efgh" not in ran.output


# What the daemon does


def test_daemon_looks_at_the_start_says_what_is_wrong_once_and_that_it_was_mended(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    (root / "site").write_text("a file where the folder should be", encoding="utf-8")
    clock = fakes.FrozenClock(NOW)
    app = App.open(root)
    app.clock = clock
    app.store.work(NOW)
    (line,) = connecting.probe_due(app, first=True)
    assert line.startswith("feed: ")
    assert connecting.remembered(app)["feed"].at == NOW
    assert connecting.probe_due(app) == ()  # not due
    clock.advance(timedelta(hours=2))
    assert connecting.probe_due(app) == ()  # looked at, and said before
    assert connecting.remembered(app)["feed"].at == NOW + timedelta(hours=2)
    (root / "site").unlink()
    clock.advance(timedelta(hours=2))
    assert connecting.probe_due(app) == ("feed: connected as Lantern Project; what was wrong is mended.",)
    clock.advance(timedelta(hours=2))
    assert connecting.remembered(app)["feed"].at == NOW + timedelta(hours=4)
    assert connecting.probe_due(app) == ()
    assert connecting.remembered(app)["feed"].at == NOW + timedelta(hours=4)  # daily now
    assert connecting.probe_due(app, first=True) == ()
    app.close()


# campaign login


def test_login_where_none_is_needed_or_none_can_be_is_refused(tmp_path: Path) -> None:
    root = project(tmp_path / "p")
    for name, said in (
        ("feed", "feed needs no login: feed has no passwords."),
        ("facebook", "This release cannot publish to facebook yet"),
        ("nobody", 'There is no account "nobody"'),
    ):
        ran = run(root, "login", name)
        assert ran.exit_code == 2
        assert said in ran.output
    assert not (root / "var").exists()


@pytest.fixture
def person() -> pds.Person:
    """An account on Bluesky's own server."""
    return pds.shared().person("t" + os.urandom(5).hex())


def test_login_keeps_what_was_typed_shows_who_it_is_and_says_nothing_secret(tmp_path: Path, person: pds.Person) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    ran = run(root, "login", "bluesky", answers=f"\n{person.app_password}\n")
    assert ran.exit_code == 0, ran.output
    assert "Kept in var/credentials.json: app_password, session." in told(ran)
    assert f"bluesky is {person.handle}" in told(ran).replace("@", "")
    kept = secret(root)
    assert kept.get("app_password") == person.app_password
    shown = [value for value in kept.values() if value in ran.output]
    assert shown == []
    ran = run(root, "accounts")
    assert ran.exit_code == 0, ran.output
    assert not [value for value in kept.values() if value in ran.output]


def test_wrong_password_keeps_nothing_and_is_not_repeated(tmp_path: Path, person: pds.Person) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    ran = run(root, "login", "bluesky", answers="abcd-efgh-ijkl-mnop\n")
    assert ran.exit_code == 3
    assert "app password" in told(ran)
    assert "abcd-efgh" not in ran.output
    assert not (root / "var").exists()


def test_login_without_anybody_to_answer_is_refused(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    ran = run(root, "login", "bluesky", answers="\n\n")
    assert ran.exit_code == 2
    assert "There was nobody to answer. Nothing was kept." in ran.output
    assert not (root / "var").exists()


def test_login_to_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    ran = run(root, "login", "bluesky", answers="abcd-efgh-ijkl-mnop\n")
    assert ran.exit_code == 3
    assert "mistake of its own" not in ran.output
    assert "abcd-efgh" not in ran.output


class Clumsy:
    """A Person whose terminal breaks, with what was typed in its hands."""

    def tell(self, text: str) -> None:
        pass

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise RuntimeError(f"{question} hunter2 {hidden}")


def test_an_error_that_nobody_foresaw_does_not_repeat_what_was_typed(tmp_path: Path) -> None:
    app = App.open(on_bluesky(tmp_path / "p", "http://127.0.0.1:9"))
    with pytest.raises(Unavailable) as error:
        connecting.login(app, app.config.accounts[-1], Clumsy())
    assert error.value.text == "bluesky could not be asked (RuntimeError). Nothing was kept."
    assert "hunter2" not in f"{error.value!r} {error.value.__cause__!r} {error.value.__context__!r}"


def test_login_says_what_wins_over_it(tmp_path: Path, person: pds.Person, monkeypatch: pytest.MonkeyPatch) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    monkeypatch.setenv("CAMPAIGN_BLUESKY_APP_PASSWORD", "wxyz-wxyz-wxyz-wxyz")
    ran = run(root, "login", "bluesky", answers=person.app_password)
    assert "But the environment variable CAMPAIGN_BLUESKY_APP_PASSWORD is set, and wins over" in told(ran)
    assert "wxyz" not in ran.output
    ran = run(root, "login", "bluesky", "--forget")
    assert "Forgotten: app_password, session." in ran.output
    assert "with it, posts still go out" in told(ran)


def test_forget_takes_it_away(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    secret(root).store({"app_password": "abcd-efgh-ijkl-mnop", "session": "s"})
    ran = run(root, "login", "bluesky", "--forget")
    assert ran.exit_code == 0
    assert "Forgotten: app_password, session." in ran.output
    assert secret(root).missing() == ("app_password",)
    assert "Nothing was kept of bluesky." in run(root, "login", "bluesky", "--forget").output


def test_login_uses_the_keyring_where_there_is_one_and_the_file_when_told(
    tmp_path: Path, person: pds.Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = tmp_path / "keyring"
    entries.mkdir()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.filering.Keyring")
    monkeypatch.setenv(filering.FOLDER, str(entries))
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    ran = run(root, "login", "bluesky", answers=person.app_password)
    assert ran.exit_code == 0, ran.output
    assert "Kept in the keyring “tests.filering”: app_password, session." in told(ran)
    assert person.app_password in filering.entries(entries).values()
    (entries / filering.MOOD).write_text("locked")
    ran = run(root, "accounts")
    assert ran.exit_code == 1
    assert "It may be locked: unlock it, or keep the secrets in a file instead" in told(ran)
    assert run(root, "login", "bluesky", answers=person.app_password).exit_code == 3
    ran = run(root, "login", "bluesky", "--file", answers=person.app_password)
    assert ran.exit_code == 0, ran.output
    assert "Kept in var/credentials.json" in told(ran)
    assert run(root, "accounts").exit_code == 0


def test_login_of_an_account_that_was_stopped_says_how_it_goes_on(tmp_path: Path, person: pds.Person) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    app = App.open(root)
    (row,) = fakes.queue(app.store, fakes.planned("one", "bluesky", at=NOW + timedelta(days=1)), now=NOW)
    with app.store.writing() as write:
        stop = Decision(Status.SCHEDULED, "No.", account_stopped="The password was revoked.")
        write.record([Result(row, None, stop)], NOW, "daemon", timedelta(0))
    app.close()
    ran = run(root, "login", "bluesky", answers=person.app_password)
    assert ran.exit_code == 0, ran.output
    assert "campaign resume --account bluesky" in ran.output


def test_daemon_that_is_killed_while_it_renews_the_session_never_has_to_log_in_anew(
    tmp_path: Path, person: pds.Person, *, long: bool
) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    assert run(root, "login", "bluesky", answers=person.app_password).exit_code == 0
    dice = random.Random(7)
    for _ in range(12 if long else 4):
        command = [sys.executable, "-m", "scheduler", "--root", str(root), "run"]
        with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as daemon:
            assert daemon.stdout
            assert any("The daemon started." in line for line in daemon.stdout)
            time.sleep(dice.uniform(0, 1.2))  # it asks the account now; whatever the instant, the claim holds
            daemon.send_signal(signal.SIGKILL)
            assert "Traceback" not in daemon.stdout.read()
    ran = run(root, "accounts")
    assert ran.exit_code == 0, ran.output
    asked = [seen.path.rpartition(".")[2] for seen in person.proxy.seen]
    assert asked.count("createSession") == 1
    assert asked.count("refreshSession") > 1


# At a real terminal


@contextmanager
def terminal(root: Path, *words: str) -> Iterator[Screen]:
    """The program, alone in a terminal of its own."""
    import pty  # noqa: PLC0415  there is none on Windows

    main, side = pty.openpty()
    command = [sys.executable, "-m", "scheduler", "--root", str(root), *words]
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=HOME, env=environment, stdin=side, stdout=side, stderr=side, start_new_session=True
    )
    os.close(side)
    screen = Screen(main, process)
    try:
        yield screen
    finally:
        process.kill()
        process.wait()
        os.close(main)


class Screen:
    """What stands on a terminal, and a keyboard."""

    def __init__(self, main: int, process: subprocess.Popen[bytes]) -> None:
        self.main, self.process, self.text = main, process, ""

    def until(self, pattern: str, seconds: float = 60.0) -> str:
        """All that was shown, once it matches."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            assert time.monotonic() < end, self.text
            if select.select([self.main], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.main, 4096).decode()
                except OSError:  # it ended
                    assert re.search(pattern, self.text), self.text
        return self.text

    def type(self, text: str) -> None:
        os.write(self.main, text.encode())

    def ended(self) -> int:
        while True:
            try:
                more = os.read(self.main, 4096)
            except OSError:
                break
            if not more:
                break
            self.text += more.decode()
        return self.process.wait(60)


@pytest.mark.skipif(os.name != "posix", reason="a terminal as POSIX has it")
def test_at_a_terminal_the_password_does_not_show(tmp_path: Path, person: pds.Person) -> None:
    root = on_bluesky(tmp_path / "p", person.proxy.url, f"@{person.handle}")
    with terminal(root, "login", "bluesky") as screen:
        screen.until("password: $")
        screen.type("\n")
        screen.until("password: [\r\n]+.*password: $")  # an empty answer is asked for again
        screen.type(f"{person.app_password}\n")
        screen.until(r"bluesky is ")
        assert screen.ended() == 0, screen.text
    assert person.app_password not in screen.text
    assert secret(root).get("app_password") == person.app_password


@pytest.mark.skipif(os.name != "posix", reason="a terminal as POSIX has it")
def test_ctrl_c_at_the_prompt_keeps_nothing_and_is_quiet(tmp_path: Path) -> None:
    root = on_bluesky(tmp_path / "p", "http://127.0.0.1:9")
    with terminal(root, "login", "bluesky") as screen:
        screen.until("password: $")
        screen.process.send_signal(signal.SIGINT)
        assert screen.ended() == 130, screen.text
    assert "Traceback" not in screen.text
    assert not (root / "var").exists()


@pytest.mark.skipif(os.name != "posix", reason="a terminal as POSIX has it")
def test_x_is_connected_by_the_pin_of_an_address_that_stands_on_one_line(tmp_path: Path) -> None:
    root = project(
        tmp_path / "p",
        f'[accounts.x]\nnetwork = "x"\nhandle = "@LanternProject"\nserver = "{twitter.proxy(tmp_path).url}"\n',
    )
    given = twitter.secrets(tmp_path)
    with terminal(root, "login", "x") as screen:
        screen.until(r"\(consumer key\): $")
        screen.type(f"{given['consumer_key']}\n")
        screen.until(r"\(consumer secret\): $")
        screen.type(f"{given['consumer_secret']}\n")
        address = re.findall(r"^http\S+oauth_token=\S+", screen.until("PIN that X shows: $"), re.MULTILINE)[0]
        pin = re.findall(r"<code>(\d+)</code>", httpx.get(address).text)[0]
        screen.type(f"{pin}\n")
        screen.until(r"x is @LanternProject\.")
        assert screen.ended() == 0, screen.text
    kept = secrets.of(Account("x", "x"), {}, root)
    assert {name: kept.get(name) for name in given} == given
    hidden = set(given.values()) - {given["consumer_key"]}  # the key is typed in the open, as X shows it
    assert not [value for value in hidden if value in screen.text]


@pytest.mark.skipif(os.name != "posix", reason="a terminal as POSIX has it")
def test_mastodon_is_connected_by_the_code_of_an_address_that_stands_on_one_line(tmp_path: Path) -> None:
    root = project(
        tmp_path / "p",
        f'[accounts.mastodon]\nnetwork = "mastodon"\nserver = "{fediverse.proxy(tmp_path).url}"\n',
    )
    with terminal(root, "login", "mastodon") as screen:
        shown = screen.until(r"after you allow it: $")
        address = re.findall(r"http://127\S+/oauth/authorize\?\S+", shown)[0]
        assert "write%3Amedia" in address  # to its end
        screen.type(f"{_allowed(address)}\n")
        screen.until(r"mastodon is @lantern")
        assert screen.ended() == 0, screen.text
    kept = secrets.of(Account("mastodon", "mastodon"), {}, root)
    assert all(kept.get(name) for name in ("client_id", "client_secret", "access_token"))
    assert kept.get("access_token") not in screen.text
    with terminal(root, "login", "mastodon") as screen:
        screen.until(r"after you allow it: $")
        screen.type("not-the-code\n")
        screen.until(r"did not take the code")
        assert screen.ended() == 3
    again = secrets.of(Account("mastodon", "mastodon"), {}, root)
    assert again.get("access_token") == kept.get("access_token")  # what was kept before is still there


def _allowed(address: str) -> str:
    """The code that the server shows when its first account allows it."""
    page = httpx.get(address).text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    done = httpx.post(address.partition("?")[0], data=form)
    found = re.search(r"code: (\w+)", done.text)
    assert found, done.text
    return found[1]


def test_status_says_what_the_last_look_found_wrong(tmp_path: Path) -> None:
    root = project(tmp_path)
    app = App.open(root)
    probe = Probe(datetime.now(UTC), Health("", problem="The folder may not be written. Give its user the right to."))
    connecting.remember(app, {"feed": probe})
    app.close()
    shown = run(root, "status")
    assert shown.exit_code == 1
    assert "feed will not publish" in shown.output
    assert "Give its user the right to." in shown.output
    assert json.loads(run(root, "status", "--json").output)["wrong"] == {"feed": [probe.health.problem]}
