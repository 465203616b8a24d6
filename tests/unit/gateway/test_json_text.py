"""JSON is parsed within limits, and what is wrong with it is said and pointed at."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.json_text import MAX_CONTAINERS, MAX_SEARCHED_BYTES, MAX_VALUES, parse
from serving.errors import MalformedInputError, OversizedInputError


def refusal(content: bytes) -> str:
    with pytest.raises(MalformedInputError) as raised:
        parse(content)
    return str(raised.value)


@pytest.mark.parametrize("content", [b"", b" ", b"\r\n\t "])
def test_nothing_is_no_json(content: bytes) -> None:
    assert refusal(content) == "the body: expected JSON, got nothing"


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        ("{", 1, 2),
        ('{"area": 1,\n "heat" "gas"}', 2, 9),
        ("[1,]", 1, 3),
        ('["\\x"]', 1, 3),
        ("[-]", 1, 3),
        ("[] []", 1, 4),
        ("[01]", 1, 2),
        ("['a']", 1, 2),
        ("area=1", 1, 1),
        ('["a\nb"]', 1, 4),
        ("[1.]", 1, 4),
        ("// nothing\n[]", 1, 1),
        ("\x00", 1, 1),
    ],
)
def test_what_is_not_json_is_told_where_it_stops(body: str, line: int, column: int) -> None:
    where = f"line {line}, column {column}"
    assert refusal(body.encode()) == f"the body: expected JSON, got something else at {where}"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"[NaN]", "NaN, which JSON does not have, at line 1, column 2"),
        ('["é",\n-Infinity]'.encode(), "Infinity, which JSON does not have, at line 2, column 2"),
        (b"[1e400]", "a number beyond float64 at line 1, column 2"),
        (b'{"a":\n-0.1E+999}', "a number beyond float64 at line 2, column 1"),
        (b"[" + b"9" * 5000 + b"]", "a number beyond float64 at line 1, column 2"),
        (b"9" * 5_000_000, "a number beyond float64 at line 1, column 1"),
        (b'["\\ud800"]', "half of a surrogate pair at line 1, column 3"),
        (b'{"ok\\uDFFF":1}', "half of a surrogate pair at line 1, column 5"),
        (b"\xef\xbb\xbf[]", "a byte order mark (send UTF-8 without one) at line 1, column 1"),
        ("[1]".encode("utf-16"), "UTF-16 or UTF-32 (send UTF-8) at line 1, column 1"),
        ("[1]".encode("utf-16-le"), "UTF-16 or UTF-32 (send UTF-8) at line 1, column 2"),
        ("[1]".encode("utf-32-be"), "UTF-16 or UTF-32 (send UTF-8) at line 1, column 1"),
        ('["é"]'.encode("latin-1"), "bytes that are not UTF-8 at line 1, column 1"),
        (b'["\xed\xa0\x80"]', "bytes that are not UTF-8 at line 1, column 1"),
        (b"[" * 100_000, "deeper nesting than is read at line 1, column 1026"),
        (b'{"a":' * 100_000, "deeper nesting than is read at line 1, column 5122"),
    ],
    ids=lambda value: value[:16] if isinstance(value, str) else "",
)
def test_what_people_do_send_is_called_by_its_name(content: bytes, found: str) -> None:
    assert refusal(content) == f"the body: expected JSON, got {found}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"a":1,"a":2}', '"a"'),
        ('{"a" :1,"a" :2}', '"a"'),
        ('{"a":1,"a" :2}', '"a"'),
        ('{"a":{"a":1,"b":[{"c":1}],"b":0}}', '"b"'),
        ('[{"a":1},{"b":"{:","é":":","é":0}]', '"é"'),
        ('{"a":1,"\\u0061":2}', "one"),
        ('{"a":1,"a":2,"b":"' + "b" * MAX_SEARCHED_BYTES + '"}', "one"),
        ('{"' + "a" * 300 + '":1,"' + "a" * 300 + '":1}', '"' + "a" * 200 + '…"'),
    ],
)
def test_a_key_that_comes_twice_is_refused_by_name(text: str, key: str) -> None:
    sentence = f"the body: expected each key once in its object, got {key} again"
    assert refusal(text.encode()) == sentence


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab:"\\ {}[],', max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('ab:"\\ {', max_size=3), inner, max_size=3)
    ),
)


@given(document=documents, spaced=st.booleans())
def test_whatever_is_json_is_read_as_it_is(document: object, spaced: object) -> None:
    separators = (" , ", " : ") if spaced else None

    text = json.dumps(document, separators=separators)

    assert parse(text.encode()) == document


@given(document=st.dictionaries(st.text('a:"\\ {', max_size=3), documents, min_size=1))
def test_wherever_a_key_is_repeated_it_is_found(document: dict[str, object]) -> None:
    text = orjson.dumps(document)
    key = orjson.dumps(next(iter(document)))

    assert "expected each key once" in refusal(text[:-1] + b"," + key + b":0}")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"[" + b"[]," * MAX_CONTAINERS + b"0]",
            f"at most {MAX_CONTAINERS} arrays and objects, got {MAX_CONTAINERS + 1}",
        ),
        (
            b"[" + b"{}," * MAX_CONTAINERS + b"0]",
            f"at most {MAX_CONTAINERS} arrays and objects, got {MAX_CONTAINERS + 1}",
        ),
        (
            b"[" + b"0," * (MAX_VALUES + 1) + b"0]",
            f"at most {MAX_VALUES} values, got {MAX_VALUES + 1}",
        ),
    ],
    ids=["arrays", "objects", "values"],
)
def test_more_than_is_scored_at_once_is_refused_before_it_is_parsed(
    content: bytes, sentence: str
) -> None:
    with pytest.raises(OversizedInputError) as raised:
        parse(content)

    assert str(raised.value) == (
        f"the body: expected {sentence}; "
        "send fewer rows at a time, binary tensors, or a file for batch scoring"
    )


def test_as_much_as_the_limits_allow_is_read() -> None:
    content = b"[" + b"[]," * (MAX_CONTAINERS - 1) + b"0]"

    assert parse(content) == [*[[]] * (MAX_CONTAINERS - 1), 0]
