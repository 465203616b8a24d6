"""Graphs that are broken, or would harm whoever loads, runs or calls them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import onnx
from onnx import ModelProto, helper, parser

from admission.nodes import bodies


def graph(text: str, imports: str = '"": 18', functions: str = "", ir: int = 8) -> bytes:
    """A model in ONNX's own text: `(inputs) => (outputs) {nodes}`."""
    return model(text, imports, functions, ir).SerializeToString()


def model(text: str, imports: str = '"": 18', functions: str = "", ir: int = 8) -> ModelProto:
    return parser.parse_model(
        f'<ir_version: {ir}, opset_import: [{imports}, "own": 1]> g {text} {functions}'
    )


def function(name: str, body: str, domain: str = "own", opset: int = 18) -> str:
    return f'<domain: "{domain}", opset_import: ["": {opset}, "own": 1]> {name} {body}'


def changed(built: ModelProto, change: Callable[[ModelProto], object]) -> bytes:
    change(built)
    return built.SerializeToString()


def calling(node: str) -> bytes:
    """A graph of one node."""
    return graph(f"(float[N] x) => (float[N] y) {{ y = {node}(x) }}")


def laughs(doublings: int) -> bytes:
    """Functions that each call the one before twice: 2 ** doublings nodes in a few kilobytes."""
    first = function("f0", "(x) => (y) { y = Neg(x) }")
    others = (
        function(f"f{n}", f"(x) => (y) {{ t = own.f{n - 1}(x) y = own.f{n - 1}(t) }}")
        for n in range(1, doublings + 1)
    )
    call = f"(float[N] x) => (float[N] y) {{ y = own.f{doublings}(x) }}"
    return graph(call, functions=" ".join([first, *others]))


def chained(functions: int) -> bytes:
    """Functions that each call the one before."""
    first = function("f0", "(x) => (y) { y = Neg(x) }")
    others = (
        function(f"f{n}", f"(x) => (y) {{ y = own.f{n - 1}(x) }}") for n in range(1, functions + 1)
    )
    call = f"(float[N] x) => (float[N] y) {{ y = own.f{functions}(x) }}"
    return graph(call, functions=" ".join([first, *others]))


def towering(functions: int) -> bytes:
    """Functions that each call the one before in a loop."""
    first = function("f0", "(x, n, go) => (y) { y = Neg(x) }")
    others = (
        function(
            f"f{level}",
            "(x, n, go) => (y) { y = Loop (n, go, x) <body = iterate (int64 i, bool c, float[N] s)"
            " => (bool d, float[N] t) "
            f"{{ d = Identity(c) t = own.f{level - 1}(s, n, go) }}> }}",
        )
        for level in range(1, functions + 1)
    )
    call = (
        "(float[N] x) => (float[N] y) <int64 n = {2}, bool go = {1}> "
        f"{{ y = own.f{functions}(x, n, go) }}"
    )
    return graph(call, functions=" ".join([first, *others]))


def nested(depth: int) -> bytes:
    """Branches in branches."""
    text = "y0 = Relu(x)"
    for level in range(depth):
        text = (
            f"y{level + 1} = If (b) <then_branch = t{level} () => (float[N] y{level}) {{ {text} }},"
            f" else_branch = e{level} () => (float[N] z{level}) {{ z{level} = Neg(x) }}>"
        )
    return graph(f"(bool b, float[N] x) => (float[N] y{depth}) {{ {text} }}")


def many(nodes: int) -> bytes:
    line = model("(float[N] x) => (float[N] y) { x1 = Neg(x) }")
    names = [*(f"x{n}" for n in range(1, nodes)), "y"]
    line.graph.node.extend(helper.make_node("Neg", [a], [b]) for a, b in pairwise(names))
    return line.SerializeToString()


def loop(trips: str, condition: str, goes_on: str, before: str = "") -> bytes:
    """With `go`, a constant that is true, outside; and what is computed `before` it."""
    return graph(
        "(float[N] x) => (float[N] y) <bool go = {1}, int64 all = {9223372036854775807}, "
        "int64 half = {4000000000000000000}, int64[1] half1 = {4000000000000000000}> "
        f"{{ {before} y = Loop ({trips}, {condition}, x) <"
        "body = iterate (int64 i, bool c, float[N] s) => (bool d, float[N] t) "
        f"{{ {goes_on} t = Add(s, s) }}> }}"
    )


def unconditional() -> bytes:
    endless = onnx.load_from_string(loop("", "go", "d = Identity(go)"))
    [body] = bodies(endless.graph.node[0])
    del body.input[:2]
    return endless.SerializeToString()


def searching() -> bytes:
    """A search whose decoder, a graph that it holds, divides by the tokens of a request."""
    decoder = parser.parse_graph(
        "decoder (int64[B, S] ids) => (int64[B, S] logits) { logits = Div(ids, ids) }"
    )
    search = model(
        "(int32[B, S] x) => (int32[B, S] y) <int32 n = {9}> "
        "{ y = com.microsoft.GreedySearch <eos_token_id = 1, pad_token_id = 0> (x, n) }",
        '"": 18, "com.microsoft": 1',
    )
    attribute = helper.make_attribute("decoder", decoder)
    return changed(search, lambda m: m.graph.node[0].attribute.append(attribute))


REPEAT = "(x, n) => (y) { y = Tile(x, n) }"
RELU = model("(float[N] x) => (float[N] y) { y = Relu(x) }")
SUM = "(float[N] x) => (float[N] y) <float[1] w = {1}> { y = Add(x, w) }"

# By what is wrong: the file, and what is said of it.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "expected an ONNX model, got an empty file"),
    "no protobuf": (b"no graph at all", "expected an ONNX model, got something else"),
    "half a file": (RELU.SerializeToString()[:-3], "expected an ONNX model, got"),
    "an IR of the future": (graph("(float[N] x) => (float[N] y) { y = Relu(x) }", ir=14),
                            "an IR version up to 13, which onnxruntime reads, got 14"),
    "an opset of the future": (graph("(float[N] x) => (float[N] y) { y = Relu(x) }", '"": 27'),
                               "opset 1 to 26 of ai.onnx, which onnxruntime runs, got 27"),
    "an opset of the future, for trees": (
        graph("(float[N] x) => (float[N] y) { y = Relu(x) }", '"": 18, "ai.onnx.ml": 6'),
        "opset 1 to 5 of ai.onnx.ml, which onnxruntime runs, got 6",
    ),
    "an opset of the future, in a function": (
        graph("(float[N] x) => (float[N] y) { y = own.f(x) }",
              functions=function("f", "(x) => (y) { y = Relu(x) }", opset=27)),
        "opset 1 to 26 of ai.onnx, .* got 27",
    ),
    "no opset": (changed(model("(float[N] x) => (float[N] y) { y = Relu(x) }"),
                         lambda m: m.ClearField("opset_import")), "an opset_import, got none"),
    "functions that double": (laughs(40), "up to 200,000 nodes, .* got [0-9,]+"),
    "a function that calls itself": (
        graph("(float[N] x) => (float[N] y) { y = own.f(x) }",
              functions=function("f", "(x) => (y) { y = own.f(x) }")),
        "none that calls itself, got f -> f",
    ),
    "functions that call each other": (
        graph("(float[N] x) => (float[N] y) { y = own.f(x) }",
              functions=function("f", "(x) => (y) { y = own.g(x) }")
              + function("g", "(x) => (y) { y = own.f(x) }")),
        "none that calls itself, got",
    ),
    "a tower of functions": (chained(65), "call each other up to 64 deep, got 65"),
    "a tower of branches": (nested(13), "nested up to 12 deep"),
    "a tower of loops in functions": (
        towering(13), "nested up to 12 deep",
    ),
    "a million nodes": (many(200_001), "up to 200,000 nodes, .* got 200,001"),
    "an operator of nobody's": (calling("acme.Steal"), "Steal of 'y': .* got acme.Steal"),
    "an operator that runs Python": (calling("com.microsoft.PyOp"), "got com.microsoft.PyOp"),
    "an operator that runs Torch": (calling("org.pytorch.aten.ATen"), "org.pytorch.aten.ATen"),
    "an operator that loads compiled code": (calling("com.microsoft.EPContext"), "EPContext"),
    "an operator of ONNX's that is none": (calling("Steal"), "got ai.onnx.Steal"),
    "an operator for training": (calling("ai.onnx.preview.training.Adam"), "training.Adam"),
    "an operator of the extensions": (
        calling("ai.onnx.contrib.BertTokenizer"),
        r"model\.toml allows them: \[graph\] extensions = true",
    ),
    "an operator for one processor": (
        calling("com.microsoft.nchwc.ReorderInput"), "save it at the level ORT_ENABLE_EXTENDED",
    ),
    "a strange operator in a branch": (
        graph("(bool b, float[N] x) => (float[N] y) { y = If (b) <"
              "then_branch = t () => (float[N] a) { a = acme.Steal(x) }, "
              "else_branch = e () => (float[N] c) { c = Relu(x) }> }"),
        "Steal of 'a'",
    ),
    "a strange operator in a function": (
        graph("(float[N] x) => (float[N] y) { y = own.f(x) }",
              functions=function("f", "(x) => (y) { y = acme.Steal(x) }")),
        "Steal of 'y'",
    ),
    "a function in the place of an operator": (
        graph("(float[N] x) => (float[N] y) { y = com.microsoft.Gelu(x) }",
              functions=function("Gelu", "(x) => (y) { y = Neg(x) }", "com.microsoft")),
        "function 'Gelu': expected a name of its own, .* would run instead",
    ),
    "two nodes that give one tensor": (
        graph("(float[N] x) => (float[N] y) { y = Relu(x) y = Neg(x) }"),
        "tensor 'y': expected one node that gives it, got Relu of 'y' and Neg of 'y'",
    ),
    "a tensor from nowhere": (graph("(float[N] x) => (float[N] y) { y = Add(x, z) }"), "input 'z'"),
    "a circle": (
        graph("(float[N] x) => (float[N] y) { a = Add(x, b) b = Neg(a) y = Neg(b) }"),
        "in an order, got a circle: .*(Add of 'a'|Neg of 'b')",
    ),
    "an output from nowhere": (
        graph("(float[N] x) => (float[N] z) { y = Relu(x) }"), "output 'z': .* got none",
    ),
    "an output of another type": (
        graph("(float[N] x) => (int64[N] y) { y = Relu(x) }"),
        "output 'y': expected INT64, as declared, got FLOAT, as computed",
    ),
    "too few inputs": (graph("(float[N] x) => (float[N] y) { y = Add(x) }"), "input size 1 not in"),
    "a cast to nothing": (calling("Cast"), "Required attribute 'to' is missing"),
    "an attribute of nobody's": (
        graph("(float[N] x) => (float[N] y) { y = Relu <steal = 1> (x) }"),
        "Unrecognized attribute: steal",
    ),
    "two weights of one name": (
        changed(model(SUM), lambda m: m.graph.initializer.append(m.graph.initializer[0])),
        "w initializer name is not unique",
    ),
    "an operator that is no more": (
        graph("(float[N] x) => (float[A] y) <float[1] s = {2}> { y = Upsample(x, s) }"),
        "Upsample is deprecated",
    ),
    "a constant that fills the memory": (
        graph("(float[N] x) => (float[N] y, float[A] z) <int64[1] n = {1099511627776}> "
              "{ y = Relu(x) z = ConstantOfShape(n) }"),
        r"tensor 'z': expected up to 8,589,934,592 bytes, .* got FLOAT \[1099511627776\]",
    ),
    "an expansion that fills the memory, in a branch": (
        graph("(bool b, float[1] x) => (float[A] y) { y = If (b) <"
              "then_branch = t () => (float[C] a) <int64[1] n = {1099511627776}> "
              "{ k = Expand(x, n) a = Identity(k) }, "
              "else_branch = e () => (float[B] c) { c = Relu(x) }> }"),
        r"tensor '[ayk]': .* got FLOAT \[1099511627776\]",
    ),
    "a computed constant that fills the memory": (
        graph("(float[N] x) => (float[N] y, float[A] z) <int64[1] n = {162864}> "
              "{ y = Relu(x) m = Mul(n, n) k = Abs(m) z = ConstantOfShape(k) }"),
        r"tensor 'z': .* got FLOAT \[26524682496\]",
    ),
    "a constant of a root that fills the memory, in a branch": (
        graph("(bool b, float[1] x) => (float[A] y) <float[1] n = {1e24}> { y = If (b) <"
              "then_branch = t () => (float[C] a) "
              "{ r = Sqrt(n) i = Cast <to = 7> (r) a = Expand(x, i) }, "
              "else_branch = e () => (float[B] c) { c = Relu(x) }> }"),
        r"tensor '[ay]': .* got FLOAT \[\d{12,13}\]",
    ),
    "a loop of computed trips": (
        loop("more", "go", "d = Identity(c)", "more = Sub(all, half)"), "run for ever",
    ),
    "a loop of trips added up": (
        loop("more", "go", "d = Identity(c)", "more = Add(half, half)"), "run for ever",
    ),
    "a loop of trips from a list": (
        loop("more", "go", "d = Identity(c)", "z = Sub(half, half) two = Constant <value_ints = "
             "[1, 4000000000000000000]> () o = Constant <value_int = 1> () "
             "zero = Add(z, o) more = Gather(two, zero)"),
        "run for ever",
    ),
    "a loop of repeated trips": (
        loop("more", "go", "d = Identity(c)", "one = Constant <value_ints = [1]> () "
             "most = Tile(half1, one) more = Squeeze(most)"),
        "run for ever",
    ),
    "a loop whose condition is computed": (
        loop("all", "", "d = Equal(go, go)"), "run for ever",
    ),
    "a loop without an end": (loop("", "go", "d = Identity(c)"), "Loop of 'y': .* run for ever"),
    "a loop of all trips there are": (loop("all", "go", "d = Identity(c)"), "run for ever"),
    "a loop without a condition": (loop("", "", "d = Identity(c)"), "run for ever"),
    "a loop whose condition is true": (loop("all", "", "d = Identity(go)"), "run for ever"),
    "a loop whose body takes no condition": (
        unconditional(), "a body that takes its iteration and a condition",
    ),
    "a name that is no text": (
        graph("(float[N] x) => (float[N] y) { y = Relu(x) }").replace(b"Relu", b"R\xff\xfe\xfd"),
        "expected an ONNX model, but",
    ),
    "a type that is none": (
        changed(
            model("(float[N] x) => (float[N] y) { y = Relu(x) }"),
            lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 61),
        ),
        "expected an ONNX model, but",
    ),
    "a size behind its use": (
        changed(
            model("(float[N] x, int64[1] s) => (float[A] y) { n = Neg(s) y = Tile(x, n) }"),
            lambda m: m.graph.node.append(m.graph.node.pop(0)),
        ),
        "Tile .*: expected a size that no request chooses, got the values of input 's'",
    ),
    "a size in a function of another opset": (
        graph("(float[N] x, int64[1] s) => (float[A] y) { y = own.repeat(x, s) }",
              functions=function("repeat", REPEAT, opset=17)),
        "Tile .*: expected a size",
    ),
    "a size under ONNX's other name": (
        graph("(float[N] x, int64[1] s) => (float[A] y) { y = ai.onnx.Tile(x, s) }"),
        "Tile .*: expected a size",
    ),
    "a divisor in a search": (searching(), "Div .*: expected a divisor .* of input 'x'"),
}  # fmt: skip
