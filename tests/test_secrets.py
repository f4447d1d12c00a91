"""Where secrets come from, and that a renewed one is whole or not there, whoever is killed."""
# ruff: noqa: S105, S106, S311  the secrets are made up, and chance picks the instant of a kill

from __future__ import annotations

import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest

from scheduler import secrets
from scheduler.errors import Disconnected, Unavailable
from scheduler.model import Account
from scheduler.secrets import ring, vault
from tests import filering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.model import Secret

HOME = Path(__file__).parents[1]
ACCOUNT = Account("bluesky", "bluesky")
NAMES = ("app_password",)
NO_KEYRING = "keyring.backends.null.Keyring"


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a server: no keyring, unless a test asks for one."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NO_KEYRING)
    before = keyring.core._keyring_backend
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    yield
    monkeypatch.setattr(keyring.core, "_keyring_backend", before)


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyring, and the folder with its entries."""
    folder = tmp_path / "keyring"
    folder.mkdir()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.filering.Keyring")
    monkeypatch.setenv(filering.FOLDER, str(folder))
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    return folder


def of(root: Path, account: Account = ACCOUNT, **environment: str) -> secrets.Secrets:
    return secrets.of(account, environment, root, names=NAMES)


def file_of(root: Path) -> Path:
    return root / "var" / "credentials.json"


# Which one wins


def test_environment_wins_over_systemd_and_both_over_what_was_stored(tmp_path: Path) -> None:
    creds = tmp_path / "creds"
    creds.mkdir()
    (creds / "bluesky_app_password").write_text("from systemd\n", encoding="utf-8")
    of(tmp_path).store({"app_password": "stored", "note": "stored too"})
    variables = {"CAMPAIGN_BLUESKY_APP_PASSWORD": " from the environment "}
    assert of(tmp_path).get("app_password") == "stored"
    assert of(tmp_path, CREDENTIALS_DIRECTORY=str(creds)).get("app_password") == "from systemd"
    secret = of(tmp_path, ACCOUNT, CREDENTIALS_DIRECTORY=str(creds), **variables)
    assert secret.get("app_password") == "from the environment"
    assert secret.get("note") == "stored too"
    assert secret.get("session") == ""
    assert secret.overruled(["app_password", "note"]) == ("the environment variable CAMPAIGN_BLUESKY_APP_PASSWORD",)
    told = of(tmp_path, CREDENTIALS_DIRECTORY=str(creds)).overruled(["app_password"])
    assert told == ("the systemd credential bluesky_app_password",)


def test_account_with_a_dash_has_an_underscore_in_its_variable(tmp_path: Path) -> None:
    account = Account("x-main", "x")
    assert of(tmp_path, account, CAMPAIGN_X_MAIN_ACCESS_TOKEN="a token").get("access_token") == "a token"


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    of(tmp_path).store({"app_password": "stored"})
    secret = of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="  ")
    assert secret.get("app_password") == "stored"
    assert secret.overruled(["app_password"]) == ()


def test_what_is_nowhere_is_missing(tmp_path: Path) -> None:
    assert of(tmp_path).missing() == ("app_password",)
    assert of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="x").missing() == ()
    assert not file_of(tmp_path).exists()
    assert not (tmp_path / "var").exists()  # looking makes nothing


def test_one_account_does_not_see_the_secrets_of_another(tmp_path: Path) -> None:
    one, two = Account("x", "x"), Account("x_two", "x")
    of(tmp_path, one).store({"token": "of one"})
    of(tmp_path, two).store({"token": "of two"})
    assert [of(tmp_path, a).get("token") for a in (one, two)] == ["of one", "of two"]
    of(tmp_path, one).forget()
    assert [of(tmp_path, a).get("token") for a in (one, two)] == ["", "of two"]


@pytest.mark.parametrize("name", ["", "Token", "a/b", "../x", "a.new", "tökén"])
def test_a_name_is_of_small_letters_digits_and_underscores(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        of(tmp_path).get(name)
    with pytest.raises(ValueError, match="small letters"):
        of(tmp_path).keep(name, "x")


def test_a_credential_that_cannot_be_read_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "bluesky_app_password").write_bytes(b"\xff\xfe secret")
    with pytest.raises(Disconnected, match=r"bluesky_app_password cannot be read: it is not text in UTF-8\. Mend"):
        of(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).get("app_password")


# Renewed values


def test_renewed_session_is_kept_though_the_environment_has_the_password(tmp_path: Path) -> None:
    secret = of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="given")
    secret.keep("session", "first")
    secret.keep("session", "second")
    assert secret.get("session") == "second"
    assert of(tmp_path).get("session") == "second"
    assert of(tmp_path).get("app_password") == ""  # the environment is never copied
    secret.keep("session", "")
    assert of(tmp_path).get("session") == ""


def test_environment_wins_also_over_what_was_kept_of_the_same_name(tmp_path: Path) -> None:
    secret = of(tmp_path, CAMPAIGN_BLUESKY_SESSION="given")
    secret.keep("session", "renewed")
    assert secret.get("session") == "given"
    assert of(tmp_path).get("session") == "renewed"


def test_what_another_process_renewed_is_seen_at_the_next_get(tmp_path: Path) -> None:
    daemon, other = of(tmp_path), of(tmp_path)
    daemon.keep("session", "first")
    assert other.get("session") == "first"
    other.keep("session", "second")
    assert daemon.get("session") == "second"


def test_a_new_login_takes_the_old_session_away_and_a_late_renewal_does_not_bring_it_back(tmp_path: Path) -> None:
    of(tmp_path).store({"app_password": "old", "session": "old session"})
    daemon = of(tmp_path)
    assert daemon.get("session") == "old session"
    of(tmp_path).store({"app_password": "new"})
    daemon.keep("session", "renewed from the old one")
    assert daemon.get("session") == ""
    assert of(tmp_path).get("session") == ""
    daemon.keep("session", "of the new login")
    assert of(tmp_path).get("session") == "of the new login"


def test_full_disk_does_not_lose_a_renewed_session_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = of(tmp_path)
    secret.keep("session", "old")
    real = os.fsync

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    secret.keep("session", "renewed")
    assert secret.get("session") == "renewed"  # this process goes on with it
    assert of(tmp_path).get("session") == "old"
    assert "could not be kept for the next start: var/credentials.json cannot be used: No space left" in secret.trouble
    assert not list(file_of(tmp_path).parent.glob(".*.new"))
    monkeypatch.setattr(os, "fsync", real)
    monkeypatch.setattr(secrets, "AGAIN", 0.0)
    assert secret.get("session") == "renewed"
    assert of(tmp_path).get("session") == "renewed"
    assert secret.trouble == ""


# The file


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_file_is_readable_by_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert of(tmp_path).store({"app_password": "stored"}) == "var/credentials.json"
        of(tmp_path).keep("session", "renewed")
    finally:
        os.umask(before)
    (tmp_path / "var").chmod(0o755)
    for path in (tmp_path / "var").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert sorted(p.name for p in (tmp_path / "var").iterdir()) == ["credentials.json", "credentials.lock"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o666])
def test_file_that_others_may_read_is_refused_with_the_mend(tmp_path: Path, mode: int) -> None:
    of(tmp_path).store({"app_password": "stored"})
    file_of(tmp_path).chmod(mode)
    with pytest.raises(Disconnected, match=r"Others on this machine may read var/credentials\.json") as error:
        of(tmp_path).get("app_password")
    assert "chmod 600 var/credentials.json" in error.value.text
    secret = of(tmp_path)
    secret.keep("session", "renewed")
    assert "chmod 600" in secret.trouble
    assert "renewed" not in file_of(tmp_path).read_text(encoding="utf-8")
    assert secret.get("session") == "renewed"
    file_of(tmp_path).chmod(0o600)
    assert of(tmp_path).get("app_password") == "stored"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_folder_in_which_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o777)
    with pytest.raises(Disconnected, match=r"chmod o-w var"):
        of(tmp_path).store({"app_password": "stored"})
    (tmp_path / "var").chmod(0o1777)
    of(tmp_path).store({"app_password": "stored"})


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "elsewhere").write_text("{}", encoding="utf-8")
    file_of(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Disconnected, match="is a link"):
        of(tmp_path).get("app_password")
    with pytest.raises(Disconnected, match="is a link"):
        of(tmp_path).store({"app_password": "stored"})
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "{}"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may write for another user")
def test_what_root_stores_belongs_to_the_user_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    os.chown(tmp_path / "var", 12345, 12345)
    of(tmp_path).store({"app_password": "stored"})
    assert {p.stat().st_uid for p in (tmp_path / "var").iterdir()} == {12345}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
def test_file_of_another_user_is_told_with_its_owner(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    of(tmp_path).store({"app_password": "stored"})
    program = (
        f"import os, sys\nsys.path.insert(0, {str(HOME)!r})\n"
        "from pathlib import Path\nfrom scheduler.errors import Disconnected\n"
        "from scheduler.secrets.vault import Vault\n"
        "os.setgid(12345); os.setuid(12345)\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "try: Vault(Path('.')).read()\nexcept Disconnected as error: print(error.text)\n"
    )
    closed = {p: p.stat().st_mode for p in tmp_path.parents if not p.stat().st_mode & stat.S_IXOTH}
    for parent, mode in closed.items():
        parent.chmod(mode | stat.S_IXOTH)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for parent, mode in closed.items():
        parent.chmod(mode)
    assert ended.stdout.startswith("var/credentials.json belongs to the user “root”, and this program may not use it.")


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"null", b'{"version": 2, "accounts": {}}', b'{"version": 1, "accounts": {"a": 1}}', b"\xff"],
)
def test_damaged_file_is_told_without_its_content(tmp_path: Path, broken: bytes) -> None:
    of(tmp_path).store({"app_password": "hunter2 hunter2"})
    file_of(tmp_path).write_bytes(broken + b" hunter2")
    with pytest.raises(Disconnected, match="is damaged, or of a later release") as error:
        of(tmp_path).get("app_password")
    assert (
        "hunter2" not in f"{error.value!r} {error.value.detail} {error.value.__cause__!r} {error.value.__context__!r}"
    )


def test_a_lock_that_another_process_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock  # noqa: PLC0415

    monkeypatch.setattr(vault, "WAIT", 0.1)
    (tmp_path / "var").mkdir()
    held = FileLock(tmp_path / "var" / "credentials.lock")
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with held:
            taken.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(20)
    try:
        with pytest.raises(Unavailable, match=r"Another process has held var/credentials\.json"):
            of(tmp_path).store({"app_password": "stored"})
    finally:
        done.set()
        holder.join()


# Killed, and two at once

WRITER = """
import sys
from pathlib import Path
from scheduler import secrets
from scheduler.model import Account
secret = secrets.of(Account("bluesky", "bluesky"), {}, Path(sys.argv[1]), names=())
number = int(sys.argv[2])
while True:
    number += 1
    secret.keep(sys.argv[3], f"<{number}>" + "x" * 2000 + f"<{number}>")
    if secret.trouble:
        sys.exit(secret.trouble)
    print(number, flush=True)
"""


def writer(root: Path, start: int, name: str = "session") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), str(start), name], cwd=HOME, stdout=subprocess.PIPE, text=True
    )


def number_of(secret: Secret, name: str = "session") -> int:
    """Which write it is; a torn one is none."""
    found = re.fullmatch(r"<(\d+)>x{2000}<(\d+)>", secret.get(name))
    assert found, secret.get(name)[:40]
    assert found[1] == found[2]
    return int(found[1])


@pytest.mark.parametrize("place", ["file", "keyring"])
def test_killed_at_any_instant_the_session_is_the_old_or_the_new_one(
    tmp_path: Path, place: str, request: pytest.FixtureRequest, *, long: bool
) -> None:
    if place == "keyring":
        request.getfixturevalue("entries")
    dice = random.Random(4)
    secret = of(tmp_path)
    secret.keep("session", "<0>" + "x" * 2000 + "<0>")
    known = 0
    for _ in range(100 if long else 12):
        process = writer(tmp_path, known)
        assert process.stdout
        said = [int(process.stdout.readline())]
        time.sleep(dice.uniform(0, 0.02))  # the instant of the kill; whichever it is, the claim holds
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().splitlines()]
        process.stdout.close()
        process.wait()
        known = number_of(of(tmp_path))
        assert said[-1] <= known <= said[-1] + 1
    assert number_of(secret) == known  # and who was not killed sees it too
    assert secret.trouble == ""
    secret.keep("session", "<1>" + "x" * 2000 + "<1>")  # nothing that was left behind is in the way
    assert number_of(of(tmp_path)) == 1


@pytest.mark.parametrize("place", ["file", "keyring"])
def test_two_processes_that_write_at_once_lose_nothing_of_each_other(
    tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    if place == "keyring":
        request.getfixturevalue("entries")
    of(tmp_path, Account("x", "x")).store({"token": "of another account"})
    names = ("one", "two")
    processes = [writer(tmp_path, 0, name) for name in names]
    last = [0, 0]
    for number, process in enumerate(processes):
        assert process.stdout
        while last[number] < 10:
            last[number] = int(process.stdout.readline())
    for number, process in enumerate(processes):
        process.kill()
        assert process.stdout
        last[number] = max([last[number], *map(int, process.stdout.read().splitlines())])
        process.stdout.close()
        process.wait()
    for name, known in zip(names, last, strict=True):
        assert known <= number_of(of(tmp_path), name) <= known + 1
    assert of(tmp_path, Account("x", "x")).get("token") == "of another account"


def test_threads_of_one_process_share_one_secret(tmp_path: Path) -> None:
    secret = of(tmp_path)

    def renew(name: str) -> None:
        for number in range(20):
            secret.keep(name, str(number))
            assert secret.get(name) == str(number)

    threads = [threading.Thread(target=renew, args=(f"name_{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert secret.trouble == ""
    assert [of(tmp_path).get(f"name_{n}") for n in range(4)] == ["19"] * 4


# The keyring


def test_keyring_has_an_entry_for_each_name_and_the_file_no_secret(tmp_path: Path, entries: Path) -> None:
    place = of(tmp_path).store({"app_password": "stored", "handle": "me.example"})
    assert place == "the keyring “tests.filering”"
    service = f"campaign: {tmp_path.resolve()}"
    assert filering.entries(entries) == {
        (service, "bluesky/app_password"): "stored",
        (service, "bluesky/handle"): "me.example",
    }
    raw = json.loads(file_of(tmp_path).read_bytes())["accounts"]["bluesky"]
    assert (raw["keyring"], raw["names"]) == (service, ["app_password", "handle"])
    assert "stored" not in file_of(tmp_path).read_text(encoding="utf-8")
    assert of(tmp_path).get("app_password") == "stored"
    assert of(tmp_path).get("nothing") == ""


def test_renewed_session_goes_to_the_keyring_and_other_processes_see_it(tmp_path: Path, entries: Path) -> None:
    of(tmp_path).store({"app_password": "stored"})
    daemon, other = of(tmp_path), of(tmp_path)
    daemon.keep("session", "first")
    assert other.get("session") == "first"
    daemon.keep("session", "second")
    assert other.get("session") == "second"
    assert sorted(user for _, user in filering.entries(entries)) == ["bluesky/app_password", "bluesky/session"]
    daemon.keep("session", "")
    assert sorted(user for _, user in filering.entries(entries)) == ["bluesky/app_password"]
    assert other.get("session") == ""


def test_login_in_the_keyring_empties_the_file_and_the_other_way_round(tmp_path: Path, entries: Path) -> None:
    of(tmp_path).store({"app_password": "in the file", "session": "s"}, in_file=True)
    assert not filering.entries(entries)
    of(tmp_path).store({"app_password": "in the keyring"})
    assert "in the file" not in file_of(tmp_path).read_text(encoding="utf-8")
    assert len(filering.entries(entries)) == 1
    assert of(tmp_path).get("session") == ""
    assert of(tmp_path).store({"app_password": "in the file"}, in_file=True) == "var/credentials.json"
    assert not filering.entries(entries)
    assert of(tmp_path).get("app_password") == "in the file"


def test_forget_takes_all_of_the_account_away(tmp_path: Path, entries: Path) -> None:
    other = Account("x", "x")
    of(tmp_path, other).store({"token": "stays"})
    of(tmp_path).store({"app_password": "stored"})
    of(tmp_path).keep("session", "renewed")
    assert of(tmp_path).forget() == ("app_password", "session")
    assert of(tmp_path).forget() == ()
    assert list(filering.entries(entries).values()) == ["stays"]
    assert of(tmp_path).missing() == ("app_password",)
    assert of(tmp_path, other).get("token") == "stays"


@pytest.mark.parametrize(("mood", "said"), [("locked", "KeyringLocked"), ("gone", "ConnectionResetError")])
def test_keyring_that_breaks_is_a_sentence_with_the_account_and_the_mend(
    tmp_path: Path, entries: Path, mood: str, said: str
) -> None:
    of(tmp_path).store({"app_password": "stored"})
    warm = of(tmp_path)
    assert warm.get("app_password") == "stored"
    (entries / filering.MOOD).write_text(mood)
    with pytest.raises(Unavailable) as error:
        of(tmp_path).get("app_password")
    assert error.value.text == (
        f"The keyring “tests.filering” cannot be used ({said}), when asked for the secrets of bluesky. It may be "
        "locked: unlock it, or keep the secrets in a file instead: campaign login bluesky --file."
    )
    assert warm.get("app_password") == "stored"  # a daemon that read it before goes on
    warm.keep("session", "renewed")
    assert warm.get("session") == "renewed"
    assert "cannot be used" in warm.trouble
    (entries / filering.MOOD).unlink()
    assert of(tmp_path).get("app_password") == "stored"


def test_keyring_that_hangs_is_given_up(tmp_path: Path, entries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of(tmp_path).store({"app_password": "stored"})
    (entries / filering.MOOD).write_text("hangs")
    monkeypatch.setattr(ring, "WAIT", 0.2)
    with pytest.raises(Unavailable, match=r"gave no answer in 0\.2 seconds"):
        of(tmp_path).get("app_password")


def test_secrets_of_a_keyring_that_is_not_there_now_are_told(
    tmp_path: Path, entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(tmp_path).store({"app_password": "stored"})
    assert filering.entries(entries)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NO_KEYRING)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    with pytest.raises(Unavailable, match="this process finds no keyring") as error:
        of(tmp_path).get("app_password")
    assert "campaign login bluesky --file" in error.value.text
    assert of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="given").get("app_password") == "given"


def test_backend_that_cannot_be_loaded_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
    with pytest.raises(Unavailable, match=r"cannot be loaded \(ModuleNotFoundError"):
        of(tmp_path).store({"app_password": "stored"})
    secret = of(tmp_path)
    secret.keep("session", "renewed")  # nobody is there to choose: it goes to the file
    assert (secret.trouble, of(tmp_path).get("session")) == ("", "renewed")
    assert of(tmp_path).store({"app_password": "stored"}, in_file=True) == "var/credentials.json"


def test_what_is_too_long_for_the_keyring_goes_to_the_file(
    tmp_path: Path, entries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ring.MOST, "filering", 1280)  # as in the Windows Credential Manager
    long = "x" * 1281
    assert of(tmp_path).store({"app_password": "stored", "session": long}) == "var/credentials.json"
    of(tmp_path).forget()
    of(tmp_path).keep("session", long)
    assert of(tmp_path).get("session") == long
    assert not filering.entries(entries)
    assert of(tmp_path).store({"app_password": "x" * 1280}) == "the keyring “tests.filering”"


@pytest.mark.parametrize("backend", ["fail.Keyring", "null.Keyring", "chainer.ChainerBackend"])
def test_backend_that_keeps_nothing_is_no_keyring(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{backend}")
    assert ring.system() is None


def test_keyring_library_is_loaded_only_when_it_is_needed(tmp_path: Path) -> None:
    of(tmp_path).store({"app_password": "stored"})
    program = (
        "import sys\nfrom pathlib import Path\nfrom scheduler import secrets\nfrom scheduler.model import Account\n"
        f"secret = secrets.of(Account('bluesky', 'bluesky'), {{}}, Path({str(tmp_path)!r}), names=())\n"
        "secret.keep('session', secret.get('app_password'))\n"
        "print(secret.get('session'), secret.values(), 'keyring' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=HOME, capture_output=True, text=True, check=True)
    assert ended.stdout == "stored ('stored',) False\n"


# Nothing is shown


def test_repr_shows_no_secret(tmp_path: Path, entries: Path) -> None:
    assert entries
    secret = of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="hunter2")
    secret.store({"app_password": "hunter3"}, in_file=True)
    secret.keep("session", "hunter4")
    shown = f"{secret!r} {secret} {secret._shelf()!r} {secret._vault!r} {ring.system()!r}"
    assert "hunter" not in shown
    assert repr(secret) == "Secrets('bluesky')"


def test_values_are_all_that_was_ever_seen_and_the_tokens_inside(tmp_path: Path) -> None:
    creds = tmp_path / "creds"
    creds.mkdir()
    (creds / "bluesky_other").write_text("from systemd")
    token = "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJkaWQ6cGxjOmFiYyJ9.c2lnbmF0dXJl"
    secret = of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="given", CREDENTIALS_DIRECTORY=str(creds))
    secret.keep("session", "the old one")
    secret.keep("session", f"me.example:::did:plc:abcdefghijklmnopqrstuvwx:::{token}:::https://pds.example")
    of(tmp_path).store({"app_password": "by login"})
    found = secret.values()
    assert {"given", "from systemd", "the old one", "by login", token} <= set(found)
    assert not any(part in found for part in ("me.example", "pds.example", "abcdefghijklmnopqrstuvwx"))
    assert list(found) == sorted(found, key=lambda v: (-len(v), v))  # the longest is taken out first


def test_values_never_raises(tmp_path: Path) -> None:
    secret = of(tmp_path, CAMPAIGN_BLUESKY_APP_PASSWORD="given", CREDENTIALS_DIRECTORY=str(tmp_path / "none"))
    (tmp_path / "var").mkdir()
    file_of(tmp_path).write_text("broken")
    assert secret.values() == ("given",)
