"""The models of this repository: documented answers, the same ones through both doors."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest

from serving.card import read_card
from serving.golden import Golden, read_golden
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import parsed, to, with_body
from tests.functional.runtime import ROOT
from tests.functional.test_parity import announcing, as_csv, as_json_lines, as_parquet
from tests.functional.test_score import DONE, ENVIRONMENT, body_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MODELS = ROOT / "models"
NAMES = ["digits", "housing", "sentiment"]
SEVEN = (MODELS / "digits" / "example" / "seven.png").read_bytes()


def version_of(name: str) -> Path:
    return MODELS / name / "1"


def golden_of(name: str) -> Golden:
    golden = read_golden(version_of(name))
    assert golden is not None
    return golden


def predict_with(import_handler: ImportHandler, name: str) -> Handler:
    return import_handler(
        "predict", MODEL_DIR=str(version_of(name)), POWERTOOLS_METRICS_NAMESPACE="Tests"
    )


def score_with(import_handler: ImportHandler, name: str) -> Handler:
    return import_handler("score", MODEL_DIR=str(version_of(name)), **ENVIRONMENT)


def request(load_event: LoadEvent, name: str, document: object) -> dict[str, Any]:
    return with_body(to(load_event("predict"), "POST", f"/models/{name}/predict"), document)


@pytest.mark.parametrize("name", NAMES)
def test_golden_rows_get_their_golden_predictions(
    name: str, import_handler: ImportHandler, load_event: LoadEvent
) -> None:
    predict = predict_with(import_handler, name)
    rows, predictions = golden_of(name)

    answer = predict(request(load_event, name, {"instances": rows}))

    assert leaves(parsed(answer)) == close_to(
        {"model": name, "version": 1, "predictions": predictions}
    )


def leaves(value: Any) -> list[Any]:  # noqa: ANN401 - what JSON can say
    """What a document holds, in its order."""
    match value:
        case list():
            return [leaf for entry in value for leaf in leaves(entry)]
        case dict():
            return [leaf for key, entry in value.items() for leaf in (key, *leaves(entry))]
    return [value]


def close_to(value: object) -> list[Any]:
    """Golden predictions were made on another machine, whose last bits may differ."""
    return [
        pytest.approx(leaf, rel=1e-4, abs=1e-4) if isinstance(leaf, float) else leaf
        for leaf in leaves(value)
    ]


def test_a_bare_array_of_texts_is_answered_text_by_text(
    import_handler: ImportHandler, load_event: LoadEvent
) -> None:
    predict = predict_with(import_handler, "sentiment")
    rows, predictions = golden_of("sentiment")

    answer = predict(request(load_event, "sentiment", [row["text"] for row in rows]))

    assert leaves(parsed(answer)["predictions"]) == close_to(predictions)


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("MLOps is critical for robustness", True),
        ("This film was a waste of time", False),
        ("I love it", True),
        ("not good", False),
        ("not bad", True),
        ("NOT GOOD", False),
        ("Best purchase I ever made! 😀", True),
    ],
)
def test_a_text_is_as_positive_as_a_reader_would_say(
    text: str,
    positive: bool,  # noqa: FBT001 - a parameter of the test
    import_handler: ImportHandler,
    load_event: LoadEvent,
) -> None:
    predict = predict_with(import_handler, "sentiment")

    [prediction] = parsed(predict(request(load_event, "sentiment", [text])))["predictions"]

    assert prediction["positive"] == (prediction["score"] >= 0.5) == positive


def test_houses_in_the_columns_of_pandas_are_answered_row_by_row(
    import_handler: ImportHandler, load_event: LoadEvent
) -> None:
    predict = predict_with(import_handler, "housing")
    rows, predictions = golden_of("housing")
    columns = {name: {str(i): row[name] for i, row in enumerate(rows)} for name in rows[0]}

    answer = predict(request(load_event, "housing", columns))

    assert leaves(parsed(answer)["predictions"]) == close_to(predictions)


def test_a_picture_of_a_seven_is_a_request(
    import_handler: ImportHandler, load_event: LoadEvent
) -> None:
    predict = predict_with(import_handler, "digits")
    event = to(load_event("predict"), "POST", "/models/digits/predict") | {
        "headers": {"content-type": "image/png"},
        "body": base64.b64encode(SEVEN).decode(),
        "isBase64Encoded": True,
    }

    [prediction] = parsed(predict(event))["predictions"]

    best, *_ = prediction["top"]
    assert prediction["digit"] == best["label"] == 7
    assert best["score"] > 0.99


def test_a_picture_in_the_inbox_comes_out_as_json(
    import_handler: ImportHandler, load_event: LoadEvent, s3: S3Client
) -> None:
    score = score_with(import_handler, "digits")
    s3.put_object(Bucket="inbox", Key="digits/seven.png", Body=SEVEN)

    answer = score(announcing(load_event, "digits/seven.png"))

    assert answer == DONE
    assert orjson.loads(body_of(s3, "digits/seven.png.json"))["digit"] == 7


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_answered_alike_online_and_in_every_kind_of_file(
    name: str, import_handler: ImportHandler, load_event: LoadEvent, s3: S3Client
) -> None:
    predict = predict_with(import_handler, name)
    score = score_with(import_handler, name)
    rows = (golden_of(name).instances * 7)[:65]
    files = {
        f"{name}/rows.csv": as_csv(rows),
        f"{name}/rows.jsonl": as_json_lines(rows),
        f"{name}/rows.parquet": as_parquet(rows),
    }
    for key, body in files.items():
        s3.put_object(Bucket="inbox", Key=key, Body=body)

    alone = [
        parsed(predict(request(load_event, name, [row])))["predictions"][0] for row in rows[:10]
    ]
    online = parsed(predict(request(load_event, name, rows)))["predictions"]
    answers = [score(announcing(load_event, key)) for key in files]

    assert answers == [DONE] * len(files)
    table, lines, parquet = (body_of(s3, key) for key in files)
    outputs = list(online[0])
    assert online[: len(alone)] == alone
    assert from_csv(table, outputs) == online
    assert from_json_lines(lines, outputs) == online
    assert from_parquet(parquet, outputs) == rounded(online)


def from_csv(file: bytes, outputs: list[str]) -> list[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(file.decode()))
    return [{name: orjson.loads(row[name]) for name in outputs} for row in rows]


def from_json_lines(file: bytes, outputs: list[str]) -> list[dict[str, Any]]:
    return [{name: orjson.loads(line)[name] for name in outputs} for line in file.splitlines()]


def from_parquet(file: bytes, outputs: list[str]) -> Any:  # noqa: ANN401 - what JSON can say
    rows = pq.read_table(io.BytesIO(file), columns=outputs).to_pylist()
    return rounded(
        [
            {
                name: orjson.loads(cell) if isinstance(cell, str) else cell
                for name, cell in row.items()
            }
            for row in rows
        ]
    )


def rounded(value: Any) -> Any:  # noqa: ANN401 - what JSON can say
    """Every float as the float32 that it was, whether it came as text or as bits."""
    match value:
        case float():
            return np.float32(value)
        case list():
            return [rounded(entry) for entry in value]
        case dict():
            return {key: rounded(entry) for key, entry in value.items()}
    return value


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("digits", "accuracy"),
        ("digits", "accuracy_negative"),
        ("digits", "accuracy_scikit_learn"),
        ("digits", "accuracy_printed"),
        ("sentiment", "accuracy"),
    ],
)
def test_a_card_tells_the_quality_that_was_measured(name: str, metric: str) -> None:
    quality = orjson.loads((version_of(name) / "quality.json").read_bytes())

    limits = read_card(version_of(name)).limits

    assert f"{100 * quality['metrics'][metric]:.1f}%" in limits
    assert f"{quality['held_out_rows']:,}" in limits


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_small_enough_for_git(name: str) -> None:
    files = (path for path in (MODELS / name).rglob("*") if path.is_file())

    assert sum(path.stat().st_size for path in files) < 5 * 1024 * 1024
