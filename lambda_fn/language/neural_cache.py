"""A neural cache: what followed in like places of the text so far is likelier to follow here.

Grave, Joulin and Usunier 2017, “Improving neural language models with a continuous cache”: each token read is kept with
the hidden state that predicted it; the cache gives a token the weight of all places where it followed, each by how
like its state is to the one here. It needs no training and is exact: the same text gives the same cache.
"""

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.state import State

WINDOW = 4000  # tokens that are remembered
SHARPNESS = 6.0  # of a place, by the inner product of its state and the one here
SHARE = 0.15  # of the probability that is the cache's, where a text is evaluated with it

_LEAST = np.finfo(np.float32).tiny  # no probability is less, so that every logarithm is finite


class NeuralCache:
    """The last tokens of one text, each with the top layer's hidden state before it."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._keys: NDArray[np.float32] | None = None  # `(window, hidden)`, once the size is known
        self._tokens = np.zeros(window, dtype=np.intp)  # as many
        self._read = 0

    def add(self, state: State, token: int) -> None:
        """Remember that `token` followed where the model was left in `state`; the oldest is forgotten."""
        key = _key(state)
        if self._keys is None:
            self._keys = np.zeros((self._window, key.size), dtype=np.float32)
        place = self._read % self._window
        self._keys[place], self._tokens[place] = key, token
        self._read += 1

    def mix(self, logits: NDArray[np.float32], state: State, share: float) -> NDArray[np.float32]:
        """Logits `(vocabulary,)` of the model's distribution with so much of it, from 0 to below 1, the cache's.

        `logits` were predicted in `state`. Unchanged while nothing is remembered.
        """
        if self._keys is None or not share:
            return logits
        kept = min(self._read, self._window)
        likeness = SHARPNESS * (self._keys[:kept] @ _key(state))
        weights = np.exp((likeness - likeness.max()).astype(np.float64))
        cached = np.bincount(self._tokens[:kept], weights / weights.sum(), logits.size)
        highest = float(logits.max())
        model = np.exp(logits.astype(np.float64) - highest)
        total = model.sum()
        mixed = (1 - share) * model / total + share * cached
        # On the scale of the logits, where a repetition penalty finds its zero.
        scaled: NDArray[np.float32] = (np.log(np.maximum(mixed, _LEAST)) + highest + np.log(total)).astype(np.float32)
        return scaled


def _key(state: State) -> NDArray[np.float32]:
    """The top layer's hidden state: the last row of the first array that a bundle declares."""
    top: NDArray[np.float32] = next(iter(state.values()))[-1].ravel()
    return top
