"""Compressed text files: scored as the text in them, and written as they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from formats.compression import Codec, CompressedEncoder
from formats.row_file import Block, Encoder, RowFile, ScoredBlock, Span

Body = TypeVar("Body")
Data = TypeVar("Data")


class CompressedFile(Generic[Body, Data]):
    """Positions are those in the text. See RowFile."""

    def __init__(self, text_file: RowFile[Body, Data], codec: Codec) -> None:
        self._file = text_file
        self._codec = codec

    def spans(self, size_bytes: int) -> Iterator[Span]:
        return self._file.spans(size_bytes)

    def blocks(self, span: Span) -> Iterator[Block[Body]]:
        return self._file.blocks(span)

    def score(self, block: Block[Body]) -> ScoredBlock[Data]:
        return self._file.score(block)

    def encoder(self, start: int) -> Encoder[Data]:
        return CompressedEncoder(self._file.encoder(start), self._codec)
