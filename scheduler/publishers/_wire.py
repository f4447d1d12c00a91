"""requests as the adapters of X and Mastodon need it: timeouts, no redirect, no retry, a fresh connection.

Imports requests; so an adapter imports this module inside `connect`.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProxyError

from scheduler.publishers import _timing
from scheduler.publishers._server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response


AnySession = TypeVar("AnySession", bound=requests.Session)


class Redirected(requests.RequestException):
    """The server sent us elsewhere. A redirected POST is sent again, or turned into a GET: neither is ours to do."""


class Wire(HTTPAdapter):
    """Sends each request once, with a timeout, to `server` where one is given (scheme and host).

    `timeout` is asked at each request: how long it may take, in seconds, to connect and to answer.
    """

    def __init__(self, server: str = "", *, timeout: Callable[[], tuple[float, float]] = _timing.call) -> None:
        super().__init__(max_retries=0)
        self._server = server.rstrip("/")
        self._timeout = timeout

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> Response:  # noqa: ANN401
        """See HTTPAdapter.send. Raises Redirected for a 3xx with a place to go to."""
        if self._server:
            parts = urlsplit(str(request.url))
            request.url = f"{self._server}{parts.path}" + (f"?{parts.query}" if parts.query else "")
            named["proxies"] = _proxies(request.url)
        named["timeout"] = timeout = named.get("timeout") or self._timeout()
        sent = super().send

        def once() -> Response:
            answer = sent(request, *args, **named)
            _ = answer.content  # read here, so that its whole length counts
            return answer

        late = requests.ReadTimeout("no whole answer", request=request)
        response = _timing.within(sum(timeout) + _timing.GRACE, once, late)
        if response.is_redirect:
            response.close()
            raise Redirected(f"{response.status_code} to another address", request=request, response=response)
        return response


def mounted(session: AnySession, wire: Wire) -> AnySession:
    """The session, with every request through `wire`, and no login taken from a .netrc file."""
    for prefix in ("https://", "http://"):
        session.mount(prefix, wire)
    session.auth = session.auth or _as_it_is  # requests looks into .netrc when there is none
    return session


def _proxies(url: str) -> dict[str, str]:
    """The system's proxies for where the request really goes; none for this machine."""
    if urlsplit(url).hostname in LOOPBACK:
        return {}
    return dict(requests.utils.get_environ_proxies(url))


def _as_it_is(request: PreparedRequest) -> PreparedRequest:
    return request


def never_left(error: BaseException) -> bool:
    """Whether an error of requests proves that the request was not sent: no name, no connection, a wrong certificate.

    urllib3 speaks of a proxy's error only until the way through the proxy stands. Any other TLS error may come after
    the request has left.
    """
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL)):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, (NewConnectionError, NameResolutionError, ConnectTimeoutError, ProxyError)):
        return True
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in (reason, *getattr(reason, "args", ())))
