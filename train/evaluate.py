"""How well a model predicts texts: mean cross-entropy and bits per character, in PyTorch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from train.data import Text
from train.model import LanguageModel

CHUNK = 128
"""Tokens read between two looks at the logits; it changes memory, not results."""


@dataclass(frozen=True)
class CrossEntropy:
    """The cross-entropy of some texts: sums over all of their tokens."""

    nats: float
    tokens: int
    characters: int

    @property
    def loss(self) -> float:
        """Mean cross-entropy, nats a token."""
        return self.nats / self.tokens

    @property
    def bits_per_character(self) -> float:
        """Bits a character, the unit that does not depend on the tokenizer."""
        return self.nats / math.log(2) / self.characters


@torch.no_grad()
def score(model: LanguageModel, texts: Sequence[Text], authors: Sequence[str], device: torch.device) -> CrossEntropy:
    """Score the texts side by side, each from a state of zeros under its author's style, in fp32."""
    training = model.training
    model.eval()
    width = max(len(text.tokens) for text in texts)
    padded = np.full((len(texts), width), -100, dtype=np.int64)
    for row, text in zip(padded, texts, strict=True):
        row[: len(text.tokens)] = text.tokens
    tokens = torch.as_tensor(padded, device=device)
    writers = torch.tensor([authors.index(text.author) for text in texts], device=device)
    style = functional.one_hot(writers, len(authors)).float()
    state, nats = model.zero_state(len(texts)), []
    for start in range(0, width - 1, CHUNK):
        read, wanted = tokens[:, start : start + CHUNK], tokens[:, start + 1 : start + CHUNK + 1]
        logits, state = model(read[:, : wanted.shape[1]].clamp(min=0), style, state)
        nats.append(functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum"))
    model.train(training)
    return CrossEntropy(
        sum(torch.stack(nats).tolist()),
        sum(len(text.tokens) - 1 for text in texts),
        sum(text.characters for text in texts),
    )
