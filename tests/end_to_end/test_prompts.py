"""Whatever prompt is accepted, the shipped model tells a story from it under any seed."""

import os
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from lambda_fn.errors import SettingError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.style import style_vector
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.prompt import prepare_prompt
from lambda_fn.prose.rules import REPEATS_UNTIL, passed_at
from lambda_fn.settings import SHIPPED_MODEL
from lambda_fn.story.codec import LONGEST_TEXT
from lambda_fn.writing.tweet import TweetWriter
from tests.lambda_fn.one_tweet import next_tweet

FULL = os.environ.get("TRIALS") == "full"
SEEDS = 5 if FULL else 1
INVENTED = 300 if FULL else 10

ODD = [
    "In the 1850s", "The 5r", "3n", "£5s", "Plan B", "Agent Q.", "AT&T", "Fish &", "12345", "It cost 5¢", "½", "x*y",
    "Zorblax met Quennifer", "Dr. Xqzt’s", "IT WAS A DARK NIGHT,", "The §", "§", "*Hello*", "C++", "Mr.", "J. R. R.",
    "3 p.m.", "It was late.", "Oh!!!!", "Hello..", "Wait...", "He said:", "He went —", "He went -", "He said (", "[He]",
    'He said, "', "He said, '", "“‘(Oh", "(“‘" + "x" * 190, "'Twas", "the boys'", "rock 'n' roll", "In ’45", "“Go,”",
    "‘Go!’", "(He went)", "One\nTwo", "🎉", "👨\u200d👩\u200d👧\u200d👦" * 28, "昔々。",
    "Жили-были", "مرحبا", "हिन्दी", "x\u0301", "\u0301a",
    "B", "a", "'O", "6'2\"", "A rose is a rose is a rose is a rose is", "No, no, no, no, no, no,", "an apple a an",
    "(" + "no, " * 40, "“" + "word " * 39, "B. " * 60, "X! " * 66, "x" * 200, "の" * 100, "1850s " * 33,
]  # fmt: skip

_ENDS = [
    "",
    ",",
    ".",
    "!",
    "?",
    ":",
    ";",
    "…",
    "—",
    " —",
    "”",
    "’",
    ")",
    "]",
    "'",
    '"',
    "s'",
    "§",
    "&",
    "%",
    "s",
    "B",
    "5",
]
_WORDS = [
    "He",
    "said",
    "the",
    "1850s",
    "Zorblax",
    "“Oh",
    "‘Well",
    "(so",
    "it’s",
    "Mr.",
    "'em",
    "昔",
    "🎉",
    "NOT",
    "a",
    "&",
]


def invented(count: int) -> Iterator[str]:
    draw = random.Random(7)
    for _ in range(count):
        yield " ".join(draw.choices(_WORDS, k=draw.randint(1, 8))) + draw.choice(_ENDS)


@pytest.mark.timeout(3600)
def test_every_prompt_that_is_accepted_is_told_under_every_seed(record_property: Callable[[str, object], None]) -> None:
    bundle = load_bundle(SHIPPED_MODEL)
    tweet_writer = TweetWriter(LanguageModel(bundle), bundle.load_tokenizer(), bundle.words())
    style = style_vector({bundle.authors[0]: 1.0}, bundle.authors)
    told = 0
    for typed in (*ODD, *invented(INVENTED)):
        try:
            prompt = prepare_prompt(typed)
        except SettingError:
            assert typed not in ODD
            continue
        for seed in range(SEEDS):
            generator = np.random.default_rng([seed, 1, 0])
            telling = next_tweet(
                tweet_writer, tweet_writer.beginning(), style, bundle.sampling, generator, prompt=prompt
            )
            assert telling.text.startswith(prompt)
            assert len(telling.text) <= LONGEST_TEXT
            assert Editor(frozenset(), prompt=prompt).objection(telling.text, passed_at(REPEATS_UNTIL)) is None
            told += 1
    record_property("prompts told", told)
