"""What the language model remembers of the text so far: arrays by name, as `bundle.json` declares them.

Only the graph knows what each is for: an LSTM has a hidden state `h` and a cell state `c`, another network others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lambda_fn.fields import Fields, listed

Shapes = Mapping[str, tuple[int, ...]]

LARGEST_SIZE = 1_000_000
LARGEST = 1e6  # how far a number is from 0 at most where no bound is declared; an LSTM's cell changes by 1 a token

_NAME = re.compile(r"[a-z][a-z0-9]{0,2}")  # shorter than another input of a graph, or a field of a record
_SHAPE = "its shape, a list of sizes from 1 up"


class State(Mapping[str, NDArray[np.float32]]):
    """Arrays by name, float32 and read-only; zeros start a text.

    Two states are equal when they have the same arrays, equal in every bit.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Copies the arrays, which whoever handed them out may use again."""
        self._arrays = {name: array.copy() for name, array in arrays.items()}
        for array in self._arrays.values():
            array.flags.writeable = False

    @property
    def shapes(self) -> Shapes:
        """The shape of each array."""
        return {name: array.shape for name, array in self._arrays.items()}

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        if self.shapes != other.shapes:
            return False
        pairs = [(array, other[name]) for name, array in self._arrays.items()]
        return all(one.dtype == two.dtype and one.tobytes() == two.tobytes() for one, two in pairs)

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash


@dataclass(frozen=True)
class StateDeclaration:
    """What states a model has: the shape of each array, and for some how far from 0 their numbers are at most."""

    shapes: Shapes
    bounds: Mapping[str, float]  # `LARGEST` for an array that is not named

    def zeros(self) -> State:
        """The state at the start of a text."""
        return State({name: np.zeros(shape, dtype=np.float32) for name, shape in self.shapes.items()})

    def bound(self, name: str) -> float:
        """How far from 0 the numbers of an array are at most."""
        return self.bounds.get(name, LARGEST)

    def check(self, state: State) -> None:
        """Raise `ValueError` for a state that has other arrays."""
        if state.keys() != self.shapes.keys():
            raise ValueError(f"a state must have {listed(self.shapes)}, not {listed(state)}: is it another model's?")
        for name, shape in self.shapes.items():
            array = state[name]
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(
                    f"{name} must be float32 {shape}, not {array.dtype} {array.shape}: is it another model's state?"
                )

    def beyond_bound(self, state: State) -> str | None:
        """The name of an array with a number beyond its bound, or one that is not a number; None: there is none."""
        # Written so that not-a-number is beyond.
        return next((name for name, array in state.items() if not np.abs(array).max() <= self.bound(name)), None)


def shown_shapes(shapes: Shapes) -> str:
    """Shapes as a message shows them: {"h": (2, 1, 24)} → "h (2, 1, 24)"."""
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items())


def shapes_from_fields(found: Fields) -> dict[str, tuple[int, ...]]:
    """Read `state`, shapes by name, of a bundle or a record. Raises the error of `found`."""
    declared = found.fields("state")
    shapes = {name: tuple(declared.items(name, _SHAPE, _is_size)) for name in declared.names()}
    if not shapes or not all(shapes.values()) or not all(map(_NAME.fullmatch, shapes)):
        raise found.problem("state", f"names of arrays, one to three letters or digits, each with {_SHAPE}")
    return shapes


def declaration_from_fields(found: Fields) -> StateDeclaration:
    """Read `state` and `state_bounds` of a bundle. Raises the error of `found`."""
    shapes, bounds = shapes_from_fields(found), found.fields("state_bounds")
    declared = StateDeclaration(shapes, {name: bounds.number(name) for name in bounds.names()})
    if min(declared.bounds.values(), default=1) <= 0 or not declared.bounds.keys() <= shapes.keys():
        raise found.problem("state_bounds", "numbers above 0 by name of an array of 'state'")
    return declared


def _is_size(value: object) -> bool:
    return type(value) is int and 1 <= value <= LARGEST_SIZE
