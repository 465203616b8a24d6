"""The housing model is what its training script makes of the data, and as good as its card says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import orjson
import pandas as pd
import pytest
from numpy.typing import NDArray

from models.housing import train
from serving.repository import live_version

COMMITTED = train.DIRECTORY
COMMITTED_GRAPH = (COMMITTED / "1" / "model.onnx").read_bytes()

# Another CPU or BLAS may fit coefficients that differ in their last bits.
RETRAINING_TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return train.read_sales()


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    version = tmp_path_factory.mktemp("models") / "housing" / "2"
    train.publish(version)
    return version


def bare_session_prices(graph: bytes, rows: pd.DataFrame) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options)
    tensors = {
        column: rows[[column]].to_numpy(object if rows[column].dtype == "str" else np.float32)
        for column in rows.columns
    }
    prices: NDArray[np.float32] = session.run(["price"], tensors)[0]
    return prices


def test_retraining_gives_the_same_prediction_for_every_sale(
    sales: pd.DataFrame, retrained: Path
) -> None:
    graph = (retrained / "model.onnx").read_bytes()

    rows = train.features(sales)

    np.testing.assert_allclose(
        bare_session_prices(graph, rows),
        bare_session_prices(COMMITTED_GRAPH, rows),
        rtol=RETRAINING_TOLERANCE,
    )


def test_a_version_brings_the_quality_that_evaluation_measures(retrained: Path) -> None:
    assert (retrained / "quality.json").read_bytes() == train.evaluate(retrained)


def test_evaluation_says_which_way_each_metric_is_better() -> None:
    quality = orjson.loads(train.evaluate(COMMITTED / "1"))

    assert (quality["held_out_rows"], quality["better"]) == (
        110,
        {"mae": "lower", "rmse": "lower", "r2": "higher"},
    )


def test_the_cards_figures_are_those_that_evaluation_measures(sales: pd.DataFrame) -> None:
    split = train.Split.of(sales)
    paid, mean = split.test["price"], split.train["price"].mean()

    model = train.error_of(COMMITTED_GRAPH, split)
    guess = train.Error.of(paid, np.full(len(paid), mean))

    limits = live_version(COMMITTED).card.limits
    assert f"never saw: {model}; if the mean price is predicted instead: {guess}." in limits
    assert model.mae < guess.mae


def test_the_card_says_what_the_numbers_were_trained_on(sales: pd.DataFrame) -> None:
    trained = train.Split.of(sales).train

    descriptions = {f.name: f.description for f in live_version(COMMITTED).card.features}

    for name in ["lotsize", *train.COUNTS]:
        span = f"trained on {trained[name].min():,} to {trained[name].max():,}"
        assert descriptions[name].endswith(span)


def test_the_golden_answers_are_those_of_a_bare_session() -> None:
    golden = orjson.loads((COMMITTED / "1" / "golden.json").read_bytes())

    prices = bare_session_prices(COMMITTED_GRAPH, pd.DataFrame(golden["instances"]))

    assert [np.float32(answer["price"]) for answer in golden["predictions"]] == list(prices.ravel())


def test_golden_rows_are_real_sales_that_training_never_saw(sales: pd.DataFrame) -> None:
    golden = orjson.loads((COMMITTED / "1" / "golden.json").read_bytes())

    held_out = train.features(train.Split.of(sales).test).to_dict("records")

    assert golden["instances"] == held_out[: len(golden["instances"])]


def test_the_card_describes_the_graphs_inputs_in_their_order() -> None:
    session = onnxruntime.InferenceSession(COMMITTED_GRAPH)

    card = live_version(COMMITTED).card

    kinds = {"tensor(float)": "number", "tensor(string)": "category"}
    assert [(feature.name, feature.kind) for feature in card.features] == [
        (tensor.name, kinds[tensor.type]) for tensor in session.get_inputs()
    ]


@pytest.mark.parametrize("batch_size", [2, 3, 7, 63, 64])
def test_a_sale_has_the_bit_same_price_in_a_batch_of_any_size(
    sales: pd.DataFrame, batch_size: int
) -> None:
    rows = train.features(sales)
    whole = bare_session_prices(COMMITTED_GRAPH, rows)

    # A last batch of one row is left out: the engine never runs one.
    starts = range(0, len(rows) - 1, batch_size)
    batches = [
        bare_session_prices(COMMITTED_GRAPH, rows[start : start + batch_size]) for start in starts
    ]

    together = np.concatenate(batches)
    np.testing.assert_array_equal(together, whole[: len(together)])


def test_a_version_that_exists_is_never_written_again(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()

    with pytest.raises(SystemExit, match="a version never changes once it has served"):
        train.publish(tmp_path / "1")

    assert list(tmp_path.rglob("*")) == [tmp_path / "1"]
