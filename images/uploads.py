"""What the score function is asked: files of each format, on buckets and a queue of moto."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import orjson
import pyarrow as pa
from pyarrow import csv, parquet

from iam.account import arn
from images.recipe import ROOT, Recipe
from images.requests import golden_rows
from local.data_plane import DataPlane
from local.port import Port

Json = dict[str, Any]

EVENT = ROOT / "events" / "score_two_files.json"
SIDES = ("inside", "outside")


class Uploads:
    """An exchange, as images.answers has it; each side has buckets of its own."""

    def __init__(self, recipe: Recipe) -> None:
        self._model = recipe.model
        self._files = dict(_files(golden_rows(recipe)))
        self._data_plane = DataPlane(Port(0, "AWS_PORT"))

    def __enter__(self) -> Self:
        self._data_plane.__enter__()
        self._s3 = self._data_plane.s3()
        for side in SIDES:
            self._s3.create_bucket(Bucket=f"results-{side}")
            self._s3.create_bucket(Bucket=f"inbox-{side}")
            self._s3.put_bucket_versioning(
                Bucket=f"inbox-{side}", VersioningConfiguration={"Status": "Enabled"}
            )
            self._s3.put_bucket_versioning(
                Bucket=f"results-{side}", VersioningConfiguration={"Status": "Enabled"}
            )
            self._data_plane.sqs().create_queue(QueueName=f"queue-{side}")
        return self

    def __exit__(self, *exit_: object) -> None:
        self._data_plane.__exit__(*exit_)

    def variables(self, side: str) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": self._data_plane.endpoint,
            "INBOX_BUCKET": f"inbox-{side}",
            "RESULTS_BUCKET": f"results-{side}",
            "QUEUE_ARN": arn("sqs", f"queue-{side}"),
            "SPLIT_BYTES": str(128 * 1024 * 1024),
            "PART_BYTES": str(64 * 1024 * 1024),
        }

    def answers(self, ask: Callable[[Json], Json], side: str) -> Json:
        return {name: self._scored(ask, side, name) for name in self._files}

    def faults(self, answers: Mapping[str, Any]) -> Iterator[str]:
        for name, (reply, status, _) in answers.items():
            if reply != {"batchItemFailures": []} or status != "succeeded":
                yield f"{name}: expected it scored, got {reply} and a manifest that says {status}"

    def _scored(self, ask: Callable[[Json], Json], side: str, name: str) -> list[Any]:
        """The function's reply, what the manifest says, and the scored file."""
        key = f"{self._model}/{name}"
        reply = ask(self._event(side, key, self._files[name]))
        manifest = orjson.loads(self._read(f"results-{side}", f"{key}.manifest.json") or b"{}")
        return [reply, manifest.get("status"), self._read(f"results-{side}", key)]

    def _event(self, side: str, key: str, content: bytes) -> Json:
        """The upload's message, as in events/ but for what was uploaded."""
        put = self._s3.put_object(Bucket=f"inbox-{side}", Key=key, Body=content)
        event: Json = orjson.loads(EVENT.read_bytes())
        [record, *_] = event["Records"]
        body = orjson.loads(record["body"])
        body["Records"][0]["s3"]["bucket"]["name"] = f"inbox-{side}"
        body["Records"][0]["s3"]["object"] |= {
            "key": key,
            "size": len(content),
            "eTag": put["ETag"].strip('"'),
            "versionId": put["VersionId"],
        }
        return {"Records": [record | {"body": orjson.dumps(body).decode()}]}

    def _read(self, bucket: str, key: str) -> bytes | None:
        try:
            return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None


def _files(rows: list[Any]) -> Iterator[tuple[str, bytes]]:
    """The golden rows in each format that holds them; rows that are lists have no names."""
    if not rows or not isinstance(rows[0], dict):
        return
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    yield "rows.jsonl", lines
    yield "rows.jsonl.gz", gzip.compress(lines, mtime=0)
    if not any(isinstance(value, list | dict) for row in rows for value in row.values()):
        table = pa.Table.from_pylist(rows)
        yield "rows.csv", _written(csv.write_csv, table)
        yield "rows.csv.zst", pa.compress(_written(csv.write_csv, table), "zstd", asbytes=True)
        yield "rows.parquet", _written(parquet.write_table, table)


def _written(write: Callable[[pa.Table, io.BytesIO], None], table: pa.Table) -> bytes:
    target = io.BytesIO()
    write(table, target)
    return target.getvalue()
