"""The package by part, against the one that plain pip builds."""

from pathlib import Path

import numpy as np

from bench.cold_start import BUNDLE, Size, sizes, total
from bench.costs.subject import Subject
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table

MOST_UNZIPPED, MOST_ZIPPED = 95.0, 32.5  # megabytes, without the bundle
PICTURE = "package.png"
NAMES = {"numpy.libs": "numpy.libs (OpenBLAS)", BUNDLE: f"{BUNDLE} (the bundle)"}
LEAST = 1_000_000  # bytes: parts of less in both packages stand together
NOTHING = Size(0, 0)


def measure(subject: Subject) -> Result:
    """Megabytes of each part of both packages, unzipped and zipped, and of each whole with its bundle and without."""
    if missing := subject.no_package:
        return {"missing": missing}
    packages = {"ours": sizes(subject.package), "pip": sizes(subject.pip_package)}
    names = {part for parts in packages.values() for part in parts}
    largest = {name: max(parts.get(name, NOTHING).unzipped for parts in packages.values()) for name in names}
    shown = sorted((name for name in names if largest[name] >= LEAST), key=lambda name: -largest[name])
    rows: dict[str, dict[str, Size]] = {
        NAMES.get(name, name): {package: parts.get(name, NOTHING) for package, parts in packages.items()}
        for name in shown
    }
    for label, within in (
        ("the rest", names - set(shown)), ("without the bundle", names - {BUNDLE}), ("together", names),
    ):  # fmt: skip
        rows[label] = {
            package: total(size for name, size in parts.items() if name in within)
            for package, parts in packages.items()
        }
    return {
        "parts": [
            {"part": label, **{package: _megabytes(size) for package, size in row.items()}}
            for label, row in rows.items()
        ]
    }


def _megabytes(size: Size) -> Result:
    return {"unzipped": round(size.unzipped / 1e6, 2), "zipped": round(size.zipped / 1e6, 2)}


def bare(found: Result) -> Result:
    """The megabytes of our package without its bundle."""
    (row,) = [each["ours"] for each in found["parts"] if each["part"] == "without the bundle"]
    return dict(row)


def section(found: Result, out: Path) -> str:
    """A table and a picture."""
    title = "## The package"
    if "missing" in found:
        return f"{title}\n\nNot measured: {found['missing']}.\n"
    rows = [
        [each["part"], *(f"{each[name][kind]:.1f}" for name in ("ours", "pip") for kind in ("unzipped", "zipped"))]
        for each in found["parts"]
    ]
    drawn = found["parts"][:-2]  # without what is a sum of others
    with picture(out / PICTURE, 8, 3.6) as axes:
        places = np.arange(len(drawn))
        for shift, name, colour, label in ((-0.2, "pip", OTHERS, "plain pip"), (0.2, "ours", OURS, "ours")):
            unzipped = [each[name]["unzipped"] for each in drawn]
            axes.barh(places + shift, unzipped, 0.38, color=colour, label=label)
        axes.set(xlabel="MB, unzipped", yticks=places, yticklabels=[each["part"] for each in drawn])
        axes.invert_yaxis()
        axes.legend()
    header = ["MB", "ours", "zipped", "plain pip", "zipped"]
    return f"""{title}

What `make build` makes, against the same sources and wheels as `pip` installs them.

{table(header, rows)}
![the package by part]({PICTURE})
"""


def criteria(found: Result) -> list[Criterion]:
    """Both sizes without the bundle, which is a model's affair."""
    lines = []
    for kind, most in (("unzipped", MOST_UNZIPPED), ("zipped", MOST_ZIPPED)):
        what, wanted = f"the package without its bundle, {kind}", f"at most {most} MB"
        if "missing" in found:
            lines.append(Criterion(what, wanted, "–", None))
        else:
            size = bare(found)[kind]
            lines.append(Criterion(what, wanted, f"{size:.1f} MB", size <= most))
    return lines
