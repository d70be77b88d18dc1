"""Dashes, ellipses and spaces as a printer would set them."""

import re

_LONG_DASH = re.compile(r"-{3,}|- - -(?: -)*(?!\w)|—(?: ?—){2,}|— —")
_DASH = re.compile(r"(?<!-)(?:--|- -)(?!-)")
_SPACED_DASH = re.compile(r" ?(?<!—)—(?!—) ?")
_ELLIPSIS = re.compile(r" ?(?:\.(?: ?\.){2,}|…)(?:[ .]*[.…])*")
_SPACES = re.compile(r"\s+")
_LOOSE = re.compile(r" (?=[,;!?](?:\s|$))|(?<=[…—]) (?=['’\"”](?:\s|$))|(?<=“) (?=[‘'])|(?<=’) (?=”(?:\s|$))")


def set_dashes(paragraph: str) -> str:
    """A paragraph with em dashes, closed up; a longer dash stands for a name left out or a broken word."""
    text = paragraph.strip()
    if "-" in text:
        text = _DASH.sub("—", _LONG_DASH.sub("——", text))
    if " –" in text:
        text = text.replace(" – ", "—")
    if "—" in text:
        text = _LONG_DASH.sub("——", text)
        text = _SPACED_DASH.sub("—", text)
    return _ELLIPSIS.sub("…", text) if "." in text or "…" in text else text


def close_spaces(paragraph: str) -> str:
    """A paragraph with single spaces, and none before a comma or inside quotation marks."""
    return _LOOSE.sub("", _SPACES.sub(" ", paragraph)).strip()
