"""Train a version of the housing model on the Windsor sales that the package `pydataset` ships.

    python models/housing/train.py --out models/housing/2 [--seed 1987]
    python models/housing/train.py --evaluate models/housing/1

Compares regressions by cross-validation on four fifths of the sales, trains the best one on them
and measures it on the last fifth. It writes the graph, golden answers and quality.json, and
nothing unless the graph agrees with scikit-learn. The same packages on the same machine write the
same bytes.
"""

from __future__ import annotations

import argparse
import tarfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnxruntime
import orjson
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from onnx.checker import check_model
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.algebra.onnx_operator import OnnxOperator, OnnxSubEstimator
from skl2onnx.algebra.onnx_ops import OnnxCast, OnnxExp, OnnxLog
from skl2onnx.common._container import ModelComponentContainer
from skl2onnx.common._topology import Operator, Scope, Variable
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import RegressorMixin
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

DIRECTORY = Path(__file__).resolve().parent
DATA_FILE = "resources/rdata/csv/Ecdat/Housing.csv"
SEED = 1987
FOLDS = 10
GOLDEN_ROWS = 5
TOLERANCE = 1e-5  # float32 against float64, relative
IR_VERSION = 10
OPSETS = {"": 21, "ai.onnx.ml": 3}

COUNTS = ["bedrooms", "bathrms", "stories", "garagepl"]
CATEGORIES = ["driveway", "recroom", "fullbase", "gashw", "airco", "prefarea"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train or measure a version of this model.")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--out", type=Path, help="the version directory to write")
    task.add_argument("--evaluate", type=Path, help="the version directory to measure")
    parser.add_argument("--seed", type=int, default=SEED, help="of training (default: %(default)s)")
    options = parser.parse_args()
    if options.out is not None:
        publish(options.out, options.seed)
    else:
        print(evaluate(options.evaluate).decode())


def publish(version_directory: Path, seed: int = SEED) -> None:
    """Train and write a new version."""
    if version_directory.exists():
        raise SystemExit(
            f"{version_directory}: expected a version that is not there yet, because a version "
            "never changes once it has served"
        )

    sales = Split.of(read_sales())
    method = best_method(sales, seed)
    pipeline = candidates(seed)[method].fit(features(sales.train), sales.train["price"])
    graph = to_onnx(pipeline)
    check_agreement(pipeline, graph, sales)
    print(f"On the {len(sales.test)} sales held out, {method}: {error_of(graph, sales)}")

    version_directory.mkdir(parents=True)
    (version_directory / "model.onnx").write_bytes(graph)
    (version_directory / "golden.json").write_bytes(golden(graph, sales.test))
    (version_directory / "quality.json").write_bytes(quality(graph, sales))


def evaluate(version_directory: Path) -> bytes:
    graph = (version_directory / "model.onnx").read_bytes()
    return quality(graph, Split.of(read_sales()))


def read_sales() -> pd.DataFrame:
    """All 546 sales, taken from the package's archive: importing it would unpack it at home."""
    archive = distribution("pydataset").locate_file("pydataset/resources.tar.gz")
    with tarfile.open(str(archive)) as files:
        return pd.read_csv(files.extractfile(DATA_FILE), index_col=0)


def features(sales: pd.DataFrame) -> pd.DataFrame:
    return sales.drop(columns="price")


@dataclass(frozen=True)
class Split:
    """The sales that training sees, and those kept to measure it."""

    train: pd.DataFrame
    test: pd.DataFrame

    @classmethod
    def of(cls, sales: pd.DataFrame) -> Self:
        return cls(*train_test_split(sales, test_size=0.2, random_state=SEED))


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


class Log(FunctionTransformer):  # type: ignore[misc]  # scikit-learn ships no types
    """A class of its own, so that skl2onnx can tell it from other functions."""

    def __init__(self) -> None:
        super().__init__(np.log)


def of_log(regressor: RegressorMixin) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)


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
    update_registered_converter(Log, "Log", one_column, convert_log)
    update_registered_converter(TransformedTargetRegressor, "OfLog", one_column, convert_of_log)
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


# skl2onnx knows neither transformer. Both are computed in float64 and rounded once: in float32 the
# last elements of a vector take another path through the kernel, and a row's price would change
# in its last bit with the size of the batch around it.


def one_column(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def convert_log(scope: Scope, operator: Operator, container: ModelComponentContainer) -> None:
    add_in_float64(OnnxLog, operator.inputs[0], scope, operator, container)


def convert_of_log(scope: Scope, operator: Operator, container: ModelComponentContainer) -> None:
    log_price = OnnxSubEstimator(
        operator.raw_operator.regressor_, operator.inputs[0], op_version=container.target_opset
    )
    add_in_float64(OnnxExp, log_price, scope, operator, container)


def add_in_float64(
    function: type[OnnxOperator],
    argument: OnnxOperator | Variable,
    scope: Scope,
    operator: Operator,
    container: ModelComponentContainer,
) -> None:
    opset, outputs = container.target_opset, operator.outputs[:1]
    wide = OnnxCast(argument, to=TensorProto.DOUBLE, op_version=opset)
    result = function(wide, op_version=opset)
    narrow = OnnxCast(result, to=TensorProto.FLOAT, op_version=opset, output_names=outputs)
    narrow.add_to(scope, container)


def check_agreement(pipeline: Pipeline, graph: bytes, sales: Split) -> None:
    rows = features(pd.concat([sales.train, sales.test]))
    np.testing.assert_allclose(predict(graph, rows), pipeline.predict(rows), rtol=TOLERANCE)


def predict(graph: bytes, rows: pd.DataFrame) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    columns = {tensor.name: column(rows, tensor.name) for tensor in session.get_inputs()}
    prices: NDArray[np.float32] = session.run(["price"], columns)[0].ravel()
    return prices


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
    """The figures that two versions are compared by."""
    document = {
        "held_out_rows": len(sales.test),
        "metrics": error_of(graph, sales)._asdict(),
        "better": {"mae": "lower", "rmse": "lower", "r2": "higher"},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def golden(graph: bytes, held_out: pd.DataFrame) -> bytes:
    """Rows that training never saw and their answers, each number in its shortest exact text."""
    rows = held_out.head(GOLDEN_ROWS)
    instances = features(rows).to_dict("records")
    predictions = [{"price": price} for price in predict(graph, rows)]
    return b'{"instances": [\n%s\n], "predictions": [\n%s\n]}\n' % (
        json_lines(instances),
        json_lines(predictions),
    )


def json_lines(items: list[dict[str, Any]]) -> bytes:
    return b",\n".join(orjson.dumps(item, option=orjson.OPT_SERIALIZE_NUMPY) for item in items)


if __name__ == "__main__":
    main()
