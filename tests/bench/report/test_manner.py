"""What a reader notices first."""

import pytest

from bench.report.manner import criteria, manner


def test_rates_are_of_a_thousand_words() -> None:
    assert manner(["It was not so.", "So it was."]).rates == pytest.approx(
        {"not": 1000 / 7, "very": 0, "was": 2000 / 7, "so": 2000 / 7}
    )


def test_different_words_are_counted_among_the_first_five_thousand() -> None:
    assert manner([" ".join(f"{'ab'[n % 2]}{'c' * (n // 2)}" for n in range(60))] * 100).different == 60
    assert manner(["Too few."]).different is None


def test_a_name_is_known_that_one_of_the_twenty_tweets_before_has() -> None:
    texts = ["He saw Emma.", *["He saw her."] * 19, "He saw Emma, and Jane.", *["He saw her."] * 20, "He saw Emma."]
    found = manner(texts)
    assert found.names == pytest.approx(100 * 4 / 42)
    assert found.known == pytest.approx(1 / 4)
    assert found.largest == ("Emma", pytest.approx(3 / 4))


def test_speech_is_what_stands_between_quotation_marks() -> None:
    assert manner(["“Oh!” he", "“No"]).speech == pytest.approx(8 / 11)


def test_nothing_has_no_manner() -> None:
    assert manner([]).largest == ("none", 0)


def test_a_criterion_a_line_and_what_misses_it_is_said() -> None:
    book = {"rates": {"not": 10.0, "very": 5.0, "was": 15.0, "so": 5.0}}
    good = {
        "rates": book["rates"],
        "different": 950,
        "names": 60.0,
        "known": 0.5,
        "largest": ("Emma", 0.1),
        "starts": 0.02,
    }
    bad = {
        "rates": book["rates"] | {"very": 7.6}, "different": 949, "names": 59.0, "known": 0.49, "starts": 0.021,
        "largest": ("Emma", 0.11),
    }  # fmt: skip
    assert all(each.met for each in criteria({"told": good, "book": book}))
    found = criteria({"told": bad, "book": book})
    assert not any(each.met for each in found)
    assert found[0].found == "1.5 times (“very”)"
    assert criteria({"told": good | {"different": None}, "book": book})[1].met is None
