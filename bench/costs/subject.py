"""What is measured: a bundle and the package that holds it; how much of everything; and what was found so far."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.cold_start import build_with_pip
from bench.errors import BenchError
from bench.report.cache import Result
from lambda_fn.language.bundle import DESCRIPTION, Bundle, load_bundle


@dataclass(frozen=True)
class Counts:
    """Sizes of the measures."""

    rounds: int = 40
    """In which every way of making a token takes a few steps."""
    large: tuple[int, int] = (512, 1024)
    """Embedding and hidden units of the second model that a token is made with: 19 million parameters."""
    sizes: tuple[tuple[int, int], ...] = ((80, 160), (160, 352), (256, 512), (512, 1024), (768, 1536), (1232, 2496))
    """Embedding and hidden units of models from 1 to 100 million parameters."""
    tweets: int = 40
    """Told with each number of candidates."""
    candidates: int = 1
    """The lesser number of candidates; the other is the bundle's own."""
    lengths: tuple[int, ...] = (1, 10, 100, 1_000, 10_000, 100_000)
    """Tweets that a story has when it goes on."""
    begun: int = 20
    """Tweets whose words the texts of those stories are made of."""
    further: int = 30
    """Tweets that each of those stories goes on for."""
    settings: tuple[int, ...] = (512, 1_024, 1_769)
    """Megabytes of memory of the function, from the least that the stack allows: they decide its share of a core."""
    cold_starts: int = 5
    """Of each package with each of these settings."""


FULL = Counts()
QUICK = Counts(
    rounds=2, large=(24, 32), sizes=((8, 12), (16, 24)), tweets=2, lengths=(1, 30), begun=1, further=1,
    settings=(1_024,), cold_starts=1,
)  # fmt: skip


@dataclass
class Subject:
    """A bundle, the package that `make build` made, and what the measures before have found, by their names."""

    folder: Path
    """Of the bundle."""
    package: Path
    counts: Counts = FULL
    work: Path = Path(".aws-sam")
    """A folder for what is made to be measured."""
    ancestor: Path | None = None
    """A Python that has Keras and TensorFlow, for the ancestor's stack; None: that is left out."""
    found: dict[str, Result] = field(default_factory=dict)

    @cached_property
    def bundle(self) -> Bundle:
        """The bundle, checked. Raises `BundleError`."""
        return load_bundle(self.folder)

    @cached_property
    def description(self) -> dict[str, Any]:
        """Its `bundle.json`."""
        described: dict[str, Any] = json.loads((self.folder / DESCRIPTION).read_bytes())
        return described

    @property
    def no_package(self) -> str | None:
        """Why nothing of the package can be measured, or None."""
        there = (self.package / "lambda_fn").is_dir()
        return None if there else f"{self.package} is no package; `make build` makes one"

    @cached_property
    def pip_package(self) -> Path:
        """The package as plain pip builds it. Raises `BenchError` if it cannot be built."""
        folder = self.work / "pip"
        build_with_pip(folder)
        return folder

    @property
    def bundle_bytes(self) -> int:
        """Of all its files."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def earlier(self, measure: str) -> Result:
        """What a measure before this one found. Raises `BenchError` if it has not been made."""
        if measure not in self.found:
            raise BenchError(f"{measure} has to be measured first")
        return self.found[measure]
