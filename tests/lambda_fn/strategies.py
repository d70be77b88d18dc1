"""Invents stories for property tests."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State
from lambda_fn.story.codec import LONGEST_TEXT
from lambda_fn.story.record import RECENT, Draft, DraftOutcome, Story, Tweet

texts = st.text(min_size=1, max_size=LONGEST_TEXT).filter(str.strip)
short_texts = st.text(min_size=1, max_size=200)
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
tokens = st.integers(0, 100_000)


def states(layers: int, hidden: int) -> st.SearchStrategy[State]:
    arrays = hnp.arrays(
        np.float32, (layers, 1, hidden), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)
    )
    return st.builds(State, st.fixed_dictionaries({"h": arrays, "c": arrays}))


def tweets(sequence: int) -> st.SearchStrategy[Tweet]:
    return st.builds(
        Tweet, st.just(sequence), texts, st.booleans(), st.none() | st.from_regex(r"\A[0-9]{1,20}\Z"), times
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    layers, hidden = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    sequence = draw(st.integers(0, 30))
    weights = np.array(draw(st.lists(st.floats(0.01, 1), min_size=1, max_size=3)))
    names = draw(st.lists(short_texts, min_size=len(weights), max_size=len(weights), unique=True))
    style = {name: float(weight) for name, weight in zip(names, weights / weights.sum(), strict=True)}
    samplings = st.builds(Sampling, st.floats(0.01, 5), st.integers(0, 100), st.floats(0.01, 1))
    drafts = st.builds(
        Draft,
        claim=short_texts,
        slot=st.none() | short_texts,
        text=texts,
        paragraph=st.booleans(),
        token=tokens,
        state=states(layers, hidden),
        style=st.just(style),
        sampling=samplings,
        attempt=st.integers(0, 5),
        posts=st.integers(0, 5),
        doubtful=st.booleans(),
        first_claimed_at=times,
        claimed_at=times,
        outcome=st.sampled_from([None, *DraftOutcome]),
        not_before=st.none() | times,
        refusals=st.integers(0, 5),
    )
    return Story(
        story=draw(st.from_regex(r"\A[a-z0-9-]{1,40}\Z")),
        bundle=draw(st.from_regex(r"\A[0-9a-f]{64}\Z")),
        sequence=sequence,
        slot=draw(st.none() | short_texts),
        token=draw(tokens),
        state=draw(states(layers, hidden)),
        style=style,
        seed=draw(st.integers(0, 2**63 - 1)),
        recent=tuple(draw(tweets(number)) for number in range(max(1, sequence - RECENT + 1), sequence + 1)),
        seen=tuple(draw(st.lists(st.integers(0, 2**64 - 1), max_size=5))),
        draft=draw(st.none() | drafts),
        openings=tuple(draw(st.lists(st.integers(0, 2**64 - 1), max_size=30))),
    )
