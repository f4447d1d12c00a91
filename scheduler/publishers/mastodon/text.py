"""Whether a post that stands on a Mastodon server is the one we sent: its HTML beside our text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

_MENTION = re.compile(r"(?<![\w/=@])(@\w[\w.-]*)@[\w.-]*\w")
_ADDRESS = re.compile(r"https?://\S+")
_BLOCKS = ("p", "br", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6")


def same_source(theirs: str, ours: str) -> bool:
    """Whether the text as it was typed is ours; servers cut the white space at both ends."""
    return theirs.replace("\r\n", "\n").strip() == ours.replace("\r\n", "\n").strip()


def reads_as(html: str, ours: str) -> bool:
    """Whether the HTML that a server made of a text reads as ours.

    Links may be shown shortened, with the rest in invisible spans, or cut: so they are read as shown and as they lead.
    """
    reader = _read(html)
    return _tidy(ours) in {_tidy("".join(reader.shown)), _tidy("".join(reader.led))}


def likeness(html: str, ours: str) -> float:
    """How alike they are, 0 to 1, by their letters and digits alone: what marks and links become is left out."""
    one, other = _triples("".join(_read(html).shown)), _triples(ours)
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _triples(text: str) -> Counter[str]:
    text = _MENTION.sub(r"\1", _ADDRESS.sub(" ", text)).casefold()
    letters = "".join(c for c in text if c.isalnum())
    padded = f"  {letters}  "
    return Counter(padded[n : n + 3] for n in range(len(padded) - 2)) if letters else Counter()


def _tidy(text: str) -> str:
    return " ".join(_MENTION.sub(r"\1", unicodedata.normalize("NFC", text)).split())


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """The words of a post: as they are shown, and with each link as the address that it leads to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.led: list[str] = []
        self._inside = False  # a link to a page, not to a person or a tag

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        if tag in _BLOCKS:
            self._add("\n")
        given = dict(attrs)
        if tag == "a" and not re.search(r"\b(mention|hashtag)\b", given.get("class") or ""):
            self._inside = True
            self.led.append(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        if tag == "a":
            self._inside = False
        if tag in _BLOCKS:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        self._add(data)

    def _add(self, words: str) -> None:
        self.shown.append(words)
        if not self._inside:
            self.led.append(words)
