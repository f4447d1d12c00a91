"""Colours as light: sRGB in and out (IEC 61966-2-1), and OKLab to mix them as the eye does (Ottosson, 2020)."""

from __future__ import annotations

from functools import lru_cache

Light = tuple[float, float, float]  # linear red, green, blue, each from 0 to 1


def rgb(colour: str) -> tuple[int, int, int]:
    """The parts of a ``#rrggbb`` colour, from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=256)
def linear(colour: str) -> Light:
    """The light of a ``#rrggbb`` colour."""
    red, green, blue = (_light(part / 255) for part in rgb(colour))
    return red, green, blue


def _light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


def code(light: float) -> float:
    """Light from 0 to 1 as an sRGB number from 0 to 255, not rounded."""
    light = min(1.0, max(0.0, light))
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)  # noqa: PLR2004


def luminance(light: Light) -> float:
    """Relative luminance (WCAG 2.2), from 0 to 1."""
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: Light, other: Light) -> float:
    """The contrast of two lights, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: Light, other: Light, part: float) -> Light:
    """`part` of the way from one light to the other, in OKLab."""
    start, end = _oklab(one), _oklab(other)
    return _from_oklab(*(a + (b - a) * part for a, b in zip(start, end, strict=True)))


def blend(one: str, other: str, part: float) -> str:
    """A colour `part` of the way from one to the other, as ``#rrggbb``."""
    return "#" + "".join(f"{round(code(value)):02x}" for value in mix(linear(one), linear(other), part))


def _oklab(light: Light) -> Light:
    red, green, blue = light
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> Light:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        max(0.0, 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        max(0.0, -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        max(0.0, -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )
