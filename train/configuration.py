"""The settings of a training run: one TOML file, every field checked by name.

Presets and recipes are TOML files that are known by a name where they ship with the package, else by their path.
"""

import dataclasses
import itertools
import json
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from train.errors import ConfigurationError
from train.files import write_atomically

PRESETS, RECIPES = (Path(__file__).parent / folder for folder in ("presets", "recipes"))

PRECISIONS = AUTO, BF16, FP32 = "auto", "bf16", "fp32"
"""The values of `precision`."""


def _setting(default: Any, meaning: str) -> Any:
    """Declare a field with its meaning, which `python -m train fit --help` prints."""
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Configuration:
    """The settings of a training run. Sizes are in units of the model's vectors, rates are AdamW's."""

    embedding: int = _setting(256, "units of a token's vector, which the output layer shares")
    hidden: int = _setting(512, "units of an LSTM layer")
    layers: int = _setting(2, "LSTM layers")
    dropout: float = _setting(0.1, "of single features, for every token anew: into, between and out of the layers")
    batch: int = _setting(64, "texts read side by side")
    chunk: int = _setting(64, "tokens between two truncations of back-propagation through time")
    passes: float = _setting(1.0, "how often the training texts are read")
    learning_rate: float = _setting(2e-3, "AdamW's, after the warm-up")
    final_learning_rate: float = _setting(1e-5, "at the last step, after half a cosine")
    warmup: int = _setting(200, "steps of linear warm-up")
    weight_decay: float = _setting(0.01, "of all weights but the biases")
    clip: float = _setting(1.0, "the gradient's largest norm")
    seed: int = _setting(1, "of the first weights, the order of the texts and what is dropped")
    validate_every: int = _setting(500, "steps between two validations, each followed by a checkpoint")
    validation_tokens: int = _setting(60_000, "tokens of validation text read each time")
    patience: int = _setting(0, "validations without improvement before the run stops early; 0: never")
    precision: str = _setting(
        AUTO, "of the matrix products: bf16 (autocast), fp32, or auto: the faster that works when it is tried"
    )
    input_dropout: float = _setting(0.0, "of the features that enter the first layer, the same for a whole chunk")
    layer_dropout: float = _setting(0.0, "of the features between two layers, likewise")
    output_dropout: float = _setting(0.0, "of the features that leave the last layer, likewise")
    embedding_dropout: float = _setting(0.0, "of the vocabulary, likewise")
    weight_drop: float = _setting(0.0, "of the recurrent weights, likewise")
    average: float = _setting(
        0.0, "decay, a step, of a running mean of the weights, which is validated and kept as best; 0: none"
    )
    authors: str = _setting("", "whom to read: 'Jane Austen, Oscar Wilde=600000' (tokens a pass); empty: all")
    tokens_per_author: int = _setting(
        0, "tokens that a pass reads of each author at most, other parts of the books in every pass; 0: all"
    )
    passages: str = _setting(
        "", "which parts of the books those are: simple, scenes in short sentences, in every pass; empty: any"
    )

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
    if configuration.precision not in PRECISIONS:
        raise ConfigurationError(f"precision = {configuration.precision!r}: it must be 'auto', 'bf16' or 'fp32'")
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
    """Complete the settings of an older run by the defaults of newer settings, which change nothing."""
    return {field.name: field.default for field in fields(Configuration)} | settings


def read_configuration(preset: str, overrides: dict[str, Any]) -> Configuration:
    """Read a preset, by its name or the path of a TOML file, with single fields replaced.

    Raises `ConfigurationError`, naming the field, its value and what is allowed.
    """
    path, values = read_named("preset", preset, PRESETS)
    known_fields = [field.name for field in fields(Configuration)]
    unknown = sorted((values | overrides).keys() - set(known_fields))
    if unknown:
        raise ConfigurationError(f"{path} sets {', '.join(unknown)}, but the settings are {', '.join(known_fields)}")
    return Configuration(**(values | overrides))


def write_configuration(configuration: Configuration, path: Path) -> None:
    """Write the resolved settings as TOML, one a line."""
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in dataclasses.asdict(configuration).items()
    ]
    write_atomically(path, "".join(lines).encode("utf-8"))


def read_named(kind: str, name: str, shipped: Path) -> tuple[Path, dict[str, Any]]:
    """Read the file called `name` in the folder `shipped`, or at the path `name`; return its path and content.

    Raises `ConfigurationError` in one sentence, in which the file is called a `kind`.
    """
    path = shipped / f"{name}.toml" if "/" not in name and not name.endswith(".toml") else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in shipped.glob("*.toml")))
        raise ConfigurationError(f"there is no {kind} or file {name!r}: give a TOML file or one of {known}")
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def first_sentences(shipped: Path) -> dict[str, str]:
    """Return, by name, the first sentence of the comment that each shipped file begins with."""
    sentences = {}
    for path in sorted(shipped.glob("*.toml")):
        lines = itertools.takewhile(lambda line: line.startswith("#"), path.read_text(encoding="utf-8").splitlines())
        comment = " ".join(line.lstrip("# ") for line in lines)
        sentences[path.stem] = re.split(r"(?<=\.)\s|$", comment, maxsplit=1)[0]
    return sentences
