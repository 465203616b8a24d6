"""Texts, encoded categories and scaled numbers get the same answers in every door."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest

from tests import graphs
from tests.functional.conftest import ImportHandler, LoadEvent
from tests.functional.exchange import parsed
from tests.functional.test_parity import Row, announcing, as_csv, as_json_lines, as_parquet
from tests.texts import CARD, WORDS, save_reviews

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LONGEST = CARD.replace("max_tokens = 16", 'max_tokens = 16, padding = "longest"') + (
    "[golden]\ntolerance = 1e-4\n[runs]\ntokens = 300\n"
)
HOUSES = """
live = 1
[features]
kind = { kind = "category", categories = ["flat", "house"], encode = "one-hot" }
heat = { kind = "category", codes = { gas = 2.5, oil = -1 }, missing = "fill", fill = "gas" }
area = { kind = "number", mean = 100.3, std = 31.7 }
rent = { kind = "number", mean = 1000, std = 250, missing = "fill", fill = 900.5 }
[outputs]
score = { tensor = "y", activation = "sigmoid" }
dear = { tensor = "y", threshold = 0.1 }
"""
OUTPUTS = {"reviews": ["positive", "score", "label", "top"], "houses": ["score", "dear"]}


def environment(name: str, directory: Path) -> dict[str, str]:
    return {
        "MODEL_DIR": str(directory),
        "MODEL_NAME": name,
        "INBOX_BUCKET": "inbox",
        "RESULTS_BUCKET": "results",
        "QUEUE_ARN": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "SPLIT_BYTES": "134217728",
        "PART_BYTES": "67108864",
    }


def reviews_of(length: int) -> list[Row]:
    awkward = ["", "it is, \"good\"\nnot 'bad'", "naïve 𝄞 …", "=1+1"]
    random = Random(length)
    texts = [" ".join(random.choices(WORDS, k=random.randrange(25))) for _ in range(length)]
    return [{"review": text} for text in [*awkward, *texts][:length]]


def houses_of(length: int) -> list[Row]:
    random = Random(length)
    return [
        {
            "kind": random.choice(["flat", "house"]),
            "heat": random.choice(["gas", "oil", None]),
            "area": random.uniform(10, 400),
            "rent": random.choice([None, 700, random.uniform(1, 5000)]),
        }
        for _ in range(length)
    ]


class Doors:
    """Both functions of a model, and the same rows through each of their formats."""

    def __init__(
        self,
        variables: dict[str, str],
        s3: S3Client,
        import_handler: ImportHandler,
        load_event: LoadEvent,
    ) -> None:
        self._name = variables["MODEL_NAME"]
        self._s3 = s3
        self._load_event = load_event
        self._predict = import_handler("predict", **variables)
        self._score = import_handler("score", **variables)

    def online(self, rows: list[Row]) -> list[Row]:
        path = f"/models/{self._name}/predict"
        request = self._load_event("predict") | {"rawPath": path, "body": json.dumps(rows)}
        request["requestContext"]["http"] |= {"method": "POST", "path": path}
        predictions: list[Row] = parsed(self._predict(request))["predictions"]
        return predictions

    def files(self, rows: list[Row]) -> list[list[Row]]:
        """As CSV, as JSON lines and as Parquet."""
        bodies = {"csv": as_csv(rows), "jsonl": as_json_lines(rows), "parquet": as_parquet(rows)}
        keys = [f"{self._name}/rows.{ending}" for ending in bodies]
        for key, body in zip(keys, bodies.values(), strict=True):
            self._s3.put_object(Bucket="inbox", Key=key, Body=body)
            failures = self._score(announcing(self._load_event, key))
            assert failures == {"batchItemFailures": []}
        table, lines, parquet = (
            self._s3.get_object(Bucket="results", Key=key)["Body"].read() for key in keys
        )
        return [
            [spelled(row) for row in csv.DictReader(io.StringIO(table.decode(), newline=""))],
            [*map(orjson.loads, lines.splitlines())],
            pq.read_table(io.BytesIO(parquet)).to_pylist(),
        ]


OpenDoors = Callable[[dict[str, str]], Doors]


def spelled(row: dict[str, str]) -> Row:
    """What the cells of predictions spell; labels are texts."""
    return {name: cell if name == "label" else _value(cell) for name, cell in row.items()}


def _value(cell: str) -> object:
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell


def as_float32(value: object) -> object:
    """Parquet has the very floats; elsewhere stands their shortest text."""
    match value:
        case float():
            return float(np.float32(value))
        case list():
            return [*map(as_float32, value)]
        case dict():
            return {key: as_float32(inner) for key, inner in value.items()}
    return value


def answers(rows: list[Row], names: list[str]) -> list[Row]:
    return [{name: as_float32(row[name]) for name in names} for row in rows]


@pytest.fixture
def open_doors(s3: S3Client, import_handler: ImportHandler, load_event: LoadEvent) -> OpenDoors:
    return lambda variables: Doors(variables, s3, import_handler, load_event)


@pytest.mark.parametrize("length", [1, 2, 63, 64, 1500])
@pytest.mark.parametrize("name", ["reviews", "houses"])
def test_the_same_row_gets_the_same_bits(
    name: str, length: int, tmp_path: Path, open_doors: OpenDoors
) -> None:
    directory = tmp_path / name / "1"
    if name == "reviews":
        save_reviews(directory, card=f"{CARD}[runs]\ntokens = 300")
    else:
        graphs.save(graphs.linear(5), directory, card=HOUSES)
    rows = reviews_of(length) if name == "reviews" else houses_of(length)
    doors = open_doors(environment(name, directory))

    online = answers(doors.online(rows), OUTPUTS[name])
    files = [answers(found, OUTPUTS[name]) for found in doors.files(rows)]

    assert len(online) == length
    assert files == [online] * 3


def test_padding_that_varies_stays_within_the_cards_tolerance(
    tmp_path: Path, open_doors: OpenDoors
) -> None:
    directory = save_reviews(tmp_path / "reviews" / "1", card=LONGEST)
    rows = reviews_of(300)
    doors = open_doors(environment("reviews", directory))

    alone = [row["score"] for text in rows[:20] for row in doors.online([text])]
    online = [row["score"] for row in doors.online(rows)]
    files = [[row["score"] for row in found] for found in doors.files(rows)]

    assert alone == pytest.approx(online[:20], rel=1e-4, abs=1e-4)
    for scores in files:
        assert scores == pytest.approx(online, rel=1e-4, abs=1e-4)
