"""The pictures of a post: sent up with their alt texts, or taken over from an earlier try."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.errors import Rejected, Unavailable, Unconfirmed
from scheduler.publishers.mastodon.answer import NOT_FOUND, SHOWN, before
from scheduler.publishers.mastodon.text import same_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.model import Image
    from scheduler.publishers.mastodon.answer import Answer
    from scheduler.publishers.mastodon.line import Line

PROCESSING = 45.0  # seconds that a server may take to make a picture its own: 3 minutes for the most that a post has
POLL = 0.5  # seconds between two looks; read at each call, as those of _timing are
REUSED = timedelta(hours=20)  # servers delete what is in no post after a day
KEPT = timedelta(hours=24)  # before that, an upload that is gone was not deleted: it is in a post
OK, PARTIAL, UNPROCESSABLE = 200, 206, 422
SUFFIX = {"image/png": "png", "image/jpeg": "jpg"}


def pictures(images: tuple[Image, ...]) -> list[list[str]]:
    """What tells whether uploads are still the right ones: the bytes' digest and the alt text of each."""
    return [[i.sha256, i.alt] for i in images]


def kept(line: Line, earlier: Mapping[str, Any], wanted: list[list[str]], now: datetime) -> list[str]:
    """The uploads of an earlier try, if they can be used for this one; none where new ones do no harm.

    Raises Unconfirmed when they are in a post: that can only be the one which is looked for. GoToSocial shows attached
    ones too; it refuses them when the post is sent.
    """
    ids = [str(one) for one in earlier["media_ids"]]
    age = now - datetime.fromisoformat(earlier["uploaded_at"]).astimezone(UTC)
    answers = [_look(line, one) for one in ids]
    if any(answer is None for answer in answers):
        if age < KEPT:
            raise Unconfirmed("The pictures of the first try are used: it may be out.")
        return []
    failed = any(answer and answer.status == UNPROCESSABLE for answer in answers)
    if failed or age >= REUSED or earlier["pictures"] != wanted:
        return []
    for one in ids:
        _wait(line, one)
    return ids


def send(line: Line, image: Image, packed: bytes, number: int) -> str:
    """Upload one picture, and wait until the server has made it its own; its id."""
    name = f"card-{number}.{SUFFIX.get(image.mime, 'img')}"
    answer = line.done(
        lambda sdk: sdk.media_post(packed, mime_type=image.mime, description=image.alt or None, file_name=name),
        upload=True,
    )
    data = answer.data
    if not isinstance(data, dict) or not data.get("id"):
        raise Unavailable(f"{line.host} took a picture and did not name it.", detail=answer.detail)
    if answer.status != OK or not data.get("url") or (image.alt and not data.get("description")):
        data = _wait(line, str(data["id"]))
    _need_alt(line, image, data)
    return str(data["id"])


def _need_alt(line: Line, image: Image, data: Mapping[str, Any]) -> None:
    """Raise Rejected when the server has another alt text than was sent: some cut or drop it without a word."""
    kept = str(data.get("description") or "")
    if not same_source(kept, image.alt):
        text = f"did not keep the alt text of {image.path} as approved: {len(kept):,} characters of {len(image.alt):,}"
        raise Rejected(f"{line.host} {text}. Shorten or reword it, then retry.", detail=kept[:SHOWN])


def _look(line: Line, media: str) -> Answer | None:
    """The answer about an upload that is in no post; None when there is none of that id."""
    answer = line.heard(lambda sdk: sdk.media(media))
    if answer.status == NOT_FOUND and answer.reason:
        return None
    if answer.reason and answer.status == UNPROCESSABLE:
        return answer
    if answer.ok and isinstance(answer.data, dict):
        return answer
    raise before(answer, line.host, line.account)


def _wait(line: Line, media: str) -> dict[str, Any]:
    """What the server says of an upload, once it has made it its own."""
    until = time.monotonic() + PROCESSING
    while True:
        answer = _look(line, media)
        if answer is None:
            raise Unavailable(f"{line.host} lost a picture that it had taken.")
        if answer.status == UNPROCESSABLE:
            raise Rejected(f"{line.host} cannot use a picture: {answer.reason}.", detail=answer.detail)
        if answer.status != PARTIAL and answer.data.get("url"):
            return dict(answer.data)
        if time.monotonic() + POLL > until:
            raise Unavailable(f"{line.host} was still working on a picture after {PROCESSING:.0f} seconds.")
        time.sleep(POLL)
