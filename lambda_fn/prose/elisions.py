"""Words that begin with an apostrophe: ’tis, ’em, ’un, the ’45; where a quotation mark would look the same."""

import re

# Nothing without the apostrophe: the mark before them is one, unless it must open a speech.
_CERTAIN = frozenset(
    str.split(
        """
        aint alf allo alloween appen appy arf arriet arry avin bacca baccy bain baint bout cello cept cos coz
        cuz ead eart eaven ello em enery ere erself flu fraid gainst gator im imself isself kay kerchief lection
        llo mongst n neath nother nough nuff nuther ome oo ooman oorah oose orrible orse orses ospital oss otel
        ouse ouses ow pon prentice prentices rithmetic sblood scuse sdeath sfoot slife specially spect spose
        struth swounds t taint tater taters th tis tisn tother tween twas twasn twere tweren twill twixt twould
        twouldn ud ull umble un undred uns usband varsity ve xactly zackly
        """
    )
)
# Words of their own as well: elided, unless the mark is closed further on.
_POSSIBLE = frozenset(
    str.split(
        """
        ard ave bove bus cause cute e er ers fore hind id mid midst mong phone round til till
        """
    )
)
# The same within a sentence; with a capital they rather begin a speech that the prompt leaves open.
_POSSIBLE_SMALL = frozenset(
    str.split(
        """
        a ad air all am an and are arm art as burbs change count course cross d ear gain gin hood il ill ire
        is it less ll long low most o old on plane re s side sides sup tude use ware way ye za
        """
    )
)
_YEAR = re.compile(r"\d\d(?:['’]?s)?(?!\w)")
_WORD = re.compile(r"[^\W\d_]+")


def is_certain(rest: str) -> bool:
    """Whether the text after a mark begins with a word that is nothing without its apostrophe, or with a year.

    is_certain("Twas late") → True, is_certain("45 was over") → True, is_certain("home’") → False
    """
    return bool(_YEAR.match(rest)) or _first_word(rest).lower() in _CERTAIN


def is_possible(rest: str) -> bool:
    """Whether the text after a mark begins with a word that may have lost its first letters: cause, round, till."""
    word = _first_word(rest)
    return word.lower() in _POSSIBLE or word in _POSSIBLE_SMALL


def _first_word(rest: str) -> str:
    found = _WORD.match(rest)
    return found.group() if found else ""
