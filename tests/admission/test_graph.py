"""What a model file declares is what onnxruntime says of it, without a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from admission.graph import read_graph
from serving.errors import ConfigurationError
from serving.signature import read_signature
from tests import graphs
from tests.functional.golden import HOUSING

KINDS = [
    TensorProto.BOOL,
    TensorProto.INT8,
    TensorProto.UINT64,
    TensorProto.FLOAT16,
    TensorProto.DOUBLE,
    TensorProto.STRING,
]


def with_weights_among_the_inputs() -> onnx.ModelProto:
    model = graphs.total()
    model.graph.input.append(graphs.tensor("ones", TensorProto.FLOAT, [2, 1]))
    return model


def without_an_output_shape() -> onnx.ModelProto:
    model = graphs.total()
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model


GRAPHS: dict[str, Callable[[], onnx.ModelProto]] = {
    "total": graphs.total,
    "linear": lambda: graphs.linear(3),
    "perceptron": lambda: graphs.perceptron(3),
    "boosted stumps": lambda: graphs.boosted_stumps(3),
    "classifier": graphs.classifier,
    "sale": graphs.sale,
    "parser": graphs.parser,
    "scalar": lambda: graphs.identity(TensorProto.FLOAT, []),
    "fixed batch": lambda: graphs.identity(TensorProto.FLOAT, [1, 2, 3]),
    "named extents": lambda: graphs.identity(TensorProto.FLOAT, ["rows", "columns"]),
    "no rank": lambda: graphs.identity(TensorProto.FLOAT, None),
    "weights among the inputs": with_weights_among_the_inputs,
    "no output shape": without_an_output_shape,
    **{TensorProto.DataType.Name(kind): lambda kind=kind: graphs.identity(kind) for kind in KINDS},
}


def assert_reads_as_onnxruntime(path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options)

    signature = read_graph(path)

    assert signature == read_signature(session.get_inputs(), session.get_outputs())


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_declares_what_its_session_says(tmp_path: Path, name: str) -> None:
    directory = graphs.save(GRAPHS[name](), tmp_path)

    assert_reads_as_onnxruntime(directory / "model.onnx")


def test_housing_declares_what_its_session_says() -> None:
    assert_reads_as_onnxruntime(HOUSING / "model.onnx")


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), RandomForestClassifier(3), GradientBoostingRegressor(n_estimators=3)],
    ids=lambda estimator: type(estimator).__name__,
)
def test_what_scikit_learn_exports_declares_what_its_session_says(
    tmp_path: Path,
    estimator: Any,  # noqa: ANN401 - scikit-learn ships no types
) -> None:
    rows = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    exported = to_onnx(estimator.fit(rows, rows[:, 0] > 0.5), rows[:1])

    directory = graphs.save(exported, tmp_path)

    assert_reads_as_onnxruntime(directory / "model.onnx")


def test_weights_in_another_file_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(
        graphs.linear(3),
        path,
        save_as_external_data=True,
        location="weights",
        size_threshold=0,
    )
    (tmp_path / "weights").unlink()

    signature = read_graph(path)

    assert [tensor.shape for tensor in signature.inputs] == [(-1, 3)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no graph", "expected an ONNX model, got something else"),
        (b"", "expected an ONNX model, got an empty file"),
        (b"\x08\x0a", "expected an ONNX model, got one without an output"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "expected an ONNX model, got git-lfs's pointer to it; `git lfs pull` fetches the model",
        ),
    ],
)
def test_what_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=re.escape(f"{path}: {sentence}")):
        read_graph(path)


def test_a_type_that_no_door_carries_is_refused(tmp_path: Path) -> None:
    sequence = helper.make_sequence_type_proto(
        helper.make_tensor_type_proto(TensorProto.FLOAT, [1])
    )
    model = graphs.total()
    model.graph.input[0].CopyFrom(helper.make_value_info("X", sequence))
    directory = graphs.save(model, tmp_path)

    with pytest.raises(ConfigurationError, match=r"input 'X': .* got seq\(tensor\(float\)\)"):
        read_graph(directory / "model.onnx")
