"""The description of a model: what a caller needs to know before sending rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from serving.card import Card
from serving.features import Column
from serving.predictions import NamedOutput
from serving.rowless import why_rowless
from serving.signature import Signature


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
        "outputs": [_output(output) for output in model.outputs],
        "signature": {
            "inputs": [tensor._asdict() for tensor in model.signature.inputs],
            "outputs": [tensor._asdict() for tensor in model.signature.outputs],
        },
    }


def _output(output: NamedOutput) -> dict[str, Any]:
    """`shape` and `datatype` are those of the entries in answers."""
    said = {} if output.derivation is None else output.derivation.output._asdict()
    return {
        **_told({("index" if key == "column" else key): value for key, value in said.items()}),
        "name": output.name,
        "labels": list(output.labels),
        "tensor": output.source.name,
        "datatype": output.tensor.datatype,
        "shape": output.tensor.shape,
    }


def _feature(column: Column) -> dict[str, Any]:
    """`shape` and `datatype` are those of the cells. Where they are elements of one of the graph's
    inputs, `tensor` is that; else `inputs` are those that they are made into."""
    said = {} if column.feature is None else column.feature._asdict()
    said.pop("tensor", None)
    inputs = [tensor._asdict() for tensor in column.inputs]
    return {
        **_told(said),
        **({"inputs": inputs} if inputs else {"tensor": column.tensor.name}),
        "name": column.name,
        "shape": column.shape,
        "datatype": column.tensor.datatype,
    }


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is left unsaid."""
    told = {key: value for key, value in said.items() if value not in (None, "", ())}
    return {key: _plain(value) for key, value in told.items()}


def _plain(value: object) -> object:
    """Options as JSON has them."""
    as_dict = getattr(value, "_asdict", None)
    return value if as_dict is None else as_dict()
