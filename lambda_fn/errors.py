"""Everything that can go wrong in a way somebody can act on, as one tree.

StoryError
├── SettingError     an option, an event key or an environment variable has a wrong value
├── TextError        a text holds something that UTF-8 cannot encode (also a ValueError)
├── BundleError      a model bundle is missing, incomplete, altered, or not one that this program can run
├── RecordError      a story's record is damaged, or of a version that this program does not read
├── StorageError     a store cannot be read or written
│   ├── Conflict     somebody else wrote first: the compare-and-swap was lost, nothing was changed
│   ├── UnclearWrite a write was not answered: it may have happened or not
│   │   └── BusyError  the store asks to read again, and then to write again
│   └── WriteError   a write failed under way, as on a full disk
├── StuckError       no acceptable tweet could be told
├── PageError        the pages to read are behind the story, which goes on: the next tweet, or `page`, mends it
└── PublishError     a tweet is not posted, or nobody can say whether it is; it is kept, and its owner has to act
    ├── NotSentError   the post was not made: the next invocation makes it
    ├── TimelineError  whether it was made cannot be looked up
    │   └── LimitError   not yet: X takes no more requests for now
    └── RejectedError  X refused several texts in a row

Each message is one sentence that can be shown to a user as it is.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class StoryError(Exception):
    """Root of the tree: catch this at the edge of the program."""


class SettingError(StoryError):
    """A setting has a wrong value; the message names the setting, the value and what is allowed."""


class TextError(StoryError, ValueError):
    """A text cannot be encoded as UTF-8 (it holds a lone surrogate)."""


class BundleError(StoryError):
    """A model bundle cannot be used; the message names the file or the field."""


class RecordError(StoryError):
    """A story's record cannot be used; the message names the field."""


class StorageError(StoryError):
    """A store could not be read or written; what was there before is still there."""


class Conflict(StorageError):  # noqa: N818 - an outcome that callers expect, as in HTTP's 409 Conflict
    """The compare-and-swap was lost: the object is not what the caller believed, and was left alone."""


class WriteError(StorageError):
    """A write failed under way, though the place is one that can be written."""


class UnclearWrite(StorageError):  # noqa: N818 - an outcome, as Conflict is
    """A write got no answer that says whether it happened: read again to learn it."""


class BusyError(UnclearWrite):
    """The store has somebody else's write of the same object under way, and says nothing of who was first."""


class StuckError(StoryError):
    """No acceptable tweet was found within the tries allowed; the story stands where it stood."""


class PageError(StoryError):
    """The pages to read are not brought up to date now; the story itself is not touched."""


class PublishError(StoryError):
    """A tweet could not be posted or settled; the story stands where it stood, with the tweet kept as its draft."""


class NotSentError(PublishError):
    """The tweet was not posted; the message says what its owner has to do, if anything."""


class TimelineError(PublishError):
    """The account's timeline could not be read, so nobody knows whether a tweet was posted."""


class LimitError(TimelineError):
    """The account's timeline is not to be read before the moment `until` (UTC)."""

    def __init__(self, message: str, until: "datetime") -> None:
        super().__init__(message)
        self.until = until


class RejectedError(PublishError):
    """X refused one text after another: something is wrong with the account, not with the texts."""
