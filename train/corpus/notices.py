"""Project Gutenberg's own words: legal notices, appeals and instructions, known by what they speak of."""

import re

# One of these is enough: no book of the period has it.
_CERTAIN = re.compile(
    r"\b(?:pro[jy]e[ck]?te?o?|progetto)\s+gutenberg|gutenberg[-\s’']?tm\b|\be-?texts?\b|\be-?books?\b|small\s+print!|plain\s+vanilla"
    r"|literary\s+archive\s+foundation|electronic\s+(?:texts?|works?|path|versions?)\b|\be-?mail\b|\bftp\b|https?:"
    r"|\bwww\.|\b\w+\.(?:zip|txt|edu|html?)\b|\b\w+@\w|michael\s+s?\.?\s?hart\b|\bascii\b|\bebcdic\b|\bocr\b"
    r"|tax[-\s]deductible|501\(c\)|internal\s+revenue\s+service|machine[-\s]readable|carnegie.mellon|\bpgdp\b|\bpglaf\b"
    r"|updated\s+editions\s+will\s+replace|creating\s+the\s+works\s+from\s+(?:public\s+domain\s+)?print\s+editions"
    r"|distributed\s+proofread|copyright\s+laws\s+are\s+changing|\bas-is\b|consequential\s+damages|punitive\s+damages"
    r"|hypertext|(?:computer|scanning)\s+(?:virus|codes?|users|machines?)|\bdefective\s+(?:work|disk|medium)"
    r"|copyright\s*\(c\)\s*(?:19[6-9]|20)\d\d|^\W*(?:character\s+set\s+encoding|release\s+date|posting\s+date)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
# Three of these are; two may be an old preface's.
_WEAK = re.compile(
    r"\b(copyright|donat|contribut|trademark|licen[cs]|royalt|warrant|disclaim|liab|damages|indemni|distribut|refund"
    r"|public\s+domain|computer|software|electronic|volunteer|disk|charitable|proprietary|internet|online|scann"
    r"|foundation|edition|file|download|non-?profit|users?\b|machine|defect|legal|readers|trillion|newsletter|mailing"
    r"|copies|free\s+of\s+charge|permission|volunteers|proofread|posted|release)",
    re.IGNORECASE,
)
# A list of these heads a text.
_FIELD = re.compile(
    r"^[ \t]*(?:title|author|editor|translator|illustrator|release date|posting date|last updated|first posted"
    r"|language|character set encoding|encoding|edition|credits|date last updated|original publication"
    r"|produced by|most recently updated|other information and formats|\[?(?:e-?book|e-?text) #\d+\]?)\b[^\n]*[:#\]]",
    re.IGNORECASE | re.MULTILINE,
)
_SPLIT = re.compile(r"^[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*", re.MULTILINE)  # a block: lines, none of them empty
_LONG = 120  # characters: a shorter block may be a title, a date, an address


def is_notice(block: str) -> bool:
    """Whether a block of lines speaks of the ebook, its makers and the law, as no book of the period does."""
    return bool(_CERTAIN.search(block)) or _weak(block) >= 3


def is_appeal(block: str) -> bool:
    """Whether a block that stands amid an author's own words is a notice beyond doubt."""
    return bool(_CERTAIN.search(block)) or (_weak(block) >= 3 and "donat" in block.lower())


def unlike_notices(text: str) -> int:
    """Characters of a header's or a footer's long blocks that are not notices: prose, as far as can be told."""
    blocks = (block.group() for block in _SPLIT.finditer(text))
    return sum(len(block) for block in blocks if len(block) >= _LONG and not _is_packaging(block) and _weak(block) < 2)


def leading_notices(text: str, start: int, most: int) -> int:
    """Where the notices that a text begins with end; what is none among them is short, `most` characters together."""
    end, between = start, 0
    for block in _SPLIT.finditer(text, start):
        if _is_packaging(block.group()):
            end, between = block.end(), 0
        elif _weak(block.group()) < 2:
            between += len(block.group())
            if between > most:
                break
    return end


def trailing_notices(text: str, start: int, most: int) -> int:
    """Where the notices that a text ends with begin; what is none among them is short, `most` characters together."""
    begin, between = len(text), 0
    for block in reversed(list(_SPLIT.finditer(text, start))):
        if _is_packaging(block.group()):
            begin, between = block.start(), 0
        elif _weak(block.group()) < 2:
            between += len(block.group())
            if between > most:
                break
    return begin


def _is_packaging(block: str) -> bool:
    return bool(_FIELD.match(block)) or is_notice(block)


def _weak(block: str) -> int:
    """How many words of notices a block has, each once."""
    return len({word.lower()[:6] for word in _WEAK.findall(block)})
