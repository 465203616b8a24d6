"""The header of a CSV file: where the needed columns stand, and which ones are added."""

from __future__ import annotations

from collections.abc import Sequence

from formats.errors import BadFileError
from formats.names import error_name, require_distinct
from serving.csv_predictions import csv_names, quoted
from serving.csv_records import Record
from serving.model import Model


class CsvHeader:
    """Raises BadFileError where it does not fit the model. `positions` are those of the model's
    columns, by their names; `width` is the number of cells of a whole row."""

    def __init__(self, record: Record, model: Model) -> None:
        self._record = record
        self._added = _added(model)
        require_distinct(self._added, beside=record.cells)
        self.width = len(record.cells)
        self.positions = _positions([column.name for column in model.columns], record.cells)

    @property
    def added_width(self) -> int:
        return len(self._added)

    @property
    def written(self) -> bytes:
        """The header of the scored file."""
        added = ",".join(map(quoted, self._added))
        return f"{self._record.text},{added}{self._record.ending}".encode()


def _added(model: Model) -> list[str]:
    predicted = [name for output in model.outputs for name in csv_names(output, model.card)]
    return [*predicted, error_name(model.card)]


def _positions(names: Sequence[str], header: Sequence[str]) -> dict[str, int]:
    missing = [name for name in names if name not in header]
    if missing:
        raise BadFileError(
            f"expected the columns {', '.join(names)} in the header, got none called "
            f"{', '.join(missing)}"
        )
    for name in names:
        if header.count(name) > 1:
            raise BadFileError(f"expected one column {name!r} in the header, got several")
    return {name: header.index(name) for name in names}
