"""From logits to a token: temperature, top-k and nucleus (top-p) sampling; the generator alone decides."""

from dataclasses import MISSING, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.fields import LARGEST_INTEGER, Fields, shown

HIGHEST_TEMPERATURE = 5


@dataclass(frozen=True)
class Sampling:
    """How to choose the next token.

    `temperature` divides the logits; `top_k` keeps the k likeliest tokens (0: all); `top_p` then keeps the
    likeliest tokens that together reach that probability (Holtzman et al. 2020; 1: all).

    A setting that is added has a default that changes nothing: a file from before is read with that.

    Raises `SettingError`.
    """

    temperature: float
    top_k: int
    top_p: float

    def __post_init__(self) -> None:
        check_temperature(self.temperature)
        check_top_k(self.top_k)
        check_top_p(self.top_p)


def sampling_to_object(sampling: Sampling) -> dict[str, object]:
    """Sampling settings as fields of a JSON object."""
    return {field.name: getattr(sampling, field.name) for field in fields(sampling)}


def sampling_from_fields(found: Fields) -> Sampling:
    """Read sampling settings, each that a file lacks as its default. Raises the error of `found`."""
    given = set(found.names())
    settings: dict[str, Any] = {
        field.name: found.integer(field.name) if field.type is int else found.number(field.name)
        for field in fields(Sampling)
        if field.name in given or field.default is MISSING
    }
    try:
        return Sampling(**settings)
    except SettingError as problem:
        raise found.error(str(problem)) from problem


def check_temperature(value: object, name: str = "temperature") -> float:
    """The value, if it can be a temperature; raises `SettingError` under the name that the user gave it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= HIGHEST_TEMPERATURE:
        return value
    allowed = f"a number above 0 and at most {HIGHEST_TEMPERATURE}"
    raise SettingError(f"{name} must be {allowed}, not {shown(value)}")


def check_top_k(value: object, name: str = "top_k") -> int:
    """The value, if it can be a top-k; raises `SettingError` under the name that the user gave it."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INTEGER:
        return value
    raise SettingError(f"{name} must be a whole number from 0 up (0 turns it off), not {shown(value)}")


def check_top_p(value: object, name: str = "top_p") -> float:
    """The value, if it can be a top-p; raises `SettingError` under the name that the user gave it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
        return value
    raise SettingError(f"{name} must be a number above 0 and at most 1 (1 turns it off), not {shown(value)}")


def probabilities(
    logits: NDArray[np.float32], sampling: Sampling, allowed: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """The distribution `(vocabulary,)` that `sample` draws from: float64, sums to 1.

    `allowed` `(vocabulary,)` leaves out tokens before anything else is counted. Raises `ValueError` if
    nothing is allowed, or if an allowed logit is not finite.
    """
    tokens = np.arange(len(logits)) if allowed is None else np.flatnonzero(allowed)
    scores = logits[tokens].astype(np.float64)
    if scores.size == 0:
        raise ValueError("no token is allowed")
    if not np.isfinite(scores).all():
        raise ValueError("the logits are not finite")
    with np.errstate(over="ignore"):  # near temperature 0 all but the best become exp(-inf) = 0
        weights = np.exp((scores - scores.max()) / sampling.temperature)
    if 0 < sampling.top_k < weights.size:
        least = np.partition(weights, -sampling.top_k)[-sampling.top_k]
        tokens, weights = _likeliest_first(tokens, weights, least)
        tokens, weights = tokens[: sampling.top_k], weights[: sampling.top_k]
    weights /= weights.sum()
    if sampling.top_p < 1:
        # Tokens below this bound weigh less than 1 - top_p together: the nucleus has none of them.
        bound = min((1 - sampling.top_p) / weights.size, float(weights.max()))
        tokens, weights = _likeliest_first(tokens, weights, bound)
        nucleus = np.cumsum(weights) - weights < sampling.top_p  # what lies before a token: 0 for the first
        tokens, weights = tokens[nucleus], weights[nucleus]
        weights /= weights.sum()
    distribution = np.zeros(len(logits), dtype=np.float64)
    distribution[tokens] = weights
    return distribution


def _likeliest_first(
    tokens: NDArray[np.intp], weights: NDArray[np.float64], least: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The tokens that weigh at least so much, sorted; equal ones keep the order of their ids."""
    chosen = np.flatnonzero(weights >= least)
    chosen = chosen[np.argsort(-weights[chosen], kind="stable")]
    return tokens[chosen], weights[chosen]


def sample(
    logits: NDArray[np.float32],
    sampling: Sampling,
    generator: np.random.Generator,
    allowed: NDArray[np.bool_] | None = None,
) -> int:
    """Draw one token id from logits `(vocabulary,)`, with exactly one number from the generator.

    Raises as `probabilities` does.
    """
    distribution = probabilities(logits, sampling, allowed)
    possible = np.flatnonzero(distribution)
    cumulative = np.cumsum(distribution[possible])
    position = np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")
    # Rounding may carry the product up to the very end.
    return int(possible[min(int(position), possible.size - 1)])
