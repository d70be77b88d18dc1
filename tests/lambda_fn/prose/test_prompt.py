import pytest

from lambda_fn.errors import SettingError
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.prompt import LONGEST_PROMPT, prepare_prompt


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("  It was  late,", "It was late,"),
        ('"My dear Mr. Harrow,', "“My dear Mr. Harrow,"),
        ("Mr. J.B. Dale, of the U.S.A.,", "Mr. J.B. Dale, of the U.S.A.,"),
        ("One.\nTwo", "One.\nTwo"),
        ("£5 & 3 o'clock # and", "£5 & 3 o’clock # and"),
        ("He called it 'home'", "He called it ‘home’"),
        ("A family 👨\u200d👩", "A family 👨\u200d👩"),
    ],
)
def test_a_prompt_is_made_fit_for_print(typed: str, prepared: str) -> None:
    assert prepare_prompt(typed) == prepared


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("a\x00b", "cannot be printed"),
        ("a\x1b[1m", "cannot be printed"),
        ("a\u200bb", "cannot be printed"),
        ("a\u202eb", "cannot be printed"),
        ("To jane@", "ends in '@'"),
        ("To ＃", "ends in '＃'"),
        ("It cost $", r"ends in '\$'"),
        ("A well-", "ends in '-'"),
        ("At three o'", "ends in '’'"),
        ("x" * 201, "weighs 201"),
        ("の" * 101, "weighs 202"),
        ("He said.No", "link"),
        ("See example.com,", "link"),
        ("http://x", "link"),
        ("As @jane said", "link"),
        ("A #novel", "link"),
        ("Buy $TSLA", "link"),
        ("Oh!” said she", "quotation mark"),
        ("“Oh “no", "quotation mark"),
    ],
)
def test_a_prompt_that_cannot_begin_a_tweet_is_refused(prompt: str, complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        prepare_prompt(prompt)


def test_the_longest_prompt_is_allowed() -> None:
    assert weighted_length(prepare_prompt("x" * LONGEST_PROMPT)) == LONGEST_PROMPT
