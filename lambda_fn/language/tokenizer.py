"""Text ↔ tokens: byte-level BPE (Radford et al. 2019), read from a `tokenizers` file with no dependency.

It takes exactly the kind of file that `train/tokenizer.py` writes, and then gives the same ids as that
library; every other kind is refused, since reading it nearly right would spoil a story without a sign.
"""

import re
from collections.abc import Iterable, Mapping, Set
from heapq import heapify, heappop, heappush
from itertools import pairwise
from pathlib import Path
from typing import Self

from lambda_fn.errors import BundleError, TextError
from lambda_fn.fields import Fields, shown

Merge = tuple[str, str]

_PARAGRAPH_END = "\n"
CACHED_PIECES = 200_000

# Escapes, sets within sets and flags do not mean the same to every regular expression engine.
_UNPORTABLE = re.compile(r"\\|\[[^\]]*\[|&&|--|\|\||~~|\(\?[^:=!]")


class Tokenizer:
    """Encodes and decodes any text that UTF-8 can hold: `decode(encode(text)) == text`.

    encode("Emma.\\n") → [342, 14, 0], token_bytes(342) → b"Emma"
    """

    def __init__(self, pattern: re.Pattern[str], vocabulary: Mapping[str, int], merges: Iterable[Merge]) -> None:
        """Vocabulary (paragraph end: id 0) and merges by priority, in the alphabet of byte-level BPE."""
        self.paragraph = 0
        self._pattern = pattern
        self._alphabet = [vocabulary[character] for character in _byte_alphabet()]
        self._merges = {
            (vocabulary[left], vocabulary[right]): (rank, vocabulary[left + right])
            for rank, (left, right) in enumerate(merges)
        }
        to_byte = {character: value for value, character in enumerate(_byte_alphabet())} | {_PARAGRAPH_END: ord("\n")}
        self._bytes = [b""] * len(vocabulary)
        for token, index in vocabulary.items():
            self._bytes[index] = bytes(to_byte[character] for character in token)
        self._cache: dict[str, tuple[int, ...]] = {}

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a `tokenizer.json`; raises `BundleError` when it is of any other kind than described above."""
        try:
            data = path.read_bytes()
        except OSError as problem:
            raise BundleError(f"{path} cannot be read: {problem.strerror}") from problem
        file = Fields.parse(data, str(path), BundleError)
        file.require("version", "1.0")
        for name in ("truncation", "padding", "normalizer", "post_processor"):
            file.require(name, None)
        file.fields("decoder").require("type", "ByteLevel")
        _check_paragraph(file)
        return cls(_pattern(file), *_vocabulary(file.fields("model")))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self._bytes)

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises `TextError` for a lone surrogate, which UTF-8 cannot hold."""
        tokens: list[int] = []
        for number, line in enumerate(text.split(_PARAGRAPH_END)):
            if number:
                tokens.append(self.paragraph)
            end = 0
            for match in self._pattern.finditer(line):
                if match.start() > end:
                    tokens += self._piece(line[end : match.start()])
                tokens += self._piece(match.group())
                end = match.end()
            tokens += self._piece(line[end:])
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of some tokens; bytes that are no whole character become U+FFFD."""
        return b"".join(map(self.token_bytes, tokens)).decode("utf-8", errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """The UTF-8 bytes that a token stands for, perhaps only a part of a character."""
        if not 0 <= token < len(self._bytes):
            raise ValueError(f"token must be from 0 to {len(self._bytes) - 1}, not {token}")
        return self._bytes[token]

    def _piece(self, piece: str) -> tuple[int, ...]:
        known = self._cache.get(piece)
        if known is not None:
            return known
        try:
            data = piece.encode("utf-8")
        except UnicodeEncodeError as problem:
            half = ord(piece[problem.start])
            raise TextError(f"the text holds U+{half:04X}, half of a character, which UTF-8 cannot encode") from problem
        tokens = tuple(self._merge([self._alphabet[value] for value in data]))
        if len(self._cache) < CACHED_PIECES:
            self._cache[piece] = tokens
        return tokens

    def _merge(self, symbols: list[int]) -> list[int]:
        """Merge the pair learnt first, leftmost first, until none is left (Sennrich et al. 2016)."""
        following = list(range(1, len(symbols) + 1))
        preceding = list(range(-1, len(symbols) - 1))
        # An entry is a merge's rank, place and pair; it is out of date if the symbols there have changed.
        queue = [
            (self._merges[pair][0], position, pair)
            for position, pair in enumerate(pairwise(symbols))
            if pair in self._merges
        ]
        heapify(queue)
        while queue:
            _, left, pair = heappop(queue)
            right = following[left]
            if right >= len(symbols) or (symbols[left], symbols[right]) != pair:
                continue
            symbols[left], symbols[right] = self._merges[pair][1], -1
            following[left] = after = following[right]
            if after < len(symbols):
                preceding[after] = left
            for position, neighbour in ((preceding[left], left), (left, after)):
                if position < 0 or neighbour >= len(symbols):
                    continue
                pair = symbols[position], symbols[neighbour]
                if pair in self._merges:
                    heappush(queue, (self._merges[pair][0], position, pair))
        return [symbol for symbol in symbols if symbol >= 0]


def _byte_alphabet() -> list[str]:
    """The printable character that stands for each byte in a vocabulary: `bytes_to_unicode` of GPT-2."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(value) if value in printable else chr(next(others)) for value in range(256)]


def _check_paragraph(file: Fields) -> None:
    added = file.objects("added_tokens")
    if len(added) != 1:
        raise file.problem("added_tokens", "the paragraph's end and nothing else")
    added[0].require("content", _PARAGRAPH_END)
    added[0].integer("id", 0, 0)
    for name in ("single_word", "lstrip", "rstrip", "normalized"):
        added[0].require(name, False)


def _pattern(file: Fields) -> re.Pattern[str]:
    steps = file.fields("pre_tokenizer")
    steps.require("type", "Sequence")
    if len(steps.objects("pretokenizers")) != 2:
        raise steps.problem("pretokenizers", "a Split and a ByteLevel")
    split, byte_level = steps.objects("pretokenizers")
    split.require("type", "Split")
    split.require("behavior", "Isolated")
    split.require("invert", False)
    byte_level.require("type", "ByteLevel")
    byte_level.require("add_prefix_space", False)
    byte_level.require("use_regex", False)
    problem = split.fields("pattern").problem("Regex", "a regular expression of plain characters and ranges")
    pattern = split.fields("pattern").text("Regex")
    if _UNPORTABLE.search(pattern):
        raise problem
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as broken:
        raise problem from broken
    if compiled.match(""):
        raise problem
    return compiled


def _vocabulary(model: Fields) -> tuple[dict[str, int], list[Merge]]:
    model.require("type", "BPE")
    for name in ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"):
        model.require(name, None)
    for name in ("byte_fallback", "ignore_merges"):
        model.require(name, False)
    tokens = model.fields("vocab")
    vocabulary = {token: tokens.integer(token) for token in tokens.names()}
    alphabet = set(_byte_alphabet())
    if (
        vocabulary.get(_PARAGRAPH_END) != 0
        or sorted(vocabulary.values()) != list(range(len(vocabulary)))
        or not alphabet <= vocabulary.keys()
        or not all(token and alphabet.issuperset(token) for token in vocabulary.keys() - {_PARAGRAPH_END})
    ):
        raise model.problem("vocab", "the paragraph's end (id 0), the 256 bytes and what they join to, ids 0, 1, 2 ...")
    joined = vocabulary.keys() - {_PARAGRAPH_END}
    return vocabulary, [_merge(merge, joined, model) for merge in model.sequence("merges")]


def _merge(merge: object, tokens: Set[str], model: Fields) -> Merge:
    match merge:
        case [str(left), str(right)] if {left, right, left + right} <= tokens:
            return left, right
        case _:
            raise model.problem("merges", f"pairs of tokens that join to a token, which {shown(merge)} is not")
