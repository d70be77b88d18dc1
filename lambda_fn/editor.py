"""Is this fit to post? The rules of print, of X, and of not repeating oneself: a reason, or None."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence

from lambda_fn.prose.length import LONGEST, weighted_length
from lambda_fn.prose.lexicon import WORD, Lexicon, is_unwelcome, words_of
from lambda_fn.prose.sentences import (
    CAPITAL,
    LETTER,
    begins_sentence,
    is_abbreviation,
    is_whole,
    open_marks,
    split_sentences,
)
from lambda_fn.story import fingerprint

REPERTOIRE = re.compile(rf"[{LETTER}0-9 \n.,;:!?…‘’“”()—\-&£]*")
"""The characters that a told text may hold: those of a novel; none of them makes a mention or a hashtag."""

SHORTEST_REPEAT = 4  # words: "Yes." and "Oh no!" may be said again
LONGEST_SHARED = 7  # words in a row that a tweet may share with a recent one
LOOP = 3  # words in a row that may not come as often as this in a tweet
LONGEST_ECHO = 5  # words in a row that may come twice in a tweet

_SMALL = "a-zß-öø-ÿ"
_SLIPS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        # A full stop without a space after it can be read as a link ("said.In").
        (rf"[,;:!?.…][{LETTER}]|[;:!?…]\d|(?<!\d)[,.]\d", "no space after a punctuation mark"),
        (r" [,;:!?.”)]| -|- |[“‘(] ", "a space where none belongs"),
        (r"  | \n|\n |\n\n", "white space twice"),
        (r"[“‘(][,;:!?.)”\n]|[“‘(]’[^A-Za-z]", "a mark opened before nothing"),
        (rf"[{LETTER}\d,;:!?.)”…][“‘(]", "no space before an opening mark"),
        (
            rf"[”)][{LETTER}\d]|[,;:!?…]’[{LETTER}\d]|\.’(?!s)[{LETTER}\d]|\.’s[{LETTER}]",
            "no space after a closing mark",
        ),
        (r"[,;:][,;:.!?…]|[!?…][.,;:]|\.[.!?…]|[!?…]…|[!?]{4}|…[!?.…]", "punctuation marks that clash"),
        (r"[.,;:!?…][”’][.,;:!?]|[”][.]", "punctuation marks that clash around a closing mark"),
        (r"’’|‘‘|““|””|--|-—|—-|—{3}|“—?”|‘—’", "marks that clash"),
        (
            rf"[{LETTER}]\d|\d(?![snrt])[{LETTER}]|\d(?:s[^t]|n[^d]|r[^d]|t[^h])|\d{{5}}",
            "a number that is none",
        ),
        (
            rf"\.[”’)]+ [“‘(]*’?[{_SMALL}]|[.]—[“‘(]*[{_SMALL}]|[!?][”’)]* [“‘]+[{_SMALL}]",
            "a sentence begun with a small letter",
        ),
        (rf"(?:^|\n)[^{CAPITAL}“‘’(]|(?:^|\n)[“‘’(]+[^{CAPITAL}“‘’(]", "a paragraph begun amid a sentence"),
        (r"[^.!?…:—,”’)]\n|,\n[^“‘]|[^.!?…:—”’)][”’)]+\n", "a paragraph ended amid a sentence"),
        (r"\b(?:Mr|Mrs|Dr|Messrs)\. ?[“‘(\n]", "a title without a name"),
        # Counted in 2.3 million words of novels: 12 such ends of a sentence, and 25 of a clause.
        (
            r"\b(?:a|[Bb]ecause|[Aa]s|[Aa]lthough|[Bb]ut|[Oo]r|[Uu]ntil|[Aa]nd|[Nn]or|[Uu]nless|[Tt]han|[Ii]f|"
            r"[Ww]hose|[Tt]heir|[Aa]n|[Yy]our|[Ii]ts|[Oo]ur|[Ee]very|[Tt]he|[Mm]y)[.!?]",
            "a word that ends no sentence",
        ),
        (
            r"\b(?:a|[Ww]hose|[Tt]heir|[Aa]n|[Yy]our|[Ii]ts|[Oo]ur|[Ee]very|[Tt]he|[Mm]y)[,;:”)]",
            "a word that ends no clause",
        ),
        (r"\b[B-HJ-NP-Z] ", "a letter that is no word"),
        (r"&(?:[^c ]| [^A-Z])|£\D", "a sign that stands for nothing"),
    )
)
_STOP_AND_GO_ON = re.compile(rf"\.(?: [“‘(]*’?[{_SMALL}]|[,;:])")


def slip(text: str, since: int = 0) -> str | None:
    """What is wrong in print, beginning or ending after `since`, that nothing written after it could mend.

    slip("He said.In") → "no space after a punctuation mark", slip("He was in") → None
    """
    start = max(0, since - 12)
    for pattern, reason in _SLIPS:
        if any(found.end() > since for found in pattern.finditer(text, start)):
            return reason
    for stop in _STOP_AND_GO_ON.finditer(text, start):
        if stop.end() > since and not is_abbreviation(text[: stop.start() + 1]):
            return "a full stop amid a sentence"
    if open_marks(text) is None:
        return "a quotation mark or bracket that does not match"
    return None


class Editor:
    """Judges one tweet, knowing those before it."""

    def __init__(
        self, words: frozenset[str], recent: Iterable[str] = (), seen: Container[int] = (), prompt: str = ""
    ) -> None:
        """`words`: see `Lexicon`; `recent` texts; `seen` fingerprints; `prompt` begins the tweet, as it is."""
        recent = tuple(recent)
        self.lexicon = Lexicon(words, (*recent, prompt))
        self._prompt = prompt
        self._seen = seen
        self._sentences = {repeatable for text in recent for repeatable in _repeatable(text)}
        self._phrases = {run for text in recent for run in _runs(words_of(text), LONGEST_SHARED + 1)}

    def objection(self, text: str, *, words: bool = True, repeats: bool = True) -> str | None:
        """Why a tweet is not fit to post, or None; `words` and `repeats` switch those rules on."""
        told = len(self._prompt)
        if weighted_length(text) > LONGEST:
            return "too long"
        if text != text.strip() or not REPERTOIRE.fullmatch(text, told):
            return "a character that has no place in a story"
        if not self._prompt and not begins_sentence(text):
            return "it does not begin as a sentence does"
        if not is_whole(text):
            return "it does not end a sentence"
        reason = slip(text, told)
        if not reason and any(map(is_unwelcome, WORD.findall(text, told))):
            reason = "a word that is never told"
        if not reason and words:
            reason = self.lexicon.wrong_word(text, told)
        if not reason and repeats:
            reason = self._repetition(text)
        if not reason and fingerprint(text) in self._seen:
            reason = "a tweet told before"
        return reason

    def _repetition(self, text: str) -> str | None:
        sentences = _repeatable(text)
        if len(set(sentences)) < len(sentences) or not self._sentences.isdisjoint(sentences):
            return "a sentence said again"
        words = words_of(text)
        if not self._phrases.isdisjoint(_runs(words, LONGEST_SHARED + 1)):
            return "a phrase said again"
        if any(count >= LOOP for count in Counter(_runs(words, LOOP)).values()) or any(
            count > 1 for count in Counter(_runs(words, LONGEST_ECHO + 1)).values()
        ):
            return "words that go round in a loop"
        return None


def _repeatable(text: str) -> list[tuple[str, ...]]:
    """The words of each sentence that is long enough to be noticed when it comes again."""
    words = (tuple(words_of(sentence)) for sentence in split_sentences(text))
    return [sentence for sentence in words if len(sentence) >= SHORTEST_REPEAT]


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[start:] for start in range(length)), strict=False))
