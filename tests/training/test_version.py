"""What training writes: a version's directory, its golden rows and its quality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.golden import golden_document
from training.quality import quality_document
from training.version import require_new, write_version


def test_golden_rows_are_a_line_each_with_numbers_in_their_shortest_exact_text() -> None:
    document = golden_document([{"a": 1}, {"a": 2}], [{"b": np.float32(0.1)}, {"b": None}])

    assert document == (
        b'{"instances": [\n{"a":1},\n{"a":2}\n], "predictions": [\n{"b":0.1},\n{"b":null}\n]}\n'
    )


def test_quality_has_the_metrics_and_what_is_said_beside_them() -> None:
    document = quality_document(2, {"mae": 1.5}, {"mae": "lower"}, baseline=None)

    assert (
        document.decode()
        == """\
{
  "held_out_rows": 2,
  "metrics": {
    "mae": 1.5
  },
  "better": {
    "mae": "lower"
  },
  "baseline": null
}
"""
    )


def test_a_version_is_written_once_and_then_is_not_new(tmp_path: Path) -> None:
    version = tmp_path / "adder" / "2"
    require_new(version)

    write_version(version, {"model.onnx": b"graph", "golden.json": b"rows"})

    assert {path.name: path.read_bytes() for path in version.iterdir()} == {
        "model.onnx": b"graph",
        "golden.json": b"rows",
    }
    with pytest.raises(SystemExit, match="a version never changes once it has served"):
        require_new(version)
