"""View of a source, and distances of samples to it, in PyTorch; log-mels are [batch, frames, mels].

See `pipelines.nn.source_view` and `pipelines.nn.source_distances`.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from pipelines.nn.source_view import RISES, contrast_bands
from tools.benchmarks.pytorch.blocks import averaged

_WIDTH, _LEAST_DEVIATION, _LIMIT = 33, 0.04, 2.5
_RISE_GAIN, _RISE_LIMIT = 10.0, 3.0
_SMOOTHING, _LEAST_ENERGY = 5, 1e-2


def contrast(log_mel: Tensor) -> Tensor:
    """Local contrast over frequency, [batch, frames, contrast_bands(mels)]."""
    difference = log_mel - averaged(log_mel, 1, _WIDTH)
    deviation = (averaged(difference.square(), 1, _WIDTH) + _LEAST_DEVIATION**2).sqrt()
    return (difference / deviation).clamp(-_LIMIT, _LIMIT)[:, :, : contrast_bands(log_mel.shape[2])]


def rises(log_mel: Tensor) -> Tensor:
    """Rises of groups of bands, [batch, frames, RISES]."""
    size = log_mel.shape[2] // RISES
    groups = log_mel[:, :, : RISES * size].unflatten(2, (RISES, size)).mean(3)
    risen = functional.relu(groups.diff(dim=1))
    return (_RISE_GAIN * functional.pad(risen, (0, 0, 1, 0))).clamp_max(_RISE_LIMIT)


def contrast_loss(sample: Tensor, source: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    """1 - correlation over frequency of contrasts, weighted by the energy of the source's."""
    bands = source.shape[2] // 2
    one, other = (contrast(averaged(each, _SMOOTHING, 1))[:, :, :bands] for each in (sample, source))
    energy = other.square().sum(2)
    return (weight * energy / (energy.sum() + _LEAST_ENERGY) * (1.0 - _correlation(one, other, 2))).sum()


def rise_loss(sample: Tensor, source: Tensor) -> Tensor:
    """1 - correlation over time of the rises of groups of bands."""
    risen = (averaged(rises(each), 3, 1) for each in (sample, source))
    one, other = (each - each.mean(1, keepdim=True) for each in risen)
    return (1.0 - _correlation(one, other, 1)).mean()


def _correlation(one: Tensor, other: Tensor, axis: int) -> Tensor:
    """Cosine of the angle between two patterns along an axis."""
    first, second = (each.square().sum(axis) + _LEAST_ENERGY for each in (one, other))
    return (one * other).sum(axis) * (first * second).rsqrt()
