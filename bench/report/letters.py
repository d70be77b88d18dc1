"""What it costs to spell a word that a model does not know: a letter-trigram model."""

import math
from collections import Counter
from collections.abc import Iterable

_START, _END = "\x02", "\x03"
_EVERY_CHARACTER = 65_536


class LetterTrigrams:
    """Letters after the two before them, smoothed as Witten and Bell (1991) did: no word is impossible.

    p(c | ab) = (n(abc) + t(ab) p(c | b)) / (n(ab) + t(ab)), where t(ab) counts the different letters seen after ab;
    below the single letters stands the same chance for each of the 65,536 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Count the letters of `words`, each as often as it is given."""
        self._counts: Counter[tuple[str, str]] = Counter()
        for word, times in Counter(words).items():
            letters = _START * 2 + word + _END
            for place in range(2, len(letters)):
                for order in range(3):
                    self._counts[letters[place - order : place], letters[place]] += times
        self._totals: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for (context, _), times in self._counts.items():
            self._totals[context] += times
            self._kinds[context] += 1

    def probability(self, letter: str, context: str) -> float:
        """How likely `letter` is after `context`, the two letters before it."""
        chance = 1 / _EVERY_CHARACTER
        for order in range(3):
            before = context[len(context) - order :]
            total, kinds = self._totals[before], self._kinds[before]
            if total:
                chance = (self._counts[before, letter] + kinds * chance) / (total + kinds)
        return chance

    def bits(self, word: str) -> float:
        """The cost of a word's letters and of its end, in bits."""
        letters = _START * 2 + word + _END
        return -sum(
            math.log2(self.probability(letters[place], letters[place - 2 : place])) for place in range(2, len(letters))
        )
