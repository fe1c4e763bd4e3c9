"""The feed-forward network's train step in PyTorch, see `styletransfer.feedforward.model.FeedForward`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import Standardize, TimeConv
from tools.benchmarks.pytorch.generator import Generator
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.losses import mean
from tools.benchmarks.pytorch.transcriber import Hearing, config_of
from tools.benchmarks.pytorch.weights import load

_EPSILON = 1e-7
"""Keras's `Normalization` divides by at least this."""


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of the transform network.

    Args:
        model: `styletransfer.feedforward.model.FeedForward`.
        batch: log-mels, of which "content" is used, [batch, frames, n_mels, 1].

    Returns:
        None if clips are compared in features that no preset has.
    """
    perceptual = model.config.perceptual
    if perceptual.content != "transcriber" or perceptual.style != "random":
        return None
    clips = torch.from_numpy(batch["content"][..., 0])[:, None]
    peer = FeedForward(model)
    return lambda: peer.step(clips)


class Bank(nn.Module):
    """Rectified random filters, standardised: log-mel -> [batch, frames', filters] of each width."""

    def __init__(self, widths: Sequence[int], filters: int, mels: int) -> None:
        super().__init__()
        self.band_statistics = Standardize(mels)
        convolutions = {f"width{width}": TimeConv(mels, filters, width, padding="valid") for width in widths}
        self.filters = nn.ModuleDict(convolutions)
        self.moments: list[tuple[Tensor, Tensor]] = []

    def standardised(self, network: Any) -> Bank:
        """Takes the Keras network's means and deviations, too."""
        layers = [layer for layer in network.layers if layer.name.startswith("standard")]
        for layer in sorted(layers, key=lambda layer: layer.name):
            center, variance = (torch.from_numpy(np.array(x)).flatten() for x in (layer.mean, layer.variance))
            self.moments.append((center, variance.sqrt().clamp_min(_EPSILON)))
        return self

    def forward(self, log_mel: Tensor) -> list[Tensor]:
        """[batch, 1, frames, mels]."""
        frames = self.band_statistics(log_mel[:, 0])
        maps = [functional.relu(convolve(frames)) for convolve in self.filters.values()]
        return [(x - center) / spread for x, (center, spread) in zip(maps, self.moments, strict=True)]


class FeedForward:
    """All that learns or judges, with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels, perceptual = config.spec.n_mels, config.perceptual
        self.network = load(Generator(config.generator, mels), model.network)
        heard = model._content[0]
        self.content = load(Hearing(config_of(heard), config.spec), heard).requires_grad_(False)
        style = model.style._network[0]
        bank = load(Bank(perceptual.widths, perceptual.filters, mels), style).standardised(style)
        self.style = bank.requires_grad_(False)
        self.goal = [torch.from_numpy(np.array(gram[0])) for gram in model.style._goal]
        self.recent, self.steps = [torch.zeros_like(gram) for gram in self.goal], 0
        self.descend = Descent(model.adam, self.network)
        self.average = Average(self.network, config.optimizer.average)

    def step(self, clips: Tensor) -> float:
        """One step; the objective."""
        with torch.no_grad():
            wanted = self._heard(clips)
        made, weights = self.network(clips), self.config.loss
        loss = weights.content * mean(
            [
                functional.mse_loss(x, y) / (y.var(correction=0) + 1e-6)
                for x, y in zip(self._heard(made), wanted, strict=True)
            ]
        )
        variation = made.diff(dim=2).abs().mean() + made.diff(dim=3).abs().mean()
        loss = loss + weights.style * self._style_distance(made) + weights.variation * variation
        self.descend(loss)
        self.average.follow()
        self.steps += 1
        return loss.item()

    def _heard(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.content.maps(clips)
        return maps.keys, maps.refined

    def _style_distance(self, made: Tensor) -> Tensor:
        """See `styletransfer.feedforward.style.BandStyle.distance`."""
        keep, terms = min(self.config.perceptual.memory, self.steps / (self.steps + 1)), []
        for x, recent, goal in zip(self.style(made), self.recent, self.goal, strict=True):
            rows = x.reshape(-1, x.shape[2])
            gram = rows.t() @ rows / len(rows)
            recent.lerp_(gram.detach(), 1 - keep)
            # The mean, with the gradient of this batch's share as if it were all.
            found = gram + (recent - gram).detach()
            terms.append((found - goal).square().sum() / goal.square().sum())
        return mean(terms)
