"""From logits to a token among the likeliest alone, with the same outcome as from all."""

import math

import numpy as np
from numpy.typing import NDArray

_LIKELY = (2e-4, 5e-6)  # of all weight: tokens from which a nucleus is tried to be made
_MARGIN = 1e-5  # of all weight: sums in float32 are off by less than half of it
_CLOSE = 1e-9  # of the nucleus: sums in float64 are off by much less


def draw_from_the_likeliest(
    logits: NDArray[np.float32], temperature: float, top_p: float, chance: float, allowed: NDArray[np.bool_] | None
) -> int | None:
    """The token that `sample` gives for a chance from 0 to 1, in half the time; None where that is unsure.

    `allowed` `(vocabulary,)` leaves out tokens. What float32 is too short for is only how much all unlikely tokens
    weigh together. That decides where the nucleus ends; where that, or the draw, is a close call, nothing is decided.
    """
    if top_p >= 1 or temperature < 0.05:
        return None
    # A sum shows what is not finite, and may itself run over.
    if not math.isfinite(logits.sum()):
        return None
    weights = logits - logits.max()
    weights *= np.float32(1 / temperature)
    np.exp(weights, out=weights)
    if allowed is not None:
        weights *= allowed
    total = float(weights.sum())
    if total < 1e-20:  # what is allowed is all but impossible
        return None
    for share in _LIKELY:
        tokens = np.flatnonzero(weights >= np.float32(share * total))
        if not tokens.size:
            continue
        scores = logits[tokens].astype(np.float64)
        highest = scores.max()
        exact = np.exp((scores - highest) / temperature)
        order = (-exact).argsort(kind="stable")
        ordered = exact[order]
        reached = ordered.cumsum()
        everything = total / math.exp((float(highest) - float(logits.max())) / temperature)
        end, margin = top_p * everything, _MARGIN * everything
        if reached[-1] <= end + margin:
            continue
        # All before the last that is kept are short of the end, and with it they are not.
        last = int(reached.searchsorted(end))
        if reached[last] - end <= margin or (last and end - reached[last - 1] <= margin):
            return None
        kept = order[: last + 1]
        kept.sort()
        cumulative = exact[kept].cumsum()
        drawn = chance * cumulative[-1]
        position = int(cumulative.searchsorted(drawn, side="right"))
        close = _CLOSE * cumulative[-1]
        if (
            position == kept.size
            or cumulative[position] - drawn <= close
            or (position and drawn - cumulative[position - 1] <= close)
        ):
            return None
        return int(tokens[kept[position]])
    return None
