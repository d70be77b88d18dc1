"""The ancestor's model, trained again: what a bot of 2019 told Jane Austen with, and so the mark to be above.

Lower-case words; those seen less than five times are one word, "unknown"; an embedding of 256, two LSTM layers of 256.
"""

import copy
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from lambda_fn.prose.sentences import LETTER
from train.configuration import AUTO, BF16
from train.long_work import track
from train.optimization import learning_rate
from train.precision import take
from train.processes import Processes

UNKNOWN, END = "<unknown>", "\n"
_TOKEN = re.compile(f"[{LETTER}]+(?:’[{LETTER}]+)*|[0-9]+|\n|[^ ]")

_START, _END = "\x02", "\x03"
_EVERY_CHARACTER = 65_536

LstmState = tuple[Tensor, Tensor]
Ids = npt.NDArray[np.int64]


def tokens_of(text: str) -> list[str]:
    """The ancestor's tokens: lower-case words, single marks, paragraph ends.

    tokens_of("“Don’t!” said Emma.\\n") → ["“", "don’t", "!", "”", "said", "emma", ".", "\\n"]
    """
    return _TOKEN.findall(text.lower())


@dataclass(frozen=True)
class AncestorSettings:
    """How the ancestor is trained; the sizes are the ones that it had."""

    size: int = 256
    fewest: int = 5
    """How often a word must be seen to be known."""
    rows: int = 32
    chunk: int = 48
    epochs: int = 12
    dropout: float = 0.3
    learning_rate: float = 2e-3
    seed: int = 1


class LetterTrigrams:
    """Letters after the two before them, smoothed as Witten and Bell (1991) did: no word is impossible.

    p(c | ab) = (n(abc) + t(ab) p(c | b)) / (n(ab) + t(ab)), where t(ab) counts the different letters seen after ab;
    below the single letters stands the same chance for each of the 65,536 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Count the letters of `words`, each as often as it is given."""
        self._counts: Counter[tuple[str, str]] = Counter()
        for word, times in Counter(words).items():
            letters = _START * 2 + word + _END
            for place in range(2, len(letters)):
                for order in range(3):
                    self._counts[letters[place - order : place], letters[place]] += times
        self._totals: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for (context, _), times in self._counts.items():
            self._totals[context] += times
            self._kinds[context] += 1

    def probability(self, letter: str, context: str) -> float:
        """How likely `letter` is after `context`, the two letters before it."""
        chance = 1 / _EVERY_CHARACTER
        for order in range(3):
            before = context[len(context) - order :]
            total, kinds = self._totals[before], self._kinds[before]
            if total:
                chance = (self._counts[before, letter] + kinds * chance) / (total + kinds)
        return chance

    def bits(self, word: str) -> float:
        """The cost of a word's letters and of its end, in bits."""
        letters = _START * 2 + word + _END
        return -sum(
            math.log2(self.probability(letters[place], letters[place - 2 : place])) for place in range(2, len(letters))
        )


class KnownWords:
    """The words that the ancestor knows, and what it costs to spell another."""

    def __init__(self, tokens: Sequence[str], fewest: int) -> None:
        counts = Counter(tokens)
        self.words = [UNKNOWN, *sorted(word for word, times in counts.items() if times >= fewest)]
        self._ids = {word: number for number, word in enumerate(self.words)}
        self._letters = LetterTrigrams(word for word in tokens if word not in self._ids)

    def encode(self, tokens: Iterable[str]) -> Ids:
        """Ids of tokens, 0 for an unknown one; shape `(tokens,)`."""
        return np.fromiter((self._ids.get(token, 0) for token in tokens), dtype=np.int64)

    def spelling(self, tokens: Iterable[str]) -> list[float]:
        """Bits that the letters of each token cost: 0 for a known one."""
        return [0.0 if token in self._ids else self._letters.bits(token) for token in tokens]


class Network(nn.Module):
    """Embedding → two LSTM layers → output, with dropout between them."""

    def __init__(self, vocabulary: int, size: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.lstm = nn.LSTM(size, size, 2, batch_first=True, dropout=dropout)
        self.output = nn.Linear(size, vocabulary)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, state: LstmState) -> tuple[Tensor, LstmState]:
        """Tokens `(batch, time)` to logits `(batch, time, vocabulary)` and the state after them."""
        hidden, state = self.lstm(self.dropout(self.embedding(tokens)), state)
        return self.output(self.dropout(hidden)), state

    def zero_state(self, rows: int) -> LstmState:
        """The state at the start of a text."""
        zeros = torch.zeros(2, rows, self.lstm.hidden_size)
        return zeros, zeros.clone()


class Ancestor:
    """A trained ancestor: what it makes of a text."""

    def __init__(self, network: Network, vocabulary: KnownWords, parameters: int, record: dict[str, Any]) -> None:
        self._network, self._vocabulary = network.eval(), vocabulary
        self.parameters = parameters
        self.words = len(vocabulary.words)
        self.record = record
        """How it was trained: `epochs`, the validation `losses` after each, nats a token, `validation_nats` least."""

    def begin(self) -> "Reading":
        """The beginning of a text: nothing read but a paragraph's end."""
        return Reading(self, self._network.zero_state(1), int(self._vocabulary.encode([END])[0]))

    @torch.no_grad()
    def cost(
        self, tokens: Sequence[str], state: LstmState, last: int
    ) -> tuple[npt.NDArray[np.float64], LstmState, int]:
        """Nats of each token as the network counts them, spelling aside; then the state after, and the last id."""
        ids = torch.as_tensor(np.concatenate([[last], self._vocabulary.encode(tokens)]))
        parts = []
        for place in range(0, len(tokens), 256):
            wanted = ids[place + 1 : place + 257]
            logits, state = self._network(ids[None, place : place + len(wanted)], state)
            parts.append(functional.cross_entropy(logits[0], wanted, reduction="none").double().numpy())
        return np.concatenate(parts) if parts else np.zeros(0), state, int(ids[-1])

    def spelling(self, tokens: Iterable[str]) -> list[float]:
        """Bits that the letters of each token cost: 0 for a known one."""
        return self._vocabulary.spelling(tokens)


class Reading:
    """A place in a text: the state there, and what it cost to get to it."""

    def __init__(self, ancestor: Ancestor, state: LstmState, last: int) -> None:
        self._ancestor, self._state, self._last = ancestor, state, last
        self.bits = self.spelling_bits = 0.0
        self.tokens = self.unknown = 0

    def advance(self, tokens: Sequence[str]) -> None:
        """Read on."""
        if not tokens:
            return
        nats, self._state, self._last = self._ancestor.cost(tokens, self._state, self._last)
        spelling = self._ancestor.spelling(tokens)
        self.bits += float(nats.sum()) / math.log(2)
        self.spelling_bits += sum(spelling)
        self.tokens += len(tokens)
        self.unknown += sum(bits > 0 for bits in spelling)

    def nats(self, tokens: Sequence[str]) -> float:
        """What tokens would cost here, with the letters of unknown ones; the place stays where it is."""
        nats, _, _ = self._ancestor.cost(tokens, self._state, self._last)
        return float(nats.sum()) + sum(self._ancestor.spelling(tokens)) * math.log(2)


def train_ancestor(
    training: Sequence[str],
    validation: Sequence[str],
    settings: AncestorSettings,
    say: Callable[[str], None],
    precision: str = AUTO,
) -> Ancestor:
    """Train the ancestor on texts; returns it as it was after the epoch that was best on the validation texts.

    `precision` is what `train.configuration` says of it. Raises ConfigurationError for one that does not work here.
    """
    tokens = [tokens_of(text) for text in training]
    words = KnownWords([token for text in tokens for token in text], settings.fewest)
    held_out = [words.encode(tokens_of(text)) for text in validation]
    inputs, targets = _rows(np.concatenate([words.encode(text) for text in tokens]), settings.rows)
    torch.manual_seed(settings.seed)
    network = Network(len(words.words), settings.size, settings.dropout)

    def try_step(precision: str) -> None:
        """The first columns, forward and back; neither weights nor random numbers change."""
        with torch.random.fork_rng([]):
            _backpropagate(network, inputs[:, :8], targets[:, :8], network.zero_state(settings.rows), precision)
            network.zero_grad()

    choice = take(precision, None, try_step, Processes(torch.device("cpu")))
    print(f"ancestor: {choice}", file=sys.stderr)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.0)
    losses: list[float] = []
    best = network.state_dict()
    for epoch in range(settings.epochs):
        _train_epoch(network, optimizer, inputs, targets, settings, epoch, choice.precision)
        losses.append(_validate(network, held_out))
        if losses[-1] == min(losses):
            best = copy.deepcopy(network.state_dict())
        say(f"ancestor: epoch {epoch + 1} of {settings.epochs}, {losses[-1]:.3f} nats a token")
    network.load_state_dict(best)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Ancestor(
        network, words, parameters, {"epochs": len(losses), "losses": losses, "validation_nats": min(losses)}
    )


def _rows(ids: Ids, rows: int) -> tuple[Tensor, Tensor]:
    """A text cut into `rows` of equal length: what is read and what comes next, int64 `(rows, columns)` each."""
    columns = (len(ids) - 1) // rows
    return (
        torch.as_tensor(ids[: columns * rows]).view(rows, -1),
        torch.as_tensor(ids[1 : columns * rows + 1]).view(rows, -1),
    )


def _backpropagate(network: Network, read: Tensor, wanted: Tensor, state: LstmState, precision: str) -> LstmState:
    """Give the weights their gradients over tokens `(rows, time)`; returns the state after them."""
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == BF16):
        logits, (h, c) = network(read, state)
    loss = functional.cross_entropy(logits.flatten(0, 1).float(), wanted.flatten())
    network.zero_grad()
    torch.autograd.backward(loss)
    return h.detach(), c.detach()


def _train_epoch(
    network: Network,
    optimizer: torch.optim.Optimizer,
    inputs: Tensor,
    targets: Tensor,
    settings: AncestorSettings,
    epoch: int,
    precision: str,
) -> None:
    """Read all columns once, chunk by chunk, with a step of the optimizer after each."""
    torch.manual_seed(settings.seed * 1000 + epoch)  # an epoch's dropout is its own
    network.train()
    starts = range(0, inputs.shape[1], settings.chunk)
    state = network.zero_state(settings.rows)
    for number, start in enumerate(track(starts, f"ancestor, epoch {epoch + 1}")):
        steps = settings.epochs * len(starts)
        rate = learning_rate(epoch * len(starts) + number, steps, settings.learning_rate, 1e-5, 100)
        optimizer.param_groups[0]["lr"] = rate
        chunk = slice(start, start + settings.chunk)
        state = _backpropagate(network, inputs[:, chunk], targets[:, chunk], state, precision)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()


@torch.no_grad()
def _validate(network: Network, held_out: Sequence[Ids]) -> float:
    """Mean cross-entropy of the texts, nats a token."""
    network.eval()
    nats, count = 0.0, 0
    for text in held_out:
        ids, state = torch.as_tensor(text)[None], network.zero_state(1)
        for start in range(0, len(text) - 1, 256):
            wanted = ids[0, start + 1 : start + 257]
            logits, state = network(ids[:, start : start + len(wanted)], state)
            nats += functional.cross_entropy(logits[0], wanted, reduction="sum").item()
        count += len(text) - 1
    return nats / count
