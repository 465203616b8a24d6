"""The bare onnxruntime session of the floor and of rivals, with the options that ours has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@cache
def session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model / "model.onnx", options, providers=["CPUExecutionProvider"]
    )


def predicted(model: Path, rows: Floats) -> Floats:
    """A number for each row."""
    [values] = session(model).run(["variable"], {"X": rows})
    floats: Floats = values.reshape(-1)
    return floats
