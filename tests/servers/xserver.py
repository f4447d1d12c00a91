"""X for tests: a server on loopback that keeps X's rules as strictly as they are known, and counts what became public.

Starlette on uvicorn, in a thread. OAuth 1.0a signatures are really verified, over the addresses of api.twitter.com that
tweepy signs. Each request's and each answer's JSON is read with the models of X's own `xdk`; what they do not know, or
miss, is kept in `violations`. X's problem documents are as seen in the wild (docs/networks.md).
"""

from __future__ import annotations

import atexit
import base64
import binascii
import html
import json
import secrets
import socket
import threading
import time
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import uvicorn
from oauthlib.common import Request as Signed  # type: ignore[import-untyped]
from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from twitter_text import extract_urls_with_indices, parse_tweet
from xdk import schemas  # type: ignore[import-untyped]

from tests.servers.cutting import Cutting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request

OWN = "https://api.twitter.com"
PROBLEM = "https://api.twitter.com/2/problems"
FIRST_ID = 1_990_000_000_000_000_000
POST_FIELDS = ("created_at", "entities", "attachments", "id", "text", "author_id", "lang")
FLOOD = "Too Many Requests"
MOST = 32  # servers that run at a time


@dataclass
class Post:
    """What became public."""

    id: str
    text: str  # as it was sent
    media: tuple[str, ...]
    reply_to: str
    at: datetime
    shown: str  # as the API gives it: shortened links, three signs escaped, white space at the ends gone
    urls: list[dict[str, Any]]
    unseen_reads: int = 0  # reads of the timeline that still will not show it


@dataclass
class Upload:
    """A picture that waits for its post."""

    id: str
    raw: bytes
    alt: str = ""
    used: bool = False


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = dict(body)


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> Refusal:  # noqa: ANN401
    return Refusal(status, {"title": title, "detail": detail, "type": kind, "status": status, **more})


def invalid(parameter: str, value: str, message: str) -> Refusal:
    errors = [{"parameters": {parameter: [value]}, "message": message}]
    detail = "One or more parameters to your request was invalid."
    return Refusal(
        400, {"errors": errors, "title": "Invalid Request", "detail": detail, "type": f"{PROBLEM}/invalid-request"}
    )


def at(root: Path) -> tuple[XServer, Cutting]:
    """The server of that root, and the cutting proxy before it; the same ones while at most `MOST` roots are in use."""
    key = root.resolve()
    if key not in _running:
        if len(_running) >= MOST:
            _close(next(iter(_running)))
        server = XServer()
        _running[key] = server, Cutting(server.url)
    return _running[key]


def _close(root: Path) -> None:
    server, proxy = _running.pop(root)
    proxy.close()
    server.close()


def _close_all() -> None:
    for root in list(_running):
        _close(root)


_running: dict[Path, tuple[XServer, Cutting]] = {}
atexit.register(_close_all)


@dataclass(repr=False)  # a failing test prints what it holds: no secrets
class XServer:
    """One account at X at a time. The flags are the moods of the server; they may be changed at any time."""

    username: str = "LanternProject"
    user_id: str = "1700000000000000042"
    consumer_key: str = field(default_factory=lambda: f"ck{secrets.token_hex(12)}")
    consumer_secret: str = field(default_factory=lambda: f"cs{secrets.token_hex(24)}")
    access_token: str = field(default_factory=lambda: f"42-at{secrets.token_hex(20)}")
    access_token_secret: str = field(default_factory=lambda: f"ats{secrets.token_hex(21)}")

    duplicates: bool = True  # whether a text that was there within `window` is refused
    window: timedelta = timedelta(hours=12)
    media_once: bool = True  # whether an upload can be used by one post only
    no_credit: bool = False
    suspended: bool = False
    revoked: bool = False
    protected: bool = False
    access: str = "read-write"  # the header x-access-level; empty: not sent
    hidden_seconds: float = 0  # how long a new post is not in the timeline
    hidden_reads: int = 0  # how many reads of the timeline do not show a new post
    page: int = 100  # the most posts on a page
    fields: tuple[str, ...] = ("tweet.fields", "post.fields")  # by which names the posts' fields may be asked for
    limit_until: float | None = None  # Unix seconds: until then each post is refused with 429
    remaining: int = 99
    broken: Callable[[str, str], Response | None] | None = None  # an answer instead of ours, by method and path

    posts: list[Post] = field(default_factory=list)
    others: dict[str, list[Post]] = field(default_factory=dict)  # user id → the posts of an account that it was before
    uploads: dict[str, Upload] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # "METHOD /path"
    signatures: list[str] = field(default_factory=list)  # each that was sent: no log may hold one
    pins: dict[str, str] = field(default_factory=dict)  # request token → PIN

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}  # request token → its secret
        self._nonces: set[str] = set()
        self._number = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [
            ("GET", "/2/users/me", self._me),
            ("POST", "/2/media/upload", self._upload),
            ("POST", "/2/media/metadata", self._metadata),
            ("POST", "/2/tweets", self._post),
            ("GET", "/2/users/{user}/tweets", self._timeline),
            ("POST", "/oauth/request_token", self._request_token),
            ("POST", "/oauth/access_token", self._access_token),
        ]
        app = Starlette(
            routes=[
                *(Route(path, self._route(do), methods=[method]) for method, path, do in routes),
                Route("/oauth/authorize", self._authorize, methods=["GET"]),
            ]
        )
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.005)

    def close(self) -> None:
        """Stop; uvicorn closes the socket, within a tenth of a second."""
        self._server.should_exit = True

    @property
    def secrets(self) -> dict[str, str]:
        """What an account needs to get in."""
        return {
            name: getattr(self, name)
            for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        }

    def public(self) -> list[tuple[str, tuple[str, ...]]]:
        """Text and alt texts of each post, the oldest first."""
        with self._lock:
            return [(post.text, tuple(self.uploads[media].alt for media in post.media)) for post in self.posts]

    def put(self, text: str, *, ago: timedelta = timedelta(0), media: tuple[str, ...] = ()) -> Post:
        """A post that a person makes by hand, some time ago."""
        with self._lock:
            return self._stored(text, media, "", datetime.now(UTC) - ago)

    def become(self, username: str, user_id: str) -> None:
        """Be another account from now on, with tokens of its own; what the one before has posted stays readable."""
        with self._lock:
            self.others[self.user_id], self.posts = self.posts, []
            self.username, self.user_id = username, user_id
            self.access_token = f"42-at{secrets.token_hex(20)}"
            self.access_token_secret = f"ats{secrets.token_hex(21)}"

    def limited(self, reset: float) -> None:
        """Refuse each post with 429 until then (Unix seconds)."""
        self.limit_until = reset

    def delay_timeline(self, *, seconds: float = 0, reads: int = 0) -> None:
        """Keep new posts out of the timeline for so long, or for so many reads of it."""
        self.hidden_seconds, self.hidden_reads = seconds, reads

    # Requests and answers

    def _route(self, do: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            return await run_in_threadpool(self._answer, do, request, body)

        return answer

    def _answer(self, do: Callable[[Request, bytes], Response], request: Request, body: bytes) -> Response:
        with self._lock:
            self.requests.append(f"{request.method} {request.url.path}")
            broken = self.broken(request.method, request.url.path) if self.broken else None
            try:
                answer = do(request, body)
            except Refusal as refusal:
                answer = JSONResponse(refusal.body, refusal.status)
            answer = broken or answer
            self._say_limits(answer)
            return answer

    def _say_limits(self, answer: Response) -> None:
        reset = self.limit_until if self.limit_until is not None else time.time() + 900
        remaining = 0 if answer.status_code == 429 else self.remaining
        answer.headers.update(
            {
                "x-rate-limit-limit": "100",
                "x-rate-limit-remaining": str(remaining),
                "x-rate-limit-reset": str(int(reset)),
                **({"x-access-level": self.access} if self.access else {}),
            }
        )

    def _signed(self, request: Request, body: bytes) -> dict[str, str]:
        """The OAuth parameters of a request; Refusal unless its signature is right, fresh and of a living token."""
        uri = OWN + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if not request.headers.get("authorization", "").startswith("OAuth "):
            raise problem(401, "Unauthorized", "Unauthorized")
        header = {"Authorization": request.headers["authorization"]}
        form = body.decode() if "form-urlencoded" in request.headers.get("content-type", "") else ""
        given = dict(signature.collect_parameters(headers=header, exclude_oauth_signature=False, with_realm=False))
        self.signatures.append(given.get("oauth_signature", ""))
        signed = Signed(uri, request.method, form, header)
        signed.params = signature.collect_parameters(uri_query=request.url.query, body=form, headers=header)
        signed.signature = given.get("oauth_signature", "")
        token = given.get("oauth_token", "")
        known = {self.access_token: self.access_token_secret, "": "", **self._tokens}
        right = given.get("oauth_consumer_key") == self.consumer_key and token in known
        right = right and signature.verify_hmac_sha1(signed, self.consumer_secret, known.get(token, ""))
        fresh = abs(int(given.get("oauth_timestamp", "0")) - time.time()) < 300
        once = given.get("oauth_nonce", "") not in self._nonces
        self._nonces.add(given.get("oauth_nonce", ""))
        if not (right and fresh and once) or (self.revoked and token == self.access_token):
            raise problem(401, "Unauthorized", "Unauthorized")
        return given

    def _as_user(self, request: Request, body: bytes) -> None:
        if self._signed(request, body).get("oauth_token") != self.access_token:
            raise problem(401, "Unauthorized", "Unauthorized")
        if self.no_credit:
            detail = "Your enrolled account does not have any credits to fulfill this request."
            raise problem(402, "CreditsDepleted", detail, "https://api.x.com/2/problems/credits")

    def _may_write(self, request: Request, body: bytes) -> None:
        self._as_user(request, body)
        if self.suspended:
            raise problem(403, "Forbidden", "Your account is suspended and is not permitted to access this feature.")
        if self.access == "read":
            detail = "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
            raise problem(403, "Forbidden", detail, f"{PROBLEM}/oauth1-permissions")

    def _taken(self, model: Any, body: bytes, what: str) -> dict[str, Any]:  # noqa: ANN401
        try:
            value = json.loads(body)
        except ValueError:
            self.violations.append(f"{what}: no JSON: {body[:80]!r}")
            raise invalid("body", "", "No JSON.") from None
        self._read_with(model, value, what)
        return dict(value)

    def _read_with(self, model: Any, value: object, what: str) -> None:  # noqa: ANN401
        try:
            self.violations += [f"{what}: {extra}" for extra in extras(model.model_validate(value, strict=True))]
        except ValueError as error:
            self.violations.append(f"{what}: {error}")

    def _told(self, model: Any, value: dict[str, Any], status: int = 200) -> Response:  # noqa: ANN401
        self._read_with(model, value, model.__name__)
        return JSONResponse(value, status)

    # What X does

    def _me(self, request: Request, body: bytes) -> Response:
        self._as_user(request, body)
        asked = request.query_params.get("user.fields", "").split(",")
        user: dict[str, Any] = {"id": self.user_id, "name": "Lantern Project", "username": self.username}
        if "protected" in asked:
            user["protected"] = self.protected
        return self._told(schemas.GetUsersMeResponse, {"data": user})

    def _upload(self, request: Request, body: bytes) -> Response:
        self._may_write(request, body)
        value = self._taken(schemas.MediaUploadRequest, body, "MediaUploadRequest")
        try:
            raw = base64.b64decode(str(value.get("media", "")), validate=True)
        except binascii.Error:
            raise invalid("media", "", "The media is not base64.") from None
        if not raw.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")) or len(raw) > 5_000_000:
            raise invalid("media", "", "Media type unrecognized, or media too large.")
        made = Upload(self._next(), raw)
        self.uploads[made.id] = made
        data = {"id": made.id, "media_key": f"3_{made.id}", "size": len(raw), "expires_after_secs": 86400}
        return self._told(schemas.MediaUploadResponse, {"data": data})

    def _metadata(self, request: Request, body: bytes) -> Response:
        self._may_write(request, body)
        value = self._taken(schemas.CreateMediaMetadataRequest, body, "CreateMediaMetadataRequest")
        made = self.uploads.get(str(value.get("id")))
        alt = str(((value.get("metadata") or {}).get("alt_text") or {}).get("text", ""))
        if made is None:
            raise invalid("id", str(value.get("id")), "The media id is not known.")
        if not 1 <= len(alt) <= 1000:
            raise invalid("metadata.alt_text.text", "", "The alt text must have 1 to 1000 characters.")
        made.alt = alt
        data = {"id": made.id, "associated_metadata": {"alt_text": {"text": alt}}}
        return self._told(schemas.CreateMediaMetadataResponse, {"data": data})

    def _post(self, request: Request, body: bytes) -> Response:
        self._may_write(request, body)
        if self.limit_until is not None and time.time() < self.limit_until:
            raise problem(429, FLOOD, FLOOD)
        value = self._taken(schemas.CreatePostsRequest, body, "CreatePostsRequest")
        text = str(value.get("text") or "")
        media = tuple(str(one) for one in (value.get("media") or {}).get("media_ids", ()))
        reply_to = str((value.get("reply") or {}).get("in_reply_to_tweet_id", ""))
        self._may_be_posted(text, media, reply_to)
        post = self._stored(text, media, reply_to, datetime.now(UTC))
        data = {"id": post.id, "text": post.shown, "edit_history_post_ids": [post.id]}
        return self._told(schemas.CreatePostsResponse, {"data": data}, 201)

    def _may_be_posted(self, text: str, media: tuple[str, ...], reply_to: str) -> None:
        parsed = parse_tweet(text.strip())
        if not parsed.valid:
            raise invalid("text", text[:20], f"The text must count 1 to 280; it counts {parsed.weightedLength}.")
        if reply_to and reply_to not in {post.id for post in self.posts}:
            raise problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
        since = datetime.now(UTC) - self.window
        if self.duplicates and any(_plain(p.text) == _plain(text) for p in self.posts if p.at >= since):
            raise problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        known = [self.uploads.get(one) for one in media]
        if len(media) > 4 or any(one is None or (self.media_once and one.used) for one in known):
            raise invalid("media.media_ids", ",".join(media), "Your media IDs are invalid.")

    def _stored(self, text: str, media: tuple[str, ...], reply_to: str, at: datetime) -> Post:
        number = self._next()
        for one in media:
            self.uploads[one].used = True
        shown, urls = self._as_shown(text, number, media)
        post = Post(number, text, media, reply_to, at, shown, urls, self.hidden_reads)
        self.posts.append(post)
        return post

    def _as_shown(self, text: str, number: str, media: tuple[str, ...]) -> tuple[str, list[dict[str, Any]]]:
        """The text as the API gives it, and where its links lead."""
        plain, urls = _plain(text), list[dict[str, Any]]()
        for found in reversed(extract_urls_with_indices(plain)):
            start, end = found["indices"]
            short = f"https://t.co/{secrets.token_hex(5)}"
            whole = found["url"] if "://" in found["url"] else f"http://{found['url']}"
            urls.insert(0, {"url": short, "expanded_url": whole, "display_url": found["url"][:27]})
            plain = plain[:start] + short + plain[end:]
        shown = html.escape(plain, quote=False)
        if media:
            short = f"https://t.co/{secrets.token_hex(5)}"
            place = f"https://x.com/{self.username}/status/{number}/photo/1"
            urls += [{"url": short, "expanded_url": place, "media_key": f"3_{one}"} for one in media]
            shown = f"{shown} {short}"
        return shown, [
            {"start": shown.index(u["url"]), "end": shown.index(u["url"]) + len(u["url"]), **u} for u in urls
        ]

    def _timeline(self, request: Request, body: bytes) -> Response:
        self._as_user(request, body)
        query = dict(request.query_params)
        allowed = ("start_time", "max_results", "pagination_token", *self.fields)
        for name, value in query.items():
            if name not in allowed:
                raise invalid(name, value, f"The query parameter [{name}] is not one of [{','.join(allowed)}]")
        user = request.path_params["user"]
        posts = self.posts if user == self.user_id else self.others.get(user)
        if posts is None:
            raise problem(404, "Not Found Error", "Could not find user.", f"{PROBLEM}/resource-not-found")
        most = int(query.get("max_results", "10"))
        if not 5 <= most <= 100:
            raise invalid("max_results", str(most), "The `max_results` query parameter value is not between 5 and 100")
        asked = next((query[name].split(",") for name in self.fields if name in query), [])
        if not set(asked) <= set(POST_FIELDS):
            raise invalid("tweet.fields", ",".join(asked), "The query parameter value is not one of the fields.")
        first = int(query.get("pagination_token", "0") or "0")
        since = datetime.fromisoformat(query.get("start_time", "2010-11-06T00:00:00Z"))
        seen = self._seen(posts, since, new=not first)
        size = min(most, self.page)
        shown = seen[first : first + size]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
        if first + size < len(seen):
            meta["next_token"] = str(first + size)
        whole = {"meta": meta, **({"data": [_told(post, asked) for post in shown]} if shown else {})}
        return self._told(schemas.GetUsersPostsResponse, whole)

    def _seen(self, posts: list[Post], since: datetime, *, new: bool) -> list[Post]:
        """What the timeline shows, the newest first; a read of its first page is a read."""
        late = datetime.now(UTC) - timedelta(seconds=self.hidden_seconds)
        seen = [p for p in posts if p.at >= since and not p.unseen_reads and (not self.hidden_seconds or p.at < late)]
        for post in posts if new else ():
            post.unseen_reads = max(0, post.unseen_reads - 1)
        return sorted(seen, key=lambda post: (post.at, post.id), reverse=True)

    # Signing in

    def _request_token(self, request: Request, body: bytes) -> Response:
        given = self._signed(request, body)
        if given.get("oauth_callback") != "oob":
            raise Refusal(403, {"errors": [{"code": 415, "message": "Callback URL not approved for this client."}]})
        token, hidden = secrets.token_urlsafe(20), secrets.token_urlsafe(30)
        self._tokens[token] = hidden
        answer = {"oauth_token": token, "oauth_token_secret": hidden, "oauth_callback_confirmed": "true"}
        return PlainTextResponse(urlencode(answer))

    async def _authorize(self, request: Request) -> Response:
        token = request.query_params.get("oauth_token", "")
        if token not in self._tokens:
            return HTMLResponse("<p>There is no request token for this page.</p>", 403)
        self.pins[token] = f"{secrets.randbelow(10**7):07}"
        return HTMLResponse(f"<p>Enter this PIN: <code>{self.pins[token]}</code></p>")

    def _access_token(self, request: Request, body: bytes) -> Response:
        given = self._signed(request, body)
        token = given.get("oauth_token", "")
        pin = given.get("oauth_verifier") or dict(parse_qsl(body.decode())).get("oauth_verifier")
        if token not in self._tokens or pin is None or self.pins.get(token) != pin:
            return PlainTextResponse("Error processing your OAuth request: Invalid oauth_verifier parameter", 401)
        del self._tokens[token], self.pins[token]
        answer = {"oauth_token": self.access_token, "oauth_token_secret": self.access_token_secret}
        return PlainTextResponse(urlencode({**answer, "user_id": self.user_id, "screen_name": self.username}))

    def _next(self) -> str:
        self._number += 1
        return str(FIRST_ID + self._number)


def extras(model: Any, where: str = "") -> list[str]:  # noqa: ANN401
    """The fields, at any depth, that X's models do not know."""
    if isinstance(model, list):
        return [one for item in model for one in extras(item, where)]
    if not hasattr(model, "model_extra"):
        return []
    here = [f"unknown field {where}{name}" for name in model.model_extra or ()]
    inner = [extras(getattr(model, name), f"{where}{name}.") for name in type(model).model_fields]
    return here + [one for found in inner for one in found]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _told(post: Post, asked: list[str]) -> dict[str, Any]:
    value: dict[str, Any] = {"id": post.id, "text": post.shown, "edit_history_post_ids": [post.id]}
    if "created_at" in asked:
        value["created_at"] = post.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{post.at.microsecond // 1000:03}Z"
    if "entities" in asked and post.urls:
        value["entities"] = {"urls": post.urls}
    if "attachments" in asked and post.media:
        value["attachments"] = {"media_keys": [f"3_{one}" for one in post.media]}
    return value
