"""Reads a JSON object field by field; whatever is missing or wrong is one sentence that names the field."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambda_fn.errors import StoryError

LARGEST_INTEGER = 2**63 - 1


def shown(value: object) -> str:
    """A value as an error message shows it: as JSON, shortened."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"  # Python refuses to print the longest
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = ascii(value) if isinstance(value, str | float) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def listed(names: Iterable[object], last: str = "and") -> str:
    """Names as a sentence has them: listed("abc", "or") → "a, b or c"."""
    texts = [*map(str, names)]
    return f" {last} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def is_text(value: object) -> bool:
    """Whether the value is a string that UTF-8 can encode (one without lone surrogates)."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


class TwiceError(ValueError):
    """A JSON object has a field twice, of which a reader would take either."""

    def __init__(self, name: str) -> None:
        super().__init__("a field stands there twice")
        self.name = name


def read_json(text: str) -> object:
    """The value of a JSON text; raises `ValueError`, of which `TwiceError` is one, or `RecursionError`."""
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _place(problem: Exception) -> str:
    """Where a text stops being JSON, as far as that is known."""
    return f" in line {problem.lineno}" if isinstance(problem, json.JSONDecodeError) else ""


class Fields:
    """One JSON object, read with checks.

    `where` says in a message what the object is ("the record", "bundle.json"); `error` is the type of what
    is raised.
    """

    def __init__(self, value: object, where: str, error: Callable[[str], StoryError]) -> None:
        self.where = where
        self._error = error
        if not isinstance(value, Mapping):
            raise error(f"{where} is not a JSON object but {shown(value)}")
        self._values: Mapping[str, object] = value

    @classmethod
    def parse(cls, data: bytes, where: str, error: Callable[[str], StoryError]) -> "Fields":
        """Read UTF-8 JSON; raises `error` when it is not a JSON object, or when a field in it stands there twice."""
        try:
            value = read_json(data.decode("utf-8"))
        except TwiceError as problem:
            raise error(f"{where} has a field {shown(problem.name)} twice") from problem
        except (ValueError, RecursionError) as problem:
            raise error(f"{where} is not JSON{_place(problem)}: it was cut short or altered") from problem
        return cls(value, where, error)

    def problem(self, name: str, expected: str) -> StoryError:
        """The error to raise when the field `name` is not what was `expected`."""
        if name not in self._values:
            return self._error(f"{self.where} has no field {name!r} ({expected})")
        return self._error(f"{self.where}: {name!r} must be {expected}, not {shown(self._values[name])}")

    def error(self, sentence: str) -> StoryError:
        """The error to raise for what `sentence` says is wrong."""
        return self._error(f"{self.where}: {sentence}")

    def wrong(self, predicate: str) -> StoryError:
        """The error to raise for what a sentence says of which the object is the subject."""
        return self._error(f"{self.where} {predicate}")

    def changed(self, change: Callable[[Mapping[str, object]], Mapping[str, object]]) -> "Fields":
        """The same object with what `change` makes of its values."""
        return Fields(change(self._values), self.where, self._error)

    def names(self) -> list[str]:
        """The names of all fields, in the order of the file."""
        return list(self._values)

    def value(self, name: str) -> object:
        """A field as it is; raises if there is none."""
        if name not in self._values:
            raise self.problem(name, "it is required")
        return self._values[name]

    def is_null(self, name: str) -> bool:
        """Whether a field is there and is null; raises if there is none."""
        return self.value(name) is None

    def require(self, name: str, value: bool | str | None) -> None:
        """Raise unless a field is there and has exactly this value."""
        if name not in self._values or self._values[name] != value or type(self._values[name]) is not type(value):
            raise self.problem(name, shown(value))

    def text(self, name: str, expected: str = "a text") -> str:
        """A string that UTF-8 can encode."""
        value = self._values.get(name)
        if not isinstance(value, str) or not is_text(value):
            raise self.problem(name, expected)
        return value

    def matching(self, name: str, pattern: re.Pattern[str], expected: str) -> str:
        """A string that a pattern matches whole."""
        value = self._values.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.problem(name, expected)
        return value

    def base64(self, name: str, expected: str) -> bytes:
        """The bytes that a string says in base64."""
        try:
            return base64.b64decode(self.text(name, expected), validate=True)
        except ValueError as problem:
            raise self.problem(name, expected) from problem

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise self.problem(name, "true or false")
        return value

    def integer(self, name: str, low: int = 0, high: int = LARGEST_INTEGER) -> int:
        """An integer from `low` to `high`, both included."""
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            above = f"up to {high}" if high < LARGEST_INTEGER else "up"
            raise self.problem(name, f"an integer from {low} {above}")
        return value

    def number(self, name: str, expected: str = "a finite number") -> float:
        """A finite number."""
        value = self._values.get(name)
        # The bound also refuses not-a-number, the infinities, and integers too large for a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e300:
            raise self.problem(name, expected)
        return float(value)

    def sequence(self, name: str, expected: str = "a list") -> list[object]:
        """A list."""
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self.problem(name, expected)
        return value

    def items(self, name: str, expected: str, fits: Callable[[Any], object]) -> list[Any]:
        """A list, every item of which `fits`."""
        values = self.sequence(name, expected)
        if not all(map(fits, values)):
            raise self.problem(name, expected)
        return values

    def fields(self, name: str) -> "Fields":
        """An object within this one."""
        if not isinstance(self._values.get(name), Mapping):
            raise self.problem(name, "a JSON object")
        return Fields(self._values[name], f"{name!r} of {self.where}", self._error)

    def objects(self, name: str) -> list["Fields"]:
        """A list of objects."""
        items = self.sequence(name, "a list of JSON objects")
        return [Fields(item, f"{name}[{index}] of {self.where}", self._error) for index, item in enumerate(items)]
