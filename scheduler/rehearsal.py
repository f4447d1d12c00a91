"""The whole month in fast-forward: the real code on a virtual clock, to stand-ins that enforce the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler import text
from scheduler.errors import Rejected
from scheduler.model import Health, NotThere, Published, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from scheduler.model import Account, Delivery, Found, Image, Limits, Message
    from scheduler.publishing import Publishing
    from scheduler.store import Store


class VirtualClock:
    """A clock that stands until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        """Where it stands."""
        return self._now

    def elapsed(self) -> float:
        """Seconds since it was made."""
        return self._elapsed

    def forward(self, to: datetime) -> None:
        """Move it ahead to `to`."""
        self._elapsed += (to - self._now).total_seconds()
        self._now = to


@dataclass
class StandIn:
    """A network that takes what the real one takes, and keeps it in memory."""

    account: Account
    limits: Limits
    arrived: dict[str, Message] = field(default_factory=dict)

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **_: object) -> dict[str, Any]:
        """Refuse what the network would refuse."""
        too_much = refusals(message, images, self.limits)
        if too_much:
            raise Rejected(" ".join(too_much))
        return {"key": key, "message": message.to_json()}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """Keep it under its key."""
        from scheduler.model import Message  # noqa: PLC0415

        self.arrived[prepared["key"]] = Message.from_json(prepared["message"])
        return self._out(prepared)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Whether it was kept."""
        return self._out(prepared) if prepared["key"] in self.arrived else NotThere()

    def check(self) -> Health:
        """Always well."""
        return Health(self.account.handle or self.account.name)

    def _out(self, prepared: Mapping[str, Any]) -> Published:
        return Published(prepared["key"], f"rehearsal:{self.account.name}/{prepared['key']}")


def refusals(message: Message, images: tuple[bytes, ...], limits: Limits) -> list[str]:
    """What a network with those limits would refuse, one sentence each."""
    found: list[str] = []
    over = text.over(message.text, limits)
    if over:
        found.append(f"The text is {over} too long.")
    if len(images) > limits.images:
        found.append(f"{len(images)} images are more than the {limits.images} it takes.")
    if limits.links is not None and len(text.links(message.text)) > limits.links:
        found.append(f"More than {limits.links} links.")
    for image, data in zip(message.images, images, strict=True):
        found += _image_refusals(image, data, limits)
    return found


def _image_refusals(image: Image, data: bytes, limits: Limits) -> list[str]:
    found: list[str] = []
    if len(data) > limits.image_bytes:
        found.append(f"The image has {len(data):,} bytes; it takes {limits.image_bytes:,}.")
    if image.mime.removeprefix("image/") not in limits.image_formats:
        found.append(f"It does not take {image.mime}.")
    if not limits.ratio_min <= image.width / image.height <= limits.ratio_max:
        found.append(f"It does not take an image of {image.width}×{image.height}.")
    if not image.alt:
        found.append("The image has no alt text.")
    if len(image.alt) > limits.alt:
        found.append(f"The alt text is {len(image.alt) - limits.alt} characters too long.")
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one delivery ended in the rehearsal."""

    day: date
    post: str
    account: str
    status: Status
    reason: str
    late: timedelta  # after its planned time


def play(store: Store, publishing: Publishing, clock: VirtualClock, told: Callable[[Delivery], None]) -> list[Outcome]:
    """Run the queue to its end, moving the clock from instant to instant. `told` hears of each that ended."""
    heard: set[int] = set()
    while True:
        while publishing.turn():
            pass
        _tell_new(store, heard, told)
        at = store.next_instant(clock.now())
        if at is None:
            break
        clock.forward(at)
    with store.reading() as read:
        rows = read.deliveries(live=True)
    return [_outcome(row) for row in rows]


def _tell_new(store: Store, heard: set[int], told: Callable[[Delivery], None]) -> None:
    with store.reading() as read:
        ended = [d for d in read.deliveries(live=True) if d.check_at is None and d.id not in heard]
    for row in ended:
        heard.add(row.id)
        told(row)


def _outcome(row: Delivery) -> Outcome:
    late = (row.published_at - row.scheduled_at) if row.published_at else timedelta(0)
    return Outcome(row.day, row.post, row.account, row.status, row.reason, late)
