"""What staff type, as a printer would set it: true quotes and dashes, one ellipsis, and figures tied to their units.

Only marks and spaces change, never a letter or a digit; and never a hyphen in what may be a telephone number.
"""

from __future__ import annotations

from functools import lru_cache

import regex

_TIE = "\N{NO-BREAK SPACE}"
_DOUBLE = {"ar": "«»", "fa": "«»"}  # elsewhere “ ”: also on our Spanish cards

_ADDRESS = regex.compile(r"(?:https?://|www\.)\S+|\S+@\S+|(?<!\S)[\w.-]+\.(?:com|edu|gov|int|net|org)\b\S*")
_ALONE = (r"(?<![\w./-]|\d[ \u00a0])", r"(?![\w/-]|[.,]\d|[ \u00a0]\d)")  # no part of a longer number: a telephone's
_YEARS = regex.compile(rf"{_ALONE[0]}((?:19|20)(\d\d))-((?:19|20)?\d\d){_ALONE[1]}")
_RANGE = regex.compile(rf"{_ALONE[0]}([1-9]\d?)(%?)-([1-9]\d?){_ALONE[1]}")
_MONTHS = 12  # "2020-11" is a month, not two years
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|"
    r"diciembre)\.?[ \u00a0](?:del?[ \u00a0])?(?:19|20)\d\d"
)
_MONTHLY = regex.compile(rf"(?<=\b{_MONTH})-(?={_MONTH}(?![\w/-]))", regex.IGNORECASE)

_SCALES = (
    "hundred|thousand|million|billion|trillion|percent|per cent|[ap]\\.\\s?m\\.|[AaPp][Mm]|mil|mill(?:ón|ones)|"
    "por ciento|ألف|مليون|مليار|हज़ार|लाख|करोड़|प्रतिशत|nghìn|triệu|tỷ"
)
_TIES = regex.compile(
    rf"(?<=\d) (?=(?:{_SCALES}|%|‰|°C|°F|€|h|km|kg)(?!\w))"
    r"|(?<=[$€£]) (?=\d)"
    r"|(?<=(?:\b(?:No|Nos|p|pp|Art|núm)\.|§|№)) (?=\d)"
    r"|(?<=(?<!\d)\d{1,2}) (?=de\b)"  # 10 de enero
    r"|(?<=\bUnited) (?=States|Nations|Kingdom)"
    r"|(?<=\b(?:St|Dr|Mr|Mrs|Ms|Sta?|Sra?|Dra)\.) (?=\p{Lu})"  # St. Louis
)
_ONE_IN_SIX = regex.compile(r"(?<!\d)\d{1,3} (?:in|of|out of|de cada) (?=\d{1,3}(?!\d))")
_PLAIN = (
    (regex.compile(r"(?<!\.)\.{3}(?!\.)"), "…"),
    (regex.compile(r"(?<!-)-{2,3}(?!-)"), "—"),
    (regex.compile(r"(?<=[^\W\d][^\s-]*[ ])-(?=[ ]\S)|(?<=\S[ ])-(?=[ ][^\W\d])"), "–"),
)
_OPENS = regex.compile(r"[\s(\[{¿¡—–/«“‘\u200b-\u200f\u2066-\u2069]")
_ELISION = regex.compile(r"'(?=\d0s\b|\d\ds\b|(?:tis|twas|em|til|cause)\b)", regex.IGNORECASE)


@lru_cache(maxsize=4096)
def smart(text: str, lang: str = "") -> str:
    """The text with true marks and no-break spaces; set again, it stays as it is. `lang` as in HTML ("en", "es")."""
    whole: list[str] = []
    done = 0
    for address in _ADDRESS.finditer(text):
        whole += _polish(text[done : address.start()]), address[0]
        done = address.end()
    polished = "".join((*whole, _polish(text[done:])))
    return _quotes(polished, _DOUBLE.get(lang.lower().split("-")[0], "“”"))


def _polish(text: str) -> str:
    for pattern, mark in _PLAIN:
        text = pattern.sub(mark, text)
    text = _ONE_IN_SIX.sub(lambda found: found[0].replace(" ", _TIE), text)
    text = _TIES.sub(_TIE, text)
    return _RANGE.sub(_range, _YEARS.sub(_years, _MONTHLY.sub("–", text)))


def _years(found: regex.Match[str]) -> str:
    """Two years in their order: "2019-2021", "2020-21"; but not a year and its month."""
    first, last = int(found[1]), int(found[3])
    rises = last > first if len(found[3]) > 2 else last > max(int(found[2]), _MONTHS)  # noqa: PLR2004  digits
    return f"{found[1]}–{found[3]}" if rises else found[0]


def _range(found: regex.Match[str]) -> str:
    return f"{found[1]}{found[2]}–{found[3]}" if int(found[1]) < int(found[3]) else found[0]


def _quotes(text: str, double: str) -> str:
    """Straight quotes turned; one that follows a figure and closes nothing is an inch or a foot, and stays."""
    if '"' not in text and "'" not in text:
        return text
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    made: list[str] = []
    waiting: list[str] = []
    for at, char in enumerate(text):
        if char not in "\"'" or any(start < at < end for start, end in addresses):
            made.append(char)
            continue
        pair = double if char == '"' else "‘’"
        before = made[-1] if made else " "
        if char == "'" and _ELISION.match(text, at):
            made.append("’")
        elif _OPENS.match(before) and not text[at + 1 : at + 2].isspace() and at + 1 < len(text):
            waiting.append(char)
            made.append(pair[0])
        elif char in waiting:
            while waiting.pop() != char:
                pass
            made.append(pair[1])
        else:
            made.append(char if before.isdigit() else pair[1])
    return "".join(made)
