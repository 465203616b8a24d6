"""A Parquet file's footer: what the file says of itself, read before anything else is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pyarrow.parquet as pq

from formats.errors import BadFileError
from formats.parquet_errors import UNREADABLE, damaged, encrypted
from formats.parquet_row_group import Leaf, RowGroup, read_row_group, require_fit
from formats.parquet_thrift import CompactReader
from formats.source import RandomAccess

MAGIC = b"PAR1"
ENCRYPTED_MAGIC = b"PARE"
# A file ends with its footer, the footer's size in four bytes, and the magic.
TRAILER_BYTES = 8
# Read first: it holds the whole footer of most files.
TAIL_BYTES = 64 * 1024
MAX_FOOTER_BYTES = 8 * 1024 * 1024

# Fields of the footer.
_ROW_GROUPS, _ENCRYPTION = 4, 8
# Bytes of a number, by its physical type.
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}


@dataclass(frozen=True, slots=True)
class Footer:
    """As pyarrow has it, and what pyarrow cannot be asked for: the row groups that have rows.

    `positions` are the rows with which they begin, and the one behind the last.
    """

    metadata: pq.FileMetaData
    leaves: tuple[Leaf, ...]
    row_groups: tuple[RowGroup, ...]

    @property
    def positions(self) -> list[int]:
        return [0, *accumulate(group.rows for group in self.row_groups)]


def read_footer(source: RandomAccess) -> Footer:
    """Raises BadFileError where the source is no Parquet file, is cut off, encrypted, or says more
    of itself than is taken in."""
    ending = _ending(source)
    try:
        # First, for pyarrow takes what memory a footer claims.
        row_groups = _row_groups(ending, source.size)
        metadata = pq.ParquetFile(io.BytesIO(MAGIC + ending), pre_buffer=False).metadata
        leaves = tuple(map(_leaf, metadata.schema))
    except (*UNREADABLE, IndexError) as error:
        raise damaged("a footer that cannot be read") from error
    _require_all_rows(row_groups, metadata.num_rows)
    for group in row_groups:
        require_fit(group, leaves)
    return Footer(metadata, leaves, row_groups)


def _ending(source: RandomAccess) -> bytes:
    """The footer and everything behind it."""
    tail = source.read(max(source.size - TAIL_BYTES, 0), source.size)
    magic = tail[-len(MAGIC) :]
    if magic == ENCRYPTED_MAGIC:
        raise encrypted()
    if magic != MAGIC or source.size < len(MAGIC) + TRAILER_BYTES:
        raise damaged("one that does not end as they do")
    size = TRAILER_BYTES + int.from_bytes(tail[-TRAILER_BYTES : -len(MAGIC)], "little")
    if size > source.size - len(MAGIC):
        raise damaged("a footer that is longer than the file")
    if size > MAX_FOOTER_BYTES:
        raise BadFileError(
            f"expected a Parquet footer of at most {MAX_FOOTER_BYTES} bytes, got {size}; write "
            "larger row groups, or fewer columns"
        )
    return tail[-size:] if size <= len(tail) else source.read(source.size - size, source.size)


def _row_groups(ending: bytes, file_size: int) -> tuple[RowGroup, ...]:
    struct = CompactReader(ending).struct()
    if _ENCRYPTION in struct:
        raise encrypted()
    groups = enumerate(struct.structs(_ROW_GROUPS))
    read = (read_row_group(group, index, file_size=file_size) for index, group in groups)
    return tuple(group for group in read if group.rows)


def _require_all_rows(row_groups: Sequence[RowGroup], expected: int) -> None:
    rows = sum(group.rows for group in row_groups)
    if rows != expected:
        raise damaged(f"a footer of {expected} rows whose row groups have {rows}")


def _leaf(column: Any) -> Leaf:  # noqa: ANN401 - pyarrow has no types
    return Leaf(
        path=column.path,
        is_text=column.physical_type == "BYTE_ARRAY" and "." not in column.path,
        is_nested=column.max_repetition_level > 0,
        width=_WIDTHS.get(column.physical_type, column.length),
    )
