"""Weights of a Keras network for its PyTorch reference, so that their outputs can be compared."""

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
        module: whose parts are named as the Keras layers are; containers between them may have any name.
        network: Keras's.

    Returns:
        The module.
    """
    for path, part in module.named_modules():
        tensors = [*part.parameters(recurse=False), *part.buffers(recurse=False)]
        if tensors:
            values = _layer(network, path).get_weights()
            for tensor, value in zip(tensors, values, strict=True):
                value = np.ascontiguousarray(_arranged(part, value)).reshape(tensor.shape)
                layout = torch.channels_last if value.ndim == 4 else torch.contiguous_format
                tensor.data = torch.from_numpy(value).clone(memory_format=layout)
    return module


def _layer(network: Any, path: str) -> Any:
    *containers, name = path.split(".")
    for container in containers:
        network = next((layer for layer in network.layers if layer.name == container), network)
    return network.get_layer(name)


def _arranged(part: nn.Module, value: np.ndarray) -> np.ndarray:
    """A Keras layer's kernel as PyTorch has it; other weights as they are."""
    if isinstance(part, nn.Linear) and value.ndim == 2:
        return value.T
    if isinstance(part, TimeConv) and value.ndim == 3:
        return value.transpose(1, 2, 0) if part.groups > 1 else value.transpose(2, 1, 0)
    if isinstance(part, nn.Conv2d) and value.ndim == 4:
        return value.transpose(3, 2, 0, 1)
    return value
