"""How many rows the graph runs at once, as the engine cuts them: beyond as many, memory is flat."""

from __future__ import annotations

from cdk.deployed_model import DeployedModel
from serving.card_features import Feature
from serving.features import Columns
from serving.micro_batches import MicroBatches

# Of an element that a text or a picture becomes, at most.
ELEMENT_BYTES = 8
MIB = 1024 * 1024


def run_rows(model: DeployedModel, rows: int) -> int:
    """Of so many that come together. Rows of tables run together; where padding varies, as many as
    are short may run together."""
    columns = Columns(model.columns)
    if not columns.prepared_size or any(_varies(column.feature) for column in columns):
        return rows
    first = next(MicroBatches(columns, model.card).cut({}, rows))
    return len(first.rows)


def prepared_mib(model: DeployedModel) -> float:
    """What a row becomes, and is until the last one has run."""
    return Columns(model.columns).prepared_size * ELEMENT_BYTES / MIB


def _varies(feature: Feature | None) -> bool:
    return feature is not None and feature.text is not None and feature.text.padding == "longest"
