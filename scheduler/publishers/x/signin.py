"""Connecting an account of X: the app's two keys, an address to open, a PIN.

Imports tweepy and requests; so x.py imports this module inside `login`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import tweepy  # type: ignore[import-untyped]

from scheduler.errors import Disconnected, PublishError, Rejected, Unavailable
from scheduler.publishers._wire import Wire, mounted
from scheduler.publishers.x.talk import Answer, heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.model import Account, Person
    from scheduler.publishers.x.talk import Lost

OWN = "https://api.twitter.com"
HOW = (
    "X gives keys to apps. In X's developer console, open your app (or make one), set its user authentication to "
    "“Read and write”, and copy its API key and secret from “Keys and tokens”."
)


def by_pin(account: Account, person: Person, server: str) -> dict[str, str]:
    """The four secrets of the account. Raises Disconnected, Unavailable or Rejected, without a secret in any text."""
    person.tell(HOW)
    key = person.ask("API key (consumer key):")
    secret = person.ask("API key secret (consumer secret):", hidden=True)
    handler = tweepy.OAuth1UserHandler(key, secret, callback="oob")
    with mounted(handler.oauth, Wire(server)) as session:
        answer, address = _step(session, handler.get_authorization_url)
        if not isinstance(address, str):
            text = "X does not accept the app's API key and secret. Copy both again from X's developer console."
            raise _failed(answer, Disconnected(text))
        person.tell(
            f"Open this address, signed in to X as the account to connect, and allow the app:\n{_at(address, server)}"
        )
        pin = re.sub(r"\s", "", person.ask("PIN that X shows:"))
        answer, tokens = _step(session, lambda: session.fetch_access_token(f"{OWN}/oauth/access_token", verifier=pin))
    if not (isinstance(tokens, dict) and tokens.get("oauth_token") and tokens.get("oauth_token_secret")):
        again = f"Run `campaign login {account.name}` again, and type the PIN that it leads to."
        raise _failed(answer, Rejected(f"X does not accept that PIN: it is mistyped, used or too old. {again}"))
    person.tell(f"X knows the account as @{tokens.get('screen_name', '')}.")
    return {
        "consumer_key": key,
        "consumer_secret": secret,
        "access_token": tokens["oauth_token"],
        "access_token_secret": tokens["oauth_token_secret"],
    }


def _at(address: str, server: str) -> str:
    """The page to open, on the server that the account's settings name."""
    where = urlsplit(address)
    return address if server == OWN else f"{server}{where.path}?{where.query}"


def _step(session: tweepy.auth.OAuth1Session, make: Callable[[], object]) -> tuple[Answer | Lost, object]:
    """X's answer to one step, and what tweepy made of it; None where it could make nothing."""
    made: list[object] = []
    return heard(session, lambda: made.append(make())), made[0] if made else None


def _failed(answer: Answer | Lost, refusal: PublishError) -> PublishError:
    """Why a step gave nothing. The body of an answer is not kept: there are tokens in it."""
    if not isinstance(answer, Answer):
        return Unavailable("X could not be reached. Try again in a while.", detail=answer.what)
    if answer.status in (400, 401, 403):
        refusal.detail = str(answer.status)
        return refusal
    return Unavailable(f"X answered with an error ({answer.status}). Try again in a while.", detail=str(answer.status))
