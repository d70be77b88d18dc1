"""Words that are never told: slurs of the century, profanity by a maintained list, and what the owner adds.

Whole words alone are looked up, and the parts of words with hyphens: Scunthorpe and the classics may be told.
"""

import re
from functools import cache
from pathlib import Path

from lambda_fn.prose.rules import HouseRules

# Slurs that novels of the century use freely and that do not belong on a timeline.
_SLURS = frozenset(
    str.split(
        """blackamoor coon coons cunt darkey darkies darky faggot faggots fuck half-caste half-castes hottentot
        jap japs jewess jewesses kaffir kaffirs kike mulatto nigger niggers nigga negress negresses negro
        negroes octoroon pickaninny quadroon shit whore whores wop"""
    )
)
# Words of the list that the training books have at least 20 times in 18.5 million words, and mean no harm by: a stupid
# ass, the slave of a passion, a chink of the door, Wilkie Collins's tinker. The list itself rates "cock", "queer" and
# "ejaculated" (139, 535 and 179 times) as rather clean, and does not have "gay" among its profanity.
_INNOCENT = frozenset(
    str.split(
        """ass asses booby booty bung chink chinks dumb gables gypsies gypsy hindoo ho hussy idiot jig loser muff nip
        poop prick puss slave sooty spit stupid tinker tinkers welfare"""
    )
)


def rule_against(word: str, house: HouseRules) -> str | None:
    """The name of the rule that a word, or a part of it, is refused by; None: it may be told."""
    folded = word.lower()
    parts = {folded, *re.split("[’-]", folded)}
    if not parts.isdisjoint(_SLURS):
        return "slurs"
    if not parts.isdisjoint(house.words):
        return "owners-words"
    if "profanity" not in house.off and not parts.isdisjoint(_profanity()):
        return "profanity"
    return None


@cache
def _profanity() -> frozenset[str]:
    lines = (Path(__file__).parent / "profanity.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#")) - _INNOCENT
