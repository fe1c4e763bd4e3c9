"""Number of floating-point operations in a graph: those of its convolutions and matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

_Count = Callable[[Any], int]


def flops(graph: Any, condition: bool | None = None) -> int:
    """Floating-point operations of one call, two for each multiply-add.

    Fourier transforms and what is done value by value are left out: they are few beside these, but in the
    vocoder and in Griffin-Lim.

    Args:
        graph: of a concrete function with static shapes; functions that it calls count, too.
        condition: what every `tf.cond` in it finds; None if there is none.

    Raises:
        ValueError: if a shape is not known, or how often something is done.
    """
    total = 0
    for operation in _needed(graph):
        if operation.type in _COUNTS:
            total += 2 * _COUNTS[operation.type](operation)
        elif operation.type in _CALLS:
            total += _called(graph, operation, "f", condition)
        elif operation.type in _CONDITIONS:
            if condition is None:
                raise ValueError(f"which branch of {operation.name} is taken is not known")
            total += _called(graph, operation, "then_branch" if condition else "else_branch", condition)
        elif operation.type in _LOOPS and _called(graph, operation, "body", condition):
            raise ValueError(f"how often {operation.name} goes round is not known")
    return total


def _needed(graph: Any) -> Iterator[Any]:
    """The operations that results or effects depend on: TensorFlow does no others."""
    waiting = [*(tensor.op for tensor in graph.outputs), *graph.control_outputs]
    seen = set()
    while waiting:
        if (operation := waiting.pop()) not in seen:
            seen.add(operation)
            waiting += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
            yield operation


def _called(graph: Any, operation: Any, attribute: str, condition: bool | None) -> int:
    """Of a function that an operation calls."""
    return flops(graph._get_function(operation.get_attr(attribute).name).graph, condition)


def _size(tensor: Any) -> int:
    """Numbers in a tensor; its shape is static, or a constant of the graph."""
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"the shape of {tensor.name} is not known: {tensor.shape}")
    return math.prod(tensor.shape)


def _matmul(operation: Any) -> int:
    """[..., a, b] x [..., b, c]: a * b * c for each."""
    left, transposed = operation.inputs[0], "transpose_a" if operation.type == "MatMul" else "adj_x"
    inner = left.shape[-2 if operation.get_attr(transposed) else -1]
    return _size(operation.outputs[0]) * inner


def _convolution(filters: Any, result: Any) -> int:
    """Every output is a sum over the filter; of [height, width, in, out], out has one filter each."""
    return _size(result) * _size(filters) // filters.shape[-1]


def _depthwise(filters: Any, result: Any) -> int:
    """Every output is a sum over height and width."""
    return _size(result) * filters.shape[0] * filters.shape[1]


# The gradients of a convolution take as many products as the convolution itself: their operands are
# (sizes of the input, filter, gradient of the result) and (input, sizes of the filter, gradient).
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
