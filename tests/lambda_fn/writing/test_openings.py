from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from lambda_fn.language.sampling import Sampling, probabilities
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.story.record import Tweet
from lambda_fn.writing.openings import (
    LONGEST_PARAGRAPH,
    LONGEST_TALK,
    UNDECIDED,
    Opening,
    draw_opening,
    required_opening,
)
from lambda_fn.writing.sampled_text import Position, SampledText
from lambda_fn.writing.token_masks import TokenMasks
from tests.lambda_fn.markov import TEXT, Markov, train_small_tokenizer

STYLE = np.ones(1, dtype=np.float32)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_small_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


@pytest.fixture
def sampled(tokenizer: Tokenizer) -> SampledText:
    """After a sentence of a text that is part speech and part not, in many paragraphs."""
    model = Markov(tokenizer, TEXT)
    return SampledText(model, STYLE, Position(tokenizer.encode(".")[0], model.zero_state()))


def tweets(*texts: str, paragraph: bool = False) -> list[Tweet]:
    return [Tweet(number, text, paragraph, None, datetime(2026, 1, 1, tzinfo=UTC)) for number, text in enumerate(texts)]


def openings(sampled: SampledText, tokens: TokenMasks, required: Opening = UNDECIDED) -> Iterator[Opening]:
    return (draw_opening(required, sampled, tokens, f"It was {number}.") for number in range(2000))


def test_openings_are_drawn_as_often_as_the_model_has_them(sampled: SampledText, tokenizer: Tokenizer) -> None:
    tokens = TokenMasks(tokenizer)
    share = probabilities(sampled.logits(), Sampling(1, 0, 1), tokens.openers)[tokenizer.paragraph]
    drawn = [opening.paragraph for opening in openings(sampled, tokens)]
    assert 0.1 < share < 0.9
    assert np.mean(drawn) == pytest.approx(share, abs=0.05)


def test_speech_is_drawn_too(sampled: SampledText, tokenizer: Tokenizer) -> None:
    tokens = TokenMasks(tokenizer)
    sampled.add(tokenizer.paragraph, "\n")
    share = probabilities(sampled.logits(), Sampling(1, 0, 1), tokens.first)[tokens.speech].sum()
    sampled.take_back(0)
    drawn = [opening.speech for opening in openings(sampled, tokens) if opening.paragraph]
    assert 0.1 < share < 0.9
    assert np.mean(drawn) == pytest.approx(share, abs=0.05)


def test_what_is_required_is_not_drawn(sampled: SampledText, tokenizer: Tokenizer) -> None:
    drawn = set(openings(sampled, TokenMasks(tokenizer), Opening(True, False)))
    assert drawn == {Opening(True, False)}


def test_drawing_leaves_the_line_as_it_was(sampled: SampledText, tokenizer: Tokenizer) -> None:
    position = sampled.position
    assert {opening.paragraph for opening in openings(sampled, TokenMasks(tokenizer))} == {True, False}
    assert (sampled.position, sampled.text, sampled.tokens) == (position, "", [])


def test_the_same_text_before_draws_the_same(sampled: SampledText, tokenizer: Tokenizer) -> None:
    tokens = TokenMasks(tokenizer)
    assert list(openings(sampled, tokens)) == list(openings(sampled, tokens))


@pytest.mark.parametrize("paragraph", [True, False, None])
@pytest.mark.parametrize("speech", [True, False, None])
def test_only_tokens_of_the_opening_are_allowed(
    tokenizer: Tokenizer, paragraph: bool | None, speech: bool | None
) -> None:
    tokens = TokenMasks(tokenizer)
    allowed = Opening(paragraph, speech).allowed(tokens, last=tokenizer.encode(".")[0])
    texts = {text for text, is_allowed in zip(tokens.texts, allowed, strict=True) if is_allowed}
    voices = {text[1] == "“" for text in texts if len(text) > 1 and text[1] in "“ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert ("\n" in texts) is (paragraph is not False)
    assert voices == (set() if paragraph else {True, False} if speech is None else {speech})


def test_nothing_is_required_at_first() -> None:
    assert required_opening("", []) == UNDECIDED
    assert required_opening(" She went.", tweets("She went. " * 9)) == UNDECIDED


def test_after_a_speech_that_asks_a_paragraph_is_required() -> None:
    assert required_opening("", tweets("“Is it he?”")).paragraph is True
    assert required_opening("\n“Is it he?”", tweets("She went.")).paragraph is True
    assert required_opening("", tweets("“It is he.”")).paragraph is None


def test_a_paragraph_that_runs_on_has_to_end() -> None:
    assert required_opening("", tweets(*["She went."] * LONGEST_PARAGRAPH)) == Opening(True, None)
    assert required_opening("", tweets(*["She went."] * (LONGEST_PARAGRAPH - 1))) == UNDECIDED
    assert required_opening("", tweets("She went.\nHe went.", *["She went."] * (LONGEST_PARAGRAPH - 1))) == UNDECIDED


def test_after_nothing_but_speech_something_else_is_required() -> None:
    talk = ["“She went.”\n“He went.”"] * LONGEST_TALK
    assert required_opening("", tweets(*talk)) == Opening(True, False)
    assert required_opening("", tweets(*talk[1:], "“She went.”\nHe went.")) == UNDECIDED
