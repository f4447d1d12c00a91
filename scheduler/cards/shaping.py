"""Type for the cards: a line of text as placed glyphs, shaped by HarfBuzz from the fonts in this package.

Measures are in em, so that fitting a size is arithmetic. Nothing depends on what the machine has installed. A character
that no font has is a CardError: a card never shows an empty box.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, groupby, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import regex
import uharfbuzz as hb  # type: ignore[import-untyped]

from scheduler.cards import direction
from scheduler.cards.fonts import chain, face, opened
from scheduler.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.cards.fonts import Face

__all__ = ("Glyph", "Ink", "Line", "Style", "drop", "face", "rise", "shape")

HELD = 8192  # shaped lines and words kept

_LATIN = regex.compile(r"[\p{Script=Latin}\p{Script=Common}--\p{Extended_Pictographic}||[ -~©®]]*", regex.V1)
_WHITE = regex.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_SILENT = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]+")  # says how to set, has no picture
_CLUSTER = regex.compile(r"\X")
_WHITE_CLUSTER = regex.compile(r"\p{Zs}")
_AS_EMOJI = "\ufe0f"
_LIGATURES = ("liga", "clig")
_LATN = "Latn"


@dataclass(frozen=True, slots=True)
class Style:
    """A cut of a family: its axes, the tracking in em, and OpenType features."""

    family: str  # a family of fonts.CHAINS, or the path of a font file
    axes: tuple[tuple[str, float], ...] = ()
    tracking: float = 0.0
    features: tuple[str, ...] = ()
    changed: int = 0  # when a font file of the project was last changed


class Glyph(NamedTuple):
    """One glyph of a line: the font it is in (see `fonts.face`), its number, and where its pen stands (em, y up)."""

    font: int
    number: int
    x: float
    y: float


class Ink(NamedTuple):
    """Where ink falls, in em from the pen's start on the baseline: y downwards, so that `top` is mostly below zero."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, eq=False)  # the same text is the same line: see `shape`
class Line:
    """A shaped line. `width` is the advance in em; `rtl` says that it is read from the right."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float
    rtl: bool

    @cached_property
    def ink(self) -> Ink:
        """Where its ink falls."""
        return _ink(self.glyphs)


class _Run(NamedTuple):
    """A part of a line that one font sets in one go."""

    start: int
    end: int
    font: Face
    script: str
    level: int


@lru_cache(maxsize=HELD)
def shape(text: str, style: Style, lang: str = "") -> Line:
    """Set `text` on one line; `lang` is its language as in HTML ("es", "ar").

    Line ends in it count as spaces. Raises CardError for a character that no font has.
    """
    text = unicodedata.normalize("NFC", _WHITE.sub(" ", text))
    first = opened(style.family, style.axes, 0, style.changed)
    if _LATIN.fullmatch(text) and first.has.issuperset(map(ord, text)):
        glyphs, width = _set(text, (_Run(0, len(text), first, _LATN, 0),), style, lang)
        return Line(text, glyphs, width, rtl=False)
    base, found = direction.levels(text) if direction.mixed(text) else (0, [0] * len(text))
    runs = _runs(text, found, style, lang)
    order = direction.visual([run.level for run in runs])
    glyphs, width = _set(text, [runs[at] for at in order], style, lang)
    return Line(text, glyphs, width, rtl=base == 1)


@lru_cache(maxsize=256)
def rise(style: Style) -> float:
    """The height of a capital in em."""
    return -shape("H", style).ink.top


@lru_cache(maxsize=256)
def drop(style: Style) -> float:
    """How far a letter goes below the baseline, in em."""
    return shape("gjpqy", style).ink.bottom


def _set(text: str, runs: Iterable[_Run], style: Style, lang: str) -> tuple[tuple[Glyph, ...], float]:
    """The glyphs of runs that stand in the order in which they are seen, and the width of all."""
    glyphs: list[Glyph] = []
    pen = trailing = 0.0
    for run in runs:
        infos, places = _shaped(text, run, style, lang)
        em, font = run.font.em, run.font.number
        tracking = 0.0 if run.script in _JOINED else style.tracking
        moves = [place.position for place in places]
        steps = [advance / em for _, _, advance, _ in moves]
        if tracking and infos:
            ends = [*(info.cluster for info in infos[1:]), -1]
            steps = [s if i.cluster == end else s + tracking for s, i, end in zip(steps, infos, ends, strict=True)]
        pens = list(accumulate(steps, initial=pen))
        rows = [
            (font, info.codepoint, at + across / em, up / em)
            for info, at, (across, up, _, _) in zip(infos, pens, moves, strict=False)
        ]
        pen = pens[-1]
        glyphs += map(tuple.__new__, repeat(Glyph), rows)  # as Glyph._make, in half of its time
        trailing = tracking if infos else trailing
    return tuple(glyphs), pen - trailing


def _shaped(text: str, run: _Run, style: Style, lang: str) -> tuple[list[Any], list[Any]]:
    buffer = hb.Buffer()
    buffer.add_str(text, run.start, run.end - run.start)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    if lang:
        buffer.language = lang
    features = dict.fromkeys(style.features, True)
    if style.tracking:  # letters set apart do not join
        features = dict.fromkeys(_LIGATURES, False) | features
    hb.shape(run.font.font, buffer, features)
    return buffer.glyph_infos or [], buffer.glyph_positions or []


_JOINED = frozenset(("Arab", "Syrc", "Mong", "Deva", "Beng", "Guru"))  # scripts whose letters touch: never tracked


def _runs(text: str, found: list[int], style: Style, lang: str) -> list[_Run]:
    """The text cut where the level, the script or the font changes, and never inside a character as people see it."""
    clusters = [(match.start(), match[0]) for match in _CLUSTER.finditer(text)]
    scripts = _scripts([cluster for _, cluster in clusters])
    parts: list[_Run] = []
    current: Face | None = None
    for (start, cluster), script in zip(clusters, scripts, strict=True):
        keeps = current and (_quiet(cluster) or _joins(cluster, script, current))
        font = current if keeps and current else _font_for(cluster, style, lang)
        parts.append(_Run(start, start + len(cluster), font, script, found[start]))
        current = font
    runs = []
    for _, group in groupby(parts, key=lambda part: (part.level, part.script, part.font.number)):
        whole = list(group)
        runs.append(whole[0]._replace(end=whole[-1].end))
    return runs


def _quiet(cluster: str) -> bool:
    return _SILENT.fullmatch(cluster) is not None


def _joins(cluster: str, script: str, current: Face) -> bool:
    """Whether a space is set in the font of the words around it: it belongs to their spacing."""
    inside = script != _LATN and not current.emoji
    return inside and _WHITE_CLUSTER.fullmatch(cluster) is not None and ord(cluster) in current.has


def _scripts(clusters: list[str]) -> list[str]:
    """The script of each cluster; what belongs to no script goes with what precedes it, or else with what follows."""
    found = [_script(cluster) for cluster in clusters]
    last = next((script for script in found if script), _LATN)
    for at, script in enumerate(found):
        last = found[at] = script or last
    return found


@lru_cache(maxsize=4096)
def _script(cluster: str) -> str:
    """The ISO 15924 tag of the first character that has a script of its own; empty when none has."""
    buffer = hb.Buffer()
    buffer.add_str(cluster)
    buffer.guess_segment_properties()
    return str(buffer.script or "")


@lru_cache(maxsize=4096)
def _font_for(cluster: str, style: Style, lang: str) -> Face:
    """The first font of the chain that has all of a cluster, or that can compose it. Raises CardError."""
    needed = {ord(char) for char in _SILENT.sub("", cluster)}
    places = list(range(len(chain(style.family))))
    if _AS_EMOJI in cluster:
        places = [places[-1], *places]
    for place in places:
        if opened(style.family, style.axes, place, style.changed).has >= needed:
            return opened(style.family, style.axes, place, style.changed)
    for place in places:
        font = opened(style.family, style.axes, place, style.changed)
        infos, _ = _shaped(cluster, _Run(0, len(cluster), font, _script(cluster) or _LATN, 0), style, lang)
        if all(info.codepoint for info in infos):
            return font
    raise CardError(
        _no_picture(cluster, [opened(style.family, style.axes, place, style.changed).has for place in places])
    )


def _no_picture(cluster: str, having: list[frozenset[int]]) -> str:
    """The sentence that names what the fonts lack: one character, or several that no single font has together."""
    lacking = [char for char in cluster if not _SILENT.match(char) and not any(ord(char) in has for has in having)]
    char = lacking[0] if lacking else cluster[-1]
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "a character without a name").capitalize()
    shown = f"“{char}” ({code}, {name})" if char.isprintable() else f"character {code}, which is not for print"
    return f"The card's fonts have no {shown}. Take it out of the card's text."


def _ink(glyphs: tuple[Glyph, ...]) -> Ink:
    placed = [
        (x + box.left, box.top - y, x + box.right, box.bottom - y)
        for font, number, x, y in glyphs
        if (box := _extent(font, number))
    ]
    if not placed:
        return Ink(0.0, 0.0, 0.0, 0.0)
    left, top, right, bottom = zip(*placed, strict=True)
    return Ink(min(left), min(top), max(right), max(bottom))


@lru_cache(maxsize=8192)
def _extent(font: int, number: int) -> Ink | None:
    extents = face(font).get_glyph_extents(number)
    if extents is None or not extents.width or not extents.height:
        return None
    em, left, top = face(font).face.upem, extents.x_bearing, -extents.y_bearing
    return Ink(left / em, top / em, (left + extents.width) / em, (top - extents.height) / em)
