"""Sample rows, and how many of them a request may bring."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from onnx import TensorProto

from cdk.deployed_model import DeployedModel, deployed_models
from doctor.sample import Sample
from tests import graphs
from tests.doctor import made


@pytest.fixture
def adder(tmp_path: Path) -> DeployedModel:
    graphs.save(graphs.total(), tmp_path / "adder" / "1")
    [model] = deployed_models(tmp_path)
    return model


def test_golden_rows_come_again_and_again(adder: DeployedModel) -> None:
    golden = {"instances": [[1, 2.5], {"X_0": 3, "X_1": 4}], "predictions": [{}, {}]}
    (adder.directory / "golden.json").write_bytes(orjson.dumps(golden))

    sample = Sample.of(adder)

    assert sample.csv(3) == b"X_0,X_1\n1,2.5\n3,4\n1,2.5\n"
    assert sample.json() == '{"instances":[{"X_0":1,"X_1":2.5}]}'


def test_without_golden_rows_one_is_made_up(adder: DeployedModel) -> None:
    sample = Sample.of(adder)

    assert sample.csv(1) == b"X_0,X_1\n1,1\n"


def test_a_request_of_small_rows_is_bounded_by_their_number(adder: DeployedModel) -> None:
    # In 100,000 lines, of which the first is the header.
    assert Sample.of(adder).most_rows == 99_999


def test_a_request_of_texts_is_bounded_by_their_lines(tmp_path: Path) -> None:
    version = graphs.save(graphs.identity(TensorProto.STRING), tmp_path / "echo" / "1")
    golden = {"instances": [{"x": "one"}, {"x": "two\nlines"}], "predictions": [{}, {}]}
    (version / "golden.json").write_bytes(orjson.dumps(golden))
    [echo] = deployed_models(tmp_path)

    sample = Sample.of(echo)

    assert sample.most_rows == 66_666
    assert sample.csv(sample.most_rows).count(b"\n") == 100_000


def test_a_request_of_wide_rows_is_bounded_by_their_cells(tmp_path: Path) -> None:
    graphs.save(made.hungry(), tmp_path / "hungry" / "1")
    [model] = deployed_models(tmp_path)

    sample = Sample.of(model)

    assert sample.most_rows == 2
    assert sample.csv(1).startswith(b'X\n"[[1,1,')
