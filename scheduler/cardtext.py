"""What a draft says about its card: what each layout needs, and what it takes from the first fact."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scheduler import proportion
from scheduler.facts import suggest
from scheduler.keys import CARD_KEYS, one_line
from scheduler.model import LAYOUTS, CardText, Item, Photo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.frontmatter import Front
    from scheduler.model import Fact

PHOTOS = "images"  # the folder of the project in which photos stand
USED = {  # the keys that a layout shows
    "stat": ("figure", "text"),
    "share": ("figure", "text", "items"),
    "compare": ("text", "items"),
    "quote": ("text", "by"),
    "definition": ("figure", "text"),
    "list": ("text", "items"),
    "myth": ("myth", "text"),
    "action": ("text", "items"),
    "date": ("figure", "text"),
    "photo": ("text", "photo", "focus", "credit"),
}
_ITEMS = {"compare": (2, 3), "list": (2, 5), "action": (1, 4)}  # how many: least and most
_PARTS = 3  # of a share: more cannot be told apart
_FIGURE_AND_TEXT = '"44% | by family members"'
_EXAMPLES = {
    "compare": '"44% | by family members", "39% | by partners"',
    "list": '"Pay that is not what was promised", "A debt to the boss"',
    "action": '"1-888-373-7888 | National Hotline", "911 | in danger"',
    "share": '"by family members", "by partners"',
}
_WANTED = {  # what each key is, and an example
    "figure": ("a figure, the large words", 'figure: "…"'),
    "text": ("a text", 'text: "…"'),
    "by": ("the name of the one who said it", 'by: "…"'),
    "myth": ("a myth", 'myth: "…"'),
    "photo": ("a photo", "photo: images/name.jpg"),
}
_MYTH = re.compile(r"\s*Myth:\s*(.+?)\s*Fact:\s*(.+?)\s*", re.DOTALL)
_PART = re.compile(r"0|1|[01]\.0+|0?\.\d+")
_STRAIGHT = str.maketrans("“”‘’«»", '""\'\'""')
_SENTENCE = re.compile(r".+?(?:[.!?]+[\"']*(?=\s+[A-Z\"'])|$)")
_INNER_WORDS = 4  # a word in quotation marks is one that is spoken of, not what someone says
_INNER = re.compile(r"(?<!\w)[\"'](.+?)[\"'](?!\w)")
# Signs that nobody sees. Within a word some of them join letters, at the ends of a text they are leftovers of copying.
_UNSEEN = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_ENDS = re.compile(rf"^[\s{_UNSEEN}]+|[\s{_UNSEEN}]+$")


def read_card(front: Front, first: Fact | None) -> CardText:
    """What the draft says about its card. `first` is the first fact that it cites."""
    layout = front.text("card.layout") or LAYOUTS[0]
    if layout not in LAYOUTS:
        mend = suggest(layout, LAYOUTS, f"Use one of: {', '.join(LAYOUTS)}.")
        front.error("card.layout", "unknown-layout", f'There is no card layout "{layout}".', mend)
        return CardText()
    said = CardText(
        layout=layout,
        figure=one_line(_read_text(front, "figure")),
        text=_read_text(front, "text"),
        items=_read_items(front),
        by=one_line(_read_text(front, "by")),
        myth=_read_text(front, "myth"),
        photo=_read_photo(front),
    )
    whole = filled(said, first)
    _check_needed(front, whole, first)
    _check_items(front, whole)
    share = proportion.read(whole.figure)
    if layout == "share" and whole.figure and (share is None or len(share.parts) > _PARTS):
        text = f'"{whole.figure}" is not one to three parts of a whole, so the card cannot picture it.'
        mend = 'Write a figure such as "1 in 6", "44%" or "44% / 39%", together at most 100%, or use the layout stat.'
        front.error("card.figure" if said.figure else "card", "card-share", text, mend)
    if layout == "myth" and whole.myth and _letters(whole.myth) == _letters(whole.text):
        mend = "Write what is true as the text."
        front.error(_place(front, "text"), "card-myth", "The myth and the fact of the card are the same.", mend)
    return _only_shown(front, said, _shows(whole))


def filled(said: CardText, first: Fact | None) -> CardText:
    """The card with what the draft leaves to the first fact, for the keys that its layout shows."""
    if first is None:
        return said
    layout, text, figure = said.layout, said.text, said.figure
    if layout == "quote":
        if first.kind != "quote":
            return said
        return replace(said, text=text or first.quote, by=said.by or first.attribution)
    if layout == "myth" and not text and (told := _MYTH.fullmatch(first.statement)):
        return replace(said, myth=said.myth or told[1], text=told[2])
    if not text and layout not in _ITEMS:
        told = _MYTH.fullmatch(first.statement)
        text = told[2] if told else first.statement  # a myth that is not marked as one would be believed
    if not figure and layout in {"stat", "share", "date"}:
        figure = first.figure
    return replace(said, text=text, figure=figure)


def quoted(said: CardText, facts: Iterable[Fact]) -> Fact | None:
    """The cited quote that a card prints: all of it, whole sentences, or what it has in quotation marks itself."""
    return next((f for f in facts if f.kind == "quote" and _words(said.text) in _sayings(f.quote)), None)


def _sayings(quote: str) -> list[str]:
    """What of a quotation may stand for itself; half a sentence may say the opposite."""
    sentences = [_words(part) for part in _SENTENCE.findall(_flat(quote))]
    ends = range(len(sentences))
    runs = [" ".join(sentences[start : end + 1]) for start in ends for end in ends if end >= start]
    inner = [_words(said) for said in _INNER.findall(_flat(quote)) if len(said.split()) >= _INNER_WORDS]
    return [words for words in (_words(quote), *runs, *inner) if words]


def _flat(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).split())


def _words(text: str) -> str:
    """The words of a quotation, without the marks around it and the point that ends it."""
    return bare(_flat(text)).strip(" \"'.,;:…")


# Reading


def bare(text: str) -> str:
    """A text without white space and invisible signs at its ends; within it they stay."""
    return _ENDS.sub("", text)


def _read_text(front: Front, key: str) -> str:
    return bare(front.text(f"card.{key}", shown=True))


def _read_items(front: Front) -> tuple[Item, ...]:
    """The lines of `items`; a bar parts a figure from what it counts."""
    items = []
    for entry in front.entries("card.items", f"[{_FIGURE_AND_TEXT}]", shown=True) or ():
        parts = [one_line(bare(part)) for part in entry.split("|")]
        if len(parts) > 2 or "" in parts:  # noqa: PLR2004 - a figure and a text
            text = f'"{entry}" is not of the form: figure | what it counts.'
            front.error("card.items", "card-items", text, f"Write one bar, between the two: {_FIGURE_AND_TEXT}.")
        else:
            items.append(Item(parts[0] if parts[1:] else "", parts[-1]))
    return tuple(items)


def _read_photo(front: Front) -> Photo | None:
    path = front.text("card.photo")
    focus = _read_focus(front)
    credit = one_line(_read_text(front, "credit"))
    if not path:
        return None
    parts = PurePosixPath(path).parts
    if "\\" in path or len(parts) < 2 or parts[0] != PHOTOS or ".." in parts:  # noqa: PLR2004 - folder and file
        text = f'"{path}" is not a file below {PHOTOS}/.'
        front.error("card.photo", "photo-path", text, f"Copy the photo there, and write photo: {PHOTOS}/name.jpg.")
        return None
    return Photo(path, focus, credit)


def _read_focus(front: Front) -> tuple[float, float]:
    value = front.values.get("card.focus")
    if value is None or value.is_null:
        return Photo("").focus
    numbers = [entry.text for entry in value.entries] if value.kind == "list" else value.text.split()
    if len(numbers) == 2 and all(_PART.fullmatch(n) for n in numbers):  # noqa: PLR2004 - width and height
        return float(numbers[0]), float(numbers[1])
    text = "The focus is not two numbers from 0 to 1."
    mend = "Write how far from the left and from the top the middle of interest is: focus: 0.5 0.3."
    front.error("card.focus", "photo-focus", text, mend)
    return Photo("").focus


# What a layout needs


def _check_needed(front: Front, whole: CardText, first: Fact | None) -> None:
    for key in (k for k in USED[whole.layout] if k in _WANTED):
        if getattr(whole, key) or (whole.layout == "stat" and (whole.figure or whole.text)):
            continue
        value = front.values.get(f"card.{key}")
        wrong_already = value is not None and (value.kind != "text" or bool(bare(value.text)))
        if not wrong_already and (first is not None or key == "photo"):  # without a fact it may be the fact's to say
            what, example = _WANTED[key]
            front.error(
                _place(front, key),
                "card-needs",
                f"A card of the layout {whole.layout} needs {what}.",
                f"Add {example}.",
            )
    if whole.photo and whole.layout == "photo" and not front.text("alt"):
        text = "The photo is not described for people who cannot see it, and only a person can say what it shows."
        front.error(_place(front, "photo"), "photo-alt", text, 'Add a line alt: "…", with the words of the card in it.')


def _letters(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _place(front: Front, key: str) -> str:
    return next((name for name in (f"card.{key}", "card.layout", "card") if name in front.values), "facts")


def _check_items(front: Front, whole: CardText) -> None:
    layout, items = whole.layout, whole.items
    place = _place(front, "items")
    value = front.values.get("card.items")
    read = value is None or (value.kind == "list" and len(items) == len(value.entries))
    if layout in _ITEMS and read and not _ITEMS[layout][0] <= len(items) <= _ITEMS[layout][1]:
        least, most = _ITEMS[layout]
        text = f"A card of the layout {layout} has {least} to {most} items; this one has {len(items)}."
        front.error(place, "card-items", text, f"Write them as a list: items: [{_EXAMPLES[layout]}].")
        return
    if read and layout in _TROUBLES and (trouble := _TROUBLES[layout](whole)):
        front.error(place, "card-items", trouble, f"Write them so: items: [{_EXAMPLES[layout]}].")


def _trouble_of_compare(whole: CardText) -> str:
    return "" if all(item.figure for item in whole.items) else "Each item of a compare card needs a figure."


def _trouble_of_list(whole: CardText) -> str:
    numbers = [item.figure for item in whole.items]
    if not any(numbers) or numbers == [str(n) for n in range(1, len(numbers) + 1)]:
        return ""
    return "The items of a list are plain lines, or steps numbered 1, 2, 3."


def _trouble_of_action(whole: CardText) -> str:
    if all(re.search(r"\d|\w\.\w", item.figure) for item in whole.items):
        return ""
    return "Each item of an action card needs a number to call or a page to open."


def _trouble_of_share(whole: CardText) -> str:
    share = proportion.read(whole.figure)
    if share is None or share.people:
        return ""
    if any(item.figure for item in whole.items):
        return "The items of a share card are the names of its parts; their numbers stand in the figure."
    if len(whole.items) != len(share.parts) and (whole.items or share.parts[1:]):
        return f"The figure has {len(share.parts)} parts, and the items name {len(whole.items)}."
    return ""


_TROUBLES = {
    "compare": _trouble_of_compare,
    "list": _trouble_of_list,
    "action": _trouble_of_action,
    "share": _trouble_of_share,
}


# What a layout shows


def _shows(whole: CardText) -> tuple[str, ...]:
    """The keys that the card shows: people in a row have no names below them, as the parts of a bar have."""
    share = proportion.read(whole.figure) if whole.layout == "share" else None
    return tuple(k for k in USED[whole.layout] if not (k == "items" and share and share.people))


def _only_shown(front: Front, said: CardText, shown: tuple[str, ...]) -> CardText:
    """The card without what it would not show, each with a warning: what the public does not see is not checked."""
    for key in CARD_KEYS:
        name = f"card.{key}"
        if key != "layout" and key not in shown and name in front.values:
            text = f'This card, of the layout {said.layout}, does not show "{name}".'
            others = [layout for layout in LAYOUTS if key in USED[layout] and layout != said.layout]
            mend = f"Delete it, or use another layout: {', '.join(others)}."
            front.notes.warn(front.line(name), "card-ignores", text, mend)
    kept = {key: getattr(said, key) for key in shown if key not in {"focus", "credit"}}
    return CardText(layout=said.layout, **kept)
