"""Stories in a folder, told at fixed times, for tests of the commands."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

from lambda_fn.commands import preview_next, reset, show, tell_next
from lambda_fn.language.bundle import load_bundle
from lambda_fn.settings import Settings
from lambda_fn.storage.folder import FolderStore
from lambda_fn.story.record import Page
from lambda_fn.writing.storyteller import Storyteller

storyteller = cache(lambda bundle: Storyteller(load_bundle(bundle)))


def without_words(bundle: Path, copy: Path, name: str = "wordless") -> Path:
    """A copy of a bundle without its list of words: an untrained model makes up nearly all of its words."""
    shutil.copytree(bundle, copy)
    document = json.loads((copy / "bundle.json").read_text())
    del document["files"]["words.txt"]
    (copy / "bundle.json").write_text(json.dumps(document | {"name": name}))
    return copy


def another(bundle: Path, copy: Path, name: str = "another") -> Path:
    """A copy of a bundle that tells the same under another identity: its tokenizer is spaced otherwise."""
    shutil.copytree(bundle, copy)
    tokenizer = json.dumps(json.loads((bundle / "tokenizer.json").read_text()), indent=7).encode()
    (copy / "tokenizer.json").write_bytes(tokenizer)
    document = json.loads((bundle / "bundle.json").read_text())
    document["files"]["tokenizer.json"] = hashlib.sha256(tokenizer).hexdigest()
    (copy / "bundle.json").write_text(json.dumps(document | {"name": name}))
    return copy


def of_format_1(tiny_bundle: Path, folder: Path) -> "Shelf":
    """Two stories and their bundle, as this program wrote them when pages had no number and a bundle was called by the
    SHA-256 of its bundle.json: `told` of three tweets, the second in another style; `posted` of two, a third in flight.
    """
    kept = tiny_bundle.parent / "format_1"
    bundle = Path(shutil.copytree(tiny_bundle, folder / "bundle"))
    shutil.copyfile(kept / "bundle.json", bundle / "bundle.json")
    return Shelf(Path(shutil.copytree(kept / "stories", folder / "stories")), bundle)


class Shelf:
    """A folder of stories and a bundle."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        self.folder, self.bundle = folder, bundle

    def settings(self, **overrides: object) -> Settings:
        environment = {"STORY_URI": str(self.folder), "MODEL_URI": str(self.bundle), "STORY_PROMPT": "It was"}
        return Settings.resolve(overrides, environment)

    def tell(self, number: int = 1, clock: Callable[[], datetime] | None = None, **overrides: object) -> list[Page]:
        return list(self.telling(number, clock, **overrides))

    def telling(
        self, number: int = 1, clock: Callable[[], datetime] | None = None, **overrides: object
    ) -> Iterator[Page]:
        settings = self.settings(**overrides)
        return tell_next(
            settings, self.store(), storyteller(Path(settings.model_uri or "")), number, clock or self._clock
        )

    def show(self, **overrides: object) -> Iterator[Page]:
        return show(self.settings(**overrides))

    def reset(self, **overrides: object) -> str:
        return reset(self.settings(**overrides))

    def preview(self, number: int = 1, **overrides: object) -> list[Page]:
        settings = self.settings(**overrides)
        return list(
            preview_next(settings, self.store(), storyteller(Path(settings.model_uri or "")), number, self._clock)
        )

    def store(self) -> FolderStore:
        return FolderStore(self.folder)

    def _clock(self) -> datetime:
        # Each tweet's time follows from how many there are, so that stories told alike are alike byte for byte.
        return datetime(2026, 1, 1, 0, len(list(self.folder.rglob("tweets/*.json"))), tzinfo=UTC)

    def content(self, story: str | None = None) -> dict[str, str]:
        """Every file (of one story, if it is named) and the SHA-256 of what is in it, but for the lock."""
        root = self.folder / story if story else self.folder
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }

    def record(self, story: str = "main") -> dict[str, object]:
        document: dict[str, object] = json.loads((self.folder / story / "story.json").read_text())
        return document


def shelves(folder: Path, bundle: Path) -> Iterator[Shelf]:
    """As many empty ones as are asked for."""
    for number in count():
        yield Shelf(folder / str(number), bundle)
