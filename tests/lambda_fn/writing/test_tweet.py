from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_fn.errors import StuckError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.misprints import fault
from lambda_fn.prose.rules import REPEATS_UNTIL, RULES, passed_at
from lambda_fn.prose.sentences import begins_sentence, is_whole
from lambda_fn.prose.words import words_of
from lambda_fn.story.codec import LONGEST_TEXT
from lambda_fn.story.record import Tweet
from lambda_fn.writing.tweet import Telling, TweetWriter
from tests.lambda_fn.markov import TEXT, Markov, Script, train_small_tokenizer
from tests.lambda_fn.one_tweet import next_tweet

STYLE = np.ones(1, dtype=np.float32)
USUAL = Sampling(0.9, 0, 0.95)
PROMPT = "The lamp in the window"
MOST_STEPS = 20_000  # of the model, for any tweet: some seconds

samplings = st.builds(
    Sampling, st.sampled_from([0.01, 0.5, 0.9, 1.5, 5]), st.sampled_from([0, 1, 20]), st.sampled_from([0.1, 0.95, 1])
)
seeds = st.integers(0, 2**63 - 1)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_small_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


@pytest.fixture(scope="module")
def teller(tokenizer: Tokenizer) -> TweetWriter:
    """Tells in the words of a short text."""
    return TweetWriter(Markov(tokenizer), tokenizer, frozenset(words_of(TEXT)))


@pytest.fixture(scope="module")
def untrained(tiny_bundle: Path) -> TweetWriter:
    """The worst model there is: a network with random weights."""
    bundle = load_bundle(tiny_bundle)
    return TweetWriter(LanguageModel(bundle), Tokenizer.from_file(bundle.tokenizer))


def tell(
    teller: TweetWriter,
    count: int,
    seed: int,
    sampling: Sampling = USUAL,
    style: np.ndarray = STYLE,
    prompt: str = PROMPT,
) -> list[Telling]:
    told: list[Telling] = []
    for number in range(count):
        told.append(
            next_tweet(
                teller,
                told[-1].position if told else teller.beginning(),
                style,
                sampling,
                np.random.default_rng([seed, number, 0]),
                recent=tweets_of(told)[-20:],
                prompt="" if told else prompt,
            )
        )
    return told


def tweets_of(told: list[Telling]) -> list[Tweet]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [Tweet(number, telling.text, telling.paragraph, None, now) for number, telling in enumerate(told, start=1)]


def whole_text(told: list[Telling]) -> str:
    return "".join(("\n" if telling.paragraph else " ") + telling.text for telling in told)


def assert_publishable(telling: Telling, prompt: str = "") -> None:
    text = telling.text
    assert 0 < weighted_length(text) <= 280
    assert is_whole(text)
    assert fault(text, len(prompt), len(prompt)) is None
    assert text.startswith(prompt)
    assert prompt or begins_sentence(text)
    assert Editor(frozenset(), prompt=prompt).objection(text, passed_at(REPEATS_UNTIL)) is None


@settings(max_examples=12)
@given(seeds, samplings)
def test_every_tweet_is_publishable_whatever_the_sampling(teller: TweetWriter, seed: int, sampling: Sampling) -> None:
    first, *others = tell(teller, 3, seed, sampling)
    assert_publishable(first, PROMPT)
    for telling in others:
        assert_publishable(telling)


@settings(max_examples=5)
@given(seeds, samplings)
def test_an_untrained_model_tells_publishable_tweets_in_bounded_time(
    untrained: TweetWriter, seed: int, sampling: Sampling
) -> None:
    first, second = tell(untrained, 2, seed, sampling, np.array([0.5, 0.5], dtype=np.float32))
    assert_publishable(first, PROMPT)
    assert_publishable(second)
    assert max(first.steps, second.steps) < MOST_STEPS


@settings(max_examples=8)
@given(seeds)
def test_reading_the_story_from_the_beginning_gives_its_position(teller: TweetWriter, seed: int) -> None:
    told = tell(teller, 5, seed)
    assert teller.after(whole_text(told)[1:], teller.beginning(), STYLE) == told[-1].position


def test_reading_what_a_network_told_gives_its_state_bit_for_bit(untrained: TweetWriter) -> None:
    style = np.array([0.25, 0.75], dtype=np.float32)
    told = tell(untrained, 4, seed=5, style=style)
    assert untrained.after(whole_text(told)[1:], untrained.beginning(), style) == told[-1].position


def test_the_same_seed_tells_the_same_and_another_seed_something_else(teller: TweetWriter) -> None:
    texts = [[telling.text for telling in tell(teller, 5, seed)] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_repetition_penalty_is_for_what_the_tweets_before_said(teller: TweetWriter) -> None:
    plain, penalized = (tell(teller, 3, 2, replace(USUAL, repetition_penalty=penalty)) for penalty in (1, 3))
    assert plain[0].text == penalized[0].text
    assert [telling.text for telling in plain[1:]] != [telling.text for telling in penalized[1:]]


def test_a_telling_says_what_refused_its_tries(teller: TweetWriter) -> None:
    told = tell(teller, 12, seed=6)
    for telling in told:
        assert 0 <= sum(telling.refusals.values()) < telling.tries
        assert set(telling.refusals) <= {rule.name for rule in RULES}
        assert telling.bits_per_character > 0
    assert any(telling.refusals for telling in told)


def test_only_words_of_the_books_are_told(tokenizer: Tokenizer) -> None:
    known = frozenset(words_of(TEXT))
    noisy = TweetWriter(Markov(tokenizer, noise=0.2), tokenizer, known)
    told = {word for telling in tell(noisy, 20, seed=3) for word in words_of(telling.text)}
    assert {
        word for word in told if word not in known and not set(word.removesuffix("’s").split("-")) <= known
    } == set()


def test_tweets_are_filled_with_as_many_sentences_as_fit(teller: TweetWriter) -> None:
    weights = [weighted_length(telling.text) for telling in tell(teller, 40, seed=4)]
    assert np.mean(weights) > 180
    assert np.mean(np.array(weights) < 100) < 0.1


def test_no_sentence_of_a_story_comes_again_among_its_recent_tweets(teller: TweetWriter) -> None:
    told = tell(teller, 12, seed=6)
    assert all(
        Editor(frozenset(), recent=[before.text for before in told[:number]]).objection(telling.text) is None
        for number, telling in enumerate(told)
    )


@pytest.mark.parametrize(("joint", "paragraph"), [("\n", True), (" ", False)])
def test_a_tweet_says_whether_it_begins_a_paragraph(tokenizer: Tokenizer, joint: str, paragraph: bool) -> None:
    two = (
        "Two of them walked to the mill in the morning with her brother, who was afraid of rats, and with Mrs. Dale, "
        "who was afraid of nothing, and the door was open, and there was a table, a chair, and a loaf of bread."
    )
    three = "Three old women came up the stairs with a lamp in the dark, and the rain began at noon, and nobody spoke."
    teller = TweetWriter(Script(tokenizer, f"One. {two}{joint}{three}\n"), tokenizer)
    first, second = tell(teller, 2, seed=0, prompt="One.")
    assert first.text == f"One. {two}"
    assert second.text.startswith(three)
    assert second.paragraph is paragraph


def test_a_paragraph_ends_after_some_tweets(tokenizer: Tokenizer) -> None:
    # No paragraph ever ends in this text.
    teller = TweetWriter(Markov(tokenizer, TEXT.replace("\n", " ")), tokenizer)
    flags = [telling.paragraph for telling in tell(teller, 9, seed=1)]
    assert flags == [True, False, False, False, True, False, False, False, True]


def test_what_follows_a_question_in_a_speech_in_another_tweet_begins_a_paragraph(tokenizer: Tokenizer) -> None:
    # In this text "Susan asked" may follow.
    teller = TweetWriter(Markov(tokenizer, "“Who is it?” Susan asked. She went.\n“It is I,” he said. " * 3), tokenizer)
    before = Tweet(1, "“Is it he?”", True, None, datetime(2026, 1, 1, tzinfo=UTC))
    position = teller.after(before.text, teller.beginning(), STYLE)
    assert all(
        next_tweet(teller, position, STYLE, USUAL, np.random.default_rng(seed), recent=[before]).paragraph
        for seed in range(9)
    )


def test_without_a_prompt_a_story_begins_with_a_capital(teller: TweetWriter) -> None:
    telling = tell(teller, 1, seed=8, prompt="")[0]
    assert_publishable(telling)
    assert telling.paragraph


@pytest.mark.parametrize(
    "prompt", ["“My dear Mr. Harrow,", "The lam", "It was so (or so it", "“He said, ‘What", "A b\nSusan", "the x*y"]
)
def test_any_prompt_is_ended_as_a_sentence(teller: TweetWriter, prompt: str) -> None:
    telling = tell(teller, 1, seed=9, prompt=prompt)[0]
    assert_publishable(telling, prompt)


def test_a_word_that_ends_the_prompt_is_not_lengthened(teller: TweetWriter) -> None:
    for seed in range(10):
        assert not tell(teller, 1, seed, prompt="Susan sat down in the cha")[0].text[25].isalpha()


@pytest.mark.parametrize("prompt", ["The §", "He went (so)", "昔。", "At “home”", "Susan 🎉", "He said —", "The boys’"])
def test_after_a_sign_that_ends_the_prompt_no_word_follows_without_a_space(teller: TweetWriter, prompt: str) -> None:
    for seed in range(10):
        assert not tell(teller, 1, seed, prompt=prompt)[0].text[len(prompt)].isalnum()


@pytest.mark.parametrize(
    "prompt", ["In the 1850s", "Plan B", "It was (", "He said, “", "👨\u200d👩\u200d👧\u200d👦" * 28]
)
def test_a_prompt_is_told_by_the_worst_model_there_is(untrained: TweetWriter, prompt: str) -> None:
    for seed in range(3):
        telling = tell(untrained, 1, seed, style=np.array([0.5, 0.5], dtype=np.float32), prompt=prompt)[0]
        assert_publishable(telling, prompt)
        assert len(telling.text) <= LONGEST_TEXT


def test_a_model_that_can_end_no_sentence_is_a_clear_error(tokenizer: Tokenizer) -> None:
    class NoEnd(Markov):
        def step(self, token, style, state):
            logits, after = super().step(token, style, state)
            logits[[index for index in range(tokenizer.size) if set(tokenizer.decode([index])) & set(".!?")]] = -1e9
            return logits, after

    with pytest.raises(StuckError, match="no tweet could be told in 40 tries"):
        tell(TweetWriter(NoEnd(tokenizer), tokenizer), 1, seed=1)
