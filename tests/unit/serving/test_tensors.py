"""Tensors of requests become feeds, exactly or not at all, and outputs become replies."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from serving.card import parse_card
from serving.errors import ENOUGH_FAULTS, InvalidTensorError, Misfit, OversizedInputError
from serving.features import plan
from serving.feeds import Feeds
from serving.limits import MAX_ROWS
from serving.signature import ANY, Signature, Tensor
from serving.tensor_data import CHUNK_CELLS
from serving.tensor_outputs import RequestedOutput, decode_outputs, encode_outputs
from serving.tensors import MAX_STRINGS, decode_inputs

WIDE = Tensor("X", "FP32", (ANY, 2))
NUMPY_NAMES = {
    "BOOL": "?", "INT8": "i1", "INT16": "i2", "INT32": "i4", "INT64": "i8",
    "UINT8": "u1", "UINT16": "u2", "UINT32": "u4", "UINT64": "u8",
    "FP16": "f2", "FP32": "f4", "FP64": "f8",
}  # fmt: skip


def of(*inputs: Tensor) -> Signature:
    return Signature(inputs, ())


def entry(data: object, *, tensor: Tensor = WIDE, shape: object = None) -> dict[str, Any]:
    shape = [1, *tensor.row_shape] if shape is None else shape
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": shape, "data": data}


def feeds_of(
    *entries: object, signature: Signature | None = None, card: str = "", binary: bytes = b""
) -> Feeds:
    signature = signature or of(WIDE)
    columns = plan(signature, parse_card(f"live = 1\n{card}".encode(), source="model.toml"))
    return decode_inputs({"inputs": list(entries)}, memoryview(binary), signature, columns)


def misfit_of(*entries: object, **options: Any) -> tuple[str, tuple[Misfit, ...]]:  # noqa: ANN401 - as feeds_of
    with pytest.raises(InvalidTensorError) as raised:
        feeds_of(*entries, **options)
    return str(raised.value), raised.value.misfits


def assert_equal(values: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    assert (values.dtype, values.shape) == (expected.dtype, expected.shape)
    assert values.tolist() == expected.tolist()


@pytest.mark.parametrize("data", [[1, 2.5, 3, 4, 5, 6], [[1, 2.5], [3, 4], [5, 6]]])
def test_data_is_row_major_flat_or_nested(data: object) -> None:
    feeds = feeds_of(entry(data, shape=[3, 2]))

    assert_equal(feeds["X"], np.array([[1, 2.5], [3, 4], [5, 6]], np.float32))


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        ("BOOL", [True, False]),
        ("INT8", [-128, 127]),
        ("INT16", [-(2**15), 2**15 - 1]),
        ("INT32", [-(2**31), 2**31 - 1]),
        ("INT64", [-(2**63), 2**63 - 1]),
        ("UINT8", [0, 255]),
        ("UINT16", [0, 2**16 - 1]),
        ("UINT32", [0, 2**32 - 1]),
        ("UINT64", [0, 2**64 - 1]),
        ("FP16", [0.1, -65504]),
        ("FP32", [0.1, -3.4e38]),
        ("FP64", [0.1, -1.7e308]),
        ("BYTES", ["", "é\u0000😀"]),
    ],
)
def test_every_datatype_comes_in_json(datatype: str, data: list[object]) -> None:
    tensor = Tensor("x", datatype, (ANY,))

    feeds = feeds_of(entry(data, tensor=tensor, shape=[2]), signature=of(tensor))

    assert_equal(feeds["x"], np.array(data, tensor.dtype))


@given(
    st.sampled_from(sorted(NUMPY_NAMES)).flatmap(
        lambda datatype: st.tuples(
            st.just(datatype), arrays.arrays(NUMPY_NAMES[datatype], arrays.array_shapes(max_dims=3))
        )
    ),
    st.binary(max_size=3),
)
def test_every_numeric_datatype_comes_and_goes_in_binary_bit_by_bit(
    sample: tuple[str, np.ndarray[Any, Any]], before: bytes
) -> None:
    datatype, values = sample
    tensor = Tensor("x", datatype, (ANY,) * values.ndim)
    size = {"binary_data_size": values.nbytes}
    entry = {"name": "x", "datatype": datatype, "shape": list(values.shape), "parameters": size}
    content = memoryview(before + values.tobytes())[len(before) :]

    feeds = decode_inputs({"inputs": [entry]}, content, of(tensor), ())
    outputs, binary = encode_outputs(feeds, [RequestedOutput(tensor, binary=True)])

    assert feeds["x"].dtype == values.dtype
    assert feeds["x"].tobytes() == values.tobytes() == binary
    assert outputs == [{**entry, "shape": values.shape}]


@given(st.lists(st.text(), max_size=5))
def test_strings_come_and_go_in_binary(texts: list[str]) -> None:
    tensor = Tensor("x", "BYTES", (ANY,))
    encoded = [text.encode() for text in texts]
    content = b"".join(struct.pack("<I", len(text)) + text for text in encoded)
    size = {"binary_data_size": len(content)}
    entry = {"name": "x", "datatype": "BYTES", "shape": [len(texts)], "parameters": size}

    feeds = feeds_of(entry, signature=of(tensor), binary=content)
    outputs, binary = encode_outputs(feeds, [RequestedOutput(tensor, binary=True)])

    assert feeds["x"].tolist() == texts
    assert binary == content
    assert outputs == [{**entry, "shape": (len(texts),)}]


def test_inputs_take_their_bytes_one_behind_the_other_and_json_may_stand_between() -> None:
    a, b, c = (Tensor(name, "UINT8", (ANY,)) for name in "abc")
    in_binary = {"shape": [2], "datatype": "UINT8", "parameters": {"binary_data_size": 2}}

    feeds = feeds_of(
        {"name": "c", **in_binary},
        entry([9], tensor=b, shape=[1]),
        {"name": "a", **in_binary},
        signature=of(a, b, c),
        binary=b"\x01\x02\x03\x04",
    )

    assert {name: values.tolist() for name, values in feeds.items()} == {
        "c": [1, 2],
        "b": [9],
        "a": [3, 4],
    }


def test_scalars_empty_tensors_and_open_ranks_have_their_place() -> None:
    scalar, state, image = (
        Tensor("scalar", "FP32", ()),
        Tensor("state", "FP32", (1, ANY, 2)),
        Tensor("image", "UINT8", (1, 2, 2, 1)),
    )

    feeds = feeds_of(
        entry([3], tensor=scalar, shape=[]),
        entry([], tensor=state, shape=[1, 0, 2]),
        entry([[[[1], [2]], [[3], [4]]]], tensor=image, shape=[1, 2, 2, 1]),
        signature=of(scalar, state, image),
    )

    assert_equal(feeds["scalar"], np.array(3, np.float32))
    assert_equal(feeds["state"], np.empty((1, 0, 2), np.float32))
    assert_equal(feeds["image"], np.array([1, 2, 3, 4], np.uint8).reshape(1, 2, 2, 1))


def test_a_graph_fixed_to_one_row_takes_any_number() -> None:
    tensor = Tensor("X", "FP32", (1, 2))

    feeds = feeds_of(entry([1, 2, 3, 4], shape=[2, 2]), signature=of(tensor))

    assert_equal(feeds["X"], np.array([[1, 2], [3, 4]], np.float32))


def test_a_graph_fixed_to_one_row_runs_for_no_more_than_are_scored_at_once() -> None:
    tensor = Tensor("X", "UINT8", (1, 1))
    rows = MAX_ROWS + 1
    size = {"binary_data_size": rows}
    given = {"name": "X", "datatype": "UINT8", "shape": [rows, 1], "parameters": size}

    with pytest.raises(OversizedInputError, match=f"expected at most {MAX_ROWS} rows, got {rows}"):
        feeds_of(given, signature=of(tensor), binary=bytes(rows))


def test_what_is_not_understood_in_parameters_is_passed_over() -> None:
    feeds = feeds_of({**entry([1, 2]), "parameters": {"content_type": "np"}})

    assert_equal(feeds["X"], np.array([[1, 2]], np.float32))


@pytest.mark.parametrize(
    ("change", "got"),
    [
        ({"datatype": "FP64", "shape": [1, 9]}, "FP64 [1, 9]"),
        ({"datatype": "fp32"}, "fp32 [1, 2]"),
        ({"datatype": None}, "null [1, 2]"),
        ({"datatype": ["FP32"]}, "an array of 1 [1, 2]"),
        ({"shape": [2]}, "FP32 [2]"),
        ({"shape": [1, 2, 1]}, "FP32 [1, 2, 1]"),
        ({"shape": [1, 3]}, "FP32 [1, 3]"),
        ({"shape": [-2, 2]}, "FP32 [-2, 2]"),
        ({"shape": [1.0, 2]}, "FP32 [1.0, 2]"),
        ({"shape": [True, 2]}, "FP32 [true, 2]"),
        ({"shape": ["1", 2]}, 'FP32 ["1", 2]'),
        ({"shape": [[1, 2]]}, "FP32 [an array of 2]"),
        ({"shape": [1] * 65}, "FP32 an array of 65"),
        ({"shape": 2}, "FP32 2"),
        ({"shape": None}, "FP32 null"),
    ],
)
def test_another_datatype_or_shape_is_told_beside_the_one_there_is(
    change: dict[str, object], got: str
) -> None:
    expected = "FP32 [-1, 2]"

    assert misfit_of(entry([1, 2]) | change) == (
        f"input 'X': expected {expected}, got {got}",
        (Misfit("/inputs/0", expected, got),),
    )


@pytest.mark.parametrize(
    ("data", "shape", "got"),
    [
        ([1, 2, 3], [1, 2], "an array of 3"),
        ([], [1, 2], "an array of 0"),
        ([1, 2], [1000, 2], "an array of 2"),
        ([1, 2], [0, 2], "an array of 2"),
        ([[1, 2], [3]], [2, 2], "an array of 2"),
        ([[1], [2]], [1, 2], "an array of 2"),
        ([[1, 2], 3, 4], [2, 2], "an array of 3"),
        ([[[1, 2]]], [1, 2], "an array of 1"),
        (None, [1, 2], "null"),
        ("1, 2", [1, 2], '"1, 2"'),
        (5, [1, 2], "5"),
    ],
)
def test_data_that_does_not_fill_its_shape_is_refused(
    data: object, shape: list[int], got: str
) -> None:
    count = shape[0] * shape[1]
    expected = f"an array of {count}, flat or nested as {shape}"

    sentence, misfits = misfit_of(entry(data, shape=shape))

    assert sentence == f"input 'X': expected {expected}, got {got}"
    assert misfits == (Misfit("/inputs/0/data", expected, got),)


@pytest.mark.parametrize("shape", [[2**40, 2], [2**62, 2], [0, 2, 2**40]])
def test_a_shape_may_not_size_what_a_graph_allocates(shape: list[int]) -> None:
    tensor = Tensor("X", "FP32", (ANY,) * len(shape))

    sentence, misfits = misfit_of(entry([], shape=shape), signature=of(tensor))

    expected = "at most 33554432 elements"
    assert sentence == f"input 'X': expected {expected}, got {shape}"
    assert misfits == (Misfit("/inputs/0/shape", expected, str(shape)),)


def test_more_strings_than_are_scored_at_once_are_refused() -> None:
    tensor = Tensor("x", "BYTES", (ANY,))

    with pytest.raises(OversizedInputError) as raised:
        feeds_of(entry([], tensor=tensor, shape=[MAX_STRINGS + 1]), signature=of(tensor))

    assert str(raised.value) == (
        "input 'x': expected at most 500000 strings, got 500001; "
        "send fewer rows at a time, or a file for batch scoring"
    )


@pytest.mark.parametrize(
    ("datatype", "cell", "expected", "got"),
    [
        ("FP32", True, "a number", "true"),
        ("FP32", "1.5", "a number", '"1.5"'),
        ("FP32", None, "a number", "null"),
        ("FP32", [1], "a number", "an array of 1"),
        ("FP32", 1e39, "a number of magnitude up to 3.403e+38", "1e+39"),
        ("FP16", 65520, "a number of magnitude up to 6.55e+04", "65520"),
        ("INT32", 1.9, "a whole number from -2147483648 to 2147483647", "1.9"),
        ("UINT8", 256, "a whole number from 0 to 255", "256"),
        ("UINT8", -1, "a whole number from 0 to 255", "-1"),
        ("BOOL", 1, "true or false", "1"),
        ("BYTES", 1, "a string", "1"),
    ],
)
def test_numbers_are_as_strict_as_everywhere(
    datatype: str, cell: object, expected: str, got: str
) -> None:
    tensor = Tensor("x", datatype, (ANY,))
    good: object = {"BOOL": True, "BYTES": ""}.get(datatype, 1)

    misfit = misfit_of(entry([good, cell], tensor=tensor, shape=[2]), signature=of(tensor))

    assert misfit == (
        f"input 'x', element 1: expected {expected}, got {got}",
        (Misfit("/inputs/0/data/1", expected, got),),
    )


def test_every_wrong_element_is_pointed_at_also_where_data_nests() -> None:
    sentence, misfits = misfit_of(entry([[1, "a"], [2, 3], [None, 4]], shape=[3, 2]))

    assert sentence == "input 'X', element 1: expected a number, got \"a\" (and 1 more)"
    assert misfits == (
        Misfit("/inputs/0/data/0/1", "a number", '"a"'),
        Misfit("/inputs/0/data/2/0", "a number", "null"),
    )


def test_a_wrong_element_far_behind_is_found_where_it_is() -> None:
    cells = [0.5] * (2 * CHUNK_CELLS)
    place = CHUNK_CELLS + 7

    right = feeds_of(entry(cells, shape=[CHUNK_CELLS, 2]))
    sentence, misfits = misfit_of(
        entry([*cells[:place], None, *cells[place + 1 :]], shape=[CHUNK_CELLS, 2])
    )

    assert_equal(right["X"], np.full((CHUNK_CELLS, 2), 0.5, np.float32))
    assert sentence == f"input 'X', element {place}: expected a number, got null"
    assert misfits == (Misfit(f"/inputs/0/data/{place}", "a number", "null"),)


def test_an_open_extent_is_to_be_filled_in() -> None:
    assert misfit_of(entry([1, 2], shape=[-1, 2])) == (
        "input 'X': expected an extent for each -1, got [-1, 2]",
        (Misfit("/inputs/0/shape", "an extent for each -1", "[-1, 2]"),),
    )


def test_a_body_of_wrong_elements_is_not_told_of_each() -> None:
    sentence, misfits = misfit_of(entry([None] * 10_000, shape=[5000, 2]))

    assert len(misfits) == ENOUGH_FAULTS
    assert sentence.endswith("expected a number, got null (and at least 999 more)")


def test_wrong_elements_are_counted_wherever_they_are() -> None:
    cells: list[object] = [0.5] * (2 * CHUNK_CELLS)
    cells[3] = cells[-1] = None

    sentence, misfits = misfit_of(entry(cells, shape=[CHUNK_CELLS, 2]))

    assert sentence == "input 'X', element 3: expected a number, got null (and 1 more)"
    assert [misfit.pointer for misfit in misfits] == [
        "/inputs/0/data/3",
        f"/inputs/0/data/{2 * CHUNK_CELLS - 1}",
    ]


@pytest.mark.parametrize(
    ("entries", "sentence", "misfit"),
    [
        (
            [entry([1, 2], tensor=Tensor("Z", "FP32", (ANY, 2)))],
            'inputs: expected one of X, got "Z"',
            Misfit("/inputs/0/name", "one of X", '"Z"'),
        ),
        (
            [entry([1, 2]) | {"name": None}],
            "inputs: expected one of X, got null",
            Misfit("/inputs/0/name", "one of X", "null"),
        ),
        (
            [entry([1, 2]), entry([1, 2])],
            "input 'X': expected it once, got it again",
            Misfit("/inputs/1/name", "it once", "it again"),
        ),
        (
            [],
            "input 'X': expected FP32 [-1, 2], got nothing",
            Misfit("/inputs", "FP32 [-1, 2]", "nothing"),
        ),
        (
            [5],
            "inputs: expected an object, got 5",
            Misfit("/inputs/0", "an object", "5"),
        ),
        (
            [entry([1, 2]) | {"parameters": []}],
            "parameters: expected an object, got an array of 0",
            Misfit("/inputs/0/parameters", "an object", "an array of 0"),
        ),
    ],
    ids=["unknown", "unnamed", "twice", "missing", "no object", "parameters"],
)
def test_inputs_are_those_of_the_graph_each_once(
    entries: list[object], sentence: str, misfit: Misfit
) -> None:
    assert misfit_of(*entries) == (sentence, (misfit,))


@pytest.mark.parametrize("inputs", [None, {}, "X"])
def test_inputs_are_an_array(inputs: object) -> None:
    with pytest.raises(InvalidTensorError, match=r"^inputs: expected an array of objects, got "):
        decode_inputs({"inputs": inputs}, memoryview(b""), of(WIDE), ())


@pytest.mark.parametrize(
    ("size", "expected", "got"),
    [
        (9, "a number of bytes up to the 8 that there are", "9"),
        (-8, "a number of bytes up to the 8 that there are", "-8"),
        (8.0, "a number of bytes up to the 8 that there are", "8.0"),
        (True, "a number of bytes up to the 8 that there are", "true"),
        ("8", "a number of bytes up to the 8 that there are", '"8"'),
        (7, "the bytes of 2 elements of FP32", "7"),
    ],
)
def test_a_lying_size_is_refused(size: object, expected: str, got: str) -> None:
    given = {**entry(None), "parameters": {"binary_data_size": size}}
    del given["data"]

    assert misfit_of(given, binary=bytes(8)) == (
        f"input 'X': expected {expected}, got {got}",
        (Misfit("/inputs/0/parameters/binary_data_size", expected, got),),
    )


def test_data_comes_one_way_only() -> None:
    both = {**entry([1, 2]), "parameters": {"binary_data_size": 8}}

    assert misfit_of(both, binary=bytes(8)) == (
        "input 'X': expected none beside binary_data_size, got some",
        (Misfit("/inputs/0/data", "none beside binary_data_size", "some"),),
    )


def test_bytes_that_no_input_declares_are_refused() -> None:
    expected = "no bytes behind those that they declare"

    assert misfit_of(entry([1, 2]), binary=b"abc") == (
        f"inputs: expected {expected}, got 3 more",
        (Misfit("/inputs", expected, "3 more"),),
    )


@pytest.mark.parametrize(
    ("datatype", "content", "element", "expected"),
    [
        ("BOOL", b"\x01\x02", 1, "a byte of 0 or 1"),
        ("BYTES", b"\x01\0\0\0a\x01\0\0\0\xff", 1, "UTF-8"),
        ("BYTES", b"\x03\0\0\0\xed\xa0\x80\0\0\0\0", 0, "UTF-8"),
    ],
)
def test_bytes_that_are_no_element_are_refused(
    datatype: str, content: bytes, element: int, expected: str
) -> None:
    tensor = Tensor("x", datatype, (ANY,))
    size = {"binary_data_size": len(content)}
    given = {"name": "x", "datatype": datatype, "shape": [2], "parameters": size}

    assert misfit_of(given, signature=of(tensor), binary=content) == (
        f"input 'x', element {element}: expected {expected}, got something else",
        (Misfit("/inputs/0", expected, "something else"),),
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\0\0\0\0", b"\0\0\0\0" * 3, b"\0\0\0\0\x02\0\0\0a", b"\xff" * 8],
)
def test_strings_fill_their_bytes_exactly(content: bytes) -> None:
    tensor = Tensor("x", "BYTES", (ANY,))
    size = {"binary_data_size": len(content)}
    given = {"name": "x", "datatype": "BYTES", "shape": [2], "parameters": size}

    sentence, _ = misfit_of(given, signature=of(tensor), binary=content)

    assert sentence == f"input 'x': expected the bytes of 2 elements of BYTES, got {len(content)}"


BOUNDED = """
[features]
a = { kind = "number", minimum = 1 }
b = { kind = "number", maximum = 9 }
"""


def test_the_bounds_of_the_card_hold_as_they_do_for_rows() -> None:
    inside = feeds_of(entry([1, 9, 2, -5], shape=[2, 2]), card=BOUNDED)
    below = misfit_of(entry([1, 9, 0, 9], shape=[2, 2]), card=BOUNDED)
    above = misfit_of(entry([1, 9, 1, 10], shape=[2, 2]), card=BOUNDED)

    assert_equal(inside["X"], np.array([[1, 9], [2, -5]], np.float32))
    assert below == (
        "input 'X', element 2: expected at least 1, got 0.0",
        (Misfit("/inputs/0/data/2", "at least 1", "0.0"),),
    )
    assert above[1] == (Misfit("/inputs/0/data/3", "at most 9", "10.0"),)


OPEN = of(Tensor("X", "FP32", (ANY, ANY)))


@pytest.mark.parametrize("width", [0, 1, 3])
def test_bounds_are_those_of_as_many_columns_as_the_card_has(width: int) -> None:
    given = entry([1] * width, shape=[1, width])

    assert misfit_of(given, signature=OPEN, card=BOUNDED) == (
        f"input 'X': expected FP32 [-1, 2], as the card bounds it, got FP32 [1, {width}]",
        (Misfit("/inputs/0/shape", "FP32 [-1, 2], as the card bounds it", f"FP32 [1, {width}]"),),
    )


def test_of_an_open_width_without_bounds_there_may_be_any_number_of_columns() -> None:
    card = '[features]\na = { kind = "number" }\nb = { kind = "number" }'

    feeds = feeds_of(entry([1, 2, 3], shape=[1, 3]), signature=OPEN, card=card)

    assert_equal(feeds["X"], np.array([[1, 2, 3]], np.float32))


def test_bounds_of_numbers_that_the_card_scales_are_for_rows_alone() -> None:
    card = """
    [features]
    a = { kind = "number", minimum = 100, mean = 100, std = 10 }
    b = { kind = "number", minimum = 100 }
    """

    feeds = feeds_of(entry([-1, 5]), card=card)

    assert_equal(feeds["X"], np.array([[-1, 5]], np.float32))


def test_what_is_no_number_is_not_within_bounds() -> None:
    content = np.array([1, np.nan], np.float32).tobytes()
    given = {**entry(None), "parameters": {"binary_data_size": 8}}
    del given["data"]

    free = feeds_of(given, binary=content)
    _, misfits = misfit_of(given, binary=content, card=BOUNDED)

    assert np.isnan(free["X"]).tolist() == [[False, True]]
    assert misfits == (Misfit("/inputs/0", "at most 9", "nan"),)


def test_a_card_may_let_nan_through_for_what_is_missing() -> None:
    card = BOUNDED.replace("maximum = 9", 'maximum = 9, missing = "nan"')
    content = np.array([1, np.nan], np.float32).tobytes()
    given = {**entry(None), "parameters": {"binary_data_size": 8}}
    del given["data"]

    feeds = feeds_of(given, binary=content, card=card)

    assert np.isnan(feeds["X"]).tolist() == [[False, True]]


LABEL = Tensor("label", "BYTES", (ANY,))
SCORES = Tensor("scores", "MAP", (ANY,))
GIVES = Signature((), (LABEL, SCORES))


@pytest.mark.parametrize(
    ("document", "requested"),
    [
        ({}, [(LABEL, False), (SCORES, False)]),
        ({"outputs": []}, [(LABEL, False), (SCORES, False)]),
        ({"parameters": {"binary_data_output": True}}, [(LABEL, True), (SCORES, True)]),
        ({"outputs": [{"name": "scores"}]}, [(SCORES, False)]),
        (
            {
                "outputs": [
                    {"name": "scores", "parameters": {"binary_data": False}},
                    {"name": "label", "parameters": {"classification": 2}},
                ],
                "parameters": {"binary_data_output": True},
            },
            [(SCORES, False), (LABEL, True)],
        ),
        (
            {"outputs": [{"name": "label", "parameters": {"binary_data": True}}]},
            [(LABEL, True)],
        ),
    ],
)
def test_outputs_are_those_asked_for_or_all(
    document: dict[str, object], requested: list[tuple[Tensor, bool]]
) -> None:
    expected = tuple(RequestedOutput(tensor, binary) for tensor, binary in requested)

    assert decode_outputs(document, GIVES) == expected


@pytest.mark.parametrize(
    ("document", "sentence", "pointer"),
    [
        (
            {"outputs": [{"name": "score"}]},
            'outputs: expected one of label, scores, got "score"',
            "/outputs/0/name",
        ),
        (
            {"outputs": [{"name": "label"}, {"name": "label"}]},
            "output 'label': expected it once, got it again",
            "/outputs/1/name",
        ),
        ({"outputs": ["label"]}, 'outputs: expected an object, got "label"', "/outputs/0"),
        ({"outputs": {}}, "outputs: expected an array of objects, got an object", "/outputs"),
        ({"parameters": 1}, "parameters: expected an object, got 1", "/parameters"),
        (
            {"parameters": {"binary_data_output": "yes"}},
            'binary_data_output: expected true or false, got "yes"',
            "/parameters/binary_data_output",
        ),
        (
            {"outputs": [{"name": "label", "parameters": {"binary_data": 1}}]},
            "binary_data: expected true or false, got 1",
            "/outputs/0/parameters/binary_data",
        ),
    ],
)
def test_outputs_that_are_not_there_are_refused(
    document: dict[str, object], sentence: str, pointer: str
) -> None:
    with pytest.raises(InvalidTensorError) as raised:
        decode_outputs(document, GIVES)

    [misfit] = raised.value.misfits
    assert (str(raised.value), misfit.pointer) == (sentence, pointer)


def test_json_is_flat_in_the_shortest_text_with_null_for_what_it_cannot_hold() -> None:
    tensor = Tensor("y", "FP32", (ANY, 2))
    values = np.array([[0.1, np.nan], [-np.inf, 1e30]], np.float32)

    outputs, binary = encode_outputs({"y": values}, [RequestedOutput(tensor, binary=False)])

    assert orjson.dumps(outputs, option=orjson.OPT_SERIALIZE_NUMPY) == (
        b'[{"name":"y","datatype":"FP32","shape":[2,2],"data":[0.1,null,null,1e+30]}]'
    )
    assert binary == b""


@pytest.mark.parametrize("datatype", sorted(NUMPY_NAMES))
def test_every_numeric_datatype_goes_in_json(datatype: str) -> None:
    tensor = Tensor("y", datatype, (ANY,))
    values = np.array([0, 1], NUMPY_NAMES[datatype])

    outputs, _ = encode_outputs({"y": values}, [RequestedOutput(tensor, binary=False)])

    [output] = orjson.loads(orjson.dumps(outputs, option=orjson.OPT_SERIALIZE_NUMPY))
    assert output == {"name": "y", "datatype": datatype, "shape": [2], "data": [0, 1]}


def test_maps_go_as_one_json_object_per_row() -> None:
    raw = {"scores": [{"no": 0.1, "yes": float("nan")}, {"no": 1.0, "yes": 0.0}]}
    rows = ['{"no":0.1,"yes":null}', '{"no":1.0,"yes":0.0}']

    in_json, _ = encode_outputs(raw, [RequestedOutput(SCORES, binary=False)])
    in_binary, binary = encode_outputs(raw, [RequestedOutput(SCORES, binary=True)])

    described = {"name": "scores", "datatype": "BYTES", "shape": (2,)}
    assert in_json == [{**described, "data": rows}]
    assert in_binary == [{**described, "parameters": {"binary_data_size": len(binary)}}]
    assert binary == b"".join(struct.pack("<I", len(row)) + row.encode() for row in rows)
