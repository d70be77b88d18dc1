"""Slips of print: what no printer sets, whatever the words are, as patterns over a text's characters."""

import re

from lambda_fn.prose.rules import Refusal, refused
from lambda_fn.prose.sentences import CAPITAL, LETTER, is_abbreviation, open_marks

REPERTOIRE = re.compile(rf"[{LETTER}0-9 \n.,;:!?…‘’“”()—\-&£]*")
"""The characters that a told text may hold: those of a novel; none of them makes a mention or a hashtag."""

LINKABLE = re.compile(r"[^\s.]\.[^\W\d_]{2,}|://|[@＠]\w|[#＃]\w|\$[A-Za-z]")
"""What X may read as a link, a mention, a hashtag or a cashtag."""

_SMALL = "a-zß-öø-ÿ"
_FAULTS = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        # A full stop without a space after it can be read as a link ("said.In").
        (rf"[,;:!?.…][{LETTER}]|[;:!?…]\d|(?<!\d)[,.]\d", "space-after-mark"),
        (r" [,;:!?.”)]| -|- |[“‘(] ", "space-before-mark"),
        (r"  | \n|\n |\n\n", "white-space"),
        (r"[“‘(][,;:!?.)”\n]|[“‘(]’[^A-Za-z]", "nothing-quoted"),
        (rf"[{LETTER}\d,;:!?.)”…][“‘(]", "space-before-opening"),
        (
            rf"[”)][{LETTER}\d]|[,;:!?…]’[{LETTER}\d]|\.’(?!s)[{LETTER}\d]|\.’s[{LETTER}]",
            "space-after-closing",
        ),
        (r"[,;:][,;:.!?…]|[!?…][.,;:]|\.[.!?…]|[!?…]…|[!?]{4}|…[!?.…]", "clashing-marks"),
        (r"[.,;:!?…][”’][.,;:!?]|[”][.]", "clashing-marks"),
        (r"’’|‘‘|““|””|--|-—|—-|—{3}|“—?”|‘—’", "clashing-marks"),
        (
            rf"\.[”’)]+ [“‘(]*’?[{_SMALL}]|[.]—[“‘(]*[{_SMALL}]|[!?][”’)]* [“‘]+[{_SMALL}]",
            "small-beginning",
        ),
        (rf"(?:^|\n)[^{CAPITAL}“‘’(]|(?:^|\n)[“‘’(]+[^{CAPITAL}“‘’(]", "paragraph-beginning"),
        (r"[^.!?…:—,”’)]\n|,\n[^“‘]|[^.!?…:—”’)][”’)]+\n", "paragraph-end"),
        (r"\b(?:Mr|Mrs|Dr|Messrs)\. ?[“‘(\n]", "title-alone"),
        # Counted in 2.3 million words of novels: 12 such ends of a sentence, and 25 of a clause.
        (
            r"\b(?:a|[Bb]ecause|[Aa]s|[Aa]lthough|[Bb]ut|[Oo]r|[Uu]ntil|[Aa]nd|[Nn]or|[Uu]nless|[Tt]han|[Ii]f|"
            r"[Ww]hose|[Tt]heir|[Aa]n|[Yy]our|[Ii]ts|[Oo]ur|[Ee]very|[Tt]he|[Mm]y)[.!?]",
            "sentence-end",
        ),
        (
            r"\b(?:a|[Ww]hose|[Tt]heir|[Aa]n|[Yy]our|[Ii]ts|[Oo]ur|[Ee]very|[Tt]he|[Mm]y)[,;:”)]",
            "clause-end",
        ),
    )
)
# A prompt's words are its author's: these apply only to what begins after it. All others demand no more than a space,
# a capital or another word next, so that every prompt can be continued.
_FAULTS_OF_WORDS = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (
            rf"[{LETTER}]\d|\d(?![snrt])[{LETTER}]|\d(?:s[^t]|n[^d]|r[^d]|t[^h])|\d{{5}}",
            "number",
        ),
        (r"\b[B-HJ-NP-Z] ", "lone-letter"),
        (r"&(?:[^c ]| [^A-Z])|£\D", "lone-sign"),
    )
)
# Two letters and the letters of a word after them, in which no pattern ends. Most of what a text grows by is that.
_GOES_ON_PLAINLY = re.compile("[a-z]{2} ?[A-Za-z]?[a-z]*")
_STOP_AND_GO_ON = re.compile(rf"\.(?: [“‘(]*’?[{_SMALL}]|[,;:])")


def fault(text: str, since: int = 0, prompt: int = 0) -> Refusal | None:
    """What is misprinted, ending after `since`, in a way that no text after it could correct.

    `prompt`: the length of the prompt that the text begins with, which is accepted as it is.
    A pattern sees the last 12 characters only: a rule about all of a tweet belongs in `Editor.objection`.
    fault("He said.In") → space-after-mark: no space after a punctuation mark, fault("He was in") → None
    """
    if since > 1 and _GOES_ON_PLAINLY.fullmatch(text, since - 2):
        return None
    start = max(0, since - 12)
    for first, faults in ((start, _FAULTS), (max(start, prompt), _FAULTS_OF_WORDS)):
        for pattern, rule in faults:
            if pattern.search(text, first) and any(found.end() > since for found in pattern.finditer(text, first)):
                return refused(rule)
    for stop in _STOP_AND_GO_ON.finditer(text, start):
        if stop.end() > since and not is_abbreviation(text[: stop.start() + 1]):
            return refused("stop-amid-sentence")
    if open_marks(text) is None:
        return refused("open-marks")
    return None
