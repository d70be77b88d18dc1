"""Whether a text is fit to post, by the table of rules: the first of them that refuses it, or None."""

from collections.abc import Container, Iterable, Iterator

from lambda_fn.prose.copying import CopyFilter
from lambda_fn.prose.length import LONGEST, room_taken
from lambda_fn.prose.misprints import LINKABLE, REPERTOIRE, fault
from lambda_fn.prose.repeats import Repeats
from lambda_fn.prose.rules import AS_ALWAYS, HouseRules, Refusal, refused
from lambda_fn.prose.sentences import begins_sentence, is_whole
from lambda_fn.prose.words import Lexicon
from lambda_fn.story.record import fingerprint

_NONE: frozenset[str] = frozenset()


class Editor:
    """Judges one tweet, given those before it."""

    def __init__(
        self,
        words: frozenset[str],
        recent: Iterable[str] = (),
        seen: Container[int] = (),
        prompt: str = "",
        house: HouseRules = AS_ALWAYS,
        opened: Container[int] = (),
        copies: CopyFilter | None = None,
    ) -> None:
        """`words`: see `Lexicon`; `recent` texts; `prompt` begins the tweet, unchanged.

        `seen`: fingerprints of the texts before, `opened`: of their openings; `copies`: the training books, if known.
        """
        recent = tuple(recent)
        self.prompt = prompt
        self._lexicon = Lexicon(words, (*recent, prompt), house)
        self._repeats = Repeats(recent, opened, prompt)
        self._seen, self._copies = seen, copies
        self._off = house.off

    def objection(self, text: str, passed: frozenset[str] = _NONE) -> Refusal | None:
        """Why a tweet is not fit to post, or None; the rules that are named in `passed` do not count."""
        return self._first(self._refusals(text), passed)

    def wrong_word(self, text: str, start: int, passed: frozenset[str] = _NONE) -> Refusal | None:
        """What is wrong with the first wrong word that ends after `start`, by itself or after the word before it."""
        return self._first(self._lexicon.refusals(text, start), passed)

    def _first(self, refusals: Iterator[Refusal], passed: frozenset[str]) -> Refusal | None:
        return next((each for each in refusals if each.rule not in self._off and each.rule not in passed), None)

    def _refusals(self, text: str) -> Iterator[Refusal]:
        told = len(self.prompt)
        if room_taken(text) > LONGEST:
            yield refused("length")
        if text != text.strip() or not REPERTOIRE.fullmatch(text, told):
            yield refused("characters")
        if not self.prompt and not begins_sentence(text):
            yield refused("beginning")
        if not is_whole(text):
            yield refused("ending")
        if slip := fault(text, told, told):
            yield slip
        # What a prompt ends with, and what is harmless by itself, may become one: "But.c" and "o".
        if any(link.end() > told for link in LINKABLE.finditer(text)):
            yield refused("space-after-mark")
        yield from self._lexicon.refusals(text, told)
        yield from self._repeats.refusals(text)
        if fingerprint(text) in self._seen:
            yield refused("told-before")
        if self._copies and (words := self._copies.copied(text, told)):
            yield refused("copied", f"words that stand in a training book: “{words}”")
