"""Whatever the editor passes weighs for X what it weighs here, and X finds nothing in it to link."""

import os
import random
import unicodedata
from collections.abc import Callable

from lambda_fn.errors import SettingError
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.prompt import prepare_prompt
from lambda_fn.prose.rules import REPEATS_UNTIL, passed_at
from tests.end_to_end.twitter_text import by_twitter_text

FULL = os.environ.get("TRIALS") == "full"
INVENTED = 100_000 if FULL else 4_000
SELECTORS = ("", "\ufe0f", "\ufe0e")
SOUND = (
    "“I know,” said Mr. Harrow. “‘Tis late!’ she said.”\n“So it is.”",
    "Oh! how happy she was! But what—“Hush!”—was that?",
    "He had £1,000 a year on the 23rd of May, at 10 o’clock, &c.; she had 3.5 per cent.",
    "The boys’ hats (and the girls’) were Mrs. R.’s, in the parish of St. Ives. It was so.",
    "“Go to Bath. Com. Lee is there.” He went to Net. In a week he was at Org. Me. Co.",
)
PROMPTS = (
    "©️ 1851",
    "®️ Tea",
    "❤️ is",
    "🐱️ slept",
    "👨‍👩‍👧 walked",
    "👍🏽 he said,",
    "🇬🇧 and 🇦🇦",
    "1️⃣ day",
    "e\u0301te\u0301",
)
MARKS = [*" .,;:!?…‘’“”()—-&£\n", "t.co", ".com", "Mr. ", "www", "1.5", "’s", "A", "é", "ß", "ö"]


def mutated(draw: random.Random, text: str) -> str:
    """A text with some of its characters replaced, removed, doubled or moved."""
    for _ in range(draw.randint(0, 3)):
        place = draw.randrange(len(text) or 1)
        piece = draw.choice(["", draw.choice(MARKS), text[place : place + draw.randint(1, 9)]])
        text = text[:place] + piece + text[place + draw.randint(0, 2) :]
    return text


def passed(draw: random.Random, text: str) -> bool:
    """Whether the editor passes a text, at times as one that begins with a prompt."""
    late = passed_at(REPEATS_UNTIL)
    if draw.random() < 0.7:
        return Editor(frozenset()).objection(text, late) is None
    try:
        prompt = prepare_prompt(text[: draw.randint(1, len(text) or 1)])
    except SettingError:
        return False
    return text.startswith(prompt) and Editor(frozenset(), prompt=prompt).objection(text, late) is None


def test_every_character_weighs_what_it_does_for_x_with_and_without_a_selector() -> None:
    # What X had no tables for in 2018 is a pair of code points to it, and to us.
    named = [
        chr(code)
        for code in range(0x20, 0x1FB00)
        if unicodedata.category(chr(code)) not in ("Cs", "Cc", "Co", "Cn") and (FULL or code % 7 == 0 or code > 0x1F000)
    ]
    texts = [character + selector for character in named for selector in SELECTORS]
    theirs = [weight for weight, _ in by_twitter_text(texts)]
    assert [text for text, weight in zip(texts, theirs, strict=True) if weighted_length(text) != weight] == []


def test_emoji_put_together_of_others_weigh_what_they_do_for_x() -> None:
    draw = random.Random(2)
    parts = [
        *"👨👩👧👦❤💋🏳🌈🏴☠👍✌🐱©®™0#*",
        "\u200d",
        "\ufe0f",
        "\u20e3",
        "🏽",
        "🏿",
        "🇬",
        "🇧",
        "🇦",
        "\U000e0067",
        "\U000e007f",
        "a",
    ]
    texts = [*PROMPTS, *("".join(draw.choices(parts, k=draw.randint(1, 9))) for _ in range(INVENTED))]
    theirs = [weight for weight, _ in by_twitter_text(texts)]
    assert [text for text, weight in zip(texts, theirs, strict=True) if weighted_length(text) != weight] == []


def test_what_the_editor_passes_weighs_as_much_for_x_which_finds_nothing_to_link(
    record_property: Callable[[str, object], None],
) -> None:
    draw, texts = random.Random(1), list[str]()
    while len(texts) < INVENTED // 4:
        base = draw.choice([*SOUND, f"{draw.choice(PROMPTS)} {draw.choice(SOUND)}"])
        text = mutated(draw, base)
        if passed(draw, text):
            texts.append(text)
    theirs = by_twitter_text(texts)
    wrong = [text for text, (weight, entities) in zip(texts, theirs, strict=True)
             if weighted_length(text) != weight or entities]  # fmt: skip
    record_property("texts passed, held against twitter-text", len(texts))
    assert wrong == []
