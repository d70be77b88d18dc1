"""The archive of a story: every told tweet, an object of its own (`tweets/000001.json`) that never changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lambda_fn.errors import RecordError, SettingError
from lambda_fn.fields import Fields
from lambda_fn.record import tweet_from_fields, tweet_to_object
from lambda_fn.sampling import Sampling
from lambda_fn.story import Tweet

_BESIDES = ("bundle", "style", "seed", "temperature", "top_k", "top_p")


@dataclass(frozen=True)
class Page:
    """A told tweet with all that it takes to tell it again."""

    tweet: Tweet
    bundle: str  # identity
    style: Mapping[str, float]  # weights by author, sum 1
    seed: int
    sampling: Sampling


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
        "temperature": page.sampling.temperature,
        "top_k": page.sampling.top_k,
        "top_p": page.sampling.top_p,
    }


def page_to_json(page: Page) -> bytes:
    """A page as it is kept."""
    return json.dumps(page_to_object(page), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def page_from_json(data: bytes, key: str, sequence: int) -> Page:
    """Read the page kept under `key`; raises `RecordError` if it is damaged or another tweet's."""
    fields = Fields.parse(data, key, RecordError)
    tweet = tweet_from_fields(fields, besides=_BESIDES)
    if tweet.sequence != sequence:
        raise fields.problem("sequence", str(sequence))
    style = fields.fields("style")
    weights = {author: style.number(author) for author in style.names()}
    if not weights or min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
        raise fields.problem("style", "weights by author, from 0 up, that sum to 1")
    numbers = fields.number("temperature"), fields.integer("top_k"), fields.number("top_p")
    try:
        sampling = Sampling(*numbers)
    except SettingError as problem:
        raise RecordError(f"{key}: {problem}") from problem
    return Page(tweet, fields.text("bundle"), weights, fields.integer("seed"), sampling)
