"""The manifest: the proof that a job is whole, and its only commit point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import orjson

from delivery.job import Source
from formats.row_file import RowCounts, RowError

SUFFIX = ".manifest.json"
# The reason of whoever came too late; only a result that says so may be followed by another of the
# same job, once an object without versions is there again.
GONE = "the object was deleted before it was scored"

Status = Literal["succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class OutputPart:
    """A piece of an output, in bytes. With a key it is an object of its own; without one, the slice
    of the output's object that follows the part before it."""

    key: str | None
    version: str | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Output:
    """The scored object: its VersionId (None in an unversioned bucket), size in bytes, SHA-256.

    S3 puts large ones together from `parts`, whose hashes stand in for that of the whole. Parts
    with keys of their own lie in the folder `key`.
    """

    bucket: str
    key: str
    version: str | None
    size: int
    sha256: str | None
    parts: tuple[OutputPart, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        parts = tuple(OutputPart(**part) for part in document["parts"])
        return cls(**{**document, "parts": parts})


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Under what the job was scored."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Timings:
    """When scoring began and ended, in ISO 8601 with UTC's offset."""

    started: str
    ended: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One job's outcome. `reason` says why a failed one has no output."""

    job: str
    status: Status
    source: Source
    model: ModelIdentity
    rows: RowCounts
    errors: tuple[RowError, ...]
    reason: str | None
    output: Output | None
    timings: Timings

    def to_json(self) -> bytes:
        rows = {"in": self.rows.total, "ok": self.rows.ok, "bad": self.rows.bad}
        return orjson.dumps(asdict(self) | {"rows": rows}, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        document: dict[str, Any] = orjson.loads(body)
        rows, output = document["rows"], document["output"]
        return cls(
            job=document["job"],
            status=document["status"],
            source=Source(**document["source"]),
            model=ModelIdentity(**document["model"]),
            rows=RowCounts(total=rows["in"], ok=rows["ok"], bad=rows["bad"]),
            errors=tuple(RowError(**error) for error in document["errors"]),
            reason=document["reason"],
            output=None if output is None else Output.from_document(output),
            timings=Timings(**document["timings"]),
        )
