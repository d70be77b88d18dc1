"""A month at AWS by setting of memory, from the gigabyte-seconds of a cold invocation."""

import math
from pathlib import Path

from bench.costs.cold import OWN
from bench.costs.subject import Subject
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table

PRICES_OF = "November 2026"
GIGABYTE_SECOND, REQUEST = 0.0000166667, 0.20 / 1e6
"""Dollars, for x86 in us-east-1 below 6 billion gigabyte-seconds a month (https://aws.amazon.com/lambda/pricing/)."""

TWEETS = 4 * 365 / 12  # a month: every six hours, so each meets a cold start
PICTURE = "month.png"


def measure(subject: Subject) -> Result:
    """Dollars a month and seconds a tweet for each setting of memory that a cold invocation was measured with."""
    cold = subject.earlier("cold")
    if "missing" in cold:
        return {"missing": cold["missing"]}
    return {"prices_of": PRICES_OF, "settings": [_month(each["memory"], each[OWN]) for each in cold["settings"]]}


def _month(memory: int, invocation: Result) -> Result:
    """`invocation`: its seconds of INIT and of the rest, and the megabytes that it needs."""
    billed = sum(math.ceil(1000 * invocation[part][1]) for part in ("init", "first")) / 1000
    gigabyte_seconds = billed * memory / 1024
    return {
        "memory": memory,
        "seconds": round(billed, 3),
        "gigabyte_seconds": round(gigabyte_seconds, 3),
        "dollars": round(TWEETS * (gigabyte_seconds * GIGABYTE_SECOND + REQUEST), 5),
        "fits": invocation["megabytes"] * 1e6 < memory * 2**20,
    }


def cheapest(found: Result) -> Result:
    """The setting that costs least, of those that the bot fits into."""
    setting: Result = min((each for each in found["settings"] if each["fits"]), key=lambda each: each["dollars"])
    return setting


def fastest(found: Result) -> Result:
    """The setting in which a cold invocation takes least."""
    setting: Result = min((each for each in found["settings"] if each["fits"]), key=lambda each: each["seconds"])
    return setting


def section(found: Result, out: Path) -> str:
    """A table and a picture."""
    title = "## A month at AWS"
    if "missing" in found:
        return f"{title}\n\nNot measured: {found['missing']}.\n"
    rows = [
        [f"{each['memory']:,} MB", f"{each['seconds']:.2f}", f"{each['gigabyte_seconds']:.2f}",
         f"{100 * each['dollars']:.2f}", "yes" if each["fits"] else "**no**"]
        for each in found["settings"]
    ]  # fmt: skip
    with picture(out / PICTURE, 8, 3) as axes:
        memory = [each["memory"] for each in found["settings"]]
        axes.plot(
            memory, [100 * each["dollars"] for each in found["settings"]], "o-", color=OURS, label="cents a month"
        )
        axes.plot(memory, [each["seconds"] for each in found["settings"]], "s--", color=OTHERS, label="seconds a tweet")
        axes.set(xlabel="memory of the function, MB", ylim=(0, None))
        axes.legend()
    low, quick = cheapest(found), fastest(found)
    return f"""{title}

Every invocation is a cold one, {TWEETS:.0f} a month, and INIT is billed, as it has been since August 2025. Prices are
those of {found["prices_of"]} for x86 in us-east-1: ${GIGABYTE_SECOND:.10f} a gigabyte-second and $0.20 a million
requests, without the free tier, which all of this lies far within. What S3 asks for some thousand requests is less than
a cent. {low["memory"]:,} MB are the cheapest of these settings, {quick["memory"]:,} MB the fastest; with more there
would be a second core, which nothing uses.

{table(["memory", "seconds billed", "GB-seconds", "cents a month", "the bot fits in"], rows)}
![cents a month and seconds a tweet by memory]({PICTURE})
"""


def criteria(_found: Result) -> list[Criterion]:
    """None: it is for the owner to choose."""
    return []
