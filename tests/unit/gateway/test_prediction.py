from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto

from gateway import answers
from gateway.prediction import Prediction
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel


@pytest.mark.parametrize(
    "graph",
    [
        graphs.total(),
        graphs.sale(),
        graphs.classifier(),
        graphs.identity(TensorProto.BOOL),
        graphs.identity(TensorProto.UINT8, (None, 2, 3)),
    ],
)
def test_a_model_is_run_before_its_first_request(
    load_model: LoadModel, monkeypatch: pytest.MonkeyPatch, graph: onnx.ModelProto
) -> None:
    model = load_model(graph)
    lengths = []
    predict = Model.predict

    def watched(model: Model, feeds: object, length: int) -> object:
        lengths.append(length)
        return predict(model, feeds, length)  # type: ignore[arg-type]

    monkeypatch.setattr(Model, "predict", watched)

    Prediction(model).warm_up()

    assert lengths == [1]


def test_a_model_that_cannot_predict_the_made_up_row_starts_all_the_same(
    load_model: LoadModel,
) -> None:
    Prediction(load_model(graphs.parser())).warm_up()


def test_a_model_whose_answer_to_one_row_is_too_large_starts_all_the_same(
    load_model: LoadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_PAYLOAD_BYTES", 1)
    monkeypatch.setattr(answers, "MAX_DECODED_BYTES", 1)

    Prediction(load_model(graphs.total())).warm_up()


def test_no_row_is_made_up_whose_extents_nobody_knows(
    load_model: LoadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, [None, None, 3]))

    def predict(*_: object) -> None:
        pytest.fail("some graphs of open extents end the process on rows that nobody sends")

    monkeypatch.setattr(model, "predict", predict)

    Prediction(model).warm_up()
