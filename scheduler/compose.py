"""What one account will get: its text with tags and help footer, its card, and the card's description."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler import drafts, text
from scheduler.model import Account, Campaign, Card, Fact, Image, Limits, Message, Post

if TYPE_CHECKING:
    from collections.abc import Sequence


def text_for(post: Post, account: Account, campaign: Campaign, limits: Limits) -> str:
    """The final text: the draft's, a blank line, the tags, a blank line, the help footer.

    The long footer where the whole then fits, else the short one, even if that does not fit: the check tells.
    A footer or a tag that the text has already is not added again, nor more tags than the network takes.
    """
    own = drafts.text_of(post, account).strip()
    head = "\n\n".join(part for part in (own, _tags(post, own, limits)) if part)
    if has_footer(own, campaign):
        return head
    for footer in (campaign.help_long, campaign.help_short):
        whole = f"{head}\n\n{footer}".strip()
        if text.over(whole, limits) == 0:
            break
    return whole


def has_footer(written: str, campaign: Campaign) -> bool:
    """Whether a text has the long or the short help footer, word for word."""
    flat = " ".join(written.split())
    return any(" ".join(footer.split()) in flat for footer in (campaign.help_long, campaign.help_short) if footer)


def card_for(post: Post, facts: Sequence[Fact], campaign: Campaign, limits: Limits) -> Card:
    """The card in the network's size; `facts` are the cited ones in order, and the first is the card's."""
    first = facts[0] if facts else None
    return Card(
        layout=post.card.layout,
        width=limits.card_size[0],
        height=limits.card_size[1],
        format=limits.image_formats[0],
        campaign=campaign.name,
        figure=post.card.figure or (first.figure if first else ""),
        text=post.card.text or (first.statement if first else ""),
        source=f"Source: {first.source}" if first else "",
        help=campaign.help_short,
        theme=campaign.theme,
    )


def alt_for(card: Card) -> str:
    """The card in words, to be read aloud: all that stands on it, in order.

    The pattern is that of the messaging guidelines: Card: “272 cases …” Source: …, 2024. Help: …
    """
    words = _sentence(card.text)
    if card.figure and card.figure.lower() not in words.lower():
        shown = card.figure.replace(" / ", " and ")
        words = f"{shown if card.text[:1].islower() else _sentence(shown)} {words}".strip()
    inside = re.sub(r'"([^"]*)"', r"‘\1’", words).replace("“", "‘").replace("”", "’")
    parts = [f"{card.campaign} card: “{inside}”".strip(), _sentence(card.source)]
    if card.help:
        parts.append(_sentence(f"Help: {card.help.replace(' · ', ', ')}"))
    return " ".join(part for part in parts if part)


def message(
    post: Post, account: Account, campaign: Campaign, limits: Limits, facts: Sequence[Fact], image: Image | None
) -> Message:
    """What `account` will get. The image gets the draft's own description, or that of its card."""
    images = (replace(image, alt=_alt(post, image)),) if image else ()
    return Message(
        account=account.name,
        network=account.network,
        text=text_for(post, account, campaign, limits),
        images=images,
        lang=post.lang or campaign.lang,
        warning=post.warning,
        labels=post.labels,
        title=post.title,
        sources=tuple(dict.fromkeys((f.source, _link(f)) for f in facts)),
        post=post.slug,
        day=post.date.isoformat(),
    )


def _link(fact: Fact) -> str:
    """The publisher's own page; a page that only quotes it is named in the ledger, but not sent to readers."""
    return fact.url if fact.evidence == "seen (primary)" and fact.url.startswith("https://") else ""


def _alt(post: Post, image: Image) -> str:
    if post.alt:
        return post.alt
    return alt_for(image.card) if image.card else image.alt


def _tags(post: Post, own: str, limits: Limits) -> str:
    there = {tag.lower() for tag in text.hashtags(own)}
    fresh = [tag for tag in post.tags if tag.lower() not in there]
    if limits.tags is not None:
        fresh = fresh[: max(limits.tags - len(there), 0)]
    return " ".join(f"#{tag}" for tag in fresh)


def _sentence(written: str) -> str:
    """Lines as sentences, so that a screen reader pauses between them."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return " ".join(line if line[-1] in ".!?:;,”\"’'" else f"{line}." for line in lines)
