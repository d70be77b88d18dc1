"""`python -m train corpus`, over a tiny mirror of invented ebooks."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.train.corpus.invented import as_published, invent_chapters
from train.__main__ import main
from train.corpus import building, library
from train.long_work import Work

NOVEL, TALES, HELD_OUT, OTHER = 1, 2, 3, 4
CHAPTERS = {
    NOVEL: invent_chapters(8, seed=1),
    TALES: invent_chapters(3, seed=2),
    HELD_OUT: invent_chapters(4, seed=3),
    OTHER: invent_chapters(5, seed=4),
}
MANIFEST = """
validation_every = 4
[[author]]
name = "Zoe Zephyr"
train = [1, 2]
test = [3]
[[author]]
name = "Anna Acorn"
test_every = 5
train = [4]
"""


class Shelf:
    """A mirror, a manifest and the folders that the command fills."""

    def __init__(self, folder: Path) -> None:
        self.mirror, self.ebooks, self.out = folder / "mirror", folder / "ebooks", folder / "corpus"
        self.manifest = folder / "mine.toml"
        self.manifest.write_text(MANIFEST, encoding="utf-8")
        for ebook, chapters in CHAPTERS.items():
            self.publish(ebook, chapters)

    def publish(self, ebook: int, chapters: list[list[str]]) -> None:
        path = self.mirror / f"cache/epub/{ebook}/pg{ebook}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_published(ebook, f"Book {ebook}", chapters), encoding="utf-8")

    def make(self) -> int:
        folders = ["--ebooks", str(self.ebooks), "--out", str(self.out)]
        return main(["corpus", "--manifest", str(self.manifest), "--mirror", self.mirror.as_uri(), *folders])

    def texts(self) -> dict[str, str]:
        return {str(path.relative_to(self.out)): path.read_text(encoding="utf-8") for path in self.out.glob("*/*.txt")}

    def description(self) -> dict:
        return json.loads((self.out / "corpus.json").read_text(encoding="utf-8"))

    def report(self) -> dict:
        return json.loads((self.out / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def as_text(chapters: list[list[str]]) -> str:
    return "\n".join("".join(f"{paragraph}\n" for paragraph in chapter) for chapter in chapters)


def test_books_are_split_by_book_and_by_chapter(shelf: Shelf) -> None:
    assert shelf.make() == 0
    novel, other = CHAPTERS[NOVEL], CHAPTERS[OTHER]
    assert shelf.texts() == {
        "train/1.txt": as_text(novel[0:3] + novel[4:7]),
        "validation/1.txt": as_text([novel[3], novel[7]]),
        "train/2.txt": as_text(CHAPTERS[TALES]),
        "test/3.txt": as_text(CHAPTERS[HELD_OUT]),
        "train/4.txt": as_text(other[0:3]),
        "validation/4.txt": as_text(other[3:4]),
        "test/4.txt": as_text(other[4:5]),
    }


def test_the_description_has_every_author_book_and_file_with_its_hash(shelf: Shelf) -> None:
    shelf.make()
    description = shelf.description()
    files = {file["path"]: file for book in description["books"] for file in book["files"].values()}
    assert description["authors"] == ["Zoe Zephyr", "Anna Acorn"]
    assert [(book["id"], book["author"], book["title"], book["split"]) for book in description["books"]] == [
        (1, "Zoe Zephyr", "Book 1", "train"),
        (2, "Zoe Zephyr", "Book 2", "train"),
        (3, "Zoe Zephyr", "Book 3", "test"),
        (4, "Anna Acorn", "Book 4", "train"),
    ]
    assert {path: file["sha256"] for path, file in files.items()} == {
        path: sha256(text.encode()).hexdigest() for path, text in shelf.texts().items()
    }
    assert {path: file["characters"] for path, file in files.items()} == {
        path: len(text.replace("\n\n", "\n")) for path, text in shelf.texts().items()
    }


def test_the_report_says_what_each_book_gave(shelf: Shelf) -> None:
    shelf.make()
    novel = shelf.report()["books"][0]
    assert (novel["chapters"], novel["paragraphs"], novel["words"]) == (8, 32, 32 * 30)
    assert novel["splits"]["validation"]["chapters"] == 2
    assert novel["dropped"]["header"] > 100


def test_the_report_is_a_page_with_a_row_a_book(shelf: Shelf) -> None:
    shelf.make()
    page = (shelf.out / "report.md").read_text(encoding="utf-8")
    assert "| 1 | Zoe Zephyr | Book 1 | train (6), validation (2) | 8 | 32 | 960 |" in page
    assert "stand in test text too: 0." in page


def test_a_second_run_asks_the_mirror_for_nothing_and_writes_nothing(shelf: Shelf, monkeypatch) -> None:
    shelf.make()
    before = {path: path.stat().st_mtime_ns for path in shelf.out.rglob("*")}
    for path in shelf.mirror.rglob("*.txt"):
        path.unlink()
    monkeypatch.setattr(library, "clean", None)  # cleaning again would fail
    assert shelf.make() == 0
    assert {path: path.stat().st_mtime_ns for path in shelf.out.rglob("*")} == before


def test_only_a_book_that_is_new_in_the_manifest_is_cleaned(shelf: Shelf, monkeypatch) -> None:
    shelf.make()
    shelf.publish(5, invent_chapters(2, seed=5))
    shelf.manifest.write_text(MANIFEST.replace("[1, 2]", "[1, 2, 5]"), encoding="utf-8")
    cleaned = []
    clean = library.clean
    monkeypatch.setattr(library, "clean", lambda raw: cleaned.append(raw) or clean(raw))
    assert shelf.make() == 0
    assert ["[eBook #5]" in raw for raw in cleaned] == [True]
    assert "train/5.txt" in shelf.texts()


def test_a_damaged_file_is_written_again(shelf: Shelf) -> None:
    shelf.make()
    before = shelf.texts()
    (shelf.out / "train/1.txt").write_text("half a sen", encoding="utf-8")
    (shelf.out / "validation/1.txt").unlink()
    shelf.make()
    assert shelf.texts() == before


def test_a_book_that_left_the_manifest_leaves_the_corpus(shelf: Shelf) -> None:
    shelf.make()
    shelf.manifest.write_text(MANIFEST.replace("[1, 2]", "[1]"), encoding="utf-8")
    shelf.make()
    assert "train/2.txt" not in shelf.texts()


def test_a_better_cleaner_cleans_every_book_anew(shelf: Shelf, monkeypatch) -> None:
    shelf.make()
    cleaned = []
    clean = library.clean
    monkeypatch.setattr(library, "clean", lambda raw: cleaned.append(raw) or clean(raw))
    monkeypatch.setattr(library, "code_identity", lambda _: "another")
    monkeypatch.setattr(building, "code_identity", lambda: "another")
    shelf.make()
    assert len(cleaned) == 4


def test_a_tale_that_stands_in_two_books_is_kept_once(shelf: Shelf) -> None:
    shelf.publish(TALES, [*CHAPTERS[TALES], CHAPTERS[NOVEL][1]])
    shelf.make()
    assert shelf.texts()["train/2.txt"] == as_text(CHAPTERS[TALES])
    assert shelf.report()["books"][1]["dropped"]["repeats"] == len(as_text([CHAPTERS[NOVEL][1]]))


def test_a_piece_of_a_test_book_is_kept_out_of_a_train_book_that_comes_before_it(shelf: Shelf) -> None:
    shelf.publish(NOVEL, [CHAPTERS[HELD_OUT][2], *CHAPTERS[NOVEL]])
    shelf.make()
    assert CHAPTERS[HELD_OUT][2][0] not in "".join(
        text for path, text in shelf.texts().items() if not path.startswith("test/")
    )
    assert CHAPTERS[HELD_OUT][2][0] in shelf.texts()["test/3.txt"]


def test_a_quotation_from_a_test_book_is_counted(shelf: Shelf) -> None:
    quoted = " ".join(CHAPTERS[HELD_OUT][0][0].split()[:15])  # three runs of 13 words
    chapters = [[*CHAPTERS[TALES][0], f"{quoted}."], *CHAPTERS[TALES][1:]]
    shelf.publish(TALES, chapters)
    shelf.make()
    assert [book["runs_shared_with_test"] for book in shelf.report()["books"]] == [0, 3, 0, 0]


def test_an_interrupted_run_leaves_no_description_and_is_finished_by_the_next(shelf: Shelf, monkeypatch) -> None:
    shelf.make()
    complete = shelf.texts()
    shelf.manifest.write_text(MANIFEST.replace("validation_every = 4", "validation_every = 3"), encoding="utf-8")
    write, written = building.write_atomically, []

    def interrupted(path: Path, content: bytes) -> None:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(path)
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(building, "write_atomically", interrupted)
        assert shelf.make() == 130
    assert not (shelf.out / "corpus.json").exists()
    assert list(shelf.out.rglob("*.partial")) == []
    shelf.manifest.write_text(MANIFEST, encoding="utf-8")
    shelf.make()
    assert shelf.texts() == complete


def test_a_missing_ebook_is_one_sentence_and_leaves_no_corpus(shelf: Shelf, capsys) -> None:
    (shelf.mirror / "cache/epub/2/pg2.txt").unlink()
    assert shelf.make() == 2
    errors = capsys.readouterr().err
    assert errors.startswith("error: ebook 2 is not on the mirror file://")
    assert errors.count("\n") == 1
    assert not shelf.out.exists()


def test_a_run_that_failed_keeps_the_ebooks_it_had_fetched(shelf: Shelf) -> None:
    (shelf.mirror / "cache/epub/2/pg2.txt").unlink()
    shelf.make()
    shelf.publish(TALES, CHAPTERS[TALES])
    (shelf.mirror / "cache/epub/1/pg1.txt").unlink()
    assert shelf.make() == 0


def test_a_kept_ebook_that_is_another_is_refused(shelf: Shelf, capsys) -> None:
    shelf.make()
    (shelf.ebooks / "pg1.txt").write_text((shelf.ebooks / "pg2.txt").read_text())
    assert shelf.make() == 2
    assert "pg1.txt is not ebook 1: its header says 2" in capsys.readouterr().err


def test_an_ebook_without_any_text_is_an_error(shelf: Shelf, capsys) -> None:
    shelf.publish(TALES, [])
    assert shelf.make() == 2
    assert "ebook 2 ('Book 2') has no text left after cleaning" in capsys.readouterr().err


def test_a_book_of_which_most_is_left_out_is_heard_of_each_time(shelf: Shelf, capsys) -> None:
    path = shelf.mirror / "cache/epub/2/pg2.txt"
    verse = "The road is long\nAnd wet the day;\nThe cart has gone\nThe other way.\n\n"
    path.write_text(path.read_text().replace("CHAPTER 1\n\n", f"CHAPTER 1\n\n{verse * 60}"))
    for _ in range(2):
        assert shelf.make() == 0
        warned = capsys.readouterr().err
        assert warned.startswith("warning: ebook 2: only ")
        assert warned.count("warning") == 1
    assert "verse 3," in shelf.report()["doubtful"]["2"]
    assert "| 2 | Book 2 | only " in (shelf.out / "report.md").read_text()


def test_a_corpus_of_prose_has_nothing_to_look_at(shelf: Shelf, capsys) -> None:
    assert shelf.make() == 0
    assert "warning" not in capsys.readouterr().err
    assert shelf.report()["doubtful"] == {}
    assert "Books to look at" not in (shelf.out / "report.md").read_text()


def test_a_folder_that_cannot_be_written_is_one_sentence(shelf: Shelf, capsys) -> None:
    shelf.out.write_text("a file where the folder should be")
    assert shelf.make() == 2
    assert capsys.readouterr().err.startswith(f"error: cannot write the corpus {shelf.out}")


@pytest.mark.parametrize("pause", ["-1", "nan", "1e9"])
def test_a_pause_that_makes_no_sense_is_refused(shelf: Shelf, capsys, pause: str) -> None:
    assert main(["corpus", "--manifest", str(shelf.manifest), "--pause", pause]) == 2
    assert "the wait must be from 0 to 3600 seconds" in capsys.readouterr().err


def test_the_command_says_how_much_text_each_split_has(shelf: Shelf, capsys) -> None:
    shelf.make()
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith(f"{shelf.out}/test: 2 books, 5 chapters, ")


def test_the_environment_names_the_mirror(shelf: Shelf, monkeypatch) -> None:
    monkeypatch.setenv("GUTENBERG_MIRROR", shelf.mirror.as_uri())
    options = ["--manifest", str(shelf.manifest), "--ebooks", str(shelf.ebooks), "--out", str(shelf.out)]
    assert main(["corpus", *options]) == 0


def test_texts_of_the_folders_owner_stay(shelf: Shelf) -> None:
    diary = shelf.out / "train" / "diary.txt"
    diary.parent.mkdir(parents=True)
    diary.write_text("My own.", encoding="utf-8")
    assert shelf.make() == 0
    shelf.manifest.write_text(MANIFEST.replace("train = [1, 2]", "train = [1]"), encoding="utf-8")
    assert shelf.make() == 0
    assert diary.read_text(encoding="utf-8") == "My own."


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"books": 7}'])
def test_a_damaged_description_is_made_again(shelf: Shelf, content: bytes) -> None:
    assert shelf.make() == 0
    (shelf.out / "corpus.json").write_bytes(content)
    assert shelf.make() == 0
    assert len(shelf.description()["books"]) == 4


def test_every_long_step_speaks(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Work, "_speak", lambda work: print(work, file=sys.stderr))
    assert shelf.make() == 0
    said = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert {"fetch the ebooks", "clean", "read test text", "write"} <= {*said}
