"""Transformers of full size through both doors; `make full-size` builds them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pytest

from serving.golden import Golden, read_golden
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import parsed, to, with_body
from tests.functional.runtime import ROOT
from tests.functional.test_parity import announcing, as_csv
from tests.functional.test_score import DONE, ENVIRONMENT, body_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MODELS = ROOT / ".tools" / "full_size" / "models"
TOLERANCE = 1e-4  # onnxruntime against PyTorch

pytestmark = [
    pytest.mark.full_size,
    pytest.mark.skipif(not MODELS.is_dir(), reason="`make full-size` builds them"),
]


@pytest.fixture(params=["minilm", "roberta"])
def model(request: pytest.FixtureRequest) -> Path:
    directory: Path = MODELS / request.param
    return directory


@pytest.fixture
def golden(model: Path) -> Golden:
    """Texts, and what PyTorch made of them."""
    golden = read_golden(model / "1")
    assert golden is not None
    return golden


def embeddings(predictions: list[dict[str, list[float]]]) -> list[list[float]]:
    return [prediction["embedding"] for prediction in predictions]


def handler(import_handler: ImportHandler, function: str, model: Path) -> Handler:
    return import_handler(function, MODEL_DIR=str(model / "1"), **ENVIRONMENT)


def test_texts_are_embedded_online_as_in_pytorch(
    model: Path,
    golden: Golden,
    import_handler: ImportHandler,
    load_event: LoadEvent,
) -> None:
    predict = handler(import_handler, "predict", model)
    event = to(load_event("predict"), "POST", f"/models/{model.name}/predict")

    answer = parsed(predict(with_body(event, golden.instances)))

    np.testing.assert_allclose(
        embeddings(answer["predictions"]), embeddings(golden.predictions), atol=TOLERANCE
    )


def test_a_file_of_texts_is_embedded_as_in_pytorch(
    model: Path,
    golden: Golden,
    import_handler: ImportHandler,
    load_event: LoadEvent,
    s3: S3Client,
) -> None:
    score = handler(import_handler, "score", model)
    key = f"{model.name}/texts.csv"
    s3.put_object(Bucket="inbox", Key=key, Body=as_csv(golden.instances))

    answer = score(announcing(load_event, key))

    assert answer == DONE
    rows = list(csv.reader(io.StringIO(body_of(s3, key).decode())))
    assert rows[0][0] == "text"
    assert rows[0][-1] == "error"
    np.testing.assert_allclose(
        [[orjson.loads(cell) for cell in row[1:-1]] for row in rows[1:]],
        embeddings(golden.predictions),
        atol=TOLERANCE,
    )
