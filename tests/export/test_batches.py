"""Several texts read at once, in the graphs that `python -m export bundle` writes and in those written before."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.state import State
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Tweet
from lambda_fn.writing.storyteller import Storyteller
from lambda_fn.writing.tweet import Telling
from tests.lambda_fn.office import NOON, MemoryStore

STYLE = np.array([0.25, 0.75], dtype=np.float32)
AUTHOR = np.array([1, 0], dtype=np.float32)  # of what the style adds, the sum over authors is exact then
PRECISIONS = ["fp32", "8bit", "4bit", "integer"]


def begun(model: LanguageModel, texts: int) -> tuple[list[int], list[State]]:
    """So many texts of several tokens, each another: the next token of each, and the state before it."""
    generator = np.random.default_rng(texts)
    tokens = generator.integers(model.vocabulary, size=(texts, 6)).tolist()
    return [text[-1] for text in tokens], [model.after(text[:-1], STYLE, model.zero_state()) for text in tokens]


@pytest.mark.parametrize("texts", [1, 2, 5, 16, 33])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_text_is_read_as_if_alone(bundles: dict[str, Path], precision: str, texts: int) -> None:
    model = LanguageModel(load_bundle(bundles[precision]))
    tokens, states = begun(model, texts)
    logits, after = model.step_batch(tokens, STYLE, states)
    alone = [model.step(token, STYLE, state) for token, state in zip(tokens, states, strict=True)]
    assert logits.shape == (texts, model.vocabulary)
    np.testing.assert_allclose(logits, [answer for answer, _ in alone], atol=1e-4)
    for found, (_, expected) in zip(after, alone, strict=True):
        assert found.shapes == expected.shapes
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, atol=1e-5)


@pytest.mark.parametrize("texts", [2, 5, 16, 33])
def test_in_whole_numbers_each_text_gets_the_bits_that_it_gets_alone(bundles: dict[str, Path], texts: int) -> None:
    """Nothing that a text gets hangs on the others, as it would with one scale for what is rounded of all of them."""
    model = LanguageModel(load_bundle(bundles["integer"]))
    tokens, states = begun(model, texts)
    logits, after = model.step_batch(tokens, AUTHOR, states)
    alone = [model.step(token, AUTHOR, state) for token, state in zip(tokens, states, strict=True)]
    np.testing.assert_array_equal(logits, [answer for answer, _ in alone])
    assert after == [state for _, state in alone]


def test_only_in_whole_numbers_and_one_style_the_bits_are_those_of_a_text_alone(
    bundles: dict[str, Path], tiny_bundle: Path
) -> None:
    models = {precision: LanguageModel(load_bundle(bundles[precision])) for precision in PRECISIONS}
    alike = {precision for precision, model in models.items() if model.reads_alike(AUTHOR)}
    assert alike == {"integer"}
    assert not models["integer"].reads_alike(STYLE)
    assert not LanguageModel(load_bundle(tiny_bundle)).reads_alike(AUTHOR)


def test_a_story_is_the_same_whether_its_candidates_are_told_together_or_not(
    bundles: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text, state, surprise, tries and refusals of each tweet; and steps are run together where that is so."""
    batches: list[int] = []
    step_batch = LanguageModel.step_batch

    def counted(model: LanguageModel, tokens: Sequence[int], *given: Any) -> tuple[NDArray[np.float32], list[State]]:
        batches.append(len(tokens))
        return step_batch(model, tokens, *given)

    monkeypatch.setattr(LanguageModel, "step_batch", counted)
    together = tell_story(bundles["integer"], tweets=3)
    assert max(batches) > 1
    batches.clear()
    monkeypatch.setattr(LanguageModel, "reads_alike", lambda *_: False)
    assert tell_story(bundles["integer"], tweets=3) == together
    assert not batches


def tell_story(bundle: Path, tweets: int) -> list[Telling]:
    """The first tweets of a story, of five candidates each."""
    storyteller = Storyteller(load_bundle(bundle))
    settings = Settings.resolve({"seed": 7, "candidates": 5, "class_temperature": 1}, {"STORY_PROMPT": "It was"})
    story, _, voice = storyteller.load(Stories(MemoryStore()), settings)
    told = []
    for number in range(1, tweets + 1):
        telling, story = storyteller.next_telling(story, voice)
        tweet = Tweet(number, telling.text, telling.paragraph, None, NOON)
        story = story.settled(tweet, telling.position.token, telling.position.state)
        told.append(replace(telling, steps=0))  # the first tokens, which all have in common, may be read together
    return told


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_same_batch_gives_the_same_bits(bundles: dict[str, Path], precision: str) -> None:
    first, second = (LanguageModel(load_bundle(bundles[precision])) for _ in range(2))
    given = begun(first, 7)
    second.step_batch([1, 2], STYLE, [second.zero_state()] * 2)
    (logits, after), (again, after_again) = (model.step_batch(given[0], STYLE, given[1]) for model in (first, second))
    np.testing.assert_array_equal(logits, again)
    assert after == after_again


def test_a_graph_for_one_text_reads_them_one_by_one(tiny_bundle: Path) -> None:
    """As the graphs of the versions before are."""
    model = LanguageModel(load_bundle(tiny_bundle))
    tokens, states = begun(model, 3)
    logits, after = model.step_batch(tokens, STYLE, states)
    alone = [model.step(token, STYLE, state) for token, state in zip(tokens, states, strict=True)]
    np.testing.assert_array_equal(logits, [answer for answer, _ in alone])
    assert after == [state for _, state in alone]


@pytest.mark.parametrize(
    ("tokens", "states", "sentence"),
    [
        ([], 0, "each text needs a token and a state, not 0 tokens and 0 states"),
        ([1, 2], 1, "each text needs a token and a state, not 2 tokens and 1 states"),
        ([1, -1], 2, "token must be from 0 to"),
    ],
)
@pytest.mark.parametrize("precision", ["8bit", "one text"])
def test_what_makes_no_batch_is_refused(
    bundles: dict[str, Path], tiny_bundle: Path, precision: str, tokens: list[int], states: int, sentence: str
) -> None:
    model = LanguageModel(load_bundle(bundles.get(precision, tiny_bundle)))
    with pytest.raises(ValueError, match=sentence):
        model.step_batch(tokens, STYLE, [model.zero_state()] * states)


def test_a_state_of_another_model_is_refused(bundles: dict[str, Path], tiny_bundle: Path) -> None:
    model, other = (LanguageModel(load_bundle(folder)) for folder in (bundles["8bit"], tiny_bundle))
    with pytest.raises(ValueError, match="is it another model's state"):
        model.step_batch([1, 1], STYLE, [model.zero_state(), other.zero_state()])
