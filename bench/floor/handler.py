"""The bare handler: JSON rows or one binary tensor in, predictions out. No checks, no log line."""

from __future__ import annotations

import base64
import os
from typing import Any

import numpy as np
import onnxruntime
import orjson

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(
    os.path.join(os.environ["MODEL_DIR"], "model.onnx"),  # noqa: PTH118 - pathlib costs an import
    options,
    providers=["CPUExecutionProvider"],
)
name = session.get_inputs()[0].name
wanted = [session.get_outputs()[0].name]


def lambda_handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    return _binary(event) if event["isBase64Encoded"] else _json(event)


def _json(event: dict[str, Any]) -> dict[str, Any]:
    rows = np.array(orjson.loads(event["body"])["instances"], dtype=np.float32)
    answer = {"predictions": session.run(wanted, {name: rows})[0]}
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY).decode(),
    }


def _binary(event: dict[str, Any]) -> dict[str, Any]:
    body = base64.b64decode(event["body"])
    header_bytes = int(event["headers"]["inference-header-content-length"])
    declared = orjson.loads(body[:header_bytes])["inputs"][0]
    rows = np.frombuffer(body, dtype=np.float32, offset=header_bytes).reshape(declared["shape"])
    values = session.run(wanted, {name: rows})[0]
    header = orjson.dumps(
        {
            "outputs": [
                {
                    "name": wanted[0],
                    "datatype": "FP32",
                    "shape": values.shape,
                    "parameters": {"binary_data_size": values.nbytes},
                }
            ]
        }
    )
    return {
        "statusCode": 200,
        "headers": {
            "content-type": "application/octet-stream",
            "inference-header-content-length": str(len(header)),
        },
        "body": base64.b64encode(header + values.tobytes()).decode(),
        "isBase64Encoded": True,
    }
