"""Predictions as Parquet columns: typed as the graph's outputs are, named as in every door.

NaN and infinities, which neither CSV nor JSON can write, stay what they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa

from serving.card import Card
from serving.coercion import Array
from serving.csv_predictions import csv_names
from serving.errors import ModelError
from serving.predictions import NamedOutput, Values
from serving.signature import ANY


class OutputColumns:
    """The columns of one output: one for each element of a row with a known number of them, else
    one in all. That is a scalar, a list, or a map by labels; where the graph leaves open even how
    deep its lists are, they are written as JSON.
    """

    def __init__(self, output: NamedOutput, card: Card) -> None:
        self.name = output.name
        self._output = output
        names = csv_names(output, card)
        self._is_wide = len(names) > 1
        self._type = _element_type(output) if self._is_wide else _type(output)
        self.fields = [pa.field(name, self._type) for name in names]

    def arrays(self, values: Values) -> list[pa.Array]:
        """Raises ModelError where the graph answers with other shapes than it declares."""
        if self._is_wide:
            elements = self._elements(values)
            columns = (elements[:, place] for place in range(len(self.fields)))
            return [pa.array(np.ascontiguousarray(column), self._type) for column in columns]
        if self._output.tensor.datatype == "RANKING":
            return [pa.array(values, self._type)]
        if pa.types.is_map(self._type):
            return [pa.array([list(value.items()) for value in values], self._type)]
        if not self._output.tensor.shape:
            return [pa.array(map(_json, values), self._type)]
        if self._output.labels:
            return [pa.array(values, self._type)]
        return [_listed(self._elements(values), _element_type(self._output))]

    def _elements(self, values: Values) -> Array:
        """As an array with all of a row's axes."""
        tensor = self._output.tensor
        if self._is_wide and self._output.labels:
            values = [[*value.values()] for value in values]
        elements = np.asarray(values, tensor.dtype)
        expected = () if tensor.row_is_scalar else tensor.row_shape
        # Lost on the way are the axes of rows of one element, and those within a list of none.
        if elements.ndim == 1 or not elements.size:
            lost = [min(elements.size, 1)] * (len(expected) + 1 - elements.ndim)
            elements = elements.reshape(*elements.shape, *lost)
        shape = elements.shape[1:]
        if not _fits(shape, expected):
            raise ModelError(
                f"output {self.name!r}: expected rows of shape {list(expected)}, got {list(shape)}"
            )
        return elements


def _fits(shape: Sequence[int], declared: Sequence[int]) -> bool:
    return len(shape) == len(declared) and all(
        extent in {ANY, size} for size, extent in zip(shape, declared, strict=True)
    )


def _element_type(output: NamedOutput) -> pa.DataType:
    if output.tensor.datatype == "BYTES":
        return pa.string()
    return pa.from_numpy_dtype(output.tensor.dtype)


def _type(output: NamedOutput) -> pa.DataType:
    tensor = output.tensor
    if tensor.datatype == "MAP":
        return pa.map_(pa.string(), pa.float32())
    if tensor.datatype == "RANKING":
        label = pa.string() if output.labels else pa.int64()
        score = pa.from_numpy_dtype(output.source.dtype)
        return pa.list_(pa.struct({"label": label, "score": score}))
    if not tensor.shape:
        return pa.string()
    if output.labels:
        return pa.string() if tensor.row_is_scalar else pa.map_(pa.string(), _element_type(output))
    kind = _element_type(output)
    for _ in () if tensor.row_is_scalar else tensor.row_shape:
        kind = pa.list_(kind)
    return kind


def _listed(elements: Array, kind: pa.DataType) -> pa.Array:
    """One entry for each row: its element, or the lists along its inner axes."""
    listed = pa.array(elements.reshape(-1), kind)
    for axis in range(elements.ndim - 1, 0, -1):
        lists, length = math.prod(elements.shape[:axis]), elements.shape[axis]
        offsets = np.arange(lists + 1, dtype=np.int32) * length
        listed = pa.ListArray.from_arrays(offsets, listed)
    return listed


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
