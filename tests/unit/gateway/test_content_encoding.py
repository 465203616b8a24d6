"""Encoded bodies are taken out under a cap, and long answers go compressed where asked."""

from __future__ import annotations

import gzip
import zlib

import pytest

from gateway.content_encoding import MAX_DECODED_BYTES, MIN_ENCODED_BYTES, decoded, encoded
from gateway.problem import UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.response import Response
from serving.errors import MalformedInputError, OversizedInputError

CONTENT = b'{"instances": [[1, 2]]}'


@pytest.mark.parametrize("coding", ["", "identity", " Identity"])
def test_a_body_without_an_encoding_is_itself(coding: str) -> None:
    assert decoded(CONTENT, coding) is CONTENT


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("gzip", gzip.compress(CONTENT, mtime=0)),
        ("x-GZIP ", gzip.compress(CONTENT, mtime=0)),
        ("deflate", zlib.compress(CONTENT)),
    ],
)
def test_a_body_comes_out_of_its_encoding(coding: str, content: bytes) -> None:
    assert decoded(content, coding) == CONTENT


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "\ud800"])
def test_another_encoding_is_refused_with_those_there_are(coding: str) -> None:
    with pytest.raises(ProblemError) as raised:
        decoded(CONTENT, coding)

    assert raised.value.problem is UNSUPPORTED_MEDIA_TYPE
    assert str(raised.value) == f"content-encoding: expected gzip, deflate, got {coding!a}"
    assert raised.value.headers == {"accept-encoding": "gzip, deflate"}


WHOLE = gzip.compress(CONTENT, mtime=0)
DAMAGED = WHOLE[:12] + bytes([WHOLE[12] ^ 0xFF]) + WHOLE[13:]


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (CONTENT, "something else"),
        (DAMAGED, "something else"),
        (WHOLE[:-1], "only its beginning"),
        (WHOLE[:4], "only its beginning"),
        (b"", "only its beginning"),
        (WHOLE + b"x", "bytes behind its end"),
        (WHOLE + WHOLE, "bytes behind its end"),
    ],
)
def test_what_is_not_whole_gzip_is_malformed(content: bytes, got: str) -> None:
    with pytest.raises(MalformedInputError) as raised:
        decoded(content, "gzip")

    assert str(raised.value) == f"the body: expected gzip, got {got}"


def test_a_body_inflates_up_to_the_cap_and_no_further() -> None:
    fits = gzip.compress(bytes(MAX_DECODED_BYTES))
    bomb = gzip.compress(bytes(MAX_DECODED_BYTES + 1))

    assert len(decoded(fits, "gzip")) == MAX_DECODED_BYTES
    with pytest.raises(OversizedInputError) as raised:
        decoded(bomb, "gzip")
    assert str(raised.value) == (
        f"the body: expected at most {MAX_DECODED_BYTES} bytes in gzip, got more; "
        "send fewer rows at a time, or a file for batch scoring"
    )


LONG = "é" * MIN_ENCODED_BYTES


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1, GZIP;q=0.5"])
@pytest.mark.parametrize("body", [LONG, LONG.encode()], ids=["text", "bytes"])
def test_a_long_answer_goes_in_gzip_where_asked(body: str | bytes, accepted: str) -> None:
    response = encoded(Response(200, body, headers={"scoring-digest": "ab"}), accepted)

    assert gzip.decompress(response.content) == LONG.encode()
    assert response == Response(
        200,
        response.content,
        headers={"scoring-digest": "ab", "content-encoding": "gzip", "vary": "accept-encoding"},
    )


@pytest.mark.parametrize("accepted", ["", " ", "identity", "br", "gzip;q=0", "gzip;q=0, *"])
def test_an_answer_goes_plain_where_gzip_is_not_asked_for(accepted: str) -> None:
    response = Response(200, LONG)

    assert encoded(response, accepted) is response


def test_a_short_answer_goes_plain() -> None:
    response = Response(200, "x" * (MIN_ENCODED_BYTES - 1))

    assert encoded(response, "gzip") is response
