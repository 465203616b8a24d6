"""JSON text of callers: what holds before it is parsed, and what is wrong where it cannot be."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from itertools import chain

import orjson

from serving.errors import NAME_CHARACTERS, MalformedInputError, OversizedInputError, shortened

# An array or an object takes up to 230 bytes of memory for two of text, another value 85 for two.
# With these limits any text of 6 MB is parsed within 100 MB. Brackets and commas inside strings
# count too: no request that makes sense online comes near.
MAX_CONTAINERS = 250_000
MAX_VALUES = 1_000_000
# The search for a repeated key is only for its name, and takes half a second in 6 MB.
MAX_SEARCHED_BYTES = 1_000_000
# orjson's own.
MAX_DEPTH = 1024

_UTF_16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_NO_NUMBER = re.compile(r"-?(?:NaN|nan|Infinity|inf)\b")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_STRUCTURE = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(\s*:)?|[{}]', re.DOTALL)


def parse(content: bytes) -> object:
    """The document. Raises MalformedInputError, saying where it stops being JSON, and
    OversizedInputError where it holds more than is scored at once."""
    _require_room(content)
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise MalformedInputError(_sentence(content, error)) from error
    if _keys_are_distinct(content, document):
        return document
    key = _repeated_key(content) if len(content) <= MAX_SEARCHED_BYTES else "one"
    raise MalformedInputError(f"the body: expected each key once in its object, got {key} again")


def _require_room(content: bytes) -> None:
    _require("arrays and objects", MAX_CONTAINERS, content, b"[", b"{")
    _require("values", MAX_VALUES, content, b",")


def _require(what: str, most: int, content: bytes, *marks: bytes) -> None:
    # In text that parses, each of them takes at least two bytes.
    got = sum(map(content.count, marks)) if len(content) > 2 * most else 0
    if got > most:
        raise OversizedInputError(
            f"the body: expected at most {most} {what}, got {got}; "
            "send fewer rows at a time, binary tensors, or a file for batch scoring"
        )


def _sentence(content: bytes, error: orjson.JSONDecodeError) -> str:
    if not content.strip():
        return "the body: expected JSON, got nothing"
    where = f"line {error.lineno}, column {error.colno}"
    return f"the body: expected JSON, got {found(content, error.pos)} at {where}"


def found(content: bytes, position: int) -> str:
    """What there is instead of JSON, where it is among what people do send."""
    if content.startswith(codecs.BOM_UTF8):
        return "a byte order mark (send UTF-8 without one)"
    if content.startswith(_UTF_16_OR_32) or (len(content) > 1 and 0 in content[:2]):
        return "UTF-16 or UTF-32 (send UTF-8)"
    if not _is_utf_8(content):
        return "bytes that are not UTF-8"
    return _found_in_text(content.decode(), position)


def _found_in_text(text: str, position: int) -> str:
    if no_number := _NO_NUMBER.match(text, position):
        return f"{no_number[0]}, which JSON does not have,"
    if (number := _NUMBER.match(text, position)) and math.isinf(float(number[0])):
        return "a number beyond float64"
    if _SURROGATE.match(text, position):
        return "half of a surrogate pair"
    before = text[:position]
    depth = sum(map(before.count, "[{")) - sum(map(before.count, "]}"))
    return "deeper nesting than is read" if depth >= MAX_DEPTH else "something else"


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _keys_are_distinct(content: bytes, document: object) -> bool:
    """Whether the document has as many keys as its text: the parser keeps the last of equal ones.

    Nearly always a count tells: each key in the text has a colon of its own, and right behind its
    quote unless there is space between them.
    """
    colons = content.count(b":")
    keys = 0
    for objects in _objects_by_level(document):
        keys += sum(map(len, objects))
        if keys == colons:
            return True
    if keys == content.count(b'":') and not re.search(rb"\s:", content):
        return True
    return keys == sum(1 for match in _STRUCTURE.finditer(content) if match[2])


def _objects_by_level(document: object) -> Iterator[list[dict[str, object]]]:
    """The outermost object, the objects right in it, and so on; wide arrays of numbers, which stand
    innermost, are looked at last."""
    level = [document]
    while level:
        objects = [value for value in level if isinstance(value, dict)]
        yield objects
        arrays = [value for value in level if isinstance(value, list)]
        level = [*chain.from_iterable(arrays), *chain.from_iterable(map(dict.values, objects))]


def _repeated_key(content: bytes) -> str:
    """The first key that comes twice in one object, as it is written."""
    open_objects: list[set[bytes]] = []
    for match in _STRUCTURE.finditer(content):
        key, colon = match.groups()
        if colon is not None:
            if key in open_objects[-1]:
                return f'"{shortened(key.decode(), NAME_CHARACTERS)}"'
            open_objects[-1].add(key)
        elif match[0] == b"{":
            open_objects.append(set())
        elif match[0] == b"}":
            open_objects.pop()
    return "one"
