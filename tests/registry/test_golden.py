"""`make golden`: real rows and what a version predicts for them, written once."""

from __future__ import annotations

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.golden import Golden, read_golden
from tests.registry.conftest import Command


@pytest.fixture
def version(models: Path) -> Path:
    return models / "adder" / "1"


@pytest.mark.parametrize(
    ("name", "content", "instances"),
    [
        ("rows.csv", "X_1,X_0\n2.5,1\n-1,0\n", [{"X_1": 2.5, "X_0": 1}, {"X_1": -1, "X_0": 0}]),
        ("rows.jsonl", "[1, 2.5]\n\n[0, -1]\n", [[1, 2.5], [0, -1]]),
    ],
)
def test_rows_of_a_file_are_written_with_their_predictions(
    command: Command, version: Path, name: str, content: str, instances: list[object]
) -> None:
    (version / "golden.json").unlink()
    rows = version.parent.parent / name
    rows.write_text(content)

    outcome = command("golden", "adder", "--from", str(rows))

    assert outcome.code == 0
    assert "golden.json: 2 rows; the scoring digest is now" in outcome.out
    assert read_golden(version) == Golden(instances, [{"total": 3.5}, {"total": -1.0}])


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet"])
def test_columns_that_the_model_does_not_know_are_left_out_and_named(
    command: Command, version: Path, name: str
) -> None:
    rows = version.parent.parent / name
    table = pa.table({"id": ["a", "b"], "X_0": [1, 0], "X_1": [2.5, -1.0], "note": [b"\xff", None]})
    match rows.suffix:
        case ".csv":
            rows.write_text("id,X_0,X_1,note\na,1,2.5,\nb,0,-1.0,\n")
        case ".jsonl":
            objects = table.drop_columns("note").append_column("note", [[1, 2]]).to_pylist()
            rows.write_bytes(b"\n".join(map(orjson.dumps, objects)))
        case _:
            pq.write_table(table, rows)

    outcome = command("golden", "adder", "--from", str(rows), "--confirm")

    assert outcome.code == 0
    assert outcome.err == f"{rows}: left out id, note, which the model does not know\n"
    assert read_golden(version) == Golden(
        [{"X_0": 1, "X_1": 2.5}, {"X_0": 0, "X_1": -1.0}], [{"total": 3.5}, {"total": -1.0}]
    )


def test_golden_rows_that_the_model_no_longer_takes_are_told_how_to_be_rewritten(
    command: Command, version: Path
) -> None:
    promised = {"instances": [{"X_0": 1, "age": 2}], "predictions": [{"total": 3.0}]}
    (version / "golden.json").write_bytes(orjson.dumps(promised))

    outcome = command("golden", "adder")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"{version}/golden.json: expected rows that the model predicts: ")
    assert outcome.err.endswith(
        "; `make golden MODEL=adder FROM=rows.csv CONFIRM=1` writes other ones\n"
    )


def test_each_row_and_each_prediction_has_a_line_of_its_own(
    command: Command, version: Path
) -> None:
    command("golden", "adder")

    assert (version / "golden.json").read_text() == (
        '{"instances": [\n[1,2],\n[3,4.5]\n], "predictions": [\n{"total":3.0},\n{"total":7.5}\n]}\n'
    )


def test_other_predictions_are_not_written_unless_somebody_confirms(
    command: Command, version: Path
) -> None:
    promised = {"instances": [[1, 2]], "predictions": [{"total": 4.0}]}
    (version / "golden.json").write_bytes(orjson.dumps(promised))

    refused = command("golden", "adder")
    kept = read_golden(version)
    confirmed = command("golden", "adder", "--confirm")

    assert (refused.code, kept) == (2, Golden([[1, 2]], [{"total": 4.0}]))
    assert "expected the rows and predictions that it has, got other ones" in refused.err
    assert (confirmed.code, read_golden(version)) == (0, Golden([[1, 2]], [{"total": 3.0}]))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.csv", "X_0,X_1\n1,two\n", 'row 0: X_1: expected a number, got "two"'),
        ("rows.csv", "X_0,X_1\n1,\n", "row 0: X_1: expected a number, got null"),
        ("rows.csv", "X_0,X_1\n1,2,3\n", "expected as many cells in a row as in the header"),
        ("rows.csv", "X_0,X_1\n1\n", "row 0: X_1: expected a number, got null"),
        ("rows.csv", "X_0,X_1\n", "rows.csv: expected 1 to 100 rows, got 0"),
        ("rows.jsonl", "[1, 2]\n" * 101, "rows.jsonl: expected 1 to 100 rows, got 101"),
        ("rows.jsonl", "[1, 2\n", "rows.jsonl: expected JSON on each line"),
        (
            "rows.json",
            "[[1, 2]]",
            "rows.json: expected a name that ends in .csv, .jsonl or .parquet",
        ),
        ("rows.parquet", "no Parquet", "rows.parquet: expected Parquet: "),
        (".", "", "expected a file of rows, found none"),
    ],
)
def test_rows_that_are_none_are_refused_with_a_sentence(
    command: Command, version: Path, name: str, content: str, sentence: str
) -> None:
    before = read_golden(version)
    path = version.parent.parent / name
    if content:
        path.write_text(content)

    outcome = command("golden", "adder", "--from", str(path))

    assert (outcome.code, outcome.out, read_golden(version)) == (2, "", before)
    assert sentence in outcome.err


def test_a_version_without_golden_rows_asks_for_real_ones(command: Command, version: Path) -> None:
    (version / "golden.json").unlink()

    outcome = command("golden", "adder")

    assert outcome.code == 2
    assert "version 1 has no golden.json yet; name a file of real ones" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([""], "models: expected one of its models adder, got none; say MODEL=<name>"),
        (["nobody"], "models: expected one of its models adder, got nobody"),
        (["adder", "--version", "7"], "adder: expected one of its versions 1, got 7"),
    ],
)
def test_a_model_or_version_that_is_not_there_is_named_beside_those_that_are(
    command: Command, arguments: list[str], sentence: str
) -> None:
    outcome = command("golden", *arguments)

    assert outcome.code == 2
    assert sentence in outcome.err


def test_a_version_that_breaks_its_promise_is_not_admitted(command: Command, version: Path) -> None:
    admitted = command("admit", "adder")
    promised = {"instances": [[1, 2]], "predictions": [{"total": 4.0}]}
    (version / "golden.json").write_bytes(orjson.dumps(promised))

    refused = command("admit", "adder")

    assert (admitted.code, refused.code) == (0, 2)
    assert "golden.json: row 0, total: expected 4.0, got 3.0" in refused.err
