"""From logits to a token: a chain of small filters, and one random number.

`Sampling` is the only table of its settings: variables, event keys, flags, records and bundles are read by it.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.fields import LARGEST_INTEGER, Fields, shown

Candidates = tuple[NDArray[np.intp], NDArray[np.float64]]
"""The tokens that may be drawn, and as many weights, each in proportion to a token's probability."""


@dataclass(frozen=True)
class Setting:
    """A setting of `Sampling`: its values, its help, and what it is in a bundle that is exported without it."""

    letter: str  # stands for a value in a command's help
    usual: float  # what a bundle is exported with
    allowed: str
    fits: Callable[[float], bool]  # whether a value is what is allowed
    help: str
    kind: type[int] | type[float] = float

    def check(self, value: object, name: str) -> float:
        """The value, if the setting can have it; raises `SettingError` under the name that the user gave it."""
        types = int if self.kind is int else int | float
        if isinstance(value, types) and not isinstance(value, bool) and self.fits(value):
            return value
        raise SettingError(f"{name} must be {self.allowed}, not {shown(value)}")


@dataclass(frozen=True)
class Sampling:
    """How to choose the next token; the filters below say what each setting does.

    A setting that is added has a default that changes nothing, with which older files are read.

    Raises `SettingError`.
    """

    temperature: float = field(
        metadata={"setting": Setting(
            "T", 0.9, "a number above 0 and at most 5", lambda value: 0 < value <= 5,
            "above 0 and at most 5; the lower, the more predictable",
        )},
    )  # fmt: skip
    top_k: int = field(
        metadata={"setting": Setting(
            "K", 0, "a whole number from 0 up (0 turns it off)", lambda value: 0 <= value <= LARGEST_INTEGER,
            "choose among the K likeliest tokens only; 0: all", kind=int,
        )},
    )  # fmt: skip
    top_p: float = field(
        metadata={"setting": Setting(
            "P", 0.95, "a number above 0 and at most 1 (1 turns it off)", lambda value: 0 < value <= 1,
            "choose among the likeliest tokens that reach this probability together; 1: all",
        )},
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name, setting in SAMPLING_SETTINGS.items():
            setting.check(getattr(self, name), name)


SAMPLING_SETTINGS: dict[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Sampling)}


def sampling_to_object(sampling: Sampling) -> dict[str, object]:
    """Sampling settings as fields of a JSON object."""
    return {name: getattr(sampling, name) for name in SAMPLING_SETTINGS}


def sampling_from_fields(found: Fields) -> Sampling:
    """Read sampling settings, each that a file lacks as its default. Raises the error of `found`."""
    given = set(found.names()).union(each.name for each in fields(Sampling) if each.default is MISSING)
    settings: dict[str, Any] = {
        name: found.integer(name) if setting.kind is int else found.number(name)
        for name, setting in SAMPLING_SETTINGS.items()
        if name in given
    }
    try:
        return Sampling(**settings)
    except SettingError as problem:
        raise found.error(str(problem)) from problem


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
    candidates = tokens, _temper(scores, sampling.temperature)
    candidates = _keep_top_k(candidates, sampling.top_k)
    candidates = _keep_top_p(candidates, sampling.top_p)
    tokens, weights = candidates
    distribution = np.zeros(len(logits), dtype=np.float64)
    distribution[tokens] = weights / weights.sum()
    return distribution


def _temper(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Divide logits by the temperature, and weigh each against the highest: 1 for that."""
    with np.errstate(over="ignore"):  # near temperature 0 all but the best become exp(-inf) = 0
        weights: NDArray[np.float64] = np.exp((scores - scores.max()) / temperature)
    return weights


def _keep_top_k(candidates: Candidates, top_k: int) -> Candidates:
    """Keep the k likeliest; 0: all."""
    _, weights = candidates
    if not 0 < top_k < weights.size:
        return candidates
    tokens, weights = _likeliest_first(candidates, np.partition(weights, -top_k)[-top_k])
    return tokens[:top_k], weights[:top_k]


def _keep_top_p(candidates: Candidates, top_p: float) -> Candidates:
    """Keep the likeliest that together reach the probability, the nucleus (Holtzman et al. 2020); 1: all."""
    tokens, weights = candidates
    if top_p >= 1:
        return candidates
    weights = weights / weights.sum()
    # Tokens below this bound weigh less than 1 - top_p together: the nucleus has none of them.
    bound = min((1 - top_p) / weights.size, float(weights.max()))
    tokens, weights = _likeliest_first((tokens, weights), bound)
    nucleus = np.cumsum(weights) - weights < top_p  # what lies before a token: 0 for the first
    return tokens[nucleus], weights[nucleus]


def _likeliest_first(candidates: Candidates, least: float) -> Candidates:
    """Those that weigh at least so much, sorted; equal ones keep the order of their ids."""
    tokens, weights = candidates
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
