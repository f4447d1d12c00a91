"""A proxy on loopback before one server: it cuts, loses, replaces and holds back what the plan names.

What is in no plan passes as it is: the client's Host and every other header, but that the upstream is asked for a plain
body (so that there is something to cut), on a connection of its own. It never tries anything twice. An upstream that
cannot be reached looks to the client like one that closed the connection.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import select
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

UPSTREAM = 60.0  # seconds that the upstream may take
HANG_MOST = 300.0  # seconds; a client that has no timeout is let go then
PAGE = b"<!DOCTYPE html>\n<html><head><title>Something went wrong</title></head><body><h1>Sorry</h1></body></html>\n"
TOO_MANY = json.dumps(
    {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded", "title": "Too Many Requests", "status": 429}
).encode()
STATUSES = ("500", "502", "503", "504", "520", "408")
FORWARDED = (
    "lost", "reset", "half", "hang", *STATUSES, "broken-json", "null", "list", "html", "redirect", "garbage-limits",
)  # fmt: skip
KEPT_FROM_IT = (
    "drop", "hang-before", *(f"not-{status}" for status in STATUSES), "not-html", "not-redirect",
    "429-garbage", "429-bare", "429-html",
)  # fmt: skip
HOW = (*FORWARDED, *KEPT_FROM_IT)
SILENT = ("drop", "lost", "reset", "hang", "hang-before")
HOP = ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
LIMIT = re.compile(r"rate-?limit|retry-after", re.IGNORECASE)
GARBAGE = [
    (f"{family}-{name}", value)
    for family in ("X-RateLimit", "RateLimit", "X-Rate-Limit")
    for name, value in (("Limit", "many"), ("Remaining", "0"), ("Reset", "soon"))
] + [("Retry-After", "a while")]
type_of = {PAGE: "text/html; charset=utf-8"}.get


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to which requests."""

    how: str  # one of HOW
    on: str = "POST "  # regex, searched in "METHOD /path?query"
    times: int = 1  # so many matching requests
    skip: int = 0  # after letting so many matching ones pass

    def __post_init__(self) -> None:
        if self.how not in HOW:
            raise ValueError(self.how)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came, and what became of it."""

    method: str
    path: str  # with the query
    status: int  # as the client is told; 0 when it is told none
    how: str  # of the fault; "" when it passed as it was, "down" when the upstream did not answer
    body: bytes  # of the request
    headers: Message  # of the request; looked up in any case
    forwarded: bool = True
    upstream: int = 0  # the status that the upstream answered; 0 when it was not asked or did not answer


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its headers and a body in one piece."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def of(cls, status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
        return cls(status, [("Content-Type", type_of(body) or "application/json"), *headers], body)

    def packed(self, method: str = "GET") -> bytes:
        reason = http.client.responses.get(self.status, "Unknown")
        bare = self.status in (204, 304) or self.status < 200
        length = [] if bare or method == "HEAD" else [("Content-Length", str(len(self.body)))]
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in [*self.headers, *length])]
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + (b"" if bare or method == "HEAD" else self.body)


class Cutting:
    """A threaded HTTP/1.1 proxy on loopback before one upstream base URL."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self.on_fault: Callable[[Fault, Seen], None] | None = None  # after forwarding, before the fault is acted out
        self.closing = threading.Event()
        self._seen: list[Seen] = []
        self._plan: list[list[Any]] = []  # fault, still to skip, still to act out
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.cutting = self
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def seen(self) -> list[Seen]:
        """What came, in order; a copy. A request is in it before its answer goes out."""
        with self._lock:
            return list(self._seen)

    def plan(self, *faults: Fault) -> None:
        """Replace the plan. A request goes to the first fault that matches; those after it do not count it."""
        with self._lock:
            self._plan = [[fault, fault.skip, fault.times] for fault in faults]

    def forget(self) -> None:
        """Empty `seen`."""
        with self._lock:
            self._seen.clear()

    def close(self) -> None:
        """Stop, and close what hangs."""
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._server.server_port), 5).close()  # wakes `_serve`
        self._thread.join(5)
        self._server.server_close()
        self._server.close_all()

    def _serve(self) -> None:
        while not self.closing.is_set():  # no polling: a test run may have hundreds of these at rest
            self._server.handle_request()

    def taken(self, method: str, path: str) -> Fault | None:
        """The fault of the plan that this request meets."""
        with self._lock:
            for entry in self._plan:
                fault, skip, times = entry
                if not times or not re.search(fault.on, f"{method} {path}"):
                    continue
                if skip:
                    entry[1] -= 1
                    continue
                entry[2] -= 1
                return fault  # type: ignore[no-any-return]
        return None

    def note(self, seen: Seen) -> Seen:
        with self._lock:
            self._seen.append(seen)
        return seen


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    cutting: Cutting

    def __init__(self, *args: Any) -> None:  # noqa: ANN401
        super().__init__(*args)
        self.open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Close, without the polite shutdown: it would come before a reset."""
        self.open.discard(request)
        request.close()

    def close_all(self) -> None:
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Clients that went away are what this is about; anything else is printed."""
        import sys  # noqa: PLC0415

        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        cutting, body = self.server.cutting, self._body()
        fault = cutting.taken(self.command, self.path)
        how = fault.how if fault else ""
        forwarded = how not in KEPT_FROM_IT
        came = _forward(cutting.upstream, self.command, self.path, self.headers, body) if forwarded else None
        answer = _answer(how, came)
        how = how or ("" if came else "down")
        status = answer.status if answer else 0
        seen = cutting.note(
            Seen(self.command, self.path, status, how, body, self.headers, forwarded, came.status if came else 0)
        )
        if fault and cutting.on_fault:
            cutting.on_fault(fault, seen)
        self._tell(how, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _any  # noqa: N815

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _tell(self, how: str, answer: Answer | None) -> None:
        self.close_connection = self.close_connection or answer is None or how == "half"
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how in ("hang", "hang-before"):
            self._wait_for_the_client()
        elif answer:
            packed = answer.packed(self.command)
            cut = len(packed) - len(answer.body) + len(answer.body) // 2 if answer.body else len(packed) // 2
            self.connection.sendall(packed[:cut] if how == "half" else packed)

    def _wait_for_the_client(self) -> None:
        """Until it closes its end."""
        for _ in range(int(HANG_MOST / 0.05)):
            if self.server.cutting.closing.is_set():
                return
            ready, _, _ = select.select([self.connection], [], [], 0.05)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Say nothing."""


def _forward(upstream: str, method: str, path: str, headers: Message, body: bytes) -> Answer | None:
    """What the upstream answers; None when it does not, or not to the end."""
    place = urlsplit(upstream)
    link = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=UPSTREAM)
    try:
        link.putrequest(method, place.path + path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() not in (*HOP, "accept-encoding", "content-length", "expect"):
                link.putheader(name, value)
        link.putheader("Accept-Encoding", "identity")
        link.putheader("Connection", "close")
        if body or "content-length" in headers or "transfer-encoding" in headers:
            link.putheader("Content-Length", str(len(body)))
        link.endheaders(body)
        came = link.getresponse()
        kept = [(n, v) for n, v in came.getheaders() if n.lower() not in (*HOP, "content-length")]
        return Answer(came.status, kept, came.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        link.close()


def _answer(how: str, came: Answer | None) -> Answer | None:
    """What the client is told; None when it is told nothing."""
    if how in SILENT or (came is None and how not in KEPT_FROM_IT):
        return None
    status = how.removeprefix("not-")
    if status in STATUSES:
        return Answer.of(int(status), PAGE)
    if status == "html":
        return Answer.of(200, PAGE)
    if status == "redirect":
        return Answer.of(302, PAGE, ("Location", "/elsewhere"))
    if how.startswith("429"):
        body = {"429-garbage": TOO_MANY, "429-bare": b"", "429-html": PAGE}[how]
        return Answer.of(429, body, *(GARBAGE if how == "429-garbage" else ()))
    return _changed(how, came) if came else None


def _changed(how: str, came: Answer) -> Answer:
    """The upstream's own answer, with what the fault does to it."""
    if how == "broken-json":
        return Answer(came.status, came.headers, came.body[: len(came.body) // 2] or b"{")
    if how in ("null", "list"):
        kept = [(n, v) for n, v in came.headers if n.lower() != "content-type"]
        body = b"null" if how == "null" else b"[]"
        return Answer(came.status, [("Content-Type", "application/json"), *kept], body)
    if how == "garbage-limits":
        return Answer(came.status, [*((n, v) for n, v in came.headers if not LIMIT.search(n)), *GARBAGE], came.body)
    return came
