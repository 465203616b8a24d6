"""A part: what became of a contiguous piece of a job, written once by whoever is first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson

from delivery.manifest import OutputPart
from formats.row_file import RowCounts, RowError


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file cannot be scored; `row` is to blame, if any is, counted from 1."""

    reason: str
    row: int | None

    def in_file(self, rows_before: int) -> str:
        return self.reason if self.row is None else f"row {rows_before + self.row}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows between two positions. Rows in `errors` and in `failure` count within the part.

    `is_last` where the file ends here. A failed part has no data, and none behind it counts.
    """

    start: int
    stop: int
    is_last: bool
    rows: RowCounts
    errors: tuple[RowError, ...]
    failure: Failure | None
    data: OutputPart | None

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        document: dict[str, Any] = orjson.loads(body)
        failure, data = document["failure"], document["data"]
        return cls(
            start=document["start"],
            stop=document["stop"],
            is_last=document["is_last"],
            rows=RowCounts(**document["rows"]),
            errors=tuple(RowError(**error) for error in document["errors"]),
            failure=None if failure is None else Failure(**failure),
            data=None if data is None else OutputPart(**data),
        )


def whole(read: Callable[[int], Part | None]) -> list[Part] | None:
    """The parts from the file's beginning to its end, or to the first that failed; None where one
    is still missing. However spans were cut, each part begins where the one before it stops."""
    parts: list[Part] = []
    start = 0
    while (part := read(start)) is not None:
        parts.append(part)
        if part.is_last or part.failure is not None:
            return parts
        start = part.stop
    return None
