"""Manifests: what they say, and what they must not say."""

from pathlib import Path

import pytest

from train.corpus.manifest import SHIPPED, ManifestBook, load_manifest, manifest_path
from train.errors import ManifestError


def load(folder: Path, text: str):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_manifest(path)


def test_a_manifest_names_its_authors_in_order_and_their_books(tmp_path: Path) -> None:
    manifest = load(
        tmp_path,
        """
        description = "two authors"
        [[author]]
        name = "Zoe Zephyr"
        train = [3, 1]
        test = [2]
        [[author]]
        name = "Anna Acorn"
        train = [9]
        validation = [8]
        """,
    )
    assert (manifest.name, manifest.description) == ("mine", "two authors")
    assert manifest.authors == ("Zoe Zephyr", "Anna Acorn")
    assert [(book.ebook, book.author, book.split) for book in manifest.books] == [
        (3, "Zoe Zephyr", "train"),
        (1, "Zoe Zephyr", "train"),
        (2, "Zoe Zephyr", "test"),
        (9, "Anna Acorn", "train"),
        (8, "Anna Acorn", "validation"),
    ]


def test_the_innermost_hold_out_counts_and_zero_switches_it_off(tmp_path: Path) -> None:
    manifest = load(
        tmp_path,
        """
        validation_every = 12
        [[author]]
        name = "Zoe Zephyr"
        validation_every = 7
        train = [1, {ebook = 2, validation_every = 5, test_every = 10}, {ebook = 3, validation_every = 0}]
        test = [4]
        [[author]]
        name = "Anna Acorn"
        train = [5]
        """,
    )
    assert [(book.ebook, book.validation_every, book.test_every) for book in manifest.books] == [
        (1, 7, 0),
        (2, 5, 10),
        (3, 0, 0),
        (4, 0, 0),
        (5, 12, 0),
    ]


def test_every_nth_chapter_is_held_out_and_test_comes_before_validation() -> None:
    book = ManifestBook(1, "Zoe Zephyr", "train", validation_every=3, test_every=6)
    splits = [book.split_of(chapter) for chapter in range(1, 13)]
    assert splits == ["train", "train", "validation", "train", "train", "test"] * 2


def test_an_accented_name_is_one_name_however_it_was_typed(tmp_path: Path) -> None:
    decomposed = "Emily Bronte\u0308"
    manifest = load(tmp_path, f'[[author]]\nname = " {decomposed}  "\ntrain = [1]')
    assert manifest.authors == ("Emily Brontë",)


AUTHOR = '[[author]]\nname = "Zoe Zephyr"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "at least one [[author]] table"),
        ("author = 3", "at least one [[author]] table"),
        ("[[author]\n", "not valid TOML"),
        (f"verbose = true\n{AUTHOR}train = [1]", "unknown key 'verbose' in the manifest"),
        (f"description = 7\n{AUTHOR}train = [1]", "'description' must be a text, not 7"),
        (f"{AUTHOR}trian = [1]", "unknown key 'trian' in author 'Zoe Zephyr'"),
        ("[[author]]\ntrain = [1]", "'name' of an author must be a text that is not empty, not None"),
        ('[[author]]\nname = "A=B"\ntrain = [1]', "may not contain ',' or '='"),
        (
            f"{AUTHOR}train = [1]\n{AUTHOR.upper().replace('AUTHOR', 'author').replace('NAME', 'name')}train = [2]",
            "twice",
        ),
        (f"{AUTHOR}test = [1]", "author 'Zoe Zephyr' has no ebook in 'train'"),
        (f"{AUTHOR}train = 1", "'train' of author 'Zoe Zephyr' must be a list of ebook numbers, not 1"),
        (f'{AUTHOR}train = ["Emma"]', "must be an ebook number from 1 to 9999999, not 'Emma'"),
        (f"{AUTHOR}train = [true]", "must be an ebook number from 1 to 9999999, not True"),
        (f"{AUTHOR}train = [0]", "must be an ebook number from 1 to 9999999, not 0"),
        (f"{AUTHOR}train = [{{ebook = 1, every = 3}}]", "unknown key 'every' in an ebook in 'train'"),
        (f"{AUTHOR}train = [{{test_every = 3}}]", "must be an ebook number from 1 to 9999999, not None"),
        (f"{AUTHOR}train = [1]\ntest = [{{ebook = 2, test_every = 3}}]", "is held out whole"),
        (f"validation_every = 1\n{AUTHOR}train = [1]", "'validation_every' of the manifest must be a whole number"),
        (f"{AUTHOR}test_every = 2.5\ntrain = [1]", "'test_every' of author 'Zoe Zephyr' must be a whole number"),
        (f"{AUTHOR}train = [5, 5]", "ebook 5 is there twice"),
        (f"{AUTHOR}train = [5]\ntest = [5]", "in 'train' of author 'Zoe Zephyr' and in 'test' of author 'Zoe Zephyr'"),
    ],
)
def test_a_wrong_manifest_is_one_sentence_that_names_the_file(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, text)
    assert sentence in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_name_finds_a_shipped_manifest_and_anything_else_is_a_path(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("", encoding="utf-8")
    assert manifest_path("austen") == SHIPPED / "austen.toml"
    assert manifest_path(str(mine)) == mine


def test_a_manifest_that_is_not_there_lists_the_shipped_ones() -> None:
    with pytest.raises(ManifestError, match=r"no manifest 'dickens': .* one of austen, century"):
        manifest_path("dickens")


def test_a_file_that_is_not_text_is_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManifestError, match="cannot read the manifest"):
        load_manifest(path)


@pytest.mark.parametrize("name", ["austen", "century"])
def test_persuasion_is_test_text_in_every_shipped_manifest(name: str) -> None:
    manifest = load_manifest(manifest_path(name))
    assert [book.ebook for book in manifest.books if book.split == "test" and book.author == "Jane Austen"] == [105]
    assert manifest.authors[0] == "Jane Austen"


def test_every_seed_author_of_the_century_has_a_book_or_every_tenth_chapter_held_out() -> None:
    manifest = load_manifest(manifest_path("century"))
    held_out = {book.author for book in manifest.books if book.split == "test" or book.test_every == 10}
    assert held_out == set(manifest.authors[:8])


def test_the_century_holds_out_the_same_chapters_of_austen_as_her_own_manifest() -> None:
    austen, century = (load_manifest(manifest_path(name)).books for name in ("austen", "century"))
    assert set(austen) <= set(century)
