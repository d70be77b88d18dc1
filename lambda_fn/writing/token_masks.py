"""What each token of a vocabulary writes, and where in a tweet it may stand, as masks over the logits."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.rules import REPERTOIRE
from lambda_fn.prose.sentences import CLOSING, LETTER, OPENING, begins_sentence, opens_sentence

Mask = NDArray[np.bool_]

_ATTACHED = re.compile(f"[{LETTER}0-9-]")
_STOP = re.compile("[.!?]")


class TokenMasks:
    """The tokens of a tokenizer as `TweetWriter` needs them; every mask is bool `(vocabulary,)`."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.texts = tuple(_told_text(tokenizer, token) for token in range(tokenizer.size))
        """What each writes; empty if it is never told: a part of a character, or one that no story needs."""
        self.paragraph = tokenizer.paragraph
        self.paragraphs = self._mask(lambda text: text == "\n")
        self.told = self._mask(bool)
        self.openers = self._mask(lambda text: opens_sentence(text) or text == " ")
        """Those that begin a sentence after another: a paragraph's end, or a space and a capital or a mark.

        Also a space alone, for those that begin with a character that no token joins to it.
        """
        self.first = self._mask(begins_sentence) & self.told
        """Those that begin a sentence when what joins it to the one before is written."""
        self.speech = self._mask(lambda text: text.lstrip().startswith(("“", "‘")))
        """Those that begin with an opening quotation mark."""
        self.plain = self._mask(lambda text: not re.search("[“”‘()]", text)) & self.told
        """Those without quotation marks and brackets."""
        self.unattached = self._mask(lambda text: not _ATTACHED.match(text)) & self.told
        """Those that never go on with the word before them."""
        self.joined = self._mask(lambda text: not text.startswith((" ", "\n"))) & self.told
        """Those that leave no space after what is before them."""
        self.stops = self._mask(_STOP.fullmatch)
        """Those that end a sentence and no more."""
        self.closes = {
            mark: self._mask(re.compile(f"[.!?]?{closing}|[.!?]").fullmatch)
            for mark, closing in zip(OPENING, map(re.escape, CLOSING), strict=True)
        }
        """By opening mark, those that help to end a sentence within it, and to close it."""

    def _mask(self, test: Callable[[str], object]) -> Mask:
        return np.array([bool(test(text)) for text in self.texts])


def _told_text(tokenizer: Tokenizer, token: int) -> str:
    if token == tokenizer.paragraph:
        return "\n"
    try:
        text = tokenizer.token_bytes(token).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    # The byte of a paragraph's end is not the paragraph token.
    return text if REPERTOIRE.fullmatch(text) and "\n" not in text else ""
