"""Rewriting a graph: optimised beforehand, its weights in a file of their own, in fewer bits."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quant_pre_process, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16

from admission.nodes import STANDARD, domain_of, every_node

FATAL = 4
WEIGHTS_FILE = "weights.bin"
# What decides shapes has to stay in the graph, and is small.
MAPPED_FROM_BYTES = 4096


def optimize(model: Path, target: Path, *, mapped: bool = False) -> None:
    """Save the graph as onnxruntime optimises it; with `mapped`, the weights in a file beside it,
    which is mapped into memory rather than read.

    Level `extended`: the one above lays weights out for the CPU that it runs on.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.intra_op_num_threads = 1
    options.log_severity_level = FATAL
    if mapped:
        prefix = "session.optimized_model_external_initializers"
        options.add_session_config_entry(f"{prefix}_file_name", WEIGHTS_FILE)
        options.add_session_config_entry(f"{prefix}_min_size_in_bytes", str(MAPPED_FROM_BYTES))
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    _drop_unused_domains(target)


def quantize(model: Path, target: Path, *, mapped: bool = False) -> None:
    """Weights as int8, activations as uint8 by their range in each run; then as `optimize`.

    In 7 bits: with 8, processors without VNNI saturate sums that the others do not.
    """
    folded, quantized = (target.with_name(f"{step}.onnx") for step in ("folded", "quantized"))
    quant_pre_process(model, folded, skip_symbolic_shape=True)
    quantize_dynamic(folded, quantized, weight_type=QuantType.QInt8, reduce_range=True)
    optimize(quantized, target, mapped=mapped)
    folded.unlink()
    quantized.unlink()


def halve(model: Path, target: Path) -> None:
    """Weights and arithmetic as float16, inputs and outputs as they are."""
    onnx.save(convert_float_to_float16(onnx.load(model), keep_io_types=True), target)


def has_convolution(model: Path) -> bool:
    """What is laid out for the CPU at load, and is slow otherwise."""
    nodes = every_node(onnx.load(model, load_external_data=False))
    return any(node.op_type in {"Conv", "FusedConv"} for node in nodes)


def _drop_unused_domains(path: Path) -> None:
    """onnxruntime declares every domain that it knows."""
    model = onnx.load(path, load_external_data=False)
    used = {STANDARD, *map(domain_of, every_node(model))}
    kept = [opset for opset in model.opset_import if domain_of(opset) in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    path.write_bytes(model.SerializeToString())
