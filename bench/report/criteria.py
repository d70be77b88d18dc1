"""What a model is to reach, and whether it does."""

from dataclasses import dataclass

from bench.report.cache import Result
from bench.report.pronouns import paired_difference, preferred
from bench.report.subject import Subject


@dataclass(frozen=True)
class Criterion:
    """One line of the page's first table; `met` None: it could not be measured."""

    what: str
    wanted: str
    found: str
    met: bool | None


def criteria(subject: Subject, results: Result) -> list[Criterion]:
    """Each criterion with what was found."""
    return [
        *_bits(results["bits"]["books"][0]),
        *_pronouns(results["pronouns"]["books"]),
        *_copying(results["copying"]),
        *_styles(results, len(subject.seeds)),
        _contamination(results["contamination"]),
    ]


def _bits(book: Result) -> list[Criterion]:
    shipped, exact = book["shipped"], book["fp32"]
    cost = None if exact is None else shipped / exact - 1
    return [
        Criterion(f"bits per character of *{book['title']}*, shipped", "at most 1.45 (CPU), 1.35 (GPU)",
                  f"{shipped:.4f}", shipped <= 1.45),
        Criterion("what quantization costs of it", "at most 0.5 %", "–" if cost is None else f"{100 * cost:.2f} %",
                  None if cost is None else cost <= 0.005),
    ]  # fmt: skip


def _pronouns(books: list[Result]) -> list[Criterion]:
    ours, old = (preferred([nats for book in books for nats in book[name]]) for name in ("model", "ancestor"))
    if not ours:
        return [Criterion("the right pronoun is likelier", "at least 85 %", "–", None)]
    share, (gain, _, _) = sum(ours) / len(ours), paired_difference(ours, old)
    return [
        Criterion("the right pronoun is likelier", "at least 85 %", f"{100 * share:.1f} %", share >= 0.85),
        Criterion("… than the ancestor finds it", "at least 10 points more", f"{100 * gain:+.1f} points", gain >= 0.1),
    ]


def _copying(copying: Result) -> list[Criterion]:
    told, book = (copying["copied"][name] for name in ("told", "book"))
    twelve, same = told["copied"]["12"], copying["variety"]["told"]["same_text"]
    ours, theirs = (one["new_words"] / max(1, one["words"]) for one in (told, book))
    return [
        Criterion("told runs of 12 words from the training books", "none", str(twelve), twelve == 0),
        Criterion("tweets told twice", "none", str(same), same == 0),
        Criterion("told words that stand in no training book", f"at most {100 * theirs:.2f} % (*{copying['title']}*)",
                  f"{100 * ours:.2f} %", ours <= theirs),
    ]  # fmt: skip


def _styles(results: Result, authors: int) -> list[Criterion]:
    matrix = results["styles"]["matrix"]
    best = sum(costs[author] == min(costs.values()) for author, costs in matrix.items())
    between = [pair["own"] < pair["blend"] < pair["strange"] for pair in results["styles"]["blends"]]
    right, count = results["recognition"]["told"]["right"]
    times = authors * right / count if count else 0.0
    return [
        Criterion(
            "authors whose text is likeliest under their own style", f"all {authors}", str(best), best == authors
        ),
        Criterion("blends of two that lie between", "all", f"{sum(between)} of {len(between)}", all(between)),
        Criterion(
            "told text named rightly", "4 times as often as chance", f"{times:.1f} times", times >= 4 if count else None
        ),
    ]


def _contamination(contamination: Result) -> Criterion:
    shared = sum(row["shared"] for row in contamination["books"])
    runs = sum(row["runs"] for row in contamination["books"])
    return Criterion(
        "runs of 13 words of a test book in the training books", "none", f"{shared} of {runs:,}", shared == 0
    )
