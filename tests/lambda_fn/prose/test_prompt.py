import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.misprints import fault
from lambda_fn.prose.prompt import LONGEST_PROMPT, begins_with_prompt, prepare_prompt


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
        ("In the 1850s", "In the 1850s"),
        ("The boys'", "The boys’"),
        ("They were goin'", "They were goin’"),
        ("‘Twas", "’Twas"),
        ('He said, "', "He said, “"),
        ("Zorblax met Xqzt at §", "Zorblax met Xqzt at §"),
        ("「昔」 [so]", "「昔」 [so]"),
        ("🏴\U000e0067\U000e0062\U000e007f \U0001fae9", "🏴\U000e0067\U000e0062\U000e007f \U0001fae9"),
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
        ("At three o’", "ends in '’'"),
        ("At three o'", """ends in "'\""""),
        ("hello`", "ends in '`'"),
        ("hello´ ", "ends in '´'"),
        ("hello＇\u00ad", "ends in '＇'"),
        ("A well\u2010", "ends in '\u2010'"),
        ("x" * 201, "weighs 201"),
        ("の" * 101, "weighs 202"),
        ("He said.No", "link"),
        ("See example.com,", "link"),
        ("http://x", "link"),
        ("As @jane said", "a mention"),
        ("A #novel", "a hashtag"),
        ("Buy $TSLA", "a cashtag"),
        ("Oh!” said she", "quotation mark"),
        ("“Oh “no", "quotation mark"),
        ("“One.\n“Two", "still open where a paragraph ends"),
        ("Oh!’ said she", "'’' in the prompt does not match"),
        ("Oh!` said she", "bracket '`' in the prompt does not match"),
        ("He's here. Oh!' said she", """bracket "'" in the prompt does not match"""),
        ('Oh!" said she', "bracket '\"' in the prompt does not match"),
        ("Oh!'' said she", """bracket "''" in the prompt does not match"""),
        ("A»", "'»' in the prompt stands alone"),
        ("A›", "'›' in the prompt stands alone"),
        ("« A » B»", "'»' in the prompt stands alone"),
        ("« A » « B", "'«' in the prompt is not closed"),
        ("I. 1) He", r"'\)' in the prompt does not match"),
        ("He [so", r"'\[' in the prompt is not closed"),
        ("« Bonjour", "'«' in the prompt is not closed"),
        ("It cost £", "ends in '£'"),
        ("In 1850-", "ends in '-'"),
        ("He and/", "ends in '/'"),
        ("...", "holds no word"),
        ("“‘", "holds no word"),
        ("The Darkies", r"a word that is never told: Darkies \(rule slurs\)"),
        ("👨\u200d👩\u200d👧\u200d👦" * 45, "has 315 characters"),
    ],
)
def test_a_prompt_that_cannot_begin_a_tweet_is_refused(prompt: str, complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        prepare_prompt(prompt)


def test_the_longest_prompt_is_allowed() -> None:
    assert weighted_length(prepare_prompt("x" * LONGEST_PROMPT)) == LONGEST_PROMPT


odd = st.text(
    st.sampled_from("aSB5s.,;:!?…‘’“”()—–-'\"[]{}«»/&£$@#%§*_ \n\t\u00a0éЖ昔🎉\u0301\u200d") | st.characters(),
    max_size=12,
)


@given(odd)
def test_what_is_accepted_can_be_gone_on_from_with_a_space_a_mark_or_a_word(text: str) -> None:
    try:
        prompt = prepare_prompt(text)
    except SettingError:
        return
    told = len(prompt)
    assert [more for more in (" so it", " She", "so it", "She") if fault(prompt + more, told, told) is None]


@given(odd)
def test_a_prompt_typed_again_begins_the_text_that_it_began(text: str) -> None:
    try:
        prompt = prepare_prompt(text)
    except SettingError:
        return
    assert begins_with_prompt(f"{prompt} so it went.", text)


@pytest.mark.parametrize(
    ("told", "typed"), [("‘Twas late.", "'Twas"), ("“So,” he said.", '"So," he'), ("A - b.", "A - b")]
)
def test_a_prompt_told_in_other_marks_is_the_same_prompt(told: str, typed: str) -> None:
    assert begins_with_prompt(told, typed)


def test_other_words_are_another_prompt() -> None:
    assert not begins_with_prompt("It was late.", "It is")
