"""The language model: embedding and style → LSTM layers → projection → output tied to the embedding.

The state is an argument and a return value, never hidden, so that a story can stop after any word and go on years
later.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class ModelSize:
    """Everything that decides the shapes of the weights, and the dropout between them."""

    vocabulary: int
    authors: int
    embedding: int
    hidden: int
    layers: int
    dropout: float = 0.0


class State(NamedTuple):
    """Hidden and cell state, each `(layers, batch, hidden)`; zeros start a text."""

    h: Tensor
    c: Tensor

    def detach(self) -> "State":
        """Cut the graph here: truncated back-propagation through time (Williams and Peng 1990)."""
        return State(self.h.detach(), self.c.detach())

    def keep_rows(self, keep: Tensor) -> "State":
        """Zero the state of the rows where `keep` `(batch,)` is 0: a new text starts there."""
        rows = keep.to(self.h.dtype).view(1, -1, 1)
        return State(self.h * rows, self.c * rows)


class LanguageModel(nn.Module):
    """An LSTM over tokens that also hears whose voice it is to speak in.

    The style is a point among the training authors: one-hot is a writer, anything between is a blend. It is added to
    every input embedding and, through a matrix of its own, to the vector that the output compares with the embedding.
    The output layer shares the embedding's weights (Press and Wolf 2017).
    """

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.size = size
        self.embedding = nn.Embedding(size.vocabulary, size.embedding)
        self.style_input = nn.Linear(size.authors, size.embedding, bias=False)
        self.style_output = nn.Linear(size.authors, size.embedding, bias=False)
        between_layers = size.dropout if size.layers > 1 else 0.0
        self.lstm = nn.LSTM(size.embedding, size.hidden, size.layers, batch_first=True, dropout=between_layers)
        self.projection = nn.Linear(size.hidden, size.embedding)
        self.output_bias = nn.Parameter(torch.zeros(size.vocabulary))
        self.dropout = nn.Dropout(size.dropout)
        self._initialise()

    def _initialise(self) -> None:
        # Large enough that the tied output has something to compare with from the first step: measured, it saves
        # a small run a third of its steps.
        nn.init.normal_(self.embedding.weight, std=0.3)
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.style_input.weight)
        nn.init.zeros_(self.style_output.weight)
        for layer in range(self.size.layers):
            forget = slice(self.size.hidden, 2 * self.size.hidden)
            # A forget gate open at the start lets gradients reach back (Jozefowicz et al. 2015).
            getattr(self.lstm, f"bias_ih_l{layer}").data[forget] = 1.0
            getattr(self.lstm, f"bias_hh_l{layer}").data[forget] = 0.0

    def zero_state(self, batch: int) -> State:
        """The state at the start of a text."""
        zeros = self.output_bias.new_zeros(self.size.layers, batch, self.size.hidden)
        return State(zeros, zeros.clone())

    def forward(self, tokens: Tensor, style: Tensor, state: State) -> tuple[Tensor, State]:
        """Read tokens and say how likely every next one is.

        `tokens` int64 `(batch, time)`; `style` float32 `(batch, authors)`, rows that sum to 1; returns logits
        `(batch, time, vocabulary)` and the state after the last token.
        """
        output, state = self.read(tokens, style, state)
        return self.logits(output), state

    def read(self, tokens: Tensor, style: Tensor, state: State) -> tuple[Tensor, State]:
        """All but the last layer: the vectors `(batch, time, embedding)` that `logits` compares with the embedding."""
        inputs = self.embedding(tokens) + self.style_input(style).unsqueeze(1)
        hidden, (h, c) = self.lstm(self.dropout(inputs), tuple(state))
        output = self.projection(self.dropout(hidden)) + self.style_output(style).unsqueeze(1)
        return output, State(h, c)

    def logits(self, output: Tensor) -> Tensor:
        """Scores `(…, vocabulary)` of every token, from vectors `(…, embedding)`."""
        return functional.linear(output, self.embedding.weight, self.output_bias)

    def parameter_count(self) -> int:
        """How many numbers training fits."""
        return sum(parameter.numel() for parameter in self.parameters())
