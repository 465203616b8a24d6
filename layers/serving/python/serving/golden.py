"""Golden rows: what a version must predict before it serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from serving.errors import GoldenError, ServingError, shown
from serving.instances import decode_rows
from serving.predictions import as_objects, encode

if TYPE_CHECKING:
    from serving.model import Model

FILE_NAME = "golden.json"


class Golden(NamedTuple):
    """Rows as a request brings them, and one prediction for each."""

    instances: list[Any]
    predictions: list[Any]


def read_golden(version_directory: Path) -> Golden | None:
    """A version's golden rows; None where it has none. Raises GoldenError where they are no such
    rows."""
    path = version_directory / FILE_NAME
    if not path.is_file():
        return None
    match _document(path):
        case {"instances": list(instances), "predictions": list(predictions)} if (
            0 < len(instances) == len(predictions)
        ):
            return Golden(instances, predictions)
        case {"instances": list(instances), "predictions": list(predictions)}:
            got = f"{len(predictions)} prediction(s) for {len(instances)} row(s)"
            raise GoldenError(f"{path}: expected rows and a prediction for each, got {got}")
    raise GoldenError(
        f'{path}: expected {{"instances": [row, …], "predictions": [prediction, …]}}, got JSON '
        "without these two arrays"
    )


def _document(path: Path) -> object:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise GoldenError(f"{path}: expected JSON: {error}") from error


def require_golden(model: Model, version_directory: Path) -> None:
    """Raises GoldenError with the first prediction that is not the golden one, within the card's
    tolerance. A version without golden rows promises none."""
    golden = read_golden(version_directory)
    if golden is None:
        return
    path = version_directory / FILE_NAME
    predictions = predict_golden(model, golden, path)
    for row, (expected, got) in enumerate(zip(golden.predictions, predictions, strict=True)):
        for difference in differences(expected, got, model.card.tolerance):
            raise GoldenError(
                f"{path}: row {row}{difference}; either the version is not what it was, or the "
                "card's tolerance ([golden] in model.toml) is too small for this machine"
            )


def predict_golden(model: Model, golden: Golden, path: Path) -> list[dict[str, Any]]:
    """Of the rows that `path` has; raises GoldenError where the model does not take them."""
    try:
        return predict(model, golden.instances)
    except ServingError as error:
        raise GoldenError(
            f"{path}: expected rows that the model predicts: {error}; `make golden "
            f"MODEL={model.name} FROM=rows.csv CONFIRM=1` writes other ones"
        ) from error


def predict(model: Model, instances: list[Any]) -> list[dict[str, Any]]:
    """One prediction for each row, as `predict` answers them, numbers still in the graph's type."""
    feeds = decode_rows(instances, model.columns, "/instances").feeds(model.columns)
    return as_objects(encode(model.predict(feeds, len(instances)), model.outputs))


def differences(expected: object, got: object, tolerance: float, place: str = "") -> Iterator[str]:
    """Each place where predictions differ from golden ones, and how: those of a model, whose
    numbers have the graph's type, or those of an answer."""
    if isinstance(got, dict) and isinstance(expected, dict):
        if got.keys() != expected.keys():
            yield f"{place}: expected {', '.join(expected)}, got {', '.join(got)}"
            return
        for key, value in got.items():
            yield from differences(expected[key], value, tolerance, f"{place}, {key}")
    elif (
        isinstance(got, list | np.ndarray)
        and isinstance(expected, list)
        and len(got) == len(expected)
    ):
        for index, value in enumerate(got):
            yield from differences(expected[index], value, tolerance, f"{place}, {index}")
    elif isinstance(got, np.ndarray):
        yield f"{place}: expected {shown(expected)}, got {shown(got.tolist())}"
    elif not _agree(expected, got, tolerance):
        yield f"{place}: expected {shown(expected)}, got {shown(got)}"


def _agree(expected: object, got: object, tolerance: float) -> bool:
    """Whether a value in JSON is one of a prediction; numbers are rounded to the graph's type."""
    if not isinstance(got, float | np.floating):
        return expected == got and isinstance(expected, bool) == isinstance(got, bool)
    if not np.isfinite(got):
        return expected is None
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return False
    near = abs(float(got) - expected) <= tolerance * (1 + abs(expected))
    with np.errstate(over="ignore"):  # beyond the graph's type it is an infinity, which is no `got`
        return near or bool(got == type(got)(expected))
