"""Read some tokens with a bundle, and nothing else, to see what memory that takes: `python -m bench.costs.reading`.

What it imports is what the bot does.
"""

import sys
from pathlib import Path

import numpy as np

from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel

TOKENS = 20

if __name__ == "__main__":
    bundle = load_bundle(Path(sys.argv[1]))
    model, style = LanguageModel(bundle), np.eye(len(bundle.authors), dtype=np.float32)[0]
    state = model.zero_state()
    for token in range(TOKENS):
        _, state = model.step(token, style, state)
