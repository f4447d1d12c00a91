"""The images of a message: drawn once, at sending byte for byte what was approved; and sheets to look at."""

from __future__ import annotations

import calendar
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler import compose
from scheduler.errors import CardError, CardNotSaved, Unavailable
from scheduler.model import CARD_SIZES, Count, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from scheduler.intake import Intake
    from scheduler.model import Account, Campaign, Card, Image, Message, Post

HANDS = min(4, os.cpu_count() or 1)  # one draws, while the others pack what is drawn


def render(cards: Iterable[Card], root: Path) -> Mapping[Card, Image | CardError]:
    """Draw each card once, or take it from those drawn before; for one that cannot be drawn, why."""
    wanted = list(dict.fromkeys(cards))
    with ThreadPoolExecutor(min(HANDS, max(1, len(wanted)))) as pool:
        return dict(zip(wanted, pool.map(lambda card: _one(card, root), wanted), strict=True))


def _one(card: Card, root: Path) -> Image | CardError:
    from scheduler import cards  # noqa: PLC0415  Pillow

    try:
        return cards.render(card, root)
    except CardError as error:
        return error
    except Exception as error:  # noqa: BLE001  one draft must not stop the month
        return CardError(
            f"The card could not be drawn: a mistake of the program’s own ({type(error).__name__}). "
            "Change its words, and tell whoever runs it.",
            detail=repr(error),
        )


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
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            text = f"The card could not be saved: {image.path}: {error.strerror or error}. Look what is in the way."
            raise Unavailable(text, detail=str(error)) from error
        drawn = _one(image.card, root)
        if isinstance(drawn, CardNotSaved):  # nothing is wrong with what was approved
            raise Unavailable(drawn.text, detail=drawn.detail)
        if isinstance(drawn, CardError):
            raise drawn
        data = (root / drawn.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise CardError(
            f"The image {image.path} is not the one that was approved. Look at the post and approve it again."
        )
    return data


def sized(read: Intake, posts: Sequence[Post], size: str, campaign: Campaign) -> Mapping[str, Card]:
    """The cards of some posts in one of CARD_SIZES, by slug: for the wall, or to post by hand."""
    shape = Limits(text=0, count=Count.CODEPOINTS, card_size=CARD_SIZES[size], image_formats=("jpeg",))
    cited = {p.slug: [read.ledger[i] for i in p.facts if i in read.ledger] for p in posts}
    return {p.slug: compose.card_for(p, cited[p.slug], campaign, shape) for p in posts if cited[p.slug]}


def month_sheet(read: Intake, size: str, campaign: Campaign, root: Path) -> bytes:
    """The month's cards as one picture, a PNG: a row a week, each day with its card or the reason why it has none."""
    from scheduler.cards import sheets  # noqa: PLC0415  Pillow

    by_day = {post.date: post for post in reversed(read.posts)}
    cards = sized(read, list(by_day.values()), size, campaign)
    drawn = render(cards.values(), root)
    days = []
    for number in range((campaign.end - campaign.start).days + 1):
        day = campaign.start + timedelta(days=number)
        post = by_day.get(day)
        image = drawn[cards[post.slug]] if post and post.slug in cards else None
        if isinstance(image, Exception):
            days.append(sheets.Day(day, None, image.text))
        else:
            days.append(sheets.Day(day, root / image.path if image else None, "" if image else "No card"))
    return sheets.month(days, f"{campaign.name} {campaign.start:%Y}", list(calendar.day_name), calendar.SUNDAY)


def post_sheet(
    title: str, messages: Sequence[Message], accounts: Mapping[str, Account], limits: Mapping[str, Limits], root: Path
) -> bytes:
    """What each account would show, with the crops of its network, as one picture, a PNG."""
    from scheduler.cards import sheets  # noqa: PLC0415

    shown = [
        sheets.Shown(
            root / image.path,
            f"{accounts[message.account].name}",
            f"{image.width} × {image.height} {image.mime.removeprefix('image/').upper()}, {-(-image.size // 1000)} kB",
            limits[message.account].crops,
        )
        for message in messages
        for image in message.images
    ]
    return sheets.post(shown, title)
