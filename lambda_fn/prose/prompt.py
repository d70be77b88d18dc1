"""The opening words of a new story, as their author typed them, prepared to begin it.

Only what would do harm, or what no text could continue, is refused: the words are their author's own.
"""

import re
import unicodedata

from lambda_fn.errors import SettingError
from lambda_fn.prose.length import room_taken, weighted_length
from lambda_fn.prose.misprints import LINKABLE
from lambda_fn.prose.rules import AS_ALWAYS, HouseRules
from lambda_fn.prose.sentences import open_marks
from lambda_fn.prose.typography import typographic
from lambda_fn.prose.words import unwelcome_word

LONGEST_PROMPT = 200
"""The greatest weight of a prompt: a tweet must have room to end the sentence that it begins."""

# Parts of emoji, which may be newer than this Python's tables, and what joins letters in other scripts.
_UNSEEN = re.compile("[\n\u200c\u200d\U0001f000-\U0001faff]|(?<=\U0001f3f4)[\U000e0020-\U000e007f]+")
_NO_WORD = re.compile("[ \n.,;:!?…‘’“”()—–\u200c\u200d\ufe0f-]*")
_JOINS = frozenset("@＠#＃/\\¿¡-–")
# A word that an apostrophe ends: the boys’, goin’, an’.
_WHOLE_WORD = re.compile(r"(?:[sxz]|\win|\b(?:an|th|wi)|’n)’\Z", re.IGNORECASE)
_MARK = re.compile("[“”‘’()]")
# Marks as typed and as prepared, one for one; and characters that are typed but never visible.
_TYPED_MARK = re.compile("``|''|[\"'`´＇ʼ‛＂‟„‚“”‘’()]")
_PREPARED_MARK = re.compile("[\"'“”‘’″′()]")
_NOT_SEEN = "\ufeff\u00ad"
_OTHER_PAIRS = tuple(zip("[{«‹「『【〈《（［⟨", "]}»›」』】〉》）］⟩", strict=True))


def prepare_prompt(prompt: str, house: HouseRules = AS_ALWAYS) -> str:
    """The prompt with typographic marks, exactly as the first tweet begins with it; `house`: which words are told.

    Raises `SettingError`.
    """
    prepared = typographic(prompt)
    if not prepared:
        raise SettingError("the prompt is empty: give the opening words of the story")
    for character in _UNSEEN.sub("", prepared):
        if unicodedata.category(character).startswith("C"):
            raise SettingError(f"the prompt holds a character that cannot be printed, U+{ord(character):04X}")
    if _NO_WORD.fullmatch(prepared):
        raise SettingError("the prompt holds no word: give the opening words of the story")
    size = room_taken(prepared)
    if size > LONGEST_PROMPT:
        measured = (
            f"weighs {size} characters as X counts them"
            if weighted_length(prepared) == size
            else f"has {size} characters, with those that its emoji are put together of"
        )
        raise SettingError(f"the prompt {measured}; at most {LONGEST_PROMPT} are allowed")
    link = LINKABLE.search(prepared)
    if link:
        word = next(word for word in prepared.split() if LINKABLE.search(word))
        raise SettingError(f"X would read {word!r} in the prompt as {_kind_of_link(link.group())}")
    if unwelcome := unwelcome_word(prepared, house):
        raise SettingError(f"the prompt holds {unwelcome.what} (rule {unwelcome.rule})")
    _check_marks(prepared, prompt)
    if _is_unfinished(prepared):
        last = "".join(character for character in prompt if character not in _NOT_SEEN).rstrip()[-1]
        raise SettingError(
            f"the prompt ends in {last!r}, to which the next word could join: end it with a whole word or "
            "a punctuation mark"
        )
    return prepared


def _kind_of_link(sign: str) -> str:
    first = sign[0]
    return (
        "a mention" if first in "@＠" else "a hashtag" if first in "#＃" else "a cashtag" if first == "$" else "a link"
    )


def begins_with_prompt(text: str, prompt: str) -> bool:
    """Whether a text begins with a prompt, whichever marks each is written with: a told tweet keeps its own."""
    return _plain(text).startswith(_plain(prompt))


def _plain(text: str) -> str:
    return re.sub("[‘“”]", "’", typographic(text))


def _is_unfinished(prompt: str) -> bool:
    """Whether a prompt ends in a character that belongs before a word or within one."""
    last = prompt[-1]
    if last == "’" and not (open_marks(prompt[:-1]) or "").endswith("‘"):
        return not _WHOLE_WORD.search(prompt)
    return last in _JOINS or (unicodedata.category(last) == "Sc" and last != "¢")


def _as_typed(number: int, prompt: str, typed: str) -> str:
    """The mark with this number in a prompt as its author typed it, for a message to name it."""
    prepared: list[str] = _PREPARED_MARK.findall(prompt)
    marks: list[str] = _TYPED_MARK.findall(typed)
    return marks[number] if len(marks) == len(prepared) else prepared[number]


def _check_marks(prompt: str, typed: str) -> None:
    """Raise `SettingError` for a mark that is wrong, or that no further text could close."""
    followed = f"{prompt} "  # what a mark is may depend on what follows it
    end = next((end for end in range(len(followed) + 1) if open_marks(followed[:end]) is None), None)
    if end is not None:
        if followed[end - 1] == "\n":
            raise SettingError("a quotation mark or bracket in the prompt is still open where a paragraph ends")
        last = [mark.start() for mark in _MARK.finditer(followed, 0, end)][-1]
        mark = _as_typed(len(_PREPARED_MARK.findall(prompt, 0, last)), prompt, typed)
        raise SettingError(
            f"the quotation mark or bracket {mark!r} in the prompt does not match: it closes none, or opens a second "
            "time"
        )
    for opening, closing in _OTHER_PAIRS:
        opened, closed = prompt.count(opening), prompt.count(closing)
        if opening in "«‹" and closed > opened and (opened + closed) % 2:  # » and « open as well as close
            raise SettingError(
                f"{closing!r} in the prompt stands alone: write what it goes with there, for only “ ” ‘ ’ ( ) are "
                "closed as a story goes on"
            )
        if (opened + closed) % 2 if opening in "«‹" else opened > closed:
            raise SettingError(
                f"{opening!r} in the prompt is not closed: close it there, for only “ ” ‘ ’ ( ) are closed as a story "
                "goes on"
            )
