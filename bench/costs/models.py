"""Models of any size with random weights, for what depends on size alone, and bundles of them."""

import hashlib
import json
import shutil
from pathlib import Path

import torch

from bench.costs.subject import Subject
from bench.errors import BenchError
from bench.forms import EXACT, FORMS, INTEGER, in_blocks
from export.graph import state_shapes
from lambda_fn.language.bundle import DESCRIPTION, GRAPH, TOKENIZER, Bundle, load_bundle
from train.model import LanguageModel, ModelSize


def random_model(subject: Subject, embedding: int, hidden: int) -> LanguageModel:
    """A model with the bundle's tokens and authors, two layers of `hidden` units, and random weights."""
    size = ModelSize(subject.bundle.vocabulary, len(subject.bundle.authors), embedding, hidden, layers=2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return LanguageModel(size).eval()


def shipped_form(subject: Subject) -> str:
    """Which of `FORMS` the bundle's graph has. Raises `BenchError` if it has another one."""
    recorded = subject.description.get("quantization")
    if recorded is None:
        return EXACT
    form = INTEGER if recorded.get("form") == "integer" else in_blocks(recorded["bits"], recorded["block"])
    if form not in FORMS:
        raise BenchError(f"{subject.folder} has a graph of a form that is not measured here: {form}")
    return form


def write_bundle(subject: Subject, model: LanguageModel, graph: Path, out: Path) -> Bundle:
    """Write the bundle of a model, whose graph is made already, with the tokenizer of the one that is measured."""
    out.mkdir()
    shutil.copyfile(graph, out / GRAPH)
    shutil.copyfile(subject.folder / TOKENIZER, out / TOKENIZER)
    sizes = {name: getattr(model.size, name) for name in ("embedding", "hidden", "layers")}
    description = subject.description | sizes | {
        "name": "random weights",
        "files": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (GRAPH, TOKENIZER)},
        "state": state_shapes(model),
        "parameters": model.parameter_count(),
        "held_out": [],
    }  # fmt: skip
    (out / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")
    return load_bundle(out)
