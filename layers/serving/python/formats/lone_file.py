"""A file by itself, as an archive that has no other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from formats.archive import MAX_MEMBER_BYTES, Member, oversized
from formats.source import RandomAccess


class LoneFile:
    """Its position is its size: behind it there is nothing. See Archive."""

    def __init__(self, source: RandomAccess) -> None:
        self._source = source

    def members(self, start: int, stop: int | None) -> Iterator[Member]:  # noqa: ARG002
        if start:
            return
        size = self._source.size
        member = Member("", 0, size, 0, oversized(size))
        if size <= MAX_MEMBER_BYTES:
            content = self._source.read(0, size) if size else b""
            member = member._replace(size=size, unpack=partial(bytes, content))
        yield member

    def starts(self) -> Iterator[int]:
        yield 0
