"""A text as it is sampled: its position in the model, and how its last words are taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.neural_cache import NeuralCache
from lambda_fn.language.state import State


@dataclass(frozen=True)
class Position:
    """A position in a text: the last token, which the model has not read yet, and the state before it reads that."""

    token: int
    state: State


@dataclass(frozen=True)
class Memory:
    """What is remembered of the tweets before, and how much of the probability of a token it has."""

    cache: NeuralCache
    share: float

    def mix(self, logits: NDArray[np.float32], state: State) -> NDArray[np.float32]:
        """See `NeuralCache.mix`."""
        return self.cache.mix(logits, state, self.share)


NO_MEMORY = Memory(NeuralCache(), 0.0)


Answer = tuple[NDArray[np.float32], State]
"""The logits of the next token, and the state after the last."""

COMMON = 2  # so many tokens of a try, besides a prompt's, are likely to be those of another


class SampledText:
    """Text that is being sampled; it keeps the model's output at every token, so that words can be taken back."""

    def __init__(
        self,
        model: LanguageModel,
        style: NDArray[np.float32],
        start: Position,
        memory: Memory = NO_MEMORY,
        beginnings: dict[tuple[int, ...], Answer] | None = None,
    ) -> None:
        """`beginnings`: what the model answered to the first tokens of other tries from the same start; added to."""
        self._model, self._style, self._memory = model, style, memory
        self._beginnings = {} if beginnings is None else beginnings
        self._common = COMMON
        self._positions = [start]
        self._answers: list[Answer] = []  # one less than positions, or as many
        self._ends = [0]  # where in the text each position stands
        self.tokens: list[int] = []
        self.text = ""
        self.steps = 0  # calls of the model

    @property
    def position(self) -> Position:
        """The position after the text."""
        return self._positions[-1]

    def logits(self) -> NDArray[np.float32]:
        """The logits of the next token, float32 `(vocabulary,)`, with what the memory adds."""
        return self._memory.mix(*self._answer())

    def add(self, token: int, text: str) -> None:
        """Append a token, which writes this text."""
        self._positions.append(Position(token, self._answer()[1]))
        self.tokens.append(token)
        self.text += text
        self._ends.append(len(self.text))

    def begin(self, tokens: Sequence[int], text: str) -> None:
        """Begin with the tokens of a text, taken as a whole because a token may be part of a character."""
        self._common += len(tokens)
        for number, token in enumerate(tokens, start=1):
            self.add(token, text if number == len(tokens) else "")

    def nats(self, since: int) -> float:
        """How surprising the model found the tokens, from the one with this number on, by its own distribution."""
        total = 0.0
        for token, (logits, _) in zip(self.tokens[since:], self._answers[since:], strict=False):
            highest = logits.max()
            weights = logits - highest
            np.exp(weights, out=weights)
            total += float(np.log(weights.sum(dtype=np.float64)) + highest - logits[token])
        return total

    def take_back(self, length: int) -> None:
        """Shorten the text to at most this many characters, by whole tokens."""
        while self._ends[-1] > length:
            self._ends.pop()
            self._positions.pop()
            self.tokens.pop()
        del self._answers[len(self._positions) :]
        self.text = self.text[: self._ends[-1]]

    def read(self) -> None:
        """Have the model read the last token, where it wanted that."""
        self.answer(self._model.step(self.position.token, self._style, self.position.state))

    def wants_a_step(self) -> bool:
        """Whether the model has yet to read the last token; it may be read by `answer`, or is when it is needed."""
        if len(self._answers) == len(self._positions):
            return False
        known = self._beginnings.get(tuple(self.tokens)) if len(self.tokens) <= self._common else None
        if known:
            self._answers.append(known)
        return not known

    def answer(self, answer: Answer) -> None:
        """Take what the model answered to the last token, where it wanted that."""
        self.steps += 1
        self._answers.append(answer)
        if len(self.tokens) <= self._common:
            self._beginnings[tuple(self.tokens)] = answer

    def _answer(self) -> Answer:
        if self.wants_a_step():
            self.read()
        return self._answers[-1]


def read_together(texts: Sequence[SampledText]) -> None:
    """Have a model read the last token of each of several texts that want it, all in one style, in one call."""
    if len(texts) == 1:
        texts[0].read()
        return
    positions = [text.position for text in texts]
    logits, states = texts[0]._model.step_batch(
        [position.token for position in positions], texts[0]._style, [position.state for position in positions]
    )
    for text, row, state in zip(texts, logits, states, strict=True):
        text.answer((row.copy(), state))  # a text is kept for longer than those that were read beside it
