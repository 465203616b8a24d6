"""Frames: the JSON forms of a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serving.coercion import ABSENT
from serving.errors import InvalidInputError, shown
from serving.features import Column
from serving.feeds import Rows
from serving.instances import Instances, decode_arrays, escaped, only, repeated
from serving.limits import require_room

SPLIT = "/dataframe_split"


def decode_columns(document: dict[str, dict[str, Any]], columns: Sequence[Column]) -> Instances:
    """`DataFrame.to_json()`: {column: {index: cell, …}, …}."""
    names = [column.name for column in columns]
    _require_known(document, names, "")
    index = list(dict.fromkeys(key for cells in document.values() for key in cells))
    if not index:
        raise InvalidInputError("the body: expected at least one row, got empty columns")
    require_room(len(index), columns)
    cells = {name: [document.get(name, {}).get(key, ABSENT) for key in index] for name in names}

    first = next(iter(document))

    def pointer(row: int, column: str | None) -> str:
        return f"/{escaped(column or first)}/{escaped(index[row])}"

    return Instances(Rows(len(index), cells), (), pointer)


def decode_split(frame: object, columns: Sequence[Column]) -> Instances:
    """`DataFrame.to_dict("split")`: {"columns": [name, …], "data": [[cell, …], …]}, and an index
    that nobody needs."""
    match frame:
        case {"columns": list(order), "data": list(rows), **rest} if rest.keys() <= {"index"}:
            pass
        case _:
            expected = '{"columns": [name, …], "data": [[cell, …], …]}'
            raise InvalidInputError(f"{SPLIT}: expected {expected}, got {shown(frame)}")
    _require_known(order, [column.name for column in columns], f"{SPLIT}/columns")
    twice = repeated(order)
    if twice is not None:
        expected = f"{SPLIT}/columns: expected each name once"
        raise InvalidInputError(f"{expected}, got {shown(twice)} again")
    if not rows:
        raise InvalidInputError(f"{SPLIT}/data: expected at least one row, got none")
    require_room(len(rows), columns)
    return decode_arrays(rows, order, columns, f"{SPLIT}/data")


def _require_known(given: Sequence[object] | dict[str, Any], names: Sequence[str], at: str) -> None:
    for place, name in enumerate(given):
        if name not in names:
            token = escaped(name) if isinstance(given, dict) and isinstance(name, str) else place
            raise InvalidInputError(f"{at}/{token}: expected {only(names)}, got {shown(name)}")
