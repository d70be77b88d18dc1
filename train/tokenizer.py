"""Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019), trained with the `tokenizers` library.

The text is cut into pieces by a pattern of explicit character ranges, then every piece into sub-words. Ranges instead
of Unicode classes, because classes change with the version of Unicode, and another program,
`lambda_fn/language/tokenizer.py`, must cut the same pieces for as long as the bot lives.
"""

from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from train.errors import TokenizerError
from train.files import write_atomically

PARAGRAPH_END = "\n"
"""The one special token, id 0: it ends a paragraph, and every text and story begins after it."""

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"  # Latin, with the accented letters of Latin-1 and Latin Extended A and B
PIECES = "|".join(
    (
        f"’(?:s|t|re|ve|m|ll|d)(?![{_LETTER}])",  # she’s, don’t, we’ll
        f" ?[{_LETTER}]+",  # a word, with the space before it
        " ?[0-9]{1,3}",  # a number, three digits at a time
        f" ?[^ {_LETTER}0-9\n]+",  # punctuation, and every other character
        " ",  # a space that no piece took
    )
)
"""Matches all of any text but its paragraph ends, whatever its characters."""


def train_tokenizer(paragraphs: Iterator[str], vocabulary: int) -> Tokenizer:
    """Learn `vocabulary` tokens (the paragraph's end and 256 bytes among them) from paragraphs of text.

    train_tokenizer(["“Oh!” said Emma."] * 9, 300).encode("Emma.\n").tokens → ["Emma", ".", "\n"]
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[AddedToken(PARAGRAPH_END, special=True, normalized=False)],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(paragraphs, trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Write the library's own JSON format, whole or not at all."""
    write_atomically(path, tokenizer.to_str(pretty=True).encode())


def read_tokenizer(path: Path) -> Tokenizer:
    """Read what `save_tokenizer` wrote. Raises `TokenizerError`."""
    if not path.is_file():
        raise TokenizerError(f"there is no tokenizer at {path}: make it with `python -m train tokenizer`")
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises nothing narrower
        raise TokenizerError(f"{path} is not a tokenizer: make it again with `python -m train tokenizer`") from error
