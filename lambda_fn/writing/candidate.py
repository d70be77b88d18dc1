"""One try at a passage: the shortest run of whole sentences after which every quotation mark is closed."""

import re

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.sampling import sample
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.length import LONGEST, room_taken, weighted_length
from lambda_fn.prose.misprints import fault
from lambda_fn.prose.rules import Refusal, refused
from lambda_fn.prose.sentences import LETTER, OPENING, is_whole, may_be_attributed, open_marks
from lambda_fn.prose.words import last_word
from lambda_fn.writing.lockstep import InSteps
from lambda_fn.writing.openings import UNDECIDED, Opening
from lambda_fn.writing.retries import Retry
from lambda_fn.writing.sampled_text import SampledText
from lambda_fn.writing.token_masks import Mask, TokenMasks

WORDS_TAKEN_BACK = 12  # in one try, before it is given up
TOKENS_REFUSED = 100  # in one place, before the try is given up
WELL_BEGUN = 40  # weight of a passage from which its end may be made likelier

_GOES_ON = re.compile(f"[{LETTER}’-]")  # may belong to the word before it


class Candidate:
    """One try at continuing a tweet, from sampled text that may hold its prompt already."""

    def __init__(
        self,
        sampled: SampledText,
        before: str,
        masks: TokenMasks,
        editor: Editor,
        retry: Retry,
        generator: np.random.Generator,
        opening: Opening = UNDECIDED,
        said: Mask | None = None,
    ) -> None:
        """`before`: the text of the tweet so far; `said`: the tokens of the tweets before."""
        self._said = said
        self._sampled, self._before, self._masks = sampled, before, masks
        self._editor, self._retry, self._generator = editor, retry, generator
        self._prompt = len(sampled.text)
        self._opening = opening
        self._taken_back = 0
        # Only a text with no mark open can go on without marks.
        self._plain = retry.plain and open_marks(before + sampled.text) == ""

    def in_steps(self) -> InSteps[Refusal | None]:
        """Sample until the passage is complete, stopping before each step; returns None, or why it cannot be used."""
        while True:
            if self._sampled.wants_a_step():
                yield self._sampled
            text = (self._before + self._sampled.text).lstrip()
            token, reason = self._next_token(text)
            if reason:
                return reason
            if token is None:
                return self._editor.objection(text, self._retry.passed)
            piece = self._masks.texts[token]
            wrong = None if _GOES_ON.match(piece) else self._wrong_word()
            if wrong is None:
                self._sampled.add(token, piece)
            elif self._taken_back == WORDS_TAKEN_BACK:
                return wrong
            else:
                self._taken_back += 1

    def _next_token(self, text: str) -> tuple[int | None, Refusal | None]:
        """The next token; None if the passage has ended before it; or the reason why there is none."""
        ended = len(self._sampled.text) > self._prompt and is_whole(text)
        logits, allowed = self._logits(text, ended), self._allowed()
        for _ in range(TOKENS_REFUSED):
            if allowed is not self._masks.told and not allowed.any():
                break
            token = sample(logits, self._retry.sampling, self._generator, allowed, self._masks.classes, self._said)
            piece = self._masks.texts[token]
            if ended and self._openers(text)[token]:
                return None, None
            following = (text + piece).lstrip()
            if room_taken(following) > LONGEST:
                return None, refused("length")
            if not fault(following, len(text), len(self._editor.prompt)):
                return token, None
            if allowed is self._masks.told:
                allowed = allowed.copy()
            allowed[token] = False
        return None, refused("nothing-follows")

    def _allowed(self) -> Mask:
        """The tokens that may come next, as far as their place alone decides: a new mask, unless it is all."""
        tokens, written = self._masks, self._sampled.text
        if not written or written == "\n":
            allowed = self._opening.allowed(tokens, self._sampled.position.token)
        elif written == " " or written.endswith("\n"):
            allowed = tokens.first
        elif len(written) == self._prompt:
            allowed = self._after_prompt(written)
        else:
            allowed = tokens.told
        if self._plain:
            return allowed & tokens.plain
        return allowed if allowed is tokens.told else allowed.copy()

    def _after_prompt(self, prompt: str) -> Mask:
        """The tokens that may follow a prompt: a space or a mark, unless it ends in what joins to a word."""
        tokens = self._masks
        if prompt[-1] in OPENING:
            return tokens.joined
        if prompt[-1] == "—":
            # A space before the dash calls for one after it, too.
            return tokens.told & ~tokens.joined if prompt[-2:-1] == " " else tokens.told
        return tokens.unattached

    def _openers(self, text: str) -> Mask:
        """The tokens that begin the next sentence after a text."""
        # “Oh!” and its "Emma cried" must not be separated.
        return self._masks.paragraphs if may_be_attributed(text) else self._masks.openers

    def _logits(self, text: str, ended: bool) -> NDArray[np.float32]:
        """The model's logits, with those of sentence ends raised by the eagerness of this try."""
        logits, eagerness = self._sampled.logits(), self._retry.eagerness
        if not eagerness or weighted_length(self._sampled.text) < WELL_BEGUN:
            return logits
        tokens, marks = self._masks, open_marks(text)
        favoured = self._openers(text) if ended else tokens.closes[marks[-1]] if marks else tokens.stops
        return logits + np.where(favoured, np.float32(eagerness), np.float32(0))

    def _wrong_word(self) -> Refusal | None:
        """What is wrong with the word that has just ended, or None; a wrong word is taken back."""
        sampled = self._sampled
        found = last_word(sampled.text)
        if not found or found[1] + len(found[0]) <= self._prompt:
            return None
        wrong = self._editor.wrong_word(sampled.text, max(found[1], self._prompt), self._retry.passed)
        if wrong:
            sampled.take_back(max(found[1], self._prompt))
        return wrong
