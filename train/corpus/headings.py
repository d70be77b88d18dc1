"""Headings of chapters, volumes, books, parts and letters; title pages, contents tables, and marks of the end."""

import re

from train.corpus.blocks import Block, ends_sentence, starts_lower

_NUMBER_WORD = (
    r"(?:the )?(?:(?:twenty|thirty|forty|fifty|sixty)[ -]?)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|fortieth|fiftieth|last|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty"
    r"|fifty|sixty)"
)
_NUMBER = rf"(?:[ivxlc]+|\d+|{_NUMBER_WORD})"
_DIVISION = (
    r"chapter|chap\.|volume|vol\.|book|part|letter|stave|epoch|period|phase|section|act|scene|canto|quarter|narrative"
    r"|tale|story|number|no\.|epistle|adventure|chirp|fytte|lesson|fit|dialogue|lecture|branch"
)

# The parts of a book that are headed by their names alone.
_NAMED = re.compile(
    r"(?:the )?(?:author['’]s |publisher['’]s |editor['’]s |original |general )?"
    r"(?:preface|introduction|introductory|prologue|epilogue|conclusion|postscript|foreword|afterword|appendix|finale"
    r"|dedication|advertisement|prelude|interlude|notes?|envoi|argument|to the reader|supplementary|addendum)"
    rf"(?: (?:{_NUMBER}|to the .{{3,40}}|by .{{3,40}}))?[.:]?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(rf"(?:the )?(?:{_DIVISION}) ?(?:the )?{_NUMBER}(?![\w’'])(?P<title>.*)", re.IGNORECASE)
_ORDINAL = re.compile(rf"{_NUMBER_WORD} (?:{_DIVISION})\b(?P<title>.*)", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"[\[(—-]*\s*(?:[IVXLC]+|\d{1,3})\s*[\])—-]*[.:]?(?:[—-]+)?")
_NUMBER_AND_TITLE = re.compile(r"(?:[IVXLC]+|\d{1,3})(?:[.:)]|\.?\s?[—-]+|(?=\s))\s*(?P<title>\S.*)")
_ROMAN_AND_TITLE = re.compile(r"[IVXLC]+(?:[.:)]|\.?\s?[—-]+)\s*(?P<title>\S.*)")
_POINTS = " .:;,—–-)]"

_CONTENTS = re.compile(
    r"(?:the |table of |general |list of |detailed )?(?:contents|illustrations|full-page illustrations|plates|drawings"
    r"|maps|index|table of contents)(?: (?:of|to) .{3,40})?[.:]?(?: page| chapter)?",
    re.IGNORECASE,
)
_NTH = r"(?:(?:first|second|third|fourth|fifth|sixth|seventh|eighth|last) )?"
END_MARK = re.compile(
    r"[\[(]?(?:the end|finis|fin|end|curtain|tableau"
    rf"|(?:the )?end of (?:the )?{_NTH}(?:{_DIVISION}|episode|prologue|fore.?scene)(?: {_NUMBER})?"
    r"|end of .{3,40}|the end of .{3,30}(?:narrative|diary|journal|story))[.!]?[\])]?",
    re.IGNORECASE,
)

# The date or the salutation of a letter is no title.
_DATED = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b\.?(?: \d|[.,]|$)|^(?:my )?dear\b|^sir[,:]|^madam[,:]",
    re.IGNORECASE,
)
_PHRASE = re.compile(r"(?:--|—)[\"“'‘]?[A-Z]")
_SMALL_WORDS = frozenset(
    """
    a an and as at but by de du et for from her his in into is it its la le my no nor not of off on or our over that the
    their to upon v versus was were when which who with your
    """.split()  # noqa: SIM905
)


def is_ornament(block: Block) -> bool:
    """Whether a block holds no words: asterisks, rules."""
    return not re.search(r"[^\W_]", block.text)


def is_contents_heading(block: Block) -> bool:
    """Whether a block heads a table of contents, a list of illustrations or an index."""
    text = _plain(block.text)
    return bool(_CONTENTS.fullmatch(text)) and (" of " not in text.lower() or _is_strict_title(text))


def is_numbered_heading(block: Block) -> bool:
    """Whether a block is the numbered heading of a chapter or another division, with or without its title."""
    text = _plain(block.text)
    if len(block.lines) > 12 or len(text) > 700:
        return False
    if _BARE_NUMBER.fullmatch(text):
        return True
    if match := _NUMBERED.fullmatch(text):
        return _is_heading_like(match["title"])
    if len(block.lines) > 3:
        return False
    match = _ORDINAL.fullmatch(text) or _NUMBER_AND_TITLE.fullmatch(text)
    if match and _is_strict_title(match["title"]):
        return True
    match = _ROMAN_AND_TITLE.fullmatch(text)
    return match is not None and not starts_lower(match["title"]) and text[-1] not in ",;:!?—-"


def is_named_heading(block: Block) -> bool:
    """Whether a block is the heading of a chapter or a preface, told by its number or its name."""
    return is_numbered_heading(block) or bool(_NAMED.fullmatch(_plain(block.text)))


def is_heading(block: Block) -> bool:
    """Whether a block is a heading: numbered, named, in capitals, or a title that stands well apart."""
    text = _plain(block.text)
    if len(block.lines) > 12 or len(text) > 700 or not text:
        return False
    if is_numbered_heading(block) or _NAMED.fullmatch(text) or is_contents_heading(block):
        return True
    if len(block.lines) > 6 or (text[0] in "“\"'‘" and text[-1] in "”\"'’"):
        return False
    if _DATED.search(text):
        return False
    if _is_capitals(text):
        return block.gap >= 2
    return block.gap >= 2 and len(block.lines) <= 3 and _is_title(text)


def is_subtitle(block: Block) -> bool:
    """Whether a block that follows a heading belongs to it: a title, a summary, a line in capitals."""
    text = _plain(block.text)
    if len(block.lines) > 12 or not text:
        return False
    if is_heading(block) or _is_capitals(text) or _is_title(text) or is_synopsis(block):
        return True
    if text[0] in "“\"'‘":
        return False
    return len(block.lines) <= 4 and not ends_sentence(text)


def is_synopsis(block: Block) -> bool:
    """Whether a block sums a chapter up: phrases that begin with capitals, parted by dashes."""
    phrases = len(_PHRASE.findall(block.text))
    return phrases >= 3 and phrases * 90 >= len(block.text)


def _plain(text: str) -> str:
    """A heading without marks of italics and the white space that sets it."""
    return re.sub(r"\s+", " ", text.replace("_", "").replace("=", "").replace("*", "").replace("~", "")).strip()


def _is_heading_like(title: str) -> bool:
    """Whether the words after "Chapter 1" are its title, not the rest of a sentence."""
    words = title.lstrip(_POINTS)
    set_off = words != title.lstrip()
    is_sentence = starts_lower(words) or len(words) > (120 if re.search('["“]', words) else 400)
    return _is_strict_title(words) or (set_off and not is_sentence)


def _is_strict_title(title: str) -> bool:
    """Whether words are set as a title, or there are none."""
    words = title.strip(_POINTS)
    return not words or _is_capitals(words) or _is_title(words)


def _is_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 2 and sum(letter.isupper() for letter in letters) >= 0.85 * len(letters)


def _is_title(text: str) -> bool:
    """Whether a text is set as titles are: its words begin with capitals, and it ends as no clause does."""
    words = re.findall(r"[^\W\d_][\w’']*", text)
    if not words or len(text) > 90 or text[-1] in ",;:!—-" or text[0] in "“\"'‘":
        return False
    weighty = [word for word in words if word.lower() not in _SMALL_WORDS]
    ends_open = words[-1] == words[-1].lower()
    return bool(weighty) and not ends_open and all(word[0].isupper() for word in weighty)
