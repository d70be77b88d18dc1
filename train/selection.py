"""Which authors a run reads, how much of each in one pass, and which passages of their books.

The settings `authors` and `tokens_per_author` give every author a budget of tokens. One who wrote less is read whole;
of one who wrote more, every book gives a part in proportion to its length, and the next pass reads on from there.

`passages = "simple"` chooses scenes in short sentences, with speech: a small model that writes simply is understood
(Eldan and Li 2023). A passage is a run of eight paragraphs, ranked by its words a sentence; a scene has speech in at
least two of its paragraphs and in all but one at most.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from train.data import PARAGRAPH, Text, chunks_in
from train.errors import ConfigurationError

RUN = 8
"""Paragraphs in a passage."""
LEAST_SPEECH, MOST_SPEECH = 2, 7
"""Paragraphs with speech in a passage that is a scene."""

_ABBREVIATIONS = ("Mr", "Mrs", "Dr", "St")
_SPACE = "Ġ"  # how byte-level BPE writes a space


def parse_authors(setting: str) -> dict[str, int | None]:
    """Parse names, each with its tokens a pass (None: not given). Raises `ConfigurationError`.

    parse_authors("Jane Austen=600000, Oscar Wilde") → {"Jane Austen": 600000, "Oscar Wilde": None}
    """
    budgets: dict[str, int | None] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            tokens = int(number.replace("_", "")) if equals else None
        except ValueError:
            tokens = 0
        if not name or (tokens is not None and tokens <= 0):
            raise ConfigurationError(f"authors: {part!r} must be NAME or NAME=TOKENS, a whole number of tokens a pass")
        if name in budgets:
            raise ConfigurationError(f"authors: {name} is named twice")
        budgets[name] = tokens
    return budgets


def check_known(setting: str, known: Sequence[str]) -> None:
    """Raise `ConfigurationError` if `authors` names one who is not in the corpus."""
    for name in parse_authors(setting):
        if name not in known:
            raise ConfigurationError(f"authors names {name}, but the corpus has {', '.join(known)}")


def choose_texts(texts: Sequence[Text], setting: str) -> list[Text]:
    """Return the texts of the authors that the setting names; all, if it names none."""
    names = parse_authors(setting)
    return [text for text in texts if not names or text.author in names]


def plan_portions(texts: Sequence[Text], chunk: int, setting: str, tokens_per_author: int) -> npt.NDArray[np.int64]:
    """Return the chunks of each text in one pass, `(texts,)`; an author's add up to the budget, or all there is."""
    budgets = parse_authors(setting)
    whole = np.array([chunks_in(text, chunk) for text in texts], dtype=np.int64)
    portions = whole.copy()
    for author in {text.author for text in texts}:
        budget = budgets.get(author) or tokens_per_author
        theirs = np.array([text.author == author for text in texts])
        have, wanted = int(whole[theirs].sum()), max(1, budget // chunk)
        if budget and wanted < have:
            ends = np.rint(np.cumsum(whole[theirs]) * (wanted / have)).astype(np.int64)
            portions[theirs] = np.diff(ends, prepend=0)
    return portions


def shares_by_author(texts: Sequence[Text], setting: str, tokens_per_author: int) -> dict[str, float]:
    """Return the share of each author's tokens that one pass reads, at most 1."""
    budgets, tokens = parse_authors(setting), dict[str, int]()
    for text in texts:
        tokens[text.author] = tokens.get(text.author, 0) + len(text.tokens) - 1
    return {
        author: min(1.0, (budgets.get(author) or tokens_per_author or have) / max(1, have))
        for author, have in tokens.items()
    }


def tokens_by_author(texts: Sequence[Text], portions: npt.NDArray[np.int64], chunk: int) -> dict[str, int]:
    """Count the tokens that a pass reads of each author, in the order of the texts."""
    tokens: dict[str, int] = {}
    for text, portion in zip(texts, portions.tolist(), strict=True):
        tokens[text.author] = tokens.get(text.author, 0) + portion * chunk
    return tokens


def sample_evenly(texts: Sequence[Text], tokens: int) -> list[Text]:
    """Return the beginning of every text, in proportion to its length, `tokens` in all: a slice to validate on."""
    whole = sum(len(text.tokens) for text in texts)
    share = min(1.0, tokens / whole) if whole else 1.0
    cut = [(text, max(2, int(len(text.tokens) * share))) for text in texts]
    return [
        Text(text.author, text.ebook, text.tokens[:length], round(text.characters * length / len(text.tokens)))
        for text, length in cut
    ]


def sample_in_shares(texts: Sequence[Text], tokens: int, weights: Mapping[str, float]) -> list[Text]:
    """Return a slice to validate on, at most `tokens` in all, with authors in proportion to the weights.

    Where none of the texts is by an author with a weight, there is as much of every text in proportion.
    """
    authors = [author for author in dict.fromkeys(text.author for text in texts) if weights.get(author)]
    if not authors:
        return sample_evenly(texts, tokens)
    whole = sum(weights[author] for author in authors)
    samples: list[Text] = []
    for author in authors:
        theirs = [text for text in texts if text.author == author]
        samples += sample_evenly(theirs, round(tokens * weights[author] / whole))
    return samples


@dataclass(frozen=True)
class _Passage:
    text: int
    start: int  # its tokens, from the end of the paragraph before it
    stop: int
    is_scene: bool
    words_a_sentence: float


class _Signs:
    """What each token of a vocabulary tells about the text: bool arrays `(vocabulary,)`."""

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
    """Return that share of each author's tokens, scenes in the shortest sentences first.

    Passages that follow one another are one text. An author with a share of 1, or none, stays whole.
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
    """Join passages, in order, into texts; each begins and ends with a paragraph token."""
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
