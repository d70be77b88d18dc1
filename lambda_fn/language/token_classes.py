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
