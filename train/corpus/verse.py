"""Verse, recognised by how its lines break and begin."""

import re
from collections.abc import Sequence

from train.corpus.blocks import Block, is_early_break, starts_lower

_FAR_RIGHT = 24  # a short line with this indentation is a signature or a date, not verse


# The address, the date, the salutation or the close of a letter breaks its lines as verse does.
_LETTER = re.compile(
    r"\byours?,? (?:\w+,? ){0,4}(?:truly|faithfully|sincerely|affectionately|respectfully|obediently|ever|affectionate"
    r"|obedient|faithful|humble|sincere|loving|devoted)\b|\bservant,|\b1[78]\d\d\b|^\W*(?:my )?dear(?:est)? \w+",
    re.IGNORECASE,
)


def is_verse(block: Block, width: int) -> bool:
    """Whether a block of several lines is a stanza: lines that end before they are full and begin with capitals."""
    if len(block.lines) < 2:
        return False
    pairs = list(zip(block.lines, block.lines[1:], strict=False))
    own_width = max(len(line) for line in block.lines)
    ragged = sum(is_early_break(line, following, own_width + 3) for line, following in pairs)
    early = sum(is_early_break(line, following, width) for line, following in pairs)
    capital = sum(not starts_lower(line) for line in block.lines[1:])
    if len(block.lines) >= 4 and capital == len(pairs) and ragged >= 0.3 * len(pairs):
        return True
    if block.indent == 0 and not any(line.startswith(" ") for line in block.lines):
        return early == len(pairs) and capital == len(pairs) and own_width < width - 8 and len(block.lines) >= 4
    if len(block.lines) <= 5 and _LETTER.search(block.text):
        return False
    if all(_indent(line) >= _FAR_RIGHT for line in block.lines):
        return False
    return capital >= 0.6 * len(pairs) and early >= 0.6 * len(pairs) and (ragged >= 0.3 * len(pairs) or len(pairs) < 4)


def verse_blocks(blocks: Sequence[Block], width: int) -> list[bool]:
    """For each block whether it is verse: stanzas, and the lines or couplets that stand beside them."""
    verse = [is_verse(block, width) for block in blocks]
    for number, block in enumerate(blocks):
        beside = verse[number - 1 : number] + verse[number + 1 : number + 2]
        if not verse[number] and any(beside):
            verse[number] = _is_line_of_verse(block, width)
    return verse


def _is_line_of_verse(block: Block, width: int) -> bool:
    """Whether a short block may belong to the stanza beside it."""
    if len(block.lines) == 1:
        return 1 <= block.indent < _FAR_RIGHT and len(block.text) < width - 10
    pairs = list(zip(block.lines, block.lines[1:], strict=False))
    return len(block.lines) <= 3 and all(
        is_early_break(line, following, width - 8) and not starts_lower(following) for line, following in pairs
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
