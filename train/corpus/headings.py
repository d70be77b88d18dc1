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
_ORDINAL = re.compile(rf"{_NUMBER_WORD} (?P<division>{_DIVISION})\b(?P<title>.*)", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"[\[(—-]*\s*(?:[IVXLC]+|\d{1,3})\s*[\])—-]*[.:]?(?:[—-]+)?")
_PRONOUN = re.compile(r"[\[(]*I[—-]+")  # of somebody who is interrupted
_PAGED = re.compile(r" {2}\d{1,3}$")  # an entry of a contents table
_LONE_LETTER = re.compile(r"[\[(—-]*\s*[LC]\b")  # fifty and a hundred are rarer than initials
_NUMBER_AND_TITLE = re.compile(r"(?:[IVXLC]+|\d{1,3})(?:[.:)]|\.?\s?[—-]+|(?=\s))\s*(?P<title>\S.*)")
_ROMAN_AND_TITLE = re.compile(r"[IVXLC]+(?:[.:)]|\.?\s?[—-]+)\s*(?P<title>\S.*)")
_POINTS = " .:;,—–-)]"

# A chapter's heading in one line or one block with its prose.
_RUN_IN = re.compile(
    rf"[ _*=]*(?P<heading>(?:chapter|chap\.) ?{_NUMBER}(?![\w’'])[.:]?)(?:[ _*=—–-]+(?=[“\"‘'A-Z])|$)(?P<rest>.*)",
    re.IGNORECASE,
)

# What is told and what is summed up.
_TELLS = re.compile(
    r"\b(?:I|he|she|it|they|we|you|there|who|which|that|this)\b,?(?: (?:[a-z]+ly|had|have|never|always))?"
    r" (?:was|were|is|am|are|had|has|have|did|would|could|should|will|shall|cannot|can|said|went|came|saw|knew|thought"
    r"|\w+ed)\b|\b(?:was|were|had been|have seen|is known)\b",
    re.IGNORECASE,
)
_TELLS_OF = re.compile(
    r"(?:in which|wherein|where|of|on|how|what|why|when|who|containing|contains|shows?|showing|treats?|treating|relates"
    r"|relating|concerning|describes|describing|narrates|introduces|introducing|being|tells|gives|giving|is|an account"
    r"|which|whether|with)\b",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r"(?:I|He|She|It|They|We|You|There)(?:—[A-Z]\w*)? [a-z]")
_SENTENCE_BREAK = re.compile(
    r"(?<![A-Z])(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bEsq)[.!?…][\"”’')\]_]*\s+(?=[\"“‘'(_]*[A-Z])"
)
_TITLED_BY_SENTENCES = ("chap", "scen", "stav")  # now and then
_LONG_TITLE = 50  # characters of one that tells, as "It was not to be" does
_LONG_SENTENCE = 120
_LONG_SENTENCES = 60  # characters of each of several; those of a summary are shorter

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
    stands_apart = block.gap >= 2 or bool(_PAGED.search(block.lines[-1].rstrip()[-8:]))
    if _BARE_NUMBER.fullmatch(text):
        return not _PRONOUN.fullmatch(text) and (stands_apart or not _LONE_LETTER.match(text))
    if match := _NUMBERED.fullmatch(text):
        return _is_heading_like(match["title"], text, stands_apart) or is_synopsis(block)
    if len(block.lines) > 3:
        return False
    match = _ORDINAL.fullmatch(text)
    if match and _is_strict_title(match["title"]) and (stands_apart or match["division"][0].isupper()):
        return True
    if not stands_apart and not _is_plainly_numbered(text, block):
        return False
    match = _NUMBER_AND_TITLE.fullmatch(text)
    if match and _is_strict_title(match["title"]) and re.search(r"[^\W\d_]{2}", match["title"]):
        return True
    match = _ROMAN_AND_TITLE.fullmatch(text)
    if match is None or starts_lower(match["title"]) or text[-1] in ",;:!?—-" or _PRONOUN.match(text):
        return False
    return not is_sentence(match["title"], stands_apart=False)


def _is_plainly_numbered(text: str, block: Block) -> bool:
    """Whether what begins a text cannot be a pronoun, initial or number of a house or a day."""
    if block.lines[0].strip("_ ") in ("I", "V", "X"):
        return True
    return not re.match(r"I\s|\d+\s(?=.*[,.])|[LC]\b|[IVX]\b(?!\W+(?:The|An?|In|Of|On|How|What)\b)(?!.*[A-Z]{3})", text)


def is_sentence(title: str, stands_apart: bool) -> bool:
    """Whether what follows the number of a chapter is prose: a title is short, a summary names, and neither tells."""
    words = title.lstrip(_POINTS).rstrip()
    if not re.search(r"[a-z]{2}", words) or _TELLS_OF.match(words) or re.search(r"\d$", words):
        return False
    sentences = [sentence for sentence in _SENTENCE_BREAK.split(words) if sentence.strip()]
    tells = bool(_TELLS.search(words))
    if len(sentences) > 1:
        return tells or len(words) > _LONG_SENTENCES * len(sentences)
    if stands_apart:
        return len(words) > (_LONG_TITLE if tells else _LONG_SENTENCE) and (tells or ends_sentence(words))
    if _SPEAKS.match(words) or tells:
        return ends_sentence(words) or len(words) > _LONG_TITLE
    return len(words) > _LONG_SENTENCE


def split_run_in(block: Block) -> list[Block]:
    """A block as its chapter's heading and its prose, where both stand in it: ``CHAPTER I. It was a dark night``."""
    match = _RUN_IN.match(block.lines[0])
    if not match or is_numbered_heading(block):
        return [block]
    rest, lines = match["rest"].strip(), block.lines[1:]
    if rest and is_sentence(" ".join([rest, *lines]), stands_apart=True):
        return [Block((match["heading"],), block.gap), Block((rest, *lines))]
    is_prose = len(lines) >= 2 and any(starts_lower(line) for line in lines[1:])
    if not rest and is_prose:
        return [Block((match["heading"],), block.gap), Block(lines)]
    return [block]


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


def _is_heading_like(title: str, text: str, stands_apart: bool) -> bool:
    """Whether the words after "Chapter 1" are its title, not the rest of a sentence and not the chapter itself."""
    words = title.lstrip(_POINTS)
    set_off = words != title.lstrip()
    is_numbered_only = bool(re.match("no", text, re.IGNORECASE))  # as houses are, and answers: "No. I have"
    if _is_strict_title(words):
        return set_off or not words or stands_apart or not is_numbered_only
    if not set_off or starts_lower(words) or len(words) > (120 if re.search('["“]', words) else 400):
        return False
    stands_apart = stands_apart and text.lower().startswith(_TITLED_BY_SENTENCES)
    is_staged = bool(re.match("SCENE|ACT", text))  # where and in what dress a scene of a play begins
    return is_staged or not is_sentence(words, stands_apart)


def _is_strict_title(title: str) -> bool:
    """Whether words are set as a title, or there are none."""
    words = title.strip(_POINTS)
    return not words or _is_capitals(words) or _is_title(words)


def _is_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 2 and sum(letter.isupper() for letter in letters) >= 0.85 * len(letters)


def _is_title(text: str) -> bool:
    """Whether a text is set as titles are: its words begin with capitals, and it does not end as a clause does."""
    words = re.findall(r"[^\W\d_][\w’']*", text)
    if not words or len(text) > 90 or text[-1] in ",;:!—-" or text[0] in "“\"'‘":
        return False
    weighty = [word for word in words if word.lower() not in _SMALL_WORDS]
    ends_open = words[-1] == words[-1].lower()
    return bool(weighty) and not ends_open and all(word[0].isupper() for word in weighty)
