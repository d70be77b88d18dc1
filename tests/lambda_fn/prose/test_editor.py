import pytest

from lambda_fn.prose.editor import Editor
from lambda_fn.prose.misprints import fault
from lambda_fn.prose.rules import REPEATS_UNTIL, HouseRules, Refusal, passed_at
from lambda_fn.story.record import fingerprint, opening_of

TEXT = "She walked to the mill with her brother. “Is anybody here?” she called."
LATE = passed_at(REPEATS_UNTIL)


def named(refusal: Refusal | None) -> str | None:
    """The rule that refuses."""
    return refusal and refusal.rule


def test_a_good_tweet_has_no_objection() -> None:
    assert Editor(frozenset()).objection(TEXT) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("A " + "very " * 60 + "old house.", "length"),
        ("She said… " * 31 + "She went.", "length"),
        (" She went.", "characters"),
        ("She @went.", "characters"),
        ("She #went.", "characters"),
        ("She \ufffd went.", "characters"),
        ("She $went.", "characters"),
        ("she went.", "beginning"),
        ("", "beginning"),
        ("She went", "ending"),
        ("She went…", "ending"),
        ("“She went—”", "ending"),
        ("She saw Mr.", "ending"),
        ("“She went.", "ending"),
        ("She went.In May.", "space-after-mark"),
        ("She went to the mill. She stayed. She went to the mill.", "sentence-again"),
        ("It was so and so, so and so, so and so and so.", "loop"),
        ("The old man of the mill, the old man of the mill.", "loop"),
    ],
)
def test_an_unfit_tweet_is_refused_with_the_reason(text: str, rule: str) -> None:
    assert named(Editor(frozenset()).objection(text)) == rule


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("How happy she was! But.c", "o what was that?"),
        ("How happy she was at St.I", "ves that night."),
        ("It cost her 5.p", "er cent."),
        ("She had no more than a $", "And that was all."),
        ("He looked at it:/", "/and said no."),
    ],
)
def test_what_a_prompt_ends_with_makes_no_link_with_what_follows(prompt: str, told: str) -> None:
    """Each by itself is harmless, and the prompt is one that is taken."""
    editor = Editor(frozenset(), prompt=prompt)
    assert named(editor.objection(prompt + told)) in ("space-after-mark", "characters")
    assert editor.objection(f"{prompt} and so it was.") is None


def test_unknown_words_are_refused_unless_that_rule_is_off() -> None:
    editor = Editor(frozenset({"she", "went"}))
    assert str(editor.objection("She obstrived.")) == "unknown-words: an unknown word: obstrived"
    assert editor.objection("She obstrived.", LATE) is None


def test_a_slur_is_refused_whatever_else_is_let_pass() -> None:
    text = "She saw the darkies."
    assert named(Editor(frozenset()).objection(text, LATE)) == "slurs"


def test_a_sentence_of_a_recent_tweet_is_refused_unless_that_rule_is_off() -> None:
    editor = Editor(frozenset(), recent=[TEXT])
    again = "The rain began. She walked to the mill with her brother!"
    assert named(editor.objection(again)) == "sentence-again"
    assert editor.objection(again, LATE) is None


def test_a_long_phrase_of_a_recent_tweet_is_refused() -> None:
    editor = Editor(frozenset(), recent=["Nobody knew who lit the lamp in the window of the mill."])
    assert editor.objection("It was a lamp in the window of the mill.") is None
    assert named(editor.objection("Susan lit the lamp in the window of the mill.")) == "phrase-again"


def test_a_recent_tweet_with_some_words_changed_is_refused() -> None:
    old = "Nobody had the least idea who lit that lamp, and the whole village wondered at it until the winter."
    new = "Nobody had the least notion who lit that lamp, and the whole town wondered at it until the spring."
    assert named(Editor(frozenset(), recent=[old]).objection(new)) == "nearly-again"
    assert Editor(frozenset(), recent=[old]).objection(new, LATE) is None
    other = (
        "Nobody had the least idea where the dog was, but in the evening it came back by itself, very wet and hungry."
    )
    assert Editor(frozenset(), recent=[old]).objection(other) is None


def test_a_tweet_that_begins_as_one_of_the_last_fifty_is_refused() -> None:
    editor = Editor(frozenset(), opened={opening_of("It was late, and…")})
    assert named(editor.objection("“It was late and she went.”")) == "opening-again"
    assert editor.objection("“It was late and she went.”", LATE) is None
    assert editor.objection("It was late, she said.") is None
    assert Editor(frozenset(), opened={opening_of("“No, no!”")}).objection("No, no!") is None


def test_a_prompt_may_begin_as_it_likes() -> None:
    editor = Editor(frozenset(), opened={opening_of("It was late and")}, prompt="It was late and")
    assert editor.objection("It was late and she went.") is None


def test_a_short_answer_may_come_again() -> None:
    assert Editor(frozenset(), recent=["“No, no!”"]).objection("“No, no!”") is None


def test_a_tweet_told_before_is_refused_whatever_else_is_let_pass() -> None:
    editor = Editor(frozenset(), seen={fingerprint("She went.")})
    assert named(editor.objection("She went.", LATE)) == "told-before"


def test_the_prompt_is_taken_as_it_is() -> None:
    editor = Editor(frozenset({"she", "went"}), prompt="the *lamp* 5x,")
    assert editor.objection("the *lamp* 5x, she went.") is None
    assert named(editor.objection("the *lamp* 5x, she *went*.")) == "characters"


@pytest.mark.parametrize("prompt", ["In the 1850s", "Plan B", "The 5r", "Fish &"])
def test_what_a_prompt_holds_is_no_slip_of_what_follows(prompt: str) -> None:
    text = f"{prompt} she went."
    assert fault(text, len(prompt), len(prompt)) is None
    assert Editor(frozenset(), prompt=prompt).objection(text) is None


@pytest.mark.parametrize(
    "prompt",
    ["A rose is a rose is a rose is a rose", "It was so late. It was so late. So", "One two three four five six, " * 2],
)
def test_what_a_prompt_says_again_is_its_authors_business(prompt: str) -> None:
    assert Editor(frozenset(), prompt=prompt.strip()).objection(f"{prompt.strip()} and she went.") is None


def test_what_is_told_may_not_say_the_prompt_again() -> None:
    editor = Editor(frozenset(), prompt="It was so late.")
    assert named(editor.objection("It was so late. It was so late.")) == "sentence-again"


def test_a_slur_that_the_prompt_only_begins_is_refused() -> None:
    editor = Editor(frozenset(), prompt="He was a half")
    assert named(editor.objection("He was a half-caste.", LATE)) == "slurs"


def test_a_tweet_has_no_more_characters_than_its_record_holds() -> None:
    prompt = "👨\u200d👩\u200d👧\u200d👦" * 20
    text = f"{prompt} {'very ' * 32}old."
    assert len(text) > 280
    assert named(Editor(frozenset(), prompt=prompt).objection(text)) == "length"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("unknown-words", "She obstrived."),
        ("clashing-words", "She went went."),
        ("sentence-again", "She went to the mill. She went to the mill."),
        ("loop", "She went and she went, she went and she went and she went."),
    ],
)
def test_a_rule_that_is_switched_off_refuses_nothing(rule: str, text: str) -> None:
    words = frozenset({"she", "went", "to", "the", "mill", "and"})
    assert named(Editor(words).objection(text)) == rule
    assert Editor(words, house=HouseRules(frozenset({rule}))).objection(text) is None
