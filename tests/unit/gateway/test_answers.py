"""Answers: predictions in every media type, and none that a response could not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import orjson
import pytest
from onnx import TensorProto

from gateway.answers import Answers
from gateway.api import MAX_PAYLOAD_BYTES
from gateway.problem import ProblemError
from serving.predictions import Raw
from tests import graphs
from tests.conftest import LoadModel

LABELLED = 'live = 1\n[outputs]\nclass = { tensor = "y", labels = ["a long label", "b"] }\n'
PREFIXED = 'live = 1\n[batch]\noutput_prefix = "our_"\n'


def test_an_answer_in_json_names_the_model(load_model: LoadModel) -> None:
    answers = Answers(load_model(graphs.total()))

    response = answers.respond("application/json", {"total": np.array([[1.5], [np.nan]])})

    assert orjson.loads(response.body) == {
        "model": "example",
        "version": 1,
        "predictions": [{"total": 1.5}, {"total": None}],
    }


CLASSES: dict[str, Raw] = {
    "label": np.array(["no", '=1+"2"'], object),
    "probabilities": [{"no": 0.5, "yes": 0.25}, {}],
}
WIDE: dict[str, Raw] = {"y": np.array([[1, 2], [3, 4]], np.float32)}


@pytest.mark.parametrize(
    ("graph", "raw", "text"),
    [
        (graphs.total(), {"total": np.array([[1.5], [2.0]], np.float32)}, "our_total\n1.5\n2.0\n"),
        (graphs.total(), {"total": np.array([[np.nan]], np.float32)}, 'our_total\n""\n'),
        (
            graphs.identity(TensorProto.FLOAT, (None, 2)),
            WIDE,
            "our_y_0,our_y_1\n1.0,2.0\n3.0,4.0\n",
        ),
        (
            graphs.classifier(),
            CLASSES,
            'our_label,our_probabilities\nno,"{""no"":0.5,""yes"":0.25}"\n"\'=1+""2""",{}\n',
        ),
    ],
)
def test_an_answer_in_csv_has_the_columns_that_files_get(
    graph: onnx.ModelProto, raw: dict[str, Raw], text: str, load_model: LoadModel
) -> None:
    response = Answers(load_model(graph, card=PREFIXED)).respond("text/csv", raw)

    assert (response.content_type, response.body) == ("text/csv", text)


def test_an_answer_in_json_lines_has_the_names_that_files_get(load_model: LoadModel) -> None:
    answers = Answers(load_model(graphs.total(), card=PREFIXED))

    response = answers.respond("application/x-ndjson", {"total": np.array([[1.5], [np.nan]])})

    assert response.content_type == "application/x-ndjson"
    assert response.body == '{"our_total":1.5}\n{"our_total":null}\n'


def test_a_header_that_allows_no_answer_is_told_which_there_are(load_model: LoadModel) -> None:
    with pytest.raises(ProblemError) as raised:
        Answers(load_model(graphs.total())).negotiate("image/png, \ud800")

    assert raised.value.problem.status == 406
    assert str(raised.value) == (
        "accept: expected one of application/json, text/csv, application/jsonl, "
        "application/x-ndjson, application/json-lines, got 'image/png, \\ud800'"
    )


@pytest.mark.parametrize(
    ("graph", "card", "least"),
    [
        (graphs.identity(TensorProto.FLOAT), None, r"{\"y\":0.0},"),
        (graphs.identity(TensorProto.FLOAT, (None, 3)), None, r"{\"y\":[0.0,0.0,0.0]},"),
        (graphs.identity(TensorProto.FLOAT, (None, None)), None, r"{\"y\":[]},"),
        (graphs.identity(TensorProto.INT8), None, r"{\"y\":0},"),
        (graphs.identity(TensorProto.BOOL), None, r"{\"y\":true},"),
        (graphs.identity(TensorProto.STRING), None, r"{\"y\":\"\"},"),
        (graphs.identity(TensorProto.INT64), LABELLED, r"{\"class\":\"b\"},"),
        (
            graphs.identity(TensorProto.FLOAT, (None, 2)),
            LABELLED,
            r"{\"class\":{\"a long label\":0.0,\"b\":0.0}},",
        ),
        (graphs.classifier(), None, r"{\"label\":\"\",\"probabilities\":{}},"),
    ],
)
def test_rows_whose_shortest_answer_is_too_large_are_refused_before_they_are_scored(
    graph: onnx.ModelProto, card: str | None, least: str, load_model: LoadModel
) -> None:
    answers = Answers(load_model(graph, card=card))
    most = MAX_PAYLOAD_BYTES // len(least)

    answers.require_room("application/json", most, compressed=False)
    answers.require_room("application/json", most + 1, compressed=True)

    with pytest.raises(ProblemError, match=f"got at least {(most + 1) * len(least)}; send fewer"):
        answers.require_room("application/json", most + 1, compressed=False)


@pytest.mark.parametrize("media_type", ["application/json", "text/csv", "application/jsonl"])
def test_an_output_too_large_for_any_answer_is_never_written(
    media_type: str, load_model: LoadModel
) -> None:
    answers = Answers(load_model(graphs.identity(TensorProto.FLOAT, (None, None))))
    raw: Any = {"y": np.broadcast_to(np.float32(0), (10, 10**9))}

    with pytest.raises(ProblemError, match="send fewer rows at a time, or a file for batch"):
        answers.respond(media_type, raw)
