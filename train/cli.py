"""One way to write a command line: a table of commands, and what runs the one that was asked for.

Nothing here is slow to import, so `--help` is quick.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130

Errors = tuple[type[Exception], ...]


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence on standard error, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence, without the usage that argparse prints before it."""
        self.exit(BAD_INPUT, f"error: {message} (see {self.prog} --help)\n")


@dataclass(frozen=True)
class Command:
    """A command: what adds its options, and the function of the parsed options that performs it."""

    name: str
    add_options: Callable[[argparse.ArgumentParser], None]
    function: str
    """Such as train.commands:run_fit; imported when it runs, for PyTorch takes seconds and `--help` needs none."""
    summary: str


def run_command(
    parser: Parser, commands: Sequence[Command], arguments: Sequence[str], *, bad_input: Errors, failed: Errors = ()
) -> int:
    """Run one of the commands, and print what its function returns, unless that is None; returns the exit code.

    That is 0: done, 1: a failure of the machine or one of `failed`, 2: what was given is wrong, 130: interrupted.
    """
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands:
        summary = command.summary
        each = parsers.add_parser(command.name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        command.add_options(each)
        each.set_defaults(function=command.function)
    options = parser.parse_args(arguments)
    options.arguments = arguments
    module, function = options.function.split(":")
    try:
        found = getattr(importlib.import_module(module), function)(options)
    except bad_input as error:
        return _complain(str(error), BAD_INPUT)
    except failed as error:
        return _complain(str(error), FAILED)
    except OSError as error:
        return _complain(f"{error.filename or 'a file'} cannot be used: {error.strerror}", FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    if found is not None:
        print(found)
    return 0


def _complain(sentence: str, code: int) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return code
