"""The ancestor's model, trained again: what a bot of 2019 told Jane Austen with, and so the mark to be above.

Lower-case words; those seen less than five times are one word, "unknown"; an embedding of 256, two LSTM layers of 256.
<folder>/last.safetensors   after each epoch, to resume from     <folder>/best.safetensors   the best on validation text
"""

import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.report.letters import LetterTrigrams
from bench.report.words import LETTER
from train import checkpoint
from train.configuration import AUTO, BF16
from train.errors import CheckpointError
from train.long_work import track
from train.optimization import learning_rate
from train.precision import Choice, check_goes_on, take
from train.processes import Processes
from train.run_folder import RunFolder

UNKNOWN, END = "<unknown>", "\n"
_TOKEN = re.compile(f"[{LETTER}]+(?:’[{LETTER}]+)*|[0-9]+|\n|[^ ]")

State = tuple[Tensor, Tensor]
Ids = npt.NDArray[np.int64]


def tokens_of(text: str) -> list[str]:
    """The ancestor's tokens: lower-case words, single marks, paragraph ends.

    tokens_of("“Don’t!” said Emma.\\n") → ["“", "don’t", "!", "”", "said", "emma", ".", "\\n"]
    """
    return _TOKEN.findall(text.lower())


@dataclass(frozen=True)
class Settings:
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


class Vocabulary:
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

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Tokens `(batch, time)` to logits `(batch, time, vocabulary)` and the state after them."""
        hidden, state = self.lstm(self.dropout(self.embedding(tokens)), state)
        return self.output(self.dropout(hidden)), state

    def zero_state(self, rows: int) -> State:
        """The state at the start of a text."""
        zeros = torch.zeros(2, rows, self.lstm.hidden_size)
        return zeros, zeros.clone()


class Ancestor:
    """A trained ancestor: what it makes of a text."""

    def __init__(self, network: Network, vocabulary: Vocabulary, parameters: int, record: dict[str, Any]) -> None:
        self._network, self._vocabulary = network.eval(), vocabulary
        self.parameters = parameters
        self.words = len(vocabulary.words)
        self.record = record
        """How it was trained: `epochs`, the validation `losses` after each, nats a token, `validation_nats` least."""

    def begin(self) -> "Reading":
        """The beginning of a text: nothing read but a paragraph's end."""
        return Reading(self, self._network.zero_state(1), int(self._vocabulary.encode([END])[0]))

    @torch.no_grad()
    def cost(self, tokens: Sequence[str], state: State, last: int) -> tuple[npt.NDArray[np.float64], State, int]:
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

    def __init__(self, ancestor: Ancestor, state: State, last: int) -> None:
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
    folder: Path,
    training: Sequence[str],
    validation: Sequence[str],
    settings: Settings,
    say: Callable[[str], None],
    precision: str = AUTO,
) -> Ancestor:
    """Train the ancestor on texts, or go on after the last whole epoch in `folder`; returns the best on validation.

    `precision` is what `train.configuration` says of it. Raises CheckpointError if `folder` holds one with other
    settings or texts, or one in a precision that does not work here.
    """
    tokens = [tokens_of(text) for text in training]
    vocabulary = Vocabulary([token for text in tokens for token in text], settings.fewest)
    torch.manual_seed(settings.seed)
    network = Network(len(vocabulary.words), settings.size, settings.dropout)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    held_out = [vocabulary.encode(tokens_of(text)) for text in validation]
    made_of = hashlib.sha256(json.dumps([list(training), list(validation)]).encode()).hexdigest()
    encoded = [vocabulary.encode(text) for text in tokens]
    with RunFolder(folder).alone():
        trainer = _Trainer(network, settings, encoded, held_out, folder, made_of)
        if trainer.record["epochs"] < settings.epochs:
            print(f"ancestor: {trainer.settle(precision)}", file=sys.stderr)
        while trainer.record["epochs"] < settings.epochs:
            trainer.epoch()
            record = trainer.record
            say(f"ancestor: epoch {record['epochs']} of {settings.epochs}, {record['losses'][-1]:.3f} nats a token")
    return Ancestor(trainer.best(), vocabulary, parameters, trainer.record)


class _Trainer:
    def __init__(
        self, network: Network, settings: Settings, texts: list[Ids], held_out: list[Ids], folder: Path, made_of: str
    ) -> None:
        self.network, self.settings, self.held_out, self.folder = network, settings, held_out, folder
        self.optimizer = torch.optim.Adam(network.parameters(), lr=0.0)
        self.wanted = {"settings": asdict(settings), "made_of": made_of}
        self.record: dict[str, Any] = {"epochs": 0, "losses": [], "validation_nats": math.inf}
        self.precision = ""
        """Empty until it is settled."""
        joined = np.concatenate(texts)
        self.columns = (len(joined) - 1) // settings.rows
        self.inputs = torch.as_tensor(joined[: self.columns * settings.rows]).view(settings.rows, -1)
        self.targets = torch.as_tensor(joined[1 : self.columns * settings.rows + 1]).view(settings.rows, -1)
        self._resume()

    def settle(self, asked: str) -> Choice:
        """Take the precision that it began in, or one that works; the other epochs will be trained in it."""
        alone = Processes(torch.device("cpu"))
        choice = take(self.precision or asked, self.precision or None, self._try, alone)
        if choice.resumed:
            check_goes_on(self.folder, choice.precision, self._try, alone)
        self.precision = choice.precision
        return choice

    def _try(self, precision: str) -> None:
        """The first columns of an epoch, and back; neither weights nor random numbers change."""
        with torch.random.fork_rng([]):
            self.network.train()
            self._backpropagate(slice(0, 8), self.network.zero_state(self.settings.rows), precision)
            self.optimizer.zero_grad()

    def _backpropagate(self, part: slice, state: State, precision: str) -> State:
        """Give the weights their gradients over some columns; returns the state after them."""
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == BF16):
            logits, (h, c) = self.network(self.inputs[:, part], state)
        loss = functional.cross_entropy(logits.flatten(0, 1).float(), self.targets[:, part].flatten())
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        return h.detach(), c.detach()

    def epoch(self) -> None:
        s, done = self.settings, self.record["epochs"]
        torch.manual_seed(s.seed * 1000 + done)  # an epoch's dropout is its own, however often training stopped
        self.network.train()
        starts = range(0, self.columns, s.chunk)
        state = self.network.zero_state(s.rows)
        for number, start in enumerate(track(starts, f"ancestor, epoch {done + 1}")):
            rate = learning_rate(done * len(starts) + number, s.epochs * len(starts), s.learning_rate, 1e-5, 100)
            self.optimizer.param_groups[0]["lr"] = rate
            state = self._backpropagate(slice(start, start + s.chunk), state, self.precision)
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
        self._keep(self._validate())

    @torch.no_grad()
    def _validate(self) -> float:
        self.network.eval()
        nats, count = 0.0, 0
        for text in self.held_out:
            ids, state = torch.as_tensor(text)[None], self.network.zero_state(1)
            for start in range(0, len(text) - 1, 256):
                wanted = ids[0, start + 1 : start + 257]
                logits, state = self.network(ids[:, start : start + len(wanted)], state)
                nats += functional.cross_entropy(logits[0], wanted, reduction="sum").item()
            count += len(text) - 1
        return nats / count

    def _keep(self, loss: float) -> None:
        self.record = {
            "epochs": self.record["epochs"] + 1,
            "losses": [*self.record["losses"], loss],
            "validation_nats": min(loss, self.record["validation_nats"]),
        }
        weights = self.network.state_dict()
        if loss == self.record["validation_nats"]:
            checkpoint.save(self.folder / "best.safetensors", weights, self.wanted)
        state = self.optimizer.state_dict()["state"]
        moments = {f"adam.{number}.{name}": value for number, kept in state.items() for name, value in kept.items()}
        network = {f"network.{name}": tensor for name, tensor in weights.items()}
        checkpoint.save(
            self.folder / "last.safetensors",
            network | moments,
            self.wanted | {"record": self.record, "precision": self.precision},
        )

    def _resume(self) -> None:
        path = self.folder / "last.safetensors"
        if not path.is_file():
            return
        tensors, found = checkpoint.load(path)
        for key, value in self.wanted.items():
            if found.get(key) != value:
                raise CheckpointError(
                    f"{self.folder} holds an ancestor with other {key}: give another --ancestor folder"
                )
        self.network.load_state_dict(
            {name.removeprefix("network."): value for name, value in tensors.items() if name.startswith("network.")}
        )
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            kind, _, rest = name.partition(".")
            if kind == "adam":
                number, _, moment = rest.partition(".")
                state.setdefault(int(number), {})[moment] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        self.record = found["record"]
        self.precision = found.get("precision", BF16)  # one that does not say so is older than the choice

    def best(self) -> Network:
        tensors, _ = checkpoint.load(self.folder / "best.safetensors")
        self.network.load_state_dict(tensors)
        return self.network.eval()
