"""A TOML document taken apart key by key, so that every mistake is named where it stands."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from typing import Any, Self, TypeVar

from serving.errors import ConfigurationError

T = TypeVar("T")
Choice = TypeVar("Choice", bound=str)

# TOML's own limit.
WHOLE_NUMBER = "a whole number of 64 bits"
MAX_BITS = 63  # and a sign

_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "whole number",
    float: "number",
    str: "string",
    list: "list",
    dict: "table",
}


class Table:
    """One table of the document. Taking a key removes it; `refuse_the_rest` names what is left.

    All methods raise ConfigurationError with the file, the key, what was expected and what came.
    """

    def __init__(self, values: dict[str, Any], *, source: str, path: str = "") -> None:
        self._values = dict(values)
        self._known: list[str] = []
        self._source = source
        self._path = path

    @classmethod
    def parse(cls, toml: bytes, *, source: str) -> Self:
        """Read a whole document; `source` names it in errors."""
        try:
            values = tomllib.loads(toml.decode())
            whole_numbers = [*_whole_numbers(values)]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{source}: expected valid TOML: {error}") from error
        except ValueError as error:  # Python's, of the digits that it reads
            expected = f"{source}: expected {WHOLE_NUMBER}"
            raise ConfigurationError(f"{expected}, got one of thousands of digits") from error
        except RecursionError as error:
            raise ConfigurationError(
                f"{source}: expected tables and arrays a few levels deep, got hundreds of levels"
            ) from error
        table = cls(values, source=source)
        for key, number in whole_numbers:
            if number.bit_length() > MAX_BITS:
                raise table.error(key, WHOLE_NUMBER, f"one of {number.bit_length()} bits")
        return table

    def error(self, key: str, expected: str, got: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self._source}: {self._path}{key}: expected {expected}, got {got}"
        )

    def optional(self, key: str, kind: type[T]) -> T | None:
        self._known.append(key)
        value: T | None = self._values.pop(key, None)
        if value is None or _is(value, kind):
            return value
        raise self.error(key, f"a {_NAMES[kind]}", repr(value))

    def required(self, key: str, kind: type[T]) -> T:
        value = self.optional(key, kind)
        if value is None:
            raise self.error(key, f"a {_NAMES[kind]}", "nothing")
        return value

    def text(self, key: str, *, default: str = "") -> str:
        value = self.optional(key, str)
        return default if value is None else value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.optional(key, list) or []
        if not all(isinstance(value, str) for value in values) or len(set(values)) < len(values):
            raise self.error(key, "an array of different strings", repr(values))
        return tuple(values)

    def flag(self, key: str) -> bool:
        return bool(self.optional(key, bool))

    def number(self, key: str) -> float | None:
        value = self.optional(key, float)
        if value is not None and not math.isfinite(value):
            raise self.error(key, "a finite number", str(value))
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        return tuple(self._require_finite(key, value) for value in self.optional(key, list) or ())

    def numbers_by_name(self, key: str) -> dict[str, float]:
        named = self.optional(key, dict) or {}
        return {name: self._require_finite(f"{key}.{name}", named[name]) for name in named}

    def _require_finite(self, key: str, value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return value
        raise self.error(key, "a finite number", repr(value))

    def texts_by_name(self, key: str, names: tuple[str, ...]) -> dict[str, str]:
        """The strings of a table that has no keys but `names`."""
        table = self.table(key)
        texts = {name: table.optional(name, str) for name in names}
        table.refuse_the_rest()
        return {name: text for name, text in texts.items() if text is not None}

    def positive(self, key: str, *, default: int, most: int | None = None) -> int:
        return self.optional_positive(key, most=most) or default

    def optional_positive(self, key: str, *, most: int | None = None) -> int | None:
        value = self.optional(key, int)
        if value is None or 1 <= value <= (most or value):
            return value
        to_most = "" if most is None else f" to {most:,}"
        raise self.error(key, f"a whole number from 1{to_most}", str(value))

    def choice(
        self, key: str, choices: tuple[Choice, ...], *, default: Choice | None = None
    ) -> Choice:
        chosen = self.optional_choice(key, choices) or default
        if chosen is not None:
            return chosen
        raise self.error(key, f"one of {_listed(choices)}", "nothing")

    def optional_choice(self, key: str, choices: tuple[Choice, ...]) -> Choice | None:
        value = self.optional(key, str)
        if value is None:
            return None
        for choice in choices:
            if value == choice:
                return choice
        raise self.error(key, f"one of {_listed(choices)}", repr(value))

    def table(self, key: str) -> Table:
        return self._child(key, self.optional(key, dict) or {})

    def tables(self, key: str) -> list[tuple[str, Table]]:
        parent = self.table(key)
        return [
            (name, parent._child(name, parent.required(name, dict)))
            for name in list(parent._values)
        ]

    def _child(self, key: str, values: dict[str, Any]) -> Table:
        return Table(values, source=self._source, path=f"{self._path}{key}.")

    def refuse_the_rest(self) -> None:
        for key in self._values:
            raise self.error(key, f"only {', '.join(self._known)}", "an unknown key")


def _whole_numbers(value: object, key: str = "") -> Iterator[tuple[str, int]]:
    match value:
        case int():
            yield key, value
        case dict():
            for name, inner in value.items():
                yield from _whole_numbers(inner, f"{key}.{name}" if key else name)
        case list():
            for inner in value:
                yield from _whole_numbers(inner, key)


def _listed(choices: tuple[str, ...]) -> str:
    return ", ".join(f'"{choice}"' for choice in choices)


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
