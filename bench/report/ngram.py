"""A 5-gram model over the sub-words: modified Kneser-Ney smoothing, interpolated (Chen and Goodman 1999).

    p(w | h) = (c(hw) - D(c(hw))) / c(h) + γ(h) p(w | h′)

h′ is h without its first token, D one of three discounts by count (1, 2, 3 and more), γ(h) what they take away. Below
the highest order c counts not occurrences but the different tokens seen before; below single tokens, all are alike.

Counting is sorting: an n-gram of up to four tokens is one 64-bit number, one of five is the place of its first four
among all of them, and its last. Memory: some 60 bytes a training token at the peak.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ORDER = 5
_BITS = np.uint64(16)
_LAST = np.uint64(0xFFFF)

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Table:
    """The n-grams of one order, sorted: `context << 16 | token`; each one's count, and the order's discounts."""

    keys: Keys
    counts: Numbers
    discounts: Chances
    """`(4,)`: of the counts 0, 1, 2, and 3 or more."""
    totals: Numbers
    """`(n-grams + 1,)`: the counts summed up to each n-gram."""
    lost: Chances
    """`(n-grams + 1,)`: the discounts summed up to each n-gram."""

    @classmethod
    def of(cls, keys: Keys, counts: Numbers) -> "_Table":
        discounts = _discounts(counts)
        taken = discounts[np.minimum(counts, 3)]
        totals, lost = (np.concatenate([[0], np.cumsum(numbers)]) for numbers in (counts, taken))
        return cls(keys, counts, discounts, totals, lost)

    def interpolate(self, contexts: Keys, tokens: Keys, known: npt.NDArray[np.bool_], lower: Chances) -> Chances:
        """p(token | context) of many; `lower` is p(token | shorter context), and the answer where it is not `known`."""
        first = np.searchsorted(self.keys, contexts << _BITS)
        after = np.searchsorted(self.keys, contexts << _BITS | _LAST, side="right")
        total = self.totals[after] - self.totals[first]
        seen = known & (total > 0)
        wanted = contexts << _BITS | tokens
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        counts = np.where(self.keys[places] == wanted, self.counts[places], 0)
        kept = counts - self.discounts[np.minimum(counts, 3)]
        left = self.lost[after] - self.lost[first]
        return np.where(seen, (kept + left * lower) / np.maximum(total, 1), lower)


class KneserNey:
    """Counts of a training text, and the chances they give."""

    def __init__(self, tokens: npt.NDArray[np.uint16], vocabulary: int) -> None:
        """`tokens` `(tokens,)`, more than five, each below `vocabulary`."""
        self._vocabulary = vocabulary
        packed = _packed(tokens, ORDER - 1)
        self._fours = _distinct(packed)[0]
        places = np.searchsorted(self._fours, packed[:-1]).astype(np.uint64)
        fives, counts = _distinct(places << _BITS | tokens[ORDER - 1 :].astype(np.uint64))
        del packed, places
        tables = [_Table.of(fives, counts)]
        # What stands before an n-gram: each longer one once, without its first token.
        keys = self._fours[(fives >> _BITS).astype(np.int64)] << _BITS | fives & _LAST
        for order in range(ORDER - 1, 0, -1):
            mask = np.uint64((1 << 16 * order) - 1)
            keys, counts = _distinct(keys & mask)
            tables.append(_Table.of(keys, counts))
        self._tables = tables[::-1]

    def chances(self, tokens: npt.NDArray[np.uint16]) -> Chances:
        """p of each token but the first after the up to four before it; shape `(tokens - 1,)`.

        Before the first token the text is taken to be that token again and again: a paragraph's end.
        """
        text = np.concatenate([np.repeat(tokens[:1], ORDER - 2), tokens])
        wanted = tokens[1:].astype(np.uint64)
        chances: Chances = np.full(len(wanted), 1 / self._vocabulary)
        everywhere = np.ones(len(wanted), dtype=np.bool_)
        for order, table in enumerate(self._tables[:-1], start=1):
            contexts = _packed(text[ORDER - order :], order - 1)[: len(wanted)]
            chances = table.interpolate(contexts, wanted, everywhere, chances)
        contexts = _packed(text, ORDER - 1)[: len(wanted)]
        places = np.minimum(np.searchsorted(self._fours, contexts), len(self._fours) - 1)
        known = self._fours[places] == contexts
        return self._tables[-1].interpolate(places.astype(np.uint64), wanted, known, chances)

    def bits(self, tokens: npt.NDArray[np.uint16]) -> float:
        """What all tokens but the first cost, in bits."""
        return float(-np.log2(self.chances(tokens)).sum())


def _packed(tokens: npt.NDArray[np.uint16], length: int) -> Keys:
    """Every run of `length` tokens as one number, the last token lowest; shape `(tokens - length + 1,)`."""
    count = len(tokens) - length + 1
    keys = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        keys = keys << _BITS | tokens[place : place + count]
    return keys


def _distinct(keys: Keys) -> tuple[Keys, Numbers]:
    """Keys sorted, each once, and how often it was there."""
    ordered = np.sort(keys)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.diff(np.concatenate([starts, [len(ordered)]]))


def _discounts(counts: Numbers) -> Chances:
    """Chen and Goodman's estimates from how many n-grams come once, twice, three and four times."""
    one, two, three, four = (int(np.count_nonzero(counts == number)) for number in (1, 2, 3, 4))
    if not one or not two:
        return np.array([0.0, 0.5, 0.5, 0.5])
    share = one / (one + 2 * two)
    found = [1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / max(1, three)]
    # A discount may not take more than there is, and must leave something to the shorter contexts.
    return np.array([0.0, *(min(max(value, 0.1), most) for value, most in zip(found, (0.95, 1.9, 2.85), strict=True))])
