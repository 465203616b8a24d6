"""Row groups: where in a Parquet file they are, and how much they say they hold.

They are read from the footer's own structs: pyarrow ends the process where it is asked for a column
chunk that is damaged, or encrypted.
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formats.errors import BadFileError
from formats.parquet_errors import damaged, encrypted
from formats.parquet_thrift import Struct

# Before the first column there is nothing but the magic.
FIRST_OFFSET = 4
# A nested column can repeat a value any number of times in no bytes at all. This many values are
# taken in, or as many as its bytes may stand for.
MAX_UNBACKED_VALUES = 16 * 1024 * 1024
MAX_VALUES_PER_BYTE = 250

# Fields of a row group, of a column chunk, and of its metadata.
_COLUMNS, _ROWS = 1, 3
_METADATA, _ENCRYPTIONS = 3, frozenset({8, 9})
_CODEC, _VALUES, _UNCOMPRESSED_SIZE, _SIZE, _PAGES, _DICTIONARY = 4, 5, 6, 7, 9, 11


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column that is not made of others: texts by themselves, or repeated within a row, or
    neither. `width` is a value's in bytes, 0 where each has its own."""

    path: str
    is_text: bool
    is_nested: bool
    width: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A leaf's part of a row group: its pages, one behind the other, and their values."""

    start: int
    stop: int
    values: int
    uncompressed_size: int
    codec: int
    has_dictionary: bool

    def gains_by_dictionary(self, leaf: Leaf) -> bool:
        """Whether its values repeat: writers try a dictionary first, and keep what they tried."""
        plain_size = self.values * leaf.width
        return self.has_dictionary and (not plain_size or self.uncompressed_size < plain_size)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that are stored together, chunk behind chunk, in any order."""

    index: int
    rows: int
    chunks: tuple[Chunk, ...]

    @property
    def start(self) -> int:
        return min(chunk.start for chunk in self.chunks)

    @property
    def stop(self) -> int:
        return max(chunk.stop for chunk in self.chunks)

    @property
    def size(self) -> int:
        return self.stop - self.start


def read_row_group(struct: Struct, index: int, *, file_size: int) -> RowGroup:
    """Raises ThriftError, and BadFileError where what the footer says cannot be."""
    rows = struct.integer(_ROWS)
    if rows < 0:
        raise damaged("a row group of less than no rows")
    # Without rows there may be no pages, and offsets that say nothing.
    columns = struct.structs(_COLUMNS) if rows else []
    return RowGroup(index, rows, tuple(_chunk(column, file_size) for column in columns))


def _chunk(column: Struct, file_size: int) -> Chunk:
    if column.keys() & _ENCRYPTIONS:
        raise encrypted()
    metadata = column.struct(_METADATA)
    pages, dictionary = metadata.integer(_PAGES), metadata.integer(_DICTIONARY, default=0)
    start = min(pages, dictionary) if dictionary > 0 else pages
    stop = start + metadata.integer(_SIZE)
    if not FIRST_OFFSET <= start <= stop <= file_size:
        raise damaged("a column that is not in the file")
    return Chunk(
        start=start,
        stop=stop,
        values=metadata.integer(_VALUES),
        uncompressed_size=metadata.integer(_UNCOMPRESSED_SIZE),
        codec=metadata.integer(_CODEC),
        has_dictionary=dictionary > 0,
    )


def require_fit(group: RowGroup, leaves: Sequence[Leaf]) -> None:
    """Raises BadFileError where a row group has other columns, or far too many values in one."""
    if len(group.chunks) != len(leaves):
        raise damaged("a row group that does not fit its schema")
    for chunk, leaf in zip(group.chunks, leaves, strict=True):
        if chunk.values < 0 or (chunk.values != group.rows and not leaf.is_nested):
            raise damaged("columns of different lengths")
        most = max(MAX_UNBACKED_VALUES, MAX_VALUES_PER_BYTE * (chunk.stop - chunk.start))
        if leaf.is_nested and chunk.values > most:
            raise BadFileError(
                f"column {leaf.path!r}: expected at most {most} values in a row group, got "
                f"{chunk.values}; write smaller row groups"
            )
