"""Tells the next tweet: whole sentences sampled from the language model, never cut, with the state carried exactly.

A tweet is one or more passages, each tried several times from the same position until one fits. A sentence has
ended when the text could end there and the next token *sampled* begins another sentence; that token is discarded,
and sampled again among such tokens when the story continues, which leaves the model's distribution unchanged. So the
position after a tweet depends on the told text alone: reading the whole story from zeros gives the same state, bit
for bit.
"""

import math
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import StuckError
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.neural_cache import NeuralCache
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.copying import CopyFilter
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.length import LONGEST, room_taken, weighted_length
from lambda_fn.prose.rules import AS_ALWAYS, HouseRules
from lambda_fn.story.record import Tweet
from lambda_fn.writing.candidate import Candidate
from lambda_fn.writing.lockstep import InSteps
from lambda_fn.writing.openings import Opening, draw_opening, required_opening
from lambda_fn.writing.retries import TRIES, retry_of
from lambda_fn.writing.sampled_text import NO_MEMORY, Answer, Memory, Position, SampledText
from lambda_fn.writing.token_masks import Mask, TokenMasks

HELD = 8  # tries for which a passage keeps the opening drawn for it
LEAST_ROOM = 24  # weight: with less left in a tweet, no further passage is tried
SUBSTANTIAL = 100  # weight: a shorter tweet is filled with more tries
BRISK, PATIENT = 2, 10  # tries for a further passage of a tweet that is substantial, and of one that is not


@dataclass(frozen=True)
class Telling:
    """A told tweet."""

    text: str
    paragraph: bool  # whether it begins a paragraph; if not, it continues the last one, after a space
    position: Position  # after it
    steps: int  # calls of the model that it took
    surprise: float  # nats a token by the model's own distribution, without the prompt
    candidates: int = 1  # how many were told, of which it is the best
    bits_per_character: float = 0.0  # by the model's own distribution, without the prompt
    tries: int = 1  # at all of its passages, and at one more that did not fit
    refusals: Mapping[str, int] = field(default_factory=dict)  # by rule, how many of those tries it refused


@dataclass
class Occasion:
    """One tweet to be told, and what all candidates for it have in common: see `TweetWriter.occasion`."""

    position: Position
    style: NDArray[np.float32]
    sampling: Sampling
    recent: Sequence[Tweet]
    prompt: str
    memory: Memory
    editor: Editor
    said: Mask | None  # the tokens of the tweets before, for the repetition penalty
    beginnings: dict[tuple[int, ...], Answer] = field(default_factory=dict)
    """What the model answered to the first tokens of tries at the first passage."""
    opening: Opening | None = None
    """How the first passage opens, once that is drawn."""


class TweetWriter:
    """Tells tweets with one model; keeps no state from one to the next."""

    def __init__(
        self,
        model: LanguageModel,
        tokenizer: Tokenizer,
        words: frozenset[str] = frozenset(),
        copies: CopyFilter | None = None,
    ) -> None:
        """`words`: those of the training books in lower case, see `Lexicon`; `copies`: the books themselves."""
        self._copies = copies
        self._model, self._tokenizer, self._words = model, tokenizer, words
        self._masks = TokenMasks(tokenizer)

    def beginning(self) -> Position:
        """The position before any text."""
        return Position(self._tokenizer.paragraph, self._model.zero_state())

    def tells_alike(self, style: NDArray[np.float32]) -> bool:
        """Whether candidates told together are those that are told one after another, bit for bit."""
        return self._model.reads_alike(style)

    def after(self, text: str, position: Position, style: NDArray[np.float32]) -> Position:
        """The position after a text, which begins with what joins it to the text before: " " or "\\n"."""
        return self._read(self._tokenizer.encode(text), position, style)

    def remember(self, texts: Iterable[str], style: NDArray[np.float32]) -> NeuralCache:
        """A cache of texts, read from zeros one after another; each begins with what joins it to the one before."""
        cache, position = NeuralCache(), self.beginning()
        state, token = position.state, position.token
        for text in texts:
            for following in self._tokenizer.encode(text):
                state = self._model.after([token], style, state)
                cache.add(state, following)
                token = following
        return cache

    def occasion(
        self,
        position: Position,
        style: NDArray[np.float32],
        sampling: Sampling,
        recent: Sequence[Tweet] = (),
        seen: Container[int] = (),
        prompt: str = "",
        house: HouseRules = AS_ALWAYS,
        opened: Container[int] = (),
        memory: Memory = NO_MEMORY,
    ) -> Occasion:
        """One tweet to be told from a position, for `in_steps`.

        `style` float32 `(authors,)`; `recent`: the tweets before; `seen`, `opened`: fingerprints, see `Editor`;
        `prompt`: how the tweet begins, as `prepare_prompt` makes it; `house`: what the owner decides of the rules;
        `memory`: of the tweets before.
        """
        editor = Editor(self._words, [tweet.text for tweet in recent], seen, prompt, house, opened, self._copies)
        said = self._said(recent) if sampling.repetition_penalty != 1 else None
        return Occasion(position, style, sampling, recent, prompt, memory, editor, said)

    def in_steps(self, occasion: Occasion, generator: np.random.Generator) -> InSteps[Telling]:
        """Tell one candidate, stopping before each step of the model. Raises `StuckError` when every try failed."""
        position, style, sampling = occasion.position, occasion.style, occasion.sampling
        recent, prompt = occasion.recent, occasion.prompt
        told, steps, here, number = "", 0, position, 0
        nats, tokens, characters, tries = 0.0, 0, 0, 0
        refusals: Counter[str] = Counter()
        beginnings, drawn = occasion.beginnings, occasion.opening
        while True:
            retry = retry_of(sampling, number)
            remembered = replace(occasion.memory, share=retry.sampling.cache_share)
            sampled = SampledText(self._model, style, here, remembered, beginnings)
            opening = required_opening(told, recent)
            if prompt and not told:
                sampled.begin(self._tokenizer.encode(prompt), prompt)
            elif (told or recent) and number < HELD:
                if drawn is None:
                    if told and sampled.wants_a_step():
                        yield sampled
                    drawn = draw_opening(opening, sampled, self._masks, told.strip() or recent[-1].text)
                    if not told:
                        occasion.opening = drawn
                opening = drawn
            begun, given = len(sampled.tokens), len(sampled.text)
            candidate = Candidate(sampled, told, self._masks, occasion.editor, retry, generator, opening, occasion.said)
            reason = yield from candidate.in_steps()
            steps += sampled.steps
            number, tries = number + 1, tries + 1
            if reason:
                refusals[reason.rule] += 1
            else:
                told += sampled.text
                nats, tokens = nats + sampled.nats(begun), tokens + len(sampled.tokens) - begun
                characters += len(sampled.text) - given
                here = self._read_as_told(sampled, here, style)
                number, drawn, beginnings = 0, None, {}
            if _is_full(told, number):
                break
            if number == TRIES:
                raise StuckError(
                    f"no tweet could be told in {TRIES} tries ({reason}): try another temperature or style"
                )
        paragraph = told.startswith("\n") or position.token == self._tokenizer.paragraph
        bits = nats / characters / math.log(2)
        return Telling(told.strip(), paragraph, here, steps, nats / tokens, 1, bits, tries, refusals)

    def _said(self, recent: Sequence[Tweet]) -> Mask:
        """The tokens that stand in the tweets before, for the repetition penalty."""
        said = np.zeros(self._tokenizer.size, dtype=np.bool_)
        said[[token for tweet in recent for token in self._tokenizer.encode(f" {tweet.text}")]] = True
        return said

    def _read_as_told(self, sampled: SampledText, start: Position, style: NDArray[np.float32]) -> Position:
        """The position after a sampled text, as reading the text gives it."""
        tokens = self._tokenizer.encode(sampled.text)
        # A model may write a word in other tokens than the tokenizer would: what counts is the text.
        return sampled.position if tokens == sampled.tokens else self._read(tokens, start, style)

    def _read(self, tokens: Sequence[int], position: Position, style: NDArray[np.float32]) -> Position:
        if not tokens:
            return position
        state = self._model.after([position.token, *tokens[:-1]], style, position.state)
        return Position(tokens[-1], state)


def _is_full(told: str, failures: int) -> bool:
    """Whether a tweet is complete, after so many failed tries at a further passage."""
    weight = weighted_length(told.strip())
    if not told:
        return False
    return LONGEST - room_taken(told.strip()) < LEAST_ROOM or failures >= (BRISK if weight >= SUBSTANTIAL else PATIENT)
