"""How a passage opens: with a new paragraph or not, with speech or not; drawn from the model once.

Short speech fits into a tweet more often than a long sentence. If the opening were drawn again with every try, a story
would become dialogue only; so a further try changes only the words. And the draw is a function of the text before: an
opening that did not fit at the end of one tweet is what the next one opens with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lambda_fn.language.sampling import Sampling, probabilities
from lambda_fn.prose.sentences import may_be_attributed
from lambda_fn.story.record import Tweet, fingerprint
from lambda_fn.writing.sampled_text import SampledText
from lambda_fn.writing.token_masks import Mask, TokenMasks

LONGEST_PARAGRAPH = 3  # tweets; then the next begins another, which a model may never do by itself
LONGEST_TALK = 4  # tweets of nothing but speech; then the next begins with something else

_AS_THE_MODEL = Sampling(temperature=1, top_k=0, top_p=1)


@dataclass(frozen=True)
class Opening:
    """How a passage opens, as far as that is decided; None leaves it to each try."""

    paragraph: bool | None
    speech: bool | None

    def allowed(self, tokens: TokenMasks, last: int) -> Mask:
        """The tokens that may come first, or second after a paragraph's end, when `last` is the token before."""
        if last == tokens.paragraph:
            return self._voiced(tokens.first, tokens)
        if self.paragraph:
            return tokens.paragraphs
        openers = self._voiced(tokens.openers, tokens)
        return openers if self.paragraph is None else openers & ~tokens.paragraphs

    def _voiced(self, mask: Mask, tokens: TokenMasks) -> Mask:
        if self.speech is None:
            return mask
        return mask & (tokens.speech | tokens.paragraphs) if self.speech else mask & ~tokens.speech


UNDECIDED = Opening(None, None)


def required_opening(told: str, recent: Sequence[Tweet]) -> Opening:
    """The opening that the text so far requires: `told` of this tweet, and the `recent` tweets before it."""
    before = told or (recent[-1].text if recent else "")
    ends = may_be_attributed(before)
    if told:
        return Opening(ends or None, None)
    paragraph, talk = recent[-LONGEST_PARAGRAPH:], recent[-LONGEST_TALK:]
    runs_on = len(paragraph) == LONGEST_PARAGRAPH and not any(t.paragraph or "\n" in t.text for t in paragraph)
    talks_on = len(talk) == LONGEST_TALK and all(line[0] in "“‘" for t in talk for line in t.text.split("\n"))
    return Opening(ends or runs_on or talks_on or None, False if talks_on else None)


def draw_opening(required: Opening, sampled: SampledText, tokens: TokenMasks, before: str) -> Opening:
    """Decide what is not required, with the probabilities of the model at temperature 1, for an empty text.

    `before`: the text before, whose fingerprint is the random number of the draw.
    """
    chance = fingerprint(before) / 2**64
    paragraph, speech = required.paragraph, required.speech
    if paragraph is None:
        share = float(probabilities(sampled.logits(), _AS_THE_MODEL, tokens.openers)[tokens.paragraph])
        paragraph = chance < share
        chance = chance / share if paragraph else (chance - share) / (1 - share)
    if speech is None:
        opened = Opening(paragraph, None)
        if paragraph:
            sampled.add(tokens.paragraph, "\n")
        allowed = opened.allowed(tokens, sampled.position.token)
        speech = chance < float(probabilities(sampled.logits(), _AS_THE_MODEL, allowed)[tokens.speech].sum())
        sampled.take_back(0)
    return Opening(paragraph, speech)
