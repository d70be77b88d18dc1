"""Two other ways to make a step, with nothing written into a file: PyTorch as it is, and numpy."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from train.model import LanguageModel

Step = Callable[[int], NDArray[np.float32]]
"""Reads a token, in the style of the first author; returns logits `(vocabulary,)`, and goes on from there."""


def pytorch_step(model: LanguageModel) -> Step:
    """The model as it was trained, a token a call."""
    style, state = torch.eye(model.size.authors)[:1], model.zero_state(1)

    def step(token: int) -> NDArray[np.float32]:
        nonlocal state
        with torch.inference_mode():
            logits, state = model(torch.tensor([[token]]), style, state)
        answer: NDArray[np.float32] = logits[0, 0].numpy()
        return answer

    return step


def numpy_step(model: LanguageModel) -> Step:
    """The same in fp32 with numpy alone: a product over `[x, h]` a layer."""
    size = model.size
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    layers = [
        (
            np.ascontiguousarray(np.hstack([weights[f"lstm.weight_ih_l{layer}"], weights[f"lstm.weight_hh_l{layer}"]])),
            weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"],
        )
        for layer in range(size.layers)
    ]
    styled_input, styled_output = weights["style_input.weight"][:, 0], weights["style_output.weight"][:, 0]
    h: list[NDArray[np.float32]] = [np.zeros(size.hidden, np.float32) for _ in layers]
    c: list[NDArray[np.float32]] = [np.zeros(size.hidden, np.float32) for _ in layers]

    def step(token: int) -> NDArray[np.float32]:
        value: NDArray[np.float32] = weights["embedding.weight"][token] + styled_input
        for number, (matrix, bias) in enumerate(layers):
            gates = matrix @ np.concatenate([value, h[number]]) + bias
            i, f, g, o = np.split(gates, 4)
            c[number] = _sigmoid(f) * c[number] + _sigmoid(i) * np.tanh(g)
            value = h[number] = _sigmoid(o) * np.tanh(c[number])
        value = weights["projection.weight"] @ value + weights["projection.bias"] + styled_output
        answer: NDArray[np.float32] = weights["embedding.weight"] @ value + weights["output_bias"]
        return answer

    return step


def _sigmoid(value: NDArray[np.float32]) -> NDArray[np.float32]:
    answer: NDArray[np.float32] = np.reciprocal(1 + np.exp(-value))
    return answer
