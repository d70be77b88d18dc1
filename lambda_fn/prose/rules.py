"""Whether a text is fit to post, by the rules of print, of X, and against repetition: a reason why not, or None."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from itertools import takewhile

from lambda_fn.prose.length import LONGEST, room_taken
from lambda_fn.prose.sentences import (
    CAPITAL,
    LETTER,
    begins_sentence,
    is_abbreviation,
    is_whole,
    open_marks,
    split_sentences,
)
from lambda_fn.prose.words import WORD, Lexicon, fold, unwelcome_word, words_of
from lambda_fn.story.record import fingerprint

REPERTOIRE = re.compile(rf"[{LETTER}0-9 \n.,;:!?…‘’“”()—\-&£]*")
"""The characters that a told text may hold: those of a novel; none of them makes a mention or a hashtag."""

SHORTEST_REPEAT = 4  # words: "Yes." and "Oh no!" may be said again
LONGEST_SHARED = 7  # words in a row that a tweet may share with a recent one
LOOP = 3  # words in a row, which may not occur this often in a tweet
LONGEST_ECHO = 5  # words in a row that may occur twice in a tweet

_SMALL = "a-zß-öø-ÿ"
_FAULTS = tuple(
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
    )
)
# A prompt's words are its author's: these apply only to what begins after it. All others demand no more than a space,
# a capital or another word next, so that every prompt can be continued.
_FAULTS_OF_WORDS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            rf"[{LETTER}]\d|\d(?![snrt])[{LETTER}]|\d(?:s[^t]|n[^d]|r[^d]|t[^h])|\d{{5}}",
            "a number that is none",
        ),
        (r"\b[B-HJ-NP-Z] ", "a letter that is no word"),
        (r"&(?:[^c ]| [^A-Z])|£\D", "a sign that stands for nothing"),
    )
)
_STOP_AND_GO_ON = re.compile(rf"\.(?: [“‘(]*’?[{_SMALL}]|[,;:])")


def fault(text: str, since: int = 0, prompt: int = 0) -> str | None:
    """What is misprinted, ending after `since`, in a way that no text after it could correct.

    `prompt`: the length of the prompt that the text begins with, which is accepted as it is.
    A pattern sees the last 12 characters only: a rule about all of a tweet belongs in `Editor.objection`.
    fault("He said.In") → "no space after a punctuation mark", fault("He was in") → None
    """
    start = max(0, since - 12)
    for first, faults in ((start, _FAULTS), (max(start, prompt), _FAULTS_OF_WORDS)):
        for pattern, reason in faults:
            if any(found.end() > since for found in pattern.finditer(text, first)):
                return reason
    for stop in _STOP_AND_GO_ON.finditer(text, start):
        if stop.end() > since and not is_abbreviation(text[: stop.start() + 1]):
            return "a full stop amid a sentence"
    if open_marks(text) is None:
        return "a quotation mark or bracket that does not match"
    return None


class Editor:
    """Judges one tweet, given those before it."""

    def __init__(
        self, words: frozenset[str], recent: Iterable[str] = (), seen: Container[int] = (), prompt: str = ""
    ) -> None:
        """`words`: see `Lexicon`; `recent` texts; `seen` fingerprints; `prompt` begins the tweet, unchanged."""
        recent = tuple(recent)
        self.lexicon = Lexicon(words, (*recent, prompt))
        self.prompt = prompt
        self._seen = seen
        self._sentences = {repeatable for text in recent for repeatable in _repeatable(split_sentences(text))}
        self._phrases = {run for text in recent for run in _runs(words_of(text), LONGEST_SHARED + 1)}

    def objection(self, text: str, *, words: bool = True, repeats: bool = True) -> str | None:
        """Why a tweet is not fit to post, or None; `words` and `repeats` switch those rules on."""
        told = len(self.prompt)
        if room_taken(text) > LONGEST:
            return "too long"
        if text != text.strip() or not REPERTOIRE.fullmatch(text, told):
            return "a character that has no place in a story"
        if not self.prompt and not begins_sentence(text):
            return "it does not begin as a sentence does"
        if not is_whole(text):
            return "it does not end a sentence"
        reason = fault(text, told, told)
        if not reason and unwelcome_word(text, told):
            reason = "a word that is never told"
        if not reason and words:
            reason = self.lexicon.wrong_word(text, told)
        if not reason and repeats:
            reason = self._repetition(text)
        if not reason and fingerprint(text) in self._seen:
            reason = "a tweet told before"
        return reason

    def _repetition(self, text: str) -> str | None:
        """What the told part of a text repeats, also from the prompt that the text begins with."""
        told = len(self.prompt)
        parts = split_sentences(text)
        given = takewhile(lambda pair: pair[0] == pair[1], zip(parts, split_sentences(self.prompt), strict=False))
        sentences, own = _repeatable(parts), _repeatable(parts[len(list(given)) :])
        if any(sentences.count(sentence) > 1 or sentence in self._sentences for sentence in own):
            return "a sentence said again"
        found = list(WORD.finditer(text))
        words, first = [fold(word.group()) for word in found], sum(word.end() <= told for word in found)

        def own_runs(length: int) -> list[tuple[str, ...]]:
            return _runs(words[max(0, first + 1 - length) :], length)

        if not self._phrases.isdisjoint(own_runs(LONGEST_SHARED + 1)):
            return "a phrase said again"
        for length, most in ((LOOP, LOOP - 1), (LONGEST_ECHO + 1, 1)):
            counts = Counter(_runs(words, length))
            if any(counts[run] > most for run in own_runs(length)):
                return "words that go round in a loop"
        return None


def _repeatable(sentences: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each sentence that is long enough for a repetition to be noticed."""
    words = (tuple(words_of(sentence)) for sentence in sentences)
    return [sentence for sentence in words if len(sentence) >= SHORTEST_REPEAT]


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[start:] for start in range(length)), strict=False))
