import numpy as np
import pytest

from lambda_fn.language.sampling import Sampling
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.editor import Editor
from lambda_fn.writing.candidate import Candidate
from lambda_fn.writing.lockstep import at_once
from lambda_fn.writing.retries import retry_of
from lambda_fn.writing.sampled_text import Position, SampledText
from lambda_fn.writing.token_masks import TokenMasks
from tests.lambda_fn.markov import Markov, Script, train_small_tokenizer

STYLE = np.ones(1, dtype=np.float32)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_small_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


def line_of(model: Markov | Script, before: str, tokenizer: Tokenizer) -> SampledText:
    """A sampled text that goes on with another."""
    sampled = SampledText(model, STYLE, Position(0, model.zero_state()))
    for token in tokenizer.encode(before):
        sampled.add(token, tokenizer.decode([token]))
    return SampledText(model, STYLE, sampled.position)


def tell(tokenizer: Tokenizer, script: str, before: str = "It was late.", **editor: object) -> tuple[str | None, str]:
    """Tell the passage that a script has after what was before; returns the rule that refused it, and the text."""
    sampled = line_of(Script(tokenizer, before + script), before, tokenizer)
    passage = Candidate(
        sampled,
        "",
        TokenMasks(tokenizer),
        Editor(frozenset(), **editor),
        retry_of(Sampling(1, 0, 1), 0),
        np.random.default_rng(1),
    )
    refusal = at_once(passage.in_steps())
    return refusal and refusal.rule, sampled.text


@pytest.mark.parametrize(
    ("script", "passage"),
    [
        (" She went. He stayed.", " She went."),
        ("\nShe went.\nHe stayed.", "\nShe went."),
        (" Mr. Dale went. He stayed.", " Mr. Dale went."),
        (" “Oh!” cried he. “Oh!” She went.", " “Oh!” cried he."),
        (" “Oh! It is late. Go.” She went.", " “Oh! It is late. Go.”"),
        (" “He said, ‘Go. Now.’ I went.” She did.", " “He said, ‘Go. Now.’ I went.”"),
        (" (She went. He stayed.) It was so.", " (She went. He stayed.)"),
        (" “But I—”\n“Hush!”\nShe went.", " “But I—”\n“Hush!”"),
        (" “Who is it?” Susan asked. She went.", " “Who is it?” Susan asked."),
        (" “Who is it?”\n“I am.”", " “Who is it?”"),
        (" “It is I.” Susan went.", " “It is I.”"),
        (" She saw… Then she went. He stayed.", " She saw… Then she went."),
        (" She said,\n“Go.” He went.", " She said,\n“Go.”"),
    ],
)
def test_a_passage_is_the_shortest_run_of_whole_sentences(tokenizer: Tokenizer, script: str, passage: str) -> None:
    assert tell(tokenizer, script) == (None, passage)


def test_a_passage_too_long_for_a_tweet_is_given_up(tokenizer: Tokenizer) -> None:
    rule, text = tell(tokenizer, " She went" + " and went" * 40 + ". He stayed.")
    assert rule == "length"
    assert len(text) <= 281


def test_a_passage_that_the_editor_refuses_is_given_up(tokenizer: Tokenizer) -> None:
    rule, _ = tell(tokenizer, " She went to the mill. He stayed.", recent=["She went to the mill."])
    assert rule == "sentence-again"


def test_an_unknown_word_is_taken_back_and_another_sampled(tokenizer: Tokenizer) -> None:
    model = Markov(tokenizer, "She went. She wept. She went. He wept.")
    sampled = line_of(model, "", tokenizer)
    sampled = SampledText(model, STYLE, Position(tokenizer.encode(".")[0], model.zero_state()))
    editor = Editor(frozenset({"she", "went"}))
    told = set()
    for seed in range(20):
        sampled = SampledText(model, STYLE, Position(tokenizer.encode(".")[0], model.zero_state()))
        passage = Candidate(
            sampled, "", TokenMasks(tokenizer), editor, retry_of(Sampling(1, 0, 0.9), 0), np.random.default_rng(seed)
        )
        if at_once(passage.in_steps()) is None:
            told.add(sampled.text)
    assert told == {" She went."}


def test_taking_back_leaves_the_line_as_it_was(tokenizer: Tokenizer) -> None:
    model = Markov(tokenizer)
    sampled = line_of(model, "The lamp.", tokenizer)
    sampled.add(*(token := tokenizer.encode(" She")[0], tokenizer.decode([token])))
    length, position, logits = len(sampled.text), sampled.position, sampled.logits()
    for token in tokenizer.encode(" obstrived"):
        sampled.add(token, tokenizer.decode([token]))
    sampled.take_back(length)
    assert (sampled.position, sampled.text) == (position, sampled.text[:length])
    assert np.array_equal(sampled.logits(), logits)


def test_a_token_taken_back_costs_no_call_of_the_model(tokenizer: Tokenizer) -> None:
    model = Markov(tokenizer)
    sampled = line_of(model, "The lamp.", tokenizer)
    sampled.logits()
    calls = model.steps
    for _ in range(5):
        sampled.add(7, tokenizer.decode([7]))
        sampled.take_back(0)
        sampled.logits()
    assert model.steps == calls
