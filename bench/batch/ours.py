"""Ours: the pipeline as the score function runs it, with files in the place of objects."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from delivery.block_run import BlockRun
from delivery.deadline import Deadline
from formats.csv_file import CsvFile
from formats.format import format_of
from formats.row_file import Span
from serving.deployment import Deployment
from serving.model import Model

THREADS = 2
CHUNK_BYTES = 1024 * 1024
TIMEOUT_S = 900.0
PLANNED_BYTES = 64 * 1024 * 1024


class LocalFile:
    """A RandomAccess to a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def stream(self, start: int = 0) -> Iterator[bytes]:
        with self._path.open("rb", buffering=0) as file:
            file.seek(start)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def read(self, start: int, stop: int) -> bytes:
        with self._path.open("rb", buffering=0) as file:
            file.seek(start)
            return file.read(stop - start)


def score(model: Path, source: Path, target: Path) -> None:
    file = format_of(source.name).open(LocalFile(source), _model(model))
    run = BlockRun(
        file,
        Span(0, None),
        pool=_pool(),
        threads=THREADS,
        deadline=Deadline(lambda: TIMEOUT_S),
    )
    encoder = file.encoder(0)
    with target.open("wb") as out:
        for scored in run:
            out.write(encoder.encode(scored.data))
        out.write(encoder.finish())


def plan(model: Path, source: Path, target: Path) -> None:
    """Find the spans of a CSV file; the target gets where each begins."""
    spans = CsvFile(LocalFile(source), _model(model)).spans(PLANNED_BYTES)
    target.write_text("".join(f"{span.start}\n" for span in spans))


@cache
def _model(directory: Path) -> Model:
    return Model.load(Deployment.from_env({"MODEL_DIR": str(directory)}))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS)
