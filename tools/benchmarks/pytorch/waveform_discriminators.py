"""Waveform discriminators in PyTorch, see `vocoder.discriminators`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import Conv
from vocoder.config import DiscriminatorConfig
from vocoder.losses import FLOOR

_DEPTH = 4


class _ConvolutionStack(nn.ModuleDict):
    """Stack of strided convolutions, and a last one that yields logits."""

    def __init__(
        self,
        widths: Sequence[int],
        kernel: tuple[int, int],
        strides: Sequence[tuple[int, int]],
        last: tuple[int, int],
    ) -> None:
        super().__init__()
        for i, stride in enumerate(strides):
            self[f"step{i}"] = Conv([1, *widths][i], widths[i], kernel, stride)
        self["logits"] = Conv(widths[-1], 1, last)

    def apply_layers(self, x: Tensor) -> list[Tensor]:
        """Feature maps of every layer, then the logits."""
        outputs = []
        for i in range(len(self) - 1):
            x = functional.leaky_relu(self[f"step{i}"](x), 0.2)
            outputs.append(x)
        return [*outputs, self["logits"](x)]


class SpectrumDiscriminator(_ConvolutionStack):
    """Discriminator of log magnitudes at one resolution."""

    def __init__(self, n_fft: int, channels: int) -> None:
        strides = [(1, 4 if i == 0 else 2) for i in range(_DEPTH)]
        super().__init__([channels * min(2**i, 4) for i in range(_DEPTH)], (3, 7), strides, (3, 3))
        self.n_fft = n_fft

    def forward(self, waveform: Tensor) -> list[Tensor]:
        """Waveforms [batch, samples] to feature maps and logits."""
        return self.apply_layers(magnitudes(waveform, self.n_fft).log()[:, None])


class PeriodDiscriminator(_ConvolutionStack):
    """Discriminator of samples folded by a period (HiFi-GAN, Kong et al. 2020)."""

    def __init__(self, period: int, channels: int) -> None:
        widths = [channels * min(2**i, 8) for i in range(_DEPTH)]
        super().__init__(widths, (5, 1), [(3, 1)] * _DEPTH, (3, 1))
        self.period = period

    def forward(self, waveform: Tensor) -> list[Tensor]:
        """Waveforms [batch, samples] to feature maps and logits."""
        samples = waveform.shape[1] // self.period * self.period
        return self.apply_layers(waveform[:, :samples].reshape(len(waveform), 1, -1, self.period))


class WaveformDiscriminators(nn.ModuleDict):
    """Spectrum and period discriminators of a configuration."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        for n_fft in config.resolutions:
            self[f"spectrum{n_fft}"] = SpectrumDiscriminator(n_fft, config.channels)
        for period in config.periods:
            self[f"period{period}"] = PeriodDiscriminator(period, config.channels)

    def forward(self, waveform: Tensor) -> list[list[Tensor]]:
        """Waveforms [batch, samples] to the feature maps and logits of each discriminator."""
        return [discriminator(waveform) for discriminator in self.values()]


def magnitudes(waveform: Tensor, n_fft: int) -> Tensor:
    """Magnitudes of Hann-windowed spectra, hop n_fft / 4, no padding, [batch, frames, n_fft / 2 + 1]."""
    window = torch.hann_window(n_fft)
    spectra = torch.stft(
        waveform, n_fft, n_fft // 4, window=window, center=False, return_complex=True
    ).transpose(1, 2)
    return (spectra.real.square() + spectra.imag.square() + FLOOR**2).sqrt()
