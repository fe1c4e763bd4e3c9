"""Optimisation in PyTorch: clipped gradients, Adam with a Keras optimizer's settings, weight averages."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn


class Descent:
    """Adam or AdamW of some networks, as a Keras optimizer of the same kind is set."""

    def __init__(self, optimizer: Any, *networks: nn.Module) -> None:
        """Takes rate, decays and clipping from the Keras optimizer.

        Args:
            optimizer: keras.optimizers.Adam or AdamW.
            networks: what it changes.
        """
        self._parameters = [each for network in networks for each in network.parameters()]
        self._clip_norm = optimizer.global_clipnorm
        self._rate = float(optimizer.learning_rate)
        self._adam = torch.optim.AdamW(
            self._parameters,
            lr=self._rate,
            betas=(optimizer.beta_1, optimizer.beta_2),
            eps=optimizer.epsilon,
            weight_decay=optimizer.weight_decay or 0.0,
            fused=True,
        )

    def __call__(self, loss: Tensor) -> None:
        """One step down the loss's gradient."""
        self.backward(loss)
        self.step()

    def backward(self, loss: Tensor, keep: bool = False) -> None:
        """The loss's gradient, of these parameters alone; with `keep`, another loss may follow."""
        # Not torch.autograd.grad: fused Adam needs gradients that lie in memory as their parameters do.
        loss.backward(inputs=self._parameters, retain_graph=keep)

    def step(self, gate: bool = True) -> None:
        """One step down the gradient; with a closed gate, at a learning rate of zero."""
        if self._clip_norm:
            nn.utils.clip_grad_norm_(self._parameters, self._clip_norm, foreach=True)
        for group in self._adam.param_groups:
            group["lr"] = self._rate if gate else 0.0
        self._adam.step()
        self._adam.zero_grad()


class Average:
    """The moving average of a network's weights, see `pipelines.nn.optimizers.OptimizerConfig`."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Begins with the network as it is."""
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._decay, self._steps = decay, 0
        self._old = [*self.network.parameters(), *self.network.buffers()]
        self._new = [*network.parameters(), *network.buffers()]

    @torch.no_grad()
    def follow(self) -> None:
        """Moves it towards the network."""
        keep = self._decay if self._steps else 0.0
        torch._foreach_lerp_(self._old, self._new, 1 - keep)
        self._steps += 1
