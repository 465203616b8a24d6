"""A file of rows: cut into blocks, which are scored side by side and written in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

# What is kept of a file's errors.
MAX_ERRORS = 20

Body = TypeVar("Body")
Data = TypeVar("Data")
Data_contra = TypeVar("Data_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the input: all of them, those predicted, and those with an error."""

    total: int = 0
    ok: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class RowError:
    """What was wrong with one row; rows count from 1, without the header."""

    row: int
    column: str | None
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive rows of a file: from `start` on, up to `stop` or to the end where it is None.

    Positions stand between two rows. In text they are offsets in bytes, after decompression; in
    Parquet they count rows.
    """

    start: int
    stop: int | None


@dataclass(frozen=True, slots=True)
class Block(Generic[Body]):
    """Whole rows between two positions, few enough to hold."""

    start: int
    stop: int
    body: Body


@dataclass(frozen=True, slots=True)
class ScoredBlock(Generic[Data]):
    """What is written for a block. `errors` are its first ones; their rows count from 1 within the
    block, as those of a BadFileError do."""

    data: Data
    rows: RowCounts
    errors: tuple[RowError, ...]


class Encoder(Protocol[Data_contra]):
    """Turns scored blocks, in their order, into the bytes of one part."""

    def encode(self, data: Data_contra) -> bytes: ...

    def finish(self) -> bytes:
        """What is still to be written once the part's last block is."""


class RowFile(Protocol[Body, Data]):
    """One input file, pinned, with the model that scores it.

    Made from a source, it raises BadFileError where the file as a whole does not fit the model.
    """

    def spans(self, size_bytes: int) -> Iterator[Span]:
        """The whole file as consecutive spans of about `size_bytes` of input each; the last has no
        stop. Raises InvalidInputError where there is no telling where rows end."""

    def blocks(self, span: Span) -> Iterator[Block[Body]]:
        """Consecutive blocks that together are the span. Raises InvalidInputError where the rows
        cannot be told apart."""

    def score(self, block: Block[Body]) -> ScoredBlock[Data]:
        """Pure, and safe to call from several threads at once. Raises BadFileError, with its row
        where it has one, and ModelError."""

    def encoder(self, start: int) -> Encoder[Data]:
        """For the part that begins at a position; a file's first part begins with its header."""
