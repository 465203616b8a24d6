"""Rowless models: some graphs are for tensors alone, and only `infer` can ask them."""

from __future__ import annotations

from collections.abc import Sequence

from serving.predictions import NamedOutput
from serving.signature import ANY, Signature


def why_rowless(name: str, signature: Signature, outputs: Sequence[NamedOutput]) -> str | None:
    """Why the model of that name takes no rows; None where it does."""
    if signature.batch_size is None:
        return (
            f"model {name}: expected inputs with a common batch axis, got "
            f"{[list(tensor.shape) for tensor in signature.inputs]}; it takes no rows, but "
            "tensors, by infer"
        )
    for tensor in (output.source for output in outputs):
        # That the first extent is 1 says nothing: some exporters declare what they saw in their
        # example.
        if tensor.shape and tensor.shape[0] not in {ANY, 1}:
            return (
                f"output {tensor.name!r}: expected an entry for each row, got "
                f"{list(tensor.shape)}; leave it out of the card's outputs, or ask for its tensor "
                "by infer"
            )
    return None
