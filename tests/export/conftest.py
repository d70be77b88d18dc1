"""A model that has learnt a small text by heart, its run folder, and bundles made from it."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from export.__main__ import main
from tests.export.helpers import AUTHORS, PARAGRAPHS, TEXT, make_model, write_run
from train.model import LanguageModel, ModelSize
from train.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_tokenizer(iter(TEXT.splitlines(keepends=True) * 4), 320)


@pytest.fixture(scope="session")
def trained_model(tokenizer: Tokenizer) -> LanguageModel:
    """It knows TEXT by heart, one author forwards and one backwards, so that a loss of precision shows."""
    model = make_model(ModelSize(tokenizer.get_vocab_size(), len(AUTHORS), 16, 32, 2), seed=1).train()
    backwards = "".join(f"{paragraph}\n" for paragraph in reversed(PARAGRAPHS))
    tokens = torch.tensor([tokenizer.encode("\n" + text).ids for text in (TEXT, backwards)])
    style, optimizer = torch.eye(2), torch.optim.Adam(model.parameters(), 2e-2)
    for _ in range(80):
        logits, _ = model(tokens[:, :-1], style, model.zero_state(2))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()).backward()
        optimizer.step()
    return model.eval()


@pytest.fixture
def run_folder(tmp_path: Path, tokenizer: Tokenizer, trained_model: LanguageModel) -> Path:
    return write_run(tmp_path / "runs" / "small", trained_model, tokenizer)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bundle be checked over a few steps: enough for a test of what happens around the check."""
    monkeypatch.setattr("export.bundle.PARITY_STEPS", 20)


@pytest.fixture(scope="session")
def bundles(
    tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer, trained_model: LanguageModel
) -> dict[str, Path]:
    """A bundle of each precision, made by the command. For reading only."""
    folder = tmp_path_factory.mktemp("bundles")
    run = write_run(folder / "small", trained_model, tokenizer)
    made = {precision: folder / precision for precision in ("fp32", "8bit", "4bit", "integer")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("export.bundle.PARITY_STEPS", 20)
        codes = [main(["bundle", str(run), "--out", str(out), "--precision", name]) for name, out in made.items()]
    assert codes == [0, 0, 0, 0]
    return made | {"run": run}
