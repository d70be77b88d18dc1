"""Words that begin with an apostrophe, so that it is not taken for an opening quotation mark."""

import re

# Elided words that mean nothing without their apostrophe: the mark before them is always an apostrophe.
_CERTAIN = frozenset(
    """
    abeas abit ad adn aint alf amlet ampstead ampton andkerchief andle andsome andy ang anged anging angs
    appiness appy arbour arden ardly arf armless arp arriet arris arry arternoon arth asn ave aven avent avin
    bacca baccer baccy bout cept cordin cordingly cos coz cuz d deed dentical e ead eads eard earing eart earted
    earts eaven eavens eavier eavy ee eerd eered eerin elp em enery enry erbert ercules erself ficial gage
    gainst gin igh igher ighest ighness im imself isself ithout larum lection ll lowance merican mericans
    merikin mongst n neath nother nuff nuther olborn olidays ome omes omeward oo ooman oomans oose ope oped opes
    opping orn orns orrible orrid orse orses orspital ose ospital oss osses otel ouse ouses ow ows pon prentice
    prentices quainted r ristocracy scape scuse sist smorning specially spect spectable spects spose sposed
    spression stablished stead sterday stonished sumpin t tain tater taters tators th tis tisn torney turney
    twas twasn twere twill twould twouldn ud ull uman umble umbly umbug umility umour un undred undreds ungry
    uns unting urry urt usband usbands varsity ve xactly xcuse zackly
    """.split()  # noqa: SIM905 (a list of this length is read more easily as text)
)

# Elided words that are also words of their own: an apostrophe where the text around them speaks so, else a quote.
_POSSIBLE = frozenset(
    """
    a ail air ale all alls am and ands ard are arm arms arrow art as at ate bus cause change count cute ear ears
    eat edge eight ell er ere ers fore gree id ill ills in ire is it long low mid most o old olds ole oles on os
    ot our ours round s side sides size tend til till tother use ware way ye
    """.split()  # noqa: SIM905
)

_LETTER = re.compile(r"[a-mo-z]['’](?!\w)")  # a quoted letter, as in ‘t’; but 'n' is and
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def is_certain(rest: str) -> bool:
    """Whether the text after an apostrophe begins with a word that is nothing without it, or with a year: '98."""
    if re.match(r"\d\d(?:'s|’s|s)?(?![\d\w])", rest):
        return True
    if _LETTER.match(rest):
        return False
    match = _WORD.match(rest)
    return match is not None and _stem(match.group().lower()) in _CERTAIN


def is_possible(rest: str) -> bool:
    """Whether the text after an apostrophe begins with a word that may have lost its first letters."""
    match = _WORD.match(rest)
    return match is not None and _stem(match.group()) in _POSSIBLE


def _stem(word: str) -> str:
    """A word up to its next apostrophe: 'tisn't is 'tisn."""
    return re.split("['’]", word)[0]
