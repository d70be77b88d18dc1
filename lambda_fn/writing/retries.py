"""How the tries at a passage differ: from the sampling asked for to ever safer settings, in a fixed order.

A try can fail because its sentence is too long or unfit, and another may succeed. But greedy sampling would repeat
itself, and a high temperature would produce nonsense again: so the sampling drifts towards middle settings, then
sentence ends are made likelier, then quotation marks are excluded, then unknown words are allowed, and last of all
repetitions, as the table of rules says. Never allowed: a tweet that is too long, an unfinished sentence, a misprint.
"""

from dataclasses import dataclass, replace

from lambda_fn.fields import LARGEST_INTEGER
from lambda_fn.language.sampling import Sampling
from lambda_fn.prose.rules import passed_at

TRIES = 40
"""For the first passage of a tweet; fewer are made to add a further one."""

_AS_ASKED = 2  # tries with exactly the sampling asked for
_DRIFT = 0.8  # what remains of the distance to the middle settings after each further try
_MIDDLE = Sampling(temperature=0.7, top_k=0, top_p=0.9)
_ALL_TOKENS, _EAGER, _PLAIN = 8, 4, 16  # the try with which each begins
_EAGERNESS, _MOST_EAGER = 0.5, 12.0  # nats added to the logits of sentence ends: with each further try; at most


@dataclass(frozen=True)
class Retry:
    """The settings of one try."""

    sampling: Sampling
    eagerness: float  # nats added to the logits of tokens that end a sentence, once it is well begun
    plain: bool  # without quotation marks and brackets
    passed: frozenset[str]  # the names of the rules that let pass what they refuse


def retry_of(sampling: Sampling, number: int) -> Retry:
    """The settings of the try with this number, counted from 0."""
    return Retry(
        sampling=_drifted(sampling, number),
        eagerness=min(_MOST_EAGER, _EAGERNESS * max(0, number - _EAGER)),
        plain=number >= _PLAIN,
        passed=passed_at(number),
    )


def _drifted(sampling: Sampling, number: int) -> Sampling:
    further = max(0, number - _AS_ASKED + 1)
    if not further:
        return sampling
    asked = _DRIFT**further
    return replace(
        sampling,
        temperature=sampling.temperature**asked * _MIDDLE.temperature ** (1 - asked),
        top_k=0 if number >= _ALL_TOKENS else min(LARGEST_INTEGER, sampling.top_k * 2**further),
        top_p=sampling.top_p * asked + _MIDDLE.top_p * (1 - asked),
        min_p=sampling.min_p * asked,
        typical_p=1 - (1 - sampling.typical_p) * asked,
        class_temperature=sampling.class_temperature**asked if sampling.class_temperature else 0,
        cache_share=sampling.cache_share * asked,
        repetition_penalty=1 + (sampling.repetition_penalty - 1) * asked,
    )
