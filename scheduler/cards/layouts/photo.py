"""`photo`: a picture of the campaign's, with a caption.

On a dark theme the photo runs to the card's edges and fades into its ground where the caption stands, and a veil lies
under the head. On a light theme a veil that holds dark type over a dark photo would leave little of it, so the photo
stands clear of all type. Either way the caption has a quiet ground, and the photo is cropped for the part of the card
that is left to it: what matters in it is not covered.
"""

from __future__ import annotations

import bisect
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from scheduler.cards import parts
from scheduler.cards.marks import Box, Letters, Panel, Picture, Scrim
from scheduler.cards.setting import block, fitted, overlong, shown
from scheduler.colour import contrast, linear, luminance, rgb
from scheduler.errors import CardError
from scheduler.phrases import say

if TYPE_CHECKING:
    from scheduler.cards.frame import Frame
    from scheduler.cards.marks import Mark
    from scheduler.cards.setting import Block
    from scheduler.model import Card, Photo, Theme

CAPTION = (4.1, 6.4)  # units: least and most
LEADING, LEADING_RTL = 1.2, 1.4  # from baseline to baseline; Arabic rises and falls further
CREDIT_LEADING = 1.4
BELOW = (1.0, 0.42)  # of the stage's width and height that the text may take below a photo
BESIDE = (0.42, 0.97)  # and beside one
BETWEEN = 4.2  # units: from the caption to the credit
CLEAR, CLOSE = 4.6, 1.5  # units: from the text to a photo with an edge, and to one that fades away
FADE = (0.08, 0.20)  # of the card, over which it fades: least and most
VEIL = 7.0  # units over which the veils of head and source fade away
READ = 5.0  # contrast of the type on them, over the worst photo
LIGHT = 0.18  # luminance of the background of a light theme


class Plan(NamedTuple):
    """What stands on the card, and where."""

    caption: Block | None
    credit: Block | None
    text: Box
    photo: Box


def arrange(card: Card, frame: Frame, stage: Box) -> list[Mark]:
    """The caption over the credit. Raises CardError."""
    plan, theme = _plan(card, frame, stage), card.theme
    left, top, right, foot = plan.text.left, plan.text.top, plan.text.right, plan.text.bottom
    marks: list[Mark] = []
    if plan.caption:
        marks += plan.caption.set(left, right, top, theme.text, "text", rtl=frame.rtl)
    if plan.credit:
        marks += plan.credit.set(left, right, foot - plan.credit.height, theme.muted, "label", rtl=frame.rtl)
    return marks


def under(card: Card, frame: Frame) -> list[Mark]:
    """The photo and its veils, drawn before all else. Raises CardError."""
    top, bottom = parts.header(card, frame)[1], parts.source(card, frame)[1]
    theme, unit = card.theme, frame.unit
    if card.photo is None:
        raise CardError("The card has no photo. Name one below images/, or use another layout.")
    box = _plan(card, frame, Box(frame.margin, top, frame.width - frame.margin, bottom)).photo
    if _light(theme):
        return [Picture(box, card.photo)]
    head = Box(0, 0, frame.width, _hairline(card, frame) + VEIL * unit)
    veil = Scrim(head, head.bottom - (VEIL + 2.4) * unit, theme.background, _strength(theme.text, theme), "head")
    marks: list[Mark] = [_faded(card.photo, box, frame), veil]
    if frame.wide and _source_reaches(card, frame, box):
        foot = Box(0, bottom - VEIL * unit, frame.width, frame.height)
        marks.append(Scrim(foot, bottom + unit, theme.background, _strength(theme.muted, theme)))
    return marks


def _plan(card: Card, frame: Frame, stage: Box) -> Plan:
    """The caption as large as it fits, and the photo in what is left. Raises CardError."""
    unit = frame.unit
    across, down = BESIDE if frame.wide else BELOW
    wide = stage.width * across
    left = stage.right - wide if frame.rtl else stage.left
    credit = _credit(card, frame, wide)
    below = credit.height + BETWEEN * unit if credit else 0.0
    room = (wide, stage.height * down - below)
    caption = _caption(card, frame, room) if card.text.strip() else None
    tall = (caption.height if caption else 0.0) + below
    text = Box(left, stage.bottom - tall, left + wide, stage.bottom)
    return Plan(caption, credit, text, _place(card, frame, text))


def _credit(card: Card, frame: Frame, wide: float) -> Block | None:
    """Who took the photo."""
    if card.photo is None or not card.photo.credit.strip():
        return None
    text = f"{say('photo', card.lang)}: {card.photo.credit.strip()}"
    found = block(text, frame.styles.small, card.lang, parts.SOURCE * frame.unit, wide, CREDIT_LEADING, 2)
    if found is None:
        raise CardError(
            f"The photo's credit does not fit the card in two lines: {shown(card.photo.credit)}. Shorten it."
        )
    return found


def _caption(card: Card, frame: Frame, room: tuple[float, float]) -> Block:
    style, leading = frame.styles.text, LEADING_RTL if frame.rtl else LEADING
    least, most = (size * frame.unit for size in CAPTION)
    found = fitted(card.text, style, card.lang, (least, most), room, leading)
    if found is None:

        def fits(text: str) -> bool:
            return fitted(text, style, card.lang, (least, least), room, leading) is not None

        raise CardError(f"The caption is {overlong(card.text, fits)} for {frame.named}. Shorten it.")
    return found


def _place(card: Card, frame: Frame, text: Box) -> Box:
    """Where the photo is: above the text or, on a wide card, beside it."""
    light, unit = _light(card.theme), frame.unit
    top = _hairline(card, frame) if light else 0.0
    if not frame.wide:
        return Box(0, top, frame.width, text.top - (CLEAR if light else CLOSE) * unit)
    left, right = (0.0, text.left - CLEAR * unit) if frame.rtl else (text.right + CLEAR * unit, float(frame.width))
    box = Box(left, top, right, frame.bar.top if card.help else frame.height)
    return replace(box, bottom=text.bottom) if light and _source_reaches(card, frame, box) else box


def _source_reaches(card: Card, frame: Frame, photo: Box) -> bool:
    """Whether the source line is so long that it runs under the photo, or over it."""
    lines = [mark.box for mark in parts.source(card, frame)[0] if isinstance(mark, Letters)]
    near = CLOSE * frame.unit
    return any(line.left < photo.right + near and line.right > photo.left - near for line in lines)


def _faded(photo: Photo, box: Box, frame: Frame) -> Picture:
    """The photo as it fades towards the text, less far where what matters in it is near."""
    if not frame.wide:
        near, whole, side = box.height * (1 - photo.focus[1]), frame.height, "foot"
    elif frame.rtl:
        near, whole, side = box.width * (1 - photo.focus[0]), frame.width, "right"
    else:
        near, whole, side = box.width * photo.focus[0], frame.width, "left"
    return Picture(box, photo, min(FADE[1] * whole, max(FADE[0] * whole, near)), side)


def _hairline(card: Card, frame: Frame) -> float:
    """The foot of the head: of the line under it, where there is one."""
    marks, below = parts.header(card, frame)
    return max((mark.box.bottom for mark in marks if isinstance(mark, Panel)), default=below - frame.unit)


def _light(theme: Theme) -> bool:
    return luminance(linear(theme.background)) > LIGHT


def _strength(ink: str, theme: Theme) -> float:
    """How strong a veil of the background must be so that type in `ink` is read over white, the worst there is."""
    veil, type_ = rgb(theme.background), linear(ink)

    def held(percent: int) -> bool:
        shown = "#" + "".join(f"{round(255 - (255 - part) * percent / 100):02x}" for part in veil)
        return contrast(linear(shown), type_) >= READ

    return bisect.bisect_left(range(101), x=True, key=held) / 100
