"""An archive: files one behind the other, each to be a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple, NoReturn, Protocol

# A larger member is a bad row, which is not read.
MAX_MEMBER_BYTES = 32 * 1024 * 1024


class UnusableMemberError(Exception):
    """A member that is no file to be scored; says what was expected, and what came."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(expected, got)
        self.expected = expected
        self.got = got


class Member(NamedTuple):
    """What stands between two positions of an archive.

    `name` is a label, whatever path it looks like. `unpack` gives the content, of up to `size`
    bytes, or raises UnusableMemberError; None where there is no file: a folder, a hidden file.
    """

    name: str
    start: int
    stop: int
    size: int
    unpack: Callable[[], bytes] | None


class Archive(Protocol):
    def members(self, start: int, stop: int | None) -> Iterator[Member]:
        """From a position on, up to another or to the end, without a gap. Raises
        InvalidInputError where members cannot be told apart."""

    def starts(self) -> Iterator[int]:
        """Where each member begins; raises as `members` does."""


def is_hidden(name: str) -> bool:
    """Whether a name is what systems leave beside files: .DS_Store, __MACOSX/…"""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(p.startswith(".") and p not in {".", ".."} for p in parts)


def unusable(expected: str, got: str) -> Callable[[], bytes]:
    """The `unpack` of a member that is not even read."""

    def refuse() -> NoReturn:
        raise UnusableMemberError(expected, got)

    return refuse


def oversized(size: int) -> Callable[[], bytes]:
    return unusable(f"a file of at most {MAX_MEMBER_BYTES} bytes", f"one of {size}")
