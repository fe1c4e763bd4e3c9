"""Losses of judges' logits, in PyTorch; one tensor of logits per scale, each loss the mean over scales."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

Outputs = Sequence[Sequence[Tensor]]
"""Of each scale of a judge the features, then the logits."""


def logits_of(outputs: Outputs) -> list[Tensor]:
    """The logits of each scale."""
    return [scale[-1] for scale in outputs]


def features_of(outputs: Outputs) -> list[Tensor]:
    """Every hidden feature map, all scales."""
    return [feature for scale in outputs for feature in scale[:-1]]


def mean(terms: Sequence[Tensor]) -> Tensor:
    """Of scalars."""
    return torch.stack(list(terms)).mean()


def fooling(kind: str, fake: Sequence[Tensor]) -> Tensor:
    """The generator's loss, "lsgan" or "hinge"; see `pipelines.nn.adversarial`."""
    return mean([-x.mean() if kind == "hinge" else (x - 1).square().mean() for x in fake])


def telling(kind: str, real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """The discriminator's loss, likewise."""
    if kind == "hinge":
        return mean([functional.relu(1 - x).mean() for x in real]) + mean(
            [functional.relu(1 + x).mean() for x in fake]
        )
    return 0.5 * (mean([(x - 1).square().mean() for x in real]) + mean([x.square().mean() for x in fake]))


def cross_entropy(logits: Sequence[Tensor], real: bool) -> Tensor:
    """Of taking every patch for real, or for made, nats."""
    return mean([functional.softplus(-x if real else x).mean() for x in logits])
