"""One tweet told by itself, each step of the model alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.sampling import Sampling
from lambda_fn.writing.lockstep import at_once
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.tweet import Telling, TweetWriter


def next_tweet(
    writer: TweetWriter,
    position: Position,
    style: NDArray[np.float32],
    sampling: Sampling,
    generator: np.random.Generator,
    **about: Any,
) -> Telling:
    """Tell the only candidate for a tweet; `about`: what else `TweetWriter.occasion` takes."""
    return at_once(writer.in_steps(writer.occasion(position, style, sampling, **about), generator))
