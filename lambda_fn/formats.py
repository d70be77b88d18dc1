"""The formats of the files that outlive the program that wrote them, and how older ones are read: here alone.

There are two ways for a file to grow:

- A field is added, and a file that lacks it means what it always meant: `ADDED` says which value means that (of the
  sampling settings their class does), or how it follows from the other fields. The number stays. An older program
  passes over a field that it does not know, and what it writes lacks the field again: so a bot may be taken back to
  the version before, and forth, at any time (not to 0.1.0, which refused what it did not know: it tells on, but shows
  no page told since).
- Anything that would make an older program go on wrongly raises the number, and a step turns a file of the format
  before into one of the new. A program reads its own format and every older one, and refuses a newer one.

X's credentials have no number, for people type them, and neither has `words.txt`, which `bundle.json` vouches for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lambda_fn.fields import Fields, shown

Values = Mapping[str, object]


def lstm_state(layers: int, hidden: int) -> dict[str, list[int]]:
    """The shapes of the state where a file does not say so: an LSTM's hidden and cell state."""
    return {name: [layers, 1, hidden] for name in ("h", "c")}


def _state_of_record(fields: Fields) -> dict[str, list[int]]:
    """A record that names no arrays says only in how many `layers` they are."""
    layers = fields.integer("layers", 1, 1000)
    expected = f"base64 of finite float32 numbers, little-endian, as many for each of {layers} layers"
    hidden, rest = divmod(len(fields.base64("h", expected)), 4 * layers)
    if rest or not hidden:
        raise fields.problem("h", expected)
    return lstm_state(layers, hidden)


def _state_of_bundle(fields: Fields) -> dict[str, list[int]]:
    return lstm_state(fields.integer("layers", 1, 1000), fields.integer("hidden", 1, 1_000_000))


def _bounds_of_bundle(fields: Fields) -> dict[str, float]:
    """A gate and a tanh keep an LSTM's hidden state within 1, but for rounding."""
    return {} if "state" in fields.names() else {"h": 1.001}


ADDED: dict[str, Values] = {
    "record": {"state": _state_of_record, "openings": []},
    "draft": {"refusals": 0},
    "tweet": {},
    "page": {},
    "book": {},
    "bundle": {"formerly": [], "state": _state_of_bundle, "state_bounds": _bounds_of_bundle},
}
"""By kind of object: the fields that were added since its first format, each with what a file without it means.

A function makes that of the other fields, and raises the error of a file's `Fields`.
"""


@dataclass(frozen=True)
class Format:
    """One kind of file: the number of its format today, and how it came there."""

    kind: str  # in `ADDED`
    number: int
    steps: Mapping[int, Callable[[Values], Values]] = field(default_factory=dict)  # from each format to the next
    unnumbered: int | None = None  # the format of files that have no number; None: they all have one

    def upgrade(self, fields: Fields, advice: str) -> Fields:
        """The fields of a file, converted to today's format.

        Raises the error of `fields` for a format that is none of these; `advice` says in it what to do then.
        """
        has_number = "format" in fields.names() or self.unnumbered is None
        found = fields.value("format") if has_number else self.unnumbered
        oldest = min(self.steps, default=self.number)
        if type(found) is not int or not oldest <= found <= self.number:
            known = f"format {oldest}" if oldest == self.number else f"formats {oldest} to {self.number}"
            raise fields.wrong(f"has format {shown(found)}, but this program reads {known}: {advice}")
        for number in range(found, self.number):
            fields = fields.changed(self.steps[number])
        return complete(fields, self.kind)


def complete(fields: Fields, kind: str) -> Fields:
    """The fields of an object of this kind, and those that did not exist when it was written."""
    lacking = {name: value for name, value in ADDED[kind].items() if name not in fields.names()}
    added = {name: value(fields) if callable(value) else value for name, value in lacking.items()}
    return fields.changed(lambda values: {**added, **values})


RECORD = Format("record", 1)
PAGE = Format("page", 2, {1: lambda page: page}, unnumbered=1)  # format 2 is format 1 with a number
BUNDLE = Format("bundle", 1)
BOOK = Format("book", 1)
