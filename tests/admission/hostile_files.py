"""Versions that reach for what is not theirs, or say more of their weights than is true."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import onnx
from onnx import AttributeProto, ModelProto, TensorProto, helper, parser

from tests import graphs

Build = Callable[[Path], None]

HEADER = '<ir_version: 8, opset_import: ["": 18, "own": 1]>'
SECRET = b"\0" * 64


def model(text: str) -> ModelProto:
    return parser.parse_model(f"{HEADER} {text}")


def weighted() -> ModelProto:
    return model("g (float[N, 2] x) => (float[N, 2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")


def outside(tensor: TensorProto, location: str = "w.bin", **entries: object) -> None:
    """Turn a tensor into one whose data is elsewhere."""
    for field in ("raw_data", "float_data", "int64_data", "string_data"):
        tensor.ClearField(field)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))


def external(location: str = "w.bin", **entries: object) -> Build:
    """A version whose initializer is in another file, and the file w.bin of 8 bytes."""

    def build(directory: Path) -> None:
        graph = weighted()
        outside(graph.graph.initializer[0], location, **entries)
        save(graph, directory)

    return build


def save(graph: ModelProto, directory: Path) -> None:
    """Beside w.bin, with a file outside that is none of the version's business."""
    directory.mkdir()
    (directory / "model.onnx").write_bytes(graph.SerializeToString())
    (directory / "w.bin").write_bytes(b"\0" * 8)
    (directory.parent / "secret.bin").write_bytes(SECRET)


def linked(name: str, link: Callable[[Path, Path], None]) -> Build:
    """A version one of whose files is made of the secret one by `link(secret, path)`."""

    def build(directory: Path) -> None:
        external()(directory)
        (directory / name).unlink(missing_ok=True)
        link(directory.parent / "secret.bin", directory / name)

    return build


def soft(target: Path, path: Path) -> None:
    path.symlink_to(target)


def hard(target: Path, path: Path) -> None:
    path.hardlink_to(target)


def folder(target: Path, path: Path) -> None:
    path.symlink_to(target.parent, target_is_directory=True)


def nowhere(target: Path, path: Path) -> None:
    path.symlink_to(target.with_name("nowhere"))


def pipe(_: Path, path: Path) -> None:
    os.mkfifo(path)


def linked_model(link: Callable[[Path, Path], None]) -> Build:
    def build(directory: Path) -> None:
        graphs.save(weighted(), directory.parent / "elsewhere")
        directory.mkdir()
        link(directory.parent / "elsewhere" / "model.onnx", directory / "model.onnx")

    return build


def branch_weight(directory: Path) -> None:
    graph = model(
        "g (bool b, float[2] x) => (float[2] y) { y = If (b) <"
        "then_branch = t () => (float[2] a) <float[2] w = {1, 2}> { a = Add(x, w) }, "
        "else_branch = e () => (float[2] c) { c = Relu(x) }> }"
    )
    [then] = [a.g for a in graph.graph.node[0].attribute if a.name == "then_branch"]
    outside(then.initializer[0], "../secret.bin")
    save(graph, directory)


def constant(directory: Path) -> None:
    graph = model(
        "g (float[2] x) => (float[2] y) { w = Constant <value = float[2] {1, 2}> () y = Add(x, w) }"
    )
    outside(graph.graph.node[0].attribute[0].t, "../secret.bin")
    save(graph, directory)


def function_constant(directory: Path) -> None:
    graph = model(
        "g (float[2] x) => (float[2] y) { y = own.shift(x) } "
        '<domain: "own", opset_import: ["": 18]> shift (x) => (y) '
        "{ w = Constant <value = float[2] {1, 2}> () y = Add(x, w) }"
    )
    outside(graph.functions[0].node[0].attribute[0].t, "../secret.bin")
    save(graph, directory)


def function_default(directory: Path) -> None:
    graph = model(
        "g (float[2] x) => (float[2] y) { y = own.same(x) } "
        '<domain: "own", opset_import: ["": 18]> same (x) => (y) { y = Identity(x) }'
    )
    default = AttributeProto(name="w", type=AttributeProto.TENSOR)
    default.t.CopyFrom(helper.make_tensor("w", TensorProto.FLOAT, [2], [1, 2]))
    outside(default.t, "../secret.bin")
    graph.functions[0].attribute_proto.append(default)
    save(graph, directory)


def sparse(dense_size: int = 4) -> onnx.SparseTensorProto:
    return helper.make_sparse_tensor(
        helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0]),
        helper.make_tensor("places", TensorProto.INT64, [1], [0]),
        [dense_size],
    )


def sparse_initializer(directory: Path) -> None:
    graph = model("g (float[N, 4] x) => (float[N, 4] y) { y = Add(x, s) }")
    graph.graph.sparse_initializer.append(sparse())
    outside(graph.graph.sparse_initializer[0].values, "../secret.bin")
    save(graph, directory)


def sparse_constant(directory: Path) -> None:
    graph = model("g (float[N, 4] x) => (float[N, 4] y) { s = Constant() y = Add(x, s) }")
    value = helper.make_attribute("sparse_value", sparse())
    outside(value.sparse_tensor.values, "../secret.bin")
    graph.graph.node[0].attribute.append(value)
    save(graph, directory)


def twice_located(directory: Path) -> None:
    graph = weighted()
    outside(graph.graph.initializer[0])
    graph.graph.initializer[0].external_data.add(key="location", value="../secret.bin")
    save(graph, directory)


def strings(directory: Path) -> None:
    graph = model('g (float[N] x) => (string[1] y) <string[1] w = {"a"}> { y = Identity(w) }')
    outside(graph.graph.initializer[0])
    save(graph, directory)


def inside_and_outside(directory: Path) -> None:
    graph = weighted()
    outside(graph.graph.initializer[0])
    graph.graph.initializer[0].raw_data = b"\0" * 8
    save(graph, directory)


def memory(directory: Path) -> None:
    """onnxruntime's own name for an address in its memory, even where it is a file's too."""
    external("*/_ORT_MEM_ADDR_/*", offset=4096, length=8)(directory)
    (directory / "*" / "_ORT_MEM_ADDR_").mkdir(parents=True)
    (directory / "*" / "_ORT_MEM_ADDR_" / "*").write_bytes(SECRET)


def card_as_data(directory: Path) -> None:
    external("model.toml")(directory)
    (directory / "model.toml").write_text("live = 1\n")


def lying(**fields: object) -> Build:
    """A version whose initializer `w` is not what it declares."""

    def build(directory: Path) -> None:
        graph = weighted()
        tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2])
        tensor.MergeFrom(TensorProto(**fields))  # type: ignore[arg-type] # whichever fields
        graph.graph.initializer[0].CopyFrom(tensor)
        save(graph, directory)

    return build


def lying_constant(directory: Path) -> None:
    graph = model(
        "g (float[2] x) => (float[2] y) { w = Constant <value = float[2] {1, 2}> () y = Add(x, w) }"
    )
    graph.graph.node[0].attribute[0].t.dims[0] = 2**40
    save(graph, directory)


def unpacked(directory: Path) -> None:
    graph = model("g (float[N, 1] x) => (float[N, A] y) { y = Add(x, s) }")
    graph.graph.sparse_initializer.append(sparse(dense_size=2**38))
    save(graph, directory)


OUT = "which leads out of it"

# By what is wrong: how to build it, and what is said of it.
HOSTILE: dict[str, tuple[Build, str]] = {
    "data in the parent directory": (external("../secret.bin"), OUT),
    "data up and down the tree": (external("weights/../../secret.bin"), OUT),
    "data by an absolute path": (external("/etc/passwd"), OUT),
    "data in the process's environment": (external("/proc/self/environ"), OUT),
    "data at an address in memory": (memory, OUT),
    "data in a file that is not there": (external("none.bin"), "version's files .* 'none.bin'"),
    "data without a place": (external(""), "expected one of the version's files"),
    "data in the card, whose bytes no digest covers": (card_as_data, "files .* 'model.toml'"),
    "data of a branch outside": (branch_weight, f"initializer 'w': .*{OUT}"),
    "data of a constant outside": (constant, f"Constant of 'w', attribute 'value': .*{OUT}"),
    "data of a function outside": (function_constant, f"Constant of 'w', .*{OUT}"),
    "data of a function's default outside": (function_default, f"function 'same', .*{OUT}"),
    "data of a sparse initializer outside": (sparse_initializer, "the data of a sparse tensor"),
    "data of a sparse constant outside": (sparse_constant, "the data of a sparse tensor"),
    "strings outside": (strings, "the data of strings in the model itself"),
    "data in two files": (twice_located, "at most once .* got location, location"),
    "data under a key that nobody knows": (external(basepath="/etc"), "got location, basepath"),
    "data inside and outside": (inside_and_outside, "inside or outside the model, got both"),
    "data beyond the end of its file": (external(offset=4), "from byte 4 on, got a file of 8"),
    "data of less than its tensor needs": (external(length=4), "length of 8 bytes, .* got 4"),
    "data of more than its tensor needs": (external(length=64), "length of 8 bytes, .* got 64"),
    "data before its file": (external(offset=-8), "offset: expected a number of bytes, got '-8'"),
    "data at a place that is no number": (external(offset="0x0"), "number of bytes, got '0x0'"),
    "a link as weights": (linked("w.bin", soft), r"got a link to .*secret\.bin; copy"),
    "a hard link as weights": (linked("w.bin", hard), "one of 2 hard links; put a copy"),
    "a link as a directory of weights": (linked("weights", folder), "got a link to"),
    "a link to nothing": (linked("weights.bin", nowhere), "got a link to .*nowhere"),
    "a link as a tokenizer": (linked("tokenizer.json", soft), "tokenizer.json: .* got a link"),
    "a pipe": (linked("golden.json", pipe), "golden.json: expected a file, got a device, pipe"),
    "a link as the model": (linked_model(soft), r"model\.onnx: expected a file .* got a link"),
    "a hard link as the model": (linked_model(hard), r"model\.onnx: .* 2 hard links"),
    "a shape of more than its bytes": (
        lying(dims=[2**39], raw_data=b"\0" * 8),
        "initializer 'w': expected 4,398,046,511,104 bytes, .* got 8; export",
    ),
    "bytes of more than a shape": (lying(raw_data=b"\0" * 12), "expected 8 bytes, .* got 12"),
    "a shape of more than its numbers": (lying(float_data=[1.0]), "expected 2 elements, .* got 1"),
    "a shape without any data": (lying(), r"expected 2 elements, as FLOAT \[2\] says, got 0"),
    "a negative extent": (lying(dims=[-1]), r"without negative extents, got \[2, -1\]"),
    "a type that nobody knows": (lying(data_type=99, raw_data=b"\0" * 8), "got type 99"),
    "a constant of more than its numbers": (lying_constant, "Constant of 'w', attribute 'value'"),
    "a sparse tensor that fills the memory": (unpacked, "when it is unpacked, got .* bytes"),
}
