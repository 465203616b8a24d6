"""Features: columns by the graph's names alone, or by what the card makes of them."""

from __future__ import annotations

import pytest
from onnx import TensorProto

from serving.card import parse_card
from serving.errors import ConfigurationError
from serving.features import Column, Columns, plan
from serving.signature import ANY, Signature, Tensor
from tests import graphs
from tests.conftest import LoadModel

WIDE = Tensor("X", "FP32", (ANY, 3))
AREA = Tensor("area", "FP32", (ANY, 1))
ROOMS = Tensor("rooms", "INT64", (ANY,))
HEAT = Tensor("heat", "BYTES", (ANY, 1))
IMAGE = Tensor("image", "UINT8", (ANY, 2, 2))
IDS = Tensor("input_ids", "INT64", (ANY, 128))
TOKENS = Tensor("tokens", "INT64", (ANY, ANY))
FLAG = Tensor("flag", "BOOL", (ANY, 1))
BYTE = Tensor("byte", "INT8", (ANY, 1))


def planned(inputs: list[Tensor], features: str = "") -> tuple[Column, ...]:
    card = parse_card(f"live = 1\n[features]\n{features}".encode(), source="model.toml")
    return plan(Signature(tuple(inputs), ()), card)


@pytest.mark.parametrize(
    ("tensor", "columns"),
    [
        (WIDE, (Column("X_0", WIDE, 0), Column("X_1", WIDE, 1), Column("X_2", WIDE, 2))),
        (AREA, (Column("area", AREA),)),
        (ROOMS, (Column("rooms", ROOMS),)),
        (IMAGE, (Column("image", IMAGE),)),
        (TOKENS, (Column("tokens", TOKENS),)),
    ],
)
def test_without_a_card_columns_are_named_by_their_input(
    tensor: Tensor, columns: tuple[Column, ...]
) -> None:
    assert planned([tensor]) == columns


def test_without_a_card_every_input_gives_its_columns_in_the_graphs_order() -> None:
    columns = planned([ROOMS, WIDE, HEAT])

    assert [column.name for column in columns] == ["rooms", "X_0", "X_1", "X_2", "heat"]


@pytest.mark.parametrize(
    ("tensor", "shape"),
    [(WIDE, ()), (AREA, ()), (ROOMS, ()), (IMAGE, (2, 2)), (TOKENS, (ANY,))],
)
def test_a_column_knows_the_shape_of_its_cells(tensor: Tensor, shape: tuple[int, ...]) -> None:
    assert {column.shape for column in planned([tensor])} == {shape}


def test_one_feature_per_input_is_found_by_its_name_and_stands_where_the_card_has_it() -> None:
    columns = planned([AREA, HEAT], "heat = { kind = 'text' }\narea = { kind = 'number' }")

    assert [(column.name, column.tensor, column.position) for column in columns] == [
        ("heat", HEAT, None),
        ("area", AREA, None),
    ]


def test_a_feature_may_have_another_name_than_its_input() -> None:
    columns = planned([AREA], "lotsize = { kind = 'number', tensor = 'area' }")

    assert [(column.name, column.tensor, column.position) for column in columns] == [
        ("lotsize", AREA, None)
    ]


def test_several_features_fill_the_one_wide_input_in_the_cards_order() -> None:
    columns = planned(
        [WIDE], "c = { kind = 'number' }\na = { kind = 'number' }\nb = { kind = 'number' }"
    )

    assert [(column.name, column.tensor, column.position) for column in columns] == [
        ("c", WIDE, 0),
        ("a", WIDE, 1),
        ("b", WIDE, 2),
    ]


def test_features_that_name_no_input_fill_the_one_that_is_left() -> None:
    columns = planned(
        [HEAT, WIDE],
        """
        a = { kind = "number" }
        heat = { kind = "text" }
        b = { kind = "number" }
        c = { kind = "number" }
        """,
    )

    assert [(column.name, column.tensor.name, column.position) for column in columns] == [
        ("a", "X", 0),
        ("heat", "heat", None),
        ("b", "X", 1),
        ("c", "X", 2),
    ]


def test_an_open_width_is_as_wide_as_its_features() -> None:
    columns = planned([TOKENS], "a = { kind = 'number' }\nb = { kind = 'number' }")

    assert [(column.name, column.position, column.shape) for column in columns] == [
        ("a", 0, ()),
        ("b", 1, ()),
    ]


def test_an_input_of_higher_rank_is_one_feature_of_nested_arrays() -> None:
    [column] = planned([IMAGE], "photo = { kind = 'number' }")

    assert (column.name, column.position, column.shape) == ("photo", None, (2, 2))


@pytest.mark.parametrize(
    ("inputs", "features", "sentence"),
    [
        (
            [WIDE],
            "a = { kind = 'number' }",
            "features: expected 3 feature(s) for input 'X' [-1, 3], got 1",
        ),
        (
            [AREA, HEAT],
            "area = { kind = 'number' }",
            "features: expected 1 feature(s) for input 'heat' [-1, 1], got 0",
        ),
        (
            [AREA],
            "area = { kind = 'number' }\nb = { kind = 'number', tensor = 'area' }",
            "features: expected 1 feature(s) for input 'area' [-1, 1], got 2",
        ),
        (
            [TOKENS, AREA],
            "area = { kind = 'number' }",
            "features: expected -1 feature(s) for input 'tokens' [-1, -1], got 0",
        ),
        (
            [AREA, HEAT],
            "size = { kind = 'number' }",
            "features.size.tensor: expected one of the graph's inputs area, heat, got 'size'",
        ),
        (
            [AREA],
            "size = { kind = 'number', tensor = 'arae' }",
            "features.size.tensor: expected one of the graph's inputs area, got 'arae'",
        ),
        (
            [HEAT],
            "heat = { kind = 'number' }",
            (
                "features.heat.kind: expected one that fits input 'heat' of BYTES "
                "(number: numeric; category: BYTES, or numeric by encode or codes; text: "
                "BYTES), got 'number'"
            ),
        ),
        (
            [AREA],
            "area = { kind = 'category' }",
            (
                "features.area.kind: expected one that fits input 'area' of FP32 "
                "(number: numeric; category: BYTES, or numeric by encode or codes; text: "
                "BYTES), got 'category'"
            ),
        ),
        (
            [ROOMS],
            "rooms = { kind = 'number', missing = 'nan' }",
            "features.rooms.missing: \"nan\" needs a float input, 'rooms' is INT64",
        ),
        (
            [ROOMS],
            "rooms = { kind = 'number', missing = 'fill', fill = 1.5 }",
            "features.rooms.fill: expected a whole number of 64 bits for input 'rooms', got 1.5",
        ),
        (
            [FLAG],
            "flag = { kind = 'number', missing = 'fill', fill = 1 }",
            "features.flag.fill: expected true or false for input 'flag', got 1",
        ),
        (
            [BYTE],
            "byte = { kind = 'number', maximum = 1000 }",
            (
                "features.byte.maximum: expected a whole number from -128 to 127 for input 'byte', "
                "got 1000"
            ),
        ),
        *(
            (
                inputs,
                "review = { kind = 'text' }",
                (
                    "features.review.tokenizer: expected one, whose tokens go into input "
                    "'input_ids' of INT64, got nothing"
                ),
            )
            for inputs in [[IDS], [IDS, IDS._replace(name="attention_mask")]]
        ),
        (
            [AREA],
            "area = { kind = 'number', minimum = -1e39 }",
            (
                "features.area.minimum: expected a number of magnitude up to 3.403e+38 for input "
                "'area', got -1e+39"
            ),
        ),
        *(
            (
                [IMAGE],
                f"image = {{ kind = 'number', {constraint} }}",
                (
                    "features.image: expected no missing, categories, minimum or maximum, which "
                    "hold for single cells: input 'image' is [-1, 2, 2]"
                ),
            )
            for constraint in ["minimum = 0", "maximum = 9", "missing = 'fill', fill = 0"]
        ),
    ],
)
def test_features_that_do_not_fit_the_graph_are_named(
    inputs: list[Tensor], features: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        planned(inputs, features)

    assert str(raised.value) == f"model.toml: {sentence}"


def test_a_model_whose_card_does_not_fit_does_not_load(load_model: LoadModel) -> None:
    card = "live = 1\n[features]\na = { kind = 'text' }\nb = { kind = 'number' }"

    with pytest.raises(ConfigurationError, match=r"^/.*/example/model\.toml: features\.a\.kind: "):
        load_model(graphs.total(2), card=card)


def test_a_wide_model_of_any_type_has_numbered_columns(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.STRING, (None, 2)))

    assert [column.name for column in model.columns] == ["x_0", "x_1"]


def test_columns_of_columns_are_themselves() -> None:
    columns = planned([WIDE])

    assert Columns(columns) is columns


def test_an_open_extent_counts_as_one_cell_of_a_row() -> None:
    assert Columns(planned([WIDE, IMAGE, TOKENS, HEAT])).row_size == 3 + 4 + 1 + 1


def test_scalars_of_one_type_are_a_group_and_so_is_each_array() -> None:
    columns = Columns(planned([AREA, IMAGE, HEAT, WIDE, TOKENS]))

    assert [[column.name for column in group] for group in columns.groups] == [
        ["image"],
        ["tokens"],
        ["area", "X_0", "X_1", "X_2"],
        ["heat"],
    ]


@pytest.mark.parametrize(
    ("inputs", "fit"),
    [([WIDE], True), ([AREA, WIDE], True), ([ROOMS], False), ([WIDE, HEAT], False)],
)
def test_floats_of_one_type_fit_a_matrix(inputs: list[Tensor], *, fit: bool) -> None:
    assert Columns(planned(inputs)).fit_a_matrix is fit


def test_arrays_and_floats_of_several_types_fit_no_matrix() -> None:
    double = Tensor("double", "FP64", (ANY, 1))
    grid = Tensor("grid", "FP32", (ANY, 2, 2))

    assert not Columns(planned([AREA, double])).fit_a_matrix
    assert not Columns(planned([grid])).fit_a_matrix
    assert not Columns(planned([AREA, grid])).fit_a_matrix
