"""The drafts as files: which there are, which one a person means, and moving one to another day."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler import drafts, moving
from scheduler.errors import Refused

if TYPE_CHECKING:
    from datetime import date, time

POSTS = "posts"


def paths(root: Path) -> list[Path]:
    """The drafts in ``posts/``, by name. Raises OSError when the folder cannot be read."""
    return sorted(p for p in (root / POSTS).iterdir() if p.suffix == ".md" and not p.name.startswith("."))


def draft(root: Path, name: str) -> Path:
    """The draft that `name` means: its file, slug, date or their beginning. Raises Refused."""
    short = Path(name).name.removesuffix(".md")
    try:
        found = paths(root)
    except OSError:
        found = []
    fits = [p for p in found if p.stem == short] or [p for p in found if short and p.stem.startswith(short)]
    if len(fits) > 1:
        some = ", ".join(p.stem for p in fits[:4])
        raise Refused(f'"{name}" fits {len(fits)} drafts: {some}{" …" if fits[4:] else ""}. Name one.')
    if not fits:
        raise Refused(f'There is no draft "{name}" in posts/.')
    return fits[0]


def move(path: Path, day: date, at: time | None) -> Path:
    """Rewrite the date line of a draft, and rename its file when its name begins with a day.

    Raises Refused when the new name is taken or the file was changed meanwhile; then nothing was done.
    """
    name = f"{POSTS}/{path.name}"
    raw = path.read_bytes()
    source, problems = drafts.decode(raw, name)
    if source is None:
        raise Refused("\n".join(str(p) for p in problems))
    text = moving.moved(raw.decode("utf-8"), name, day, at)
    target = _dated(path, day)
    if target != path and target.exists():
        raise Refused(f"{POSTS}/{target.name} exists already. Rename one of the two first.")
    if path.read_bytes() != raw:
        raise Refused(f"{name} was changed meanwhile. Nothing was done; try again.")
    _replace(path, text.encode())
    return path.rename(target) if target != path else path


def _dated(path: Path, day: date) -> Path:
    head, rest = path.name[:10], path.name[10:]
    dated = len(head) == 10 and head[4] == head[7] == "-" and head.replace("-", "").isdigit()  # noqa: PLR2004
    return path.with_name(f"{day.isoformat()}{rest}") if dated else path


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never half."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
