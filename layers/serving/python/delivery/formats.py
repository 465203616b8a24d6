"""The file formats that can be scored, by the ending of the key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from delivery.csv_format import score_csv
from delivery.errors import BadFileError
from delivery.json_lines_format import score_json_lines
from delivery.tally import Tally
from serving.model import Model

# Chunks of the input in, chunks of the output out; the tally counts as they pass.
ScoreFile = Callable[[Iterable[bytes], Model, Tally], Iterator[bytes]]

_FORMATS: dict[str, ScoreFile] = {".csv": score_csv, ".jsonl": score_json_lines}


def format_of(key: str) -> ScoreFile:
    """Raises BadFileError, naming the endings that there are."""
    ending = PurePosixPath(key).suffix.lower()
    if ending not in _FORMATS:
        raise BadFileError(f"expected a key that ends in {', '.join(_FORMATS)}, got {key!r}")
    return _FORMATS[ending]
