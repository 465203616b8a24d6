"""The same rows through both functions: bit for bit the same predictions."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from delivery.job import Source
from delivery.task import Announcement
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
        "QUEUE_ARN": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "SPLIT_BYTES": "134217728",
        "PART_BYTES": "67108864",
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
    files = {
        f"{name}/rows.csv": as_csv(rows),
        f"{name}/rows.jsonl.gz": gzip.compress(as_json_lines(rows)),
        f"{name}/rows.parquet": as_parquet(rows),
    }
    for key, body in files.items():
        s3.put_object(Bucket="inbox", Key=key, Body=body)

    answer = parsed(predict(request))
    failures = score(announcing(load_event, *files))

    assert failures == {"batchItemFailures": []}
    [output] = answer["predictions"][0]
    online = [prediction[output] for prediction in answer["predictions"]]
    table, lines, parquet = (
        s3.get_object(Bucket="results", Key=key)["Body"].read() for key in files
    )
    column = pq.read_table(io.BytesIO(parquet))[output].to_numpy()
    assert len(online) == length
    assert [float(row[output]) for row in csv.DictReader(io.StringIO(table.decode()))] == online
    assert [orjson.loads(line)[output] for line in gzip.decompress(lines).splitlines()] == online
    assert column.tolist() == np.array(online, column.dtype).tolist()


def as_csv(rows: list[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_json_lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_parquet(rows: list[Row]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def announcing(load_event: LoadEvent, *keys: str) -> Row:
    """The event of messages about the current versions of these objects."""
    message = load_event("score_two_files")["Records"][0]
    return {
        "Records": [
            message
            | {
                "messageId": key,
                "body": Announcement(Source("inbox", key, None, None)).to_json(),
            }
            for key in keys
        ]
    }
