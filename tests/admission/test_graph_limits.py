"""The limits are those of the pinned onnxruntime: with another one, these tests say what moved."""

from __future__ import annotations

import onnxruntime
import pytest
from onnx import parser
from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

from admission.contributed_operators import CONTRIBUTED
from admission.graph_limits import NEWEST_IR, NEWEST_OPSETS


def loads(imports: str, ir: int = 8) -> bool:
    model = parser.parse_model(
        f"<ir_version: {ir}, opset_import: [{imports}]> g (float[N] x) => (float[N] y) "
        "{ y = Identity(x) }"
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), options)
    except Exception:  # noqa: BLE001 - onnxruntime's errors share no base class
        return False
    return True


def test_the_newest_ir_is_the_newest_that_onnxruntime_reads() -> None:
    assert loads('"": 18', ir=NEWEST_IR)
    assert not loads('"": 18', ir=NEWEST_IR + 1)


@pytest.mark.parametrize("domain", NEWEST_OPSETS)
def test_the_newest_opset_is_the_newest_that_onnxruntime_runs(domain: str) -> None:
    standard = "" if domain == "" else '"": 18, '

    assert loads(f'{standard}"{domain}": {NEWEST_OPSETS[domain]}')
    assert not loads(f'{standard}"{domain}": {NEWEST_OPSETS[domain] + 1}')


def test_contributed_operators_are_all_that_onnxruntime_has_but_those_that_load_code() -> None:
    there = {s.name for s in get_all_operator_schema() if s.domain == "com.microsoft"}

    assert there == CONTRIBUTED | {"EPContext", "Snpe"}
