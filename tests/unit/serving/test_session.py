"""A session runs the bytes that were hashed, with external data beside them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from serving.card import Card
from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.errors import ConfigurationError
from serving.model import Model
from serving.session import open_session, read_model_file
from tests import graphs
from tests.admission import ordinary_models


def test_the_bytes_that_are_loaded_are_those_that_are_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = graphs.save(graphs.total(), tmp_path / "1")
    original = shutil.copytree(directory, tmp_path / "original")
    swapped = graphs.linear(2).SerializeToString()
    read = Path.read_bytes

    def read_then_swap(path: Path) -> bytes:
        content = read(path)
        if path == directory / "model.onnx":
            path.write_bytes(swapped)
        return content

    monkeypatch.setattr(Path, "read_bytes", read_then_swap)
    model = Model.load(Deployment(directory, "example", 1))

    libraries = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
    assert [tensor.name for tensor in model.signature.outputs] == ["total"]
    assert model.digest == scoring_digest(original, Card(), libraries)


def test_external_data_is_found_beside_the_model_wherever_the_process_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "1"
    ordinary_models.external(directory)
    monkeypatch.chdir(tmp_path)

    session = open_session(read_model_file(directory), directory, Card())

    rows = np.ones((2, 4), np.float32)
    bare = onnxruntime.InferenceSession(directory / "model.onnx")
    assert session.run(None, {"X": rows})[0].tobytes() == bare.run(None, {"X": rows})[0].tobytes()


def test_a_version_directory_may_be_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary_models.external(tmp_path / "1")
    monkeypatch.chdir(tmp_path)

    session = open_session(read_model_file(Path("1")), Path("1"), Card())

    assert [node.name for node in session.get_inputs()] == ["X"]


def test_a_session_does_not_keep_the_bytes(tmp_path: Path) -> None:
    directory = graphs.save(graphs.total(), tmp_path)

    session = open_session(read_model_file(directory), directory, Card())

    assert session._model_bytes is None


def polyglot() -> bytes:
    """ONNX, whose first field is one that nobody knows, with the mark of onnxruntime's own format
    where that has it."""
    field = bytes([0xFA, 0x07, 0x10]) + b"\0ORTM".ljust(16, b"\0")
    return field + graphs.total().SerializeToString()


def test_a_file_is_onnx_whatever_else_it_could_be(tmp_path: Path) -> None:
    session = open_session(polyglot(), tmp_path, Card())

    assert [node.name for node in session.get_outputs()] == ["total"]


def test_onnxruntime_would_take_such_a_file_for_one_of_its_own() -> None:
    """The reason for naming the format: once it fails, there is no need to."""
    with pytest.raises(Exception, match="ORT model verification failed"):
        onnxruntime.InferenceSession(polyglot())


def test_onnxruntime_reads_hard_links(tmp_path: Path) -> None:
    """The reason for refusing them at admission: nothing behind it does."""
    directory = tmp_path / "1"
    ordinary_models.external(directory)
    weights = directory / "weights" / "all.bin"
    (tmp_path / "elsewhere").hardlink_to(weights)

    session = open_session(read_model_file(directory), directory, Card())

    assert weights.stat().st_nlink == 2
    assert [node.name for node in session.get_inputs()] == ["X"]


def test_extensions_that_are_not_installed_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime_extensions", None)
    content = graphs.total().SerializeToString()

    with pytest.raises(ConfigurationError) as raised:
        open_session(content, tmp_path, Card(extensions=True))

    assert str(raised.value) == (
        "model.toml: graph.extensions: expected the package onnxruntime-extensions, which is not "
        "installed; add it to the requirements of the model's images"
    )
