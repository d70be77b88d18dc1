"""The language model: embedding and style → LSTM layers → projection → output tied to the embedding.

The state is an argument and a return value, never hidden, so that a story can stop after any token and resume years
later.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.errors import ConfigurationError


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
        return State(*(part.detach() for part in self))

    def keep_rows(self, keep: Tensor) -> "State":
        """Zero the state of the rows where `keep` `(batch,)` is 0: a new text starts there."""
        rows = keep.to(self.h.dtype).view(1, -1, 1)
        return State(*(part * rows for part in self))


@dataclass(frozen=True)
class Regularization:
    """Noise that keeps a language model from memorizing its books, after Merity, Keskar and Socher (2018).

    Each is the share that is dropped while training, between 0 (nothing) and 1, under its name in the configuration. A
    mask is drawn once for a whole chunk ("locked", or variational: Gal and Ghahramani 2016), not for every token.
    """

    input_dropout: float = 0.0
    """Of the features that enter the first layer."""
    layer_dropout: float = 0.0
    """Of the features between two layers."""
    output_dropout: float = 0.0
    """Of the features that leave the last layer."""
    embedding_dropout: float = 0.0
    """Of the vocabulary: a token that is dropped is not read anywhere in the chunk."""
    weight_drop: float = 0.0
    """Of the recurrent weights (DropConnect: Wan et al. 2013)."""


NONE = Regularization()


def drop_features(rows: Tensor, share: float) -> Tensor:
    """Drop the same features of `rows` `(batch, time, features)` at every time; what stays grows to make up for it."""
    if not share:
        return rows
    return rows * functional.dropout(rows.new_ones(len(rows), 1, rows.shape[2]), share)


def drop_words(rows: Tensor, tokens: Tensor, vocabulary: int, share: float) -> Tensor:
    """Drop whole tokens from their vectors `rows` `(batch, time, features)`: the same ones wherever they stand."""
    if not share:
        return rows
    keep = functional.dropout(torch.ones(vocabulary, 1, dtype=rows.dtype, device=rows.device), share)
    return rows * functional.embedding(tokens, keep)


class LanguageModel(nn.Module):
    """An LSTM over tokens, conditioned on a style.

    The style is a point among the training authors: one-hot is one author, anything else a blend. It is added to
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
        """Return the state at the start of a text."""
        zeros = self.output_bias.new_zeros(self.size.layers, batch, self.size.hidden)
        return State(zeros, zeros.clone())

    def forward(self, tokens: Tensor, style: Tensor, state: State) -> tuple[Tensor, State]:
        """Predict every next token.

        `tokens` int64 `(batch, time)`; `style` float32 `(batch, authors)`, rows that sum to 1; returns logits
        `(batch, time, vocabulary)` and the state after the last token.
        """
        output, state = self.output_vectors(tokens, style, state)
        return self.logits(output), state

    def output_vectors(self, tokens: Tensor, style: Tensor, state: State) -> tuple[Tensor, State]:
        """Run all but the last layer: vectors `(batch, time, embedding)`, which `logits` takes, and the end state."""
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
        """Do what `self.lstm` does, in as few fused calls as the noise allows: one, or one a layer."""
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
        """Return weights in the fused LSTM's order; of the recurrent ones a share is dropped."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        inputs, recurrent, *biases = (getattr(self.lstm, f"{name}_l{layer}") for name in names)
        return inputs, functional.dropout(recurrent, drop), *biases

    def logits(self, output: Tensor) -> Tensor:
        """Return logits `(…, vocabulary)` from output vectors `(…, embedding)`."""
        return functional.linear(output, self.embedding.weight, self.output_bias)

    def parameter_count(self) -> int:
        """Count the trained parameters."""
        return sum(parameter.numel() for parameter in self.parameters())

    def multiplied_weights(self) -> int:
        """Count the weights multiplied to read a token and predict the next (those of the style aside)."""
        matrices = (*(w for name, w in self.lstm.named_parameters() if "weight" in name), self.projection.weight)
        return sum(matrix.numel() for matrix in (*matrices, self.embedding.weight))


SIZES = ("embedding", "hidden", "layers")
"""The settings that a run takes over from the run it starts from."""

_GATES = 4


def check_growth(name: str, before: int, wanted: int, base: str) -> None:
    """Raise `ConfigurationError` unless a run of the size `wanted` can start from what has the size `before`."""
    if wanted < before or (wanted > before and name == "layers"):
        allowed = f"{before}" if name == "layers" else f"{before} or more"
        raise ConfigurationError(f"{name} = {wanted}: what starts from {base} must have {allowed}")


@torch.no_grad()
def widen(base: LanguageModel, embedding: int, hidden: int) -> LanguageModel:
    """Return a wider model whose outputs are at first exactly the narrower one's, so that nothing learned is lost.

    It has vectors of `embedding` and layers of `hidden` units, neither less than before. Every new unit and every new
    feature starts with random weights into it and zeros out of it (Chen, Goodfellow and Shlens 2016 call such a change
    function-preserving). The zeros have a gradient from the first step, because what they multiply is not zero.
    """
    narrow = base.size
    wide = LanguageModel(replace(narrow, embedding=embedding, hidden=hidden), base.regularization)
    weights, old = wide.state_dict(), base.state_dict()
    old_inputs, old_units = slice(narrow.embedding), slice(narrow.hidden)
    weights["embedding.weight"].mul_(old["embedding.weight"].std() / weights["embedding.weight"].std())
    _put(weights["embedding.weight"], old["embedding.weight"])
    for name in ("style_input.weight", "style_output.weight", "projection.weight"):
        weights[name].zero_()
        _put(weights[name], old[name])
    weights["projection.bias"].zero_()
    weights["projection.bias"][old_inputs] = old["projection.bias"]
    weights["output_bias"].copy_(old["output_bias"])
    for layer in range(narrow.layers):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            key = f"lstm.{name}_l{layer}"
            new, before = _by_gate(weights[key]), _by_gate(old[key])
            if "weight" in name:
                new[:, old_units] = 0.0  # what an old unit takes from a new one
            _put(new, before)
    wide.load_state_dict(weights)
    return wide


def _by_gate(weight: Tensor) -> Tensor:
    """Return a view `(gates, units, …)` of weights that hold the four gates' units one after the other."""
    return weight.view(_GATES, -1, *weight.shape[1:])


def _put(new: Tensor, old: Tensor) -> None:
    """Copy the smaller array to the beginning of the larger one, along every axis."""
    new[tuple(slice(length) for length in old.shape)] = old


def adopt_authors(
    base: LanguageModel, known: list[str], wanted: list[str], dropout: float, regularization: Regularization = NONE
) -> tuple[LanguageModel, list[str]]:
    """Return the base model with more authors, and their names; a new style starts as the mean of the known ones."""
    authors = known + [author for author in wanted if author not in known]
    model = LanguageModel(replace(base.size, authors=len(authors), dropout=dropout), regularization)
    weights = base.state_dict()
    for name in ("style_input.weight", "style_output.weight"):
        new = weights[name].mean(dim=1, keepdim=True).expand(-1, len(authors) - len(known))
        weights[name] = torch.cat([weights[name], new], dim=1)
    model.load_state_dict(weights)
    return model, authors
