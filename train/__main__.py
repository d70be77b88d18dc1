"""`python -m train corpus | tokenizer | fit | recipe | evaluate`: from Project Gutenberg to a checkpoint."""

import importlib
import sys

from train import cli
from train.corpus import options as corpus
from train.errors import TrainError

VERBS = (
    ("corpus", corpus.add_arguments, "corpus.command", "run", "download and clean the ebooks of a manifest"),
    ("tokenizer", cli.add_tokenizer_arguments, "commands", "run_tokenizer", "learn sub-words from a corpus"),
    ("fit", cli.add_fit_arguments, "commands", "run_fit", "train a language model, or go on training it"),
    ("recipe", cli.add_recipe_arguments, "commands", "run_recipe", "train a model stage by stage, as a file says"),
    ("evaluate", cli.add_evaluate_arguments, "commands", "run_evaluate", "score a run on a split of its corpus"),
)
"""Name, what adds its options, the module and function that perform it, and what it does."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a failure of the machine, 2 bad input, 130 interrupted."""
    parser = cli.Parser(prog="python -m train", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, add_arguments, module, function, text in VERBS:
        verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        add_arguments(verb)
        verb.set_defaults(module=module, function=function)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["report"]:
        parser.error("`python -m bench report` measures a bundle now")
    options = parser.parse_args(arguments)
    options.arguments = arguments
    try:
        # Imported now, because PyTorch takes seconds, and what is wrong with the options needs none.
        getattr(importlib.import_module(f"train.{options.module}"), options.function)(options)
    except TrainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or 'a file'} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
