"""Where sentences begin and end, and which quotation marks are open, in English prose in typographic print."""

import re

LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
CAPITAL = "A-ZÀ-ÖØ-Þ"

OPENING, CLOSING = "“‘(", "”’)"

# After these words a full stop ends no sentence. "No." is left out: it is an answer far more often than a number.
_ABBREVIATIONS = frozenset(
    str.split(
        """adm bart bp brig bros bt capt chap chas cmdr co col comte dr edw esq etc gen genl geo gov hon jas jr
        jun ld lieut lt ltd maj messrs mdlle mdme mlle mme mr mrs ms mt pp prof rev revd sen sergt sr st ste
        thos viz vol vols vs wm"""
    )
)

_STOPS = (".", "!", "?")
_STOPPED_WORD = re.compile(rf"(?:^|[^{LETTER}])([{LETTER}]+|&c)\.\Z")
_INITIAL = re.compile(f"[{CAPITAL}]|[IVXL]+")
_EXCLAIMED = re.compile(r"[!?][”’]+\Z")
_BEGINNING = re.compile(rf"[{OPENING}]*(?:’?[{CAPITAL}]|’$)|[{OPENING}]+$")


def is_abbreviation(text: str) -> bool:
    """Whether a text ends with a full stop that ends a word but no sentence: "Mr.", "&c.", "J.", "XIV."."""
    found = _STOPPED_WORD.search(text[-16:])
    if not found:
        return False
    word = found.group(1)
    return word.lower() in _ABBREVIATIONS or word == "&c" or bool(_INITIAL.fullmatch(word))


def ends_sentence(text: str) -> bool:
    """Whether a sentence may end where the text does: after . ! or ? and any closing marks.

    Whether it does depends on what follows: “Oh!” ends one before "She", not before "said she".
    An ellipsis and a dash end none: a reader would think that the text is cut off.
    """
    return text.rstrip(CLOSING).endswith(_STOPS) and not is_abbreviation(text)


def begins_sentence(text: str) -> bool:
    """Whether a text (without the space before it) begins as a sentence does; its first characters decide.

    "She", "“Oh", "(Not", "’Tis" and a bare "“" do; "she", "—", "12" do not.
    """
    return bool(_BEGINNING.match(text))


def opens_sentence(following: str) -> bool:
    """Whether what follows an end begins the next sentence: a new paragraph, or a space and a capital."""
    return following.startswith("\n") or (following.startswith(" ") and begins_sentence(following[1:]))


def may_be_attributed(text: str) -> bool:
    """Whether a speech just ended in ! or ?, so that "Emma cried" may follow as well as another sentence."""
    return bool(_EXCLAIMED.search(text))


def open_marks(text: str) -> str | None:
    """The quotation marks and brackets that a text leaves open, outermost first; None if one of them is wrong.

    open_marks("“He said, ‘Well") → "“‘", open_marks("Oh!”") → None. A mark is wrong if it closes what is not
    open, opens what is, or stays open at the end of a paragraph. (Printers close a speech of several paragraphs
    only at its end. In a tweet that looks like a forgotten mark; and from a model it usually is one.)
    """
    marks = ""
    for found in _MARK.finditer(text):
        mark, at = found.group(), found.start()
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if mark == "\n":
            if marks:
                return None
        elif mark == "’":
            if _is_apostrophe(before, after, marks.endswith("‘")):
                continue
            if not marks.endswith("‘"):
                return None
            marks = marks[:-1]
        elif mark in OPENING:
            if mark in marks:
                return None
            marks += mark
        elif marks.endswith(OPENING[CLOSING.index(mark)]):
            marks = marks[:-1]
        else:
            return None
    return marks


_MARK = re.compile("[“”‘’()\n]")
_ALPHANUMERIC = re.compile(f"[{LETTER}0-9]")


def _is_apostrophe(before: str, after: str, quoted: bool) -> bool:
    if _ALPHANUMERIC.match(after):
        return True  # don’t, ’tis
    if not before or before in " \n“‘(":
        return not after  # an elision that is only begun; followed by anything but a letter, it is no word
    if before in "—-" and not after:
        return True
    # The boys’ house; within ‘ ’ it is taken for the closing mark.
    return bool(_ALPHANUMERIC.match(before)) and not quoted


def split_sentences(text: str) -> list[str]:
    """A text cut after each of its sentences, also within a speech, without the white space between them.

    split_sentences("“Oh!” cried he. “Mr. Lee is in. Go.”") → ["“Oh!” cried he.", "“Mr. Lee is in.", "Go.”"]
    """
    sentences, start = [], 0
    for gap in re.finditer(r"[ \n]", text):
        if ends_sentence(text[start : gap.start()]) and opens_sentence(text[gap.start() :]):
            sentences.append(text[start : gap.start()].strip())
            start = gap.end()
    return [sentence for sentence in (*sentences, text[start:].strip()) if sentence]


def is_whole(text: str) -> bool:
    """Whether a text ends a sentence with no mark open."""
    return ends_sentence(text) and open_marks(text) == ""
