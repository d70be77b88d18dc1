"""The command line: tell, preview, show, stories, authors, reset, settle. Standard output is the story's.

What else there is to say, errors and notes, goes to standard error, a line each.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from lambda_fn import __version__
from lambda_fn.commands import authors, post, preview, reset, settle, show, stories, tell
from lambda_fn.display import for_terminal, table, under_heading
from lambda_fn.errors import Conflict, PublishError, StoryError, StuckError, UnclearWrite, WriteError
from lambda_fn.notes import bundle_name
from lambda_fn.progress import NowAndThen, silent
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.prompt import LONGEST_PROMPT
from lambda_fn.settings import DEFAULT_PROMPT, DEFAULT_STORY, DEFAULT_STORY_URI, VARIABLES, Settings
from lambda_fn.story.codec import page_to_object
from lambda_fn.story.record import Page

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_STATUSES = """\
exit status:
  0    done
  1    nothing given was wrong, but it could not be done now, or not all of it: the sentence says why
  2    something that was given is wrong, or cannot be read
  130  interrupted with Ctrl-C; what was told is kept

Settings may also stand in the environment: STORY_URI, MODEL_URI, STORY_PROMPT, STORY_SEED, STORY_STYLE,
TEMPERATURE, TOP_K, TOP_P, DRY_RUN, and for posting THREAD, RECONCILE_AFTER, X_API_URL and X_CREDENTIALS.
`COMMAND --help` says more of each command.
"""
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
            pages = (post if options.post else tell)(settings, options.count, _note)
        case "preview":
            pages = preview(settings, options.count, _note)
        case "show":
            pages = show(settings, options.last)
            if not options.json and (options.headings or _is_terminal(sys.stdout)):
                _print_headed(pages)
                return
        case "stories":
            found = stories(settings, _note)
            names = [bundle_name(entry.story.bundle) if entry.story else "" for entry in found]
            _print_lines([_json(entry.to_object()) for entry in found] if options.json else table(found, names))
            return
        case "authors":
            bundle = authors(settings, _note)
            objects = [{"author": author, "bundle": bundle.name} for author in bundle.authors]
            _print_lines(map(_json, objects) if options.json else bundle.authors)
            return
        case "settle":
            print(settle(settings, options.posted, drop=options.drop), flush=True)
            return
        case _:
            aside = reset(settings)
            print(f"the story {settings.story!r} is kept as {aside!r}: --story {aside} goes on with it", flush=True)
            return
    long = getattr(options, "count", 1) > 1 and not _is_terminal(sys.stdout)
    _print(pages, settings.story, options.json, f"of {options.count} tweets are told" if long else "")


def _complain(sentence: str) -> None:
    _say(f"error: {sentence}")


def _note(sentence: str) -> None:
    _say(f"note: {sentence}")


def _say(line: str) -> None:
    # Where standard error is closed it is None, for which `print` would take standard output.
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(_fit(line, sys.stderr), file=sys.stderr, flush=True)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """The environment as far as a command needs it, with what the options say of where things lie put over it."""
    given = {"STORY_URI": getattr(options, "folder", None), "MODEL_URI": getattr(options, "model", None)}
    needed = {"reset": ["DRY_RUN"], "settle": ["DRY_RUN"]}.get(options.command, [])
    unneeded = () if options.command in ("tell", "preview") else set(VARIABLES.values()).difference(needed)
    environment = {name: value for name, value in os.environ.items() if name not in unneeded}
    return {**environment, **{name: value for name, value in given.items() if value is not None}}


def _print(pages: Iterable[Page], story: str, as_json: bool, progress: str) -> None:
    """Print each page as soon as it is there; between tweets an empty line, for a tweet can have several.

    `progress`: what is said now and then of their number, after it, where nobody sees the tweets; or nothing.
    """
    say = NowAndThen(_note if progress else silent)
    for number, page in enumerate(pages):
        if as_json:
            text = _json({"story": story, **page_to_object(page), "weight": weighted_length(page.tweet.text)})
        else:
            text = "\n" * bool(number) + page.tweet.text
        print(_fit(text, sys.stdout), flush=True)
        say(f"{number + 1} {progress}")


def _print_headed(pages: Iterable[Page]) -> None:
    """Print each page under a heading; on a terminal, wrapped, and the headings dim where that can be shown."""
    terminal = _is_terminal(sys.stdout)
    width = shutil.get_terminal_size().columns if terminal else None
    dim = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    for number, page in enumerate(pages):
        print("\n" * bool(number) + under_heading(page, width, dim=dim), flush=True)


def _print_lines(lines: Iterable[str]) -> None:
    print("".join(f"{_fit(line, sys.stdout)}\n" for line in lines), end="", flush=True)


def _fit(text: str, stream: TextIO | None) -> str:
    """A text as it goes to a stream: whole, but to a terminal without what that would obey."""
    return for_terminal(text) if _is_terminal(stream) else text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _parser() -> _Parser:
    prog = "endless-novel" if Path(sys.argv[0]).stem == "endless-novel" else "python -m lambda_fn"
    parser = _Parser(prog=prog, description="Tell an endless story, one tweet at a time.")
    parser.epilog, parser.formatter_class = _STATUSES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="version", version=f"endless-novel {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    told = _command(commands, "tell", "tell the next tweets of a story, or begin one")
    told.add_argument("--post", action="store_true", help="post each tweet on X; X_CREDENTIALS names its credentials")
    _add_telling(told)
    _add_telling(
        _command(commands, "preview", "print the next tweets of a story as they would be told, and write nothing")
    )
    shown = _command(commands, "show", "print the story so far, on a terminal under numbers and times, and wrapped")
    shown.add_argument("--last", type=_count, metavar="N", help="only the last N tweets (default: all)")
    shown.add_argument("--headings", action="store_true", help="numbers and times also where the output is no terminal")
    _add_json(shown)
    _add_json(_command(commands, "stories", "list the stories that are kept, and how far each is told", story=False))
    known = _command(
        commands, "authors", "list the authors that --style may name; the first is the default", kept=False
    )
    _add_model(known)
    _add_json(known)
    _command(commands, "reset", "set a story in a folder aside under a new name, so that a new one can begin")
    settled = _command(
        commands, "settle", "tell a story whether its tweet in flight was posted, where nothing else can"
    )
    posted = settled.add_mutually_exclusive_group(required=True)
    posted.add_argument("--posted", type=_tweet_id, metavar="ID", help="it is on X under this id: the story goes on")
    posted.add_argument(
        "--not-posted", dest="posted", action="store_const", const=None, help="it is not: the next invocation posts it"
    )
    posted.add_argument(
        "--drop",
        action="store_true",
        help="it is not, and never is to be: its text is given up, and the next invocation tells another",
    )
    return parser


def _add_telling(command: _Parser) -> None:
    """The options of a command that tells."""
    command.add_argument("--count", type=_count, default=1, metavar="N", help="how many tweets (default: 1)")
    command.add_argument(
        "--prompt",
        metavar="TEXT",
        help=f"the opening words of a new story, {LONGEST_PROMPT} characters at most (default: STORY_PROMPT, or "
        f"{DEFAULT_PROMPT!r})",
    )
    command.add_argument(
        "--style",
        help="an author, or a blend such as 'Jane Austen=0.6,Charles Dickens=0.4' (default: STORY_STYLE, else "
        "the story's own; another one, given later, holds for that call alone)",
    )
    command.add_argument(
        "--seed", metavar="N", help="fixes a new story's random numbers (default: STORY_SEED, or drawn)"
    )
    command.add_argument(
        "--temperature",
        metavar="T",
        help="above 0 and at most 5; the lower, the more predictable; like --top-k and --top-p it holds for this call "
        "(default: TEMPERATURE, or the bundle's)",
    )
    command.add_argument(
        "--top-k",
        metavar="K",
        help="choose among the K likeliest tokens only; 0: all (default: TOP_K, or the bundle's)",
    )
    command.add_argument(
        "--top-p",
        metavar="P",
        help="choose among the likeliest tokens that reach this probability together (default: TOP_P, or the bundle's)",
    )
    _add_model(command)
    _add_json(command)


def _add_model(command: _Parser) -> None:
    command.add_argument(
        "--model",
        type=_folder,
        metavar="FOLDER",
        help="a model bundle: a folder, or s3://bucket/prefix (default: MODEL_URI, or the shipped one)",
    )


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, summary: str, *, story: bool = True, kept: bool = True
) -> _Parser:
    """A command, about one story, about all that are `kept` somewhere, or about none."""
    command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    if story and kept:
        command.add_argument("--story", metavar="NAME", help=f"which story (default: {DEFAULT_STORY})")
    if kept:
        command.add_argument(
            "--folder",
            type=_folder,
            metavar="FOLDER",
            help="where stories are kept: a folder, or s3://bucket/prefix "
            f"(default: STORY_URI, or {DEFAULT_STORY_URI})",
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
