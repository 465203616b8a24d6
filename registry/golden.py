"""Write golden.json: rows, and what a version predicts for them today."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import orjson

from registry.errors import FrozenVersionError, SelectionError
from registry.rows import known_columns, read_rows
from registry.selection import digest_of, load, model_directory, select_version
from serving.golden import FILE_NAME, Golden, predict, predict_golden, read_golden
from serving.model import Model
from terminal.output import say, sum_up
from training.golden import golden_document

# Enough to tell one model from another; every readiness check predicts all of them.
MAX_ROWS = 100


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("--version", type=int, help="default: the live one")
    parser.add_argument(
        "--from",
        dest="rows",
        type=Path,
        metavar="FILE",
        help="rows in .csv, .jsonl or .parquet; default: those that golden.json has",
    )
    parser.add_argument(
        "--confirm", action="store_true", help="replace golden predictions by other ones"
    )


def run(options: argparse.Namespace) -> int:
    selected = select_version(model_directory(options.models_dir, options.model), options.version)
    model = load(selected)
    old = read_golden(selected.directory)
    path = selected.directory / FILE_NAME
    new = _golden(options.rows, old, model, path)
    if old is not None and new != old and not options.confirm:
        raise FrozenVersionError(
            f"{path}: expected the rows and predictions that it has, got other ones, which is what "
            "it is there to notice; if they are right and the version never served, CONFIRM=1 "
            "(--confirm) replaces them"
        )
    path.write_bytes(golden_document(*new))
    say(f"{path}: {len(new.instances)} rows; the scoring digest is now {digest_of(selected)}")
    return 0


def _golden(source: Path | None, old: Golden | None, model: Model, path: Path) -> Golden:
    if source is not None:
        rows = _rows(source, model)
        return Golden(rows, _in_json(predict(model, rows)))
    if old is None:
        raise SelectionError(
            f"{model.name}: expected rows, since version {model.version} has no {FILE_NAME} yet; "
            "name a file of real ones: FROM=rows.csv (--from)"
        )
    return old._replace(predictions=_in_json(predict_golden(model, old, path)))


def _rows(source: Path, model: Model) -> list[Any]:
    rows, unknown = known_columns(read_rows(source, model.columns), model.columns)
    if not 0 < len(rows) <= MAX_ROWS:
        raise SelectionError(f"{source}: expected 1 to {MAX_ROWS} rows, got {len(rows)}")
    if unknown:
        sum_up(f"{source}: left out {', '.join(unknown)}, which the model does not know")
    return rows


def _in_json(predictions: list[dict[str, Any]]) -> list[Any]:
    """As they are read back: each number in the shortest text that gives it again."""
    text = orjson.dumps(predictions, option=orjson.OPT_SERIALIZE_NUMPY)
    values: list[Any] = orjson.loads(text)
    return values
