"""Candidates: a version's graph written in other ways, each in a version directory of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import onnx
import orjson
from onnx.external_data_helper import ExternalDataInfo

from admission.weights import weights
from registry import rewriting
from serving import optimization
from serving.card import FILE_NAME
from serving.repository import MODEL_FILE, ModelVersion

AS_IS = "as is"


class Candidate(NamedTuple):
    """A directory that serves as a version does; `failure` says why there is none."""

    name: str
    directory: Path
    failure: str = ""

    @property
    def size_bytes(self) -> int:
        """Of the graph and its weights, and of what else the version brings."""
        files = (path for path in self.directory.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files)


def candidates(selected: ModelVersion, staging: Path, quantize: str | None) -> Iterator[Candidate]:
    """The version itself, then every other way to write it, made in `staging`."""
    card = selected.directory.parent / FILE_NAME
    if card.is_file():
        shutil.copyfile(card, staging / FILE_NAME)
    yield Candidate(AS_IS, selected.directory)
    for name, way in _ways(quantize).items():
        made = _made(name, way, selected, staging / name.replace(" ", "-"))
        # Where no weight is large enough to be mapped, it is the one before it once more.
        if made.failure or not way.is_mapped or _weight_files(made.directory / MODEL_FILE):
            yield made


class _Way(NamedTuple):
    """How to write a graph, whether onnxruntime has then nothing left to optimise, and whether its
    weights are to be in a file of their own."""

    write: Callable[[Path, Path], None]
    is_optimized: bool
    is_mapped: bool = False


def _ways(quantize: str | None) -> dict[str, _Way]:
    ways = {
        "extended": _Way(rewriting.optimize, is_optimized=True),
        "extended mapped": _Way(
            partial(rewriting.optimize, mapped=True), is_optimized=True, is_mapped=True
        ),
    }
    if quantize == "int8":
        mapped = partial(rewriting.quantize, mapped=True)
        ways["int8 extended"] = _Way(rewriting.quantize, is_optimized=True)
        ways["int8 extended mapped"] = _Way(mapped, is_optimized=True, is_mapped=True)
    if quantize == "fp16":
        # A CPU computes it as float32, and only onnxruntime knows where to convert.
        ways["fp16"] = _Way(rewriting.halve, is_optimized=False)
    return ways


def _made(name: str, way: _Way, selected: ModelVersion, directory: Path) -> Candidate:
    model, target = selected.directory / MODEL_FILE, directory / MODEL_FILE
    shutil.copytree(selected.directory, directory, ignore=shutil.ignore_patterns(MODEL_FILE))
    try:
        way.write(model, target)
        for stale in _weight_files(model) - _weight_files(target):
            (directory / stale).unlink()
        # onnxruntime lays convolutions out for the CPU that it loads them on.
        optimized = way.is_optimized and not rewriting.has_convolution(target)
    except Exception as error:  # noqa: BLE001 - whatever a converter raises, it made no candidate
        return Candidate(name, directory, f"cannot be made: {error}")
    write_optimization(directory, {"optimized": optimized})
    return Candidate(name, directory)


def write_optimization(directory: Path, report: Mapping[str, object]) -> None:
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (directory / optimization.FILE_NAME).write_bytes(text)


def _weight_files(model: Path) -> set[str]:
    """The files beside a graph that hold weights of it."""
    external = (
        w.tensor for w in weights(onnx.load(model, load_external_data=False)) if w.is_external
    )
    return {ExternalDataInfo(tensor).location for tensor in external}
