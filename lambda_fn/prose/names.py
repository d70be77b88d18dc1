"""The names in a text: words with a capital that begin no sentence, and words after a title."""

import re

from lambda_fn.prose.sentences import CAPITAL, LETTER

_TITLES = ("Mr", "Mrs", "Miss", "Misses", "Dr", "Sir", "Lady", "Lord", "Madam", "Captain", "Colonel", "Aunt", "Uncle")
_NO_NAMES = frozenset(("I", "O", "Oh", "God", "Heaven", *_TITLES))
_TITLED = "".join(rf"|(?<=\b{title}. )|(?<=\b{title} )" for title in _TITLES)
_NAME = re.compile(rf"(?:(?<=[{LETTER},;] ){_TITLED})([{CAPITAL}][{LETTER}]+(?:-[{LETTER}]+)*)")


def names_of(text: str) -> list[str]:
    """The names in a text, in order, each as often as it is said, without titles and possessives.

    A name that begins a sentence is not told from another word.
    names_of("“But Mr. Knightley’s gone,” said Emma.") → ["Knightley", "Emma"]
    """
    return [found for found in _NAME.findall(text) if found not in _NO_NAMES]
