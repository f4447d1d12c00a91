"""The images of a message: drawn once, and at sending byte for byte what was approved."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from scheduler.errors import CardError, CardNotSaved, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Card, Image, Message


def render(card: Card, root: Path) -> Image:
    """Draw a card, or take it from the cards drawn before. Raises CardError."""
    from scheduler import cards  # noqa: PLC0415  Pillow

    return cards.render(card, root)


def of(message: Message, root: Path) -> tuple[bytes, ...]:
    """The bytes of a message's images; a card that was deleted is drawn again.

    Raises CardError when they cannot be had as they were approved, Unavailable when the disk does not let them.
    """
    return tuple(_bytes(image, root) for image in message.images)


def _bytes(image: Image, root: Path) -> bytes:
    path = root / image.path
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() == image.sha256:
        return data
    if image.card is not None:
        path.unlink(missing_ok=True)
        try:
            data = (root / render(image.card, root).path).read_bytes()
        except CardNotSaved as error:  # nothing is wrong with what was approved
            raise Unavailable(error.text, detail=error.detail) from error
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise CardError(
            f"The image {image.path} is not the one that was approved. Look at the post and approve it again."
        )
    return data
