"""Whose text it is."""

import pytest

from bench.report.recognition import Classifier, accuracy, confusion, passages
from tests.bench.report.invented import AUTHORS, paragraphs

BOOKS = {author: "\n".join(paragraphs(author, 60, 0)) for author in AUTHORS}


def test_two_invented_styles_are_told_apart() -> None:
    table = confusion(Classifier(BOOKS), {author: paragraphs(author, 20, 9) for author in AUTHORS})
    assert accuracy(table) == (42, 42)


def test_an_author_with_more_text_is_no_likelier() -> None:
    books = {"Jane Austen": BOOKS["Jane Austen"] * 20, "Charles Dickens": BOOKS["Charles Dickens"]}
    assert Classifier(books).name("a dirty street") == "Charles Dickens"


def test_names_do_not_give_an_author_away() -> None:
    classifier = Classifier({"one": "then Emma came home " * 20, "other": "then Oliver came home " * 20})
    one, other = classifier.scores("Then Emma came home")
    assert one == pytest.approx(other)


def test_accuracy_counts_the_diagonal() -> None:
    assert accuracy({"a": {"a": 3, "b": 1}, "b": {"a": 2}}) == (3, 6)


def test_passages_are_long_enough_and_the_rest_is_left_out() -> None:
    assert passages(["abc", "def", "g"], 6) == ["abc\ndef"]
