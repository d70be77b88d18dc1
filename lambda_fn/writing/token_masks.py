"""The text of each token, and where in a tweet it may stand, as masks over the logits."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lambda_fn.language.token_classes import TokenClasses
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.misprints import REPERTOIRE
from lambda_fn.prose.sentences import CLOSING, LETTER, OPENING, begins_sentence, opens_sentence

Mask = NDArray[np.bool_]

_ATTACHED = re.compile(f"[{LETTER}0-9-]")
_STOP = re.compile("[.!?]")
_WORD = re.compile(f" [{LETTER}’]+")
_PIECE = re.compile(f"[{LETTER}]")

COMMON = 150
"""So many words are common: the first that byte-pair encoding learnt, which are the most frequent."""

_MARK, _PIECE_OF_WORD, _CAPITALIZED, _COMMON_WORD, _RARER_WORD = range(5)


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
        self.classes = _classes(self.texts)
        """The class of each, for a class temperature."""

    def _mask(self, test: Callable[[str], object]) -> Mask:
        mask = np.array([bool(test(text)) for text in self.texts])
        mask.flags.writeable = False
        return mask


def _classes(texts: Sequence[str]) -> TokenClasses:
    """The class of each token: of marks, pieces that continue a word, names, common words, rarer words."""
    classes = np.full(len(texts), _MARK, dtype=np.intp)
    words = 0
    for token, text in enumerate(texts):
        if _PIECE.match(text):
            classes[token] = _PIECE_OF_WORD
        elif _WORD.fullmatch(text) and text[1].isupper():
            classes[token] = _CAPITALIZED
        elif _WORD.fullmatch(text):
            classes[token] = _COMMON_WORD if words < COMMON else _RARER_WORD
            words += 1
    return TokenClasses(classes)


def _told_text(tokenizer: Tokenizer, token: int) -> str:
    if token == tokenizer.paragraph:
        return "\n"
    try:
        text = tokenizer.token_bytes(token).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    # The line feed as a byte is not the paragraph token.
    return text if REPERTOIRE.fullmatch(text) and "\n" not in text else ""
