"""Cards to look at: in any size, the month on one sheet, and a post as each network will show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scheduler import pictures
from scheduler.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.app import App
    from scheduler.errors import CardError
    from scheduler.intake import Intake
    from scheduler.model import Image, Message, Post

FOLDER = Path("var/sheets")
MOST_DAYS = 100  # of a sheet: more would not be read on a wall, nor fit in memory


def sized(app: App, read: Intake, post: Post, sizes: Sequence[str]) -> Mapping[str, Image | CardError]:
    """A post's card in some of the CARD_SIZES, or why it cannot be drawn; none when the post cites no fact."""
    campaign = app.config.campaign
    cards = {size: card for size in sizes for card in pictures.sized(read, [post], size, campaign).values()}
    drawn = pictures.render(cards.values(), app.root)
    return {size: drawn[card] for size, card in cards.items()}


def on_one_sheet(app: App) -> None:
    """Raises Refused when the campaign has more days than a sheet holds."""
    campaign = app.config.campaign
    days = (campaign.end - campaign.start).days + 1
    if days > MOST_DAYS:
        raise Refused(
            f"The campaign has {days} days, and one sheet holds at most {MOST_DAYS}. "
            "Draw the cards without --contact-sheet."
        )


def month(app: App, read: Intake, size: str) -> Path:
    """The month's cards of a size as one picture; where it is, in the project. Raises Refused."""
    on_one_sheet(app)
    return _kept(app, f"month-{size}.png", pictures.month_sheet(read, size, app.config.campaign, app.root))


def post(app: App, what: Post, messages: Sequence[Message]) -> Path:
    """A post's cards as each network shows them, as one picture; where it is, in the project. Raises Refused."""
    accounts = {a.name: a for a in app.config.accounts}
    sheet = pictures.post_sheet(what.title or what.slug, messages, accounts, app.limits, app.root)
    return _kept(app, f"{what.slug}.png", sheet)


def _kept(app: App, name: str, packed: bytes) -> Path:
    path = FOLDER / name
    try:
        (app.root / FOLDER).mkdir(parents=True, exist_ok=True)
        (app.root / path).write_bytes(packed)
    except OSError as error:
        raise Refused(f"{path} could not be written: {error.strerror or error}. Make room there.") from error
    return path
