"""How much is measured: all of it, or a little of everything to see that it works."""

from dataclasses import dataclass, field

from bench.report.ancestor import AncestorSettings


@dataclass(frozen=True)
class Counts:
    """Sizes of the measures. None stands for all there is."""

    test_characters: int | None = None
    """Of each test book, for bits per character and pronouns."""
    training_characters: int | None = None
    """Of each training book, for the baselines and the classifier; copying is always looked for in all of it."""
    sentences: int = 1_000
    """Pronoun sentences of a book, at most, spread evenly over it."""
    tweets: int = 1_000
    """Of the one long story that is held against the training books."""
    tweets_an_author: int = 40
    samples: int = 10
    """Tweets shown of each author and of each blend."""
    matrix_characters: int = 30_000
    """Of each test book, read under every author's style."""
    validation_characters: int = 20_000
    """Of each validation text, read by every stage of the training."""
    passage: int = 1_000
    """Characters that the classifier is shown at a time, at least."""
    passages: int = 60
    """Of each author's held-out books."""
    ancestor: AncestorSettings = field(default_factory=AncestorSettings)


FULL = Counts()
QUICK = Counts(
    test_characters=1_500,
    training_characters=20_000,
    sentences=4,
    tweets=4,
    tweets_an_author=2,
    samples=1,
    matrix_characters=400,
    validation_characters=400,
    passage=200,
    passages=3,
    ancestor=AncestorSettings(size=16, fewest=2, rows=2, chunk=16, epochs=1),
)
