"""Lines of a UTF-8 stream, one at a time, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from serving.errors import MalformedInputError

# What some tools write before a file's first character; it is no part of what the file says.
BOM = "\ufeff"
MAX_LINE_CHARACTERS = 8 * 1024 * 1024


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Each line with its line feed; the last one may have none.

    Only a line feed ends a line. Raises MalformedInputError on bytes that are not UTF-8, and on a
    line of more than MAX_LINE_CHARACTERS.
    """
    rest = ""
    for text in _texts(chunks):
        lines = (rest + text).split("\n")
        if max(map(len, lines)) > MAX_LINE_CHARACTERS:
            raise MalformedInputError(
                f"expected lines of up to {MAX_LINE_CHARACTERS} characters, got a longer one"
            )
        rest = lines.pop()
        for line in lines:
            yield line + "\n"
    if rest:
        yield rest


def _texts(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
            offset += len(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise MalformedInputError(
            f"expected UTF-8 text, got other bytes near byte {offset + error.start}"
        ) from error
