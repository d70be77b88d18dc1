"""The page's sections, one a measure: from its result to Markdown, its plots drawn into a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report.cache import Result
from bench.report.counts import Counts
from bench.report.plots import draw_bits, draw_matrix, draw_shares
from bench.report.pronouns import Share, paired_difference, preferred
from bench.report.tables import interval, part, percent, table
from bench.report.told import AUTHOR_SEED, LONG_STORY_SEED, OPENING

_METHODS = {
    "shipped": "the model as shipped",
    "fp32": "the model as trained (fp32)",
    "5-gram": "5-grams, Kneser–Ney, over the same sub-words",
    "PPM after the author’s books": "PPM, after the author’s other books",
    "ancestor": "the ancestor, unknown words spelt",
    "ancestor, unknown words free": "the ancestor, unknown words free of charge",
    "xz after the author’s books": "xz, after the author’s other books",
    "PPM": "PPM alone",
    "xz": "xz alone",
}


def bits(found: Result, out: Path) -> str:
    """Bits per character of every held-out book under everything."""
    books, first, old = found["books"], found["books"][0], found["ancestor"]
    # What pays for no unknown word is no rival: it stands in the table only.
    drawn = {label: first[name] for name, label in _METHODS.items() if not name.endswith("free")}
    figures = {label: value for label, value in drawn.items() if value is not None}
    draw_bits(figures, [_METHODS["shipped"], _METHODS["fp32"]], first["title"], out / "bits.png")
    rows = [
        [label, *("–" if book[name] is None else f"{book[name]:.3f}" for book in books)]
        for name, label in _METHODS.items()
    ]
    rows.append(["characters", *(f"{book['characters']:,}" for book in books)])
    rows.append(["tokens unknown to the ancestor", *(percent(book["unknown"]) for book in books)])
    return f"""## Bits per character

![bits per character of {first["title"]}](bits.png)

Real text with its case and punctuation, each book under its author’s style. Every figure is divided by the same number
of characters, a paragraph’s end counting one.

{table(["", *(book["title"] for book in books)], rows)}
- **5-grams**: modified Kneser–Ney, interpolated, over the model’s own sub-words, counted in the training books of all
  authors ({found["5-gram tokens"]:,} tokens).
- **The ancestor** (2019): two LSTM layers of {old["size"]} over words in lower case, those seen at least
  {old["fewest"]} times in the training books of {first["author"]} ({old["words"]:,} words,
  {old["parameters"]:,} parameters); {old["epochs"]} epochs, the best on validation text
  ({old["validation_nats"]:.3f} nats a token). It pays for words, punctuation marks and paragraph ends, and, where
  unknown words are spelt, for their letters under a letter-trigram model. **It pays neither for case nor for where
  spaces stand**, which all else here does: the comparison favours it.
- **PPM** (variant H, order 8) and **xz** (`xz -9e`): “after the author’s other books” is what the text adds to the
  compressed size of up to four million characters of the author’s training books.
"""


def pronouns(found: Result, out: Path) -> str:
    """How often the right pronoun is the likelier one."""
    if not found["books"]:
        return "## Pronouns\n\nThe held-out books have no sentence to ask about.\n"
    rows, points = [], []
    for title, books in [*((book["title"], [book]) for book in found["books"]), ("together", found["books"])]:
        ours, old = (preferred([nats for book in books for nats in book[name]]) for name in ("model", "ancestor"))
        shares = [Share(sum(hits), len(hits)) for hits in (ours, old)]
        gain = " to ".join(f"{100 * value:+.1f}" for value in paired_difference(ours, old)[1:])
        gain = f"{100 * paired_difference(ours, old)[0]:+.1f} ({gain})"
        rows.append([title, len(ours), *map(interval, shares), gain])
        points += [
            (f"{title}{who}", share.value, share.interval)
            for who, share in zip(("", ", ancestor"), shares, strict=True)
        ]
    draw_shares(points, "pronouns", out / "pronouns.png")
    return f"""## Pronouns

![share of sentences in which the right pronoun is likelier](pronouns.png)

Sentences with two or more pronouns of one gender and none of the other; the last one flipped where its other form is
plain (he ↔ she, him → her, his → her before a noun, her → him or his where the next word tells). All of the book
before the sentence has been read. How often is the whole sentence likelier as it stands? With 95 % confidence
intervals; the difference in points.

{table(["", "sentences", "the model", "the ancestor", "difference"], rows)}"""


def copying(found: Result, counts: Counts) -> str:
    """Copying, repetition, invention: told text beside a book."""
    title, sides = found["title"], ("told", "book")
    copied, varieties = ([found[name][side] for side in sides] for name in ("copied", "variety"))
    runs = [
        [f"runs of {length} words that stand in a training book"]
        + [part(side["copied"][length], side["runs"][length]) for side in copied]
        for length in copied[0]["runs"]
    ]
    rows = [
        *runs,
        ["longest such run, words", *(side["longest"] or "under 8" for side in copied)],
        ["words that stand in no training book", *(part(side["new_words"], side["words"]) for side in copied)],
        ["texts that stood before", *(side["same_text"] for side in varieties)],
        _shares("texts that begin with the four words of an earlier one", "same_start", varieties),
        _shares("runs of 4 words that stood before in the same text", "repeated_within", varieties),
        _shares("runs of 8 words that stood in an earlier text", "repeated_across", varieties),
        *([f"distinct-{n}", *(f"{side['distinct'][n]:.3f}" for side in varieties)] for n in varieties[0]["distinct"]),
        [
            "opening quotation marks that close",
            *(part(closed, of, 1) for closed, of in map(found["quotes"].get, sides)),
        ],
    ]
    return f"""## Copying, repetition, invention

{counts.tweets:,} tweets: one story under the first author’s style, seed {LONG_STORY_SEED}, with the teller’s own prompt
and the bundle’s settings. Beside it *{title}*, cut into texts of up to 280 characters: all of it for copying, new
words and quotation marks (in its own paragraphs), as many words as were told for the rest (distinct-n falls with
length). Case and punctuation aside.

{table(["", f"told ({varieties[0]['texts']:,} tweets)", f"*{title}*"], rows)}
The longest run told: “{copied[0]["longest_text"] or "none of 8 words"}”.
New words told: {", ".join(copied[0]["new"][:20]) or "none"}.
New words of the book: {", ".join(copied[1]["new"][:20]) or "none"}.
"""


def _shares(label: str, name: str, varieties: list[Any]) -> list[str]:
    return [label, *(percent(side[name], 2) for side in varieties)]


def styles(found: Result, out: Path) -> str:
    """Every text under every style, and under blends."""
    matrix: Mapping[str, Mapping[str, float]] = found["matrix"]
    draw_matrix(matrix, out / "styles.png")
    rows = []
    for author, costs in matrix.items():
        stranger = min((style for style in costs if style != author), key=costs.__getitem__, default=author)
        best = "yes" if costs[author] <= costs[stranger] else "**no**"
        count = f"{found['characters'][author]:,}"
        rows.append([author, count, f"{costs[author]:.4f}", f"{costs[stranger]:.4f}", stranger, best])
    pairs = []
    for pair in found["blends"]:
        between = "yes" if pair["own"] < pair["blend"] < pair["strange"] else "no"
        pairs.append([pair["text"], pair["other"], *(f"{pair[n]:.4f}" for n in ("own", "blend", "strange")), between])
    return f"""## Styles and blends

![each text under each style](styles.png)

The beginning of each held-out book under every style of the bundle, in bits per character:

{table(["text of", "characters", "own style", "best other", "which", "own is best"], rows)}
And under half of each of two styles:

{table(["text of", "other author", "own style", "half and half", "other’s style", "between"], pairs)}"""


def recognition(found: Result, counts: Counts) -> str:
    """Whose text the classifier takes it for."""
    told = found["told"]["table"]
    names = {"validation": "validation chapters", "test": "held-out books", "told": "told text"}
    rows = [[names[name], one["right"][1], interval(Share(*one["right"]))] for name, one in found.items()]
    confused = [[author, *(told[author].get(other, 0) for other in told)] for author in told]
    return f"""## Whose text is it?

Naive Bayes over words and pairs of words, names masked, learnt from as much of each author’s training books; passages
of {counts.passage:,} characters, at most {counts.passages} an author; told are {counts.tweets_an_author} tweets an
author under the author’s style, seeds from {AUTHOR_SEED}, begun with “{OPENING}”. Guessing would be right one time in
{len(told)}: {percent(1 / len(told))}. With 95 % confidence intervals.

{table(["", "passages", "named rightly"], rows)}
Told under the style of (rows), said to be by (columns):

{table(["", *told], confused)}"""


def contamination(found: Result) -> str:
    """What test books and training books share."""
    rows = [[book["title"], f"{book['runs']:,}", book["shared"]] for book in found["books"]]
    examples = [
        f"- *{book['title']}*: “{one['text']}” (in {', '.join(one['in'])})\n"
        for book in found["books"]
        for one in book["examples"]
    ]
    return f"""## Nothing of a test book in the training books

Runs of 13 words of each test book, case and punctuation aside, and how many of them stand in any training book:

{table(["", "runs", "shared"], rows)}
{"Some of what they share:" if examples else ""}

{"".join(examples)}"""
