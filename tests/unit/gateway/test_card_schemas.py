"""What a card makes of cells and scores is described as callers see it: texts, labels, rankings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from onnx import TensorProto

from gateway.example import example_inputs, example_row
from gateway.schemas import prediction_of, row_of
from serving.deployment import Deployment
from serving.description import describe
from serving.errors import InvalidRowsError
from serving.instances import decode_rows
from serving.model import Model
from serving.predictions import as_objects, encode
from serving.signature import ANY
from serving.tensors import decode_inputs
from tests import graphs, pictures
from tests.texts import CARD, save_reviews

Json = dict[str, Any]

HOUSES = """
live = 1
[features]
kind = { kind = "category", categories = ["flat", "house"], encode = "one-hot" }
area = { kind = "number", minimum = 0, mean = 100, std = 1e-3 }
rent = { kind = "number", missing = "nan", mean = -5e30 }
"""
PAIR = CARD.replace("[outputs]", 'reply = { kind = "text", second_of = "review" }\n[outputs]')


def loaded(name: str, directory: Path) -> Model:
    match name:
        case "reviews":
            save_reviews(directory)
        case "pairs":
            save_reviews(directory, card=PAIR)
        case "houses":
            graphs.save(graphs.identity(TensorProto.FLOAT, [None, 4]), directory, card=HOUSES)
        case "pictures":
            graphs.save(pictures.brightness(), directory, card=pictures.CARD)
    return Model.load(Deployment(directory, name, 1))


@pytest.fixture(scope="module", params=["reviews", "pairs", "houses", "pictures"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(request.param, tmp_path_factory.mktemp("models") / request.param / "1")


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded("houses", tmp_path_factory.mktemp("models") / "houses" / "1")


def is_valid(schema: Json, value: object) -> bool:
    return Draft202012Validator(schema).is_valid(value)


def predicted(model: Model, row: Json) -> Json:
    feeds = decode_rows([row], model.columns, "").feeds(model.columns)
    [answer] = as_objects(encode(model.predict(feeds, 1), model.outputs))
    return dict(orjson.loads(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)))


def test_a_made_up_row_is_described_and_can_be_predicted_as_described(model: Model) -> None:
    description = orjson.loads(orjson.dumps(describe(model)))

    row = example_row(description)

    assert is_valid(row_of(description), row)
    assert is_valid(prediction_of(description), predicted(model, row))


def test_made_up_tensors_can_be_inferred(model: Model) -> None:
    inputs = example_inputs(orjson.loads(orjson.dumps(describe(model))))

    feeds = decode_inputs({"inputs": inputs}, memoryview(b""), model.signature, model.columns)

    raw = model.run(feeds, [tensor.name for tensor in model.signature.outputs])
    assert {len(values) for values in raw.values()} == {1}


@given(
    st.sampled_from(["flat", "house", "villa", 1, None]),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just("9"), st.none()),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()),
)
def test_a_row_fits_the_schema_where_the_model_takes_it(
    houses: Model, kind: object, area: object, rent: object
) -> None:
    row = {"kind": kind, "area": area, "rent": rent}

    try:
        decode_rows([row], houses.columns, "").feeds(houses.columns)
        is_taken = True
    except InvalidRowsError:
        is_taken = False

    assert is_valid(row_of(describe(houses)), row) is is_taken


def test_a_scaled_number_is_bounded_by_what_the_tensor_holds(houses: Model) -> None:
    area = row_of(describe(houses))["properties"]["area"]

    assert area == {
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": pytest.approx(-(2.0**128) * 1e-3),
        "exclusiveMaximum": pytest.approx(2.0**128 * 1e-3),
    }


def test_texts_pictures_decisions_labels_and_rankings_have_schemas(tmp_path: Path) -> None:
    reviews = describe(loaded("reviews", tmp_path / "reviews" / "1"))
    seen = describe(loaded("pictures", tmp_path / "pictures" / "1"))

    assert row_of(reviews)["properties"] == {"review": {"type": "string", "maxLength": 1_000_000}}
    assert row_of(seen)["properties"] == {
        "picture": {"type": "string", "format": "byte", "contentEncoding": "base64"}
    }
    score = {"type": ["number", "null"], "description": "null stands for NaN and infinities"}
    assert prediction_of(reviews)["properties"] == {
        "positive": {"type": "boolean"},
        "score": score,
        "label": {"type": "string", "enum": ["bad", "good"]},
        "top": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {"label": {"type": "integer", "minimum": 0}, "score": score},
                "required": ["label", "score"],
                "additionalProperties": False,
            },
        },
    }


def test_tensors_of_tokens_are_open_to_infer_as_the_graph_declares_them(tmp_path: Path) -> None:
    model = loaded("reviews", tmp_path / "reviews" / "1")

    shapes = {tensor.name: tensor.shape for tensor in model.signature.inputs}

    assert shapes == {"input_ids": (ANY, ANY), "attention_mask": (ANY, ANY)}
