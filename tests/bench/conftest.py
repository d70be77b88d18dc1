"""The corpus of two invented authors, with a tokenizer; PyTorch on one thread."""

from pathlib import Path

import pytest
import torch

from tests.bench.report.invented import write_corpus
from train.__main__ import main

torch.set_num_threads(1)  # as processes that tests start have: with more, the same sums end in other last bits


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented corpus with a tokenizer of 300 tokens. For reading only."""
    folder = write_corpus(tmp_path_factory.mktemp("corpora") / "invented")
    assert main(["tokenizer", "--corpus", str(folder), "--vocabulary", "300"]) == 0
    return folder
