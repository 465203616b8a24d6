"""Where a version lives that is not in the repository: the card's table `[source.<version>]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from serving.card import FILE_NAME
from serving.document import Table
from serving.errors import NAME_CHARACTERS, shortened
from serving.repository import MODEL_FILE, VERSION

# Of a file, on every file system that a version goes through.
MAX_NAME_BYTES = 255
SHA256 = re.compile(r"[0-9a-f]{64}")


class Source(NamedTuple):
    """A directory or a prefix, and the version's files in it, each with its SHA-256 in hex."""

    url: str
    files: Mapping[str, str]


def read_sources(model_directory: Path) -> dict[int, Source]:
    """The card's sources by version; none without a card.

    Raises ConfigurationError with the file, the key and what was expected.
    """
    path = model_directory / FILE_NAME
    if not path.is_file():
        return {}
    card = Table.parse(path.read_bytes(), source=str(path))
    tables = card.tables("source")
    for name, table in tables:
        if not VERSION.fullmatch(name) or len(name) > MAX_NAME_BYTES:
            got = repr(shortened(name, NAME_CHARACTERS))
            raise table.error("", "a version, which is a whole number", got)
    return {int(name): _source(table) for name, table in tables}


def _source(table: Table) -> Source:
    source = Source(table.required("url", str), table.required("files", dict))
    table.refuse_the_rest()
    if MODEL_FILE not in source.files:
        raise table.error("files", f'"{MODEL_FILE}" among them', ", ".join(source.files) or "none")
    for name, digest in source.files.items():
        _check(name, digest, table)
    return source


def _check(name: str, digest: object, table: Table) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or str(path) != name:
        raise table.error("files", "paths inside the version directory", repr(name))
    if any(len(part.encode()) > MAX_NAME_BYTES for part in path.parts):
        expected = f"names of at most {MAX_NAME_BYTES} bytes, which a file can have"
        raise table.error("files", expected, repr(shortened(name, NAME_CHARACTERS)))
    if not (isinstance(digest, str) and SHA256.fullmatch(digest)):
        raise table.error(f'files."{name}"', "a SHA-256 in 64 hexadecimal digits", repr(digest))
