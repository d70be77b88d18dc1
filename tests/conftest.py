"""What tests of several packages use."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)  # neither a slow machine nor a day is a failure
settings.load_profile("suite")

# The peers are on this machine, whatever proxy leads out of it; and nobody's own AWS profile is a test's business.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,.invalid"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
    os.environ.pop(name, None)
os.environ["PIP_USER"] = "0"  # some tests install into environments of their own

# A suite started behind an & in a script ignores Ctrl-C, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_bundle() -> Path:
    """A bundle with random weights and 400 tokens, 2 layers of 24, 2 authors: never write to it."""
    return Path(__file__).parent / "fixtures" / "tiny_bundle"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what tests counted of their own cases, such as processes killed."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    counted: Counter[str] = Counter()
    for report in reports:
        if getattr(report, "when", "") == "call":
            counted.update(dict(report.user_properties))
    if counted:
        terminalreporter.write_line(", ".join(f"{name}: {number}" for name, number in counted.items()))
