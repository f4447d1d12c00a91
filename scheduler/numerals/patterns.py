"""The patterns by which the numbers of a text are found, and what their words are worth.

The grammar of spelled-out numbers is our own. text2num 3.1 was tried and errs where it matters here: "hundreds of
thousands" becomes "100 of 1000", "twenty-seven point six million" "27.6 1000000", "half a million" "half a 1000000",
"twenty twenty-four" "20 24", and it gives no positions in the text. word2number adds up all numbers of a sentence.

Spanish is read where it uses digits, as it is written in the Americas: "1 de cada 6", "27.6 millones", "casi 12,000",
"44 por ciento", "11 de enero". Its spelled-out numbers are not.
"""

from __future__ import annotations

import re
from decimal import Decimal

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TIES = "twenty thirty forty fifty sixty seventy eighty ninety"
LATER = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
SMALL = {word: Decimal(n) for n, word in enumerate(ONES.split())}
TENS = {word: Decimal(10 * n) for n, word in enumerate(TIES.split(), start=2)}
ORDINALS = {word: n for n, word in enumerate(LATER.split(), start=3)}
SCALES = {
    "thousand": Decimal(10**3),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
}
SPANISH = {
    "mil millones": Decimal(10**9),
    "millones": Decimal(10**6),
    "millón": Decimal(10**6),
    "millon": Decimal(10**6),
    "mil": Decimal(10**3),
}
GLUED = {"k": Decimal(10**3), "m": Decimal(10**6), "bn": Decimal(10**9)}
GROUPS = {"hundred": Decimal(100), "dozen": Decimal(12)}
PARTS = {
    "half": 2,
    "halve": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5"}
MULTIPLES = {"doubl": "2", "twice": "2", "tripl": "3", "thrice": "3", "trebl": "3", "quadrupl": "4", "halv": "0.5"}
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")

SCALE = "hundred|thousand|million|billion|trillion|dozen|mil millones|millones|mill[oó]n|mil"
WORD = "|".join(sorted([*SMALL, *TENS, *SCALES, *GROUPS], key=len, reverse=True))
GAP = r"[ \u00a0]"
DIGITS = r"(?<![\w.])(?>\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
SPELLED = (
    rf"(?>(?:\ban?{GAP}(?=(?:{SCALE})\b))?\b(?:{WORD})\b"
    rf"(?:(?:{GAP}|-|(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion)){GAP}and{GAP})(?:{WORD})\b)*"
    rf"(?:{GAP}point(?:{GAP}(?:{'|'.join(SMALL)})\b)+)?)"
)
NUMBER = (
    rf"(?:\bhalf[ -]an?[ -](?:{SCALE})\b"
    rf"|(?:{DIGITS}|{SPELLED})(?:{GAP}and{GAP}a{GAP}half)?"
    rf"(?:(?:{GAP}|-)(?:{SCALE})\b|(?:bn|k|m)\b|(?![A-Za-z])))"
)
MONEY = r"(?:(?:US|U\.S\.|CA|AU)?[ \u00a0]?[$€£]|\b(?:USD|EUR|GBP))[ \u00a0]?"
PERCENT = r"(?:[ \u00a0]?[%٪]|[ \u00a0-](?:per[ -]?cent(?:age)?(?:[ -]points?)?|por ciento)\b)"
QUANTITY = rf"(?:{MONEY})?{NUMBER}(?:{PERCENT}|{GAP}(?:US{GAP})?(?:dollars|euros|pounds)\b)?"
WHOLE = rf"(?:(?<![\w.,])(?>\d{{1,3}}(?:,\d{{3}})*)(?!\d|[.,]\d)|{SPELLED})"
PEOPLE = (
    "people|persons?|child|children|young people|youth|victims?|survivors?|women|woman|men|man|girls?|boys?|adults?"
)
MONTH = (
    r"\b(?:Jan(?:uary|\b\.?)|Feb(?:ruary|\b\.?)|Mar(?:ch|\b\.?)|Apr(?:il|\b\.?)|May|June?|July?|Aug(?:ust|\b\.?)"
    r"|Sept?(?:ember|\b\.?)|Oct(?:ober|\b\.?)|Nov(?:ember|\b\.?)|Dec(?:ember|\b\.?))"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d%:]|[.,]\d|\w)"
YEAR = r"(?:1[7-9]|20)\d\d(?![\d%]|[.,]\d)"
DASH = r"[-.‐‑–]"
TIMES = r"(?:[ -](?:times|fold)\b|fold\b|x\b)"

# In the order of preference where two could start at the same place; "skip" holds what is not a number at all.
PATTERNS = {
    "skip": (
        r"(?i:https?://|www\.)\S+|#\w*[^\W\d]\w*|@[\w.@-]+"
        r"|(?<![\w.-])(?:[\w-]+\.)+(?i:org|com|net|gov|edu|example|uk)\b(?:/\S*)?"
        r"|\b(?!FY)[A-Z]{1,2}-?\d{1,2}[A-Z]?\b|\bCOVID-19\b"
        r"|(?m:^)[ \t]*(?:1\d|[1-9])[.)](?=\s)"
    ),
    "date": (
        rf"{MONTH}\s+{DAY}(?!\s+(?:(?:{PEOPLE}|cases|percent|per cent|in|out|of|{SCALE})\b))"
        rf"(?:\s?(?:[-–]|to|and|or)\s?{DAY})?(?:,?\s+{YEAR})?"
        rf"|{MONTH},?\s+{YEAR}|(?<![\w.,]){DAY}(?:\s+of)?\s+{MONTH}(?:,?\s+{YEAR})?"
        rf"|(?<!\d){YEAR}-[01]\d-[0-3]\d(?!\d)|(?<![\d/])\d{{1,2}}/\d{{1,2}}/{YEAR}"
    ),
    "fecha": (
        rf"(?i:(?<![\w.,]){DAY} de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre"
        rf"|diciembre)\b(?: del? {YEAR})?)"
    ),
    "hours": r"(?i:(?<!\d)24/7\b|(?<![\d.,])24[ -]hours?\b|\btwenty-four[ -]hours?\b)",
    "time": (
        r"(?<![\d.,:])(?:(?:[01]?\d|2[0-3]):[0-5]\d\b|\d{1,2}[ \u00a0]?(?i:[ap]\.?m\b\.?))"
        r"(?:[ \u00a0]?(?i:[ap]\.?m\b\.?))?"
    ),
    "phone": (
        rf"(?<![\w.,-])(?:\+?1{DASH}|\+?1{GAP}(?=\(?\d{{3}}\)?[-. ]))?"
        rf"(?:\(\d{{2,4}}\)\s?\d{{2,4}}[-. ]\d{{2,5}}|\d{{2,4}}(?:{DASH}\d{{2,5}}){{2}}|\d{{3}} \d{{3}} \d{{4}})(?!\w)"
        rf"|(?<![\w.,-])1{DASH}\d{{3}}{DASH}\d{{6,8}}(?!\w)|(?<![\w.,-])\d{{3}}-\d{{4}}(?![\w-])"
        rf"|(?<![\w.,-])1?\d{{10}}(?!\w)|(?<![\w.,-])\d-1-1(?!\w)"
        rf"|(?<![\w.,-])(?:1-)?\d{{3}}-(?=[0-9-]*[A-Z])[0-9A-Z]{{1,7}}(?:-[0-9A-Z]{{2,7}})*(?!\w)"
    ),
    "ratio": (
        rf"(?i:{WHOLE}(?:[ -](?:{PEOPLE}))?[ -](?:in|out[ -]of|de|من)[ -]"
        rf"(?:(?:every|each|cada|كل)[ ])?{WHOLE}(?![ ]?[%٪])"
        rf"|(?!one\b|1\b){WHOLE} of (?:(?:every|each) )?{WHOLE}(?![ ]?[%٪]))|(?<![\d:/])\d{{1,3}}:\d(?!\d)"
        rf"|(?<![\d/])\d{{1,3}}/\d{{1,3}}(?![\d/])|[{''.join(VULGAR)}]"
    ),
    "fraction": (
        rf"(?i:\b(?:(?:one|two|three|four|five|six|seven|eight|nine)[ -]"
        rf"(?:half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b"
        rf"|an?[ ](?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b"
        rf"(?=\s+of\b|\s+(?:higher|lower|more|fewer|less)\b|\s*[.,;:!?)]|\s*$)"
        rf"|(?:a[ ])?half\b(?![ -]an?[ -](?:{SCALE})|[ -](?:an[ -])?hour|[ -]past)))"
    ),
    "multiple": (
        rf"(?i:{NUMBER}{TIMES}|(?<![\w.,])\d+(?:\.\d+)?(?:fold|x)\b|\b(?:{WORD})fold\b"
        rf"|\b(?:doubl|tripl|trebl|quadrupl)(?:e|ed|es|ing)\b(?![ -]check)"
        rf"|(?<!think )\b(?:twice|thrice)\b|\bhalv(?:e|ed|es|ing)\b)"
    ),
    "vague": (
        r"(?i:\b(?:(?:tens|dozens|scores|hundreds|thousands|millions) of )?"
        r"(?:dozens|hundreds|thousands|millions|billions)\b"
        r"|\bscores of\b)"
    ),
    "ordinal": (
        rf"(?i:(?<![\w.])\d+(?:,\d{{3}})*(?:st|nd|rd|th)\b|\b(?:{'|'.join(ORDINALS)})\b)"
        r"(?!\s+(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    ),
    "fiscal": rf"\bFY[ -]?{YEAR}",
    "range": (
        rf"(?i:between[ ]{QUANTITY}[ ]and[ ]{QUANTITY}"
        rf"|{QUANTITY}(?:[ \u00a0]?[-–—][ \u00a0]?|[ ](?:to|through|until)[ ]){QUANTITY})"
    ),
    "quantity": rf"(?i:{QUANTITY})",
    "stray": r"\d[\d.,]*",
}
MASTER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
DATE = re.compile(PATTERNS["date"])
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
ONE = re.compile(PATTERNS["quantity"])
PIECES = re.compile(
    rf"(?i)^(?P<money>{MONEY})?(?:(?P<digits>\d[\d,.\u00a0\u202f]*)|(?P<words>[a-z].*?))(?P<half> and a half)?"
    rf"(?:[ \u00a0-]?(?P<scale>{SCALE}|bn|k|m))?(?P<percent>{PERCENT})?"
    r"(?P<dollars> (?:US )?(?:dollars|euros|pounds))?$"
)
BEFORE = re.compile(
    r"(?i)(?:^|(?<=[^\w]))(?:"
    r"(?P<nearly>nearly|almost|close to|approaching|just (?:under|below|short of)|not quite|casi)"
    r"|(?P<under>(?:no|not) more than|less than|fewer than|younger than|at most|as many as|a maximum of|menos de|hasta"
    r"|(?:under|below|before|up to)(?: the)?(?: age)?(?: of)?)"
    r"|(?P<over>(?:no|not) (?:fewer|less) than|(?:just )?(?:more than|over|above)|at least|upwards of|greater than"
    r"|exceed(?:s|ed|ing)?|más de|al menos|por lo menos)"
    r"|(?P<about>about|around|roughly|approximately|approx\.|some|cerca de|alrededor de"
    r"|aproximadamente|unos|unas|estimat(?:e|es|ed)(?: that| at| to be| of)?|~|≈)"
    r")\s*$"
)
AFTER = re.compile(
    r"(?i)(?:(?P<over>\+| (?:or|and) (?:more|older|over|above)\b)"
    r"|(?P<under> (?:or (?:fewer|less|younger|under)|at most)\b)|(?P<about> or so\b))"
)
CALL = re.compile(
    r"(?i)\b(?:call|dial|ring|text|phone|emergency|tty|relay|sms|texto|befree|llam\w+|marque\w*|env[ií]\w*|mensaje|emergencia)\b[^.!?\n]{0,24}$"
    r"|\b(?:hotline|line|l[ií]nea)[:· ]*$"
)
