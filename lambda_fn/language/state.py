"""What the language model remembers of the text so far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class State:
    """Hidden and cell state, each float32 `(layers, 1, hidden)`; zeros start a text.

    Two states are equal when they are equal in every bit.
    """

    h: NDArray[np.float32]
    c: NDArray[np.float32]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        pairs = ((self.h, other.h), (self.c, other.c))
        return all(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash
