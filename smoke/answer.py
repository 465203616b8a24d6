"""JSON that is only believed to be what it should: each name is asked for with its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from smoke.errors import SmokeError

T = TypeVar("T")
# Of a body that is something else, enough to recognise it by.
SHOWN_BYTES = 80


@dataclass(frozen=True, slots=True)
class Document:
    """`source`: who says so, for errors. All methods raise SmokeError."""

    source: str
    body: bytes

    def fields(self) -> dict[str, Any]:
        try:
            fields = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise self._error("JSON") from error
        if not isinstance(fields, dict):
            raise self._error("a JSON object")
        return fields

    def field(self, name: str, kind: type[T]) -> T:
        value = self.fields().get(name)
        if not isinstance(value, kind):
            raise self._error(f"a {kind.__name__} under {name!r}")
        return value

    def _error(self, expected: str) -> SmokeError:
        return SmokeError(f"{self.source}: expected {expected}, got {self.body[:SHOWN_BYTES]!r}")


@dataclass(frozen=True, slots=True)
class Answer(Document):
    """`digest`: under which the one who answered was made; None where the header is not there."""

    digest: str | None
