"""Number of floating-point operations in a graph: those of its convolutions and matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

_Count = Callable[[Any], int]


def flops(graph: Any, condition: bool | None = None) -> int:
    """Floating-point operations of one call, two for each multiply-add.

    Fourier transforms and element-wise operations are not counted: they are negligible except in the vocoder
    and in Griffin-Lim.

    Args:
        graph: graph of a concrete function with static shapes; functions that it calls count, too.
        condition: value of the condition of every `tf.cond`; None if there is none.

    Raises:
        ValueError: if a shape, the branch of a condition or the count of a loop is unknown.
    """
    total = 0
    for operation in _needed(graph):
        if operation.type in _COUNTS:
            total += 2 * _COUNTS[operation.type](operation)
        elif operation.type in _CALLS:
            total += _called(graph, operation, "f", condition)
        elif operation.type in _CONDITIONS:
            if condition is None:
                raise ValueError(f"the branch of {operation.name} is not known")
            total += _called(graph, operation, "then_branch" if condition else "else_branch", condition)
        elif operation.type in _LOOPS and _called(graph, operation, "body", condition):
            raise ValueError(f"the number of iterations of {operation.name} is not known")
    return total


def _needed(graph: Any) -> Iterator[Any]:
    """Operations that outputs or control outputs depend on: TensorFlow prunes all others."""
    pending = [*(tensor.op for tensor in graph.outputs), *graph.control_outputs]
    seen = set()
    while pending:
        if (operation := pending.pop()) not in seen:
            seen.add(operation)
            pending += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
            yield operation


def _called(graph: Any, operation: Any, attribute: str, condition: bool | None) -> int:
    """Floating-point operations of a function that an operation calls."""
    return flops(graph._get_function(operation.get_attr(attribute).name).graph, condition)


def _size(tensor: Any) -> int:
    """Number of elements of a tensor with a static shape."""
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"the shape of {tensor.name} is not known: {tensor.shape}")
    return math.prod(tensor.shape)


def _matmul(operation: Any) -> int:
    """Multiplications of [..., a, b] x [..., b, c]: a * b * c per pair of matrices."""
    left, transposed = operation.inputs[0], "transpose_a" if operation.type == "MatMul" else "adj_x"
    inner = left.shape[-2 if operation.get_attr(transposed) else -1]
    return _size(operation.outputs[0]) * inner


def _convolution(filters: Any, result: Any) -> int:
    """Multiplications of a convolution by filters [height, width, in, out]: height * width * in each."""
    return _size(result) * _size(filters) // filters.shape[-1]


def _depthwise(filters: Any, result: Any) -> int:
    """Multiplications of a depthwise convolution: height * width per output."""
    return _size(result) * filters.shape[0] * filters.shape[1]


# The gradients of a convolution take as many multiplications as the convolution itself; their operands are
# (shape of the input, filters, output gradient) and (input, shape of the filters, output gradient).
_COUNTS: dict[str, _Count] = {
    "MatMul": _matmul,
    "BatchMatMulV2": _matmul,
    "Conv2D": lambda x: _convolution(x.inputs[1], x.outputs[0]),
    "Conv2DBackpropInput": lambda x: _convolution(x.inputs[1], x.inputs[2]),
    "Conv2DBackpropFilter": lambda x: _convolution(x.outputs[0], x.inputs[2]),
    "DepthwiseConv2dNative": lambda x: _depthwise(x.inputs[1], x.outputs[0]),
    "DepthwiseConv2dNativeBackpropInput": lambda x: _depthwise(x.inputs[1], x.inputs[2]),
    "DepthwiseConv2dNativeBackpropFilter": lambda x: _depthwise(x.outputs[0], x.inputs[2]),
}
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_CONDITIONS = ("If", "StatelessIf")
_LOOPS = ("While", "StatelessWhile")
