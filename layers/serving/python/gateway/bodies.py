"""Bodies: a request's rows, in the format that its content type names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.json_lines import decode_json_lines
from gateway.json_text import parse
from gateway.negotiation import JSON_LINES, PICTURES, media_type, shown_header
from gateway.problem import UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.request import UNCHOSEN, Request
from gateway.response import JSON
from serving.csv_rows import decode_csv
from serving.errors import MalformedInputError
from serving.features import Column
from serving.feeds import Rows
from serving.instances import Instances
from serving.lone_image import lone_image
from serving.shapes import decode

Read = Callable[[Request, Sequence[Column]], Instances]


def _json(request: Request, columns: Sequence[Column]) -> Instances:
    content = request.content()
    try:
        document = parse(content)
    except MalformedInputError:
        # Only who sends no JSON pays for the telling.
        from gateway.misplaced_picture import refuse_picture  # noqa: PLC0415

        refuse_picture(content, columns)
        raise
    return decode(document, columns)


def _csv(request: Request, columns: Sequence[Column]) -> Instances:
    return decode_csv(request.content(), columns)


def _json_lines(request: Request, columns: Sequence[Column]) -> Instances:
    return decode_json_lines(request.content(), columns)


def _picture(request: Request, columns: Sequence[Column]) -> Instances:
    """The one row of a model whose only feature is an image."""
    content = request.content()
    if not content:
        raise MalformedInputError("the body: expected an image, got nothing")
    return Instances(Rows(1, {columns[0].name: [content]}), (), None)


READERS: Mapping[str, Read] = {
    JSON: _json,
    "text/csv": _csv,
    **dict.fromkeys(JSON_LINES, _json_lines),
}


READERS_OF_PICTURES: Mapping[str, Read] = {**READERS, **dict.fromkeys(PICTURES, _picture)}
# How the files of PICTURES begin, and no JSON does.
PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


def read_instances(request: Request, columns: Sequence[Column]) -> Instances:
    """Raises ProblemError at a content type that is none of READERS, or READERS_OF_PICTURES where
    the only feature is an image, and does not stand for JSON."""
    return _reader(request, columns)(request, columns)


def _reader(request: Request, columns: Sequence[Column]) -> Read:
    takes_pictures = lone_image(columns) is not None
    if takes_pictures and _is_unnamed_picture(request):
        return _picture
    if request.claims_json:
        return _json
    readers = READERS_OF_PICTURES if takes_pictures else READERS
    header = request.headers["content-type"]
    read = readers.get(media_type(header))
    if read is None:
        expected = ", ".join(readers)
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"content-type: expected {expected}, got {shown_header(header)}",
        )
    return read


def _is_unnamed_picture(request: Request) -> bool:
    """As curl's --data-binary sends a file where nobody names its type."""
    kind = media_type(request.headers.get("content-type", ""))
    return kind in UNCHOSEN and request.content().startswith(PICTURE_STARTS)
