"""Every rule of the checks: its severity, what it means and how to mend it. docs/checks.md is made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scheduler.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class Rule(NamedTuple):
    """A check, as docs/checks.md prints it."""

    severity: Severity
    meaning: str
    mend: str


RULES: Mapping[str, Rule] = {
    "text-too-long": Rule(
        Severity.ERROR,
        "The text is longer than the network takes.",
        "Shorten it, or give the account a text of its own under `## name`.",
    ),
    "too-many-links": Rule(
        Severity.ERROR, "The text has more links than the network takes.", "Keep the one that readers need most."
    ),
    "too-many-tags": Rule(Severity.ERROR, "The text has more hashtags than the network takes.", "Keep the first ones."),
    "link-costs": Rule(
        Severity.WARNING,
        "A link makes the post dearer, on an account that is paid by the post.",
        "Keep it if it is worth it, or name the site in words.",
    ),
    "link-not-https": Rule(
        Severity.ERROR,
        "A link starts with `http://`: it is not private, and browsers warn of it.",
        "Use the page's `https://` address.",
    ),
    "tag-case": Rule(
        Severity.ERROR,
        "A hashtag is not in CamelCase; screen readers cannot read it as words.",
        "Start each word of it with a capital: `#EndTrafficking`.",
    ),
    "tag-barred": Rule(Severity.ERROR, "The hashtag is tied to misinformation.", "Use a tag of the campaign."),
    "figure-unsourced": Rule(
        Severity.ERROR,
        "A number stands in none of the facts that the post cites.",
        "Write the ledger's number, cite the fact that has it, or leave it out.",
    ),
    "year-unsourced": Rule(
        Severity.ERROR, "A year stands in none of the facts that the post cites.", "Write the year of the fact."
    ),
    "figure-hedge": Rule(
        Severity.ERROR,
        "“Nearly”, “about” or “more than” is missing, or is not the source's.",
        "Write it as the ledger does.",
    ),
    "figure-year": Rule(
        Severity.ERROR,
        "A statistic stands without the year of its data.",
        "Add the year, in the text or in the card's source line.",
    ),
    "figure-fiscal": Rule(
        Severity.WARNING,
        "The data are of a fiscal year, and the text does not say so.",
        "Write “fiscal year” before the year.",
    ),
    "figure-old": Rule(
        Severity.ERROR,
        "A figure that is five or more years old stands in a sentence without its year.",
        "Put the year into the same sentence.",
    ),
    "figure-old-now": Rule(
        Severity.WARNING,
        "A figure that is five or more years old is told as if it were today's.",
        "Say when it was so, and leave out words such as “now” and “each year”.",
    ),
    "figure-unit": Rule(
        Severity.ERROR,
        "Two numbers of one fact changed places: what is counted is not what the ledger counts.",
        "Write the number with the unit that the ledger gives it.",
    ),
    "date-differs": Rule(
        Severity.WARNING, "A day differs from the day in the cited facts.", "Compare it with the fact."
    ),
    "help-missing": Rule(
        Severity.ERROR,
        "The help footer is missing, or not as in `config.toml`.",
        "Let the program add it: delete the footer from the draft.",
    ),
    "help-number": Rule(
        Severity.ERROR, "A number to call or text is mistyped.", "Copy the number from `config.toml` or from the fact."
    ),
    "help-format": Rule(
        Severity.ERROR,
        "A number to call has letters in it; many phones and screen readers cannot use them.",
        "Write digits only.",
    ),
    "alt-missing": Rule(
        Severity.ERROR,
        "An image has no description for people who cannot see it.",
        "Write `alt:`, or let the card describe itself.",
    ),
    "alt-too-long": Rule(
        Severity.ERROR,
        "The description of the image is longer than the network takes.",
        "Shorten the card's text or `alt:`.",
    ),
    "alt-words": Rule(
        Severity.WARNING,
        "The description that the draft has leaves out a figure of the card, or words of a photo's caption.",
        "Put it into `alt:`, or delete `alt:`: cards other than photos describe themselves.",
    ),
    "alt-start": Rule(
        Severity.ERROR,
        "The description starts with “image of”; screen readers say that themselves.",
        "Start with what it shows.",
    ),
    "image-too-large": Rule(Severity.ERROR, "The image file is larger than the network takes.", "Use a smaller image."),
    "image-format": Rule(
        Severity.ERROR, "The network does not take this kind of image.", "Use the network's own format."
    ),
    "image-ratio": Rule(Severity.ERROR, "The image is too wide or too tall for the network.", "Crop it."),
    "too-many-images": Rule(
        Severity.ERROR, "There are more images than the network takes in one post.", "Keep the card."
    ),
    "word-barred": Rule(
        Severity.ERROR, "A word that hurts, blames or misleads.", "Use the words that the check proposes."
    ),
    "promise-barred": Rule(
        Severity.ERROR,
        "A promise that nobody can keep, such as “anonymous” or “no police”.",
        "Say “confidential” and promise no more.",
    ),
    "statistic-barred": Rule(
        Severity.ERROR, "A “zombie” statistic: often repeated, and refuted.", "Use a fact of the ledger."
    ),
    "all-caps": Rule(
        Severity.WARNING,
        "A word in capitals; it reads as shouting, and some screen readers spell it.",
        "Write it in small letters.",
    ),
    "fancy-letters": Rule(
        Severity.ERROR, "Decorative Unicode letters, which screen readers cannot read.", "Write plain letters."
    ),
    "emoji": Rule(
        Severity.WARNING,
        "More than one emoji, or one that is not at the end.",
        "Keep at most one, at the end of the text.",
    ),
    "signs-not-proof": Rule(
        Severity.ERROR,
        "A post about signs does not say that a sign is not proof.",
        "Cite I01 and write “A sign is not proof.”",
    ),
    "signs-not-proof-here": Rule(
        Severity.WARNING,
        "One account's text about signs does not say that a sign is not proof.",
        "Add “A sign is not proof.” to it.",
    ),
    "signs-step-in": Rule(
        Severity.WARNING, "A text about signs does not say to keep out of it.", "Add “Do not confront anyone.”"
    ),
    "fact-unverified": Rule(
        Severity.ERROR,
        "The post cites a fact that nobody has seen at its source.",
        "Cite another fact, or find the source and change `evidence`.",
    ),
    "fact-recheck": Rule(
        Severity.WARNING,
        "A cited fact must be looked at again this season.",
        "Open the live page or dial the number, then write `checked` in `posts/facts.toml`.",
    ),
    "quote-not-verbatim": Rule(
        Severity.ERROR,
        "Words in quotation marks do not stand so in a cited fact.",
        "Copy the quotation word for word, or take the quotation marks away.",
    ),
    "quote-by": Rule(
        Severity.ERROR,
        "The card of a quotation names someone else than the ledger does.",
        "Copy the fact's `attribution`; what you add stands after it.",
    ),
    "card-sources": Rule(
        Severity.ERROR,
        "A card compares figures of different publishers, who count in different ways.",
        "Compare figures of one publisher, or show one of them with the layout stat.",
    ),
    "help-language": Rule(
        Severity.WARNING,
        "A post is in a language in which `config.toml` has no help line.",
        "Add a part such as `[campaign.es]` to `config.toml`.",
    ),
    "text-repeated": Rule(
        Severity.ERROR,
        "An account gets the same text twice in the month; networks refuse it, or count it as spam.",
        "Write one of them anew.",
    ),
    "too-close": Rule(Severity.ERROR, "Two posts of one account are closer than `min_gap`.", "Move one of them."),
    "day-empty": Rule(Severity.WARNING, "A day of the campaign has no post.", "Write a draft for it."),
    "over-budget": Rule(
        Severity.WARNING,
        "The posts cost more than the `budget` of their account.",
        "Pay in more and write the new `budget`, or send fewer posts or links.",
    ),
    "prices-old": Rule(
        Severity.WARNING,
        "The prices of an account were read more than 90 days before the campaign.",
        "Read the network's price list again, then write the prices and the day as `read_on`.",
    ),
    "contrast": Rule(
        Severity.ERROR,
        "Two colours of the theme are too close to be read by everyone.",
        "Choose a lighter or darker colour.",
    ),
    "contrast-low": Rule(
        Severity.WARNING,
        "The theme's text can be read, but not easily by everyone.",
        "Choose a lighter or darker colour, for 7:1.",
    ),
    "contrast-eyes": Rule(
        Severity.ERROR,
        "Two colours of the theme look alike to people with a colour-blindness.",
        "Make one of them lighter or darker; another hue is not enough.",
    ),
    "wrong-colour": Rule(Severity.ERROR, "A colour of the theme cannot be read.", "Write it as `#rrggbb`."),
}


def problem(rule: str, path: str, line: int, text: str, mend: str = "", *, account: str = "") -> Problem:
    """A problem of a known rule; its mend is the rule's own where none is given."""
    known = RULES[rule]
    return Problem(path, line, rule, text, mend or known.mend, known.severity, account)
