"""A storyteller that takes no time, for tests of what becomes of the told."""

import hashlib
import zlib
from collections.abc import Container, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.bundle import Bundle
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State, StateDeclaration
from lambda_fn.story.record import Tweet, fingerprint
from lambda_fn.writing.lockstep import InSteps
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.storyteller import Storyteller
from lambda_fn.writing.tweet import Telling

Occasion = tuple[Position, NDArray[np.float32], Sequence[Tweet], Container[int], str]

RANGE = np.float32(2**16)


class QuickTweetWriter:
    """Tells sentences that follow from the random numbers alone; its state is a checksum of all that was told."""

    def beginning(self) -> Position:
        return _position(0, 0, 0)

    def after(self, text: str, position: Position, _style: NDArray[np.float32]) -> Position:
        if not text:
            return position
        high, low = position.state["h"].ravel() * RANGE
        checksum = zlib.crc32(text.encode(), int(high) << 16 | int(low))
        return _position(1 + ord(text[-1]) % 99, checksum, int(position.state["c"][0, 0, 0]) + len(text))

    def tells_alike(self, _style: NDArray[np.float32]) -> bool:
        return False

    def occasion(
        self,
        position: Position,
        style: NDArray[np.float32],
        _sampling: Sampling,
        recent: Sequence[Tweet] = (),
        seen: Container[int] = (),
        prompt: str = "",
        **_: object,
    ) -> Occasion:
        return position, style, recent, seen, prompt

    def in_steps(self, occasion: Occasion, generator: np.random.Generator) -> InSteps[Telling]:
        position, style, recent, seen, prompt = occasion
        yield from ()
        paragraph = not recent or bool(generator.integers(2))
        text = ""
        while not text or fingerprint(text) in seen:
            text = f"{prompt or 'And then'} {generator.integers(10**6)} and {position.state['h'][0, 0, 1] * RANGE:g}."
        joint = ("\n" if paragraph else " ") if recent else ""
        return Telling(text, paragraph, self.after(joint + text, position, style), steps=1, surprise=0)


def _position(token: int, checksum: int, length: int) -> Position:
    # Two numbers of 16 bits, exact as float32 from 0 to 1, where hidden states are.
    h = np.array([[[checksum >> 16, checksum & 0xFFFF]]], dtype=np.float32) / RANGE
    return Position(token, State({"h": h, "c": np.array([[[length, 0]]], dtype=np.float32)}))


class QuickStoryteller(Storyteller):
    """A `Storyteller` whose model takes no time."""

    def __init__(self, name: str = "quick") -> None:
        self._bundle = Bundle(
            Path("nowhere"), hashlib.sha256(name.encode()).hexdigest(), name, {}, 100, 2, 2, 1, 1,
            ("Jane Austen", "Charles Dickens"), 0, StateDeclaration(dict.fromkeys(("h", "c"), (1, 1, 2)), {"h": 1.001}),
            Sampling(0.9, 40, 0.95), (), (),
        )  # fmt: skip
        self._tweet_writer = QuickTweetWriter()

    @property
    def bundle(self) -> str:
        """The bundle's identity."""
        return self._bundle.identity
