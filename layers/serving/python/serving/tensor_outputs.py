"""Tensors out: the outputs that a request asks for, and how the reply carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from serving.coercion import Array
from serving.predictions import Raw
from serving.signature import Signature, Tensor
from serving.tensor_data import to_bytes
from serving.tensor_entries import entries, flag, misfit, tensor_of


class RequestedOutput(NamedTuple):
    """A graph output that the reply carries: as bytes behind the JSON, or in it."""

    tensor: Tensor
    binary: bool


def decode_outputs(
    document: Mapping[str, Any], signature: Signature
) -> tuple[RequestedOutput, ...]:
    """The outputs asked for, in that order; without any, all that the graph has.

    Raises InvalidTensorError.
    """
    everything = {tensor.name: tensor for tensor in signature.outputs}
    binary = flag(document, "", "binary_data_output", default=False)
    requested: dict[str, RequestedOutput] = {}
    for index, entry in enumerate(entries(document, "outputs") if "outputs" in document else []):
        pointer = f"/outputs/{index}"
        tensor = tensor_of(entry, everything, pointer, kind="output")
        if tensor.name in requested:
            raise misfit(f"output {tensor.name!r}", f"{pointer}/name", "it once", "it again")
        asked = flag(entry, pointer, "binary_data", default=binary)
        requested[tensor.name] = RequestedOutput(tensor, asked)
    return tuple(requested.values()) or tuple(
        RequestedOutput(tensor, binary) for tensor in everything.values()
    )


def encode_outputs(
    raw: Mapping[str, Raw], requested: Sequence[RequestedOutput]
) -> tuple[list[dict[str, Any]], bytes]:
    """The reply's outputs, and what comes behind the JSON.

    Arrays in them are flat, and for orjson with OPT_SERIALIZE_NUMPY: floats in the shortest text
    that gives them back, null for NaN and infinities.
    """
    outputs: list[dict[str, Any]] = []
    binary: list[bytes] = []
    for output in requested:
        values = _array(raw[output.tensor.name])
        described = {**describe_tensor(output.tensor), "shape": values.shape}
        if output.binary:
            binary.append(to_bytes(values))
            outputs.append({**described, "parameters": {"binary_data_size": len(binary[-1])}})
        else:
            flat = values.ravel()
            data = flat.tolist() if flat.dtype.kind == "O" else flat
            outputs.append({**described, "data": data})
    return outputs, b"".join(binary)


def describe_tensor(tensor: Tensor) -> dict[str, Any]:
    """A tensor as the protocol's metadata has it; a MAP is BYTES, one JSON object per row."""
    datatype = "BYTES" if tensor.datatype == "MAP" else tensor.datatype
    return {"name": tensor.name, "datatype": datatype, "shape": tensor.shape}


def _array(raw: Raw) -> Array:
    if isinstance(raw, np.ndarray):
        return raw
    texts = [{str(key): np.float32(value) for key, value in entry.items()} for entry in raw]
    option = orjson.OPT_SERIALIZE_NUMPY
    return np.array([orjson.dumps(text, option=option).decode() for text in texts], dtype=object)
