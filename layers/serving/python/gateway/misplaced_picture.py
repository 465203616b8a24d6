"""A picture that came where JSON was expected: which ones the model takes, and how."""

from __future__ import annotations

from collections.abc import Sequence

from serving.errors import MalformedInputError
from serving.features import Column, Columns
from serving.file_kind import file_kind
from serving.lone_image import lone_image


def refuse_picture(content: bytes, columns: Sequence[Column]) -> None:
    """Raises MalformedInputError at the first bytes of a picture."""
    kind = file_kind(content)
    if kind is not None:
        raise MalformedInputError(f"the body: expected {_expected(columns)}, got {kind}")


def _expected(columns: Sequence[Column]) -> str:
    if lone_image(columns) is not None:
        return "a PNG, JPEG or WebP image, or JSON"
    if Columns(columns).pictures:
        return "JSON, with pictures as cells in base64"
    return "JSON, since this model takes no pictures"
