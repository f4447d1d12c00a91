"""The values of the campaign: the words of the house, frozen.

All instants are aware UTC. The campaign's zone is used in config, in drafts and on screens only.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


PART = "+++"  # a line of a draft with only this starts the next part of a thread
LocalTime = time  # a time of day in the campaign's zone; in classes that have a field `time`


class Status(StrEnum):
    """The state of a delivery."""

    SCHEDULED = "scheduled"  # waits for its time, its approval or its next try
    PUBLISHING = "publishing"  # claimed; an attempt is open
    PUBLISHED = "published"  # it is out, and we know where
    FAILED = "failed"  # the network refused it as it is
    UNCONFIRMED = "unconfirmed"  # it may be out; being settled, or a person must look
    MISSED = "missed"  # its send_until passed
    HELD = "held"  # a person stopped it
    CANCELLED = "cancelled"  # a person, or the deletion of its draft, took it off


class Severity(StrEnum):
    """What a problem does: an error keeps the post out of the queue, a warning shows."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in a person's file: where, which rule, what is wrong and how to mend it."""

    path: str  # relative to the project, with forward slashes
    line: int  # from 1; 0 when it concerns the file as a whole
    rule: str  # a short id in kebab-case, as in docs/checks.md
    text: str  # one sentence a comms person understands
    mend: str  # one sentence that says what to do
    severity: Severity = Severity.ERROR
    account: str = ""  # the account it concerns, when only one

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.text} {self.mend}"


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry of the ledger ``posts/facts.toml``."""

    id: str  # "S33"; stable, cited by drafts
    kind: str  # stat, definition, quote, indicator, myth, action
    statement: str  # our words; may be printed
    publisher: str
    title: str
    url: str
    evidence: str  # "seen (primary)", "seen (secondary)" or "unverified"
    figure: str = ""  # as it may be printed: "27.6 million", "1 in 6", "44 / 39"
    unit: str = ""
    data_year: str = ""  # "2024", "FY2022", "2020-2022", "current law"
    quote: str = ""  # verbatim evidence; for kind quote, the words to print
    attribution: str = ""  # who said it, for kind quote
    read: date | None = None  # when the evidence was read on a stored copy
    checked: date | None = None  # when a person last opened the live page (or dialled the number)
    recheck: str = ""  # why it needs a person's look this season; empty when it does not
    note: str = ""
    line: int = 0  # where it stands in the ledger

    @property
    def verified(self) -> bool:
        """Whether drafts may use it."""
        return self.evidence.startswith("seen")

    @property
    def dated(self) -> bool:
        """Whether the data has a year: "current law" has none."""
        return any(char.isdigit() for char in self.data_year)


CARD_SIZES = {  # px; each network's own is in its Limits, an account may choose another
    "portrait": (1080, 1350),
    "square": (1080, 1080),
    "wide": (1200, 675),
    "link": (1200, 630),
    "story": (1080, 1920),
}
LAYOUTS = ("stat", "share", "compare", "quote", "definition", "list", "myth", "action", "date", "photo")  # of a card


@dataclass(frozen=True, slots=True)
class Theme:
    """How the campaign looks: `themes.BUILT_IN` has three. Colours are ``#rrggbb``."""

    name: str = "lantern"
    mood: str = "lamplight"  # the recipe of the ground: "lamplight", "daybreak" or "still"
    background: str = "#101c33"
    shade: str = "#070d18"  # what the background turns into at the foot
    glows: tuple[str, ...] = ("#e0492a", "#6b2c86", "#0e7488")  # colours of the light on the ground, at most three
    text: str = "#f8f3ea"
    muted: str = "#b4c0cd"  # the source, the names of small things
    accent: str = "#ffb84d"  # the figure, and whatever counts
    figure_top: str = "#ffe9bf"  # a large figure runs from this colour
    figure_foot: str = "#ff9a55"  # to this one
    on_accent: str = "#0a1220"
    track: str = "#5b6273"  # shapes that do not count: the other five of six
    bar: str = "#ffb84d"  # the help bar
    on_bar: str = "#0a1220"
    figure_font: str = "bricolage"  # a family of the package, or a font file of the project
    text_font: str = "newsreader"
    label_font: str = "inter"
    logo: str = ""  # a PNG of the project; empty: the campaign's name stands alone
    logo_ink: str = ""  # the logo's shape in this colour; empty: the logo's own colours
    spacing: float = 1.0  # of margins and air, 0.8 to 1.3


@dataclass(frozen=True, slots=True)
class Translation:
    """What the campaign itself says, in another language."""

    name: str
    help_long: str
    help_short: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """The month: days, zone, help lines, theme, and the rules that hold for every post."""

    name: str
    start: date
    end: date  # the last day, included
    zone: str  # IANA name
    time: LocalTime  # local time of a post whose draft names none
    send_within: timedelta  # how late a post may still go out
    approval: str  # "required" or "none"
    help_long: str
    help_short: str
    min_gap: timedelta = timedelta(minutes=30)  # between two posts of one account
    lang: str = "en"
    checked_since: date | None = None  # facts that need a re-check count as checked from this day on
    organisation: str = ""
    url: str = ""  # the organisation's own site; for the feed
    theme: Theme = field(default_factory=Theme)
    looks: Mapping[str, Theme] = field(default_factory=dict)  # card layout → a theme of its own
    translations: Mapping[str, Translation] = field(default_factory=dict)  # by language code


@dataclass(frozen=True, slots=True)
class Account:
    """One profile on one network."""

    name: str  # the key in config.toml; drafts name it in ``to``
    network: str  # the publisher module
    enabled: bool = True
    handle: str = ""  # as people know it: "@lantern@mastodon.example"
    options: Mapping[str, Any] = field(default_factory=dict)  # settings of the network, never secrets


class Count(StrEnum):
    """How a network counts text."""

    WEIGHTED = "weighted"  # X: twitter-text's weights
    MASTODON = "mastodon"  # graphemes, links as `url_length`, the host of a mention free
    GRAPHEMES = "graphemes"  # Bluesky: grapheme clusters, and UTF-8 bytes beside
    CODEPOINTS = "codepoints"
    THREADS = "threads"  # characters, an emoji as its UTF-8 bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one network takes. Sources: docs/networks.md."""

    text: int
    count: Count
    text_bytes: int | None = None
    url_length: int | None = None  # what a link counts, when not its own length
    links: int | None = None
    tags: int | None = None
    images: int = 4
    image_bytes: int = 5_000_000
    image_formats: tuple[str, ...] = ("png", "jpeg")  # the first is what we make
    ratio_min: float = 0.0  # width ÷ height
    ratio_max: float = 100.0
    card_size: tuple[int, int] = (1200, 675)  # px, what its feed shows whole
    crops: tuple[tuple[str, float], ...] = ()  # where it shows less: a name, and width ÷ height about the middle
    alt: int = 1000
    alt_count: Count = Count.CODEPOINTS
    settle_after: timedelta = timedelta(seconds=60)  # the longest a server may still be working on a lost request
    settle_reads: int = 1  # how many "not there" answers prove that it is not there
    absence_proves: bool = True  # False: not even those do; a person must look before it is sent again
    repeats: bool = False  # the network refuses the same words again: safe to send, though absence proves nothing
    threads: bool = False  # whether one post can answer another of ours: a text in parts


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a card: a figure and what it counts, a number to call and whose it is, or a line of a list."""

    figure: str  # empty in a list of plain lines
    text: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the project's that a card shows."""

    path: str  # relative to the project, below images/
    focus: tuple[float, float] = (0.5, 0.5)  # what each crop keeps: parts of the width and of the height
    credit: str = ""


@dataclass(frozen=True, slots=True)
class CardText:
    """What a draft says about its card. An empty figure or text is taken from the first fact."""

    layout: str = "stat"
    figure: str = ""
    text: str = ""
    items: tuple[Item, ...] = ()
    by: str = ""  # who said it; for `quote`
    myth: str = ""  # for `myth`; `text` is the fact
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A draft that was read and holds together."""

    slug: str  # the file's name without .md: "2027-01-09-labor-trafficking"
    path: str  # relative to the project, with forward slashes
    date: date
    text: str  # for every account that has no text of its own
    time: LocalTime | None = None  # local; None: the campaign's
    send_until: LocalTime | None = None  # local, same day; None: the campaign's send_within
    to: tuple[str, ...] | None = None  # account or network names; None: every account
    facts: tuple[str, ...] = ()
    card: CardText = field(default_factory=CardText)
    tags: tuple[str, ...] = ()  # without "#"
    title: str = ""  # a plain title, for lists and the feed's page
    alt: str = ""  # empty: composed from the card
    lang: str = ""  # empty: the campaign's
    warning: str = ""  # content warning
    labels: tuple[str, ...] = ()  # self labels
    texts: Mapping[str, str] = field(default_factory=dict)  # "## name" → text
    lines: Mapping[str, int] = field(default_factory=dict)  # front matter key, "text", "## name" → line in the file


@dataclass(frozen=True, slots=True)
class Card:
    """The image of a post in one size: all that is drawn, so that its digest names the file."""

    layout: str
    width: int  # px
    height: int  # px
    format: str  # "png" or "jpeg"
    campaign: str  # the name at the top, under the organisation's
    figure: str  # the number, the term, the day
    text: str
    source: str  # "Source: ILO, 2021"
    help: str  # the short help line
    theme: Theme = field(default_factory=Theme)
    items: tuple[Item, ...] = ()
    by: str = ""
    myth: str = ""
    photo: Photo | None = None
    organisation: str = ""
    lang: str = "en"
    title: str = ""  # written into the file, not drawn; as `alt`
    alt: str = ""
    max_bytes: int = 1_000_000  # of the file

    @classmethod
    def from_values(cls, raw: Mapping[str, Any]) -> Card:
        """The card that `asdict` took apart."""
        theme = Theme(**{**raw["theme"], "glows": tuple(raw["theme"].get("glows", Theme().glows))})
        items = tuple(Item(**i) for i in raw.get("items", ()))
        photo = raw.get("photo")
        kept = Photo(**{**photo, "focus": tuple(photo["focus"])}) if photo else None
        return cls(**{**raw, "theme": theme, "items": items, "photo": kept})


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it will be sent. `sha256` is of its bytes; `path` is relative to the project."""

    sha256: str
    path: str
    mime: str
    width: int
    height: int
    size: int  # bytes
    alt: str
    card: Card | None = None  # to make it again when the file was deleted


@dataclass(frozen=True, slots=True)
class Message:
    """What one account will get. Its `digest` is what approval binds to."""

    account: str
    network: str
    text: str
    images: tuple[Image, ...] = ()
    lang: str = "en"
    warning: str = ""
    labels: tuple[str, ...] = ()
    title: str = ""
    sources: tuple[tuple[str, str], ...] = ()  # (source line, https URL or "") of each cited fact; shown by the feed
    more: tuple[str, ...] = ()  # the further parts of a thread, in order; `text` and the images are the first
    post: str = ""  # the slug; not part of the digest: a renamed draft stays approved
    day: str = ""  # ISO date; not part of the digest: a moved post stays approved

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that the public will see, image bytes included."""
        seen = {
            "account": self.account,
            "network": self.network,
            "text": self.text,
            "images": [(i.sha256, i.alt) for i in self.images],
            "lang": self.lang,
            "warning": self.warning,
            "labels": self.labels,
            "title": self.title,
            "sources": self.sources,
        }
        if self.more:
            seen["more"] = self.more
        packed = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(packed.encode()).hexdigest()

    def to_json(self) -> str:
        """The whole message as JSON, for the store."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, packed: str) -> Message:
        """The message that `to_json` packed."""
        raw = json.loads(packed)
        images = tuple(
            Image(**{**i, "card": Card.from_values(i["card"]) if i["card"] else None}) for i in raw["images"]
        )
        sources = tuple((s, u) for s, u in raw["sources"])
        words = {"labels": tuple(raw["labels"]), "more": tuple(raw.get("more", ()))}
        return cls(**{**raw, **words, "images": images, "sources": sources})

    @property
    def parts(self) -> tuple[Message, ...]:
        """A message for each part of the thread; of one that is no thread, itself."""
        first = replace(self, more=())
        return (first, *(replace(first, text=text, images=()) for text in self.more))

    @property
    def words(self) -> str:
        """The texts of all parts, as a draft parts them."""
        return f"\n\n{PART}\n\n".join((self.text, *self.more))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post to one account: the row in the queue."""

    id: int
    post: str  # the draft's slug
    path: str
    account: str
    network: str
    day: date  # the campaign day, in the campaign's zone
    title: str
    scheduled_at: datetime  # planned; only a person moves it
    send_until: datetime
    status: Status
    digest: str  # of the message as the draft stands
    approved_digest: str = ""  # of the message that was approved; may be sent when equal to `digest`
    next_attempt_at: datetime | None = None  # set when the daemon will try it
    check_at: datetime | None = None  # when the daemon must look at it otherwise: deadline, lease, settling
    published_at: datetime | None = None
    fence: int = 0  # grows with each claim: a late worker cannot record over a newer one
    attempts: int = 0
    lease_owner: str = ""
    lease_until: datetime | None = None
    remote_id: str = ""
    url: str = ""
    reason: str = ""  # why it is in this state, in plain words
    withdrawn: bool = False  # cancelled because its draft went away, not by a person
    reads: int = 0  # how often an unconfirmed one was looked for
    key: str = ""  # its name for networks that dedupe: 32 characters of lower-case base32, never given twice
    parts: int = 1  # of a thread; each is published by attempts of its own, one after the other
    thread: tuple[tuple[str, str], ...] = ()  # (id, url) of each part that is out

    @property
    def approved(self) -> bool:
        """Whether what stands in the draft now is what was approved."""
        return bool(self.digest) and self.approved_digest == self.digest

    @property
    def part(self) -> int:
        """Which part is next, from 1."""
        return len(self.thread) + 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery, opened before anything is sent."""

    id: int
    delivery: int
    number: int
    fence: int
    digest: str
    opened_at: datetime
    part: int = 1  # of a thread, from 1
    prepared: Mapping[str, Any] | None = None  # saved before `publish`; None: nothing was sent
    closed_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """It is out."""

    id: str
    url: str
    wait_until: datetime | None = field(default=None, compare=False)  # the network takes nothing more before then


@dataclass(frozen=True, slots=True)
class NotThere:
    """The network was asked, and it is not there."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The network was asked, and its answer proves nothing."""

    reason: str


Found = Published | NotThere | CannotTell


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` found about an account's credentials."""

    who: str  # as the network names the account; empty when it did not say
    rights: tuple[str, ...] = ()  # what the credentials may do, in plain words: "read", "write"
    expires_at: datetime | None = None
    problem: str = ""  # why it cannot publish, and the mend; empty when it can
    warnings: tuple[str, ...] = ()  # what will be a problem later, or is odd


class Secret(Protocol):
    """An account's secrets by lower-case name, and where what the network renews is kept. Its repr shows none."""

    def get(self, name: str) -> str:
        """The secret of that name; empty when there is none."""
        ...

    def keep(self, name: str, value: str) -> None:
        """Keep a renewed value, whole or not at all, for this process and the next; empty takes it away.

        Never raises: the network's answer must not be lost because a keyring is locked.
        """
        ...

    def values(self) -> tuple[str, ...]:
        """All that must never be seen."""
        ...


class Person(Protocol):
    """Whoever sits at the terminal while an account is connected."""

    def tell(self, text: str) -> None:
        """Show a line: an address to open, what to do there."""
        ...

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """The answer, without white space around it; never empty. `hidden`: nothing shows while it is typed."""
        ...


class Publisher(Protocol):
    """The adapter of a network, connected to one account. Every failure is a PublishError."""

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Do all that the public does not see; safe to repeat.

        `images` are the bytes of `message.images`, in order. `key` names the delivery: 32 characters
        of lower-case base32, the same for each of its attempts. `thread` holds the ids, or the addresses, of the
        parts that are out already, oldest first: the message answers the last. `earlier` is what was prepared for the
        last attempt that may have been sent and was then found not to be there; what guards against a second one (the
        record key, the uploads, the time) is taken from it. The result is JSON, saved before `publish`.
        """
        ...

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """Make it public by exactly one request on a fresh connection, never retried inside."""
        ...

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Say whether it happened."""
        ...

    def check(self) -> Health:
        """Say whether the credentials work, with what rights and until when."""
        ...
