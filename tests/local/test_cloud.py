"""The real template, end to end: what deploys also runs here."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from local.demo import show

if TYPE_CHECKING:
    from local.cloud import Cloud
    from tests.local.conftest import WaitUntil


def test_the_cloud_is_ready_when_it_opens(cloud: Cloud) -> None:
    response = httpx.get(f"{cloud.api_url}/v2/health/ready")

    assert response.status_code == 200


def test_the_demo_finds_everything_as_promised(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    show(cloud)

    assert capsys.readouterr().out.endswith("\nBoth doors answered as promised.\n")


def test_what_no_model_answers_is_the_catalogs(cloud: Cloud) -> None:
    response = httpx.get(f"{cloud.api_url}/no/such/path")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_concurrent_requests_share_a_few_environments(cloud: Cloud) -> None:
    assert cloud.default_model is not None
    [(instance, prediction), *_] = cloud.default_model.golden_rows()

    def predict(_: int) -> list[dict[str, float]]:
        body = {"instances": [instance]}
        response = httpx.post(f"{cloud.api_url}/predict", json=body, timeout=30)
        answer: list[dict[str, float]] = response.json()["predictions"]
        return answer

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(predict, range(32)))

    assert answers == [[pytest.approx(prediction, rel=1e-4)]] * 32


def test_a_file_in_the_inbox_comes_out_scored(cloud: Cloud, wait_until: WaitUntil) -> None:
    assert cloud.default_model is not None
    s3 = cloud.data_plane.s3()
    key = f"{cloud.default_model.name}/über 2026/rows.csv"
    golden = cloud.default_model.golden_rows()
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=golden[0][0])
    writer.writeheader()
    writer.writerows(instance for instance, _ in golden)

    s3.put_object(Bucket="inbox", Key=key, Body=text.getvalue().encode())
    wait_until(lambda: "Contents" in s3.list_objects_v2(Bucket="results", Prefix=f"{key}.manifest"))

    manifest = json.loads(
        s3.get_object(Bucket="results", Key=f"{key}.manifest.json")["Body"].read()
    )
    scored = s3.get_object(Bucket="results", Key=key)["Body"].read().decode()
    names = [*golden[0][1], "error"]
    rows = [{name: row[name] for name in names} for row in csv.DictReader(io.StringIO(scored))]
    assert manifest["rows"] == {"in": len(golden), "ok": len(golden), "bad": 0}
    assert [{**row, "price": float(row["price"])} for row in rows] == [
        {"price": pytest.approx(prediction["price"], rel=1e-4), "error": ""}
        for _, prediction in golden
    ]
