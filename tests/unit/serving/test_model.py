"""A model runs rows: the same row, the same bits, whatever runs beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from serving.card import parse_card
from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.errors import ConfigurationError, InvalidInputError, ModelError
from serving.features import Column
from serving.feeds import Feeds
from serving.model import Model
from serving.predictions import NamedOutput
from serving.signature import ANY, Tensor
from tests import graphs
from tests.conftest import LoadModel

WIDTH = 7
LARGEST = 4096
BATCH_SIZES = [1, 2, 63, 64, LARGEST]

float32s = st.floats(width=32, allow_nan=False, allow_infinity=False)


GRAPHS = {
    "linear": graphs.linear(WIDTH),
    "trees": graphs.boosted_stumps(WIDTH),
    "perceptron": graphs.perceptron(WIDTH),
}


@pytest.fixture(scope="module", params=list(GRAPHS))
def canonical(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory = tmp_path_factory.mktemp("models") / request.param / "1"
    graphs.save(GRAPHS[request.param], directory)
    return Model.load(Deployment(directory, request.param, 1))


def bits(model: Model, rows: np.ndarray[Any, Any]) -> list[bytes]:
    [output] = model.predict({"X": rows}, len(rows)).values()
    assert isinstance(output, np.ndarray)
    return [row.tobytes() for row in output]


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_a_row_has_the_same_bits_in_a_batch_of_any_size(canonical: Model, batch_size: int) -> None:
    rows = np.random.default_rng(1).standard_normal((LARGEST, WIDTH)).astype(np.float32)
    whole = bits(canonical, rows)
    starts = range(0, 256 if batch_size == 1 else LARGEST, batch_size)

    batches = [bits(canonical, rows[start : start + batch_size]) for start in starts]

    together = [row for batch in batches for row in batch]
    assert together == whole[: len(together)]


@settings(max_examples=50)
@given(
    row=st.lists(float32s, min_size=WIDTH, max_size=WIDTH),
    other=st.lists(st.floats(width=32), min_size=WIDTH, max_size=WIDTH),
    batch_size=st.sampled_from([2, 63, 64]),
    data=st.data(),
)
def test_neither_its_place_nor_its_neighbours_change_a_rows_bits(
    canonical: Model, row: list[float], other: list[float], batch_size: int, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, batch_size - 1))
    batch = np.array([other] * batch_size, np.float32)
    batch[position] = row

    alone = bits(canonical, np.array([row], np.float32))

    assert alone == [bits(canonical, batch)[position]]


def test_a_loaded_model_knows_what_it_serves(load_model: LoadModel, tmp_path: Path) -> None:
    toml = 'live = 1\ntitle = "Sum"\n[features]\na = { kind = "number" }\nb = { kind = "number" }'
    card = parse_card(toml.encode(), source=f"{tmp_path}/models/adder/model.toml")
    libraries = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}

    model = load_model(graphs.total(), card=toml, name="adder")

    wide, total = Tensor("X", "FP32", (ANY, 2)), Tensor("total", "FP32", (ANY, 1))
    assert (model.name, model.version, model.card) == ("adder", 1, card)
    assert model.digest == scoring_digest(tmp_path / "models" / "adder" / "1", card, libraries)
    assert model.outputs == (NamedOutput("total", total),)
    assert model.columns == (
        Column("a", wide, 0, card.features[0]),
        Column("b", wide, 1, card.features[1]),
    )


def test_outputs_that_the_card_does_not_name_are_not_computed(load_model: LoadModel) -> None:
    card = """
        live = 1
        [features]
        area = { kind = "number" }
        rooms = { kind = "number" }
        kind = { kind = "text" }
        [outputs]
        worth = { tensor = "price" }
    """
    model = load_model(graphs.sale(), card=card)
    feeds: Feeds = {
        "area": np.array([[2.5]], np.float32),
        "rooms": np.array([[2]], np.int64),
        "kind": np.array([["flat"]], object),
    }

    outputs = model.predict(feeds, 1)

    assert {name: np.asarray(values).tolist() for name, values in outputs.items()} == {
        "price": [[5.0]]
    }


def test_a_graph_fixed_to_one_row_runs_row_by_row(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, (1, 3)))
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)

    outputs = model.predict({"x": rows}, 4)

    np.testing.assert_array_equal(np.asarray(outputs["y"]), rows)


def test_a_graph_fixed_to_one_row_may_answer_in_maps(load_model: LoadModel) -> None:
    graph = graphs.classifier()
    graph.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    model = load_model(graph)

    outputs = model.predict({"X": np.array([[3, 1], [1, 3]], np.float32)}, 2)

    assert np.asarray(outputs["label"]).tolist() == ["no", "yes"]
    assert outputs["probabilities"] == [{"no": 3.0, "yes": 1.0}, {"no": 1.0, "yes": 3.0}]


@pytest.mark.parametrize("shape", [(2, 2), (), (0, 1)])
def test_a_graph_without_a_batch_axis_takes_no_rows(
    load_model: LoadModel, shape: tuple[int, ...]
) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, shape))

    with pytest.raises(InvalidInputError) as raised:
        model.predict({"x": np.zeros((1, *shape[1:]), np.float32)}, 1)

    assert str(raised.value) == (
        "model example: expected inputs with a common batch axis, "
        f"got [{list(shape)}]; it takes no rows, but tensors, by infer"
    )


def test_a_run_that_fails_is_the_models_error_and_does_not_quote_the_row(
    load_model: LoadModel,
) -> None:
    model = load_model(graphs.parser())

    with pytest.raises(ModelError) as raised:
        model.predict({"text": np.array([["a secret"], ["1.5"]], object)}, 2)

    assert str(raised.value) == "model example failed on these rows"


def test_a_model_predicts_again_after_a_run_that_failed(load_model: LoadModel) -> None:
    model = load_model(graphs.parser())
    with pytest.raises(ModelError):
        model.predict({"text": np.array([["one"]], object)}, 1)

    outputs = model.predict({"text": np.array([["1.5"]], object)}, 1)

    assert np.asarray(outputs["number"]).tolist() == [[1.5]]


def reduction(input_shape: tuple[int | None, ...], *, keepdims: int) -> onnx.ModelProto:
    """x -> y: the sum over all rows."""
    return graphs.model(
        [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=keepdims)],
        [graphs.tensor("x", TensorProto.FLOAT, input_shape)],
        [graphs.tensor("y", TensorProto.FLOAT, None)],
    )


@pytest.mark.parametrize(
    ("graph", "length", "sentence"),
    [
        (
            reduction((None, 2), keepdims=1),
            3,
            "output 'y': expected 3 rows, got 1",
        ),
        (
            reduction((None, 2), keepdims=1),
            1,
            "output 'y': expected 2 rows, got 1",
        ),
        (
            reduction((None, 2), keepdims=0),
            3,
            "output 'y': expected 3 rows, got none",
        ),
        (
            reduction((1, 2), keepdims=0),
            2,
            "output 'y': expected 1 rows, got none",
        ),
    ],
)
def test_an_output_that_is_not_one_entry_per_row_is_the_models_error(
    load_model: LoadModel, graph: onnx.ModelProto, length: int, sentence: str
) -> None:
    model = load_model(graph)

    with pytest.raises(ModelError) as raised:
        model.predict({"x": np.ones((length, 2), np.float32)}, length)

    assert str(raised.value) == sentence


def bare_run(graph: onnx.ModelProto, feeds: Feeds) -> list[np.ndarray[Any, Any]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
    outputs: list[np.ndarray[Any, Any]] = session.run(None, feeds)
    return outputs


@pytest.mark.parametrize("kind", list(GRAPHS))
@pytest.mark.parametrize("length", [1, 2, 63, 64])
def test_tensors_run_to_the_bits_of_a_bare_session(
    load_model: LoadModel, kind: str, length: int
) -> None:
    model = load_model(GRAPHS[kind])
    rows = np.random.default_rng(2).standard_normal((length, WIDTH)).astype(np.float32)

    outputs = model.run({"X": rows}, ["y"])

    [expected] = bare_run(GRAPHS[kind], {"X": rows})
    assert np.asarray(outputs["y"]).tobytes() == expected.tobytes()


def test_of_the_graphs_outputs_those_run_that_are_wanted(load_model: LoadModel) -> None:
    model = load_model(graphs.classifier())

    outputs = model.run({"X": np.array([[3, 1]], np.float32)}, ["probabilities"])

    assert outputs == {"probabilities": [{"no": 3.0, "yes": 1.0}]}


@pytest.mark.parametrize(
    ("declared", "shape"),
    [((), ()), ((2, 3), (2, 3)), ((None, None, 4), (2, 0, 4)), ((1, 2), (1, 2)), ((1, 2), (5, 2))],
    ids=["scalar", "no batch axis", "empty state", "one row", "one row, five times"],
)
def test_tensors_run_in_the_shape_that_they_have(
    load_model: LoadModel, declared: tuple[int | None, ...], shape: tuple[int, ...]
) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, declared))
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)

    outputs = model.run({"x": values}, ["y"])

    np.testing.assert_array_equal(np.asarray(outputs["y"]), values, strict=True)


@pytest.mark.parametrize(("left", "right"), [(2, 3), (0, 0), (1, 2)])
def test_a_graph_fixed_to_one_row_wants_as_many_in_every_input(
    load_model: LoadModel, left: int, right: int
) -> None:
    graph = graphs.model(
        [helper.make_node("Add", ["a", "b"], ["y"])],
        [graphs.tensor(name, TensorProto.FLOAT, (1, 2)) for name in "ab"],
        [graphs.tensor("y", TensorProto.FLOAT, (1, 2))],
    )
    feeds = {"a": np.ones((left, 2), np.float32), "b": np.ones((right, 2), np.float32)}

    with pytest.raises(InvalidInputError) as raised:
        load_model(graph).run(feeds, ["y"])

    assert str(raised.value) == (
        f"inputs: expected rows, as many in each, got {[[left, 2], [right, 2]]}"
    )


@pytest.mark.parametrize("content", [b"", b"no graph at all", b"\x08\x0a"])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    directory = tmp_path / "example" / "1"
    directory.mkdir(parents=True)
    (directory / "model.onnx").write_bytes(content)

    with pytest.raises(ConfigurationError) as raised:
        Model.load(Deployment(directory, "example", 1))

    assert str(raised.value).startswith(
        f"{directory}/model.onnx: expected a model onnxruntime can load: "
    )


def test_a_directory_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Model.load(Deployment(tmp_path, "example", 1))

    assert str(raised.value).startswith(f"{tmp_path}/model.onnx: expected a model ")


def test_an_output_that_is_declared_without_rows_is_no_prediction(load_model: LoadModel) -> None:
    nonzero = graphs.model(
        [helper.make_node("NonZero", ["X"], ["places"])],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("places", TensorProto.INT64, [2, None])],
    )
    model = load_model(nonzero)

    with pytest.raises(InvalidInputError) as raised:
        model.predict({"X": np.ones((1, 2), np.float32)}, 1)

    assert str(raised.value) == (
        "output 'places': expected an entry for each row, got [2, -1]; leave it out of the card's "
        "outputs, or ask for its tensor by infer"
    )
