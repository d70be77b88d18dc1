"""Quotation marks and apostrophes made typographic: “ ” around speech, ‘ ’ within it, ’ for every apostrophe.

A straight mark is read from what stands beside it; where that leaves a choice, from the paragraph it is in. A
book that sets speech in single marks has them turned into double ones, and the double ones within into single.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from train.corpus import elisions

_SINGLE, _DOUBLE = "'‘’`", '"“”'
_OPENS_SINGLE = re.compile(r"(?:^|(?<=[\s(\[—-]))['‘`](?=[A-Z“\"])", re.MULTILINE)
_OPENS_DOUBLE = re.compile(r"(?:^|(?<=[\s(\[—-]))[\"“](?=['‘]?[A-Z])", re.MULTILINE)
_PHRASE = 60  # characters: a quoted word or phrase in the middle of a sentence is not longer
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_LOSES_ITS_END = re.compile(r".*(?:s|in|an|th)|[otd]|wi|mo|ha|ole?|po|gi|fro|tho", re.IGNORECASE)
_LOOSE_DOUBLE = re.compile(r"(?:^|(?<= ))“ (?=\S)|(?<=\S) ”(?= |$)")
_SPEECH_ENDS = '.,!?;:—…-)]”"'


def sets_speech_in_single_marks(paragraphs: Iterable[str]) -> bool:
    """Whether a book's outer quotation marks are single ones, as in many British editions."""
    single = double = 0
    for paragraph in paragraphs:
        single += len(_OPENS_SINGLE.findall(paragraph))
        double += len(_OPENS_DOUBLE.findall(paragraph))
    return single >= 3 and single > 2 * double


def set_quotes(paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs of one book with typographic quotation marks and apostrophes."""
    single = sets_speech_in_single_marks(paragraphs)
    following = [*paragraphs[1:], ""][: len(paragraphs)]
    return [
        _turn_marks(paragraph, continues=after[:1] in ("'", "‘", "`") if after else False)
        if single
        else _set_marks(paragraph)
        for paragraph, after in zip(paragraphs, following, strict=True)
    ]


def _set_marks(paragraph: str) -> str:
    """A paragraph of a book that sets speech in double marks."""
    if not any(mark in paragraph for mark in "'\"`‘"):
        return paragraph
    text = _set_double(paragraph)
    speaks_so = any(elisions.is_certain(text[i + 1 :]) for i in _starts(text))
    characters = list(text)
    for i, mark in enumerate(characters):
        if mark == "‘":
            if elisions.is_certain(text[i + 1 :]) and not _closed_later(text, i):
                characters[i] = "’"
        elif mark in "'`":
            characters[i] = "’"
            if _stands_before_word(text, i) and not elisions.is_certain(text[i + 1 :]):
                may_be_elided = elisions.is_possible(text[i + 1 :]) or not text[i + 1 : i + 2].isupper()
                quotes = _closed_later(text, i) and not (speaks_so and may_be_elided)
                if quotes or not may_be_elided or mark == "`":
                    characters[i] = "‘"
    return "".join(characters)


def _starts(text: str) -> Iterable[int]:
    return (i for i, mark in enumerate(text) if mark in "'‘’`" and _stands_before_word(text, i))


def _closed_later(text: str, start: int) -> bool:
    """Whether some later mark can close the quotation that a single mark opens at `start`."""
    return any(
        (text[i - 1] in _SPEECH_ENDS and _stands_after_word(text, i)) or _ends_phrase(text, i)
        for i in range(start + 2, len(text))
        if text[i] in "'’"
    )


def _ends_phrase(text: str, i: int) -> bool:
    """Whether a mark stands after a word that is neither a plural's possessive nor an elision: an', o', goin'."""
    word = _LAST_WORD.search(text, max(0, i - 20), i)
    return word is not None and _stands_after_word(text, i) and not _LOSES_ITS_END.fullmatch(word.group())


def _set_double(text: str) -> str:
    """Straight double marks made to open or close."""
    if '"' not in text:
        return text
    characters = list(text)
    is_open = False
    for i, mark in enumerate(characters):
        if mark in "“”":
            is_open = mark == "“"
        elif mark == '"':
            is_open = _opens_double(characters, i, is_open)
            characters[i] = "“" if is_open else "”"
    return _LOOSE_DOUBLE.sub(lambda match: match.group().strip(), "".join(characters))


def _opens_double(characters: Sequence[str], i: int, is_open: bool) -> bool:
    before = characters[i - 1] if i else " "
    after = characters[i + 1] if i + 1 < len(characters) else " "
    if before.isspace() and after.isspace():
        return not is_open
    if before.isspace() or before in "([‘":
        return True
    if after.isspace() or after in ".,;:!?)]":
        return False
    return not is_open


def _stands_before_word(text: str, i: int) -> bool:
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    return (not before or before in " ([—-“\"‘'") and bool(after) and (after.isalnum() or after in "“\"—…-'‘’")


def _stands_after_word(text: str, i: int) -> bool:
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    return bool(before) and not before.isspace() and (not after or not after.isalnum())


@dataclass
class _Quotation:
    """An opening mark, and the mark that closes it."""

    start: int
    end: int | None = None


def _turn_marks(paragraph: str, continues: bool) -> str:
    """A paragraph of a book that sets speech in single marks, with double ones in their place."""
    if not any(mark in paragraph for mark in _SINGLE + _DOUBLE):
        return paragraph
    text = _set_double(paragraph)
    quotations = _find_quotations(text, continues)
    characters = ["’" if mark in "'`‘" else mark for mark in text]
    for quotation in quotations:
        end = len(text) if quotation.end is None else quotation.end
        characters[quotation.start] = "“"
        if quotation.end is not None:
            characters[quotation.end] = "”"
        for i in range(quotation.start + 1, end):
            characters[i] = {"“": "‘", "”": "’"}.get(characters[i], characters[i])
    return "".join(characters)


def _find_quotations(text: str, continues: bool) -> list[_Quotation]:
    """The quotations in single marks, each with its closing mark as far as one can be told."""
    starts = [i for i in _starts(text) if text[i] in "'‘`" and not elisions.is_certain(text[i + 1 :])]
    starts += [
        i
        for i, mark in enumerate(text)
        if mark in "'‘" and elisions.is_certain(text[i + 1 :]) and i == 0 and _closed_later(text, i)
    ]
    starts.sort()
    quotations: list[_Quotation] = []
    number = 0
    while number < len(starts):
        start = starts[number]
        stop = starts[number + 1] if number + 1 < len(starts) else len(text)
        end = _find_end(text, start, stop, leave_open=continues and stop == len(text))
        if end is None and stop < len(text) and _is_elision_within(text, stop):
            del starts[number + 1]
            continue
        quotations.append(_Quotation(start, end))
        number += 1
    return quotations


def _is_elision_within(text: str, i: int) -> bool:
    """Whether a mark in an unclosed quotation stands before a small letter, after a word."""
    return text[i] != "‘" and text[i + 1 : i + 2].islower() and text[:i].rstrip()[-1:].isalpha()


def _find_end(text: str, start: int, stop: int, leave_open: bool) -> int | None:
    """The mark that closes the quotation from `start`, before `stop`."""
    ends = [i for i in range(start + 1, stop) if text[i] in "'’" and _stands_after_word(text, i)]
    after_punctuation = [i for i in ends if text[i - 1] in _SPEECH_ENDS]
    within_sentence = text[:start].rstrip()[-1:].isalnum()
    phrase = [i for i in ends if i - start <= _PHRASE and _ends_phrase(text, i)]
    if within_sentence and phrase and (not after_punctuation or phrase[0] < after_punctuation[0]):
        return phrase[0]
    if after_punctuation:
        return after_punctuation[0]
    if ends and not (leave_open and text[-1] not in "'’"):
        return ends[-1]
    return None
