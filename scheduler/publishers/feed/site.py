"""What the feed shows: an entry's page, the index and the Atom feed. No file is written here."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from scheduler.publishers.feed.entry import Entry

TEMPLATES = Path(__file__).parent / "templates"
ASSETS = {"style.css": "feed_style.css", "newsreader.woff2": "feed_newsreader.woff2", "inter.woff2": "feed_inter.woff2"}
ADDRESS = r"https://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]’']"
PHONE = r"(?<![\w-])(?:1-)?\d{3}-\d{3}-\d{4}(?![\w-])"  # as the campaign writes its help lines
LONG_AGO = "1970-01-01T00:00:00+00:00"  # when a feed without entries was last changed
LINK = re.compile(f"{ADDRESS}|{PHONE}")


@dataclass(frozen=True, slots=True)
class Site:
    """Where the feed is served and whose it is."""

    name: str  # the account
    url: str  # without a slash at its end
    owner: str

    def page(self, slug: str) -> str:
        """The address of an entry."""
        return f"{self.url}/posts/{quote(slug)}/"


def assets() -> dict[str, bytes]:
    """The style sheet and the fonts, by the names they are served under."""
    return {name: (TEMPLATES / file).read_bytes() for name, file in ASSETS.items()}


def post_page(entry: Entry, site: Site) -> bytes:
    """The page of one entry."""
    page = _templates().get_template("feed_post.html").render(entry=entry, site=site, help=ways(entry.help))
    return page.encode()


def index_page(entries: Sequence[Entry], site: Site) -> bytes:
    """The list of all entries, the newest first."""
    newest = entries[0] if entries else None
    page = (
        _templates()
        .get_template("feed_index.html")
        .render(
            entries=entries,
            site=site,
            title=newest.campaign if newest and newest.campaign else site.owner,
            lang=newest.lang if newest else "en",
            help=ways(newest.help if newest else ""),
        )
    )
    return page.encode()


def atom(entries: Sequence[Entry], site: Site) -> bytes:
    """The Atom feed (RFC 4287), the newest first."""
    from feedgen.feed import FeedGenerator  # noqa: PLC0415  slow to load, and only a change of the feed needs it

    feed = FeedGenerator()
    feed.id(uuid.uuid5(uuid.NAMESPACE_URL, f"campaign-scheduler:feed:{site.url}").urn)
    feed.title((entries[0].campaign if entries else "") or site.owner)
    feed.author(name=site.owner)
    feed.link(href=f"{site.url}/atom.xml", rel="self", type="application/atom+xml")
    feed.link(href=f"{site.url}/", rel="alternate", type="text/html")
    feed.language(entries[0].lang if entries else "en")
    feed.updated(datetime.fromisoformat(max((e.published for e in entries), default=LONG_AGO)))
    for entry in entries:
        _add(feed, entry, site)
    return _mended(feed.atom_str(pretty=True), [link for e in entries for link in _links(e, site)])


def _add(feed: Any, entry: Entry, site: Site) -> None:  # noqa: ANN401  feedgen has no types
    item = feed.add_entry(order="append")
    address, moment = site.page(entry.slug), datetime.fromisoformat(entry.published)
    item.id(entry.id)
    item.title(entry.heading)
    for link in _links(entry, site):
        item.link(**link)
    item.content(_templates().get_template("feed_content.html").render(entry=entry, base=address), type="html")
    item.published(moment)
    item.updated(moment)


def _links(entry: Entry, site: Site) -> list[dict[str, str]]:
    address = site.page(entry.slug)
    pictures = [
        {"href": address + quote(p.file), "rel": "enclosure", "type": p.mime, "length": str(p.size)}
        for p in entry.images
    ]
    return [{"href": address, "rel": "alternate", "type": "text/html"}, *pictures]


def _mended(packed: bytes, links: list[dict[str, str]]) -> bytes:
    """The feed with all that its entries' links say: feedgen 1.0 writes their address only."""
    from lxml import etree  # noqa: PLC0415  feedgen's own writer

    tree = etree.fromstring(packed)
    found = tree.iterfind("{*}entry/{*}link")
    for element, link in zip(found, links, strict=True):
        for name, value in link.items():
            element.set(name, value)
    return bytes(etree.tostring(tree, encoding="UTF-8", xml_declaration=True))


def paragraphs(text: str) -> list[list[list[tuple[str, str]]]]:
    """A text as paragraphs of lines of pieces: (words, address), the address empty where the words are no link."""
    blocks = re.split(r"\n[ \t]*\n\s*", text.strip().replace("\r\n", "\n"))
    return [[pieces(line) for line in block.split("\n")] for block in blocks]


def pieces(line: str) -> list[tuple[str, str]]:
    """A line cut into plain words, https links and telephone numbers."""
    found, end = [], 0
    for link in LINK.finditer(line):
        if link.start() > end:
            found.append((line[end : link.start()], ""))
        said = link[0]
        found.append((said, said if said.startswith("https:") else f"tel:{said.replace('-', '')}"))
        end = link.end()
    if end < len(line):
        found.append((line[end:], ""))
    return found


def ways(line: str) -> list[tuple[str, str, str]]:
    """A help line as (words, number, address to call or text); a part without a number has neither."""
    found = []
    for part in (p.strip() for p in line.split("·")):
        way = re.fullmatch(r"(\D+?)\s*(\d[\d\s().–-]*\d|\d)", part)
        if way:
            digits = "".join(c for c in way[2] if c.isdigit())
            scheme = "sms" if "text" in way[1].lower() else "tel"
            found.append((way[1].strip(" :"), way[2], f"{scheme}:{digits}"))
        elif part:
            found.append((part, "", ""))
    return found


@lru_cache(maxsize=1)
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  only a change needs it

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["paragraphs"] = paragraphs
    environment.filters["secure"] = lambda address: address if address.startswith("https://") else ""
    environment.filters["quoted"] = lambda name: html.escape(quote(name))
    return environment
