"""Golden rows as a version brings them: what is asked, and what must be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson


def golden_document(instances: Sequence[Any], predictions: Sequence[Any]) -> bytes:
    """A row on each line, so that a change shows where it is, and each number in its shortest exact
    text."""
    return b'{"instances": [\n%s\n], "predictions": [\n%s\n]}\n' % (
        _lines(instances),
        _lines(predictions),
    )


def _lines(rows: Sequence[Any]) -> bytes:
    return b",\n".join(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in rows)
