"""Golden rows as a version brings them: what is asked, and what must be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

Row = Mapping[str, Any]


def golden_document(instances: Sequence[Row], predictions: Sequence[Row]) -> bytes:
    """A row on each line, and each number in its shortest exact text."""
    return b'{"instances": [\n%s\n], "predictions": [\n%s\n]}\n' % (
        _lines(instances),
        _lines(predictions),
    )


def _lines(rows: Sequence[Row]) -> bytes:
    return b",\n".join(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in rows)
