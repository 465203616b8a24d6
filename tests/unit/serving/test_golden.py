"""Golden rows: a version that predicts them serves, and what it predicts otherwise is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import orjson
import pytest
from onnx import TensorProto

from serving.deployment import Deployment
from serving.errors import GoldenError
from serving.golden import Golden, read_golden, require_golden
from serving.model import Model
from tests import graphs

TOTALS = {"instances": [[1, 2], [3, 4.5]], "predictions": [{"total": 3.0}, {"total": 7.5}]}
HOUSING = Path(__file__).parents[3] / "models" / "housing" / "1"


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return graphs.save(graphs.total(), tmp_path / "adder" / "1")


def write(version: Path, golden: object) -> None:
    (version / "golden.json").write_bytes(orjson.dumps(golden))


def relu(width: int) -> onnx.ModelProto:
    return graphs.model(
        [graphs.helper.make_node("Relu", ["x"], ["y"])],
        [graphs.tensor("x", TensorProto.FLOAT, [None, width])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, width])],
    )


def load(version: Path) -> Model:
    return Model.load(Deployment(version, "adder", 1))


def with_predictions(*totals: object) -> dict[str, Any]:
    return TOTALS | {"predictions": [{"total": total} for total in totals]}


def test_a_version_that_predicts_its_golden_rows_is_as_promised(version: Path) -> None:
    write(version, TOTALS)

    require_golden(load(version), version)


def test_a_version_without_golden_rows_promises_none(version: Path) -> None:
    require_golden(load(version), version)

    assert read_golden(version) is None


def test_the_golden_rows_are_those_of_the_file(version: Path) -> None:
    write(version, TOTALS)

    assert read_golden(version) == Golden(TOTALS["instances"], TOTALS["predictions"])


def test_the_first_difference_is_named_by_row_and_output(version: Path) -> None:
    write(version, with_predictions(3.0, 7.25))

    with pytest.raises(GoldenError, match=r"row 1, total: expected 7\.25, got 7\.5; either"):
        require_golden(load(version), version)


@pytest.mark.parametrize("total", [None, True, "3.0", [3.0], {"yes": 3.0}, 3.0000005])
def test_a_golden_value_of_another_kind_or_size_is_a_difference(
    version: Path, total: object
) -> None:
    write(version, with_predictions(total, 7.5))

    with pytest.raises(GoldenError, match="row 0, total: expected"):
        require_golden(load(version), version)


def test_an_output_that_the_model_does_not_have_is_a_difference(version: Path) -> None:
    write(version, TOTALS | {"predictions": [{"total": 3.0, "tax": 1}, {"total": 7.5}]})

    with pytest.raises(GoldenError, match="row 0: expected total, tax, got total;"):
        require_golden(load(version), version)


def test_a_number_counts_in_the_type_of_the_graph(version: Path) -> None:
    exact_float64 = float(np.float32(0.1) + np.float32(0.2))
    write(version, {"instances": [[0.1, 0.2]] * 2, "predictions": [{"total": exact_float64}] * 2})

    require_golden(load(version), version)


@pytest.mark.parametrize(("total", "is_near"), [(3.0003, True), (2.9997, True), (3.0005, False)])
def test_the_cards_tolerance_is_absolute_and_relative(
    version: Path, total: float, *, is_near: bool
) -> None:
    (version.parent / "model.toml").write_text("live = 1\n[golden]\ntolerance = 1e-4\n")
    write(version, with_predictions(total, 7.5))
    model = load(version)

    if is_near:
        require_golden(model, version)
    else:
        with pytest.raises(GoldenError, match=r"row 0, total: expected 3\.0005, got 3\.0"):
            require_golden(model, version)


def test_wide_outputs_labels_and_maps_are_compared_element_by_element(tmp_path: Path) -> None:
    version = graphs.save(graphs.classifier(), tmp_path / "voter" / "1")
    prediction = {"label": "yes", "probabilities": {"no": 1.0, "yes": 2.5}}
    write(version, {"instances": [[1, 2.0]], "predictions": [prediction]})

    with pytest.raises(GoldenError, match=r"row 0, probabilities, yes: expected 2\.5, got 2\.0"):
        require_golden(load(version), version)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1.0], "an array of 1"),
        ([1.0] * 4, "an array of 4"),
        ([], "an array of 0"),
        (1.0, "1.0"),
        (None, "null"),
        ("1.0", '"1.0"'),
        ({"0": 1.0}, "an object"),
    ],
)
def test_a_golden_value_of_another_width_is_a_difference(
    tmp_path: Path, value: object, sentence: str
) -> None:
    version = graphs.save(relu(3), tmp_path / "rectifier" / "1")
    write(version, {"instances": [[1, 2, 3]], "predictions": [{"y": value}]})

    with pytest.raises(GoldenError, match=f"row 0, y: expected {sentence}, got an array of 3; "):
        require_golden(load(version), version)


@pytest.mark.parametrize("value", [1e300, -1e300, 2**63])
def test_a_golden_number_beyond_the_graphs_type_is_a_difference(
    version: Path, value: float
) -> None:
    write(version, with_predictions(3.0, value))

    with pytest.raises(GoldenError, match=r"row 1, total: expected .*, got 7\.5"):
        require_golden(load(version), version)


def test_a_prediction_that_json_cannot_hold_is_null(tmp_path: Path) -> None:
    version = graphs.save(
        graphs.model(
            [graphs.helper.make_node("Log", ["x"], ["y"])],
            [graphs.tensor("x", TensorProto.FLOAT, [None, 1])],
            [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
        ),
        tmp_path / "logarithm" / "1",
    )
    write(version, {"instances": [[0], [-1]], "predictions": [{"y": None}, {"y": None}]})

    require_golden(load(version), version)


def test_golden_rows_that_cannot_be_predicted_name_the_row(version: Path) -> None:
    write(version, TOTALS | {"instances": [[1, 2], [3, "four"]]})

    with pytest.raises(GoldenError) as raised:
        require_golden(load(version), version)

    assert str(raised.value) == (
        f"{version}/golden.json: expected rows that the model predicts: row 1: X_1: expected a "
        'number, got "four"; `make golden MODEL=adder FROM=rows.csv CONFIRM=1` writes other ones'
    )


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{}", b'{"instances": [[1, 2]]}', b'{"instances": 1, "predictions": 1}',
     b'{"instances": {"0": [1, 2]}, "predictions": [1]}', b'{"instances": "a", "predictions": "b"}',
     b'{"instances": [[1, 2]], "predictions": {"0": 3}}'],
)  # fmt: skip
def test_a_file_that_holds_no_golden_rows_says_what_it_should_hold(
    version: Path, content: bytes
) -> None:
    (version / "golden.json").write_bytes(content)

    with pytest.raises(GoldenError, match=r"\]\}, got JSON without these two arrays$"):
        read_golden(version)


@pytest.mark.parametrize("content", [b"", b'{"instances": [[1, 2]],}'])
def test_a_file_that_is_no_json_is_told_so(version: Path, content: bytes) -> None:
    (version / "golden.json").write_bytes(content)

    with pytest.raises(GoldenError, match=r"golden\.json: expected JSON: .* line 1 column"):
        read_golden(version)


@pytest.mark.parametrize(
    ("golden", "got"),
    [
        ({"instances": [], "predictions": []}, "0 prediction(s) for 0 row(s)"),
        ({"instances": [[1, 2]], "predictions": []}, "0 prediction(s) for 1 row(s)"),
        (TOTALS | {"instances": [[1, 2]]}, "2 prediction(s) for 1 row(s)"),
    ],
)
def test_rows_and_predictions_are_as_many(version: Path, golden: object, got: str) -> None:
    write(version, golden)

    with pytest.raises(GoldenError) as raised:
        read_golden(version)

    assert str(raised.value) == (
        f"{version}/golden.json: expected rows and a prediction for each, got {got}"
    )


def test_the_housing_model_predicts_its_golden_rows() -> None:
    require_golden(Model.load(Deployment(HOUSING, "housing", 1)), HOUSING)
