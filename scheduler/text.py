"""Counting text as each network counts it, and finding the links and tags in it.

Sources of the rules: docs/networks.md.
"""

from __future__ import annotations

import regex

from scheduler.model import Count, Limits

# A link ends at white space, at quotation marks and at the full-width marks that no address holds.
_LINK = regex.compile(r'(?<![\w@#$])https?://\w[^\s<>"“”«»「」『』【】（）。、，！？]*', regex.IGNORECASE)
_TRAILING = ".,;:!?'’…*~|)]}"
_PAIRS = {")": "(", "]": "[", "}": "{"}

# A tag needs a letter: networks leave "#2027" unlinked. The signs that may stand in one are twitter-text's.
_IN_TAG = (
    r"\p{L}\p{M}\p{Nd}_\u200c\u200d\ua67e\u05be\u05f3\u05f4"
    r"\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
)
_HASHTAG = regex.compile(
    rf"(?<![{_IN_TAG}&#＃/])[#＃](?!\ufe0f|\u20e3)(?=[{_IN_TAG}]*[\p{{L}}\p{{M}}])([{_IN_TAG}]++)(?!://)"
)

# Mastodon: the mention of somebody on another server; only the part before the server counts.
_MENTION = regex.compile(r"(?<![=/\w])(@[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)@[\w.-]*\w")

# On the safe side: signs such as ©, that a phone may show as text or as an emoji, are emoji here.
_EMOJI = regex.compile(r"[\p{Emoji_Presentation}\p{Extended_Pictographic}\u20e3]")
_GRAPHEME = regex.compile(r"\X")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_MAYBE_DOMAIN = regex.compile(r"\S\.\p{L}")  # what every bare domain has, and few texts without one


def count(text: str, limits: Limits) -> int:
    """The length of `text` in the unit that the network counts in, `limits.count`."""
    match limits.count:
        case Count.WEIGHTED:
            return _weighted(text)
        case Count.MASTODON:
            return graphemes(_as_mastodon_counts(text, limits.url_length))
        case Count.GRAPHEMES:
            return graphemes(text)
        case Count.THREADS:
            return _threads(text)
        case Count.CODEPOINTS:
            return len(text)


def over(text: str, limits: Limits) -> int:
    """How many units, or UTF-8 bytes where those are limited too, `text` is too long; 0 when it fits."""
    too_long = count(text, limits) - limits.text
    if limits.text_bytes is not None:
        too_long = max(too_long, len(_utf8(text)) - limits.text_bytes)
    return max(too_long, 0)


def links(text: str) -> tuple[str, ...]:
    """The http and https addresses in `text`, in order, without the punctuation of the sentence around them."""
    return tuple(text[start:end] for start, end in _link_spans(text))


def charged_links(text: str, limits: Limits) -> tuple[str, ...]:
    """What the network makes a link of, and so charges as one, in order.

    X links bare domains too ("Lantern.org"), where it knows the ending. An address with https:// counts there even with
    an ending that twitter-text does not know: its list is of 2021, and X's own is longer by now.
    """
    spans = _link_spans(text)
    if limits.count is Count.WEIGHTED and _MAYBE_DOMAIN.search(text):
        from twitter_text import extract_urls_with_indices  # noqa: PLC0415 - 280 ms, and only X links bare domains

        found = [tuple(link["indices"]) for link in extract_urls_with_indices(_SURROGATE.sub("\ufffd", text))]
        spans += [(start, end) for start, end in found if not any(s < end and start < e for s, e in spans)]
    return tuple(text[start:end] for start, end in sorted(spans))


def hashtags(text: str) -> tuple[str, ...]:
    """The hashtags in `text`, in order, without "#". A "#" inside a link is none."""
    return tuple(found[1] for found in _HASHTAG.finditer(_with_links_as(text, "/")))


def graphemes(text: str) -> int:
    """How many characters a reader sees: grapheme clusters by Unicode's UAX 29."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def _weighted(text: str) -> int:
    from twitter_text import parse_tweet  # noqa: PLC0415 - 280 ms, and only X counts this way

    length: int = parse_tweet(_SURROGATE.sub("\ufffd", text)).weightedLength
    return length


def _as_mastodon_counts(text: str, url_length: int | None) -> str:
    if url_length is not None:
        text = _with_links_as(text, "x" * url_length)
    return _MENTION.sub(r"\1", text)


def _threads(text: str) -> int:
    return sum(len(_utf8(seen)) if _EMOJI.search(seen) else len(seen) for seen in _GRAPHEME.findall(text))


def _link_spans(text: str) -> list[tuple[int, int]]:
    return [(found.start(), found.start() + len(_untrailed(found[0]))) for found in _LINK.finditer(text)]


def _untrailed(link: str) -> str:
    """`link` without trailing punctuation; a bracket that closes one inside the link stays."""
    end = len(link)
    while link[end - 1] in _TRAILING:
        opening = _PAIRS.get(link[end - 1])
        if opening and link.count(opening, 0, end) >= link.count(link[end - 1], 0, end):
            break
        end -= 1
    return link[:end]


def _with_links_as(text: str, stand_in: str) -> str:
    for start, end in reversed(_link_spans(text)):
        text = text[:start] + stand_in + text[end:]
    return text


def _utf8(text: str) -> bytes:
    """The bytes of `text`; half a surrogate pair, which no network takes, does not stop the counting."""
    return text.encode("utf-8", "surrogatepass")
