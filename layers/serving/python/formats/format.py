"""The file formats that can be scored, by the endings of the key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from formats.compressed_file import CompressedFile
from formats.compression import Codec, Decompressed
from formats.csv_file import CsvFile
from formats.errors import BadFileError
from formats.json_lines_file import JsonLinesFile
from formats.parquet_file import ParquetFile
from formats.row_file import RowFile
from formats.source import RandomAccess, Text
from serving.model import Model

TextFile = Callable[[Text, Model], RowFile[Any, Any]]

TEXT: dict[str, TextFile] = {".csv": CsvFile, ".jsonl": JsonLinesFile}
CODECS = {".gz": Codec.GZIP, ".zst": Codec.ZSTD}


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read and written.

    `splits` where spans can be found and read without all that is before them; `joins` where the
    bytes of parts that follow one another make one file.
    """

    open: Callable[[RandomAccess, Model], RowFile[Any, Any]]
    splits: bool
    joins: bool


def _compressed(
    text_file: TextFile, codec: Codec, source: RandomAccess, model: Model
) -> RowFile[Any, Any]:
    return CompressedFile(text_file(Decompressed(source, codec), model), codec)


FORMATS = {
    **{ending: Format(open_text, splits=True, joins=True) for ending, open_text in TEXT.items()},
    **{
        f"{ending}{suffix}": Format(
            partial(_compressed, open_text, codec), splits=False, joins=True
        )
        for ending, open_text in TEXT.items()
        for suffix, codec in CODECS.items()
    },
    ".parquet": Format(ParquetFile, splits=True, joins=False),
}


def format_of(key: str) -> Format:
    """Raises BadFileError, naming the endings that there are."""
    endings = [ending.lower() for ending in PurePosixPath(key).suffixes[-2:]]
    for ending in ("".join(endings), "".join(endings[-1:])):
        if ending in FORMATS:
            return FORMATS[ending]
    raise BadFileError(f"expected a key that ends in {', '.join(FORMATS)}, got {key!r}")
