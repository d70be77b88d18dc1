"""The command line: `python -m lambda_fn tell | preview | show | reset | settle`. Standard output is the story's."""

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn

from lambda_fn.archive import Page, page_to_object
from lambda_fn.commands import post, preview, reset, settle, show, tell
from lambda_fn.errors import Conflict, PublishError, StoryError, StuckError, UnclearWrite, WriteError
from lambda_fn.prose.length import weighted_length
from lambda_fn.settings import DEFAULT_STORY, DEFAULT_STORY_URI, VARIABLES, Settings

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_LATER = Conflict | PublishError | StuckError | UnclearWrite | WriteError  # nothing that was given is wrong


class _Parser(argparse.ArgumentParser):
    """Reports a wrong option in one line, as everything else is reported."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"error: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A story is UTF-8, whatever the locale says.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.resolve(vars(options), _environment(options), flags=True)
        _run(options, settings)
    except StoryError as problem:
        _complain(str(problem))
        return FAILED if isinstance(problem, _LATER) else BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as problem:
        # What was told is saved. A reader that has gone is no complaint.
        if not isinstance(problem, BrokenPipeError):
            _complain(f"the output cannot be written: {problem.strerror}")
        # Nothing may fail when Python flushes at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return 0


def _run(options: argparse.Namespace, settings: Settings) -> None:
    match options.command:
        case "tell":
            pages = (post if options.post else tell)(settings, options.count)
        case "preview":
            pages = preview(settings, options.count)
        case "show":
            pages = show(settings)
        case "settle":
            print(settle(settings, options.posted), flush=True)
            return
        case _:
            print(f"the story {settings.story!r} is kept as {reset(settings)!r}", flush=True)
            return
    _print(pages, settings.story, options.json)


def _complain(sentence: str) -> None:
    # Where standard error is closed it is None, for which `print` would take standard output.
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"error: {sentence}", file=sys.stderr)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """The environment as far as a command needs it, with what the options say of where things lie put over it."""
    given = {"STORY_URI": options.folder, "MODEL_URI": getattr(options, "model", None)}
    unneeded = () if options.command in ("tell", "preview") else VARIABLES.values()
    environment = {name: value for name, value in os.environ.items() if name not in unneeded}
    return {**environment, **{name: value for name, value in given.items() if value is not None}}


def _print(pages: Iterable[Page], story: str, as_json: bool) -> None:
    """Print each page as soon as it is there; between tweets an empty line, for a tweet can have several."""
    for number, page in enumerate(pages):
        if as_json:
            line = {"story": story, **page_to_object(page), "weight": weighted_length(page.tweet.text)}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            print("\n" * bool(number) + page.tweet.text, flush=True)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m lambda_fn", description="Tell an endless story, one tweet at a time.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    told = _command(commands, "tell", "tell the next tweets of a story, or begin one")
    told.add_argument("--post", action="store_true", help="post each tweet on X, with the credentials in X_CREDENTIALS")
    _add_telling(told)
    _add_telling(
        _command(commands, "preview", "print the next tweets of a story as they would be told, and write nothing")
    )
    _add_json(_command(commands, "show", "print the story so far"))
    _command(commands, "reset", "set a story in a folder aside under a new name, so that a new one can begin")
    settled = _command(commands, "settle", "say whether the tweet in flight was posted, where nothing else can tell")
    posted = settled.add_mutually_exclusive_group(required=True)
    posted.add_argument("--posted", type=_tweet_id, metavar="ID", help="it is on X under this id: the story goes on")
    posted.add_argument(
        "--not-posted", dest="posted", action="store_const", const=None, help="it is not: the next invocation posts it"
    )
    return parser


def _add_telling(command: _Parser) -> None:
    """The options of a command that tells."""
    command.add_argument("--count", type=_count, default=1, metavar="N", help="how many tweets (default: 1)")
    command.add_argument("--prompt", metavar="TEXT", help="the opening words of a new story (default: STORY_PROMPT)")
    command.add_argument(
        "--style",
        help="an author, or a blend such as 'Jane Austen=0.6,Charles Dickens=0.4' (default: STORY_STYLE, else "
        "the story's own; another one, given later, holds for that call alone)",
    )
    command.add_argument(
        "--seed", metavar="N", help="fixes a new story's random numbers (default: STORY_SEED, or drawn)"
    )
    command.add_argument("--temperature", metavar="T", help="above 0 and at most 5; the lower, the more predictable")
    command.add_argument("--top-k", metavar="K", help="choose among the K likeliest tokens only (0: among all)")
    command.add_argument(
        "--top-p", metavar="P", help="choose among the likeliest tokens that reach this probability together"
    )
    command.add_argument(
        "--model", type=_folder, metavar="FOLDER", help="a model bundle (default: MODEL_URI, or the shipped one)"
    )
    _add_json(command)


def _command(commands: "argparse._SubParsersAction[_Parser]", name: str, summary: str) -> _Parser:
    command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    command.add_argument("--story", metavar="NAME", help=f"which story (default: {DEFAULT_STORY})")
    command.add_argument(
        "--folder",
        type=_folder,
        metavar="FOLDER",
        help=f"where stories are kept (default: STORY_URI, or {DEFAULT_STORY_URI})",
    )
    return command


def _add_json(command: _Parser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON object a line")


def _folder(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"must be the path of a folder, not {text!r}")
    return text


def _tweet_id(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise argparse.ArgumentTypeError(f"must be the number at the end of the tweet's address, not {text!r}")
    return text


def _count(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= count <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 up, not {text!r}")
    return count


if __name__ == "__main__":
    sys.exit(main())
