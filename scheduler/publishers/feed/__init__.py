"""The feed: a small public site with an Atom feed, in a folder of the project. It needs no credential.

Serve ``<folder>/public``. An entry is prepared aside, in ``<folder>/.staging``, and made public by one rename of its
folder to ``public/posts/<slug>``: before it nothing is public, after it everything is. The index and the Atom feed are
views of the published entries; whatever stops the program between the rename and the views, `connect` and `find` make
them right.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from scheduler.errors import ConfigError, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Count, Health, Limits, NotThere, Published
from scheduler.publishers.feed import files as files
from scheduler.publishers.feed import site as site
from scheduler.publishers.feed.entry import Entry, entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scheduler.model import Account, Found, Message, Secret

LIMITS = Limits(
    text=20_000,
    count=Count.CODEPOINTS,
    images=4,
    image_bytes=5_000_000,
    card_size=(1200, 630),
    alt=2000,
    settle_after=timedelta(0),
    settle_reads=1,
)

VIEWS = 1  # grows when the index or the Atom feed would look different
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def connect(
    account: Account,
    secret: Secret | None,  # noqa: ARG001  the feed has none
    *,
    root: Path,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Feed:
    """The feed of an account. Raises ConfigError for a folder outside the project or a missing address."""
    url = account.options.get("url")
    if not isinstance(url, str) or not re.fullmatch(r"https?://[^\s\"<>]+", url):
        raise ConfigError(
            f"accounts.{account.name}.url must say where the feed's folder is served, such as "
            f"https://lantern.example/january; it is {url!r}."
        )
    folder = _folder(account, root)
    feed = Feed(folder, site.Site(account.name, url.rstrip("/"), account.handle or account.name), now)
    feed.heal()
    return feed


def _folder(account: Account, root: Path) -> Path:
    given = account.options.get("folder", "site")
    where = f"accounts.{account.name}.folder"
    if not isinstance(given, str) or not given.strip():
        raise ConfigError(f"{where} must be the name of a folder in the project, such as site.")
    plain = PurePosixPath(given.replace("\\", "/"))
    if plain.is_absolute() or ".." in plain.parts or ":" in given or not plain.parts:
        raise ConfigError(f"{where} is “{given}”; it must be a folder inside the project, such as site.")
    home = root.resolve()
    folder = home.joinpath(*plain.parts)
    for path in (folder, folder / "public", folder / "public" / "posts", folder / ".staging"):
        if not path.resolve().is_relative_to(home):
            raise ConfigError(f"{where} is “{given}”, and {path.name} there is a link that leads out of the project.")
    return folder


class Feed:
    """A publisher. Nothing here is remembered between calls: the folder is the truth."""

    def __init__(self, folder: Path, place: site.Site, now: Callable[[], datetime]) -> None:
        self.public = folder / "public"
        self.posts = self.public / "posts"
        self.staging = folder / ".staging"
        self.views = folder / "views.json"  # of which entries the index and the Atom feed were made
        self.site = place
        self.now = now

    def prepare(self, message: Message, images: tuple[bytes, ...], key: str, **_: object) -> dict[str, Any]:
        """Write the entry aside: its page, its pictures and ``entry.json``, whole or not at all."""
        entry = entry_of(message, images, key, self.now())
        name = hashlib.sha256(_packed(entry.as_json())).hexdigest()[:32]
        stage = self.staging / key / name
        try:
            if not stage.exists():
                self._stage(entry, images, stage)
            self._clear(stage)
        except OSError as error:
            raise Unavailable(_plain(error, self.staging), detail=str(error)) from error
        return {
            "key": key,
            "slug": entry.slug,
            "digest": entry.digest,
            "stage": name,
            "id": entry.id,
            "url": self.site.page(entry.slug),
        }

    def _stage(self, entry: Entry, images: tuple[bytes, ...], stage: Path) -> None:
        stage.parent.mkdir(parents=True, exist_ok=True)
        self.posts.mkdir(parents=True, exist_ok=True)
        aside = files.beside(stage)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        for picture, packed in zip(entry.images, images, strict=True):
            files.write(aside / picture.file, packed)
        files.write(aside / "index.html", site.post_page(entry, self.site))
        files.write(aside / "entry.json", _packed(entry.as_json()))
        files.settle(aside)
        aside.rename(stage)
        files.settle(stage.parent)
        files.settle(self.staging)

    @staticmethod
    def _clear(stage: Path) -> None:
        """Take away what earlier attempts at the same delivery left."""
        for other in stage.parent.iterdir():
            if other != stage:
                shutil.rmtree(other, ignore_errors=True)

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """Rename the entry's folder into the public: the one step that counts."""
        there = self._look(prepared)
        if there is None:
            there = self._commit(prepared)
        if isinstance(there, str):
            raise Unconfirmed(f"{there} A person must look whether it is this post.")
        _same_key(there, prepared)
        with contextlib.suppress(Exception):  # it is out; what is left to do is done again by `find` and `connect`
            files.settle(self.posts)
            shutil.rmtree(self.staging / str(prepared["key"]), ignore_errors=True)
            self.heal()
        return Published(there.id, self.site.page(there.slug))

    def _commit(self, prepared: Mapping[str, Any]) -> Entry | str:
        stage = self.staging / str(prepared["key"]) / str(prepared["stage"])
        target = self.posts / str(prepared["slug"])
        staged = self._staged(stage)
        if staged is None or staged.digest != prepared["digest"]:
            there = self._look(prepared)  # another process may have published it this very moment
            if there is None:
                raise Unavailable("What was prepared for the feed is no longer there; it is prepared again.")
            return there
        try:
            stage.rename(target)
        except OSError as error:
            there = self._look(prepared)
            if there is None:
                raise Unavailable(_plain(error, self.posts), detail=str(error)) from error
            return there
        return staged

    @staticmethod
    def _staged(stage: Path) -> Entry | None:
        try:
            return Entry.from_json(json.loads((stage / "entry.json").read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Look for the entry in the public folder, and bring the views up to date."""
        with contextlib.suppress(Exception):  # the question is whether the entry is out, not how the index is
            self.heal()
        there = self._look(prepared)
        if isinstance(there, str):
            return CannotTell(there)
        if there is None or there.key != prepared["key"]:
            return NotThere()
        return Published(there.id, self.site.page(there.slug))

    def check(self) -> Health:
        """Whether the folder can be written to and the views are up to date."""
        try:
            self.posts.mkdir(parents=True, exist_ok=True)
            probe = files.beside(self.public / "probe")
            files.write(probe, b"")
            probe.unlink()
            self._rebuild_if_stale()
        except OSError as error:
            return Health(self.site.owner, problem=_plain(error, self.public))
        return Health(self.site.owner, rights=("write",))

    def heal(self) -> None:
        """Make the index and the Atom feed again if they are not of the published entries.

        What prevents it now (a full disk) is for `check` to say; the next call tries again.
        """
        with contextlib.suppress(OSError):
            self._rebuild_if_stale()

    def _rebuild_if_stale(self) -> None:
        for _ in range(3):  # another process may publish meanwhile
            if not self.posts.is_dir():
                return
            entries = self._entries()
            state = self._state(entries)
            if self._built() == state:
                return
            made = {**site.assets(), "index.html": site.index_page(entries, self.site)}
            made["atom.xml"] = site.atom(entries, self.site)
            for name, packed in made.items():
                files.replace(self.public / name, packed, aside=self.staging)
            files.replace(self.views, state, aside=self.staging)

    def _built(self) -> bytes:
        """For which state the views were made; nothing if one of them is missing."""
        try:
            whole = all((self.public / name).is_file() for name in ("index.html", "atom.xml", *site.ASSETS))
            return self.views.read_bytes() if whole else b""
        except OSError:
            return b""

    def _state(self, entries: list[Entry]) -> bytes:
        assets = {name: hashlib.sha256(packed).hexdigest() for name, packed in site.assets().items()}
        seen = [(e.slug, e.key, e.digest, e.published) for e in entries]
        packed = _packed([VIEWS, self.site.url, self.site.owner, assets, seen])
        return _packed({"made_of": hashlib.sha256(packed).hexdigest(), "entries": len(entries)})

    def _entries(self) -> list[Entry]:
        """The published entries, the newest first; one that cannot be read is left out."""
        found = [self._read(folder.name) for folder in self.posts.iterdir() if folder.is_dir()]
        entries = [e for e in found if isinstance(e, Entry)]
        return sorted(entries, key=lambda e: (e.published, e.slug), reverse=True)

    def _look(self, prepared: Mapping[str, Any]) -> Entry | str | None:
        """The entry under the prepared slug; None if there is none; a sentence if it cannot be read."""
        return self._read(str(prepared["slug"]))

    def _read(self, slug: str) -> Entry | str | None:
        folder = self.posts / slug
        try:
            folder.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"The feed's folder {slug} cannot be read: {error.strerror}."
        try:
            entry = Entry.from_json(json.loads((folder / "entry.json").read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return f"In the feed's folder {slug}, entry.json cannot be read."
        return entry if entry.slug == slug else f"In the feed's folder {slug} stands the entry of {entry.slug}."


def _same_key(there: Entry, prepared: Mapping[str, Any]) -> None:
    if there.key != prepared["key"]:
        raise Rejected(
            f"The feed already has another post at “{there.slug}”, published {there.published[:10]}. "
            "Give the draft's file another name."
        )


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _plain(error: OSError, folder: Path) -> str:
    """What went wrong with the disk, for a person."""
    place = "/".join(folder.parts[-2:])
    if error.errno in FULL:
        return f"The disk is full: nothing more can be written in {place}. Make room there."
    if error.errno in CLOSED:
        return f"The program may not write in {place}. Give its user the right to."
    return f"The feed's folder {place} cannot be written: {error.strerror or error}."
