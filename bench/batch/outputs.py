"""Scored files, read back by other readers than ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray


def read(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    """The names of all columns, and a prediction for each row."""
    return READERS[path.suffix](path)


def _of_csv(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    table = pacsv.read_csv(path)
    return table.column_names, table["variable"].to_numpy().astype(np.float32)


def _of_json_lines(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    with path.open("rb") as file:
        names = [*orjson.loads(next(file))]
        file.seek(0)
        values = [orjson.loads(line)["variable"] for line in file]
    return names, np.array(values, np.float32)


def _of_parquet(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    with pq.ParquetFile(path) as file:
        return file.schema_arrow.names, file.read(["variable"])["variable"].to_numpy()


READERS: dict[str, Callable[[Path], tuple[list[str], NDArray[np.float32]]]] = {
    ".csv": _of_csv,
    ".jsonl": _of_json_lines,
    ".parquet": _of_parquet,
}
