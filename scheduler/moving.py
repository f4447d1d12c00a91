"""A draft on another day: its date line is rewritten in place, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.drafts import FRONT
from scheduler.errors import Refused
from scheduler.frontmatter import Notes, Value, compose

if TYPE_CHECKING:
    from datetime import date, time


def moved(source: str, path: str, day: date, at: time | None) -> str:
    """The draft with another date and, when `at` is given, another time; all else stays byte for byte.

    Raises Refused when its front matter has no date that can be changed in place.
    """
    found = FRONT.match(source)
    root = compose(found[1], Notes(path)) if found else None
    if not found or root is None:
        raise Refused(f"{path} was not moved: its front matter cannot be read.")
    front = found[1]
    for start, end, value in sorted(_edits(front, root, day, at), reverse=True):
        front = front[:start] + value + front[end:]
    _check_moved(front, path, day, at)
    return source[: found.start(1)] + front + source[found.end(1) :]


def _edits(front: str, root: Value, day: date, at: time | None) -> list[tuple[int, int, str]]:
    """What to write where in the front matter: start, end and new text of each change."""
    found = {key.text: (key, value) for key, value in root.keys}
    if "date" not in found:
        return []
    key, value = found["date"]
    if value.is_null or value.quote in {"|", ">"}:
        return []
    edits = [(value.start, value.end, _quoted_as(value, str(day)))]
    if at is None:
        return edits
    clock = f"{at:%H:%M}"
    if "time" not in found:
        edits.append(_new_time(front, value.end, " " * key.column, clock, in_braces=root.in_braces))
    elif found["time"][1].is_null:
        colon = front.index(":", found["time"][0].end) + 1
        edits.append((colon, colon, f' "{clock}"'))
    else:
        old = found["time"][1]
        edits.append((old.start, old.end, _quoted_as(old, clock)))
    return edits


def _new_time(front: str, after: int, indent: str, clock: str, *, in_braces: bool) -> tuple[int, int, str]:
    if in_braces:
        return after, after, f', time: "{clock}"'
    end = front.index("\n", after)
    newline = "\r\n" if front[end - 1] == "\r" else "\n"
    return end + 1, end + 1, f'{indent}time: "{clock}"{newline}'


def _quoted_as(old: Value, new: str) -> str:
    return f"{old.quote}{new}{old.quote}" if old.quote in {"'", '"'} else new


def _check_moved(front: str, path: str, day: date, at: time | None) -> None:
    """Read the changed front matter once more, so that an odd form is refused and never spoiled."""
    root = compose(front, Notes(path))
    values = {key.text: value.text for key, value in root.keys} if root else {}
    right = values.get("date") == str(day) and (at is None or values.get("time") == f"{at:%H:%M}")
    if not right or not front.endswith("\n"):
        raise Refused(f"{path} was not moved: its date is not in a line of its own. Change it by hand.")
