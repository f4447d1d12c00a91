"""Whether the colours of the theme can be told apart (WCAG 2.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scheduler.rules import problem

if TYPE_CHECKING:
    from scheduler.model import Campaign, Problem

CONTRAST = 4.5  # WCAG 2.2, 1.4.3, level AA


def check_theme(campaign: Campaign) -> tuple[Problem, ...]:
    """Whether the theme's colours can be told apart on a card: 4.5:1 at least."""
    theme = campaign.theme
    pairs = [(name, getattr(theme, name), "background", theme.background) for name in ("text", "muted", "accent")]
    pairs.append(("on_accent", theme.on_accent, "accent", theme.accent))
    found = {}
    for name, colour, on, ground in pairs:
        bad = [(n, c) for n, c in ((name, colour), (on, ground)) if not re.fullmatch(r"#[0-9a-fA-F]{6}", c)]
        for n, c in bad:
            found[n] = problem("wrong-colour", "config.toml", 0, f"theme.{n} is “{c}”, which is not a colour.")
        if not bad and (ratio := contrast(colour, ground)) < CONTRAST:
            said = f"theme.{name} on theme.{on} has a contrast of {ratio:.2f}:1, not {CONTRAST}:1."
            found[f"{name}/{on}"] = problem("contrast", "config.toml", 0, said)
    return tuple(found.values())


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
