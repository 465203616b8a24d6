"""Lawful requests of the Open Inference Protocol, in JSON and with binary tensors."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import numpy as np

from fuzz.cells import lawful_rows
from fuzz.events import Event, event_of
from fuzz.spelling import Extent, json_text
from serving.coercion import Array
from serving.feeds import Rows, fill
from serving.model import Model
from serving.signature import Tensor


def inference_event(model: Model, random: Random, length: int) -> Event:
    cells = zip(*lawful_rows(model.columns, random, length), strict=True)
    names = [column.name for column in model.columns]
    feeds = fill(Rows(length, dict(zip(names, cells, strict=True))), model.columns).feeds
    version = random.choice(["", f"/versions/{model.version}"])
    path = f"/v2/models/{model.name}{version}/infer"
    tensors = random.sample(model.signature.inputs, len(model.signature.inputs))
    if random.random() < 1 / 3:
        return _binary(path, tensors, feeds, random)
    inputs = [
        _described(t, feeds[t.name]) | {"data": _data(feeds[t.name], random)} for t in tensors
    ]
    content = json_text({"id": "7", "inputs": inputs}, random)
    return event_of("POST", path, content, {"content-type": "application/json"}, random)


def _described(tensor: Tensor, array: Array) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": [*map(Extent, array.shape)]}


def _data(array: Array, random: Random) -> list[Any]:
    data: list[Any] = (array if random.random() < 1 / 2 else array.ravel()).tolist()
    return data


def _binary(path: str, tensors: list[Tensor], feeds: dict[str, Array], random: Random) -> Event:
    parts = [_bytes(feeds[tensor.name]) for tensor in tensors]
    inputs = [
        _described(tensor, feeds[tensor.name]) | {"parameters": {"binary_data_size": len(part)}}
        for tensor, part in zip(tensors, parts, strict=True)
    ]
    header = json.dumps({"inputs": inputs}).encode()
    headers = {
        "content-type": "application/octet-stream",
        "inference-header-content-length": str(len(header)),
    }
    return event_of("POST", path, header + b"".join(parts), headers, random)


def _bytes(array: Array) -> bytes:
    if array.dtype != np.object_:
        return array.tobytes()
    texts = [text.encode() for text in array.ravel()]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)
