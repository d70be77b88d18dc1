"""What a training run is: one TOML file, checked once, every field by name."""

import dataclasses
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from train.errors import ConfigurationError
from train.named_files import read_named

PRESETS = Path(__file__).parent / "presets"


@dataclass(frozen=True)
class Configuration:
    """The settings of a training run. Sizes are in units of the model's vectors, rates are AdamW's."""

    embedding: int = 256
    hidden: int = 512
    layers: int = 2
    dropout: float = 0.1
    """Of single features, for every token anew: into, between and out of the layers."""
    batch: int = 64
    """Texts read side by side."""
    chunk: int = 64
    """Tokens between two truncations of back-propagation through time."""
    passes: float = 1.0
    """How often the training texts are read."""
    learning_rate: float = 2e-3
    final_learning_rate: float = 1e-5
    warmup: int = 200
    """Steps of linear warm-up."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """The gradient's largest norm."""
    seed: int = 1
    validate_every: int = 500
    """Steps between two validations, each followed by a checkpoint."""
    validation_tokens: int = 60_000
    """Tokens of validation text read each time."""
    patience: int = 0
    """Validations without improvement before the run stops early; 0: never."""
    precision: str = "bf16"
    """Of the matrix products: `bf16` (autocast) or `fp32`."""
    input_dropout: float = 0.0
    """This and the next four: see `train.regularization`."""
    layer_dropout: float = 0.0
    output_dropout: float = 0.0
    embedding_dropout: float = 0.0
    weight_drop: float = 0.0
    average: float = 0.0
    """Decay, a step, of a running mean of the weights, which is what is validated and kept as best; 0: none."""
    authors: str = ""
    """Whom to read, all if empty: `Jane Austen, Oscar Wilde`, or with tokens a pass: `Jane Austen=600000`."""
    tokens_per_author: int = 0
    """Tokens that a pass reads of each author at most, other parts of the books in every pass; 0: all."""
    passages: str = ""
    """Which parts of the books those tokens are: `simple`, scenes in short sentences, in every pass; empty: any."""

    def __post_init__(self) -> None:
        _check(self)


_POSITIVE = (
    "embedding", "hidden", "layers", "batch", "chunk", "passes", "learning_rate", "clip",
    "validate_every", "validation_tokens",
)  # fmt: skip
_LARGEST = {"embedding": 65_536, "hidden": 65_536, "layers": 100}
_SHARES = (
    "dropout", "input_dropout", "layer_dropout", "output_dropout", "embedding_dropout", "weight_drop", "average",
)  # fmt: skip
_NOT_NEGATIVE = (*_SHARES, "final_learning_rate", "warmup", "weight_decay", "seed", "patience", "tokens_per_author")


def _check(configuration: Configuration) -> None:
    if configuration.precision not in ("bf16", "fp32"):
        raise ConfigurationError(f"precision = {configuration.precision!r}: it must be 'bf16' or 'fp32'")
    if configuration.passages not in ("", "simple"):
        raise ConfigurationError(f"passages = {configuration.passages!r}: it must be 'simple' or empty")
    for field in fields(configuration):
        value = getattr(configuration, field.name)
        if field.type is str:
            if not isinstance(value, str):
                raise ConfigurationError(f"{field.name} = {value!r}: it must be text")
            continue
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or (field.type is float and isinstance(value, float))):
            kind = "a number" if field.type is float else "a whole number"
            raise ConfigurationError(f"{field.name} = {value!r}: it must be {kind}")
        if field.name in _POSITIVE and not 0 < value < float("inf"):
            raise ConfigurationError(f"{field.name} = {value!r}: it must be more than 0")
        if value > _LARGEST.get(field.name, 2**31):
            raise ConfigurationError(f"{field.name} = {value!r}: it must be at most {_LARGEST.get(field.name, 2**31)}")
        if field.name in _NOT_NEGATIVE and not 0 <= value < float("inf"):
            raise ConfigurationError(f"{field.name} = {value!r}: it must be 0 or more")
        if field.name in _SHARES and value >= 1:
            raise ConfigurationError(f"{field.name} = {value!r}: it must be less than 1")


def with_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run, with those that did not exist when it began: they leave everything as it was."""
    return {field.name: field.default for field in fields(Configuration)} | settings


def read_configuration(preset: str, overrides: dict[str, Any]) -> Configuration:
    """A preset's name or a TOML file's path, with single fields replaced."""
    path, values = read_named("preset", preset, PRESETS)
    known_fields = [field.name for field in fields(Configuration)]
    unknown = sorted((values | overrides).keys() - set(known_fields))
    if unknown:
        raise ConfigurationError(f"{path} sets {', '.join(unknown)}, but the settings are {', '.join(known_fields)}")
    return Configuration(**(values | overrides))


def write_configuration(configuration: Configuration, path: Path) -> None:
    """The resolved settings as TOML, one a line."""
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in dataclasses.asdict(configuration).items()
    ]
    path.write_text("".join(lines), encoding="utf-8")
