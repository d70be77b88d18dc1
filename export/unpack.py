"""A bundle becomes a run folder again, from which `python -m train fit --from` can start: its weights, as rounded."""

import argparse
import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from export.errors import InputError
from export.folder import replace_folder
from export.graph import EMBEDDING
from export.integer import IN_ORDER, ROUNDED, ZERO, restore
from export.quantize import BITS, unpack
from export.run import CHECKPOINT, RECORD, read_run, shown_command
from lambda_fn.language.bundle import DESCRIPTION, LEXICON, TOKENIZER, Bundle, load_bundle
from train.checkpoint import encode, weights_of
from train.data import PARAGRAPH
from train.formats import RUN
from train.model import LanguageModel, ModelSize

_WEIGHT = re.compile(r"\.(weight|bias|transposed)(_[QI]\d+|_scales)?$|_bias(_I32)?$")
FILES = frozenset((CHECKPOINT, RECORD, TOKENIZER, LEXICON))


def read_model(bundle: Bundle) -> LanguageModel:
    """The model that a bundle's graph computes. Raises `InputError` for a graph that `export.graph` did not write."""
    if bundle.paragraph != PARAGRAPH:
        raise InputError(
            f"{bundle.folder} ends paragraphs with token {bundle.paragraph}: training does with {PARAGRAPH}"
        )
    try:
        graph = onnx.load(bundle.graph).graph
    except DecodeError:
        raise InputError(f"{bundle.graph} is no ONNX graph") from None
    constants = _Constants(bundle.graph, {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer})
    size = ModelSize(bundle.vocabulary, len(bundle.authors), bundle.embedding, bundle.hidden, bundle.layers)
    weights = _weights(constants, size)
    constants.check_all_were_read()
    model = LanguageModel(size)
    model.load_state_dict(weights)
    return model.eval()


class _Constants:
    """A graph's weights. Raises `InputError` where one is missing, or of another shape."""

    def __init__(self, graph: Path, arrays: dict[str, NDArray[Any]]) -> None:
        self._graph, self._arrays, self._unread = graph, arrays, set(filter(_WEIGHT.search, arrays))

    def matrix(self, name: str, inputs: int, outputs: int) -> Tensor:
        """A weight `(outputs, inputs)` of the model, which is a product's right-hand side `(inputs, outputs)` here."""
        for bits in BITS:
            if (packed := f"{name}_Q{bits}") in self._arrays:
                scales = self._take(f"{name}_scales")
                # The last block of every column is filled up.
                filled = unpack(self._take(packed), scales, bits)
                block = len(filled) // scales.shape[1]
                return torch.tensor(self._checked(name, filled, (-(-inputs // block) * block, outputs))[:inputs].T)
        if self.in_whole_numbers:
            rounded = self._take(f"{name}_I8")
            restored = restore(rounded.T if name == EMBEDDING else rounded, self._take(f"{name}_scales"))
            return torch.tensor(self._checked(name, restored, (inputs, outputs)).T)
        return self.exact(name, inputs, outputs)

    def exact(self, name: str, inputs: int, outputs: int) -> Tensor:
        """A weight that is never rounded."""
        return torch.tensor(self._checked(name, self._take(name), (inputs, outputs)).T)

    def vector(self, name: str, matrix: str, length: int) -> Tensor:
        """The bias of a product with a matrix."""
        if not self.in_whole_numbers:
            return torch.tensor(self._checked(name, self._take(name), (length,)))
        added = self._checked(name, self._take(f"{name}_I32"), (length,))
        return torch.tensor(added * self._checked(f"{matrix}_scales", self._take(f"{matrix}_scales"), (length,)))

    @property
    def in_whole_numbers(self) -> bool:
        """Whether `export.integer` wrote the graph."""
        return f"{EMBEDDING}_I8" in self._arrays

    def bound(self, layer: int) -> float:
        """What the weights of a layer's input were multiplied by, to have one scale with those of its hidden state."""
        step = self._arrays.get(f"input{ROUNDED}.step")
        return 1.0 if step is None or layer else float(step) * ZERO

    def check_all_were_read(self) -> None:
        """Raise if a weight was not read, for then the graph computes something else."""
        if self._unread:
            raise self._error(f"it also has {min(self._unread)}")

    def _take(self, name: str) -> NDArray[Any]:
        if name not in self._arrays:
            raise self._error(f"it has no {name}")
        self._unread.discard(name)
        return self._arrays[name]

    def _checked(self, name: str, found: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        if found.shape != shape:
            raise self._error(f"its {name} is {found.shape}, not {shape}")
        return found

    def _error(self, why: str) -> InputError:
        return InputError(f"{self._graph} is not the graph that its bundle.json describes: {why}")


def _weights(constants: _Constants, size: ModelSize) -> dict[str, Tensor]:
    """The model's parameters by name, from the graph's constants."""
    matrix, vector = constants.matrix, constants.vector
    weights = {
        "embedding.weight": matrix(EMBEDDING, size.embedding, size.vocabulary),
        "style_input.weight": constants.exact("style_input.weight", size.authors, size.embedding),
        "style_output.weight": constants.exact("style_output.weight", size.authors, size.embedding),
        "projection.weight": matrix("projection.weight", size.hidden, size.embedding),
        "projection.bias": vector("projection.bias", "projection.weight", size.embedding),
        "output_bias": vector("output_bias", EMBEDDING, size.vocabulary),
    }
    for layer in range(size.layers):
        inputs = size.hidden if layer else size.embedding
        name = f"lstm{layer}/gates"
        gates = matrix(f"{name}.weight", inputs + size.hidden, 4 * size.hidden)
        bias = vector(f"{name}.bias", f"{name}.weight", 4 * size.hidden)
        if constants.in_whole_numbers:
            gates, bias = (each[_torch_order(size.hidden)] for each in (gates, bias))
            gates[:, :inputs] /= constants.bound(layer)
        # The graph has the sum of the two biases.
        weights |= {
            f"lstm.weight_ih_l{layer}": gates[:, :inputs], f"lstm.weight_hh_l{layer}": gates[:, inputs:],
            f"lstm.bias_ih_l{layer}": bias, f"lstm.bias_hh_l{layer}": torch.zeros_like(bias),
        }  # fmt: skip
    return weights


def _torch_order(hidden: int) -> Tensor:
    """Where the rows of each gate lie in a graph in whole numbers."""
    return torch.arange(4 * hidden).view(4, hidden)[[IN_ORDER.index(gate) for gate in range(4)]].flatten()


def unpack_bundle(bundle: Bundle, out: Path, command: str) -> None:
    """Write the run folder `out`; `command` is how. Raises `InputError`, and then leaves `out` as it was."""
    model = read_model(bundle)
    described = json.loads((bundle.folder / DESCRIPTION).read_bytes())
    training = described.get("training")
    training = training if isinstance(training, dict) else {}
    checkpoint = {
        "size": asdict(model.size), "authors": list(bundle.authors),
        **{name: training.get(name) for name in ("configuration", "step", "validation_loss")},
    }  # fmt: skip
    content = {CHECKPOINT: encode(weights_of(model), checkpoint), TOKENIZER: bundle.tokenizer.read_bytes()}
    if LEXICON in bundle.files:
        bundle.words()  # raises where they are damaged
        content[LEXICON] = (bundle.folder / LEXICON).read_bytes()
    record = {
        "format": RUN,
        "command": command,
        "bundle": {"name": bundle.name, "identity": bundle.identity, "training": training},
        "corpus": {"name": bundle.name, "books": []},
        "corpus_folder": str(out),
        "tokenizer_sha256": hashlib.sha256(content[TOKENIZER]).hexdigest(),
        "authors": list(bundle.authors),
        "trained_on": described.get("trained_on", []),
        "words_sha256": hashlib.sha256(content[LEXICON]).hexdigest() if LEXICON in content else None,
    }
    content[RECORD] = (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
    replace_folder(out, content, FILES, read_run)


def command(options: argparse.Namespace) -> None:
    """`python -m export unpack`."""
    bundle = load_bundle(options.bundle)
    unpack_bundle(bundle, options.out, shown_command(*options.arguments))
    print(f"{options.out}: start from it with `python -m train fit --corpus … --from {options.out} --preset own`")
