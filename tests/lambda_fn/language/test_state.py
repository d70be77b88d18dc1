import numpy as np
import pytest

from lambda_fn.language.state import State, StateDeclaration


def test_states_are_equal_in_every_bit_or_not_at_all() -> None:
    zeros = np.zeros((2, 1, 3), dtype=np.float32)
    assert State({"h": zeros, "c": zeros}) != State({"h": zeros, "c": -zeros})


def test_states_of_another_shape_are_not_equal() -> None:
    zeros = np.zeros((2, 1, 3), dtype=np.float32)
    assert State({"h": zeros, "c": zeros}) != State({"h": zeros, "c": zeros.reshape(3, 1, 2)})


def test_states_of_other_arrays_are_not_equal() -> None:
    zeros = np.zeros((2, 1, 3), dtype=np.float32)
    assert State({"h": zeros}) != State({"h": zeros, "c": zeros})
    assert State({"h": zeros}) != State({"s": zeros})


def test_a_state_is_a_copy_that_nobody_can_write_to() -> None:
    array = np.zeros((1, 1, 2), dtype=np.float32)
    state = State({"s": array})
    array += 1
    assert state == State({"s": np.zeros((1, 1, 2), dtype=np.float32)})
    with pytest.raises(ValueError, match="read-only"):
        state["s"][0, 0, 0] = 1


@pytest.mark.parametrize(
    ("h", "c", "beyond"),
    [
        (-1.001, 1e6, None),
        (1.0011, 0, "h"),
        (0, -1000001, "c"),
        (np.nan, 0, "h"),
        (0, np.inf, "c"),
    ],
)
def test_a_number_beyond_its_bound_is_found(h: float, c: float, beyond: str | None) -> None:
    """An array without a bound of its own has that of all."""
    declared = StateDeclaration({"h": (1,), "c": (1,)}, {"h": 1.001})
    state = State({"h": np.array([h], dtype=np.float32), "c": np.array([c], dtype=np.float32)})
    assert declared.beyond_bound(state) == beyond
