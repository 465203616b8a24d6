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
from formats.lone_file import LoneFile
from formats.parquet_file import ParquetFile
from formats.picture_file import PictureFile
from formats.row_file import RowFile
from formats.source import RandomAccess, Text
from formats.tar_archive import TarArchive
from formats.zip_archive import ZipArchive
from serving.model import Model

TextFile = Callable[[Text, Model], RowFile[Any, Any]]

TEXT: dict[str, TextFile] = {".csv": CsvFile, ".jsonl": JsonLinesFile}
CODECS = {".gz": Codec.GZIP, ".zst": Codec.ZSTD}
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read and written.

    `splits` where spans can be found and read without all that is before them; `joins` where the
    bytes of parts that follow one another make one file. The result's key is the file's, with
    `suffix` behind it where it has another format.
    """

    open: Callable[[RandomAccess, Model], RowFile[Any, Any]]
    splits: bool
    joins: bool
    suffix: str = ""


def _compressed(
    text_file: TextFile, codec: Codec, source: RandomAccess, model: Model
) -> RowFile[Any, Any]:
    return CompressedFile(text_file(Decompressed(source, codec), model), codec)


def _picture(source: RandomAccess, model: Model) -> RowFile[Any, Any]:
    return PictureFile(LoneFile(source), model, named=False)


def _zip(source: RandomAccess, model: Model) -> RowFile[Any, Any]:
    return PictureFile(ZipArchive(source), model, named=True)


def _tar(source: RandomAccess, model: Model) -> RowFile[Any, Any]:
    return PictureFile(TarArchive(source), model, named=True)


def _compressed_tar(source: RandomAccess, model: Model) -> RowFile[Any, Any]:
    return PictureFile(TarArchive(Decompressed(source, Codec.GZIP)), model, named=True)


ARCHIVES = {
    ".zip": Format(_zip, splits=True, joins=True, suffix=".jsonl"),
    ".tar": Format(_tar, splits=True, joins=True, suffix=".jsonl"),
    ".tar.gz": Format(_compressed_tar, splits=False, joins=True, suffix=".jsonl"),
    ".tgz": Format(_compressed_tar, splits=False, joins=True, suffix=".jsonl"),
}
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
    **dict.fromkeys(PICTURES, Format(_picture, splits=False, joins=True, suffix=".json")),
    **ARCHIVES,
}
# Where the results of archives are, no file of its own may have one.
RESERVED = tuple(f"{ending}{archive.suffix}" for ending, archive in ARCHIVES.items())


def format_of(key: str) -> Format:
    """Raises BadFileError, naming the endings that there are."""
    if key.lower().endswith(RESERVED):
        raise BadFileError(
            f"expected no key that ends in {', '.join(RESERVED)}, as the results of archives do, "
            f"got {key!r}"
        )
    endings = [ending.lower() for ending in PurePosixPath(key).suffixes[-2:]]
    for ending in ("".join(endings), "".join(endings[-1:])):
        if ending in FORMATS:
            return FORMATS[ending]
    raise BadFileError(f"expected a key that ends in {', '.join(FORMATS)}, got {key!r}")


def result_key(key: str) -> str | None:
    """Where the result of a file is, which no other file's ever is; None where its key has no
    format, so that it has no result."""
    try:
        return f"{key}{format_of(key).suffix}"
    except BadFileError:
        return None
