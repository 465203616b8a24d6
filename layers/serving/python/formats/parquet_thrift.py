"""Thrift's compact protocol, as far as Parquet describes itself in it.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

MAX_DEPTH = 16
# Readers take memory for a list by the length that it claims, before there is any of it.
MAX_LIST_LENGTH = 100_000

INTEGERS = frozenset({4, 5, 6})
TEXT, LIST, SET, STRUCT = 8, 9, 10, 12
# The kinds of fixed size. A boolean field is its own kind; in a list it takes a byte.
SIZES = {1: 0, 2: 0, 3: 1, 7: 8}
BOOLEANS = frozenset({1, 2})
# In a list's head, that its length follows.
LONG = 15


class ThriftError(ValueError):
    """The data is not what it should be."""


class Struct(dict[int, object]):
    """Fields by their numbers. Booleans and texts are only known to be there: None.

    What should be there and is not, or is of another kind, raises ThriftError.
    """

    def integer(self, number: int, *, default: int | None = None) -> int:
        value = self.get(number, default)
        if not isinstance(value, int):
            raise ThriftError(f"field {number}: expected an integer")
        return value

    def struct(self, number: int) -> Struct:
        value = self.get(number)
        if not isinstance(value, Struct):
            raise ThriftError(f"field {number}: expected a struct")
        return value

    def structs(self, number: int) -> list[Struct]:
        value = self.get(number)
        if not isinstance(value, list) or not all(isinstance(item, Struct) for item in value):
            raise ThriftError(f"field {number}: expected a list of structs")
        return value


class CompactReader:
    """Reads structs, from `position` on; raises IndexError where the data ends within one, and
    ThriftError."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = data
        self.position = 0

    def struct(self, depth: int = 0) -> Struct:
        if depth > MAX_DEPTH:
            raise ThriftError("structs too deep within each other")
        fields = Struct()
        number = 0
        while head := self._byte():
            step, kind = divmod(head, 16)
            number = number + step if step else self._integer()
            fields[number] = self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> object:
        if kind in INTEGERS:
            return self._integer()
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in {LIST, SET}:
            return self._list(depth + 1)
        if kind != TEXT and kind not in SIZES:
            raise ThriftError(f"a field of the kind {kind}")
        self._skip(self._varint() if kind == TEXT else SIZES[kind])
        return None

    def _list(self, depth: int) -> list[object]:
        length, kind = divmod(self._byte(), 16)
        if length == LONG:
            length = self._varint()
        if length > MAX_LIST_LENGTH or depth > MAX_DEPTH:
            raise ThriftError("a list that is too long, or too deep within others")
        if kind in BOOLEANS:
            self._skip(length)
            return []
        return [self._value(kind, depth) for _ in range(length)]

    def _skip(self, size: int) -> None:
        self.position += size
        if self.position > len(self._data):
            raise IndexError

    def _byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]

    def _varint(self) -> int:
        """Seven bits of each byte, the lowest first; the eighth says that there are more."""
        value = 0
        for shift in range(0, 64, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte == byte & 127:
                return value
        raise ThriftError("an integer of more than 64 bits")

    def _integer(self) -> int:
        """Zigzag: 0, -1, 1, -2, …"""
        value = self._varint()
        return value >> 1 ^ -(value & 1)
