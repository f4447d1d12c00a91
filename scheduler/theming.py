"""The part [theme] of config.toml: a built-in theme, and what the campaign changes in it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from scheduler.facts import suggest
from scheduler.model import LAYOUTS, Theme
from scheduler.themes import BUILT_IN

if TYPE_CHECKING:
    from scheduler.facts import Table

KEYS = tuple(f.name for f in fields(Theme))
MOODS = ("lamplight", "daybreak", "still")
FAMILIES = ("bricolage", "newsreader", "inter")  # that the package has
FONTS = (".ttf", ".otf")
LOGOS = (".png",)
SPACING = (0.8, 1.3)
GLOWS = 3
SHARED = ("logo", "logo_ink", "figure_font", "text_font", "label_font", "spacing")  # by all themes of a campaign

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# What is not named goes with what is: a theme of another colour has no leftovers of the built-in one.
_FOLLOWS = {"figure_top": "accent", "figure_foot": "accent", "shade": "background"}
_MAY_FOLLOW = {"bar": "accent", "on_bar": "on_accent"}  # where the two are one colour in the built-in theme


def read(table: Table) -> Theme:
    """The theme that the table describes; what is wrong with it gathers in the table."""
    table.only((*KEYS, "layouts"))
    base = BUILT_IN[_choice(table, "name", tuple(BUILT_IN), "lantern")]
    given: dict[str, Any] = {}
    for key in (k for k in KEYS if k in table.values and k != "name"):
        value = _value(table, key)
        if value is not None:
            given[key] = value
    return replace(base, **_following(base, given), **given)


def read_looks(table: Table, theme: Theme) -> dict[str, Theme]:
    """The layouts that have a built-in theme of their own, with the logo, fonts and spacing of the campaign's."""
    table.only(LAYOUTS)
    shared = {key: getattr(theme, key) for key in SHARED}
    named = {layout: _choice(table, layout, tuple(BUILT_IN), "") for layout in LAYOUTS if layout in table.values}
    return {
        layout: theme if name == theme.name else replace(BUILT_IN[name], **shared)
        for layout, name in named.items()
        if name
    }


def _following(base: Theme, given: dict[str, Any]) -> dict[str, Any]:
    follows = dict(_FOLLOWS)
    follows |= {own: other for own, other in _MAY_FOLLOW.items() if getattr(base, own) == getattr(base, other)}
    changed = {key for key, value in given.items() if str(value).lower() != str(getattr(base, key)).lower()}
    found: dict[str, Any] = {k: given[other] for k, other in follows.items() if other in changed and k not in given}
    if "background" in changed and "glows" not in given:
        found["glows"] = ()
    return found


def _value(table: Table, key: str) -> Any:  # noqa: ANN401 - of each key its own type
    """The value of a key; None, with a note, when it cannot be used."""
    match key:
        case "glows":
            value: object = _glows(table)
        case "spacing":
            value = _spacing(table)
        case "mood":
            value = _choice(table, key, MOODS, "") or None
        case "logo":
            value = _file(table, key, LOGOS)
        case "figure_font" | "text_font" | "label_font":
            value = _font(table, key)
        case _:
            value = _colour(table, key)
    return value


def _choice(table: Table, key: str, known: tuple[str, ...], default: str) -> str:
    if key not in table.values:
        return default
    value = table.choice(key, known)
    return value if value in known else default


def _colour(table: Table, key: str) -> str | None:
    ink = key == "logo_ink"
    written = table.text(key, required=not ink)
    return written if (ink and written in {"", "accent", "text"}) or _is_colour(table, key, written) else None


def _is_colour(table: Table, key: str, value: object) -> bool:
    if isinstance(value, str) and _COLOUR.fullmatch(value):
        return True
    if value:
        text = f'{table.full(key)}: "{value}" is not a colour.'
        words = ', or "accent" or "text" for the theme\'s own' if key == "logo_ink" else ""
        table.problem(key, "wrong-colour", text, f'Write it as #rrggbb, for example "#101c33"{words}.')
    return False


def _glows(table: Table) -> tuple[str, ...] | None:
    value = table.values["glows"]
    if not isinstance(value, list) or len(value) > GLOWS or not all(isinstance(v, str) and v for v in value):
        text = f"{table.full('glows')} is not a list of at most {GLOWS} colours."
        table.problem("glows", "wrong-type", text, 'Write it so: glows = ["#e0492a", "#6b2c86"].')
        return None
    return tuple(value) if all(_is_colour(table, "glows", v) for v in value) else None


def _spacing(table: Table) -> float | None:
    value = table.values["spacing"]
    least, most = SPACING
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    text = f"{table.full('spacing')} is not a number from {least} to {most}."
    table.problem("spacing", "wrong-number", text, "Write 1.0 for the usual margins, more for more air.")
    return None


def _font(table: Table, key: str) -> str | None:
    written = table.text(key, required=True)
    if "/" in written or "\\" in written or written.lower().endswith(FONTS):
        return _file(table, key, FONTS)
    if written in FAMILIES:
        return written
    if written:
        mend = suggest(
            written, FAMILIES, f"Use one of {', '.join(FAMILIES)}, or a file below images/ ending in .ttf or .otf."
        )
        table.problem(key, "unknown-word", f'{table.full(key)}: there is no font "{written}".', mend)
    return None


def _file(table: Table, key: str, endings: tuple[str, ...]) -> str | None:
    """A file below images/, by its path in the project; that it is there is found when a card is drawn."""
    written = table.text(key)
    parts = PurePosixPath(written).parts
    fits = "\\" not in written and len(parts) > 1 and parts[0] == "images" and ".." not in parts
    if not written or (fits and written.lower().endswith(endings)):
        return written
    text = f'{table.full(key)}: "{written}" is not a file below images/ that ends in {" or ".join(endings)}.'
    table.problem(key, "theme-file", text, f'Copy it there, and write {key} = "images/name{endings[0]}".')
    return None
