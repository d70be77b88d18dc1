"""A story as chapters of a hundred tweets, and a chapter as paragraphs, into which its tweets flow."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lambda_fn.story.record import Tweet

LENGTH = 100  # tweets of a chapter
LONGEST_OPENING = 60  # characters of the words that a chapter is known by

_NUMERALS = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")),
    *((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_CLAUSE = re.compile(r"[,;:.!?…—](?=\s|$)|—|\n")
_AT_ENDS = " \t\r\n,;:.!?…—“”‘’\"'()"
SHORTEST_OPENING = 12  # characters, unless the whole text has fewer


@dataclass(frozen=True)
class Piece:
    """What one paragraph has of one tweet, which may begin or end in another."""

    tweet: Tweet
    text: str
    first: bool  # whether the tweet begins with it
    last: bool  # whether it ends with it


def chapter_of(sequence: int) -> int:
    """The chapter that a tweet is in: chapter_of(100) → 1, chapter_of(101) → 2."""
    return (sequence - 1) // LENGTH + 1


def place_in_chapter(sequence: int) -> int:
    """Which of its chapter's tweets one is: place_in_chapter(101) → 1."""
    return (sequence - 1) % LENGTH + 1


def in_chapter(tweets: Sequence[Tweet], number: int) -> Sequence[Tweet]:
    """Those of consecutive tweets that are in a chapter."""
    start = LENGTH * (number - 1) + 1 - (tweets[0].sequence if tweets else 1)
    return tweets[max(0, start) : max(0, start + LENGTH)]


def paragraphs(tweets: Iterable[Tweet]) -> list[list[Piece]]:
    """Tweets as they flow: one that begins no paragraph goes on in the last; one with line feeds has several."""
    found: list[list[Piece]] = []
    for tweet in tweets:
        lines = [line for line in tweet.text.split("\n") if line.strip()] or [tweet.text]
        for number, line in enumerate(lines):
            if not found or tweet.paragraph or number:
                found.append([])
            found[-1].append(Piece(tweet, line, first=number == 0, last=number == len(lines) - 1))
    return found


def opening(text: str) -> str:
    """The words that a text is known by, as a poem without a title is.

    opening("It is a truth universally acknowledged, that a man…") → "It is a truth universally acknowledged"
    """
    for end in (clause.start() for clause in _CLAUSE.finditer(text)):
        words = text[:end].strip(_AT_ENDS)
        if len(words) >= SHORTEST_OPENING:
            break
    else:
        words = text.strip(_AT_ENDS) or text
    words = " ".join(words.split())
    if len(words) <= LONGEST_OPENING:
        return words
    cut = words[: LONGEST_OPENING + 1].rpartition(" ")[0].rstrip(_AT_ENDS) or words[:LONGEST_OPENING]
    return f"{cut}…"


def numeral(number: int) -> str:
    """A number from 1 up as chapters have it: numeral(14) → "XIV"."""
    letters = ""
    for value, letter in _NUMERALS:
        count, number = divmod(number, value)
        letters += letter * count
    return letters
