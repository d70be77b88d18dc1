"""From a manifest to a corpus folder: fetch, clean, split, write.

<out>/{train,validation,test}/<ebook>.txt    one paragraph a line, an empty line between chapters
<out>/report.json, <out>/report.md           how much text each book gave, and what was dropped
<out>/corpus.json                            the manifest, every book, every file's SHA-256; written last
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train.corpus.cleaning import Chapter
from train.corpus.library import Ebook, Library, code_identity
from train.corpus.manifest import SPLITS, Manifest, ManifestBook, Split
from train.corpus.repeats import REPEATED, Earlier, Hashes, count_shared, distinct, run_hashes
from train.corpus.report import Amount, BookReport, left_out, report_content, report_markdown
from train.errors import CorpusError
from train.files import write_atomically
from train.formats import CORPUS
from train.long_work import track


def build_corpus(manifest: Manifest, out: Path, library: Library) -> dict[str, Any]:
    """Bring the corpus folder `out` up to date; returns what its report.json says.

    Only what is missing or has changed is fetched, cleaned and written. A folder without `corpus.json`, which is
    written last, is not a corpus. Raises DownloadError, CorpusError.
    """
    sources = [_Source(book, library.fetch(book.ebook)) for book in track(manifest.books, "fetch the ebooks", "book")]
    corpus = _Corpus(manifest, sources, out, library)
    try:
        report = corpus.report_if_up_to_date()
        if report is None:
            for source in track(sources, "clean", "book"):
                library.cleaned(source.ebook)
            report = corpus.write()
    except OSError as error:
        raise CorpusError(f"cannot write the corpus {out}: {error}") from error
    return report


@dataclass(frozen=True)
class _Source:
    """A book of the manifest, and its ebook."""

    book: ManifestBook
    ebook: Ebook


@dataclass(frozen=True)
class _Part:
    """The chapters of one book that go to one split."""

    split: Split
    chapters: Sequence[Chapter]

    def content(self) -> bytes:
        chapters = ("".join(f"{line}\n" for line in chapter.paragraphs) for chapter in self.chapters)
        return "\n".join(chapters).encode("utf-8")

    def amount(self) -> Amount:
        return sum((Amount.of_chapter(chapter.paragraphs) for chapter in self.chapters), Amount())


class _Corpus:
    def __init__(self, manifest: Manifest, sources: Sequence[_Source], out: Path, library: Library) -> None:
        self.manifest, self.sources, self.out, self.library = manifest, sources, out, library
        self.earlier = Earlier()
        self.test: Hashes = np.empty(0, dtype=np.uint64)
        made_from = [code_identity(), manifest.content(), [source.ebook.sha256 for source in sources]]
        self.made_from = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()

    def report_if_up_to_date(self) -> dict[str, Any] | None:
        """Return the folder's report if it was made from these ebooks by this code, and every file is as written."""
        try:
            description = json.loads((self.out / "corpus.json").read_bytes())
            if description.get("made_from") != self.made_from:
                return None
            for file in (file for book in description["books"] for file in book["files"].values()):
                if hashlib.sha256((self.out / file["path"]).read_bytes()).hexdigest() != file["sha256"]:
                    return None
            report: dict[str, Any] = json.loads((self.out / "report.json").read_bytes())
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return None  # missing or damaged: it is made again
        return report

    def write(self) -> dict[str, Any]:
        self.out.mkdir(parents=True, exist_ok=True)
        written_before = self.files_of_earlier_build()
        (self.out / "corpus.json").unlink(missing_ok=True)
        self.read_test_text()
        reports: list[BookReport] = []
        entries: list[dict[str, Any]] = []
        for source in track(self.sources, "write", "book"):
            report, entry = self.write_book(source)
            reports.append(report)
            entries.append(entry)
        for path in written_before - {file["path"] for entry in entries for file in entry["files"].values()}:
            (self.out / path).unlink(missing_ok=True)
        content = report_content(self.manifest, reports)
        write_atomically(self.out / "report.md", report_markdown(self.manifest, reports).encode("utf-8"))
        write_atomically(self.out / "report.json", _json(content))
        description = {
            "format": CORPUS,
            "name": self.manifest.name,
            "authors": list(self.manifest.authors),
            "manifest": self.manifest.content(),
            "books": entries,
            "made_from": self.made_from,
        }
        write_atomically(self.out / "corpus.json", _json(description))
        return content

    def read_test_text(self) -> None:
        """Read all test text first, so that no piece of it is let into train or validation text."""
        for source in track(self.sources, "read test text", "book"):
            if source.book.split == "test" or source.book.test_every:
                chapters = [chapter for split, chapter in self.chapters(source) if split == "test"]
                hashes = [run_hashes("\n".join(chapter.paragraphs)) for chapter in chapters]
                self.earlier.add(hashes)
                self.test = distinct(np.concatenate([self.test, *hashes]))

    def chapters(self, source: _Source) -> Iterator[tuple[Split, Chapter]]:
        for number, chapter in enumerate(self.library.cleaned(source.ebook).chapters, start=1):
            if chapter.paragraphs:
                yield source.book.split_of(number), chapter

    def write_book(self, source: _Source) -> tuple[BookReport, dict[str, Any]]:
        kept: dict[Split, list[Chapter]] = {split: [] for split in SPLITS}
        cleaned = self.library.cleaned(source.ebook)
        dropped = dict(cleaned.dropped)
        learnt: list[Hashes] = []
        for split, chapter in self.chapters(source):
            if split != "test":
                hashes = run_hashes("\n".join(chapter.paragraphs))
                if self.earlier.share(hashes) > REPEATED:
                    repeated = Amount.of_chapter(chapter.paragraphs).characters
                    dropped["repeats"] = dropped.get("repeats", 0) + repeated
                    continue
                learnt.append(hashes)
            kept[split].append(chapter)
        self.earlier.add(learnt)
        shared = sum(count_shared(hashes, self.test) for hashes in learnt)
        parts = [_Part(split, chapters) for split, chapters in kept.items() if chapters]
        if not parts and "repeats" not in dropped:
            raise CorpusError(
                f"ebook {source.book.ebook} ('{source.ebook.title}') has no text left after cleaning; "
                f"left out: {left_out(dropped)}"
            )
        amounts = {part.split: part.amount() for part in parts}
        entry = {
            "id": source.book.ebook,
            "author": source.book.author,
            "title": source.ebook.title,
            "split": source.book.split,
            "ebook_sha256": source.ebook.sha256,
            "files": {
                part.split: self.write_part(f"{part.split}/{source.book.ebook}.txt", part.content())
                | vars(amounts[part.split])
                for part in parts
            },
        }
        return BookReport(source.book, source.ebook.title, amounts, dropped, cleaned.prose_share, shared), entry

    def write_part(self, name: str, content: bytes) -> dict[str, Any]:
        path = self.out / name
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(path, content)
        return {"path": name, "sha256": hashlib.sha256(content).hexdigest()}

    def files_of_earlier_build(self) -> set[str]:
        """The texts that this command wrote here before, and no other: the folder may hold its owner's own."""
        try:
            books = json.loads((self.out / "corpus.json").read_bytes())["books"]
            return {f"{split}/{int(book['id'])}.txt" for book in books for split in book["files"] if split in SPLITS}
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return set()


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
