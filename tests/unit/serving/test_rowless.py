"""A model without rows says why it has none."""

from __future__ import annotations

import pytest

from serving.predictions import NamedOutput
from serving.rowless import why_rowless
from serving.signature import ANY, Signature, Tensor

SCORES = Tensor("scores", "FP32", (ANY, 1))


def why(inputs: list[tuple[int, ...]], output: Tensor = SCORES) -> str | None:
    tensors = tuple(Tensor(f"x{place}", "FP32", shape) for place, shape in enumerate(inputs))
    return why_rowless("example", Signature(tensors, (output,)), [NamedOutput("y", output)])


@pytest.mark.parametrize("shape", [(), (ANY,), (1,), (1, 3), (ANY, 3)])
@pytest.mark.parametrize("inputs", [[(ANY, 2)], [(1, 2)], [(ANY, 2), (ANY,)]])
def test_inputs_and_outputs_that_may_have_rows_have_them(
    inputs: list[tuple[int, ...]], shape: tuple[int, ...]
) -> None:
    assert why(inputs, Tensor("scores", "FP32", shape)) is None


@pytest.mark.parametrize("inputs", [[], [()], [(2,)], [(ANY, 2), (1, 2)], [(ANY,), ()]])
def test_inputs_without_a_common_batch_axis_have_none(inputs: list[tuple[int, ...]]) -> None:
    assert why(inputs) == (
        "model example: expected inputs with a common batch axis, got "
        f"{[list(shape) for shape in inputs]}; it takes no rows, but tensors, by infer"
    )


@pytest.mark.parametrize("rows", [ANY, 1])
@pytest.mark.parametrize("shape", [(3,), (2, ANY), (0, 4)])
def test_an_output_of_a_fixed_length_has_none(rows: int, shape: tuple[int, ...]) -> None:
    assert why([(rows, 2)], Tensor("sums", "FP32", shape)) == (
        f"output 'sums': expected an entry for each row, got {list(shape)}; leave it out of the "
        "card's outputs, or ask for its tensor by infer"
    )
