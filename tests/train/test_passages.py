import json
from itertools import pairwise

import numpy as np
import pytest

from tests.train.conftest import fit, write_corpus
from train.data import PARAGRAPH, Text
from train.passages import simplest_passages
from train.run_folder import RunFolder
from train.tokenizer import train_tokenizer

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
    from train.__main__ import main

    return main(["tokenizer", "--corpus", str(corpus), "--vocabulary", "300"])
