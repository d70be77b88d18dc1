"""A text of our own writing, small models with random weights, run folders as `python -m train fit` leaves."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from tokenizers import Tokenizer

from export.graph import BATCH
from train.checkpoint import save, weights_of
from train.model import LanguageModel, ModelSize

AUTHORS = ["Jane Austen", "Charles Dickens"]
PARAGRAPHS = [
    "The morning was grey, and Mrs. Harlow, never fond of grey mornings, said that nobody should walk.",
    "“My dear aunt,” said Louisa, “you cannot mean it; the lane is dry, and he has promised us his roses.”",
    "“Roses!” cried Mrs. Harlow. “In October!—but he is an obliging man, and has eight hundred a year.”",
    "It was a dull house, in a dull street; and old Jacob Grimble had lived in it for forty years.",
    "“You’re late, Grimble,” said the lawyer, and looked at the clock as if it had been in a conspiracy…",
]
TEXT = "".join(f"{paragraph}\n" for paragraph in PARAGRAPHS)


def make_model(size: ModelSize, seed: int = 0) -> LanguageModel:
    """A model with random weights, its styles too, so that no mistake can hide behind a zero."""
    torch.manual_seed(seed)
    model = LanguageModel(size)
    for parameter in (model.style_input.weight, model.style_output.weight, model.output_bias):
        torch.nn.init.normal_(parameter, std=0.5)
    return model.eval()


def sha256(path: Path) -> str:
    """In hexadecimal, as records have it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_run(
    folder: Path,
    model: LanguageModel,
    tokenizer: Tokenizer,
    *,
    ebook: int = 158,
    text: str = TEXT,
    base: Path | None = None,
) -> Path:
    """Write a run folder, and beside it the corpus that it learnt from; returns `folder`."""
    corpus = folder.parent / f"{folder.name}-corpus"
    (corpus / "train").mkdir(parents=True)
    folder.mkdir(parents=True)
    data = text.encode("utf-8")
    file = {"path": f"train/{ebook}.txt", "sha256": hashlib.sha256(data).hexdigest(), "characters": len(text)}
    (corpus / file["path"]).write_bytes(data)
    tokens = tokenizer.to_str(pretty=True).encode("utf-8")
    (folder / "tokenizer.json").write_bytes(tokens)
    record: dict[str, Any] = {
        "command": f"python -m train fit --corpus {corpus} --run {folder}",
        "commit": None,
        "corpus": {
            "name": folder.name,
            "books": [{"id": ebook, "author": AUTHORS[0], "title": "Emma", "files": {"train": file}}],
        },
        "corpus_folder": str(corpus),
        "tokenizer_sha256": hashlib.sha256(tokens).hexdigest(),
        "base": base and {"run": str(base), "best_sha256": sha256(base / "best.safetensors")},
        "training_tokens": 400,
        "steps": 60,
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    description = {"size": asdict(model.size), "authors": AUTHORS[: model.size.authors], "step": 60}
    save(folder / "best.safetensors", weights_of(model), description | {"validation_loss": 1.0})
    return folder


def run_steps(graph: onnx.ModelProto, count: int) -> np.ndarray:
    """What a graph answers over a chain of steps from a state that is not zero: rows of logits, h and c."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    shapes = {node.name: [1 if size == BATCH else size for size in node.shape] for node in session.get_inputs()}
    vocabulary = session.get_outputs()[0].shape[1]
    generator = np.random.default_rng(3)
    h, c = (generator.normal(size=shapes[name]).astype(np.float32) for name in ("h", "c"))
    h = np.tanh(h)  # a hidden state lies within 1
    answers = []
    for _ in range(count):
        token = generator.integers(vocabulary, size=1)
        style = generator.dirichlet(np.ones(shapes["style"][1]))[None].astype(np.float32)
        inputs = {"token": token, "style": style, "h": h, "c": c}
        logits, h, c = session.run(["logits", "h_out", "c_out"], inputs)
        answers.append(np.concatenate([logits.ravel(), h.ravel(), c.ravel()]))
    return np.array(answers)
