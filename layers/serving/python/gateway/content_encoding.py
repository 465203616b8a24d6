"""Content encodings (RFC 9110): bodies come in gzip, deflate or none; long answers go in gzip."""

from __future__ import annotations

import zlib
from functools import lru_cache

from gateway.negotiation import preferred, shown_header
from gateway.problem import UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.response import Response
from serving.errors import MalformedInputError, OversizedInputError

# Twice what Lambda takes: JSON of random numbers is 1.7 times as long as its gzip in base64.
MAX_DECODED_BYTES = 2 * 6 * 1024 * 1024
# What fits TCP's first flight of ten segments arrives no sooner for being shorter.
MIN_ENCODED_BYTES = 14_600
# The fastest: a function's time costs more than the bytes that a higher level would save.
LEVEL = 1

CODINGS = ("gzip", "deflate")
_EITHER_FORMAT = zlib.MAX_WBITS | 32
_GZIP_FORMAT = zlib.MAX_WBITS | 16


def decoded(content: bytes, coding: str) -> bytes:
    """The bytes that a Content-Encoding header says are inside.

    Raises MalformedInputError where they are not, OversizedInputError where they are too many, and
    ProblemError at another coding.
    """
    coding = coding.strip().lower().removeprefix("x-")
    if coding in {"", "identity"}:
        return content
    if coding not in CODINGS:
        expected = ", ".join(CODINGS)
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"content-encoding: expected {expected}, got {shown_header(coding)}",
            headers={"accept-encoding": expected},
        )
    return _inflated(content, coding)


def _inflated(content: bytes, coding: str) -> bytes:
    inflation = zlib.decompressobj(_EITHER_FORMAT)
    try:
        inside = inflation.decompress(content, MAX_DECODED_BYTES + 1)
    except zlib.error as error:
        raise MalformedInputError(f"the body: expected {coding}, got something else") from error
    if len(inside) > MAX_DECODED_BYTES:
        raise OversizedInputError(
            f"the body: expected at most {MAX_DECODED_BYTES} bytes in {coding}, got more; "
            "send fewer rows at a time, or a file for batch scoring"
        )
    if not inflation.eof:
        raise MalformedInputError(f"the body: expected {coding}, got only its beginning")
    if inflation.unused_data:
        raise MalformedInputError(f"the body: expected {coding}, got bytes behind its end")
    return inside


@lru_cache(maxsize=64)
def accepts_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes it; an empty one takes nothing."""
    return bool(accepted.strip()) and preferred(accepted, ("gzip",)) is not None


def encoded(response: Response, accepted: str) -> Response:
    """The response in gzip, where an Accept-Encoding header takes that and it is long enough."""
    if len(response.body) < MIN_ENCODED_BYTES or not accepts_gzip(accepted):
        return response
    deflation = zlib.compressobj(LEVEL, wbits=_GZIP_FORMAT)
    body = deflation.compress(response.content) + deflation.flush()
    headers = {**response.headers, "content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(response.status, body, response.content_type, headers)
