"""A lone picture gets the bits that it gets among others, unless its card asks for no more than a
tolerance: a mean over some axes is rounded otherwise for one row than for several."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from serving.coercion import Array
from serving.feeds import Rows, fill
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.pictures import encoded, random_pixels

CARD = """
live = 1
[features]
picture = { kind = "image", tensor = "pixels", scale = 0.00392156862745098 }
"""


def mean_color() -> onnx.ModelProto:
    """pixels [n, 24, 24, 3] -> color [n, 3]."""
    return graphs.model(
        [helper.make_node("ReduceMean", ["pixels", "axes"], ["color"], keepdims=0)],
        [graphs.tensor("pixels", TensorProto.FLOAT, [None, 24, 24, 3])],
        [graphs.tensor("color", TensorProto.FLOAT, [None, 3])],
        axes=np.array([1, 2], np.int64),
    )


def predicted(model: Model, pictures: list[bytes]) -> Array:
    rows = Rows(len(pictures), {"picture": pictures})
    color: Any = model.predict(fill(rows, model.columns).feeds, len(pictures))["color"]
    array: Array = color
    return array


@pytest.fixture
def pictures() -> list[bytes]:
    return [encoded(random_pixels(24, 24, 3, seed=seed)) for seed in range(5)]


def test_a_lone_picture_has_the_bits_that_it_has_among_others(
    load_model: LoadModel, pictures: list[bytes]
) -> None:
    model = load_model(mean_color(), card=CARD)

    alone = np.concatenate([predicted(model, [picture]) for picture in pictures])

    assert alone.tobytes() == predicted(model, pictures).tobytes()


def test_a_lone_picture_runs_alone_where_the_card_has_a_tolerance(
    load_model: LoadModel, pictures: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(mean_color(), card=f"{CARD}[golden]\ntolerance = 1e-6")
    lengths = []
    outputs = model._outputs

    def watched(feeds: dict[str, Array], names: list[str]) -> object:
        lengths.append(len(feeds["pixels"]))
        return outputs(feeds, names)

    monkeypatch.setattr(model, "_outputs", watched)
    predicted(model, pictures[:1])

    assert lengths == [1]
