"""The failing row: which of a request's rows the graph fails on, although its card allows them."""

from __future__ import annotations

from serving.errors import Fault, ModelError, UnpredictableRowError
from serving.feeds import Feeds
from serving.instances import Instances
from serving.model import Model
from serving.predictions import encode


def require_each_row(model: Model, instances: Instances, feeds: Feeds) -> None:
    """Raises UnpredictableRowError with the first row that cannot be predicted even alone.

    For rows that failed together; it costs as much as to run them once more.
    """
    row = _first_failing(model, feeds, instances.rows.length)
    if row is not None:
        fault = Fault(row, None, "a row that the model can predict", "one it fails on")
        raise instances.error([fault], UnpredictableRowError)


def _first_failing(model: Model, feeds: Feeds, length: int) -> int | None:
    start, stop = 0, length
    while stop - start > 1:
        middle = (start + stop) // 2
        if _fails(model, feeds, start, middle):
            stop = middle
        else:
            start = middle
    return start if _fails(model, feeds, start, stop) else None


def _fails(model: Model, feeds: Feeds, start: int, stop: int) -> bool:
    rows = {name: array[start:stop] for name, array in feeds.items()}
    try:
        encode(model.predict(rows, stop - start), model.outputs)
    except ModelError:
        return True
    return False
