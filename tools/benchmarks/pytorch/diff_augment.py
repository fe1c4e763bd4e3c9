"""Augmentation of log-mels [batch, 1, frames, mels] in PyTorch, see `pipelines.nn.diff_augment`."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import averaged

_LEAST_DEVIATION = 0.02


def per_clip(x: Tensor, least: float = 0.0, most: float = 1.0) -> Tensor:
    """Uniform random number per clip, [batch, 1, 1, 1]."""
    return torch.rand(x.shape[0], 1, 1, 1) * (most - least) + least


def transfer_statistics(x: Tensor, other: Tensor) -> Tensor:
    """Clips with another clip's mean and deviation over time in each mel band."""
    variance, mean = torch.var_mean(x, 2, correction=0, keepdim=True)
    other_variance, other_mean = torch.var_mean(other, 2, correction=0, keepdim=True)
    deviation = variance.clamp_min(_LEAST_DEVIATION**2).sqrt()
    return (x - mean) / deviation * other_variance.sqrt() + other_mean


def transfer_envelope(x: Tensor, other: Tensor, width: int) -> Tensor:
    """Clips with another clip's spectral envelope in each frame."""
    amount = per_clip(x, 0.5, 1.5)
    louder = x.mean(3, keepdim=True) - other.mean(3, keepdim=True)
    return amount * (x - averaged(x, 1, width)) + averaged(other, 1, width) + louder


def choose(one: Tensor, other: Tensor, share: float) -> Tensor:
    """Clips of `one`, replaced by those of `other` with probability `share`."""
    return torch.where(per_clip(one) < share, other, one)


def low_pass(x: Tensor, share: float) -> Tensor:
    """Clips with silence above a random mel band, with probability `share`."""
    mels = x.shape[3]
    cut = per_clip(x, mels / 8, mels / 8 + (mels - mels / 8) / max(share, 1e-6))
    return x.masked_fill(torch.arange(mels) > cut, -1.0)


def gain(x: Tensor, spread: float) -> Tensor:
    """Clips with a random gain: one offset of the log-mels per clip."""
    return x + per_clip(x, -spread, spread)


def equalize(x: Tensor, spread: float, knots: int) -> Tensor:
    """Clips with a random equaliser: one smooth curve over the mel bands per clip."""
    curve = spread * torch.randn(x.shape[0], 1, knots)
    return x + functional.interpolate(curve, x.shape[3], mode="linear")[:, :, None]


def noise(x: Tensor, spread: float) -> Tensor:
    """Clips with white noise added to the log-mels."""
    return torch.add(x, torch.randn(x.shape), alpha=spread)


def cut_out(x: Tensor, share: float) -> Tensor:
    """Clips with one random range of frames silenced."""
    frames = x.shape[2]
    length = int(frames * share)
    start = torch.randint(0, frames - length + 1, (x.shape[0], 1, 1, 1))
    index = torch.arange(frames)[:, None]
    return x.masked_fill((index >= start) & (index < start + length), -1.0)


def time_shift(x: Tensor, share: float) -> Tensor:
    """Clips shifted in time in either direction, padded with silence."""
    frames = x.shape[2]
    most = int(frames * share)
    padded = functional.pad(x, (0, 0, most, most), value=-1.0)
    starts = torch.randint(0, 2 * most + 1, (x.shape[0],)).tolist()
    return torch.stack([clip[:, start : start + frames] for clip, start in zip(padded, starts, strict=True)])
