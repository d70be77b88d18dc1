"""The language model: embedding and style → LSTM layers → projection → output tied to the embedding.

The state is an argument and a return value, never hidden, so that a story can stop after any word and go on years
later.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.regularization import NONE, Regularization, drop_features, drop_words


@dataclass(frozen=True)
class ModelSize:
    """Everything that decides the shapes of the weights, and the independent dropout between them."""

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

    def __init__(self, size: ModelSize, regularization: Regularization = NONE) -> None:
        """`regularization` acts while training only, and leaves nothing in a checkpoint."""
        super().__init__()
        self.size, self.regularization = size, regularization
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
        noise = self.regularization if self.training else NONE
        words = drop_words(self.embedding(tokens), tokens, self.size.vocabulary, noise.embedding_dropout)
        inputs = drop_features(self.dropout(words + self.style_input(style).unsqueeze(1)), noise.input_dropout)
        if noise.layer_dropout or noise.weight_drop:
            hidden, state = self._recur(inputs, state, noise)
        else:
            hidden, (h, c) = self.lstm(inputs, tuple(state))
            state = State(h, c)
        hidden = drop_features(self.dropout(hidden), noise.output_dropout)
        return self.projection(hidden) + self.style_output(style).unsqueeze(1), state

    def _recur(self, inputs: Tensor, state: State, noise: Regularization) -> tuple[Tensor, State]:
        """What `self.lstm` does, in as few fused calls as the noise allows: one, or one a layer."""
        groups = [range(layer, layer + 1) for layer in range(self.size.layers)]
        if not noise.layer_dropout:
            groups = [range(self.size.layers)]
        hidden, h, c = inputs, [], []
        for group in groups:
            if group.start:
                hidden = drop_features(self.dropout(hidden), noise.layer_dropout)
            weights = [weight for layer in group for weight in self._layer_weights(layer, noise.weight_drop)]
            part = tuple(tensor[group.start : group.stop] for tensor in state)
            hidden, h_out, c_out = torch.lstm(
                hidden, part, weights, True, len(group), self.lstm.dropout, True, False, True
            )
            h.append(h_out)
            c.append(c_out)
        return hidden, State(torch.cat(h), torch.cat(c))

    def _layer_weights(self, layer: int, drop: float) -> tuple[Tensor, ...]:
        """In the order that the fused LSTM wants; the recurrent weights with a part of them dropped."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        inputs, recurrent, *biases = (getattr(self.lstm, f"{name}_l{layer}") for name in names)
        return inputs, functional.dropout(recurrent, drop), *biases

    def logits(self, output: Tensor) -> Tensor:
        """Scores `(…, vocabulary)` of every token, from vectors `(…, embedding)`."""
        return functional.linear(output, self.embedding.weight, self.output_bias)

    def parameter_count(self) -> int:
        """How many numbers training fits."""
        return sum(parameter.numel() for parameter in self.parameters())

    def multiplied_weights(self) -> int:
        """How many weights are multiplied to read one token and score what follows it (the style's are not counted)."""
        matrices = (*(w for name, w in self.lstm.named_parameters() if "weight" in name), self.projection.weight)
        return sum(matrix.numel() for matrix in (*matrices, self.embedding.weight))
