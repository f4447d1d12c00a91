"""The fonts of the cards: families, what stands in for a character they lack, and the files behind them.

A chain of files speaks for a family: its own first, then what has the other scripts, and emoji in the text's own colour
last. A file is opened when a character first needs it, so that a card in English never loads Arabic.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import uharfbuzz as hb  # type: ignore[import-untyped]

from scheduler.errors import CardError

FOLDER = Path(__file__).parent / "fonts"
FILES_OF_TYPE = (".ttf", ".otf")

_INTER = ("inter-latin", "inter-latin-ext", "inter-vietnamese", "inter-cyrillic")
_SANS = ("sans-arabic", "sans-devanagari", "emoji")
_SERIF = ("naskh-arabic", "serif-devanagari", "emoji")
CHAINS = {
    "inter": (*_INTER, *_SANS),
    "bricolage": ("bricolage-latin", "bricolage-latin-ext", "bricolage-vietnamese", *_INTER, *_SANS),
    "newsreader": ("newsreader-latin", "newsreader-latin-ext", "newsreader-vietnamese", *_INTER, *_SERIF),
}

_FACES: list[Any] = []  # never shortened: a number stays good as long as the process
_COUNTING = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A font file at one setting of its axes. `number` names it in this process; `has` are the characters it knows."""

    number: int
    font: Any  # hb.Font
    em: int  # its units in an em
    has: frozenset[int]
    emoji: bool


def face(number: int) -> Any:  # noqa: ANN401  HarfBuzz's own, which has no types
    """The hb.Font that a Glyph names."""
    return _FACES[number]


@lru_cache(maxsize=64)
def chain(family: str) -> tuple[Path, ...]:
    """The files of a family, in the order in which they are asked for a character. Raises CardError.

    A `family` is one of CHAINS, or the path of a font file, in whose place Inter then stands in for what it lacks.
    """
    if family in CHAINS:
        return tuple(FOLDER / f"{name}.ttf" for name in CHAINS[family])
    if family.lower().endswith(FILES_OF_TYPE):
        return (Path(family), *chain("inter"))
    raise CardError(
        f"There is no font family “{family}”. Use {', '.join(CHAINS)}, or the path of a .ttf or .otf file in images/."
    )


@cache  # as many as there are styles in the themes
def opened(family: str, axes: tuple[tuple[str, float], ...], place: int, changed: int = 0) -> Face:
    """The file at a `place` of the family's chain, its axes set as far as it has them. Raises CardError.

    A file of the project's is read anew when `changed`, the number of its time and size, is another.
    HarfBuzz keeps each axis within what the font allows, and leaves out one that it does not know.
    """
    path = chain(family)[place]
    source, has = _load(path, changed)
    font = hb.Font(source)
    font.set_variations(dict(axes))
    with _COUNTING:
        _FACES.append(font)
        return Face(len(_FACES) - 1, font, source.upem, has, emoji=path.name == "emoji.ttf")


@cache  # one a file
def _load(path: Path, _changed: int) -> tuple[Any, frozenset[int]]:
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise CardError(
            f"The font file “{path.name}” cannot be read: {error.strerror or error}. Put it there, or name another.",
            detail=str(error),
        ) from error
    source = hb.Face(hb.Blob(packed))
    has = frozenset(source.unicodes) if _whole(packed) else frozenset()
    if not has or not _draws(source, has):
        raise CardError(
            f"The font file “{path.name}” is damaged, or no TrueType or OpenType font. Save it again as .ttf or .otf."
        )
    return source, has


def _whole(packed: bytes) -> bool:
    """Whether each table that the file announces lies within it (the table directory of OpenType 1.9)."""
    try:
        count = struct.unpack_from(">H", packed, 4)[0]
        places = [struct.unpack_from(">II", packed, 12 + 16 * i + 8) for i in range(count)]
    except struct.error:
        return False
    return all(start + length <= len(packed) for start, length in places)


def _draws(source: Any, has: frozenset[int]) -> bool:  # noqa: ANN401
    """Whether some character has ink: a font whose outlines are lost would set invisible words."""
    font = hb.Font(source)
    sample = sorted(has)[-50:]
    return any(_tall(font.get_glyph_extents(font.get_nominal_glyph(char))) for char in sample)


def _tall(extents: Any) -> bool:  # noqa: ANN401
    return extents is not None and extents.height != 0
