import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambda_fn.prose.misprints import fault
from lambda_fn.prose.rules import Refusal

prose = st.text(alphabet="Aabsth12 .,;:!?…‘’“”()—-\n&£", max_size=30)
TEXT = "She walked to the mill with her brother. “Is anybody here?” she called."

SOUND = [
    TEXT,
    "“I know,” said Mr. Harrow. “‘Tis late!’ she said.”\n“So it is.”",
    "Oh! how happy she was! But what—“Hush!”—was that?",
    "He had £1,000 a year on the 23rd of May, at 10 o’clock, &c.; she had 3.5 per cent.",
    "The boys’ hats (and the girls’) were Mrs. R.’s.",
    "Gravely he said,\n“No.”",
    "It was this:\n“Come.”",
    "“But I—”\n“Hush…”",
    "“Rock ’n’ roll!” ’Twas so.",
    "Louis XIV., Sir J. Dale, Bart., and Messrs. Lee & Co. went.",
    "“I know, ‘and yet.’” She went.",
    "Why?! No!!! She went.",
    "Mr. A. B. Dale, M—, and I saw a—the—but he said “No.”",
]

SLIPS = [
    ("She said.In May", "space-after-mark"),
    ("She smiled,then", "space-after-mark"),
    ("At 10:30", "space-after-mark"),
    ("She , too", "space-before-mark"),
    ("“ She", "space-before-mark"),
    ("She  went", "white-space"),
    ("She went.\n She", "white-space"),
    ("She said “”", "nothing-quoted"),
    ("She said “’, a", "nothing-quoted"),
    ("She said“Go", "space-before-opening"),
    ("“Go.”She", "space-after-closing"),
    ("She went..", "clashing-marks"),
    ("She,. went", "clashing-marks"),
    ("“Go,”, she said", "clashing-marks"),
    ("She -- went", "space-before-mark"),
    ("She went———", "clashing-marks"),
    ("A 5ive", "number"),
    ("Year 18155", "number"),
    ("She went. he", "stop-amid-sentence"),
    ("She went., and", "stop-amid-sentence"),
    ("“She went.” and", "small-beginning"),
    ("“Oh!” “yes", "small-beginning"),
    ("She went.\nhe", "paragraph-beginning"),
    ("he went", "paragraph-beginning"),
    ("She\nWent", "paragraph-end"),
    ("She said,\nGo", "paragraph-end"),
    ("“Go,”\n", "paragraph-end"),
    ("She & he", "lone-sign"),
    ("She saw Mr.\n", "title-alone"),
    ("“Mr. “What", "title-alone"),
    ("He saw an old and. It", "sentence-end"),
    ("“He saw the.” It", "sentence-end"),
    ("He saw the, and", "clause-end"),
    ("“He saw my”", "clause-end"),
    ("Then C friend", "lone-letter"),
    ("She went.”", "open-marks"),
]


def named(refusal: Refusal | None) -> str | None:
    """The rule that refuses."""
    return refusal and refusal.rule


@pytest.mark.parametrize("text", SOUND)
def test_sound_print_has_no_slip(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(("text", "rule"), SLIPS)
def test_a_slip_of_print_is_named(text: str, rule: str) -> None:
    assert named(fault(text)) == rule


@given(prose, prose)
def test_a_slip_is_never_mended_by_what_follows(text: str, more: str) -> None:
    if fault(text):
        assert fault(text + more)


@settings(max_examples=500)
@given(prose)
@example("(a.) a")
@example("“a.’” “a")
def test_a_text_read_letter_by_letter_shows_the_same_slips(text: str) -> None:
    assert any(fault(text[:end], end - 1) for end in range(1, len(text) + 1)) == bool(fault(text))


pieces = st.from_regex(r" ?[A-Za-z]?[a-z]{0,3}", fullmatch=True)


@settings(max_examples=500)
@given(prose, pieces)
@example("Then the", " C")
@example("At 5s", "he")
@example("O.’s", "a")
def test_a_word_that_goes_on_plainly_is_judged_as_any_other(text: str, piece: str) -> None:
    """Whatever is in the text before, which had no slip: the quick look at a word misses none."""
    if fault(text) is None:
        judged_whole = fault(text + piece)  # from its beginning, where nothing is plain
        assert (fault(text + piece, len(text)) is None) == (judged_whole is None)


def test_what_follows_a_prompt_is_judged_with_its_end() -> None:
    assert named(fault("She saw the.", 11, 11)) == "sentence-end"
    assert named(fault("She said,then", 9, 9)) == "space-after-mark"
