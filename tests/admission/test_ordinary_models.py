"""What onnxruntime serves is admitted: a false refusal is a defect like a false admission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from admission.gate import admit
from serving.card import Card
from serving.errors import ConfigurationError
from serving.session import open_session, read_model_file
from tests import graphs
from tests.admission.ordinary_models import SERVED
from tests.admission.test_influence import EXPORTS

# Exports of PyTorch, most of them, for ONNX's own tests.
CASES = [*Path(onnx.__file__).parent.joinpath("backend", "test", "data").rglob("*.onnx")]


def loads(directory: Path) -> bool:
    try:
        open_session(read_model_file(directory), directory, Card())
    except ConfigurationError:
        return False
    return True


@pytest.mark.parametrize("name", SERVED)
def test_what_people_export_is_admitted_and_served(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "1"
    SERVED[name](directory)

    admit(directory, Card())

    assert loads(directory)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_ordinary_export_is_admitted_and_served(tmp_path: Path, name: str) -> None:
    directory = graphs.save(EXPORTS[name](), tmp_path)

    admit(directory, Card())

    assert loads(directory)


# What is refused although onnxruntime loads it: the doors carry no such types, and no request may
# choose a size or a divisor.
DELIBERATE = (
    "expected a tensor of booleans, integers, floats or strings",
    "expected a size that no request chooses",
    "expected a divisor that no request chooses",
)


def false_refusals(directory: Path) -> Iterator[str]:
    for path in CASES:
        graphs.save(onnx.load(path), directory)
        try:
            admit(directory, Card())
        except ConfigurationError as error:
            if loads(directory) and not any(reason in str(error) for reason in DELIBERATE):
                yield f"{path}: {error}"


def test_of_the_models_that_onnx_brings_none_is_refused_that_onnxruntime_runs(
    tmp_path: Path,
) -> None:
    assert len(CASES) > 100
    assert [*false_refusals(tmp_path)] == []
