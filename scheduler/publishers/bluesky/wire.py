"""The calls to a Bluesky server, over the SDK: each sent once, on a connection of its own, no redirect followed.

Imports the SDK; so the adapter imports this module inside `connect`. The SDK's own client renews its session inside
any call and raises for answers that it cannot read, even after a success; so this uses the client below it
(`ClientBase`, without a session), and hands back what came as a value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
from atproto_client import models
from atproto_client.client.base import ClientBase
from atproto_client.request import RequestBase, Response

from scheduler.publishers import _timing
from scheduler.publishers.bluesky.answers import Answer, Reply, Silence

if TYPE_CHECKING:
    from collections.abc import Mapping

POSTS = "app.bsky.feed.post"
JSON = "application/json"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
HIDDEN = b"[hidden]"


def create_session(server: str, identifier: str, password: str) -> Reply:
    """Sign in with a password."""
    fields = {"identifier": identifier, "password": password}
    return _post(server, "com.atproto.server.createSession", _packed(fields), hide=password)


def refresh_session(server: str, refresh: str) -> Reply:
    """Trade a refresh token for new tokens."""
    return _post(server, "com.atproto.server.refreshSession", token=refresh)


def upload_blob(server: str, access: str, packed: bytes, mime: str) -> Reply:
    """Leave the bytes of a picture; the same bytes always get the same name."""
    read = _timing.UPLOAD
    return _post(server, "com.atproto.repo.uploadBlob", packed, token=access, mime=mime, read=read)


def create_record(server: str, access: str, repo: str, rkey: str, record: Mapping[str, Any]) -> Reply:
    """Make the post public."""
    fields = {"repo": repo, "collection": POSTS, "rkey": rkey, "record": record}
    return _post(server, "com.atproto.repo.createRecord", _packed(fields), token=access)


def get_record(server: str, repo: str, rkey: str) -> Reply:
    """Read a post back; anybody may."""
    params = models.ComAtprotoRepoGetRecord.Params(repo=repo, collection=POSTS, rkey=rkey)
    return _sent(ClientBase(server, _Once()).invoke_query, "com.atproto.repo.getRecord", params=params)


def resolve_handle(server: str, handle: str) -> Reply:
    """Ask who has a handle."""
    params = models.ComAtprotoIdentityResolveHandle.Params(handle=handle)
    return _sent(ClientBase(server, _Once()).invoke_query, "com.atproto.identity.resolveHandle", params=params)


def _post(
    server: str, method: str, body: bytes = b"", *, token: str = "", mime: str = JSON, read: float = 0.0, hide: str = ""
) -> Reply:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body:
        headers["Content-Type"] = mime
    client = ClientBase(server, _Once(read))
    return _sent(client.invoke_procedure, method, hide=token or hide, content=body, headers=headers)


def _sent(call: Any, method: str, *, hide: str = "", **named: Any) -> Reply:  # noqa: ANN401  the SDK's own signatures
    """What came; whatever is raised becomes a Silence, without words that may hold what was sent."""
    try:
        came = call(method, **named)
    except NEVER_LEFT as error:
        return Silence(never_left=True, detail=f"{type(error).__name__}: {error}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Silence(never_left=False, detail=type(error).__name__)
    body = came.content.replace(hide.encode(), HIDDEN) if hide and not came.success else came.content
    return Answer(came.status_code, body, came.headers)


class _Once(RequestBase):  # type: ignore[misc,unused-ignore]
    """The SDK's requests, sent once and never raising for a status."""

    def __init__(self, read: float = 0.0) -> None:
        super().__init__()
        self._read = read

    def get(self, **named: Any) -> Response:  # noqa: ANN401
        return self._send("GET", **named)

    def post(self, **named: Any) -> Response:  # noqa: ANN401
        return self._send("POST", **named)

    def _send(self, verb: str, *, url: str, headers: dict[str, str], **named: Any) -> Response:  # noqa: ANN401
        read = self._read or _timing.READ
        limits = httpx.Timeout(connect=_timing.CONNECT, read=read, write=read, pool=_timing.CONNECT)
        named.pop("data", None)

        def once() -> httpx.Response:
            with httpx.Client(timeout=limits, follow_redirects=False) as client:
                return client.request(verb, url, headers=self.get_headers(headers), **named)

        came = _timing.within(_timing.CONNECT + read + _timing.GRACE, once, httpx.ReadTimeout("no whole answer"))
        lower = {name.lower(): value for name, value in came.headers.items()}
        return Response(came.is_success, came.status_code, came.content, lower)


def _packed(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
