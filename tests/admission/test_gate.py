"""What would fail, harm or mislead is refused before anything loads it, and nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admission.gate import admit
from serving.card import Card, parse_card, read_card
from serving.errors import ConfigurationError
from tests import graphs
from tests.admission import hostile_files, hostile_graphs
from tests.functional.golden import HOUSING


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("expected no session before a model is admitted")

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)


def refusal(directory: Path, card: Card | None = None) -> str:
    with pytest.raises(ConfigurationError) as raised:
        admit(directory, card or Card())
    return str(raised.value)


@pytest.mark.parametrize("name", hostile_files.HOSTILE)
def test_a_version_that_reaches_out_or_lies_is_refused(tmp_path: Path, name: str) -> None:
    build, essence = hostile_files.HOSTILE[name]
    directory = tmp_path / "1"
    build(directory)

    sentence = refusal(directory)

    assert sentence.startswith(f"{directory}/")
    assert re.search(essence, sentence)


@pytest.mark.parametrize("name", hostile_graphs.HOSTILE)
def test_a_graph_that_is_broken_or_would_harm_is_refused(tmp_path: Path, name: str) -> None:
    content, essence = hostile_graphs.HOSTILE[name]
    (tmp_path / "model.onnx").write_bytes(content)

    sentence = refusal(tmp_path)

    assert sentence.startswith(f"{tmp_path}/model.onnx: ")
    assert re.search(essence, sentence)


TEXT = """
live = 1
[features]
comment = { kind = "text", tokenizer = "tokenizer.json", max_tokens = 8 }
"""
STRANGER = """
live = 1
[features]
area = { kind = "number", tensor = "Z" }
"""


@pytest.mark.parametrize(
    ("toml", "essence"),
    [
        (TEXT, "model.toml: features.comment.tokenizer: expected a file in "),
        (STRANGER, "model.toml: features.area.tensor: expected one of the graph's inputs X, got"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, toml: str, essence: str) -> None:
    graphs.save(graphs.classifier(), tmp_path)

    sentence = refusal(tmp_path, parse_card(toml.encode(), source="model.toml"))

    assert sentence.startswith(essence)


def test_a_card_that_does_not_fit_is_named_by_its_path(tmp_path: Path) -> None:
    directory = graphs.save(graphs.classifier(), tmp_path / "voter" / "1", card=STRANGER)

    sentence = refusal(directory, read_card(directory))

    assert sentence.startswith(f"{tmp_path}/voter/model.toml: features.area.tensor: expected ")


def test_the_extensions_operators_are_admitted_where_the_card_allows_them(tmp_path: Path) -> None:
    content, _ = hostile_graphs.HOSTILE["an operator of the extensions"]
    (tmp_path / "model.onnx").write_bytes(content)

    admitted = admit(tmp_path, Card(extensions=True))

    assert [tensor.name for tensor in admitted.signature.inputs] == ["x"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(position=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_a_damaged_byte_is_admitted_or_refused_but_no_surprise(
    tmp_path: Path, position: int, byte: int
) -> None:
    content = bytearray(hostile_graphs.HOSTILE["a loop without an end"][0])
    content[position % len(content)] = byte
    (tmp_path / "model.onnx").write_bytes(content)

    with suppress(ConfigurationError):
        admit(tmp_path, Card())


def test_a_version_that_is_a_link_is_refused(tmp_path: Path) -> None:
    elsewhere = graphs.save(graphs.classifier(), tmp_path / "elsewhere")
    (tmp_path / "1").symlink_to(elsewhere)

    assert refusal(tmp_path / "1") == (
        f"{tmp_path}/1: expected a file or directory of the version's own, got a link to "
        f"{elsewhere}; copy what it leads to"
    )


def test_a_models_directory_may_be_reached_through_a_link(tmp_path: Path) -> None:
    graphs.save(graphs.classifier(), tmp_path / "models" / "voter" / "1")
    (tmp_path / "link").symlink_to(tmp_path / "models")

    admit(tmp_path / "link" / "voter" / "1", Card())


def test_a_version_is_too_large_for_an_image_before_anything_is_read(tmp_path: Path) -> None:
    with (tmp_path / "weights.bin").open("wb") as file:
        file.truncate(10**10 + 1)

    assert refusal(tmp_path) == (
        f"{tmp_path}: expected up to 10,000,000,000 bytes, which an image holds, got 10,000,000,001"
    )


def test_a_model_is_too_large_for_protobuf_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "model.onnx").open("wb") as file:
        file.truncate(2**31)

    assert refusal(tmp_path) == (
        f"{tmp_path}/model.onnx: expected up to 2,147,483,647 bytes, got 2,147,483,648; save the "
        "weights as external data beside the model"
    )


def test_a_version_without_a_model_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path}/model.onnx: expected an ONNX model, got ")


def test_what_is_admitted_is_described(tmp_path: Path) -> None:
    admitted = admit(graphs.save(graphs.total(), tmp_path), Card())

    assert [column.name for column in admitted.columns] == ["X_0", "X_1"]
    assert [output.name for output in admitted.outputs] == ["total"]


def test_housing_is_admitted() -> None:
    admitted = admit(HOUSING, read_card(HOUSING))

    assert [output.name for output in admitted.outputs] == ["price"]


def test_admission_needs_no_onnxruntime() -> None:
    code = "import sys, admission.gate; sys.exit('onnxruntime' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
