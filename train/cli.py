"""The command lines' common manner: a wrong option is reported in one line, as everything else is."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence on standard error, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence, without the usage that argparse prints before it."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")
