"""One call of the function under test to AWS: what it asks, and from which line of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType, FrameType
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

BATCHES = {"PutEvents", "SendMessageBatch", "DeleteObjects"}
# Who calls AWS, and for whom.
TOLD_FILES = 2
# What S3 may answer with 200 and an error in the body.
SLOW = {"CompleteMultipartUpload", "UploadPartCopy"}
OUR_CODE = ("/functions/score/", "/layers/serving/python/")


@dataclass(frozen=True, slots=True)
class Call:
    """`id`: the same for all attempts of the SDK at one call."""

    service: str
    operation: str
    site: str
    id: str
    request: AWSPreparedRequest
    headers: Mapping[str, str]

    @property
    def is_conditional_write(self) -> bool:
        is_write = self.operation in {"PutObject", "CompleteMultipartUpload"}
        return is_write and not {"if-match", "if-none-match"}.isdisjoint(self.headers)

    @property
    def is_download(self) -> bool:
        return self.operation == "GetObject"

    def __str__(self) -> str:
        parts = urlsplit(self.request.url)
        told = [self.site, unquote(parts.path), parts.query]
        told += [f"{n}={self.headers[n]}" for n in _TOLD if n in self.headers]
        return " ".join(filter(None, told))


_TOLD = ["if-match", "if-none-match", "range", "x-amz-copy-source", "x-amz-copy-source-range"]


def call_of(event_name: str, request: AWSPreparedRequest) -> Call:
    """`event_name`: "before-send.s3.PutObject"."""
    _, service, operation = event_name.split(".")
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    site = f"{operation} {' < '.join(_callers(sys._getframe()))}"
    return Call(service, operation, site, headers["amz-sdk-invocation-id"], request, headers)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _callers(frame: FrameType | None) -> Iterator[str]:
    """The innermost functions of ours, each from another file."""
    files: list[str] = []
    while frame is not None and len(files) < TOLD_FILES:
        code = frame.f_code
        if _is_ours(code) and code.co_filename not in files:
            files.append(code.co_filename)
            yield code.co_qualname
        frame = frame.f_back


@cache
def _is_ours(code: CodeType) -> bool:
    return any(place in code.co_filename for place in OUR_CODE)
