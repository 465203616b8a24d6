"""Logarithms in a pipeline, of a column and of the price, and how they become ONNX.

skl2onnx knows neither transformer. Both are computed in float64 and rounded once: in float32 the
last elements of a vector take another path through the kernel, and a row's price would change in
its last bit with the size of the batch around it.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.algebra.onnx_operator import OnnxOperator, OnnxSubEstimator
from skl2onnx.algebra.onnx_ops import OnnxCast, OnnxExp, OnnxLog
from skl2onnx.common._container import ModelComponentContainer
from skl2onnx.common._topology import Operator, Scope, Variable
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import FunctionTransformer


class Log(FunctionTransformer):  # type: ignore[misc]  # scikit-learn ships no types
    """A class of its own, so that skl2onnx can tell it from other functions."""

    def __init__(self) -> None:
        super().__init__(np.log)


def of_log(regressor: RegressorMixin) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)


def register_converters() -> None:
    update_registered_converter(Log, "Log", one_column, convert_log)
    update_registered_converter(TransformedTargetRegressor, "OfLog", one_column, convert_of_log)


def one_column(operator: Operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def convert_log(scope: Scope, operator: Operator, container: ModelComponentContainer) -> None:
    add_in_float64(OnnxLog, operator.inputs[0], scope, operator, container)


def convert_of_log(scope: Scope, operator: Operator, container: ModelComponentContainer) -> None:
    log_price = OnnxSubEstimator(
        operator.raw_operator.regressor_, operator.inputs[0], op_version=container.target_opset
    )
    add_in_float64(OnnxExp, log_price, scope, operator, container)


def add_in_float64(
    function: type[OnnxOperator],
    argument: OnnxOperator | Variable,
    scope: Scope,
    operator: Operator,
    container: ModelComponentContainer,
) -> None:
    opset, outputs = container.target_opset, operator.outputs[:1]
    wide = OnnxCast(argument, to=TensorProto.DOUBLE, op_version=opset)
    result = function(wide, op_version=opset)
    narrow = OnnxCast(result, to=TensorProto.FLOAT, op_version=opset, output_names=outputs)
    narrow.add_to(scope, container)
