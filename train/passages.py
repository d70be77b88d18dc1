"""Which passages of a book a small model should learn to write like: scenes in short sentences, with speech.

A small model that writes simply is understood (Eldan and Li 2023). A passage is a run of eight paragraphs. Its measure
is how many words a sentence has; a scene has speech in at least two of its paragraphs and in all but one at most.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from train.data import PARAGRAPH, Text

RUN = 8
"""Paragraphs in a passage."""
LEAST_SPEECH, MOST_SPEECH = 2, 7
"""Paragraphs with speech in a passage that is a scene."""

_ABBREVIATIONS = ("Mr", "Mrs", "Dr", "St")
_SPACE = "Ġ"  # how byte-level BPE writes a space


@dataclass(frozen=True)
class _Passage:
    text: int
    start: int  # its tokens, from the end of the paragraph before it
    stop: int
    is_scene: bool
    words_a_sentence: float


class _Signs:
    """What each token of a vocabulary says of the text: bool arrays `(vocabulary,)`."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        names = [tokenizer.id_to_token(token) or "" for token in range(tokenizer.get_vocab_size())]
        spelt = [tokenizer.decode([token]) for token in range(len(names))]
        self.begins_word = _marks(name.startswith(_SPACE) for name in names)
        self.ends_sentence = _marks(any(sign in text for sign in ".!?…") for text in spelt)
        self.abbreviates = _marks(name.removeprefix(_SPACE) in _ABBREVIATIONS for name in names)
        self.opens_speech = _marks("“" in text for text in spelt)


def _marks(values: Iterable[bool]) -> npt.NDArray[np.bool_]:
    return np.fromiter(values, dtype=np.bool_)


def simplest_passages(texts: Sequence[Text], tokenizer: Tokenizer, shares: Mapping[str, float]) -> list[Text]:
    """Of each author that share of the tokens, scenes in the shortest sentences first.

    Passages that follow one another are one text. Of an author with a share of 1 or none everything stays.
    """
    signs = _Signs(tokenizer)
    chosen: list[Text] = []
    for author in dict.fromkeys(text.author for text in texts):
        theirs = [text for text in texts if text.author == author]
        share = shares.get(author, 1.0)
        if share >= 1.0:
            chosen += theirs
            continue
        passages = [passage for index, text in enumerate(theirs) for passage in _passages(index, text, signs)]
        passages.sort(key=lambda passage: (not passage.is_scene, passage.words_a_sentence))
        ends = np.cumsum([passage.stop - passage.start for passage in passages])
        taken = passages[: int(np.searchsorted(ends, share * ends[-1])) + 1] if passages else []
        chosen += _joined(sorted(taken, key=lambda passage: (passage.text, passage.start)), theirs)
    return chosen


def _passages(index: int, text: Text, signs: _Signs) -> list[_Passage]:
    tokens = np.asarray(text.tokens)
    edges = np.flatnonzero(tokens == PARAGRAPH)  # the first is the token before the text
    if len(edges) < 2:
        return []
    ends = signs.ends_sentence[tokens]
    ends[1:] &= ~(ends[:-1] | signs.abbreviates[tokens[:-1]])
    words, sentences, speech = (
        np.add.reduceat(marks.astype(np.int64), edges[:-1])
        for marks in (signs.begins_word[tokens], ends, signs.opens_speech[tokens])
    )
    found = []
    for first in range(0, len(edges) - 1, RUN):
        run = slice(first, min(first + RUN, len(edges) - 1))
        spoken = int((speech[run] > 0).sum())
        found.append(
            _Passage(
                index,
                int(edges[run.start]),
                int(edges[run.stop]),
                LEAST_SPEECH <= spoken <= MOST_SPEECH,
                # The word that begins a paragraph has no space before it.
                float((words[run].sum() + RUN) / max(1, sentences[run].sum())),
            )
        )
    return found


def _joined(passages: Sequence[_Passage], texts: Sequence[Text]) -> list[Text]:
    """Texts of passages in order, each from one paragraph token to the next passage's."""
    runs: list[_Passage] = []
    for passage in passages:
        if runs and runs[-1].text == passage.text and runs[-1].stop == passage.start:
            runs[-1] = replace(runs[-1], stop=passage.stop)
        else:
            runs.append(passage)
    return [_cut(texts[run.text], run.start, run.stop) for run in runs]


def _cut(text: Text, start: int, stop: int) -> Text:
    tokens = text.tokens[start : stop + 1]
    return replace(text, tokens=tokens, characters=round(text.characters * len(tokens) / len(text.tokens)))
