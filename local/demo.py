"""The demo: one online prediction and one scored file, each held against what was promised."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import httpx

from local.cloud import Cloud
from local.deployed_model import DeployedModel, Row
from local.errors import DemoFailedError
from terminal.output import say

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

INBOX, RESULTS = "inbox", "results"
MANIFEST_TIMEOUT_S = 60.0
# Golden predictions were made on another machine, whose last bits may differ.
RELATIVE_TOLERANCE = 1e-4
SPOILT = "not a number"


def show(cloud: Cloud) -> None:
    """Writes what happens to standard output. Raises DemoFailedError."""
    model = cloud.default_model
    golden = model.golden_rows() if model else []
    if not model or not golden:
        raise DemoFailedError(
            "expected golden.json beside the default model's model.onnx, found none to show; "
            "docs/cards.md says what it holds, and `make serve` does without"
        )
    _predict(cloud.api_url, golden)
    _score(cloud.data_plane.s3(), model, golden)
    say("\nBoth doors answered as promised.")


def _predict(api_url: str, golden: Sequence[tuple[Row, Row]]) -> None:
    sent = golden[:2]
    request = {"instances": [instance for instance, _ in sent]}
    say(f"\n1. Online: POST {api_url}/predict\n{_pretty(request)}")
    response = httpx.post(f"{api_url}/predict", json=request, timeout=60)
    say(f"\nAnswer: {response.status_code}\n{response.text}")
    _expect("the status", 200, response.status_code)
    answers = response.json()["predictions"]
    _expect("the number of predictions", len(sent), len(answers))
    for (_, expected), answer in zip(sent, answers, strict=True):
        _expect_close(expected, answer)


def _score(s3: S3Client, model: DeployedModel, golden: Sequence[tuple[Row, Row]]) -> None:
    key = f"{model.name}/demo.csv"
    rows = [instance for instance, _ in golden]
    say(f"\n2. Batch: {len(rows)} rows and one that is deliberately bad, s3://{INBOX}/{key}")
    s3.put_object(Bucket=INBOX, Key=key, Body=_csv([*rows, _spoilt(rows[0])]).encode())

    manifest = json.loads(_wait_for(s3, f"{key}.manifest.json"))
    say(f"\nManifest: {manifest['status']}\n{_pretty(manifest['rows'])}")
    _expect("the manifest's status", "succeeded", manifest["status"])
    counts = {"in": len(rows) + 1, "ok": len(rows), "bad": 1}
    _expect("the manifest's rows", counts, manifest["rows"])

    scored = s3.get_object(Bucket=RESULTS, Key=key)["Body"].read().decode()
    say(f"\nScored file: s3://{RESULTS}/{key}\n{scored}")
    _check(list(csv.DictReader(io.StringIO(scored))), golden)


def _check(scored: Sequence[dict[str, str]], golden: Sequence[tuple[Row, Row]]) -> None:
    _expect("the number of scored rows", len(golden) + 1, len(scored))
    *good, bad = scored
    for (_, expected), row in zip(golden, good, strict=True):
        _expect("a good row's error", "", row["error"])
        _expect_close(expected, row)
    if not bad["error"]:
        raise DemoFailedError("expected an error in the bad row, found none")


def _wait_for(s3: S3Client, key: str) -> bytes:
    deadline = time.monotonic() + MANIFEST_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            return s3.get_object(Bucket=RESULTS, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            time.sleep(0.1)
    raise DemoFailedError(
        f"expected s3://{RESULTS}/{key} within {MANIFEST_TIMEOUT_S:g} s, found nothing; "
        "the lines above say what the score function did"
    )


def _spoilt(row: Row) -> Row:
    """The row with its first number made unreadable, or its first category unknown."""
    numbers = [name for name, value in row.items() if isinstance(value, int | float)]
    return row | {[*numbers, *row][0]: SPOILT}


def _csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _expect(what: str, expected: object, got: object) -> None:
    if expected != got:
        raise DemoFailedError(f"{what}: expected {expected}, got {got}")


def _expect_close(expected: Row, got: dict[str, Any]) -> None:
    for name, golden in expected.items():
        if not _close(golden, got.get(name)):
            raise DemoFailedError(
                f"{name}: expected {golden}, as in golden.json, got {got.get(name)}"
            )


def _close(golden: Any, value: Any) -> bool:  # noqa: ANN401 - a cell of any kind
    try:
        return math.isclose(float(golden), float(value), rel_tol=RELATIVE_TOLERANCE)
    except (TypeError, ValueError):
        return bool(golden == value)


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
