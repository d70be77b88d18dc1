"""What can go wrong while measuring, with one clear sentence."""


class BenchError(Exception):
    """Something that is to be measured is missing or failed; the sentence says what to do."""
