"""Told text: a long story held against the training books, and samples of every author, none of them chosen."""

from collections.abc import Sequence
from dataclasses import asdict

from bench.report.bits import Say
from bench.report.cache import Cache, Result, digest
from bench.report.copying import find_copied, quotes_closed, variety
from bench.report.counts import Counts
from bench.report.subject import Subject
from bench.report.words import split_sentences
from lambda_fn import commands
from lambda_fn.settings import DEFAULT_STORY, Settings
from lambda_fn.story.record import Page

LONG_STORY_SEED, AUTHOR_SEED, BLEND_SEED = 1, 100, 200
"""Of the long story, of the first author's, of the first blend's; the next have the next numbers."""

OPENING = "It was late in the evening,"
"""The prompt of every story but the long one, which has the teller's own: no author's, and no help to a classifier."""

TWEET = 280


def tell(
    subject: Subject, cache: Cache, say: Say, style: str, seed: int, count: int, prompt: str | None = OPENING
) -> list[str]:
    """The first tweets of a story; told once, and kept: what was told before an interruption is not told again.

    `prompt` None: the teller's own.
    """
    about = {"bundle": subject.identity, "style": style, "seed": seed, "prompt": prompt}
    folder = cache.folder / "stories" / digest(repr(sorted(about.items())))[:16]
    environment = {"STORY_URI": str(folder.resolve()), "MODEL_URI": str(subject.bundle.resolve())}

    def make() -> Result:
        say(f"telling: {count} tweets of {style}")
        told: list[Page] = []
        beginning = {"style": style, "seed": seed, "prompt": prompt}
        if (folder / DEFAULT_STORY / "story.json").is_file():
            told = [*commands.show(Settings.resolve({}, environment))]
            beginning = {}
        if len(told) < count:
            told += commands.tell(Settings.resolve(beginning, environment), count - len(told))
        return {"tweets": [page.tweet.text for page in told[:count]]}

    tweets: list[str] = cache.get("story", about | {"count": count}, make)["tweets"]
    return tweets


def stories(subject: Subject, counts: Counts, cache: Cache, say: Say) -> dict[str, list[str]]:
    """A story of each author of the bundle: of those with a held-out book long enough for the classifier."""
    told = {}
    for number, author in enumerate(subject.authors):
        count = max(counts.samples, counts.tweets_an_author if author in subject.seeds else 0)
        told[author] = tell(subject, cache, say, author, AUTHOR_SEED + number, count)
    return told


def blends(authors: Sequence[str]) -> list[str]:
    """Five blends of neighbours among the authors; fewer where there are few."""
    if len(authors) < 2:
        return []
    pairs = list(zip(authors, (*authors[1:], authors[0]), strict=True))[: 4 if len(authors) > 2 else 1]
    named = [f"{one}=0.5,{other}=0.5" for one, other in pairs]
    if len(authors) > 2:
        named.append(",".join(f"{author}={weight}" for author, weight in zip(authors, (0.4, 0.3, 0.3), strict=False)))
    return named


def measure_copying(subject: Subject, counts: Counts, cache: Cache, say: Say) -> Result:
    """The long story against the training books, beside the first author's held-out book cut into tweets."""
    tweets = tell(subject, cache, say, subject.authors[0], LONG_STORY_SEED, counts.tweets, None)
    book = subject.held_out[0]
    cut = as_tweets(book.paragraphs)
    as_long = _as_many_words(cut, sum(len(tweet.split()) for tweet in tweets))

    def measure() -> Result:
        say("copying: reading the training books")
        copied = find_copied({"told": tweets, "book": cut}, (book.text for book in subject.books("train")))
        return {
            "copied": {name: asdict(found) for name, found in copied.items()},
            "variety": {"told": asdict(variety(tweets)), "book": asdict(variety(as_long))},
            "quotes": {"told": quotes_closed(tweets), "book": quotes_closed(book.paragraphs)},
        }

    about = {"tweets": digest("\n\n".join(tweets)), "book": digest(book.text), "corpus": subject.corpus_identity}
    return cache.get("copying", about, measure) | {"title": book.title}


def measure_samples(subject: Subject, counts: Counts, cache: Cache, say: Say) -> Result:
    """The first tweets of every author's story and of five blends."""
    told = {author: tweets[: counts.samples] for author, tweets in stories(subject, counts, cache, say).items()}
    for number, blend in enumerate(blends(subject.seeds)):
        told[blend] = tell(subject, cache, say, blend, BLEND_SEED + number, counts.samples)
    return {"samples": told}


def as_tweets(paragraphs: Sequence[str]) -> list[str]:
    """A book cut into texts of up to 280 characters, whole sentences each; a longer sentence is one by itself."""
    texts: list[str] = []
    for paragraph in paragraphs:
        current = ""
        for sentence in split_sentences(paragraph):
            if current and len(current) + len(sentence) > TWEET:
                texts.append(current.strip())
                current = ""
            current += sentence
        texts.append(current.strip())
    joined: list[str] = []
    for text in texts:
        if joined and len(joined[-1]) + 1 + len(text) <= TWEET:
            joined[-1] += f"\n{text}"
        else:
            joined.append(text)
    return joined


def _as_many_words(texts: Sequence[str], words: int) -> list[str]:
    kept, count = [], 0
    for text in texts:
        if count >= words:
            break
        kept.append(text)
        count += len(text.split())
    return kept
