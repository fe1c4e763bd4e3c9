"""Optimizers with the settings of Keras optimizers, and moving averages of weights, in PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn


class Optimizer:
    """Adam or AdamW of some networks, with gradient clipping by the global norm."""

    def __init__(self, optimizer: Any, *networks: nn.Module) -> None:
        """Copies rate, decays and clipping of the Keras optimizer.

        Args:
            optimizer: keras.optimizers.Adam or AdamW.
            networks: networks whose parameters it updates.
        """
        self._parameters = [each for network in networks for each in network.parameters()]
        self._clip_norm = optimizer.global_clipnorm
        self._learning_rate = float(optimizer.learning_rate)
        self._adam = torch.optim.AdamW(
            self._parameters,
            lr=self._learning_rate,
            betas=(optimizer.beta_1, optimizer.beta_2),
            eps=optimizer.epsilon,
            weight_decay=optimizer.weight_decay or 0.0,
            fused=True,
        )

    def minimize(self, loss: Tensor) -> None:
        """One update by the gradient of the loss."""
        self.backward(loss)
        self.step()

    def backward(self, loss: Tensor, retain_graph: bool = False) -> None:
        """Accumulates the loss's gradient with respect to these parameters only.

        Args:
            loss: scalar.
            retain_graph: True if another loss of the same graph follows.
        """
        # Not torch.autograd.grad: fused Adam needs gradients in the memory layout of their parameters.
        loss.backward(inputs=self._parameters, retain_graph=retain_graph)

    def step(self, gate: bool = True) -> None:
        """Update by the accumulated gradient, then cleared; with a closed gate only of the moments."""
        for group in self._adam.param_groups:
            group["lr"] = self._learning_rate if gate else 0.0
        if self._clip_norm:
            nn.utils.clip_grad_norm_(self._parameters, self._clip_norm, foreach=True)
        self._adam.step()
        self._adam.zero_grad()


class WeightAverage:
    """Exponential moving average of a network's weights, see `pipelines.nn.optimizers.OptimizerConfig`."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Initialises the average with the network's weights."""
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._decay, self._steps = decay, 0
        self._averages = [*self.network.parameters(), *self.network.buffers()]
        self._weights = [*network.parameters(), *network.buffers()]

    @torch.no_grad()
    def update(self) -> None:
        """Updates the average by the network's present weights."""
        decay = self._decay if self._steps else 0.0
        torch._foreach_lerp_(self._averages, self._weights, 1 - decay)
        self._steps += 1
