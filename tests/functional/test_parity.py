"""The same rows through both functions: bit for bit the same predictions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

from tests import graphs
from tests.functional.conftest import ImportHandler, LoadEvent
from tests.functional.exchange import parsed
from tests.functional.runtime import ROOT

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Row = dict[str, Any]
WIDTH = 10
GRAPHS: dict[str, Callable[[], Any]] = {
    "linear": lambda: graphs.linear(WIDTH),
    "tree": lambda: graphs.boosted_stumps(WIDTH),
    "perceptron": lambda: graphs.perceptron(WIDTH),
    "housing": lambda: None,
}


@pytest.fixture(params=GRAPHS)
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Of both functions of a model."""
    name = request.param
    directory = ROOT / "models" / "housing" / "1"
    if name != "housing":
        directory = graphs.save(GRAPHS[name](), tmp_path / name / "1")
    return {
        "MODEL_DIR": str(directory),
        "MODEL_NAME": name,
        "INBOX_BUCKET": "inbox",
        "RESULTS_BUCKET": "results",
    }


def rows_for(name: str, length: int) -> list[Row]:
    random = np.random.default_rng(length)
    if name != "housing":
        cells = random.normal(scale=10.0 ** random.integers(-3, 4, (length, WIDTH)))
        return [{f"X_{i}": cell for i, cell in enumerate(row)} for row in cells.tolist()]
    yes_no = ["driveway", "recroom", "fullbase", "gashw", "airco", "prefarea"]
    limits = {"lotsize": 20_000, "bedrooms": 8, "bathrms": 5, "stories": 5, "garagepl": 5}
    return [
        {column: int(random.integers(1, most)) for column, most in limits.items()}
        | {"lotsize": float(random.uniform(1000, 20_000))}
        | {column: str(random.choice(["yes", "no"])) for column in yes_no}
        for _ in range(length)
    ]


@pytest.mark.parametrize("length", [1, 2, 63, 64, 4096, 4097])
def test_predict_and_score_give_bit_equal_predictions(
    length: int,
    environment: dict[str, str],
    s3: S3Client,
    import_handler: ImportHandler,
    load_event: LoadEvent,
) -> None:
    name = environment["MODEL_NAME"]
    rows = rows_for(name, length)
    predict = import_handler("predict", **environment)
    score = import_handler("score", **environment)
    path = f"/models/{name}/predict"
    request = load_event("predict") | {"rawPath": path, "body": json.dumps({"instances": rows})}
    request["requestContext"]["http"] |= {"method": "POST", "path": path}
    s3.put_object(Bucket="inbox", Key=f"{name}/rows.csv", Body=as_csv(rows))
    s3.put_object(Bucket="inbox", Key=f"{name}/rows.jsonl", Body=as_json_lines(rows))

    answer = parsed(predict(request))
    failures = score(announcing(load_event, f"{name}/rows.csv", f"{name}/rows.jsonl"))

    assert failures == {"batchItemFailures": []}
    [output] = answer["predictions"][0]
    online = [prediction[output] for prediction in answer["predictions"]]
    table = s3.get_object(Bucket="results", Key=f"{name}/rows.csv")["Body"].read().decode()
    lines = s3.get_object(Bucket="results", Key=f"{name}/rows.jsonl")["Body"].read().splitlines()
    assert len(online) == length
    assert [float(row[output]) for row in csv.DictReader(io.StringIO(table))] == online
    assert [orjson.loads(line)[output] for line in lines] == online


def as_csv(rows: list[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_json_lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def announcing(load_event: LoadEvent, *keys: str) -> Row:
    """The event of one message about the current versions of these objects."""
    event = load_event("score_two_files")
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "inbox"}, "object": {"key": key}},
        }
        for key in keys
    ]
    return {"Records": [event["Records"][0] | {"body": json.dumps({"Records": records})}]}
