"""Tensors in: a request of the Open Inference Protocol, version 2, becomes the feeds of one run.

https://github.com/kserve/open-inference-protocol: {"name", "shape", "datatype", "data"} in JSON,
and behind it the elements of the tensors whose parameters say so, as bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from serving.coercion import Array
from serving.errors import (
    ENOUGH_FAULTS,
    NAME_CHARACTERS,
    InvalidTensorError,
    Misfit,
    OversizedInputError,
    shortened,
    shown,
)
from serving.features import Column
from serving.feeds import Feeds, out_of_bounds
from serving.limits import require_room
from serving.signature import ANY, Signature, Tensor
from serving.tensor_data import flatten, from_bytes, from_cells
from serving.tensor_entries import entries, misfit, parameters, tensor_of

# numpy's own limit.
MAX_RANK = 64
# A graph may size what it allocates by any extent of an input, also of one without elements: here
# an extent of 0 counts as 1.
MAX_ELEMENTS = 32 * 1024 * 1024
# A string costs some 100 bytes and a microsecond on its way to the graph and back, however short.
MAX_STRINGS = 500_000
# The minimum and the maximum of what the card does not bound.
FREE = (None, None)


class _Input(NamedTuple):
    """One entry of a request's inputs, known to fit its tensor in name, datatype and shape."""

    tensor: Tensor
    shape: tuple[int, ...]
    entry: Mapping[str, Any]
    pointer: str

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    def misfit(self, place: str, expected: str, got: str) -> InvalidTensorError:
        return misfit(f"input {self.tensor.name!r}", f"{self.pointer}{place}", expected, got)

    def wrong_elements(
        self, expected: Mapping[int, str], got: Callable[[int], str]
    ) -> InvalidTensorError:
        """`expected` says of each wrong element, by its flat index, what should be there, and
        `got` what is."""
        first = next(iter(expected))
        misfits = [
            Misfit(self._element_pointer(index), sentence, got(index))
            for index, sentence in islice(expected.items(), ENOUGH_FAULTS)
        ]
        return InvalidTensorError(f"input {self.tensor.name!r}, element {first}", misfits)

    def _element_pointer(self, index: int) -> str:
        data = self.entry.get("data")
        if not isinstance(data, list):
            return self.pointer
        nested = len(self.shape) > 1 and isinstance(data[0], list)
        places = np.unravel_index(index, self.shape) if nested else [index]
        return "/".join([f"{self.pointer}/data", *map(str, places)])


def decode_inputs(
    document: Mapping[str, Any],
    binary: memoryview,
    signature: Signature,
    columns: Sequence[Column],
) -> Feeds:
    """The arrays of one run, in the shapes that were sent; `binary` is what came behind the JSON.

    `columns` bring the bounds of the card. Raises InvalidTensorError, and OversizedInputError where
    there is more than is scored at once.
    """
    accepted = {tensor.name: tensor for tensor in _accepted(signature)}
    feeds: Feeds = {}
    for index, entry in enumerate(entries(document, "inputs")):
        given = _input(entry, accepted, f"/inputs/{index}")
        name = given.tensor.name
        if name in feeds:
            raise given.misfit("/name", "it once", "it again")
        size = _binary_size(given, len(binary))
        feeds[name] = _from_json(given) if size is None else _from_binary(given, binary[:size])
        binary = binary[size or 0 :]
        _require_bounds(given, feeds[name], columns)
    _require_all(accepted, feeds, binary)
    if signature.batch_size == 1:
        require_room(max(map(len, feeds.values())), ())
    return feeds


def _accepted(signature: Signature) -> Sequence[Tensor]:
    """The inputs as requests may shape them: a graph that is fixed to one row runs row by row."""
    if signature.batch_size != 1:
        return signature.inputs
    return [tensor._replace(shape=(ANY, *tensor.row_shape)) for tensor in signature.inputs]


def _input(entry: Any, accepted: Mapping[str, Tensor], pointer: str) -> _Input:  # noqa: ANN401 - parsed JSON
    tensor = tensor_of(entry, accepted, pointer, kind="input")
    datatype, shape = entry.get("datatype"), entry.get("shape")
    if datatype != tensor.datatype or not _fits(shape, tensor.shape):
        _require_extents(tensor, shape, pointer)
        got = f"{_shown_datatype(datatype)} {_shown_shape(shape)}"
        raise misfit(f"input {tensor.name!r}", pointer, _described(tensor), got)
    given = _Input(tensor, tuple(shape), entry, pointer)
    if math.prod(max(extent, 1) for extent in shape) > MAX_ELEMENTS:
        raise given.misfit("/shape", f"at most {MAX_ELEMENTS} elements", _shown_shape(shape))
    if tensor.datatype == "BYTES" and given.elements > MAX_STRINGS:
        raise OversizedInputError(
            f"input {tensor.name!r}: expected at most {MAX_STRINGS} strings, got {given.elements}; "
            "send fewer rows at a time, or a file for batch scoring"
        )
    return given


def _require_extents(tensor: Tensor, shape: object, pointer: str) -> None:
    """Who sends the shape of the model's metadata, as it is, hears what is wrong with it."""
    if isinstance(shape, list) and ANY in shape[:MAX_RANK]:
        expected = f"an extent for each {ANY}"
        raise misfit(f"input {tensor.name!r}", f"{pointer}/shape", expected, _shown_shape(shape))


def _fits(shape: object, declared: Sequence[int]) -> bool:
    if not isinstance(shape, list) or len(shape) > MAX_RANK:
        return False
    if not all(type(extent) is int and extent >= 0 for extent in shape):
        return False
    # A scalar declares no extent; neither does a graph that leaves the rank open.
    return not declared or (
        len(shape) == len(declared)
        and all(d in {ANY, extent} for d, extent in zip(declared, shape, strict=True))
    )


def _described(tensor: Tensor) -> str:
    return f"{tensor.datatype} {list(tensor.shape)}"


def _shown_datatype(datatype: object) -> str:
    return shortened(datatype, NAME_CHARACTERS) if isinstance(datatype, str) else shown(datatype)


def _shown_shape(shape: object) -> str:
    if not isinstance(shape, list) or len(shape) > MAX_RANK:
        return shown(shape)
    return f"[{', '.join(map(shown, shape))}]"


def _from_json(given: _Input) -> Array:
    data = given.entry.get("data")
    cells = flatten(data, given.shape) if isinstance(data, list) else None
    if cells is None:
        expected = f"an array of {given.elements}, flat or nested as {list(given.shape)}"
        raise given.misfit("/data", expected, shown(data))
    coerced = from_cells(cells, given.tensor.dtype)
    if coerced.expected:
        raise given.wrong_elements(coerced.expected, lambda index: shown(cells[index]))
    return coerced.values.reshape(given.shape)


def _binary_size(given: _Input, there: int) -> int | None:
    """The bytes that an input has behind the JSON; None where its data is in it."""
    size = parameters(given.entry, given.pointer).get("binary_data_size")
    if size is None:
        return None
    if "data" in given.entry:
        raise given.misfit("/data", "none beside binary_data_size", "some")
    if type(size) is int and 0 <= size <= there:
        return size
    expected = f"a number of bytes up to the {there} that there are"
    raise given.misfit("/parameters/binary_data_size", expected, shown(size))


def _from_binary(given: _Input, binary: memoryview) -> Array:
    coerced = from_bytes(binary, given.tensor.dtype, given.elements)
    if coerced is None:
        expected = f"the bytes of {given.elements} elements of {given.tensor.datatype}"
        raise given.misfit("/parameters/binary_data_size", expected, str(len(binary)))
    if coerced.expected:
        raise given.wrong_elements(coerced.expected, lambda _: "something else")
    return coerced.values.reshape(given.shape)


def _require_bounds(given: _Input, values: Array, columns: Sequence[Column]) -> None:
    """The card's bounds guard the graph, whatever the door."""
    mine = [c for c in columns if c.tensor.name == given.tensor.name and not c.inputs]
    for column in mine:
        if column.feature is None or (column.feature.minimum, column.feature.maximum) == FREE:
            continue
        _require_width(given, column, len(mine))
        first = column.position or 0
        wrong = out_of_bounds(values.ravel()[first :: len(mine)], column.feature)
        if wrong:
            expected = {first + len(mine) * index: said for index, said in wrong.items()}
            raise given.wrong_elements(expected, lambda index: shown(values.flat[index]))


def _require_width(given: _Input, column: Column, width: int) -> None:
    """A graph may leave the width of a wide input open: what the card does not bound is not run."""
    if column.position is None or given.shape[1] == width:
        return
    bounded = given.tensor._replace(shape=(given.tensor.shape[0], width))
    got = f"{given.tensor.datatype} {_shown_shape([*given.shape])}"
    raise given.misfit("/shape", f"{_described(bounded)}, as the card bounds it", got)


def _require_all(accepted: Mapping[str, Tensor], feeds: Feeds, binary: memoryview) -> None:
    for name, tensor in accepted.items():
        if name not in feeds:
            raise misfit(f"input {name!r}", "/inputs", _described(tensor), "nothing")
    if binary:
        expected = "no bytes behind those that they declare"
        raise misfit("inputs", "/inputs", expected, f"{len(binary)} more")
