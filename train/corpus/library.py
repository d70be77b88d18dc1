"""The ebooks that this machine has: as published, and cleaned.

<folder>/pg<ebook>.txt            the text as published, in UTF-8
<folder>/cleaned/pg<ebook>.json   its chapters, kept until the text or the cleaner changes
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from train.corpus.cleaning import Chapter, CleanedBook, clean
from train.corpus.download import Mirror, check_ebook
from train.corpus.report import title_of
from train.errors import DownloadError
from train.files import write_atomically

_NOT_CLEANING = (
    "audit", "building", "command", "decoding", "download", "library", "manifest", "options", "repeats", "report",
)  # fmt: skip


@dataclass(frozen=True)
class Ebook:
    """An ebook that is in the library, and the SHA-256 of its text in UTF-8."""

    ebook: int
    title: str
    sha256: str


@dataclass(frozen=True)
class Library:
    """A folder of ebooks, and the mirror that fills it."""

    folder: Path
    mirror: Mirror

    def fetch(self, ebook: int) -> Ebook:
        """Make sure that an ebook is here, asking the mirror only if it is not. Raises DownloadError."""
        text = self._text(ebook)
        return Ebook(ebook, title_of(text), hashlib.sha256(text.encode("utf-8")).hexdigest())

    def cleaned(self, ebook: Ebook) -> CleanedBook:
        """Clean an ebook, or read what came of it last time if neither its text nor the cleaner has changed since."""
        path = self.folder / "cleaned" / f"pg{ebook.ebook}.json"
        key = f"{ebook.sha256}-{code_identity(_NOT_CLEANING)}"
        kept = _read_json(path)
        if kept.get("key") == key:
            chapters = tuple(Chapter(heading, tuple(paragraphs)) for heading, paragraphs in kept["chapters"])
            return CleanedBook(chapters, kept["dropped"], kept["doubtful"])
        cleaned = clean(self._text(ebook.ebook))
        content = {
            "key": key,
            "dropped": dict(cleaned.dropped),
            "doubtful": cleaned.doubtful,
            "chapters": [[chapter.heading, chapter.paragraphs] for chapter in cleaned.chapters],
        }
        write_atomically(path, json.dumps(content, ensure_ascii=False).encode("utf-8"))
        return cleaned

    def _text(self, ebook: int) -> str:
        path = self.folder / f"pg{ebook}.txt"
        try:
            if path.exists():
                return check_ebook(path.read_bytes(), ebook, str(path))
            text = self.mirror.fetch(ebook)
            write_atomically(path, text.encode("utf-8"))
        except OSError as error:
            raise DownloadError(f"cannot keep ebook {ebook} in {path}: {error.strerror}") from error
        return text


@cache
def code_identity(without: Collection[str] = ()) -> str:
    """Return the SHA-256 of this package's code, but for some modules: what another code made is made anew."""
    files = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in without)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one stands for a file that is missing or damaged."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
