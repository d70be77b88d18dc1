"""A text as blocks: runs of lines with no empty line between, and the white space around them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

_SENTENCE_END = re.compile(r"""(?:[.!?…:;—]|--)["'”’)\]_]*$""")
_LOWER_START = re.compile(r"""^["'“‘(\[_]*[a-z]""")
_MOST_LINES = 60  # a text with more lines a block than this does not part its paragraphs by empty lines


@dataclass(frozen=True)
class Block:
    """Lines without an empty line between them; `gap` counts the empty lines before them."""

    lines: tuple[str, ...]
    gap: int = 1

    @cached_property
    def text(self) -> str:
        """The lines joined by spaces."""
        return " ".join(line.strip() for line in self.lines)

    @cached_property
    def indent(self) -> int:
        """Spaces before the line that stands furthest left."""
        return min(len(line) - len(line.lstrip()) for line in self.lines)

    @property
    def characters(self) -> int:
        return len(self.text)


def split_blocks(text: str) -> list[Block]:
    """The blocks of a text, with the margin that most lines share taken off."""
    lines = _without_margin([line.rstrip() for line in text.split("\n")])
    blocks: list[Block] = []
    gap, run = 0, list[str]()
    for line in [*lines, ""]:
        if line:
            run.append(line)
            continue
        if run:
            blocks.append(Block(tuple(run), gap))
            gap, run = 0, []
        gap += 1
    if blocks and len(lines) > _MOST_LINES * len(blocks):
        width = line_width(blocks)
        return [part for block in blocks for part in _split_unspaced(block, width)]
    return blocks


def line_width(blocks: Iterable[Block]) -> int:
    """How wide the text's lines are: the length that one line in twenty exceeds."""
    lengths = sorted(len(line) for block in blocks for line in block.lines if len(block.lines) > 1)
    return lengths[len(lengths) * 19 // 20] if lengths else 72


def is_early_break(line: str, following: str, width: int) -> bool:
    """Whether the first word of the following line would have fitted into this one."""
    words = following.split(maxsplit=1)
    return len(line) + 1 + len(words[0]) <= width - 3 if words else True


def starts_lower(line: str) -> bool:
    """Whether a line goes on with a small letter, as the lines of prose do and those of verse do not."""
    return bool(_LOWER_START.match(line.lstrip()))


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence or a speech does."""
    return bool(_SENTENCE_END.search(text.rstrip()))


def _without_margin(lines: Sequence[str]) -> list[str]:
    """The lines less the indentation of most of them, where most of them have one."""
    indents = Counter(len(line) - len(line.lstrip()) for line in lines if line)
    if not indents:
        return list(lines)
    margin, count = indents.most_common(1)[0]
    if margin == 0 or count * 2 < indents.total():
        return list(lines)
    return [line[min(margin, len(line) - len(line.lstrip())) :] for line in lines]


def _split_unspaced(block: Block, width: int) -> list[Block]:
    """Paragraphs that no empty line parts: they begin indented, or after a line that ended a sentence early."""
    parts: list[list[str]] = [[block.lines[0]]]
    for before, line in zip(block.lines, block.lines[1:], strict=False):
        begins = line.startswith(" ") or (
            ends_sentence(before) and not starts_lower(line) and is_early_break(before, line, width)
        )
        if begins:
            parts.append([line])
        else:
            parts[-1].append(line)
    return [Block((part[0].lstrip(), *part[1:]), 1 if i else block.gap) for i, part in enumerate(parts)]
