"""What one account will get: its text with tags and help footer, its card, and the card's description."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler import cardtext, drafts, figures, numerals, phrases, proportion, text
from scheduler.describing import alt_for
from scheduler.model import (
    CARD_SIZES,
    Account,
    Campaign,
    Card,
    CardText,
    Fact,
    Image,
    Item,
    Limits,
    Message,
    Post,
    Translation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 1_000_000  # of a card, even where the network takes more: it is seen on phones, and often sent on
__all__ = ["alt_for", "card_for", "compared", "has_footer", "message", "parts_for", "spoken"]


def parts_for(post: Post, account: Account, campaign: Campaign, limits: Limits) -> tuple[str, ...]:
    """The final text: the draft's, a blank line, the tags, a blank line, the help footer; a text for each part.

    The long footer where the whole then fits, else the short one, even if that does not fit: the check tells.
    A footer or a tag that the text has already is not added again, nor more tags than the network takes. Tags and
    footer end the last part of a thread; where a network knows no threads, its parts stand below each other.
    """
    campaign = spoken(campaign, post.lang or campaign.lang)
    parts = drafts.parts_of(drafts.text_of(post, account).strip())
    own = "\n\n".join(parts)
    before, last = (parts[:-1], parts[-1]) if limits.threads else ((), own)
    head = "\n\n".join(part for part in (last, _tags(post, own, limits)) if part)
    if has_footer(own, campaign):
        return (*before, head)
    for footer in (campaign.help_long, campaign.help_short):
        whole = f"{head}\n\n{footer}".strip()
        if text.over(whole, limits) == 0:
            break
    return (*before, whole)


def has_footer(written: str, campaign: Campaign) -> bool:
    """Whether a text has the long or the short help footer, word for word."""
    flat = " ".join(written.split())
    return any(" ".join(footer.split()) in flat for footer in (campaign.help_long, campaign.help_short) if footer)


def spoken(campaign: Campaign, lang: str) -> Campaign:
    """The campaign as it says its name and its help lines in a language; as it is where it has no translation.

    Its own words are then among the translations, so that no number of a help line is forgotten.
    """
    codes = [code for code in (lang, lang.split("-", maxsplit=1)[0]) if code in campaign.translations]
    if not codes or lang == campaign.lang:
        return campaign
    own = campaign.translations[codes[0]]
    mine = Translation(campaign.name, campaign.help_long, campaign.help_short)
    known = {**campaign.translations, campaign.lang: mine}
    return replace(
        campaign, lang=lang, name=own.name, help_long=own.help_long, help_short=own.help_short, translations=known
    )


def card_for(
    post: Post, facts: Sequence[Fact], campaign: Campaign, limits: Limits, account: Account | None = None
) -> Card:
    """The card in the account's size; `facts` are the cited ones in order, and the first is the card's."""
    said = cardtext.filled(post.card, facts[0] if facts else None)
    lang = post.lang or campaign.lang
    campaign = spoken(campaign, lang)
    width, height = CARD_SIZES.get(str(account.options.get("card")) if account else "", limits.card_size)
    photo = said.layout == "photo" and "jpeg" in limits.image_formats  # as a PNG it would be several times as large
    source = _source(said, facts, lang)
    card = Card(
        layout=said.layout,
        width=width,
        height=height,
        format="jpeg" if photo else limits.image_formats[0],
        campaign=campaign.name,
        figure=said.figure,
        text=said.text,
        source=f"{phrases.say('source', lang)}: {source}" if source else "",
        help=campaign.help_short,
        theme=campaign.looks.get(said.layout, campaign.theme),
        items=said.items,
        by=said.by,
        myth=said.myth,
        photo=said.photo,
        organisation=campaign.organisation,
        lang=lang,
        title=post.title,
        max_bytes=min(limits.image_bytes, MOST_BYTES),
    )
    return replace(card, alt=post.alt or alt_for(card, limits.alt))


def compared(said: CardText, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The cited facts that the figures of a card's items come from: of one publisher, where one has them all."""
    held = [[fact for fact in facts if _has(fact, item)] for item in said.items]
    held = [holding for holding in held if holding]
    for publisher in dict.fromkeys(fact.publisher for holding in held for fact in holding):
        own = [[fact for fact in holding if fact.publisher == publisher] for holding in held]
        if all(own):
            return tuple(dict.fromkeys(holding[0] for holding in own))
    return tuple(dict.fromkeys(holding[0] for holding in held))


def _has(fact: Fact, item: Item) -> bool:
    shown = numerals.read(item.figure)
    return bool(shown) and all(figures.stands(figure, fact) for figure in shown)


def _source(said: CardText, facts: Sequence[Fact], lang: str) -> str:
    """The source of the fact that the card shows; of figures that are compared and of numbers to call, that of each."""
    shown = (compared(said, facts) if said.layout in ("compare", "action") else ()) or _shown(said, facts)
    return "; ".join(dict.fromkeys(phrases.source(fact, lang) for fact in shown))


def _shown(said: CardText, facts: Sequence[Fact]) -> Sequence[Fact]:
    """The first fact with the card's figure; of words without a number, the first fact that is cited."""
    if said.layout == "quote":
        fact = cardtext.quoted(said, facts)
        return (fact,) if fact else facts[:1]
    if share := proportion.read(said.figure):
        return [fact for fact in facts if figures.share_stands(share, fact)][:1] or facts[:1]
    words = "\n".join((said.text, *(item.text for item in said.items)))
    numbers = _numbers(said.figure) or _numbers(words)
    for wanted in (numbers, numbers[:1]) if numbers else ():
        if having := [fact for fact in facts if all(figures.stands(number, fact) for number in wanted)]:
            return having[:1]
    return facts[:1]


def _numbers(words: str) -> list[numerals.Figure]:
    """The numbers of a text; its years only where it has no other."""
    found = numerals.read(words)
    return [figure for figure in found if figure.kind not in {"year", "date"}] or list(found)


def message(
    post: Post, account: Account, campaign: Campaign, limits: Limits, facts: Sequence[Fact], image: Image | None
) -> Message:
    """What `account` will get. The image gets the draft's own description, or that of its card."""
    images = (replace(image, alt=_alt(post, image, limits)),) if image else ()
    lang = post.lang or campaign.lang
    first, *more = parts_for(post, account, campaign, limits)
    return Message(
        account=account.name,
        network=account.network,
        text=first,
        more=tuple(more),
        images=images,
        lang=lang,
        warning=post.warning,
        labels=post.labels,
        title=post.title,
        sources=tuple(dict.fromkeys((phrases.source(f, lang), _link(f)) for f in facts)),
        post=post.slug,
        day=post.date.isoformat(),
    )


def _link(fact: Fact) -> str:
    """The publisher's own page; a page that only quotes it is named in the ledger, but not sent to readers."""
    return fact.url if fact.evidence == "seen (primary)" and fact.url.startswith("https://") else ""


def _alt(post: Post, image: Image, limits: Limits) -> str:
    if post.alt or not image.card:
        return post.alt or image.alt
    return image.card.alt or alt_for(image.card, limits.alt)


def _tags(post: Post, own: str, limits: Limits) -> str:
    there = {tag.lower() for tag in text.hashtags(own)}
    fresh = [tag for tag in post.tags if tag.lower() not in there]
    if limits.tags is not None:
        fresh = fresh[: max(limits.tags - len(there), 0)]
    return " ".join(f"#{tag}" for tag in fresh)
