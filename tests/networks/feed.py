"""The feed, for the contract suite."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.model import Account
from scheduler.publishers import feed

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.model import Publisher

ACCOUNT = Account("feed", "feed", handle="Lantern Project", options={"url": "https://lantern.example/january"})


def connect(root: Path) -> Publisher:
    """A publisher on an empty account, the same one for the same root."""
    return feed.connect(ACCOUNT, None, root=root, now=lambda: datetime(2027, 1, 9, 15, tzinfo=UTC))


def public(root: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What the public sees: text and alt texts of each post."""
    entries = [json.loads(file.read_bytes()) for file in root.glob("site/public/posts/*/entry.json")]
    return [(e["text"], tuple(i["alt"] for i in e["images"])) for e in entries]


def spoil(root: Path) -> None:
    """Make the next publish fail."""
    posts = root / "site" / "public" / "posts"
    posts.rmdir()
    posts.write_text("a file where the folder should be")
