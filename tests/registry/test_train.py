"""`make train`: the next version, compared with the live one, and never live by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onnx
import orjson
import pytest

from registry.errors import TrainingError
from registry.quality import Comparison, Quality, compare
from serving.repository import live_version
from tests import graphs
from tests.registry.conftest import Command

ROOT = Path(__file__).parents[2]
BETTER = {"mae": "lower", "r2": "higher"}
LIVE = {"held_out_rows": 40, "metrics": {"mae": 2.0, "r2": 0.5}, "better": BETTER}
TRAINED = {"held_out_rows": 40, "metrics": {"mae": 1.5, "r2": 0.4}, "better": BETTER}

# Trains by copying `prepared`, and measures every version as `live.json` says.
SCRIPT = """\
import shutil, sys
from pathlib import Path

here = Path(__file__).parent
if sys.argv[1] == "--out":
    shutil.copytree(here / "prepared", sys.argv[2])
else:
    print((here / "live.json").read_text())
"""
# Draws nothing much, and is Python otherwise.
PYTHON = f"""\
#!/bin/sh
if [ "$1" = -m ]; then echo '<svg/>' > "$3"; else exec '{sys.executable}' "$@"; fi
"""


@pytest.fixture
def adder(models: Path) -> Path:
    """models/adder with a script, whose version is better by one of two metrics."""
    adder = models / "adder"
    graph = graphs.total()
    graph.doc_string = "trained"
    prepared = graphs.save(graph, adder / "prepared")
    shutil.copy(adder / "1" / "golden.json", prepared)
    (prepared / "quality.json").write_bytes(orjson.dumps(TRAINED))
    (adder / "live.json").write_bytes(orjson.dumps(LIVE))
    (adder / "train.py").write_text(SCRIPT)
    (models.parent / "python").write_text(PYTHON)
    (models.parent / "python").chmod(0o755)
    return adder


@pytest.fixture
def train(command: Command, adder: Path) -> Command:
    return lambda *options: command(
        "train", "adder", "--python", str(adder.parent.parent / "python"), *options
    )


def versions(adder: Path) -> list[str]:
    return sorted(path.name for path in adder.iterdir() if path.name.isdigit())


def test_the_next_version_is_written_and_not_live(train: Command, adder: Path) -> None:
    outcome = train()

    assert outcome.code == 0
    assert "it is not live" in outcome.err
    assert versions(adder) == ["1", "2"]
    assert live_version(adder).version == 1
    assert sorted(path.name for path in (adder / "2").iterdir()) == [
        "golden.json", "model.onnx", "quality.json",
    ]  # fmt: skip


def test_the_report_shows_both_versions_metric_by_metric(train: Command, adder: Path) -> None:
    train()

    report = (adder / "reports" / "2.md").read_text()
    assert report.startswith("# adder, version 2\n\nMeasured on 40 rows that training does not see")
    assert "| mae | lower | 2 | 1.5 | better |\n| r2 | higher | 0.5 | 0.4 | worse |\n" in report
    assert "![each metric of both versions](2.svg)" in report
    assert "`live = 2` in `adder/model.toml` makes it live, `live = 1`" in report
    assert (adder / "reports" / "2.svg").read_text() == "<svg/>\n"


def test_what_is_there_already_is_not_written_again(train: Command, adder: Path) -> None:
    train()

    outcome = train()

    assert outcome.code == 0
    assert "2: is what training makes today; nothing was written" in outcome.err
    assert versions(adder) == ["1", "2"]


def lose(name: str, prepared: Path) -> None:
    (prepared / name).unlink()


def break_promise(prepared: Path) -> None:
    golden = {"instances": [[1, 2]], "predictions": [{"total": 4.0}]}
    (prepared / "golden.json").write_bytes(orjson.dumps(golden))


def choose_sizes(prepared: Path) -> None:
    graph = graphs.model(
        [graphs.helper.make_node("ConstantOfShape", ["x"], ["y"])],
        [graphs.tensor("x", onnx.TensorProto.INT64, [None])],
        [graphs.tensor("y", onnx.TensorProto.FLOAT, [None])],
    )
    onnx.save(graph, prepared / "model.onnx")


def measure_elsewhere(prepared: Path) -> None:
    (prepared / "quality.json").write_bytes(orjson.dumps(TRAINED | {"held_out_rows": 41}))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda p: lose("model.onnx", p), "expected it to write model.onnx, found none"),
        (lambda p: lose("golden.json", p), "expected it to write golden.json, found none"),
        (lambda p: lose("quality.json", p), "expected it to write quality.json, found none"),
        (break_promise, "row 0, total: expected 4.0, got 3.0"),
        (choose_sizes, "expected a size that no request chooses"),
        (measure_elsewhere, "the 40 held-out rows of the live version, got mae, r2 on 41"),
    ],
)
def test_what_may_not_serve_is_not_written(
    train: Command, adder: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(adder / "prepared")

    outcome = train()

    assert outcome.code == 2
    assert sentence in outcome.err
    assert versions(adder) == ["1"]
    assert not (adder / "reports").exists()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("raise SystemExit(3)", "train.py: expected it to succeed: "),
        (None, "train.py: expected a script that trains the model, found none"),
    ],
)
def test_a_script_that_fails_or_is_not_there_is_named(
    train: Command, adder: Path, script: str | None, sentence: str
) -> None:
    (adder / "train.py").unlink()
    if script is not None:
        (adder / "train.py").write_text(script)

    outcome = train()

    assert (outcome.code, versions(adder)) == (2, ["1"])
    assert sentence in outcome.err


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}",
        '{"held_out_rows": 1, "metrics": {}, "better": {}}',
        '{"held_out_rows": 1, "metrics": {"mae": "low"}, "better": {"mae": "lower"}}',
        '{"held_out_rows": 1, "metrics": {"mae": 1}, "better": {"mae": "smaller"}}',
        '{"held_out_rows": 1, "metrics": {"mae": 1}, "better": {}}',
    ],
)  # fmt: skip
def test_a_quality_that_is_none_is_refused(content: str) -> None:
    with pytest.raises(TrainingError, match=r"here: expected .* got something else"):
        Quality.parse(content, source="here")


def test_a_metric_that_did_not_move_is_the_same() -> None:
    quality = Quality.parse(orjson.dumps(LIVE), source="here")

    assert [comparison.verdict for comparison in compare(quality, quality)] == ["the same"] * 2
    assert compare(quality, quality)[0] == Comparison("mae", "lower", 2.0, 2.0)


@pytest.mark.skipif(
    not (ROOT / ".tools" / "training" / "bin" / "python").exists(),
    reason="the training environment is not installed",
)
def test_the_same_comparisons_draw_the_same_picture(tmp_path: Path) -> None:
    document = {"labels": ["1 (live)", "2"], "metrics": {"mae": [2.0, 1.5], "r2": [0.5, 0.4]}}
    pictures = [tmp_path / "a.svg", tmp_path / "b.svg"]

    for picture in pictures:
        subprocess.run(
            [ROOT / ".tools/training/bin/python", "-m", "registry.picture", picture],
            input=orjson.dumps(document),
            cwd=ROOT,
            check=True,
        )

    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert b"1 (live)" in pictures[0].read_bytes()
