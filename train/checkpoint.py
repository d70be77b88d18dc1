"""Checkpoints: tensors and a JSON description in one safetensors file, written whole or not at all; no pickles."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from train.errors import CheckpointError
from train.files import write_atomically
from train.formats import CHECKPOINT
from train.model import LanguageModel, ModelSize


def save(path: Path, tensors: dict[str, Tensor], description: dict[str, Any]) -> None:
    """Write a checkpoint; a reader sees the old file or the new one, never a part."""
    write_atomically(path, encode(tensors, description))


def encode(tensors: dict[str, Tensor], description: dict[str, Any]) -> bytes:
    """Return a checkpoint's content, as `save` writes it."""
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # One entry: safetensors writes several in an order of its own, and equal checkpoints would be unequal files.
    return to_bytes(on_cpu, {"description": json.dumps({"format": CHECKPOINT} | description)})


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save` wrote: tensors by name, and the description."""
    return _read(path, lambda file: {name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118


def describe(path: Path) -> dict[str, Any]:
    """Read the description alone, without the tensors."""
    return _read(path, lambda _: {})[1]


def _read(path: Path, take: Callable[[Any], dict[str, Tensor]]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint at {path}: give a run folder made by `python -m train fit`")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = take(file)
    except SafetensorError as error:
        raise CheckpointError(f"{path} is not a whole checkpoint ({error}): train again or restore it") from None
    try:
        description: dict[str, Any] = json.loads(header.get("description", "{}"))
        found = description.pop("format", header.get("format"))
    except (ValueError, AttributeError):
        found = None
    if found is None:
        raise CheckpointError(f"{path} says nothing of what it holds: `python -m train fit` did not make it")
    if str(found) != str(CHECKPOINT):
        raise CheckpointError(
            f"{path} has checkpoint format {found}; this program reads format {CHECKPOINT}: "
            "use the version that wrote it"
        )
    return tensors, description


def weights_of(model: LanguageModel) -> dict[str, Tensor]:
    """Return the model's parameters under their names in a checkpoint."""
    return {f"model.{name}": tensor for name, tensor in model.state_dict().items()}


def put_weights(model: LanguageModel, tensors: dict[str, Tensor], path: Path) -> None:
    """Load `model.*` tensors. Raises `CheckpointError`, which lists what is missing, unexpected or of other shape."""
    found = {name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")}
    wanted = model.state_dict()
    missing, unexpected = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    misshapen = sorted(name for name in wanted.keys() & found.keys() if wanted[name].shape != found[name].shape)
    if missing or unexpected or misshapen:
        raise CheckpointError(
            f"{path} does not hold this model: missing {missing}, unexpected {unexpected}, other shapes {misshapen}"
        )
    model.load_state_dict(found)


def load_weights(path: Path) -> tuple[LanguageModel, dict[str, Any]]:
    """Read a trained model, in evaluation mode, from a checkpoint or a run folder (its best), and the description."""
    if path.is_dir():
        if (path / "last.safetensors").is_file() and not (path / "best.safetensors").is_file():
            raise CheckpointError(f"the run {path} has no best weights: train on to its first validation")
        path = path / "best.safetensors"
    tensors, description = load(path)
    try:
        size = ModelSize(**description["size"])
    except (KeyError, TypeError):
        raise CheckpointError(
            f"{path} does not say what model it holds: `python -m train fit` did not make it"
        ) from None
    model = LanguageModel(size)
    put_weights(model, tensors, path)
    return model.eval(), description
