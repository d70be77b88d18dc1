"""Words that begin with an apostrophe, which looks like a quotation mark: ’tis, ’em, ’un, the ’45."""

import re

# No words without the apostrophe: the mark before them is one, unless it must open a speech.
_CERTAIN = frozenset(
    str.split(
        """
        aint alf allo alloween appen appy arf arriet arry avin bacca baccy bain baint bout cello cept cos coz
        cuz ead eart eaven ello em enery ere erself flu fraid gainst gator im imself isself kay kerchief lection
        llo mongst n neath nother nough nuff nuther ome oo ooman oorah oose orrible orse orses ospital oss otel
        ouse ouses ow pon prentice prentices rithmetic sblood scuse sdeath sfoot slife specially spect spose
        struth swounds t taint tater taters th tis tisn tother tween twas twasn twere tweren twill twixt twould
        twouldn ud ull umble un undred undreds uns usband varsity ve xactly zackly
        ands anded anding andin ang angs anged anging angin ardly aste astes asty ated atred aunted cordin cording
        eard ee eavy eigh eld enpecked erd erds ey idden iding ilt inge inges int ints iss istory ired
        leven lieve membered membering memberin membrance ods oldin olding omes ooks ooked ooray oped opes
        oping oratio orseman orsemen orsewhip osts ot otly prentis scape spect spects spected spectin specting
        sfunny sright gyptian gyptians
        spectable sponsible ug ugs ugged ugging ullo unch unt unts unted unter untin unting ush ushed ymn ymns
        """
    )
)
# The same with any ending: ’appened, ’eads, ’scaped.
_STEMS = """
    abit aircut alleluj amlet ampshire ampstead ampton andful andkerchief andl andsom appen appi arold arrison
    arness arvest arvey astings atch aven awk awkin azard ead eadach eal ealth eap eart eath eather eaven eavenl eavi
    elp elpless enrietta erb erbert ercul ermit ero ertford esitat iccup iggin igh ight istor ithert oard obb oist
    olborn olland olloway olm oliday ollow omag omesick omeward onest oney onour opeful opeless opkin orac orizon
    orn orrid orror orseback ospit ousehold ousekeep ousemaid oward owever ubert udson ullabaloo umbl umbug ummed
    umour umphrey ung unger ungr urrah urray urri urry urt usk ussar ustl ypocri
    bliged bleeg druther fess fessor lectric lowanc magin merica merican merik peared pologi pothecar scap scover
    skeeter spicion spis splain spos spress spris stablish stonish stroy sturb tarnal torney turney zact
"""
_STEM = re.compile(
    f"(?:{'|'.join(_STEMS.split())})"
    "(?:i?e?s|i?ed|ings?|in|i?er|i?ers|i?est|i?ly|y|e|en|ens?|i?ness|ful|fully|less|ous|able|ably|ations?|al|als)?"
)
# What stands before ’t in full: what is left of one, or has a t before it (’adn’t, ’twon’t), is elided.
_NEGATIONS = frozenset(
    str.split(
        """
        ain an aren can couldn daren dasn didn doan doesn don durs durstn en hadn hain han hasn haven in isn mayn
        mightn mun musn mustn needn oughtn shan shouldn usedn usen wan warn wasn weren won wouldn
        """
    )
)
# Words of their own as well: elided, unless the mark is closed further on.
_POSSIBLE = frozenset(
    str.split(
        """
        ard ave bove bus bye cause cute e ell er ers fore hind id lowed member mid midst mong ope phone round til till
        """
    )
)
# The same within a sentence; with a capital they rather begin a speech that the prompt leaves open.
_POSSIBLE_SMALL = frozenset(
    str.split(
        """
        a ad air all am an and are arm art as burbs change count course coon cross d deed ear gain gin hood il ill ire
        is it less ll lone long low most night o old on plane possum re ready s side sides sup tude use ware way ye za
        """
    )
)
_YEAR = re.compile(r"(?:\d\d(?:ers?)?|\d+['‘’]?s)(?!\w)")
_GREETING = re.compile(r"(?:night|morning|evening|afternoon)(?=[,.!])", re.IGNORECASE)
_NEGATION = re.compile(r"([^\W\d_]+)['‘’]t(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def is_certain(rest: str) -> bool:
    """Whether the text after a mark begins with a word that is none without its apostrophe, or with a year.

    is_certain("Twas late") → True, is_certain("45 was over") → True, is_certain("home’") → False
    """
    word = _first_word(rest).lower()
    return bool(_YEAR.match(rest) or word in _CERTAIN or _STEM.fullmatch(word) or _is_elided_negation(rest))


def is_possible(rest: str) -> bool:
    """Whether the text after a mark begins with a word that may have lost its first letters: cause, round, till."""
    word = _first_word(rest)
    return word.lower() in _POSSIBLE or word in _POSSIBLE_SMALL or bool(_GREETING.match(rest))


def _is_elided_negation(rest: str) -> bool:
    """Whether a text begins like ’adn’t or ’twon’t, and not like don’t or isn’t."""
    found = _NEGATION.match(rest)
    word = found.group(1).lower() if found else ""
    if len(word) < 2 or word in _NEGATIONS:
        return False
    return word.removeprefix("t") in _NEGATIONS or any(full.endswith(word) for full in _NEGATIONS)


def _first_word(rest: str) -> str:
    found = _WORD.match(rest)
    return found.group() if found else ""
