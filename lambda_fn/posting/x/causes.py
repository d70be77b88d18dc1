"""Why X refuses a post for a reason other than its text: told by the numbers of its errors, and by its words."""

import re
from collections.abc import Set
from enum import Enum, auto


class Cause(Enum):
    """What is wrong, other than the text."""

    CREDENTIALS = auto()
    APP = auto()  # what it may do, or the part of X's API that it has
    AUTOMATION = auto()
    ACCOUNT = auto()


LASTING = ("credits", "oauth1-permissions", "client-forbidden", "client-not-enrolled", "unsupported-authentication")

_KINDS = {Cause.CREDENTIALS: ("unauthorized", "unsupportedauthentication", "invalidtoken")}
_CODES = {
    Cause.CREDENTIALS: (32, 89, 99, 135, 215, 239),
    Cause.APP: (37, 68, 87, 92, 93, 219, 220, 251, 261, 348, 415, 416, 417, 453),
    Cause.AUTOMATION: (226,),
    Cause.ACCOUNT: (63, 64, 231, 326),
}
_LIMIT_CODES = (88, 130, 185, 344)

_STATES = (
    r"(?:suspended|locked|deactivated|restricted|limited|disabled|blocked|banned|frozen|deleted|in read-only mode"
    r"|under review|not (?:allowed|permitted|able) to)\b"
)
_WORDS = {
    Cause.CREDENTIALS: re.compile(
        r"authenticate you|authentication (?:data|failed|is required|required)|unsupported authentication"
        r"|\boauth"
        r"|\b(?:invalid|expired|revoked|bad|missing)(?: or \w+)? (?:access |bearer )?(?:tokens?|signature|nonce)\b"
        r"|\b(?:access|bearer) tokens?\b|\bconsumer key|\bapi key|timestamp (?:is )?out of bounds"
        r"|(?:verify your|invalid|bad|incorrect) credentials|unable to verify"
    ),
    Cause.APP: re.compile(
        r"\b(?:your|this|the|client|developer) (?:client )?app(?:lication)?s?\b|\bapplication cannot\b"
        r"|\bapp cannot\b|\bclient (?:is not|application)|\byour client\b"
        r"|your credentials do not|subset of (?:x|twitter)"
        r"|\bapi (?:v[0-9.]+|access|plan|tier|endpoint)|access levels?\b|\bdeveloper (?:account|portal|console|project)"
        r"|not (?:authori[sz]ed|allowed|permitted|enabled|enrolled) (?:to (?:use|access)|for) (?:this|the) "
        r"|access to (?:this|the) (?:resource|endpoint|feature|api)|\bthis endpoint\b|\bssl is required"
    ),
    Cause.AUTOMATION: re.compile(
        r"\bautomated\b|\bautomation\b|from spam and|\b(?:unusual|suspicious) (?:login|activity|behaviou?r)"
        r"|\bnot a (?:robot|bot)\b|\byou(?:’|')?(?: a)?re (?:a )?human|\bcaptcha\b"
    ),
    Cause.ACCOUNT: re.compile(
        r"\b(?:accounts?|users?|profile)(?: you are using)? (?:(?:is|are|was|were|has|have|been|now|currently"
        rf"|temporarily|permanently|may) )+{_STATES}"
        rf"|\b(?:accounts?|user) (?:temporarily |permanently )?{_STATES}"
        r"|\b(?:you are|you have been|you(?:’|')re) (?:temporarily |permanently |currently )*"
        r"(?:suspended|locked|restricted|limited|banned)\b"
        r"|\b(?:unlock|verify|confirm|reactivate) your (?:account|identity|phone|email)|must verify"
    ),
}

# A limit on how much is sent, not on how long a text is, or on what it may contain.
_COUNTED = r"(?:posts?|tweets?|status(?:es)?|updates?|status updates?|requests?|messages?|calls?|actions?|attempts?)"
_PERIOD = (
    r"(?:daily|monthly|hourly|(?:24|one|3|three)[- ]hours?|today"
    r"|per[- ](?:day|hour|month)|for (?:the|this|a) (?:day|hour|month))"
)
_LIMITS = re.compile(
    r"\brate[- ]?limit|too many (?:\w+ )?(?:requests|posts|tweets|updates|calls|attempts)\b"
    rf"|\b{_PERIOD} (?:\w+ ){{0,2}}(?:limit|quota|cap|allowance|maximum)\b|\bover (?:the |your )?daily\b"
    rf"|\b(?:limit|quota|cap|allowance|maximum)\b[^.\n]{{0,40}} {_PERIOD}\b"
    rf"|\b(?:exceed\w*|reached|over|hit|used up)\b[^.\n]{{0,60}}\b(?:number of {_COUNTED}|{_COUNTED} {_PERIOD})"
    r"|\b(?:exceed\w*|reached|over|hit|used up) (?:your|the|its|our|a)(?: \w+){0,2} (?:quota|usage cap|allowance)\b"
    rf"|\b(?:exceed\w*|reached|over|hit|used up) (?:your|the|its|our|a)(?: \w+){{0,2}} limit (?:of|on|for) {_COUNTED}"
    rf"|\b(?:exceed\w*|reached|over|hit|used up) (?:your|the|its|our|a)(?: \w+){{0,2}} {_COUNTED} limit\b"
    r"|\b(?:usage|product) cap\b|\bquota (?:has been |is |was )?(?:exceeded|reached|used up)"
    r"|\bposting (?:limit|too fast)|\bover capacity\b"
)
_OF_THE_TEXT = re.compile(r"\b(?:characters?|length|too long|shorter|hashtags?|mentions|cashtags?)\b")


def name_cause(kinds: Set[str], codes: Set[int], words: str) -> Cause | None:
    """What is wrong; None if it is not recognized, and so may be the text.

    `kinds` in lower case, letters and digits only; `words` in lower case. A number has precedence over words.
    """
    for cause, numbers in _CODES.items():
        if not codes.isdisjoint(numbers):
            return cause
    for cause, names in _KINDS.items():
        if not kinds.isdisjoint(names):
            return cause
    return next((cause for cause in reversed(_WORDS) if _WORDS[cause].search(words)), None)


def is_limit(codes: Set[int], words: str) -> bool:
    """Whether there were too many requests or posts; `codes` and `words` as in `name_cause`."""
    if not codes.isdisjoint(_LIMIT_CODES):
        return True
    return bool(_LIMITS.search(words)) and not _OF_THE_TEXT.search(words)
