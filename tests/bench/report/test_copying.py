"""Copied runs, new words, repetition, quotation marks."""

import pytest

from bench.report.copying import as_tweets, find_copied, quotes_closed, variety

BOOK = "It was a truth universally acknowledged, that a single man must be in want of a wife, and of a dog."


def test_a_planted_run_is_found_whatever_its_case_and_punctuation() -> None:
    told = "She laughed: IT WAS A TRUTH universally—acknowledged that a single cat sat."
    found = find_copied({"told": [told]}, ["Nothing here at all.", BOOK])["told"]
    assert (found.copied[8], found.runs[8]) == (2, 6)
    assert found.copied[12] == 0
    assert (found.longest, found.longest_text) == (9, "it was a truth universally acknowledged that a single")


def test_a_run_of_twelve_is_counted() -> None:
    found = find_copied({"told": [BOOK]}, [BOOK])["told"]
    assert found.copied[12] == found.runs[12] == 10
    assert found.longest == 21


def test_runs_do_not_go_from_one_text_to_the_next() -> None:
    words = BOOK.split()
    halves = [" ".join(words[:7]), " ".join(words[7:14])]
    assert find_copied({"told": halves}, [BOOK])["told"].longest == 0


def test_words_of_no_book_are_counted_as_often_as_they_stand() -> None:
    found = find_copied({"told": ["A wife obstrived.", "Obstrived, undonvenient dog!"]}, [BOOK])["told"]
    assert (found.words, found.new_words, found.new) == (6, 3, ("obstrived", "undonvenient"))


def test_groups_are_told_apart() -> None:
    found = find_copied({"one": ["in want of a wife and of a dog"], "other": ["quite other words"]}, [BOOK])
    assert (found["one"].longest, found["other"].longest) == (9, 0)


def test_a_text_told_twice_is_seen() -> None:
    assert variety(["He came.", "She came.", "he came!"]).same_text == 1


def test_repetition_within_and_across_texts() -> None:
    found = variety(["a b c d a b c d", "x a b c d a b c d"])
    assert found.repeated_within == pytest.approx(2 / 11)  # a b c d, in each once more; of 5 and 6 runs
    assert found.repeated_across == pytest.approx(1 / 3)  # of three runs of 8, the one told before


def test_distinct_n_is_different_over_all() -> None:
    assert variety(["a b a b"]).distinct == {1: 0.5, 2: pytest.approx(2 / 3), 3: 1.0}


@pytest.mark.parametrize(
    ("text", "closed", "opened"),
    [("“Oh!” said he. “Well.”", 2, 2), ("“Oh! said he.\n“Well.”", 1, 2), ("“Oh “no”", 1, 2), ("No.", 0, 0)],
)
def test_quotation_marks_close_before_the_paragraph_ends(text: str, closed: int, opened: int) -> None:
    assert quotes_closed([text]) == (closed, opened)


def test_nothing_told_is_no_division_by_nothing() -> None:
    assert variety([""]).distinct == {1: 0.0, 2: 0.0, 3: 0.0}


def test_a_book_is_cut_into_tweets_of_whole_sentences() -> None:
    sentence = "It rained all day in the town of Harrow, and nobody came. "
    cut = as_tweets([(sentence * 7).strip(), "“Oh!” said he."])
    assert all(len(text) <= 280 and text.endswith((".", "”")) for text in cut)
    assert " ".join(cut).replace("\n", " ").split() == (sentence * 7 + "“Oh!” said he.").split()
