"""Directories with nothing but a model file, through the whole local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from local.cloud import Cloud
from local.port import Port
from tests import graphs


@pytest.fixture(scope="module")
def bare_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    models = tmp_path_factory.mktemp("elsewhere")
    graphs.save(graphs.sale(), models / "sale" / "1")
    graphs.save(graphs.total(), models / "total" / "1")
    graphs.save(graphs.linear(2), models / "total" / "2")
    with Cloud(models, api_port=Port(0, "PORT"), aws_port=Port(0, "AWS_PORT")) as cloud:
        yield cloud


def test_a_model_without_a_card_predicts_under_the_names_of_its_graph(bare_cloud: Cloud) -> None:
    rows = [{"area": 10.5, "rooms": 2, "kind": "flat"}]

    answer = httpx.post(f"{bare_cloud.api_url}/models/sale/predict", json=rows, timeout=60)

    assert answer.json() == {
        "model": "sale",
        "version": 1,
        "predictions": [{"price": 21.0, "kind_out": "flat"}],
    }


def test_without_a_card_the_highest_version_serves(bare_cloud: Cloud) -> None:
    answer = httpx.get(f"{bare_cloud.api_url}/models/total", timeout=60)

    assert answer.json()["version"] == 2


def test_of_several_models_the_first_by_name_is_behind_predict(bare_cloud: Cloud) -> None:
    answer = httpx.post(f"{bare_cloud.api_url}/predict", json=[[1.5, 2, "house"]], timeout=60)

    assert answer.json()["predictions"] == [{"price": 3.0, "kind_out": "house"}]


def test_a_model_without_a_card_scores_files(
    bare_cloud: Cloud, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    s3 = bare_cloud.data_plane.s3()

    s3.put_object(Bucket="inbox", Key="sale/a.csv", Body=b"kind,rooms,area\nflat,2,10.5\n")

    def settled() -> bool:
        keys = s3.list_objects_v2(Bucket="results").get("Contents", [])
        return "sale/a.csv.manifest.json" in [entry["Key"] for entry in keys]

    wait_until(settled)
    manifest = s3.get_object(Bucket="results", Key="sale/a.csv.manifest.json")["Body"].read()
    assert json.loads(manifest)["rows"] == {"in": 1, "ok": 1, "bad": 0}
    scored = s3.get_object(Bucket="results", Key="sale/a.csv")["Body"].read()
    assert scored == b"kind,rooms,area,price,kind_out,error\nflat,2,10.5,21.0,flat,\n"
