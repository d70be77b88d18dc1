"""A cold invocation under AWS's emulator, with the share of a core that each setting of memory gives, against pip's."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.cold_start import ColdStart, in_turns, one_core
from bench.costs.share import ONE_CORE, share_of_core
from bench.costs.subject import Subject
from bench.costs.token import times
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table
from bench.timing import spread
from peers.emulator import missing_tool

OWN, PIP = "ours", "pip"
PICTURE = "cold.png"
MOST_INIT = 0.5


def measure(subject: Subject) -> Result:
    """For each setting of memory: seconds of INIT and invocations, memory, and what ours takes of what pip's takes."""
    if missing := missing_tool() or subject.no_package:
        return {"missing": missing}
    packages, settings, ways = {OWN: subject.package, PIP: subject.pip_package}, [], set()
    for memory in subject.counts.settings:
        share = min(1.0, memory / ONE_CORE)
        with share_of_core(share) as (command, how):
            found = dict(
                zip(
                    packages,
                    in_turns([*packages.values()], subject.counts.cold_starts, (*command, *one_core())),
                    strict=True,
                )
            )
        if share < 1:
            ways.add(how)
        settings.append({
            "memory": memory, "share": round(share, 3),
            **{name: _figures(starts) for name, starts in found.items()},
            "init_of_pip": _ratio(found, lambda start: start.init),
            "whole_of_pip": _ratio(found, lambda start: start.whole),
        })  # fmt: skip
    return {"how": " and ".join(sorted(ways)), "settings": settings}


def _figures(starts: list[ColdStart]) -> Result:
    taken = {
        "init": [start.init for start in starts],
        "first": [start.first for start in starts],
        "second": [start.second for start in starts],
        "whole": [start.whole for start in starts],
    }
    peak = max(start.peak_memory for start in starts)
    return {**{name: spread(np.array(seconds)) for name, seconds in taken.items()}, "megabytes": round(peak / 1e6, 1)}


def _ratio(found: dict[str, list[ColdStart]], of: Callable[[ColdStart], float]) -> tuple[float, float, float]:
    pairs = zip(found[OWN], found[PIP], strict=True)
    return spread(np.array([of(ours) / of(theirs) for ours, theirs in pairs]))


def section(found: Result, out: Path) -> str:
    """A table and a picture of both packages."""
    title = "## A cold invocation"
    if "missing" in found:
        return f"{title}\n\nNot measured: {found['missing']}.\n"
    rows = []
    for each in found["settings"]:
        for name in (OWN, PIP):
            seconds = [f"{each[name][part][1]:.2f}" for part in ("init", "first", "whole", "second")]
            ratios = [times(each["init_of_pip"]), times(each["whole_of_pip"])] if name == OWN else ["1", "1"]
            label = f"{each['memory']:,} MB, {each['share']:.2f} of a core: {name}"
            rows.append([label, *seconds, *ratios, f"{each[name]['megabytes']:.0f}"])
    with picture(out / PICTURE, 8, 3.4) as axes:
        places = np.arange(len(found["settings"]))
        for shift, name, colour, pale in ((-0.2, PIP, OTHERS, "#dcd7cc"), (0.2, OWN, OURS, "#6f97bd")):
            init, whole = (np.array([each[name][part][1] for each in found["settings"]]) for part in ("init", "whole"))
            axes.barh(places + shift, init, 0.38, color=colour, label=f"{name}: INIT")
            axes.barh(places + shift, whole - init, 0.38, left=init, color=pale, label=f"{name}: first invocation")
        labels = [f"{each['memory']:,} MB\n{each['share']:.2f} of a core" for each in found["settings"]]
        axes.set(xlabel="seconds", yticks=places, yticklabels=labels)
        axes.invert_yaxis()
        axes.legend(loc="lower right")
    header = ["", "INIT, s", "first, s", "both, s", "warm, s", "INIT, of pip's", "both, of pip's", "memory, MB"]
    return f"""{title}

The package under AWS's Runtime Interface Emulator, a new container each time, with S3, SSM and X on the same machine;
then the same with the package that plain `pip` builds, in turns. Medians; of the ratios, with the quartiles. What keeps
both to their share of one core: {found["how"] or "there is but one core"}. Lambda itself may be more generous to INIT,
and what the network takes comes on top.

{table(header, rows)}
![seconds of a cold invocation by memory and package]({PICTURE})
"""


def criteria(found: Result) -> list[Criterion]:
    """INIT against pip's, by one core."""
    what = "INIT, of what the package of plain `pip` takes, on one core"
    wanted = f"at most {MOST_INIT:.2f}"
    if "missing" in found:
        return [Criterion(what, wanted, "–", None)]
    ratio = max(found["settings"], key=lambda each: each["share"])["init_of_pip"][1]
    return [Criterion(what, wanted, f"{ratio:.2f}", ratio <= MOST_INIT)]
