"""From the bytes of a text to its characters, whatever its header says that they are."""

import codecs
import re

from train.errors import WrongEbookError

_ENCODING = re.compile(
    rb"(?:^|[\r\n])[ \t]*(?:character set|charset)(?: encoding)?[ \t]*:[ \t]*([^\s;,]+)", re.IGNORECASE
)
_MARKS = (  # of the byte order, the longer one first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 20_000  # bytes in which a header names its encoding
_BINARY = 0.01  # share of control characters above which bytes are no text
_CONTROLS = bytes(range(9)) + bytes(range(14, 26)) + bytes(range(27, 32))  # 26 ended the files of DOS

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNICODE = frozenset({"ascii", "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32"})
_OLD = ("cp1252", "mac-roman", "cp437")  # of Windows, of the Macintosh, of DOS

# What an English book has beyond ASCII, each where it stands: letters in words, marks around them.
_LIKELY = re.compile(
    r"(?<![.,;:!?“”])[àâäçèéêëîïñôöùûüæœ](?![A-Z])|(?<![a-z])[ÀÂÄÇÈÉÊÎÔÖÜÆŒ](?=\w)|(?<=[a-z])’(?=[a-z])|(?<=[\w.,!?])[’”]"
    r"|(?<![a-z])[“‘](?=\w)|[—–…]|£(?=\d)|(?<=\d)°|[½¼¾§]"
)


def decode_ebook(content: bytes, source: str) -> str:
    """Decode a text: by its byte order mark, else as UTF-8, else in the old encoding that makes most sense of it.

    That is the one that a header names, Windows-1252 where it names none; another only if the bytes say so. A few
    broken bytes do not make UTF-8 anything else. Raises WrongEbookError, naming `source`, for what is not text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").replace("\ufffd", "")
    if unmarked := _unmarked_utf16(content):
        return content.decode(unmarked, "replace")
    if len(content.translate(None, _CONTROLS)) < (1 - _BINARY) * len(content):
        raise WrongEbookError(f"{source} is no text: it must be plain text, not packed, formatted or encrypted")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        whole = len(_MULTIBYTE.findall(content))
    broken = sum(byte >= 0x80 for byte in _MULTIBYTE.sub(b"", content))
    if whole > broken:
        return content.decode("utf-8", "utf-8-or-windows-1252")
    return _eight_bit(content, _named_encoding(content))


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of English in it is zero."""
    head = content[:_HEAD]
    for encoding, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if len(head) >= 4 and zeros.count(0) > 0.7 * len(zeros) and others.count(0) < 0.05 * len(others):
            return encoding
    return None


def _named_encoding(content: bytes) -> str | None:
    """The encoding of one byte a character that a header names, None if it names none, or none that we know."""
    named = _ENCODING.search(content[:_HEAD])
    try:
        name = codecs.lookup(named[1].decode("ascii").strip(".")).name if named else "ascii"
        if name in _UNICODE or bytes(range(0x20, 0x7F)).decode(name) != "".join(map(chr, range(0x20, 0x7F))):
            return None
    except (LookupError, UnicodeError):
        return None
    return "cp1252" if name in ("iso8859-1", "iso8859-15") else name


def _eight_bit(content: bytes, named: str | None) -> str:
    """The text in the encoding that a header names, if no old one finds much more of what a book has."""
    first = _decode(content, named or "cp1252")
    found = len(_LIKELY.findall(first))
    others = [_decode(content, encoding) for encoding in _OLD]
    best = max(others, key=lambda text: len(_LIKELY.findall(text)))
    return best if len(_LIKELY.findall(best)) > 1.5 * found + 1 else first


def _decode(content: bytes, encoding: str) -> str:
    """Windows-1252 has no character for five bytes, and takes that of Latin-1."""
    if encoding == "cp1252":
        return content.decode(encoding, "windows-1252-or-latin-1")
    return content.decode(encoding, "replace").replace("\ufffd", "")


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """A byte that broke UTF-8, as somebody's editor of one byte a character wrote it; a torn character is left out."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return (broken.decode("cp1252", "ignore") if len(broken) == 1 else ""), error.end


codecs.register_error("windows-1252-or-latin-1", _as_latin_1)
codecs.register_error("utf-8-or-windows-1252", _as_windows)
