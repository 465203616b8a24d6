"""The serving engine: an ONNX version directory becomes a model that scores rows.

It knows nothing of HTTP, AWS or the environment; both doors (functions) stand on it.
"""

# Raised when a change to the engine may change a prediction: it is part of the scoring digest.
ENGINE_VERSION = "1"
