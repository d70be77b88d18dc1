"""A wider model that begins by saying exactly what a narrower one says, so that nothing it learnt is lost.

Every new unit and every new feature starts with random weights into it and zeros out of it (Chen, Goodfellow and
Shlens 2016 call such a change function-preserving). The zeros have a gradient from the first step, because what they
multiply is not zero.
"""

from dataclasses import replace

import torch
from torch import Tensor

from train.model import LanguageModel

_GATES = 4


@torch.no_grad()
def widen(base: LanguageModel, embedding: int, hidden: int) -> LanguageModel:
    """A model with vectors of `embedding` and layers of `hidden` units, neither less than before, and its outputs."""
    narrow = base.size
    wide = LanguageModel(replace(narrow, embedding=embedding, hidden=hidden), base.regularization)
    weights, old = wide.state_dict(), base.state_dict()
    old_inputs, old_units = slice(narrow.embedding), slice(narrow.hidden)
    weights["embedding.weight"].mul_(old["embedding.weight"].std() / weights["embedding.weight"].std())
    _put(weights["embedding.weight"], old["embedding.weight"])
    for name in ("style_input.weight", "style_output.weight", "projection.weight"):
        weights[name].zero_()
        _put(weights[name], old[name])
    weights["projection.bias"].zero_()
    weights["projection.bias"][old_inputs] = old["projection.bias"]
    weights["output_bias"].copy_(old["output_bias"])
    for layer in range(narrow.layers):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            key = f"lstm.{name}_l{layer}"
            new, before = _by_gate(weights[key]), _by_gate(old[key])
            if "weight" in name:
                new[:, old_units] = 0.0  # what an old unit takes from a new one
            _put(new, before)
    wide.load_state_dict(weights)
    return wide


def _by_gate(weight: Tensor) -> Tensor:
    """A view `(gates, units, …)` of what has the four gates' units one after the other."""
    return weight.view(_GATES, -1, *weight.shape[1:])


def _put(new: Tensor, old: Tensor) -> None:
    """Copy the smaller array to the beginning of the larger one, along every axis."""
    new[tuple(slice(length) for length in old.shape)] = old
