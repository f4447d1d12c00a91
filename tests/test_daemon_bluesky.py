"""The whole program, as a process of its own, against Bluesky's own server: what was approved is what stands there."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image as Picture

from scheduler import planning
from scheduler.app import App
from scheduler.model import Image, Message, Status
from tests.faults import project
from tests.networks import bluesky as here
from tests.servers import pds

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Delivery

TEXT = "272 cases 🙏🏽 in 2024, by the hotline: https://lantern.example/law é ñ\n\nWear blue. #WearBlueDay #StLouis"
SIZES = ((120, 80), (80, 120), (90, 90), (160, 90))


def make(root: Path) -> None:
    """A project whose only account is on Bluesky, and whose drafts are the test's to queue."""
    project.make(root, ())
    text = (root / "config.toml").read_text(encoding="utf-8").partition("[accounts.feed]")[0]
    account = here.account(root)
    text += f'[accounts.bluesky]\nnetwork = "bluesky"\nhandle = "{account.handle}"\n'
    (root / "config.toml").write_text(text + f'server = "{account.options["server"]}"\n', encoding="utf-8")


def picture(root: Path, number: int) -> Image:
    """A picture of the project, in a size and a colour of its own."""
    width, height = SIZES[number]
    packed = io.BytesIO()
    Picture.new("RGB", (width, height), (60 * number, 90, 140)).save(packed, "JPEG")
    data = packed.getvalue()
    path = f"images/{number}.jpg"
    (root / "images").mkdir(exist_ok=True)
    (root / path).write_bytes(data)
    alt = f"Picture {number}: “quoted”, é, 🙏🏽."
    return Image(hashlib.sha256(data).hexdigest(), path, "image/jpeg", width, height, len(data), alt)


def queue(root: Path, message: Message) -> None:
    """Put a message into the queue, approved and due."""
    app = App.open(root)
    now = datetime.now(UTC)
    want = planning.Planned(
        *(message.post, f"posts/{message.post}.md", "bluesky", "bluesky", now.date(), message.title),
        *(now - timedelta(minutes=1), now + timedelta(hours=1), message),
    )
    with app.store.writing() as write:
        write.set_accounts({"bluesky"})
        write.apply(planning.changes([want], (), approved=(), broken=(), now=now, approval=False), now, "test")
    app.close()


def run(root: Path) -> str:
    """`campaign run --once`, as a person or cron starts it; what it printed."""
    secrets = {f"CAMPAIGN_BLUESKY_{name.upper()}": value for name, value in here.secrets(root).items()}
    command = [sys.executable, "-m", "scheduler", "--root", str(root), "run", "--once"]
    done = subprocess.run(command, env={**os.environ, **secrets}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def only(root: Path) -> Delivery:
    app = App.open(root)
    with app.store.reading() as read:
        (row,) = read.deliveries()
    app.close()
    return row


def records(root: Path) -> list[dict[str, Any]]:
    return list(pds.shared().posts(here.person(root).did))


def test_text_facets_four_pictures_language_and_labels_stand_there_as_they_were_approved(tmp_path: Path) -> None:
    make(tmp_path)
    pictures = tuple(picture(tmp_path, number) for number in range(4))
    labels = ("graphic-media",)
    message = Message("bluesky", "bluesky", TEXT, pictures, lang="es", labels=labels, title="Blue", post="blue")
    queue(tmp_path, message)
    said = run(tmp_path)
    row = only(tmp_path)
    assert (row.status, row.reason) == (Status.PUBLISHED, "Published."), said
    (there,) = records(tmp_path)
    value = there["value"]
    assert row.remote_id == there["uri"]
    assert row.url == f"https://bsky.app/profile/{here.person(tmp_path).handle}/post/{there['uri'].rsplit('/', 1)[1]}"
    assert value["text"] == TEXT
    assert value["langs"] == ["es"]
    assert [label["val"] for label in value["labels"]["values"]] == ["graphic-media"]
    packed = TEXT.encode()
    marked = {
        packed[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(): f["features"][0] for f in value["facets"]
    }
    assert marked["https://lantern.example/law"]["uri"] == "https://lantern.example/law"
    assert (marked["#WearBlueDay"]["tag"], marked["#StLouis"]["tag"]) == ("WearBlueDay", "StLouis")
    shown = value["embed"]["images"]
    assert [i["alt"] for i in shown] == [p.alt for p in pictures]
    assert [(i["aspectRatio"]["width"], i["aspectRatio"]["height"]) for i in shown] == list(SIZES)
    for image, one in zip(pictures, shown, strict=True):
        cid = one["image"]["ref"]["$link"]
        blob = pds.shared().get("com.atproto.sync.getBlob", did=here.person(tmp_path).did, cid=cid)
        assert hashlib.sha256(blob.content).hexdigest() == image.sha256
    assert run(tmp_path)
    assert len(records(tmp_path)) == 1


def test_a_thread_stands_there_in_order_and_no_secret_is_left_anywhere(tmp_path: Path) -> None:
    make(tmp_path)
    message = Message("bluesky", "bluesky", "One.", (picture(tmp_path, 0),), post="thread", title="One")
    queue(tmp_path, replace(message, more=("Two. #Two", "Three.")))
    said = run(tmp_path)
    assert only(tmp_path).status is Status.PUBLISHED
    one, two, three = records(tmp_path)
    assert [r["value"]["text"] for r in (one, two, three)] == ["One.", "Two. #Two", "Three."]
    assert two["value"]["reply"]["root"] == {"uri": one["uri"], "cid": one["cid"]}
    assert two["value"]["reply"]["parent"] == {"uri": one["uri"], "cid": one["cid"]}
    assert three["value"]["reply"]["root"] == {"uri": one["uri"], "cid": one["cid"]}
    assert three["value"]["reply"]["parent"] == {"uri": two["uri"], "cid": two["cid"]}
    assert "embed" in one["value"]
    assert "embed" not in two["value"]
    kept = tmp_path / "var" / "credentials.json"
    assert kept.stat().st_mode & 0o077 == 0
    session = kept.read_text(encoding="utf-8")
    assert "eyJ" in session  # the session is kept, so that the next start needs no login
    held = [*here.secrets(tmp_path).values(), *(w for w in session.split('"') if "eyJ" in w and len(w) > 40)]
    assert len(held) > 1
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and p != kept):
        data = path.read_bytes()
        assert not [one for one in held if one.encode() in data], path
    assert not [one for one in held if one in said]
