"""Augmentation of the vocoder's sources in PyTorch, see `vocoder.augmentation`.

It simulates another band's recording of the same notes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tools.benchmarks.pytorch.signals import Signals
from vocoder.config import SourceConfig

_TINY = 1e-5
_ENVELOPE_BINS, _SMEARED_FRAMES, _SCATTERED = 21, 15, (5, 7)
_LEAST_ENERGY = 0.2


def simulated_source(signals: Signals, band: Tensor, other: Tensor, config: SourceConfig) -> Tensor:
    """Simulated sources of the band's clips, [batch, samples]."""
    spec, batch = signals.spec, len(band)
    spectra = signals.stft(band)
    magnitude = spectra.abs()
    gain = _timbre(magnitude, signals.stft(other).abs(), config)
    gain = gain + config.equalizer * _curve(batch, spec.n_bins, config.knots)
    gain = (gain + _smear(magnitude, config)).clamp(-6.0, 3.0).exp()
    seconds = config.delay * _curve(batch, spec.n_bins, config.knots)
    angle = -(seconds * (2 * math.pi * spec.sample_rate / spec.n_fft)).cumsum(2)
    spectra = _scattered(spectra * torch.polar(gain, angle.expand_as(gain)), config)
    energy = signals.energy(spectra.shape[1]).clamp_min(_LEAST_ENERGY)
    return _noisy(_driven(signals.overlap_add(spectra) / energy, config), config)


def simulated_translation(log_mel: Tensor, config: SourceConfig) -> Tensor:
    """Log-mels [batch, frames, mels] with the errors of translators: some smoothed, some with noise."""
    smooth = functional.avg_pool2d(log_mel[:, None], 3, 1, 1, count_include_pad=False)[:, 0]
    blurred = torch.where(_share(log_mel, 1.0) < config.blur, smooth, log_mel)
    return (blurred + torch.randn(log_mel.shape) * _share(log_mel, config.mel_noise)).clamp_min(-1.0)


def _timbre(band: Tensor, other: Tensor, config: SourceConfig) -> Tensor:
    target, present = (
        (_moving_average(x.mean(1, keepdim=True), _ENVELOPE_BINS) + _TINY).log() for x in (other, band)
    )
    difference = target - present
    return _share(difference, config.envelope) * (difference - difference.mean(2, keepdim=True))


def _moving_average(x: Tensor, width: int) -> Tensor:
    """Moving average over the last axis, without padding."""
    return functional.avg_pool1d(x, width, 1, width // 2, count_include_pad=False)


def _smear(magnitude: Tensor, config: SourceConfig) -> Tensor:
    around = _moving_average(magnitude.transpose(1, 2), _SMEARED_FRAMES).transpose(1, 2)
    return _share(magnitude, config.smear) * ((around + _TINY) / (magnitude + _TINY)).log()


def _scattered(spectra: Tensor, config: SourceConfig) -> Tensor:
    half = tuple(width // 2 for width in _SCATTERED)
    level = functional.avg_pool2d(spectra.abs()[:, None], _SCATTERED, 1, half, count_include_pad=False)[:, 0]
    noise = torch.complex(torch.randn(level.shape), torch.randn(level.shape)) * level
    share = _share(level, config.scatter)
    if config.scatter:
        cutoff = (0.2 + _share(level, 0.6)).square()
        place = torch.linspace(0.0, 1.0, level.shape[2])
        share = share + (1 - share) * torch.sigmoid((place - cutoff) / (0.1 * cutoff))
    return (1 - share.square()).sqrt() * spectra + share * noise


def _driven(waveform: Tensor, config: SourceConfig) -> Tensor:
    level = _level(waveform)
    driven = torch.tanh((_share(waveform, config.drive) + 0.05) / level * waveform)
    return driven * (level / _level(driven))


def _noisy(waveform: Tensor, config: SourceConfig) -> Tensor:
    share = _share(waveform, config.noise**0.5).square()
    return waveform + share * _level(waveform) * torch.randn(waveform.shape)


def _level(waveform: Tensor) -> Tensor:
    return waveform.square().mean(-1, keepdim=True).sqrt() + _TINY


def _curve(batch: int, points: int, knots: int) -> Tensor:
    """Random curves [batch, 1, points], finer at the low end."""
    values = torch.randn(batch, knots)
    place = torch.linspace(0.0, 1.0, points).sqrt() * (knots - 1)
    below = place.int().clamp_max(knots - 2)
    return torch.lerp(values[:, below], values[:, below + 1], place - below)[:, None]


def _share(like: Tensor, most: float) -> Tensor:
    """Uniform random number from 0 to `most` per clip."""
    return torch.rand(len(like), *[1] * (like.ndim - 1)) * most
