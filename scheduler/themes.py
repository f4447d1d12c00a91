"""The built-in themes: three palettes, each legible, calm, and safe for colour-blind eyes."""

from __future__ import annotations

from scheduler.model import Theme

LANTERN = Theme()  # dark: a warm light in the night
PAPER = Theme(
    name="paper",
    mood="daybreak",
    background="#fffaf0",
    shade="#f3e9d8",
    glows=("#ffd9c7", "#fff3d6", "#e9eef2"),
    text="#14213d",
    muted="#4f5a6b",
    accent="#a3261a",
    figure_top="#c0331f",
    figure_foot="#9a1b16",
    on_accent="#ffffff",
    track="#c4b79e",
    bar="#14213d",
    on_bar="#ffffff",
)
HARBOR = Theme(
    name="harbor",
    mood="still",
    background="#0b3b46",
    shade="#06262f",
    glows=("#1f7a7a", "#2c5c8a"),
    text="#f4f7f2",
    muted="#b9cfd2",
    accent="#f2d06b",
    figure_top="#fff1c2",
    figure_foot="#f0c04e",
    on_accent="#06262f",
    track="#4a737b",
    bar="#f4f7f2",
    on_bar="#06262f",
)
BUILT_IN = {theme.name: theme for theme in (LANTERN, PAPER, HARBOR)}
