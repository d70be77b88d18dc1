"""Growth with the story: a tweet, the record and memory, after 1 tweet and after 100,000.

Telling so many would take days, so stories are made that long: every page of the archive and the record are what
telling would have written, with texts of shuffled words in place of told ones. Then each goes on for real, in turns.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bench.costs.memory import peak_megabytes
from bench.costs.subject import Subject
from bench.costs.token import one_thread, times
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table
from bench.timing import spread
from lambda_fn.commands import Explained, tell_next
from lambda_fn.settings import Settings
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import page_to_json
from lambda_fn.story.record import Page, Story, Tweet, page_key
from lambda_fn.writing.storyteller import Storyteller

PICTURE = "story.png"
MOST = 1.1
FIRST = 1_000  # tweets after which a record is full: it keeps what it knows of the last thousand
WORDS = 20  # in a text
BEGAN, EVERY = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=6)


def measure(subject: Subject) -> Result:
    """Time, bytes of the record and memory for every length, and their ratios to those of one of `FIRST` tweets."""
    storyteller, lengths = Storyteller(subject.bundle), subject.counts.lengths
    with tempfile.TemporaryDirectory() as folder, one_thread():
        stories = {length: Path(folder) / str(length) for length in lengths}
        beginning, page = begin(subject, storyteller, Path(folder) / "begun")
        for length, place in stories.items():
            make_story(place, beginning, page, length)
        seconds, steps = go_on(subject, storyteller, stories)
        given: tuple[object, ...] = (
            "tell",
            "--count",
            min(subject.counts.further, 10),
            "--candidates",
            1,
            "--model",
            subject.folder,
        )
        found: dict[int, Result] = {
            length: {
                "record": (place / "main" / "story.json").stat().st_size,
                "seconds": spread(np.array(seconds[length])),
                "milliseconds_a_step": round(1000 * sum(seconds[length]) / sum(steps[length]), 4),
                "megabytes": peak_megabytes("lambda_fn", *given, "--folder", place),
            }
            for length, place in stories.items()
        }
    first = max(length for length in lengths if length <= max(FIRST, lengths[0]))
    a_step = {length: np.array(seconds[length]) / np.array(steps[length]) for length in lengths}
    for length, each in found.items():
        each["time"] = spread(a_step[length] / a_step[first])
        each |= {f"{name}_ratio": round(each[name] / found[first][name], 3) for name in ("record", "megabytes")}
    return {"first": first, "lengths": [{"tweets": length, **each} for length, each in found.items()]}


def begin(subject: Subject, storyteller: Storyteller, folder: Path) -> tuple[Story, Page]:
    """Tell a story for real; returns it without its tweets, but with the position after the last, and a page of it."""
    store, settings = FolderStore(folder), _settings(subject)
    new, _, _ = storyteller.load(Stories(store), settings)
    *_, page = tell_next(settings, store, storyteller, subject.counts.begun, _now)
    told = Stories(store).read(settings.story)
    assert told  # it was just written
    words = sorted({word.strip("“”‘’.,;:!?—") for tweet in told[0].recent for word in tweet.text.split()} - {""})
    text = " ".join(words)
    return replace(new, token=told[0].token, state=told[0].state), replace(page, tweet=replace(page.tweet, text=text))


def make_story(folder: Path, story: Story, page: Page, length: int) -> None:
    """Write the archive and the record of a story of so many tweets; its pages are like `page`, but for the tweet."""
    archive = folder / page_key(story.story, 1)
    archive.parent.mkdir(parents=True)
    for tweet in invented_tweets(page.tweet.text.split(), length):
        (folder / page_key(story.story, tweet.sequence)).write_bytes(page_to_json(replace(page, tweet=tweet)))
        story = story.settled(tweet, story.token, story.state)
    Stories(FolderStore(folder)).write(story, None)


def invented_tweets(words: list[str], count: int) -> Iterator[Tweet]:
    """Tweets of shuffled words, each different from all others."""
    choose = random.Random(1)
    for sequence in range(1, count + 1):
        text = f"{' '.join(choose.choices(words, k=WORDS))[:250]} {sequence}."
        yield Tweet(sequence, text, paragraph=False, tweet_id=str(sequence), time=BEGAN + sequence * EVERY)


def go_on(
    subject: Subject, storyteller: Storyteller, stories: dict[int, Path]
) -> tuple[dict[int, list[float]], dict[int, list[int]]]:
    """Tell tweets of every story in turns, each in a call of its own; returns their seconds and calls of the model."""
    seconds: dict[int, list[float]] = {length: [] for length in stories}
    steps: dict[int, list[int]] = {length: [] for length in stories}
    stores = {length: FolderStore(place) for length, place in stories.items()}
    for _ in range(subject.counts.further):
        for length, store in stores.items():
            explained: Explained = {}
            started = time.thread_time()
            for _ in tell_next(_settings(subject), store, storyteller, 1, _now, explained):
                pass
            seconds[length].append(time.thread_time() - started)
            steps[length].append(next(iter(explained.values())).telling.steps)
    return seconds, steps


def section(found: Result, out: Path) -> str:
    """A table and a picture of the ratios."""
    rows = [
        [f"{each['tweets']:,}", f"{each['seconds'][1]:.3f}", times(each["time"]), f"{each['record'] / 1000:.1f}",
         f"{each['record_ratio']:.3f}", f"{each['megabytes']:.0f}", f"{each['megabytes_ratio']:.3f}"]
        for each in found["lengths"]
    ]  # fmt: skip
    with picture(out / PICTURE, 8, 3.2) as axes:
        tweets = [each["tweets"] for each in found["lengths"]]
        low, middle, high = np.array([each["time"] for each in found["lengths"]]).T
        axes.errorbar(tweets, middle, (middle - low, high - middle), marker="o", color=OURS, label="time a step")
        for name, label, style in (("record", "record", "--"), ("megabytes", "memory", ":")):
            ratios = [each[f"{name}_ratio"] for each in found["lengths"]]
            axes.plot(tweets, ratios, style, marker="s", color=OTHERS, label=label)
        axes.set(xscale="log", ylim=(0, 1.5), xlabel="tweets told before", ylabel=f"of that after {found['first']:,}")
        axes.legend(loc="lower right")
    header = ["tweets before", "a tweet, s", "time a step, ratio", "record, kB", "ratio", "memory, MB", "ratio"]
    return f"""## Growth with the story

Stories of these lengths go on, in turns, for some tweets each: read the record, tell, write the archive and the record.
They were made so long: each page and the record are what telling would have written, but of shuffled words. How long a
tweet takes depends most on how many words it tries, so the ratio is that of its time for each call of the model: the
median and the quartiles. Ratios are to a story of {found["first"]:,} tweets: until then, a record grows with what it
knows of the last thousand. Memory is that of `python -m lambda_fn tell`.

{table(header, rows)}
![time, record and memory by the length of the story]({PICTURE})
"""


def criteria(found: Result) -> list[Criterion]:
    """The longest story against one of a thousand tweets."""
    last = found["lengths"][-1]
    ratios = {"time": last["time"][1], "record": last["record_ratio"], "memory": last["megabytes_ratio"]}
    what = f"after {last['tweets']:,} tweets, of what it is after {found['first']:,}"
    return [
        Criterion(f"{name} {what}", f"at most {MOST}", f"{ratio:.2f}", ratio <= MOST) for name, ratio in ratios.items()
    ]


def _settings(subject: Subject) -> Settings:
    return Settings.resolve({"seed": 1, "candidates": 1}, {"MODEL_URI": str(subject.folder), "STORY_URI": "unused"})


def _now() -> datetime:
    return datetime.now(UTC)
