"""Every error that `train` raises on purpose: one sentence that names what is wrong and what to do.

TrainError                  the root: the command line prints it and exits with code 2
├── ManifestError           a manifest cannot be read, or says something impossible
├── DownloadError           an ebook cannot be fetched
│   ├── MissingEbookError   the mirror answers, and has no such ebook
│   └── WrongEbookError     the mirror's answer is not the whole of that ebook
├── CorpusError             a cleaned corpus is missing, damaged, or cannot be written
├── TokenizerError          a tokenizer cannot be trained or read, or a text cannot be encoded
├── ConfigurationError      a training option has a wrong value
├── CheckpointError         a checkpoint or run folder is missing, damaged, in use, or of another version
└── DivergedError           the loss of a training run is not a number any more
"""


class TrainError(Exception):
    """Something that the user of `train` can put right; the message is one clear sentence."""


class ManifestError(TrainError):
    """A manifest cannot be read, or says something impossible."""


class DownloadError(TrainError):
    """An ebook cannot be fetched."""


class MissingEbookError(DownloadError):
    """The mirror answers, and has no such ebook in any known layout."""


class WrongEbookError(DownloadError):
    """What the mirror sent is not the whole of the ebook that was asked for."""


class CorpusError(TrainError):
    """A cleaned corpus is missing, damaged, or cannot be written."""


class TokenizerError(TrainError):
    """A tokenizer cannot be trained or read, or a text cannot be encoded."""


class ConfigurationError(TrainError):
    """A training option has a wrong value."""


class CheckpointError(TrainError):
    """A checkpoint or run folder is missing, damaged, in use, or of another version."""


class DivergedError(TrainError):
    """The loss of a training run is not a number any more."""
