import pytest

from lambda_fn.prose.usage import clash


@pytest.mark.parametrize(
    ("before", "gap", "word"),
    [
        *[("a", " ", word) for word in ("house", "hero", "one", "one-horse", "once-famous", "union", "university")],
        *[("a", " ", word) for word in ("useful", "usual", "utter", "uranium", "European", "ewe")],
        *[("an", " ", word) for word in ("old", "hour", "heir", "historical", "union", "uncle", "M", "F")],
        *[("Mr", ". ", word) for word in ("Elton", "and", "de", "Ándrassy")],
        ("had", " ", "had"),
        ("that", " ", "that"),
        ("very", ", ", "very"),
        ("end", ". ", "I"),
    ],
)
def test_words_that_follow_one_another_in_novels_pass(before: str, gap: str, word: str) -> None:
    assert clash(before, gap, word) is None


@pytest.mark.parametrize(
    ("before", "gap", "word"),
    [
        *[("a", " ", word) for word in ("old", "easy", "only", "onion", "ounce", "eye", "hour", "heir", "honest")],
        *[("a", " ", word) for word in ("uncle", "umbrella", "ugly", "uninteresting", "unimportant", "urchin")],
        *[("an", " ", word) for word in ("good", "year", "very")],
        *[("Mr", ". ", word) for word in ("he", "He", "I", "I’m", "It", "said")],
        ("the", " ", "The"),
        ("very", " ", "very"),
    ],
)
def test_words_that_clash_are_named(before: str, gap: str, word: str) -> None:
    assert clash(before, gap, word) == f"“{before}{gap}{word}”"
