"""The fewest bytes of a row are reckoned, never written, and no row that is written has fewer."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.answers import Answers
from gateway.problem import ProblemError
from gateway.row_size import least_row_bytes
from serving.card import Card
from serving.model import Model
from serving.predictions import NamedOutput, Raw
from serving.signature import ANY, Tensor

MIB = 1024 * 1024
CARD = Card(output_prefix="our_")
TEXT = st.text('a"é,\n=', min_size=1, max_size=3)
SHORT_VALUES: dict[str, list[Any]] = {
    "FP16": [0, 1.5],
    "FP64": [0, np.nan, 0.1],
    "INT8": [0, -1],
    "UINT64": [0, 2**63],
    "BOOL": [True, False],
    "BYTES": ["", '="', "é,"],
}


@dataclass(frozen=True)
class Answering:
    """What an answer says of its model."""

    outputs: tuple[NamedOutput, ...]
    card: Card = CARD
    name: str = "example"
    version: int = 1
    digest: str = "digest"


@st.composite
def named_outputs(draw: st.DrawFn) -> NamedOutput:
    datatype = draw(st.sampled_from([*SHORT_VALUES, "MAP"]))
    row_shape = draw(st.lists(st.integers(0, 3), max_size=3))
    tensor = Tensor("y", datatype, (ANY, *(() if datatype == "MAP" else row_shape)))
    return NamedOutput(draw(TEXT), tensor, draw(_labels(tensor)))


def _labels(tensor: Tensor) -> st.SearchStrategy[tuple[str, ...]]:
    """Of the classes of an integer, of columns, or none."""
    sizes = set()
    if tensor.datatype != "MAP" and tensor.row_is_scalar and tensor.dtype.kind in "iu":
        sizes = {0, 1, 2}
    elif len(tensor.row_shape) == 1 and not tensor.row_is_scalar:
        sizes = {0, tensor.row_shape[0]}
    lists = [st.lists(TEXT, min_size=n, max_size=n, unique=True) for n in sizes or {0}]
    return st.one_of(lists).map(tuple)


@st.composite
def rows_of(draw: st.DrawFn, output: NamedOutput, rows: int) -> Raw:
    tensor = output.tensor
    if tensor.datatype == "MAP":
        return [draw(st.sampled_from([{}, {"a": 0.5}])) for _ in range(rows)]
    values = SHORT_VALUES[tensor.datatype]
    if output.labels and tensor.row_is_scalar:
        values = [*range(len(output.labels))]
    shape = (rows, *tensor.row_shape)
    drawn = [draw(st.sampled_from(values)) for _ in range(int(np.prod(shape)))]
    return np.array(drawn, tensor.dtype).reshape(shape)


def written_bytes(output: NamedOutput, media_type: str, raw: Raw) -> int:
    answers = Answers(cast("Model", Answering((output,))))
    return answers.respond(media_type, {"y": raw}).payload_bytes


@given(data=st.data(), output=named_outputs())
def test_no_row_that_is_written_is_shorter(data: st.DataObject, output: NamedOutput) -> None:
    raw = data.draw(rows_of(output, 3))

    for media_type, least in least_row_bytes([output], prefix="our_").items():
        assert written_bytes(output, media_type, raw) >= 3 * least


@pytest.mark.parametrize("media_type", ["application/json", "application/jsonl"])
@given(output=named_outputs())
def test_a_row_of_the_shortest_values_is_as_long_as_reckoned(
    media_type: str, output: NamedOutput
) -> None:
    unlabelled = NamedOutput(output.name, output.tensor)

    one, two = (written_bytes(unlabelled, media_type, shortest(output, n)) for n in (1, 2))

    assert two - one == least_row_bytes([unlabelled], prefix="our_")[media_type]


def shortest(output: NamedOutput, rows: int) -> Raw:
    tensor = output.tensor
    if tensor.datatype == "MAP":
        return [{} for _ in range(rows)]
    value = SHORT_VALUES[tensor.datatype][0]
    return np.full((rows, *tensor.row_shape), value, tensor.dtype)


def test_rows_that_nobody_could_hold_are_reckoned_all_the_same() -> None:
    output = NamedOutput("y", Tensor("y", "FP32", (ANY, 10**6, 10**6)))
    tracemalloc.start()

    answers = Answers(cast("Model", Answering((output, NamedOutput("z", output.tensor)))))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MIB
    with pytest.raises(ProblemError, match="got at least 8000004000018; send fewer"):
        answers.require_room("application/json", 1, compressed=False)
