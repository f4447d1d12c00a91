"""What the store hands out and takes, beside the values of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.model import Delivery, Message
    from scheduler.outcomes import Decision


@dataclass(frozen=True, slots=True)
class Pause:
    """The whole campaign stands still."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's word for one exact message."""

    digest: str
    post: str
    account: str
    by: str
    at: datetime
    note: str
    voided_at: datetime | None
    voided_why: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the queue knows of an account."""

    name: str
    enabled: bool
    wait_until: datetime | None
    stopped: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is now ours to publish, its open attempt, and what to send."""

    delivery: Delivery
    attempt: int
    message: Message  # of the part that is next
    earlier: Mapping[str, Any] | None = None  # what was prepared for the last attempt at that part


@dataclass(frozen=True, slots=True)
class Saved:
    """What `prepare` gave, to be saved before `publish`."""

    claim: Claim
    prepared: Mapping[str, Any]

    @property
    def delivery(self) -> Delivery:
        """The row it belongs to."""
        return self.claim.delivery

    @property
    def attempt(self) -> int:
        """The open attempt."""
        return self.claim.attempt


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt, or the settling of one, ended."""

    delivery: Delivery
    attempt: int | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction of the daemon did."""

    saved: frozenset[int]  # deliveries whose prepared state is durable: they may be published
    recorded: frozenset[int]  # deliveries whose results were taken; the others belong to a newer claim
    claimed: tuple[Claim, ...]
    paused: bool = False  # nothing was saved, so that nothing is sent
