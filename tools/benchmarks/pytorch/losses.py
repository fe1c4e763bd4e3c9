"""Losses of discriminator logits, in PyTorch; each loss is the mean over scales."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

Outputs = Sequence[Sequence[Tensor]]
"""Outputs of a discriminator, by scale: the feature maps, then the logits."""


def logits_of(outputs: Outputs) -> list[Tensor]:
    """Logits of each scale."""
    return [scale[-1] for scale in outputs]


def features_of(outputs: Outputs) -> list[Tensor]:
    """Hidden feature maps of all scales."""
    return [feature for scale in outputs for feature in scale[:-1]]


def mean(terms: Sequence[Tensor]) -> Tensor:
    """Mean of scalars."""
    return torch.stack(list(terms)).mean()


def generator_loss(kind: str, fake: Sequence[Tensor]) -> Tensor:
    """Generator loss, "lsgan" or "hinge", see `pipelines.nn.adversarial`."""
    return mean([-x.mean() if kind == "hinge" else (x - 1).square().mean() for x in fake])


def discriminator_loss(kind: str, real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Discriminator loss, "lsgan" or "hinge", see `pipelines.nn.adversarial`."""
    if kind == "hinge":
        return mean([functional.relu(1 - x).mean() for x in real]) + mean(
            [functional.relu(1 + x).mean() for x in fake]
        )
    return 0.5 * (mean([(x - 1).square().mean() for x in real]) + mean([x.square().mean() for x in fake]))


def cross_entropy(logits: Sequence[Tensor], real: bool) -> Tensor:
    """Binary cross entropy for the label real or generated of every patch, nats."""
    return mean([functional.softplus(-x if real else x).mean() for x in logits])
