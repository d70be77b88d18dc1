"""Which words may be told: those of the training books and of the text so far, except the unwelcome.

A subword model invents words ("obstriving"), which readers notice first of all.
"""

import re
from collections.abc import Iterable, Iterator

from lambda_fn.prose.decency import rule_against
from lambda_fn.prose.rules import AS_ALWAYS, HouseRules, Refusal, refused
from lambda_fn.prose.sentences import LETTER
from lambda_fn.prose.usage import clash

WORD = re.compile(f"[{LETTER}]+(?:[’-][{LETTER}]+)*")
"""A word with its apostrophes and hyphens: "don’t", "sister-in-law". What it matches is folded by `fold`."""

_LAST_WORD = re.compile(f"([{LETTER}]+(?:[’-][{LETTER}]+)*)[’-]*$")
_MAY_END_IN_APOSTROPHE = re.compile("(?:[sxz]|ce|in|\\b(?:o|a|an|th|wi|ha|d))\\Z", re.IGNORECASE)
_ELIDED = re.compile(f"(?:^|[^{LETTER}0-9])’\\Z")
_ELISIONS = frozenset({"em", "tis", "tisn’t", "twas", "twasn’t", "twere", "twill", "twould"})
_USUAL_CASE = re.compile(f"[{LETTER}]?[^A-ZÀ-Þ]*|[A-ZÀ-Þ]+|(?:Ma?c|De|Di|La|Le|Fitz|Van)[A-Z][^A-ZÀ-Þ]+")


fold = str.lower
"""A word as it is looked up."""


def words_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return list(map(fold, WORD.findall(text)))


def unwelcome_word(text: str, house: HouseRules = AS_ALWAYS) -> Refusal | None:
    """What is wrong with the first word of a text that is never told; None if there is none."""
    return next((wrong for word in WORD.findall(text) if (wrong := _never_told(word, house))), None)


def _never_told(word: str, house: HouseRules) -> Refusal | None:
    rule = rule_against(word, house)
    return refused(rule, f"a word that is never told: {word}") if rule else None


def last_word(text: str) -> tuple[str, int] | None:
    """The word that a text ends with, and where it starts; None if it ends with something else."""
    # No word has a space in it.
    found = _LAST_WORD.search(text, max(0, len(text) - 80, text.rfind(" ") + 1))
    return (found.group(1), found.start(1)) if found else None


class Lexicon:
    """The words that may be told. Without training words, all are allowed but the unwelcome."""

    def __init__(self, words: frozenset[str], texts: Iterable[str] = (), house: HouseRules = AS_ALWAYS) -> None:
        """`words` in lower case; the words of `texts` are known too; `house`: which are never told."""
        self._house = house
        self._words = words
        self._said = frozenset(word for text in texts for word in words_of(text))
        self._judged: dict[str, Refusal | None] = {}

    def knows(self, word: str) -> bool:
        """Whether a word as it stands in a text may be told: looked up whole, or a name without its possessive."""
        return self._wrong(word) is None

    def _wrong(self, word: str) -> Refusal | None:
        """What is wrong with a word by itself; what was judged once is not judged again."""
        if word not in self._judged:
            unknown = None if self._is_known(word) else refused("unknown-words", f"an unknown word: {word}")
            self._judged[word] = _never_told(word, self._house) or unknown
        return self._judged[word]

    def _is_known(self, word: str) -> bool:
        if not self._words:
            return True
        if not all(map(_USUAL_CASE.fullmatch, re.split("[’-]", word))):
            return False
        if len(word) == 1:
            return word in "aoàO" or word.isupper()
        folded = fold(word)
        return self._has(folded) or (word[0].isupper() and self._has(folded.removesuffix("’s")))

    def _has(self, folded: str) -> bool:
        return folded in self._words or folded in self._said

    def refusals(self, text: str, start: int = 0) -> Iterator[Refusal]:
        """What is wrong with each word that ends after `start`, by itself or after the word before it."""
        before = None
        # Only the word right before it can clash with another: nothing more than two spaces back is looked at.
        for found in WORD.finditer(text, text.rfind(" ", 0, max(0, text.rfind(" ", 0, start))) + 1):
            word = found.group()
            if found.end() > start:
                if wrong := self._wrong(word):
                    yield wrong
                if before and (pair := clash(before.group(), text[before.end() : found.start()], word)):
                    yield refused("clashing-words", f"words that clash: {pair}")
                if _is_cut_off(text, found):
                    yield refused("unknown-words", f"an unknown word: {word}’")
                if _ELIDED.search(text[max(0, found.start() - 2) : found.start()]) and fold(word) not in _ELISIONS:
                    yield refused("unknown-words", f"an unknown word: ’{word}")
            before = found


def _is_cut_off(text: str, word: re.Match[str]) -> bool:
    """Whether an apostrophe ends a word without reason, unlike in: the boys’, goin’, o’, ‘so’."""
    return text.startswith("’", word.end()) and "‘" not in text and not _MAY_END_IN_APOSTROPHE.search(word.group())
