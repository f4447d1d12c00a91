"""A server of the fediverse on loopback: the mastodon_mock package, and before it a layer as strict as Mastodon is.

The mock takes media that is unknown or used, shows anyone's uploads to anyone, knows no limit of alt texts, remembers
keys for ever, and answers a key whose post was deleted with an error of its own. The layer mends that, and acts out how
other servers differ (MODES). It runs in a thread of the tests; `public` reads the mock's database, beside its API.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import itertools
import json
import re
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import requests
import uvicorn
from mastodon_mock.app import create_app
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedConfig
from mastodon_mock.db.models import Account, MediaAttachment, OAuthToken, Status
from sqlalchemy import select, update

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TOKEN = "made-up-token-9f1c27"  # noqa: S105  of a server that lives for a test
USERNAME = "lantern"
DOMAIN = "mastodon.example"
KEY_LIFE = 3600.0  # seconds, Mastodon's
MODES = {
    "": "Mastodon 4.7.2: a repeated key brings the first post back",
    "500 on a repeated key": "Mastodon 4.6.0 to 4.7.1",
    "ignores the key": "GoToSocial: no keys, 400 for used media, and its own names for things",
    "Pixelfed": "no keys, no since_id, and no way to see the text as it was typed",
    "slow media": "uploads are taken with 202, and are 206 for a while",
    "no source": "posts cannot be seen as they were typed",
    "no instance v2": "Mastodon before 4.0",
}
_numbers = itertools.count(1)
KEYLESS = ("ignores the key", "Pixelfed")


@dataclass(slots=True)
class Rules:
    """What the strict layer holds to; a test may change it while the server runs."""

    mode: str = ""
    version: str = "4.7.2"
    max_characters: int = 500
    description_limit: int = 1500
    alt_kept: int | None = None  # characters of an alt text that it keeps, and says nothing
    alt_told: bool = True  # in the answer to an upload; otherwise only when it is asked
    loses_pictures: bool = False  # from a post, and says nothing
    unusable: bool = False  # no upload can be made into a picture
    polls: int = 2  # how often a slow upload is "206" before it is done
    scopes: list[str] | None = None  # of the token's app; None: the server does not tell, as before 4.3
    remaining: int = 299  # calls, in the rate-limit headers
    headers: dict[str, str] = field(default_factory=dict)  # added to every answer
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)  # regex of "METHOD /path" → status and words
    clock: float = 0.0  # seconds that have passed beside the real ones


@dataclass(slots=True)
class _Answer:
    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]

    @classmethod
    def error(cls, status: int, words: str) -> _Answer:
        return cls(status, json.dumps({"error": words}).encode(), [(b"content-type", b"application/json")])


class Fediverse:
    """One server with one account. `url` is its address, `token` lets the account in."""

    def __init__(self, mode: str = "") -> None:
        self.rules = Rules(mode)
        self.app = _mock()
        self.username, self.token, self.account = _new_account(self.app)
        self.asked: list[str] = []  # "METHOD /path"
        self._server = _Server(
            uvicorn.Config(
                _Layer(self),
                host="127.0.0.1",
                port=0,
                log_level="critical",
                lifespan="off",
                access_log=False,
                date_header=False,
                ws="none",
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            if time.monotonic() > until:
                raise TimeoutError("the server did not start")
            time.sleep(0.005)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        if not hasattr(self.app.state, "warm"):
            self.app.state.warm = True
            _warm(self)

    def close(self) -> None:
        """Stop; as often as one likes. The thread ends by itself, a moment later."""
        self._server.end()

    def public(self) -> list[tuple[str, tuple[str, ...]]]:
        """Text and alt texts of each post, the oldest first."""
        return [(row.text, tuple(m.description or "" for m in media)) for row, media in self.posts()]

    def posts(self) -> list[tuple[Any, list[Any]]]:
        """The rows of the account's posts with those of their media, the oldest first."""
        with self.app.state.session_factory() as db:
            own = select(Status).where(Status.account_id == self.account, Status.reblog_of_id.is_(None))
            rows = db.scalars(own.order_by(Status.id)).all()
            order = MediaAttachment.id
            return [
                (
                    row,
                    list(
                        db.scalars(select(MediaAttachment).where(MediaAttachment.status_id == row.id).order_by(order))
                    ),
                )
                for row in rows
            ]

    def uploads(self) -> int:
        """How many pictures were taken in."""
        with self.app.state.session_factory() as db:
            return len(db.scalars(select(MediaAttachment.id).where(MediaAttachment.account_id == self.account)).all())

    def later(self, **span: float) -> None:
        """Let time pass for the keys."""
        self.rules.clock += timedelta(**span).total_seconds()

    def revoke(self) -> None:
        """Let nobody in any more."""
        with self.app.state.session_factory() as db:
            own = OAuthToken.account_id == self.account
            db.execute(update(OAuthToken).where(own).values(access_token=f"revoked-{self.token}"))
            db.commit()

    def refuse(self, status: int, words: str, on: str = "POST /api/v1/statuses") -> None:
        """Answer what matches with an error, before anything is stored."""
        self.rules.refused[on] = status, words

    def delete(self, post: str) -> None:
        """Take a post away, as its author does."""
        headers = {"Authorization": f"Bearer {self.token}"}
        requests.delete(f"{self.url}/api/v1/statuses/{post}", headers=headers, timeout=20).raise_for_status()

    def unbot(self) -> None:
        """Take the mark of an automated account away."""
        with self.app.state.session_factory() as db:
            db.execute(update(Account).where(Account.id == self.account).values(bot=False))
            db.commit()

    def write(self, text: str, *, media: tuple[int, ...] = ()) -> str:
        """A post from elsewhere, by the account's owner; its id."""
        with self.app.state.session_factory() as db:
            row = Status(account_id=self.account, text=text, content=f"<p>{text}</p>", edit_history=[])
            db.add(row)
            db.flush()
            db.execute(update(MediaAttachment).where(MediaAttachment.id.in_(media)).values(status_id=row.id))
            db.commit()
            return str(row.id)


class _Server(uvicorn.Server):
    """uvicorn that does not wake ten times a second: a test run may have hundreds of these at rest."""

    async def main_loop(self) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        await self.over.wait()

    def end(self) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended, and its loop is closed
            self.loop.call_soon_threadsafe(self.over.set)


@cache
def _mock() -> Any:  # noqa: ANN401
    """The mock, one for all servers of this process: it takes a second until each of its parts was used once."""
    folder = tempfile.TemporaryDirectory(prefix="campaign-fediverse-", ignore_cleanup_errors=True)
    config = MastodonMockConfig(
        domain=DOMAIN,
        mocked_version="4.6.0",
        media_storage_path=f"{folder.name}/media",
        database=DatabaseConfig(path=f"{folder.name}/mock.sqlite"),
        seed=SeedConfig(),
    )
    config.streaming.enabled = False
    app = create_app(config)
    atexit.register(folder.cleanup)
    atexit.register(app.state.engine.dispose)
    return app


def _warm(server: Fediverse) -> None:
    """Use each part once, so that no test waits for it."""
    _, token, account = _new_account(server.app)
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        session.get(f"{server.url}/api/v2/instance")
        session.get(f"{server.url}/api/v1/accounts/verify_credentials")
        picture = {"file": ("a.png", b"a", "image/png")}
        media = session.post(f"{server.url}/api/v2/media", files=picture).json()["id"]
        text = {"status": "warm", "media_ids[]": media}
        post = session.post(f"{server.url}/api/v1/statuses", data=text).json()["id"]
        session.get(f"{server.url}/api/v1/accounts/{account}/statuses")
        session.get(f"{server.url}/api/v1/statuses/{post}/source")
    server.asked.clear()


def _new_account(app: Any) -> tuple[str, str, int]:  # noqa: ANN401
    """An account that nobody used yet: its name, its token and its id."""
    number = next(_numbers)
    name, token = f"{USERNAME}{number}", f"{TOKEN}-{number}"
    with app.state.session_factory() as db:
        me = Account(
            username=name,
            display_name="Lantern Project",
            bot=True,
            created_at=datetime.now(UTC),
            fields=[],
        )
        db.add(me)
        db.flush()
        db.add(OAuthToken(access_token=token, account_id=me.id, scopes=["read", "write"], created_at=datetime.now(UTC)))
        db.commit()
        return name, token, me.id


class _Layer:
    """The strict ASGI application before the mock."""

    def __init__(self, server: Fediverse) -> None:
        self.server = server
        self.rules = server.rules
        self.keys: dict[
            str, tuple[str, float]
        ] = {}  # a key → what the mock is told instead, and when it was first used
        self.polled: dict[str, int] = {}
        self.posting = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            part = await receive()
            if part["type"] == "http.disconnect":
                return
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        answer = await self.answer(scope, body)
        answer.headers += [(n.encode(), v.encode()) for n, v in {**self.limits(), **self.rules.headers}.items()]
        kept = [(n, v) for n, v in answer.headers if n.lower() != b"content-length"]
        kept.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": kept})
        await send({"type": "http.response.body", "body": answer.body})

    def limits(self) -> dict[str, str]:
        """The headers that every answer of Mastodon has."""
        now = datetime.now(UTC)
        return {
            "Date": format_datetime(now, usegmt=True),
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": str(self.rules.remaining),
            "X-RateLimit-Reset": (now + timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
        }

    async def answer(self, scope: Scope, body: bytes) -> _Answer:  # noqa: C901, PLR0911  one a route
        path = re.sub(r"(?<=.)/$", "", scope["path"])
        self.server.asked.append(f"{scope['method']} {scope['path']}")
        known = self.account(scope)
        refused = [said for on, said in self.rules.refused.items() if re.search(on, self.server.asked[-1])]
        if refused:
            return _Answer.error(*refused[0])
        match (scope["method"], path.split("/")):
            case ("GET", ["", "api", ("v1" | "v2") as which, "instance"]):
                return await self.instance(scope, which)
            case ("GET", ["", "nodeinfo", "2.0"]):
                return await self.nodeinfo(scope)
            case ("GET", ["", "api", "v1", "apps", "verify_credentials"]) if known and self.rules.scopes is not None:
                told = {"name": "x", "scopes": self.rules.scopes}
                return _Answer(200, json.dumps(told).encode(), [(b"content-type", b"application/json")])
            case ("POST", ["", "api", "v1" | "v2", "media"]) if known:
                return await self.upload(scope, body)
            case ("GET", ["", "api", "v1", "media", media]):
                return await self.media(scope, media, known)
            case ("POST", ["", "api", "v1", "statuses"]) if known:
                return await self.status(scope, body, known)
            case ("GET", ["", "api", "v1", "statuses", _, "source"]) if self.rules.mode in ("no source", "Pixelfed"):
                return _Answer.error(404, "Not Found")
            case ("GET", ["", "api", "v1", "accounts", _, "statuses"]) if not known:
                return _Answer.error(401, "The access token is invalid")
            case ("GET", ["", "api", "v1", "accounts", _, "statuses"]) if self.rules.mode == "Pixelfed":
                query = re.sub(rb"(^|&)since_id=[^&]*", b"", scope["query_string"])  # which it does not know
                return await self.through({**scope, "query_string": query.lstrip(b"&")}, body)
        return await self.through(scope, body)

    def account(self, scope: Scope) -> int:
        """The id of the account whose token came; 0 without one."""
        given = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        with self.server.app.state.session_factory() as db:
            return db.scalar(select(OAuthToken.account_id).where(OAuthToken.access_token == given)) or 0

    async def through(self, scope: Scope, body: bytes, **headers: str | None) -> _Answer:
        """The mock's answer; `headers` are put in the place of those that came, None takes one out."""
        names = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        kept = [(n, v) for n, v in scope["headers"] if n not in names]
        kept += [(n, v.encode()) for n, v in names.items() if v is not None]
        answer = _Answer(0, b"", [])
        parts = [{"type": "http.request", "body": body, "more_body": False}]
        gone = asyncio.Event()

        async def receive() -> MutableMapping[str, Any]:
            if parts:
                return parts.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(part: MutableMapping[str, Any]) -> None:
            if part["type"] == "http.response.start":
                answer.status, answer.headers = part["status"], list(part["headers"])
            else:
                answer.body += part.get("body", b"")

        try:
            await self.server.app({**scope, "headers": kept}, receive, send)
        except Exception:
            if not answer.status:  # else it has answered 500, as for the key of a post that was deleted
                raise
        gone.set()
        return answer

    async def instance(self, scope: Scope, which: str) -> _Answer:
        if which == "v2" and self.rules.mode == "no instance v2":
            return _Answer.error(404, "Not Found")
        answer = await self.through(scope, b"")
        told = json.loads(answer.body)
        told["version"] = {
            "ignores the key": "0.20.3+git-0000000",
            "Pixelfed": "3.5.3 (compatible; Pixelfed 0.12.6)",
            "no instance v2": "3.5.19",
        }.get(self.rules.mode, self.rules.version)
        if self.rules.mode in (*KEYLESS, "no instance v2"):
            told.pop("api_versions", None)
        told["configuration"]["statuses"]["max_characters"] = self.rules.max_characters
        told["configuration"]["media_attachments"]["description_limit"] = self.rules.description_limit
        if self.rules.mode == "ignores the key":
            told["configuration"]["statuses"]["characters_reserved_per_url"] = 25
        answer.body = json.dumps(told).encode()
        return answer

    async def nodeinfo(self, scope: Scope) -> _Answer:
        answer = await self.through(scope, b"")
        told = json.loads(answer.body)
        if self.rules.mode == "ignores the key":
            told["software"] = {"name": "gotosocial", "version": "0.20.3+git-0000000"}
        answer.body = json.dumps(told).encode()
        return answer

    async def upload(self, scope: Scope, body: bytes) -> _Answer:
        alt = re.search(rb'name="description"\r\n\r\n(.*?)\r\n--', body, re.DOTALL)
        if alt and len(alt[1].decode()) > self.rules.description_limit:
            words = f"Validation failed: Description is too long (maximum is {self.rules.description_limit} characters)"
            return _Answer.error(422, words)
        answer = await self.through(scope, body)
        if answer.status != 200:
            return answer
        told = json.loads(answer.body)
        if self.rules.alt_kept is not None:
            told["description"] = (told["description"] or "")[: self.rules.alt_kept] or None
            with self.server.app.state.session_factory() as db:
                db.get(MediaAttachment, int(told["id"])).description = told["description"]
                db.commit()
        if not self.rules.alt_told:
            told["description"] = None
        answer.body = json.dumps(told).encode()
        if self.rules.mode == "slow media":
            self.polled[told["id"]] = self.rules.polls
            answer = _Answer(202, json.dumps({**told, "url": None}).encode(), answer.headers)
        return answer

    async def media(self, scope: Scope, media: str, known: int) -> _Answer:
        row = self.row(media)
        if not known:
            return _Answer.error(401, "The access token is invalid")
        attached = row is not None and row.status_id is not None and self.rules.mode != "ignores the key"
        if row is None or row.account_id != known or attached:
            return _Answer.error(404, "Record not found")
        if self.rules.unusable:
            return _Answer.error(422, "Error processing thumbnail for uploaded media")
        answer = await self.through(scope, b"")
        if self.polled.get(media, 0):
            self.polled[media] -= 1
            return _Answer(206, json.dumps({**json.loads(answer.body), "url": None}).encode(), answer.headers)
        return answer

    def row(self, media: str) -> Any:  # noqa: ANN401
        with self.server.app.state.session_factory() as db:
            return db.get(MediaAttachment, int(media)) if media.isdigit() else None

    async def status(self, scope: Scope, body: bytes, known: int) -> _Answer:
        """A new post. One after the other, as Mastodon's lock sees to since 4.6."""
        await asyncio.to_thread(self.posting.acquire)
        try:
            given = dict(scope["headers"]).get(b"idempotency-key", b"").decode()
            key = "" if self.rules.mode in KEYLESS else given
            now = time.time() + self.rules.clock
            first, used = self.keys.get(key, ("", 0.0))
            repeated = bool(key and first and now - used < KEY_LIFE)
            if repeated:
                return await self.again(scope, body, first)
            wrong = self.wrong(parse_qs(body.decode()), known)
            if wrong:
                return wrong
            told = f"{key}.{len(self.keys)}.{now}" if key else None
            if self.rules.loses_pictures:
                body = re.sub(rb"(^|&)media_ids%5B%5D=\d+", b"", body)
            answer = await self.through(scope, body, idempotency_key=told)
            if answer.status == 200 and key and told:
                self.keys[key] = (told, now)
            return answer
        finally:
            self.posting.release()

    async def again(self, scope: Scope, body: bytes, first: str) -> _Answer:
        if self.rules.mode == "500 on a repeated key":
            return _Answer.error(500, "Internal Server Error")
        before = len(self.server.posts())
        answer = await self.through(scope, body, idempotency_key=first)
        if answer.status != 200 or len(self.server.posts()) != before:  # its post was deleted
            return _Answer.error(404, "Record not found")
        return answer

    def wrong(self, given: dict[str, list[str]], known: int) -> _Answer | None:
        """What Mastodon, or GoToSocial in its mode, refuses."""
        gts = self.rules.mode == "ignores the key"
        parent = given.get("in_reply_to_id", [""])[0]
        if parent and parent not in {str(row.id) for row, _ in self.server.posts()}:
            return _Answer.error(404, "The post you're trying to reply to does not appear to exist.")
        length = len(given.get("status", [""])[0]) + len(given.get("spoiler_text", [""])[0])
        if length > self.rules.max_characters:
            text = f"Validation failed: Text character limit of {self.rules.max_characters} exceeded"
            return (
                _Answer.error(400, "Bad Request: text with spoiler exceed max chars")
                if gts
                else _Answer.error(422, text)
            )
        for one in given.get("media_ids[]", []):
            row = self.row(one)
            if row is None or row.account_id != known:
                text = f"Media {one} not found or already attached to another post"
                return _Answer.error(400, f"Bad Request: media not found: {one}") if gts else _Answer.error(422, text)
            if row.status_id is not None:
                text = f"Media {one} not found or already attached to another post"
                used = f"Bad Request: media already attached to status: {one}"
                return _Answer.error(400, used) if gts else _Answer.error(422, text)
            if self.polled.get(one, 0):
                words = (
                    "Validation failed: Cannot attach files that have not finished processing. Try again in a moment!"
                )
                return _Answer.error(422, words)
        return None
