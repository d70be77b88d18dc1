"""How a command starts, so that what stops it before it runs is one sentence, and no traceback.

Imported by the package that `python -m` names, before all else: every Python 3 can read this file, however old.
`lambda_fn` and `train` import nothing of each other, so each has this file; a test holds them equal.
"""

import os
import sys

MYPY = False
if MYPY:  # types are given in comments, which every Python 3 can read
    from types import FrameType, TracebackType  # noqa: F401

BAD_INPUT, INTERRUPTED = 2, 130
OLDEST = (3, 11)
OURS = ("lambda_fn", "train", "export", "deploy", "peers", "bench", "tests")
IMPORTING = ("importlib._bootstrap", "_frozen_importlib")


def guard(remedy):
    # type: (str) -> None
    """Check this Python, and see to Ctrl-C and to missing packages; `remedy` says what to do about those."""
    if sys.version_info[:2] < OLDEST:
        _leave("this needs Python 3.11 or later, and this is Python " + sys.version.split()[0], BAD_INPUT)

    def report(kind, problem, trace):
        # type: (type[BaseException], BaseException, TracebackType | None) -> None
        """What nobody caught: in one sentence, unless it is a fault of this program."""
        if issubclass(kind, KeyboardInterrupt):
            _leave("interrupted", INTERRUPTED)
        if isinstance(problem, ImportError) and str(problem.name).partition(".")[0] not in OURS:
            _leave(_missing(problem) + " (for " + sys.executable + "): " + remedy, BAD_INPUT)
        sys.__excepthook__(kind, problem, trace)

    sys.excepthook = report
    import signal  # now: it is the first import that takes long enough to be interrupted

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored, as behind an & in a script
        signal.signal(signal.SIGINT, _interrupt)


def _missing(problem):
    # type: (ImportError) -> str
    """What cannot be imported, and why: of an error that grew out of another, the first one knows."""
    if isinstance(problem.__cause__, ImportError):
        return _missing(problem.__cause__)
    if isinstance(problem, ModuleNotFoundError) and problem.name and "." not in problem.name:
        return problem.name + " is not installed"
    return (str(problem).strip() or "a package cannot be imported").splitlines()[0].rstrip(".")


def _interrupt(_, frame):
    # type: (int, FrameType | None) -> None
    """Raise `KeyboardInterrupt` in a command that runs; before it does, and amid an import, leave at once.

    An import that an exception breaks into may swallow it, print it, or call it a broken installation.
    """
    running, importing, each = False, False, frame
    while each is not None:
        module = str(each.f_globals.get("__name__"))
        importing = importing or module in IMPORTING
        running = running or (each.f_code.co_name == "main" and module.endswith("__main__"))
        each = each.f_back
    if running and not importing:
        raise KeyboardInterrupt
    _say("interrupted")
    os._exit(INTERRUPTED)


def _leave(sentence, status):
    # type: (str, int) -> None
    _say(sentence)
    raise SystemExit(status)


def _say(sentence):
    # type: (str) -> None
    try:
        os.write(2, ("error: " + sentence + "\n").encode("utf-8", "replace"))
    except OSError:  # nobody reads it
        return
