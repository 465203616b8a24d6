"""Predict starts as its deployment says, on little, and holds out under the official runtime."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.errors import ConfigurationError
from tests import graphs
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import parsed, with_body
from tests.functional.golden import HOUSING, PREDICTIONS, ROWS
from tests.functional.runtime import LAYER, ROOT, Runtime


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("predict")


def test_in_an_image_name_and_version_come_from_the_environment(
    import_handler: ImportHandler, load_event: LoadEvent, tmp_path: Path
) -> None:
    card = "live = 3\n[features]\na = { kind = 'number' }\nb = { kind = 'number' }"
    directory = graphs.save(graphs.total(), tmp_path / "opt" / "model", card=card)
    predict = import_handler(
        "predict", MODEL_DIR=str(directory), MODEL_NAME="adder", MODEL_VERSION="3"
    )

    answer = predict(with_body(load_event("predict_default_model"), [{"a": 1, "b": 2}]))

    assert parsed(answer) == {"model": "adder", "version": 3, "predictions": [{"total": 3.0}]}


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MODEL_DIR": ""}, "MODEL_DIR: expected a value in the environment, got none"),
        ({"MODEL_DIR": "/opt/model"}, "MODEL_VERSION: expected a whole number, got 'model'"),
    ],
)
def test_a_wrong_deployment_does_not_start(
    import_handler: ImportHandler, environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        import_handler("predict", **environ)

    assert str(raised.value) == sentence


HEAVY = [
    "aws_lambda_powertools",
    "aws_xray_sdk",
    "asyncio",
    "boto3",
    "botocore.client",
    "botocore.session",
    "pandas",
    "pyarrow",
    "pydantic",
]


def test_a_cold_start_imports_nothing_that_costs_more_than_the_model() -> None:
    script = f"""
import sys
import functions.predict.handler
print([name for name in {HEAVY} if name in sys.modules])
"""

    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{LAYER}", "MODEL_DIR": str(HOUSING)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == "[]\n"


@pytest.fixture(scope="module")
def deployed() -> Iterator[Runtime]:
    with Runtime("predict", MODEL_DIR=str(HOUSING)) as runtime:
        yield runtime


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"body": '["\ud800"]'}, 400),
        ({"body": '["\\ud800"]'}, 400),
        ({"body": "[" * 100_000}, 400),
        ({"rawPath": "/models/\ud800"}, 405),
        ({"rawPath": "/\ud800"}, 404),
        ({"requestContext": None}, 405),
        ({"requestContext": {"http": {"method": "\ud800"}}}, 405),
    ],
)
def test_the_runtime_survives_what_it_is_sent(
    deployed: Runtime, event: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    answer = deployed(event | change)

    assert answer["statusCode"] == status
    assert parsed(deployed(event))["predictions"] == PREDICTIONS[:1]


def test_the_runtime_answers_what_the_handler_answers(
    deployed: Runtime, predict: Handler, event: dict[str, Any]
) -> None:
    all_rows = with_body(event, ROWS)

    assert deployed(all_rows) == predict(all_rows)
