"""Around every publisher: no secret leaves it in an error, and no error leaves it that is not ours.

The SDKs put requests, headers and addresses into what they raise. So nothing of theirs is kept: what is raised here is
new, without a cause, and its texts were read for secrets first.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.errors import PublishError, RateLimited, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Health, Published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.model import Found, Message, Publisher, Secret

HIDDEN = "[hidden]"
SHORT = 6  # characters: a value that is shorter is no secret, and would blot out words
# At DEBUG some of these write signed headers and tokens, at INFO addresses: they never say so little again.
TALKATIVE = ("tweepy", "oauthlib", "requests_oauthlib", "urllib3", "mastodon", "httpx", "httpcore", "atproto")

_TOKENS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"  # JSON web tokens
    r"|(?i:(?<=bearer )|(?<=basic )|(?<=dpop ))[\w.~+/=-]{6,}"
    r"|(?i:(?<=token=)|(?<=secret=)|(?<=signature=)|(?<=password=)|(?<=code=))[^&\s\"',;]{6,}"
    r"|(?<=oauth_token=\")[^\"]+|(?<=oauth_consumer_key=\")[^\"]+|(?<=oauth_signature=\")[^\"]+"
)


def scrubbed(text: str, secret: Secret | None) -> str:
    """The text without any of the account's secrets, what looks like one, and signs that no database keeps."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    hidden = sorted((v for v in (secret.values() if secret else ()) if len(v) >= SHORT), key=len, reverse=True)
    for value in hidden:
        text = text.replace(value, HIDDEN)
    return _TOKENS.sub(HIDDEN, text)


class Careful:
    """A publisher whose failures are PublishErrors without secrets. What it wraps is in `inner`."""

    def __init__(self, inner: Publisher, secret: Secret | None) -> None:
        self.inner = inner
        self._secret = secret
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **guard: Any) -> dict[str, Any]:  # noqa: ANN401
        """See Publisher. Whatever an SDK raises, nothing is public yet."""
        try:
            return self.inner.prepare(message, images, key, **guard)
        except Exception as error:  # noqa: BLE001
            failure = self._ours(error, Unavailable, "An unexpected error before anything was sent.")
        raise failure

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """See Publisher. An exception never proves that it is not out."""
        try:
            return self._address(self.inner.publish(prepared))
        except Exception as error:  # noqa: BLE001
            failure = self._ours(error, Unconfirmed, "An unexpected error while it was sent.")
        raise failure

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """See Publisher."""
        try:
            found = self.inner.find(prepared)
            if isinstance(found, Published):
                return self._address(found)
            return CannotTell(self._clean(found.reason)) if isinstance(found, CannotTell) else found
        except Exception as error:  # noqa: BLE001
            failure = self._ours(error, Unavailable, "An unexpected error while the account was read.")
        raise failure

    def check(self) -> Health:
        """See Publisher. Never raises."""
        try:
            health = self.inner.check()
            warnings = tuple(self._clean(text) for text in health.warnings)
            who = self._clean(health.who)
            return replace(health, who=who, problem=self._clean(health.problem), warnings=warnings)
        except PublishError as error:
            return Health("", problem=self._clean(error.text))
        except Exception as error:  # noqa: BLE001
            return Health("", problem=self._clean(f"The account could not be asked ({type(error).__name__}: {error})."))

    def _address(self, out: Published) -> Published:
        return replace(out, id=self._clean(out.id), url=self._clean(out.url))

    def _clean(self, text: str) -> str:
        return scrubbed(text, self._secret)

    def _ours(self, error: Exception, kind: type[PublishError], text: str) -> PublishError:
        """Our own error in place of `error`: of `kind`, with `text`, where it is not ours already.

        It is raised after the handler has ended, so that it carries nothing of what the SDK held.
        """
        if isinstance(error, RateLimited):
            return RateLimited(self._clean(error.text), retry_at=error.retry_at, detail=self._clean(error.detail))
        if isinstance(error, PublishError):
            return type(error)(self._clean(error.text), detail=self._clean(error.detail))
        return kind(text, detail=self._clean(repr(error)))
