"""A model with numpy codecs, as MLServer's documentation teaches."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime
from mlserver import MLModel  # type: ignore[import-not-found] # in an environment of its own
from mlserver.codecs import NumpyCodec  # type: ignore[import-not-found] # likewise
from mlserver.types import (  # type: ignore[import-not-found] # likewise
    InferenceRequest,
    InferenceResponse,
)


class OnnxModel(MLModel):  # type: ignore[misc] # its base has no types here
    async def load(self) -> bool:
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
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        values = self._session.run(self._wanted, {self._name: rows})[0]
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output(self._wanted[0], values)]
        )
