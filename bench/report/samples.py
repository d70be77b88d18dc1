"""Told text: stories that the measures hold against books, and samples of every author, none of them chosen."""

from collections.abc import Sequence
from pathlib import Path

from bench.report.cache import Result, digest
from bench.report.figures import Criterion
from bench.report.subject import Subject, say
from lambda_fn import commands
from lambda_fn.settings import DEFAULT_STORY, Settings
from lambda_fn.story.record import Page
from train.files import write_atomically

SAMPLES = "samples.md"

LONG_STORY_SEED, AUTHOR_SEED, BLEND_SEED = 1, 100, 200
"""Of the long story, of the first author's, of the first blend's; the next have the next numbers."""

OPENING = "It was late in the evening,"
"""The prompt of every story but the long one, which has the teller's own: no author's, and no help to a classifier."""


def measure(subject: Subject) -> Result:
    """The first tweets of every author's story and of five blends."""
    count = subject.counts.samples
    told = {author: tweets[:count] for author, tweets in stories(subject).items()}
    for number, blend in enumerate(blends(subject.seeds)):
        told[blend] = tell(subject, blend, BLEND_SEED + number, count)
    return {"samples": told, "tweets": count}


def section(found: Result, out: Path) -> str:
    """A link; the samples are a page of their own."""
    told: dict[str, list[str]] = found["samples"]
    head = f"""# Samples, not chosen

The first tweets of each story, {found["tweets"]} of each: an author’s under seeds from {AUTHOR_SEED}, a blend’s from
{BLEND_SEED}, each begun with “{OPENING}” and told with the bundle’s own settings.
"""
    parts = [f"## {style}\n\n" + "\n".join(map(_quoted, tweets)) for style, tweets in told.items()]
    write_atomically(out / SAMPLES, "\n".join([head, *parts]).encode("utf-8"))
    return f"## Samples\n\n[{len(told)} stories, {found['tweets']} tweets of each]({SAMPLES}), none of them chosen.\n"


def criteria(_found: Result) -> list[Criterion]:
    """None: they are for reading."""
    return []


def tell(subject: Subject, style: str, seed: int, count: int, prompt: str | None = OPENING) -> list[str]:
    """The first tweets of a story; told once, and kept: what was told before an interruption is not told again.

    `prompt` None: the teller's own.
    """
    about = {"bundle": subject.identity, "style": style, "seed": seed, "prompt": prompt}
    folder = subject.cache.folder / "stories" / digest(repr(sorted(about.items())))[:16]
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

    tweets: list[str] = subject.cache.get("story", about | {"count": count}, make)["tweets"]
    return tweets


def stories(subject: Subject) -> dict[str, list[str]]:
    """A story of each author of the bundle: of those with a held-out book long enough for the classifier."""
    told, counts = {}, subject.counts
    for number, author in enumerate(subject.authors):
        count = max(counts.samples, counts.tweets_an_author if author in subject.seeds else 0)
        told[author] = tell(subject, author, AUTHOR_SEED + number, count)
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


def _quoted(tweet: str) -> str:
    """A tweet as a list's item, its paragraphs on lines of their own."""
    return "- " + "<br>".join(tweet.split("\n")) + "\n"
