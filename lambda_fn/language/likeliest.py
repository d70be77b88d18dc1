"""From logits to a token among the likeliest alone, with the same outcome as from all."""

import math

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.token_classes import TokenClasses

_LIKELY = (2e-4, 5e-6)  # of all weight: tokens from which a nucleus is tried to be made
_MARGIN = 1e-5  # of all weight: sums in float32 are off by less than half of it
_CLOSE = 1e-9  # of the nucleus: sums in float64 are off by much less
_LEAST = 1e-20  # of the likeliest token's weight: where all that is allowed has less, nothing is decided


def draw_from_the_likeliest(
    logits: NDArray[np.float32],
    temperature: float,
    top_p: float,
    chance: float,
    allowed: NDArray[np.bool_] | None,
    classes: TokenClasses | None = None,
    class_temperature: float = 0.0,
) -> int | None:
    """The token that `sample` gives for a chance from 0 to 1, in less than half the time; None where that is unsure.

    `allowed` `(vocabulary,)` leaves out tokens; with `classes` and a class temperature a class is drawn first. What
    float32 is too short for is only how much all unlikely tokens weigh together. That decides where the nucleus ends,
    and a class; where one of these, or the draw, is a close call, nothing is decided.
    """
    if top_p >= 1 or temperature < 0.05 or 0 < class_temperature < 0.1:
        return None
    # A sum shows what is not finite, and may itself run over.
    if not math.isfinite(np.add.reduce(logits)):
        return None
    if classes is None or not class_temperature:
        weights = logits - logits[logits.argmax()]
        weights *= np.float32(1 / temperature)
        np.exp(weights, out=weights)
        if allowed is not None:
            weights *= allowed
        return _draw_from_nucleus(weights, None, logits, temperature, top_p, chance, _CLOSE)
    ordered = logits.take(classes.order)
    ordered -= logits[logits.argmax()]
    weights = np.exp(ordered)
    permitted = None if allowed is None else classes.ordered(allowed)
    if permitted is not None:
        weights *= permitted
    drawn = _draw_class(np.add.reduceat(weights, classes.starts).tolist(), class_temperature, chance)
    if drawn is None:
        return None
    number, chance, slack = drawn
    own = classes.slices[number]
    weights = ordered[own]
    weights *= np.float32(1 / temperature)
    np.exp(weights, out=weights)
    if permitted is not None:
        weights *= permitted[own]
    return _draw_from_nucleus(weights, classes.order[own], logits, temperature, top_p, chance, slack + _CLOSE)


def _draw_class(masses: list[float], temperature: float, chance: float) -> tuple[int, float, float] | None:
    """The class that a chance falls into, where in it, a chance again, and how far off that may be; None: unsure."""
    largest = max(masses)
    if largest < _LEAST:
        return None
    shares = [(mass / largest) ** (1 / temperature) for mass in masses]
    total = sum(shares)
    margin = _MARGIN * total * max(1.0, 1 / temperature)
    position, before = chance * total, 0.0
    for number, share in enumerate(shares):
        if position < before + share:
            if (position - before <= margin and before) or before + share - position <= margin:
                return None
            return number, (position - before) / share, margin / share
        before += share
    return None


def _draw_from_nucleus(
    weights: NDArray[np.float32],
    tokens: NDArray[np.intp] | None,
    logits: NDArray[np.float32],
    temperature: float,
    top_p: float,
    chance: float,
    close: float,
) -> int | None:
    """The token of a nucleus that a chance falls upon, which may be off by so much that what is as `close` is unsure.

    `weights`: e to the power of (logit - the highest of all logits) / temperature, 0 for what is not allowed, of these
    `tokens` in the order of their ids (None: of all).
    """
    total = float(np.add.reduce(weights))
    if total < _LEAST:  # what is allowed is all but impossible
        return None
    highest = float(logits[logits.argmax()])
    for share in _LIKELY:
        (places,) = (weights >= np.float32(share * total)).nonzero()
        if not places.size:
            continue
        chosen = places if tokens is None else tokens[places]
        scores = logits[chosen].astype(np.float64)
        likeliest = float(scores[scores.argmax()])
        exact = np.exp((scores - likeliest) / temperature)
        order = (-exact).argsort(kind="stable")
        reached = exact[order].cumsum()
        everything = total / math.exp((likeliest - highest) / temperature)
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
        whole = float(cumulative[-1])
        drawn = chance * whole
        position = int(cumulative.searchsorted(drawn, side="right"))
        if (
            position == kept.size
            or cumulative[position] - drawn <= close * whole
            or (position and drawn - cumulative[position - 1] <= close * whole)
        ):
            return None
        return int(chosen[kept[position]])
    return None
