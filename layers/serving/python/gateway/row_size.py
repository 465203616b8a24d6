"""Row sizes: the fewest bytes that one row's predictions take in an answer, by outputs and shapes.

Bytes are those of a function's payload, in which quotes and line ends are escaped. Open extents
count as 0, and every value as the shortest that its type has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import orjson

from gateway.negotiation import JSON_LINES
from gateway.response import JSON
from serving.predictions import NamedOutput

SEPARATOR = len(",")
LINE_END = len(r"\n")
# 0.0, true and \"\" by numpy's kinds; any other is 0.
SHORTEST = {"f": 3, "b": 4, "O": 4}
SHORTEST_INTEGER = 1


def least_row_bytes(outputs: Sequence[NamedOutput], *, prefix: str) -> dict[str, int]:
    """By media type, what a further row adds to an answer; `prefix` is the card's."""
    sizes = {output.name: _json_bytes(output) for output in outputs}
    prefixed = {f"{prefix}{name}": size for name, size in sizes.items()}
    return {
        JSON: _object(sizes) + SEPARATOR,
        "text/csv": sum(map(_csv_bytes, outputs)) + _separators(len(outputs)) + LINE_END,
        **dict.fromkeys(JSON_LINES, _object(prefixed) + LINE_END),
    }


def _json_bytes(output: NamedOutput) -> int:
    if output.tensor.datatype in {"MAP", "RANKING"}:
        return len("{}")
    if _is_class(output):
        return min(map(_text_bytes, output.labels))
    element = _element_bytes(output)
    if output.labels:
        return _object(dict.fromkeys(output.labels, element))
    return _nested(element, _shape(output))


def _csv_bytes(output: NamedOutput) -> int:
    """Without the quotes around a cell, which not every one has."""
    if output.tensor.datatype in {"MAP", "RANKING"}:
        return len("{}")
    if _is_class(output):
        return min(map(len, output.labels))
    shape = _shape(output)
    if len(shape) > 1:
        return _nested(_element_bytes(output), shape)
    # A cell for each element, and of a string not even quotes.
    element = 0 if output.tensor.datatype == "BYTES" else _element_bytes(output)
    return math.prod(shape) * element + _separators(math.prod(shape))


def _is_class(output: NamedOutput) -> bool:
    """Whether its labels name the classes of an integer, not the columns of a row."""
    tensor = output.tensor
    return bool(output.labels) and tensor.row_is_scalar and tensor.dtype.kind != "f"


def _shape(output: NamedOutput) -> tuple[int, ...]:
    """Of one row; a single value stands alone."""
    shape = tuple(max(extent, 0) for extent in output.tensor.row_shape)
    return () if math.prod(shape) == 1 else shape


def _element_bytes(output: NamedOutput) -> int:
    return SHORTEST.get(output.tensor.dtype.kind, SHORTEST_INTEGER)


def _nested(element: int, shape: Sequence[int]) -> int:
    size = element
    for extent in reversed(shape):
        size = len("[]") + extent * size + _separators(extent)
    return size


def _object(members: Mapping[str, int]) -> int:
    """Of these names, with values of so many bytes."""
    sizes = [_text_bytes(name) + len(":") + size for name, size in members.items()]
    return len("{}") + sum(sizes) + _separators(len(sizes))


def _separators(count: int) -> int:
    return max(count - 1, 0) * SEPARATOR


def _text_bytes(text: str) -> int:
    r"""A string of JSON within a string of JSON: \"text\"."""
    return len(orjson.dumps(orjson.dumps(text).decode())) - len('""')
