"""A bare session of onnxruntime, which says what a graph answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray


def session_of(graph: bytes) -> onnxruntime.InferenceSession:
    """Of one thread: more of them change last bits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def answer(
    session: onnxruntime.InferenceSession, inputs: Mapping[str, NDArray[Any]]
) -> NDArray[np.float32]:
    """The first output, which is the only one of our graphs."""
    output: NDArray[np.float32] = session.run(None, dict(inputs))[0]
    return output
