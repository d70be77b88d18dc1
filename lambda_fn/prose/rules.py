"""The rules that told text is held to, as one table: what each refuses, why, and whether its owner may switch it off.

`editor` applies them, with `misprints`, `words`, `repeats` and `copying`; a test holds table and rooms together.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lambda_fn.errors import SettingError
from lambda_fn.fields import listed
from lambda_fn.prose.sentences import LETTER
from lambda_fn.spelling import meant

FOR_X = "X would cut it, refuse it, or make a link of it"
FOR_WHOLENESS = "a story is told in whole sentences, printed without slips"
FOR_PEOPLE = "an account that says it can be suspended"


@dataclass(frozen=True)
class Rule:
    """A rule: its name, which stays, what it refuses in some words, and why in a sentence.

    `kept` says why it has no switch, None that it has one. From the try `until` on, counted from 0, it lets pass what
    it refused before, so that a story is never stuck for its sake; None: it never does.
    """

    name: str
    refuses: str
    why: str
    kept: str | None = None
    until: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a text is not fit to post: the name of the rule, and what is wrong in some words."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


WORDS_UNTIL, REPEATS_UNTIL = 24, 32

_WORD = re.compile(f"[{LETTER}]+(?:[’-][{LETTER}]+)*")

RULES = (
    Rule("length", "a text too long for a tweet", "X takes 280 characters, as it counts them.", FOR_X),
    Rule("characters", "a character that has no place in a story",
         "The characters of a novel make no mention, no hashtag and no cashtag.", FOR_X),
    Rule("told-before", "a text that is one of the last 1,000 tweets",
         "X refuses a text that it had lately, and a reader would think that the story is stuck.", FOR_X),
    Rule("beginning", "a text that does not begin as a sentence does",
         "A tweet stands by itself on a timeline.", FOR_WHOLENESS),
    Rule("ending", "a text that does not end a sentence, or leaves a mark open",
         "A tweet that breaks off looks like a fault.", FOR_WHOLENESS),
    Rule("space-after-mark", "no space after a punctuation mark",
         "X would make a link of “said.In”.", FOR_X),
    Rule("space-before-mark", "a space where none belongs",
         "No printer sets one before a comma or within quotation marks.", FOR_WHOLENESS),
    Rule("white-space", "white space twice", "A tweet has single spaces, and no empty line.", FOR_WHOLENESS),
    Rule("nothing-quoted", "a quotation mark or bracket opened before nothing",
         "What is opened must hold something.", FOR_WHOLENESS),
    Rule("space-before-opening", "no space before an opening mark", "“Go.“Now” is a slip of print.", FOR_WHOLENESS),
    Rule("space-after-closing", "no space after a closing mark", "“Go.”Now is a slip of print.", FOR_WHOLENESS),
    Rule("clashing-marks", "marks that no printer sets together",
         "“,.” and “--” are slips of print.", FOR_WHOLENESS),
    Rule("small-beginning", "a sentence begun with a small letter",
         "After a full stop a sentence begins with a capital.", FOR_WHOLENESS),
    Rule("paragraph-beginning", "a paragraph begun amid a sentence",
         "A paragraph begins with a sentence.", FOR_WHOLENESS),
    Rule("paragraph-end", "a paragraph ended amid a sentence",
         "A paragraph ends with a sentence, or leads to a speech.", FOR_WHOLENESS),
    Rule("stop-amid-sentence", "a full stop amid a sentence",
         "Only an abbreviation has one there.", FOR_WHOLENESS),
    Rule("title-alone", "a title without a name", "“Mr.” goes with a name.", FOR_WHOLENESS),
    Rule("sentence-end", "a word that ends no sentence", "No sentence ends in “the”.", FOR_WHOLENESS),
    Rule("clause-end", "a word that ends no clause", "No clause ends in “my”.", FOR_WHOLENESS),
    Rule("number", "a number that is none", "“5ive” is neither a number nor a word.", FOR_WHOLENESS),
    Rule("lone-letter", "a letter that is no word", "“Then C friend” is not English.", FOR_WHOLENESS),
    Rule("lone-sign", "a sign that stands for nothing", "“&” joins names, and “£” has a sum.", FOR_WHOLENESS),
    Rule("open-marks", "a quotation mark or bracket that does not match",
         "Every mark that is opened is closed, once.", FOR_WHOLENESS),
    Rule("nothing-follows", "a place where no word of the model can follow",
         "The words so far allow no end that these rules do.", FOR_WHOLENESS),
    Rule("slurs", "a slur of the century",
         "Novels of the century use words for people that do not belong on a timeline.", FOR_PEOPLE),
    Rule("profanity", "a word of a maintained list of profanity, as a whole word",
         "The bot speaks in its owner’s name; what such words mean in an old novel a reader may not know."),
    Rule("owners-words", "a word that the setting WORDS_NEVER_TOLD names",
         "The owner knows what else is not to be said.", "without those words it refuses nothing"),
    Rule("unknown-words", "a word that stands in none of the training books",
         "A model of sub-words makes words up, such as “obstriving”.", until=WORDS_UNTIL),
    Rule("clashing-words", "two words that cannot follow one another",
         "A reader notices “an good” and “the the” at once.", until=WORDS_UNTIL),
    Rule("sentence-again", "a sentence of this tweet or of one of the last 20",
         "A story that repeats itself is dull.", until=REPEATS_UNTIL),
    Rule("phrase-again", "eight words in a row of one of the last 20 tweets",
         "A story that repeats itself is dull.", until=REPEATS_UNTIL),
    Rule("nearly-again", "a tweet that shares more than a fifth of its runs of three words with one of the last 20",
         "A tweet with some words changed is still the same; no two neighbours in a novel share a tenth.",
         until=REPEATS_UNTIL),
    Rule("opening-again", "a tweet that begins with the four words of one of the last 50",
         "On a timeline the beginnings stand below one another.", until=REPEATS_UNTIL),
    Rule("copied", "words that stand in a training book: more than 12 in a row always, from 9 on at times",
         "A story that is told is not copied; it takes a bundle that knows its books."),
    Rule("loop", "words that go round in a loop",
         "A small model falls into “so and so, and so and so”.", until=REPEATS_UNTIL),
)  # fmt: skip
NAMES = {rule.name: rule for rule in RULES}


def refused(rule: str, what: str | None = None) -> Refusal:
    """A refusal by a rule of the table; `what` is wrong, if there is more to say than the rule does."""
    return Refusal(rule, what or NAMES[rule].refuses)


def passed_at(number: int) -> frozenset[str]:
    """The names of the rules that let pass what they refuse in the try with this number, counted from 0."""
    return frozenset(rule.name for rule in RULES if rule.until is not None and number >= rule.until)


@dataclass(frozen=True)
class HouseRules:
    """What the owner of a story decides of the rules."""

    off: frozenset[str] = frozenset()
    """The names of the rules that are switched off."""
    words: frozenset[str] = frozenset()
    """Words that are never told, in lower case."""


AS_ALWAYS = HouseRules()


def house_rules(off: Iterable[str], setting: str, words: Iterable[str] = (), words_setting: str = "") -> HouseRules:
    """The rules of an owner; the two settings are what they are called where they were set.

    Raises `SettingError` for a name that no rule has, or that of one without a switch, and for what is no word.
    """
    for name in off:
        if name not in NAMES:
            near, switched = meant(name, NAMES), [rule.name for rule in RULES if rule.kept is None]
            known = f"did you mean {near}?" if near else f"those with a switch are {listed(switched)}"
            raise SettingError(f"{setting} names {name!r}, which is no rule: {known}")
        if kept := NAMES[name].kept:
            raise SettingError(f"{setting} names {name!r}, a rule that has no switch: {kept}")
    folded = [word.lower().replace("'", "’") for word in words]
    for word in folded:
        if not _WORD.fullmatch(word):
            raise SettingError(f"{words_setting} names {word!r}, which is no word: it takes words of letters")
    return HouseRules(frozenset(off), frozenset(folded))
