"""The description of a model: what a caller needs to know before sending rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from serving.card import Card
from serving.features import Column
from serving.predictions import NamedOutput
from serving.rowless import why_rowless
from serving.signature import Signature, Tensor


class Described(Protocol):
    """What there is to say of a model, loaded or not."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def card(self) -> Card: ...
    @property
    def signature(self) -> Signature: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def outputs(self) -> Sequence[NamedOutput]: ...


def describe(model: Described) -> dict[str, Any]:
    """Card, signature, version and digest, as JSON."""
    card = model.card
    return {
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        "title": card.title,
        "description": card.description,
        "owner": card.owner,
        "licence": card.licence,
        "intended_use": card.intended_use,
        "limits": card.limits,
        "takes_rows": why_rowless(model.name, model.signature, model.outputs) is None,
        "features": [_feature(column) for column in model.columns],
        "outputs": [
            {"name": output.name, "labels": list(output.labels), **_tensor(output.tensor)}
            for output in model.outputs
        ],
        "signature": {
            "inputs": [tensor._asdict() for tensor in model.signature.inputs],
            "outputs": [tensor._asdict() for tensor in model.signature.outputs],
        },
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"tensor": tensor.name, "datatype": tensor.datatype}


def _feature(column: Column) -> dict[str, Any]:
    said = {} if column.feature is None else column.feature._asdict()
    told = {key: value for key, value in said.items() if value not in (None, "", ())}
    return {**told, "name": column.name, "shape": column.shape, **_tensor(column.tensor)}
