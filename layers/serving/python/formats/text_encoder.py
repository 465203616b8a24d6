"""The encoder of text files, whose scored blocks are bytes already."""

from __future__ import annotations


class TextEncoder:
    """Scored text, behind a header where there is one; see Encoder."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def encode(self, data: bytes) -> bytes:
        return self.finish() + data

    def finish(self) -> bytes:
        header, self._header = self._header, b""
        return header
