"""Where the graph fails, the row that it fails on is found, at the cost of another run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from gateway.prediction import Prediction
from gateway.request import Request
from serving.errors import Fault, ModelError, UnpredictableRowError
from serving.feeds import Feeds
from serving.model import Model
from serving.predictions import Raw
from tests import graphs
from tests.conftest import LoadModel

EXPECTED, GOT = "a row that the model can predict", "one it fails on"


def refusal(model: Model, body: str, content_type: str = "application/json") -> Any:  # noqa: ANN401 - several kinds
    request = Request("POST", "/predict", {"content-type": content_type}, body)
    with pytest.raises((ModelError, UnpredictableRowError)) as raised:
        Prediction(model).predict(request)
    return raised.value


@pytest.mark.parametrize(
    ("content_type", "body", "sentence", "pointers"),
    [
        ("application/json", '["1", "x", "y"]', "row 1", ("/1",)),
        ("application/json", '{"instances": [{"text": "?"}]}', "row 0", ("/instances/0",)),
        ("application/json", '{"text": {"a": "1", "b": ""}}', "row 1", ("/text/b",)),
        ("application/jsonl", '["1"]\n\n["2"]\n["-"]', "row 3", ()),
        ("text/csv", "text\n1\n\nx\n2\n", "row 2", ()),
    ],
)
def test_the_first_row_that_fails_is_named_where_it_stands(
    load_model: LoadModel, content_type: str, body: str, sentence: str, pointers: tuple[str, ...]
) -> None:
    error = refusal(load_model(graphs.parser()), body, content_type)

    assert str(error) == f"{sentence}: expected {EXPECTED}, got {GOT}"
    assert error.pointers == pointers


def test_a_label_that_there_is_not_is_found_too(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\nclass = { tensor = "y", labels = ["a", "b"] }\n'
    model = load_model(graphs.identity(TensorProto.INT64), card=card)

    error = refusal(model, "[0, 1, 2, 0]")

    assert error.faults == (Fault(2, None, EXPECTED, GOT),)


class Watched:
    """A model that counts the rows it is asked for."""

    def __init__(self, model: Model) -> None:
        self._predict = model.predict
        self.rows: list[int] = []

    def predict(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        self.rows.append(length)
        return self._predict(feeds, length)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), length=st.integers(1, 200))
def test_it_is_found_at_the_cost_of_another_run(
    load_model: LoadModel, data: st.DataObject, length: int
) -> None:
    model = load_model(graphs.parser())
    watched = Watched(model)
    model.predict = watched.predict  # type: ignore[method-assign]
    bad = data.draw(st.sets(st.integers(0, length - 1), min_size=1))
    texts = ["x" if row in bad else "1" for row in range(length)]

    error = refusal(model, json.dumps(texts))

    assert error.faults == (Fault(min(bad), None, EXPECTED, GOT),)
    assert watched.rows[0] == length
    assert sum(watched.rows[1:]) <= length + 1


def test_rows_that_fail_only_together_are_not_told_apart(load_model: LoadModel) -> None:
    model = load_model(graphs.total())

    def together(_: Feeds, length: int) -> dict[str, Raw]:
        if length > 1:
            raise ModelError("too many")
        return {"total": np.zeros((length, 1))}

    model.predict = together  # type: ignore[method-assign]

    assert str(refusal(model, "[[1, 2], [3, 4], [5, 6]]")) == "too many"
