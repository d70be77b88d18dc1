"""From logits to a token: the class of the token if classes are asked for, a chain of small filters, one random number.

A temperature below 1 and a nucleus work token by token. Where the probability of a *class* is spread over many tokens,
as that of a name is over hundreds of names, they starve the class, and feed “not”, “very” and “was”. Drawing the class
first, at a temperature of its own, keeps the share that the model gives it.

`Sampling` is the only table of its settings: variables, event keys, flags, records and bundles are read by it.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.fields import LARGEST_INTEGER, Fields, shown
from lambda_fn.language.likeliest import draw_from_the_likeliest
from lambda_fn.language.token_classes import TokenClasses

MOST_CANDIDATES = 1000

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

    class_temperature: float = field(
        default=0.0,
        metadata={"setting": Setting(
            "T", 0.0, "a number from 0 to 5 (0 turns it off)", lambda value: 0 <= value <= 5,
            "draw the kind of the next token first, a mark, a name, a common word or a rarer one, at this temperature: "
            "1 keeps the model's own share of each; 0: do not",
        )},
    )  # fmt: skip
    cache_share: float = field(
        default=0.0,
        metadata={"setting": Setting(
            "P", 0.0, "a number from 0 to below 1 (0 turns it off)", lambda value: 0 <= value < 1,
            "how much of the next token's probability is what followed in like places of the last tweets; 0: none",
        )},
    )  # fmt: skip
    candidates: int = field(
        default=1,
        metadata={"setting": Setting(
            "N", 1, f"a whole number from 1 to {MOST_CANDIDATES}", lambda value: 1 <= value <= MOST_CANDIDATES,
            "tell so many candidates for each tweet and keep the best: likely, and with people who were there before",
            kind=int,
        )},
    )  # fmt: skip
    min_p: float = field(
        default=0.0,
        metadata={"setting": Setting(
            "P", 0.0, "a number from 0 to 1 (0 turns it off)", lambda value: 0 <= value <= 1,
            "choose among tokens that are at least this share as probable as the likeliest; 0: all",
        )},
    )  # fmt: skip
    typical_p: float = field(
        default=1.0,
        metadata={"setting": Setting(
            "P", 1.0, "a number above 0 and at most 1 (1 turns it off)", lambda value: 0 < value <= 1,
            "choose among the least surprising for this place that reach this probability together; 1: all",
        )},
    )  # fmt: skip
    repetition_penalty: float = field(
        default=1.0,
        metadata={"setting": Setting(
            "R", 1.0, "a number from 1 to 10 (1 turns it off)", lambda value: 1 <= value <= 10,
            "make less likely, the more so the higher, what stands in the last 20 tweets; 1: not at all",
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
    logits: NDArray[np.float32],
    sampling: Sampling,
    allowed: NDArray[np.bool_] | None = None,
    classes: TokenClasses | None = None,
    said: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """The distribution `(vocabulary,)` that `sample` draws from: float64, sums to 1.

    `allowed` `(vocabulary,)` leaves out tokens before anything else is counted. `classes` are only used
    with a class temperature. `said` `(vocabulary,)` are those that the repetition penalty makes less
    likely. The order is that of Hugging Face's `generate`. Raises `ValueError` if nothing is allowed, or if an allowed
    logit is not finite.
    """
    tokens, scores = _allowed(logits, allowed)
    if said is not None:
        scores = _penalize(scores, said[tokens], sampling.repetition_penalty)
    distribution = np.zeros(len(logits), dtype=np.float64)
    for share, members in _classes(tokens, scores, sampling, classes):
        if share:
            chosen, weights = _filter((tokens[members], scores[members]), sampling)
            distribution[chosen] = share * weights / weights.sum()
    return distribution


def _allowed(
    logits: NDArray[np.float32], allowed: NDArray[np.bool_] | None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The tokens that may be drawn and their logits."""
    tokens = np.arange(len(logits)) if allowed is None else np.flatnonzero(allowed)
    scores = logits[tokens].astype(np.float64)
    if scores.size == 0:
        raise ValueError("no token is allowed")
    if not np.isfinite(scores).all():
        raise ValueError("the logits are not finite")
    return tokens, scores


def _classes(
    tokens: NDArray[np.intp], scores: NDArray[np.float64], sampling: Sampling, classes: TokenClasses | None
) -> list[tuple[float, NDArray[np.bool_] | slice]]:
    """The share of each class at the class temperature, and its members among the tokens; all are one without it."""
    if classes is None or not sampling.class_temperature:
        return [(1.0, slice(None))]
    own = classes.numbers[tokens]
    mass = np.bincount(own, _temper(scores, 1))
    mass = np.where(mass > 0, (mass / mass.max()) ** (1 / sampling.class_temperature), 0)
    return [(float(share), own == number) for number, share in enumerate(mass / mass.sum())]


def _filter(scored: Candidates, sampling: Sampling) -> Candidates:
    """Those of a class that may be drawn, from their logits."""
    tokens, scores = scored
    candidates = tokens, _temper(scores, sampling.temperature)
    candidates = _keep_top_k(candidates, sampling.top_k)
    candidates = _keep_top_p(candidates, sampling.top_p)
    candidates = _keep_min_p(candidates, sampling.min_p)
    return _keep_typical(candidates, sampling.typical_p)


def _penalize(scores: NDArray[np.float64], said: NDArray[np.bool_], penalty: float) -> NDArray[np.float64]:
    """Divide the logits of tokens said before by the penalty (Keskar et al. 2019), or multiply those below 0."""
    if penalty == 1:
        return scores
    return np.where(said, np.where(scores < 0, scores * penalty, scores / penalty), scores)


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


def _keep_min_p(candidates: Candidates, min_p: float) -> Candidates:
    """Keep those that weigh at least this share of the likeliest (min-p, Nguyen et al. 2024); 0: all."""
    tokens, weights = candidates
    if min_p <= 0:
        return candidates
    kept = weights >= min_p * weights.max()
    return tokens[kept], weights[kept]


def _keep_typical(candidates: Candidates, typical_p: float) -> Candidates:
    """Keep the locally typical (Meister et al. 2022); 1: all.

    Those whose information is nearest to the entropy, as few as reach the probability, and what is as near as the last.
    """
    tokens, weights = candidates
    if typical_p >= 1:
        return candidates
    tokens, weights = tokens[weights > 0], weights[weights > 0]
    shares = weights / weights.sum()
    information = -np.log(shares)
    distance = np.abs(information - shares @ information)
    order = np.argsort(distance, kind="stable")
    last = min(int((np.cumsum(shares[order]) < typical_p).sum()), order.size - 1)
    kept = distance <= distance[order[last]]
    return tokens[kept], weights[kept]


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
    classes: TokenClasses | None = None,
    said: NDArray[np.bool_] | None = None,
) -> int:
    """Draw one token id from logits `(vocabulary,)`, with exactly one number from the generator.

    Raises as `probabilities` does.
    """
    random = generator.random()
    if _is_plain(sampling, said):
        likely = draw_from_the_likeliest(
            logits, sampling.temperature, sampling.top_p, random, allowed, classes, sampling.class_temperature
        )
        if likely is not None:
            return likely
    tokens, scores = _allowed(logits, allowed)
    if said is not None:
        scores = _penalize(scores, said[tokens], sampling.repetition_penalty)
    drawn = _classes(tokens, scores, sampling, classes)
    number, chance = _draw(np.array([share for share, _ in drawn]), random)
    members = drawn[number][1]
    possible, weights = _filter((tokens[members], scores[members]), sampling)
    order = np.argsort(possible)  # by id: what a story drew before a filter sorted by likelihood, it draws now
    return int(possible[order][_draw(weights[order] / weights.sum(), chance)[0]])


def _is_plain(sampling: Sampling, said: NDArray[np.bool_] | None) -> bool:
    """Whether classes, temperature and nucleus are all that decides."""
    return not (sampling.top_k or sampling.min_p or sampling.typical_p < 1) and (
        said is None or sampling.repetition_penalty == 1
    )


def _draw(weights: NDArray[np.float64], chance: float) -> tuple[int, float]:
    """The place that a chance from 0 to 1 falls into, with these weights, and where in it: a chance again."""
    cumulative = np.cumsum(weights)
    position = chance * cumulative[-1]
    # Rounding may carry the product up to the very end.
    last = int(np.flatnonzero(weights)[-1])
    place = min(int(np.searchsorted(cumulative, position, side="right")), last)
    return place, float(min(1.0, max(0.0, (position - (cumulative[place] - weights[place])) / weights[place])))
