"""The sign-in to Bluesky: kept, renewed without a new login, and made anew with the app password as the last resort.

An access token lives two hours, a refresh token 90 days; each use of it gives a new pair, and the old one still works
for two hours. A login is limited (30 in five minutes, 300 a day), so there is none for a post.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.errors import Disconnected, PublishError, Rejected
from scheduler.publishers.bluesky import wire
from scheduler.publishers.bluesky.answers import Answer, Reply, TokenRefused, failure

if TYPE_CHECKING:
    from scheduler.model import Account, Secret

MARGIN = timedelta(minutes=10)  # an access token with less left is renewed before a post is sent
NEW = 300.0  # seconds in which a token cannot have run out, whatever our clock says
WHERE = "Bluesky: Settings, Privacy and security, App passwords"
TOO_MUCH = (
    "This signs in with the account's own password, which may also change and delete the account. "
    f"Make an app password instead ({WHERE})."
)
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session, and where it holds."""

    handle: str
    did: str
    at: str  # the server in the config, where the account signed in,
    by: str  # and as whom
    pds: str  # the server where the account lives
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    active: bool = field(default=True, compare=False)
    status: str = field(default="", compare=False)  # why it is not active

    def packed(self) -> str:
        """As JSON, to be kept as a secret."""
        return json.dumps(asdict(self), separators=(",", ":"))


def unpacked(kept: str, at: str, by: str) -> Tokens | None:
    """The session that was kept; None when it is none, or one of another server or account than config.toml names now.

    A token goes nowhere else, and a post to nobody else.
    """
    try:
        tokens = Tokens(**json.loads(kept))
        whole = all(TOKEN.fullmatch(token) for token in (tokens.access, tokens.refresh))
    except (ValueError, TypeError):
        return None
    return tokens if whole and (tokens.at, tokens.by) == (at, by) and tokens.did and tokens.pds else None


def claims(token: str) -> dict[str, Any]:
    """What a token says of itself; nothing when it cannot be read. Not verified: the server does that."""
    try:
        middle = token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, IndexError):
        return {}
    return read if isinstance(read, dict) else {}


def ends(token: str) -> datetime | None:
    """When a token runs out; None when it does not say."""
    try:
        return datetime.fromtimestamp(claims(token)["exp"], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def sign_in(account: Account, server: str, identifier: str, password: str) -> Tokens:
    """Log in with the app password. Raises Disconnected when it is refused."""
    reply = wire.create_session(server, identifier, password)
    tokens = _tokens(reply, server, identifier, server)
    if tokens:
        return tokens
    if isinstance(reply, Answer) and reply.error == "AuthFactorTokenRequired":
        text = f"This is the account's own password, and Bluesky asks for a code too. Make an app password ({WHERE})."
    elif isinstance(error := failure(reply, account.name, public=False), (TokenRefused, Rejected)):
        text = f"Bluesky does not know {identifier} with this app password. Make a new one ({WHERE})."
        return _refuse(account, text, error.detail)
    else:
        raise error
    return _refuse(account, text, reply.detail)


def _refuse(account: Account, text: str, detail: str) -> Tokens:
    raise Disconnected(f"{text} Then run `campaign login {account.name}`.", detail=detail)


def _tokens(reply: Reply, at: str, by: str, pds: str) -> Tokens | None:
    """The session of an answer; None when there is none in it."""
    if not isinstance(reply, Answer) or not reply.ok:
        return None
    fields = reply.fields
    access, refresh, did = (str(fields.get(name, "")) for name in ("accessJwt", "refreshJwt", "did"))
    if not (TOKEN.fullmatch(access) and TOKEN.fullmatch(refresh) and did.startswith("did:")):
        return None
    active, status = fields.get("active", True) is not False, str(fields.get("status") or "")
    home = _home(pds, fields.get("didDoc"))
    return Tokens(str(fields.get("handle", "")), did, at, by, home, access, refresh, active, status)


def _home(server: str, document: object) -> str:
    """Where the account lives, as its identity document says. A server without https keeps its accounts itself.

    So a token that was given over https never goes out without it, and one of this machine never leaves it.
    """
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) and server.startswith("https://") else ():
        endpoint = service.get("serviceEndpoint") if isinstance(service, dict) else None
        if isinstance(endpoint, str) and endpoint.startswith("https://") and str(service.get("id")).endswith("_pds"):
            return endpoint.rstrip("/")
    return server


class Sessions:
    """The sessions of one account, one after the other. Several threads may use it."""

    def __init__(self, account: Account, server: str, secret: Secret) -> None:
        self._account = account
        self._server = server
        self._secret = secret
        self._lock = threading.RLock()
        self._held: Tokens | None = None
        self._refused = ""  # the access token that the server would not take
        self._mended = ""  # the one that was got in its place,
        self._mended_at = 0.0  # and when, by the monotonic clock

    def __repr__(self) -> str:
        return f"Sessions({self._account.name})"

    @property
    def identifier(self) -> str:
        """The handle or DID that signs in; empty when neither the secrets nor the config name it."""
        return (self._secret.get("identifier") or self._account.handle).strip().lstrip("@")

    def current(self) -> Tokens | None:
        """The newest session that is known, renewed or not; nothing is sent."""
        with self._lock:
            by = self.identifier
            session = self._secret.get("session")
            taken_away = not (session or self._secret.get("app_password"))
            if taken_away or (self._held and self._held.by != by):  # or somebody logged in as another account
                self._held = None
            kept = unpacked(session, self._server, by)
            if kept and (self._held is None or _issued(kept) > _issued(self._held)):
                self._held = kept
            return self._held

    def fresh(self) -> Tokens:
        """A session whose access token will do for a while: renewed when it must be. Raises PublishError."""
        with self._lock:
            tokens = self.current()
            if tokens is None:
                return self._login()
            end = ends(tokens.access)
            if tokens.access != self._refused and end and end - datetime.now(UTC) > MARGIN:
                return tokens
            return self.renewed(tokens)

    def renewed(self, tokens: Tokens | None = None) -> Tokens:
        """A new session, by the refresh token or else the app password. Raises PublishError."""
        with self._lock:
            tokens = tokens or self.current()
            if tokens is None:
                return self._login()
            reply = wire.refresh_session(tokens.pds, tokens.refresh)
            new = _tokens(reply, self._server, tokens.by, tokens.pds)
            if new:
                return self._keep(new)
            error = failure(reply, self._account.name, public=False)
            if not isinstance(error, (TokenRefused, Rejected)):
                raise error
            return self._after_refusal(tokens)

    def _after_refusal(self, tokens: Tokens) -> Tokens:
        """Another process may have renewed it: its session, else a login."""
        other = unpacked(self._secret.get("session"), self._server, self.identifier)
        if other and other.refresh != tokens.refresh and other.access != self._refused:
            self._held = other
            reply = wire.refresh_session(other.pds, other.refresh)
            new = _tokens(reply, self._server, other.by, other.pds)
            if new:
                return self._keep(new)
        return self._login()

    def refused(self, tokens: Tokens, error: TokenRefused) -> PublishError:
        """The server would not take this access token: the next `fresh` gets another, but only once."""
        with self._lock:
            if tokens.access == self._mended and time.monotonic() - self._mended_at < NEW:
                text = f"Bluesky refuses even a new sign-in. Run `campaign login {self._account.name}`."
                return Disconnected(text, detail=error.detail)
            self._refused = tokens.access
            return error

    def _login(self) -> Tokens:
        name, password = self._account.name, self._secret.get("app_password")
        if not password:
            raise Disconnected(f"{name} has no app password for Bluesky. Run `campaign login {name}`.")
        if not self.identifier:
            raise Disconnected(f"{name} has no handle. Write it in config.toml, at accounts.{name}.handle.")
        return self._keep(sign_in(self._account, self._server, self.identifier, password))

    def _keep(self, tokens: Tokens) -> Tokens:
        if self._refused:
            self._mended, self._mended_at, self._refused = tokens.access, time.monotonic(), ""
        self._held = tokens
        self._secret.keep("session", tokens.packed())
        return tokens


def _issued(tokens: Tokens) -> float:
    made = claims(tokens.refresh).get("iat")
    return made if isinstance(made, (int, float)) else 0.0


def scope(tokens: Tokens) -> str:
    """With which kind of password it was made: "com.atproto.appPass", or "com.atproto.access" for the account's own."""
    return str(claims(tokens.access).get("scope", ""))


def need_active(tokens: Tokens, account: str) -> None:
    """Raise Disconnected for an account that is switched off or taken down."""
    if not tokens.active:
        why = f" ({tokens.status})" if tokens.status else ""
        text = f"The Bluesky account is not active{why}. Open it in Bluesky's app, then run `campaign login {account}`."
        raise Disconnected(text)
