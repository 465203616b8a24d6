"""A service with numpy types, as BentoML's documentation teaches, and no thread per request."""

import os
from pathlib import Path
from typing import Annotated

import bentoml  # type: ignore[import-not-found] # in an environment of its own
import numpy as np
import onnxruntime
from bentoml.validators import DType  # type: ignore[import-not-found] # likewise

Rows = Annotated[np.ndarray, DType("float32")]


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Predictor:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            Path(os.environ["MODEL_DIR"]) / "model.onnx",
            options,
            providers=["CPUExecutionProvider"],
        )
        self._name = self._session.get_inputs()[0].name
        self._wanted = [self._session.get_outputs()[0].name]

    # A coroutine on purpose: the model answers in microseconds, and a thread would cost more.
    @bentoml.api  # type: ignore[untyped-decorator] # likewise
    async def predict(self, instances: Rows) -> Rows:
        rows: Rows = self._session.run(self._wanted, {self._name: instances})[0]
        return rows
