"""Spectra, mels and phases in PyTorch; see `pipelines.audio` and `pipelines.nn.neural_vocoder.signal`."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from pipelines.audio.mel_filters import mel_inverse, mel_matrix
from pipelines.audio.spec import AudioSpec
from pipelines.nn.neural_vocoder.signal import BLIND_ITERATIONS, PRIOR_ITERATIONS

_TINY, _CLIP = 1e-8, 1e-5
_MOMENTUM = 0.99


class Start(NamedTuple):
    """Initial spectra, which the vocoder's network corrects.

    Attributes:
        magnitude: float32 [batch, frames, bins].
        phase: unit complex64 [batch, frames, bins].
        sourced: float32 [batch], 1 for clips that have a source, else 0.
    """

    magnitude: Tensor
    phase: Tensor
    sourced: Tensor


class Signals:
    """Signal processing by an AudioSpec; spectra are complex64 [batch, frames, bins]."""

    def __init__(self, spec: AudioSpec) -> None:
        """Computes window and mel matrices."""
        self.spec = spec
        self.window = torch.hann_window(spec.n_fft)
        self.matrix = torch.from_numpy(mel_matrix(spec))
        self.inverse = torch.from_numpy(mel_inverse(spec))
        # Normalised by the sums: the factor of every bin is a mean over filters.
        self.spread = (self.matrix / self.matrix.sum(1, keepdim=True).clamp_min(_TINY)).t().contiguous()
        self.floor, self.half = math.log(spec.floor), math.log(spec.ceiling / spec.floor) / 2

    def stft(self, waveform: Tensor, center: bool = False) -> Tensor:
        """Spectra of waveforms [batch, samples]; centred frames are padded with zeros."""
        spec = self.spec
        spectra = torch.stft(
            waveform,
            spec.n_fft,
            spec.hop_length,
            window=self.window,
            center=center,
            pad_mode="constant",
            return_complex=True,
        )
        return spectra.transpose(1, 2)

    def istft(self, spectra: Tensor) -> Tensor:
        """Least-squares waveform of centred spectra (Griffin and Lim 1984, equation 6)."""
        spec = self.spec
        return torch.istft(spectra.transpose(1, 2), spec.n_fft, spec.hop_length, window=self.window)

    def overlap_add(self, spectra: Tensor) -> Tensor:
        """Sum of the windowed frames, padding included: [batch, span]."""
        return self._overlap_added(torch.fft.irfft(spectra, self.spec.n_fft) * self.window)

    def energy(self, frames: int) -> Tensor:
        """Overlap-add of the squared windows of some frames, [span]."""
        return self._overlap_added(self.window.square().expand(1, frames, -1))[0].clamp_min(1e-8)

    def _overlap_added(self, frames: Tensor) -> Tensor:
        span, spec = self.spec.span(frames.shape[1]), self.spec
        summed = functional.fold(
            frames.transpose(1, 2), (1, span), (1, spec.n_fft), stride=(1, spec.hop_length)
        )
        return summed[:, 0, 0]

    def log_mel(self, magnitude: Tensor) -> Tensor:
        """Log-mels scaled to at least -1, [batch, frames, mels], of magnitudes [batch, frames, bins]."""
        level = (magnitude @ self.matrix).clamp_min(self.spec.floor).log()
        return ((level - self.floor) / self.half - 1).clamp_min(-1.0)

    def start(self, log_mel: Tensor, source: Tensor, unsourced: int) -> Start:
        """Initial spectra of clips.

        Args:
            log_mel: [batch, frames, mels].
            source: spectra of the sources, [batch, frames, bins].
            unsourced: number of clips, the first ones, whose phase Griffin-Lim estimates; the others have
                their source's phase.
        """
        source = source[unsourced:]
        sourced = Start(self._prior(log_mel[unsourced:], source.abs()), unit(source), torch.ones(len(source)))
        if not unsourced:
            return sourced
        blind = self._blind(log_mel[:unsourced])
        return Start(*(torch.cat(tensors) for tensors in zip(blind, sourced, strict=True)))

    def _blind(self, log_mel: Tensor) -> Start:
        magnitude = self._prior(log_mel, None)
        angle = torch.rand(magnitude.shape) * (2 * math.pi)
        waveform = self._griffin_lim(magnitude, torch.polar(torch.ones_like(angle), angle))
        return Start(magnitude, unit(self.stft(waveform, center=True)), torch.zeros(len(log_mel)))

    def _prior(self, log_mel: Tensor, source: Tensor | None) -> Tensor:
        """Magnitudes of log-mels, see `pipelines.audio.mel.mel_to_magnitude`."""
        mel = torch.exp((log_mel + 1) * self.half + self.floor)
        magnitude = (mel @ self.inverse).clamp_min(_CLIP)
        if source is not None:
            source = source.clamp_min(_CLIP)
            gain = self._correction(mel, source)
            trust = gain.minimum(1 / gain.clamp_min(_TINY)).sqrt()
            magnitude = torch.lerp(magnitude, gain * source, trust)
        for _ in range(PRIOR_ITERATIONS):
            magnitude = magnitude * self._correction(mel, magnitude)
        return magnitude

    def _correction(self, mel: Tensor, magnitude: Tensor) -> Tensor:
        return (mel / (magnitude @ self.matrix).clamp_min(_TINY)) @ self.spread

    def _griffin_lim(self, magnitude: Tensor, phase: Tensor) -> Tensor:
        """Fast Griffin-Lim, see `pipelines.audio.inversion.GriffinLim.from_magnitude`."""
        frames, lag = magnitude.shape[1], _MOMENTUM / (1 + _MOMENTUM)
        weights, half = 1 / self.energy(frames), self.spec.n_fft // 2
        weights[:half], weights[half + self.spec.samples(frames) :] = 0.0, 0.0
        spectra, previous = magnitude * phase, torch.zeros_like(phase)
        for _ in range(BLIND_ITERATIONS):
            rebuilt = self.stft(self.overlap_add(spectra) * weights)
            spectra, previous = magnitude * unit(rebuilt - lag * previous), rebuilt
        return self.istft(spectra)


def unit(spectra: Tensor) -> Tensor:
    """Spectra scaled to magnitude 1; zeros stay zeros."""
    return spectra * torch.rsqrt(spectra.real.square() + spectra.imag.square() + 1e-20)
