"""Language models for tests: they keep their state as the real one does."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.state import State
from lambda_fn.language.tokenizer import Tokenizer
from train.tokenizer import save_tokenizer, train_tokenizer

TEXT = """\
The lamp in the window of the mill was lit every evening, and nobody knew who lit it. Old Mr. Harrow said that \
it was the miller’s daughter. The miller had no daughter.
“Then who is it?” cried Susan, laying down her sewing.
“I never said that I knew,” said Mr. Harrow. “I said that it was lit.”
Susan thought about the lamp all night. In the morning she walked to the mill with her brother, who was afraid \
of rats, and with Mrs. Dale, who was afraid of nothing. The door was open. “Is anybody here?” called Mrs. \
Dale. Nobody answered!
There was a table, a chair, and a loaf of bread. “Somebody has been eating,” said her brother. “Let us go \
home.”
“Go home? Not for the world!” said Susan. She sat down in the chair and waited. The rain began at noon, and \
the river rose, and the wheel of the mill, which had not turned for years, began to turn.
“It is the water,” said Mrs. Dale; but she did not look as if she thought so.
When it was dark, an old woman came up the stairs with a lamp in her hand. “You are late,” she said. “I have \
kept the light for you these twenty years.” Susan could not speak. Her brother had run away. The old woman \
smiled, and gave her the lamp.
“What am I to do with it?” asked Susan at last.
“Keep it lit,” said the old woman. “Did your mother tell you nothing? She told me that you would come.”
Mrs. Dale took the lamp, looked at it, and blew it out. Such a silence followed! The wheel stood still. Then \
somebody laughed in the dark, and it was not the old woman, and it was not Susan. “Light it again,” whispered \
Susan, “for pity’s sake, light it again.”
"""


class Markov:
    """Stands in for `LanguageModel`; `h` holds the last token but one, `c` counts the tokens read."""

    def __init__(self, tokenizer: Tokenizer, text: str = TEXT, noise: float = 1e-4) -> None:
        """`noise`: the share of probability that all tokens have alike."""
        self.steps = 0
        self.batches: list[int] = []  # of how many texts each was
        self._size, self._noise = tokenizer.size, noise
        tokens = [tokenizer.paragraph, *tokenizer.encode(text)]
        after: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for before, last, following in zip([-1, *tokens], tokens, tokens[1:], strict=False):
            for context in ((), (last,), (before, last)):
                after[context][following] += 1
        self._after = {context: self._shares(counts) for context, counts in after.items()}

    def _shares(self, counts: Counter[int]) -> NDArray[np.float64]:
        shares = np.zeros(self._size)
        shares[list(counts)] = list(counts.values())
        return shares / counts.total()

    def zero_state(self) -> State:
        return State(dict.fromkeys(("h", "c"), np.zeros((1, 1, 1), dtype=np.float32)))

    def step(self, token: int, _style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        self.steps += 1
        share = np.full(self._size, self._noise / self._size)
        for context, weight in (((), 0.02), ((token,), 0.7), ((int(state["h"][0, 0, 0]), token), 0.28)):
            if context in self._after:
                share += weight * self._after[context]
        return np.log(share).astype(np.float32), self._read(token, state)

    def step_batch(
        self, tokens: Sequence[int], style: NDArray[np.float32], states: Sequence[State]
    ) -> tuple[NDArray[np.float32], list[State]]:
        self.batches.append(len(tokens))
        answers = [self.step(token, style, state) for token, state in zip(tokens, states, strict=True)]
        return np.stack([logits for logits, _ in answers]), [state for _, state in answers]

    def after(self, tokens: Iterable[int], _style: NDArray[np.float32], state: State) -> State:
        for token in tokens:
            state = self._read(token, state)
        return state

    @staticmethod
    def _read(token: int, state: State) -> State:
        return State({"h": np.full((1, 1, 1), token, dtype=np.float32), "c": state["c"] + np.float32(1)})


class Script:
    """Stands in for `LanguageModel`: it has read a fixed text, and all but surely goes on with it."""

    def __init__(self, tokenizer: Tokenizer, text: str) -> None:
        self._size = tokenizer.size
        self._tokens = tokenizer.encode(text)

    def zero_state(self) -> State:
        return State(dict.fromkeys(("h", "c"), np.zeros((1, 1, 1), dtype=np.float32)))

    def step(self, token: int, _style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        logits = np.zeros(self._size, dtype=np.float32)
        logits[self._tokens[int(state["h"][0, 0, 0]) % len(self._tokens)]] = 50
        return logits, self.after([token], _style, state)

    def after(self, tokens: Iterable[int], _style: NDArray[np.float32], state: State) -> State:
        return State({**state, "h": state["h"] + np.float32(len(list(tokens)))})


def train_small_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer that has the words of `TEXT`, and every typographic mark, as tokens of their own."""
    marks = "‘A’ ‘B’ “‘C’” (D) (E) F… G… H—I J—”\n" * 9
    save_tokenizer(train_tokenizer((TEXT * 3 + marks).splitlines(), 900), path)
    return Tokenizer.from_file(path)
