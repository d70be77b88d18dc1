import hashlib
import json
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.conftest import fit, write_corpus
from train.__main__ import main
from train.batches import Batches
from train.checkpoint import load, load_weights
from train.data import PARAGRAPH, Text, chunks_in
from train.errors import ConfigurationError
from train.run_folder import RunFolder
from train.selection import (
    parse_authors,
    plan_portions,
    sample_evenly,
    sample_in_shares,
    simplest_passages,
    tokens_by_author,
)
from train.tokenizer import train_tokenizer


def text(author, ebook, length):
    """A text whose every token says where it stands."""
    return Text(author, ebook, np.arange(ebook * 10_000, ebook * 10_000 + length, dtype=np.uint16), length * 4)


TEXTS = [text("Large", 1, 5000), text("Small", 2, 300), text("Large", 3, 3000)]
AUTHORS = ["Large", "Small"]


def test_authors_are_named_with_or_without_a_budget():
    assert parse_authors("Jane Austen=600_000, Oscar Wilde") == {"Jane Austen": 600_000, "Oscar Wilde": None}
    assert parse_authors("") == {}


@pytest.mark.parametrize("setting", ["Jane Austen=", "Jane Austen=0", "Jane Austen=0.4", "=5"])
def test_a_budget_that_is_no_number_of_tokens_is_named(setting):
    with pytest.raises(ConfigurationError, match=re.escape(f"authors: {setting!r} must be NAME or NAME=TOKENS")):
        parse_authors(setting)


def test_the_large_give_their_budget_and_the_small_all_they_have():
    portions = plan_portions(TEXTS, 10, "", tokens_per_author=1600)
    assert tokens_by_author(TEXTS, portions, 10) == {"Large": 1600, "Small": 290}
    assert portions.tolist() == [100, 29, 60]


def test_an_authors_own_budget_comes_before_the_common_one():
    portions = plan_portions(TEXTS, 10, "Large=800, Small", tokens_per_author=100)
    assert tokens_by_author(TEXTS, portions, 10) == {"Large": 800, "Small": 100}


@given(chunk=st.integers(1, 40), budget=st.just(0) | st.integers(200, 9000), rows=st.integers(1, 4))
def test_every_pass_reads_the_same_number_of_tokens_and_none_of_them_twice(chunk, budget, rows):
    portions = plan_portions(TEXTS, chunk, "", budget)
    for number in (0, 1, 7):
        batches = Batches(TEXTS, AUTHORS, rows, chunk, seed=1, number=number, portions=portions)
        read = np.concatenate([batch.tokens[:, :-1].ravel() for batch in batches])
        assert len(batches) == int(portions.sum()) // rows
        assert len(read) == len(set(read.tolist()))


def test_the_next_passes_go_on_until_all_is_read():
    portions = plan_portions(TEXTS, 10, "", tokens_per_author=2000)
    read = [
        {int(start) for batch in Batches(TEXTS, AUTHORS, 1, 10, 1, number, portions) for start in batch.tokens[:, 0]}
        for number in range(4)
    ]
    chunks = {start // 10 for passed in read for start in passed if 10_000 <= start < 20_000}
    assert len(chunks) >= chunks_in(TEXTS[0], 10)


def test_a_row_starts_anew_where_a_part_begins_again_at_the_front():
    portions = np.array([400, 29, 250])
    joined, jumped = 0, 0
    for number in range(6):
        previous = None
        for batch in Batches(TEXTS, AUTHORS, 1, 10, seed=3, number=number, portions=portions):
            if previous is not None:
                assert batch.goes_on[0] == (batch.tokens[0, 0] == previous.tokens[0, -1])
                joined += int(batch.goes_on[0])
                jumped += int(not batch.goes_on[0] and batch.tokens[0, 0] // 10_000 == previous.tokens[0, 0] // 10_000)
            previous = batch
    assert joined > 100
    assert jumped > 0


def test_a_validation_slice_takes_from_every_text_in_proportion():
    slices = sample_evenly([text("A", 1, 100), text("B", 2, 37), text("A", 3, 250)], 100)
    assert [len(text.tokens) for text in slices] == [25, 9, 64]
    assert [text.characters for text in slices] == [100, 36, 256]


def test_a_validation_slice_has_the_shares_of_the_training():
    samples = sample_in_shares(TEXTS, 400, {"Large": 3.0, "Small": 1.0})
    tokens = {author: sum(len(t.tokens) for t in samples if t.author == author) for author in AUTHORS}
    assert tokens == {"Large": pytest.approx(300, abs=2), "Small": pytest.approx(100, abs=2)}


def test_validation_texts_of_authors_who_are_not_read_are_better_than_none():
    assert [len(t.tokens) for t in sample_in_shares(TEXTS, 83, {"Nobody": 1.0})] == [50, 3, 30]


def test_a_run_reads_only_the_authors_it_is_told_to(corpus, tmp_path, capsys):
    choice = ("--set", "authors=Jane Austen", "--set", "tokens_per_author=1000")
    assert fit(corpus, tmp_path / "chosen", *choice) == 0
    assert "a pass reads 992 tokens: Jane Austen 992" in capsys.readouterr().err
    _, description = load(tmp_path / "chosen" / "best.safetensors")
    described = json.loads((tmp_path / "chosen" / "run.json").read_text(encoding="utf-8"))
    assert description["authors"] == ["Jane Austen"]
    assert {book["author"] for book in described["corpus"]["books"]} == {"Jane Austen"}
    assert described["tokens_a_pass"] == {"Jane Austen": 992}


def test_an_author_who_is_not_there_is_named_with_those_who_are(corpus, tmp_path, capsys):
    assert fit(corpus, tmp_path / "run", "--set", "authors=Jane Austin") == 2
    assert "authors names Jane Austin, but the corpus has Jane Austen, A. Stranger" in capsys.readouterr().err


def test_a_new_author_is_added_to_a_run_by_one_command(whole_run, tmp_path, capsys):
    other = write_corpus(tmp_path / "other", {"Somebody New": [7], "A Pamphleteer": [9]})
    short = "One line.\n"
    (other / "train" / "9.txt").write_text(short, encoding="utf-8")
    description = json.loads((other / "corpus.json").read_text(encoding="utf-8"))
    description["books"][1]["files"]["train"] |= {"sha256": hashlib.sha256(short.encode()).hexdigest()}
    (other / "corpus.json").write_text(json.dumps(description), encoding="utf-8")
    small = ("batch=4", "chunk=16", "validate_every=10", "passes=2")
    assert fit(other, tmp_path / "lean", "--from", str(whole_run), "--preset", "lean", settings=small) == 0
    assert "note: nothing is learnt of A Pamphleteer: no text of theirs has 17 tokens" in capsys.readouterr().err
    model, described = load_weights(tmp_path / "lean")
    assert described["authors"] == ["Jane Austen", "A. Stranger", "Somebody New", "A Pamphleteer"]
    known, new, unread = model.style_input.weight[:, :2], *model.style_input.weight[:, 2:].T
    mean = known.mean(dim=1)
    assert (new - mean).abs().max() > 1e-4
    assert (unread - mean).abs().max() < 1e-4


SHORT = "“Come in,” said Mr. Gray. He came. “Sit down.”"
LONG = "He had long been of the opinion that nothing which was said in that room could ever be of the least consequence"
SCENE = [SHORT] * 7 + ["He sat. He wept."]
TALK = ["“Yes.”"] * 8  # nothing but speech is no scene
NARRATION = [f"{LONG}."] * 8


@pytest.fixture(name="tokenizer", scope="module")
def _tokenizer():
    return train_tokenizer([*SCENE, *TALK, *NARRATION], 400)


@pytest.fixture(name="encode", scope="module")
def _encode(tokenizer):
    def encode(author, ebook, *passages):
        lines = [line for passage in passages for line in passage]
        ids = [PARAGRAPH, *(i for line in lines for i in tokenizer.encode(line + "\n").ids)]
        return Text(author, ebook, np.array(ids, dtype=np.uint16), sum(len(line) + 1 for line in lines))

    return encode


def read(text, tokenizer):
    assert text.tokens[0] == text.tokens[-1] == PARAGRAPH
    edges = np.flatnonzero(text.tokens == PARAGRAPH).tolist()
    return [tokenizer.decode(text.tokens[start + 1 : stop].tolist()) for start, stop in pairwise(edges)]


def test_scenes_in_short_sentences_come_first(encode, tokenizer):
    book = encode("A", 1, NARRATION, SCENE, TALK)
    (chosen,) = simplest_passages([book], tokenizer, {"A": 0.3})
    assert read(chosen, tokenizer) == SCENE


def test_what_has_a_scene_long_sentences_or_not_comes_before_what_has_none(encode, tokenizer):
    slow = [*NARRATION[:4], *[f"“{LONG},” said he."] * 4]
    book = encode("A", 1, TALK, slow)
    (chosen,) = simplest_passages([book], tokenizer, {"A": 0.4})
    assert read(chosen, tokenizer) == slow


def test_neighbours_are_one_text_and_others_are_apart(encode, tokenizer):
    book = encode("A", 1, SCENE, SCENE, NARRATION, SCENE)
    first, second = simplest_passages([book], tokenizer, {"A": 0.5})
    assert read(first, tokenizer) == SCENE + SCENE
    assert read(second, tokenizer) == SCENE


def test_the_full_stop_of_a_title_ends_no_sentence(encode, tokenizer):
    titles = [f"“{'Mr. Gray and Mrs. Gray and ' * 5}I,” said he.", "He wept. He sat. He came."] * 4
    book = encode("A", 1, titles, SCENE)
    (chosen,) = simplest_passages([book], tokenizer, {"A": 0.1})
    assert read(chosen, tokenizer) == SCENE


def test_of_a_small_author_everything_stays(encode, tokenizer):
    small, large = encode("Small", 1, NARRATION, TALK), encode("Large", 2, NARRATION, SCENE)
    chosen = simplest_passages([small, large], tokenizer, {"Small": 1.0, "Large": 0.1})
    assert chosen[0] == small
    assert [text.author for text in chosen] == ["Small", "Large"]


def test_characters_are_those_of_the_part(encode, tokenizer):
    book = encode("A", 1, NARRATION, SCENE)
    (chosen,) = simplest_passages([book], tokenizer, {"A": 0.1})
    share = len(chosen.tokens) / len(book.tokens)
    assert chosen.characters == pytest.approx(book.characters * share, abs=1)


def test_a_run_reads_the_simplest_of_its_budget(tmp_path):
    corpus = write_corpus(tmp_path / "corpus", {"Large": [1, 2], "Small": [3]})
    assert main_tokenizer(corpus) == 0
    reads = ("authors=Large=900, Small", "passages=simple", "precision=fp32")
    settings = ("embedding=12", "hidden=20", "layers=2", "batch=4", "chunk=16", "warmup=5", "validate_every=10", *reads)
    assert fit(corpus, tmp_path / "run", "--set", "passes=1", settings=settings) == 0
    record = json.loads((tmp_path / "run" / "run.json").read_bytes())
    assert record["tokens_a_pass"]["Large"] <= 900 < record["tokens_a_pass"]["Small"]
    assert RunFolder(tmp_path / "run").read_log()


def test_a_kind_of_passages_that_is_none_is_refused(corpus, tmp_path, capsys):
    assert fit(corpus, tmp_path / "run", "--set", "passages=hard") == 2
    assert "passages = 'hard': it must be 'simple' or empty" in capsys.readouterr().err


def main_tokenizer(corpus):
    return main(["tokenizer", "--corpus", str(corpus), "--vocabulary", "300"])
