"""The session: onnxruntime over the very bytes that were hashed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import onnxruntime

from serving.card import Card, naming
from serving.errors import ConfigurationError
from serving.optimization import is_optimized
from serving.repository import MODEL_FILE

FATAL = 4  # onnxruntime's log level: what goes wrong is raised, and said by us


def read_model_file(version_directory: Path) -> bytes:
    """What is to be hashed and loaded; raises ConfigurationError where there is none."""
    path = version_directory / MODEL_FILE
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a model file: {error.strerror}") from error


def open_session(
    content: bytes, version_directory: Path, card: Card
) -> onnxruntime.InferenceSession:
    """A session of a model file's bytes. External data is mapped from the version's directory, not
    copied: it is hashed, but could change after that, where the directory can be written.

    Raises ConfigurationError where onnxruntime cannot load it.
    """
    options = _options(version_directory, card)
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class
        raise ConfigurationError(
            f"{version_directory / MODEL_FILE}: expected a model onnxruntime can load: {error}"
        ) from error
    # It would keep the bytes as long as it lives, to load them for another kind of processor.
    session._model_bytes = None
    return session


def _options(version_directory: Path, card: Card) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = card.threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Otherwise bytes that are ONNX to admission could be a model in onnxruntime's own format.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # Otherwise bytes have their external data in the working directory.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(version_directory.resolve())
    )
    options.log_severity_level = FATAL
    if is_optimized(version_directory):
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if card.extensions:
        with naming(card.source):
            options.register_custom_ops_library(_extensions_library())
    return options


def _extensions_library() -> str:
    """Of a package that only images of models whose cards allow it bring along."""
    try:
        extensions = import_module("onnxruntime_extensions")
    except ImportError as error:
        raise ConfigurationError(
            "graph.extensions: expected the package onnxruntime-extensions, which is "
            "not installed; add it to the requirements of the model's images"
        ) from error
    path: str = extensions.get_library_path()
    return path
