"""The description tells a caller what to send and what comes back."""

from __future__ import annotations

import orjson

from serving.description import describe
from tests import graphs
from tests.conftest import LoadModel

CARD = """
live = 1
title = "Sales"
owner = "Ann"
[features]
size = { kind = "number", tensor = "area", minimum = 0, missing = "nan", description = "m²" }
rooms = { kind = "number" }
kind = { kind = "category", categories = ["flat", "house"] }
[outputs]
worth = { tensor = "price" }
"""


def test_a_card_and_a_graph_are_described_together(load_model: LoadModel) -> None:
    model = load_model(graphs.sale(), card=CARD, name="sales")

    description = orjson.loads(orjson.dumps(describe(model)))

    assert description == {
        "model": "sales",
        "version": 1,
        "digest": model.digest,
        "title": "Sales",
        "description": "",
        "owner": "Ann",
        "licence": "",
        "intended_use": "",
        "limits": "",
        "takes_rows": True,
        "features": [
            {
                "name": "size",
                "kind": "number",
                "tensor": "area",
                "datatype": "FP32",
                "shape": [],
                "description": "m²",
                "minimum": 0,
                "missing": "nan",
            },
            {
                "name": "rooms",
                "kind": "number",
                "tensor": "rooms",
                "datatype": "INT64",
                "shape": [],
                "missing": "reject",
            },
            {
                "name": "kind",
                "kind": "category",
                "tensor": "kind",
                "datatype": "BYTES",
                "shape": [],
                "categories": ["flat", "house"],
                "missing": "reject",
            },
        ],
        "outputs": [
            {
                "name": "worth",
                "labels": [],
                "tensor": "price",
                "datatype": "FP32",
                "shape": [-1, 1],
            }
        ],
        "signature": {
            "inputs": [
                {"name": "area", "datatype": "FP32", "shape": [-1, 1]},
                {"name": "rooms", "datatype": "INT64", "shape": [-1, 1]},
                {"name": "kind", "datatype": "BYTES", "shape": [-1, 1]},
            ],
            "outputs": [
                {"name": "price", "datatype": "FP32", "shape": [-1, 1]},
                {"name": "kind_out", "datatype": "BYTES", "shape": [-1, 1]},
            ],
        },
    }


def test_without_a_card_the_graph_speaks_for_itself(load_model: LoadModel) -> None:
    description = describe(load_model(graphs.total()))

    assert description["features"] == [
        {"name": "X_0", "shape": (), "tensor": "X", "datatype": "FP32"},
        {"name": "X_1", "shape": (), "tensor": "X", "datatype": "FP32"},
    ]
