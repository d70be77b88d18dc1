"""The record of a story as versioned JSON: every field is checked when it is read. `formats` reads what is older.

A record is also read back before it is given out to be written, so that none is written that cannot be read.
"""

import base64
import json
import math
import re
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import RecordError
from lambda_fn.fields import Fields, is_text
from lambda_fn.formats import PAGE, RECORD, complete, lstm_state
from lambda_fn.language.bundle import LARGEST_SIZE
from lambda_fn.language.sampling import sampling_from_fields, sampling_to_object
from lambda_fn.language.state import Shapes, State, shapes_from_fields
from lambda_fn.story.record import OPENED, RECENT, SEEN, STORY_NAME, Draft, DraftOutcome, Page, Story, Tweet

RESTORE = "put back what it was before"
YEARS = range(1970, 3000)  # of every time here: some days may be added to it or taken from it
LONGEST_TEXT = 280  # characters; each weighs at least 1 of the 280 that a tweet may weigh

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def to_json(story: Story) -> bytes:
    """The record of a story; raises `RecordError` for one that `from_json` would not give back."""
    document = {
        "format": RECORD.number,
        "story": story.story,
        "bundle": story.bundle,
        "sequence": story.sequence,
        "slot": story.slot,
        "token": story.token,
        **_shapes_to_object(story.state.shapes),
        **_arrays_to_object(story.state),
        "style": dict(story.style),
        "seed": story.seed,
        "recent": [tweet_to_object(tweet) for tweet in story.recent],
        # Hexadecimal: programs that read every number as a float would lose bits of integers this large.
        "seen": [f"{value:016x}" for value in story.seen],
        # Only where there are any, as in every record of the version before.
        **({"openings": [f"{value:016x}" for value in story.openings]} if story.openings else {}),
        "draft": _draft_to_object(story.draft) if story.draft else None,
    }
    data = json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", errors="surrogatepass") + b"\n"
    if from_json(data) != story:
        raise RecordError(f"the record of story {story.story!r} would not be read back as it is")
    return data


def from_json(data: bytes, where: str = "the story's record", anew: str | None = None) -> Story:
    """Read a record; `where` names it in errors, `anew` says there how a story begins anew where it is kept.

    Raises `RecordError`, which names the field.
    """

    def damaged(sentence: str) -> RecordError:
        return RecordError(f"{sentence}; {RESTORE}, or {anew}" if anew else sentence)

    fields = RECORD.upgrade(Fields.parse(data, where, damaged), "use the version that wrote it")
    sequence = fields.integer("sequence")
    shapes = shapes_from_fields(fields)
    return Story(
        story=fields.matching("story", STORY_NAME, "1 to 40 of a-z, 0-9 and -"),
        bundle=fields.matching("bundle", _SHA256, "a SHA-256 in hexadecimal"),
        sequence=sequence,
        slot=_optional_text(fields, "slot"),
        token=fields.integer("token", 0, LARGEST_SIZE),
        state=_state(fields, shapes),
        style=style_from_fields(fields),
        seed=fields.integer("seed"),
        recent=_recent(fields, sequence),
        seen=_fingerprints(fields, "seen", SEEN),
        openings=_fingerprints(fields, "openings", OPENED - RECENT),
        draft=None if fields.is_null("draft") else _draft_from_fields(fields.fields("draft"), shapes),
    )


def tweet_to_object(tweet: Tweet) -> dict[str, object]:
    """A told tweet as a JSON object."""
    return {
        "sequence": tweet.sequence,
        "text": tweet.text,
        "paragraph": tweet.paragraph,
        "tweet_id": tweet.tweet_id,
        "time": _time_to_text(tweet.time),
    }


def tweet_from_fields(fields: Fields) -> Tweet:
    """Read a told tweet. Raises the error of `fields`."""
    fields = complete(fields, "tweet")
    return Tweet(
        sequence=fields.integer("sequence", 1),
        text=_tweet_text(fields),
        paragraph=fields.boolean("paragraph"),
        tweet_id=_optional_text(fields, "tweet_id"),
        time=_time(fields, "time"),
    )


def style_from_fields(fields: Fields) -> dict[str, float]:
    """Read the weights of a style by author. Raises the error of `fields`."""
    style = fields.fields("style")
    names = style.names()
    # No name that is only so long, or half a character, could be written or shown.
    weights = {author: style.number(author) for author in names if is_text(author) and len(author) <= 200}
    if not weights or len(weights) < len(names) or min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
        raise fields.problem("style", "weights by author, from 0 up, that sum to 1")
    return weights


def _draft_to_object(draft: Draft) -> dict[str, object]:
    return {
        "claim": draft.claim,
        "slot": draft.slot,
        "text": draft.text,
        "paragraph": draft.paragraph,
        "token": draft.token,
        **_arrays_to_object(draft.state),
        "style": dict(draft.style),
        **sampling_to_object(draft.sampling),
        "attempt": draft.attempt,
        "posts": draft.posts,
        "doubtful": draft.doubtful,
        "first_claimed_at": _time_to_text(draft.first_claimed_at),
        "claimed_at": _time_to_text(draft.claimed_at),
        "outcome": draft.outcome,
        "not_before": _time_to_text(draft.not_before) if draft.not_before else None,
        # Only where there are any: the version before refuses the field.
        **({"refusals": draft.refusals} if draft.refusals else {}),
    }


def _draft_from_fields(fields: Fields, shapes: Shapes) -> Draft:
    fields = complete(fields, "draft")
    return Draft(
        claim=_short_text(fields, "claim"),
        slot=_optional_text(fields, "slot"),
        text=_tweet_text(fields),
        paragraph=fields.boolean("paragraph"),
        token=fields.integer("token", 0, LARGEST_SIZE),
        state=_state(fields, shapes),
        style=style_from_fields(fields),
        sampling=sampling_from_fields(fields),
        attempt=fields.integer("attempt"),
        posts=fields.integer("posts"),
        doubtful=fields.boolean("doubtful"),
        first_claimed_at=_time(fields, "first_claimed_at"),
        claimed_at=_time(fields, "claimed_at"),
        outcome=_outcome(fields),
        not_before=None if fields.is_null("not_before") else _time(fields, "not_before"),
        refusals=fields.integer("refusals"),
    )


def _outcome(fields: Fields) -> DraftOutcome | None:
    outcome = _optional_text(fields, "outcome")
    try:
        return None if outcome is None else DraftOutcome(outcome)
    except ValueError as problem:
        raise fields.problem("outcome", 'null, "unknown", "not_sent" or "rejected"') from problem


def _tweet_text(fields: Fields) -> str:
    expected = f"a text of 1 to {LONGEST_TEXT} characters"
    text = fields.text("text", expected)
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise fields.problem("text", expected)
    return text


def _short_text(fields: Fields, name: str) -> str:
    expected = "a text of 1 to 200 characters"
    text = fields.text(name, expected)
    if not 1 <= len(text) <= 200:
        raise fields.problem(name, expected)
    return text


def _optional_text(fields: Fields, name: str) -> str | None:
    return None if fields.is_null(name) else _short_text(fields, name)


def _time(fields: Fields, name: str) -> datetime:
    expected = f"a time in UTC such as 2026-11-22T18:00:00Z, in the years {YEARS.start} to {YEARS.stop - 1}"
    try:
        time = datetime.fromisoformat(fields.text(name, expected))
    except ValueError as problem:
        raise fields.problem(name, expected) from problem
    if time.utcoffset() != timedelta(0) or time.year not in YEARS:
        raise fields.problem(name, expected)
    return time.replace(tzinfo=UTC)


def _time_to_text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _shapes_to_object(shapes: Shapes) -> dict[str, object]:
    """The shapes of a state; of an LSTM's the number of layers, by which an older program knows them."""
    declared = {name: list(shape) for name, shape in shapes.items()}
    first = next(iter(declared.values()))
    return {"layers": first[0]} if declared == lstm_state(first[0], first[-1]) else {"state": declared}


def _arrays_to_object(state: State) -> dict[str, object]:
    return {name: base64.b64encode(array.astype("<f4").tobytes()).decode("ascii") for name, array in state.items()}


def _state(fields: Fields, shapes: Shapes) -> State:
    return State({name: _array(fields, name, shape) for name, shape in shapes.items()})


def _array(fields: Fields, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    expected = f"base64 of {math.prod(shape)} finite float32 numbers, little-endian"
    data = fields.base64(name, expected)
    if len(data) != 4 * math.prod(shape):
        raise fields.problem(name, expected)
    array = np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(array).all():
        raise fields.problem(name, expected)
    return array


def _recent(fields: Fields, sequence: int) -> tuple[Tweet, ...]:
    recent = tuple(tweet_from_fields(item) for item in fields.objects("recent"))
    count = min(sequence, RECENT)
    if [tweet.sequence for tweet in recent] != list(range(sequence - count + 1, sequence + 1)):
        raise fields.problem("recent", f"the last {count} tweets in order, up to the one numbered {sequence}")
    return recent


def _fingerprints(fields: Fields, name: str, most: int) -> tuple[int, ...]:
    expected = f"at most {most} fingerprints of 16 hexadecimal digits"
    found = fields.items(name, expected, lambda each: isinstance(each, str) and _FINGERPRINT.fullmatch(each))
    if len(found) > most:
        raise fields.problem(name, expected)
    return tuple(int(each, 16) for each in found)


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
    fields = PAGE.upgrade(Fields.parse(data, key, RecordError), "use the version that wrote it, or a newer one")
    tweet = tweet_from_fields(fields)
    if tweet.sequence != sequence:
        raise fields.problem("sequence", str(sequence))
    return Page(
        tweet, fields.text("bundle"), style_from_fields(fields), fields.integer("seed"), sampling_from_fields(fields)
    )
