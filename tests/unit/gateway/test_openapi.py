"""The OpenAPI document is valid, and says of each model what it takes and gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from jsonschema import Draft202012Validator
from onnx import TensorProto, helper
from openapi_spec_validator import validate

from gateway.openapi import openapi
from gateway.operations import SERVICE_OPERATIONS
from serving.description import describe
from serving.errors import InvalidInputError
from serving.model import Model
from serving.shapes import decode
from tests import graphs, pictures
from tests.conftest import LoadModel

Json = dict[str, Any]

SALES = """
live = 1
title = "Sales"
[features]
size = { kind = "number", tensor = "area", minimum = 0, maximum = 900, missing = "nan" }
rooms = { kind = "number" }
kind = { kind = "category", categories = ["flat", "house"], missing = "fill", fill = "flat" }
[outputs]
worth = { tensor = "price" }
"""
GOLDEN = {
    "instances": [{"size": 80.5, "rooms": 3, "kind": "flat"}],
    "predictions": [{"worth": 241.5}],
}

AUTHS: list[Json] = [
    {"kind": "none"},
    {"kind": "iam"},
    {"kind": "jwt", "issuer": "https://id.example", "audience": ["predictions"]},
]
GRAPHS = {
    "classifier": graphs.classifier(),
    "scalar": graphs.identity(TensorProto.FLOAT, [None]),
    "bytes": graphs.identity(TensorProto.STRING, [None, 1]),
    "flags": graphs.identity(TensorProto.BOOL, [1, 2]),
    "images": graphs.identity(TensorProto.UINT8, [None, 2, 2]),
    "open": graphs.identity(TensorProto.DOUBLE, [None, None]),
    "unranked": graphs.identity(TensorProto.FLOAT, None),
}


def catalog_of(description: Json, golden: Json | None = None, **auth: Any) -> Json:  # noqa: ANN401
    name = description["model"]
    return {
        "stage": "dev",
        "auth": auth or {"kind": "none"},
        "default_model": name,
        "models": [description],
        "examples": {name: golden},
    }


class Document:
    """An OpenAPI document whose schemas judge values."""

    def __init__(self, document: Json) -> None:
        self.document = document

    def operation(self, method: str, path: str) -> Json:
        operation: Json = self.document["paths"][path][method]
        return operation

    def accepts(self, schema: Json, value: object) -> bool:
        # References are to the document's components.
        whole = {**schema, "components": self.document["components"]}
        return Draft202012Validator(whole).is_valid(value)

    def content(self, path: str) -> Json:
        """What a body may be, by media type."""
        content: Json = self.operation("post", path)["requestBody"]["content"]
        return content

    def takes(self, path: str, body: object) -> bool:
        return self.accepts(self.content(path)["application/json"]["schema"], body)

    @property
    def asked(self) -> list[str]:
        """The paths that take a body."""
        paths = self.document["paths"].items()
        return [path for path, operations in paths if "requestBody" in operations.get("post", {})]

    def takes_its_examples(self, path: str) -> bool:
        shown = self.operation("post", path)["requestBody"]["content"]["application/json"]
        several = [example["value"] for example in shown.get("examples", {}).values()]
        return all(self.takes(path, body) for body in several or [shown["example"]])

    def gives(self, path: str, answer: object) -> bool:
        content = self.operation("post", path)["responses"]["200"]["content"]
        return self.accepts(content["application/json"]["schema"], answer)


@pytest.fixture
def sales(load_model: LoadModel) -> Document:
    model = load_model(graphs.sale(), card=SALES, name="sales")
    return Document(openapi(catalog_of(describe(model), GOLDEN), version="1"))


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: auth["kind"])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_the_document_is_valid_for_every_kind_of_model_and_caller(
    load_model: LoadModel, graph: onnx.ModelProto, auth: Json
) -> None:
    document = openapi(catalog_of(describe(load_model(graph)), **auth), version="1")

    validate(document)


def test_the_document_is_valid_for_a_model_that_takes_nothing(load_model: LoadModel) -> None:
    constant = graphs.model(
        [helper.make_node("Identity", ["one"], ["y"])],
        [],
        [graphs.tensor("y", TensorProto.FLOAT, [1])],
        one=np.ones(1, np.float32),
    )

    document = openapi(catalog_of(describe(load_model(constant))), version="1")

    validate(document)


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_made_up_examples_fit_their_schemas(load_model: LoadModel, graph: onnx.ModelProto) -> None:
    description = describe(load_model(graph))
    document = Document(openapi(catalog_of(description), version="1"))

    assert {path: document.takes_its_examples(path) for path in document.asked} == {
        "/v2/models/example/infer": True,
        "/v2/models/example/versions/1/infer": True,
        **(
            {"/predict": True, "/models/example/predict": True} if description["takes_rows"] else {}
        ),
    }


def test_every_operation_is_there_on_the_paths_of_every_model(sales: Document) -> None:
    paths = {path: sorted(operations) for path, operations in sales.document["paths"].items()}

    assert paths == {
        **{operation.path: [operation.method.lower()] for operation in SERVICE_OPERATIONS},
        "/predict": ["post"],
        "/models/sales": ["get"],
        "/models/sales/predict": ["post"],
        "/v2/models/sales": ["get"],
        "/v2/models/sales/ready": ["get"],
        "/v2/models/sales/infer": ["post"],
        "/v2/models/sales/versions/1": ["get"],
        "/v2/models/sales/versions/1/ready": ["get"],
        "/v2/models/sales/versions/1/infer": ["post"],
    }


def test_golden_rows_and_their_predictions_are_the_examples(sales: Document) -> None:
    operation = sales.operation("post", "/models/sales/predict")

    content = operation["requestBody"]["content"]
    assert content["application/json"]["examples"] == {
        "instances": {"value": {"instances": [{"size": 80.5, "rooms": 3, "kind": "flat"}]}},
        "bare": {"value": [{"size": 80.5, "rooms": 3, "kind": "flat"}]},
        "arrays": {"value": {"instances": [[80.5, 3, "flat"]]}},
        "columns": {"value": {"size": {"0": 80.5}, "rooms": {"0": 3}, "kind": {"0": "flat"}}},
    }
    assert content["text/csv"]["example"] == "size,rooms,kind\n80.5,3,flat\n"
    assert content["application/jsonl"]["example"] == '{"size":80.5,"rooms":3,"kind":"flat"}\n'
    assert operation["responses"]["200"]["content"]["application/json"]["example"] == {
        "model": "sales",
        "version": 1,
        "predictions": [{"worth": 241.5}],
    }


@pytest.mark.parametrize(
    "row",
    [
        {"size": 0, "rooms": 3, "kind": "house"},
        {"size": 900, "rooms": -(2**63), "kind": "house"},
        {"size": None, "rooms": 3},
        {"rooms": 3, "kind": ""},
    ],
)
def test_a_row_within_the_card_fits_the_schema(sales: Document, row: Json) -> None:
    assert sales.takes("/predict", {"instances": [row]})


@pytest.mark.parametrize(
    "row",
    [
        {"size": -1, "rooms": 3},
        {"size": 901, "rooms": 3},
        {"size": "1", "rooms": 3},
        {"size": 1},
        {"size": 1, "rooms": None},
        {"size": 1, "rooms": 1.5},
        {"size": 1, "rooms": 2**63},
        {"size": 1, "rooms": True},
        {"size": 1, "rooms": 3, "kind": "castle"},
        {"size": 1, "rooms": 3, "garden": True},
    ],
)
def test_a_row_beyond_the_card_does_not(sales: Document, row: Json) -> None:
    assert not sales.takes("/predict", {"instances": [row]})


@pytest.mark.parametrize(
    "body",
    [
        [[1, 2, "flat"]],
        {"dataframe_records": [{"rooms": 3}]},
        {"dataframe_split": {"columns": ["size", "rooms", "kind"], "data": [[1, 2, "flat"]]}},
        {"rooms": {"0": 3}},
    ],
)
def test_rows_may_have_any_of_the_shapes(sales: Document, body: object) -> None:
    assert sales.takes("/predict", body)


OPTIONAL = SALES.replace(
    'rooms = { kind = "number" }', 'rooms = { kind = "number", missing = "fill", fill = 1 }'
)
FRAMES: list[tuple[str, Json, bool]] = [
    (SALES, {"rooms": {"0": 3}, "kind": {}}, True),
    (SALES, {"rooms": {"0": 3, "1": 4}, "kind": {"0": "flat"}}, True),
    (SALES, {"rooms": {}, "kind": {"0": "flat"}}, False),
    (SALES, {"rooms": {"0": 3}, "kind": {"1": "flat"}}, False),
    (SALES, {"rooms": {}}, False),
    (OPTIONAL, {"rooms": {"a": 3}, "kind": {"b": "flat"}}, True),
    (OPTIONAL, {"rooms": {}, "kind": {"b": "flat"}}, True),
    (OPTIONAL, {"rooms": {}}, False),
    (OPTIONAL, {"garden": {"0": 3}}, False),
]


@pytest.mark.parametrize(("card", "frame", "fits"), FRAMES)
def test_a_frame_fits_where_the_model_takes_it(
    load_model: LoadModel, card: str, frame: Json, fits: object
) -> None:
    model = load_model(graphs.sale(), card=card)
    document = Document(openapi(catalog_of(describe(model)), version="1"))

    assert document.takes("/predict", frame) is fits
    assert is_taken(model, frame) is fits


@pytest.mark.parametrize("frame", [{"y": {"a": 1}}, {"x": {}}, {"x": {"a": 1, "b": 2}}])
def test_a_frame_of_one_column_has_any_index(load_model: LoadModel, frame: Json) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT))
    document = Document(openapi(catalog_of(describe(model)), version="1"))

    assert document.takes("/predict", frame) is is_taken(model, frame)


def is_taken(model: Model, document: object) -> bool:
    try:
        decode(document, model.columns).feeds(model.columns)
    except InvalidInputError:
        return False
    return True


@pytest.mark.parametrize("body", [[], {}, {"instances": []}, {"rows": [[1, 2, "flat"]]}, 1])
def test_what_has_none_of_the_shapes_does_not_fit(sales: Document, body: object) -> None:
    assert not sales.takes("/predict", body)


@pytest.mark.parametrize(
    ("kind", "largest", "too_large"),
    [
        (TensorProto.FLOAT16, 65519.99, 65520.0),
        (TensorProto.FLOAT, 3.4028235677973362e38, 3.4028235677973366e38),
        (TensorProto.INT8, 127, 128),
        (TensorProto.UINT16, 65535, 65536),
        (TensorProto.UINT64, 2**64 - 1, 2**64),
    ],
)
def test_without_a_card_numbers_are_those_that_the_tensor_holds(
    load_model: LoadModel, kind: int, largest: float, too_large: float
) -> None:
    model = load_model(graphs.identity(kind))
    document = Document(openapi(catalog_of(describe(model)), version="1"))

    assert document.takes("/predict", [largest])
    assert not document.takes("/predict", [too_large])


def test_answers_are_described_too(load_model: LoadModel) -> None:
    model = load_model(graphs.classifier(), name="answers")
    document = Document(openapi(catalog_of(describe(model)), version="1"))
    row: Json = {"label": "no", "probabilities": {"no": 0.5, "yes": None}}
    answer: Json = {"model": "answers", "version": 1, "predictions": [row]}

    assert document.gives("/predict", answer)
    assert not document.gives("/predict", {**answer, "model": "questions"})
    assert not document.gives("/predict", {**answer, "predictions": [{**row, "label": 1}]})


def test_tensors_are_described_as_the_protocol_has_them(sales: Document) -> None:
    def request(area: object) -> Json:
        inputs = [("area", "FP32", area), ("rooms", "INT64", 3), ("kind", "BYTES", "castle")]
        return {
            "inputs": [
                {"name": name, "datatype": datatype, "shape": [1, 1], "data": [value]}
                for name, datatype, value in inputs
            ]
        }

    assert sales.takes("/v2/models/sales/infer", request(80.5))
    assert not sales.takes("/v2/models/sales/infer", request(901))
    assert not sales.takes("/v2/models/sales/infer", request("80.5"))


@pytest.mark.parametrize(
    ("auth", "schemes"),
    [
        (AUTHS[0], None),
        (
            AUTHS[1],
            {
                "iam": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "description": "AWS Signature Version 4, service `execute-api`.",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }
            },
        ),
        (
            AUTHS[2],
            {
                "jwt": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Issued by https://id.example for predictions.",
                }
            },
        ),
    ],
)
def test_the_document_says_how_to_sign(
    load_model: LoadModel, auth: Json, schemes: Json | None
) -> None:
    document = openapi(catalog_of(describe(load_model(graphs.total())), **auth), version="1")

    assert document["components"].get("securitySchemes") == schemes
    assert document.get("security", []) == [{name: []} for name in schemes or ()]


def test_a_picture_is_a_body_where_it_is_the_only_feature(
    load_model: LoadModel, sales: Document
) -> None:
    model = load_model(pictures.brightness(), card=pictures.CARD)
    document = Document(openapi(catalog_of(describe(model)), version="1"))

    validate(document.document)
    taken, others = (
        {name: media for name, media in d.content("/predict").items() if name.startswith("image/")}
        for d in (document, sales)
    )
    assert others == {}
    assert taken == {
        name: {"schema": {"contentMediaType": name}}
        for name in ("image/png", "image/jpeg", "image/webp")
    }
    assert document.takes_its_examples("/predict")
