"""Our own failures. A person's mistake in a file is a Problem, not an error.

SchedulerError
├ ConfigError           config.toml cannot be used
├ StoreError            the database cannot be used
│ └ StoreBusy           it is locked by another program; nothing was changed
├ LockHeld              another daemon runs on this database
├ CardError             a card cannot be made
│ └ CardNotSaved        it was drawn, but the disk would not take it
├ Refused               an action that the present state does not allow
└ PublishError          a publisher's verb did not work
  ├ RateLimited         the network asks to wait until `retry_at`
  ├ Unavailable         surely not sent: try again
  ├ Rejected            never again as it is
  ├ Disconnected        the account needs a person; its other deliveries wait
  └ Unconfirmed         it may be out
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SchedulerError(Exception):
    """The root. Its text is a sentence for a person; `detail` is the raw cause, without secrets."""

    def __init__(self, text: str, *, detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.detail = detail


class ConfigError(SchedulerError):
    """config.toml cannot be used."""


class StoreError(SchedulerError):
    """The database cannot be used."""


class StoreBusy(StoreError):
    """The database stayed locked for longer than the busy timeout; nothing was changed."""


class LockHeld(SchedulerError):
    """Another daemon runs on this database."""


class CardError(SchedulerError):
    """A card cannot be made; the text says what does not fit and by how much."""


class CardNotSaved(CardError):
    """The card was drawn, but the disk would not take it."""


class Refused(SchedulerError):
    """The present state does not allow the action; nothing was changed."""


class PublishError(SchedulerError):
    """A publisher's verb did not work. The subclass says what is known about the public."""


class RateLimited(PublishError):
    """Not carried out; the network asks to wait. `retry_at` is aware UTC, or None when it did not say."""

    def __init__(self, text: str, *, retry_at: datetime | None = None, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.retry_at = retry_at


class Unavailable(PublishError):
    """Surely not sent (no connection, refused before sending): try again."""


class Rejected(PublishError):
    """The network will never take the message as it is."""


class Disconnected(PublishError):
    """The account needs a person (revoked, expired, suspended, out of credit)."""


class Unconfirmed(PublishError):
    """The request left and its outcome is not known: it may be out."""
