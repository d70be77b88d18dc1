import pytest

from lambda_fn.prose.names import names_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("“But Mr. Knightley’s gone,” said Emma.", ["Knightley", "Emma"]),
        ("The door opened. Jane came in, and I saw Mrs. Weston.", ["Weston"]),
        ("“Oh, Harriet!” cried Lady Catherine de Bourgh.", ["Harriet", "Catherine", "Bourgh"]),
        ("He asked Sir John, and Miss Bates, and Anne.", ["John", "Bates", "Anne"]),
        ("Miss Bates and Dr Watson, and poor Jean-Luc.", ["Bates", "Watson", "Jean-Luc"]),
        ("I know that I am here, and Oh I thank God.", []),
        ("He said, “She is here.” Then (But softly) he went.", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_capitalized_words_amid_a_sentence_or_after_a_title(text: str, names: list[str]) -> None:
    assert names_of(text) == names
