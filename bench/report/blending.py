"""Is the style vector a space of authors? Whose style fits whose text, where a blend lies, and who told text is by."""

from collections.abc import Sequence

from bench.report.bits import Say
from bench.report.cache import Cache, Result, digest
from bench.report.classifier import Classifier, accuracy, confusion
from bench.report.counts import Counts
from bench.report.subject import Book, Subject
from bench.report.told import stories
from bench.report.words import passages

CLASSIFIER_CHARACTERS = 1_500_000
"""Of each author's training books, at most; of all authors as much as of the one with the least."""


def measure_styles(subject: Subject, counts: Counts, cache: Cache, say: Say) -> Result:
    """Bits per character of the beginning of each held-out book under every author's style, and under blends of two.

    `matrix[reader][style]`; each of `blends` is two neighbours' texts under either's style and under half of each.
    """
    books = [book.beginning(counts.matrix_characters) for book in subject.held_out]

    def cost(book: Book, style: str) -> float:
        about = {"bundle": subject.identity, "text": digest(book.text), "style": style}
        found = cache.get("style", about, lambda: {"bits_per_character": subject.bits_per_character(book, style)})
        return float(found["bits_per_character"])

    matrix = {}
    for book in books:
        say(f"styles: {book.title}")
        matrix[book.author] = {style: cost(book, style) for style in subject.authors}
    pairs = []
    for one, other in _neighbours(books):
        blend = f"{one.author}=0.5,{other.author}=0.5"
        say(f"styles: {blend}")
        for book, stranger in ((one, other), (other, one)):
            pairs.append({
                "text": book.author, "other": stranger.author, "own": matrix[book.author][book.author],
                "blend": cost(book, blend), "strange": matrix[book.author][stranger.author],
            })  # fmt: skip
    characters = {book.author: len(book.text) for book in books}
    return {"matrix": matrix, "blends": pairs, "characters": characters}


def measure_recognition(subject: Subject, counts: Counts, cache: Cache, say: Say) -> Result:
    """How often the classifier names the author: of held-out passages first, then of told ones."""
    told = {
        author: tweets for author, tweets in stories(subject, counts, cache, say).items() if author in subject.seeds
    }
    about = {
        "told": digest(repr(sorted(told.items()))), "corpus": subject.corpus_identity, "authors": subject.seeds,
        "counts": [counts.training_characters, counts.passage, counts.passages, CLASSIFIER_CHARACTERS],
    }  # fmt: skip

    def measure() -> Result:
        say("recognition: learning the classifier")
        classifier = Classifier(_even_parts(subject, counts))
        cut = {author: passages(tweets, counts.passage) for author, tweets in told.items()}
        tables = {
            "validation": confusion(
                classifier, {a: _held_out(subject, counts, a, "validation") for a in subject.seeds}
            ),
            "test": confusion(classifier, {a: _held_out(subject, counts, a, "test") for a in subject.seeds}),
            "told": confusion(classifier, cut),
        }
        return {name: {"table": table, "right": accuracy(table)} for name, table in tables.items()}

    return cache.get("recognition", about, measure)


def _neighbours(books: Sequence[Book]) -> list[tuple[Book, Book]]:
    """Each author with the next, the last with the first."""
    if len(books) < 2:
        return []
    pairs = list(zip(books, (*books[1:], books[0]), strict=True))
    return pairs if len(books) > 2 else pairs[:1]


def _even_parts(subject: Subject, counts: Counts) -> dict[str, str]:
    """As much of one author's training books as of another's, from every book its share."""
    books = {author: list(subject.books("train", author)) for author in subject.seeds}
    if counts.training_characters is not None:
        books = {author: [book.beginning(counts.training_characters) for book in own] for author, own in books.items()}
    sizes = {author: sum(len(book.text) for book in own) for author, own in books.items()}
    least = min(CLASSIFIER_CHARACTERS, *sizes.values())
    return {
        author: "".join(book.beginning(len(book.text) * least // sizes[author]).text for book in own)
        for author, own in books.items()
    }


def _held_out(subject: Subject, counts: Counts, author: str, split: str) -> list[str]:
    """Passages of an author's held-out text, spread evenly."""
    found = [passage for book in subject.books(split, author) for passage in passages(book.paragraphs, counts.passage)]
    most = counts.passages
    return found if len(found) <= most else [found[place * len(found) // most] for place in range(most)]
