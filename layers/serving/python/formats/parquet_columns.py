"""The columns that a model needs of a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from formats.errors import BadFileError
from serving.features import Column

_SCALARS = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_null,
)
_BINARY = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def require_columns(schema: pa.Schema, columns: Sequence[Column]) -> None:
    """Raises BadFileError where one is missing, is there twice, or holds what no tensor can."""
    names = [column.name for column in columns]
    missing = [name for name in names if name not in schema.names]
    if missing:
        raise BadFileError(
            f"expected the columns {', '.join(names)}, got none called {', '.join(missing)}"
        )
    for column in columns:
        name = column.name
        if schema.names.count(name) > 1:
            raise BadFileError(f"expected one column {name!r}, got several")
        kind = schema.field(name).type
        if not _is_cell(kind) and not (column.is_picture and _is_binary(kind)):
            raise BadFileError(
                f"column {name!r}: expected booleans, integers, floats, strings or lists of them, "
                f"got {kind}; cast it, decimals to double"
            )


def _is_binary(kind: pa.DataType) -> bool:
    return any(is_binary(kind) for is_binary in _BINARY)


def _is_cell(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind) or any(is_list(kind) for is_list in _LISTS):
        return _is_cell(kind.value_type)
    return any(is_scalar(kind) for is_scalar in _SCALARS)
