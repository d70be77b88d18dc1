"""The filters of sampling are those of Hugging Face's transformers, on random logits."""

import os

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers.generation.logits_process import (
    LogitsProcessor,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from lambda_fn.language.sampling import Sampling, probabilities

CASES = 10_000 if os.environ.get("TRIALS") == "full" else 500
FILTERS = ("min_p", "typical_p", "repetition_penalty")


def theirs(logits: NDArray[np.float32], sampling: Sampling, said: NDArray[np.intp]) -> NDArray[np.float64]:
    """The distribution by transformers, in the order of its `generate`."""
    scores, before = torch.tensor(logits, dtype=torch.float64)[None, :], torch.tensor(said)[None, :]
    chain: list[LogitsProcessor] = [
        RepetitionPenaltyLogitsProcessor(float(sampling.repetition_penalty)),
        TemperatureLogitsWarper(float(sampling.temperature)),
        *([TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []),
        *([TopPLogitsWarper(sampling.top_p)] if sampling.top_p < 1 else []),
        *([MinPLogitsWarper(sampling.min_p)] if sampling.min_p else []),
        *([TypicalLogitsWarper(sampling.typical_p)] if sampling.typical_p < 1 else []),
    ]
    for each in chain:
        scores = each(before, scores)
    found: NDArray[np.float64] = torch.softmax(scores, dim=-1)[0].numpy()
    return found


def drawn(generator: np.random.Generator, name: str) -> float:
    """A value of a setting, its bounds among them."""
    low, high = {"min_p": (0.0, 1.0), "typical_p": (0.01, 0.99), "repetition_penalty": (1.0, 10.0)}[name]
    return float(generator.choice([low, high, *generator.uniform(low, high, 6)]))


@pytest.mark.parametrize("names", [*((name,) for name in FILTERS), FILTERS], ids="+".join)
def test_a_filter_is_that_of_transformers(names: tuple[str, ...]) -> None:
    generator = np.random.default_rng(len(names[0]))
    for case in range(CASES):
        size = int(generator.integers(2, 400))
        logits = generator.normal(0, generator.uniform(0.1, 8), size).astype(np.float32)
        said = generator.choice(size, int(generator.integers(1, size + 1)), replace=False)
        whole = Sampling(
            temperature=float(generator.uniform(0.2, 3)) if len(names) > 1 else 1.0,
            top_k=int(generator.integers(0, size)) if len(names) > 1 else 0,
            top_p=float(generator.uniform(0.05, 1)) if len(names) > 1 else 1.0,
            **{name: drawn(generator, name) for name in names},
        )
        mask = np.zeros(size, dtype=np.bool_)
        mask[said] = True
        found = probabilities(logits, whole, said=mask)
        assert not np.isnan(found).any()
        np.testing.assert_allclose(found, theirs(logits, whole, said), rtol=1e-9, atol=1e-15, err_msg=f"{case} {whole}")
