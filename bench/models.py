"""The models under measurement, built once into a directory: numbers in, one number out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

OPSETS = {"": 21, "ai.onnx.ml": 3}
TREES = 100
DEPTH = 6
TRAINING_ROWS = 2000


def boosted_trees(directory: Path, *, columns: int) -> Path:
    """A version directory with 100 trees of depth 6: X [n, columns] -> variable [n, 1]."""
    return _save(
        GradientBoostingRegressor(n_estimators=TREES, max_depth=DEPTH, random_state=0),
        directory / f"trees-{columns}" / "1",
        columns,
    )


def linear(directory: Path, *, columns: int) -> Path:
    """A version directory with a linear regression: X [n, columns] -> variable [n, 1]."""
    return _save(LinearRegression(), directory / f"linear-{columns}" / "1", columns)


def _save(estimator: object, directory: Path, columns: int) -> Path:
    random = np.random.default_rng(0)
    features = random.random((TRAINING_ROWS, columns), dtype=np.float32)
    target = features @ random.random(columns)
    fitted = estimator.fit(features, target)  # type: ignore[attr-defined] # scikit-learn is untyped
    directory.mkdir(parents=True)
    graph = to_onnx(fitted, features[:1], target_opset=OPSETS)
    (directory / "model.onnx").write_bytes(graph.SerializeToString())
    return directory
