"""Copies of a Keras network's weights for its PyTorch reference."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from tools.benchmarks.pytorch.blocks import TimeConv

Network = TypeVar("Network", bound=nn.Module)


def load(module: Network, network: Any) -> Network:
    """Copies weights and statistics; every convolution's weights become channels_last.

    Args:
        module: PyTorch module whose submodules have the names of the Keras layers; containers between them
            may have any name.
        network: Keras network.

    Returns:
        The module.
    """
    for path, submodule in module.named_modules():
        tensors = [*submodule.parameters(recurse=False), *submodule.buffers(recurse=False)]
        if tensors:
            values = _layer(network, path).get_weights()
            for tensor, value in zip(tensors, values, strict=True):
                value = np.ascontiguousarray(_transposed(submodule, value)).reshape(tensor.shape)
                layout = torch.channels_last if value.ndim == 4 else torch.contiguous_format
                tensor.data = torch.from_numpy(value).clone(memory_format=layout)
    return module


def _layer(network: Any, path: str) -> Any:
    *containers, name = path.split(".")
    for container in containers:
        network = next((layer for layer in network.layers if layer.name == container), network)
    return network.get_layer(name)


def _transposed(module: nn.Module, value: np.ndarray) -> np.ndarray:
    """Kernel of a Keras layer in PyTorch's order of axes; other weights are unchanged."""
    if isinstance(module, nn.Linear) and value.ndim == 2:
        return value.T
    if isinstance(module, TimeConv) and value.ndim == 3:
        return value.transpose(1, 2, 0) if module.groups > 1 else value.transpose(2, 1, 0)
    if isinstance(module, nn.Conv2d) and value.ndim == 4:
        return value.transpose(3, 2, 0, 1)
    return value
