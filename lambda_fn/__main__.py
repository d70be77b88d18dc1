"""The command line: what each command is told, what it runs, and how that is printed."""

import argparse
import io
import os
import sys
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lambda_fn import __version__
from lambda_fn.commands import authors, page, post, preview, reset, rules, settle, show, stories, tell
from lambda_fn.display import complain, note, print_authors, print_pages, print_rules, print_stories, print_story
from lambda_fn.errors import Conflict, PublishError, SettingError, StoryError, StuckError, UnclearWrite, WriteError
from lambda_fn.language.sampling import SAMPLING_SETTINGS
from lambda_fn.prose.prompt import LONGEST_PROMPT
from lambda_fn.settings import DEFAULT_PROMPT, DEFAULT_STORY, DEFAULT_STORY_URI, VARIABLES, Settings, flag
from lambda_fn.story.record import Page

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_VARIABLES = ", ".join(["STORY_URI", "MODEL_URI", *(name for name in VARIABLES.values() if name != "THREAD")])
_SET = textwrap.fill(
    f"Settings may also stand in the environment: {_VARIABLES}, and for posting THREAD, RECONCILE_AFTER, X_API_URL and "
    "X_CREDENTIALS.",
    110,
)
_STATUSES = f"""\
exit status:
  0    done
  1    nothing given was wrong, but it could not be done now, or not all of it: the sentence says why
  2    something that was given is wrong, or cannot be read
  130  interrupted with Ctrl-C; what was told is kept

{_SET}
`COMMAND --help` says more of each command.
"""
_LATER = Conflict | PublishError | StuckError | UnclearWrite | WriteError  # nothing that was given is wrong


class _Parser(argparse.ArgumentParser):
    """Reports a wrong option in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"error: {message} (see {self.prog} --help)\n")


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


class Option:
    """An option of a command: its flag, its help, and what else argparse is told of it."""

    def __init__(self, flag: str, help: str, **how: Any) -> None:
        self.flag, self.help, self.how = flag, help, how


@dataclass(frozen=True)
class Command:
    """A command: what it is told, what it runs, and how what comes of that is printed."""

    name: str
    summary: str
    options: Sequence[Option | Sequence[Option]]  # of a sequence among them, exactly one has to be given
    run: Callable[[argparse.Namespace, Settings], Any]
    print: Callable[[Any, argparse.Namespace, Settings], None]
    variables: Collection[str] = ()  # of the environment that it uses, besides those that say where things are


_STORY = Option("--story", f"which story (default: {DEFAULT_STORY})", metavar="NAME")
_FOLDER = Option(
    "--folder",
    f"where stories are kept: a folder, or s3://bucket/prefix (default: STORY_URI, or {DEFAULT_STORY_URI})",
    type=_folder,
    metavar="FOLDER",
)
_MODEL = Option(
    "--model",
    "a model bundle: a folder, or s3://bucket/prefix (default: MODEL_URI, or the shipped one)",
    type=_folder,
    metavar="FOLDER",
)
_JSON = Option("--json", "print one JSON object a line", action="store_true")
_RULES_OFF = Option(
    "--rules-off",
    "rules of the editor that are not to count, such as loop,phrase-again; `rules` lists them (default: RULES_OFF)",
    metavar="NAMES",
)
_TELLING = (
    Option("--count", "how many tweets (default: 1)", type=_count, default=1, metavar="N"),
    Option(
        "--prompt",
        f"the opening words of a new story, {LONGEST_PROMPT} characters at most (default: STORY_PROMPT, or "
        f"{DEFAULT_PROMPT!r})",
        metavar="TEXT",
    ),
    Option(
        "--style",
        "an author, or a blend such as 'Jane Austen=0.6,Charles Dickens=0.4' (default: STORY_STYLE, else "
        "the story's own; another one, given later, holds for that call alone)",
    ),
    Option("--seed", "fixes a new story's random numbers (default: STORY_SEED, or drawn)", metavar="N"),
    *(
        Option(
            flag(name),
            f"{setting.help}; it holds for this call (default: {VARIABLES[name]}, or the bundle's)",
            metavar=setting.letter,
        )
        for name, setting in SAMPLING_SETTINGS.items()
    ),
    _RULES_OFF,
    Option(
        "--words-never-told",
        "words that are never told, beside the editor's own (default: WORDS_NEVER_TOLD)",
        metavar="WORDS",
    ),
    Option(
        "--explain",
        "say of each tweet how many tries it took, what refused them, how surprising it is, and the seconds",
        action="store_true",
    ),
    _MODEL,
    _JSON,
)
_ENDS = (
    Option("--posted", "it is on X under this id: the story goes on", type=_tweet_id, metavar="ID"),
    Option(
        "--not-posted",
        "it is not: the next invocation posts it",
        dest="posted",
        action="store_const",
        const=None,
    ),
    Option(
        "--drop",
        "it is not, and never is to be: its text is given up, and the next invocation tells another",
        action="store_true",
    ),
)

COMMANDS = (
    Command(
        "tell",
        "tell the next tweets of a story, or begin one",
        [
            *(_STORY, _FOLDER),
            Option("--post", "post each tweet on X; X_CREDENTIALS names its credentials", action="store_true"),
            *_TELLING,
        ],
        lambda options, settings: _post(options, settings) if options.post else _told(tell, options, settings),
        lambda pages, options, settings: _print_told(pages, options, settings),
        variables=VARIABLES.values(),
    ),
    Command(
        "preview",
        "print the next tweets of a story as they would be told, and write nothing",
        [_STORY, _FOLDER, *_TELLING],
        lambda options, settings: _told(preview, options, settings),
        lambda pages, options, settings: _print_told(pages, options, settings),
        variables=VARIABLES.values(),
    ),
    Command(
        "show",
        "print the story so far, on a terminal under numbers and times, and wrapped",
        [
            *(_STORY, _FOLDER),
            Option("--last", "only the last N tweets (default: all)", type=_count, metavar="N"),
            Option("--headings", "numbers and times also where the output is no terminal", action="store_true"),
            _JSON,
        ],
        lambda options, settings: show(settings, options.last),
        lambda pages, options, settings: print_story(
            pages, settings.story, as_json=options.json, headings=options.headings
        ),
    ),
    Command(
        "page",
        "write the story as pages to read in a browser, with a feed",
        [
            *(_STORY, _FOLDER),
            Option("--to", "a folder to write them to (default: beside the story)", type=_folder, metavar="FOLDER"),
            Option("--drafts", "show what is known of texts that were not told, after the last", action="store_true"),
        ],
        lambda options, settings: page(settings, options.to, note, drafts=options.drafts),
        lambda index, *_: print(index, flush=True),
        variables=["DRY_RUN"],
    ),
    Command(
        "stories",
        "list the stories that are kept, and how far each is told",
        [_FOLDER, _JSON],
        lambda _, settings: stories(settings, note),
        lambda found, options, _: print_stories(found, as_json=options.json),
    ),
    Command(
        "authors",
        "list the authors that --style may name; the first is the default",
        [_MODEL, _JSON],
        lambda _, settings: authors(settings, note),
        lambda bundle, options, _: print_authors(bundle, as_json=options.json),
    ),
    Command(
        "rules",
        "list the rules that a tweet is held to, with the reason for each, and which can be switched off",
        [_RULES_OFF, _JSON],
        lambda _, settings: rules(settings),
        lambda house, options, _: print_rules(house, as_json=options.json),
        variables=["RULES_OFF", "WORDS_NEVER_TOLD"],
    ),
    Command(
        "reset",
        "set a story in a folder aside under a new name, so that a new one can begin",
        [_STORY, _FOLDER],
        lambda _, settings: reset(settings),
        lambda aside, _, settings: print(
            f"the story {settings.story!r} is kept as {aside!r}: --story {aside} goes on with it", flush=True
        ),
        variables=["DRY_RUN"],
    ),
    Command(
        "settle",
        "tell a story whether its tweet in flight was posted, where nothing else can",
        [_STORY, _FOLDER, _ENDS],
        lambda options, settings: settle(settings, options.posted, drop=options.drop),
        lambda sentence, *_: print(sentence, flush=True),
        variables=["DRY_RUN"],
    ),
)


def _told(command: Callable[..., Iterator[Page]], options: argparse.Namespace, settings: Settings) -> Iterator[Page]:
    """Tell or preview; how each tweet came about is kept among the options, for what prints it."""
    options.explained = {}
    return command(settings, options.count, note, options.explained)


def _post(options: argparse.Namespace, settings: Settings) -> Iterator[Page]:
    if options.explain:
        raise SettingError(
            "--explain says how a tweet is told, not how it is posted: `preview --explain` tells the same"
        )
    return post(settings, options.count, note)


def _print_told(pages: Iterator[Page], options: argparse.Namespace, settings: Settings) -> None:
    explained = options.explained if options.explain else {}
    print_pages(pages, settings.story, as_json=options.json, count=options.count, explained=explained)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A story is UTF-8, whatever the locale says.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        settings = Settings.resolve(vars(options), _environment(command, options), flags=True)
        command.print(command.run(options, settings), options, settings)
    except StoryError as problem:
        complain(str(problem))
        return FAILED if isinstance(problem, _LATER) else BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as problem:
        # What was told is saved. A reader that has gone is no complaint.
        if not isinstance(problem, BrokenPipeError):
            complain(f"the output cannot be written: {problem.strerror}")
        # Nothing may fail when Python flushes at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return 0


def _environment(command: Command, options: argparse.Namespace) -> dict[str, str]:
    """The environment as a command uses it; what the options say of where things are has precedence."""
    given = {"STORY_URI": getattr(options, "folder", None), "MODEL_URI": getattr(options, "model", None)}
    unused = set(VARIABLES.values()).difference(command.variables)
    environment = {name: value for name, value in os.environ.items() if name not in unused}
    return {**environment, **{name: value for name, value in given.items() if value is not None}}


def _parser() -> _Parser:
    prog = "endless-novel" if Path(sys.argv[0]).stem == "endless-novel" else "python -m lambda_fn"
    parser = _Parser(prog=prog, description="Tell an endless story, one tweet at a time.")
    parser.epilog, parser.formatter_class = _STATUSES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="version", version=f"endless-novel {__version__}")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        summary = command.summary
        each = parsers.add_parser(command.name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        each.set_defaults(command=command)
        for option in command.options:
            group = each if isinstance(option, Option) else each.add_mutually_exclusive_group(required=True)
            for one in [option] if isinstance(option, Option) else option:
                group.add_argument(one.flag, help=one.help, **one.how)
    return parser


if __name__ == "__main__":
    sys.exit(main())
