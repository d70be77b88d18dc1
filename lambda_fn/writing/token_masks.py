"""The text of each token, and where in a tweet it may stand, as masks over the logits."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.misprints import REPERTOIRE
from lambda_fn.prose.sentences import CLOSING, LETTER, OPENING, begins_sentence, opens_sentence

Mask = NDArray[np.bool_]

_ATTACHED = re.compile(f"[{LETTER}0-9-]")
_STOP = re.compile("[.!?]")


class TokenMasks:
    """The tokens of a tokenizer by what they write; every mask is bool `(vocabulary,)`."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.texts = tuple(_told_text(tokenizer, token) for token in range(tokenizer.size))
        """What each writes; empty if it is never told, as part of a character, or of one outside the repertoire."""
        self.paragraph = tokenizer.paragraph
        self.paragraphs = self._mask(lambda text: text == "\n")
        self.told = self._mask(bool)
        self.openers = self._mask(lambda text: opens_sentence(text) or text == " ")
        """Those that begin a sentence after another: a paragraph's end, or a space and a capital or a mark.

        Also a space alone, before characters that no token joins to a space.
        """
        self.first = self._mask(begins_sentence) & self.told
        """Those that begin a sentence after the space or paragraph's end before it."""
        self.speech = self._mask(lambda text: text.lstrip().startswith(("“", "‘")))
        """Those that begin with an opening quotation mark."""
        self.plain = self._mask(lambda text: not re.search("[“”‘()]", text)) & self.told
        """Those without quotation marks and brackets."""
        self.unattached = self._mask(lambda text: not _ATTACHED.match(text)) & self.told
        """Those that do not continue the word before them."""
        self.joined = self._mask(lambda text: not text.startswith((" ", "\n"))) & self.told
        """Those that leave no space after the text before them."""
        self.stops = self._mask(_STOP.fullmatch)
        """Those that only end a sentence."""
        self.closes = {
            mark: self._mask(re.compile(f"[.!?]?{closing}|[.!?]").fullmatch)
            for mark, closing in zip(OPENING, map(re.escape, CLOSING), strict=True)
        }
        """By opening mark, those that end a sentence within it, or close it."""

    def _mask(self, test: Callable[[str], object]) -> Mask:
        return np.array([bool(test(text)) for text in self.texts])


def _told_text(tokenizer: Tokenizer, token: int) -> str:
    if token == tokenizer.paragraph:
        return "\n"
    try:
        text = tokenizer.token_bytes(token).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    # The line feed as a byte is not the paragraph token.
    return text if REPERTOIRE.fullmatch(text) and "\n" not in text else ""
