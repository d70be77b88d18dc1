"""The archive of a story: every told tweet, an object of its own (`tweets/000001.json`) that never changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lambda_fn.errors import RecordError
from lambda_fn.fields import Fields
from lambda_fn.formats import PAGE
from lambda_fn.language.sampling import Sampling, sampling_from_fields, sampling_to_object
from lambda_fn.story.codec import style_from_fields, tweet_from_fields, tweet_to_object
from lambda_fn.story.record import Tweet


@dataclass(frozen=True)
class Page:
    """A told tweet, and how it was told: what this program takes to tell it again."""

    tweet: Tweet
    bundle: str  # its identity, or what that was called before: see `Bundle.is_known_as`
    style: Mapping[str, float]  # weights by author, sum 1
    seed: int
    sampling: Sampling

    def check_seed(self, story: str, seed: int) -> None:
        """Raise `RecordError` if this page was not told with the seed of the story in whose archive it is."""
        if self.seed != seed:
            raise RecordError(
                f"{page_key(story, self.tweet.sequence)} is from another story, for its seed is not that of the "
                "record: move it away"
            )


def page_key(story: str, sequence: int) -> str:
    """Where the page of a tweet is kept: page_key("main", 7) → "main/tweets/000007.json"."""
    return f"{story}/tweets/{sequence:06d}.json"


def page_to_object(page: Page) -> dict[str, object]:
    """A page as a JSON object."""
    return {
        **tweet_to_object(page.tweet),
        "bundle": page.bundle,
        "style": dict(page.style),
        "seed": page.seed,
        **sampling_to_object(page.sampling),
    }


def page_to_json(page: Page) -> bytes:
    """A page as it is kept."""
    document = {"format": PAGE.number, **page_to_object(page)}
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def page_from_json(data: bytes, key: str, sequence: int) -> Page:
    """Read the page kept under `key`; raises `RecordError` if it is damaged or another tweet's."""
    fields = PAGE.read(Fields.parse(data, key, RecordError), "use the version that wrote it, or a newer one")
    tweet = tweet_from_fields(fields)
    if tweet.sequence != sequence:
        raise fields.problem("sequence", str(sequence))
    return Page(
        tweet, fields.text("bundle"), style_from_fields(fields), fields.integer("seed"), sampling_from_fields(fields)
    )
