from __future__ import annotations

import builtins
import contextlib
import errno
import hashlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser
import pytest
from lxml import etree, html

from scheduler.colour import linear
from scheduler.errors import ConfigError, Rejected, Unavailable, Unconfirmed
from scheduler.model import Account, CannotTell, Card, Image, Message, NotThere, Published
from scheduler.publishers import feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "a" * 32
OTHER = "b" * 32
PNG = b"\x89PNG not really, but these very bytes"
NINE = datetime(2027, 1, 9, 15, tzinfo=UTC)
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> & ]]> {{ 7*7 }}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "atom.rng"))


def connect(root: Path, now: datetime = NINE, **options: object) -> feed.Feed:
    settings = {"url": "https://lantern.example/january", **options}
    account = Account("feed", "feed", handle="Lantern Project", options=settings)
    return feed.connect(account, None, root=root, now=lambda: now)


def message(text: str = "A fact.\n\nCall 1-888-373-7888.", **fields: Any) -> Message:  # noqa: ANN401
    card = Card(
        "stat", 1200, 630, "png", "Prevention Month", "272", "cases", "Source: X, 2024", "Hotline 1-888 · text 7"
    )
    sha = hashlib.sha256(PNG).hexdigest()
    image = Image(sha, "images/cards/a.png", "image/png", 1200, 630, len(PNG), "272 cases.", card)
    settled = {"title": "A title", "post": "2027-01-09-fact", "day": "2027-01-09", "images": (image,), **fields}
    return Message("feed", "feed", text, **settled)


def publish(publisher: feed.Feed, sent: Message, key: str = KEY) -> Published:
    return publisher.publish(publisher.prepare(sent, (PNG,) * len(sent.images), key))


def posts(root: Path) -> list[str]:
    folder = root / "site" / "public" / "posts"
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def page(root: Path, slug: str = "2027-01-09-fact") -> Any:  # noqa: ANN401
    return html.fromstring((root / "site" / "public" / "posts" / slug / "index.html").read_bytes())


def index(root: Path) -> Any:  # noqa: ANN401
    return html.fromstring((root / "site" / "public" / "index.html").read_bytes())


def atom(root: Path) -> Any:  # noqa: ANN401
    """The Atom feed, valid by RFC 4287's own schema and to a reader."""
    file = root / "site" / "public" / "atom.xml"
    tree = etree.parse(file)
    SCHEMA.assertValid(tree)
    read = feedparser.parse(file.read_bytes())
    assert not read.bozo
    return read


def test_an_entry_has_all_that_readers_of_the_feed_need(tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    read = atom(tmp_path)
    (entry,) = read.entries
    assert entry.title == "A title"
    assert entry.id.startswith("urn:uuid:")
    assert entry.published == entry.updated == "2027-01-09T15:00:00+00:00"
    assert entry.link == "https://lantern.example/january/posts/2027-01-09-fact/"
    assert entry.enclosures == [
        {"href": f"{entry.link}card-1.png", "type": "image/png", "length": str(len(PNG))},
    ]
    assert 'alt="272 cases."' in entry.content[0].value
    assert read.feed.title == "Prevention Month"
    assert read.feed.links[0] == {
        "href": "https://lantern.example/january/atom.xml",
        "rel": "self",
        "type": "application/atom+xml",
    }


def test_the_schema_tells_a_broken_feed(tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    tree = etree.parse(tmp_path / "site" / "public" / "atom.xml")
    (moment,) = tree.findall("{*}entry/{*}updated")
    moment.text = "yesterday"
    assert not SCHEMA.validate(tree)


def test_an_entry_keeps_its_id_when_the_site_moves(tmp_path: Path) -> None:
    here = publish(connect(tmp_path), message())
    moved = connect(tmp_path, url="https://elsewhere.example")
    (entry,) = atom(tmp_path).entries
    assert entry.id == here.id
    assert entry.link == "https://elsewhere.example/posts/2027-01-09-fact/"
    assert moved.check().problem == ""


def test_the_index_and_the_feed_begin_with_the_newest(tmp_path: Path) -> None:
    for day in range(1, 4):
        publisher = connect(tmp_path, NINE + timedelta(days=day))
        publish(publisher, message(title=f"Day {day}", post=f"day-{day}"), f"{day}" * 32)
    assert [e.title for e in atom(tmp_path).entries] == ["Day 3", "Day 2", "Day 1"]
    assert index(tmp_path).xpath("//*[@class='heading']/text()") == ["Day 3", "Day 2", "Day 1"]


def test_the_page_shows_text_picture_alt_source_date_and_help(tmp_path: Path) -> None:
    sent = message("One.\nTwo.\n\nSee https://a.example/x?y=1, now.", sources=(("ILO, 2021", "https://www.ilo.org/x"),))
    publish(connect(tmp_path), sent)
    shown = page(tmp_path)
    assert shown.xpath("//figure//img/@alt") == ["272 cases."]
    assert "272 cases." in shown.xpath("string(//figcaption/details)")
    assert [p.text_content().replace("\n", "") for p in shown.xpath("//div[@class='text']/p")] == [
        "One.Two.",
        "See https://a.example/x?y=1, now.",
    ]
    assert shown.xpath("//div[@class='text']//a/@href") == ["https://a.example/x?y=1"]
    assert shown.xpath("//*[@class='sources']//a/@href") == ["https://www.ilo.org/x"]
    assert shown.xpath("string(//time)") == "January 9, 2027"
    assert shown.xpath("//*[@class='ways']//a/@href") == ["tel:1888", "sms:7"]


def test_a_date_is_written_plainly_where_the_language_is_not_ours(tmp_path: Path) -> None:
    publish(connect(tmp_path), message(lang="es"))
    assert page(tmp_path).xpath("string(//time)") == "2027-01-09"
    assert page(tmp_path).get("lang") == "es"


def test_pages_have_no_script_and_ask_no_other_site_for_anything(tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    public = tmp_path / "site" / "public"
    for shown in (page(tmp_path), index(tmp_path)):
        assert not shown.xpath("//script | //iframe | //@onclick | //@style | //style")
        policy = shown.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
        assert policy.startswith("default-src 'none'; img-src 'self'; style-src 'self'")
        assert not [a for a in shown.xpath("//img/@src | //link[@rel='stylesheet']/@href") if "//" in a]
    assert "//" not in (public / "style.css").read_text().replace("/* ", "")
    assert sorted(p.name for p in public.iterdir()) == [
        "atom.xml", "index.html", "inter.woff2", "newsreader.woff2", "posts", "style.css",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"), ("muted", "paper"), ("link", "paper"), ("ink", "raised"), ("muted", "raised"),
        ("night-text", "night"), ("night-muted", "night"), ("amber", "night"), ("on-amber", "amber"),
    ],
)  # fmt: skip
def test_words_stand_out_from_their_ground(ink: str, ground: str, scheme: str, tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    light, dark = (tmp_path / "site/public/style.css").read_text().split("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    weights = (0.2126, 0.7152, 0.0722)  # WCAG 2.2, relative luminance
    low, high = sorted(
        sum(w * part for w, part in zip(weights, linear(colours[name]), strict=True)) for name in (ink, ground)
    )
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_hostile_words_stay_words_in_every_field(tmp_path: Path) -> None:
    image = message().images[0]
    card = Card("stat", 1200, 630, "png", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    sent = message(
        HOSTILE,
        title=HOSTILE,
        warning=HOSTILE,
        sources=((HOSTILE, "javascript:alert(1)"), (HOSTILE, 'https://a.example/"onclick="alert(1)')),
        images=(Image(image.sha256, image.path, image.mime, 1, 1, image.size, HOSTILE, card),),
    )
    account = Account("feed", "feed", handle=HOSTILE, options={"url": "https://lantern.example"})
    publish(feed.connect(account, None, root=tmp_path, now=lambda: NINE), sent)
    for shown in (page(tmp_path), index(tmp_path)):
        assert not shown.xpath("//script | //@onerror | //@onclick | //img[@src='x']")
        assert not [a for a in shown.xpath("//@href") if a.startswith("javascript:")]
        assert "49" not in shown.text_content().replace("7*7", "")
    assert page(tmp_path).xpath("//figure//img/@alt") == [HOSTILE]
    assert page(tmp_path).xpath("string(//h1)") == HOSTILE
    (entry,) = atom(tmp_path).entries
    assert entry.title == HOSTILE
    raw = etree.parse(tmp_path / "site" / "public" / "atom.xml").findtext("{*}entry/{*}content")
    content = html.fragment_fromstring(raw, create_parent="div")
    assert not content.xpath(".//script | .//@onerror | .//@onclick | .//img[@src='x']")
    assert content.xpath(".//img/@alt") == [HOSTILE]


def test_a_content_warning_stands_before_picture_and_text(tmp_path: Path) -> None:
    publish(connect(tmp_path), message(warning="violence"))
    (hidden,) = page(tmp_path).xpath("//details[@class='warning']")
    assert hidden.xpath("string(summary)") == "Content warning: violence"
    assert hidden.xpath(".//img")
    assert hidden.xpath(".//*[@class='text']")
    assert not index(tmp_path).xpath("//img")


@pytest.mark.parametrize("field", ["text", "title", "alt", "source"])
def test_a_control_character_is_refused_in_a_sentence(field: str, tmp_path: Path) -> None:
    bad = "Call now\x07"
    image = message().images[0]
    fields: dict[str, dict[str, Any]] = {
        "text": {"text": bad},
        "title": {"title": bad},
        "alt": {"images": (Image(image.sha256, image.path, image.mime, 1, 1, image.size, bad),)},
        "source": {"sources": ((bad, "https://a.example"),)},
    }
    with pytest.raises(Rejected, match=r"After “Call now” stands an unseen control character \(U\+0007\)"):
        connect(tmp_path).prepare(message(**fields[field]), (PNG,), KEY)
    assert posts(tmp_path) == []


def test_only_the_approved_picture_is_published(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="is not the one that was approved"):
        connect(tmp_path).prepare(message(), (b"another picture",), KEY)


def test_another_post_at_the_same_place_is_refused_and_stays(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    publish(publisher, message("The first."))
    prepared = publisher.prepare(message("The second."), (PNG,), OTHER)
    with pytest.raises(Rejected, match=r"already has another post at “2027-01-09-fact”"):
        publisher.publish(prepared)
    assert publisher.find(prepared) == NotThere()
    assert "The first." in page(tmp_path).text_content()


@pytest.mark.parametrize("slug", ["../../etc", "a/b", "a\\b", ".hidden", "x" * 201, "c:d"])
def test_a_draft_name_that_is_no_folder_name_is_refused(slug: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="cannot be a folder's"):
        connect(tmp_path).prepare(message(post=slug), (PNG,), KEY)


@pytest.mark.parametrize("folder", ["..", "../out", "/srv", "a/../..", "", ".", "C:/x", "a\\..\\..\\b", 3])
def test_a_folder_outside_the_project_is_refused(folder: object, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.feed\.folder"):
        connect(tmp_path, folder=folder)


@pytest.mark.parametrize("link", ["site", "site/public", "site/public/posts", "site/.staging"])
def test_a_link_that_leads_out_of_the_project_is_refused(link: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    outside.mkdir()
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside, target_is_directory=True)
    with pytest.raises(ConfigError, match="leads out of the project"):
        connect(root)


@pytest.mark.parametrize("url", [None, "", "lantern.example", "javascript:alert(1)", 'https://a"b', "https://a b"])
def test_an_address_that_is_none_names_its_setting(url: object, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.feed\.url must say where"):
        connect(tmp_path, url=url)


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes: what a full disk looks like to a program."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_before_the_rename_is_surely_not_sent(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    with largest_file(100), pytest.raises(Unavailable, match="The disk is full") as caught:
        publisher.prepare(message(), (PNG,), KEY)
    assert str(tmp_path) not in caught.value.text
    assert posts(tmp_path) == []
    publish(publisher, message())
    assert posts(tmp_path) == ["2027-01-09-fact"]


def test_a_full_disk_after_the_rename_does_not_hide_that_it_is_out(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    prepared = publisher.prepare(message(), (PNG,), KEY)
    with largest_file(100):
        published = publisher.publish(prepared)
        assert publisher.find(prepared) == published
        assert "disk is full" in publisher.check().problem
    assert not (tmp_path / "site" / "public" / "atom.xml").exists()
    assert publisher.check().problem == ""
    assert len(atom(tmp_path).entries) == 1


def test_a_rename_that_fails_is_surely_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = connect(tmp_path)
    prepared = publisher.prepare(message(), (PNG,), KEY)
    with monkeypatch.context() as broken:
        broken.setattr(os, "rename", _failing(errno.ENOSPC))
        with pytest.raises(Unavailable, match="The disk is full"):
            publisher.publish(prepared)
    assert publisher.find(prepared) == NotThere()
    assert publisher.publish(prepared) == publisher.find(prepared)


def test_a_rename_that_fails_after_it_happened_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = connect(tmp_path)
    prepared = publisher.prepare(message(), (PNG,), KEY)
    with monkeypatch.context() as broken:
        broken.setattr(os, "rename", _failing(errno.EIO, before=os.rename))
        published = publisher.publish(prepared)
    assert publisher.find(prepared) == published


def _failing(number: int, before: Callable[[Any, Any], None] | None = None) -> Callable[[Any, Any], None]:
    def rename(source: Any, target: Any) -> None:  # noqa: ANN401
        if before:
            before(source, target)
        raise OSError(number, os.strerror(number))

    return rename


def test_an_entry_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    prepared = publisher.prepare(message(), (PNG,), KEY)
    publisher.publish(prepared)
    (tmp_path / "site/public/posts/2027-01-09-fact/entry.json").write_text("{")
    found = publisher.find(prepared)
    assert isinstance(found, CannotTell)
    assert "entry.json cannot be read" in found.reason
    with pytest.raises(Unconfirmed, match="A person must look"):
        publisher.publish(prepared)


def test_what_was_prepared_and_taken_away_is_surely_not_sent(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    prepared = publisher.prepare(message(), (PNG,), KEY)
    shutil.rmtree(tmp_path / "site" / ".staging")
    with pytest.raises(Unavailable, match="prepared again"):
        publisher.publish(prepared)


def test_an_edited_message_never_goes_out_under_the_older_approval(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    older = publisher.prepare(message("Older."), (PNG,), KEY)
    newer = publisher.prepare(message("Newer."), (PNG,), KEY)
    with pytest.raises(Unavailable):
        publisher.publish(older)
    publisher.publish(newer)
    assert "Newer." in page(tmp_path).text_content()


@pytest.mark.parametrize("lost", ["index.html", "atom.xml", "style.css", "../views.json"])
def test_a_view_that_was_deleted_comes_back(lost: str, tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    (tmp_path / "site" / "public" / lost).unlink()
    connect(tmp_path)
    assert (tmp_path / "site" / "public" / lost).is_file()
    assert len(atom(tmp_path).entries) == 1


def test_an_entry_that_was_taken_away_leaves_the_views(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    publish(publisher, message())
    publish(publisher, message(title="Other", post="other"), OTHER)
    shutil.rmtree(tmp_path / "site/public/posts/2027-01-09-fact")
    connect(tmp_path)
    assert [e.title for e in atom(tmp_path).entries] == ["Other"]
    assert index(tmp_path).xpath("//*[@class='heading']/text()") == ["Other"]


def test_a_site_without_posts_is_a_valid_one(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    assert not (tmp_path / "site").exists()
    assert publisher.check().problem == ""
    assert atom(tmp_path).entries == []
    assert "The first post is yet to come." in index(tmp_path).text_content()


def test_a_renamed_draft_is_prepared_under_its_new_name(tmp_path: Path) -> None:
    publisher = connect(tmp_path)
    publisher.prepare(message(post="old-name"), (PNG,), KEY)
    published = publish(publisher, message(post="new-name"))
    assert posts(tmp_path) == ["new-name"]
    assert published.url.endswith("/posts/new-name/")


def test_unchanged_views_are_not_written_again(tmp_path: Path) -> None:
    publish(connect(tmp_path), message())
    before = (tmp_path / "site/public/index.html").stat().st_ino
    connect(tmp_path)
    assert (tmp_path / "site/public/index.html").stat().st_ino == before


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = connect(tmp_path)

    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "fsync", closed)  # root may write anywhere, so the refusal is put in
    assert publisher.check().problem == "The program may not write in site/public. Give its user the right to."


class Killer:
    """Ends this process with SIGKILL before its n-th call that changes a disk."""

    def __init__(self, number: int) -> None:
        self.left = number

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return wrapped

    def arm(self) -> None:
        for name in ("rename", "replace", "fsync", "mkdir", "unlink", "rmdir"):
            setattr(os, name, self.counted(getattr(os, name)))
        opened, counted = io.open, self.counted(io.open)

        def either(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return (counted if "w" in mode else opened)(file, mode, *args, **kwargs)

        io.open = builtins.open = either  # pathlib takes the one, shutil the other


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own; returns how that ended, as `os.waitpid` says it."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001  the parent must never come back twice
            os._exit(1)
    return os.waitpid(child, 0)[1]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_killed_at_any_instant_it_is_out_once_and_whole_or_not_at_all(tmp_path: Path) -> None:
    publish(connect(tmp_path / "warm"), message())  # loads the libraries once, for all the children
    outcomes = set()
    for number in range(1, 200):
        root = tmp_path / str(number)
        root.mkdir()
        saved = root / "prepared.json"

        def work(root: Path = root, saved: Path = saved, number: int = number) -> None:
            Killer(number).arm()
            publisher = connect(root)
            prepared = publisher.prepare(message(), (PNG,), KEY)
            handle = os.open(saved, os.O_CREAT | os.O_WRONLY)
            os.write(handle, json.dumps(prepared).encode())
            publisher.publish(prepared)

        ended = in_child(work)
        outcomes.add(_recovered(root, saved))
        assert _whole(root)
        if ended == 0:
            break
        assert ended == signal.SIGKILL
    else:
        pytest.fail("the publisher never came to its end")
    assert outcomes == {"not prepared", "not there", "out"}
    assert number > 20


def _recovered(root: Path, saved: Path) -> str:
    """Do what the daemon does after a crash; returns what it found."""
    publisher = connect(root, NINE + timedelta(hours=1))
    if saved.exists():
        found = publisher.find(json.loads(saved.read_bytes()))
        if isinstance(found, Published):
            return "out"
        assert found == NotThere()
    assert posts(root) == []
    publish(publisher, message())
    return "not there" if saved.exists() else "not prepared"


def _whole(root: Path) -> bool:
    """Whether exactly one entry is out, whole, and in both views."""
    entry = root / "site/public/posts/2027-01-09-fact"
    assert posts(root) == [entry.name]
    assert sorted(f.name for f in entry.iterdir()) == ["card-1.png", "entry.json", "index.html"]
    assert (entry / "card-1.png").read_bytes() == PNG
    assert json.loads((entry / "entry.json").read_bytes())["digest"] == message().digest
    assert page(root).xpath("string(//h1)") == "A title"
    assert index(root).xpath("//*[@class='heading']/text()") == ["A title"]
    return len(atom(root).entries) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("keys", [(KEY, KEY), (KEY, OTHER)])
def test_two_processes_at_once_publish_one_entry(keys: tuple[str, str], tmp_path: Path) -> None:
    publish(connect(tmp_path / "warm"), message())
    for turn in range(5):
        root = tmp_path / str(turn)
        prepared = [connect(root).prepare(message(f"By {key[0]}."), (PNG,), key) for key in dict.fromkeys(keys)]
        start, go = os.pipe()
        children = []
        for number in range(2):
            child = os.fork()
            if child == 0:
                os.close(go)
                os.read(start, 1)  # both wait for the same moment
                try:
                    connect(root).publish(prepared[number % len(prepared)])
                    os._exit(0)
                except Rejected:
                    os._exit(3)
                except BaseException:  # noqa: BLE001
                    os._exit(1)
            children.append(child)
        os.close(go)
        codes = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
        os.close(start)
        assert codes == ([0, 0] if len(prepared) == 1 else [0, 3])
        assert posts(root) == ["2027-01-09-fact"]
        connect(root)
        assert len(atom(root).entries) == 1


def test_a_list_shows_what_follows_the_topic_line_and_not_the_title_twice(tmp_path: Path) -> None:
    feed = connect(tmp_path)
    text = "After January\n\nThe month ends today. The lines stay open.\n\nHotline 1-888-373-7888"
    publish(feed, message(text=text, title="After January"))
    shown = " ".join(index(tmp_path).find("body").text_content().split())
    assert "The month ends today. The lines stay open." in shown
    assert shown.count("After January") == 1
