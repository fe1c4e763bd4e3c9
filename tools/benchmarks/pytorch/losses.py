"""Losses of discriminator outputs, in PyTorch; each is the mean over scales or feature maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
        return hinge(real, real=True) + hinge(fake, real=False)
    return 0.5 * (mean([(x - 1).square().mean() for x in real]) + mean([x.square().mean() for x in fake]))


def hinge(logits: Sequence[Tensor], real: bool) -> Tensor:
    """Discriminator's hinge loss for the label real or generated of every patch."""
    return mean([functional.relu(1 - x if real else 1 + x).mean() for x in logits])


def cross_entropy(logits: Sequence[Tensor], real: bool) -> Tensor:
    """Binary cross entropy for the label real or generated of every patch, nats."""
    return mean([functional.softplus(-x if real else x).mean() for x in logits])


def r1_penalty(discriminator: Callable[[Tensor], Sequence[Tensor]], real: Tensor, scale: Tensor) -> Tensor:
    """Gradient penalty on real clips, see `pipelines.nn.adversarial.r1_penalty`."""
    real = real.detach().requires_grad_()
    logits = mean([x.mean() for x in discriminator(real)])
    (gradient,) = torch.autograd.grad(logits, real, create_graph=True)
    return len(real) * (gradient * scale).square().sum()


def feature_likelihood(reconstructed: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Distance of features, see `vaegan.losses.feature_likelihood`."""
    variances = [x.detach().var((0, 2, 3), correction=0).mean() + 1e-6 for x in real]
    pairs = zip(reconstructed, real, variances, strict=True)
    return mean([0.5 * functional.mse_loss(x, y) / variance for x, y, variance in pairs])
