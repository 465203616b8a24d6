"""What people export: models that onnxruntime serves, in the shapes in which they come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper, parser

from tests import graphs

RELU = "(float[N, 2] x) => (float[N, 2] y) { y = Relu(x) }"


def model(text: str, imports: str = '"": 18', ir: int = 8) -> ModelProto:
    return parser.parse_model(f"<ir_version: {ir}, opset_import: [{imports}]> g {text}")


def changed(built: ModelProto, change: Callable[[ModelProto], object]) -> ModelProto:
    change(built)
    return built


def weights_among_inputs() -> ModelProto:
    return model(
        "(float[N, 2] x, float[2] w) => (float[N, 2] y) <float[2] w = {1, 2}> { y = Add(x, w) }",
        '"": 7',
        ir=3,
    )


def weights_apart() -> ModelProto:
    return model(
        "(float[N, 2] x) => (float[N, 2] y) <float[2] w = {1, 2}> { y = Add(x, w) }", '"": 7', ir=3
    )


def half() -> ModelProto:
    return graphs.model(
        [helper.make_node("MatMul", ["X", "w"], ["y"])],
        [graphs.tensor("X", TensorProto.FLOAT16, [None, 40])],
        [graphs.tensor("y", TensorProto.FLOAT16, [None, 40])],
        w=np.eye(40, dtype=np.float16),
    )


def narrow() -> ModelProto:
    """Weights of 4 bits each, an odd number of them."""
    built = graphs.model(
        [
            helper.make_node("DequantizeLinear", ["q", "s"], ["w"]),
            helper.make_node("MatMul", ["X", "w"], ["y"]),
        ],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 3])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
        s=np.array(0.5, np.float32),
    )
    weights = helper.make_tensor("q", TensorProto.INT4, [3, 1], [1, -2, 3])
    built.graph.initializer.append(weights)
    built.opset_import[0].version = 21
    return built


def blocks() -> ModelProto:
    """What onnxruntime's quantiser makes of a matrix."""
    node = helper.make_node(
        "MatMulNBits", ["X", "q", "s"], ["y"], domain="com.microsoft", K=32, N=4, bits=4,
        block_size=32,
    )  # fmt: skip
    return changed(
        graphs.model(
            [node],
            [graphs.tensor("X", TensorProto.FLOAT, [None, 32])],
            [graphs.tensor("y", TensorProto.FLOAT, [None, 4])],
            q=np.zeros((4, 1, 16), np.uint8),
            s=np.ones(4, np.float32),
        ),
        lambda m: m.opset_import.append(helper.make_opsetid("com.microsoft", 1)),
    )


def sparse() -> ModelProto:
    values = helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0])
    places = helper.make_tensor("places", TensorProto.INT64, [1], [2])
    return changed(
        model("(float[N, 4] x) => (float[N, 4] y) { y = Add(x, s) }"),
        lambda m: m.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [4])),
    )


def optimised(directory: Path) -> None:
    """As onnxruntime saves what it has optimised for any processor."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(directory / "model.onnx")
    directory.mkdir()
    onnxruntime.InferenceSession(graphs.perceptron(4).SerializeToString(), options)


def external(directory: Path, *, attributes: bool = False) -> None:
    """All weights in one file in a folder of their own, one behind the other."""
    built = graphs.perceptron(4)
    if attributes:
        constant = numpy_helper.from_array(np.ones(4, np.float32))
        node = helper.make_node("Constant", [], ["unused"], value=constant)
        built.graph.node.insert(0, node)
    (directory / "weights").mkdir(parents=True)
    onnx.save(
        built,
        directory / "model.onnx",
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="weights/all.bin",
        size_threshold=0,
        convert_attribute=attributes,
    )


def external_in_function(directory: Path) -> None:
    """A constant of a function, whose data is beside the model."""
    built = parser.parse_model(
        '<ir_version: 8, opset_import: ["": 18, "own": 1]> '
        "g (float[N, 2] x) => (float[N, 2] y) { y = own.shift(x) } "
        '<domain: "own", opset_import: ["": 18]> shift (x) => (y) '
        "{ w = Constant <value = float[2] {1, 2}> () y = Add(x, w) }"
    )
    weights = built.functions[0].node[0].attribute[0].t
    weights.ClearField("float_data")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="w.bin")
    graphs.save(built, directory)
    (directory / "w.bin").write_bytes(b"\0" * 8)


def saved(built: ModelProto) -> Callable[[Path], None]:
    def save(directory: Path) -> None:
        graphs.save(built, directory)

    return save


def upside_down(built: ModelProto) -> None:
    nodes = [*built.graph.node]
    del built.graph.node[:]
    built.graph.node.extend(reversed(nodes))


FUNCTIONS = """
    <domain: "own", opset_import: ["": 18, "own": 1]> twice (x) => (y)
    { t = own.shift(x) y = own.shift(t) }
    <domain: "own", opset_import: ["": 17]> shift <by: float = 1.0> (x) => (y)
    { b = Constant <value_float: float = @by> () y = Add(x, b) }
    <domain: "own", opset_import: ["": 18]> unused (x) => (y) { y = Relu(x) }
"""
WHILE = """(float[N] x, float limit) => (float[N] y)
    <bool go = {1}, int64 all = {9223372036854775807}> { y = Loop (all, go, x) <
    body = iterate (int64 i, bool c, float[N] s) => (bool d, float[N] t)
    { t = Add(s, s) m = ReduceMax <keepdims = 0> (t) d = Less(m, limit) }> }"""
BRANCHES = """(bool b, float[N] x) => (float[N] y) { y = If (b) <
    then_branch = t () => (float[N] a) <float w = {1}> { a = Add(x, w) },
    else_branch = e () => (float[N] c) { c = If (b) <
        then_branch = t2 () => (float[N] d) { d = Relu(x) },
        else_branch = e2 () => (float[N] f) { f = Neg(x) }> }> }"""

SERVED: dict[str, Callable[[Path], None]] = {
    "opset 9": saved(model(RELU, '"": 9', ir=4)),
    "the newest opset": saved(model(RELU, '"": 26', ir=13)),
    "IR 3, with weights among the inputs": saved(weights_among_inputs()),
    "IR 3, with weights apart": saved(weights_apart()),
    "float16": saved(half()),
    "weights of four bits": saved(narrow()),
    "weights in blocks": saved(blocks()),
    "bfloat16 inside": saved(
        model("(float[N] x) => (float[N] y) { t = Cast <to = 16> (x) y = Cast <to = 1> (t) }")
    ),
    "dynamic quantisation": saved(
        model(
            "(float[N, 2] x) => (int32[N, 1] y) <uint8[2, 1] w = {1, 2}, uint8 z = {0}> "
            "{ q, s, p = DynamicQuantizeLinear(x) y = MatMulInteger(q, w, p, z) }"
        )
    ),
    "static quantisation": saved(
        model(
            "(float[N] x) => (float[N] y) <float s = {0.5}, uint8 z = {128}> "
            "{ q = QuantizeLinear(x, s, z) y = DequantizeLinear(q, s, z) }"
        )
    ),
    "a sparse weight": saved(sparse()),
    "an empty weight": saved(
        model("(float[N] x) => (float[N] y) <float[0] w = {}> { y = Concat <axis = 0> (x, w) }")
    ),
    "external data": external,
    "external data of constants": lambda directory: external(directory, attributes=True),
    "external data of a function": external_in_function,
    "what onnxruntime optimised": optimised,
    "functions": saved(
        parser.parse_model(
            '<ir_version: 8, opset_import: ["": 18, "own": 1]> '
            f"g (float[N] x) => (float[N] y) {{ y = own.twice(x) }} {FUNCTIONS}"
        )
    ),
    "a loop that its condition ends": saved(model(WHILE)),
    "a loop of computed trips": saved(
        model(
            "(float[N] x) => (float[N] y) <bool go = {1}, int64 two = {2}> "
            "{ trips = Mul(two, two) y = Loop (trips, go, x) <"
            "body = iterate (int64 i, bool c, float[N] s) => (bool d, float[N] t) "
            "{ d = Identity(c) t = Add(s, s) }> }"
        )
    ),
    "branches in branches": saved(model(BRANCHES)),
    "strings": saved(
        model(
            '(string[N] x) => (string[A] y) <string[2] w = {"a", "b"}> '
            "{ y = Concat <axis = 0> (x, w) }"
        )
    ),
    "a sequence inside": saved(
        model(
            "(float[N, 2] x) => (float[A, 2] y) "
            "{ s = SplitToSequence <axis = 0> (x) y = ConcatFromSequence <axis = 0> (s) }"
        )
    ),
    "state": saved(
        model(
            "(float[N, 3] x, float[2, N, 3] h) => (float[N, 3] y, float[2, N, 3] n) "
            "{ y = Relu(x) n = Neg(h) }"
        )
    ),
    "no batch axis": saved(model("(float[2, 3] x) => (float[3, 2] y) { y = Transpose(x) }")),
    "scalars": saved(model("(float x, int64 k) => (float y) { c = Cast<to=1>(k) y = Add(x, c) }")),
    "an input that is an output": saved(
        changed(model(RELU), lambda m: m.graph.output.append(m.graph.input[0]))
    ),
    "nodes in any order": saved(
        changed(model("(float[N] x) => (float[N] y) { t = Relu(x) y = Neg(t) }"), upside_down)
    ),
    "a graph without a name": saved(changed(model(RELU), lambda m: m.graph.ClearField("name"))),
    "an output without a type": saved(
        changed(model(RELU), lambda m: m.graph.output[0].ClearField("type"))
    ),
    "an output without a rank": saved(
        changed(model(RELU), lambda m: m.graph.output[0].type.tensor_type.ClearField("shape"))
    ),
    "another shape than is declared": saved(
        model("(float[N, 2] x) => (float[N, 7] y) { y = Relu(x) }")
    ),
    "layer normalisation before ONNX had it": saved(
        model(
            "(float[N, 2] x) => (float[N, 2] y) <float[2] w = {1, 1}> "
            "{ y = LayerNormalization(x, w, w) }",
            '"": 12',
            ir=7,
        )
    ),
    "an operator of onnxruntime's, not imported": saved(
        model("(float[N, 2] x) => (float[N, 2] y) { y = com.microsoft.Gelu(x) }")
    ),
    "ONNX under its other name": saved(
        model("(float[N, 2] x) => (float[N, 2] y) { y = ai.onnx.Relu(x) }", '"ai.onnx": 18')
    ),
    "imports that nothing uses": saved(
        model(RELU, '"": 18, "com.ms.internal.nhwc": 21, "ai.onnx.preview.training": 1')
    ),
}
