"""What a tweet says again: its own words, or those of a recent tweet."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import takewhile

from lambda_fn.prose.rules import Refusal, refused
from lambda_fn.prose.sentences import split_sentences
from lambda_fn.prose.words import WORD, fold, words_of
from lambda_fn.story.record import has_opening, opening_of

SHORTEST_REPEAT = 4  # words: "Yes." and "Oh no!" may be said again
LONGEST_SHARED = 7  # words in a row that a tweet may share with a recent one
LOOP = 3  # words in a row, which may not occur this often in a tweet
NEAR = 3  # words in a row: two tweets are held against each other by their runs of so many
MOST_ALIKE = 0.2  # of those runs, that two tweets may share (Jaccard): in *Persuasion* neighbours share 0.09 at most
FEWEST_RUNS = 12  # that a tweet must have to be held against others: two short answers may be alike
LONGEST_ECHO = 5  # words in a row that may occur twice in a tweet


class Repeats:
    """What the tweets before have said, as far as another may not say it again."""

    def __init__(self, recent: Sequence[str] = (), opened: Container[int] = (), prompt: str = "") -> None:
        """`recent` texts; `opened`: fingerprints of openings; the `prompt` may say what it likes."""
        self._prompt, self._opened = prompt, opened
        said = [words_of(text) for text in recent]
        self._near = [frozenset(runs_of(words, NEAR)) for words in said]
        self._sentences = {repeatable for text in recent for repeatable in _repeatable(split_sentences(text))}
        self._phrases = {run for words in said for run in runs_of(words, LONGEST_SHARED + 1)}

    def refusals(self, text: str) -> Iterator[Refusal]:
        """What the told part of a text repeats, also from the prompt that the text begins with."""
        told = len(self._prompt)
        parts = split_sentences(text)
        given = takewhile(lambda pair: pair[0] == pair[1], zip(parts, split_sentences(self._prompt), strict=False))
        sentences, own = _repeatable(parts), _repeatable(parts[len(list(given)) :])
        if any(sentences.count(sentence) > 1 or sentence in self._sentences for sentence in own):
            yield refused("sentence-again")
        found = list(WORD.finditer(text))
        words, first = [fold(word.group()) for word in found], sum(word.end() <= told for word in found)

        def own_runs(length: int) -> list[tuple[str, ...]]:
            return runs_of(words[max(0, first + 1 - length) :], length)

        if not self._phrases.isdisjoint(own_runs(LONGEST_SHARED + 1)):
            yield refused("phrase-again")
        runs = frozenset(own_runs(NEAR))
        if len(runs) >= FEWEST_RUNS and any(len(runs & near) > MOST_ALIKE * len(runs | near) for near in self._near):
            yield refused("nearly-again")
        if not told and has_opening(text) and opening_of(text) in self._opened:
            yield refused("opening-again")
        for length, most in ((LOOP, LOOP - 1), (LONGEST_ECHO + 1, 1)):
            counts = Counter(runs_of(words, length))
            if any(counts[run] > most for run in own_runs(length)):
                yield refused("loop")


def runs_of(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """Every run of so many words."""
    return list(zip(*(words[start:] for start in range(length)), strict=False))


def _repeatable(sentences: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each sentence that is long enough for a repetition to be noticed."""
    words = (tuple(words_of(sentence)) for sentence in sentences)
    return [sentence for sentence in words if len(sentence) >= SHORTEST_REPEAT]
