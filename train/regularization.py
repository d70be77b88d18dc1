"""What keeps a language model from learning its books by heart, after Merity, Keskar and Socher (2018).

All of it is noise while training, and nothing at all afterwards. A mask is drawn once for a whole chunk ("locked", or
variational: Gal and Ghahramani 2016), not anew for every token.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Regularization:
    """How much is dropped, each between 0 (nothing) and 1; the names are those of the configuration."""

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
