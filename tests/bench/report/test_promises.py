import pytest

from bench.report.promises import PROMISES, broken, copied

SOUND = [
    "It was late, and she went. “Go,” he said.",
    "“Go on!”",
    "He saw Mr. Lee (a clerk) at 10 o’clock.\nShe did not see “him.”",
]
WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


def test_sound_tweets_break_no_promise() -> None:
    assert broken(SOUND) == dict.fromkeys(PROMISES, 0)


@pytest.mark.parametrize(
    ("promise", "text"),
    [
        ("length", f"{'very ' * 60}old."),
        ("cut", "She went"),
        ("cut", "She went…”"),
        ("linkable", "She saw x.com there."),
        ("linkable", "She saw @him."),
        ("linkable", "Go to https://x."),
        ("list", "The darkies went."),
        ("list", "An asshole went."),
        ("same", SOUND[1]),
        ("opening", "It was late and he stayed."),
        ("quotes", "“Go, he said."),
        ("quotes", "Go,” he said."),
    ],
)
def test_a_tweet_that_breaks_one_is_counted_under_it(promise: str, text: str) -> None:
    assert broken([*SOUND, text])[promise] == 1


def test_thirteen_words_of_a_book_are_a_copy_and_twelve_are_none() -> None:
    books = [f"Once, {WORDS}. The end.", "Another."]
    twelve, thirteen = (" ".join(WORDS.split()[:count]) for count in (12, 13))
    assert copied([f"{twelve.capitalize()}!", "Nothing."], books) == 0
    assert copied([f"“{thirteen.upper()}!” he said.", "Nothing."], books) == 1
