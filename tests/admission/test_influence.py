"""A graph is refused where a request's values choose a divisor or a size, and nowhere else."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import parser
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from admission.canonical import canonical
from admission.graph import declared_signature
from admission.influence import require_bounded_influence
from admission.soundness import sound
from serving.card import Card, parse_card
from serving.errors import ConfigurationError
from serving.features import plan
from tests import graphs

HEADER = '<ir_version: 8, opset_import: ["": 18, "com.microsoft": 1, "own": 1]>'
LOOP = """
    more = Constant <value = bool {{1}} > ()
    y = Loop ({trips}, more, x) <body = iterate (int64 i, bool go, float[N] state) =>
        (bool go_on, float[N] next) {{ go_on = Identity(go) next = Add(state, state) }}>
"""
REGIONS = "(float[N, C, H, W] x, float[R, 4] s, int64[R] b) => (float[R, C, A, B] y)"


def check(text: str, features: str = "") -> None:
    """Follow the inputs of a graph in ONNX's own text, with the features of a card."""
    toml = f"live = 1\n[features]\n{features}" if features else "live = 1"
    card = parse_card(toml.encode(), source="model.toml")
    check_model(parser.parse_model(f"{HEADER} graph {text}"), card)


def check_model(model: onnx.ModelProto, card: Card | None = None) -> None:
    columns = plan(declared_signature(model), card or Card())
    require_bounded_influence(sound(canonical(model)), columns)


SIZED = {
    "Reshape": "(float[N] x, int64[2] s) => (float[A, B] y) { y = Reshape(x, s) }",
    "Expand": "(float[N] x, int64[2] s) => (float[A, B] y) { y = Expand(x, s) }",
    "Tile": "(float[N] x, int64[1] s) => (float[A] y) { y = Tile(x, s) }",
    "ConstantOfShape": "(int64[1] s) => (float[A] y) { y = ConstantOfShape(s) }",
    "Range": "(int64 s, int64 x, int64 z) => (int64[A] y) { y = Range(x, s, z) }",
    "OneHot": (
        "(int64[N] x, int64[1] s, float[2] v) => (float[N, A] y) <float[2] v = {0, 1}> "
        "{ y = OneHot(x, s, v) }"
    ),
    "Pad": "(float[N] x, int64[2] s) => (float[A] y) { y = Pad(x, s) }",
    "TopK": "(float[N] x, int64[1] s) => (float[A] y, int64[A] i) { y, i = TopK(x, s) }",
    "Resize by scales": "(float[N] x, float[1] s) => (float[A] y) { y = Resize(x, , s) }",
    "Resize to sizes": "(float[N] x, int64[1] s) => (float[A] y) { y = Resize(x, , , s) }",
    "CenterCropPad": "(float[N] x, int64[1] s) => (float[A] y) { y = CenterCropPad(x, s) }",
    "CropAndResize": (
        "(float[N, C, H, W] x, float[R, 4] r, int32[R] b, int64[2] s) => (float[R, C, A, B] y) "
        "{ y = com.microsoft.CropAndResize(x, r, b, s) }"
    ),
    "RoiAlign": f"{REGIONS} {{ y = RoiAlign(x, s, b) }}",
    "RoiAlign of 0 samples": f"{REGIONS} {{ y = RoiAlign <sampling_ratio = 0> (x, s, b) }}",
    "HannWindow": "(int64 s) => (float[A] y) { y = HannWindow(s) }",
    "Loop": f"(float[N] x, int64 s) => (float[N] y) {{ {LOOP.format(trips='s')} }}",
    "ConstantOfShape, held from above before its sign turns": (
        "(int64[1] s) => (float[A] y) <int64 most = {9}, int64 least = {0}> { "
        "within = Min(s, most) n = Neg(within) positive = Max(n, least) "
        "y = ConstantOfShape(positive) }"
    ),
    "ConstantOfShape, held from below before its sign turns": (
        "(int64[1] s) => (float[A] y) <int64 most = {9}, int64 least = {0}> { "
        "positive = Max(s, least) n = Neg(positive) within = Min(n, most) "
        "y = ConstantOfShape(within) }"
    ),
    "ConstantOfShape, clipped from above only": (
        "(int64[1] s) => (float[A] y) <int64 most = {9}> { "
        "n = Clip(s, , most) y = ConstantOfShape(n) }"
    ),
    "ConstantOfShape, computed": (
        "(float[N] s) => (float[A] y) { "
        "t = ReduceSum <keepdims = 1> (s) i = Cast <to = 7> (t) y = ConstantOfShape(i) }"
    ),
    "ConstantOfShape, in a branch": (
        "(bool c, int64[1] s) => (float[A] y) { y = If (c) <"
        "then_branch = t () => (float[A] a) { a = ConstantOfShape(s) }, "
        "else_branch = e () => (float[A] b) { b = Cast <to = 1> (s) }> }"
    ),
    "ConstantOfShape, after two iterations": (
        "(int64[1] s, int64[1] x) => (float[A] y) { "
        "n = Constant <value = int64 {3}> () go = Constant <value = bool {1}> () "
        "one = Constant <value = int64[1] {1}> () "
        "last, before = Loop (n, go, one, one) <body = iterate "
        "(int64 i, bool c, int64[1] a, int64[1] b) => (bool d, int64[1] e, int64[1] f) "
        "{ d = Identity(c) e = Identity(b) f = Identity(s) }> y = ConstantOfShape(last) }"
    ),
    "ConstantOfShape, after a scan": (
        "(float[N, 1] s) => (float[A] y) <float[1] zero = {0}> { "
        "last, all = Scan <num_scan_inputs = 1, body = keep "
        "(float[N] s0, float[N] e) => (float[N] t, float[N] u) { t = Identity(e) u = Identity(s0) }"
        "> (zero, s) i = Cast <to = 7> (all) n = ReduceMax <keepdims = 0> (i) "
        "axis = Constant <value = int64[1] {0}> () m = Unsqueeze(n, axis) y = ConstantOfShape(m) }"
    ),
}


@pytest.mark.parametrize("name", SIZED)
def test_a_size_that_a_request_chooses_is_refused(name: str) -> None:
    operator = name.split(maxsplit=1)[0].rstrip(",")

    with pytest.raises(ConfigurationError) as raised:
        check(SIZED[name])

    assert re.fullmatch(
        rf"{operator} (of )?'\w+': expected a size that no request "
        r"chooses, got the values of input '([sxz])'; bound \2 in model\.toml with minimum and "
        r"maximum, or clip it in the graph",
        str(raised.value),
    )


def test_a_size_in_a_local_function_is_refused() -> None:
    model = parser.parse_model(f"""{HEADER}
        graph (float[N] x, int64[1] s) => (float[A] y) {{ y = own.repeat(x, s) }}
        <domain: "own", opset_import: ["": 18]>
        repeat (data, times) => (result) {{ result = Tile(data, times) }}
    """)

    with pytest.raises(ConfigurationError, match=r"Tile .*: expected a size .* of input 's'"):
        check_model(model)


DIVIDING = {
    "int32": "(int32[N] x, int32[N] d) => (int32[N] y) { y = Div(x, d) }",
    "int64": "(int64[N] x, int64[N] d) => (int64[N] y) { y = Div(x, d) }",
    "remainder": "(int64[N] x, int64[N] d) => (int64[N] y) { y = Mod(x, d) }",
    "computed": "(int64[N] x, int64[N] d) => (int64[N] y) { s = Sub(d, x) y = Div(x, s) }",
    "less two": (
        "(int64[N] x, int64[N] d) => (int64[N] y) <int64 two = {2}> "
        "{ s = Sub(d, two) y = Div(x, s) }"
    ),
    "cast": "(int64[N] x, float[N] d) => (int64[N] y) { i = Cast <to = 7> (d) y = Div(x, i) }",
    "of text": "(int64[N] x, string[N] d) => (int64[N] y) { i = Cast <to = 7> (d) y = Div(x, i) }",
    "chosen": (
        "(int64[N] x, int64[N] d) => (int64[N] y) <int64[2] table = {1, -1}> "
        "{ c = Gather(table, d) y = Div(x, c) }"
    ),
}


@pytest.mark.parametrize("name", DIVIDING)
def test_an_integer_divisor_that_a_request_chooses_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"expected a divisor that no request chooses"):
        check(DIVIDING[name])


def test_the_refusal_says_where_it_is_and_what_to_do() -> None:
    model = parser.parse_model(f"{HEADER} graph {DIVIDING['int64']}")
    model.graph.node[0].name = "share"

    with pytest.raises(ConfigurationError) as raised:
        check_model(model)

    assert str(raised.value) == (
        "Div 'share': expected a divisor that no request chooses, got the values of input 'd'; "
        "bound d in model.toml with minimum and maximum that leave out 0 and -1 and divide by it "
        "as it comes, or divide floats"
    )


ORDINARY = {
    "a dynamic reshape": (
        "(float[N, C] x) => (float[A] y) <int64 zero = {0}, int64[1] rest = {-1}> "
        "{ s = Shape(x) n = Gather(s, zero) axis = Constant <value = int64[1] {0}> () "
        "first = Unsqueeze(n, axis) to = Concat <axis = 0> (first, rest) y = Reshape(x, to) }"
    ),
    "positions": (
        "(float[N] x) => (int64[N] y) <int64 zero = {0}, int64 one = {1}> "
        "{ n = Size(x) y = Range(zero, n, one) }"
    ),
    "a state of zeros": "(float[N] x) => (float[N] y) { s = Shape(x) y = ConstantOfShape(s) }",
    "an integer divisor out of shapes": (
        "(int64[N] x) => (int64[N] y) { n = Size(x) y = Div(x, n) }"
    ),
    "regions of two samples each way": (
        f"{REGIONS} {{ y = RoiAlign <sampling_ratio = 2> (x, s, b) }}"
    ),
    "regions held within the picture": (
        f"{REGIONS} <float zero = {{0}}, float most = {{64}}> "
        "{ r = Clip(s, zero, most) y = RoiAlign(x, r, b) }"
    ),
    "a constant divisor": "(int64[N] x) => (int64[N] y) <int64 d = {7}> { y = Div(x, d) }",
    "floats": "(float[N] x, float[N] d) => (float[N] y) { y = Div(x, d) }",
    "a mean of integers, divided as floats": (
        "(int64[N] x, int64[N] d) => (float[N] y) "
        "{ a = Cast <to = 1> (x) b = Cast <to = 1> (d) y = Div(a, b) }"
    ),
    "the remainder of floats": (
        "(float[N] x, float[N] d) => (float[N] y) { y = Mod <fmod = 1> (x, d) }"
    ),
    "the remainder of integers as of floats, which does not trap": (
        "(int64[N] x, int64[N] d) => (int64[N] y) { y = Mod <fmod = 1> (x, d) }"
    ),
    "narrow integers, which do not trap": (
        "(int8[N] x, int8[N] d) => (int8[N] y) { y = Div(x, d) }"
    ),
    "constant trips": (
        f"(float[N] x) => (float[N] y) <int64 n = {{3}}> {{ {LOOP.format(trips='n')} }}"
    ),
    "trips by a shape": (
        f"(float[N] x) => (float[N] y) {{ n = Size(x) {LOOP.format(trips='n')} }}"
    ),
    "a branch on a value": (
        "(float x) => (float[A] y) <float limit = {0}> { c = Less(x, limit) y = If (c) <"
        "then_branch = t () => (float[A] a) { a = Constant <value = float[1] {1}> () }, "
        "else_branch = e () => (float[A] b) { b = Constant <value = float[2] {1, 2}> () }> }"
    ),
    "a size that a branch on a value chooses": (
        "(float x) => (float[A] y) <float limit = {0}> { c = Less(x, limit) n = If (c) <"
        "then_branch = t () => (int64[1] a) { a = Constant <value = int64[1] {1}> () }, "
        "else_branch = e () => (int64[1] b) { b = Constant <value = int64[1] {2}> () }> "
        "y = ConstantOfShape(n) }"
    ),
    "an embedding of tokens": (
        "(int64[N] x) => (float[N, 1] y) <float[2, 1] table = {1, 2}> { y = Gather(table, x) }"
    ),
    "a mask that is expanded to a shape": (
        "(int64[N] x) => (bool[N] y) { s = Shape(x) c = Cast <to = 9> (x) y = Expand(c, s) }"
    ),
    "as many as are positive": (
        "(float[N] x) => (float[A] y) <float limit = {0}> { c = Greater(x, limit) "
        "i = Cast <to = 7> (c) n = ReduceSum <keepdims = 1> (i) y = ConstantOfShape(n) }"
    ),
    "a flag": "(bool[1] x) => (float[A] y) { n = Cast <to = 7> (x) y = ConstantOfShape(n) }",
    "what is clipped in the graph": (
        "(float[N] x, int64[1] s) => (float[A] y) <int64 least = {1}, int64 most = {9}> "
        "{ n = Clip(s, least, most) y = Tile(x, n) }"
    ),
    "a crop that stays within the image": (
        "(float[N] x, float[1] s) => (float[A] y) <float least = {0}> { "
        "n = Size(x) most = Cast <to = 1> (n) positive = Max(s, least) "
        "within = Min(positive, most) i = Cast <to = 7> (within) y = ConstantOfShape(i) }"
    ),
    "an output and an input that are left out": (
        "(float[N, 2] x) => (float[A, B] y) <float[2] w = {1, 1}, float[2] twice = {2, 2}> "
        "{ n, , d = LayerNormalization(x, w) y = Resize(n, , twice) }"
    ),
    "an operator that ONNX does not know": (
        "(int64[N] x, float[N] z) => (float[N] y) { e = own.Embed(x) y = Div(z, e) }"
    ),
    "a sum over steps": (
        "(float[N] x) => (float[N] y) <float zero = {0}> { "
        "last, y = Scan <num_scan_inputs = 1, body = add "
        "(float s, float e) => (float t, float u) { t = Add(s, e) u = Identity(t) }> (zero, x) }"
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_graph_is_admitted(name: str) -> None:
    check(ORDINARY[name])


def fitted(estimator: Any) -> Callable[[], onnx.ModelProto]:  # noqa: ANN401 - scikit-learn ships no types
    def export() -> onnx.ModelProto:
        rows = np.random.default_rng(0).integers(0, 3, (50, 3)).astype(np.float32)
        exported: onnx.ModelProto = to_onnx(estimator.fit(rows, rows[:, 0] > 1), rows[:1])
        return exported

    return export


EXPORTS: dict[str, Callable[[], onnx.ModelProto]] = {
    "linear": fitted(LinearRegression()),
    "tree": fitted(DecisionTreeClassifier()),
    "forest": fitted(RandomForestRegressor(3)),
    "boosted trees": fitted(GradientBoostingClassifier(n_estimators=3)),
    "classifier with ZipMap": fitted(LogisticRegression()),
    "perceptron": fitted(MLPClassifier((3,), max_iter=5000)),
    "scaled": fitted(make_pipeline(StandardScaler(), LogisticRegression())),
    "encoded": fitted(make_pipeline(OneHotEncoder(), LogisticRegression())),
    "total": graphs.total,
    "own perceptron": lambda: graphs.perceptron(3),
    "stumps": lambda: graphs.boosted_stumps(3),
    "maps": graphs.classifier,
    "sale": graphs.sale,
    "parser": graphs.parser,
    "scalar": lambda: graphs.identity(onnx.TensorProto.INT64, []),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_ordinary_export_is_admitted(name: str) -> None:
    check_model(EXPORTS[name]())


def test_a_bounded_size_is_admitted() -> None:
    features = 'x = { kind = "number" }\ns = { kind = "number", minimum = 0, maximum = 9 }'

    check(SIZED["Tile"], features)
    check(SIZED["Loop"], features)


@pytest.mark.parametrize("bounds", ["minimum = 0", "maximum = 9"])
def test_half_a_bound_is_none(bounds: str) -> None:
    features = f'x = {{ kind = "number" }}\ns = {{ kind = "number", {bounds} }}'

    with pytest.raises(ConfigurationError, match=r"Tile .*: expected a size"):
        check(SIZED["Tile"], features)


def test_every_column_of_a_size_must_be_bounded() -> None:
    graph = (
        "(float[N, 2] s) => (float[A] y) { t = ReduceSum <keepdims = 0> (s) i = Cast <to = 7> (t) "
        "axes = Constant <value = int64[1] {0}> () n = Unsqueeze(i, axes) y = ConstantOfShape(n) }"
    )
    bounded = 'a = { kind = "number", minimum = 0, maximum = 9, tensor = "s" }\n'
    free = 'b = { kind = "number", minimum = 0, tensor = "s" }'

    check(graph, bounded + bounded.replace("a =", "b =", 1))
    with pytest.raises(ConfigurationError, match="of input 's'"):
        check(graph, bounded + free)


def test_columns_beyond_those_of_the_card_are_not_bounded() -> None:
    graph = SIZED["ConstantOfShape, computed"].replace("float[N] s", "float[N, W] s")

    with pytest.raises(ConfigurationError, match="of input 's'"):
        check(graph, 'only = { kind = "number", minimum = 0, maximum = 9, tensor = "s" }')


def test_what_may_be_missing_is_not_bounded() -> None:
    features = 's = { kind = "number", minimum = 0, maximum = 9, missing = "nan" }'

    with pytest.raises(ConfigurationError, match="of input 's'"):
        check(SIZED["ConstantOfShape, computed"], features)


def test_bounds_of_what_is_scaled_are_none_of_the_input() -> None:
    graph = SIZED["ConstantOfShape, computed"]
    bounded = 's = { kind = "number", minimum = 0, maximum = 9'

    check(graph, f"{bounded} }}")
    with pytest.raises(ConfigurationError, match="of input 's'"):
        check(graph, f"{bounded}, mean = 1.0, std = 0.001 }}")


def divisor(minimum: float, maximum: float) -> str:
    bounds = f"minimum = {minimum}, maximum = {maximum}"
    return f'x = {{ kind = "number" }}\nd = {{ kind = "number", {bounds} }}'


@pytest.mark.parametrize(("minimum", "maximum"), [(1, 9), (-9, -2), (1, 1)])
@pytest.mark.parametrize("name", ["int32", "int64", "remainder", "cast"])
def test_a_divisor_that_the_card_keeps_off_0_and_minus_1_is_admitted(
    name: str, minimum: int, maximum: int
) -> None:
    check(DIVIDING[name], divisor(minimum, maximum))


@pytest.mark.parametrize(
    ("name", "minimum", "maximum"),
    [
        ("int64", 0, 9),
        ("int64", -9, -1),
        ("int64", -9, 9),
        ("cast", -9.0, -1.5),
        ("cast", 0.5, 9.0),
        ("cast", 1.0, 1e30),
        ("less two", 1, 9),
        ("chosen", 1, 1),
    ],
)
def test_a_divisor_that_may_still_become_0_or_minus_1_is_refused(
    name: str, minimum: float, maximum: float
) -> None:
    with pytest.raises(ConfigurationError, match="expected a divisor"):
        check(DIVIDING[name], divisor(minimum, maximum))


def test_the_number_of_an_iteration_is_no_divisor_however_its_trips_are_bounded() -> None:
    graph = (
        "(int64[N] x, int64 d) => (int64[N] y) { go = Constant <value = bool {1}> () "
        "y = Loop (d, go, x) <body = iterate (int64 i, bool c, int64[N] a) => "
        "(bool e, int64[N] b) { e = Identity(c) b = Div(a, i) }> }"
    )

    with pytest.raises(ConfigurationError, match=r"expected a divisor .* of input 'd'"):
        check(graph, divisor(1, 9))


RUN = """
import sys
import numpy, onnxruntime
name, lowest = sys.argv[1:]
values = {"x": numpy.array([lowest], "i8"), "d": numpy.array([-1], "i8")}
onnxruntime.InferenceSession(name).run(None, values)
"""


@pytest.mark.parametrize("name", ["int64", "remainder"])
def test_the_least_integer_by_minus_1_kills_onnxruntime(tmp_path: Path, name: str) -> None:
    """The reason for all this: once it fails, divisors need no bounds any more."""
    model = parser.parse_model(f"{HEADER} graph {DIVIDING[name]}")
    path = graphs.save(model, tmp_path) / "model.onnx"

    ended = subprocess.run([sys.executable, "-c", RUN, path, str(-(2**63))], check=False)

    assert ended.returncode < 0
