import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambda_fn.prose.rules import Editor, fault
from lambda_fn.story.record import fingerprint

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
    ("She said.In May", "no space after a punctuation mark"),
    ("She smiled,then", "no space after a punctuation mark"),
    ("At 10:30", "no space after a punctuation mark"),
    ("She , too", "a space where none belongs"),
    ("“ She", "a space where none belongs"),
    ("She  went", "white space twice"),
    ("She went.\n She", "white space twice"),
    ("She said “”", "a mark opened before nothing"),
    ("She said “’, a", "a mark opened before nothing"),
    ("She said“Go", "no space before an opening mark"),
    ("“Go.”She", "no space after a closing mark"),
    ("She went..", "punctuation marks that clash"),
    ("She,. went", "punctuation marks that clash"),
    ("“Go,”, she said", "punctuation marks that clash around a closing mark"),
    ("She -- went", "a space where none belongs"),
    ("She went———", "marks that clash"),
    ("A 5ive", "a number that is none"),
    ("Year 18155", "a number that is none"),
    ("She went. he", "a full stop amid a sentence"),
    ("She went., and", "a full stop amid a sentence"),
    ("“She went.” and", "a sentence begun with a small letter"),
    ("“Oh!” “yes", "a sentence begun with a small letter"),
    ("She went.\nhe", "a paragraph begun amid a sentence"),
    ("he went", "a paragraph begun amid a sentence"),
    ("She\nWent", "a paragraph ended amid a sentence"),
    ("She said,\nGo", "a paragraph ended amid a sentence"),
    ("“Go,”\n", "a paragraph ended amid a sentence"),
    ("She & he", "a sign that stands for nothing"),
    ("She saw Mr.\n", "a title without a name"),
    ("“Mr. “What", "a title without a name"),
    ("He saw an old and. It", "a word that ends no sentence"),
    ("“He saw the.” It", "a word that ends no sentence"),
    ("He saw the, and", "a word that ends no clause"),
    ("“He saw my”", "a word that ends no clause"),
    ("Then C friend", "a letter that is no word"),
    ("She went.”", "a quotation mark or bracket that does not match"),
]


@pytest.mark.parametrize("text", SOUND)
def test_sound_print_has_no_slip(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(("text", "reason"), SLIPS)
def test_a_slip_of_print_is_named(text: str, reason: str) -> None:
    assert fault(text) == reason


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


def test_a_good_tweet_has_no_objection() -> None:
    assert Editor(frozenset()).objection(TEXT) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A " + "very " * 60 + "old house.", "too long"),
        ("She said… " * 31 + "She went.", "too long"),
        (" She went.", "a character that has no place in a story"),
        ("She @went.", "a character that has no place in a story"),
        ("She #went.", "a character that has no place in a story"),
        ("She \ufffd went.", "a character that has no place in a story"),
        ("She $went.", "a character that has no place in a story"),
        ("she went.", "it does not begin as a sentence does"),
        ("", "it does not begin as a sentence does"),
        ("She went", "it does not end a sentence"),
        ("She went…", "it does not end a sentence"),
        ("“She went—”", "it does not end a sentence"),
        ("She saw Mr.", "it does not end a sentence"),
        ("“She went.", "it does not end a sentence"),
        ("She went.In May.", "no space after a punctuation mark"),
        ("She went to the mill. She stayed. She went to the mill.", "a sentence said again"),
        ("It was so and so, so and so, so and so and so.", "words that go round in a loop"),
        ("The old man of the mill, the old man of the mill.", "words that go round in a loop"),
    ],
)
def test_an_unfit_tweet_is_refused_with_the_reason(text: str, reason: str) -> None:
    assert Editor(frozenset()).objection(text) == reason


def test_unknown_words_are_refused_unless_that_rule_is_off() -> None:
    editor = Editor(frozenset({"she", "went"}))
    assert editor.objection("She obstrived.") == "an unknown word: obstrived"
    assert editor.objection("She obstrived.", words=False) is None


def test_a_slur_is_refused_whatever_else_is_let_pass() -> None:
    text = "She saw the darkies."
    assert Editor(frozenset()).objection(text, words=False, repeats=False) == "a word that is never told"


def test_a_sentence_of_a_recent_tweet_is_refused_unless_that_rule_is_off() -> None:
    editor = Editor(frozenset(), recent=[TEXT])
    again = "The rain began. She walked to the mill with her brother!"
    assert editor.objection(again) == "a sentence said again"
    assert editor.objection(again, repeats=False) is None


def test_a_long_phrase_of_a_recent_tweet_is_refused() -> None:
    editor = Editor(frozenset(), recent=["Nobody knew who lit the lamp in the window of the mill."])
    assert editor.objection("It was a lamp in the window of the mill.") is None
    assert editor.objection("Susan lit the lamp in the window of the mill.") == "a phrase said again"


def test_a_short_answer_may_come_again() -> None:
    assert Editor(frozenset(), recent=["“No, no!”"]).objection("“No, no!”") is None


def test_a_tweet_told_before_is_refused_whatever_else_is_let_pass() -> None:
    editor = Editor(frozenset(), seen={fingerprint("She went.")})
    assert editor.objection("She went.", words=False, repeats=False) == "a tweet told before"


def test_the_prompt_is_taken_as_it_is() -> None:
    editor = Editor(frozenset({"she", "went"}), prompt="the *lamp* 5x,")
    assert editor.objection("the *lamp* 5x, she went.") is None
    assert editor.objection("the *lamp* 5x, she *went*.") == "a character that has no place in a story"


@pytest.mark.parametrize("prompt", ["In the 1850s", "Plan B", "The 5r", "Fish &"])
def test_what_a_prompt_holds_is_no_slip_of_what_follows(prompt: str) -> None:
    text = f"{prompt} she went."
    assert fault(text, len(prompt), len(prompt)) is None
    assert Editor(frozenset(), prompt=prompt).objection(text) is None


def test_what_follows_a_prompt_is_judged_with_its_end() -> None:
    assert fault("She saw the.", 11, 11) == "a word that ends no sentence"
    assert fault("She said,then", 9, 9) == "no space after a punctuation mark"


@pytest.mark.parametrize(
    "prompt",
    ["A rose is a rose is a rose is a rose", "It was so late. It was so late. So", "One two three four five six, " * 2],
)
def test_what_a_prompt_says_again_is_its_authors_business(prompt: str) -> None:
    assert Editor(frozenset(), prompt=prompt.strip()).objection(f"{prompt.strip()} and she went.") is None


def test_what_is_told_may_not_say_the_prompt_again() -> None:
    editor = Editor(frozenset(), prompt="It was so late.")
    assert editor.objection("It was so late. It was so late.") == "a sentence said again"


def test_a_slur_that_the_prompt_only_begins_is_refused() -> None:
    editor = Editor(frozenset(), prompt="He was a half")
    assert editor.objection("He was a half-caste.", words=False) == "a word that is never told"


def test_a_tweet_has_no_more_characters_than_its_record_holds() -> None:
    prompt = "👨\u200d👩\u200d👧\u200d👦" * 20
    text = f"{prompt} {'very ' * 32}old."
    assert len(text) > 280
    assert Editor(frozenset(), prompt=prompt).objection(text) == "too long"
