"""Bodies: a request's rows, in the format that its content type names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.json_lines import decode_json_lines
from gateway.negotiation import JSON_LINES, media_type, shown_header
from gateway.problem import UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.request import Request
from gateway.response import JSON
from serving.csv_rows import decode_csv
from serving.features import Column
from serving.instances import Instances
from serving.shapes import decode

Read = Callable[[Request, Sequence[Column]], Instances]


def _json(request: Request, columns: Sequence[Column]) -> Instances:
    return decode(request.json(), columns)


def _csv(request: Request, columns: Sequence[Column]) -> Instances:
    return decode_csv(request.content(), columns)


def _json_lines(request: Request, columns: Sequence[Column]) -> Instances:
    return decode_json_lines(request.content(), columns)


READERS: Mapping[str, Read] = {
    JSON: _json,
    "text/csv": _csv,
    **dict.fromkeys(JSON_LINES, _json_lines),
}


def read_instances(request: Request, columns: Sequence[Column]) -> Instances:
    """Raises ProblemError at a content type that is none of READERS and does not stand for JSON."""
    if request.claims_json:
        return _json(request, columns)
    header = request.headers["content-type"]
    read = READERS.get(media_type(header))
    if read is None:
        expected = ", ".join(READERS)
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"content-type: expected {expected}, got {shown_header(header)}",
        )
    return read(request, columns)
