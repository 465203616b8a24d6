"""Operators: those that the pinned onnxruntime has, and no others."""

from __future__ import annotations

import onnx
from onnx import ModelProto, NodeProto

from admission.contributed_operators import CONTRIBUTED
from admission.nodes import STANDARD, domain_of, every_node, shown
from serving.errors import ConfigurationError

MICROSOFT = "com.microsoft"
ONNX = (STANDARD, "ai.onnx.ml")
# Those of onnxruntime-extensions.
EXTENSIONS = {"ai.onnx.contrib", "com.microsoft.extensions"}
# What onnxruntime itself makes of a graph for one kind of processor.
INTERNAL = {"com.microsoft.nchwc", "com.ms.internal.nhwc"}
# ONNX has lost these, or came to them later than onnxruntime, which has them in every opset.
ONNXRUNTIMES = {
    *("Affine", "Crop", "DynamicSlice", "GRUUnit", "GivenTensorFill", "ImageScaler"),
    *("LayerNormalization", "MeanVarianceNormalization", "ParametricSoftplus", "Scale"),
    *("ScaledTanh", "SimplifiedLayerNormalization", "ThresholdedRelu"),
}


def require_known_operators(model: ModelProto, *, extensions: bool) -> None:
    """Raises ConfigurationError where a node is none that onnxruntime itself runs; with
    `extensions`, the operators of onnxruntime-extensions are admitted too."""
    functions = {(domain_of(function), function.name) for function in model.functions}
    for domain, name in sorted(functions):
        if _is_built_in(domain, name):
            raise ConfigurationError(
                f"function {name!r}: expected a name of its own, got one that onnxruntime has an "
                f"operator for in {domain or 'ai.onnx'}, which would run instead"
            )
    for node in every_node(model):
        if (domain_of(node), node.op_type) not in functions:
            _require_known(node, extensions=extensions)


def _is_built_in(domain: str, name: str) -> bool:
    if domain == MICROSOFT:
        return name in CONTRIBUTED
    return domain in ONNX and (onnx.defs.has(name, domain=domain) or name in ONNXRUNTIMES)


def _require_known(node: NodeProto, *, extensions: bool) -> None:
    domain = domain_of(node)
    if domain in INTERNAL:
        raise ConfigurationError(
            f"{shown(node)}: expected a graph for any processor, got one that onnxruntime "
            f"optimised for its own ({domain}); save it at the level ORT_ENABLE_EXTENDED"
        )
    if domain in EXTENSIONS:
        if not extensions:
            raise ConfigurationError(
                f"{shown(node)}: expected no operators of onnxruntime-extensions ({domain}) unless "
                "model.toml allows them: [graph] extensions = true"
            )
    elif not _is_built_in(domain, node.op_type):
        raise ConfigurationError(
            f"{shown(node)}: expected an operator of ai.onnx, ai.onnx.ml or com.microsoft that "
            f"onnxruntime has, or a function of the model, got {domain or 'ai.onnx'}."
            f"{node.op_type}"
        )
