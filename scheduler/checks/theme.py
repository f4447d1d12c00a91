"""Whether the colours of the theme can be told apart by everyone: WCAG 2.2, and the three common colour-blindnesses.

The ground is taken as it is lit: at its darkest and at its lightest place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler import colour
from scheduler.light import extremes
from scheduler.rules import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.colour import Light
    from scheduler.model import Campaign, Problem, Theme

CONTRAST = 4.5  # WCAG 2.2, 1.4.3, level AA
AIM = 7.0  # the same, 1.4.6, level AAA: for the sentence
SHAPE = 3.0  # WCAG 2.2, 1.4.11: shapes that mean something
SEEN = 1.3  # a shape that only keeps its place
NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# severity 1.0, on linear RGB.
EYES = {
    "": NORMAL,
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_GROUND = ("background", "shade")
_ON_GROUND = ("text", "muted", "accent", "figure_top", "figure_foot")
_PAIRS = (
    *((name, _GROUND, CONTRAST) for name in _ON_GROUND),
    ("on_accent", ("accent",), CONTRAST),
    ("on_bar", ("bar",), CONTRAST),
    ("accent", ("track",), SHAPE),
    ("track", ("background",), SEEN),
)
_FOR_ALL_EYES = (("text", "background", CONTRAST), ("accent", "track", SHAPE))  # what the meaning rests on


def check_theme(campaign: Campaign) -> tuple[Problem, ...]:
    """Whether the colours of each theme that cards have can be told apart."""
    found = (problem for theme in (campaign.theme, *campaign.looks.values()) for problem in _of(theme))
    return tuple(dict.fromkeys(found))


def _of(theme: Theme) -> tuple[Problem, ...]:
    names = dict.fromkeys(name for one, grounds, _ in _PAIRS for name in (one, *grounds))
    wrong = [name for name in names if not re.fullmatch(r"#[0-9a-fA-F]{6}", getattr(theme, name))]
    if not wrong:
        return (*_too_close(theme), *_alike_to_some(theme), *_outshone(theme))
    said = [f"theme.{name} is “{getattr(theme, name)}”, which is not a colour." for name in wrong]
    return tuple(problem("wrong-colour", "config.toml", 0, text) for text in said)


def _too_close(theme: Theme) -> Iterator[Problem]:
    for name, grounds, least in _PAIRS:
        ratio, ground = min((contrast(getattr(theme, name), getattr(theme, ground)), ground) for ground in grounds)
        said = f"theme.{name} on theme.{ground} has a contrast of {ratio:.2f}:1"
        if ratio < least:
            yield problem("contrast", "config.toml", 0, f"{said}, not {least:g}:1.")
        elif name == "text" and ratio < AIM:
            yield problem("contrast-low", "config.toml", 0, f"{said}; {AIM:g}:1 is the aim.")


def _alike_to_some(theme: Theme) -> Iterator[Problem]:
    """Colours that most people tell apart, but not those with one of the colour-blindnesses."""
    for name, ground, least in _FOR_ALL_EYES:
        one, other = getattr(theme, name), getattr(theme, ground)
        ratio, eyes = min((contrast(one, other, eyes), eyes) for eyes in EYES if eyes)
        if ratio < least <= contrast(one, other):
            said = f"theme.{name} on theme.{ground} has a contrast of {ratio:.2f}:1 with {eyes}, not {least:g}:1."
            yield problem("contrast-eyes", "config.toml", 0, said)


def _outshone(theme: Theme) -> Iterator[Problem]:
    """Colours that are lost where the glows light the ground, though its own colours leave them legible."""
    for name in _ON_GROUND:
        own = colour.linear(getattr(theme, name))
        ratio = min(colour.contrast(own, light) for light in extremes(theme))
        flat = min(contrast(getattr(theme, name), getattr(theme, ground)) for ground in _GROUND)
        if ratio < CONTRAST <= flat:
            said = f"theme.{name} has a contrast of {ratio:.2f}:1 where theme.glows light the card, not {CONTRAST:g}:1."
            yield problem("contrast", "config.toml", 0, said)


def contrast(one: str, other: str, eyes: str = "") -> float:
    """The contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2); as seen with a colour-blindness of `EYES`."""
    return colour.contrast(seen(one, eyes), seen(other, eyes))


def seen(shade: str, eyes: str = "") -> Light:
    """The light of a colour ``#rrggbb``, as it is seen with a colour-blindness of `EYES`."""
    light = colour.linear(shade)
    red, green, blue = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in EYES[eyes])
    return red, green, blue
