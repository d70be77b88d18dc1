"""Tokens by their class, such as marks and names: one of a few that a draw may choose between before it draws one."""

import numpy as np
from numpy.typing import NDArray


class TokenClasses:
    """The class of each token, and the tokens of each class."""

    def __init__(self, numbers: NDArray[np.intp]) -> None:
        """`numbers` `(vocabulary,)`: of each token's class, from 0 up."""
        self.numbers = numbers
        self.order = numbers.argsort(kind="stable")
        """The tokens class by class, in each by id; classes without tokens are none."""
        self.starts = np.flatnonzero(np.diff(numbers[self.order], prepend=-1))
        """Where each class begins in `order`."""
        ends = [*self.starts.tolist()[1:], numbers.size]
        self.slices = [slice(start, end) for start, end in zip(self.starts.tolist(), ends, strict=True)]
        """The place of each class in `order`."""
        self._masks: dict[int, tuple[NDArray[np.bool_], NDArray[np.float32]]] = {}

    def ordered(self, allowed: NDArray[np.bool_]) -> NDArray[np.float32]:
        """1 for each token in `order` that is allowed, 0 for the others; kept of a mask that cannot change."""
        if allowed.flags.writeable:
            return allowed.take(self.order).astype(np.float32)
        if id(allowed) not in self._masks:
            # The mask is kept as well: no other can have its id.
            self._masks[id(allowed)] = allowed, allowed.take(self.order).astype(np.float32)
        return self._masks[id(allowed)][1]
