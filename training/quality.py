"""Quality as a version brings it: the figures that two versions are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import orjson


def quality_document(
    held_out_rows: int,
    metrics: Mapping[str, float],
    better: Mapping[str, Literal["higher", "lower"]],
    **remarks: object,
) -> bytes:
    """`better` says of each metric which way it is; `remarks` are for people alone."""
    document = {"held_out_rows": held_out_rows, "metrics": metrics, "better": better, **remarks}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
