"""A bundle becomes a run folder again, from which `python -m train fit --from` can start: its weights, as rounded."""

import argparse
import hashlib
import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from export.errors import InputError
from export.folder import replace_folder
from export.graph import EMBEDDING
from export.quantize import BITS, unpack
from export.run import CHECKPOINT, RECORD, TOKENIZER, WORDS, read_run, without_absolute_paths
from lambda_fn.bundle import DESCRIPTION, LEXICON, Bundle, load_bundle
from train.checkpoint import encode, weights_of
from train.model import LanguageModel, ModelSize

FILES = frozenset((CHECKPOINT, RECORD, TOKENIZER, WORDS))


def read_model(bundle: Bundle) -> LanguageModel:
    """The model that a bundle's graph computes. Raises `InputError` for a graph that `export.graph` did not write."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(bundle.graph).graph.initializer}
    size = ModelSize(bundle.vocabulary, len(bundle.authors), bundle.embedding, bundle.hidden, bundle.layers)
    model = LanguageModel(size)
    try:
        model.load_state_dict(_weights(constants, size))
    except (KeyError, RuntimeError, ValueError) as problem:
        raise InputError(f"{bundle.graph} was not made by `python -m export bundle`: {problem}") from None
    return model.eval()


def _weights(constants: dict[str, NDArray[Any]], size: ModelSize) -> dict[str, Tensor]:
    """The model's parameters by name, from the graph's constants."""

    def matrix(name: str, inputs: int) -> Tensor:
        """A weight `(outputs, inputs)` of the model, which is a product's right-hand side `(inputs, outputs)` here."""
        return torch.tensor(_exact(constants, name)[:inputs].T)

    def vector(name: str) -> Tensor:
        return torch.tensor(constants[name])

    weights = {
        "embedding.weight": matrix(EMBEDDING, size.embedding),
        "style_input.weight": matrix("style_input.weight", size.authors),
        "style_output.weight": matrix("style_output.weight", size.authors),
        "projection.weight": matrix("projection.weight", size.hidden),
        "projection.bias": vector("projection.bias"),
        "output_bias": vector("output_bias"),
    }
    for layer in range(size.layers):
        inputs = size.hidden if layer else size.embedding
        gates, bias = matrix(f"lstm{layer}/gates.weight", inputs + size.hidden), vector(f"lstm{layer}/gates.bias")
        # The graph has the sum of the two biases.
        weights |= {
            f"lstm.weight_ih_l{layer}": gates[:, :inputs], f"lstm.weight_hh_l{layer}": gates[:, inputs:],
            f"lstm.bias_ih_l{layer}": bias, f"lstm.bias_hh_l{layer}": torch.zeros_like(bias),
        }  # fmt: skip
    return weights


def _exact(constants: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    """A matrix `(inputs, outputs)`, or where it was rounded, what it was rounded to; there, more rows may follow."""
    for bits in BITS:
        if f"{name}_Q{bits}" in constants:
            return unpack(constants[f"{name}_Q{bits}"], constants[f"{name}_scales"], bits)
    return constants[name]


def unpack_bundle(bundle: Bundle, out: Path, command: str) -> None:
    """Write the run folder `out`; `command` is how. Raises `InputError`, and then leaves `out` as it was."""
    model = read_model(bundle)
    described = json.loads((bundle.folder / DESCRIPTION).read_bytes())
    training = described.get("training", {})
    checkpoint = {
        "size": asdict(model.size), "authors": list(bundle.authors),
        **{name: training.get(name) for name in ("configuration", "step", "validation_loss")},
    }  # fmt: skip
    content = {CHECKPOINT: encode(weights_of(model), checkpoint), TOKENIZER: bundle.tokenizer.read_bytes()}
    if LEXICON in bundle.files:
        content[WORDS] = (bundle.folder / LEXICON).read_bytes()
    record = {
        "command": command,
        "bundle": {"name": bundle.name, "identity": bundle.identity, "training": training},
        "corpus": {"name": bundle.name, "books": []},
        "corpus_folder": str(out),
        "tokenizer_sha256": hashlib.sha256(content[TOKENIZER]).hexdigest(),
        "authors": list(bundle.authors),
        "trained_on": described.get("trained_on", []),
        "words_sha256": hashlib.sha256(content[WORDS]).hexdigest() if WORDS in content else None,
    }
    content[RECORD] = (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
    replace_folder(out, content, FILES, read_run)


def command(options: argparse.Namespace) -> None:
    """`python -m export unpack`."""
    bundle = load_bundle(options.bundle)
    arguments = shlex.join(["python", "-m", "export", *options.arguments])
    unpack_bundle(bundle, options.out, without_absolute_paths(arguments))
    print(f"{options.out}: start from it with `python -m train fit --from {options.out}`")
